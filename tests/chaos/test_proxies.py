"""The proxies do what their faults promise."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from bulk_proxy import BulkProxy, LostAnswers, refuse, refuse_every_second_item
from loop_thread import LoopThread
from tcp_proxy import LOOPBACK, TcpProxy

BULK = b"".join(b'{"create":{"_id":"%d"}}\n{"n":%d}\n' % (number, number) for number in range(5))


class Echo(BaseHTTPRequestHandler):
    """Elasticsearch as far as a bulk goes: every document that it is sent was created."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
        items = [{"create": {"status": 201, "_id": json.loads(action)["create"]["_id"]}} for action in lines[::2]]
        answer = json.dumps({"errors": False, "items": items}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with LoopThread() as made:
        yield made


@pytest.fixture
def target() -> Iterator[int]:
    server = HTTPServer((LOOPBACK, 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def asked(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=1.0, trust_env=False) as client:
        yield client


def test_a_connection_that_falls_silent_stays_and_goes_on_when_it_is_healed(loop: LoopThread, target: int) -> None:
    with closing(TcpProxy(loop, target)) as proxy, asked(proxy.port) as client:
        assert client.put("/_bulk", content=BULK).status_code == 200
        proxy.fall_silent()
        with pytest.raises(httpx.ReadTimeout):
            client.put("/_bulk", content=BULK)
        proxy.heal()
        assert client.put("/_bulk", content=BULK).status_code == 200


def test_a_forgotten_connection_is_silent_for_ever_and_a_new_one_works(loop: LoopThread, target: int) -> None:
    with closing(TcpProxy(loop, target)) as proxy, socket.create_connection((LOOPBACK, proxy.port), timeout=0.5) as old:
        proxy.fall_silent()
        proxy.heal(forget=True)
        old.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(TimeoutError):
            old.recv(1)
        with asked(proxy.port) as client:
            assert client.put("/_bulk", content=BULK).status_code == 200


def test_a_refusing_proxy_listens_at_the_same_port_afterwards(loop: LoopThread, target: int) -> None:
    with closing(TcpProxy(loop, target)) as proxy, asked(proxy.port) as client:
        proxy.refuse()
        with pytest.raises(httpx.ConnectError):
            client.put("/_bulk", content=BULK)
        proxy.heal()
        assert client.put("/_bulk", content=BULK).status_code == 200


def test_every_second_item_is_refused_in_its_place_and_the_others_go_on(loop: LoopThread, target: int) -> None:
    with closing(BulkProxy(loop, target)) as proxy, asked(proxy.port) as client:
        proxy.rule = refuse_every_second_item
        answer = client.put("/xapi-statements/_bulk", content=BULK).json()
    assert answer["errors"] is True
    items = [item["create"] for item in answer["items"]]
    assert [(item["status"], item.get("_id")) for item in items] == [(201, "0"), (429, None), (201, "2"), (429, None), (201, "4")]


def test_a_refusal_reaches_nobody_and_a_lost_answer_everybody(loop: LoopThread, target: int) -> None:
    with closing(BulkProxy(loop, target)) as proxy:
        proxy.rule = refuse(503)
        with asked(proxy.port) as client:
            assert client.put("/_bulk", content=BULK).status_code == 503
        proxy.rule = LostAnswers()
        with asked(proxy.port) as client, pytest.raises(httpx.RemoteProtocolError):
            client.put("/_bulk", content=BULK)
        assert proxy.ruled == 2


def test_nobody_behind_the_proxy_is_a_cut_connection(loop: LoopThread) -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        port = unused.getsockname()[1]
    with closing(BulkProxy(loop, port)) as proxy, asked(proxy.port) as client, pytest.raises(httpx.RemoteProtocolError):
        client.put("/_bulk", content=BULK)
