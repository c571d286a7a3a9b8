"""Ports are free, different, and outside the range of outgoing connections."""

from __future__ import annotations

import socket

from nljctl.stack.local import ports


def test_every_name_gets_a_port_of_its_own() -> None:
    chosen = ports.choose(["a", "b", "c"])
    assert len(set(chosen.values())) == 3
    assert all(port in ports.RANGE for port in chosen.values())


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    port = ports.choose(["a"])["a"]
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
        assert "pid" in ports.listener(port)
    assert ports.is_free(port)
