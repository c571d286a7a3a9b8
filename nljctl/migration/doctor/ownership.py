"""Whether those run whom the plan expects, and nobody else. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from nljctl.effects.plan import Epoch, Pipeline
from nljctl.migration.doctor.facts import DatabaseFacts, Group, KafkaFacts, Names, RuntimeFacts
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, warning
from nljctl.migration.doctor.fixes import SETUP
from nljctl.migration.states import State
from nljctl.stack.names import CONSUMERS, RALPH, Profile

EXPECTED = {
    State.LEGACY: frozenset(Pipeline),
    State.PARALLEL: frozenset(Pipeline),
    State.SHIFTING: frozenset(Pipeline),
    State.CUT_OVER: frozenset({Pipeline.FASTSTREAM}),
    State.ROLLED_BACK: frozenset({Pipeline.LEGACY}),
    State.LEGACY_REMOVED: frozenset({Pipeline.FASTSTREAM}),
}
"""The pipelines that may run in each state. (A faststream beside a legacy that owns everything only reads along.)"""

PROFILES: dict[Pipeline, Profile] = {Pipeline.FASTSTREAM: "faststream", Pipeline.LEGACY: "analytics"}


def expected(plan: Sequence[Epoch]) -> frozenset[Pipeline]:
    return EXPECTED[State(plan[-1].state)] if plan else frozenset()


def owners(plan: Sequence[Epoch]) -> list[Pipeline]:
    """Who owns the effects of at least one aggregate now."""
    return [] if not plan else [Pipeline.FASTSTREAM] * (plan[-1].share > 0) + [Pipeline.LEGACY] * (plan[-1].share < 100)


def owner_running(kafka: KafkaFacts, database: DatabaseFacts) -> Finding:
    """An owner that does not run leaves effects undone, as soon as there are any."""
    if not database.plan:
        return failed("nobody owns the effects: there is no first epoch", SETUP)
    absent = [pipeline for pipeline in owners(database.plan) if not _group(kafka, pipeline).members]
    for pipeline in absent:
        waiting = _unread(pipeline, kafka, database)
        fix = f"nljctl up --profile {PROFILES[pipeline]}"
        if waiting:
            return failed(f"{pipeline} owns effects and has no member in its group; {waiting:,} records wait for it", fix)
        return warning(f"{pipeline} owns effects and has no member in its group; nothing waits for it yet", fix)
    return ok(f"whoever owns effects runs: {' and '.join(owners(database.plan))}")


def two_owners(names: Names, kafka: KafkaFacts, database: DatabaseFacts) -> Finding:
    """Members that the plan does not bind: a consumer that is not nljctl's applies effects whatever the epochs say."""
    if not database.plan:
        return failed("nobody owns the effects: there is no first epoch", SETUP)
    strangers = {
        pipeline: [member for member in _group(kafka, pipeline).members if member.client_id not in names.client_ids[pipeline]] for pipeline in Pipeline
    }
    if strangers[Pipeline.FASTSTREAM]:
        return failed(
            f"{_members(strangers[Pipeline.FASTSTREAM])} take partitions from nljctl's consumer in {names.groups[Pipeline.FASTSTREAM]}",
            "Stop them, or give nljctl a group of its own (KAFKA_GROUP_ID).",
        )
    if strangers[Pipeline.LEGACY] and database.plan[-1].share > 0:
        return failed(
            f"{_members(strangers[Pipeline.LEGACY])} in {names.groups[Pipeline.LEGACY]} are not nljctl's and know no plan, while faststream owns"
            f" {database.plan[-1].share} % of the effects: those may happen twice",
            "Stop them; `nljctl up --profile analytics` runs the legacy consumer that keeps to the plan.",
        )
    unexpected = [pipeline for pipeline in Pipeline if _group(kafka, pipeline).members and pipeline not in expected(database.plan)]
    if unexpected:
        return warning(
            f"{listed(unexpected)} has members, which the state {database.plan[-1].state} does not expect; the plan keeps them from applying effects",
            f"Stop what runs as {' and '.join(names.groups[pipeline] for pipeline in unexpected)}.",
        )
    return ok("every member is nljctl's, and expected")


def static_ids(names: Names, kafka: KafkaFacts) -> Finding:
    """Of two processes with one static id the broker keeps the newer: both start again and again, each throwing the other out."""
    for pipeline in Pipeline:
        group = _group(kafka, pipeline)
        earlier = {member.static: member.id for member in group.before if member.static}
        changed = sorted(member.static for member in group.members if member.static and earlier.get(member.static, member.id) != member.id)
        if changed:
            return failed(
                f"{listed(changed)} in {names.groups[pipeline]} became another process within one second: more than one uses that id",
                "Give each process a KAFKA_GROUP_INSTANCE_ID of its own, or none.",
            )
    return ok("within one second no static member became another process")


def services(runtime: RuntimeFacts, database: DatabaseFacts) -> Finding:
    exited = sorted(name for name, state in runtime.states.items() if state == "exited")
    if exited:
        profiles = [f"--profile {profile}" for profile, service in CONSUMERS.items() if {service, *([RALPH] if profile == "analytics" else [])} & set(exited)]
        return failed(f"{listed(exited)} should run and ended", " ".join(["nljctl up", *profiles]))
    runs = {pipeline for pipeline, profile in PROFILES.items() if runtime.states.get(CONSUMERS[profile]) == "running"}
    unexpected = sorted(runs - expected(database.plan)) if database.plan else []
    if unexpected:
        state = database.plan[-1].state
        return warning(
            f"{listed(CONSUMERS[PROFILES[pipeline]] for pipeline in unexpected)} runs, which the state {state} does not expect", "nljctl status --history"
        )
    return ok(f"{sum(state == 'running' for state in runtime.states.values())} services run, each of them expected")


def offsets_expire(names: Names, kafka: KafkaFacts, database: DatabaseFacts) -> Finding:
    """A broker forgets the offsets of a group that is empty for long. nljctl's own positions are in Postgres; the original consumer has nothing else."""
    minutes = kafka.offsets_retention_minutes
    if minutes is None:
        return ok("the broker does not tell how long it keeps the offsets of an empty group; nljctl's positions are in Postgres")
    for pipeline in Pipeline:
        group, idle = _group(kafka, pipeline), database.idle.get(pipeline)
        if idle is None and group.committed and not group.members:
            return warning(
                f"{names.groups[pipeline]} has offsets and no members, nobody knows since when; the broker forgets them {minutes / 1_440:.1f} days after"
                " the last member left, and nljctl, which has no position of its own yet, would begin anew",
                f"nljctl up --profile {PROFILES[pipeline]}",
            )
        if group.members or idle is None or idle < minutes * 30:
            continue
        days, kept = idle / 86_400, minutes / 1_440
        gone = "are gone" if not group.committed else "will be gone soon" if idle < minutes * 60 else "may be gone any time"
        return warning(
            f"{names.groups[pipeline]} has been empty for {days:.1f} days and the broker keeps its offsets for {kept:.1f}: they {gone}; nljctl goes on from"
            " Postgres, any other consumer of that group would begin anew",
            f"Set offsets.retention.minutes={minutes * 10} in the brokers' configuration.",
        )
    return ok(f"no group has been empty for half of the {minutes / 1_440:.1f} days that the broker keeps offsets")


def _group(kafka: KafkaFacts, pipeline: Pipeline) -> Group:
    return kafka.groups.get(pipeline, Group())


def _members(members: Sequence[object]) -> str:
    return listed(sorted({f"{getattr(member, 'client_id', '')} on {getattr(member, 'host', '')}" for member in members}))


def _unread(pipeline: Pipeline, kafka: KafkaFacts, database: DatabaseFacts) -> int:
    positions = database.positions.get(pipeline, {})
    return sum(max(0, span.end - (positions[tp].statements_next if tp in positions else span.begin)) for tp, span in kafka.spans.items())


CHECKS = (
    Check("owner-running", (KafkaFacts, DatabaseFacts), owner_running),
    Check("two-owners", (Names, KafkaFacts, DatabaseFacts), two_owners),
    Check("static-ids", (Names, KafkaFacts), static_ids),
    Check("services", (RuntimeFacts, DatabaseFacts), services),
    Check("group-offsets", (Names, KafkaFacts, DatabaseFacts), offsets_expire),
)
