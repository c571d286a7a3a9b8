"""KAFKA_SECURITY_PROTOCOL and what belongs to it: one value for aiokafka and for FastStream, or a sentence about what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from faststream.asgi import AsgiFastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.security import parse_security

from nljctl.errors import ConfigurationError
from nljctl.kafka.broker_security import broker_security
from nljctl.kafka.client import connection
from nljctl.kafka.security import MECHANISMS, PROTOCOLS, security
from nljctl.settings import Settings, load

USER = {"KAFKA_SASL_USERNAME": "me", "KAFKA_SASL_PASSWORD": "hidden"}
SHARED = ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


def told(tmp_path: Path, **environment: str) -> Settings:
    return load(environment=environment, directory=tmp_path)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_both_libraries_are_told_the_same(tmp_path: Path, protocol: str, mechanism: str) -> None:
    sasl = {**USER, "KAFKA_SASL_MECHANISM": mechanism} if protocol.startswith("SASL") else {}
    settings = told(tmp_path, KAFKA_SECURITY_PROTOCOL=protocol, **sasl)
    aiokafka, faststream = connection(settings), parse_security(broker_security(settings))
    assert aiokafka["security_protocol"] == protocol
    assert all(aiokafka[name] == value for name, value in faststream.items() if name in SHARED)
    assert (faststream["ssl_context"] is None) == (aiokafka["ssl_context"] is None) == (not protocol.endswith("SSL"))


def test_the_mechanism_is_plain_unless_another_is_named(tmp_path: Path) -> None:
    assert security(told(tmp_path, KAFKA_SECURITY_PROTOCOL="sasl_plaintext", **USER)).mechanism == "PLAIN"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL is 'TLS'"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "GSSAPI", **USER}, "KAFKA_SASL_MECHANISM is 'GSSAPI'"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_USERNAME": "me"}, "needs KAFKA_SASL_PASSWORD"),
        ({**USER}, "KAFKA_SECURITY_PROTOCOL=PLAINTEXT does not use KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"),
        ({"KAFKA_SSL_CAFILE": __file__}, "does not use KAFKA_SSL_CAFILE"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": "/missing.pem"}, "KAFKA_SSL_CAFILE names /missing.pem"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": __file__}, "holds no certificate"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTFILE": __file__}, "KAFKA_SSL_CERTFILE and its key cannot be used"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_KEYFILE": __file__}, "KAFKA_SSL_KEYFILE needs KAFKA_SSL_CERTFILE"),
    ],
)
def test_what_does_not_fit_together_is_said(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connection(told(tmp_path, **environment))
    assert words in refused.value.message
    assert refused.value.hint
    assert "hidden" not in refused.value.message + refused.value.hint


def test_the_value_shows_no_password(tmp_path: Path) -> None:
    assert "hidden" not in repr(security(told(tmp_path, KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT", **USER)))


def test_the_published_description_of_the_consumer_holds_no_password(tmp_path: Path) -> None:
    broker = KafkaBroker("kafka:9092", security=broker_security(told(tmp_path, KAFKA_SECURITY_PROTOCOL="SASL_SSL", **USER)))
    described = AsgiFastStream(broker).schema.to_specification().to_json()
    assert "kafka:9092" in described
    assert "hidden" not in described
