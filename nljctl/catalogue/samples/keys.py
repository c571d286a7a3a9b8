"""The message key of a sample: the form's template, filled with the ids that the statement is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nljctl.catalogue.names import X
from nljctl.catalogue.samples.frame import JsonObject, Moment
from nljctl.catalogue.samples.subjects import Batch, Booking, Extraction, Generation, Program, Review, Session, Tagging

_IDS: Mapping[type, Callable[[Any], Mapping[str, str]]] = {
    Program: lambda subject: {"program": subject.id},
    Session: lambda subject: {"session": subject.id},
    Booking: lambda subject: {
        "booking": subject.id,
        "session": subject.session.id,
        "learner": subject.learner.id,
        "program": subject.session.program.id,
    },
    Generation: lambda subject: {"generation": subject.id},
    Extraction: lambda subject: {"extraction": subject.id},
    Batch: lambda subject: {"batch": subject.id},
    Tagging: lambda subject: {"tagging": subject.id, "node": subject.node.id},
    Review: lambda subject: {"workflow": subject.id, "content": subject.content},
}


def key(subject: Any, statement: JsonObject, moment: Moment) -> str | None:
    """The key, or None for records without one."""
    form = moment.form
    template = form.new_key if moment.producer == "new" and form.new_key else form.key
    if template is None:
        return None
    ids = dict(_IDS[type(subject)](subject)) if type(subject) in _IDS else {}
    ids["statement"] = statement["id"]
    ids["certificate"] = statement["object"]["id"].rsplit("/", 1)[-1]
    ids["conflict"] = statement["context"].get("extensions", {}).get(X + "conflict_id", "")
    return template.format(**ids)
