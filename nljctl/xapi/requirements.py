"""What xAPI demands of an object as a whole: how many identifiers, which properties go together, what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nljctl.xapi import formats
from nljctl.xapi.kinds import Kind
from nljctl.xapi.pointer import Path
from nljctl.xapi.report import Report, excerpt, name_of
from nljctl.xapi.vocabulary import COMPONENT_LISTS, IDENTIFIERS, INTERACTION_TYPES, SIGNATURE, VOIDED


def _identifiers(who: Mapping[str, Any]) -> list[str]:
    return [name for name in IDENTIFIERS if name in who]


def one_identifier(report: Report, agent: Mapping[str, Any], at: Path) -> None:
    """An Agent has exactly one inverse functional identifier (Data 2.4.2.1)."""
    found = _identifiers(agent)
    if not found:
        report.add("XAPI-00034", at, f"{name_of(at)} must say who it is by one of mbox, mbox_sha1sum, openid or account; it has none.")
    elif len(found) > 1:
        report.add("XAPI-00034", at, f"{name_of(at)} must have exactly one identifier; it has {' and '.join(found)}. Keep the one that will not change.")


def a_group_is_known_by(report: Report, group: Mapping[str, Any], at: Path) -> None:
    """A Group has one identifier, or none and its members (Data 2.4.2.2)."""
    found = _identifiers(group)
    if len(found) > 1:
        report.add("XAPI-00037", at, f"{name_of(at)} must have at most one identifier; it has {' and '.join(found)}.")
    elif not found and "member" not in group:
        report.add("XAPI-00035", at, f"{name_of(at)} must have an identifier or list its members; it has neither.")
    elif not found and group["member"] == []:
        report.add("XAPI-00037", (*at, "member"), "A Group without identifier must list at least one member; the list is empty.")


def two_agents(report: Report, group: Mapping[str, Any], at: Path) -> None:
    """An authority that is a Group is the OAuth consumer and the user, two Agents, and has no identifier of its own (Data 2.4.9)."""
    members = group.get("member")
    if _identifiers(group):
        report.add("XAPI-00024", at, f"An authority that is a Group must not have an identifier of its own; it has {' and '.join(_identifiers(group))}.")
    if "member" not in group or (isinstance(members, list) and len(members) != 2):
        count = len(members) if isinstance(members, list) else 0
        report.add("XAPI-00098", at, f"An authority that is a Group must have two members, application and user; it has {count}.")


def interaction_type(report: Report, definition: Mapping[str, Any], at: Path) -> None:
    """What describes an interaction needs its type (Data 2.4.4.1)."""
    used = [name for name in ("correctResponsesPattern", *COMPONENT_LISTS) if name in definition]
    if used and "interactionType" not in definition:
        report.add("XAPI-00064", (*at, "interactionType"), f'A definition with "{used[0]}" must have an interactionType; it is missing.')


def component_lists(report: Report, definition: Mapping[str, Any], at: Path) -> None:
    """An interaction has only the component lists of its type (Data 2.4.4.1)."""
    type_ = definition.get("interactionType")
    allowed = INTERACTION_TYPES.get(type_) if isinstance(type_, str) else None
    if allowed is not None:
        for name in COMPONENT_LISTS:
            if name in definition and name not in allowed:
                has = f"it has {' and '.join(allowed)}" if allowed else "it has no such list"
                report.add("component-list", (*at, name), f'An interaction of type {type_} must not have "{name}"; {has}.')


def distinct_components(report: Report, definition: Mapping[str, Any], at: Path) -> None:
    """The components of a list have distinct ids (Data 2.4.4.1)."""
    for name in COMPONENT_LISTS:
        components = definition.get(name)
        seen: set[str] = set()
        for index, component in enumerate(components if isinstance(components, list) else ()):
            id_ = component.get("id") if isinstance(component, dict) else None
            if isinstance(id_, str):
                if id_ in seen:
                    report.add("XAPI-00058", (*at, name, index, "id"), f'The ids of "{name}" must be distinct; {excerpt(id_)} is there twice.')
                seen.add(id_)


def _number(score: Mapping[str, Any], name: str) -> float | None:
    value = score.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def scaled_range(report: Report, score: Mapping[str, Any], at: Path) -> None:
    """A scaled score is from -1 to 1 (Data 2.4.5.1)."""
    scaled = _number(score, "scaled")
    if scaled is not None and not -1 <= scaled <= 1:
        report.must_be("XAPI-00083", (*at, "scaled"), "from -1 to 1", scaled)


def raw_range(report: Report, score: Mapping[str, Any], at: Path) -> None:
    """A minimum is below its maximum, and the raw score between them (Data 2.4.5.1)."""
    raw, low, high = (_number(score, name) for name in ("raw", "min", "max"))
    if low is not None and high is not None and low >= high:
        report.must_be("XAPI-00081", (*at, "min"), f"less than max ({high})", low)
    if raw is not None and low is not None and raw < low:
        report.must_be("XAPI-00082", (*at, "raw"), f"at least min ({low})", raw)
    if raw is not None and high is not None and raw > high:
        report.must_be("XAPI-00082", (*at, "raw"), f"at most max ({high})", raw)


def some_context_activity(report: Report, activities: Mapping[str, Any], at: Path) -> None:
    """Context activities, if given, hold at least one kind (Data 2.4.6.2)."""
    if not activities:
        report.add("XAPI-00095", at, "contextActivities must hold parent, grouping, category or other; it is empty, so leave it out.")


def signature(report: Report, attachment: Mapping[str, Any], at: Path) -> None:
    """A signature is attached as octets (Data 2.6)."""
    if attachment.get("usageType") == SIGNATURE and attachment.get("contentType") not in ("application/octet-stream", None):
        report.must_be("XAPI-00115", (*at, "contentType"), "application/octet-stream, as the attachment is a signature", attachment.get("contentType"))


def _type_of(statement: Mapping[str, Any]) -> Any:
    target = statement.get("object")
    return target.get("objectType", "Activity") if isinstance(target, dict) else None


def voiding(report: Report, statement: Mapping[str, Any], at: Path) -> None:
    """The verb `voided` is for statements that void another (Data 2.3.2)."""
    verb = statement.get("verb")
    if isinstance(verb, dict) and verb.get("id") == VOIDED and isinstance(statement.get("object"), dict) and _type_of(statement) != "StatementRef":
        place = (*at, "object", "objectType")
        report.add("XAPI-00020", place, 'A statement with the verb "voided" must have a StatementRef as its object: the statement that it voids.')


def about_an_activity(report: Report, statement: Mapping[str, Any], at: Path) -> None:
    """Revision and platform are only for statements about an Activity (Data 2.4.6)."""
    context, type_ = statement.get("context"), _type_of(statement)
    if isinstance(context, dict) and type_ in ("Agent", "Group", "StatementRef", "SubStatement"):
        for name, rule in (("revision", "XAPI-00084"), ("platform", "XAPI-00085")):
            if name in context:
                report.add(rule, (*at, "context", name), f'"{name}" must only be used when the object is an Activity; here it is a {type_}.')


def not_nested(report: Report, _value: Any, at: Path) -> None:
    """A SubStatement holds no SubStatement (Data 2.4.4.3)."""
    report.add("XAPI-00071", at, "A SubStatement must not have another SubStatement as its object.")


def typed(kind: Kind) -> Kind:
    """The object of a statement: what is no Activity must say so by its objectType (Data 2.4.4.2, 2.4.4.3).

    Without the hint an Agent would be reported as an Activity that has everything wrong.
    """

    def check(report: Report, value: Any, at: Path) -> None:
        meant = _meant(value)
        if meant is None:
            kind(report, value, at)
            return
        rule, type_ = meant
        report.add(rule, (*at, "objectType"), f'An object that is {type_} must say so by "objectType"; it is missing.')
        kind(report, {**value, "objectType": type_.split()[-1]}, at)

    return check


def _meant(value: Any) -> tuple[str, str] | None:
    """The rule that an object without type breaks, and what it seems to be, unless it is an Activity."""
    if not isinstance(value, dict) or "objectType" in value:
        return None
    if "actor" in value or "verb" in value:
        return "XAPI-00073", "a SubStatement"
    id_ = value.get("id")
    if isinstance(id_, str) and formats.is_uuid(id_):
        return "XAPI-00073", "a StatementRef"
    if id_ is None and "member" in value:
        return "XAPI-00065", "a Group"
    if id_ is None and _identifiers(value):
        return "XAPI-00065", "an Agent"
    return None
