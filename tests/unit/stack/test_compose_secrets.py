"""Random secrets of a compose stack: who may read them, what of the `.env` is ours, and that nothing of it stays."""

from __future__ import annotations

from pathlib import Path

from nljctl.stack.compose import secrets
from nljctl.stack.compose.project import Project, read_dotenv


def project(folder: Path) -> Project:
    return Project("nlj", folder / "docker-compose.yml")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_containers_may_read_the_files_and_nobody_may_enter_their_folder(tmp_path: Path) -> None:
    folder = secrets.make(project(tmp_path), tmp_path / "home")
    assert {path.name: mode(path) for path in folder.iterdir()} == {"database_password": 0o644, "ralph_secret": 0o644}
    assert mode(folder) == 0o700
    assert mode(tmp_path / ".env") == 0o600
    assert secrets.chosen(project(tmp_path), {}) == str(folder)


def test_two_stacks_have_different_ones_and_one_keeps_its_own(tmp_path: Path) -> None:
    first = secrets.make(project(tmp_path), tmp_path / "one")
    told = (first / "database_password").read_text()
    assert (secrets.make(project(tmp_path), tmp_path / "one") / "database_password").read_text() == told
    assert (secrets.make(project(tmp_path), tmp_path / "two") / "database_password").read_text() != told


def test_other_lines_of_the_dotenv_stay(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NLJ_DB_PORT=5433")
    secrets.make(project(tmp_path), tmp_path / "home")
    assert read_dotenv(tmp_path / ".env")["NLJ_DB_PORT"] == "5433"
    secrets.remove(project(tmp_path), tmp_path / "home")
    assert (tmp_path / ".env").read_text() == "NLJ_DB_PORT=5433\n"


def test_a_dotenv_that_is_all_ours_goes_with_the_data(tmp_path: Path) -> None:
    folder = secrets.make(project(tmp_path), tmp_path / "home")
    secrets.write_passfile(tmp_path / "home", "me", "pass")
    secrets.remove(project(tmp_path), tmp_path / "home")
    assert not (tmp_path / ".env").exists()
    assert not folder.exists()
    assert list((tmp_path / "home").iterdir()) == []


def test_the_password_file_is_one_that_libpq_takes(tmp_path: Path) -> None:
    path = secrets.write_passfile(tmp_path, "me", r"a:b\c")
    assert path.read_text() == "*:*:*:me:a\\:b\\\\c\n"
    assert mode(path) == 0o600, "libpq ignores a file that others may read"
