"""A platform in good health as facts, one kind each, with whatever a test changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition

from nljctl.catalogue.topics import TOPICS
from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.kafka.offsets import Span
from nljctl.kafka.topics import DAY_MS, MESSAGE_BYTES, dead_letters
from nljctl.migration.doctor.facts import (
    Clock,
    Configured,
    DatabaseFacts,
    ElasticsearchFacts,
    Group,
    KafkaFacts,
    Member,
    Names,
    Partition,
    RalphFacts,
    RuntimeFacts,
    Topic,
)
from nljctl.migration.doctor.finding import Known
from nljctl.migration.doctor.versions import API_NEEDED
from nljctl.migration.states import State
from nljctl.stack.names import FASTSTREAM, LEGACY
from nljctl.store.index import ALIAS, STATEMENT

DEAD = "nlj.errors.statements"
BOOKINGS = "nlj.training.bookings"
TP = TopicPartition(BOOKINGS, 0)
NAMES = Names(
    kafka="127.0.0.1:9092",
    elasticsearch="http://127.0.0.1:9200",
    index="xapi-statements",
    legacy_index="statements",
    dead_letter_topic=DEAD,
    groups={Pipeline.FASTSTREAM: "fast-group", Pipeline.LEGACY: "legacy-group"},
    client_ids={Pipeline.FASTSTREAM: frozenset({FASTSTREAM}), Pipeline.LEGACY: frozenset({"nljctl", LEGACY})},
)
OURS = {Pipeline.FASTSTREAM: Group((Member(FASTSTREAM, "127.0.0.1"),), True), Pipeline.LEGACY: Group((Member("nljctl", "127.0.0.1"),), True)}
STRANGER = Group((Member("aiokafka-0.9", "10.0.0.7"),), True)
EMPTY = Group((), True)


def topic(*, brokers: int = 1, copies: int = 1, **config: object) -> Topic:
    settings = {"retention.ms": 30 * DAY_MS, "max.message.bytes": MESSAGE_BYTES, "cleanup.policy": "delete", "min.insync.replicas": 1}
    named = {name.replace("_", "."): value for name, value in config.items()}
    return Topic([Partition(0, copies, copies)], {name: str(value) for name, value in {**settings, **named}.items()})


def kafka(*, topics: dict[str, Topic | None] | None = None, every: Topic | None = None, **changes: Any) -> KafkaFacts:
    """`topics` replaces some, None removes one; `every` replaces all."""
    spec = dead_letters(DEAD)
    held: dict[str, Topic | None] = dict.fromkeys(TOPICS, every or topic())
    held[DEAD] = every or topic(retention_ms=spec.retention_days * DAY_MS, max_message_bytes=spec.message_bytes)
    held |= topics or {}
    facts = KafkaFacts(
        brokers=1,
        api_versions={key: least for key, (_, least) in API_NEEDED.items()},
        topics={name: found for name, found in held.items() if found is not None},
        offsets_retention_minutes=10_080,
        groups=OURS,
        spans={TP: Span(100, 200)},
        half={TP: 120},
        most={TP: 110},
    )
    return replace(facts, **changes)


def static(name: str, number: int) -> Member:
    """A static member as the broker names it after it joined."""
    return Member(FASTSTREAM, "127.0.0.1", f"{name}-00000000-0000-0000-0000-{number:012}")


def plan(state: State = State.SHIFTING, share: int = 10) -> list[Epoch]:
    return [Epoch(1, share, "1", "initial", state.value, {})]


def at(offset: int, pipeline: Pipeline = Pipeline.FASTSTREAM) -> dict[Pipeline, dict[TopicPartition, Position]]:
    """A pipeline's only position."""
    return {pipeline: {TP: Position(offset, offset)}}


def database(**changes: Any) -> DatabaseFacts:
    facts = DatabaseFacts(version=150_004, clock=Clock(0.0, 0.01), max_connections=100, connections=10, plan=plan(), positions=at(190))
    return replace(facts, **changes)


def elasticsearch(**changes: Any) -> ElasticsearchFacts:
    facts = ElasticsearchFacts(
        version="8.19.1",
        client="8.19.3",
        health="green",
        nodes=1,
        clock=Clock(0.0, 0.01),
        cluster={},
        settings={
            "xapi-statements": {"index.number_of_replicas": "0", "index.mapping.total_fields.limit": "500"},
            "statements": {"index.number_of_replicas": "0"},
        },
        mapping=STATEMENT,
        template=True,
        aliases={ALIAS: ["statements"]},
        searches={"xapi-statements": 0, "statements": 3},
    )
    return replace(facts, **changes)


def configured(**changes: Any) -> Configured:
    facts = Configured(
        origins=dict.fromkeys(("kafka", "database", "elasticsearch"), "environment"),
        kafka="127.0.0.1:9092",
        kafka_protocol="PLAINTEXT",
        database="postgresql://nlj_user@127.0.0.1:5432/nlj_platform",
        elasticsearch="http://[::1]:9200",
    )
    return replace(facts, **changes)


def runtime(**states: str) -> RuntimeFacts:
    names = {"faststream": FASTSTREAM, "legacy": LEGACY}
    return RuntimeFacts({"redpanda": "running", FASTSTREAM: "running", **{names[name]: state for name, state in states.items()}}, frozenset())


def healthy() -> Known:
    """Everything that a doctor may know, and nothing wrong with it."""
    return {
        Names: NAMES,
        Configured: configured(),
        KafkaFacts: kafka(),
        DatabaseFacts: database(),
        ElasticsearchFacts: elasticsearch(),
        RalphFacts: RalphFacts(200, Clock(0.0, 0.6)),
        RuntimeFacts: runtime(legacy="running"),
    }
