"""The totals of `nljctl stats` are what the log says, whichever member of the group read a record, and however often."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from stacks import Stack, new_stack

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.judge import judge
from nljctl.judgement import Origin, Verdict
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import group_members, partitions, spans
from nljctl.kafka.reader import read
from nljctl.settings import Settings

RECORDS = 6_000
PATIENCE_SECONDS = 120.0


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    with new_stack() as stack:
        stack.up()
        yield stack


@dataclass
class Log:
    """What the subscribed topics hold, judged record by record."""

    by_topic: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)


async def judged_log(settings: Settings) -> Log:
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    async with consumer(settings) as client:
        ranges = await spans(client, tps)
    log = Log()
    async for records in read(settings, ranges):
        for record in records:
            judgement = judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp))
            log.by_topic[record.topic] += 1
            log.verdicts[judgement.verdict] += 1
            log.rules.update(error.rule for error in judgement.errors[:1])
    return log


def member(stack: Stack, stderr: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "nljctl", "consume", "faststream", "--port", "0"]
    with stderr.open("wb") as said:
        return subprocess.Popen(command, env=stack.env, cwd=stack.home.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)


async def members(settings: Settings) -> int:
    async with admin(settings) as client:
        return len(await group_members(client, settings.group))


def total(stack: Stack) -> int:
    return int(stack.run("stats", "--json").document["total_validations"])


async def test_two_members_of_which_one_is_killed_count_each_record_once(own_stack: Stack, tmp_path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    running = [member(own_stack, tmp_path / "first"), member(own_stack, tmp_path / "second")]
    try:
        while await members(own_stack.settings) < 2:
            assert time.monotonic() < deadline, (tmp_path / "second").read_text()
            await asyncio.sleep(0.2)
        wish = ("--invalid", "5", "--duplicates", "5", "--conflicts", "1", "--seed", "7", "--event", "all", "--yes")
        sending = own_stack.begin("publish-test", "--count", str(RECORDS), "--rate", "250", *wish, "--json")
        while total(own_stack) < RECORDS // 10:
            assert time.monotonic() < deadline, "the members do not go on"
        running[0].kill()
        running[0].wait()
        assert sending.poll() is None, "everything was published before the member was killed"
        running[0] = member(own_stack, tmp_path / "again")
        _, said = await asyncio.to_thread(sending.communicate, timeout=PATIENCE_SECONDS)
        assert sending.returncode == 0, said
        log = await judged_log(own_stack.settings)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while own_stack.run("status", "--json").document["lag"]["faststream"]:
            assert time.monotonic() < deadline, "the members do not catch up"
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        codes = [await asyncio.to_thread(process.wait, 60) for process in running]

    stats = own_stack.run("stats", "--json").document
    assert codes == [0, 0]
    assert log.by_topic.total() >= RECORDS
    assert log.verdicts[Verdict.REJECTED] > 0
    assert stats["total_validations"] == log.by_topic.total()
    assert {topic: counted["total_validations"] for topic, counted in stats["by_topic"].items()} == log.by_topic
    assert stats["failed_validations"] == log.verdicts[Verdict.REJECTED] == stats["by_outcome"]["dead_lettered"]
    assert stats["repaired_validations"] == log.verdicts[Verdict.REPAIRED]
    assert stats["successful_validations"] == log.verdicts[Verdict.ACCEPTED] + log.verdicts[Verdict.REPAIRED]
    assert stats["by_rule"] == log.rules
    assert sum(stats["by_rule"].values()) == stats["failed_validations"]
    assert stats["by_outcome"]["duplicate"] > 0
    assert sum(stats["by_outcome"].values()) == stats["total_validations"]
