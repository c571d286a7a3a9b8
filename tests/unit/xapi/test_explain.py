"""What the explain path says: every error, where it is, in words."""

from __future__ import annotations

from typing import Any

import pytest
from xapi_world import OTHER_UUID, UUID, full_statement, statement, sub_statement

from nljctl.xapi.explain import explain
from nljctl.xapi.report import MAX_ERRORS


def found(value: Any) -> list[tuple[str, str]]:
    return [(error.rule, error.pointer) for error in explain(value)]


@pytest.mark.parametrize("valid", [statement(), full_statement(), statement(object=sub_statement())])
def test_nothing_is_wrong_with_a_valid_statement(valid: dict[str, Any]) -> None:
    assert found(valid) == []


def test_every_error_is_told_not_only_the_first() -> None:
    wrong = statement(id="first", verb={"display": {"en_US": "x"}}, timestamp="yesterday", event_type="x")

    assert set(found(wrong)) == {
        ("XAPI-00027", "/id"),
        ("XAPI-00121", "/verb/display/en_US"),
        ("XAPI-00044", "/verb/id"),
        ("XAPI-00022", "/timestamp"),
        ("XAPI-00010", "/event_type"),
    }


def test_a_pointer_escapes_what_pointers_must() -> None:
    assert found(statement(context={"extensions": {"a/b~c": 1}})) == [("XAPI-00118", "/context/extensions/a~1b~0c")]


def test_a_sentence_names_the_place_the_wish_and_the_value() -> None:
    (error,) = explain(statement(actor={"mbox": "ada@example.org"}))

    assert error.message == '"mbox" must be "mailto:" and one e-mail address, such as mailto:ada@example.org; it is "ada@example.org".'
    assert error.section == "Data 2.4.2.3"


def test_long_values_are_shortened() -> None:
    (error,) = explain(statement(timestamp="x" * 10_000))

    assert len(error.message) < 250


def test_a_misspelled_name_is_told_its_spelling() -> None:
    (error,) = explain(statement(conText={}))

    assert (error.rule, error.message) == ("XAPI-00008", '"conText" is spelled "context" in xAPI; upper and lower case matter.')


@pytest.mark.parametrize("value", [None, [], "x", 3, True])
def test_what_is_no_object_is_no_statement(value: Any) -> None:
    assert found(value) == [("XAPI-00014", "")]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"actor": {"mbox": "mailto:a@b.c", "account": {"homePage": "http://h", "name": "a"}}}, [("XAPI-00034", "/actor")]),
        ({"actor": {"objectType": "Group", "member": [{"objectType": "Group", "mbox": "mailto:a@b.c"}]}}, [("XAPI-00036", "/actor/member/0/objectType")]),
        ({"object": {"objectType": "Agent"}}, [("XAPI-00034", "/object")]),
        ({"object": {"mbox": "mailto:a@b.c"}}, [("XAPI-00065", "/object/objectType")]),
        ({"object": {"id": OTHER_UUID}}, [("XAPI-00073", "/object/objectType")]),
        ({"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}, [("XAPI-00020", "/object/objectType")]),
        ({"result": {"score": {"raw": 1, "min": 5, "max": 5}}}, [("XAPI-00081", "/result/score/min"), ("XAPI-00082", "/result/score/raw")]),
        ({"result": {"score": {"scaled": True}}}, [("XAPI-00083", "/result/score/scaled")]),
        ({"result": {"score": None}}, [("XAPI-00001", "/result/score")]),
        ({"attachments": None, "context": {"contextActivities": {"parent": [None]}}}, [("XAPI-00001", "/context/contextActivities/parent/0")]),
        ({"object": sub_statement(id=UUID)}, [("XAPI-00070", "/object/id")]),
        ({"object": sub_statement(object=sub_statement())}, [("XAPI-00071", "/object/object")]),
        ({"object": sub_statement(object={"objectType": "StatementRef", "id": UUID}, context={"platform": "x"})}, [("XAPI-00085", "/object/context/platform")]),
        ({"authority": {"objectType": "Group", "member": [{"mbox": "mailto:a@b.c"}]}}, [("XAPI-00098", "/authority")]),
    ],
)
def test_an_error_is_found_where_it_is(changes: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert found(statement(**changes)) == errors


def test_extensions_may_hold_anything() -> None:
    assert found(statement(context={"extensions": {"http://x": [None, {"a": None}, "", {}]}})) == []


def test_a_million_errors_are_not_listed() -> None:
    assert len(explain(statement(**{f"x{number}": 1 for number in range(MAX_ERRORS * 2)}))) == MAX_ERRORS
