"""The Kafka topics that catalogue events travel on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_PARTITIONS = 6
DEFAULT_RETENTION_DAYS = 90
"""As long as the longest that the platform's own scripts set: what the log no longer holds, nobody can compare or replay."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as `setup` creates it: cleanup policy delete."""

    name: str
    partitions: int = DEFAULT_PARTITIONS
    retention_days: int = DEFAULT_RETENTION_DAYS


_TOPICS = (
    Topic("nlj.training.programs", 3, 30),
    Topic("nlj.training.sessions", 6, 30),
    Topic("nlj.training.bookings", 12, 30),
    Topic("nlj.training.attendance", 6, 30),
    Topic("nlj.training.certificates", 3, 90),
    Topic("nlj.training.conflicts", 3, 30),
    Topic("nlj.content.generation", 6, 90),
    Topic("nlj.survey.responses", 8, 90),
    Topic("nlj.learning.activities"),
    Topic("xapi-events"),
    Topic("nlj.knowledge.extraction"),
    Topic("nlj.auto.tagging"),
    Topic("nlj.manual.tagging"),
    Topic("nlj.node.interactions"),
    Topic("nlj.workflow.submission"),
    Topic("nlj.workflow.approval"),
    Topic("nlj.workflow.rejection"),
    Topic("nlj.workflow.revision"),
    Topic("nlj.content.publication"),
)

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _TOPICS}

SUBSCRIBED: tuple[str, ...] = tuple(sorted(TOPICS))
"""What both pipelines subscribe to: every topic of a catalogue event."""
