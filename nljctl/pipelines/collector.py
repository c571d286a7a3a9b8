"""How Python's garbage collector is set for a consumer: it looks at what is young, and seldom.

Everything made before the first record (modules, clients, tables) lives as long as the process, so it is frozen; records and their judgements
are trees without cycles, which reference counting frees. Collections over both took a sixth of the time.
"""

from __future__ import annotations

import gc

THRESHOLDS = (10_000, 10, 20)


def settle() -> None:
    """Call it once, when everything long-lived has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
