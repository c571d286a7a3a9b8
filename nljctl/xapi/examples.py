"""What the examples of `rules.py` are made of: a plain statement, and properties to put over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MBOX = "mailto:ada@example.org"
ADA: Final = {"mbox": MBOX}
UUID = "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10"
IRI = "https://example.org/quiz"
SHA1, SHA2 = "cd9b00a5611f94eaa7b1661edab976068e364975", "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"
FILE: Final = {"usageType": "https://example.org/essay", "display": {"en": "Essay"}, "contentType": "text/plain", "length": 27, "sha2": SHA2}
SIGNATURE: Final = {**FILE, "usageType": "http://adlnet.gov/expapi/attachments/signature"}
SUB: Final = {"objectType": "SubStatement", "actor": ADA, "verb": {"id": "https://example.org/did"}, "object": {"id": IRI}}
REF: Final = {"objectType": "StatementRef", "id": UUID}
VOIDED: Final = {"id": "http://adlnet.gov/expapi/verbs/voided"}

PLAIN: Final[Mapping[str, Any]] = {"actor": ADA, "verb": {"id": "https://example.org/answered"}, "object": {"id": IRI}}
"""The statement that examples are put over."""


def account(**account: Any) -> dict[str, Any]:
    return {"actor": {"account": account}}


def group(**group: Any) -> dict[str, Any]:
    return {"actor": {"objectType": "Group", **group}}


def activity(**definition: Any) -> dict[str, Any]:
    return {"object": {"id": IRI, "definition": definition}}


def interaction(type_: Any, **more: Any) -> dict[str, Any]:
    return activity(interactionType=type_, **more)


def result(**result: Any) -> dict[str, Any]:
    return {"result": result}


def score(**score: Any) -> dict[str, Any]:
    return {"result": {"score": score}}


def context(**context: Any) -> dict[str, Any]:
    return {"context": context}


def attached(**changes: Any) -> dict[str, Any]:
    return {"attachments": [{**FILE, **changes}]}


def sub(**changes: Any) -> dict[str, Any]:
    return {"object": {key: value for key, value in {**SUB, **changes}.items() if value is not None}}


def example(over: Mapping[str, Any]) -> dict[str, Any]:
    """The plain statement with these properties put over it; None takes one away."""
    return {name: value for name, value in {**PLAIN, **over}.items() if value is not None}
