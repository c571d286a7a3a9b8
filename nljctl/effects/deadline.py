"""A limit for every command on a connection: a server that has fallen silent, or a network that has swallowed it, is given up instead of waited for.

asyncpg waits for an answer as long as TCP does, which for a peer that accepts and says nothing is for ever; its own `command_timeout` then waits for the
answer to a cancel request that the same network swallows. So the connection is aborted, and the command fails as with any lost connection.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

COMMAND_SECONDS = 15.0
"""Longer than a batch of another member may keep a lock that this one waits for, as a rule; if not, the batch is simply written again."""

SERVER_SETTINGS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "idle_in_transaction_session_timeout": "60000",
}
"""What a session asks of the server: to notice within half a minute that its client is gone, so that the locks of a lost session are free again."""

_DEADLINE = "nljctl-deadline"


def limit_commands(engine: AsyncEngine, seconds: float = COMMAND_SECONDS) -> None:
    """Aborts a connection of this engine when one command, commit or rollback takes longer."""
    sync = engine.sync_engine

    def begin(connection: Any, *_: Any) -> None:
        if connection.invalidated:  # lost already: there is nothing to wait for, and asking for its driver would raise
            return
        end(connection)
        driver = connection.connection.driver_connection
        connection.info[_DEADLINE] = asyncio.get_running_loop().call_later(seconds, driver.terminate)

    def end(connection: Any, *_: Any) -> None:
        if not connection.invalidated:
            _cancel(connection.info)

    def failed(context: Any) -> None:
        if context.connection is not None:
            end(context.connection)

    def returned(_dbapi_connection: Any, record: Any) -> None:
        _cancel(record.info)

    event.listen(sync, "before_cursor_execute", begin)
    event.listen(sync, "after_cursor_execute", end)
    event.listen(sync, "handle_error", failed)
    event.listen(sync, "commit", begin)
    event.listen(sync, "rollback", begin)
    event.listen(sync.pool, "checkin", returned)


def _cancel(info: dict[Any, Any]) -> None:
    timer = info.pop(_DEADLINE, None)
    if timer is not None:
        timer.cancel()
