"""What the planted differences are worth: an alteration changes the digest, a disguise does not."""

from __future__ import annotations

import pytest
from planted import ALTERATIONS, DISGUISES, changed, rich

from nljctl.judge import document_digests


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_another_content(name: str) -> None:
    assert document_digests(changed(rich(1), ALTERATIONS[name])).digest != document_digests(rich(1)).digest


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_is_another_document_of_the_same_content(name: str) -> None:
    disguised = changed(rich(1), DISGUISES[name])
    assert disguised != rich(1) or name == "notation of a number"
    assert document_digests(disguised).digest == document_digests(rich(1)).digest
