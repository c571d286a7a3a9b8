"""The dashboard, and what it and /api/analytics/health tell of the system behind analytics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal

from elastic_transport import TransportError
from elasticsearch import ApiError
from starlette.responses import Response

from nljctl.analytics import completion_of, learner_of, overview_of
from nljctl.analytics.days import utc
from nljctl.api import failures
from nljctl.api.access import Caller, Permission
from nljctl.api.answers import Json
from nljctl.api.envelope import enveloped
from nljctl.api.reads import Reads
from nljctl.errors import RefusedError
from nljctl.migration.statistics import ask
from nljctl.settings import Settings
from nljctl.store.client import in_words
from nljctl.store.index import reads_from

Role = Literal["learner", "instructor", "admin"]
RECENT = 5


class Dashboard:
    """Figures for one kind of user.

    Args:
        load: gives the settings as they are now.
        reads: what analytics are read from.
    """

    def __init__(self, load: Callable[[], Settings], reads: Reads) -> None:
        self._load = load
        self._reads = reads
        self._own: dict[Role, Callable[[Caller, datetime | None], Awaitable[dict[str, Any]]]] = {
            "learner": self._learner,
            "instructor": self._instructor,
            "admin": self._admin,
        }

    async def show(self, who: Caller, role: Role, since: datetime | None) -> Response:
        """The overview, and beside it what the role is about.

        Raises:
            RefusedError: the administrators' part is for administrators.
        """
        if role == "admin" and not who.may(Permission.ADMIN):
            raise RefusedError("the administrators' dashboard is for administrators", "Ask for role=instructor.", code="forbidden")
        reads, now = self._reads, self._reads.now()

        async def ask_both() -> dict[str, Any]:
            whole, own = await asyncio.gather(reads.of(lambda view: overview_of(view, now=now), since), self._own[role](who, since))
            return enveloped({"role": role, "platform_overview": whole, **own}, role=role, since=since)

        return await self._reads.plain("dashboard", ask_both, role=role, since=since, caller=who.email or "")

    async def _learner(self, who: Caller, since: datetime | None) -> dict[str, Any]:
        email = who.email
        if email is None:
            return {"learner_analytics": None}
        found = await self._reads.of(lambda view: learner_of(view, email, now=self._reads.now()), since)
        keys = ("total_activities", "completed_activities", "completion_rate", "average_score", "learning_streak")
        return {"learner_analytics": {**{key: getattr(found, key) for key in keys}, "recent_activities": found.recent_activities[:RECENT]}}

    async def _instructor(self, _who: Caller, since: datetime | None) -> dict[str, Any]:
        found = await self._completion(since)
        note = "Of all learners: statements do not tell whose instructor somebody is."
        return {"instructor_analytics": {"completion_rate": found["completion_rate"], "total_learners": found["unique_learners"], "note": note}}

    async def _admin(self, _who: Caller, since: datetime | None) -> dict[str, Any]:
        completion, system = await asyncio.gather(self._completion(since), self._system())
        return {"admin_analytics": {"completion_stats": completion, "system_health": system}}

    async def _completion(self, since: datetime | None) -> dict[str, Any]:
        return asdict(await self._reads.of(lambda view: completion_of(view, since=since, now=self._reads.now()), since))

    async def health(self) -> Response:
        """The system behind analytics; 503 where Elasticsearch cannot be read, with all the rest that is known."""
        found = await self._system()
        at = utc(datetime.now(UTC))
        if found["elasticsearch"]["success"]:
            return Json(enveloped({"analytics_system": "operational", **found, "checked_at": at}))
        wrong = failures.document("degraded", found["elasticsearch"].get("error", "there is no index to read"), "See `nljctl health`.")
        return Json({**enveloped({"analytics_system": "degraded", **found, "checked_at": at}), **wrong}, HTTPStatus.SERVICE_UNAVAILABLE)

    async def _system(self) -> dict[str, Any]:
        settings = self._load()
        elasticsearch, consumer = await asyncio.gather(self._elasticsearch(settings), ask(settings.faststream_url, "/health"))
        consumes = "Kafka, FastStream, Elasticsearch"
        told = "not_asked" if settings.faststream_url is None else "no_answer" if consumer is None else str(consumer.get("status"))
        return {
            "faststream": {
                "success": told in ("healthy", "degraded"),
                "status": told,
                "system": "FastStream",
                "architecture": consumes,
            },
            "elasticsearch": elasticsearch,
            "migration_status": {"reads": elasticsearch.get("index"), "statements_in_memory": self._reads.held},
        }

    async def _elasticsearch(self, settings: Settings) -> dict[str, Any]:
        client, now = self._reads.client, utc(datetime.now(UTC))
        try:
            cluster, reads = await asyncio.gather(client.cluster.health(), reads_from(client))
        except (TransportError, ApiError) as problem:
            return {"success": False, "status": "connection_failed", "error": in_words(settings, problem).message, "tested_at": now}
        return {
            "success": cluster["status"] != "red" and reads is not None,
            "status": "connected",
            "cluster_name": cluster["cluster_name"],
            "cluster_status": cluster["status"],
            "number_of_nodes": cluster["number_of_nodes"],
            "endpoint": settings.elasticsearch,
            "index": reads,
            "tested_at": now,
        }
