"""Everything encrypted and authenticated: the commands work, and what is wrong with a setting is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from secured_platform import Platform
from sqlalchemy import text

from nljctl.effects import database
from nljctl.errors import ConfigurationError, NljctlError
from nljctl.kafka.client import admin
from nljctl.settings import Settings, load
from nljctl.stack.local.ports import LOOPBACK
from nljctl.store.client import elasticsearch

WITHIN_SECONDS = 20.0
"""From the start of the program to its answer, on a busy machine. None of these waits for a timeout of a client (15 s or more) on top of its start."""


def test_the_whole_pipeline_runs_over_sasl_ssl_and_leaves_no_secret(platform: Platform) -> None:
    assert platform.run("setup", "--json")[0].code == 0
    published, _ = platform.run("publish-test", "--count", "60", "--event", "all", "--seed", "3", "--yes", "--json")
    assert published.code == 0, published.stdout
    for pipeline in ("faststream", "legacy"):
        consumed, _ = platform.run("consume", pipeline, "--until-caught-up", "--timeout", "120", "--port", "0", "-v", "--json")
        assert consumed.code == 0, consumed.stdout + consumed.stderr
        assert consumed.document["stored"] > 0
    compared, _ = platform.run("compare-legacy", "--no-analytics", "--json")
    assert compared.document["verdict"] in ("same", "explained"), compared.stdout
    health, _ = platform.run("health", "--json")
    components = health.document["components"]
    assert {name: components[name]["status"] for name in ("kafka", "database", "elasticsearch")} == dict.fromkeys(
        ("kafka", "database", "elasticsearch"), "healthy"
    )
    files = [path for path in platform.stack.home.rglob("*") if path.is_file() and "services" not in path.relative_to(platform.stack.home).parts]
    assert [path for path in files if "evidence" in path.parts]
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in platform.secrets.all if secret.encode() in content], path


@pytest.mark.parametrize(
    "changes",
    [
        lambda platform: {"KAFKA_SASL_MECHANISM": "PLAIN"},
        lambda platform: platform.tls_client(),
    ],
    ids=["plain", "client-certificate"],
)
def test_the_consumer_reads_however_kafka_is_guarded(platform: Platform, changes: Callable[[Platform], dict[str, str]]) -> None:
    told = changes(platform)
    assert platform.run("publish-test", "--count", "5", "--yes", "--json", **told)[0].code == 0
    consumed, _ = platform.run("consume", "--until-caught-up", "--timeout", "60", "--port", "0", "--json", **told)
    assert consumed.code == 0, consumed.stdout + consumed.stderr
    assert consumed.document["stored"] >= 5


CLEAR = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SSL_CAFILE": ""}

WRONG: dict[str, tuple[Callable[[Platform], dict[str, str]], str]] = {
    "kafka-password": (lambda p: {"KAFKA_SASL_PASSWORD_FILE": p.file("wrong", p.secrets.wrong)}, "does not accept KAFKA_SASL_USERNAME nlj"),
    "kafka-password-plain": (
        lambda p: {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_PASSWORD_FILE": p.file("wrong", p.secrets.wrong)},
        "does not accept KAFKA_SASL_USERNAME nlj",
    ),
    "kafka-authority": (lambda p: {"KAFKA_SSL_CAFILE": str(p.stranger.certificate)}, "shows a certificate that is not to be trusted"),
    "kafka-in-the-clear": (lambda p: {**CLEAR}, "speaks TLS, and KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT"),
    "kafka-no-tls-there": (lambda p: {"KAFKA_BOOTSTRAP_SERVERS": p.kafka.at("clear")}, "does not speak TLS"),
    "kafka-no-sasl-there": (
        lambda p: {**CLEAR, "KAFKA_BOOTSTRAP_SERVERS": p.kafka.at("internal")},
        "asks for no user and password there",
    ),
    "kafka-no-credentials": (
        lambda p: {**p.tls_client(), "KAFKA_SSL_CERTFILE": "", "KAFKA_SSL_KEYFILE": "", "KAFKA_BOOTSTRAP_SERVERS": p.kafka.at("sasl")},
        "wants a user and a password (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)",
    ),
    "kafka-no-client-certificate": (
        lambda p: {**p.tls_client(), "KAFKA_SSL_CERTFILE": "", "KAFKA_SSL_KEYFILE": ""},
        "refuses this client in the TLS handshake",
    ),
    "elasticsearch-key": (lambda p: {"ELASTICSEARCH_API_KEY_FILE": p.file("wrong", p.secrets.wrong)}, "does not allow it to the API key"),
    "elasticsearch-rights": (lambda p: {"ELASTICSEARCH_API_KEY_FILE": "", "ELASTICSEARCH_API_KEY": "reader"}, "(403)"),
    "elasticsearch-password": (
        lambda p: {"ELASTICSEARCH_API_KEY_FILE": "", "ELASTICSEARCH_URL": f"https://elastic:{p.secrets.wrong}@localhost:{p.elasticsearch}"},
        "does not allow it to user elastic (401)",
    ),
    "elasticsearch-no-credentials": (lambda p: {"ELASTICSEARCH_API_KEY_FILE": ""}, "a client without credentials (401)"),
    "elasticsearch-authority": (lambda p: {"ELASTICSEARCH_CA_CERTS": str(p.stranger.certificate)}, "shows a certificate that is not to be trusted"),
    "elasticsearch-expired": (lambda p: {"ELASTICSEARCH_URL": f"https://localhost:{p.elasticsearch_expired}"}, "certificate has expired"),
    "elasticsearch-in-the-clear": (
        lambda p: {"ELASTICSEARCH_URL": f"http://localhost:{p.elasticsearch}", "ELASTICSEARCH_CA_CERTS": ""},
        "speaks TLS, and the URL is http",
    ),
    "elasticsearch-no-tls-there": (
        lambda p: {"ELASTICSEARCH_URL": p.stack.endpoints["elasticsearch"].replace("http://", "https://")},
        "does not speak TLS",
    ),
    "database-password": (lambda p: {"DATABASE_PASSWORD_FILE": p.file("wrong", p.secrets.wrong)}, "password authentication failed"),
    "database-no-password": (lambda p: {"DATABASE_PASSWORD_FILE": ""}, "password"),
    "database-authority": (lambda p: {"DATABASE_URL": p.database(authority=p.stranger)}, "shows a certificate that is not to be trusted"),
    "database-in-the-clear": (lambda p: {"DATABASE_URL": p.database("disable")}, "no encryption"),
    "database-no-tls-there": (lambda p: {"DATABASE_URL": p.stack.endpoints["database"] + "?sslmode=require"}, "does not speak TLS"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_said_in_one_sentence_with_a_hint(platform: Platform, case: str) -> None:
    changes, words = WRONG[case]
    settings = load(environment=platform.env(**changes(platform)), directory=platform.folder)
    with pytest.raises(NljctlError) as refused:
        await ask_all(settings)
    said = refused.value
    assert words in said.message
    assert said.hint
    assert "\n" not in said.message
    assert not [secret for secret in platform.secrets.all if secret in said.message + said.hint]


async def test_scram_without_encryption_is_let_in(platform: Platform) -> None:
    told = {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256", "KAFKA_BOOTSTRAP_SERVERS": platform.kafka.at("clear"), **CLEAR}
    await ask_all(load(environment=platform.env(**told), directory=platform.folder))


async def ask_all(settings: Settings) -> None:
    async with admin(settings) as kafka:
        await kafka.list_topics()
    async with elasticsearch(settings) as client:
        await client.info()
    async with database.engine(settings) as engine, engine.connect() as connection:
        await connection.scalar(text("SELECT 1"))


@pytest.mark.parametrize("case", ["kafka-password", "kafka-in-the-clear", "elasticsearch-authority", "database-password"])
def test_a_command_gives_up_at_once(platform: Platform, case: str) -> None:
    changes, words = WRONG[case]
    answer, seconds = platform.run("setup", "--json", **changes(platform))
    assert answer.code == 2
    assert words in answer.document["error"]["message"]
    assert seconds < WITHIN_SECONDS


@pytest.mark.parametrize("mode", ["prefer", "require", "verify-ca", "verify-full"])
async def test_every_mode_of_tls_that_psql_knows_reaches_postgres(platform: Platform, mode: str) -> None:
    assert await encrypted(platform, platform.database(mode))


async def test_only_verify_full_minds_the_name_in_the_certificate(platform: Platform) -> None:
    assert await encrypted(platform, platform.database("verify-ca", host="127.0.0.1"))
    with pytest.raises(ConfigurationError, match="IP address mismatch"):
        await encrypted(platform, platform.database("verify-full", host="127.0.0.1"))


async def encrypted(platform: Platform, url: str) -> bool:
    """Whether a connection comes from where only the encrypted ones come from."""
    async with database.engine(load(environment=platform.env(DATABASE_URL=url), directory=platform.folder)) as engine, engine.connect() as connection:
        return str(await connection.scalar(text("SELECT host(inet_client_addr())"))) == LOOPBACK


def test_user_and_password_in_the_url_reach_elasticsearch(platform: Platform) -> None:
    told = {"ELASTICSEARCH_API_KEY_FILE": "", "ELASTICSEARCH_URL": f"https://elastic:{platform.secrets.elasticsearch}@localhost:{platform.elasticsearch}"}
    health, _ = platform.run("health", "--json", **told)
    assert health.document["components"]["elasticsearch"]["status"] == "healthy", health.document
