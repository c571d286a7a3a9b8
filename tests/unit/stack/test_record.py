"""`stack.json`: what is written is read back, and nobody else can read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nljctl import settings
from nljctl.errors import StackError
from nljctl.stack.local import record
from nljctl.stack.local.book import version_for
from nljctl.stack.local.record import Record, Started

ENDPOINTS = {"kafka": "127.0.0.1:1", "database": "postgresql://u@127.0.0.1:2/d", "elasticsearch": "http://127.0.0.1:3", "ralph": None}


def _record() -> Record:
    return replace(record.new("8"), ports={"kafka": 1}, processes={"redpanda": Started(12, 34.5)}, wanted=frozenset({"redpanda"}))


def test_a_record_survives_writing_and_reading(tmp_path: Path) -> None:
    known = _record()
    record.write(tmp_path, known, {"profiles": [], "endpoints": ENDPOINTS})
    assert record.read(tmp_path) == known


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    record.write(tmp_path, _record(), {"profiles": [], "endpoints": ENDPOINTS})
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600


def test_settings_take_endpoints_and_secret_from_it(tmp_path: Path) -> None:
    known = _record()
    record.write(tmp_path, known, {"profiles": [], "endpoints": ENDPOINTS})
    loaded = settings.load(environment={"NLJCTL_HOME": str(tmp_path)}, directory=tmp_path)
    assert (loaded.kafka, loaded.ralph_secret, loaded.origins["kafka"]) == ("127.0.0.1:1", known.ralph_secret, "stack.json")


def test_no_file_is_no_stack(tmp_path: Path) -> None:
    assert record.read(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"identity": 1}', "\x00"])
def test_a_damaged_file_is_an_error_with_a_way_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    with pytest.raises(StackError) as failed:
        record.read(tmp_path)
    assert "stack.json" in failed.value.message
    assert failed.value.hint


def test_two_stacks_have_different_secrets() -> None:
    assert record.new("8").ralph_secret != record.new("8").ralph_secret


def test_data_of_a_newer_elasticsearch_is_not_opened_by_an_older_one() -> None:
    with pytest.raises(StackError):
        version_for(record.new("9"), "8")


def test_a_stack_keeps_its_elasticsearch_when_none_is_asked_for() -> None:
    assert version_for(record.new("9"), None) == "9"
