"""The application: its paths, put together with what they ask."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from elasticsearch import AsyncElasticsearch
from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response

from nljctl import __version__
from nljctl.api import failures
from nljctl.api.answers import Json
from nljctl.api.callers import Doors
from nljctl.api.dashboard import Dashboard
from nljctl.api.headers import Application, guarded
from nljctl.api.health import health
from nljctl.api.memo import Memo
from nljctl.api.move import Move
from nljctl.api.reads import Reads
from nljctl.api.routes import dashboard as dashboard_routes
from nljctl.api.routes import exports, learners, migration, page, platform, surveys
from nljctl.api.tokens import Keys
from nljctl.api.users import Users
from nljctl.settings import Settings

HEALTH_SECONDS = 1.0

DESCRIPTION = """Analytics over the platform's xAPI statements, in the platform's shapes, and the state of the move from the legacy consumer to FastStream.

Reads follow the Elasticsearch alias `xapi-analytics`. Every failure has a body `{"success": false, "error": {"code", "message", "hint"}}`."""


def application(load: Callable[[], Settings], client: AsyncElasticsearch, keys: Keys) -> Application:
    """The API as an ASGI application.

    Args:
        load: gives the settings as they are now.
        client: asks Elasticsearch; closed by who made it.
        keys: what callers are known by; without any, only requests to a loopback name are answered.
    """
    settings = load()
    app = FastAPI(title="nljctl", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None, responses=failures.RESPONSES)
    failures.install(app, settings)
    doors = Doors(keys, Users(settings))
    well = Memo(lambda: health(settings, client), HEALTH_SECONDS)

    @app.get("/health", response_model=dict[str, Any], tags=["service"], summary="Can it answer?", responses=_UNWELL)
    async def service_health() -> Response:
        """200 where analytics can be read, else 503; needs no token. `degraded`: users and the migration cannot be asked for."""
        found = await well()
        return Json(found, HTTPStatus.SERVICE_UNAVAILABLE if found["status"] == "unhealthy" else HTTPStatus.OK)

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/migration")

    reads = Reads(settings, client)
    dashboard = Dashboard(load, reads)
    for router in (
        platform.router(doors, reads, dashboard),
        dashboard_routes.router(doors, dashboard),
        surveys.router(doors, reads),
        learners.router(doors, reads),
        exports.router(doors, reads),
        migration.router(doors, Move(load)),
        page.router(),
    ):
        app.include_router(router)
    return guarded(app, local_only=keys.open)


_UNWELL: dict[int | str, dict[str, Any]] = {503: {"description": "Elasticsearch cannot be asked; the body says why."}}
