"""Which stack a command finds where it was typed, if it is not told: `stack.json`, or the containers of the platform's compose file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nljctl.errors import NljctlError
from nljctl.settings import SETTINGS, Found, stack_of
from nljctl.stack.names import DATABASE


def find_stack(home: Path, environment: Mapping[str, str], directory: Path, runtime: str | None) -> Found:
    """Endpoints, secrets and runtime of the stack in force. `runtime`: what flag, environment or `nljctl.toml` say.

    Where neither they nor `stack.json` say anything, it is compose if a Docker Engine answers and the platform's compose file is near, else local.

    Raises:
        ConfigurationError: `stack.json` cannot be read.
    """
    told = stack_of(home)
    own = told.values.get("runtime") if told else None
    chosen = runtime or (str(own) if own else None)
    if chosen not in (None, "compose"):
        return told if told and own == chosen else Found("stack.json", {})
    # Only here somebody pays for the Docker SDK.
    from nljctl.stack.compose import engine, project, record, view

    found = project.find(environment, directory)
    known = record.read(home) if own == "compose" else None
    if known is not None and not environment.get("COMPOSE_PROJECT_NAME"):
        found = project.Project(known.project, known.file)
    if found is None or (chosen is None and not engine.answers()):
        return Found("stack.json", {})
    values: dict[str, str | Path | None] = {"runtime": "compose"}
    try:
        containers = engine.containers(found.name)
    except NljctlError:
        # Who acts through the runtime is told why it does not answer; who only asks the services need not know.
        return Found("compose", values)
    wanted = view.wanted(None if known is None else known.wanted, containers)
    if any(each.service == DATABASE for each in containers):
        addresses = view.endpoints(containers, wanted)
        values |= {setting.name: addresses.get(setting.endpoint) for setting in SETTINGS if setting.endpoint}
        values |= view.secrets(containers)
    return Found("compose", values)
