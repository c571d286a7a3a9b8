"""The people of a local platform: the users that `setup` seeds and that act in samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from nljctl.catalogue.names import N

Role = Literal["PLAYER", "LEARNER", "CREATOR", "REVIEWER", "APPROVER", "ADMIN"]


@dataclass(frozen=True, slots=True)
class Person:
    """A user. `id` is users.id and the account name in statements; it follows from the email, so every stack has the same."""

    id: str
    name: str
    email: str
    role: Role


_NAMES: tuple[tuple[Role, str], ...] = (
    ("ADMIN", "Ruth Steward"),
    ("CREATOR", "Ada Coach, Ben Weaver, Clara Voss, Deniz Arslan"),
    ("REVIEWER", "Elif Kaya, Felix Brandt, Greta Lindqvist"),
    ("APPROVER", "Hana Mori, Ivan Petrov"),
    (
        "PLAYER",
        "Sam Tech, Jonas Keller, Karin Olsen, Liam Byrne, Maria Rossi, Nadia Haddad, Omar Diallo, Paula Nowak, Quentin Morel, Rosa Jimenez, "
        "Tariq Aziz, Ursula Weber, Viktor Horvat, Wanda Zielinska, Xenia Papadopoulou",
    ),
    (
        "LEARNER",
        "Yusuf Demir, Zoe Martin, Anton Berg, Bianca Costa, Carlos Vega, Dora Szabo, Emil Jensen, Fatima Noor, Goran Ilic, Helena Novak, "
        "Igor Popescu, Jana Kovac, Kofi Mensah, Lucia Ferrari, Mateo Silva",
    ),
)


def _person(role: Role, name: str) -> Person:
    email = f"{name.split()[0].lower()}@example.org"
    return Person(str(uuid5(NAMESPACE_URL, f"{N}users/{email}")), name, email, role)


PEOPLE: tuple[Person, ...] = tuple(_person(role, name) for role, names in _NAMES for name in names.split(", "))
