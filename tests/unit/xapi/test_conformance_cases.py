"""The verdicts that ADL's conformance suite demands, and real statements."""

from __future__ import annotations

from xapi_world import STRICT, conformance_cases, encoded, judged, real_lines

from nljctl.judgement import Verdict
from nljctl.validation import validate
from nljctl.xapi.accept import accept
from nljctl.xapi.explain import explain


def test_every_case_is_judged_as_the_suite_demands() -> None:
    cases = conformance_cases()
    results = validate((encoded(case.get("statement") or case["statements"]) for case in cases), strict=True)

    wrong = [case["id"] for case, result in zip(cases, results, strict=True) if result.valid != (case["expect"] == "valid")]

    assert len(cases) == 630
    assert wrong == []


def test_the_accept_path_takes_every_valid_case_by_itself() -> None:
    valid = [case for case in conformance_cases() if case["expect"] == "valid" and case["kind"] == "single"]

    assert [case["id"] for case in valid if accept(encoded(case["statement"])) is None] == []


def test_invalid_cases_are_explained_by_the_requirement_or_a_nearer_one() -> None:
    invalid = [case for case in conformance_cases() if case["expect"] == "invalid" and case["kind"] == "single"]

    assert all(error.section and error.message.endswith(".") for case in invalid for error in explain(case["statement"]))
    assert sum(bool({error.rule for error in explain(case["statement"])} & set(case["requirement"])) for case in invalid) >= 300


def test_every_real_statement_is_accepted_without_repairs() -> None:
    judgements = [judged(line, repairs=STRICT) for line in real_lines()]

    assert len(judgements) == 22_000
    assert {judgement.verdict for judgement in judgements} == {Verdict.ACCEPTED}
    assert {judgement.completions for judgement in judgements} == {("version",)}
