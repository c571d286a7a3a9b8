"""Every event with effects names the rows that it changes as the comparison names them."""

from __future__ import annotations

import pytest

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects.registry import EFFECTS
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.migration.effects_compared import COMPARED
from nljctl.migration.touches import touched

WORDS = {word for _, word, _ in COMPARED}


@pytest.mark.parametrize("event", EFFECTS)
def test_what_an_event_touches_are_rows_that_are_compared(event: str) -> None:
    sample = list(generate(SampleRequest(1, (event,), seed=4)))[-1]
    keys = touched(judge(sample.value, Origin(sample.topic, 0, 0, 0)))
    assert keys
    assert {key.partition(":")[0] for key in keys} <= WORDS


@pytest.mark.parametrize("event", ["session.conflict", "survey.answered", "workflow.approved"])
def test_an_event_without_effects_touches_nothing(event: str) -> None:
    sample = list(generate(SampleRequest(1, (event,), seed=4)))[-1]
    assert touched(judge(sample.value, Origin(sample.topic, 0, 0, 0))) == ()
