"""Whether the platform's Postgres has what nljctl needs, and what lies there too long. Pure."""

from __future__ import annotations

from nljctl.migration.doctor.facts import Clock, DatabaseFacts, ElasticsearchFacts, RalphFacts
from nljctl.migration.doctor.finding import Check, Finding, failed, listed, ok, skipped, warning
from nljctl.migration.doctor.fixes import SETUP

PROCESSING_MINUTES = 30
PARKED_HOURS = 24
CONSUMER_CONNECTIONS = 15
"""What one process may hold: SQLAlchemy's pool of 5 and its overflow of 10."""

SKEW_WARNING, SKEW_FAILED = 2.0, 60.0


def tables(database: DatabaseFacts) -> Finding:
    if database.missing:
        return failed(f"{len(database.missing)} tables are missing: {listed(database.missing)}", SETUP)
    if not database.plan:
        return failed("there is no first epoch: nobody owns the effects", SETUP)
    return ok(f"nljctl's tables are there; epoch {database.plan[-1].number} rules")


def connections(database: DatabaseFacts) -> Finding:
    free = database.max_connections - database.connections
    needed = 3 * CONSUMER_CONNECTIONS
    detail = f"others leave {free} of {database.max_connections} connections; two consumers and a command take up to {needed}"
    fix = f"ALTER SYSTEM SET max_connections = {database.max_connections + needed}; then restart Postgres"
    if free < CONSUMER_CONNECTIONS:
        return failed(detail, fix)
    return warning(detail, fix) if free < needed else ok(detail)


def processing(database: DatabaseFacts) -> Finding:
    """The consumer sets a session to processing; a worker that subscribes to the `started` events runs the model and ends it."""
    stuck = [seconds for seconds in database.processing if seconds > PROCESSING_MINUTES * 60]
    if stuck:
        return warning(
            f"{len(stuck)} generation sessions are in processing for more than {PROCESSING_MINUTES} minutes, the oldest for {max(stuck) / 3600:.1f} hours",
            "Start the worker that subscribes to the `started` events of nlj.content.generation; what it lost is cancelled through the platform's API.",
        )
    return ok(f"no generation session is in processing for more than {PROCESSING_MINUTES} minutes")


def parked(database: DatabaseFacts) -> Finding:
    old = [seconds for seconds in database.parked if seconds > PARKED_HOURS * 3600]
    if old:
        return warning(f"{len(old)} events have waited for their parent for more than {PARKED_HOURS} hours", "nljctl dlq list --parked")
    return ok(f"no event has waited for its parent for more than {PARKED_HOURS} hours")


def clock(ahead: Clock, whose: str) -> Finding:
    """Times of different machines are compared in reports, retention and epochs; ordering never hangs on them."""
    skew = max(0.0, abs(ahead.ahead) - ahead.uncertainty)
    detail = f"{whose} clock is {abs(ahead.ahead):.2f} s {'ahead of' if ahead.ahead > 0 else 'behind'} this machine's, give or take {ahead.uncertainty:.2f} s"
    fix = "Let both follow a time server (chronyc tracking)."
    if skew > SKEW_FAILED:
        return failed(detail, fix)
    return warning(detail, fix) if skew > SKEW_WARNING else ok(detail)


def clock_database(database: DatabaseFacts) -> Finding:
    return clock(database.clock, "Postgres'")


def clock_elasticsearch(elasticsearch: ElasticsearchFacts) -> Finding:
    return clock(elasticsearch.clock, "Elasticsearch's")


def clock_ralph(ralph: RalphFacts) -> Finding:
    return skipped("its answers carry no time") if ralph.clock is None else clock(ralph.clock, "Ralph's")


CHECKS = (
    Check("tables", (DatabaseFacts,), tables),
    Check("database-connections", (DatabaseFacts,), connections),
    Check("sessions-processing", (DatabaseFacts,), processing),
    Check("events-parked", (DatabaseFacts,), parked),
    Check("clock-database", (DatabaseFacts,), clock_database),
    Check("clock-elasticsearch", (ElasticsearchFacts,), clock_elasticsearch),
    Check("clock-ralph", (RalphFacts,), clock_ralph),
)
