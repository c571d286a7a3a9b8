"""Makes the topics that are missing. Those that exist are left as they are: their settings are the platform's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from nljctl.errors import NljctlError
from nljctl.kafka.client import LARGEST_RECORD, admin
from nljctl.settings import Settings

DAY_MS = 24 * 60 * 60 * 1000

MESSAGE_BYTES = 32 * 1024 * 1024
"""What a topic takes. Above the judge's limit, so that what is too large ends as a dead letter with its reason, not as a producer's error."""

REPLICAS = 3
"""Copies of each partition, or as many as there are brokers."""

ENVELOPE_BYTES = 1024 * 1024
"""What a dead letter's headers may add to its original."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    name: str
    partitions: int
    retention_days: int
    message_bytes: int = MESSAGE_BYTES


def dead_letters(name: str) -> TopicSpec:
    """The dead-letter topic: it takes every original whole, with its headers."""
    return TopicSpec(name, 6, 90, min(MESSAGE_BYTES + ENVELOPE_BYTES, LARGEST_RECORD))


async def ensure_topics(settings: Settings, specs: Iterable[TopicSpec]) -> dict[str, bool]:
    """True for each topic that was made now.

    Raises:
        UnreachableError: no broker answers.
        NljctlError: the broker refused to make one.
    """
    wanted = {spec.name: spec for spec in specs}
    async with admin(settings) as client:
        existing = set(await client.list_topics())
        missing = [spec for name, spec in wanted.items() if name not in existing]
        if missing:
            replicas = min(REPLICAS, len((await client.describe_cluster())["brokers"]))
            response = await client.create_topics(
                [
                    NewTopic(
                        spec.name,
                        spec.partitions,
                        replicas,
                        topic_configs={
                            "retention.ms": str(spec.retention_days * DAY_MS),
                            "cleanup.policy": "delete",
                            "max.message.bytes": str(spec.message_bytes),
                        },
                    )
                    for spec in missing
                ]
            )
            for name, code, *rest in response.topic_errors:
                if code and not issubclass(for_code(code), TopicAlreadyExistsError):
                    raise NljctlError(
                        f"Kafka refused to make topic {name}: {rest[0] if rest and rest[0] else for_code(code).__name__}",
                        "Make it by hand, or give this client the right to create topics.",
                        code="topic-refused",
                    )
    return {name: name not in existing for name in wanted}
