"""`nljctl compare-legacy` on real services: what both consumers made of the same log."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from planted import ALTERATIONS, DISGUISES, changed, rich
from platform_of_both import EVENTS, RICH, Platform, copy_of, new_id

from nljctl.migration.classes import SIDES, named

LOST = {"faststream": "missing", "legacy": "unexplained"}


def test_what_two_healthy_consumers_did_is_explained(platform: Platform) -> None:
    answer = platform.compare()
    assert answer.code == 0, answer.stdout
    assert answer.document["verdict"] == "explained"
    assert [entry for entry in answer.document["differences"] if not entry["explained"]] == []


def test_both_ledgers_sum_to_the_log(platform: Platform) -> None:
    document = platform.compare().document
    assert document["log"]["records"] == platform.records > EVENTS + RICH
    for side in SIDES:
        assert sum(document["ledger"][side][entry.name] for entry in named(side) if entry.of == "record") == platform.records
        assert set(document["ledger"][side]) == {entry.name for entry in named(side)}


def test_the_new_index_holds_what_the_ledger_calls_stored(platform: Platform) -> None:
    document = platform.compare().document
    assert document["ledger"]["faststream"]["stored"] == len(platform.documents("faststream")) == document["log"]["unique"]


def test_every_explained_difference_of_legacy_names_its_reason(platform: Platform) -> None:
    reasons = platform.compare().document["reasons"]["legacy"]
    assert any(reason["reason"].startswith("http-422: ") for reason in reasons["refused"])


@pytest.mark.parametrize("side", SIDES)
def test_planted_differences_are_found_and_only_they(platform: Platform, side: str) -> None:
    documents = platform.documents(side)
    chosen = random.Random(5).sample([rich(number)["id"] for number in range(RICH)], 17 + 13 + 13)
    deleted, altered, disguised, added = chosen[:17], chosen[17:30], chosen[30:], [new_id() for _ in range(7)]
    changes: dict[str, dict[str, Any] | None] = dict.fromkeys(deleted)
    for ids, by in ((altered, ALTERATIONS), (disguised, DISGUISES)):
        changes |= {id: changed(documents[id], change) for id, change in zip(ids, by.values(), strict=True)}
    changes |= {id: copy_of(documents[disguised[0]], id=id) for id in added}
    expected = {(side, id, LOST[side]) for id in deleted} | {(side, id, "altered") for id in altered} | {(side, id, "extra") for id in added}
    with platform.changed(side, changes):
        assert platform.unexplained() == expected
    assert platform.unexplained() == set()


def test_a_difference_says_where_in_the_log_and_in_the_document(platform: Platform) -> None:
    ids = [rich(number)["id"] for number in range(3)]
    documents = platform.documents("legacy")
    with platform.changed("legacy", {ids[0]: None, ids[1]: changed(documents[ids[1]], ALTERATIONS["duration, which counts to the letter"])}):
        found = {entry["id"]: entry for entry in platform.statements().document["differences"] if not entry["explained"]}
    lost = found[ids[0]]
    assert lost["reason"].endswith(f"legacy has passed xapi-events/{lost['partition']}@{lost['offset']}")
    assert found[ids[1]]["reason"] == "the document is not what the log says at /result/duration"


def test_a_deleted_document_makes_the_exit_code_one_and_names_the_record(platform: Platform) -> None:
    id, source = next(iter(platform.documents("faststream").items()))
    with platform.changed("faststream", {id: None}):
        answer = platform.compare()
    assert (answer.code, answer.document["verdict"]) == (1, "differs")
    first = answer.document["differences"][0]
    where = source["nljctl"]
    assert (first["id"], first["class"], first["topic"], first["partition"], first["offset"]) == (
        id,
        "missing",
        where["topic"],
        where["partition"],
        where["offset"],
    )


def test_what_was_lost_without_reason_may_be_accepted(platform: Platform) -> None:
    id = next(iter(platform.documents("legacy")))
    with platform.changed("legacy", {id: None}):
        assert platform.compare("--accept", "unexplained").code == 0


def test_same_is_not_met_by_explained_differences(platform: Platform) -> None:
    answer = platform.compare("--require", "same")
    assert (answer.code, answer.document["verdict"]) == (1, "explained")


def test_topics_narrow_the_comparison(platform: Platform) -> None:
    document = platform.compare("--topics", "nlj.survey.responses,xapi-events").document
    assert set(document["cut"]) == {"nlj.survey.responses", "xapi-events"}
    assert 0 < document["log"]["records"] < platform.records


def test_a_topic_that_nobody_reads_is_a_mistake(platform: Platform) -> None:
    answer = platform.compare("--topics", "xapi-event")
    assert (answer.code, answer.document["error"]["code"]) == (2, "bad-usage")


def test_nothing_younger_than_now_is_nothing_to_decide(platform: Platform) -> None:
    answer = platform.compare("--since", "2999-01-01")
    assert (answer.code, answer.document["error"]["code"]) == (2, "nothing-to-decide")


KILLED_WHILE_IT_READS = """
import asyncio, os, signal, sys
from nljctl import settings
from nljctl.migration import compare, unfinished

unfinished.EVERY_SECONDS = 0

def progress(words):
    if words.startswith(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(compare.compare(settings.load(), compare.CompareOptions(analytics=False, effects=False), progress))
"""


def killed(platform: Platform, moment: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_IT_READS, moment], env=platform.stack.env, cwd=platform.stack.home.parent, check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_comparison_is_gone_on_with(platform: Platform) -> None:
    whole = platform.statements().document
    for moment in ("log:", "joining"):
        killed(platform, moment)
        again = platform.statements().document
        assert again["resumed"]["kept"], again["resumed"]
        assert (again["ledger"], again["differences"]) == (whole["ledger"], whole["differences"])
    assert [path for path in (platform.stack.home / "evidence").iterdir() if not (path / "summary.json").exists()] == []


def test_what_was_written_since_the_kill_is_seen(platform: Platform) -> None:
    killed(platform, "joining")
    id = rich(5)["id"]
    with platform.changed("legacy", {id: None}):
        answer = platform.statements()
    assert ("legacy", id, "unexplained") in {(entry["side"], entry["id"], entry["class"]) for entry in answer.document["differences"]}
    assert answer.document["resumed"]["anew"] == ["statements is read anew: it was written into since"]


def test_the_same_log_given_to_legacy_again_shows_its_own_differences(platform: Platform, tmp_path: Path) -> None:
    platform.statements("--evidence", str(tmp_path / "again"))
    found = platform.statements("--noise-floor", str(tmp_path / "again")).document["noise_floor"]
    assert (found["records"], found["own"], found["differences"]["own"]) == (platform.records, 0, 0)
    lost = rich(9)["id"]
    with platform.changed("legacy", {lost: None}):
        noisy = platform.statements("--noise-floor", str(tmp_path / "again")).document["noise_floor"]
    assert noisy["by"] == [{"now": "unexplained", "again": "stored", "count": 1}]


def test_the_platforms_rows_and_the_shadows_are_the_same(platform: Platform) -> None:
    effects = platform.compare().document["effects"]
    assert sum(table["same"] for table in effects.values()) > 0
    assert all(table["differs"] == table["only_legacy"] == table["only_faststream"] == 0 for table in effects.values())


def test_a_row_changed_by_hand_is_found_with_the_records_that_touched_it(platform: Platform) -> None:
    with platform.sql(
        "UPDATE nljctl_shadow.training_programs SET title = title || ' changed' WHERE id = (SELECT min(id::text)::uuid FROM training_programs)",
        "UPDATE nljctl_shadow.training_programs s SET title = p.title FROM training_programs p WHERE p.id = s.id",
    ):
        answer = platform.compare()
    assert answer.code == 1
    assert answer.document["effects"]["training_programs"]["differs"] == 1
    [row] = answer.document["effect_differences"]
    assert (row["columns"], row["explained"]) == ("title", False)
    assert "nlj.training.programs/" in row["records"]


def test_evidence_is_verified_without_any_service(platform: Platform, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    platform.compare("--evidence", str(folder))
    nowhere = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "ELASTICSEARCH_URL": "http://127.0.0.1:1", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    verified = platform.stack.run("compare-legacy", "--verify", str(folder), "--json", env=nowhere)
    assert (verified.code, verified.document["verified"]) == (0, True)
    (folder / "ledger.parquet").write_bytes(b"something else")
    assert platform.stack.run("compare-legacy", "--verify", str(folder), "--json", env=nowhere).code == 1


def test_a_comparison_is_remembered_with_its_evidence(platform: Platform) -> None:
    document = platform.compare().document
    summary = json.loads((Path(document["evidence"]) / "summary.json").read_text())
    assert summary["ledger"] == document["ledger"]
    [[evidence, verdict]] = platform.query("SELECT evidence, verdict FROM nljctl.comparison ORDER BY at DESC LIMIT 1")
    assert (evidence, verdict) == (document["evidence"], document["verdict"])


def test_without_elasticsearch_it_says_so_and_leaves_nothing_behind(platform: Platform) -> None:
    before = sorted((platform.stack.home / "evidence").iterdir())
    kafka, database = platform.stack.endpoints["kafka"], platform.stack.endpoints["database"]
    answer = platform.stack.run("compare-legacy", "--kafka", kafka, "--database", database, "--elasticsearch", "http://127.0.0.1:1", "--json")
    assert (answer.code, answer.document["error"]["code"]) == (2, "elasticsearch-unreachable")
    assert sorted((platform.stack.home / "evidence").iterdir()) == before
