"""The faults as a table: how each begins, how it ends, and what `/health` of the consumer must name meanwhile."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bulk_proxy import LostAnswers, Rule, refuse, refuse_every_second_item, slow, transparent
from world import SERVICES, World

from nljctl.kafka.topics import dead_letters

Act = Callable[[World], None]
Values = Callable[[World, random.Random], Sequence[bytes | None]]

ELASTICSEARCH, DATABASE, KAFKA, FLOW = "elasticsearch", "database", "kafka", "faststream"
TOPIC = "xapi-events"

MEGABYTE = 1_000_000
IMMENSE = 40_000
"""Characters of an extension's key. Valid xAPI, and more than a term of Lucene holds."""


def nothing(_world: World) -> None:
    return None


def no_values(_world: World, _chance: random.Random) -> Sequence[bytes | None]:
    return ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One row.

    Attributes:
        names: the component of `/health` that must not be healthy while it lasts; None where nothing is away.
        word: what the reason there must contain.
        seconds, full_seconds: how long it lasts, in the short and in the long form.
        rate: records published a second, before, during and after.
        values: records that are sent, as they are, into the middle of it.
        ends: whether it is the consumer that ends.
        short: whether the short form has it.
    """

    name: str
    inject: Act
    heal: Act
    names: str | None = None
    word: str = ""
    seconds: float = 3.0
    full_seconds: float = 60.0
    rate: float = 300.0
    values: Values = no_values
    ends: bool = False
    short: bool = True


def _signal(component: str, number: int) -> Act:
    return lambda world: world.signal(SERVICES[component], number)


def _up(component: str) -> Act:
    return lambda world: world.restart(SERVICES[component])


def _answers(rule: Rule) -> Act:
    def act(world: World) -> None:
        world.bulks.rule = rule

    return act


def _block(name: str, value: bool | None) -> Act:
    return lambda world: world.index("PUT", "_settings", {f"index.blocks.{name}": value})


def _statement(chance: random.Random, **members: object) -> tuple[str, bytes]:
    id = str(UUID(int=chance.getrandbits(128), version=4))
    statement = {
        "id": id,
        "version": "1.0.3",
        "timestamp": "2026-03-01T09:00:00Z",
        "actor": {"mbox": "mailto:sam@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "http://nlj.platform/activities/brakes"},
        **members,
    }
    return id, json.dumps(statement).encode()


def _weighing(chance: random.Random, size: int) -> bytes:
    return _statement(chance, result={"response": "x" * size})[1]


def refused_by_elasticsearch(world: World, chance: random.Random) -> Sequence[bytes | None]:
    """Valid statements that Elasticsearch itself refuses, each between two that it takes."""
    values = []
    for _ in range(5):
        key = "http://nlj.platform/extensions/" + "k" * IMMENSE
        id, refused = _statement(chance, context={"extensions": {key: "value"}})
        world.refusable.add(id)
        values += [_statement(chance)[1], refused, _statement(chance)[1]]
    return values


def poison(_world: World, chance: random.Random) -> Sequence[bytes | None]:
    """What no consumer can store, each between two statements that it can; 9 MB pass, 11 MB do not."""
    bad = (
        None,
        b"",
        b"hello",
        b'{"a":"\xff\xfe"}',
        b'{"result":{"score":{"scaled":NaN}}}',
        b"[]",
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        _weighing(chance, 11 * MEGABYTE),
        _weighing(chance, 9 * MEGABYTE),
    )
    return [value for one in bad for value in (_statement(chance)[1], one, _statement(chance)[1])]


FAULTS: tuple[Fault, ...] = (
    Fault("es-stop", _signal(ELASTICSEARCH, signal.SIGSTOP), _signal(ELASTICSEARCH, signal.SIGCONT), ELASTICSEARCH, seconds=8, short=False),
    Fault("es-kill-9", _signal(ELASTICSEARCH, signal.SIGKILL), _up(ELASTICSEARCH), ELASTICSEARCH, seconds=2, full_seconds=30),
    Fault("es-429-half-items", _answers(refuse_every_second_item), _answers(transparent), ELASTICSEARCH, "429"),
    Fault("es-503", _answers(refuse(503)), _answers(transparent), ELASTICSEARCH, "503", short=False),
    Fault("es-slow-10s", _answers(slow(10.0)), _answers(transparent), ELASTICSEARCH, seconds=12, short=False),
    Fault(
        "es-half-open",
        lambda world: world.elasticsearch.fall_silent(),
        lambda world: world.elasticsearch.heal(forget=True),
        ELASTICSEARCH,
        seconds=8,
        short=False,
    ),
    Fault("es-answer-lost", lambda world: _answers(LostAnswers())(world), _answers(transparent), full_seconds=20, short=False),
    Fault("es-refused", lambda world: world.elasticsearch.refuse(), lambda world: world.elasticsearch.heal(), ELASTICSEARCH, short=False),
    Fault("mapping-refusal-mid-bulk", nothing, nothing, seconds=2, full_seconds=2, values=refused_by_elasticsearch),
    Fault("index-read-only-block", _block("write", True), _block("write", None), ELASTICSEARCH, "cluster_block_exception"),
    Fault(
        "index-disk-full", _block("read_only_allow_delete", True), _block("read_only_allow_delete", None), ELASTICSEARCH, "429", full_seconds=20, short=False
    ),
    Fault("index-closed", lambda world: world.index("POST", "_close"), lambda world: world.index("POST", "_open"), ELASTICSEARCH, "clos", short=False),
    Fault("postgres-kill-9", _signal(DATABASE, signal.SIGKILL), _up(DATABASE), DATABASE, seconds=2, full_seconds=30),
    Fault("postgres-half-open", lambda world: world.postgres.fall_silent(), lambda world: world.postgres.heal(forget=True), DATABASE, seconds=8),
    Fault("postgres-frozen", lambda world: world.postgres.fall_silent(), lambda world: world.postgres.heal(), DATABASE, short=False),
    Fault("kafka-stop", _signal(KAFKA, signal.SIGSTOP), _signal(KAFKA, signal.SIGCONT), KAFKA, short=False),
    Fault("kafka-kill-9-restart", _signal(KAFKA, signal.SIGKILL), _up(KAFKA), KAFKA, seconds=1, full_seconds=30),
    Fault(
        "dead-letter-topic-refusing",
        lambda world: world.dead_letters_take(1),
        lambda world: world.dead_letters_take(dead_letters(world.settings.dead_letter_topic).message_bytes),
        FLOW,
        "dead-letter topic",
    ),
    Fault("poison-between-good", nothing, nothing, seconds=2, full_seconds=2, values=poison),
    Fault(
        "sigterm-under-load",
        lambda world: world.end_member(),
        lambda world: world.start_member().until_ready(),
        rate=2_000,
        seconds=1,
        full_seconds=5,
        ends=True,
    ),
)

BY_NAME = {fault.name: fault for fault in FAULTS}
