"""The legacy consumer over one topic, as a process: `consume_one_topic.py SETTINGS TOPIC [--until-caught-up]`. Prints its report as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from nljctl import logs
from nljctl.pipelines.legacy.process import LegacyOptions
from nljctl.pipelines.legacy.routes import INTENDED
from nljctl.pipelines.legacy.run import run_legacy
from nljctl.settings import SETTINGS, Settings


def main(given: str, topic: str, *more: str) -> None:
    logs.configure("text")
    values = {setting.name: None for setting in SETTINGS} | json.loads(given)
    settings = Settings(values, dict.fromkeys(values, "flag"), Path())
    options = LegacyOptions(replace(INTENDED, topics=(topic,)), "--until-caught-up" in more, 120.0, None, "127.0.0.1", 0)
    report = asyncio.run(run_legacy(settings, options))
    sys.stdout.write(json.dumps(report.document()))


if __name__ == "__main__":
    main(*sys.argv[1:])
