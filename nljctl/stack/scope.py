"""Settings of the stack that a runtime holds."""

from __future__ import annotations

from dataclasses import replace

from nljctl.settings import SETTINGS, Settings
from nljctl.stack.runtime import Runtime


def within(settings: Settings, runtime: Runtime) -> Settings:
    """The same settings, with every endpoint that the runtime knows: whatever the environment names, a stack sets up itself."""
    endpoints = runtime.endpoints()
    own = {setting.name: endpoints.get(setting.endpoint) for setting in SETTINGS if setting.endpoint}
    told = {**own, "runtime": runtime.name}
    return replace(settings, values={**settings.values, **told}, origins={**settings.origins, **dict.fromkeys(told, "stack.json")})
