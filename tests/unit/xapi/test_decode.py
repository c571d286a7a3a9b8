"""What JSON itself demands of a record."""

from __future__ import annotations

import json

import pytest
from xapi_world import encoded, judged, rules, statement

from nljctl.judge import MAX_BYTES, MAX_DEPTH
from nljctl.judgement import Reason, Verdict
from nljctl.xapi.decode import decode, deeper_than

NOT_JSON = {
    "nothing": (None, "has no value"),
    "empty": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "not UTF-8": (b'{"a":"\xff"}', "byte 6 is 0xff"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "not UTF-8"),
    "encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "text": (b"hello", "invalid character"),
    "cut off": (b'{"actor":', "stops before its end"),
    "two texts": (b"{} {}", "trailing characters"),
    "trailing comma": (b'{"a":1,}', "trailing comma"),
    "single quotes": (b"{'a':1}", "keys must be strings"),
    "NaN": (b'{"a":NaN}', "NaN at byte 5"),
    "Infinity": (b'{"a":-Infinity}', "Infinity"),
    "too large a number": (b'{"a":1e400}', "too large"),
    "too many digits": (b'{"a":' + b"1" * 5_000 + b"}", "too large"),
    "leading zero": (b'{"a":01}', "invalid number"),
    "control character": (b'{"a":"\x01"}', "invalid character"),
    "half a pair": (b'{"a":"\\ud800"}', "surrogate"),
    "half a pair and more": (b'{"a":"\\ud800\\u0041 long enough to go on"}', "surrogate"),
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_json_is_told_why(name: str) -> None:
    value, words = NOT_JSON[name]

    decoded = decode(value)

    assert decoded.reason is Reason.NOT_JSON
    assert words in decoded.errors[0].message


def test_a_record_that_is_too_large_is_not_decoded() -> None:
    judgement = judged(b"\xff" * (MAX_BYTES + 1))

    assert (judgement.verdict, judgement.reason, rules(judgement)) == (Verdict.REJECTED, Reason.TOO_LARGE, ["max-bytes"])


def test_the_largest_record_is_judged() -> None:
    body = encoded(statement())
    judgement = judged(body + b" " * (MAX_BYTES - len(body)))

    assert judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(("more", "verdict"), [(0, Verdict.ACCEPTED), (1, Verdict.REJECTED)])
def test_a_statement_may_be_as_deep_as_the_limit(more: int, verdict: Verdict) -> None:
    levels = MAX_DEPTH - len(("statement", "context", "extensions")) + more
    deep = b"[" * levels + b"]" * levels

    judgement = judged(encoded(statement(context={"extensions": {"http://x": 0}})).replace(b'"http://x": 0', b'"http://x": ' + deep))

    assert (judgement.verdict, judgement.reason) == (verdict, Reason.TOO_DEEP if more else None)


@pytest.mark.parametrize("record", [b"[" * 5_000 + b"]" * 5_000, b"[" * 5_000, b'{"a":' * 5_000])
def test_any_depth_is_refused_and_none_overflows(record: bytes) -> None:
    assert judged(record).reason is Reason.TOO_DEEP


def test_brackets_in_strings_are_no_depth() -> None:
    assert not deeper_than(b'["' + b"[" * 50 + b'\\"' + b"{" * 50 + b'"]', 5)


def test_a_name_that_occurs_twice_is_refused_at_its_place() -> None:
    twice = encoded(statement()).replace(b'"name": "Ada"', b'"name": "Ada", "name": "Ada"')

    judgement = judged(twice)

    assert judgement.reason is Reason.INVALID_XAPI
    assert [(error.rule, error.pointer) for error in judgement.errors] == [("XAPI-00021", "/actor/name")]


@pytest.mark.parametrize("inner", ['{"a": 1, "a": 1}', '[{"b": {"\\u0061": "x", "a": ""}}]', '{"a\\u0022": 1, "a\\"": "x"}'])
def test_a_name_that_occurs_twice_in_an_extension_is_refused(inner: str) -> None:
    twice = encoded(statement(context={"extensions": {"http://x": 0}})).replace(b'"http://x": 0', b'"http://x": ' + inner.encode())

    assert rules(judged(twice)) == ["XAPI-00021"]


TEXTS = {
    "commas": "," * 600_000,
    "brackets": "[" * 600_000,
    "braces and quotes": '{"' * 300_000,
    "commas and quotes": ',","' * 200_000,
    "escapes": '\\",\\\\' * 200_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_brackets_and_commas_in_strings_are_no_values(text: str) -> None:
    assert decode(json.dumps({"text": text, "more": [text[:9], text]}).encode()).reason is None
