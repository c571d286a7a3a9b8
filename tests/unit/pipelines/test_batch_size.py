"""The number of records fetched at once follows what the cluster can take."""

from __future__ import annotations

from nljctl.pipelines.faststream.batch_size import FIRST, LARGEST, SLOW_SECONDS, SMALLEST, BatchSize


def test_full_batches_that_are_written_quickly_let_it_grow_to_its_bound() -> None:
    size = BatchSize()
    for _ in range(100):
        size.written(size.limit, 0.1)
    assert size.limit == LARGEST


def test_a_batch_that_its_limit_did_not_cut_off_says_nothing() -> None:
    size = BatchSize()
    size.written(10, 0.1)
    assert size.limit == FIRST


def test_refusals_and_slow_writes_halve_it_down_to_its_bound() -> None:
    size = BatchSize()
    size.refused()
    assert size.limit == FIRST // 2
    size.written(size.limit, SLOW_SECONDS + 0.1)
    assert size.limit == FIRST // 4
    for _ in range(20):
        size.refused()
    assert size.limit == SMALLEST
