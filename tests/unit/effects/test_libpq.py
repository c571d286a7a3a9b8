"""A URL that psql takes is taken as it is; what the driver cannot do is said."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from nljctl.effects.libpq import CONNECT_SECONDS, read
from nljctl.errors import ConfigurationError


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
def test_the_driver_that_the_platform_names_does_not_matter(scheme: str) -> None:
    assert read(f"{scheme}://me:p%40@db:5433/p").dsn == "postgresql://me:p%40@db:5433/p"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db:5433/p", "db:5433"),
        ("postgresql://db/p", "db:5432"),
        ("postgresql://me@a:1,b:2/p", "a:1,b:2"),
        ("postgresql://[::1]/p", "[::1]:5432"),
        ("postgresql:///p?host=/run/postgresql", "/run/postgresql"),
    ],
)
def test_people_see_host_and_port(url: str, shown: str) -> None:
    assert read(url).shown == shown


def test_what_the_driver_does_not_know_and_does_not_matter_is_left_out() -> None:
    url = "postgresql://me@db/p?sslmode=require&channel_binding=prefer&gssencmode=disable&keepalives=1&application_name=x&options=-c%20a%3Db"
    assert parse_qs(urlsplit(read(url).dsn).query) == {"sslmode": ["require"], "options": ["-c a=b"]}


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", CONNECT_SECONDS), ("?connect_timeout=0", CONNECT_SECONDS), ("?connect_timeout=1", 2), ("?connect_timeout=30", 30)]
)
def test_the_time_to_connect_is_bounded(asked: str, seconds: float) -> None:
    assert read(f"postgresql://db/p{asked}").arguments["timeout"] == seconds


def test_the_spelling_of_sqlalchemy_is_understood() -> None:
    found = read("postgresql+asyncpg://me@db/p?ssl=require&prepared_statement_cache_size=0&statement_cache_size=0")
    assert (urlsplit(found.dsn).query, found.caches, found.arguments["statement_cache_size"]) == ("sslmode=require", {"prepared_statement_cache_size": 0}, 0)


def test_the_authorities_of_the_machine_may_be_named() -> None:
    context = read("postgresql://me@db/p?sslrootcert=system").arguments["ssl"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:hidden@h/d", "mysql"),
        ("hidden", "not a database URL"),
        ("postgresql://u:hidden@h/d?sslmode", "not a database URL"),
        ("postgresql://u:hidden@h/d?sslmode=strict", "sslmode=strict"),
        ("postgresql://u:hidden@h/d?sslmode=verify-full&sslrootcert=/missing.pem", "sslrootcert names /missing.pem"),
        ("postgresql://u:hidden@h/d?sslrootcert=system&sslmode=require", "weak sslmode"),
        ("postgresql://u:hidden@h/d?channel_binding=require", "channel_binding=require"),
        ("postgresql://u:hidden@h/d?connect_timeout=soon", "connect_timeout=soon"),
        ("postgresql://u:hidden@h/d?search_path=hidden", "search_path"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_showing_a_secret(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(url)
    assert words in refused.value.message
    assert "hidden" not in refused.value.message + refused.value.hint


def test_an_address_shows_no_password(tmp_path: Path) -> None:
    assert "hidden" not in repr(read("postgresql://u:hidden@h/d"))
