"""The bytes to send again: the original's, and what a statement without id or timestamp was given by its first coordinates. Pure."""

from __future__ import annotations

import msgspec

from nljctl.judge import judge
from nljctl.judgement import Origin, Verdict
from nljctl.xapi.complete import missing
from nljctl.xapi.decode import decode


def filled_in(value: bytes | None, origin: Origin) -> bytes | None:
    """The bytes, such that at any coordinates they are judged to be the same statement as at `origin`; None if that cannot be had.

    What is no JSON object is sent as it is: it has no id at any coordinates. (A record of neither key nor value cannot be sent; it has an empty value.)
    """
    given = b"" if value is None else value
    decoded = decode(value).value
    if not isinstance(decoded, dict):
        return given
    added = {name: text for name, text in missing(decoded, origin).items() if name != "version"}
    sent = given if not added else msgspec.json.encode(added)[:-1] + (b"," if decoded else b"") + given[given.index(b"{") + 1 :]
    return sent if _same(given, sent, origin) else None


def _same(given: bytes, sent: bytes, origin: Origin) -> bool:
    """Whether the new bytes say at other coordinates what the old ones said at theirs. What is invalid says nothing."""
    before = judge(given, origin)
    after = judge(sent, Origin(origin.topic, origin.partition, origin.offset + 1, origin.timestamp + 1, origin.generation))
    return before.verdict is Verdict.REJECTED or (after.id, after.digest) == (before.id, before.digest)
