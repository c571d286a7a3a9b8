"""Whose a token is; and that no token, however odd, is more than refused."""

from __future__ import annotations

import base64
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.api.tokens import Keys, NotAuthenticatedError, is_operators, user_of
from nljctl.errors import ConfigurationError

SECRET = "a-secret-of-the-platform-which-is-long-enough-for-HS384-too"
KEYS = Keys("operator-token", SECRET)
USER = "7a1d2c3e-0000-4000-8000-000000000001"


def signed(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode({"sub": USER, "type": "access_token", "exp": int(time.time()) + 60, **claims}, secret, algorithm=algorithm)


def test_the_operators_token_is_known_and_no_other() -> None:
    assert is_operators(KEYS, "operator-token")
    assert not any(is_operators(KEYS, other) for other in ("operator-toke", "operator-token ", "", "täuschung", "\udcff"))


def test_a_platforms_token_names_its_user() -> None:
    assert user_of(KEYS, signed()) == USER


@pytest.mark.parametrize(
    "token",
    [
        signed("another-secret-that-is-long-enough-to-sign-with"),
        signed(exp=int(time.time()) - 60),
        signed(type="refresh_token"),
        signed(sub="ada@example.org"),
        signed(algorithm="HS384"),
        jwt.encode({"sub": USER, "type": "access_token"}, None, algorithm="none"),
        jwt.encode({"type": "access_token"}, SECRET, algorithm="HS256"),
        base64.urlsafe_b64encode(b"[" * 3_000).decode() + ".e30.AAAA",
        "x" * 100_000,
    ],
    ids=["another secret", "expired", "another type", "no user's id", "another algorithm", "unsigned", "no subject", "deep", "long"],
)
def test_what_the_platform_did_not_sign_as_an_access_token_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticatedError):
        user_of(KEYS, token)


@given(st.text())
def test_no_text_is_more_than_refused(token: str) -> None:
    assert not is_operators(KEYS, token) or token == KEYS.token
    with pytest.raises(NotAuthenticatedError):
        user_of(KEYS, token)


def test_without_a_secret_no_users_token_is_good() -> None:
    with pytest.raises(NotAuthenticatedError):
        user_of(Keys("operator-token"), signed())


def test_neither_key_is_shown() -> None:
    assert "operator-token" not in repr(KEYS)
    assert SECRET not in repr(KEYS)


def test_a_public_key_is_no_secret() -> None:
    with pytest.raises(ConfigurationError):
        Keys(None, "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n").check()
