"""What the API answers where nothing behind it does: a status, a sentence and a hint, never a 500."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from nljctl.api.app import application
from nljctl.api.tokens import Keys
from nljctl.settings import load
from nljctl.store.client import elasticsearch

NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "DATABASE_URL": "postgresql://u@127.0.0.1:1/p", "ELASTICSEARCH_URL": "http://127.0.0.1:1"}
TOKEN = {"authorization": "Bearer operator-token"}


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An API with a key, over services that are all away."""
    async with _api(tmp_path, Keys("operator-token", "a-secret-of-the-platform-which-is-long-enough")) as client:
        yield client


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The same without a key."""
    async with _api(tmp_path, Keys()) as client:
        yield client


class _api:
    def __init__(self, tmp_path: Path, keys: Keys) -> None:
        self._settings = load(environment={"NLJCTL_HOME": str(tmp_path), **NOWHERE}, directory=tmp_path)
        self._keys = keys
        self._elasticsearch = elasticsearch(self._settings, max_retries=0)

    async def __aenter__(self) -> httpx.AsyncClient:
        app = application(lambda: self._settings, await self._elasticsearch.__aenter__(), self._keys)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        await self._elasticsearch.__aexit__(None, None, None)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic b3BlcmF0b3ItdG9rZW4=", "operator-token", "Bearer \xff\xfe"])
async def test_without_a_good_token_it_is_401(closed: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    answer = await closed.get("/api/migration/history", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["hint"]


async def test_the_token_is_looked_at_before_the_parameters(closed: httpx.AsyncClient) -> None:
    assert (await closed.get("/api/migration/comparisons?limit=-1")).status_code == 401
    assert (await closed.get("/api/migration/comparisons?limit=-1", headers=TOKEN)).status_code == 422


@pytest.mark.parametrize("path", ["history", "comparisons", "dead-letters", "dead-letters?parked=true"])
async def test_what_cannot_be_asked_for_is_503_with_a_hint(closed: httpx.AsyncClient, path: str) -> None:
    answer = await closed.get(f"/api/migration/{path}", headers=TOKEN)
    assert answer.status_code == 503
    assert answer.json()["success"] is False
    assert answer.json()["error"]["hint"]


async def test_the_status_tells_what_it_can(closed: httpx.AsyncClient) -> None:
    answer = await closed.get("/api/migration/status", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.json()["ownership"]["epoch"] is None
    assert answer.json()["why"]
    assert answer.json()["health"]["status"] == "unhealthy"


async def test_health_needs_no_token_and_is_503_without_elasticsearch(closed: httpx.AsyncClient) -> None:
    answer = await closed.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert answer.json()["components"]["elasticsearch"]["hint"]


async def test_the_page_is_served_to_everybody_and_holds_no_script_of_its_own(closed: httpx.AsyncClient) -> None:
    answer = await closed.get("/migration")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "://" not in answer.text
    assert " style=" not in answer.text


@pytest.mark.parametrize("path", ["/migration", "/migration/main.js", "/health", "/nowhere", "/api/migration/status", "/openapi.json"])
async def test_every_answer_carries_the_headers_for_browsers(closed: httpx.AsyncClient, path: str) -> None:
    answer = await closed.get(path)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/nowhere", "/migration/../settings.py", "/migration/%2e%2e%2fapp.py", "/migration/%00", "/%ff%fe", "/api/analytics/"])
async def test_what_is_not_there_is_404(closed: httpx.AsyncClient, path: str) -> None:
    answer = await closed.get(path, headers=TOKEN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_nothing_can_be_changed(closed: httpx.AsyncClient, method: str) -> None:
    assert (await closed.request(method, "/api/migration/history", headers=TOKEN)).status_code == 405


async def test_head_is_get_without_its_body(closed: httpx.AsyncClient) -> None:
    answer = await closed.head("/migration")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_without_a_key_everybody_on_this_machine_is_the_operator(opened: httpx.AsyncClient) -> None:
    assert (await opened.get("/api/migration/status")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", ""])
async def test_without_a_key_a_strange_page_cannot_be_led_here(opened: httpx.AsyncClient, host: str) -> None:
    answer = await opened.get("/api/migration/status", headers={"host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "strange-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
async def test_every_name_of_this_machine_is_good(opened: httpx.AsyncClient, host: str) -> None:
    assert (await opened.get("/migration", headers={"host": host})).status_code == 200
