"""`nljctl health`: every component asked, honestly; those that nobody expects are `not_expected`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from nljctl.effects import plans, progress, reads
from nljctl.effects.database import engine
from nljctl.effects.plan import Pipeline
from nljctl.effects.reads import Due
from nljctl.errors import NljctlError
from nljctl.migration.overview import ownership as owned
from nljctl.migration.overview import parked_events, running_pipelines
from nljctl.migration.statistics import ask
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.tls import public_authorities

ASK_SECONDS = 5.0

Component = dict[str, Any]
NOT_EXPECTED: Component = {"status": "not_expected", "detail": "not part of what runs"}


async def health(settings: Settings) -> dict[str, Any]:
    """The document of `nljctl health`. Never raises for a service that is away: that is what it checks."""
    (kafka, database, cluster, ralph), (faststream, legacy, api) = await asyncio.gather(
        asyncio.gather(_checked(_kafka(settings)), _checked(_database(settings)), _checked(_elasticsearch(settings)), _checked(_ralph(settings))),
        asyncio.gather(*(ask(url, "/health") for url in (settings.faststream_url, settings.legacy_url, settings.api_url))),
    )
    groups = kafka.pop("groups", None)
    plan, read = database.pop("plan", None), database.pop("read", {})
    ownership = None if plan is None or groups is None else owned(plan, groups, read, None)
    due: Due | None = database.pop("due", None)
    groups = groups or {}
    components = {
        "kafka": kafka,
        "database": database,
        "elasticsearch": cluster,
        "xapi_validation": ((faststream or {}).get("components") or {}).get("xapi_validation", NOT_EXPECTED),
        "faststream": _pipeline(Pipeline.FASTSTREAM, settings.faststream_url, faststream, groups, ownership),
        "legacy": _pipeline(Pipeline.LEGACY, settings.legacy_url, legacy, groups, ownership),
        "ralph": ralph,
        "api": _api(settings.api_url, api),
        "ownership": _ownership(ownership, due),
    }
    return {
        "status": worst(components),
        "service": "nljctl",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "components": components,
    }


def worst(components: Mapping[str, Component]) -> str:
    """The worst status of those expected. Pure."""
    statuses = {component["status"] for component in components.values()}
    return next((status for status in ("unhealthy", "degraded") if status in statuses), "healthy")


async def _checked(check: Awaitable[Component]) -> Component:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await check
    except NljctlError as problem:
        return {"status": "unhealthy", "detail": problem.message, "hint": problem.hint}
    except TimeoutError:
        return {"status": "unhealthy", "detail": f"no answer within {ASK_SECONDS:.0f} s"}


async def _kafka(settings: Settings) -> Component:
    return {"status": "healthy", "detail": f"answers at {settings.kafka}", "groups": await running_pipelines(settings)}


async def _database(settings: Settings) -> Component:
    async with engine(settings) as created, created.connect() as connection:
        plan = await plans.read_plan(connection)
        read = {pipeline: 0 if await progress.read(connection, pipeline) else None for pipeline in Pipeline}
        waiting, due = await parked_events(connection), await reads.due(connection)
    return {"status": "healthy", "detail": "answers, tables are there", "parked": waiting, "plan": plan, "read": read, "due": due}


async def _elasticsearch(settings: Settings) -> Component:
    async with elasticsearch(settings, max_retries=0) as client:
        cluster = await client.cluster.health()
        present = bool(await client.indices.exists(index=settings.index))
    if cluster["status"] == "red":
        return {"status": "unhealthy", "detail": "the cluster is red: data is missing", "cluster": "red"}
    if not present:
        return {"status": "unhealthy", "detail": f"index {settings.index} is missing", "hint": "Run `nljctl setup`.", "cluster": cluster["status"]}
    return {"status": "healthy", "detail": f"cluster {cluster['cluster_name']} is {cluster['status']}", "cluster": cluster["status"]}


async def _ralph(settings: Settings) -> Component:
    if settings.ralph is None:
        return NOT_EXPECTED
    try:
        async with httpx.AsyncClient(timeout=ASK_SECONDS, verify=public_authorities()) as client:
            answer = await client.get(settings.ralph.rstrip("/") + "/__heartbeat__")
    except httpx.HTTPError as problem:
        return {"status": "unhealthy", "detail": f"no answer at {settings.ralph}: {type(problem).__name__}"}
    return {"status": "healthy" if answer.is_success else "unhealthy", "detail": f"heartbeat {answer.status_code}"}


def _pipeline(pipeline: Pipeline, url: str | None, answer: Mapping[str, Any] | None, groups: Mapping[Pipeline, bool], ownership: Any) -> Component:
    """A pipeline is expected where the stack started it, where its group has members, or where it owns effects. Pure."""
    share = (ownership or {}).get("share")
    owns = share is not None and (share > 0 if pipeline is Pipeline.FASTSTREAM else share < 100)
    member = bool(groups.get(pipeline))
    if answer is not None:
        own = (answer.get("components") or {}).get(pipeline.value) or {}
        return {**own, "status": answer.get("status", "unhealthy"), "detail": own.get("detail", "answers"), "member": member, "owns_effects": owns}
    if url is not None:
        return {"status": "unhealthy", "detail": f"no answer at {url}", "member": member, "owns_effects": owns}
    if member:
        return {"status": "healthy", "detail": "a member of its group; its address is not known, so it was not asked", "member": True, "owns_effects": owns}
    if owns:
        return {"status": "unhealthy", "detail": "owns effects, but has no member in its group", "member": False, "owns_effects": True}
    return NOT_EXPECTED


def _api(url: str | None, answer: Mapping[str, Any] | None) -> Component:
    """The API moves no statement: without it the platform is degraded, no more. Pure."""
    if url is None:
        return NOT_EXPECTED
    if answer is None:
        return {"status": "degraded", "detail": f"no answer at {url}"}
    return {"status": "healthy" if answer.get("status") == "healthy" else "degraded", "detail": f"answers at {url}: {answer.get('status')}"}


def _ownership(ownership: Mapping[str, Any] | None, due: Due | None) -> Component:
    if ownership is None:
        return {"status": "unhealthy", "detail": "unknown: the database or Kafka did not answer"}
    if ownership["epoch"] is None:
        return {"status": "unhealthy", "detail": "no first epoch", "hint": "Run `nljctl setup`."}
    detail = f"epoch {ownership['epoch']}, {ownership['state']}: faststream owns {ownership['share']} %"
    if not ownership["owner_running"]:
        return {"status": "unhealthy", "detail": f"{detail}; an owner is not running", **ownership}
    if due is None:
        return {"status": "healthy", "detail": detail, **ownership}
    if due.filling:
        return {"status": "healthy", "detail": f"{detail}; analytics read {due.index} once it is full", **ownership}
    return {"status": "degraded", "detail": f"{detail}; analytics are still to be switched to {due.index}", **ownership}
