"""`nljctl status`: services, and what is known of the migration while they answer."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.errors import KafkaError

from nljctl.errors import NljctlError
from nljctl.migration.overview import overview
from nljctl.settings import Settings
from nljctl.stack.names import DATABASE, KAFKA
from nljctl.stack.runtime import Runtime, ServiceState

ASK_SECONDS = 10.0
UNKNOWN: dict[str, Any] = {
    "ownership": dict.fromkeys(("epoch", "share", "state", "reads", "reads_due", "owner_running")),
    "lag": dict.fromkeys(("faststream", "legacy")),
    "parked": None,
    "backfill": None,
    "history": [],
}


async def status(settings: Settings, runtime: Runtime | None) -> tuple[dict[str, Any], tuple[ServiceState, ...]]:
    """The overview's keys, and `why` they are null if they are; and the services, none without a runtime. Raises for no service that is away."""
    services = () if runtime is None else await runtime.state()
    if settings.own_stack and (away := [each.name for each in services if each.name in (DATABASE, KAFKA) and each.state != "running"]):
        # Its clients would only try for seconds what the process table knows.
        return {**UNKNOWN, "why": f"{', '.join(away)} does not run"}, services
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await overview(settings), services
    except NljctlError as problem:
        return {**UNKNOWN, "why": problem.message}, services
    except KafkaError as problem:
        return {**UNKNOWN, "why": f"Kafka answers {type(problem).__name__}"}, services
    except TimeoutError:
        return {**UNKNOWN, "why": f"no answer within {ASK_SECONDS:.0f} s"}, services
