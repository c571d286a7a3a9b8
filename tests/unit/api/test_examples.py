"""Examples in the description of the API are of the shape that they stand for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from nljctl.analytics import ActivityAnalytics, CompletionStats, LearnerAnalytics, Overview
from nljctl.api import examples
from nljctl.api.envelope import Envelope


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        (examples.OVERVIEW, Envelope[Overview]),
        (examples.COMPLETION, Envelope[CompletionStats]),
        (examples.ACTIVITY, Envelope[ActivityAnalytics]),
        (examples.LEARNER, Envelope[LearnerAnalytics]),
    ],
)
def test_an_example_has_every_member_of_its_shape(example: dict[str, Any], shape: Any) -> None:
    found = TypeAdapter(shape).validate_python(example)
    assert set(example["data"]) == set(type(found.data).__dataclass_fields__)
