"""`nljctl publish-test` against real Kafka, and with --wait against a real consumer."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from stacks import Answer, Stack

from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects.plan import Pipeline
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import read
from nljctl.migration.overview import running_pipelines

NOBODY = {"KAFKA_GROUP_ID": "nobody", "NLJCTL_LEGACY_GROUP": "nobody-else"}


def published(answer: Answer) -> list[dict[str, Any]]:
    """The lines of the file that a run leaves."""
    assert answer.code == 0, answer.stdout + answer.stderr
    return [json.loads(line) for line in Path(answer.document["ids"]).read_text().splitlines()]


async def values(stack: Stack, receipts: list[dict[str, Any]]) -> list[bytes | None]:
    """What the log holds at the coordinates of a run, in the order of the run."""
    at = [(TopicPartition(receipt["topic"], receipt["partition"]), receipt["offset"]) for receipt in receipts]
    ranges = {tp: Span(min(o for t, o in at if t == tp), max(o for t, o in at if t == tp) + 1) for tp, _ in at}
    found = {}
    async for records in read(stack.settings, ranges):
        found |= {(TopicPartition(record.topic, record.partition), record.offset): record.value for record in records}
    return [found[place] for place in at]


@pytest.fixture(scope="module")
def consumer(stack: Stack) -> Iterator[subprocess.Popen[str]]:
    """A running faststream consumer, a member of its group."""
    process = stack.begin("consume", "faststream", "--port", "0", "--json")

    async def joined() -> None:
        while not (await running_pipelines(stack.settings))[Pipeline.FASTSTREAM]:
            assert process.poll() is None, process.communicate()
            await asyncio.sleep(0.3)

    asyncio.run(asyncio.wait_for(joined(), 120))
    yield process
    process.send_signal(signal.SIGCONT)
    process.terminate()
    process.communicate(timeout=60)


async def test_alone_it_publishes_one_harmless_statement(stack: Stack) -> None:
    answer = stack.run("publish-test", "--json")

    (receipt,) = published(answer)
    assert answer.document["by_event"] == {"learning.experienced": 1}
    assert json.loads((await values(stack, [receipt]))[0] or b"")["id"] == receipt["id"]


async def test_a_seed_puts_the_same_statements_into_the_same_places(stack: Stack) -> None:
    first, second = (published(stack.run("publish-test", "--count", "100", "--seed", "11", *rate, "--json")) for rate in ((), ("--rate", "200")))

    same = ("line", "id", "event", "topic", "partition", "key")
    assert [[receipt[name] for name in same] for receipt in first] == [[receipt[name] for name in same] for receipt in second]
    assert await values(stack, first) == [sample.value for sample in generate(SampleRequest(100, seed=11))]


def test_parents_are_published_in_addition_and_reported(stack: Stack) -> None:
    answer = stack.run("publish-test", "--event", "booking.cancelled", "--count", "3", "--json")

    assert answer.document["by_event"]["booking.cancelled"] == 3
    assert {"program.created", "session.scheduled", "booking.requested"} < set(answer.document["by_event"])
    assert answer.document["published"] == sum(answer.document["by_event"].values())


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
async def test_a_files_lines_are_sent_as_they_are(stack: Stack, tmp_path: Path, packed: bool) -> None:
    lines = [b'{"id": "A"}', b"not json \xff\xfe", b"", b'{"id":"B"}  ']
    path = tmp_path / ("lines.ndjson.gz" if packed else "lines.ndjson")
    path.write_bytes(gzip.compress(b"\n".join(lines)) if packed else b"\n".join(lines) + b"\n")

    receipts = published(stack.run("publish-test", "--from", str(path), "--json"))

    assert await values(stack, receipts) == lines
    assert [receipt["topic"] for receipt in receipts] == ["xapi-events"] * 4


def test_standard_input_is_a_file_too(stack: Stack) -> None:
    answer = stack.run("publish-test", "--from", "-", "--topic", "nlj.learning.activities", "--json", stdin="{}\n{}\n")

    assert answer.document["by_topic"] == {"nlj.learning.activities": 2}


def test_a_topic_that_nobody_subscribes_to_is_warned_of(stack: Stack) -> None:
    answer = stack.run("publish-test", "--from", "-", "--topic", "nlj.errors.statements", "--json", stdin="{}\n")

    assert answer.code == 0
    assert "nobody subscribes to nlj.errors.statements" in answer.stderr


def test_a_topic_that_does_not_exist_is_an_error(stack: Stack) -> None:
    answer = stack.run("publish-test", "--from", "-", "--topic", "no.such.topic", "--json", stdin="{}\n")

    assert answer.code == 2
    assert "no.such.topic" in answer.document["error"]["message"]


def test_a_record_that_is_too_large_is_named_by_its_line(stack: Stack) -> None:
    answer = stack.run("publish-test", "--from", "-", "--json", stdin="{}\n" + "x" * 45_000_000 + "\n")

    assert answer.code == 2
    assert answer.document["error"]["code"] == "record-too-large"
    assert "record 2" in answer.document["error"]["message"]


def test_beyond_local_stacks_effects_need_a_yes(stack: Stack) -> None:
    elsewhere = {"KAFKA_BOOTSTRAP_SERVERS": stack.endpoints["kafka"]}

    refused = stack.run("publish-test", "--event", "program.created", "--json", env=elsewhere)
    meant = stack.run("publish-test", "--event", "program.created", "--yes", "--json", env=elsewhere)
    harmless = stack.run("publish-test", "--json", env=elsewhere)

    assert (refused.code, refused.document["error"]["code"]) == (2, "refused")
    assert (meant.code, harmless.code) == (0, 0)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-host.invalid:9092"])
def test_an_unreachable_broker_is_said(stack: Stack, address: str) -> None:
    answer = stack.run("publish-test", "--kafka", address, "--json")

    assert answer.code == 2
    assert answer.document["error"]["code"] == "kafka-unreachable"
    assert "Traceback" not in answer.stderr


def test_a_dry_run_connects_to_nothing(stack: Stack) -> None:
    answer = stack.run("publish-test", "--event", "all", "--dry-run", "--kafka", "127.0.0.1:1", "--json")

    assert answer.code == 0
    assert (answer.document["published"], answer.document["records"]) == (0, len(BY_NAME))


def test_waiting_for_nobody_is_an_error_before_anything_is_sent(stack: Stack) -> None:
    answer = stack.run("publish-test", "--wait", "processed", "--json", env=NOBODY)

    assert (answer.code, answer.document["error"]["code"]) == (2, "nothing-running")
    assert "published" not in answer.document


@pytest.mark.usefixtures("consumer")
def test_waiting_tells_what_became_of_each_record(stack: Stack) -> None:
    mixture = ("--count", "500", "--invalid", "4", "--duplicates", "6", "--conflicts", "2", "--seed", "23")
    answer = stack.run("publish-test", "--event", "all", *mixture, "--wait", "processed", "--timeout", "300", "--json")

    assert answer.code == 0, answer.stdout
    assert answer.document["outcomes"] == {"stored": 440, "duplicate": 30, "conflict": 10, "dead_lettered": 20}
    assert answer.document["latency_measured"] == 440
    assert set(answer.document["latency"]) == {"p50", "p95", "p99"}


@pytest.mark.usefixtures("consumer")
def test_statements_that_were_there_before_are_duplicates_and_not_measured(stack: Stack) -> None:
    again = ("publish-test", "--event", "learning.experienced", "--count", "5", "--seed", "29", "--wait", "processed", "--timeout", "300", "--json")
    stack.run(*again)
    answer = stack.run(*again)

    assert answer.document["outcomes"] == {"stored": 0, "duplicate": 5, "conflict": 0, "dead_lettered": 0}
    assert answer.document["latency"] is None


def test_a_consumer_that_hangs_makes_the_wait_time_out_and_say_who_is_behind(stack: Stack, consumer: subprocess.Popen[str]) -> None:
    consumer.send_signal(signal.SIGSTOP)
    try:
        answer = stack.run("publish-test", "--wait", "processed", "--timeout", "1", "--json")
    finally:
        consumer.send_signal(signal.SIGCONT)

    assert (answer.code, answer.document["error"]["code"]) == (2, "timed-out")
    assert "faststream" in answer.document["error"]["message"]
    assert "nlj.learning.activities" in answer.document["error"]["message"]
