"""What a stack's record means to those outside: endpoints, profiles, the state of each service."""

from __future__ import annotations

import asyncio
import time

from nljctl.stack.local import process
from nljctl.stack.local.instance import Instance
from nljctl.stack.local.record import Record
from nljctl.stack.local.service import Service
from nljctl.stack.local.services import ENDPOINTS, SERVICES
from nljctl.stack.names import CONSUMERS, PROFILES, SHARED, Profile
from nljctl.stack.runtime import ServiceState

STARTING_SECONDS = 60.0
"""How long a process that runs and does not answer yet counts as starting."""


def profiles(known: Record) -> tuple[Profile, ...]:
    """Those whose consumer is wanted."""
    return tuple(profile for profile in PROFILES if CONSUMERS[profile] in known.wanted)


def endpoints(instance: Instance) -> dict[str, str | None]:
    """Every endpoint by its key; None for a service that nobody wants to run. The shared ones are named whether they run or not."""
    found: dict[str, str | None] = dict.fromkeys(ENDPOINTS)
    for service in SERVICES.values():
        if service.name in SHARED or service.name in instance.record.wanted:
            found[service.endpoint] = _address(service, instance)
    return found


def _address(service: Service, instance: Instance) -> str | None:
    """None for a service that the stack was started without, by an earlier nljctl: `up` gives it its ports."""
    return service.address(instance) if instance.record.ports.keys() >= set(service.ports) else None


async def states(instance: Instance) -> tuple[ServiceState, ...]:
    """The shared services, and every other that is wanted or has ever run."""
    known = instance.record
    listed = [service for name, service in SERVICES.items() if name in SHARED or name in known.wanted or name in known.processes]
    return tuple(await asyncio.gather(*(_state(service, instance) for service in listed)))


async def _state(service: Service, instance: Instance) -> ServiceState:
    started = instance.record.processes.get(service.name)
    expected = service.name in SHARED or service.name in instance.record.wanted
    endpoint = _address(service, instance) if expected else None
    running = process.find(started)
    if started is None or running is None:
        exited = service.name in instance.record.wanted
        detail = f"it ended by itself; its log: {instance.log(service.name)}" if exited else ""
        return ServiceState(service.name, "exited" if exited else "stopped", None, endpoint, None, detail)
    wrong = await service.check(instance)
    if not wrong:
        return ServiceState(service.name, "running", "healthy", endpoint, running.pid)
    young = time.time() - started.created < STARTING_SECONDS
    return ServiceState(service.name, "running", "starting" if young else "unhealthy", endpoint, running.pid, wrong)
