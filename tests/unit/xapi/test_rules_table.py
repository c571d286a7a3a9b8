"""Each rule's examples, and the page that is made of the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from xapi_world import STRICT, encoded, judged, rules

from nljctl.judge import MAX_BYTES, MAX_DEPTH
from nljctl.judgement import Verdict
from nljctl.validation import validate
from nljctl.xapi.decode import MAX_VALUES
from nljctl.xapi.examples import example
from nljctl.xapi.reference import page
from nljctl.xapi.rules import RULES, Rule

IN_WORDS = {
    "max-bytes": b" " * (MAX_BYTES + 1),
    "max-values": b'{"a":[' + b"0," * MAX_VALUES + b"0]}",
    "max-depth": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
}
OF_STATEMENTS = [rule for rule in RULES.values() if rule.id != "batch-ids"]


@pytest.mark.parametrize("rule", OF_STATEMENTS, ids=lambda rule: rule.id)
def test_the_passing_example_passes(rule: Rule) -> None:
    assert not isinstance(rule.passes, str)
    assert judged(example(rule.passes), repairs=STRICT).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("rule", OF_STATEMENTS, ids=lambda rule: rule.id)
def test_the_failing_example_breaks_its_rule(rule: Rule) -> None:
    record = IN_WORDS.get(rule.id) or (rule.fails.encode() if isinstance(rule.fails, str) else encoded(example(rule.fails)))

    judgement = judged(record, repairs=STRICT)

    assert rule.id in rules(judgement)
    assert judgement.errors[rules(judgement).index(rule.id)].section == rule.section


def test_a_batch_with_an_id_twice_breaks_its_rule() -> None:
    one = example({"id": "0B0F3F0E-6a0e-4c55-9a57-1b6f0c2f9d10"})
    again = example({"id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10"})

    (result,) = validate([encoded([one, again])])

    assert [(error.rule, error.pointer) for error in result.errors] == [("batch-ids", "/1/id")]


def test_the_page_is_the_one_that_the_code_makes() -> None:
    assert (Path(__file__).parents[3] / "docs" / "validation.md").read_text() == page(), "run: python -m nljctl.xapi.reference > docs/validation.md"
