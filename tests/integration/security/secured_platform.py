"""Kafka with SASL and TLS, Postgres behind TLS with a password, Elasticsearch behind TLS with credentials; and how the program is told of them."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from certificates import EXPIRED, Certificates, Pair
from secured_kafka import USER, SecuredKafka, secured_kafka
from stacks import Answer, Stack, new_stack
from tls_fronts import Door, elasticsearch_front, postgres_front

DATABASE = "secured"


@dataclass(frozen=True)
class Secrets:
    """Each one different and nowhere else in the world, so that one that leaks is found."""

    kafka: str
    database: str
    elasticsearch: str
    key: str
    wrong: str

    @property
    def all(self) -> tuple[str, ...]:
        return self.kafka, self.database, self.elasticsearch, self.key, self.wrong


@dataclass(frozen=True)
class Platform:
    stack: Stack
    folder: Path
    secrets: Secrets
    kafka: SecuredKafka
    authority: Pair
    stranger: Pair
    client: Pair
    elasticsearch: int
    elasticsearch_expired: int
    postgres: int
    ralph_secret: str

    def env(self, **changes: str) -> dict[str, str]:
        """Everything encrypted and authenticated, but for the changes; an empty value takes a variable away."""
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.at("sasl"),
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": USER,
            "KAFKA_SASL_PASSWORD_FILE": self.file("kafka", self.secrets.kafka),
            "KAFKA_SSL_CAFILE": str(self.authority.certificate),
            "ELASTICSEARCH_URL": f"https://localhost:{self.elasticsearch}",
            "ELASTICSEARCH_API_KEY_FILE": self.file("key", self.secrets.key),
            "ELASTICSEARCH_CA_CERTS": str(self.authority.certificate),
            "DATABASE_URL": self.database(),
            "DATABASE_PASSWORD_FILE": self.file("database", self.secrets.database),
            "RALPH_LRS_URL": self.stack.endpoints["ralph"],
            "RALPH_LRS_SECRET": self.ralph_secret,
        }
        return {name: value for name, value in (told | changes).items() if value}

    def tls_client(self) -> dict[str, str]:
        """Kafka by client certificate instead of SASL."""
        sasl = dict.fromkeys(("KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE"), "")
        certificate = {"KAFKA_SSL_CERTFILE": str(self.client.certificate), "KAFKA_SSL_KEYFILE": str(self.client.key)}
        return {**sasl, **certificate, "KAFKA_BOOTSTRAP_SERVERS": self.kafka.at("tls"), "KAFKA_SECURITY_PROTOCOL": "SSL"}

    def database(self, mode: str = "verify-full", authority: Pair | None = None, host: str = "localhost") -> str:
        root = "" if mode in ("disable", "prefer") else f"&sslrootcert={(authority or self.authority).certificate}"
        return f"postgresql://{DATABASE}@{host}:{self.postgres}/{DATABASE}?sslmode={mode}{root}"

    def file(self, name: str, content: str) -> str:
        path = self.folder / f"secret-{name}"
        path.write_text(content + "\n")
        return str(path)

    def run(self, *arguments: str, **changes: str) -> tuple[Answer, float]:
        """Runs the program with `changes` of the environment; its answer, and how many seconds it took. No secret may be in it."""
        began = time.monotonic()
        answer = self.stack.run(*arguments, env=self.env(**changes))
        for secret in self.secrets.all:
            assert secret not in answer.stdout + answer.stderr
        return answer, time.monotonic() - began


@contextmanager
def secured_platform(folder: Path) -> Iterator[Platform]:
    made = Certificates(folder)
    authority, stranger = made.authority("authority"), made.authority("stranger")
    server, client = made.signed(authority, "server"), made.signed(authority, "client")
    expired = made.signed(authority, "expired", days=EXPIRED)
    own = Secrets(*(f"marked{secrets.token_hex(12)}" for _ in range(5)))
    with ExitStack() as opened:
        stack = opened.enter_context(new_stack())
        stack.up("analytics")
        asyncio.run(_guard_postgres(stack.endpoints["database"], own.database))
        kafka = opened.enter_context(secured_kafka(folder, stack.pids()["redpanda"], server, authority, own.kafka))
        basic = base64.b64encode(f"elastic:{own.elasticsearch}".encode()).decode()
        door = Door(frozenset({f"ApiKey {own.key}", f"Basic {basic}"}), frozenset({"ApiKey reader"}))
        target = stack.endpoints["elasticsearch"]
        yield Platform(
            stack,
            folder,
            own,
            kafka,
            authority,
            stranger,
            client,
            opened.enter_context(elasticsearch_front(target, server, door)),
            opened.enter_context(elasticsearch_front(target, expired, door)),
            opened.enter_context(postgres_front(urlsplit(stack.endpoints["database"]).port or 0, server)),
            json.loads((stack.home / "stack.json").read_text())["secrets"]["ralph"],
        )


async def _guard_postgres(url: str, password: str) -> None:
    """A database whose user must know a password."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE ROLE {DATABASE} LOGIN PASSWORD '{password}'")
    await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")
    file = Path(await connection.fetchval("SHOW hba_file"))
    file.write_text(f"host all {DATABASE} 127.0.0.1/32 scram-sha-256\n{file.read_text()}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
