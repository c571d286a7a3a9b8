"""`nljctl stats`: faststream's validation totals since the beginning, from Postgres, and its live rates, from the consumer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import httpx
from sqlalchemy import select

from nljctl.effects import database
from nljctl.effects.ledger_tables import outcome, stats
from nljctl.effects.plan import Pipeline
from nljctl.judgement import Verdict
from nljctl.settings import Settings
from nljctl.tls import public_authorities

RECENT = 10
ASK_SECONDS = 3.0

Row = tuple[str, str, str, int]
"""topic, kind, name, count."""


async def statistics(settings: Settings, topic: str | None = None) -> dict[str, Any]:
    """The document of `nljctl stats`; each record counted once, over restarts, replicas and redelivery.

    Raises:
        UnreachableError: Postgres does not answer.
    """
    counts = select(stats.c.topic, stats.c.kind, stats.c.name, stats.c.count.label("records"))
    c = outcome.c
    errors = select(outcome).where(c.pipeline == Pipeline.FASTSTREAM, c.kind == "dead_lettered").order_by(c.at.desc(), c.topic, c.partition, c.offset.desc())
    if topic is not None:
        counts, errors = counts.where(stats.c.topic == topic), errors.where(c.topic == topic)
    async with database.engine(settings) as engine, engine.connect() as connection:
        rows: list[Row] = [(row.topic, row.kind, row.name, row.records) for row in await connection.execute(counts)]
        recent = [
            {
                "topic": row.topic,
                "partition": row.partition,
                "offset": row.offset,
                "reason": row.reason,
                "rule": row.rule,
                "pointer": row.pointer,
                "message": row.detail,
                "statement_id": row.statement_id,
                "at": row.at.isoformat(timespec="milliseconds"),
            }
            for row in await connection.execute(errors.limit(RECENT))
        ]
    return {**summarise(rows), "recent_errors": recent, "live": await live(settings)}


def summarise(rows: Iterable[Row]) -> dict[str, Any]:
    """Totals from counters by topic, kind and name. Pure."""
    verdicts: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {"rule": Counter(), "repair": Counter(), "outcome": Counter()}
    topics: dict[str, Counter[str]] = defaultdict(Counter)
    for topic, kind, name, count in rows:
        if kind == "verdict":
            verdicts[name] += count
            topics[topic][name] += count
        else:
            by[kind][name] += count
    return {
        **_totals(verdicts),
        "by_rule": dict(by["rule"].most_common()),
        "by_repair": dict(by["repair"].most_common()),
        "by_outcome": dict(by["outcome"].most_common()),
        "by_topic": {topic: _totals(topics[topic]) for topic in sorted(topics)},
    }


def _totals(verdicts: Counter[str]) -> dict[str, Any]:
    total, failed = verdicts.total(), verdicts[Verdict.REJECTED]
    return {
        "total_validations": total,
        "successful_validations": total - failed,
        "repaired_validations": verdicts[Verdict.REPAIRED],
        "failed_validations": failed,
        "success_rate": round(100.0 * (total - failed) / total, 2) if total else 100.0,
    }


async def live(settings: Settings) -> dict[str, Any]:
    """What the running consumer says of the last minute, and what it waits for, by target; nulls where none can be asked."""
    answer = await ask(settings.faststream_url, "/stats") or {}
    rates = answer.get("live") or {}
    return {"per_second": rates.get("per_second"), "last_minute": rates.get("last_minute"), "paused": answer.get("paused")}


async def ask(url: str | None, path: str) -> dict[str, Any] | None:
    """A consumer's own answer, whatever its status; None if there is no address or nobody answers."""
    if url is None:
        return None
    try:
        async with httpx.AsyncClient(timeout=ASK_SECONDS, verify=public_authorities()) as client:
            answer = (await client.get(url.rstrip("/") + path)).json()
    except (httpx.HTTPError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
