"""Which runtime a command acts through, and when it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nljctl import settings
from nljctl.errors import ConfigurationError
from nljctl.settings import Found
from nljctl.stack.choice import open_runtime
from nljctl.stack.compose.project import find_file


def loaded(home: Path, runtime: str | None = None) -> settings.Settings:
    return settings.load({"runtime": runtime}, {"NLJCTL_HOME": str(home)}, home)


def test_without_a_word_it_is_local(tmp_path: Path) -> None:
    assert open_runtime(loaded(tmp_path)).name == "local"


def test_a_flag_chooses_compose(tmp_path: Path) -> None:
    assert open_runtime(loaded(tmp_path, "compose")).name == "compose"


def test_there_are_two(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no runtime podman"):
        open_runtime(loaded(tmp_path, "podman"))


@pytest.mark.parametrize(("started", "asked"), [("local", "compose"), ("compose", "local")])
def test_the_stack_of_a_home_is_not_touched_through_another_runtime(tmp_path: Path, started: str, asked: str) -> None:
    (tmp_path / "stack.json").write_text(json.dumps({"runtime": started, "endpoints": {}, "project": "nlj", "file": "docker-compose.yml", "wanted": []}))
    with pytest.raises(ConfigurationError, match=f"started by the runtime {started}, not {asked}") as refused:
        open_runtime(loaded(tmp_path, asked))
    assert refused.value.code == "other-runtime"


def test_what_the_engine_tells_stands_below_flag_and_environment(tmp_path: Path) -> None:
    def engine(*_: object) -> Found:
        (tmp_path / "secret").write_text("s3cret")
        return Found("compose", {"runtime": "compose", "database": "postgresql://me@127.0.0.1:1/d", "database_password": tmp_path / "secret", "kafka": "a:1"})

    found = settings.load({"kafka": "b:2"}, {"DATABASE_PASSWORD": "of another system"}, tmp_path, engine)
    assert (found.kafka, found.origins["kafka"]) == ("b:2", "flag")
    assert found.database == "postgresql://me:s3cret@127.0.0.1:1/d", "a stack is never sent another system's password"


def test_no_stack_is_looked_for_where_all_endpoints_are_told(tmp_path: Path) -> None:
    def engine(*_: object) -> Found:
        raise AssertionError("it was asked")

    told = {"KAFKA_BOOTSTRAP_SERVERS": "redpanda:29092", "DATABASE_URL": "postgresql://nlj-db/d", "ELASTICSEARCH_URL": "http://elasticsearch:9200"}
    assert settings.load({}, told, tmp_path, engine).kafka == "redpanda:29092"


def test_another_projects_compose_file_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {web: {image: nginx}}\n")
    (tmp_path / "below").mkdir()
    found = find_file({}, tmp_path / "below")
    assert found is not None
    assert found.parent != tmp_path
