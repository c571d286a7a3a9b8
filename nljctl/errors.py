"""Every failure that a person meets, as one tree. `cli/app.py` turns it into an exit code, in that single place.

NljctlError                    2   trouble: says what happened, where, and what to do next
├── UsageError                 2   a flag or an argument that cannot be meant
├── ConfigurationError         2   settings that contradict each other or are missing
├── UnreachableError           2   a service that does not answer
├── RefusedError               2   would change who owns what, or delete, and nobody confirmed
├── TimedOutError              2   waited as long as was allowed
├── UndecidedError             2   there was nothing to decide from
├── InconsistentError          2   the log and what is known of it contradict each other
├── StalledError               2   a consumer that has work and does not move
└── StackError                 2   a local service that would not install, start or stop
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_NOT_SO = 1
EXIT_TROUBLE = 2
EXIT_INTERRUPTED = 130


class NljctlError(Exception):
    """What went wrong (`message`), what to do (`hint`), and a stable name for programs (`code`)."""

    code = "trouble"
    exit_code = EXIT_TROUBLE

    def __init__(self, message: str, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(NljctlError):
    code = "bad-usage"


class ConfigurationError(NljctlError):
    code = "bad-configuration"


class UnreachableError(NljctlError):
    code = "unreachable"


class RefusedError(NljctlError):
    code = "refused"


class TimedOutError(NljctlError):
    code = "timed-out"


class UndecidedError(NljctlError):
    code = "nothing-to-decide"


class InconsistentError(NljctlError):
    code = "inconsistent"


class StalledError(NljctlError):
    code = "stalled"


class StackError(NljctlError):
    code = "stack"
