"""What the API answers is what the index holds."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from api_paths import OWN
from api_world import Api

from nljctl.catalogue.courseware import SURVEYS
from nljctl.store.index import ALIAS


def data(api: Api, path: str) -> Any:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def stored(api: Api) -> int:
    return int(httpx.get(f"{api.stack.endpoints['elasticsearch']}/{ALIAS}/_count").json()["count"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api/analytics/overview", "/api/analytics/platform/overview"),
        (f"/api/analytics/learners/{OWN}", f"/api/analytics/learner/{OWN}"),
        (f"/api/analytics/learners/{OWN}/statements", f"/api/analytics/learner/{OWN}/statements"),
    ],
)
def test_both_spellings_answer_the_same(api: Api, one: str, other: str) -> None:
    assert data(api, one) == data(api, other)


def test_the_overview_counts_every_statement(api: Api) -> None:
    answer = api.get("/api/analytics/overview?since=2020-01-01").json()
    assert answer["success"] is True
    assert answer["filters"] == {"since": "2020-01-01T00:00:00Z", "until": None}
    assert answer["data"]["total_statements"] == stored(api) > 0
    assert sum(day["count"] for day in answer["data"]["daily_activity"]) == stored(api)


def test_a_time_without_statements_has_zeros(api: Api) -> None:
    found = data(api, "/api/analytics/overview?until=2001-01-01T00:00:00%2B02:00")
    assert (found["total_statements"], found["completion_rate"], found["average_score"], found["daily_activity"]) == (0, 0.0, None, [])


def test_a_survey_has_the_platforms_shape(api: Api) -> None:
    found = api.get(f"/api/analytics/surveys/{SURVEYS[0].id}").json()
    assert found["success"] is True
    assert found["total_responses"] == found["data"]["overview"]["total_answers"] > 0
    assert found["metadata"]["anonymization_threshold"] == 4
    first = next(iter(found["data"]["questions"]))
    assert data(api, f"/api/analytics/surveys/{SURVEYS[0].id}/questions/{first}") == found["data"]["questions"][first]


@pytest.mark.parametrize("name", ["nobody@example.org", "x", "%00", "%ff%fe", "a'\"<>&", "*", "mailto:*", "%F0%9F%98%80", "..", "a" * 320])
def test_who_and_what_is_not_known_has_zeros(api: Api, name: str) -> None:
    assert data(api, f"/api/analytics/learners/{name if name != '..' else '%2e%2e.'}")["total_statements"] == 0
    survey = api.get(f"/api/analytics/surveys/{name if name != '..' else '%2e%2e.'}").json()
    assert (survey["success"], survey["total_responses"], survey["data"]["questions"], survey["data"]["trends"]) == (True, 0, {}, [])


@pytest.mark.parametrize(
    "path",
    [
        "overview?since=yesterday",
        "overview?since=2025-02-30",
        "trends?period=2w",
        "trends?metric=joy",
        "activities",
        "dashboard?role=owner",
        "export/json?data_type=secrets",
        "export/csv?limit=100001",
        f"learners/{OWN}/statements?limit=0",
        f"learners/{OWN}/statements?limit=99999999999999999999999999",
        "learners/" + "a" * 321,
        "top-performers/overall?limit=101",
        "surveys/x?group_by=*",
    ],
)
def test_what_cannot_be_meant_is_422_and_says_which(api: Api, path: str) -> None:
    answer = api.get(f"/api/analytics/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-input")
    assert answer.json()["error"]["message"]


def test_a_json_export_has_every_statement_and_says_who_made_it(api: Api) -> None:
    answer = api.get("/api/analytics/export/json?data_type=statements&limit=100000", api.as_user("ADMIN"))
    found = answer.json()
    assert len({statement["id"] for statement in found["data"]}) == found["count"] == stored(api)
    assert (found["truncated"], found["exported_by"]) == (False, "ruth@example.org")
    assert answer.headers["content-disposition"].startswith('attachment; filename="nljctl-statements-')


def test_a_csv_export_adds_up_to_the_overview(api: Api) -> None:
    learners = list(csv.DictReader(io.StringIO(api.get("/api/analytics/export/csv?data_type=learners").text)))
    overview = data(api, "/api/analytics/overview")
    assert len(learners) == overview["unique_learners"]
    activities = list(csv.DictReader(io.StringIO(api.get("/api/analytics/export/csv?data_type=activities").text)))
    assert sum(int(row["statements"]) for row in activities) == overview["total_statements"]


def test_an_export_is_bounded_and_says_so(api: Api) -> None:
    found = api.get("/api/analytics/export/json?data_type=statements&limit=7").json()
    assert (found["count"], found["truncated"]) == (7, True)


def test_a_learner_exports_nothing(api: Api) -> None:
    assert api.get("/api/analytics/export/csv", api.as_user("LEARNER")).status_code == 403


def test_the_answer_follows_the_alias_at_once(api: Api) -> None:
    elasticsearch = api.stack.endpoints["elasticsearch"]

    def reads(index: str) -> None:
        actions = [{"remove": {"index": "*", "alias": ALIAS}}, {"add": {"index": index, "alias": ALIAS}}]
        httpx.post(f"{elasticsearch}/_aliases", json={"actions": actions}).raise_for_status()

    before = data(api, "/api/analytics/overview")["total_statements"]
    reads("statements")
    try:
        assert data(api, "/api/analytics/overview")["total_statements"] == 0
    finally:
        reads("xapi-statements")
    assert data(api, "/api/analytics/overview")["total_statements"] == before


def test_a_new_statement_is_in_the_next_answer(api: Api) -> None:
    before = data(api, "/api/analytics/overview")["total_statements"]
    assert api.stack.run("publish-test", "--wait", "processed", "--json").code == 0
    assert data(api, "/api/analytics/overview")["total_statements"] == before + 1


def test_the_move_is_told_as_the_program_tells_it(api: Api) -> None:
    status = api.get("/api/migration/status").json()
    program = api.stack.run("status", "--json").document
    assert status["ownership"] == program["ownership"]
    assert {service["name"]: service["pid"] for service in status["services"]} == api.stack.pids()
    assert status["lag"]["faststream"] == 0
    assert status["validation"]["total_validations"] == api.stack.run("stats", "--json").document["total_validations"] > 0
    assert status["health"]["components"]["faststream"]["status"] == "healthy"
    assert api.get("/api/migration/history").json()["history"] == program["history"]


def test_samples_are_told_once(api: Api) -> None:
    first = api.get("/api/migration/status").json()["samples"]
    later = api.get(f"/api/migration/status?since={first[-1]['at'].replace('+', '%2B')}").json()["samples"]
    assert first
    assert not {sample["at"] for sample in first} & {sample["at"] for sample in later}


def test_the_comparison_is_listed(api: Api) -> None:
    (found,) = api.get("/api/migration/comparisons").json()["comparisons"]
    assert found["ledger"]["faststream"]["stored"] > 0
    assert found["verdict"] in ("explained", "differs")
    assert found["analytics"]["total_statements"]["faststream"] == found["ledger"]["faststream"]["stored"]
    assert len(found["differences"]) <= 10


def test_dead_letters_are_listed_as_the_program_lists_them(api: Api) -> None:
    found = api.get("/api/migration/dead-letters?limit=5").json()
    program = api.stack.run("dlq", "list", "--limit", "5", "--json").document
    assert (found["count"], found["by_reason"], found["items"]) == (program["count"], program["by_reason"], program["items"])
    assert found["count"] > 0
    chosen = api.get("/api/migration/dead-letters?reason=conflict").json()
    assert set(chosen["by_reason"]) <= {"conflict"}
