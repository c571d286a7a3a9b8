"""Who may see what. Pure.

| caller | view | admin | a learner's data |
|---|---|---|---|
| NLJCTL_API_TOKEN, or anybody on loopback where no key is set | yes | yes | everybody's |
| ADMIN | yes | yes | everybody's |
| CREATOR, REVIEWER, APPROVER | yes | no | their own |
| LEARNER, PLAYER | no | no | their own |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """view: analytics of the platform, surveys and activities. admin: everything, exports and the migration among it."""

    VIEW = "view"
    ADMIN = "admin"


EVERYTHING = frozenset(Permission)
ROLES: Mapping[str, frozenset[Permission]] = {
    "ADMIN": EVERYTHING,
    "CREATOR": frozenset({Permission.VIEW}),
    "REVIEWER": frozenset({Permission.VIEW}),
    "APPROVER": frozenset({Permission.VIEW}),
}
"""The platform's roles that may see more than their own; every other role may not."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is how exports call them; `email` is whose data is their own, None for no user."""

    name: str
    permissions: frozenset[Permission]
    email: str | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def may_see(self, email: str) -> bool:
        """Whether a learner's data may be shown: their own, or an administrator asks. Addresses are compared without case."""
        return self.may(Permission.ADMIN) or (self.email is not None and self.email.casefold() == email.casefold())


OPERATOR = Caller("operator", EVERYTHING)
"""Who holds NLJCTL_API_TOKEN, or sits at the machine where no key is set."""


def user(email: str, role: str) -> Caller:
    """A user of the platform as a caller."""
    return Caller(email, ROLES.get(role, frozenset()), email)
