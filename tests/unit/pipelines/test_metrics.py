"""What Prometheus reads of a consumer."""

from __future__ import annotations

from aiokafka import TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from nljctl.pipelines.metrics import Durations, Reading, exposition, together

BULK = Durations()
for seconds in (0.004, 0.2, 99.0):
    BULK.observe(seconds)
READING = Reading(
    "faststream",
    records={("xapi-events", "stored"): 7, ("xapi-events", "dead_lettered"): 1},
    lag=3,
    committed={TopicPartition("xapi-events", 2): 8},
    retries={"Elasticsearch": 2},
    paused={"Elasticsearch": 'said "503"\nand more'},
    failures={"actor-identifier": 1},
    bulk=BULK,
    batch_limit=1_000,
)


def samples(reading: Reading) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(exposition(reading).decode())
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def test_counters_and_gauges_carry_the_names_and_labels_that_dashboards_ask_for() -> None:
    found = samples(READING)
    mine = ("pipeline", "faststream")
    assert found["nljctl_records_total", (("outcome", "stored"), mine, ("topic", "xapi-events"))] == 7
    assert found["nljctl_lag", (mine,)] == 3
    assert found["nljctl_commit_offset", (("partition", "2"), mine, ("topic", "xapi-events"))] == 8
    assert found["nljctl_retries_total", (mine, ("target", "Elasticsearch"))] == 2
    assert found["nljctl_paused", (mine, ("reason", 'said "503"\nand more'), ("target", "Elasticsearch"))] == 1
    assert found["nljctl_validation_failures_total", (mine, ("rule", "actor-identifier"))] == 1


def test_the_histogram_is_cumulative() -> None:
    found = samples(READING)
    mine = ("pipeline", "faststream")
    bounds = [found["nljctl_bulk_seconds_bucket", (("le", bound), mine)] for bound in ("0.005", "0.25", "30.0", "+Inf")]
    assert bounds == [1, 2, 2, 3]
    assert found["nljctl_bulk_seconds_count", (mine,)] == 3


def test_what_is_not_known_is_not_shown() -> None:
    assert not any(name in ("nljctl_lag", "nljctl_batch_limit") for name, _ in samples(Reading("legacy")))


def test_members_of_a_pipeline_add_up_and_share_its_lag() -> None:
    whole = together([READING, READING])
    assert whole.records["xapi-events", "stored"] == 14
    assert (whole.lag, whole.bulk.counts, whole.retries) == (3, [2 * count for count in BULK.counts], {"Elasticsearch": 4})
