"""Asks the service of this container how it is; exit code 0 or 1. It runs every few seconds beside the service: a socket, and nothing else to load."""

from __future__ import annotations

import os
import socket
import sys

URL = "NLJCTL_PROBE_URL"
CONSUMER = "http://127.0.0.1:8080/ready"
PATIENCE_SECONDS = 3.0
LONGEST = 64 * 1024


def probe(url: str) -> str:
    """What is wrong, in a few words; empty if nothing is."""
    address, _, path = url.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE_SECONDS) as connection:
            connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while len(answer) < LONGEST and (block := connection.recv(LONGEST)):
                answer += block
    except OSError as problem:
        return f"{url}: {problem}"
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    return "" if status == [b"200"] else f"{url} answers {b''.join(status).decode() or 'nothing'}: {body[:200].decode(errors='replace')}"


def main() -> int:
    wrong = probe(os.environ.get(URL) or CONSUMER)
    print(wrong or "ready")  # noqa: T201 - `docker inspect` keeps it beside the verdict
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
