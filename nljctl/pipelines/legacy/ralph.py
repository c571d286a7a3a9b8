"""Ralph, the legacy LRS, as the original client used it: one statement a request, Basic auth, 30 s. What it answers becomes a value.

xAPI 1.0.3 Communication 2.1 (statement resource). What Ralph really answers: docs/legacy.md.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

from nljctl.settings import Settings

NAME = "Ralph"
STATEMENTS = "/xAPI/statements"
HEARTBEAT = "/__heartbeat__"
TIMEOUT_SECONDS = 30.0
HEARTBEAT_SECONDS = 5.0
HEADERS = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}


class Kind(StrEnum):
    """What an answer means for the statement."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """Ralph's answer. `reason` is a slug (`http-422`, `timeout`); `rule`, `pointer` and `detail` are Ralph's own words, where it has any."""

    kind: Kind
    reason: str = ""
    rule: str = ""
    pointer: str = ""
    detail: str = ""


class Ralph:
    """One connection to Ralph. Nothing here is tried twice: who may repeat decides."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, body: bytes) -> Answer:
        """Sends one statement, or a JSON array of them. Never raises for what the LRS or the network does."""
        try:
            response = await self._client.post(STATEMENTS, content=body, headers=HEADERS)
        except httpx.HTTPError as problem:
            return Answer(Kind.FAILED, _slug(problem), detail=str(problem))
        return read_answer(response.status_code, response.content)

    async def stored_at(self, statement_id: str) -> datetime | None:
        """When a statement was stored; None if the LRS does not have it or does not say."""
        try:
            response = await self._client.get(STATEMENTS, params={"statementId": statement_id}, headers=HEADERS)
        except httpx.HTTPError:
            return None
        return read_stored(response.content) if response.status_code == HTTPStatus.OK else None

    async def heartbeat(self) -> str:
        """Empty when Ralph and its index answer, else what is wrong."""
        try:
            response = await self._client.get(HEARTBEAT, timeout=HEARTBEAT_SECONDS)
        except httpx.HTTPError as problem:
            return _slug(problem)
        return "" if response.status_code == HTTPStatus.OK else f"http-{response.status_code}"


@asynccontextmanager
async def ralph(settings: Settings) -> AsyncIterator[Ralph]:
    """A client for the LRS that the settings name.

    Raises:
        ConfigurationError: RALPH_LRS_URL or RALPH_LRS_SECRET is not set.
    """
    async with httpx.AsyncClient(
        base_url=settings.require("ralph"),
        auth=(settings.require("ralph_username"), settings.require("ralph_secret")),
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    ) as client:
        yield Ralph(client)


_PLAIN = {HTTPStatus.OK: Answer(Kind.STORED), HTTPStatus.NO_CONTENT: Answer(Kind.DUPLICATE, "same-content")}


def read_answer(status: int, content: bytes) -> Answer:
    """What a status and body mean. Pure."""
    if status in _PLAIN:
        return _PLAIN[HTTPStatus(status)]
    if status < HTTPStatus.BAD_REQUEST:
        return Answer(Kind.FAILED, f"http-{status}", detail="an answer that the xAPI does not know")
    rule, pointer, detail = _explanation(content)
    if status == HTTPStatus.CONFLICT:
        return Answer(Kind.CONFLICT, "other-content", detail=detail)
    return Answer(Kind.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else Kind.FAILED, f"http-{status}", rule, pointer, detail)


def read_stored(content: bytes) -> datetime | None:
    """`stored` of the one statement in an answer. Pure. The xAPI answers with the statement; Ralph with a list of one, in `statements`."""
    try:
        answer = json.loads(content)
        (statement,) = answer.get("statements", [answer])
        return datetime.fromisoformat(statement["stored"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _explanation(content: bytes) -> tuple[str, str, str]:
    """Rule, pointer and message of Ralph's error body: `{"detail": "…"}`, or pydantic's list of `{"type", "loc", "msg"}`."""
    try:
        detail = json.loads(content)["detail"]
    except (ValueError, KeyError, TypeError):
        return "", "", content[:500].decode("utf-8", "replace")
    errors = [error for error in detail if isinstance(error, dict)] if isinstance(detail, list) else []
    if not errors:
        return "", "", str(detail)
    first: dict[str, Any] = errors[0]
    return str(first.get("type", "")), _pointer(first.get("loc", ())), "; ".join(dict.fromkeys(str(error.get("msg", "")) for error in errors))


def _pointer(location: Sequence[Any]) -> str:
    return "".join(f"/{part}" for part in location if part != "body")


def _slug(problem: httpx.HTTPError) -> str:
    if isinstance(problem, httpx.TimeoutException):
        return "timeout"
    return "connection" if isinstance(problem, httpx.ConnectError) else f"connection-{type(problem).__name__}"
