"""What a consumer shows to Prometheus: a reading of its own counters, and its text (exposition format 0.0.4). Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

K = TypeVar("K")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Durations:
    """A histogram of seconds: how many fell into each bucket (the last one has no upper bound), and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by upper bound, as Prometheus has them."""
        bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
        return [(bound, float(sum(self.counts[: place + 1]))) for place, bound in enumerate(bounds)]


@dataclass(frozen=True, slots=True)
class Reading:
    """One consumer at one moment. Counts are of this process, since it started; the totals of the pipeline are those of `nljctl stats`.

    Attributes:
        records: by (topic, outcome).
        lag: of the whole pipeline, in records; None if not known.
        committed: the next offset per partition, for what this member is assigned.
        paused: reason of the present wait, by target.
        last_success: seconds since 1970, by target.
        bulk: seconds of requests that write statements.
        batch_limit: records that are fetched at once; None where that is no setting.
        effects: by what they came to.
        announced, announcements_due: events that effects caused: published by this process; waiting for it, of either pipeline (None: not looked yet).
    """

    pipeline: str
    records: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lag: int | None = None
    committed: Mapping[TopicPartition, int] = field(default_factory=dict)
    retries: Mapping[str, int] = field(default_factory=dict)
    paused: Mapping[str, str] = field(default_factory=dict)
    last_success: Mapping[str, float] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)
    effects: Mapping[str, int] = field(default_factory=dict)
    bulk: Durations = field(default_factory=Durations)
    in_flight: int = 0
    oldest_seconds: float = 0.0
    batch_limit: int | None = None
    commits_refused: int = 0
    announced: int = 0
    announcements_due: int | None = None


def together(readings: Sequence[Reading]) -> Reading:
    """Several members of one pipeline as one."""
    first = readings[0]
    bulk = Durations()
    for reading in readings:
        bulk.counts = [mine + theirs for mine, theirs in zip(bulk.counts, reading.bulk.counts, strict=True)]
        bulk.total += reading.bulk.total
    lags = [reading.lag for reading in readings if reading.lag is not None]
    return Reading(
        first.pipeline,
        records=_summed([reading.records for reading in readings]),
        lag=min(lags, default=None),
        committed={tp: offset for reading in readings for tp, offset in reading.committed.items()},
        retries=_summed([reading.retries for reading in readings]),
        paused={target: reason for reading in readings for target, reason in reading.paused.items()},
        last_success={
            target: max(reading.last_success.get(target, 0.0) for reading in readings) for target in {name for one in readings for name in one.last_success}
        },
        failures=_summed([reading.failures for reading in readings]),
        repairs=_summed([reading.repairs for reading in readings]),
        effects=_summed([reading.effects for reading in readings]),
        bulk=bulk,
        in_flight=sum(reading.in_flight for reading in readings),
        oldest_seconds=max(reading.oldest_seconds for reading in readings),
        batch_limit=max((reading.batch_limit for reading in readings if reading.batch_limit is not None), default=None),
        commits_refused=sum(reading.commits_refused for reading in readings),
        announced=sum(reading.announced for reading in readings),
        announcements_due=max((reading.announcements_due for reading in readings if reading.announcements_due is not None), default=None),
    )


def exposition(reading: Reading) -> bytes:
    """The text that a scrape gets."""
    registry = CollectorRegistry()
    registry.register(_Once(reading))
    return generate_latest(registry)


class _Once(Collector):
    """One reading as a collector."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        reading, pipeline = self._reading, self._reading.pipeline
        for name, words, labels, counts in (
            ("nljctl_records", "Records by what became of them.", ("topic", "outcome"), reading.records),
            ("nljctl_retries", "Attempts that had to be made again.", ("target",), _keyed(reading.retries)),
            ("nljctl_validation_failures", "Rejected records by the first rule they broke.", ("rule",), _keyed(reading.failures)),
            ("nljctl_repairs", "Repairs made.", ("repair",), _keyed(reading.repairs)),
            ("nljctl_effects", "Effects by what they came to.", ("result",), _keyed(reading.effects)),
            ("nljctl_commits_refused", "Offset commits that the broker refused.", (), {(): reading.commits_refused}),
            ("nljctl_announced", "Events that effects caused, published.", (), {(): reading.announced}),
        ):
            yield _filled(CounterMetricFamily(name, words, labels=("pipeline", *labels)), pipeline, counts)
        for name, words, labels, values in (
            ("nljctl_lag", "Log end minus live progress, over all topics and members.", (), _known(reading.lag)),
            ("nljctl_commit_offset", "Next offset of each partition assigned.", ("topic", "partition"), _places(reading.committed)),
            ("nljctl_paused", "1 while the consumer waits for a target.", ("target", "reason"), dict.fromkeys(reading.paused.items(), 1.0)),
            ("nljctl_last_success_timestamp_seconds", "When a target last answered.", ("target",), _keyed(reading.last_success)),
            ("nljctl_batches_in_flight", "Batches under way.", (), {(): reading.in_flight}),
            ("nljctl_oldest_batch_seconds", "Age of the oldest batch under way.", (), {(): reading.oldest_seconds}),
            (
                "nljctl_announcements_due",
                "Events that effects caused and that are not published yet, of either pipeline.",
                (),
                _known(reading.announcements_due),
            ),
            ("nljctl_batch_limit", "Records fetched at once.", (), _known(reading.batch_limit)),
        ):
            yield _filled(GaugeMetricFamily(name, words, labels=("pipeline", *labels)), pipeline, values)
        histogram = HistogramMetricFamily("nljctl_bulk_seconds", "Seconds of requests that write statements.", labels=("pipeline",))
        histogram.add_metric((pipeline,), reading.bulk.buckets(), reading.bulk.total)
        yield histogram


def _filled(family: CounterMetricFamily | GaugeMetricFamily, pipeline: str, values: Mapping[Any, float]) -> Metric:
    for key, value in sorted(values.items()):
        family.add_metric((pipeline, *key), value)
    return family


def _keyed(values: Mapping[str, float]) -> dict[tuple[str], float]:
    return {(name,): value for name, value in values.items()}


def _known(value: int | None) -> dict[tuple[()], float]:
    return {} if value is None else {(): value}


def _places(offsets: Mapping[TopicPartition, int]) -> dict[tuple[str, str], float]:
    return {(tp.topic, str(tp.partition)): offset for tp, offset in offsets.items()}


def _summed(counts: Sequence[Mapping[K, int]]) -> dict[K, int]:
    total: Counter[K] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)
