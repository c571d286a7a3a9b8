"""Which runtime a command acts through."""

from __future__ import annotations

import os
from pathlib import Path

from nljctl.errors import ConfigurationError
from nljctl.settings import Settings, stack_of
from nljctl.stack.runtime import Runtime


def open_runtime(settings: Settings) -> Runtime:
    """The runtime that flag, environment, `nljctl.toml`, `stack.json` or an answering Docker Engine name, else the local one.

    Raises:
        ConfigurationError: there is no such runtime, or another one started the stack of this home.
    """
    named = settings.runtime or "local"
    if named not in ("local", "compose"):
        raise ConfigurationError(f"there is no runtime {named}", "It is local or compose.", code="unknown-runtime")
    started = stack_of(settings.home)
    if started is not None and started.values["runtime"] != named:
        raise ConfigurationError(
            f"the stack of {settings.home} was started by the runtime {started.values['runtime']}, not {named}",
            "Leave --runtime and NLJCTL_RUNTIME out, or choose another NLJCTL_HOME.",
            code="other-runtime",
        )
    # Only who acts on a stack pays for what the runtime imports.
    if named == "local":
        from nljctl.stack.local import cache
        from nljctl.stack.local.runtime import LocalRuntime

        return LocalRuntime(settings.home, cache.folder(os.environ), settings.elasticsearch_version)
    from nljctl.stack.compose import project, record
    from nljctl.stack.compose.runtime import ComposeRuntime

    known = record.read(settings.home)
    found = project.find(os.environ, Path.cwd())
    if known is not None and not os.environ.get("COMPOSE_PROJECT_NAME"):
        found = project.Project(known.project, known.file)
    if found is None:
        raise ConfigurationError(f"no {project.FILE} of the platform here or above", "Go to the checkout, or set COMPOSE_FILE.", code="compose-file-missing")
    return ComposeRuntime(found, settings.home)
