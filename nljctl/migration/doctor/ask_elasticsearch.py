"""What Elasticsearch says of itself, of both indices, and of who searches them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from elasticsearch import AsyncElasticsearch

from nljctl.migration.doctor.facts import Clock, Disk, ElasticsearchFacts, Names
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch

REQUEST_SECONDS = 5.0
WATCH_SECONDS = 1.0
"""How long searches are counted."""


async def ask_elasticsearch(settings: Settings, names: Names) -> ElasticsearchFacts:
    """Facts of the cluster and of the indices that exist.

    Raises:
        NljctlError: nothing answers, or it refuses.
    """
    indices = [names.index, names.legacy_index]
    async with elasticsearch(settings, request_timeout=REQUEST_SECONDS, max_retries=0, retry_on_timeout=False) as client:
        before, began = await _searches(client, indices), time.monotonic()
        info = await client.info()
        health = await client.cluster.health()
        cluster = await client.cluster.get_settings(include_defaults=True, flat_settings=True)
        found = await client.indices.get_settings(index=indices, ignore_unavailable=True, flat_settings=True)
        mappings = await client.indices.get_mapping(index=[names.index], ignore_unavailable=True)
        aliases = await client.indices.get_alias()
        template = bool(await client.indices.exists_index_template(name=f"{names.index}-template"))
        clock, disks = await _nodes(client)
        await asyncio.sleep(max(0.0, WATCH_SECONDS - (time.monotonic() - began)))
        after = await _searches(client, indices)
    return ElasticsearchFacts(
        version=info["version"]["number"],
        client=version("elasticsearch"),
        health=health["status"],
        nodes=health["number_of_nodes"],
        clock=clock,
        cluster={name: _text(value) for level in ("defaults", "persistent", "transient") for name, value in cluster.get(level, {}).items()},
        settings={index: {name: _text(value) for name, value in entry["settings"].items()} for index, entry in found.items()},
        mapping=mappings[names.index]["mappings"] if names.index in mappings else None,
        template=template,
        aliases=_by_alias(aliases.body),
        disks=disks,
        searches={index: after[index] - before.get(index, 0) for index in after},
    )


async def _searches(client: AsyncElasticsearch, indices: list[str]) -> dict[str, int]:
    # As patterns: a name that is not there would be an error.
    answer = await client.indices.stats(index=[f"{index}*" for index in indices], metric="search")
    return {index: entry["total"]["search"]["query_total"] for index, entry in answer["indices"].items() if index in indices}


async def _nodes(client: AsyncElasticsearch) -> tuple[Clock, list[Disk]]:
    """The clock of one node, and every node's disk. (HTTP answers of Elasticsearch carry no date.)"""
    began = time.time()
    nodes: Mapping[str, Any] = (await client.nodes.stats(metric="fs"))["nodes"]
    half = (time.time() - began) / 2
    first = next(iter(nodes.values()))
    disks = [Disk(node["name"], node["fs"]["total"]["total_in_bytes"], node["fs"]["total"]["available_in_bytes"]) for node in nodes.values() if node.get("fs")]
    return Clock(first["timestamp"] / 1000 - began - half, half), disks


def _by_alias(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for index, entry in sorted(answer.items()):
        for alias in entry["aliases"]:
            found.setdefault(alias, []).append(index)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
