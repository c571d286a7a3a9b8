"""What Kafka says of itself: brokers, topics, groups, and how old what they hold is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import ApiVersionRequest

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import Span, committed, spans
from nljctl.migration.doctor.facts import Group, KafkaFacts, Member, Names, Partition, Topic
from nljctl.settings import Settings

FUTURE_MS = 60_000
WATCH_SECONDS = 1.0
"""How far apart a group's members are looked at twice."""


async def ask_kafka(settings: Settings, names: Names) -> KafkaFacts:
    """Facts of the topics that the pipelines read, the dead-letter topic, and both groups.

    Raises:
        NljctlError, KafkaError: no broker answers, or it refuses.
    """
    async with admin(settings) as client:
        cluster = await client.describe_cluster()
        before, began = {pipeline: await _members(client, names.groups[pipeline]) for pipeline in Pipeline}, time.monotonic()
        nodes = [broker["node_id"] for broker in cluster["brokers"]]
        existing = sorted(set(await client.list_topics()) & {*SUBSCRIBED, names.dead_letter_topic})
        topics = await _topics(client, existing)
        retention = await _broker_setting(client, nodes, "offsets.retention.minutes")
        versions = await _api_versions(client, nodes)
        await asyncio.sleep(max(0.0, WATCH_SECONDS - (time.monotonic() - began)))
        groups = {pipeline: await _group(client, names.groups[pipeline], before[pipeline]) for pipeline in Pipeline}
    tps = [TopicPartition(name, number) for name in existing if name in SUBSCRIBED for number in range(len(topics[name].partitions))]
    async with consumer(settings) as reader:
        held = await spans(reader, tps)
        now = int(time.time() * 1000)
        ages = {tp: kept for tp in tps if (kept := topics[tp.topic].number("retention.ms")) is not None and kept >= 0}
        half, most = [await _younger(reader, held, {tp: now - int(kept * share) for tp, kept in ages.items()}) for share in (0.5, 0.9)]
        ahead = await _younger(reader, held, dict.fromkeys(tps, now + FUTURE_MS))
    future = sorted({tp.topic for tp, offset in ahead.items() if offset < held[tp].end})
    return KafkaFacts(len(nodes), versions, topics, retention, groups, held, half, most, future)


async def _topics(client: AIOKafkaAdminClient, existing: Sequence[str]) -> dict[str, Topic]:
    if not existing:
        return {}
    described = await client.describe_topics(list(existing))
    configs: dict[str, dict[str, str]] = {}
    for response in await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in existing]):
        for resource in response.to_object()["resources"]:
            configs[resource["resource_name"]] = _entries(resource)
    return {
        topic["topic"]: Topic(
            [Partition(each["leader"], len(each["replicas"]), len(each["isr"])) for each in topic["partitions"]], configs.get(topic["topic"], {})
        )
        for topic in described
    }


async def _broker_setting(client: AIOKafkaAdminClient, nodes: Sequence[int], name: str) -> int | None:
    """The least that any broker has; None where they do not tell."""
    found = []
    for response in await client.describe_configs([ConfigResource(ConfigResourceType.BROKER, str(node), {name: ""}) for node in nodes]):
        for resource in response.to_object()["resources"]:
            value = _entries(resource).get(name, "")
            found += [int(value)] if value.isdecimal() else []
    return min(found, default=None)


def _entries(resource: Mapping[str, Any]) -> dict[str, str]:
    return {entry["config_names"]: entry["config_value"] or "" for entry in resource["config_entries"]}


async def _api_versions(client: AIOKafkaAdminClient, nodes: Sequence[int]) -> dict[int, int]:
    """The highest version of each request that every broker takes."""
    common: dict[int, int] | None = None
    for node in nodes:
        # aiokafka keeps what it learns of a broker's versions to itself.
        answer = await client._send_request(ApiVersionRequest(), node)
        here = {key: highest for key, _, highest in answer.api_versions}
        common = here if common is None else {key: min(highest, here[key]) for key, highest in common.items() if key in here}
    return common or {}


async def _group(client: AIOKafkaAdminClient, group: str, before: Sequence[Member]) -> Group:
    return Group(await _members(client, group), bool(await committed(client, group)), before)


async def _members(client: AIOKafkaAdminClient, group: str) -> list[Member]:
    members: list[Member] = []
    for response in await client.describe_consumer_groups([group]):
        for described in response.to_object()["groups"]:
            members += [Member(member["client_id"], member["client_host"].lstrip("/"), member["member_id"]) for member in described["members"]]
    return members


async def _younger(reader: AIOKafkaConsumer, held: Mapping[TopicPartition, Span], since: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """The first offset of each partition whose record is not older than a time; its end if there is none."""
    if not since:
        return {}
    found = await reader.offsets_for_times({tp: max(0, moment) for tp, moment in since.items()})
    return {tp: held[tp].end if entry is None else entry.offset for tp, entry in found.items()}
