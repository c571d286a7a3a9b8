"""A second broker of the stack's own Kafka, whose listeners encrypt and authenticate."""

from __future__ import annotations

import base64
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from certificates import Pair

from nljctl.stack.local import ports
from nljctl.stack.local.ports import LOOPBACK

START_SECONDS = 60
USER = "nlj"
LISTENERS = {"internal": "PLAINTEXT", "controller": "PLAINTEXT", "sasl": "SASL_SSL", "tls": "SSL", "clear": "SASL_PLAINTEXT"}


@dataclass(frozen=True)
class SecuredKafka:
    """`ports` by listener: sasl (SASL_SSL), tls (SSL with client certificates), clear (SASL_PLAINTEXT), internal (PLAINTEXT)."""

    ports: Mapping[str, int]

    def at(self, listener: str) -> str:
        return f"localhost:{self.ports[listener]}"


@contextmanager
def secured_kafka(folder: Path, like: int, server: Pair, authority: Pair, password: str) -> Iterator[SecuredKafka]:
    """Runs the broker in `folder`; `like` is the pid of a Kafka, whose program it runs once more."""
    java, *options = psutil.Process(like).cmdline()
    options = options[: options.index("kafka.Kafka")]
    chosen = ports.choose(LISTENERS)
    configuration = folder / "server.properties"
    configuration.write_text("".join(f"{name}={value}\n" for name, value in _properties(folder, chosen, server, authority, password).items()))
    cluster = base64.urlsafe_b64encode(b"nljctl" + secrets.token_bytes(10)).rstrip(b"=").decode()
    scram = ("--add-scram", f"SCRAM-SHA-512=[name={USER},password={password}]", "--add-scram", f"SCRAM-SHA-256=[name={USER},password={password}]")
    subprocess.run(
        [java, *options, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(configuration), *scram], check=True, capture_output=True, cwd=folder
    )
    with (folder / "kafka.log").open("wb") as log:
        process = subprocess.Popen([java, *options, "kafka.Kafka", str(configuration)], cwd=folder, stdout=log, stderr=log)
    try:
        _wait(process, chosen, folder / "kafka.log")
        yield SecuredKafka(chosen)
    finally:
        process.kill()
        process.wait()


def _properties(folder: Path, chosen: Mapping[str, int], server: Pair, authority: Pair, password: str) -> dict[str, str]:
    keystore = folder / "server-keystore.pem"
    keystore.write_text(server.both)
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{password}";'
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    sasl = {
        f"listener.name.{listener}.{key}": value
        for listener in ("sasl", "clear")
        for key, value in {
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "plain.sasl.jaas.config": plain,
            "scram-sha-256.sasl.jaas.config": scram,
            "scram-sha-512.sasl.jaas.config": scram,
        }.items()
    }
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{chosen['controller']}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "INTERNAL",
        "listeners": ",".join(f"{name.upper()}://{LOOPBACK}:{port}" for name, port in chosen.items()),
        "advertised.listeners": ",".join(f"{name.upper()}://localhost:{port}" for name, port in chosen.items() if name != "controller"),
        "listener.security.protocol.map": ",".join(f"{name.upper()}:{protocol}" for name, protocol in LISTENERS.items()),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.certificate),
        "listener.name.tls.ssl.client.auth": "required",
        **sasl,
        "log.dirs": str(folder / "data"),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "2",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "2",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(40 * 1024 * 1024),
        "replica.fetch.max.bytes": str(40 * 1024 * 1024),
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    }


def _wait(process: subprocess.Popen[bytes], chosen: Mapping[str, int], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while any(ports.is_free(port) for port in chosen.values()):
        assert process.poll() is None, log.read_text()[-2_000:]
        assert time.monotonic() < deadline, log.read_text()[-2_000:]
        time.sleep(0.1)
