"""The states of a migration, as commands and people name them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    LEGACY = "legacy"
    PARALLEL = "parallel"
    SHIFTING = "shifting"
    CUT_OVER = "cut-over"
    ROLLED_BACK = "rolled-back"
    LEGACY_REMOVED = "legacy-removed"
