"""What a killed comparison leaves, and what the next one takes over of it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from nljctl.errors import RefusedError
from nljctl.kafka.offsets import Span
from nljctl.migration.heard import HeardLog, hear_log
from nljctl.migration.unfinished import WORK, Unfinished, take_up
from nljctl.migration.witnesses import LogRow

TP = TopicPartition("xapi-events", 0)
OF = {"nljctl": "1", "index": "xapi-statements"}


def row(offset: int) -> LogRow:
    return LogRow(offset, TP.topic, TP.partition, offset, 0, "accepted")


def judged(unfinished: Unfinished, spans: dict[TopicPartition, Span], upto: int, *, generation: int = 0) -> HeardLog:
    """Hears the log as far as `upto`, notes it, and writes one row more that no note knows of."""
    with ExitStack() as files:
        log = hear_log(unfinished, spans, {TP: generation}, files)
        log.rows.write([row(offset) for offset in range(log.next[TP], upto)])
        log.next[TP] = upto
        log.note(now=True)
        log.rows.write([row(upto)])
    return log


def killed(folder: Path, upto: int = 5) -> None:
    unfinished = take_up(folder, [], OF)
    judged(unfinished, {TP: Span(0, 10)}, upto)
    unfinished.release()


def gone_on(folder: Path, spans: dict[TopicPartition, Span], around: list[Path] | None = None, *, generation: int = 0) -> tuple[Unfinished, HeardLog, int]:
    """The next comparison: where it begins to read, and how many rows it has already."""
    unfinished = take_up(folder, around or [], OF)
    with ExitStack() as files:
        log = hear_log(unfinished, spans, {TP: generation}, files)
        rows = log.rows.rows
    unfinished.release()
    return unfinished, log, rows


def test_the_next_one_goes_on_behind_the_last_note(tmp_path: Path) -> None:
    killed(tmp_path / "a")
    unfinished, log, rows = gone_on(tmp_path / "b", {TP: Span(0, 12)}, [tmp_path / "a"])
    assert (log.left, rows) == ({TP: Span(5, 12)}, 5)
    assert unfinished.kept == ["5 records of the log were judged already"]
    assert len((tmp_path / "b" / WORK / "log.ndjson").read_bytes().splitlines()) == 5
    assert not (tmp_path / "a").exists()


def test_what_retention_has_taken_since_but_was_read_stays(tmp_path: Path) -> None:
    killed(tmp_path)
    _, log, rows = gone_on(tmp_path, {TP: Span(4, 12)})
    assert (log.left, log.spans, rows) == ({TP: Span(5, 12)}, {TP: Span(0, 12)}, 5)


@pytest.mark.parametrize(
    ("span", "generation", "why"),
    [
        (Span(7, 12), 0, "lost offsets 5 to 7 to retention"),
        (Span(0, 3), 0, "is not the partition that it was"),
        (Span(0, 12), 1, "is not the partition that it was"),
    ],
)
def test_what_is_no_longer_good_is_read_anew_and_said(tmp_path: Path, span: Span, generation: int, why: str) -> None:
    killed(tmp_path)
    unfinished, log, rows = gone_on(tmp_path, {TP: span}, generation=generation)
    assert (log.left, rows) == ({TP: span}, 0)
    assert why in unfinished.anew[0]


def test_work_for_another_platform_or_version_is_not_taken_over(tmp_path: Path) -> None:
    killed(tmp_path)
    unfinished = take_up(tmp_path, [], {**OF, "nljctl": "2"})
    assert not unfinished.heard
    assert unfinished.anew == ["the unfinished comparison was of something else: nljctl was 1"]


def test_the_work_of_a_living_comparison_is_left_to_it(tmp_path: Path) -> None:
    living = take_up(tmp_path / "a", [], OF)
    other = take_up(tmp_path / "b", [tmp_path / "a"], OF)
    assert (tmp_path / "a" / WORK).is_dir()
    with pytest.raises(RefusedError):
        take_up(tmp_path / "a", [], OF)
    living.release()
    other.release()


def test_older_leavings_are_removed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        killed(tmp_path / name)
    take_up(tmp_path / "c", [tmp_path / "b", tmp_path / "a"], OF).release()
    assert os.listdir(tmp_path) == ["c"]
