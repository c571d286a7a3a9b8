"""The settings of a command line: flags, environment, `nljctl.toml`, and the stack that runs here, whichever runtime it has."""

from __future__ import annotations

from collections.abc import Mapping

from nljctl import settings
from nljctl.settings import Settings
from nljctl.stack.found import find_stack


def load(flags: Mapping[str, str | None] | None = None) -> Settings:
    """Resolves every setting (settings.load).

    Raises:
        ConfigurationError: a file cannot be read, or two settings contradict each other.
    """
    return settings.load(flags, find_stack=find_stack)
