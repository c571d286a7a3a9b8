"""What a consumer answers over HTTP, asked for real on a free port."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from nljctl.errors import ConfigurationError
from nljctl.pipelines import http

LOOPBACK = "127.0.0.1"


class Consumer:
    """A provider that says what it is told to."""

    def __init__(self, *, well: bool = True, status: str = "healthy") -> None:
        self._well = well
        self._status = status

    def live(self) -> bool:
        return self._well

    def ready(self) -> bool:
        return self._well

    def health(self) -> dict[str, Any]:
        return {"status": self._status, "components": {}}

    def stats(self) -> dict[str, Any]:
        return {"read": 7}


async def ask(consumer: Consumer, path: str, method: str = "GET") -> httpx.Response:
    async with http.serve(http.application(consumer), LOOPBACK, 0) as port, httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, f"http://{LOOPBACK}:{port}{path}")


@pytest.mark.parametrize("path", ["/live", "/ready"])
@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
async def test_live_and_ready_answer_with_their_status(path: str, well: bool, status: int) -> None:
    assert (await ask(Consumer(well=well), path)).status_code == status


@pytest.mark.parametrize(("said", "status"), [("healthy", 200), ("degraded", 200), ("unhealthy", 503)])
async def test_health_is_unavailable_only_when_unhealthy(said: str, status: int) -> None:
    response = await ask(Consumer(status=said), "/health")
    assert (response.status_code, response.json()["status"]) == (status, said)


async def test_stats_are_the_consumers_own() -> None:
    assert (await ask(Consumer(), "/stats")).json() == {"read": 7}


async def test_an_unknown_path_says_which_there_are() -> None:
    response = await ask(Consumer(), "/nothing")
    assert response.status_code == 404
    assert "/health" in response.json()["paths"]


async def test_nothing_but_reading_is_allowed() -> None:
    assert (await ask(Consumer(), "/health", "POST")).status_code == 405


async def test_head_answers_without_a_body() -> None:
    response = await ask(Consumer(), "/health", "HEAD")
    assert (response.status_code, response.content) == (200, b"")


async def test_a_port_that_is_taken_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="cannot listen"):
            async with http.serve(http.application(Consumer()), LOOPBACK, taken.getsockname()[1]):
                pass


def test_a_default_port_that_is_taken_gives_way_to_any_other() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        assert http.free_port(LOOPBACK, taken.getsockname()[1]) == 0
