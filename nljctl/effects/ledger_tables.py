"""nljctl's own tables, in schema `nljctl`, beside the rows that they protect (what each is for: docs/ownership.md)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Float, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

SCHEMA = "nljctl"
metadata = MetaData(schema=SCHEMA)


def _now() -> Column[object]:
    return Column("at", DateTime(timezone=True), nullable=False, server_default=func.now())


epoch = Table(
    "epoch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("share", SmallInteger, nullable=False),
    Column("salt", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _now(),
    Column("evidence", Text),
    comment="Decisions about who owns which effects. kind: initial, shift, cutover, rollback.",
)

fence = Table(
    "fence",
    metadata,
    Column("epoch", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    comment="The first offset that an epoch rules, per partition; absent, or of an earlier generation of the topic, means 0.",
)

topic_generation = Table(
    "topic_generation",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("topic_id", Text),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _now(),
    comment="How often a topic was made anew under its name. 0: the one that was read first. topic_id: the brokers' own, where they tell it.",
)

progress = Table(
    "progress",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("statements_next", BigInteger, nullable=False),
    Column("effects_next", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("digest", Text),
    _now(),
    comment="Where a pipeline stands. role: live, shadow. The two numbers move apart while effects wait for a barrier. digest: of the last record.",
)

applied = Table(
    "applied",
    metadata,
    Column("role", Text, primary_key=True),
    Column("statement_id", UUID(as_uuid=False), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("pipeline", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("sqlstate", Text),
    Column("detail", Text),
    Column("generation", Integer, nullable=False, server_default="0"),
    _now(),
    comment="Each effect once. result: applied, refused (with its SQLSTATE).",
)

parked = Table(
    "parked",
    metadata,
    Column("role", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False, server_default="0"),
    Column("pipeline", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("statement_id", UUID(as_uuid=False), nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("waits_for", Text, nullable=False, index=True),
    _now(),
    comment="Events whose parent row has not come yet. waits_for: the parent's key, such as session:<uuid>.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text),
    Column("statement", LargeBinary, nullable=False),
    _now(),
    Column("published_at", DateTime(timezone=True)),
    Index("outbox_due", "at", "id", postgresql_where=text("published_at IS NULL")),
    comment="Events that effects cause, published after the commit.",
)

outcome = Table(
    "outcome",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("rule", Text, nullable=False, server_default=""),
    Column("pointer", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("statement_id", Text),
    _now(),
    comment="What became of a record that was not plainly stored. kind: duplicate, conflict, dead_lettered, filtered, refused, failed, unreadable.",
)

backfill = Table(
    "backfill",
    metadata,
    Column("index", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("from", BigInteger, primary_key=True),
    Column("to", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    _now(),
    comment="A range of the log that a store still lacks, and the offset up to which it has been filled.",
)

reads = Table(
    "reads",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("index", Text, nullable=False),
    Column("when", Text, nullable=False),
    _now(),
    Column("moved_at", DateTime(timezone=True)),
    comment="Where analytics are to read since a rollback. when: auto (once the index is full), now. moved_at: when they were seen to read there.",
)

sending = Table(
    "sending",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("end", BigInteger, nullable=False),
    _now(),
    comment="What the legacy consumer has in hand: offsets from its position to `end` that it may have sent to the LRS since `at`, and not noted.",
)

stats = Table(
    "stats",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    comment="faststream's validation totals, moved with progress so that a record counts once. kind: verdict, rule, repair, outcome.",
)

comparison = Table(
    "comparison",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    _now(),
    Column("verdict", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("summary", JSONB, nullable=False),
    comment="Past comparisons and where their evidence lies.",
)

stack = Table(
    "stack",
    metadata,
    Column("runtime", Text, primary_key=True),
    Column("location", Text, nullable=False),
    _now(),
    comment="The runtime that this platform was started with; a command through another one is refused.",
)
