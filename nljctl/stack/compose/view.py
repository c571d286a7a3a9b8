"""What the engine's containers mean to those outside: endpoints, profiles, the state of each service. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nljctl.stack.compose.container import KILLED, Container
from nljctl.stack.names import API, CONSUMERS, DATABASE, ELASTICSEARCH, FASTSTREAM, KAFKA, LEGACY, PROFILES, RALPH, SHARED, Profile
from nljctl.stack.runtime import Health, ServiceState

HOST = "127.0.0.1"
"""The compose file publishes on loopback only."""

DATABASE_SECRET = "/run/secrets/database_password"  # noqa: S105 - a path
RALPH_SECRET = "/run/secrets/ralph_secret"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Published:
    """Where a service listens in its container, under which key its address is known, and how that looks."""

    service: str
    key: str
    port: int
    form: str


PUBLISHED: tuple[Published, ...] = (
    Published(KAFKA, "kafka", 9092, f"{HOST}:{{port}}"),
    Published(DATABASE, "database", 5432, f"postgresql://{{user}}@{HOST}:{{port}}/{{name}}"),
    Published(ELASTICSEARCH, "elasticsearch", 9200, f"http://{HOST}:{{port}}"),
    Published(RALPH, "ralph", 8100, f"http://{HOST}:{{port}}"),
    Published(FASTSTREAM, "faststream", 8080, f"http://{HOST}:{{port}}"),
    Published(LEGACY, "legacy", 8080, f"http://{HOST}:{{port}}"),
    Published(API, "api", 8000, f"http://{HOST}:{{port}}"),
)
SERVICES: tuple[str, ...] = (DATABASE, KAFKA, ELASTICSEARCH, API, FASTSTREAM, RALPH, LEGACY)
"""In the order in which they are shown. One-shot services are means, not services: they are not among them."""


def grouped(containers: Collection[Container]) -> dict[str, list[Container]]:
    """The containers of each service; several where it is scaled."""
    found: dict[str, list[Container]] = {}
    for container in containers:
        if container.service in SERVICES:
            found.setdefault(container.service, []).append(container)
    return found


def wanted(recorded: frozenset[str] | None, containers: Collection[Container]) -> frozenset[str]:
    """What should run: what nljctl was asked for, and what somebody started by hand since. Where nljctl was never asked, all that there is."""
    by_service = grouped(containers)
    running = {name for name, replicas in by_service.items() if any(each.runs for each in replicas)}
    return frozenset(by_service) if recorded is None else recorded | running


def profiles(names: Collection[str]) -> tuple[Profile, ...]:
    """Those whose consumer is wanted."""
    return tuple(profile for profile in PROFILES if CONSUMERS[profile] in names)


def endpoints(containers: Collection[Container], names: Collection[str]) -> dict[str, str | None]:
    """Every endpoint by its key, without passwords; None for what has no container or, beyond the shared services, should not run."""
    by_service = grouped(containers)
    found: dict[str, str | None] = {}
    for each in PUBLISHED:
        replicas = by_service.get(each.service, [])
        expected = each.service in SHARED or each.service in names
        first = next((replica for replica in sorted(replicas, key=lambda replica: not replica.runs) if each.port in replica.ports), None)
        if first is None or not expected:
            found[each.key] = None
            continue
        told = first.environment
        found[each.key] = each.form.format(port=first.ports[each.port], user=told.get("POSTGRES_USER", "postgres"), name=told.get("POSTGRES_DB", "postgres"))
    return found


def secrets(containers: Collection[Container]) -> dict[str, Path]:
    """The files on this machine from which the database and Ralph have their secrets, by setting."""
    places = {"database_password": (DATABASE, DATABASE_SECRET), "ralph_secret": (RALPH, RALPH_SECRET)}
    by_service = grouped(containers)
    found = {}
    for setting, (service, inside) in places.items():
        for container in by_service.get(service, []):
            if source := container.mounts.get(inside):
                found[setting] = Path(source)
    return found


def states(containers: Collection[Container], names: Collection[str]) -> tuple[ServiceState, ...]:
    """The shared services, and every other that is wanted or has a container."""
    by_service = grouped(containers)
    addresses = endpoints(containers, names)
    keys = {each.service: each.key for each in PUBLISHED}
    listed = [name for name in SERVICES if name in SHARED or name in names or name in by_service]
    return tuple(_state(name, by_service.get(name, []), wanted=name in names, endpoint=addresses[keys[name]]) for name in listed)


def _state(name: str, replicas: Sequence[Container], *, wanted: bool, endpoint: str | None) -> ServiceState:
    running = [each for each in replicas if each.runs]
    about = running or list(replicas)
    image, restarts = (about[0].image, sum(each.restarts for each in replicas)) if about else (None, None)
    if not running:
        detail = ended(replicas) if wanted else ""
        exit_code = about[0].exit_code if about else None
        return ServiceState(name, "exited" if wanted else "stopped", None, endpoint, None, detail, image, restarts, exit_code)
    judged = {each.id: _health(each) for each in running}
    order: tuple[Health, ...] = ("unhealthy", "starting", "healthy")
    worst = next(health for health in order if any(found == health for found, _ in judged.values()))
    detail = next((words for health, words in judged.values() if health == worst), "")
    if len(running) < len(replicas):
        detail = f"{len(running)} of {len(replicas)} replicas run{f'; {detail}' if detail else ''}"
    return ServiceState(name, "running", worst, endpoint, running[0].pid or None, detail, image, restarts)


def _health(container: Container) -> tuple[Health, str]:
    if container.status == "restarting":
        return "unhealthy", f"it ends and is started again: {container.restarts} restarts, exit code {container.exit_code}"
    if container.status == "paused":
        return "unhealthy", "it is paused"
    if container.health == "unhealthy":
        return "unhealthy", container.probe
    if container.health == "starting":
        return "starting", container.probe
    return "healthy", ""


def ended(replicas: Sequence[Container]) -> str:
    """Why nothing of a service that should run does."""
    if not replicas:
        return "it has no container"
    last = replicas[0]
    if last.status == "created":
        return "it was made and never started"
    cause = "out of memory" if last.out_of_memory else "killed" if last.exit_code == KILLED else f"exit code {last.exit_code}"
    return f"it was stopped or ended by itself: {cause}"


def drained(before: Mapping[str, Container], after: Collection[Container]) -> dict[str, bool]:
    """By service, whether all its containers that ran before have ended by themselves when asked."""
    found: dict[str, bool] = {}
    for container in after:
        if container.id in before:
            by_itself = not container.runs and container.exit_code != KILLED and not container.out_of_memory
            found[container.service] = found.get(container.service, True) and by_itself
    return found
