"""What is stored of a statement: the statement as judged, when it was stored, and where it came from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from nljctl.judgement import Judgement, Origin

_encode: Final = msgspec.json.Encoder().encode


class _Provenance(msgspec.Struct, omit_defaults=True):
    """The stored document's `nljctl` object; `generation` only where the topic was made anew."""

    topic: str
    partition: int
    offset: int
    event: str | None
    repairs: tuple[str, ...]
    removed: Mapping[str, Any]
    digest: str
    generation: int = 0


class Document(msgspec.Struct, frozen=True):
    """A statement on its way into the index. `source` is the whole document as JSON, `digest` that of its content."""

    id: str
    digest: str
    origin: Origin
    source: bytes


def document(judgement: Judgement, origin: Origin, stored: bytes) -> Document:
    """The document of an accepted or repaired record: its bytes as they are, with two members put behind them.

    A `stored` that the producer wrote is replaced, as an LRS does (xAPI 1.0.3 Data 2.4.8).
    """
    if judgement.id is None:
        raise ValueError("a rejected record has no document")
    where = origin.topic, origin.partition, origin.offset
    provenance = _encode(_Provenance(*where, judgement.event, judgement.repairs, judgement.removed, judgement.digest, origin.generation))
    body = judgement.body.rstrip()
    if b'"stored"' in body:
        body = _encode({name: value for name, value in msgspec.json.decode(body).items() if name != "stored"})
    source = b'%b,"stored":"%b","nljctl":%b}' % (body[:-1], stored, provenance)
    # A bulk request is one document a line; JSON strings hold no bare line ends, so those are white space.
    return Document(judgement.id, judgement.digest, origin, source.replace(b"\n", b" ").replace(b"\r", b" "))


def stored_at(now: datetime) -> bytes:
    """A time as the `stored` of documents, in milliseconds: made once for all that are written together."""
    return now.isoformat(timespec="milliseconds").encode()
