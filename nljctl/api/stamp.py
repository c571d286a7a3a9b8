"""What tells one state of an index from another, as searches see it: only a refresh can show a search anything new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from elasticsearch import AsyncElasticsearch, NotFoundError


@dataclass(frozen=True, slots=True)
class IndexStamp:
    """One index behind the alias: its name and uuid, how often it has been refreshed, its documents and those that were deleted or replaced."""

    name: str
    uuid: str
    refreshes: int
    documents: int
    deleted: int


Stamp: TypeAlias = tuple[IndexStamp, ...]


async def look(client: AsyncElasticsearch, index: str) -> Stamp | None:
    """The present state of what an index name or alias stands for; None where there is none to tell."""
    try:
        found = await client.indices.stats(index=index, metric=["docs", "refresh"], filter_path="indices.*.uuid,indices.*.primaries")
    except NotFoundError:
        return None
    return tuple(sorted((_of(name, entry) for name, entry in found.get("indices", {}).items()), key=lambda entry: entry.name)) or None


def _of(name: str, entry: dict[str, Any]) -> IndexStamp:
    docs = entry["primaries"]["docs"]
    return IndexStamp(name, entry["uuid"], entry["primaries"]["refresh"]["external_total"], docs["count"], docs["deleted"])
