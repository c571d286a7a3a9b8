"""HTTP to the services of the local stack: on loopback, without TLS."""

from __future__ import annotations

import ssl

import httpx


def client(seconds: float) -> httpx.AsyncClient:
    """A client for questions that may take so long each. It trusts no authority: httpx would load all of the system's for each client, 37 ms of work."""
    return httpx.AsyncClient(timeout=seconds, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
