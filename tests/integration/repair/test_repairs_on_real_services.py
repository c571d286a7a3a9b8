"""`nljctl repair` on real services: what a comparison found lacking is written again, and a new comparison finds it there."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import RecordsToDelete
from platform_of_both import Platform, copy_of
from stacks import Answer

from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import partitions, spans

OTHER = {"verb": {"id": "http://adlnet.gov/expapi/verbs/changed-by-hand"}}


def repair(platform: Platform, side: str, source: str = "log", *more: str) -> Answer:
    return platform.stack.run("repair", "--side", side, "--from", source, *(more or ("--yes",)), "--json")


def truncate(platform: Platform, topic: str) -> None:
    """Takes the beginning from the log, as retention does: all that is in a topic now."""

    async def delete() -> None:
        async with admin(platform.stack.settings) as client, consumer(platform.stack.settings) as reader:
            ends = {tp: span.end for tp, span in (await spans(reader, await partitions(client, [topic]))).items() if span.end}
            await client.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items()})

    asyncio.run(delete())


@pytest.mark.parametrize("side", ["faststream", "legacy"])
def test_what_was_deleted_or_altered_is_written_again_and_a_new_comparison_finds_it(platform: Platform, side: str) -> None:
    documents = platform.documents(side)
    deleted, altered = sorted(documents)[:4], sorted(documents)[4:6]
    changes: dict[str, dict[str, Any] | None] = {**dict.fromkeys(deleted), **{id: copy_of(documents[id], **OTHER) for id in altered}}
    with platform.changed(side, changes):
        assert platform.statements().code == 1
        planned = repair(platform, side, "log", "--dry-run").document
        assert {(item["id"], item["action"]) for item in planned["plan"]} == {(id, "create") for id in deleted} | {(id, "overwrite") for id in altered}
        assert all(item["before"] != item["after"] for item in planned["plan"])
        assert (planned["repaired"], planned["still_missing"]) == (0, 6)
        assert set(platform.documents(side)) == set(documents) - set(deleted)

        answer = repair(platform, side)
        assert answer.code == 0, answer.stdout + answer.stderr
        assert (answer.document["repaired"], answer.document["still_missing"]) == (6, 0)
        assert answer.document["comparison"]["verdict"] in ("same", "explained")
        again = repair(platform, side, "log", "--evidence", planned["evidence"], "--yes").document
        assert (again["repaired"], again["still_missing"]) == (0, 0)
        assert {item["status"] for item in again["plan"]} == {"already"}


KILLED_AFTER_A_PIECE = """
import asyncio, os, signal
from nljctl import settings
from nljctl.migration.repair import need, repair

need.PIECE = 2

def progress(words):
    if words.startswith("repaired"):
        os.kill(os.getpid(), signal.SIGKILL)

loaded, asked = settings.load(), repair.RepairOptions("faststream", "log")
planned = asyncio.run(repair.plan_repair(loaded, asked))
asyncio.run(repair.repair(loaded, asked, planned, progress))
"""


def test_a_killed_repair_is_gone_on_with(platform: Platform) -> None:
    lost = sorted(id for id, source in platform.documents("faststream").items() if source["nljctl"]["topic"] == "nlj.learning.activities")[:6]
    with platform.changed("faststream", dict.fromkeys(lost)):
        platform.statements()
        killed = subprocess.run([sys.executable, "-c", KILLED_AFTER_A_PIECE], env=platform.stack.env, cwd=platform.stack.home.parent, check=False)
        assert killed.returncode == -signal.SIGKILL
        written = len(platform.documents("faststream").keys() & set(lost))
        assert 0 < written < 6
        rest = repair(platform, "faststream").document
        assert (rest["repaired"], rest["still_missing"]) == (6 - written, 0)


def test_without_a_word_of_agreement_nothing_is_written(platform: Platform) -> None:
    id = next(iter(platform.documents("faststream")))
    with platform.changed("faststream", {id: None}):
        platform.statements()
        answer = platform.stack.run("repair", "--json")
        assert (answer.code, answer.document["error"]["code"]) == (2, "refused")
        assert id not in platform.documents("faststream")


def test_what_retention_took_from_the_log_is_brought_over_from_the_index_that_still_has_it(platform: Platform) -> None:
    new, old = platform.documents("faststream"), platform.documents("legacy")
    topic = "nlj.survey.responses"
    of_topic = sorted(id for id, source in new.items() if source["nljctl"]["topic"] == topic)
    only_legacy, only_faststream = of_topic[:3], of_topic[3:5]
    truncate(platform, topic)
    platform.stack.run("publish-test", "--from", "-", "--topic", topic, "--wait", "processed", "--json", stdin=statement_of(old[of_topic[5]]))
    with platform.changed("faststream", dict.fromkeys(only_legacy)), platform.changed("legacy", dict.fromkeys(only_faststream)):
        found = platform.statements().document
        assert found["ledger"]["faststream"]["expired"] == len(of_topic) - 3
        assert {item["topic"] for item in found["retention"]} == {topic}
        assert {item["id"] for item in repair(platform, "faststream", "legacy", "--dry-run").document["plan"]} == set(only_legacy)

        brought = repair(platform, "faststream", "legacy").document
        assert (brought["repaired"], brought["still_missing"]) == (3, 0)
        returned = repair(platform, "legacy", "faststream").document
        assert (returned["repaired"], returned["still_missing"]) == (2, 0)
        assert returned["comparison"]["verdict"] in ("same", "explained")
        after = platform.statements().document
        assert [entry for entry in after["differences"] if entry["class"] in ("expired", "extra", "missing", "altered", "unexplained")] == []


def statement_of(document: dict[str, Any]) -> str:
    """A statement of a new id, so that the topic has a record that is younger than all documents."""
    return json.dumps({**{name: value for name, value in document.items() if name not in ("stored", "authority")}, "id": str(uuid4())})
