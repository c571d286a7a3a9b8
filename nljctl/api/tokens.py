"""Whose a bearer token is: the operator's, or a user's as the platform signs it (HS256, `sub` the user's id, `type` access_token)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from uuid import UUID

import jwt
from jwt.algorithms import HMACAlgorithm

from nljctl.errors import ConfigurationError

LONGEST = 8_192
"""Characters of a token. A header of JSON nested deeper than the decoder can follow fits only into more."""

TYPE = "access_token"


class NotAuthenticatedError(Exception):
    """No token, or none that is good; says which."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What callers are known by. Without any, everybody who reaches the port is the operator."""

    token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)

    @property
    def open(self) -> bool:
        return not (self.token or self.secret)

    def check(self) -> None:
        """Refuses a SECRET_KEY that cannot sign.

        Raises:
            ConfigurationError: it is the text of a public key or a certificate.
        """
        if self.secret:
            try:
                HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(self.secret)
            except jwt.InvalidKeyError as problem:
                raise ConfigurationError(f"SECRET_KEY cannot be used: {problem}", "It is a random text, the same as the platform's.") from problem


def is_operators(keys: Keys, presented: str) -> bool:
    """Compared in constant time."""
    return keys.token is not None and hmac.compare_digest(keys.token.encode(), presented.encode("utf-8", "surrogatepass"))


def user_of(keys: Keys, presented: str) -> str:
    """The id of the user whose token this is.

    Raises:
        NotAuthenticatedError: it is not signed with SECRET_KEY, has expired, or is of another type.
    """
    if keys.secret is None or len(presented) > LONGEST:
        raise NotAuthenticatedError("the token is not known")
    try:
        claims = jwt.decode(presented, keys.secret, algorithms=["HS256"], options={"require": ["sub"], "verify_aud": False})
    except jwt.ExpiredSignatureError:
        raise NotAuthenticatedError("the token has expired") from None
    except (jwt.PyJWTError, ValueError, RecursionError):  # the last two: JSON that its decoder cannot follow
        raise NotAuthenticatedError("the token is not known") from None
    if claims.get("type") != TYPE:
        raise NotAuthenticatedError(f"the token is not of type {TYPE}")
    try:
        return str(UUID(claims["sub"]))
    except ValueError:
        raise NotAuthenticatedError("the token names no user") from None
