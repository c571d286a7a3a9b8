"""Times as parameters."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.api.parameters import FIRST, LAST, moment


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-03-01", datetime(2025, 3, 1, tzinfo=UTC)),
        ("2025-03-01T09:00", datetime(2025, 3, 1, 9, tzinfo=UTC)),
        ("2025-03-01T09:00:00Z", datetime(2025, 3, 1, 9, tzinfo=UTC)),
        ("2025-03-01t09:00:00.123456789z", datetime(2025, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", FIRST),
        ("9999-12-31T23:59:59-12:00", LAST),
        ("2025-03-01T09:00:00+02:00", datetime(2025, 3, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_time_is_taken_as_utc(text: str, at: datetime) -> None:
    assert moment(text) == at


@pytest.mark.parametrize("text", ["", "yesterday", "1740819600", "2025-13-01", "2025-02-30", "２０２５-03-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)


@given(st.text() | st.datetimes(timezones=st.timezones() | st.just(UTC)).map(datetime.isoformat))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(ValueError):
        assert moment(text).tzinfo is UTC
