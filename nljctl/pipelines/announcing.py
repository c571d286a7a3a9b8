"""Publishes what effects have announced, whichever pipeline's they are: both consumers do, side by side (effects/outbox.py)."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.outbox import keep_publishing, publish_due
from nljctl.pipelines.patience import until_it_answers
from nljctl.pipelines.pressure import Pressure


async def announce(engine: AsyncEngine, producer: AIOKafkaProducer, pressure: Pressure, stop: asyncio.Event) -> None:
    """Until told to stop. Postgres or Kafka being away is waited for, and shows as any other pause."""

    async def publish() -> int | None:
        return await until_it_answers(lambda: publish_due(engine, producer), pressure, stop)

    await keep_publishing(publish, stop)
