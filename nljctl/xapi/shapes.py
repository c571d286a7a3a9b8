"""The objects of xAPI 1.0.3 (Data 2.4) as tables: their properties, what each must be, and the rule that a wrong one breaks."""

from __future__ import annotations

from typing import Final

from nljctl.xapi import formats, requirements
from nljctl.xapi.bulk import typed
from nljctl.xapi.kinds import (
    Kind,
    Shape,
    anything,
    boolean,
    by_type,
    count,
    extensions,
    formatted,
    iri,
    language_map,
    list_of,
    number,
    one_of,
    one_or_list_of,
    text,
    timestamp,
    uuid,
)
from nljctl.xapi.model import Activity, Agent, Attachment, Component
from nljctl.xapi.valid import is_activity, is_agent, is_attachment, is_component
from nljctl.xapi.vocabulary import CONTEXT_ACTIVITIES, INTERACTION_TYPES

ACCOUNT: Final = Shape(
    "an account",
    "XAPI-00041",
    {
        "homePage": iri("XAPI-00042"),
        "name": text("XAPI-00043"),
    },
    required={"homePage": "XAPI-00042", "name": "XAPI-00043"},
)

_IDENTITY: Final[dict[str, Kind]] = {
    "objectType": anything,
    "name": text("XAPI-00033"),
    "mbox": formatted("XAPI-00038", formats.is_mailto, '"mailto:" and one e-mail address, such as mailto:ada@example.org'),
    "mbox_sha1sum": formatted("XAPI-00039", formats.is_sha1, "the 40 hexadecimal digits of a SHA-1"),
    "openid": iri("XAPI-00040"),
    "account": ACCOUNT,
}
AGENT: Final = Shape("an Agent", "XAPI-00006", _IDENTITY, refused={"member": "XAPI-00035"}, requirements=(requirements.one_identifier,))
MEMBERS: Final = list_of("XAPI-00036", by_type("XAPI-00036", "XAPI-00036", {"Agent": AGENT}, "Agent"), typed(Agent, is_agent))
GROUP: Final = Shape("a Group", "XAPI-00006", {**_IDENTITY, "member": MEMBERS}, requirements=(requirements.a_group_is_known_by,))
AUTHORITY_GROUP: Final = Shape("a Group", "XAPI-00024", {**_IDENTITY, "member": MEMBERS}, requirements=(requirements.two_agents,))

VERB: Final = Shape(
    "a verb",
    "XAPI-00006",
    {
        "id": iri("XAPI-00044"),
        "display": language_map("XAPI-00045"),
    },
    required={"id": "XAPI-00044"},
)

COMPONENT: Final = Shape(
    "an interaction component",
    "XAPI-00063",
    {
        "id": text("XAPI-00058"),
        "description": language_map("XAPI-00062"),
    },
    required={"id": "XAPI-00058"},
)

_COMPONENTS: Final = typed(Component, is_component)

DEFINITION: Final = Shape(
    "an activity definition",
    "XAPI-00048",
    {
        "name": language_map("XAPI-00056"),
        "description": language_map("XAPI-00059"),
        "type": iri("XAPI-00060"),
        "moreInfo": iri("XAPI-00061"),
        "extensions": extensions("XAPI-00057"),
        "interactionType": one_of("XAPI-00049", INTERACTION_TYPES),
        "correctResponsesPattern": list_of("XAPI-00050", text("XAPI-00050"), typed(str)),
        "choices": list_of("XAPI-00055", COMPONENT, _COMPONENTS),
        "scale": list_of("XAPI-00054", COMPONENT, _COMPONENTS),
        "source": list_of("XAPI-00053", COMPONENT, _COMPONENTS),
        "target": list_of("XAPI-00052", COMPONENT, _COMPONENTS),
        "steps": list_of("XAPI-00051", COMPONENT, _COMPONENTS),
    },
    requirements=(requirements.interaction_type, requirements.component_lists, requirements.distinct_components),
)

ACTIVITY: Final = Shape(
    "an Activity",
    "XAPI-00006",
    {
        "objectType": anything,
        "id": iri("XAPI-00047"),
        "definition": DEFINITION,
    },
    required={"id": "XAPI-00047"},
)

STATEMENT_REF: Final = Shape(
    "a StatementRef",
    "XAPI-00092",
    {
        "objectType": anything,
        "id": uuid("XAPI-00072"),
    },
    required={"id": "XAPI-00072"},
)

SCORE: Final = Shape(
    "a score",
    "XAPI-00079",
    {
        "scaled": number("XAPI-00083"),
        "raw": number("XAPI-00082"),
        "min": number("XAPI-00081"),
        "max": number("XAPI-00080"),
    },
    requirements=(requirements.scaled_range, requirements.raw_range),
)

RESULT: Final = Shape(
    "a result",
    "XAPI-00006",
    {
        "score": SCORE,
        "success": boolean("XAPI-00074"),
        "completion": boolean("XAPI-00075"),
        "response": text("XAPI-00076"),
        "duration": formatted("XAPI-00077", formats.is_duration, "an ISO 8601 duration, such as PT4H35M59.14S"),
        "extensions": extensions("XAPI-00078"),
    },
)

_CONTEXT_ACTIVITY: Final = by_type("XAPI-00094", "XAPI-00094", {"Activity": ACTIVITY}, "Activity")
CONTEXT_ACTIVITIES_MAP: Final = Shape(
    "the context activities",
    "XAPI-00086",
    {name: one_or_list_of("XAPI-00094", _CONTEXT_ACTIVITY, typed(Activity, is_activity)) for name in CONTEXT_ACTIVITIES},
    requirements=(requirements.some_context_activity,),
    unknown="XAPI-00093",
)

CONTEXT: Final = Shape(
    "a context",
    "XAPI-00006",
    {
        "registration": uuid("XAPI-00087"),
        "instructor": by_type("XAPI-00031", "XAPI-00087", {"Agent": AGENT, "Group": GROUP}, "Agent"),
        "team": by_type("XAPI-00088", "XAPI-00088", {"Group": GROUP}, None),
        "contextActivities": CONTEXT_ACTIVITIES_MAP,
        "revision": text("XAPI-00089"),
        "platform": text("XAPI-00090"),
        "language": formatted("XAPI-00091", formats.is_language_tag, "a language tag of RFC 5646, such as en-US"),
        "statement": by_type("XAPI-00092", "XAPI-00092", {"StatementRef": STATEMENT_REF}, None),
        "extensions": extensions("XAPI-00118"),
    },
)

ATTACHMENT: Final = Shape(
    "an attachment",
    "XAPI-00025",
    {
        "usageType": iri("XAPI-00107"),
        "display": language_map("XAPI-00106"),
        "description": language_map("XAPI-00106"),
        "contentType": formatted("XAPI-00105", formats.is_media_type, "an Internet media type, such as text/plain"),
        "length": count("XAPI-00102"),
        "sha2": formatted("XAPI-00103", formats.is_sha2, "the hexadecimal digits of a SHA-2 hash"),
        "fileUrl": iri("XAPI-00104"),
    },
    required={
        "usageType": "XAPI-00107",
        "display": "XAPI-00106",
        "contentType": "XAPI-00105",
        "length": "XAPI-00102",
        "sha2": "XAPI-00103",
    },
    requirements=(requirements.signature,),
)

_TOLD: Final[dict[str, Kind]] = {
    "actor": by_type("XAPI-00031", "XAPI-00006", {"Agent": AGENT, "Group": GROUP}, "Agent"),
    "verb": VERB,
    "result": RESULT,
    "context": CONTEXT,
    "timestamp": timestamp("XAPI-00022"),
    "attachments": list_of("XAPI-00025", ATTACHMENT, typed(Attachment, is_attachment)),
}
_REQUIRED: Final = {"actor": "XAPI-00003", "verb": "XAPI-00004", "object": "XAPI-00005"}
_TOGETHER: Final = (requirements.voiding, requirements.about_an_activity)
_OBJECTS: Final[dict[str, Kind]] = {"Activity": ACTIVITY, "Agent": AGENT, "Group": GROUP, "StatementRef": STATEMENT_REF}

SUB_STATEMENT: Final = Shape(
    "a SubStatement",
    "XAPI-00066",
    {
        **_TOLD,
        "objectType": anything,
        "object": requirements.typed(by_type("XAPI-00046", "XAPI-00006", {**_OBJECTS, "SubStatement": requirements.not_nested}, "Activity")),
    },
    required=dict.fromkeys(_REQUIRED, "XAPI-00066"),
    refused={
        "id": "XAPI-00070",
        "stored": "XAPI-00069",
        "version": "XAPI-00068",
        "authority": "XAPI-00067",
    },
    requirements=_TOGETHER,
)

STATEMENT: Final = Shape(
    "a statement",
    "XAPI-00014",
    {
        "id": uuid("XAPI-00027"),
        **_TOLD,
        "object": requirements.typed(by_type("XAPI-00046", "XAPI-00006", {**_OBJECTS, "SubStatement": SUB_STATEMENT}, "Activity")),
        "stored": timestamp("XAPI-00023"),
        "authority": by_type("XAPI-00031", "XAPI-00024", {"Agent": AGENT, "Group": AUTHORITY_GROUP}, "Agent"),
        "version": formatted("XAPI-00101", formats.is_version, '"1.0" or a version that begins with "1.0.", such as 1.0.3'),
    },
    required=_REQUIRED,
    requirements=_TOGETHER,
)
