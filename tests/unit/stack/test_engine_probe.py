"""The image's health check tells what the service answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from nljctl.probe import probe


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 503)
        self.end_headers()
        self.wfile.write(b'{"ready": false}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_service_that_is_ready_is_well(address: str) -> None:
    assert probe(f"{address}/ready") == ""


def test_one_that_says_no_is_not_and_its_words_are_kept(address: str) -> None:
    assert "answers 503" in probe(f"{address}/other")
    assert "ready" in probe(f"{address}/other")


def test_nobody_there_is_not_well() -> None:
    assert "refused" in probe("http://127.0.0.1:9/ready")
