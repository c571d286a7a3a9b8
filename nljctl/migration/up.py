"""`nljctl up`: the shared services, setup, then the profiles' services; all of it, or nothing more than there was."""

from __future__ import annotations

from collections.abc import Collection

from nljctl.effects.plan import Pipeline
from nljctl.migration.setup import SetupReport, setup
from nljctl.settings import Settings
from nljctl.stack.names import BESIDE, CONSUMERS, SHARED, STORES, Profile
from nljctl.stack.runtime import Notify, Runtime
from nljctl.stack.scope import within


async def up(settings: Settings, runtime: Runtime, profiles: Collection[Profile], *, timeout: float, notify: Notify) -> SetupReport:  # noqa: ASYNC109 - patience of each start
    """Starts what does not run: what is wanted already, and these profiles. Repeating it is harmless, and revives what was killed.

    Setup comes before Ralph, the consumers and the API: the indices must exist before anything is stored or asked.

    Args:
        settings: names and first owner; endpoints are the runtime's own.
        runtime: where to start.
        profiles: added to those that run already.
        timeout: seconds that each service may take to become healthy.
        notify: told what happens to which service.

    Raises:
        StackError: something cannot be installed or started; what this call started is stopped again.
        TimedOutError: a service does not become healthy; the same.
    """
    wanted = runtime.wanted()
    active = {*runtime.profiles(), *profiles}
    started: list[str] = []
    try:
        started += await runtime.start(STORES, timeout=timeout, notify=notify)
        notify("setup", "topics, indices, tables")
        owner = Pipeline.FASTSTREAM if active == {"faststream"} else Pipeline.LEGACY
        report = await setup(within(settings, runtime), owner=owner, samples="always" if runtime.name == "local" else "new")
        notify("setup", "healthy")
        beside = {name for profile in active for name in (*BESIDE[profile], CONSUMERS[profile])}
        rest = (wanted | beside | set(SHARED)) - set(STORES)
        started += await runtime.start(sorted(rest), timeout=timeout, notify=notify)
    except BaseException:  # Ctrl-C too: a half-started stack is cleaned up, then it goes on up
        await runtime.undo(started, wanted)
        raise
    return report
