"""What statements are grouped by, and what is counted of a group. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from nljctl.analytics import vocabulary as words
from nljctl.analytics.mapping import Kind


@dataclass(frozen=True, slots=True)
class By:
    """A member that statements are grouped by; of several places the first that has a value counts. Without `needed`, those without one are a group (None)."""

    paths: tuple[str, ...]
    kind: Kind = "text"
    needed: bool = False

    @property
    def parts(self) -> tuple[By, ...]:
        return (self,)

    def value(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Meant:
    """What members mean together, such as the id of a question.

    Attributes:
        name: what it is called.
        parts: the members; a statement without one that is `needed` is in no group.
        means: gives the meaning of their values, in this order.
    """

    name: str
    parts: tuple[By, ...]
    means: Callable[..., str | None]

    def value(self, *values: Any) -> Any:
        return self.means(*values)


Key: TypeAlias = By | Meant


@dataclass(slots=True)
class Group:
    """Statements that share their values: these, in the order of what they are grouped by; how many; how many of them meet each further condition.

    Not frozen: there are tens of thousands in an answer, and a frozen one takes three times as long to make.
    """

    key: tuple[Any, ...]
    count: int
    of_which: Mapping[str, int]


Measure: TypeAlias = Literal["score", "time"]
"""What can be added up: scaled scores in millionths, durations in milliseconds."""


@dataclass(slots=True)
class Sum:
    """Numbers of statements that share their values, added up: how many there are, their sum, the sum of their squares."""

    key: tuple[Any, ...]
    count: int
    total: int
    squares: int


def by(path: str | tuple[str, ...], kind: Kind = "text", *, needed: bool = False) -> By:
    """A grouping by one member, or by the first of several places."""
    return By((path,) if isinstance(path, str) else path, kind, needed)


DAY: Final = by(words.TIMESTAMP, "day", needed=True)
"""The day (UTC) of a statement's timestamp, in milliseconds since 1970."""

LEARNER: Final = by(words.MBOX, needed=True)
ACTIVITY: Final = by(words.OBJECT, needed=True)
WHO: Final = by((words.MBOX, words.ACCOUNT), needed=True)
"""Who acts: by mail address, else by account."""
VERB: Final = Meant("verb", (by(words.VERB, needed=True), by(words.OBJECT_KIND)), words.verb_of)
"""The verb as repair `cancelled-not-voided` leaves it."""
SURVEY: Final = Meant("survey", (by(words.SURVEY),), words.survey_of)
"""The bare id of the survey that is the statement's parent; None without one."""
QUESTION: Final = Meant("question", (by(words.QUESTION), ACTIVITY), words.question_of)
"""The question that an answer is to."""

SCORE: Final = by(words.SCALED, "number", needed=True)
DURATION: Final = by(words.DURATION, needed=True)
