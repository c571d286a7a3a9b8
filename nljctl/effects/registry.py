"""The table of effects: which event changes the platform, and how."""

from __future__ import annotations

from collections.abc import Mapping

from nljctl.effects import bookings, programs, sessions
from nljctl.effects.effect import Effect

EFFECTS: Mapping[str, Effect] = {**programs.EFFECTS, **sessions.EFFECTS, **bookings.EFFECTS}
