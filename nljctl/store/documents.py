"""What is stored of a statement: the statement as judged, when it was stored, and where it came from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from nljctl.judgement import Judgement, Origin


@dataclass(frozen=True, slots=True)
class Document:
    """A statement on its way into the index. `source` is the whole document as JSON, `digest` that of its content."""

    id: str
    digest: str
    origin: Origin
    source: bytes


def document(judgement: Judgement, origin: Origin, stored: datetime) -> Document:
    """The document of an accepted or repaired record: its bytes as they are, with two members put behind them.

    A `stored` that the producer wrote is replaced, as an LRS does (xAPI 1.0.3 Data 2.4.8).
    """
    if judgement.id is None:
        raise ValueError("a rejected record has no document")
    provenance = msgspec.json.encode(
        {
            "topic": origin.topic,
            "partition": origin.partition,
            "offset": origin.offset,
            "event": judgement.event,
            "repairs": judgement.repairs,
            "removed": judgement.removed,
            "digest": judgement.digest,
        }
    )
    body = judgement.body.rstrip()
    if b'"stored"' in body:
        body = msgspec.json.encode({name: value for name, value in msgspec.json.decode(body).items() if name != "stored"})
    source = b'%b,"stored":"%b","nljctl":%b}' % (body[:-1], stored.isoformat(timespec="milliseconds").encode(), provenance)
    # A bulk request is one document a line; JSON strings hold no bare line ends, so those are white space.
    return Document(judgement.id, judgement.digest, origin, source.replace(b"\n", b" ").replace(b"\r", b" "))
