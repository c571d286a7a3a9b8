"""/api/migration: the move itself, for those who run it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from nljctl.api import examples
from nljctl.api.answers import Json
from nljctl.api.callers import Doors
from nljctl.api.examples import shown
from nljctl.api.move import MOST_LETTERS, Move
from nljctl.api.parameters import Moment

Topic = Annotated[str | None, Query(max_length=249, description="Only records of this topic.", examples=["xapi-events"])]
Reason = Annotated[str | None, Query(max_length=50, description="Only this reason.", examples=["invalid-xapi"])]


def router(doors: Doors, move: Move) -> APIRouter:
    """Needs the permission admin: dead letters hold what producers sent, whole."""
    routes = APIRouter(prefix="/api/migration", tags=["migration"], dependencies=[Depends(doors.admin)])

    @routes.get("/status", response_model=dict[str, Any], responses=shown(examples.STATUS), summary="Where the move is")
    async def status(
        since: Annotated[Moment | None, Query(description="Only samples that are younger.", examples=["2025-03-01T09:00:00Z"])] = None,
    ) -> Json:
        """What `nljctl status`, `nljctl stats` (as `validation`) and `nljctl health` tell, and how lag, share and speed were while somebody looked
        (`samples`, at most an hour of them). What a service that is away would have told is null, and `why` says so."""
        found = await move.status()
        if since is not None:
            found = {**found, "samples": [sample for sample in found["samples"] if sample["at"] > since.isoformat(timespec="milliseconds")]}
        return Json(found)

    @routes.get("/comparisons", response_model=dict[str, Any], responses=shown(examples.COMPARISONS), summary="Is it the same?")
    async def comparisons(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Json:
        """Past comparisons, newest first, each as `compare-legacy --json` answered it, in short: ten differences, and the platform's figures."""
        return Json({"comparisons": await move.comparisons(limit)})

    @routes.get("/history", response_model=dict[str, Any], responses=shown(examples.HISTORY), summary="Who decided what, and when")
    async def history() -> Json:
        """Every decision about who owns the effects, oldest first: number, share, kind, state, by, reason, at, evidence."""
        return Json({"history": await move.history()})

    @routes.get("/dead-letters", response_model=dict[str, Any], responses=shown(examples.DEAD_LETTERS), summary="What could never be stored")
    async def dead_letters(
        reason: Reason = None,
        topic: Topic = None,
        limit: Annotated[int, Query(ge=0, le=MOST_LETTERS)] = 20,
        parked: Annotated[bool, Query(description="Instead, the events that wait for a parent row.")] = False,
    ) -> Json:
        """As `nljctl dlq list`: newest first, one item per record; `count` and `by_reason` are of all that match."""
        return Json(await move.dead_letters(reason=reason, topic=topic, limit=limit, parked=parked))

    return routes
