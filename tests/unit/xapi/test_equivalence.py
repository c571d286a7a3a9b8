"""When two statements are the same: pairs that differ in exactly one thing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xapi_world import OTHER_UUID, UUID, encoded, full_statement, judged, statement, sub_statement

from nljctl.judge import document_digests
from nljctl.xapi.equivalence import EQUIVALENCE

Edit = Callable[[dict[str, Any]], Any]


def edited(edit: Edit) -> dict[str, Any]:
    changed = copy.deepcopy(full_statement())
    edit(changed)
    return changed


def definition(value: dict[str, Any]) -> dict[str, Any]:
    return value["object"]["definition"]


SAME: dict[str, dict[str, Edit]] = {
    "set-by-lrs": {
        "stored": lambda s: s.update(stored="2030-01-01T00:00:00Z"),
        "no stored": lambda s: s.pop("stored"),
        "authority": lambda s: s.update(authority={"mbox": "mailto:lrs@example.org"}),
        "version": lambda s: s.update(version="1.0.0"),
        "no version": lambda s: s.pop("version"),
    },
    "timestamp-zone": {
        "offset": lambda s: s.update(timestamp="2025-03-01T14:30:00+05:30"),
        "westward": lambda s: s.update(timestamp="2025-03-01T01:00:00.0-0800"),
        "another day": lambda s: s.update(timestamp="2025-02-28T23:00:00-10"),
        "no fraction": lambda s: s.update(timestamp="2025-03-01T09:00:00Z"),
        "zero offset": lambda s: s.update(timestamp="2025-03-01T09:00:00.000000+00:00"),
    },
    "verb-display": {"other words": lambda s: s["verb"].update(display={"de": "beantwortete"}), "none": lambda s: s["verb"].pop("display")},
    "activity-definition": {
        "name": lambda s: definition(s).update(name={"en": "Other"}),
        "none": lambda s: s["object"].pop("definition"),
        "of a parent": lambda s: s["context"]["contextActivities"]["parent"].update(definition={"name": {"en": "x"}}),
    },
    "group-order": {"turned": lambda s: s["actor"]["member"].reverse()},
    "one-activity-is-a-list": {
        "listed": lambda s: s["context"]["contextActivities"].update(parent=[s["context"]["contextActivities"]["parent"]]),
    },
    "letter-case": {
        "id": lambda s: s.update(id=UUID.upper()),
        "registration": lambda s: s["context"].update(registration=UUID),
        "reference": lambda s: s["context"]["statement"].update(id=OTHER_UUID.upper()),
        "mail domain": lambda s: s["actor"].update(mbox="mailto:Team@example.org"),
        "language": lambda s: s["context"].update(language="EN-us"),
        "sha2": lambda s: s["attachments"][0].update(sha2=s["attachments"][0]["sha2"].upper()),
        "media type": lambda s: s["attachments"][0].update(contentType="TEXT/Plain; charset=ascii"),
        "tag": lambda s: s["attachments"][0].update(display={"EN": "Essay"}),
    },
    "number-notation": {
        "score": lambda s: s["result"]["score"].update(raw=5.0, min=0.0),
        "extension": lambda s: s["context"]["extensions"].update({"https://example.org/e": 1}),
        "in an extension": lambda s: s["context"]["extensions"].update({"https://example.org/e": 1e0}),
    },
}
OTHER: dict[str, Edit] = {
    "id": lambda s: s.update(id=OTHER_UUID),
    "a millisecond": lambda s: s.update(timestamp="2025-03-01T09:00:00.001Z"),
    "no zone": lambda s: s.update(timestamp="2025-03-01T09:00:00.000"),
    "mail box": lambda s: s["actor"].update(mbox="mailto:team@Example.ORG"),
    "a member more": lambda s: s["actor"]["member"].append({"mbox": "mailto:c@example.org"}),
    "verb": lambda s: s["verb"].update(id="http://adlnet.gov/expapi/verbs/Answered"),
    "object": lambda s: s["object"].update(id="https://example.org/Quiz"),
    "object without type": lambda s: s["object"].pop("objectType"),
    "duration": lambda s: s["result"].update(duration="PT62.5S"),
    "response": lambda s: s["result"].update(response="A"),
    "success": lambda s: s["result"].update(success=False),
    "score": lambda s: s["result"]["score"].update(scaled=0.51),
    "no score": lambda s: s["result"].pop("score"),
    "extension": lambda s: s["context"]["extensions"].update({"https://example.org/e": "1"}),
    "extension more": lambda s: s["context"]["extensions"].update({"https://example.org/f": None}),
    "extension true": lambda s: s["context"]["extensions"].update({"https://example.org/e": True}),
    "order of context activities": lambda s: s["context"]["contextActivities"]["other"].insert(0, {"id": "https://example.org/p"}),
    "platform": lambda s: s["context"].update(platform="Web"),
    "team": lambda s: s["context"]["team"].update(name="x"),
    "attachment": lambda s: s["attachments"][0].update(length=28),
}


def test_each_rule_has_its_pairs() -> None:
    assert set(SAME) == set(EQUIVALENCE)


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for rule, edits in SAME.items() for name in edits])
def test_what_a_rule_ignores_changes_no_digest(rule: str, name: str) -> None:
    one, other = judged(full_statement()), judged(edited(SAME[rule][name]))

    assert (one.digest, one.content_digest) == (other.digest, other.content_digest)
    assert document_digests(edited(SAME[rule][name])).digest == one.digest


@pytest.mark.parametrize("name", OTHER)
def test_everything_else_changes_the_digest(name: str) -> None:
    changed = edited(OTHER[name])

    assert judged(changed).digest != judged(full_statement()).digest
    assert document_digests(changed).digest == judged(changed).digest


@pytest.mark.parametrize("name", ["id", "a millisecond", "no zone"])
def test_id_and_timestamp_are_no_content(name: str) -> None:
    assert judged(edited(OTHER[name])).content_digest == judged(full_statement()).content_digest


@pytest.mark.parametrize(
    "target",
    [
        {"objectType": "Agent", "mbox_sha1sum": "CD9B00A5611F94EAA7B1661EDAB976068E364975"},
        {"objectType": "Group", "member": [{"openid": "http://b"}, {"openid": "http://a"}]},
        {"objectType": "StatementRef", "id": UUID.upper()},
        sub_statement(timestamp="2025-03-01T10:00:00+01:00"),
        sub_statement(object={"objectType": "StatementRef", "id": UUID.upper()}, result={"score": {"raw": 4.0}}),
    ],
)
def test_accepted_statements_about_anything_have_the_digest_of_their_document(target: dict[str, Any]) -> None:
    judgement = judged(statement(object=target))
    document = {**json.loads(judgement.body), "stored": "2025-03-01T09:00:01Z", "nljctl": {"topic": "xapi-events"}}

    assert document_digests(document) == document_digests(statement(object=target))
    assert document_digests(document).digest == judgement.digest


def test_a_sub_statement_s_display_is_no_difference_and_its_verb_is() -> None:
    one = judged(statement(object=sub_statement()))

    assert judged(statement(object=sub_statement(verb={"id": "http://adlnet.gov/expapi/verbs/answered"}))).digest == one.digest
    assert judged(statement(object=sub_statement(verb={"id": "http://adlnet.gov/expapi/verbs/asked"}))).digest != one.digest


def test_a_copy_that_the_legacy_store_keeps_unrepaired_is_the_same() -> None:
    sent = statement(event_id="k", producer_id="p", actor={"mbox": "mailto:a@b.c", "account": {"homePage": "http://h", "name": "a"}}, timestamp=None)
    kept = {**sent, "stored": "2025-03-01T09:00:02Z", "timestamp": "2025-03-01T09:00:02Z", "authority": {"mbox": "mailto:lrs@example.org"}}

    assert document_digests(kept).content_digest == judged(sent).content_digest
    assert document_digests(kept).id == UUID


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "actor", "object", "member", "context", "x_y"]) | st.text(), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["id", "actor", "verb", "object", "context", "result", "attachments", "timestamp", "stored"]), JSON))
def test_every_document_has_digests(document: dict[str, Any]) -> None:
    made = document_digests(document)

    assert len(made.digest) == len(made.content_digest) == 32


@given(st.dictionaries(st.sampled_from(["id", "actor", "verb", "object", "context", "result", "attachments", "timestamp", "stored"]), JSON))
def test_a_rejected_record_has_the_digests_of_its_document(document: dict[str, Any]) -> None:
    judgement = judged(json.dumps(document).encode())
    if judgement.reason is not None and judgement.digest:
        assert judgement.digest == document_digests(json.loads(encoded(document))).digest


def test_half_a_surrogate_pair_does_not_stop_a_digest() -> None:
    assert document_digests({"a": "\ud800", "b": 1.0}).digest == document_digests({"a": "\ud800", "b": 1}).digest
