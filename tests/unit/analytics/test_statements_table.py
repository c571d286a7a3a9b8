"""A table counts groups and different values as plain Python does, whatever is absent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from elasticsearch import AsyncElasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nljctl.analytics import vocabulary as words
from nljctl.analytics.elastic import IndexView
from nljctl.analytics.grouping import ACTIVITY, LEARNER, QUESTION, SURVEY, VERB, WHO, by
from nljctl.analytics.mapping import Fields
from nljctl.analytics.table import Held, Table, TableView, row_of
from nljctl.catalogue.names import X

INDEX = IndexView(cast("AsyncElasticsearch", None), {"index": "i"}, Fields(()))
ACTORS: list[dict[str, Any]] = [{"mbox": "mailto:a@b.c"}, {"mbox": "mailto:d@b.c"}, {"account": {"name": "a"}}, {}]
VERBS = [words.COMPLETED, words.ANSWERED, words.VOIDED]
OBJECTS: list[dict[str, Any]] = [{"id": "http://x/1"}, {"id": "http://x/q/2", "objectType": "Activity"}, {"objectType": "StatementRef"}, {}]


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    extensions = draw(st.dictionaries(st.sampled_from([X + "parent_survey", X + "question_id"]), st.sampled_from(["s", words.CONTENT + "s", ""])))
    result = draw(st.fixed_dictionaries({}, optional={"completion": st.booleans(), "score": st.just({"scaled": 0.5}), "response": st.sampled_from("ab")}))
    time = draw(st.sampled_from(["2025-03-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2025-03-01T23:59:59.999999Z", "never"]))
    made = {"actor": draw(st.sampled_from(ACTORS)), "verb": {"id": draw(st.sampled_from(VERBS))}, "object": draw(st.sampled_from(OBJECTS))}
    return {**made, "timestamp": time, "result": result, "context": {"extensions": extensions}}


def add(table: Table, folder: Path, rows: list[tuple[str, int, dict[str, Any]]], expected: Held | None = None) -> bool:
    path = folder / "rows.ndjson"
    path.write_bytes(b"".join(row_of(*row) for row in rows))
    return table.add(path, expected)


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.close()


def extension(statement: dict[str, Any], name: str) -> str | None:
    return cast("str | None", statement["context"]["extensions"].get(X + name))


def plainly(statement: dict[str, Any]) -> dict[Any, Any]:
    """What each key is of a statement."""
    actor, target, result = statement["actor"], statement["object"], statement["result"]
    object_id = target.get("id")
    return {
        LEARNER: actor.get("mbox"),
        WHO: actor.get("mbox") or actor.get("account", {}).get("name"),
        ACTIVITY: object_id,
        VERB: words.verb_of(statement["verb"]["id"], target.get("objectType")),
        SURVEY: words.survey_of(extension(statement, "parent_survey")),
        QUESTION: None if object_id is None else words.question_of(extension(statement, "question_id"), object_id),
        by(words.RESPONSE): result.get("response"),
        by(words.TIMESTAMP, "day"): {"2": 1_740_787_200_000, "1": -86_400_000}.get(statement["timestamp"][0]),
    }


KEYS = list(plainly({"actor": {}, "verb": {"id": ""}, "object": {}, "result": {}, "timestamp": "never", "context": {"extensions": {}}}))
NEEDED = {LEARNER, WHO, ACTIVITY, QUESTION}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_=st.lists(statements(), max_size=25), keys=st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=3), split=st.integers(0, 2))
async def test_groups_and_different_values_are_counted_as_plain_python_does(given_: list[dict[str, Any]], keys: list[Any], split: int, tmp_path: Path) -> None:
    table = Table()
    add(table, tmp_path, [(str(number), number, statement) for number, statement in enumerate(given_)])
    told = [(plainly(statement), statement["result"].get("completion") is True or "score" not in statement["result"]) for statement in given_]
    told = [(values, meets) for values, meets in told if all(values[key] is not None for key in keys if key in NEEDED)]
    groups = Counter(tuple(values[key] for key in keys) for values, _ in told)
    meeting = Counter(tuple(values[key] for key in keys) for values, meets in told if meets)
    per, of = keys[:split], keys[split:]
    with table.view(INDEX) as view:
        condition = view.flag(words.COMPLETION, True) | ~view.has(words.SCALED, "number")
        found = [group async for group in view.groups(*keys, of_which={"met": condition})]
        assert {group.key: (group.count, group.of_which["met"]) for group in found} == {key: (count, meeting[key]) for key, count in groups.items()}
        if of:
            expected: dict[Any, list[int]] = defaultdict(lambda: [0, 0], {} if per else {(): [0, 0]})
            for key in groups:
                expected[key[: len(per)]][0] += 1
                expected[key[: len(per)]][1] += meeting[key] > 0
            different = await view.different(*of, per=per, of_which={"met": condition})
            assert {group.key: [group.count, group.of_which["met"]] for group in different} == expected
            aside = await (await view.where(condition).aside(*keys)).different(*of, per=per)
            assert {group.key: group.count for group in aside} == {key: count for key, (_, count) in expected.items() if count or not per}
    table.close()


def test_a_row_replaces_the_one_of_the_same_document(table: Table, tmp_path: Path) -> None:
    add(table, tmp_path, [("a", 1, {}), ("b", 2, {})])
    add(table, tmp_path, [("a", 3, {}), ("b", 2, {})])
    assert table.held() == Held(2, 5)


def test_what_would_not_be_what_is_expected_changes_nothing(table: Table, tmp_path: Path) -> None:
    add(table, tmp_path, [("a", 1, {})])
    assert not add(table, tmp_path, [("b", 2, {})], Held(3, 6))
    assert table.held() == Held(1, 1)
    assert add(table, tmp_path, [("b", 2, {})], Held(2, 3))
    assert add(table, tmp_path, [], Held(2, 3))


def test_what_no_json_may_hold_is_kept_as_an_index_keeps_it() -> None:
    row = msgspec.json.decode(row_of("a", 1, {"result": {"response": "a\ud800"}}))
    assert row["response"] == "a\ufffd"


async def test_a_view_stays_as_it_was_while_rows_are_added(table: Table, tmp_path: Path) -> None:
    add(table, tmp_path, [("a", 1, {})])
    with table.view(INDEX) as view:
        add(table, tmp_path, [("b", 2, {})])
        assert await view.count() == 1
    with table.view(INDEX) as view:
        assert isinstance(view, TableView)
        assert await view.count() == 2
