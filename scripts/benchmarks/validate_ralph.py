"""The peer's own loop: json.loads and Ralph's strict pydantic model over each line; prints {seconds, accepted}. Run by Ralph's own Python."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pydantic import ValidationError
from ralph.models.xapi.base.statements import BaseXapiStatement

lines = Path(sys.argv[1]).read_bytes().splitlines()


def is_accepted(line: bytes) -> bool:
    try:
        BaseXapiStatement(**json.loads(line))
    except ValidationError:
        return False
    return True


def one_pass() -> tuple[float, int]:
    begin = time.perf_counter()
    accepted = sum(map(is_accepted, lines))
    return time.perf_counter() - begin, accepted


seconds, accepted = min(one_pass() for _ in range(2))
print(json.dumps({"seconds": seconds, "accepted": accepted}))
