"""The objects of xAPI 1.0.3 as types, so that the decoder itself refuses unknown names, wrong types and nulls. For the accept path only.

The properties of each type are in the order of their names, so that a statement is written with sorted names, as its normal form is.
An Agent and a Group are one type where `objectType` may be absent; `accept.py` tells them apart.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType

LanguageMap: TypeAlias = dict[str, str]
Extensions: TypeAlias = dict[str, Any]
Number: TypeAlias = int | float


class _Closed(Struct, forbid_unknown_fields=True, gc=False):
    """No other properties than these. Statements are trees, so the garbage collector need not look at them."""


class Account(_Closed):
    homePage: str
    name: str


class Agent(_Closed):
    account: Account | UnsetType = UNSET
    mbox: str | UnsetType = UNSET
    mbox_sha1sum: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    objectType: Literal["Agent"] | UnsetType = UNSET
    openid: str | UnsetType = UNSET


class Actor(_Closed):
    """An Agent or a Group."""

    account: Account | UnsetType = UNSET
    mbox: str | UnsetType = UNSET
    mbox_sha1sum: str | UnsetType = UNSET
    member: list[Agent] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    objectType: Literal["Agent", "Group"] | UnsetType = UNSET
    openid: str | UnsetType = UNSET


class Verb(_Closed, kw_only=True):
    display: LanguageMap | UnsetType = UNSET
    id: str


class Component(_Closed, kw_only=True):
    description: LanguageMap | UnsetType = UNSET
    id: str


class Definition(_Closed):
    choices: list[Component] | UnsetType = UNSET
    correctResponsesPattern: list[str] | UnsetType = UNSET
    description: LanguageMap | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET
    interactionType: str | UnsetType = UNSET
    moreInfo: str | UnsetType = UNSET
    name: LanguageMap | UnsetType = UNSET
    scale: list[Component] | UnsetType = UNSET
    source: list[Component] | UnsetType = UNSET
    steps: list[Component] | UnsetType = UNSET
    target: list[Component] | UnsetType = UNSET
    type: str | UnsetType = UNSET


class Activity(_Closed, kw_only=True):
    definition: Definition | UnsetType = UNSET
    id: str
    objectType: Literal["Activity"] | UnsetType = UNSET


class StatementRef(_Closed):
    id: str
    objectType: Literal["StatementRef"]


class Score(_Closed):
    max: Number | UnsetType = UNSET
    min: Number | UnsetType = UNSET
    raw: Number | UnsetType = UNSET
    scaled: Number | UnsetType = UNSET


class Result(_Closed):
    completion: bool | UnsetType = UNSET
    duration: str | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET
    response: str | UnsetType = UNSET
    score: Score | UnsetType = UNSET
    success: bool | UnsetType = UNSET


Activities: TypeAlias = Activity | list[Activity]


class ContextActivities(_Closed):
    category: Activities | UnsetType = UNSET
    grouping: Activities | UnsetType = UNSET
    other: Activities | UnsetType = UNSET
    parent: Activities | UnsetType = UNSET


class Context(_Closed):
    contextActivities: ContextActivities | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET
    instructor: Actor | UnsetType = UNSET
    language: str | UnsetType = UNSET
    platform: str | UnsetType = UNSET
    registration: str | UnsetType = UNSET
    revision: str | UnsetType = UNSET
    statement: StatementRef | UnsetType = UNSET
    team: Actor | UnsetType = UNSET


class Attachment(_Closed, kw_only=True):
    contentType: str
    description: LanguageMap | UnsetType = UNSET
    display: LanguageMap
    fileUrl: str | UnsetType = UNSET
    length: int
    sha2: str
    usageType: str


class Who(_Closed, kw_only=True):
    """An Agent or a Group that is the object, which must say so."""

    account: Account | UnsetType = UNSET
    mbox: str | UnsetType = UNSET
    mbox_sha1sum: str | UnsetType = UNSET
    member: list[Agent] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    objectType: Literal["Agent", "Group"]
    openid: str | UnsetType = UNSET


Object = TypeVar("Object")


class SubStatement(_Closed, Generic[Object], kw_only=True):
    actor: Actor
    attachments: list[Attachment] | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    object: Object
    objectType: Literal["SubStatement"]
    result: Result | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    verb: Verb


class Statement(_Closed, Generic[Object], kw_only=True):
    """A statement about one type of object."""

    actor: Actor
    attachments: list[Attachment] | UnsetType = UNSET
    authority: Actor | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    id: str | UnsetType = UNSET
    object: Object
    result: Result | UnsetType = UNSET
    stored: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    verb: Verb
    version: str | UnsetType = UNSET
