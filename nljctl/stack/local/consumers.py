"""The two consumers: nljctl itself, once more, told exactly this stack's endpoints."""

from __future__ import annotations

import sys

import httpx

from nljctl.settings import SETTINGS
from nljctl.stack.local import loopback, ralph
from nljctl.stack.local.instance import Instance, inherited
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.postgres import NAME, USER
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import DATABASE, ELASTICSEARCH, FASTSTREAM, KAFKA, LEGACY, RALPH

DRAIN_SECONDS = 15.0
_CONNECTIONS = tuple(name for s in SETTINGS if s.endpoint or s.reaches or s.secret for name in (s.variable, s.file_variable) if name)
"""How to reach services elsewhere: whoever calls `up` with these set means another system."""


def environment(instance: Instance) -> dict[str, str]:
    """What nljctl itself is told as a service. Endpoints go by the environment, above any nljctl.toml that lies around."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{instance.port('kafka')}",
        "DATABASE_URL": f"postgresql://{USER}@{LOOPBACK}:{instance.port('database')}/{NAME}",
        "ELASTICSEARCH_URL": f"http://{LOOPBACK}:{instance.port('elasticsearch')}",
        "RALPH_LRS_URL": f"http://{LOOPBACK}:{instance.port('ralph')}",
        "RALPH_LRS_USERNAME": ralph.USER,
        "RALPH_LRS_SECRET": instance.record.ralph_secret,
        "NLJCTL_HOME": str(instance.home),
        "NLJCTL_RUNTIME": "local",
        "PYTHONUNBUFFERED": "1",
    }
    return {name: value for name, value in inherited().items() if name not in _CONNECTIONS} | told


def _consumer(name: str, key: str, needs: tuple[str, ...]) -> Service:
    def prepare(instance: Instance) -> None:
        instance.folder(name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def launch(instance: Instance) -> Launch:
        arguments = (sys.executable, "-m", "nljctl", "consume", key, "--host", LOOPBACK, "--port", str(instance.port(key)))
        return Launch(arguments, instance.folder(name), environment(instance))

    async def check(instance: Instance) -> str:
        try:
            async with loopback.client(3) as client:
                answer = await client.get(f"http://{LOOPBACK}:{instance.port(key)}/ready")
        except httpx.HTTPError as problem:
            return f"{type(problem).__name__}: {problem}"
        return "" if answer.is_success else f"/ready answers {answer.status_code}: {answer.text[:200]}"

    return Service(
        name=name,
        ports=(key,),
        endpoint=key,
        form=f"http://{LOOPBACK}:{{port}}",
        needs=needs,
        asset=None,
        program="python",
        prepare=prepare,
        launch=launch,
        check=check,
        drain_seconds=DRAIN_SECONDS,
    )


SERVICES = (
    _consumer(FASTSTREAM, "faststream", (DATABASE, KAFKA, ELASTICSEARCH)),
    _consumer(LEGACY, "legacy", (DATABASE, KAFKA, ELASTICSEARCH, RALPH)),
)
