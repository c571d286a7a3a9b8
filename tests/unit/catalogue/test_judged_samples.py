"""The judge and the samples agree: what the platform sends is accepted after repairs, what is broken is rejected."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.samples import Sample, SampleRequest, generate, learning_story
from nljctl.catalogue.samples.defects import DEFECTS
from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Verdict


def judged(sample: Sample) -> Judgement:
    return judge(sample.value, Origin(sample.topic, 0, 0, 1_741_000_000_000))


@pytest.mark.parametrize("contract", ["old", "new"])
@pytest.mark.parametrize("name", BY_NAME)
def test_samples_of_both_contracts_are_accepted_after_repairs(name: str, contract: Any) -> None:
    for sample in generate(SampleRequest(12, (name,), contract)):
        judgement = judged(sample)
        assert judgement.verdict is not Verdict.REJECTED, judgement.errors
        assert (judgement.event, judgement.contract) == (sample.event, sample.contract)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_every_defect_is_rejected_whatever_it_spoils(defect: Any) -> None:
    for sample in generate(SampleRequest(len(BY_NAME))):
        spoilt = Sample(sample.event, sample.contract, sample.topic, sample.key, defect.spoil(sample.statement), "invalid")
        assert judged(spoilt).verdict is Verdict.REJECTED, sample.event


def test_a_duplicate_has_the_digest_of_its_original_and_a_conflict_another() -> None:
    digests: dict[str | None, str] = {}
    for sample in generate(SampleRequest(1_000, duplicates=10, conflicts=10)):
        digest = judged(sample).digest
        if sample.kind == "plain":
            digests[sample.id] = digest
        elif sample.kind == "duplicate":
            assert digest == digests[sample.id], sample.event
        else:
            assert digest != digests[sample.id], sample.event


def test_the_learning_story_is_valid_as_it_stands() -> None:
    for sample in learning_story(1, 1_000):
        judgement = judged(sample)
        assert judgement.verdict is Verdict.ACCEPTED, (judgement.repairs, judgement.errors)


def test_the_harmless_statement_is_valid_as_it_stands() -> None:
    (sample,) = generate(SampleRequest(1, ("learning.experienced",)))

    assert judged(sample).verdict is Verdict.ACCEPTED
