"""The whole move under load, with kills at random steps, every kind of rollback, and the proof at the end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from stage import Stage
from truth import wrong_rows

from nljctl.stack.names import ELASTICSEARCH, FASTSTREAM, LEGACY

SLOW, FAST = 100.0, 1_000.0
"""Records a second: while legacy runs, whose LRS takes 200; after a cutover."""

CALM = ("--gate", "lag<=100000", "--gate", "dead_letters<=50", "--gate", "health<=unhealthy")
"""Gates of a platform that is being broken on purpose; the comparison stays one."""

SHIFT_WORDS = ("1 %: gates", "1 %: fence", "10 %: gates", "10 %: fence", "50 %: fence", "50 %: passed")
CUTOVER_WORDS = ("gates:", "epoch:", "fences:", "reads:", "stop legacy:")
ROLLBACK_WORDS = ("epoch:", "stop faststream:", "settle:", "positions:", "start legacy:")


def run_load(stage: Stage, minutes: float) -> list[str]:
    """The story, `minutes` under load; gives what was found wrong in the end."""
    phase = minutes * 60 / 10
    pick = stage.chance.choice
    stage.start_second()
    with stage.load(SLOW):
        stage.rest(phase)
        shift = ("shift", "--steps", "1,10,50,100", *CALM)
        stage.done(*shift, killed_at=pick(SHIFT_WORDS))
        stage.kill_service(LEGACY)
        stage.stack.up()
        stage.kill_second()
        stage.start_second()
        stage.rest(phase)
        stage.legacy_near(2_000)
        stage.done("cutover", *CALM, killed_at=pick(CUTOVER_WORDS))
    with stage.load(FAST):
        stage.rest(2 * phase)
        _rollback(stage, "with faststream alive")
    with stage.load(SLOW):
        stage.rest(phase)
        stage.filled()
        _cutover(stage)
    with stage.load(FAST):
        stage.rest(phase)
        stage.kill_service(FASTSTREAM)
        stage.kill_second()
        _rollback(stage, "after kill -9 of faststream", killed_at=pick(ROLLBACK_WORDS))
    with stage.load(SLOW):
        stage.rest(phase / 2)
        stage.filled()
        _cutover(stage)
    with stage.load(FAST):
        stage.rest(phase / 2)
        stage.kill_service(ELASTICSEARCH)
        report = _rollback(stage, "with Elasticsearch down")
        assert {step["step"]: step["status"] for step in report["plan"]}["reads"] == "waiting"
        stage.stack.up()
    with stage.load(SLOW):
        stage.rest(phase / 2)
        again = _rollback(stage, "again")
        assert again["fences"] == report["fences"]
        stage.filled()
        stage.rest(phase / 2)
    stage.figures["under load s"] = round(time.monotonic() - stage.began)
    return _prove(stage)


def _cutover(stage: Stage) -> None:
    """faststream is started by the command itself; the comparison is left to the end."""
    stage.legacy_near(5_000)
    stage.stack.up("faststream")
    stage.start_second()
    stage.faststream_near(5_000)
    stage.done("cutover", *CALM, "--force")


def _rollback(stage: Stage, how: str, killed_at: str | None = None) -> dict[str, Any]:
    began = time.monotonic()
    report = stage.done("rollback", killed_at=killed_at)
    assert FASTSTREAM not in report["verified"]["running"]
    assert LEGACY in report["verified"]["running"]
    stage.figures[f"rollback {how}: s"] = round(time.monotonic() - began, 1)
    stage.figures[f"rollback {how}: s to the first effect"] = report["seconds_to_first_effect"]
    return report


def _prove(stage: Stage) -> list[str]:
    """Nothing is published any more: both read to the end, then rows and indices are held against the log."""
    stage.stack.up("faststream", "analytics")
    stage.start_second()
    stage.until("everything is read", lambda found: found["lag"] == {"faststream": 0, "legacy": 0} and not found["backfill"])
    stage.rest(3)
    compared = stage.stack.run("compare-legacy", "--no-analytics", "--json")
    document = compared.document
    ledger, effects = document["ledger"], document["effects"]
    wrong = [] if document["verdict"] in ("same", "explained") else [f"compare-legacy: {document['verdict']}: {document['differences'][:5]}"]
    wrong += [f"{side} {kind}: {ledger[side][kind]}" for side, kind in (("faststream", "missing"), ("legacy", "unexplained")) if ledger[side][kind]]
    wrong += [f"{table}: {rows}" for table, rows in effects.items() if rows["differs"] + rows["only_legacy"] + rows["only_faststream"]]
    status = stage.status()
    wrong += [f"parked for ever: {status['parked']}"] if status["parked"] else []
    stage.say("one pipeline reads the log once")
    wrong += asyncio.run(wrong_rows(stage.stack.settings))
    stage.figures |= {
        "records": document["log"]["records"],
        "effects compared": sum(sum(rows.values()) for rows in effects.values()),
        "verdict": document["verdict"],
        "legacy failed": ledger["legacy"]["failed"],
        "kills": len(stage.kills),
    }
    return wrong
