"""The generations of a run are told as the platform's state machine allows it."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects.generations import TRANSITIONS

STATUS = {"create": "pending", "ask": "pending", "begin": "processing"}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("more", [{}, {"contract": "old"}, {"contract": "new"}, {"invalid": 5, "duplicates": 3}])
def test_no_run_tells_of_a_generation_what_cannot_be(seed: int, more: dict[str, Any]) -> None:
    status: dict[str, str | None] = {}
    told = 0
    for sample in generate(SampleRequest(1_500, seed=seed, **more)):
        event: Any = sample.event.removeprefix("content.generation.")
        if sample.kind != "plain" or isinstance(sample.statement, bytes) or event not in ("requested", "started", "completed", "failed"):
            continue
        generation = sample.statement["object"]["id"]
        step = TRANSITIONS.get((status.get(generation), event))
        assert step is not None, f"{status.get(generation)} → {event}"
        status[generation] = STATUS.get(step, event if step == "end" else status.get(generation))
        told += 1
    assert told > 100
