"""Elasticsearch is killed: every path that reads from it says so, with a way out."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from api_paths import READ_FROM_ELASTICSEARCH
from api_world import Api


@pytest.fixture(scope="module")
def bereft(api: Api) -> Iterator[Api]:
    victim = psutil.Process(api.stack.pids()["elasticsearch"])
    victim.kill()
    psutil.wait_procs([victim], timeout=10)
    yield api
    api.stack.up()


def test_what_is_read_from_it_is_503_with_a_hint(bereft: Api) -> None:
    for path in READ_FROM_ELASTICSEARCH:
        answer = bereft.get(path)
        assert answer.status_code == 503, path
        assert answer.json()["error"]["hint"], path


def test_health_is_503_and_names_it(bereft: Api) -> None:
    answer = bereft.get("/health", {})
    assert (answer.status_code, answer.json()["components"]["elasticsearch"]["status"]) == (503, "unhealthy")


def test_the_state_of_the_move_says_what_it_cannot_know(bereft: Api) -> None:
    status = bereft.get("/api/migration/status").json()
    assert "Elasticsearch" in status["why"]
    assert (status["ownership"]["epoch"], status["ownership"]["reads"]) == (1, None)


def test_bad_input_and_strangers_are_still_told_apart(bereft: Api) -> None:
    assert bereft.get("/api/analytics/trends?period=2w").status_code == 422
    assert bereft.get("/api/analytics/overview", {}).status_code == 401
