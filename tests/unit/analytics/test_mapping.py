"""How a member is read follows from how the index maps it."""

from __future__ import annotations

from typing import Any

from nljctl.analytics import vocabulary as words
from nljctl.analytics.mapping import Fields
from nljctl.store.index import STATEMENT

DYNAMIC_TEXT = {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}


def dynamic(**result: Any) -> Fields:
    """A mapping as Elasticsearch guesses it; the dot in an extension's name makes objects of it."""
    survey = {"http://nlj": {"properties": {"platform/extensions/parent_survey": DYNAMIC_TEXT}}}
    return Fields(
        [
            {
                "properties": {
                    "actor": {"properties": {"mbox": DYNAMIC_TEXT}},
                    "context": {"properties": {"extensions": {"properties": survey}}},
                    "result": {"properties": result},
                }
            }
        ]
    )


def test_text_is_read_from_its_keyword() -> None:
    reading = dynamic().read(words.MBOX)
    assert reading is not None
    assert (reading.name, reading.limit) == ("actor.mbox.keyword", 256)


def test_keywords_are_read_as_they_are() -> None:
    reading = Fields([STATEMENT]).read(words.MBOX)
    assert reading is not None
    assert (reading.name, reading.runtime) == ("actor.mbox", {})


def test_an_extension_is_found_in_either_mapping_under_its_iri() -> None:
    iri, bare = words.SURVEY
    explicit, guessed = Fields([STATEMENT]).read(iri), dynamic().read(iri)
    assert explicit is not None
    assert guessed is not None
    assert (explicit.name, guessed.name) == (iri, f"{iri}.keyword")
    assert dynamic().read(bare) is None


def test_a_score_that_was_guessed_to_be_a_whole_number_is_read_from_the_documents() -> None:
    reading = dynamic(score={"properties": {"scaled": {"type": "long"}}}).read(words.SCALED, "number")
    assert reading is not None
    assert reading.runtime == {words.SCALED: {"type": "double"}}


def test_a_score_that_was_guessed_to_be_a_float_is_known_to_be_narrow() -> None:
    reading = dynamic(score={"properties": {"scaled": {"type": "float"}}}).read(words.SCALED, "number")
    assert reading is not None
    assert (reading.narrow, reading.runtime) == (True, {})


def test_a_response_that_was_guessed_to_be_a_date_is_read_from_the_documents() -> None:
    reading = dynamic(response={"type": "date"}).read(words.RESPONSE)
    assert reading is not None
    assert reading.runtime == {words.RESPONSE: {"type": "keyword"}}


def test_what_is_not_mapped_is_in_no_document() -> None:
    assert dynamic().read(words.OBJECT) is None


def test_the_explicit_mapping_has_no_bare_words() -> None:
    assert Fields([STATEMENT]).read(words.SURVEY[1]) is None
