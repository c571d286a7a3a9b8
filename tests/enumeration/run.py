"""The full enumeration: `scripts/enumerate [--most STATES] [--json]`. Ends with 1 if a rule was broken, and prints the history that broke it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict

from search import Found, search
from worlds import FULL


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/enumerate")
    parser.add_argument("--most", type=int, default=3_000_000, help="states of one world, after which its search counts as incomplete")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    found: list[Found] = []
    for world in FULL:
        began = time.monotonic()
        found.append(search(world, told.most))
        one = found[-1]
        how = one.broken or ("complete" if one.complete else "not complete")
        sys.stderr.write(f"{one.world:58} {one.states:>11,} states {one.steps:>12,} steps {one.ends:>7,} ends  {how}  {time.monotonic() - began:.0f} s\n")
        for step in one.history:
            sys.stderr.write(f"    {' '.join(step)}\n")
    total = {"worlds": len(found), "states": sum(one.states for one in found), "broken": sum(bool(one.broken) for one in found)}
    if told.json:
        sys.stdout.write(json.dumps({"total": total, "worlds": [asdict(one) for one in found]}) + "\n")
    else:
        sys.stdout.write("{worlds} worlds, {states:,} states, {broken} broken\n".format(**total))
    sys.exit(1 if total["broken"] else 0)


if __name__ == "__main__":
    main()
