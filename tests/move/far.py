"""Rollback with a day's records between the cutover and the decision: how long until legacy applies its first new effect."""

from __future__ import annotations

import time

from moving import done
from stage import Stage

from nljctl.stack.names import LEGACY

MOST_SECONDS = 15.0
EFFECTS_AT_RATE = 100.0
HARMLESS = "learning.experienced"


def run_far(stage: Stage, records: int) -> list[str]:
    """Publishes, lets faststream read it, rolls back while events with effects keep coming; gives what was wrong."""
    stage.done("cutover", "--force")
    began = time.monotonic()
    done(stage.stack.run("publish-test", "--event", HARMLESS, "--count", str(records), "--seed", str(stage.chance.randrange(2**31)), "--json"))
    stage.say(f"{records:,} records published in {time.monotonic() - began:.0f} s")
    stage.faststream_near(1_000)
    stage.figures["read by faststream s"] = round(time.monotonic() - began)
    with stage.load(EFFECTS_AT_RATE):
        stage.rest(5)
        decided = time.monotonic()
        report = stage.done("rollback")
        stage.figures["rollback s"] = round(time.monotonic() - decided, 1)
    seconds = report["seconds_to_first_effect"]
    left = sum(row["to"] - row["done"] for row in report["backfill"])
    stage.figures |= {"records between": records, "s to legacy's first new effect": seconds, "left to the backfill": left}
    wrong = [] if seconds is not None and seconds <= MOST_SECONDS else [f"legacy's first new effect after {seconds} s, not {MOST_SECONDS:g}"]
    wrong += [] if LEGACY in report["verified"]["running"] else [f"{LEGACY} does not run"]
    wrong += [] if left >= records else [f"only {left} offsets were left to the backfill: so far between were they not"]
    return wrong
