"""What the value of a property may be: one function per data type of xAPI, each made for the rule that it enforces. Slow, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nljctl.xapi import formats
from nljctl.xapi.bulk import Certain, doubtful
from nljctl.xapi.pointer import Path
from nljctl.xapi.report import Report, excerpt, name_of

Kind: TypeAlias = Callable[[Report, Any, Path], None]
"""Looks at a value and notes in the report what is wrong with it; the last argument is the value's place."""

Requirement: TypeAlias = Callable[[Report, Mapping[str, Any], Path], None]
"""Looks at an object as a whole: what its properties demand of one another."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of object.

    Attributes:
        noun: what a sentence calls it, such as `an Agent`.
        rule: broken when the value is no object.
        properties: every property that it may have.
        required: those that it must have, with the rule that this breaks.
        refused: properties that it might be thought to have, with the rule that refuses them.
        requirements: what is demanded of the object as a whole.
        unknown: the rule that any other property breaks.
    """

    noun: str
    rule: str
    properties: Mapping[str, Kind]
    required: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    unknown: str = "XAPI-00010"

    def __call__(self, report: Report, value: Any, at: Path) -> None:
        """A shape is a kind itself."""
        if not isinstance(value, dict):
            report.must_be(self.rule, at, f"an object ({self.noun})", value)
            return
        for name, member in value.items():
            kind = self.properties.get(name)
            if kind is None:
                self._unknown(report, name, at)
            elif member is None:
                report.null((*at, name))
            else:
                kind(report, member, (*at, name))
        for name, rule in self.required.items():
            if name not in value:
                report.add(rule, (*at, name), f'{self.noun[0].upper() + self.noun[1:]} must have "{name}"; it is missing.')
        for requirement in self.requirements:
            requirement(report, value, at)

    def _unknown(self, report: Report, name: str, at: Path) -> None:
        place = (*at, name)
        meant = next((known for known in self.properties if known.lower() == name.lower()), None)
        if name in self.refused:
            report.add(self.refused[name], place, f"{self.noun[0].upper() + self.noun[1:]} must not have {name_of(place)}.")
        elif meant is not None:
            report.add("XAPI-00008", place, f'{name_of(place)} is spelled "{meant}" in xAPI; upper and lower case matter.')
        else:
            report.add(self.unknown, place, f"{name_of(place)} is not a property of {self.noun}; what xAPI does not name belongs into extensions.")


def anything(_report: Report, _value: Any, _at: Path) -> None:
    """For a property that is looked at elsewhere."""


def text(rule: str) -> Kind:
    """Any string."""

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, str):
            report.must_be(rule, at, "a string", value)

    return check


def formatted(rule: str, is_so: formats.Check, wanted: str) -> Kind:
    """A string of a format; `wanted` says which, with an example."""

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, str) or not is_so(value):
            report.must_be(rule, at, wanted, value)

    return check


def iri(rule: str) -> Kind:
    """An IRI. One that lacks only its scheme breaks XAPI-00011."""

    def check(report: Report, value: Any, at: Path) -> None:
        if isinstance(value, str) and formats.is_iri(value):
            return
        if isinstance(value, str) and value and ":" not in value.partition("/")[0] and formats.is_iri("x:" + value):
            report.add("XAPI-00011", at, f"{name_of(at)} must be an IRI with a scheme, such as https://{value[:60]}; it is {excerpt(value)}.")
        else:
            report.must_be(rule, at, "an IRI, such as https://example.org/quiz", value)

    return check


def uuid(rule: str) -> Kind:
    return formatted(rule, formats.is_uuid, "a UUID in its standard form, such as 0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10")


def timestamp(rule: str) -> Kind:
    return formatted(rule, formats.is_timestamp, "an ISO 8601 date and time, such as 2025-03-01T09:00:00.000Z")


def boolean(rule: str) -> Kind:
    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, bool):
            report.must_be(rule, at, "true or false, without quotes", value)

    return check


def number(rule: str) -> Kind:
    def check(report: Report, value: Any, at: Path) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            report.must_be(rule, at, "a number, without quotes", value)

    return check


def count(rule: str) -> Kind:
    """A whole number that is not negative."""

    def check(report: Report, value: Any, at: Path) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
            report.must_be(rule, at, "a whole number of octets", value)

    return check


def one_of(rule: str, values: Collection[str]) -> Kind:
    """A word of a list. One that differs in case only breaks XAPI-00009."""
    listed = ", ".join(values)

    def check(report: Report, value: Any, at: Path) -> None:
        if isinstance(value, str) and value not in values and value.lower() in values:
            report.add("XAPI-00009", at, f"{name_of(at)} must be spelled {excerpt(value.lower())}; it is {excerpt(value)}.")
        elif not isinstance(value, str) or value not in values:
            report.must_be(rule, at, f"one of {listed}", value)

    return check


def language_map(rule: str) -> Kind:
    """Strings by language tag (Data 4.2)."""

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, dict):
            report.must_be(rule, at, 'a language map, such as {"en-US": "…"}', value)
            return
        for _, (tag, words) in doubtful(value.items(), _are_words):
            if not formats.is_language_tag(tag):
                report.add("XAPI-00121", (*at, tag), f"{excerpt(tag)} is no language tag of RFC 5646, such as en-US.")
            if not isinstance(words, str):
                report.must_be(rule, (*at, tag), "a string", words)

    return check


def _are_words(items: list[tuple[str, Any]]) -> bool:
    return all(isinstance(words, str) for _, words in items) and formats.are_language_tags([tag for tag, _ in items])


def extensions(rule: str) -> Kind:
    """Any values, nulls among them, by IRI (Data 4.1)."""

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, dict):
            report.must_be(rule, at, "an object whose keys are IRIs", value)
            return
        for _, key in doubtful(value, formats.are_iris):
            if not formats.is_iri(key):
                report.add("XAPI-00118", (*at, key), f"Extension key {excerpt(key)} must be an IRI, such as https://example.org/extensions/mood.")

    return check


def list_of(rule: str, kind: Kind, certain: Certain) -> Kind:
    """An array; `certain` of many items at once whether the kind finds nothing wrong with any."""

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, list):
            report.must_be(rule, at, "an array", value)
            return
        for index, item in doubtful(value, certain):
            if item is None:
                report.null((*at, index))
            else:
                kind(report, item, (*at, index))

    return check


def one_or_list_of(rule: str, kind: Kind, certain: Certain) -> Kind:
    """A single one, as 0.95 had it, or an array of them."""
    several = list_of(rule, kind, certain)

    def check(report: Report, value: Any, at: Path) -> None:
        (several if isinstance(value, list) else kind)(report, value, at)

    return check


def by_type(rule: str, not_an_object: str, kinds: Mapping[str, Kind], default: str | None) -> Kind:
    """An object whose `objectType` says what it is; without one it is the default, or wrong.

    After an objectType that is none of them the object is still looked at, as what it was probably meant to be.
    """
    names = " or ".join(f'"{name}"' for name in kinds)
    guesses = {name.lower(): kind for name, kind in kinds.items()}

    def check(report: Report, value: Any, at: Path) -> None:
        if not isinstance(value, dict):
            report.must_be(not_an_object, at, f"an object of type {names}", value)
            return
        named = value.get("objectType", default)
        kind = kinds.get(named) if isinstance(named, str) else None
        if kind is None:
            place = (*at, "objectType")
            if "objectType" not in value:
                report.add(rule, place, f"{name_of(at)} must have an objectType, {names}; it is missing.")
            elif named is not None:
                report.add(rule, place, f'"objectType" must be {names}, spelled so; it is {excerpt(named)}.')
            kind = guesses.get(str(named).lower(), next(iter(kinds.values())))
        kind(report, value, at)

    return check
