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


def test_secrets_and_passwords_are_masked() -> None:
    assert mask("database", "postgresql://u:secret@db:5432/p") == "postgresql://u:********@db:5432/p"
    for setting in SETTINGS:
        if setting.secret:
            assert mask(setting.name, "secret") == "********"


def test_a_secret_may_be_the_content_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text('p"a s\n')
    found = load(environment={**EVERYTHING, "KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}, directory=tmp_path)
    assert (found.kafka_sasl_password, found.origins["kafka_sasl_password"]) == ('p"a s', "environment")
    assert found.held_in["kafka_sasl_password"] == str(tmp_path / "password")


def test_the_configuration_file_may_name_a_secrets_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k")
    (tmp_path / "nljctl.toml").write_text(f'elasticsearch_api_key_file = "{tmp_path / "key"}"\n')
    found = load(environment=EVERYTHING, directory=tmp_path)
    assert (found.elasticsearch_api_key, found.origins["elasticsearch_api_key"]) == ("k", "nljctl.toml")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe", b"x" * 100_000], ids=["missing", "empty", "newline", "binary", "huge"])
def test_a_secrets_file_that_cannot_be_meant_is_named_and_not_repeated(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        load(environment={"KAFKA_SASL_PASSWORD_FILE": str(path)}, directory=tmp_path)
    assert str(path) in refused.value.message
    assert "xxx" not in refused.value.message


def test_a_secret_and_its_file_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE"):
        load(environment={"KAFKA_SASL_PASSWORD": "a", "KAFKA_SASL_PASSWORD_FILE": "/dev/null"}, directory=tmp_path)


@pytest.mark.parametrize(
    ("url", "user", "secret"), [("elasticsearch", "elasticsearch_username", "elasticsearch_password"), ("ralph", "ralph_username", "ralph_secret")]
)
def test_what_an_http_address_holds_of_credentials_is_taken_out_of_it(tmp_path: Path, url: str, user: str, secret: str) -> None:
    variable = {s.name: s.variable for s in SETTINGS}[url]
    found = load(environment={variable: "https://me:p%40ss@host:9200/path"}, directory=tmp_path)
    assert [found.values[name] for name in (url, user, secret)] == ["https://host:9200/path", "me", "p@ss"]
    assert (found.origins[secret], found.held_in[secret]) == ("environment", variable)


def test_credentials_that_contradict_the_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ELASTICSEARCH_PASSWORD is set twice"):
        load(environment={"ELASTICSEARCH_URL": "https://me:one@host:9200", "ELASTICSEARCH_PASSWORD": "other"}, directory=tmp_path)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgresql://me@db/p?sslmode=require", "postgresql://me:a%2Fb@db/p?sslmode=require"),
        ("postgresql://db/p", "postgresql://:a%2Fb@db/p"),
        ("postgresql://me:a%2Fb@db/p", "postgresql://me:a%2Fb@db/p"),
        ("postgresql://db/p?user=me&password=a%2Fb", "postgresql://db/p?user=me&password=a%2Fb"),
    ],
)
def test_a_password_beside_the_database_address_completes_it(tmp_path: Path, url: str, whole: str) -> None:
    assert load(environment={"DATABASE_URL": url, "DATABASE_PASSWORD": "a/b"}, directory=tmp_path).database == whole


def test_another_password_than_the_database_address_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        load(environment={"DATABASE_URL": "postgresql://me:one@db/p", "DATABASE_PASSWORD": "other"}, directory=tmp_path)


def test_a_password_that_is_not_percent_encoded_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(environment={"ELASTICSEARCH_URL": "https://me:hid/den@host:9200"}, directory=tmp_path)
    assert "hid" not in refused.value.message + refused.value.hint


def test_a_local_stack_is_not_sent_the_secrets_of_another_system(tmp_path: Path) -> None:
    a_stack(tmp_path / ".nljctl")
    elsewhere = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_PASSWORD_FILE": "/missing", "ELASTICSEARCH_API_KEY": "key", "DATABASE_PASSWORD": "password"}
    found = load(environment=elsewhere, directory=tmp_path)
    assert (found.kafka_security_protocol, found.kafka_sasl_password, found.elasticsearch_api_key) == ("PLAINTEXT", None, None)
    assert found.database == "postgresql://x@127.0.0.1:2/p"


def test_a_settings_object_shows_no_value(tmp_path: Path) -> None:
    assert "u:secret" not in repr(load(environment=EVERYTHING, directory=tmp_path))
