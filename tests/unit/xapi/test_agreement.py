"""Properties: nothing raises, both paths agree, and a judgement of a judged statement changes nothing."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from adversarial import RECORDS
from agreement import check, checked
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xapi_world import STRANGE, encoded, full_statement, judged, mutations, real_lines, statement, sub_statement

from nljctl.catalogue.classify import classify
from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.xapi.accept import accept
from nljctl.xapi.outline import outline
from nljctl.xapi.report import MAX_ERRORS

SEED = 20_250_301
SMALL = 40_000
"""Bytes of a record that is hard to judge at any size; scripts/fuzz takes the time of the largest."""
ORIGINALS = [
    statement(),
    full_statement(),
    statement(object=sub_statement()),
    statement(object={"objectType": "StatementRef", "id": statement()["id"]}),
    statement(object={"objectType": "Group", "member": [{"mbox": "mailto:a@b.c"}]}),
    statement(actor={"mbox": "mailto:a@b.c", "account": {"homePage": "http://h", "name": "a"}}, event_type="x", result={"score": None}),
]


def test_mutated_statements_are_judged_alike_by_both_paths() -> None:
    accepted = [check(record) for record in mutations(ORIGINALS, 6_000, SEED)]

    assert 100 < sum(accepted) < len(accepted) - 1_000


def test_mutated_real_statements_are_judged_alike_by_both_paths() -> None:
    originals = [json.loads(line) for line in real_lines()[::500]]

    accepted = [check(record) for record in mutations(originals, 3_000, SEED)]

    assert 100 < sum(accepted) < len(accepted) - 500


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_is_hard_to_judge_is_judged_alike_by_both_paths(name: str) -> None:
    record = RECORDS[name](SMALL)

    _, judgement = checked(record)

    assert SMALL / 2 < len(record) <= SMALL
    assert len(judgement.errors) <= MAX_ERRORS


@pytest.mark.parametrize("number", ["1e300", "1e19", "1e20", "-1e19", "18446744073709551616.0", "5.0", "-0.0"])
def test_a_number_has_one_notation_in_both_paths(number: str) -> None:
    record = encoded(statement(result={"score": {"raw": "?"}, "extensions": {"http://x": "?"}})).replace(b'"?"', number.encode())

    assert check(record)


@given(st.binary(max_size=200))
@example(b"{}")
@example(b'{"object":[]}')
@example(b'{"object":{"objectType":[]}}')
@example(b'{"object":{"objectType":"SubStatement","object":3}}')
def test_any_bytes_are_judged(record: bytes) -> None:
    check(record)


VALUES = st.sampled_from(STRANGE) | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
PATHS = (
    ("id",),
    ("actor", "mbox"),
    ("actor", "name"),
    ("actor", "account"),
    ("actor", "objectType"),
    ("verb", "id"),
    ("verb", "display"),
    ("object", "id"),
    ("object", "objectType"),
    ("object", "definition", "type"),
    ("object", "definition", "interactionType"),
    ("object", "definition", "choices"),
    ("result", "score", "raw"),
    ("result", "score", "scaled"),
    ("result", "duration"),
    ("result", "response"),
    ("context", "registration"),
    ("context", "language"),
    ("context", "extensions"),
    ("context", "contextActivities", "parent"),
    ("timestamp",),
    ("version",),
    ("attachments",),
    ("authority",),
)


@settings(max_examples=400)
@given(st.sampled_from(PATHS), VALUES)
def test_any_value_in_any_place_is_judged_alike_by_both_paths(path: tuple[str, ...], value: Any) -> None:
    changed = full_statement()
    parent: Any = changed
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value

    check(json.dumps(changed).encode("utf-8", "surrogatepass"))


def test_every_sample_of_the_catalogue_is_judged_alike_and_keeps_its_event() -> None:
    for sample in generate(SampleRequest(count=300, seed=11, contract="both")):
        record = encoded(sample.statement)
        check(record)
        judgement = judged(record)
        accepted = accept(judgement.body)
        assert accepted is not None, (sample.event, judgement.errors)
        assert classify(sample.topic, outline(accepted)) == classify(sample.topic, msgspec.json.decode(judgement.body))
