"""Waits until every pipeline has reached the log's present end (`compare-legacy --wait`)."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.errors import TimedOutError
from nljctl.migration.cut import behind
from nljctl.migration.gather import Progress, read_positions, read_spans
from nljctl.settings import Settings

EVERY_SECONDS = 0.5


async def wait_for_both(settings: Settings, engine: AsyncEngine, seconds: float, progress: Progress) -> None:
    """Waits for the pipelines that have read anything, and for faststream to have.

    Raises:
        TimedOutError: one of them is still behind.
    """
    spans, _ = await read_spans(settings, SUBSCRIBED)
    ends = {tp: span.end for tp, span in spans.items()}
    deadline = time.monotonic() + seconds
    while True:
        lacking = behind((await read_positions(engine)).live, ends)
        if "faststream" in lacking and not any(lacking.values()):
            return
        state = ", ".join(f"{side} {count:,} records behind" for side, count in sorted(lacking.items())) or "no pipeline has read anything"
        progress(f"waiting: {state}")
        if time.monotonic() > deadline:
            raise TimedOutError(
                f"after {seconds:g} s: {state}", "Is every consumer running (`nljctl status`)? Wait longer, or compare what both have passed without --wait."
            )
        await asyncio.sleep(EVERY_SECONDS)
