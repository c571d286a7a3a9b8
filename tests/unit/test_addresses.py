"""What is shown of a URL, and what is taken out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.addresses import UnreadableAddressError, masked, password_of, split_credentials, with_password

PASSWORDS = st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@db:5432/p", "postgresql://u:********@db:5432/p"),
        ("postgresql://u@db/p", "postgresql://u@db/p"),
        ("postgresql://db/p?user=u&password=secret&sslmode=require", "postgresql://db/p?user=u&password=********&sslmode=require"),
        ("postgresql://u@db/p?sslpassword=secret", "postgresql://u@db/p?sslpassword=********"),
        ("postgresql://u:sec@ret@db/p", "postgresql://u:********@db/p"),
        ("https://u:sec/ret@es:9200", "https://********@es:9200"),
        ("https://es:9200/a@b", "https://es:9200/a@b"),
        ("a:9092,b:9092", "a:9092,b:9092"),
    ],
)
def test_no_password_of_an_address_is_shown(url: str, shown: str) -> None:
    assert masked(url) == shown


@given(PASSWORDS)
def test_a_password_that_is_put_in_comes_out_the_same(password: str) -> None:
    assert password_of(with_password("postgresql://me@[::1]:5432/p?sslmode=require", password)) == password


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://es:9200", ("https://es:9200", None, None)),
        ("https://me@es:9200/x?y=z@w", ("https://es:9200/x?y=z@w", "me", None)),
        ("https://a%3Ab:c%25d@[::1]:9200", ("https://[::1]:9200", "a:b", "c%d")),
        ("nonsense", ("nonsense", None, None)),
    ],
)
def test_user_and_password_are_decoded(url: str, parts: tuple[str, str | None, str | None]) -> None:
    assert split_credentials(url) == parts


def test_a_password_that_ends_the_authority_is_not_guessed() -> None:
    with pytest.raises(UnreadableAddressError):
        split_credentials("https://me:pa/ss@es:9200")
