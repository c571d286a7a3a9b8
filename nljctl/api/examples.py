"""What answers look like, for the description of the API: one example a shape, each of the shape that it stands for (tests/unit/api/test_examples.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AT = "2025-03-10T09:00:00.000Z"
_COURSE = "http://adlnet.gov/expapi/activities/course"
_COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
_BRAKES = "http://nlj.platform/content/brakes"
_TIMES = {"since": "2025-03-01T00:00:00Z", "until": None}


def _enveloped(data: Mapping[str, Any], **filters: Any) -> dict[str, Any]:
    return {"success": True, "data": dict(data), "filters": filters, "generated_at": _AT}


OVERVIEW = _enveloped(
    {
        "total_statements": 5436,
        "unique_learners": 30,
        "unique_activities": 41,
        "completion_rate": 62.5,
        "average_score": 0.814,
        "daily_activity": [{"date": "2025-03-09T00:00:00.000Z", "count": 212}],
        "top_verbs": [{"verb": _COMPLETED, "count": 904}],
        "activity_types": [{"type": _COURSE, "count": 2210}],
        "generated_at": _AT,
    },
    **_TIMES,
)

COMPLETION = _enveloped(
    {
        "total_statements": 5436,
        "completed_statements": 904,
        "attempted": 640,
        "completed": 400,
        "completion_rate": 62.5,
        "unique_learners": 30,
        "activity_id": None,
        "since": None,
        "generated_at": _AT,
    },
    activity_id=None,
    since=None,
    until=None,
)

ACTIVITY = _enveloped(
    {
        "activity_id": _BRAKES,
        "activity_name": "Brake service basics",
        "activity_type": _COURSE,
        "total_attempts": 96,
        "unique_learners": 24,
        "completion_rate": 75.0,
        "average_score": 0.82,
        "average_time_spent": 18.5,
        "difficulty_score": 0.214,
        "engagement_score": 0.25,
        "generated_at": _AT,
    },
    id=_BRAKES,
    since=None,
    until=None,
)

LEARNER = _enveloped(
    {
        "learner_email": "ada@example.org",
        "learner_name": "Ada",
        "total_statements": 48,
        "total_activities": 9,
        "attempted_activities": 8,
        "completed_activities": 6,
        "completion_rate": 75.0,
        "average_score": 0.9,
        "total_time_spent": 312.5,
        "learning_streak": 4,
        "recent_activities": [
            {"id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10", "activity_id": _BRAKES, "activity_name": "Brake service basics", "verb": _COMPLETED}
            | {"timestamp": _AT, "result": {"completion": True, "score": {"scaled": 0.9}}}
        ],
        "progress_by_program": {"9c2e4b6d-0000-4000-8000-000000000003": {"total": 4, "completed": 3, "completion_rate": 75.0}},
        "generated_at": _AT,
    },
    email="ada@example.org",
    since=None,
    until=None,
)

COMPARISONS: dict[str, Any] = {
    "comparisons": [
        {
            "id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10",
            "at": "2025-03-10T09:00:00+00:00",
            "verdict": "explained",
            "log": {"records": 5436, "unique": 5400, "after_cut": 3},
            "ledger": {"faststream": {"stored": 5400, "duplicate": 36}, "legacy": {"stored": 5100, "duplicate": 36, "refused": 300}},
            "difference_counts": {"explained": 300, "unexplained": 0},
            "analytics": {"total_statements": {"log": 5400, "legacy": 5100, "faststream": 5400, "status": "explained", "because": []}},
            "differences": [],
            "seconds": 2.8,
            "evidence": "/srv/nljctl/evidence/compare-20250310T090000.000000Z",
        }
    ]
}

HISTORY: dict[str, Any] = {
    "history": [
        {"number": 1, "share": 0, "kind": "initial", "state": "legacy", "by": "ruth", "reason": "first setup, owner legacy", "at": _AT, "evidence": None},
        {"number": 2, "share": 10, "kind": "shift", "state": "shifting", "by": "ruth", "reason": "shift to 10 %", "at": _AT, "evidence": None},
    ]
}

DEAD_LETTERS: dict[str, Any] = {
    "count": 1,
    "by_reason": {"not-json": 1},
    "items": [
        {"reason": "not-json", "rule": "json", "pointer": "", "topic": "xapi-events", "partition": 0, "offset": 17, "at": _AT}
        | {"value": '{"id":', "size": 6, "replayed": None}
    ],
    "foreign": 0,
}

STATUS: dict[str, Any] = {
    "at": _AT,
    "runtime": "local",
    "profiles": ["faststream", "analytics"],
    "services": [{"name": "redpanda", "state": "running", "health": "healthy", "endpoint": "127.0.0.1:20333", "pid": 4711, "detail": ""}],
    "ownership": {"epoch": 2, "share": 10, "state": "shifting", "reads": "statements", "owner_running": True},
    "lag": {"faststream": 0, "legacy": 212},
    "parked": 0,
    "backfill": [],
    "history": HISTORY["history"],
    "why": "",
    "validation": {"total_validations": 5436, "successful_validations": 5400, "success_rate": 99.34},
    "health": {"status": "healthy", "components": {"kafka": {"status": "healthy", "detail": "answers"}}},
    "samples": [{"at": _AT, "lag": {"faststream": 0, "legacy": 212}, "share": 10, "per_second": 810.0}],
}


def shown(example: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The example as FastAPI takes it for a route's `responses`."""
    return {200: {"content": {"application/json": {"example": dict(example)}}}}
