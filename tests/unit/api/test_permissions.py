"""Who may see what."""

from __future__ import annotations

import pytest

from nljctl.api.access import OPERATOR, Permission, user


@pytest.mark.parametrize(
    ("role", "view", "admin"),
    [
        ("ADMIN", True, True),
        ("CREATOR", True, False),
        ("REVIEWER", True, False),
        ("APPROVER", True, False),
        ("LEARNER", False, False),
        ("PLAYER", False, False),
        ("SOMETHING-NEW", False, False),
    ],
)
def test_a_role_decides_what_may_be_seen(role: str, view: bool, admin: bool) -> None:
    caller = user("a@example.org", role)
    assert (caller.may(Permission.VIEW), caller.may(Permission.ADMIN)) == (view, admin)


def test_a_learner_sees_their_own_data_however_the_address_is_spelt() -> None:
    assert user("Ada@Example.org", "LEARNER").may_see("ada@example.ORG")


@pytest.mark.parametrize("role", ["LEARNER", "CREATOR"])
def test_another_learners_data_is_for_administrators(role: str) -> None:
    assert not user("ada@example.org", role).may_see("ben@example.org")
    assert user("ruth@example.org", "ADMIN").may_see("ben@example.org")


def test_the_operator_may_everything() -> None:
    assert OPERATOR.may(Permission.ADMIN)
    assert OPERATOR.may_see("anybody@example.org")
