"""Plants differences into both indices while both consumers run, and looks whether they are found, all and only they: `scripts/plant [--records N] [--seed N]`.

On either side 17 documents are deleted, 13 altered (each in another place), 7 added, and 13 changed only where equivalence does not look. Meanwhile
statements go on being published, and both consumers go on reading.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

from both_sides import NLJCTL, Sides, both_sides, say
from elasticsearch import AsyncElasticsearch
from planted import ALTERATIONS, DISGUISES, changed, rich

DELETED, ADDED = 17, 7
LOST = {"faststream": "missing", "legacy": "unexplained"}
TRAFFIC_PER_SECOND, TRAFFIC_SECONDS = 40, 600

Finding = tuple[str, str, str]


async def plant(sides: Sides, side: str, ids: list[str], dice: random.Random) -> set[Finding]:
    """Changes one index by hand; gives what a comparison must find."""
    index = {"faststream": sides.settings.index, "legacy": sides.settings.legacy_index}[side]
    deleted, altered, disguised = ids[:DELETED], ids[DELETED : DELETED + 13], ids[DELETED + 13 : DELETED + 26]
    added = [str(UUID(int=dice.getrandbits(128), version=4)) for _ in range(ADDED)]
    async with AsyncElasticsearch(sides.settings.elasticsearch, request_timeout=120) as client:
        for id in deleted:
            await client.delete(index=index, id=id)
        for chosen, changes in ((altered, ALTERATIONS), (disguised, DISGUISES)):
            for id, change in zip(chosen, changes.values(), strict=True):
                await client.index(index=index, id=id, document=changed((await client.get(index=index, id=id))["_source"], change))
        for id in added:
            await client.index(index=index, id=id, document={**(await client.get(index=index, id=disguised[0]))["_source"], "id": id})
    return {(side, id, LOST[side]) for id in deleted} | {(side, id, "altered") for id in altered} | {(side, id, "extra") for id in added}


def found_by(document: dict[str, Any]) -> set[Finding]:
    return {(entry["side"], entry["id"], entry["class"]) for entry in document["differences"] if not entry["explained"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    dice = random.Random(told.seed)
    with both_sides(told.records, rich) as sides:
        arguments = ("compare-legacy", "--no-effects", "--no-analytics", "--limit", "1000")
        clean = sides.run(*arguments, codes=(0, 1))
        traffic = subprocess.Popen(
            [*NLJCTL, "publish-test", "--event", "learning.experienced", "--rate", str(TRAFFIC_PER_SECOND), "--duration", str(TRAFFIC_SECONDS), "--json"],
            env=sides.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(5)
            chosen = dice.sample(range(told.records), 2 * (DELETED + 26))
            ids = [rich(number)["id"] for number in chosen]
            expected: set[Finding] = set()
            for side, mine in (("faststream", ids[: DELETED + 26]), ("legacy", ids[DELETED + 26 :])):
                expected |= asyncio.run(plant(sides, side, mine, dice))
            say("comparing")
            after = sides.run(*arguments, codes=(0, 1))
            living = traffic.poll() is None
        finally:
            traffic.terminate()
            traffic.wait(60)
        say("repairing")
        repaired = {side: sides.run("repair", "--side", side, "--yes", "--evidence", after["evidence"], codes=(0, 1)) for side in LOST}
    found = found_by(after)
    result = {
        "records": after["log"]["records"],
        "seed": told.seed,
        "clean": {"verdict": clean["verdict"], "unexplained": clean["difference_counts"]["unexplained"]},
        "planted": len(expected),
        "found": len(found & expected),
        "not_found": sorted(expected - found),
        "found_but_not_planted": sorted(found - expected),
        "unexplained": after["difference_counts"]["unexplained"],
        "beyond_the_cut": after["log"]["after_cut"],
        "traffic_was_on": living,
        "seconds": after["seconds"],
        "repaired": {side: {name: document[name] for name in ("needed", "repaired", "still_missing")} for side, document in repaired.items()},
    }
    sys.stdout.write(json.dumps(result, indent=None if told.json else 1) + "\n")
    return 0 if found == expected and living and clean["difference_counts"]["unexplained"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
