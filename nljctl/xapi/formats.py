"""The string formats of xAPI 1.0.3 (Data 4.0 and the identifiers of 2.4.2.3) as predicates. Each takes time linear in its text."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Collection
from typing import Final

Check = Callable[[str], bool]
CheckAll = Callable[[Collection[str]], bool]

_CACHED_LENGTH: Final = 200
_CACHED_COUNT: Final = 20_000
_FEW: Final = 50
_LEAP_DAY: Final = "02-29"

_UNICODE = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(f"{chr(plane << 16)}-{chr((plane << 16) | 0xFFFD)}" for plane in range(1, 15))
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_SAFE = r"A-Za-z0-9\-._~!$&'()*+,;=" + _UNICODE


def _run(characters: str) -> str:
    """Any number of these characters and percent escapes, possessive: it never gives back what it took."""
    return f"(?:[{characters}]++|%[0-9A-Fa-f]{{2}})*+"


_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    rf"(?:(?!//)|//(?:{_run(_SAFE + ':')}@)?(?:\[[0-9A-Fa-f:.]++\]|{_run(_SAFE)})(?::[0-9]*+)?(?=[/?#\n]|$))"
    rf"{_run(_SAFE + ':@/')}(?:\?{_run(_SAFE + ':@/?' + _PRIVATE)})?(?:\#{_run(_SAFE + ':@/?')})?"
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d))"
_TIMESTAMP = re.compile(
    rf"\d{{4}}-{_DAY}T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|(?<=:59:)60)(?:\.\d++)?(?:Z|(?!-00(?::?00)?$)[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_AMOUNT = r"\d++(?:[.,]\d++)?"
_DURATION = re.compile(
    rf"P(?:{_AMOUNT}W|(?=[\dT])(?:{_AMOUNT}Y)?(?:{_AMOUNT}M)?(?:{_AMOUNT}D)?(?:T(?=\d)(?:{_AMOUNT}H)?(?:{_AMOUNT}M)?(?:{_AMOUNT}S)?)?)", re.ASCII
)
_WHOLE_BUT_THE_LAST = re.compile(r"[^.,]*+(?:[.,]\d++[A-Z])?")
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*+"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})++)*+(?:-x(?:-[a-z0-9]{1,8})++)?"
    r"|x(?:-[a-z0-9]{1,8})++"
    r"|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|en-gb-oed|sgn-(?:be-fr|be-nl|ch-de)"
    r"|art-lojban|cel-gaulish|no-(?:bok|nyn)|zh-(?:guoyu|hakka|min|min-nan|xiang)",
    re.ASCII | re.IGNORECASE,
)
_MAILTO = re.compile(rf"mailto:(?!@){_run(_SAFE + '/')}@(?=.)(?:{_run('A-Za-z0-9.' + chr(92) + '-' + _UNICODE)}|\[[0-9A-Fa-f:.]++\])")
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_SHA2 = re.compile(r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})")
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]++"
_MEDIA_TYPE = re.compile(rf'{_NAME}/{_NAME}(?:[ \t]*+;[ \t]*+{_NAME}=(?:{_NAME}|"(?:[^"\\]++|\\.)*+"))*+')
_VERSION = re.compile(r"1\.0(?:\.(?:0|[1-9]\d*+)(?:-[0-9A-Za-z.\-]++)?(?:\+[0-9A-Za-z.\-]++)?)?", re.ASCII)


def _lines_of(pattern: re.Pattern[str]) -> CheckAll:
    """Whether many texts match: one match of the lines that they make takes a third of the time."""
    lines = re.compile(rf"(?:(?:{pattern.pattern})\n)*+", pattern.flags)

    def all_match(texts: Collection[str]) -> bool:
        text = "\n".join(texts) + "\n"
        return text.count("\n") == len(texts) and lines.fullmatch(text) is not None

    return all_match


class _Remembered(dict[str, bool]):
    """A predicate that remembers the short texts that passed it, as identifiers recur from statement to statement."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self._check = check

    def __missing__(self, text: str) -> bool:
        passes = self._check(text)
        if passes and len(text) <= _CACHED_LENGTH:
            if len(self) >= _CACHED_COUNT:
                self.clear()
            self[text] = True
        return passes


is_iri: Final[Check] = _Remembered(lambda text: _IRI.fullmatch(text) is not None).__getitem__
"""An IRI with a scheme (Data 4.3, RFC 3987)."""


is_mailto: Final[Check] = _Remembered(lambda text: _MAILTO.fullmatch(text) is not None).__getitem__
"""`mailto:` and one e-mail address (Data 2.4.2.3)."""


is_language_tag: Final[Check] = _Remembered(lambda text: _LANGUAGE.fullmatch(text) is not None).__getitem__
"""A well-formed tag of RFC 5646 (Data 4.2)."""

_lines_of_iris: Final = _lines_of(_IRI)
_lines_of_tags: Final = _lines_of(_LANGUAGE)


def are_iris(texts: Collection[str]) -> bool:
    """Whether each of them is an IRI."""
    return all(map(is_iri, texts)) if len(texts) < _FEW else _lines_of_iris(texts)


def are_language_tags(texts: Collection[str]) -> bool:
    """Whether each of them is a language tag."""
    return all(map(is_language_tag, texts)) if len(texts) < _FEW else _lines_of_tags(texts)


def is_uuid(text: str) -> bool:
    """A UUID in standard string form (Data 4.4), of any variant."""
    return _UUID.fullmatch(text) is not None


def is_timestamp(text: str) -> bool:
    """A date and time of ISO 8601 in the profile of RFC 3339 (Data 4.5), on a day that exists.

    The zone may be absent (the specification recommends it) and short (`+01`, `+0100`); the offset -00:00, which RFC 3339
    has for an unknown zone and ISO 8601 forbids, is refused.
    """
    return _TIMESTAMP.fullmatch(text) is not None and (text[5:10] != _LEAP_DAY or isleap(int(text[:4])))


def is_duration(text: str) -> bool:
    """A duration of ISO 8601:2004 4.4.3.2 (Data 4.6): designators in order, weeks alone, a fraction only in the last amount."""
    return _DURATION.fullmatch(text) is not None and _WHOLE_BUT_THE_LAST.fullmatch(text) is not None


def is_sha1(text: str) -> bool:
    """The hex of a SHA-1 (Data 2.4.2.3)."""
    return _SHA1.fullmatch(text) is not None


def is_sha2(text: str) -> bool:
    """The hex of a SHA-224, SHA-256, SHA-384 or SHA-512 (Data 2.4.11)."""
    return _SHA2.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    """An Internet media type, with or without parameters (Data 2.4.11, RFC 2046)."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """`1.0` or a semantic version that begins with `1.0.` (Data 2.4.10, Communication 3.3)."""
    return _VERSION.fullmatch(text) is not None
