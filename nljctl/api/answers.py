"""JSON as it is sent: encoded once, dataclasses and times as they are."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from starlette.responses import Response


def encode(content: Any) -> bytes:
    """A document. What is no JSON (half a surrogate pair, which a producer may have escaped into a statement) stays escaped as it came."""
    try:
        return msgspec.json.encode(content, enc_hook=str)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(content, enc_hook=str)).encode()


class Json(Response):
    """Like FastAPI's own, without building the document a second time."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encode(content)
