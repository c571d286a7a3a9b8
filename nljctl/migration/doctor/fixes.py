"""Commands that mend what a check found, as one types them. Pure; secrets are named by their variable, never written."""

from __future__ import annotations

import json
import shlex
from typing import Any

from nljctl.migration.doctor.facts import Names
from nljctl.store.index import ALIAS

SETUP = "nljctl setup"


def topic_setting(names: Names, topic: str, setting: str, value: int | str) -> str:
    secured = " --command-config client.properties" if names.kafka_secured else ""
    return (
        f"kafka-configs.sh --bootstrap-server {shlex.quote(names.kafka)}{secured} --alter --entity-type topics"
        f" --entity-name {shlex.quote(topic)} --add-config {setting}={value}"
    )


def move_alias(names: Names, index: str) -> str:
    actions = [{"remove": {"index": "*", "alias": ALIAS, "must_exist": False}}, {"add": {"index": index, "alias": ALIAS}}]
    return request(names, "POST", "_aliases", {"actions": actions})


def index_setting(names: Names, index: str, setting: str, value: object) -> str:
    return request(names, "PUT", f"{index}/_settings", {setting: value})


def cluster_setting(names: Names, setting: str, value: object) -> str:
    return request(names, "PUT", "_cluster/settings", {"persistent": {setting: value}})


def request(names: Names, method: str, path: str, body: Any) -> str:
    """A request to Elasticsearch."""
    key = ' -H "Authorization: ApiKey $ELASTICSEARCH_API_KEY"' if names.elasticsearch_key else ""
    user = ' -u "$ELASTICSEARCH_USERNAME:$ELASTICSEARCH_PASSWORD"' if names.elasticsearch_password else ""
    trust = ' --cacert "$ELASTICSEARCH_CA_CERTS"' if names.elasticsearch_ca else ""
    url = shlex.quote(f"{names.elasticsearch.rstrip('/')}/{path}")
    return f"curl -fsS{trust}{key}{user} -X {method} {url} -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"
