"""A running API, and callers of every kind."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx
import jwt
from stacks import Stack

from nljctl.catalogue.people import PEOPLE


@dataclass(frozen=True)
class Api:
    """A stack, the address of its API, and the keys that it was started with."""

    stack: Stack
    address: str
    token: str
    secret: str

    def as_user(self, role: str, number: int = 0) -> dict[str, str]:
        """The header of a seeded user of this role."""
        person = [person for person in PEOPLE if person.role == role][number]
        return self.signed(sub=person.id)

    def signed(self, **claims: object) -> dict[str, str]:
        claims = {"type": "access_token", "exp": int(time.time()) + 600, **claims}
        return {"authorization": f"Bearer {jwt.encode(claims, self.secret, algorithm='HS256')}"}

    @property
    def operator(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """As the operator, unless other headers say who asks."""
        return httpx.get(self.address + path, headers=self.operator if headers is None else headers, timeout=60)
