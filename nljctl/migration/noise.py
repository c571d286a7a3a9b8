"""The noise floor: what legacy makes of the same log when it is given it a second time (docs/comparison.md says how that is done).

Where it makes something else of a record than the first time, the difference is legacy's own, and no pipeline in its place could be the same as it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nljctl.errors import UndecidedError
from nljctl.migration.evidence import TABLES
from nljctl.migration.ledger import Ledger
from nljctl.migration.verify import verify

_JOIN = """CREATE TEMP TABLE replayed AS
    SELECT l.legacy AS now, l.legacy_difference AS difference, r.legacy AS again, l.legacy <> r.legacy AS own
    FROM ledger l JOIN read_parquet(?) r ON r.topic = l.topic AND r."partition" = l."partition" AND r."offset" = l."offset" AND r.digest = l.digest"""


def noise_floor(ledger: Ledger, replay: Path) -> dict[str, Any]:
    """How a settled ledger compares with the evidence of the replay.

    Returns:
        `records` that both classed, `own` of them to which legacy did something else the second time, `by` {now, again, count} of these, and
        `differences` of legacy's side: `own`, or `repeated`.

    Raises:
        UndecidedError: the replay's evidence is not whole, or shares no record with the ledger.
        UsageError: there is no evidence.
    """
    _, checks = verify(replay)
    if broken := [check for check in checks if not check.ok]:
        raise UndecidedError(f"{replay} is not what was written: {broken[0].name}", "Replay and compare again (docs/comparison.md, Noise floor).")
    ledger.ask(_JOIN, str(replay / TABLES["ledger"]))
    [(records, own, own_differences, repeated)] = ledger.ask(
        """SELECT count(*), count(*) FILTER (own), count(*) FILTER (own AND difference IS NOT NULL), count(*) FILTER (NOT own AND difference IS NOT NULL)
           FROM replayed"""
    )
    if not records:
        raise UndecidedError(f"the replay in {replay} has no record in common with this comparison", "It must have read the same topics of the same log.")
    by = ledger.ask("SELECT now, again, count(*) FROM replayed WHERE own GROUP BY ALL ORDER BY 3 DESC, 1, 2")
    return {
        "evidence": str(replay),
        "records": records,
        "own": own,
        "by": [{"now": now, "again": again, "count": count} for now, again, count in by],
        "differences": {"own": own_differences, "repeated": repeated},
    }
