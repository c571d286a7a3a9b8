"""Analytics in `compare-legacy`: three ways, each difference traced to the records that cause it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from platform_of_both import Platform, copy_of

Figure = tuple[str, str, str]


@pytest.fixture(scope="module")
def document(platform: Platform) -> dict[str, Any]:
    """A comparison of what two healthy consumers did."""
    answer = platform.compare("--analytics")
    assert answer.code == 0, answer.stdout
    return dict(answer.document)


def statuses(document: dict[str, Any]) -> dict[Figure, str]:
    """The status of each figure, by group, whose it is, and its name."""
    return {(group, whose, name): figure["status"] for group, whose, figures in _subjects(document["analytics"]) for name, figure in figures.items()}


def _subjects(analytics: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for group, found in analytics.items():
        yield from ((group, whose, figures) for whose, figures in ({"": found} if group == "overview" else found).items())


def test_figures_are_those_of_the_documents(document: dict[str, Any], platform: Platform) -> None:
    total = document["analytics"]["overview"]["total_statements"]
    assert (total["log"], total["faststream"]) == (document["log"]["unique"], document["log"]["unique"])
    assert total["legacy"] == len(platform.documents("legacy")) < total["log"]


def test_what_legacy_lacks_explains_its_figures(document: dict[str, Any]) -> None:
    found = statuses(document)
    assert set(found.values()) == {"same", "explained"}
    total = document["analytics"]["overview"]["total_statements"]
    because = {cause["class"]: cause["count"] for cause in total["because"]}
    lacking = {name: count for name, count in because.items() if name in ("refused", "filtered", "failed", "unreadable")}
    assert 0 < lacking["refused"] <= document["ledger"]["legacy"]["refused"]
    assert total["log"] - total["legacy"] == sum(lacking.values()) - because.get("dead_lettered", 0)


def test_the_counts_are_of_everybody(document: dict[str, Any]) -> None:
    for group in ("learners", "activities", "surveys", "nodes"):
        assert sum(document["analytics_counts"][group].values()) == len(document["analytics"][group]) > 0
        assert document["analytics_counts"][group]["differs"] == 0


def test_a_document_deleted_by_hand_makes_just_its_figures_differ(platform: Platform, document: dict[str, Any]) -> None:
    id, source = next(
        (id, source) for id, source in platform.documents("legacy").items() if "mbox" in source["actor"] and "node://" not in source["object"]["id"]
    )
    learner = source["actor"]["mbox"].removeprefix("mailto:")
    with platform.changed("legacy", {id: None}):
        answer = platform.compare("--analytics")
    assert (answer.code, answer.document["verdict"]) == (1, "differs")
    figure = answer.document["analytics"]["learners"][learner]["total_statements"]
    assert figure["status"] == "differs"
    assert {"class": "unexplained", "count": 1, "side": "legacy"} in figure["because"]
    before, now = statuses(document), statuses(answer.document)
    assert {whose for group, whose, _ in _worse(before, now) if group == "learners"} == {learner}
    assert {whose for group, whose, _ in _worse(before, now) if group == "activities"} == {source["object"]["id"]}


def test_a_score_changed_by_hand_is_seen_in_the_figures_of_its_activity(platform: Platform, document: dict[str, Any]) -> None:
    id, source = next((id, source) for id, source in platform.documents("faststream").items() if "scaled" in source.get("result", {}).get("score", {}))
    changed = copy_of(source)
    changed["result"]["score"]["scaled"] = -0.987
    with platform.changed("faststream", {id: changed}):
        answer = platform.compare("--analytics")
    figure = answer.document["analytics"]["activities"][source["object"]["id"]]["average_score"]
    assert (figure["status"], [cause["class"] for cause in figure["because"] if cause["side"] == "faststream"]) == ("differs", ["altered"])
    assert answer.document["analytics"]["overview"]["total_statements"]["faststream"] == document["analytics"]["overview"]["total_statements"]["faststream"]


def test_some_topics_alone_have_their_own_figures(platform: Platform, document: dict[str, Any]) -> None:
    narrowed = platform.compare("--analytics", "--topics", "xapi-events").document
    total = narrowed["analytics"]["overview"]["total_statements"]
    assert total["faststream"] == total["log"] == narrowed["log"]["unique"] < document["log"]["unique"]
    assert "differs" not in statuses(narrowed).values()


def _worse(before: dict[Figure, str], now: dict[Figure, str]) -> set[Figure]:
    return {figure for figure, status in now.items() if status == "differs" and before.get(figure) != "differs"}
