"""Which shares a shift goes through, from where it stands to where it is told to go. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from nljctl.effects.plan import Epoch
from nljctl.errors import ConfigurationError, RefusedError, UsageError
from nljctl.migration.states import State

MOST = 100


def targets(to: int | None, steps: str | None) -> tuple[int, ...]:
    """The shares that were asked for, in order.

    Raises:
        UsageError: none or both were given, or the steps do not ascend from 0 to 100.
    """
    if (to is None) == (steps is None):
        raise UsageError("shift goes --to a share, or through --steps", "For example: --to 10, or --steps 1,10,50,100.")
    if to is not None:
        if not 0 <= to <= MOST:
            raise UsageError(f"--to {to} is no share", "A share is a percentage from 0 to 100.")
        return (to,)
    try:
        shares = [int(word) for word in (steps or "").split(",")]
    except ValueError:
        shares = []
    if not shares or any(not 0 < share <= MOST for share in shares) or shares != sorted(set(shares)):
        raise UsageError(f"--steps {steps} is no list of shares", "Whole percentages from 1 to 100, ascending, separated by commas: --steps 1,10,50,100.")
    return tuple(shares)


def path(plan: Sequence[Epoch], asked: Sequence[int]) -> tuple[int, ...]:
    """Those of the shares asked for that are still to be gone to; none if faststream owns that much already. One share alone may also go down.

    Raises:
        ConfigurationError: there is no first epoch.
        RefusedError: legacy does not run any more, so nothing can be given to it step by step.
    """
    newest = require(plan)
    remaining = tuple(share for share in asked if share > newest.share) if len(asked) > 1 else tuple(share for share in asked if share != newest.share)
    if not remaining:
        return ()
    if newest.state == State.LEGACY_REMOVED:
        raise RefusedError("legacy was removed: faststream owns all effects for good", "There is nothing left to shift.", code="legacy-removed")
    if newest.state == State.CUT_OVER:
        raise RefusedError("the platform is cut over: faststream owns all effects and legacy is stopped", "`nljctl rollback` gives them back.", code="cut-over")
    return remaining


def require(plan: Sequence[Epoch]) -> Epoch:
    """The newest epoch.

    Raises:
        ConfigurationError: there is none.
    """
    if not plan:
        raise ConfigurationError("the platform has no first epoch: nobody owns the effects yet", "Run `nljctl setup`.", code="not-set-up")
    return plan[-1]


def state_at(share: int) -> State:
    """What the platform is called while both pipelines run and faststream owns this share."""
    return State.SHIFTING if share else State.LEGACY
