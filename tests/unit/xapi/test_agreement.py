"""Properties: nothing raises, both paths agree, and a judgement of a judged statement changes nothing."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xapi_world import STRANGE, STRICT, encoded, full_statement, judged, mutations, statement, sub_statement

from nljctl.catalogue.classify import classify
from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.judge import document_digests
from nljctl.judgement import Reason, Verdict
from nljctl.xapi.accept import accept
from nljctl.xapi.accepted_digest import digests_of
from nljctl.xapi.decode import decode
from nljctl.xapi.equivalence import digests, plain_numbers
from nljctl.xapi.explain import explain
from nljctl.xapi.outline import outline

SEED = 20_250_301
ORIGINALS = [
    statement(),
    full_statement(),
    statement(object=sub_statement()),
    statement(object={"objectType": "StatementRef", "id": statement()["id"]}),
    statement(object={"objectType": "Group", "member": [{"mbox": "mailto:a@b.c"}]}),
    statement(actor={"mbox": "mailto:a@b.c", "account": {"homePage": "http://h", "name": "a"}}, event_type="x", result={"score": None}),
]


def check(record: bytes) -> bool:
    """Both paths on one record; gives whether it was accepted."""
    accepted = accept(record)
    decoded = decode(record)
    explained = decoded.errors or explain(decoded.value)
    assert (accepted is not None) <= (not explained), explained
    if accepted is not None:
        assert digests_of(accepted) == digests(plain_numbers(decoded.value))
    judgement = judged(record)
    assert (judgement.verdict is Verdict.REJECTED) == (judgement.reason is not None) == bool(judgement.errors) == (judgement.body == b"")
    assert (judged(record, repairs=STRICT).verdict is Verdict.ACCEPTED) == (not explained)
    if judgement.verdict is not Verdict.REJECTED:
        again = judged(judgement.body, repairs=STRICT)
        assert (again.verdict, again.completions, again.body) == (Verdict.ACCEPTED, (), judgement.body)
        assert (again.id, again.digest, again.content_digest) == (judgement.id, judgement.digest, judgement.content_digest)
    if judgement.reason is Reason.INVALID_XAPI and isinstance(decoded.value, dict):
        assert judgement.digest == document_digests(json.loads(record)).digest
    return accepted is not None


def test_mutated_statements_are_judged_alike_by_both_paths() -> None:
    accepted = [check(record) for record in mutations(ORIGINALS, 6_000, SEED)]

    assert 100 < sum(accepted) < len(accepted) - 1_000


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
