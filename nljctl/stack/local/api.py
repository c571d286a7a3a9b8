"""The HTTP service, `nljctl api`: nljctl itself once more, on loopback."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx

from nljctl.settings import SETTINGS
from nljctl.stack.local import loopback
from nljctl.stack.local.consumers import environment
from nljctl.stack.local.instance import Instance
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import API, STORES

_KEYS = tuple(name for s in SETTINGS if s.name in ("api_token", "secret_key") for name in (s.variable, s.file_variable) if name)
"""Who may ask is decided by whoever calls `up`; without any of these, everybody who reaches the loopback port."""


def _prepare(instance: Instance) -> None:
    instance.folder(API).mkdir(parents=True, exist_ok=True, mode=0o700)


def _launch(instance: Instance) -> Launch:
    arguments = (sys.executable, "-m", "nljctl", "api", "--host", LOOPBACK, "--port", str(instance.port("api")))
    # It works in another folder: a file is named so that it is found from there.
    keys = {name: str(Path(value).expanduser().absolute()) if name.endswith("_FILE") else value for name in _KEYS if (value := os.environ.get(name))}
    return Launch(arguments, instance.folder(API), environment(instance) | keys)


async def _check(instance: Instance) -> str:
    try:
        async with loopback.client(5) as client:
            answer = await client.get(f"http://{LOOPBACK}:{instance.port('api')}/health")
    except httpx.HTTPError as problem:
        return f"{type(problem).__name__}: {problem}"
    return "" if answer.is_success else f"/health answers {answer.status_code}: {answer.text[:200]}"


SERVICE = Service(
    name=API,
    ports=("api",),
    endpoint="api",
    form=f"http://{LOOPBACK}:{{port}}",
    needs=STORES,
    asset=None,
    program="python",
    prepare=_prepare,
    launch=_launch,
    check=_check,
)
