"""Where settings come from, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nljctl.errors import ConfigurationError
from nljctl.settings import SETTINGS, load, mask

EVERYTHING = {
    "KAFKA_BOOTSTRAP_SERVERS": "broker:9092",
    "DATABASE_URL": "postgresql+asyncpg://u:secret@db:5432/p",
    "ELASTICSEARCH_URL": "http://es:9200",
}


def a_stack(home: Path) -> None:
    home.mkdir(parents=True)
    endpoints = {"kafka": "127.0.0.1:1", "database": "postgresql://x@127.0.0.1:2/p", "elasticsearch": "http://127.0.0.1:3", "ralph": None}
    (home / "stack.json").write_text(json.dumps({"runtime": "local", "endpoints": endpoints, "secrets": {}}))


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_stack(tmp_path: Path) -> None:
    a_stack(tmp_path / ".nljctl")
    assert load(environment={}, directory=tmp_path).origins["kafka"] == "stack.json"
    (tmp_path / "nljctl.toml").write_text('kafka_bootstrap_servers = "file:9092"\n')
    assert load(environment={}, directory=tmp_path).kafka == "file:9092"
    assert load(environment=EVERYTHING, directory=tmp_path).kafka == "broker:9092"
    assert load({"kafka": "flag:9092"}, environment=EVERYTHING, directory=tmp_path).kafka == "flag:9092"


def test_the_file_and_the_stack_are_found_from_a_folder_below(tmp_path: Path) -> None:
    a_stack(tmp_path / ".nljctl")
    (tmp_path / "nljctl.toml").write_text('kafka_group_id = "mine"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    found = load(environment={}, directory=below)
    assert (found.group, found.home, found.origins["group"]) == ("mine", tmp_path / ".nljctl", "nljctl.toml")


def test_endpoints_of_mixed_origin_are_refused(tmp_path: Path) -> None:
    a_stack(tmp_path / ".nljctl")
    with pytest.raises(ConfigurationError, match=r"KAFKA_BOOTSTRAP_SERVERS from environment, DATABASE_URL from stack\.json"):
        load(environment={"KAFKA_BOOTSTRAP_SERVERS": "broker:9092"}, directory=tmp_path).together()


def test_endpoints_of_one_origin_are_taken(tmp_path: Path) -> None:
    load(environment=EVERYTHING, directory=tmp_path).together()


@pytest.mark.parametrize("content", ["kafka_bootstrap_server = 'typo'", "not toml at all ["])
def test_a_file_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "nljctl.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"nljctl\.toml"):
        load(environment={}, directory=tmp_path)


@pytest.mark.parametrize("url", ["mysql://u@h/d", "nonsense"])
def test_a_database_that_is_no_postgres_is_refused_without_showing_the_url(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        load({"database": url}, environment={}, directory=tmp_path).database_url()


def test_the_database_is_reached_by_asyncpg_whatever_driver_the_platform_names(tmp_path: Path) -> None:
    assert load(environment=EVERYTHING, directory=tmp_path).database_url().drivername == "postgresql+asyncpg"


def test_secrets_and_passwords_are_masked() -> None:
    assert mask("database", "postgresql://u:secret@db:5432/p") == "postgresql://u:********@db:5432/p"
    for setting in SETTINGS:
        if setting.secret:
            assert mask(setting.name, "secret") == "********"
