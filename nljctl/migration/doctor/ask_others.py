"""What Ralph answers, and what runs of the stack that this machine started."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx

from nljctl.errors import UnreachableError
from nljctl.migration.doctor.facts import Clock, RalphFacts, RuntimeFacts
from nljctl.settings import Settings
from nljctl.stack.runtime import Runtime
from nljctl.tls import public_authorities

REQUEST_SECONDS = 5.0


async def ask_ralph(settings: Settings) -> RalphFacts:
    """Its heartbeat.

    Raises:
        UnreachableError: it does not answer.
    """
    url = settings.require("ralph")
    try:
        async with httpx.AsyncClient(timeout=REQUEST_SECONDS, verify=public_authorities()) as client:
            began = time.time()
            answer = await client.get(url.rstrip("/") + "/__heartbeat__")
    except httpx.HTTPError as problem:
        raise UnreachableError(f"Ralph does not answer at {url}: {type(problem).__name__}", "nljctl up --profile analytics") from problem
    return RalphFacts(answer.status_code, _clock(answer.headers.get("date"), began, time.time()))


async def ask_runtime(runtime: Runtime) -> RuntimeFacts:
    """The services' states. Raises StackError if they cannot be told."""
    return RuntimeFacts({service.name: service.state for service in await runtime.state()}, runtime.wanted())


def _clock(date: str | None, began: float, ended: float) -> Clock | None:
    """A `Date` has whole seconds: on average half of one has passed since."""
    try:
        moment = parsedate_to_datetime(date or "").timestamp() + 0.5
    except ValueError:
        return None
    return Clock(moment - (began + ended) / 2, 0.5 + (ended - began) / 2)
