"""A probe takes back what it said, and nothing that the work said."""

from __future__ import annotations

import logging

from nljctl.pipelines.pressure import Pressure
from nljctl.pipelines.probe import Probe


def test_a_service_that_is_away_is_named_until_it_answers_again() -> None:
    pressure = Pressure(logging.getLogger("nljctl.test"))
    probe = Probe(pressure)
    probe.away("Kafka", "TimeoutError")
    assert pressure.pauses["Kafka"].reason == "TimeoutError"
    probe.answers("Kafka")
    assert not pressure.pauses
    assert "Kafka" in pressure.last_success


def test_an_answer_to_a_probe_does_not_end_what_the_work_waits_for() -> None:
    pressure = Pressure(logging.getLogger("nljctl.test"))
    probe = Probe(pressure)
    pressure.began("Elasticsearch", "403 cluster_block_exception")
    probe.answers("Elasticsearch")
    assert pressure.pauses["Elasticsearch"].reason == "403 cluster_block_exception"
    assert "Elasticsearch" not in pressure.last_success
