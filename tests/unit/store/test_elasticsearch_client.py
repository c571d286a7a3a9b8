"""What people read when Elasticsearch is away, unwilling, or not Elasticsearch."""

from __future__ import annotations

import pytest
from elastic_transport import ApiResponseMeta, ConnectionError, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import Settings, load
from nljctl.store.client import FastJson, elasticsearch, in_words


def told(address: str) -> Settings:
    return load({"elasticsearch": address}, environment={})


def answered(status: int, kind: str, reason: str) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "es", 9200))
    return ApiError(kind, meta, {"error": {"root_cause": [{"type": kind, "reason": reason}]}, "status": status})


async def test_an_address_where_nothing_answers_is_unreachable() -> None:
    with pytest.raises(UnreachableError) as found:
        async with elasticsearch(told("http://127.0.0.1:1"), max_retries=0) as client:
            await client.info()
    assert "http://127.0.0.1:1" in found.value.message


@pytest.mark.parametrize("address", ["nonsense", "http://", "http://host:port"])
async def test_an_address_that_is_none_is_a_wrong_setting(address: str) -> None:
    with pytest.raises(ConfigurationError):
        async with elasticsearch(told(address)):
            pass


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_cluster_that_cannot_serve_now_is_unreachable(status: int) -> None:
    found = in_words(told("http://es:9200"), answered(status, "cluster_block_exception", "no master"))
    assert isinstance(found, UnreachableError)
    assert "no master" in found.message


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_a_wrong_setting(status: int) -> None:
    assert isinstance(in_words(told("http://es:9200"), answered(status, "security_exception", "no")), ConfigurationError)


def test_a_refused_request_says_what_was_wrong_with_it() -> None:
    found = in_words(told("http://es:9200"), answered(400, "parsing_exception", "unknown key"))
    assert type(found) is NljctlError
    assert "parsing_exception: unknown key" in found.message


def test_no_connection_is_named() -> None:
    assert "ConnectionError" in in_words(told("http://es:9200"), ConnectionError("refused")).message


def test_an_answer_that_strict_json_forbids_is_read_all_the_same() -> None:
    assert FastJson().loads(b'{"a": "\\ud800"}') == {"a": "\ud800"}
