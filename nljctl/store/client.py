"""The one place where an Elasticsearch client is made, and where its absence gets words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from elastic_transport import ConnectionError, ConnectionTimeout, TransportError
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError
from elasticsearch.serializer import JsonSerializer

from nljctl import tls
from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import Settings
from nljctl.store.access import access, authenticated_by

REQUEST_SECONDS = 30.0
PORT = 9200

REFUSED = "elasticsearch-not-allowed"
CERTIFICATE = "ELASTICSEARCH_CA_CERTS names the PEM file of the CA; the host in ELASTICSEARCH_URL must be one that the certificate names."
_TLS_HINTS = {"does not speak TLS": "Write http:// in ELASTICSEARCH_URL, or name the port that does."}
_NOT_ALLOWED = {
    401: "Set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, to what the cluster knows.",
    403: "Give it rights on both indices and their aliases, and the cluster privilege monitor.",
}

Unavailable = (TransportError, ApiError)
"""What the client raises when the cluster is away or refuses; an `ApiError` carries the HTTP status that says which."""


class FastJson(JsonSerializer):
    """Decodes answers with msgspec, twice as fast. What strict JSON forbids but a document may hold (a lone surrogate) is left to the standard library."""

    def json_loads(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data)
        except msgspec.DecodeError:
            return super().json_loads(data)


@asynccontextmanager
async def elasticsearch(settings: Settings, **more: Any) -> AsyncIterator[AsyncElasticsearch]:
    """A client of the platform's Elasticsearch; it connects at its first request. `more` overrides the client's arguments.

    What a user of it does not handle leaves here in words:

    Raises:
        UnreachableError: nothing answers, or it answers that it cannot serve (429, 5xx).
        ConfigurationError: the address is none, the credentials or the certificate are refused, or it is another product.
    """
    arguments: dict[str, Any] = {"request_timeout": REQUEST_SECONDS, "retry_on_timeout": True, "max_retries": 3, "serializer": FastJson()}
    arguments |= access(settings) | more
    try:
        client = AsyncElasticsearch(settings.require("elasticsearch"), **arguments)
    except (ValueError, TypeError, OSError) as problem:
        raise ConfigurationError(
            f"the Elasticsearch client cannot be made: {problem}",
            "ELASTICSEARCH_URL looks like http://host:9200; ELASTICSEARCH_CA_CERTS is a PEM file and needs https.",
        ) from problem
    try:
        yield client
    except (TransportError, ApiError, UnsupportedProductError) as problem:
        raise await _encrypted(settings, problem) or in_words(settings, problem) from problem
    finally:
        await client.close()


async def _encrypted(settings: Settings, problem: Exception) -> ConfigurationError | None:
    """What to say when a server that speaks TLS was asked in plain text: it only hangs up."""
    parts = urlsplit(settings.require("elasticsearch"))
    if parts.scheme != "http" or parts.hostname is None or not isinstance(problem, ConnectionError) or isinstance(problem, ConnectionTimeout):
        return None
    if not await tls.speaks_tls(parts.hostname, parts.port or PORT):
        return None
    return ConfigurationError(
        f"Elasticsearch at {settings.elasticsearch} speaks TLS, and the URL is http", "Write https:// in ELASTICSEARCH_URL.", code=REFUSED
    )


def in_words(settings: Settings, problem: Exception) -> NljctlError:
    """An error of the client as people see it: unreachable, not allowed, or a request that the cluster refused."""
    address = settings.elasticsearch
    if isinstance(problem, UnsupportedProductError):
        return ConfigurationError(f"{address} is not Elasticsearch", "ELASTICSEARCH_URL must name an Elasticsearch 8 or 9.")
    if isinstance(problem, ApiError):
        status, reason = problem.meta.status, _reason(problem)
        if status in (401, 403):
            who = authenticated_by(settings)
            return ConfigurationError(f"Elasticsearch at {address} does not allow it to {who} ({status}): {reason}", _NOT_ALLOWED[status], code=REFUSED)
        if status not in (408, 429) and status < 500:
            return NljctlError(
                f"Elasticsearch refused a request ({status}): {reason}", "Run `nljctl setup`, then `nljctl doctor`.", code="elasticsearch-refused"
            )
        cause = f"it answers {status}, {reason}"
    elif words := tls.in_words(problem):
        return ConfigurationError(f"Elasticsearch at {address} {words}", _TLS_HINTS.get(words, CERTIFICATE), code=REFUSED)
    else:
        cause = type(problem).__name__
    return UnreachableError(
        f"Elasticsearch does not serve at {address}: {cause}",
        "Check ELASTICSEARCH_URL and that the cluster runs (`nljctl status`, `nljctl up`).",
        code="elasticsearch-unreachable",
    )


def _reason(problem: ApiError) -> str:
    """The cluster's own sentence, from `error.root_cause` where there is one."""
    body = problem.body if isinstance(problem.body, dict) else {}
    error = body.get("error")
    if isinstance(error, dict):
        causes = error.get("root_cause") or [error]
        return f"{causes[0].get('type', 'error')}: {causes[0].get('reason', '')}".rstrip(": ")
    return str(problem.message)
