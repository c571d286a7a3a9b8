"""The order barrier that a fence is: which effects must wait for the other pipeline. Pure (docs/ownership.md, "Changing the plan").

A fence is closed until the other pipeline's live `effects_next` has reached it. Effects at or beyond a closed fence wait if their aggregate was the
other's before: so each aggregate's effects happen in the log's order, and those whose owner stays the same are not kept waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch, Pipeline, owner
from nljctl.kafka.offsets import Span


def barrier(plan: Sequence[Epoch], tp: TopicPartition, other_effects_next: int) -> int | None:
    """The lowest closed fence: from there on effects may have to wait. None if all fences are open."""
    closed = [epoch.fence(tp) for epoch in plan if other_effects_next < epoch.fence(tp)]
    return min(closed, default=None)


def waits(plan: Sequence[Epoch], tp: TopicPartition, offset: int, aggregate: str, pipeline: Pipeline, other_effects_next: int) -> bool:
    """Whether `pipeline`, to which this record belongs now, must let the other one come to a fence first.

    It must if the aggregate was the other's at any time between the last open fence and the present epoch.
    """
    begun = [epoch for epoch in plan if offset >= epoch.fence(tp)]
    still_open = sum(other_effects_next >= epoch.fence(tp) for epoch in begun)
    if still_open == len(begun) or owner(begun, tp, offset, aggregate) is not pipeline:
        return False
    return any(owner(begun[:number], tp, offset, aggregate) is pipeline.other for number in range(still_open, len(begun)))


def narrowed(closed: int, claim: Span, position: Position, waiting: Iterable[int]) -> int | None:
    """The offset from which a claim's effects must wait; None if none of them must.

    Args:
        closed: the lowest closed fence.
        waiting: offsets of the claim's records that must wait, ascending.

    A claim whose effects do not follow the position is not looked into: what is before it waits already, and it stays behind that.
    """
    if not len(claim) or position.effects_next < claim.begin:
        return closed
    return next((offset for offset in waiting if offset >= max(closed, position.effects_next)), None)
