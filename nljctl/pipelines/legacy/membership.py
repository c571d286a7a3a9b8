"""The legacy consumer's place in its group: which assignment it is, and that a rebalance waits for the record in hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection

from aiokafka import ConsumerRebalanceListener, TopicPartition

WAIT_SECONDS = 35.0
"""A little longer than one POST may take. Whoever takes over meanwhile is kept from counting twice by the progress rows."""


class Membership(ConsumerRebalanceListener):
    """`number` changes whenever partitions come or go. Work is done under `in_hand`.

    aiokafka runs these before it heartbeats again, and swallows what they raise: so they touch nothing but this object, and the
    consumer's own loop, while heartbeats go on, does what may take long or fail.
    """

    def __init__(self) -> None:
        self.number = 0
        self.settled = False
        self.in_hand = asyncio.Lock()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self.number += 1
        self.settled = False
        if revoked:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS), self.in_hand:
                    pass

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:  # noqa: ARG002  # the consumer reads its assignment when it comes to it
        self.number += 1
        self.settled = True
