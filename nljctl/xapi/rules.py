"""The rules of xAPI 1.0.3 that a statement is judged by: id, section, and one example each that passes and fails.

A rule has the id of ADL's published conformance requirement where there is one. `python -m nljctl.xapi.reference` makes
`docs/validation.md` of this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nljctl.xapi.examples import (
    ADA,
    FILE,
    IRI,
    MBOX,
    REF,
    SHA1,
    SIGNATURE,
    SUB,
    UUID,
    VOIDED,
    account,
    activity,
    attached,
    context,
    group,
    interaction,
    result,
    score,
    sub,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `passes` and `fails` are properties to put over the plain statement of `examples.py`, or the text of a whole record."""

    id: str
    section: str
    title: str
    passes: Mapping[str, Any] | str
    fails: Mapping[str, Any] | str


# A row of the table is read as a row.
# fmt: off
_TABLE: Final = (
    Rule("XAPI-00014", "Data 2.1", "A record is one JSON object", {}, '{"score": NaN}'),
    Rule("XAPI-00015", "Data 2.1", "Text is UTF-8, without lone surrogates", {}, '{"name": "\\ud800"}'),
    Rule("XAPI-00021", "Data 2.4", "No property occurs twice in an object", {}, '{"id": 1, "id": 2}'),
    Rule("max-bytes", "Communication 2.1.2", "A record has at most 10,000,000 bytes", {}, "more bytes"),
    Rule("max-values", "Communication 2.1.2", "Its objects and arrays have at most 400,000 values together", {}, "more values"),
    Rule("max-depth", "Communication 2.1.2", "Objects and arrays are nested at most 100 deep", {}, "more levels"),
    Rule("batch-ids", "Communication 2.1.2", "The statements of a batch have distinct ids", {}, "[a statement, the same again]"),
    Rule("XAPI-00001", "Data 2.2", "Nothing is null outside extensions", {}, {"verb": {"id": IRI, "display": {"en": None}}}),
    Rule("XAPI-00003", "Data 2.2", "A statement has an actor", {}, {"actor": None}),
    Rule("XAPI-00004", "Data 2.2", "A statement has a verb", {}, {"verb": None}),
    Rule("XAPI-00005", "Data 2.2", "A statement has an object", {}, {"object": None}),
    Rule("XAPI-00006", "Data 2.2", "A value has the type that its property demands", {}, {"actor": "Ada"}),
    Rule("XAPI-00008", "Data 2.2", "The names of properties are spelled as specified, case included", {}, {"conText": {}}),
    Rule("XAPI-00009", "Data 2.2", "Words of a list are spelled as specified, case included", interaction("choice"), interaction("Choice")),
    Rule("XAPI-00010", "Data 2.2", "There are no other properties than the specified ones", {}, {"event_type": "started"}),
    Rule("XAPI-00011", "Data 2.2", "An IRI has a scheme", {}, {"object": {"id": "example.org/quiz"}}),
    Rule("XAPI-00020", "Data 2.3.2", "A voiding statement has a StatementRef as its object", {"verb": VOIDED, "object": REF}, {"verb": VOIDED}),
    Rule("XAPI-00022", "Data 2.4.7", "timestamp is an ISO 8601 date and time", {"timestamp": "2025-03-01T09:00:00Z"}, {"timestamp": "01/03/2025"}),
    Rule("XAPI-00023", "Data 2.4.8", "stored is an ISO 8601 date and time", {"stored": "2025-03-01T09:00:00Z"}, {"stored": "2025-03-01T09:00:00-00:00"}),
    Rule("XAPI-00024", "Data 2.4.9", "authority is an Agent, or a Group without identifier", {"authority": ADA}, {"authority": "Ada"}),
    Rule("XAPI-00025", "Data 2.4.11", "attachments is an array of attachments", {"attachments": [FILE]}, {"attachments": FILE}),
    Rule("XAPI-00027", "Data 2.4.1", "id is a UUID in standard form", {"id": UUID}, {"id": "test-12345"}),
    Rule("XAPI-00031", "Data 2.4.2", "An actor's objectType is Agent or Group",
         {"actor": {**ADA, "objectType": "Agent"}}, {"actor": {**ADA, "objectType": "agent"}}),
    Rule("XAPI-00033", "Data 2.4.2.1", "An actor's name is a string", {"actor": {**ADA, "name": "Ada"}}, {"actor": {**ADA, "name": 7}}),
    Rule("XAPI-00034", "Data 2.4.2.1", "An Agent has exactly one identifier", {}, {"actor": {**ADA, "openid": IRI}}),
    Rule("XAPI-00035", "Data 2.4.2.2", "Only a Group has members, and it has them or an identifier", group(member=[ADA]), {"actor": {**ADA, "member": []}}),
    Rule("XAPI-00036", "Data 2.4.2.2", "member is an array of Agents", group(member=[ADA]), group(member=ADA)),
    Rule("XAPI-00037", "Data 2.4.2.2", "A Group has one identifier, or none and at least one member", group(mbox=MBOX), group(mbox=MBOX, openid=IRI)),
    Rule("XAPI-00038", "Data 2.4.2.3", "mbox is mailto: and an e-mail address", {}, {"actor": {"mbox": "ada@example.org"}}),
    Rule("XAPI-00039", "Data 2.4.2.3", "mbox_sha1sum is the hex of a SHA-1", {"actor": {"mbox_sha1sum": SHA1}}, {"actor": {"mbox_sha1sum": "cd9b"}}),
    Rule("XAPI-00040", "Data 2.4.2.3", "openid is a URI", {"actor": {"openid": IRI}}, {"actor": {"openid": "ab=c://ada"}}),
    Rule("XAPI-00041", "Data 2.4.2.3", "account is an object", account(homePage=IRI, name="ada"), {"actor": {"account": "ada"}}),
    Rule("XAPI-00042", "Data 2.4.2.4", "An account has a homePage, an IRL", account(homePage=IRI, name="ada"), account(name="ada")),
    Rule("XAPI-00043", "Data 2.4.2.4", "An account has a name, a string", account(homePage=IRI, name="ada"), account(homePage=IRI, name=7)),
    Rule("XAPI-00044", "Data 2.4.3", "A verb has an id, an IRI", {}, {"verb": {"display": {"en": "did"}}}),
    Rule("XAPI-00045", "Data 2.4.3", "A verb's display is a language map",
         {"verb": {"id": IRI, "display": {"en": "did"}}}, {"verb": {"id": IRI, "display": "did"}}),
    Rule("XAPI-00046", "Data 2.4.4", "An object's objectType is one of five", {"object": SUB}, {"object": {"objectType": "activity", "id": IRI}}),
    Rule("XAPI-00047", "Data 2.4.4.1", "An Activity has an id, an IRI", {}, {"object": {"id": "ab=c://quiz"}}),
    Rule("XAPI-00048", "Data 2.4.4.1", "definition is an object", activity(), {"object": {"id": IRI, "definition": "quiz"}}),
    Rule("XAPI-00049", "Data 2.4.4.1", "interactionType is one of ten", interaction("likert"), interaction("likert_scale")),
    Rule("XAPI-00050", "Data 2.4.4.1", "correctResponsesPattern is an array of strings",
         interaction("numeric", correctResponsesPattern=["4[:]"]), interaction("numeric", correctResponsesPattern="4[:]")),
    Rule("XAPI-00051", "Data 2.4.4.1", "steps is an array of components",
         interaction("performance", steps=[{"id": "a"}]), interaction("performance", steps="a")),
    Rule("XAPI-00052", "Data 2.4.4.1", "target is an array of components", interaction("matching", target=[{"id": "a"}]), interaction("matching", target="a")),
    Rule("XAPI-00053", "Data 2.4.4.1", "source is an array of components", interaction("matching", source=[{"id": "a"}]), interaction("matching", source="a")),
    Rule("XAPI-00054", "Data 2.4.4.1", "scale is an array of components", interaction("likert", scale=[{"id": "a"}]), interaction("likert", scale="a")),
    Rule("XAPI-00055", "Data 2.4.4.1", "choices is an array of components", interaction("choice", choices=[{"id": "a"}]), interaction("choice", choices="a")),
    Rule("XAPI-00056", "Data 2.4.4.1", "An Activity's name is a language map", activity(name={"en": "Quiz"}), activity(name="Quiz")),
    Rule("XAPI-00057", "Data 2.4.4.1", "An Activity's extensions are an object", activity(extensions={IRI: None}), activity(extensions="x")),
    Rule("XAPI-00058", "Data 2.4.4.1", "Components of a list have distinct ids, strings",
         interaction("choice", choices=[{"id": "a"}, {"id": "b"}]), interaction("choice", choices=[{"id": "a"}, {"id": "a"}])),
    Rule("XAPI-00059", "Data 2.4.4.1", "An Activity's description is a language map", activity(description={"en": "Quiz"}), activity(description=7)),
    Rule("XAPI-00060", "Data 2.4.4.1", "An Activity's type is an IRI", activity(type=IRI), activity(type="a quiz")),
    Rule("XAPI-00061", "Data 2.4.4.1", "moreInfo is an IRL", activity(moreInfo=IRI), activity(moreInfo="see there")),
    Rule("XAPI-00062", "Data 2.4.4.1", "A component's description is a language map",
         interaction("choice", choices=[{"id": "a", "description": {"en": "A"}}]), interaction("choice", choices=[{"id": "a", "description": "A"}])),
    Rule("XAPI-00063", "Data 2.4.4.1", "A component is an object", interaction("choice", choices=[{"id": "a"}]), interaction("choice", choices=["a"])),
    Rule("XAPI-00064", "Data 2.4.4.1", "What describes an interaction has an interactionType",
         interaction("fill-in", correctResponsesPattern=["a"]), activity(correctResponsesPattern=["a"])),
    Rule("component-list", "Data 2.4.4.1", "An interaction has only the component lists of its type",
         interaction("likert", scale=[{"id": "a"}]), interaction("likert", choices=[{"id": "a"}])),
    Rule("XAPI-00065", "Data 2.4.4.2", "An Agent or Group that is the object says so by objectType",
         {"object": {**ADA, "objectType": "Agent"}}, {"object": ADA}),
    Rule("XAPI-00066", "Data 2.4.4.3", "A SubStatement has actor, verb and object", sub(), sub(verb=None)),
    Rule("XAPI-00067", "Data 2.4.4.3", "A SubStatement has no authority", sub(), sub(authority=ADA)),
    Rule("XAPI-00068", "Data 2.4.4.3", "A SubStatement has no version", sub(), sub(version="1.0.0")),
    Rule("XAPI-00069", "Data 2.4.4.3", "A SubStatement has no stored", sub(), sub(stored="2025-03-01T09:00:00Z")),
    Rule("XAPI-00070", "Data 2.4.4.3", "A SubStatement has no id", sub(), sub(id=UUID)),
    Rule("XAPI-00071", "Data 2.4.4.3", "A SubStatement holds no SubStatement", sub(), sub(object=SUB)),
    Rule("XAPI-00072", "Data 2.4.4.3", "A StatementRef has an id, a UUID", {"object": REF}, {"object": {**REF, "id": "first"}}),
    Rule("XAPI-00073", "Data 2.4.4.3", "A StatementRef or SubStatement that is the object says so by objectType", {"object": REF}, {"object": {"id": UUID}}),
    Rule("XAPI-00074", "Data 2.4.5", "success is true or false", result(success=True), result(success="true")),
    Rule("XAPI-00075", "Data 2.4.5", "completion is true or false", result(completion=True), result(completion="true")),
    Rule("XAPI-00076", "Data 2.4.5", "response is a string", result(response="4"), result(response=4)),
    Rule("XAPI-00077", "Data 2.4.5", "duration is an ISO 8601 duration; weeks stand alone", result(duration="P4W"), result(duration="P4W1D")),
    Rule("XAPI-00078", "Data 2.4.5", "A result's extensions are an object", result(extensions={IRI: 1}), result(extensions=1)),
    Rule("XAPI-00079", "Data 2.4.5", "score is an object", score(raw=4), result(score=4)),
    Rule("XAPI-00080", "Data 2.4.5.1", "A score's max is a number", score(max=4), score(max="4")),
    Rule("XAPI-00081", "Data 2.4.5.1", "A score's min is a number less than max", score(min=1, max=5), score(min=5, max=5)),
    Rule("XAPI-00082", "Data 2.4.5.1", "A score's raw is a number from min to max", score(raw=5, max=5), score(raw=6, max=5)),
    Rule("XAPI-00083", "Data 2.4.5.1", "A score's scaled is a number from -1 to 1", score(scaled=-1), score(scaled=1.01)),
    Rule("XAPI-00084", "Data 2.4.6", "revision is for statements about an Activity", context(revision="2"), {"object": REF, **context(revision="2")}),
    Rule("XAPI-00085", "Data 2.4.6", "platform is for statements about an Activity", context(platform="web"), {"object": REF, **context(platform="web")}),
    Rule("XAPI-00086", "Data 2.4.6", "contextActivities is an object", context(contextActivities={"other": []}), context(contextActivities=[])),
    Rule("XAPI-00087", "Data 2.4.6", "registration is a UUID, instructor an Agent or Group", context(registration=UUID), context(instructor="Ada")),
    Rule("XAPI-00088", "Data 2.4.6", "team is a Group", context(team={"objectType": "Group", "mbox": MBOX}), context(team=ADA)),
    Rule("XAPI-00089", "Data 2.4.6", "revision is a string", context(revision="2"), context(revision=2)),
    Rule("XAPI-00090", "Data 2.4.6", "platform is a string", context(platform="web"), context(platform=2)),
    Rule("XAPI-00091", "Data 2.4.6", "language is a tag of RFC 5646", context(language="en-US"), context(language="en_US")),
    Rule("XAPI-00092", "Data 2.4.6", "statement is a StatementRef", context(statement=REF), context(statement={"id": UUID})),
    Rule("XAPI-00093", "Data 2.4.6.2", "Context activities are parent, grouping, category and other",
         context(contextActivities={"parent": {"id": IRI}}), context(contextActivities={"cause": {"id": IRI}})),
    Rule("XAPI-00094", "Data 2.4.6.2", "A context activity is an Activity or an array of them",
         context(contextActivities={"parent": [{"id": IRI}]}), context(contextActivities={"parent": IRI})),
    Rule("XAPI-00095", "Data 2.4.6.2", "contextActivities is not empty", context(contextActivities={"parent": []}), context(contextActivities={})),
    Rule("XAPI-00098", "Data 2.4.9", "An authority that is a Group has two members",
         {"authority": {"objectType": "Group", "member": [ADA, {"openid": IRI}]}}, {"authority": {"objectType": "Group", "member": [ADA]}}),
    Rule("XAPI-00101", "Data 2.4.10", "version is 1.0 or begins with 1.0.", {"version": "1.0.3"}, {"version": "1.1.0"}),
    Rule("XAPI-00102", "Data 2.4.11", "An attachment has a length, a whole number", attached(), attached(length="27")),
    Rule("XAPI-00103", "Data 2.4.11", "An attachment has a sha2, the hex of a SHA-2", attached(), attached(sha2="4953")),
    Rule("XAPI-00104", "Data 2.4.11", "fileUrl is an IRL", attached(fileUrl=IRI), attached(fileUrl="over there")),
    Rule("XAPI-00105", "Data 2.4.11", "An attachment has a contentType, a media type", attached(), attached(contentType="text")),
    Rule("XAPI-00106", "Data 2.4.11", "An attachment has a display, a language map", attached(), attached(display="Essay")),
    Rule("XAPI-00107", "Data 2.4.11", "An attachment has a usageType, an IRI", attached(), attached(usageType="an essay")),
    Rule("XAPI-00115", "Data 2.6", "A signature is of type application/octet-stream",
         {"attachments": [{**SIGNATURE, "contentType": "application/octet-stream"}]}, {"attachments": [SIGNATURE]}),
    Rule("XAPI-00118", "Data 4.1", "Extension keys are IRIs", context(extensions={IRI: None}), context(extensions={"mood": "good"})),
    Rule("XAPI-00121", "Data 4.2", "Keys of language maps are tags of RFC 5646",
         activity(name={"zh-Hant": "x"}), activity(name={"english": "x", "a12345678": "x"})),
)
# fmt: on

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _TABLE}
