"""Validation totals: rows of `stats`, moved in the same transaction as progress, so that a record counts once whatever happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.batch import Entry
from nljctl.effects.ledger_tables import stats
from nljctl.judgement import Verdict


def tally(entries: Iterable[Entry]) -> Counter[tuple[str, int, str, str]]:
    """Counts by (topic, partition, kind, name). Pure. A rejected record counts under its first rule, as its dead letter does."""
    counts: Counter[tuple[str, int, str, str]] = Counter()
    for entry in entries:
        where = (entry.tp.topic, entry.tp.partition)
        judgement = entry.judgement
        counts[*where, "verdict", judgement.verdict.value] += 1
        counts[*where, "outcome", entry.outcome.kind if entry.outcome else "stored"] += 1
        for repair in judgement.repairs:
            counts[*where, "repair", repair] += 1
        if judgement.verdict is Verdict.REJECTED and judgement.errors:
            counts[*where, "rule", judgement.errors[0].rule] += 1
    return counts


async def add(connection: AsyncConnection, counts: Counter[tuple[str, int, str, str]]) -> None:
    """Adds counts to the totals."""
    if not counts:
        return
    rows = [{"topic": key[0], "partition": key[1], "kind": key[2], "name": key[3], "count": count} for key, count in sorted(counts.items())]
    statement = insert(stats)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["topic", "partition", "kind", "name"], set_={"count": stats.c.count + statement.excluded.count}), rows
    )
