"""What must hold of the judgement of any record, whatever it holds."""

from __future__ import annotations

import json

from xapi_world import STRICT, judged

from nljctl.judge import document_digests
from nljctl.judgement import Judgement, Reason, Verdict
from nljctl.xapi.accept import accept
from nljctl.xapi.accepted_digest import digests_of
from nljctl.xapi.decode import decode
from nljctl.xapi.equivalence import digests, plain_numbers
from nljctl.xapi.explain import explain


def check(record: bytes) -> bool:
    """Both paths on one record; gives whether it was accepted."""
    return checked(record)[0]


def checked(record: bytes) -> tuple[bool, Judgement]:
    """The same, and the judgement."""
    accepted = accept(record)
    decoded = decode(record)
    explained = decoded.errors or explain(decoded.value)
    was_accepted = accepted is not None
    assert was_accepted <= (not explained), explained
    if accepted is not None:
        assert digests_of(accepted) == digests(plain_numbers(decoded.value))
    judgement = judged(record)
    assert (judgement.verdict is Verdict.REJECTED) == (judgement.reason is not None) == bool(judgement.errors) == (judgement.body == b"")
    assert (judged(record, repairs=STRICT).verdict is Verdict.ACCEPTED) == (not explained)
    if judgement.verdict is not Verdict.REJECTED:
        again = judged(judgement.body, repairs=STRICT)
        assert (again.verdict, again.completions, again.body) == (Verdict.ACCEPTED, (), judgement.body)
        assert (again.id, again.digest, again.content_digest) == (judgement.id, judgement.digest, judgement.content_digest)
    if judgement.reason is Reason.INVALID_XAPI and isinstance(decoded.value, dict):
        assert judgement.digest == document_digests(json.loads(record)).digest
    return was_accepted, judgement
