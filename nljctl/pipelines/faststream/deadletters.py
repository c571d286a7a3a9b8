"""The dead-letter topic: the original's bytes with the reason in headers, acknowledged before the record counts as done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from nljctl.backoff import Backoff
from nljctl.judgement import Origin
from nljctl.pipelines.pressure import Pressure

TARGET = "dead-letter topic"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be stored, and why."""

    origin: Origin
    key: bytes | None
    value: bytes | None
    reason: str
    rule: str = ""
    pointer: str = ""

    def headers(self) -> list[tuple[str, bytes]]:
        fields = {
            "reason": self.reason,
            "rule": self.rule,
            "pointer": self.pointer,
            "topic": self.origin.topic,
            "partition": str(self.origin.partition),
            "offset": str(self.origin.offset),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        return [(f"nljctl-{name}", value.encode("utf-8", "replace")) for name, value in fields.items()]


class DeadLetters:
    """Sends dead letters; gives up only when cancelled. At least once on the wire, one per origin coordinates wherever it is read.

    The producer must not be an idempotent one: a record that the broker refuses has used up its sequence number, and aiokafka 0.14 then never gets
    another one into that partition (OutOfOrderSequenceNumber), whatever becomes of the topic.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str, pressure: Pressure) -> None:
        self._producer = producer
        self._topic = topic
        self._pressure = pressure

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        backoff = Backoff()
        pending = list(letters)
        while pending:
            results = await asyncio.gather(*(self._send(letter) for letter in pending), return_exceptions=True)
            failures = [(letter, result) for letter, result in zip(pending, results, strict=True) if isinstance(result, BaseException)]
            for _, failure in failures:
                if not isinstance(failure, KafkaError):
                    raise failure
            if not failures:
                self._pressure.over(TARGET)
                return
            self._pressure.began(TARGET, type(failures[0][1]).__name__)
            pending = [letter for letter, _ in failures]
            await self._pressure.rest(TARGET, backoff.next())

    async def _send(self, letter: DeadLetter) -> None:
        # aiokafka sends no record that has neither key nor value; such an original is carried with an empty value.
        value = b"" if letter.value is None and letter.key is None else letter.value
        await self._producer.send_and_wait(self._topic, value=value, key=letter.key, headers=letter.headers())
