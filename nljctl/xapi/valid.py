"""What the types of `model.py` cannot say of a statement: formats, identifiers, ranges, and what excludes what. Yes or no, and fast."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET

from nljctl.xapi.decode import MAX_DEPTH, deeper_than
from nljctl.xapi.formats import (
    are_iris,
    are_language_tags,
    is_duration,
    is_iri,
    is_language_tag,
    is_mailto,
    is_media_type,
    is_sha1,
    is_sha2,
    is_timestamp,
    is_uuid,
    is_version,
)
from nljctl.xapi.model import (
    Activities,
    Activity,
    Actor,
    Agent,
    Attachment,
    Component,
    Context,
    Definition,
    Result,
    Statement,
    StatementRef,
    SubStatement,
    Who,
)
from nljctl.xapi.vocabulary import INTERACTION_TYPES, SIGNATURE, VOIDED

_write: Final = msgspec.json.Encoder().encode
_NESTING: Final = frozenset({dict, list})
_DEEP_EXTENSION: Final = MAX_DEPTH - 7
"""Extensions lie at most seven deep in a statement."""


def is_valid(statement: Statement[Any]) -> bool:
    """Whether `explain` would find nothing wrong with what this statement was read from."""
    return (
        (statement.id is UNSET or is_uuid(statement.id))
        and (statement.version is UNSET or is_version(statement.version))
        and (statement.stored is UNSET or is_timestamp(statement.stored))
        and (statement.authority is UNSET or _is_authority(statement.authority))
        and _is_told(statement)
    )


def _is_told(told: Statement[Any] | SubStatement[Any]) -> bool:
    """What statements and SubStatements have in common."""
    target = told.object
    return (
        _is_actor(told.actor)
        and is_iri(told.verb.id)
        and (told.verb.display is UNSET or are_language_tags(told.verb.display))
        and (is_activity(target) if type(target) is Activity else _is_object(target))
        and (told.result is UNSET or _is_result(told.result))
        and (told.context is UNSET or _is_context(told.context, about_an_activity=type(target) is Activity))
        and (told.timestamp is UNSET or is_timestamp(told.timestamp))
        and (told.attachments is UNSET or all(map(is_attachment, told.attachments)))
        and (told.verb.id != VOIDED or type(target) is StatementRef)
    )


def _is_object(target: Any) -> bool:
    """Any object but an Activity."""
    if type(target) is StatementRef:
        return is_uuid(target.id)
    return _is_actor(target) if type(target) is Who else _is_told(target)


def _identifiers(who: Actor | Agent | Who) -> int:
    """How many identifiers it has, or -1 if one is wrong."""
    count = 0
    if who.mbox is not UNSET:
        if not is_mailto(who.mbox):
            return -1
        count = 1
    if who.account is not UNSET:
        if not is_iri(who.account.homePage):
            return -1
        count += 1
    if who.openid is not UNSET:
        if not is_iri(who.openid):
            return -1
        count += 1
    if who.mbox_sha1sum is not UNSET:
        if not is_sha1(who.mbox_sha1sum):
            return -1
        count += 1
    return count


def is_agent(agent: Agent) -> bool:
    """Whether an Agent is valid: it has one identifier, and that is right."""
    return _identifiers(agent) == 1


def _is_actor(actor: Actor | Who) -> bool:
    if actor.objectType != "Group":
        return _identifiers(actor) == 1 and actor.member is UNSET
    found = _identifiers(actor)
    if actor.member is UNSET:
        return found == 1
    return (found == 1 or (found == 0 and bool(actor.member))) and all(map(is_agent, actor.member))


def _is_authority(authority: Actor) -> bool:
    return _is_actor(authority) and (
        authority.objectType != "Group" or (authority.member is not UNSET and len(authority.member) == 2 and _identifiers(authority) == 0)
    )


def _is_language_map(words: dict[str, str]) -> bool:
    return are_language_tags(words)


def _is_extensions(extensions: dict[str, Any]) -> bool:
    return are_iris(extensions) and (_NESTING.isdisjoint(map(type, extensions.values())) or not deeper_than(_write(extensions), _DEEP_EXTENSION))


def is_activity(activity: Activity) -> bool:
    """Whether an Activity is valid."""
    return is_iri(activity.id) and (activity.definition is UNSET or _is_definition(activity.definition))


def _is_definition(definition: Definition) -> bool:
    return (
        (definition.type is UNSET or is_iri(definition.type))
        and (definition.name is UNSET or _is_language_map(definition.name))
        and (definition.description is UNSET or _is_language_map(definition.description))
        and (definition.moreInfo is UNSET or is_iri(definition.moreInfo))
        and (definition.extensions is UNSET or _is_extensions(definition.extensions))
        and _is_interaction(definition)
    )


def _is_interaction(definition: Definition) -> bool:
    type_ = definition.interactionType
    allowed = () if type_ is UNSET else INTERACTION_TYPES.get(type_)
    return (
        allowed is not None
        and (definition.correctResponsesPattern is UNSET or type_ is not UNSET)
        and (definition.choices is UNSET or ("choices" in allowed and _are_components(definition.choices)))
        and (definition.scale is UNSET or ("scale" in allowed and _are_components(definition.scale)))
        and (definition.source is UNSET or ("source" in allowed and _are_components(definition.source)))
        and (definition.target is UNSET or ("target" in allowed and _are_components(definition.target)))
        and (definition.steps is UNSET or ("steps" in allowed and _are_components(definition.steps)))
    )


def _are_components(components: list[Component]) -> bool:
    return len({component.id for component in components}) == len(components) and all(map(is_component, components))


def is_component(component: Component) -> bool:
    """Whether it is one, its neighbours aside."""
    return component.description is UNSET or _is_language_map(component.description)


def _is_result(result: Result) -> bool:
    score = result.score
    if score is not UNSET:
        low, high, raw = score.min, score.max, score.raw
        if score.scaled is not UNSET and not -1 <= score.scaled <= 1:
            return False
        if low is not UNSET and ((high is not UNSET and low >= high) or (raw is not UNSET and raw < low)):
            return False
        if high is not UNSET and raw is not UNSET and raw > high:
            return False
    return (result.duration is UNSET or is_duration(result.duration)) and (result.extensions is UNSET or _is_extensions(result.extensions))


def _is_context(context: Context, *, about_an_activity: bool) -> bool:
    activities = context.contextActivities
    return (
        (context.extensions is UNSET or _is_extensions(context.extensions))
        and (context.registration is UNSET or is_uuid(context.registration))
        and (context.language is UNSET or is_language_tag(context.language))
        and (context.instructor is UNSET or _is_actor(context.instructor))
        and (context.team is UNSET or (context.team.objectType == "Group" and _is_actor(context.team)))
        and (context.statement is UNSET or is_uuid(context.statement.id))
        and (about_an_activity or (context.revision is UNSET and context.platform is UNSET))
        and (
            activities is UNSET
            or (
                (activities.parent is UNSET or _are_activities(activities.parent))
                and (activities.grouping is UNSET or _are_activities(activities.grouping))
                and (activities.category is UNSET or _are_activities(activities.category))
                and (activities.other is UNSET or _are_activities(activities.other))
                and not activities.parent is activities.grouping is activities.category is activities.other is UNSET
            )
        )
    )


def _are_activities(some: Activities) -> bool:
    return all(map(is_activity, some)) if isinstance(some, list) else is_activity(some)


def is_attachment(attachment: Attachment) -> bool:
    """Whether an attachment is valid."""
    return (
        is_iri(attachment.usageType)
        and _is_language_map(attachment.display)
        and is_media_type(attachment.contentType)
        and attachment.length >= 0
        and is_sha2(attachment.sha2)
        and (attachment.description is UNSET or _is_language_map(attachment.description))
        and (attachment.fileUrl is UNSET or is_iri(attachment.fileUrl))
        and (attachment.usageType != SIGNATURE or attachment.contentType == "application/octet-stream")
    )
