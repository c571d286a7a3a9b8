"""/api/analytics/dashboard, whose content depends on who asks. Annotations are evaluated here (no `from __future__`): they name this router's doors."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from nljctl.api.access import Caller
from nljctl.api.callers import Doors
from nljctl.api.dashboard import Dashboard, Role
from nljctl.api.envelope import Envelope
from nljctl.api.parameters import Since


def router(doors: Doors, dashboard: Dashboard) -> APIRouter:
    """Needs the permission view."""
    routes = APIRouter(prefix="/api/analytics", tags=["analytics"])

    @routes.get("/dashboard", response_model=Envelope[dict[str, object]], summary="The figures for one kind of user")
    async def show(
        who: Annotated[Caller, Depends(doors.view)],
        role: Annotated[Role, Query(description="For whom; `admin` is for administrators.")] = "learner",
        since: Since = None,
    ) -> Response:
        """The platform overview, and beside it the caller's own figures (learner), completion (instructor), or completion and the system's state (admin)."""
        return await dashboard.show(who, role, since)

    return routes
