"""What a failure is over HTTP: a status, and `error` with code, message and hint as the program's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from aiokafka.errors import KafkaError
from elastic_transport import TransportError
from elasticsearch import ApiError, UnsupportedProductError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from nljctl.api.tokens import NotAuthenticatedError
from nljctl.errors import NljctlError, RefusedError, UsageError
from nljctl.settings import Settings
from nljctl.store.client import in_words

log = logging.getLogger(__name__)

STATUSES: Mapping[type[NljctlError], HTTPStatus] = {UsageError: HTTPStatus.UNPROCESSABLE_ENTITY, RefusedError: HTTPStatus.FORBIDDEN}
"""Every other NljctlError means that something behind the API does not serve: 503."""

LONGEST = 500
"""Characters of a sentence that may repeat what the caller sent."""


class Why(BaseModel):
    """What went wrong, a stable name for programs, and what to do."""

    code: str
    message: str
    hint: str


class Failure(BaseModel):
    """The body of every failure."""

    success: Literal[False]
    error: Why


RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "No token, or none that is known."},
    403: {"model": Failure, "description": "The caller may not see this."},
    422: {"model": Failure, "description": "A parameter cannot be meant."},
    503: {"model": Failure, "description": "What the answer is read from does not serve; the hint says what to do."},
}


def document(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message[:LONGEST], "hint": hint}}


def answer(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A failure as it is sent."""
    return Response(msgspec.json.encode(document(code, message, hint)), status, headers, media_type="application/json")


def of(problem: NljctlError) -> Response:
    """An error of nljctl; who must wait is told how long."""
    status = STATUSES.get(type(problem), HTTPStatus.SERVICE_UNAVAILABLE)
    headers = {"retry-after": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return answer(status, problem.code, problem.message, problem.hint, headers)


def install(app: FastAPI, settings: Settings) -> None:
    """Every way in which a request can fail, each with its words."""

    @app.exception_handler(NljctlError)
    async def told(_request: Request, problem: NljctlError) -> Response:
        return of(problem)

    @app.exception_handler(TransportError)
    @app.exception_handler(ApiError)
    @app.exception_handler(UnsupportedProductError)
    async def elasticsearch(_request: Request, problem: Exception) -> Response:
        return of(in_words(settings, problem))

    @app.exception_handler(KafkaError)
    async def kafka(_request: Request, problem: KafkaError) -> Response:
        return of(NljctlError(f"Kafka answers {type(problem).__name__}", "See `nljctl health`.", code="kafka-unreachable"))

    @app.exception_handler(TimeoutError)
    async def too_slow(_request: Request, _problem: TimeoutError) -> Response:
        return of(NljctlError("no answer in time", "See `nljctl health`, and ask again.", code="timed-out"))

    @app.exception_handler(NotAuthenticatedError)
    async def unknown(_request: Request, problem: NotAuthenticatedError) -> Response:
        hint = "Send `Authorization: Bearer` with NLJCTL_API_TOKEN, or with an access token of the platform."
        return answer(HTTPStatus.UNAUTHORIZED, "not-authenticated", str(problem), hint, {"www-authenticate": "Bearer"})

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, problem: RequestValidationError) -> Response:
        wrong = "; ".join(f"{'.'.join(str(part) for part in error['loc'][1:])}: {error['msg']}" for error in problem.errors())
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-input", wrong, "/openapi.json says what each parameter takes.")

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, problem: HTTPException) -> Response:
        code = HTTPStatus(problem.status_code).phrase.lower().replace(" ", "-")
        return answer(problem.status_code, code, str(problem.detail), "/openapi.json lists what there is.", problem.headers)

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, problem: Exception) -> Response:
        # The last resort; its trace is in the log. A caller can only ask again.
        log.error("a request failed unexpectedly", exc_info=problem)
        return of(NljctlError("this request cannot be served", "The API's log says why (`nljctl logs nlj-api`).", code="unexpected"))
