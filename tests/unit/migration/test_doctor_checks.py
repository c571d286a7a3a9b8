"""Each check of the doctor: well on a healthy platform, and what it says when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from doctor_world import (
    BOOKINGS,
    DEAD,
    EMPTY,
    NAMES,
    OURS,
    STRANGER,
    TP,
    at,
    configured,
    database,
    elasticsearch,
    healthy,
    kafka,
    plan,
    runtime,
    static,
    topic,
)

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects.plan import Pipeline
from nljctl.kafka.offsets import Span
from nljctl.kafka.topics import DAY_MS
from nljctl.migration.doctor import configuration, index, ownership, platform, topics, versions
from nljctl.migration.doctor.facts import Clock, Disk, Group, Names, Partition, RalphFacts, Topic
from nljctl.migration.doctor.finding import Away, Finding, examine
from nljctl.migration.doctor.fixes import index_setting, topic_setting
from nljctl.migration.doctor.table import CHECKS
from nljctl.migration.states import State
from nljctl.stack.names import FASTSTREAM
from nljctl.store.index import ALIAS, KEYWORD, STATEMENT

FIELDS = STATEMENT["properties"]
FULL = [Disk("n1", 1_000, 40)]
WATERMARKS = {f"cluster.routing.allocation.disk.watermark.{level}": share for level, share in (("low", "85%"), ("high", "90%"), ("flood_stage", "95%"))}


def disk(available: int, **more: str) -> dict[str, Any]:
    return {"disks": [Disk("n1", 1_000, available)], "cluster": {**WATERMARKS, **more}}


WRONG: dict[str, list[tuple[Finding, str, str]]] = {
    "ralph-reachable": [(versions.ralph_reachable(RalphFacts(500)), "failed", "500")],
    "kafka-version": [(versions.kafka_version(kafka(api_versions={0: 2, 1: 11, 2: 5, 15: 5, 22: 4, 32: 4})), "failed", "Produce")],
    "database-version": [(versions.database_version(database(version=110_022)), "failed", "11")],
    "elasticsearch-version": [
        (versions.elasticsearch_version(elasticsearch(version="7.17.1")), "failed", "7.17.1"),
        (versions.elasticsearch_version(elasticsearch(version="8.19.1", client="9.1.0")), "failed", "9.1.0"),
    ],
    "topics": [(topics.topics_exist(kafka(topics={BOOKINGS: None})), "failed", BOOKINGS)],
    "dead-letter-topic": [
        (topics.dead_letter_topic(NAMES, kafka(topics={DEAD: None})), "failed", "missing"),
        (topics.dead_letter_topic(NAMES, kafka(topics={DEAD: topic(max_message_bytes=1_048_576)})), "failed", "1,048,576"),
        (topics.dead_letter_topic(NAMES, kafka(topics={DEAD: topic(retention_ms=DAY_MS, max_message_bytes=40_000_000)})), "warning", "1.0 days"),
    ],
    "topic-cleanup": [(topics.cleanup_policy(NAMES, kafka(topics={BOOKINGS: topic(cleanup_policy="compact,delete")})), "failed", BOOKINGS)],
    "topic-record-size": [(topics.record_size(NAMES, kafka(topics={BOOKINGS: topic(max_message_bytes=1_048_576)})), "warning", "1,048,576")],
    "retention-against-lag": [
        (topics.lag_within_retention(NAMES, kafka(), database(positions=at(90))), "failed", "10 records"),
        (topics.lag_within_retention(NAMES, kafka(), database(positions=at(105))), "failed", "90 %"),
        (topics.lag_within_retention(NAMES, kafka(), database(positions=at(115))), "warning", "half"),
        (topics.lag_within_retention(NAMES, kafka(), database(plan=plan(State.CUT_OVER, 100), positions=at(90, Pipeline.LEGACY))), "warning", "legacy"),
    ],
    "retention-against-rollback": [
        (topics.rollback_window(NAMES, kafka(topics={BOOKINGS: topic(retention_ms=2 * DAY_MS)})), "warning", "2.0 days"),
        (topics.rollback_window(NAMES, kafka(topics={BOOKINGS: topic(retention_bytes=1_000)})), "warning", "retention.bytes"),
    ],
    "topic-replication": [
        (topics.replication(kafka(topics={BOOKINGS: Topic([Partition(-1, 1, 1)])})), "failed", "no leader"),
        (topics.replication(kafka(brokers=3, topics={BOOKINGS: Topic([Partition(0, 3, 2)])})), "warning", "not in sync"),
        (topics.replication(kafka(brokers=3)), "warning", "3 brokers"),
    ],
    "topic-acks": [
        (topics.acknowledgements(NAMES, kafka(brokers=3, every=topic(copies=3))), "warning", "may lose"),
        (topics.acknowledgements(NAMES, kafka(brokers=3, every=topic(copies=3, min_insync_replicas=3))), "warning", "3 of 3"),
    ],
    "clock-producers": [(topics.producer_clocks(kafka(future=[BOOKINGS])), "warning", BOOKINGS)],
    "owner-running": [
        (ownership.owner_running(kafka(), database(plan=[])), "failed", "no first epoch"),
        (ownership.owner_running(kafka(groups={**OURS, Pipeline.FASTSTREAM: EMPTY}), database()), "failed", "10 records wait"),
        (ownership.owner_running(kafka(groups={**OURS, Pipeline.LEGACY: EMPTY}, spans={TP: Span(0, 0)}), database()), "warning", "nothing waits"),
    ],
    "two-owners": [
        (ownership.two_owners(NAMES, kafka(groups={**OURS, Pipeline.FASTSTREAM: STRANGER}), database()), "failed", "aiokafka-0.9 on 10.0.0.7"),
        (ownership.two_owners(NAMES, kafka(groups={**OURS, Pipeline.LEGACY: STRANGER}), database()), "failed", "10 % of the effects"),
        (ownership.two_owners(NAMES, kafka(), database(plan=plan(State.ROLLED_BACK, 0))), "warning", "rolled-back"),
        (ownership.two_owners(NAMES, kafka(), database(plan=[])), "failed", "no first epoch"),
    ],
    "static-ids": [
        (
            ownership.static_ids(NAMES, kafka(groups={**OURS, Pipeline.FASTSTREAM: Group([static("one", 2)], before=[static("one", 1)])})),
            "failed",
            "one in fast-group",
        ),
    ],
    "services": [
        (ownership.services(runtime(legacy="exited"), database()), "failed", "xapi-consumer"),
        (ownership.services(runtime(legacy="running"), database(plan=plan(State.CUT_OVER, 100))), "warning", "cut-over"),
    ],
    "group-offsets": [
        (
            ownership.offsets_expire(NAMES, kafka(groups={**OURS, Pipeline.LEGACY: EMPTY}), database(idle={Pipeline.LEGACY: 5 * 86_400.0})),
            "warning",
            "gone soon",
        ),
        (ownership.offsets_expire(NAMES, kafka(groups={**OURS, Pipeline.LEGACY: EMPTY}), database()), "warning", "nobody knows since when"),
    ],
    "elasticsearch-status": [
        (index.cluster_status(elasticsearch(health="red")), "failed", "red"),
        (index.cluster_status(elasticsearch(health="yellow")), "warning", "yellow"),
    ],
    "elasticsearch-blocks": [
        (index.blocks(NAMES, elasticsearch(settings={"xapi-statements": {"index.blocks.write": "true"}})), "failed", "index.blocks.write"),
        (index.blocks(NAMES, elasticsearch(settings={"statements": {"index.blocks.read_only_allow_delete": "true"}})), "failed", "make room"),
        (index.blocks(NAMES, elasticsearch(cluster={"cluster.blocks.read_only": "true"})), "failed", "whole cluster"),
    ],
    "elasticsearch-disks": [
        (index.disks(elasticsearch(**disk(40))), "failed", "flood stage"),
        (index.disks(elasticsearch(**disk(90))), "warning", "high"),
        (index.disks(elasticsearch(**disk(140))), "warning", "low"),
    ],
    "elasticsearch-replicas": [(index.replicas(elasticsearch(nodes=3), NAMES), "warning", "3 nodes")],
    "indices": [
        (index.indices_exist(NAMES, elasticsearch(settings={"statements": {}})), "failed", "xapi-statements"),
        (index.indices_exist(NAMES, elasticsearch(template=False)), "warning", "template"),
    ],
    "mapping": [
        (index.mapping(NAMES, elasticsearch(mapping=None)), "failed", "missing"),
        (index.mapping(NAMES, elasticsearch(mapping={**STATEMENT, "dynamic": "true"})), "failed", "dynamic"),
        (index.mapping(NAMES, elasticsearch(mapping={"properties": FIELDS})), "failed", "dynamic"),
        (index.mapping(NAMES, elasticsearch(mapping={**STATEMENT, "properties": {**FIELDS, "id": {"type": "text"}}})), "failed", "id (type text)"),
        (index.mapping(NAMES, elasticsearch(mapping={**STATEMENT, "properties": {**FIELDS, "verb": {"dynamic": False}}})), "failed", "verb.id"),
        (
            index.mapping(NAMES, elasticsearch(settings={"xapi-statements": {"index.mapping.total_fields.limit": "80"}})),
            "warning",
            "80",
        ),
    ],
    "alias": [
        (index.alias(NAMES, elasticsearch(aliases={ALIAS: ["xapi-statements"]}), database()), "failed", "shifting"),
        (index.alias(NAMES, elasticsearch(aliases={ALIAS: ["statements", "xapi-statements"]}), database()), "failed", "statements, xapi-statements"),
        (index.alias(NAMES, elasticsearch(aliases={}), database()), "failed", "no alias"),
        (index.alias(NAMES, elasticsearch(aliases={ALIAS: ["xapi-statements"]}), database(plan=plan(State.ROLLED_BACK, 0))), "warning", "full"),
        (index.alias(NAMES, elasticsearch(), database(plan=[])), "failed", "no first epoch"),
    ],
    "read-by-name": [
        (index.read_by_name(NAMES, elasticsearch(searches={"xapi-statements": 4, "statements": 9})), "warning", "xapi-statements (4 searches)"),
        (index.read_by_name(NAMES, elasticsearch(aliases={ALIAS: ["statements"], "reports": ["statements"]})), "warning", "reports"),
    ],
    "tables": [
        (platform.tables(database(missing=["nljctl.epoch"])), "failed", "nljctl.epoch"),
        (platform.tables(database(plan=[])), "failed", "no first epoch"),
    ],
    "database-connections": [
        (platform.connections(database(connections=90)), "failed", "10 of 100"),
        (platform.connections(database(connections=70)), "warning", "30 of 100"),
    ],
    "sessions-processing": [(platform.processing(database(processing=[7_200.0, 60.0])), "warning", "1 generation sessions")],
    "events-parked": [(platform.parked(database(parked=[90_000.0, 60.0])), "warning", "1 events")],
    "clock-database": [
        (platform.clock_database(database(clock=Clock(-5.0, 0.1))), "warning", "5.00 s behind"),
        (platform.clock_database(database(clock=Clock(90.0, 0.1))), "failed", "90.00 s ahead"),
    ],
    "clock-elasticsearch": [(platform.clock_elasticsearch(elasticsearch(clock=Clock(5.0, 0.1))), "warning", "Elasticsearch's")],
    "clock-ralph": [(platform.clock_ralph(RalphFacts(200, Clock(5.0, 0.6))), "warning", "Ralph's")],
    "settings-origins": [
        (
            configuration.origins(configured(origins={"kafka": "environment", "database": "stack.json", "elasticsearch": "stack.json"})),
            "failed",
            "kafka from environment",
        )
    ],
    "settings-passwords": [
        (configuration.passwords(configured(database="postgresql://nlj_user:postgres@db.example.org/nlj")), "warning", "DATABASE_URL"),
        (configuration.passwords(configured(database="postgresql://nlj_user@db.example.org/nlj")), "warning", "DATABASE_URL"),
        (configuration.passwords(configured(database="postgresql://[::1/nlj")), "failed", "not a database URL"),
        (configuration.passwords(configured(ralph="http://ralph.example.org", secrets={"RALPH_LRS_SECRET": "secret"})), "warning", "RALPH_LRS_SECRET"),
        (
            configuration.passwords(configured(elasticsearch="https://es.example.org", secrets={"ELASTICSEARCH_PASSWORD": "changeme"})),
            "warning",
            "ELASTICSEARCH_PASSWORD",
        ),
    ],
    "settings-plain-text": [
        (configuration.plain_text(configured(kafka="127.0.0.1:9092,kafka.example.org:9092")), "warning", "Kafka (PLAINTEXT)"),
        (configuration.plain_text(configured(elasticsearch="http://es.example.org:9200")), "warning", "Elasticsearch"),
        (configuration.plain_text(configured(database="postgresql://u:x@10.1.2.3/nlj")), "warning", "Postgres"),
    ],
}
"""What each check says of what is wrong: the status, and a part of the sentence."""

REACHES = {"kafka-reachable", "database-reachable", "elasticsearch-reachable"}
"""Checks that are only ever wrong when their source is away."""


def test_nothing_is_wrong_with_a_healthy_platform() -> None:
    found = {name: finding for name, finding in examine(CHECKS, healthy()) if finding.status != "ok"}
    assert found == {}


def test_every_check_is_shown_to_find_what_it_is_for() -> None:
    assert {check.name for check in CHECKS} == set(WRONG) | REACHES
    assert len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize(("finding", "status", "words"), [case for cases in WRONG.values() for case in cases])
def test_what_is_wrong_is_found_and_named(finding: Finding, status: str, words: str) -> None:
    assert finding.status == status
    assert words in finding.detail


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_can_be_mended(name: str) -> None:
    assert all(finding.fix for finding, _, _ in WRONG[name])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_whose_source_is_away_is_skipped_unless_that_is_what_it_checks(check: Any) -> None:
    source = check.needs[-1] if check.needs[-1] is not Names else check.needs[0]
    known = {**healthy(), source: Away("source", "does not answer", "start it")}

    ((_, finding),) = examine([check], known)

    assert finding.status == ("failed" if check.reaches else "skipped")
    assert "does not answer" in finding.detail


def test_a_service_that_nobody_expects_is_skipped() -> None:
    (check,) = [check for check in CHECKS if check.name == "ralph-reachable"]
    known = {**healthy(), RalphFacts: Away("ralph", "not part of what runs", expected=False)}

    ((_, finding),) = examine([check], known)

    assert finding.status == "skipped"


@pytest.mark.parametrize(
    ("state", "reads", "backfill"),
    [
        (State.LEGACY, "statements", False),
        (State.SHIFTING, "statements", False),
        (State.CUT_OVER, "xapi-statements", False),
        (State.LEGACY_REMOVED, "xapi-statements", False),
        (State.ROLLED_BACK, "statements", False),
        (State.ROLLED_BACK, "xapi-statements", True),
    ],
)
def test_the_alias_is_right_where_the_state_says(state: State, reads: str, backfill: bool) -> None:
    facts = database(plan=plan(state), backfill=backfill)
    assert index.alias(NAMES, elasticsearch(aliases={ALIAS: [reads]}), facts).status == "ok"


@pytest.mark.parametrize("offset", [120, 200, 250])
def test_a_pipeline_that_keeps_up_fears_no_retention(offset: int) -> None:
    assert topics.lag_within_retention(NAMES, kafka(), database(positions=at(offset))).status == "ok"


def test_what_legacy_has_not_read_is_nobodys_business_once_it_is_removed() -> None:
    facts = database(plan=plan(State.LEGACY_REMOVED, 100), positions=at(90, Pipeline.LEGACY))
    assert topics.lag_within_retention(NAMES, kafka(), facts).status == "ok"


def test_a_stranger_in_legacys_group_is_the_platforms_own_consumer_while_legacy_owns_everything() -> None:
    facts = kafka(groups={**OURS, Pipeline.LEGACY: STRANGER})
    assert ownership.two_owners(NAMES, facts, database(plan=plan(State.LEGACY, 0))).status == "ok"


@pytest.mark.parametrize(
    ("available", "more", "full"),
    [
        (160, {}, False),
        (140, {"cluster.routing.allocation.disk.watermark.low.max_headroom": "100b"}, False),
        (90, {"cluster.routing.allocation.disk.watermark.low.max_headroom": "100b"}, True),
        (140, {"cluster.routing.allocation.disk.watermark.low.max_headroom": "-1"}, True),
    ],
)
def test_a_watermark_in_percent_asks_for_no_more_than_its_headroom(available: int, more: dict[str, str], full: bool) -> None:
    assert (index.disks(elasticsearch(**disk(available, **more))).status != "ok") == full


@pytest.mark.parametrize(("free", "full"), [(9_000, True), (11_000, False)])
def test_a_watermark_in_bytes_asks_for_free_space(free: int, full: bool) -> None:
    assert index.below(Disk("n1", 1 << 40, free), "10kb", None) is full


def test_disks_do_not_matter_where_watermarks_are_switched_off() -> None:
    switched_off = {**WATERMARKS, "cluster.routing.allocation.disk.threshold_enabled": "false"}
    assert index.disks(elasticsearch(disks=FULL, cluster=switched_off)).status == "ok"


def test_fields_beyond_ours_are_nobodys_business() -> None:
    assert list(index.differences(STATEMENT, {**STATEMENT, "properties": {**FIELDS, "mine": KEYWORD}})) == []


@pytest.mark.parametrize("before", [[static("one", 1), static("two", 2)], [], [OURS[Pipeline.FASTSTREAM].members[0]]])
def test_static_members_that_stay_or_come_are_no_two_processes(before: list[Any]) -> None:
    group = Group([static("one", 1), static("two", 2)], before=before)
    assert ownership.static_ids(NAMES, kafka(groups={**OURS, Pipeline.FASTSTREAM: group})).status == "ok"


def test_members_without_a_static_id_may_come_and_go() -> None:
    group = Group([static(FASTSTREAM, 2)], before=[static(FASTSTREAM, 1)])
    assert ownership.static_ids(NAMES, kafka(groups={**OURS, Pipeline.FASTSTREAM: group})).status == "ok"


def test_a_skew_within_the_time_that_asking_took_is_none() -> None:
    assert platform.clock(Clock(3.0, 1.5), "Postgres'").status == "ok"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", None])
def test_loopback_is_this_machine(host: str | None) -> None:
    assert configuration.is_loopback(host)


@pytest.mark.parametrize(
    ("url", "here", "encrypted"),
    [
        ("postgresql://u@localhost/nlj", True, False),
        ("postgresql:///nlj", True, False),
        ("postgresql://%2Fvar%2Frun/nlj", True, False),
        ("postgresql:///nlj?host=db.example.org&sslmode=require", False, True),
        ("postgresql://u:x@127.0.0.1:5432,db.example.org:5432/nlj?sslmode=prefer", False, False),
    ],
)
def test_a_database_url_names_its_hosts_and_whether_they_are_encrypted(url: str, here: bool, encrypted: bool) -> None:
    database_ = configuration.read_database(url)
    assert database_ is not None
    assert (database_.here, database_.encrypted) == (here, encrypted)


@pytest.mark.parametrize("host", ["kafka", "10.0.0.1", "example.org"])
def test_everything_else_is_beyond_it(host: str) -> None:
    assert not configuration.is_loopback(host)


def test_secured_services_travel_encrypted() -> None:
    facts = configured(
        kafka="kafka.example.org:9093",
        kafka_protocol="SASL_SSL",
        elasticsearch="https://es.example.org",
        database="postgresql://u:x@db.example.org/n?ssl=require",
    )
    assert configuration.plain_text(facts).status == "ok"


def test_no_finding_about_settings_repeats_a_password() -> None:
    facts = configured(database="postgresql://nlj_user:postgres@db.example.org/nlj")
    assert "postgres@" not in "".join(finding.detail + finding.fix for finding in (configuration.passwords(facts), configuration.plain_text(facts)))


def test_commands_are_quoted_and_name_secrets_by_their_variable() -> None:
    names = Names("k:9092", "https://es", "i'x", "statements", DEAD, {}, {}, kafka_secured=True, elasticsearch_key=True, elasticsearch_ca=True)

    command = index_setting(names, "i'x", "index.blocks.write", None)

    assert "$ELASTICSEARCH_API_KEY" in command
    assert '--cacert "$ELASTICSEARCH_CA_CERTS"' in command
    assert """'"'"'""" in command
    assert "--command-config" in topic_setting(names, DEAD, "retention.ms", 1)


def test_every_subscribed_topic_is_named_when_all_are_missing() -> None:
    finding = topics.topics_exist(kafka(topics=dict.fromkeys(SUBSCRIBED)))
    assert f"{len(SUBSCRIBED)} topics" in finding.detail
