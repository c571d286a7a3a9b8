"""The words that xAPI 1.0.3 reserves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
SIGNATURE: Final = "http://adlnet.gov/expapi/attachments/signature"
IDENTIFIERS: Final = ("mbox", "mbox_sha1sum", "openid", "account")
CONTEXT_ACTIVITIES: Final = ("parent", "grouping", "category", "other")
COMPONENT_LISTS: Final = ("choices", "scale", "source", "target", "steps")
INTERACTION_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
"""Each interaction type with the component lists that it may have (Data 2.4.4.1)."""
