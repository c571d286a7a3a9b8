"""What is known of each source when it answers. Values only: checks are functions of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.kafka.offsets import Span


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called, and where they are: for checks, and for the commands that mend them."""

    kafka: str
    elasticsearch: str
    index: str
    legacy_index: str
    dead_letter_topic: str
    groups: Mapping[Pipeline, str]
    client_ids: Mapping[Pipeline, frozenset[str]]
    """What nljctl's own consumers call themselves."""
    kafka_secured: bool = False
    elasticsearch_key: bool = False
    elasticsearch_password: bool = False
    elasticsearch_ca: bool = False


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings that security and consistency hang on, secrets among them. `origins` by setting name."""

    origins: Mapping[str, str]
    kafka: str
    kafka_protocol: str
    database: str
    elasticsearch: str
    ralph: str | None = None
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """Those of Elasticsearch's and Ralph's users, by variable; None where there is no such user."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How far another clock is ahead of ours, in seconds; `uncertainty` is half the time that asking took."""

    ahead: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Partition:
    leader: int
    replicas: int
    in_sync: int


@dataclass(frozen=True, slots=True)
class Topic:
    partitions: Sequence[Partition]
    config: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int | None:
        """A numeric setting; None where the broker does not tell it."""
        value = self.config.get(name, "")
        return int(value) if value.lstrip("-").isdecimal() else None


_UUID = len("-00000000-0000-0000-0000-000000000000")


@dataclass(frozen=True, slots=True)
class Member:
    """`id` is the broker's own: a static member's begins with its `group.instance.id`, any other's with its client id (KIP-345)."""

    client_id: str
    host: str
    id: str = ""

    @property
    def static(self) -> str | None:
        """The static id that it joined with."""
        name = self.id[:-_UUID] if len(self.id) > _UUID else ""
        return name if name and name != self.client_id else None


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group: who is in it now, who was a second before, and whether it has committed offsets."""

    members: Sequence[Member] = ()
    committed: bool = False
    before: Sequence[Member] = ()


@dataclass(frozen=True, slots=True)
class KafkaFacts:
    """`api_versions`: the highest version of each request that every broker takes, by key.

    `half`, `most`: per partition, the first offset that is younger than 50 % and 90 % of its topic's retention (its end if none is).
    `future`: topics that hold records stamped more than a minute from now.
    """

    brokers: int
    api_versions: Mapping[int, int]
    topics: Mapping[str, Topic]
    offsets_retention_minutes: int | None
    groups: Mapping[Pipeline, Group]
    spans: Mapping[TopicPartition, Span]
    half: Mapping[TopicPartition, int] = field(default_factory=dict)
    most: Mapping[TopicPartition, int] = field(default_factory=dict)
    future: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`idle`: seconds since a pipeline's position last moved. `processing`: seconds since each session began that is still in processing.

    `connections`: those that clients other than nljctl hold.
    """

    version: int
    clock: Clock
    max_connections: int
    connections: int
    missing: Sequence[str] = ()
    plan: Sequence[Epoch] = ()
    positions: Mapping[Pipeline, Mapping[TopicPartition, Position]] = field(default_factory=dict)
    idle: Mapping[Pipeline, float] = field(default_factory=dict)
    backfill: bool = False
    processing: Sequence[float] = ()
    parked: Sequence[float] = ()
    """Seconds that each event has waited for its parent, for at most the thousand oldest."""


@dataclass(frozen=True, slots=True)
class Disk:
    """One node's disk, in bytes."""

    node: str
    total: int
    available: int


@dataclass(frozen=True, slots=True)
class ElasticsearchFacts:
    """`settings` and `searches` by index, `aliases` by alias; settings are flat. `searches`: how many each index got while it was watched for a second."""

    version: str
    client: str
    health: str
    nodes: int
    clock: Clock
    cluster: Mapping[str, str]
    settings: Mapping[str, Mapping[str, str]]
    mapping: Mapping[str, Any] | None
    template: bool
    aliases: Mapping[str, Sequence[str]]
    disks: Sequence[Disk] = ()
    searches: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RalphFacts:
    status: int
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """What runs of the stack that this machine started: state by service, and those that should run."""

    states: Mapping[str, str]
    wanted: frozenset[str]
