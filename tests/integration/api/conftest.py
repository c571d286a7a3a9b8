"""A stack whose API has both keys, over statements that a consumer stored."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from api_world import Api
from stacks import new_stack


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """Faststream owns everything and has stored 400 events; a comparison was made."""
    token, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    with new_stack(NLJCTL_API_TOKEN=token, SECRET_KEY=secret) as stack:
        address = stack.up("faststream").document["endpoints"]["api"]
        sent = stack.run(
            "publish-test", "--event", "all", "--count", "400", "--invalid", "3", "--seed", "7", "--wait", "processed", "--timeout", "120", "--json"
        )
        assert sent.code == 0, sent.stdout + sent.stderr
        compared = stack.run("compare-legacy", "--json")
        assert compared.code in (0, 1), compared.stdout + compared.stderr
        yield Api(stack, address, token, secret)
