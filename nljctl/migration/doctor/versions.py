"""Whether everybody answers, and speaks what nljctl speaks. Pure."""

from __future__ import annotations

from nljctl.migration.doctor.facts import DatabaseFacts, ElasticsearchFacts, KafkaFacts, Names, RalphFacts
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, warning

POSTGRES_LEAST = 12
ELASTICSEARCH_MAJORS = {8: (8, 9), 9: (9,)}
"""Servers that a client of this major talks to: client 9 asks for answers that server 8 refuses."""

API_NEEDED = {
    0: ("Produce with headers", 3),
    1: ("Fetch with headers", 4),
    2: ("offsets by time", 1),
    15: ("describing groups", 0),
    22: ("idempotent producers", 0),
    32: ("reading configurations", 0),
}
"""Kafka requests by key: what for, and the least version that will do."""


def kafka_reachable(names: Names, kafka: KafkaFacts) -> Finding:
    return ok(f"{kafka.brokers} brokers answer at {names.kafka}" if kafka.brokers != 1 else f"one broker answers at {names.kafka}")


def database_reachable(database: DatabaseFacts) -> Finding:
    return ok(f"Postgres {database.version // 10_000} answers")


def elasticsearch_reachable(names: Names, elasticsearch: ElasticsearchFacts) -> Finding:
    return ok(f"Elasticsearch {elasticsearch.version} answers at {names.elasticsearch}")


def ralph_reachable(ralph: RalphFacts) -> Finding:
    if ralph.status == 200:
        return ok("its heartbeat is well, its store too")
    return failed(f"its heartbeat answers {ralph.status}: it does not reach its store", "nljctl logs ralph-lrs")


def kafka_version(kafka: KafkaFacts) -> Finding:
    """A broker tells no version, only which requests it takes."""
    lacking = [what for key, (what, least) in API_NEEDED.items() if kafka.api_versions.get(key, -1) < least]
    if lacking:
        return failed(
            f"a broker does not take what nljctl sends: {listed(lacking)}", "Upgrade the brokers to Kafka 2.1 or newer, or a Redpanda of this decade."
        )
    return ok(f"every broker takes all {len(API_NEEDED)} requests that nljctl needs (brokers tell requests, not their version)")


def database_version(database: DatabaseFacts) -> Finding:
    major = database.version // 10_000
    if major < POSTGRES_LEAST:
        return failed(f"Postgres {major} is older than {POSTGRES_LEAST}", f"Upgrade the server to Postgres {POSTGRES_LEAST} or newer.")
    return ok(f"Postgres {major}; {POSTGRES_LEAST} or newer is needed")


def elasticsearch_version(elasticsearch: ElasticsearchFacts) -> Finding:
    server, client = (int(version.split(".")[0]) for version in (elasticsearch.version, elasticsearch.client))
    if server not in ELASTICSEARCH_MAJORS.get(client, (client,)):
        fix = "pip install 'elasticsearch>=8.19,<9'" if server < client else "Upgrade the cluster to Elasticsearch 8 or 9."
        return failed(f"client {elasticsearch.client} does not talk to server {elasticsearch.version}", fix)
    if server > max(ELASTICSEARCH_MAJORS):
        return warning(f"server {elasticsearch.version} is newer than what nljctl was tested with")
    return ok(f"client {elasticsearch.client}, server {elasticsearch.version}")


CHECKS = (
    Check("kafka-reachable", (Names, KafkaFacts), kafka_reachable, reaches=True),
    Check("database-reachable", (DatabaseFacts,), database_reachable, reaches=True),
    Check("elasticsearch-reachable", (Names, ElasticsearchFacts), elasticsearch_reachable, reaches=True),
    Check("ralph-reachable", (RalphFacts,), ralph_reachable, reaches=True),
    Check("kafka-version", (KafkaFacts,), kafka_version),
    Check("database-version", (DatabaseFacts,), database_version),
    Check("elasticsearch-version", (ElasticsearchFacts,), elasticsearch_version),
)
