"""Advisory locks, held to the end of a transaction: the plan's, and the striped ones of statements and rows."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.plan import Role

STRIPES = 1024
"""Keys share this many locks per role, so that a batch of any size stays below `max_locks_per_transaction`."""

_PLAN = 7301
_KEYS = {Role.LIVE: 7302, Role.SHADOW: 7303}


async def share_plan(connection: AsyncConnection) -> None:
    """Keeps the plan from being changed until this transaction ends. Read the plan in a later statement: a snapshot is older than its lock."""
    await connection.execute(text("SELECT pg_advisory_xact_lock_shared(:space, 0)"), {"space": _PLAN})


async def own_plan(connection: AsyncConnection, seconds: float) -> None:
    """Waits until no batch is under way, then keeps batches from starting until this transaction ends. Past `seconds` Postgres raises 55P03."""
    await connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": f"{int(seconds * 1000)}ms"})
    await connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _PLAN})
    await connection.execute(text("SELECT set_config('lock_timeout', '0', true)"))


async def lock_keys(connection: AsyncConnection, role: Role, keys: Iterable[str]) -> None:
    """Serialises all who touch one of `keys` (`statement:<id>`, `session:<id>`, …) in this role. Sorted, so that two batches cannot deadlock here."""
    stripes = sorted({_stripe(key) for key in keys})
    if stripes:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:space, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe"),
            {"space": _KEYS[role], "stripes": stripes},
        )


def _stripe(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % STRIPES
