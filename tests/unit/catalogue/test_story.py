"""The learning story reads like learning."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from nljctl.catalogue.classify import classify
from nljctl.catalogue.names import V
from nljctl.catalogue.samples import learning_story


def test_a_story_has_as_many_statements_as_asked_for() -> None:
    assert len(list(learning_story(1, 500))) == 500


def test_a_seed_fixes_the_story() -> None:
    first, second = ([sample.value for sample in learning_story(4, 200)] for _ in range(2))

    assert first == second


def test_each_statement_is_the_event_that_it_says() -> None:
    for sample in learning_story(2, 1_000):
        assert not isinstance(sample.statement, bytes)
        match = classify(sample.topic, sample.statement)
        assert match is not None
        assert match.event == sample.event


@pytest.mark.parametrize("verb", ["experienced", "answered", "passed", "failed", "completed", "suspended"])
def test_learners_do_all_that_learners_do(verb: str) -> None:
    verbs = Counter(sample.statement["verb"]["id"] for sample in learning_story(1, 2_000) if not isinstance(sample.statement, bytes))

    assert verbs[V + verb] > 10


def test_most_learners_are_named_by_mailbox_and_some_otherwise() -> None:
    by = Counter(next(name for name in ("mbox", "account", "mbox_sha1sum") if name in sample.statement["actor"]) for sample in learning_story(1, 2_000))

    assert by["mbox"] > 1_400
    assert by["account"] > 0
    assert by["mbox_sha1sum"] > 0


def test_nobody_passes_what_they_have_not_attempted() -> None:
    attempted: defaultdict[str, set[str]] = defaultdict(set)
    for sample in learning_story(3, 2_000):
        assert not isinstance(sample.statement, bytes)
        who, what = str(sample.statement["actor"]), sample.statement["object"]["id"]
        if sample.event == "statement.attempted":
            attempted[who].add(what)
        if sample.event in ("statement.passed", "statement.failed"):
            assert what in attempted[who]
