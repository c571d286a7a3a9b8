"""The dashboard and the alert rules ask for metrics and labels that the consumers really have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from nljctl.pipelines.metrics import Reading, exposition

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations"
SHOWN = Reading(
    "faststream",
    {("t", "stored"): 1},
    1,
    {},
    {"Kafka": 1},
    {"Kafka": "away"},
    {"Kafka": 1.0},
    {"rule": 1},
    {"repair": 1},
    {"applied": 1},
    batch_limit=1,
    announcements_due=1,
)
NOT_LABELS = {"le", "by", "on"}


def dashboard() -> list[str]:
    panels = json.loads((OPERATIONS / "grafana-dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def alerts() -> list[str]:
    groups = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def known() -> dict[str, set[str]]:
    """Labels by the name of each sample, the offset's too, which needs an assignment to be shown."""
    families = text_string_to_metric_families(exposition(SHOWN).decode())
    found = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    return {**found, "nljctl_commit_offset": {"pipeline", "topic", "partition"}}


@pytest.mark.parametrize("expression", [*dashboard(), *alerts()])
def test_an_expression_asks_for_what_there_is(expression: str) -> None:
    names = re.findall(r"nljctl_\w+", expression)
    assert names
    assert set(names) <= set(known())
    labels = {label for name in names for label in known()[name]}
    asked = set(re.findall(r"(\w+)=~?\"", expression)) | {
        label.strip() for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression) for label in group.split(",")
    }
    assert asked - NOT_LABELS <= labels


def test_every_alert_says_what_to_do() -> None:
    groups = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text())["groups"]
    for rule in groups[0]["rules"]:
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in ("page", "ticket")
