"""What people read when Postgres is away, does not let them in, or is not to be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nljctl.effects import database
from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import load

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def postgres(answer: bytes) -> AsyncIterator[int]:
    """A server that says the same to everyone, whatever they begin with, and hangs up."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(meet, LOOPBACK, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def error(sqlstate: str, message: str) -> bytes:
    """An ErrorResponse of Postgres' protocol, 54.7."""
    fields = f"SFATAL\0C{sqlstate}\0M{message}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


async def said(url: str, home: Path) -> NljctlError:
    with pytest.raises(NljctlError) as refused:
        async with database.engine(load(environment={"DATABASE_URL": url}, directory=home)) as engine, engine.connect():
            pass
    assert "hidden" not in refused.value.message + refused.value.hint
    return refused.value


@pytest.mark.parametrize(
    ("sqlstate", "message", "kind", "hint"),
    [
        ("28P01", 'password authentication failed for user "me"', ConfigurationError, "DATABASE_PASSWORD"),
        ("28000", "no pg_hba.conf entry for host, no encryption", ConfigurationError, "sslmode=require"),
        ("3D000", 'database "p" does not exist', ConfigurationError, "the database"),
        ("57P03", "the database system is starting up", UnreachableError, "Wait"),
        ("53300", "sorry, too many clients already", UnreachableError, "Wait"),
    ],
)
async def test_the_servers_own_sentence_comes_with_a_hint(tmp_path: Path, sqlstate: str, message: str, kind: type[NljctlError], hint: str) -> None:
    async with postgres(error(sqlstate, message)) as port:
        found = await said(f"postgresql://me:hidden@{LOOPBACK}:{port}/p?sslmode=disable", tmp_path)
    assert isinstance(found, kind)
    assert message in found.message
    assert hint in found.hint


async def test_a_server_without_tls_is_named_so(tmp_path: Path) -> None:
    async with postgres(b"N") as port:
        assert "does not speak TLS" in (await said(f"postgresql://me:hidden@{LOOPBACK}:{port}/p?sslmode=require", tmp_path)).message


async def test_a_missing_root_certificate_is_a_wrong_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = await said(f"postgresql://me:hidden@{LOOPBACK}:9/p?sslmode=verify-full", tmp_path)
    assert "root certificate" in found.message
    assert "sslrootcert" in found.hint


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    found = await said(f"postgresql://me:hidden@{LOOPBACK}:9/p", tmp_path)
    assert isinstance(found, UnreachableError)
    assert f"{LOOPBACK}:9" in found.message
