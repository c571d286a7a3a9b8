"""Where analytics are to read after a rollback, and whether they do: rows of `reads`.

Elasticsearch may be away when it is decided; whoever finds it back moves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.ledger_tables import backfill, epoch, reads

When = Literal["auto", "now"]
"""auto: once the index lacks no range of the log. now: whatever it lacks."""


@dataclass(frozen=True, slots=True)
class Due:
    """A move of the reads that was decided and not seen done. `filling`: the index lacks ranges, and it is to be waited for them."""

    epoch: int
    index: str
    filling: bool


async def ask(connection: AsyncConnection, number: int, index: str, when: When) -> None:
    """Notes what an epoch decided. Asked again, `now` overrules `auto`, never the other way round; what was done stays done."""
    statement = insert(reads).values(epoch=number, index=index, when=when)
    await connection.execute(statement.on_conflict_do_update(index_elements=["epoch"], set_={"when": when}, where=reads.c.when == "auto"))


async def due(connection: AsyncConnection) -> Due | None:
    """What is still to be done; None if nothing is, or if a later cutover has decided otherwise."""
    c, e, b = reads.c, epoch.c, backfill.c
    overruled = select(e.number).where(e.number > c.epoch, e.kind == "cutover").exists()
    lacking = select(b.to).where(b.index == c.index, b.done < b.to).exists()
    wanted = select(c.epoch, c.index.label("target"), (lacking & (c.when == "auto")).label("filling")).where(c.moved_at.is_(None), ~overruled)
    row = (await connection.execute(wanted.order_by(c.epoch.desc()).limit(1))).first()
    return None if row is None else Due(row.epoch, row.target, row.filling)


async def note_moved(connection: AsyncConnection, number: int) -> None:
    """The reads are where an epoch, or one before it, wanted them."""
    await connection.execute(reads.update().where(reads.c.epoch <= number, reads.c.moved_at.is_(None)).values(moved_at=func.now()))
