"""Whether the indices take what is written, and analytics read the right one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nljctl.migration.doctor.facts import DatabaseFacts, Disk, ElasticsearchFacts, Names
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, warning
from nljctl.migration.doctor.fixes import SETUP, cluster_setting, index_setting, move_alias, request
from nljctl.migration.states import State
from nljctl.store.index import ALIAS, SETTINGS, STATEMENT

FIELDS_LIMIT = "mapping.total_fields.limit"
_BYTES = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_SIZE = re.compile(r"(-?[\d.]+)([kmgtp]?b)")
_DISK = "cluster.routing.allocation.disk"


def cluster_status(elasticsearch: ElasticsearchFacts) -> Finding:
    if elasticsearch.health == "red":
        return failed("the cluster is red: an index has no primary shard, so data is missing", "Bring the node that holds it back.")
    if elasticsearch.health == "yellow":
        return warning("the cluster is yellow: copies of shards have no node", "Add a node, or lower number_of_replicas.")
    return ok(f"the cluster of {elasticsearch.nodes} nodes is {elasticsearch.health}" if elasticsearch.nodes != 1 else "the cluster of one node is green")


def indices_exist(names: Names, elasticsearch: ElasticsearchFacts) -> Finding:
    missing = [index for index in (names.index, names.legacy_index) if index not in elasticsearch.settings]
    if missing:
        return failed(f"{listed(missing)} is missing", SETUP)
    if not elasticsearch.template:
        return warning(f"the template of {names.index} is missing: an index made anew would have another mapping", SETUP)
    return ok(f"{names.index} and {names.legacy_index} are there")


def blocks(names: Names, elasticsearch: ElasticsearchFacts) -> Finding:
    """A block makes both consumers wait; the one that a full disk sets goes by itself, all others stay until somebody takes them away."""
    for setting in ("cluster.blocks.read_only", "cluster.blocks.read_only_allow_delete"):
        if elasticsearch.cluster.get(setting) == "true":
            return failed(f"the whole cluster refuses writes ({setting})", cluster_setting(names, setting, None))
    for index, settings in sorted(elasticsearch.settings.items()):
        for setting, value in sorted(settings.items()):
            if setting.startswith("index.blocks.") and value == "true":
                why = "; a full disk sets it, so make room first" if setting.endswith("read_only_allow_delete") else ""
                return failed(f"{index} is blocked ({setting}){why}: nothing is stored, faststream waits", index_setting(names, index, setting, None))
    return ok("no index is blocked")


def mapping(names: Names, elasticsearch: ElasticsearchFacts) -> Finding:
    """The mapping as `setup` makes it: nothing that a producer sends can add a field, or fail a bulk by its type."""
    actual = elasticsearch.mapping
    if actual is None:
        return failed(f"{names.index} is missing", SETUP)
    found = list(differences(STATEMENT, actual))
    wrong = [place for place, kind in found if kind == "wrong"]
    if wrong:
        detail = f"{names.index} is mapped otherwise than setup does: {listed(wrong)}"
        return failed(detail, f"Fields cannot be mapped anew: make another index (ELASTICSEARCH_INDEX=<name> {SETUP}) and reindex into it.")
    dynamic, missing = ([place for place, kind in found if kind == wanted] for wanted in ("dynamic", "missing"))
    mend = request(names, "PUT", f"{names.index}/_mapping", STATEMENT)
    if dynamic:
        return failed(f"whatever producers send adds fields to {names.index} ({listed(dynamic)} is not dynamic: false)", mend)
    if missing:
        return failed(f"{names.index} lacks fields that analytics read: {listed(missing)}", mend)
    limit, wanted = elasticsearch.settings.get(names.index, {}).get(f"index.{FIELDS_LIMIT}", "1000"), SETTINGS[FIELDS_LIMIT]
    if int(limit) < wanted:
        return warning(f"{names.index} takes only {limit} fields", index_setting(names, names.index, f"index.{FIELDS_LIMIT}", wanted))
    return ok(f"{names.index} is mapped as setup does, dynamic: false")


def differences(wanted: Mapping[str, Any], actual: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Where an actual mapping is not the wanted one: `dynamic`, `missing` or `wrong`. Fields beyond those wanted are nobody's business."""
    for name, value in wanted.items():
        if name in ("properties", "fields"):
            for field, inner in value.items():
                deeper = f"{place}.{field}".lstrip(".")
                if field in actual.get(name, {}):
                    yield from differences(inner, actual[name][field], deeper)
                else:
                    yield deeper, "missing"
        elif name == "dynamic":
            if str(actual.get("dynamic", True)).lower() != str(value).lower():
                yield place or "the whole", "dynamic"
        elif (name, value) != ("type", "object") and str(actual.get(name)).lower() != str(value).lower():
            yield f"{place} ({name} {actual.get(name)})", "wrong"


def replicas(elasticsearch: ElasticsearchFacts, names: Names) -> Finding:
    single = [index for index, settings in sorted(elasticsearch.settings.items()) if settings.get("index.number_of_replicas") == "0"]
    if elasticsearch.nodes > 1 and single:
        fix = index_setting(names, single[0], "index.number_of_replicas", 1)
        return warning(f"{listed(single)} has no replica although there are {elasticsearch.nodes} nodes", fix)
    return ok("one node, so one copy" if elasticsearch.nodes == 1 else "every index has a replica")


def alias(names: Names, elasticsearch: ElasticsearchFacts, database: DatabaseFacts) -> Finding:
    if not database.plan:
        return failed("no state says where analytics should read: there is no first epoch", SETUP)
    state = State(database.plan[-1].state)
    right = names.index if state in (State.CUT_OVER, State.LEGACY_REMOVED) else names.legacy_index
    behind = list(elasticsearch.aliases.get(ALIAS, ()))
    if behind == [right]:
        return ok(f"{ALIAS} is {right}, as the state {state} says")
    if state is State.ROLLED_BACK and behind == [names.index]:
        if database.backfill:
            return ok(f"{ALIAS} stays {names.index} until the backfill of {right} is full")
        return warning(f"{ALIAS} is still {names.index} although the backfill of {right} is full", move_alias(names, right))
    if not behind:
        return failed(f"{ALIAS} is no alias: analytics find nothing", move_alias(names, right))
    return failed(f"{ALIAS} is {listed(behind)}, but in the state {state} analytics read {right}", move_alias(names, right))


def read_by_name(names: Names, elasticsearch: ElasticsearchFacts) -> Finding:
    """Who reads an index by its name is not told by Elasticsearch; that somebody reads one that the alias does not name, is."""
    behind = elasticsearch.aliases.get(ALIAS, ())
    others = sorted(name for name, indices in elasticsearch.aliases.items() if name != ALIAS and {names.index, names.legacy_index} & set(indices))
    searched = {index: count for index, count in elasticsearch.searches.items() if count and index not in behind}
    look = f"Point what reads it (the platform's API above all) at {ALIAS}; a comparison that runs right now reads it too."
    if searched:
        return warning(f"{listed(f'{index} ({count} searches)' for index, count in searched.items())} was read by name within one second", look)
    if others:
        return warning(f"other aliases lead to the indices and are not moved with {ALIAS}: {listed(others)}", look)
    return ok(f"within one second nobody searched an index that {ALIAS} does not name; who reads by name at other times, or the one behind it, cannot be seen")


def disks(elasticsearch: ElasticsearchFacts) -> Finding:
    settings = elasticsearch.cluster
    if settings.get(f"{_DISK}.threshold_enabled") == "false":
        least = min((disk.available / disk.total for disk in elasticsearch.disks if disk.total), default=1.0)
        return ok(f"{least:.0%} are free at least (watermarks are switched off)")
    for level, words in (("flood_stage", "its indices become read-only"), ("high", "shards move away"), ("low", "no new shard is put there")):
        full = [disk.node for disk in elasticsearch.disks if below(disk, settings.get(f"{_DISK}.watermark.{level}"), settings.get(_headroom(level)))]
        if full:
            detail = f"the disk of {listed(full)} is beyond the {level.replace('_', ' ')} watermark: {words}"
            return (failed if level == "flood_stage" else warning)(detail, "Free space on that disk, or add a node.")
    return ok(f"no disk of {len(elasticsearch.disks)} is near a watermark")


def below(disk: Disk, watermark: str | None, headroom: str | None) -> bool:
    """Whether a disk has less free space than a watermark asks for: a share in use (`85%`, at most `headroom` need be free) or free bytes (`10gb`)."""
    if not watermark:
        return False
    if not watermark.endswith("%"):
        return disk.available < _bytes(watermark)
    free = disk.total * (1 - float(watermark[:-1]) / 100)
    most = _bytes(headroom) if headroom else -1
    return disk.available < (free if most < 0 else min(free, most))


def _headroom(level: str) -> str:
    return f"{_DISK}.watermark.{level}.max_headroom"


def _bytes(size: str) -> float:
    match = _SIZE.fullmatch(size.lower())
    return float(match[1]) * _BYTES[match[2]] if match else -1.0


CHECKS = (
    Check("elasticsearch-status", (ElasticsearchFacts,), cluster_status),
    Check("elasticsearch-blocks", (Names, ElasticsearchFacts), blocks),
    Check("elasticsearch-disks", (ElasticsearchFacts,), disks),
    Check("elasticsearch-replicas", (ElasticsearchFacts, Names), replicas),
    Check("indices", (Names, ElasticsearchFacts), indices_exist),
    Check("mapping", (Names, ElasticsearchFacts), mapping),
    Check("alias", (Names, ElasticsearchFacts, DatabaseFacts), alias),
    Check("read-by-name", (Names, ElasticsearchFacts), read_by_name),
)
