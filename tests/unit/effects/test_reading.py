"""What producers may write where an effect reads: anything. It is read, or refused with its SQLSTATE; nothing else happens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.names import X
from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects import reading
from nljctl.effects.effect import UnreadableEventError
from nljctl.effects.registry import EFFECTS
from nljctl.judge import judge
from nljctl.judgement import Origin

SAMPLES = {
    (sample.event, sample.contract): msgspec.json.decode(judge(sample.value, Origin(sample.topic, 0, 0, 0)).body)
    for contract in ("old", "new")
    for sample in generate(SampleRequest(300, tuple(EFFECTS), contract=contract, seed=5))
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["9999-12-31T23:59:59Z", "0001-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = sorted({name for event in EFFECTS for form in BY_NAME[event].forms for name in (*form.context, *form.result)} | {"actor_account"})


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(SAMPLES, key=str)), st.sampled_from(["context", "result"]), st.sampled_from(names), anything)
def test_whatever_an_extension_holds_the_event_is_read_or_refused(which: Any, place: str, name: str, value: Any) -> None:
    statement = SAMPLES[which]
    part = statement.get(place) or {}
    changed = {**statement, place: {**part, "extensions": {**part.get("extensions", {}), X + name: value}}}
    assert answer(which[0], changed) in ("read", "22")


def answer(event: str, statement: Any) -> str:
    """What becomes of an event: `read`, or the class of the SQLSTATE that it is refused with."""
    try:
        EFFECTS[event].read(statement)
    except UnreadableEventError as problem:
        return problem.sqlstate[:2]
    return "read"


@pytest.mark.parametrize(
    ("value", "sqlstate"), [("soon", "22007"), (5, "22007"), ("1899-12-31T00:00:00Z", "22008"), ("3000-01-01T00:00:00Z", "22008"), ({}, "22007")]
)
def test_a_time_that_cannot_be_meant_is_refused(value: Any, sqlstate: str) -> None:
    with pytest.raises(UnreadableEventError) as raised:
        reading.as_time(value, "when")
    assert raised.value.sqlstate == sqlstate
