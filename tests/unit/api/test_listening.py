"""Where the service may listen, and the token that it makes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from nljctl.api.listening import is_loopback, keys_for
from nljctl.errors import ConfigurationError
from nljctl.settings import Settings, load


def settings(tmp_path: Path, **environment: str) -> Settings:
    return load(environment={"NLJCTL_HOME": str(tmp_path), **environment}, directory=tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_loopback_needs_no_key(tmp_path: Path, host: str) -> None:
    assert keys_for(settings(tmp_path), host, None).open


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "no-such-host.invalid"])
def test_beyond_loopback_it_does_not_start_without_a_key(tmp_path: Path, host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ConfigurationError) as refused:
        keys_for(settings(tmp_path), host, None)
    assert (refused.value.exit_code, refused.value.code) == (2, "open-to-everybody")
    assert "NLJCTL_API_TOKEN" in refused.value.hint


@pytest.mark.parametrize("variable", ["NLJCTL_API_TOKEN", "SECRET_KEY"])
def test_with_a_key_it_may_listen_anywhere(tmp_path: Path, variable: str) -> None:
    assert not keys_for(settings(tmp_path, **{variable: "a-key-that-is-long-enough-for-this"}), "0.0.0.0", None).open


def test_a_token_is_made_once_for_its_owner_only_and_its_place_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "keys" / "token"
    made = keys_for(settings(tmp_path), "0.0.0.0", file).token
    assert made is not None
    assert len(made) > 40
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_for(settings(tmp_path), "0.0.0.0", file).token == made
    assert [record.__dict__["file"] for record in caplog.records] == [str(file), str(file)]
    assert made not in caplog.text
    assert [path.name for path in file.parent.iterdir()] == ["token"]


def test_a_token_of_ones_own_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert keys_for(settings(tmp_path, NLJCTL_API_TOKEN="mine"), "0.0.0.0", file).token == "mine"
    assert not file.exists()


def test_a_token_that_cannot_be_kept_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be kept"):
        keys_for(settings(tmp_path), "0.0.0.0", tmp_path / "file" / "token")


def test_both_keys_are_masked(tmp_path: Path) -> None:
    from nljctl.settings import mask

    assert {mask(name, "hush") for name in ("api_token", "secret_key")} == {"********"}
