"""Which runtime a command acts through."""

from __future__ import annotations

import os

from nljctl.errors import ConfigurationError
from nljctl.settings import Settings
from nljctl.stack.runtime import Runtime


def open_runtime(settings: Settings) -> Runtime:
    """The runtime that flag, environment, `nljctl.toml` or `stack.json` name, else the local one.

    Raises:
        ConfigurationError: there is no such runtime.
    """
    named = settings.runtime or "local"
    if named != "local":
        raise ConfigurationError(f"there is no runtime {named}", "Use --runtime local, or unset NLJCTL_RUNTIME.", code="unknown-runtime")
    # Only who acts on a stack pays for what the runtime imports.
    from nljctl.stack.local import cache
    from nljctl.stack.local.runtime import LocalRuntime

    return LocalRuntime(settings.home, cache.folder(os.environ), settings.elasticsearch_version)
