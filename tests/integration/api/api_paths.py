"""Every path of the contract, as it is asked, and the permission that it needs."""

from __future__ import annotations

from nljctl.catalogue.people import PEOPLE

LEARNERS = [person for person in PEOPLE if person.role == "LEARNER"]
OWN, OTHER = LEARNERS[0].email, LEARNERS[1].email
SURVEY = "no-such-survey"

VIEW = (
    "/api/analytics/overview",
    "/api/analytics/platform/overview",
    f"/api/analytics/surveys/{SURVEY}",
    f"/api/analytics/surveys/{SURVEY}/questions/q1",
    f"/api/analytics/surveys/{SURVEY}/demographics",
    "/api/analytics/activities?id=http://nlj.platform/content/none",
    "/api/analytics/nodes?id=none",
    "/api/analytics/completion-stats",
    "/api/analytics/trends?period=30d&metric=completion",
    "/api/analytics/dashboard",
    "/api/analytics/dashboard?role=instructor",
    "/api/analytics/top-performers/overall?include_characteristics=true",
    "/api/analytics/health",
)
ADMIN = (
    "/api/analytics/dashboard?role=admin",
    *(f"/api/analytics/export/{form}?data_type={kind}" for form in ("json", "csv") for kind in ("overview", "learners", "activities", "statements")),
    "/api/migration/status",
    "/api/migration/comparisons",
    "/api/migration/history",
    "/api/migration/dead-letters",
    "/api/migration/dead-letters?parked=true",
)
LEARNER = tuple(f"/api/analytics/{spelling}/{{email}}{rest}" for spelling in ("learners", "learner") for rest in ("", "/statements"))
OF_OWN = tuple(path.format(email=OWN) for path in LEARNER)
OF_OTHER = tuple(path.format(email=OTHER) for path in LEARNER)
ALL = (*VIEW, *ADMIN, *OF_OWN, *OF_OTHER)
READ_FROM_ELASTICSEARCH = (*VIEW, *(path for path in ADMIN if "analytics" in path), *OF_OWN)
