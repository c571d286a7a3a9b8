"""Whether a partition is still the log that progress speaks of, or its topic was deleted and made anew under the same name. Pure (docs/ownership.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from aiokafka import ConsumerRecord, TopicPartition

from nljctl.errors import InconsistentError
from nljctl.kafka.offsets import Span


@dataclass(frozen=True, slots=True)
class Mark:
    """The last record that was dealt with: its offset, and the digest of its bytes. Kept in `progress.digest` as `offset:digest`."""

    offset: int
    digest: str

    def __str__(self) -> str:
        return f"{self.offset}:{self.digest}"

    @classmethod
    def read(cls, text: str | None) -> Mark | None:
        """None for what is no mark."""
        offset, _, digest = (text or "").partition(":")
        return cls(int(offset), digest) if offset.isdigit() and digest else None


def mark_of(record: ConsumerRecord[bytes | None, bytes | None]) -> Mark:
    """By time, key and value: what a topic that is filled again from elsewhere does not share, unless it is a copy."""
    whole = blake2b(b"%d" % record.timestamp, digest_size=12)
    for part in (record.key, record.value):
        whole.update(b"\x00" if part is None else b"\x01%d:" % len(part) + part)
    return Mark(record.offset, whole.hexdigest())


@dataclass(frozen=True, slots=True)
class Known:
    """What Postgres holds of a partition.

    Attributes:
        position: the highest offset that any of the pipeline's numbers has reached.
        mark: of the last record that was dealt with, if there was one.
        topic_id: of the topic's present generation, if a broker ever told it.
    """

    position: int
    mark: Mark | None = None
    topic_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the broker says now. `mark`: of the record that lies at the known mark's offset; None if none does, or retention has removed it."""

    span: Span
    mark: Mark | None = None
    topic_id: str | None = None


def broken(known: Known, found: Found) -> str:
    """Why this is another log than the one that is known; empty if nothing says so."""
    if known.topic_id is not None and found.topic_id is not None and known.topic_id != found.topic_id:
        return "the topic has another id than the one that was read"
    if known.position > found.span.end:
        return f"progress is {known.position}, but the log ends at {found.span.end}"
    if known.mark is not None and found.mark is not None and known.mark != found.mark:
        return f"the record at offset {known.mark.offset} is not the one that was read there"
    return ""


def made_anew(breaks: Iterable[tuple[TopicPartition, str]]) -> InconsistentError:
    """What a consumer ends with. `breaks`: partitions and why, at least one."""
    told = sorted(breaks)
    tp, why = told[0]
    more = f" (and {len(told) - 1} more partitions)" if len(told) > 1 else ""
    topics = " ".join(sorted({tp.topic for tp, _ in told}))
    return InconsistentError(
        f"{tp.topic}/{tp.partition} is not the log that it was: {why}{more}",
        f"Nothing was read of it. If it was deleted and made anew on purpose, `nljctl new-generation {topics}` confirms that; if not, restore it.",
        code="topic-recreated",
    )
