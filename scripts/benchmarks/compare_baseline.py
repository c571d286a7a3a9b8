"""The least that a comparison has to do: reads the log once, then either index once, and looks at nothing. Prints the seconds of each as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from nljctl import settings as configuration
from nljctl.kafka.reader import read
from nljctl.migration.gather import read_spans
from nljctl.settings import Settings
from nljctl.store.scan import scan, scanner


async def measure(settings: Settings, topic: str) -> dict[str, float]:
    spans, _ = await read_spans(settings, [topic])
    seconds = {}
    begin, records = time.perf_counter(), 0
    async for batch in read(settings, spans):
        records += len(batch)
    seconds["log"] = time.perf_counter() - begin
    async with scanner(settings) as client:
        for name, index in (("faststream", settings.index), ("legacy", settings.legacy_index)):
            begin, documents = time.perf_counter(), 0
            async for page in scan(client, index):
                documents += len(page)
            seconds[name] = time.perf_counter() - begin
            if documents < records:
                raise SystemExit(f"{index} holds {documents} of {records}")
    return seconds


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(configuration.load(), sys.argv[1]))))
