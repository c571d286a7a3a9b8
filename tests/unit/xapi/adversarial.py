"""Records that are as hard to judge as their size allows: one row for each list, map, string and number that a statement can hold in plenty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from xapi_world import IRI, encoded, full_statement, statement, sub_statement

Build = Callable[[int], bytes]
"""Gives a record of about so many bytes, never more."""

HOLE: Final = "https://example.org/hole"
_HOLE: Final = encoded(HOLE)

AGENT: Final = {"mbox": "mailto:a@b.c"}
MAP: Final = {"en": "x"}
OCTETS: Final = {"usageType": "http://x", "display": MAP, "contentType": "a/b", "length": 1, "sha2": "0" * 64}
NESTED: Final = 90
MAX: Final = 10_000_000

Piece = str | Callable[[int], str]


def many(frame: Any, piece: Piece, begin: str = "[", end: str = "]", between: str = ",") -> Build:
    """The frame with its hole filled by as many pieces as fit; a piece may depend on its number."""

    def build(size: int) -> bytes:
        before, after = encoded(frame).split(_HOLE)
        left = size - len(before) - len(after) - len(begin) - len(end)
        if isinstance(piece, str):
            one = piece.encode()
            pieces = between.encode().join([one] * max(1, (left + len(between)) // (len(one) + len(between))))
        else:
            made, used = [], 0
            for number in count():
                one = piece(number).encode()
                used += len(one) + len(between)
                if used > left:
                    break
                made.append(one)
            pieces = between.encode().join(made)
        return before + begin.encode() + pieces + end.encode() + after

    return build


def object_of(piece: Piece, frame: Any) -> Build:
    return many(frame, piece, "{", "}")


def long(frame: Any, piece: Piece, begin: str = "", end: str = "") -> Build:
    """The frame with one very long string in its hole."""
    return many(frame, piece, '"' + begin, end + '"', "")


def definition(**properties: Any) -> dict[str, Any]:
    return statement(object={"id": IRI, "definition": properties})


def interaction(type_: str, name: str) -> dict[str, Any]:
    return definition(interactionType=type_, **{name: HOLE})


def extended(value: Any = HOLE) -> dict[str, Any]:
    return statement(context={"extensions": {"http://x": value}})


def attachment(**properties: Any) -> dict[str, Any]:
    return statement(attachments=[{**OCTETS, **properties}])


def whole(piece: Piece) -> Build:
    """A statement with more properties of its own."""

    def build(size: int) -> bytes:
        plain = encoded(statement())[:-1] + b","
        return plain + many(HOLE, piece, "", "}")(size - len(plain))

    return build


def numbered(text: str) -> Callable[[int], str]:
    """Pieces that differ: `#` becomes the number."""
    return lambda number: text.replace("#", format(number, "x"))


def deep(item: str) -> str:
    return "[" * NESTED + item + "]" * NESTED


ACTIVITIES: Final = statement(context={"contextActivities": {"other": HOLE}})
GROUP: Final = statement(actor={"objectType": "Group", "member": HOLE})
NULL: Final = {"result": {"success": None}}
CHOICES: Final = {"id": IRI, "definition": {"interactionType": "choice", "choices": HOLE}}
ACCOUNT: Final = '{"account":{"homePage":"a:","name":"#"}}'

COMPONENT_LISTS: Final = {"choices": "choice", "scale": "likert", "source": "matching", "target": "matching", "steps": "performance"}
CONTEXT_LISTS: Final = ("parent", "grouping", "category", "other")

RECORDS: Final[Mapping[str, Build]] = {
    # components
    **{f"{name} with distinct ids": many(interaction(type_, name), numbered('{"id":"#"}')) for name, type_ in COMPONENT_LISTS.items()},
    **{f"{name} with one id": many(interaction(type_, name), '{"id":"a"}') for name, type_ in COMPONENT_LISTS.items()},
    **{f"{name} that end with one id": many(interaction(type_, name), numbered('{"id":"#"}'), end=',{"id":"0"}]') for name, type_ in COMPONENT_LISTS.items()},
    **{f"{name} that end with a null": many(interaction(type_, name), numbered('{"id":"#"}'), end=",null]") for name, type_ in COMPONENT_LISTS.items()},
    "choices of words that end with one id": many(interaction("choice", "choices"), numbered('{"id":"#","description":{"en":""}}'), end=',{"id":"0"}]'),
    "choices that are described": many(interaction("choice", "choices"), numbered('{"id":"#","description":{}}')),
    "choices that are empty": many(interaction("choice", "choices"), "{}"),
    "choices that are nulls": many(interaction("choice", "choices"), "null"),
    "choices that are numbers": many(interaction("choice", "choices"), "1"),
    "choices that are not of the type": many(interaction("numeric", "choices"), numbered('{"id":"#"}')),
    "choices with unknown names": many(interaction("choice", "choices"), numbered('{"id":"#","x":1}')),
    "choices and an error at the end": many(statement(object=CHOICES, zzz=1), numbered('{"id":"#"}')),
    # other lists
    "responses": many(interaction("choice", "correctResponsesPattern"), '""'),
    "responses that end with a number": many(interaction("choice", "correctResponsesPattern"), '""', end=",1]"),
    "responses without a type": many(definition(correctResponsesPattern=HOLE), '""'),
    "responses that are numbers": many(interaction("choice", "correctResponsesPattern"), "1"),
    **{f"{name} activities": many(statement(context={"contextActivities": {name: HOLE}}), '{"id":"a:"}') for name in CONTEXT_LISTS},
    "activities that differ": many(ACTIVITIES, numbered('{"id":"a:#"}')),
    "activities that end without id": many(ACTIVITIES, numbered('{"id":"a:#"}'), end=",{}]"),
    "activities with types that end without id": many(ACTIVITIES, '{"objectType":"Activity","id":"a:"}', end=",{}]"),
    "activities with definitions that end without id": many(ACTIVITIES, '{"id":"a:","definition":{}}', end=",{}]"),
    "activities with names that end without id": many(ACTIVITIES, '{"id":"a:","definition":{"name":{"en":""},"type":"a:"}}', end=",{}]"),
    "activities that are empty": many(ACTIVITIES, "{}"),
    "members": many(GROUP, '{"mbox":"mailto:a@b"}'),
    "members that differ": many(GROUP, numbered('{"mbox":"mailto:a@#"}')),
    "members with accounts": many(GROUP, numbered(ACCOUNT)),
    "members by openid": many(GROUP, numbered('{"openid":"a:#"}')),
    "members that end without identifier": many(GROUP, numbered('{"mbox":"mailto:a@#"}'), end=",{}]"),
    "members with accounts that end without identifier": many(GROUP, numbered(ACCOUNT), end=",{}]"),
    "members by openid that end without identifier": many(GROUP, numbered('{"openid":"a:#"}'), end=",{}]"),
    "members that are empty": many(GROUP, "{}"),
    "members of a Group that is the object": many(statement(object={"objectType": "Group", "member": HOLE}), numbered('{"openid":"a:#"}')),
    "members of a Group that does not say so": many(statement(object={"member": HOLE}), numbered('{"openid":"a:#"}')),
    "members of an authority": many(statement(authority={"objectType": "Group", "member": HOLE}), numbered('{"openid":"a:#"}')),
    "members of a team": many(statement(context={"team": {"objectType": "Group", "member": HOLE}}), numbered('{"openid":"a:#"}')),
    "members of a misspelled group": many(statement(actor={"objectType": "group", "member": HOLE}), numbered('{"openid":"a:#"}')),
    "attachments": many(statement(attachments=HOLE), encoded(OCTETS).decode().replace(" ", "")),
    "attachments that end with a null": many(statement(attachments=HOLE), encoded(OCTETS).decode().replace(" ", ""), end=",null]"),
    "attachments that are empty": many(statement(attachments=HOLE), "{}"),
    # maps
    "words in every language": object_of(numbered('"x-#":""'), definition(name=HOLE)),
    "words that end in none": many(definition(name=HOLE), numbered('"x-#":""'), "{", ',"_":""}'),
    "words of one language again and again": object_of('"en":""', definition(name=HOLE)),
    "words that are numbers": object_of(numbered('"x-#":1'), definition(name=HOLE)),
    "words of wrong tags": object_of(numbered('"#":""'), definition(name=HOLE)),
    "words of an attachment": object_of(numbered('"x-#":""'), attachment(display=HOLE)),
    "words of a verb that end in none": many(statement(verb={"id": "a:", "display": HOLE}), numbered('"x-#":""'), "{", ',"_":""}'),
    "extensions": object_of(numbered('"a:#":0'), statement(context={"extensions": HOLE})),
    "extensions that are lists": object_of(numbered('"a:#":[]'), statement(context={"extensions": HOLE})),
    "extensions that end with a word": many(statement(context={"extensions": HOLE}), numbered('"a:#":0'), "{", ',"a b":0}'),
    "extensions that end with a bare word": many(statement(context={"extensions": HOLE}), numbered('"a:#":0'), "{", ',"ab":0}'),
    "extensions that are words": object_of(numbered('"a#":0'), statement(context={"extensions": HOLE})),
    "extensions that lack a scheme": object_of(numbered('"a/#":0'), statement(context={"extensions": HOLE})),
    "extensions that are no words": object_of(numbered('" #":0'), statement(context={"extensions": HOLE})),
    "extensions of a definition that end with a word": many(definition(extensions=HOLE), numbered('"a:#":0'), "{", ',"ab":0}'),
    "extensions of a result that end with a word": many(statement(result={"extensions": HOLE}), numbered('"a:#":0'), "{", ',"ab":0}'),
    "words beside the statement": whole(numbered('"a_#":0')),
    "names beside the statement": whole(numbered('"A#":0')),
    "result words": object_of(numbered('"a#":0'), statement(result=HOLE)),
    "result words in capitals": object_of(numbered('"A#":0'), statement(result=HOLE)),
    "result nulls": object_of(numbered('"a#":null'), statement(result=HOLE)),
    "nulls beside the statement": whole(numbered('"a_#":null')),
    "nulls of objects": many(statement(result={"x": HOLE}), '{"a":null}'),
    "nulls of words": object_of(numbered('"x-#":null'), definition(name=HOLE)),
    "empty objects and a null": many(statement(result={"x": HOLE, "y": None}), "{}"),
    "empty lists and a null": many(statement(result={"x": HOLE, "y": None}), "[]"),
    "choices and a null": many(statement(**NULL, object=CHOICES), numbered('{"id":"#"}')),
    "activities and a null": many(statement(**NULL, context={"contextActivities": {"other": HOLE}}), '{"id":"a:"}'),
    "members and a null": many(statement(**NULL, actor={"objectType": "Group", "member": HOLE}), numbered('{"openid":"a:#"}')),
    "accounts and a null": many(statement(**NULL, actor={"objectType": "Group", "member": HOLE}), numbered(ACCOUNT)),
    # extensions deep and wide
    "zeros": many(extended(), "0"),
    "zeros and a word": many(statement(context={"extensions": {"x": HOLE}}), "0"),
    "fractions": many(extended(), "0.5"),
    "whole fractions": many(extended(), "1.0"),
    "whole fractions and a word": many(statement(context={"extensions": {"x": HOLE}}), "1.0"),
    "fractions of many digits": many(extended(), "0.12345678901234567"),
    "exponents": many(extended(), "1e300"),
    "exponents and a word": many(statement(context={"extensions": {"x": HOLE}}), "1e300"),
    "exponents that vanish": many(extended(), "1e-400"),
    "whole exponents": many(extended(), "1e22"),
    "large whole numbers": many(extended(), "18446744073709551615"),
    "larger whole numbers": many(extended(), "18446744073709551616"),
    "larger whole numbers and a word": many(statement(context={"extensions": {"x": HOLE}}), "18446744073709551616"),
    "numbers of 300 digits": many(extended(), "1" * 300),
    "numbers of 300 digits and a word": many(statement(context={"extensions": {"x": HOLE}}), "1" * 300),
    "numbers with 5,000 digits": many(extended(), "1" * 5_000),
    "one number of digits": many(extended(), "1", "", "", ""),
    "one fraction of digits": many(extended(), "1", "0.", "", ""),
    "one long exponent": many(extended(), "0", "1e", "1", ""),
    "a score of digits": many(statement(result={"score": {"raw": HOLE}}), "1", "0.", "", ""),
    "empty strings": many(extended(), '""'),
    "empty strings and a word": many(statement(context={"extensions": {"x": HOLE}}), '""'),
    "short strings that differ": many(extended(), numbered('"#"')),
    "truths": many(extended(), "true"),
    "nulls": many(extended(), "null"),
    "nulls and a word": many(statement(context={"extensions": {"x": HOLE}}), "null"),
    "empty lists": many(extended(), "[]"),
    "empty lists and a word": many(statement(context={"extensions": {"x": HOLE}}), "[]"),
    "empty objects": many(extended(), "{}"),
    "empty objects and a word": many(statement(context={"extensions": {"x": HOLE}}), "{}"),
    "small objects": many(extended(), '{"a":0}'),
    "small objects and a word": many(statement(context={"extensions": {"x": HOLE}}), '{"a":0}'),
    "objects of names that differ": many(extended(), numbered('{"#":0}')),
    "objects of names that differ and a word": many(statement(context={"extensions": {"x": HOLE}}), numbered('{"#":0}')),
    "objects of two names": many(extended(), '{"b":0,"a":0}'),
    "an object of names that differ": object_of(numbered('"#":0'), extended()),
    "an object of names that differ and a word": object_of(numbered('"#":0'), statement(context={"extensions": {"x": HOLE}})),
    "an object of lists": object_of(numbered('"#":[]'), extended()),
    "lists nested to the limit": many(extended(), deep("0")),
    "lists nested to the limit and a word": many(statement(context={"extensions": {"x": HOLE}}), deep("0")),
    "lists nested beyond the limit": many(extended(), "[" * 101 + "]" * 101),
    "lists nested beyond the limit at the end": many(extended(), "[]", end="," + "[" * 101 + "]" * 101 + "]"),
    "objects nested to the limit": many(extended(), '{"":' * NESTED + "0" + "}" * NESTED),
    "objects nested to the limit and a word": many(statement(context={"extensions": {"x": HOLE}}), '{"":' * NESTED + "0" + "}" * NESTED),
    "opening brackets": many(extended(), "[", "", "", ""),
    "opening braces": many(extended(), '{"a":', "", "", ""),
    "brackets in a string": long(extended(), "["),
    "brackets in strings": many(extended(), '"["'),
    "brackets in escaped strings": many(extended(), r'"[\"["'),
    "one list nested a hundred deep with a wide floor": many(extended(), "0", "[" * NESTED, "]" * NESTED),
    # names twice
    "one name again and again": object_of('"a":0', extended()),
    "two names again and again": object_of('"a":0,"b":0', extended()),
    "objects with a name twice": many(extended(), '{"a":0,"a":0}'),
    "objects and a name twice at the end": many(extended(), '{"a":0}', end=',{"a":0,"a":0}]'),
    "lists and a name twice at the end": many(extended(), "[]", end=',{"a":0,"a":0}]'),
    "zeros and a name twice at the end": many(extended(), "0", end=',{"a":0,"a":0}]'),
    "empty objects and a name twice at the end": many(extended(), "{}", end=',{"a":0,"a":0}]'),
    "names that differ and one twice at the end": many(extended(), numbered('"#":0'), "{", ',"0":0}'),
    "names that are all there twice": object_of(numbered('"#":0,"#":0'), extended()),
    "choices and a name twice at the end": many(interaction("choice", "choices"), numbered('{"id":"#"}'), end=',{"id":"!","id":"!"}]'),
    "statements of one name twice": whole('"id":"x"'),
    "escaped names": object_of(numbered(r'"\u0061#":0'), extended()),
    # strings
    "a long string": long(extended(), "x"),
    "a string of two-byte characters": long(extended(), "é"),
    "a string of four-byte characters": long(extended(), "😀"),
    "a string of escapes": long(extended(), r"\n"),
    "a string of unicode escapes": long(extended(), r"\u00e9"),
    "a string of surrogate pairs": long(extended(), r"\ud83d\ude00"),
    "a string of quotes": long(extended(), r"\""),
    "a string of quotes and a word": long(statement(context={"extensions": {"x": HOLE}}), r"\""),
    "a string of escaped quotes": long(extended(), r"\u0022"),
    "a string of escaped backslashes": long(extended(), r"\\"),
    "a string of escaped backslashes and quotes": long(extended(), r"\\\u0022"),
    "a string that ends in half a pair": long(extended(), "x", end=r"\ud800"),
    "a string that ends in bytes that are none": lambda size: long(extended(), "x")(size).replace(b'x"', b'\xff"'),
    "strings of control escapes": many(extended(), r'"\u0001"'),
    "a response": long(statement(result={"response": HOLE}), "x"),
    "a name in capitals": long(statement(actor={**AGENT, "name": HOLE}), "X"),
    **{
        f"{name} {words}": long(statement(**{property_: HOLE}), piece, begin, end)
        for name, property_, pieces in (
            ("an id", "id", (("of digits", "0", "", ""), ("of dashes", "00000000-", "", ""))),
            (
                "a timestamp",
                "timestamp",
                (
                    ("of digits", "0", "", ""),
                    ("with a long fraction", "0", "2025-03-01T09:00:00.", "Z"),
                    ("with a wrong zone", "1", "2025-03-01T09:00:00.", "Y"),
                ),
            ),
            (
                "a version",
                "version",
                (
                    ("of zeros", "0", "1.0.", ""),
                    ("of digits", "1", "1.0.", ""),
                    ("of dots", ".", "1.0.0-", ""),
                    ("of pluses", "+", "1.0.0-a", ""),
                    ("of parts", "a-", "1.0.0-", "+!"),
                ),
            ),
        )
        for words, piece, begin, end in pieces
    },
    **{
        f"a verb id {words}": long(statement(verb={"id": HOLE}), piece, begin, end)
        for words, piece, begin, end in (
            ("of letters", "a", "a:", ""),
            ("without a scheme", "a", "", ""),
            ("with a wrong end", "a", "a:", " "),
            ("of a long scheme", "a+", "", ": "),
            ("of a long host", "a.", "http://", ""),
            ("of a long user", "a:", "http://", "@h"),
            ("of users", "a@", "http://", ""),
            ("of escapes", "%41", "a:", ""),
            ("of wrong escapes", "%4", "a:", ""),
            ("of slashes", "/", "http://a", ""),
            ("of question marks", "?", "a:", ""),
            ("of hashes", "#", "a:", ""),
            ("of colons", ":", "a", ""),
            ("of colons after slashes", ":", "http://", " "),
            ("of digits of an address", "0:", "http://[", "]"),
            ("of an address without end", "0:", "http://[", ""),
            ("of port digits", "1", "http://a:", ""),
            ("of umlauts", "ü", "a:", ""),
        )
    },
    **{
        f"an address {words}": long(statement(actor={"mbox": HOLE}), piece, begin, end)
        for words, piece, begin, end in (
            ("of letters", "a", "mailto:", ""),
            ("of a long name", "a", "mailto:", "@b.c"),
            ("of a long domain", "a.", "mailto:a@", ""),
            ("of at signs", "@", "mailto:a", ""),
            ("of escapes", "%41", "mailto:", "@b.c"),
            ("of umlauts", "Ü", "mailto:a@", ""),
        )
    },
    **{
        f"a language {words}": long(statement(context={"language": HOLE}), piece, begin, end)
        for words, piece, begin, end in (
            ("of letters", "a", "", ""),
            ("of variants", "-abcde", "en", ""),
            ("of variants and a wrong end", "-abcde", "en", "_"),
            ("of extensions", "-a-bb", "en", ""),
            ("of extensions and a wrong end", "-a-bb", "en", "_"),
            ("of short extensions and a wrong end", "-ab", "en-a", "-!"),
            ("of private parts", "-a", "x", ""),
            ("of private parts and a wrong end", "-a", "en-x", "_"),
            ("of dashes", "-", "en", ""),
            ("of digits", "-1abc", "en", "-"),
        )
    },
    **{
        f"a duration {words}": long(statement(result={"duration": HOLE}), piece, begin, end)
        for words, piece, begin, end in (
            ("of digits", "1", "P", ""),
            ("of days", "1", "P", "D"),
            ("with a long fraction", "1", "PT1.", "S"),
            ("with many fractions", "1.", "PT", "S"),
            ("of letters", "PT", "", ""),
        )
    },
    **{
        f"a media type {words}": long(attachment(contentType=HOLE), piece, begin, end)
        for words, piece, begin, end in (
            ("of letters", "a", "a/", ""),
            ("of parameters", ";a=b", "a/b", ""),
            ("of parameters and a wrong end", ";a=b", "a/b", ";"),
            ("of quoted parameters", r";a=\"b\"", "a/b", ""),
            ("of spaces", " ", "a/b", ""),
            ("of spaces and a semicolon", " ", "a/b;", ""),
            ("of quoted backslashes", r"\\", r"a/b;a=\"", r"\""),
            ("of quoted backslashes without end", r"\\", r"a/b;a=\"", ""),
            ("of slashes", "/", "a", ""),
        )
    },
    "a hash of digits": long(attachment(sha2=HOLE), "0"),
    "a registration of digits": long(statement(context={"registration": HOLE}), "0"),
    "an object type of letters": long(statement(object={"objectType": HOLE, "id": "a:"}), "a"),
    "an interaction type of letters": long(definition(interactionType=HOLE), "A"),
    "a name of a million letters": lambda size: many(extended(), "x", '{"', '":0}', "")(size),
    "a property of letters": lambda size: encoded(statement())[:-1] + many(HOLE, "A", ',"', '":0}', "")(size - 500),
    "a word of letters beside the statement": lambda size: encoded(statement())[:-1] + many(HOLE, "a_a", ',"', '":0}', "")(size - 500),
    "a bare word of letters": many(statement(context={"extensions": HOLE}), "a", '{"', '":0}', ""),
    "words of many underscores": whole(numbered('"a_b_c_d_e_f_g_#":0')),
    "a wrong word of underscores": whole('"a' + "_a" * 1_000 + '_":0'),
    # whole records
    "blanks before": many(HOLE, " ", "", encoded(statement()).decode(), ""),
    "blanks behind": many(HOLE, " ", encoded(statement()).decode(), "", ""),
    "blanks between": many(HOLE, "\n", encoded(statement()).decode()[:-1], "}", ""),
    "blanks alone": many(HOLE, " ", "", "", ""),
    "lists with blanks": many(extended(), "[ ]", between=", "),
    "a batch": many(HOLE, encoded(statement()).decode()),
    "a batch of full ones": many(HOLE, encoded(full_statement()).decode()),
    "a batch of nothing": many(HOLE, "{}"),
    "a batch of zeros": many(HOLE, "0"),
    "many records": many(HOLE, encoded(statement()).decode(), "", "", "\n"),
    "zero bytes": many(HOLE, "\0", "", "", ""),
    "digits": many(HOLE, "1", "", "", ""),
    "quotes": many(HOLE, '"', "", "", ""),
    "backslashes": many(extended(), "\\", '"', "", ""),
    "closing brackets": many(HOLE, "]", "", "", ""),
    "bytes that are not UTF-8": lambda size: b'{"a":"' + b"\xff" * (size - 8) + b'"}',
    "a SubStatement with choices of one id": many(statement(object=sub_statement(object=CHOICES)), '{"id":"a"}'),
    "a SubStatement with members": many(statement(object=sub_statement(actor={"objectType": "Group", "member": HOLE})), numbered('{"openid":"a:#"}')),
    "a SubStatement without its type": many(
        statement(object=sub_statement(objectType=None, actor={"objectType": "Group", "member": HOLE})), numbered('{"openid":"a:#"}')
    ),
}
