"""The generator gives what was asked for, in an order that can be lived by."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice
from typing import Any

import pytest

from nljctl.catalogue.classify import classify
from nljctl.catalogue.events import BY_NAME, EVENTS
from nljctl.catalogue.names import TEST_RUN, X
from nljctl.catalogue.people import PEOPLE
from nljctl.catalogue.samples import Sample, SampleRequest, generate, needed, run_id
from nljctl.catalogue.samples.defects import DEFECTS

ALL = len(EVENTS)


def samples(count: int, *events: str, **more: Any) -> list[Sample]:
    return list(generate(SampleRequest(count, events, **more)))


def bare(names: Any) -> set[str]:
    return {name.rsplit("/", 1)[-1] for name in names} - {"test_run"}


@pytest.mark.parametrize("contract", ["old", "new"])
@pytest.mark.parametrize("name", BY_NAME)
def test_each_events_sample_is_classified_as_itself(name: str, contract: Any) -> None:
    form = BY_NAME[name].form(contract)
    if form is None:
        assert samples(3, name, contract=contract) == []
        return

    for sample in (sample for sample in samples(5, name, contract=contract) if sample.event == name):
        assert not isinstance(sample.statement, bytes)
        match = classify(sample.topic, sample.statement)
        assert match is not None
        assert (match.event, match.contract) == (name, form.contract) == (sample.event, sample.contract)


@pytest.mark.parametrize("name", BY_NAME)
def test_samples_carry_only_the_extensions_that_the_table_declares(name: str) -> None:
    for sample in samples(12, name):
        assert not isinstance(sample.statement, bytes)
        form = next(form for form in BY_NAME[sample.event].forms if form.contract == sample.contract)
        assert bare(sample.statement["context"]["extensions"]) <= set(form.context)
        if form.result:
            assert bare(sample.statement["result"]["extensions"]) <= set(form.result)


def test_a_seed_fixes_everything() -> None:
    first, second = ([(sample.topic, sample.key, sample.value) for sample in samples(300, seed=7, invalid=5, duplicates=5, conflicts=5)] for _ in range(2))

    assert first == second


def test_another_seed_gives_other_ids() -> None:
    first, second = ({sample.id for sample in samples(100, seed=seed)} for seed in (1, 2))

    assert not first & second


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    assert [sample.value for sample in samples(60, seed=3)] == [sample.value for sample in samples(200, seed=3)[:60]]


@pytest.mark.parametrize("count", [ALL, 10 * ALL, 500])
def test_all_event_names_come_equally_often(count: int) -> None:
    found = Counter(sample.event for sample in samples(count))

    assert set(found) == set(BY_NAME)
    assert max(found.values()) - min(found.values()) <= 1


def test_a_run_of_all_events_needs_no_parents_in_addition() -> None:
    assert len(samples(1_000, invalid=2, duplicates=2, conflicts=1)) == 1_000


def test_ids_are_unique_among_plain_samples() -> None:
    ids = [sample.id for sample in samples(2_000, duplicates=5, conflicts=5) if sample.kind == "plain"]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", [name for name in BY_NAME if needed(name)])
def test_parents_come_first_even_if_nobody_asked_for_them(name: str) -> None:
    run = samples(1, name)

    assert run[-1].event == name
    assert {sample.event for sample in run[:-1]} == needed(name)
    assert all(sample.parent for sample in run[:-1])


def test_what_a_booking_event_tells_of_was_requested_before() -> None:
    requested: set[str] = set()
    for sample in samples(3_000):
        if sample.event.startswith("booking."):
            assert not isinstance(sample.statement, bytes)
            booking = sample.statement["context"]["extensions"].get(X + "booking_id") or sample.statement["object"]["id"].rsplit("/", 1)[-1]
            if sample.event == "booking.requested":
                requested.add(booking)
            assert booking in requested


def test_some_sessions_get_more_requests_than_they_have_seats() -> None:
    seats: dict[str, int] = {}
    requests: Counter[str] = Counter()
    for sample in samples(1_000):
        assert not isinstance(sample.statement, bytes)
        extensions, session = sample.statement["context"]["extensions"], sample.statement["object"]["id"]
        if sample.event == "session.scheduled":
            seats[session] = extensions.get(X + "capacity") or extensions[X + "max_participants"]
        elif sample.event == "booking.requested":
            requests[session] += 1

    assert any(requests[session] > seats[session] for session in requests)


def test_some_sessions_overlap_in_one_room() -> None:
    rooms: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for sample in samples(60, "session.scheduled", contract="old"):
        if sample.event == "session.scheduled":
            assert not isinstance(sample.statement, bytes)
            extensions = sample.statement["context"]["extensions"]
            rooms[extensions[X + "location"]].append((extensions[X + "start_time"], extensions[X + "end_time"]))

    assert any(one[0] < other[1] and other[0] < one[1] for times in rooms.values() for one in times for other in times if one < other)


def test_not_every_session_and_booking_ends_cancelled() -> None:
    made: Counter[str] = Counter()
    cancelled: defaultdict[str, set[str]] = defaultdict(set)
    for sample in samples(2_000, contract="old"):
        family, _, what = sample.event.partition(".")
        if family in ("session", "booking") and what in ("scheduled", "requested"):
            made[family] += 1
        elif what == "cancelled":
            assert not isinstance(sample.statement, bytes)
            cancelled[family].add(sample.statement["context"]["extensions"].get(X + "booking_id", sample.statement["object"]["id"]))

    assert 0 < len(cancelled["session"]) < made["session"] / 2
    assert 0 < len(cancelled["booking"]) < made["booking"] / 2


@pytest.mark.parametrize(("kind", "option"), [("invalid", "invalid"), ("duplicate", "duplicates"), ("conflict", "conflicts")])
@pytest.mark.parametrize(("count", "percent", "expected"), [(1_000, 2, 20), (100, 10, 10), (2_500, 0.4, 10), (200, 50, 100)])
def test_percentages_are_exact(kind: str, option: str, count: int, percent: float, expected: int) -> None:
    assert sum(sample.kind == kind for sample in samples(count, **{option: percent})) == expected


def test_a_duplicate_is_an_earlier_statement_with_at_most_another_envelope() -> None:
    envelope = {"producer_id", "producer_timestamp", "event_id"}
    sent: dict[str | None, dict[str, Any]] = {}
    for sample in samples(500, duplicates=20):
        assert not isinstance(sample.statement, bytes)
        content = {name: value for name, value in sample.statement.items() if name not in envelope}
        if sample.kind == "duplicate":
            assert sent[sample.id] == content
        sent[sample.id] = content


def test_a_conflict_has_an_earlier_id_and_other_content() -> None:
    sent: dict[str | None, Any] = {}
    for sample in samples(500, conflicts=20):
        if sample.kind == "conflict":
            assert sample.id in sent
            assert sample.statement != sent[sample.id]
        else:
            sent[sample.id] = sample.statement


def test_the_invalid_are_varied() -> None:
    defects = Counter(sample.defect for sample in samples(500, invalid=10) if sample.kind == "invalid")

    assert set(defects) == {defect.name for defect in DEFECTS}


def test_every_statement_names_its_run() -> None:
    for sample in samples(2 * ALL, seed=5):
        assert not isinstance(sample.statement, bytes)
        assert sample.statement["context"]["extensions"][TEST_RUN] == run_id(5)


def test_the_old_producer_writes_its_envelope_and_the_new_one_does_not() -> None:
    (old,) = samples(1, "program.created", contract="old")
    (new,) = samples(1, "program.created", contract="new")

    assert not isinstance(old.statement, bytes)
    assert not isinstance(new.statement, bytes)
    assert old.statement["event_id"] == old.key
    assert {"producer_id", "producer_timestamp"} <= set(old.statement)
    assert "producer_id" not in new.statement


def test_all_events_of_a_booking_come_under_one_key() -> None:
    keys: defaultdict[str, set[str | None]] = defaultdict(set)
    for sample in samples(1_000):
        if sample.event.startswith("booking."):
            assert not isinstance(sample.statement, bytes)
            booking = sample.statement["context"]["extensions"].get(X + "booking_id") or sample.statement["object"]["id"].rsplit("/", 1)[-1]
            keys[booking].add(sample.key)

    assert {len(found) for found in keys.values()} == {1}


@pytest.mark.parametrize("name", [event.name for event in EVENTS if len({form.contract for form in event.forms}) == 2])
def test_both_contracts_are_written_about_equally_often(name: str) -> None:
    contracts = Counter(sample.contract for sample in samples(2_000) if sample.event == name)

    assert min(contracts["old"], contracts["new"]) >= 10


def test_learners_are_users_of_the_platform() -> None:
    users = {person.id for person in PEOPLE}
    for sample in samples(20, "booking.requested", contract="old"):
        assert not isinstance(sample.statement, bytes)
        assert sample.statement["actor"]["account"]["name"] in users


def test_a_run_may_have_no_end() -> None:
    endless = generate(SampleRequest(None, duplicates=10))

    assert sum(sample.kind == "duplicate" for sample in islice(endless, 3_000)) == 300
