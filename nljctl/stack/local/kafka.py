"""Apache Kafka: one broker that is its own controller, under the name that the platform's compose file gives its broker."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from nljctl.stack.local import install, java
from nljctl.stack.local.instance import Instance, inherited
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import KAFKA

LARGEST_RECORD = 40 * 1024 * 1024
HEAP = "512m"
QUICK = "-XX:TieredStopAtLevel=1"
"""The first compiler only. A broker moves bytes: measured, it takes as many records a second and starts in half the CPU time."""

_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # A broker that was killed registers again only when its old session has ended.
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "4000",
    # What is subscribed to and does not exist is a mistake that should show.
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(LARGEST_RECORD),
    "replica.fetch.max.bytes": str(LARGEST_RECORD),
    "socket.request.max.bytes": str(2 * LARGEST_RECORD),
    "log.retention.bytes": "-1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
}


def _java(instance: Instance, heap: str, *arguments: str) -> tuple[str, ...]:
    return (
        str(java.jdk() / "bin" / "java"),
        f"-Xmx{heap}",
        QUICK,
        "-XX:+ExitOnOutOfMemoryError",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "-cp",
        f"{instance.assets[install.KAFKA]}/lib/*",
        *arguments,
    )


def _prepare(instance: Instance) -> None:
    folder = instance.folder(KAFKA)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, controller = instance.port("kafka"), instance.port("kafka-controller")
    properties = {
        **_PROPERTIES,
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "log.dirs": str(folder / "data"),
    }
    configuration = folder / "server.properties"
    configuration.write_text("".join(f"{name}={value}\n" for name, value in properties.items()), encoding="utf-8")
    # Formatting writes meta.properties last: without it nothing was ever stored.
    if not (folder / "data" / "meta.properties").is_file():
        shutil.rmtree(folder / "data", ignore_errors=True)
        # 16 bytes, as Kafka wants them; the first ones fixed, or one in 64 would begin with a hyphen and look like an option.
        cluster = base64.urlsafe_b64encode(b"nljctl" + secrets.token_bytes(10)).rstrip(b"=").decode()
        tool = _java(instance, "128m", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(configuration))
        java.run(list(tool), "Kafka's storage could not be formatted", f"See {folder}; `nljctl down --volumes --yes` starts from nothing.")


def _launch(instance: Instance) -> Launch:
    folder = instance.folder(KAFKA)
    return Launch(_java(instance, HEAP, "kafka.Kafka", str(folder / "server.properties")), folder, inherited())


async def _check(instance: Instance) -> str:
    port = instance.port("kafka")
    try:
        # Before the client, which logs every refusal.
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), 2)
        writer.close()
    except (OSError, TimeoutError) as problem:
        return f"no connection to port {port}: {type(problem).__name__}"
    client = AIOKafkaAdminClient(bootstrap_servers=f"{LOOPBACK}:{port}", request_timeout_ms=3_000)
    try:
        await client.start()
        # A broker lists itself when it is no longer fenced: topics can be made from then on.
        if not (await client.describe_cluster())["brokers"]:
            return "the broker is fenced"
        # The first question about a group makes the topic of the groups' offsets, which takes a moment.
        await client.describe_consumer_groups(["nljctl"])
    except (KafkaError, OSError, TimeoutError) as problem:
        return f"{type(problem).__name__}: {problem}"
    else:
        return ""
    finally:
        await client.close()


SERVICE = Service(
    name=KAFKA,
    ports=("kafka", "kafka-controller"),
    endpoint="kafka",
    form=f"{LOOPBACK}:{{port}}",
    needs=(),
    asset=install.KAFKA,
    program="java",
    prepare=_prepare,
    launch=_launch,
    check=_check,
)
