"""How Elasticsearch is asked: by key, by user and password, or by nobody; and what it says of that."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from nljctl.errors import ConfigurationError
from nljctl.settings import load
from nljctl.store.access import access
from nljctl.store.client import in_words

HTTPS = {"ELASTICSEARCH_URL": "https://es:9200"}


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({}, {}),
        ({"ELASTICSEARCH_API_KEY": "hidden"}, {"api_key": "hidden"}),
        ({"ELASTICSEARCH_USERNAME": "me", "ELASTICSEARCH_PASSWORD": "hidden"}, {"basic_auth": ("me", "hidden")}),
        ({"ELASTICSEARCH_URL": "https://me:hid%2Fden@es:9200"}, {"basic_auth": ("me", "hid/den")}),
    ],
)
def test_credentials_come_from_their_variables_or_the_address(tmp_path: Path, environment: dict[str, str], arguments: dict[str, object]) -> None:
    found = access(load(environment=HTTPS | environment, directory=tmp_path))
    context = found.pop("ssl_context")
    assert found == arguments
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ELASTICSEARCH_API_KEY": "hidden", "ELASTICSEARCH_USERNAME": "me", "ELASTICSEARCH_PASSWORD": "hidden"}, "an API key and a user"),
        ({"ELASTICSEARCH_USERNAME": "me"}, "ELASTICSEARCH_PASSWORD is missing"),
        ({"ELASTICSEARCH_PASSWORD": "hidden"}, "ELASTICSEARCH_USERNAME is missing"),
        ({"ELASTICSEARCH_URL": "http://es:9200", "ELASTICSEARCH_CA_CERTS": __file__}, "is not https"),
        ({"ELASTICSEARCH_CA_CERTS": "/missing.pem"}, "/missing.pem"),
        ({"ELASTICSEARCH_CA_CERTS": __file__}, "holds no certificate"),
    ],
)
def test_what_does_not_fit_together_is_said(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        access(load(environment=HTTPS | environment, directory=tmp_path))
    assert words in refused.value.message
    assert "hidden" not in refused.value.message


@pytest.mark.parametrize(
    ("environment", "who"),
    [
        ({}, "a client without credentials"),
        ({"ELASTICSEARCH_API_KEY": "hidden"}, "the API key in ELASTICSEARCH_API_KEY"),
        ({"ELASTICSEARCH_URL": "https://me:hidden@es:9200"}, "user me"),
    ],
)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_who_was_refused(tmp_path: Path, environment: dict[str, str], who: str, status: int) -> None:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("https", "es", 9200))
    found = in_words(load(environment=HTTPS | environment, directory=tmp_path), ApiError("security_exception", meta, {}))
    assert f"{who} ({status})" in found.message
    assert "hidden" not in found.message + found.hint
