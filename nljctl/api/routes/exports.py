"""/api/analytics/export: figures and statements as files, for administrators. Annotations are evaluated here, as in `dashboard.py`."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from nljctl.analytics.days import utc
from nljctl.api.access import Caller
from nljctl.api.callers import Doors
from nljctl.api.export import Form, as_csv, as_json, begun
from nljctl.api.parameters import Since, Until
from nljctl.api.reads import Reads
from nljctl.api.tables import TABLES, Asked, Kind

MOST_ROWS = 100_000

DataType = Annotated[Kind, Query(description="What is exported.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows at most; `truncated` says that there may be more.")]

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "RFC 4180, with a heading."}}


def router(doors: Doors, reads: Reads) -> APIRouter:
    """Needs the permission admin."""
    routes = APIRouter(prefix="/api/analytics/export", tags=["exports"])

    async def export(form: Form, who: Caller, kind: Kind, asked: Asked) -> Response:
        now = datetime.now(UTC)
        rows = await begun(TABLES[kind](reads, asked))
        headers = {"content-disposition": f'attachment; filename="nljctl-{kind}-{now:%Y%m%dT%H%M%SZ}.{form}"'}
        if form == "csv":
            return StreamingResponse(as_csv(rows, kind), media_type="text/csv; charset=utf-8", headers=headers)
        filters = {"since": asked.since and utc(asked.since), "until": asked.until and utc(asked.until), "limit": asked.limit}
        about = {"export_type": kind, "format": form, "filters": filters, "exported_at": utc(now), "exported_by": who.name}
        return StreamingResponse(as_json(rows, about, asked.limit), media_type="application/json", headers=headers)

    @routes.get("/json", response_model=dict[str, Any], summary="As one JSON document")
    async def json_export(
        who: Annotated[Caller, Depends(doors.admin)], data_type: DataType = "overview", since: Since = None, until: Until = None, limit: Limit = 10_000
    ) -> Response:
        """`data` has a row per figure, learner, activity or statement. It is sent while it is read: a failure on the way ends it without its last bracket."""
        return await export("json", who, data_type, Asked(since, until, limit))

    @routes.get("/csv", response_model=None, responses=_CSV, summary="As CSV")
    async def csv_export(
        who: Annotated[Caller, Depends(doors.admin)], data_type: DataType = "overview", since: Since = None, until: Until = None, limit: Limit = 10_000
    ) -> Response:
        """The same as a table. A text that a spreadsheet would take for a formula has an apostrophe before it."""
        return await export("csv", who, data_type, Asked(since, until, limit))

    return routes
