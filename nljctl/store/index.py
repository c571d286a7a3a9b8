"""The indices: mapping of the new one, the legacy one, and the alias through which analytics read.

Nothing a producer sends can add a field or fail a bulk by its type: the mapping is explicit, `dynamic: false`, and extensions,
whose keys are IRIs and whose values are anything, are `flattened` with bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import AsyncElasticsearch, BadRequestError

from nljctl.settings import Settings

ALIAS = "xapi-analytics"

KEYWORD: Mapping[str, Any] = {"type": "keyword", "ignore_above": 8_000}
TEXT: Mapping[str, Any] = {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 1_000}}}
DATE: Mapping[str, Any] = {"type": "date", "format": "strict_date_optional_time_nanos", "ignore_malformed": True}
FLOAT: Mapping[str, Any] = {"type": "double", "ignore_malformed": True}
BOOLEAN: Mapping[str, Any] = {"type": "boolean"}
EXTENSIONS: Mapping[str, Any] = {"type": "flattened", "depth_limit": 100, "ignore_above": 2_000}
STORED_ONLY: Mapping[str, Any] = {"type": "object", "enabled": False}


def _object(**properties: Any) -> dict[str, Any]:
    return {"dynamic": False, "properties": properties}


AGENT = _object(
    objectType=KEYWORD,
    name=TEXT,
    mbox=KEYWORD,
    mbox_sha1sum=KEYWORD,
    openid=KEYWORD,
    account=_object(homePage=KEYWORD, name=KEYWORD),
)
ACTIVITY_REFERENCE = _object(id=KEYWORD)

STATEMENT: Mapping[str, Any] = {
    "dynamic": False,
    "properties": {
        "id": KEYWORD,
        "version": KEYWORD,
        "timestamp": DATE,
        "stored": DATE,
        "actor": AGENT,
        "verb": _object(id=KEYWORD, display=STORED_ONLY),
        "object": _object(
            objectType=KEYWORD,
            id=KEYWORD,
            definition=_object(type=KEYWORD, interactionType=KEYWORD, name=STORED_ONLY, description=STORED_ONLY, extensions=EXTENSIONS),
        ),
        "result": _object(
            completion=BOOLEAN,
            success=BOOLEAN,
            duration=KEYWORD,
            response=TEXT,
            score=_object(scaled=FLOAT, raw=FLOAT, min=FLOAT, max=FLOAT),
            extensions=EXTENSIONS,
        ),
        "context": _object(
            registration=KEYWORD,
            platform=KEYWORD,
            language=KEYWORD,
            extensions=EXTENSIONS,
            contextActivities=_object(parent=ACTIVITY_REFERENCE, grouping=ACTIVITY_REFERENCE, category=ACTIVITY_REFERENCE, other=ACTIVITY_REFERENCE),
        ),
        "nljctl": _object(
            topic=KEYWORD,
            partition={"type": "integer"},
            offset={"type": "long"},
            event=KEYWORD,
            repairs=KEYWORD,
            digest={"type": "keyword", "index": False, "doc_values": False},
            removed=STORED_ONLY,
        ),
    },
}

SETTINGS: Mapping[str, Any] = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "refresh_interval": "500ms",
    "mapping.total_fields.limit": 500,
}


async def ensure_indices(client: AsyncElasticsearch, settings: Settings, *, reads: str) -> dict[str, bool]:
    """Makes the template, both indices and the alias (on the index `reads` if it has none yet); True for each that was made now.

    The legacy index gets no mapping: Ralph's is dynamic, and the platform's queries know it so.
    """
    name = f"{settings.index}-template"
    made = {f"template {name}": not await client.indices.exists_index_template(name=name)}
    await client.indices.put_index_template(name=name, index_patterns=[settings.index], template={"settings": SETTINGS, "mappings": STATEMENT}, priority=200)
    for index in (settings.index, settings.legacy_index):
        made[f"index {index}"] = await _create(client, index)
    made[f"alias {ALIAS}"] = not await client.indices.exists_alias(name=ALIAS)
    if made[f"alias {ALIAS}"]:
        await client.indices.put_alias(index=reads, name=ALIAS)
    return made


async def _create(client: AsyncElasticsearch, index: str) -> bool:
    if await client.indices.exists(index=index):
        return False
    try:
        await client.indices.create(index=index, settings={"number_of_replicas": 0})
    except BadRequestError as problem:
        if problem.error != "resource_already_exists_exception":
            raise
        return False
    return True


async def reads_from(client: AsyncElasticsearch) -> str | None:
    """The index behind the alias; None if there is none yet."""
    if not await client.indices.exists_alias(name=ALIAS):
        return None
    behind = await client.indices.get_alias(name=ALIAS)
    return next(iter(behind), None)


async def move_reads(client: AsyncElasticsearch, index: str) -> None:
    """Points the alias at one index, atomically."""
    await client.indices.update_aliases(actions=[{"remove": {"index": "*", "alias": ALIAS, "must_exist": False}}, {"add": {"index": index, "alias": ALIAS}}])
