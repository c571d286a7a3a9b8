"""/migration: the page, and what it is made of. Served to everybody, since it holds no data; it asks /api/migration for that."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response

PAGE = "nljctl.api.page"
MEDIA: Mapping[str, str] = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
ASSETS = ("page.css", "main.js", "move.js", "details.js", "charts.js", "dom.js", "icon.svg")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Its own files and its own API; nothing inline, nothing from elsewhere."""


def router() -> APIRouter:
    """Its files are read once."""
    routes = APIRouter(include_in_schema=False)
    page = (files(PAGE) / "migration.html").read_bytes()
    assets = {name: (files(PAGE) / name).read_bytes() for name in ASSETS}

    @routes.get("/migration")
    async def migration() -> Response:
        return Response(page, media_type="text/html; charset=utf-8", headers={"content-security-policy": POLICY})

    @routes.get("/migration/{name}")
    async def asset(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404, "the page has no such file")
        return Response(assets[name], media_type=MEDIA[name.rpartition(".")[2]], headers={"cache-control": "no-cache"})

    return routes
