"""Secrets in every setting, services that are away or hang up: none of them comes out anywhere."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from stacks import PROGRAM

from nljctl.settings import SETTINGS
from nljctl.stack.local.ports import LOOPBACK

AWAY = 9
"""The discard port: nobody listens there."""

LOUD = ("--log-format", "json", "-v")
COMMANDS = {
    "config": ("config",),
    "config-json": ("config", "--json"),
    "health": ("health", "--json"),
    "status": ("status", "--json"),
    "doctor": ("doctor", "--json"),
    "setup": ("setup",),
    "publish-test": ("publish-test", "--yes", "--json"),
    "consume-faststream": ("consume", "faststream", "--port", "0", "-v"),
    "consume-legacy": ("consume", "legacy", "--port", "0", *LOUD, "--json"),
    "compare-legacy": ("compare-legacy", "--json"),
    "rollback": ("rollback", "--dry-run", "--json"),
}


@pytest.fixture(scope="module")
def refusing() -> Iterator[int]:
    """A port that takes every connection and hangs up."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def marked(folder: Path, port: int, *, in_urls: bool) -> tuple[dict[str, str], list[str]]:
    """An environment with a secret wherever one may be, and these secrets; the passwords in the URLs, or in variables and files of their own."""
    kafka, database, elasticsearch, ralph, key, token = made = [f"marked{token_hex(12)}" for _ in range(6)]
    (folder / "secret").write_text(key + "\n")
    env = {
        "NLJCTL_HOME": str(folder / "home"),
        "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{port}",
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_USERNAME": "me",
        "KAFKA_SASL_PASSWORD": kafka,
        "NLJCTL_API_TOKEN": token,
        "RALPH_LRS_SECRET": ralph,
    }
    if in_urls:
        env |= {
            "DATABASE_URL": f"postgresql+asyncpg://me:{database}@{LOOPBACK}:{port}/p?sslpassword={key}",
            "ELASTICSEARCH_URL": f"http://me:{elasticsearch}@{LOOPBACK}:{port}",
            "RALPH_LRS_URL": f"http://nlj-platform:{ralph}@{LOOPBACK}:{port}",
        }
    else:
        env |= {
            "DATABASE_URL": f"postgresql://me@{LOOPBACK}:{port}/p?sslmode=disable",
            "DATABASE_PASSWORD": database,
            "ELASTICSEARCH_URL": f"http://{LOOPBACK}:{port}",
            "ELASTICSEARCH_API_KEY_FILE": str(folder / "secret"),
            "RALPH_LRS_URL": f"http://{LOOPBACK}:{port}",
        }
    return env, made


@pytest.mark.parametrize(
    ("command", "in_urls"),
    [*((command, True) for command in COMMANDS), *((command, False) for command in ("config-json", "health", "setup", "consume-faststream"))],
)
def test_no_secret_is_in_what_a_command_prints_logs_or_leaves(tmp_path: Path, refusing: int, command: str, in_urls: bool) -> None:
    env, secrets = marked(tmp_path, refusing if in_urls else AWAY, in_urls=in_urls)
    inherited = {name: value for name, value in os.environ.items() if name not in {setting.variable for setting in SETTINGS}}
    done = subprocess.run([*PROGRAM, *COMMANDS[command]], env=inherited | env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1, 2)
    assert done.stdout + done.stderr
    left = [path.read_text(errors="replace") for path in (tmp_path / "home").rglob("*") if path.is_file()]
    for text in (done.stdout, done.stderr, *left):
        assert not [secret for secret in secrets if secret in text]
        assert "Traceback" not in text
        assert "unexpected" not in text
