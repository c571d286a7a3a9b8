"""Waits for a service that is away: the same call again with backoff, until it answers or the consumer is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

from nljctl.backoff import Backoff
from nljctl.effects import database
from nljctl.errors import UnreachableError
from nljctl.pipelines.pressure import Pressure

T = TypeVar("T")

POSTGRES = "Postgres"
KAFKA = "Kafka"

_TEMPORARY = ("08", "53", "57")
"""SQLSTATE classes that pass by themselves: connection, resources, operator intervention."""


async def until_it_answers(call: Callable[[], Awaitable[T]], pressure: Pressure, stop: asyncio.Event) -> T | None:
    """The call's result; None if the consumer was told to stop while Postgres (or Kafka, where the call asks it) was away."""
    backoff = Backoff()
    while True:
        try:
            result = await call()
        except (*database.Unavailable, DBAPIError, KafkaError) as problem:
            pause = away(problem)
            if pause is None:
                raise
            pressure.began(*pause)
        else:
            pressure.over(POSTGRES)
            if KAFKA in pressure.pauses:
                pressure.over(KAFKA)
            return result
        stopping, resting = asyncio.create_task(stop.wait()), asyncio.create_task(pressure.rest(pause[0], backoff.next()))
        try:
            await asyncio.wait((stopping, resting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            resting.cancel()
        if stop.is_set():
            return None


async def patiently(call: Callable[[], Awaitable[T]], pressure: Pressure) -> T:
    """As `until_it_answers`, for those who are cancelled rather than told to stop."""
    result = await until_it_answers(call, pressure, asyncio.Event())
    if result is None:
        raise AssertionError("nobody can set an event that nobody else has")
    return result


def away(problem: BaseException) -> tuple[str, str] | None:
    """Which service is away and how that shows; None for what waiting cannot mend."""
    if isinstance(problem, KafkaError | UnreachableError):
        return KAFKA, type(problem).__name__
    if isinstance(problem, DBAPIError):
        state = getattr(problem.orig, "sqlstate", None) or ""
        temporary = isinstance(problem, database.Unavailable) or problem.connection_invalidated or state.startswith(_TEMPORARY)
        return (POSTGRES, state or type(problem.orig).__name__) if temporary else None
    return (POSTGRES, type(problem).__name__) if isinstance(problem, database.Unavailable) else None
