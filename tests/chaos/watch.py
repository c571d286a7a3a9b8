"""Looks at a member's own health several times a second while something else happens, and tells what it has seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from member import HEALTHY, Member, well

EVERY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """What `/health` said at a moment (seconds of the monotonic clock). `components` is empty where nobody answered."""

    at: float
    status: str
    components: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def names(self, component: str, word: str) -> bool:
        """Whether it says that this component is not well, with `word` in the reason."""
        found = self.components.get(component, {})
        return found.get("status", HEALTHY) != HEALTHY and word in str(found.get("detail", ""))

    @property
    def lag(self) -> int:
        """Records that it is behind by its own account; 0 where it does not know."""
        return int(self.components.get("kafka", {}).get("lag") or 0)

    @property
    def well(self) -> bool:
        return well(self.components)


class HealthWatch:
    """A context manager that samples until its end."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="health", daemon=True)
        self.samples: list[Sample] = []

    def __enter__(self) -> HealthWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def noticed(self, component: str, word: str, since: float) -> float | None:
        """Seconds from `since` until the component was said to be not well for the first time; None if it never was."""
        return next((sample.at - since for sample in self.samples if sample.at >= since and sample.names(component, word)), None)

    def well_again(self, since: float) -> float:
        """Seconds from `since` to the last sample that was not well; 0 if there was none."""
        return max((sample.at - since for sample in self.samples if sample.at >= since and not sample.well), default=0.0)

    def stood_still(self, since: float) -> float:
        """Longest stretch in seconds in which it said that all is well while it was behind by ever the same number of records."""
        longest, begun, before = 0.0, since, 0
        for sample in self.samples:
            lag = sample.lag if sample.well and sample.at >= since else 0
            if lag == 0 or lag != before:
                begun = sample.at
            before = lag
            longest = max(longest, sample.at - begun)
        return longest

    def until_well(self, seconds: float, steady: float) -> bool:
        """Waits until all samples have been well for `steady` seconds; False if `seconds` pass before."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            recent = [sample for sample in self.samples if sample.at > time.monotonic() - steady]
            if len(recent) > 1 and all(sample.well for sample in recent) and self.samples[0].at < time.monotonic() - steady:
                return True
            time.sleep(EVERY_SECONDS)
        return False

    def _look(self) -> None:
        while not self._over.is_set():
            answer = self._member.ask("/health")
            self.samples.append(Sample(time.monotonic(), *(("unreachable",) if answer is None else (answer["status"], answer["components"]))))
            self._over.wait(EVERY_SECONDS)
