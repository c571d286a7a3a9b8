"""Whether the topics hold what the move needs, for as long as it needs it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nljctl.catalogue.topics import SUBSCRIBED, TOPICS
from nljctl.effects.plan import Pipeline
from nljctl.judge import MAX_BYTES
from nljctl.kafka.topics import DAY_MS, ENVELOPE_BYTES, dead_letters
from nljctl.migration.doctor.facts import DatabaseFacts, KafkaFacts, Names, Topic
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, warning
from nljctl.migration.doctor.fixes import SETUP, topic_setting
from nljctl.migration.doctor.ownership import expected
from nljctl.migration.states import State

ROLLBACK_DAYS = 7
"""How long a platform should be able to go back: what legacy missed is filled from the log."""


def topics_exist(kafka: KafkaFacts) -> Finding:
    missing = [topic for topic in SUBSCRIBED if topic not in kafka.topics]
    if missing:
        return failed(f"{len(missing)} topics are missing: {listed(missing)}", SETUP)
    return ok(f"all {len(SUBSCRIBED)} topics that the pipelines read are there")


def dead_letter_topic(names: Names, kafka: KafkaFacts) -> Finding:
    """It must take every record that another topic takes: a letter that does not fit would stop faststream for ever."""
    name, spec = names.dead_letter_topic, dead_letters(names.dead_letter_topic)
    topic = kafka.topics.get(name)
    if topic is None:
        return failed(f"{name} is missing: faststream waits at the first record that it must refuse", SETUP)
    largest = max((found.number("max.message.bytes") or 0 for _, found in _subscribed(kafka)), default=0)
    takes = topic.number("max.message.bytes")
    if takes is not None and takes < min(largest + ENVELOPE_BYTES, spec.message_bytes):
        fix = topic_setting(names, name, "max.message.bytes", spec.message_bytes)
        return failed(f"{name} takes {takes:,} bytes, other topics up to {largest:,}: a large letter would not fit", fix)
    retention, wanted = topic.number("retention.ms"), spec.retention_days * DAY_MS
    if retention is not None and 0 <= retention < wanted:
        return warning(f"{name} keeps letters for {_days(retention)}; setup makes it {spec.retention_days} days", _keep(names, name, wanted))
    return ok(f"{name} takes what any topic takes, and keeps it")


def cleanup_policy(names: Names, kafka: KafkaFacts) -> Finding:
    """Compaction keeps one record per key: statements of one learner would be thinned out."""
    compacted = [name for name, topic in _all(names, kafka) if "compact" in topic.config.get("cleanup.policy", "")]
    if compacted:
        return failed(f"compaction removes records of {listed(compacted)}", topic_setting(names, compacted[0], "cleanup.policy", "delete"))
    return ok("no topic is compacted")


def record_size(names: Names, kafka: KafkaFacts) -> Finding:
    small = [(name, takes) for name, topic in _subscribed(kafka) if (takes := topic.number("max.message.bytes")) is not None and takes < MAX_BYTES]
    if small:
        name, takes = small[0]
        fix = topic_setting(names, name, "max.message.bytes", MAX_BYTES + ENVELOPE_BYTES)
        return warning(f"{len(small)} topics take less than the {MAX_BYTES:,} bytes that a statement may have, {name} only {takes:,}", fix)
    return ok(f"every topic takes statements of {MAX_BYTES:,} bytes")


def lag_within_retention(names: Names, kafka: KafkaFacts, database: DatabaseFacts) -> Finding:
    """Whether retention removes records before those who must read them have."""
    lost, close, near = [], [], []
    for pipeline, positions in database.positions.items():
        if pipeline is Pipeline.LEGACY and database.plan and database.plan[-1].state == State.LEGACY_REMOVED:
            continue
        for tp, position in sorted(positions.items()):
            at, span = position.statements_next, kafka.spans.get(tp)
            if span is None or at >= span.end:
                continue
            where = f"{pipeline} in {tp.topic}/{tp.partition}"
            if at < span.begin:
                lost.append((f"{where} ({span.begin - at:,} records)", tp.topic, pipeline))
            elif at < kafka.most.get(tp, at):
                close.append((where, tp.topic, pipeline))
            elif at < kafka.half.get(tp, at):
                near.append((where, tp.topic, pipeline))
    needed = expected(database.plan)
    for found, words in (
        (lost, "retention has removed records before they were read"),
        (close, "unread records have used up more than 90 % of the retention"),
        (near, "unread records have used up more than half of the retention"),
    ):
        if found:
            _, topic, _ = found[0]
            detail = f"{words}: {listed(where for where, _, _ in found)}"
            fix = _keep(names, topic, (TOPICS[topic].retention_days if topic in TOPICS else ROLLBACK_DAYS) * DAY_MS)
            return failed(detail, fix) if found is not near and any(pipeline in needed for *_, pipeline in found) else warning(detail, fix)
    return ok("nobody who must still read is near the end of a retention")


def rollback_window(names: Names, kafka: KafkaFacts) -> Finding:
    short = [
        (name, retention)
        for name, topic in _subscribed(kafka)
        if (retention := topic.number("retention.ms")) is not None and 0 <= retention < ROLLBACK_DAYS * DAY_MS
    ]
    if short:
        name, retention = short[0]
        detail = (
            f"{len(short)} topics keep records for less than {ROLLBACK_DAYS} days, {name} for {_days(retention)}: a later rollback cannot fill the legacy store"
        )
        return warning(detail, _keep(names, name, TOPICS[name].retention_days * DAY_MS))
    bounded = [name for name, topic in _subscribed(kafka) if (topic.number("retention.bytes") or -1) > 0]
    if bounded:
        fix = topic_setting(names, bounded[0], "retention.bytes", -1)
        return warning(f"retention.bytes may remove records of {listed(bounded)} at any age", fix)
    return ok(f"every topic keeps records for at least {ROLLBACK_DAYS} days")


def replication(kafka: KafkaFacts) -> Finding:
    partitions = [(name, partition) for name, topic in sorted(kafka.topics.items()) for partition in topic.partitions]
    leaderless = {name for name, partition in partitions if partition.leader < 0}
    if leaderless:
        return failed(
            f"partitions of {listed(sorted(leaderless))} have no leader: they can be neither read nor written", "Bring the brokers that hold them back."
        )
    behind = {name for name, partition in partitions if partition.in_sync < partition.replicas}
    if behind:
        return warning(f"copies of {listed(sorted(behind))} are not in sync", "Bring the brokers that hold them back.")
    if kafka.brokers == 1:
        return ok("one broker, so one copy of everything")
    single = {name for name, partition in partitions if partition.replicas == 1}
    if single:
        fix = "kafka-reassign-partitions.sh, with a plan that names more brokers for each partition"
        return warning(f"{listed(sorted(single))} have one copy although there are {kafka.brokers} brokers", fix)
    return ok("every partition has more than one copy, all in sync")


def acknowledgements(names: Names, kafka: KafkaFacts) -> Finding:
    """What producers ask for (`acks`) shows nowhere; what an acknowledgement is worth at best does."""
    unseen = "which acks the producers ask for cannot be seen from here (the platform's own ask for all)"
    if kafka.brokers == 1:
        return ok(f"one broker: an acknowledged record lies on one disk; {unseen}")
    for name, topic in _all(names, kafka):
        least, copies = topic.number("min.insync.replicas"), min((partition.replicas for partition in topic.partitions), default=1)
        if least is not None and copies > 1 and least < 2:
            fix = topic_setting(names, name, "min.insync.replicas", 2)
            return warning(f"{name} acknowledges a record with one copy written, and may lose it with that broker; {unseen}", fix)
        if least is not None and copies > 1 and least >= copies:
            fix = topic_setting(names, name, "min.insync.replicas", copies - 1)
            return warning(f"{name} refuses records as soon as one broker is away (min.insync.replicas {least} of {copies})", fix)
    return ok(f"min.insync.replicas fits the number of copies; {unseen}")


def producer_clocks(kafka: KafkaFacts) -> Finding:
    """A broker tells no time; but a record from the future says that somebody's clock is ahead, and retention keeps it longer."""
    if kafka.future:
        return warning(
            f"{listed(kafka.future)} hold records stamped more than a minute from now", "Set the clocks of those who publish there (chronyc tracking)."
        )
    return ok("no record is stamped later than a minute from now (brokers tell no time of their own)")


def _subscribed(kafka: KafkaFacts) -> Iterator[tuple[str, Topic]]:
    return ((name, kafka.topics[name]) for name in SUBSCRIBED if name in kafka.topics)


def _all(names: Names, kafka: KafkaFacts) -> Iterable[tuple[str, Topic]]:
    dead = kafka.topics.get(names.dead_letter_topic)
    return [*_subscribed(kafka), *([(names.dead_letter_topic, dead)] if dead else [])]


def _keep(names: Names, topic: str, milliseconds: int) -> str:
    return topic_setting(names, topic, "retention.ms", milliseconds)


def _days(milliseconds: int) -> str:
    return f"{milliseconds / DAY_MS:.1f} days" if milliseconds >= DAY_MS / 10 else f"{milliseconds / 1000:g} s"


CHECKS = (
    Check("topics", (KafkaFacts,), topics_exist),
    Check("dead-letter-topic", (Names, KafkaFacts), dead_letter_topic),
    Check("topic-cleanup", (Names, KafkaFacts), cleanup_policy),
    Check("topic-record-size", (Names, KafkaFacts), record_size),
    Check("retention-against-lag", (Names, KafkaFacts, DatabaseFacts), lag_within_retention),
    Check("retention-against-rollback", (Names, KafkaFacts), rollback_window),
    Check("topic-replication", (KafkaFacts,), replication),
    Check("topic-acks", (Names, KafkaFacts), acknowledgements),
    Check("clock-producers", (KafkaFacts,), producer_clocks),
)
