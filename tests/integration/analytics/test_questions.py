"""Each question gives, in the platform's shape, what plain Python gives of the same statements; on both mappings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch
from indices import Indices
from month import CLIMATE, LONG, NOW, SECOND_BREATH
from plainly import Seen, completion, everything, mean, parted, rate, rounded, scores, tried

from nljctl import analytics
from nljctl.catalogue.names import N

TODAY = NOW.date()
Ask = Callable[[Callable[[AsyncElasticsearch, str], Awaitable[Any]]], Any]


@pytest.fixture(params=["new", "legacy"])
def index(request: pytest.FixtureRequest, indices: Indices) -> str:
    return str(getattr(indices, request.param))


@pytest.fixture
def ask(indices: Indices, index: str) -> Ask:
    return lambda question: indices.ask(lambda client: question(client, index))


@pytest.fixture
def seen(indices: Indices, index: str) -> list[Seen]:
    return [Seen(statement) for statement in indices.of(index)]


@pytest.fixture
def plain(indices: Indices, index: str) -> dict[tuple[str, str, str], Any]:
    return everything(indices.of(index), TODAY)


def of(plain: dict[tuple[str, str, str], Any], kind: str, entity: str) -> dict[str, Any]:
    return {name: value for (of_kind, of_entity, name), value in plain.items() if (of_kind, of_entity) == (kind, entity)}


def test_overview(ask: Ask, plain: dict[Any, Any]) -> None:
    found = ask(lambda client, index: analytics.overview(client, index, now=NOW))
    expected = of(plain, "overview", "")
    for name in ("total_statements", "unique_learners", "unique_activities", "completion_rate", "average_score"):
        assert getattr(found, name) == expected[name]
    assert {entry.verb: entry.count for entry in found.top_verbs} == expected["top_verbs"]
    assert found.daily_activity[0].date == "2025-03-01T00:00:00.000Z"
    assert {entry.date[:10]: entry.count for entry in found.daily_activity if entry.count} == expected["daily_activity"]
    assert len(found.daily_activity) == 30


def test_overview_of_a_week(ask: Ask, indices: Indices, index: str) -> None:
    since, until = datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 3, 14, 12, tzinfo=UTC)
    found = ask(lambda client, index: analytics.overview(client, index, since=since, until=until, now=NOW))
    week = [statement for statement in indices.of(index) if since <= datetime.fromisoformat(statement["timestamp"]) <= until]
    expected = of(everything(week, TODAY), "overview", "")
    assert (found.total_statements, found.completion_rate, found.average_score) == (len(week), expected["completion_rate"], expected["average_score"])


def test_learner(ask: Ask, plain: dict[Any, Any], seen: list[Seen], indices: Indices, index: str) -> None:
    found = asdict(ask(lambda client, index: analytics.learner(client, index, "sam@example.org", now=NOW)))
    expected = of(plain, "learner", "sam@example.org")
    del expected["performance"]  # a part of the top performers
    assert {name: found[name] for name in expected} == expected
    assert found["learner_name"] == "Sam"
    own = [statement for statement in indices.of(index) if statement["actor"].get("mbox") == "mailto:sam@example.org"]
    youngest = sorted(own, key=lambda statement: (-datetime.fromisoformat(statement["timestamp"]).timestamp(), statement["id"]))[:10]
    assert [recent["id"] for recent in found["recent_activities"]] == [statement["id"] for statement in youngest]


def test_statements_of_a_learner_are_the_youngest(ask: Ask, seen: list[Seen]) -> None:
    found = ask(lambda client, index: analytics.learner_statements(client, index, "zoe@example.org", limit=1_000))
    assert len(found) == sum(one.mbox == "mailto:zoe@example.org" for one in seen)
    assert all("nljctl" not in statement for statement in found)


def test_activity(ask: Ask, plain: dict[Any, Any]) -> None:
    for iri in (N + "activities/7", N + "activities/first", N + "activities/" + "long-name-" * 60 + "1"):
        found = asdict(ask(lambda client, index, iri=iri: analytics.activity(client, index, iri, now=NOW)))
        expected = of(plain, "activity", iri)
        assert expected
        assert {name: found[name] for name in expected} == expected


def test_node(ask: Ask, plain: dict[Any, Any]) -> None:
    entity = next(entity for kind, entity, _ in plain if kind == "node")
    found = asdict(ask(lambda client, index: analytics.node(client, index, entity, now=NOW)))
    expected = of(plain, "node", entity)
    assert {name: found[name] for name in expected} == expected
    assert sum(day["interactions"] for day in found["daily_activity"]) == expected["total_interactions"]


def test_survey(ask: Ask, plain: dict[Any, Any]) -> None:
    found = ask(lambda client, index: analytics.survey(client, index, CLIMATE, group_by="department", now=NOW))
    expected = of(plain, "survey", CLIMATE)
    assert found.total_responses == expected["total_answers"]
    overview = found.data.overview
    for name in ("unique_respondents", "response_rate", "response_distribution", "average_score", "completions", "avg_completion_time"):
        assert getattr(overview, name) == expected[name]
    assert any(response.startswith(LONG) for response in overview.response_distribution)
    assert found.data.questions["q2"].nps_score == expected["questions.q2.nps_score"]
    groups = {name: group.total_responses if group.anonymized else group.response_distribution for name, group in found.data.demographics.items()}
    assert groups == {name: group if group == "< 4" else group["response_distribution"] for name, group in expected["demographics.department"].items()}
    assert "< 4" in groups.values()


def test_a_question_alone(ask: Ask, plain: dict[Any, Any]) -> None:
    found = ask(lambda client, index: analytics.question(client, index, CLIMATE, "q1"))
    expected = of(plain, "survey", CLIMATE)
    assert (found.response_count, found.skip_rate) == (expected["questions.q1.response_count"], expected["questions.q1.skip_rate"])
    assert found.statistics.median == expected["questions.q1.median"]
    only = ask(lambda client, index: analytics.survey(client, index, CLIMATE, question_id="q1", now=NOW))
    assert list(only.data.questions) == ["q1"]
    assert only.data.questions["q1"] == found
    assert only.total_responses == found.response_count


def test_demographics(ask: Ask, plain: dict[Any, Any]) -> None:
    found = ask(lambda client, index: analytics.demographics(client, index, SECOND_BREATH, now=NOW))
    expected = of(plain, "survey", SECOND_BREATH)
    assert {f"demographics.{name}" for name in found.detected_fields} == {name for name in expected if name.startswith("demographics.")}
    assert found.sample_size == expected["total_answers"]
    tenure = expected["demographics.tenure"]
    assert {value: group.total_responses for value, group in found.groups["tenure"].items()} == {
        value: group if group == "< 4" else group["total_responses"] for value, group in tenure.items()
    }
    named = sum(one["total_responses"] for value, one in tenure.items() if value != "not_specified")
    assert found.field_coverage["tenure"].coverage_percentage == rate(named, found.sample_size, 1)


def test_completion(ask: Ask, seen: list[Seen]) -> None:
    found = ask(lambda client, index: analytics.completion_stats(client, index, activity_id=N + "activities/3", now=NOW))
    own = [one for one in seen if one.object == N + "activities/3"]
    assert (found.total_statements, found.attempted, found.completion_rate) == (len(own), len(tried(own)), completion(own))
    assert found.completed_statements == sum(one.trying and one.finishes for one in own)


@pytest.mark.parametrize("metric", ["completion", "engagement", "scores", "activity"])
def test_trends(ask: Ask, seen: list[Seen], metric: Any) -> None:
    found = ask(lambda client, index: analytics.trends(client, index, period="30d", metric=metric, now=NOW))
    days = parted([one for one in seen if NOW - timedelta(days=30) <= one.moment <= NOW], lambda one: one.day)
    plainly: dict[str, Callable[[list[Seen]], Any]] = {
        "completion": lambda own: completion(own) if tried(own) else None,
        "engagement": lambda own: len({one.mbox for one in own if one.mbox}),
        "scores": lambda own: mean(scores(own)),
        "activity": len,
    }
    listed = [min(days) + timedelta(n) for n in range((max(days) - min(days)).days + 1)]
    expected = {day.isoformat(): plainly[metric](days[day]) if day in days else None for day in listed}
    assert {point.date[:10]: point.value for point in found.values} == expected


def test_top_performers(ask: Ask, seen: list[Seen]) -> None:
    found = ask(lambda client, index: analytics.top_performers(client, index, "training", limit=100, include_characteristics=True, now=NOW))
    own = [one for one in seen if one.extension("activity_type") == "training" and NOW - timedelta(days=30) <= one.moment <= NOW and one.mbox and one.trying]
    learners = parted(own, lambda one: one.mbox.removeprefix("mailto:"))
    assert found.total_analyzed == len(learners)
    assert [performer.rank for performer in found.top_performers] == list(range(1, len(learners) + 1))
    assert sorted((-performer.overall_score, performer.user_email) for performer in found.top_performers) == [
        (-performer.overall_score, performer.user_email) for performer in found.top_performers
    ]
    for performer in found.top_performers:
        theirs = learners[performer.user_email]
        pairs = tried(theirs)
        assert (performer.total_activities, performer.completed_activities) == (len(pairs), sum(pairs.values()))
        exact = mean(scores(theirs), 9)
        assert performer.average_score == (None if exact is None else mean([100 * score for score in scores(theirs)], 2))
        parts = performer.characteristics
        assert parts["completion"] == rounded(Fraction(sum(pairs.values()), len(pairs)), 3)
        assert parts["engagement"] == rounded(min(Fraction(1), Fraction(4 * len({one.day for one in theirs}), 30)), 3)
        weights = {"completion": 25, "score": 25, "consistency": 20, "improvement": 15, "engagement": 10, "efficiency": 5}
        assert abs(sum(weights[name] * part for name, part in parts.items()) - performer.overall_score) < 0.06


def test_nobody_has_zeros_and_empty_lists(ask: Ask) -> None:
    learner = ask(lambda client, index: analytics.learner(client, index, "nobody@example.org", now=NOW))
    assert (learner.total_statements, learner.completion_rate, learner.average_score, learner.recent_activities) == (0, 0.0, None, ())
    survey = ask(lambda client, index: analytics.survey(client, index, "36aa", group_by="department", now=NOW))
    assert (survey.success, survey.total_responses, survey.data.questions, survey.data.demographics) == (True, 0, {}, {})
    assert ask(lambda client, index: analytics.top_performers(client, index, "nothing", now=NOW)).top_performers == ()


def test_an_index_that_is_not_there_has_no_statements(indices: Indices) -> None:
    found = indices.ask(lambda client: analytics.overview(client, "no-such-index", now=NOW))
    assert (found.total_statements, found.daily_activity, found.average_score) == (0, (), None)
