"""The service's own process, where this machine runs the engine: a container's first process may only be the init that passes signals on."""

from __future__ import annotations

from dataclasses import replace

import psutil

from nljctl.stack.runtime import ServiceState

INITS = frozenset({"docker-init", "tini"})


def own_pid(state: ServiceState) -> ServiceState:
    """The state with the pid of what its init runs. As it is where the engine's processes are not seen from here."""
    try:
        first = psutil.Process(state.pid) if state.pid else None
        if first is None or first.name() not in INITS:
            return state
        children = first.children()
        return replace(state, pid=children[0].pid) if children else state
    except psutil.Error:
        return state
