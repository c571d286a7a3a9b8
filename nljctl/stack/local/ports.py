"""Free loopback ports: chosen once per stack, and kept."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterable

import psutil

LOOPBACK = "127.0.0.1"

RANGE = range(15_000, 32_000)
"""Below the range from which kernels take ports for outgoing connections (Linux: from 32768), so that a port stays free while its service is down."""


def is_free(port: int) -> bool:
    """Whether a service could listen on the port now. SO_REUSEADDR as every service here sets it: connections that linger do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(names: Iterable[str], taken: Collection[int] = ()) -> dict[str, int]:
    """A free port for each name, all different and none of `taken`."""
    chosen: dict[str, int] = {}
    candidates = iter(random.sample(RANGE, len(RANGE)))
    for name in names:
        chosen[name] = next(port for port in candidates if port not in taken and is_free(port))
    return chosen


def listener(port: int) -> str:
    """Who listens on a port, in words: "pid 4711 (java)", or "another process" where the system does not tell."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"pid {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        return "another process"
    return "another process"
