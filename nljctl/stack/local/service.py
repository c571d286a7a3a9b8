"""What there is to know of a service of a local stack: one row."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nljctl.stack.local.instance import Instance
from nljctl.stack.local.process import Launch

Prepare = Callable[[Instance], None]
Check = Callable[[Instance], Awaitable[str]]
"""What is wrong with a service, in a few words; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Service:
    """One row.

    `ports` are kept in `stack.json`; `endpoint` is the key of its address there, and `form` how that looks. `prepare` makes data and
    configuration; it is run before every start.
    """

    name: str
    ports: tuple[str, ...]
    endpoint: str
    form: str
    needs: tuple[str, ...]
    asset: str | None
    program: str
    """How its process is called: what else works in its folder is a relative only if it is called so too."""
    prepare: Prepare
    launch: Callable[[Instance], Launch]
    check: Check
    stop_signal: signal.Signals = signal.SIGTERM
    drain_seconds: float = 15.0

    def address(self, instance: Instance) -> str:
        return self.form.format(port=instance.port(self.ports[0]))
