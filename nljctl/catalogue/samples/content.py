"""Content generation and the approval workflow, as their producers write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nljctl.catalogue.names import N
from nljctl.catalogue.samples.dice import new_id
from nljctl.catalogue.samples.frame import JsonObject, Moment, both_identifiers, extensions, frame
from nljctl.catalogue.samples.subjects import Generation, Review

_PROMPT = "Write six questions on high-voltage isolation."
_TOO_LONG = {"error_message": "The model's answer was cut off", "error_type": "max_tokens"}
_Extensions = Callable[[Moment], Mapping[str, Any]]


def _nothing(_: Moment) -> Mapping[str, Any]:
    return {}


def old(
    status: str, *, context: _Extensions = _nothing, more: _Extensions = _nothing, success: bool | None = None
) -> Callable[[Generation, Moment], JsonObject]:
    """One state as the old producer writes it: always `authored`, the status among the result's extensions."""

    def write(generation: Generation, moment: Moment) -> JsonObject:
        result: JsonObject = {"extensions": extensions({"generation_status": status, **more(moment)})}
        if success is not None:
            result.update(completion=success, success=success)
        return _of_generation(generation, moment, status, context(moment), result)

    return write


def new(status: str, event_type: str, more: _Extensions, *, completion: bool | None = None) -> Callable[[Generation, Moment], JsonObject]:
    """The same from the new producer: a verb of its own, the status among the context's extensions."""

    def write(generation: Generation, moment: Moment) -> JsonObject:
        context = {"session_id": generation.id, "session_title": generation.title, "event_type": event_type, "generation_status": status}
        result: JsonObject = {"extensions": extensions(more(moment))}
        if completion is not None:
            result["completion"] = completion
        return _of_generation(generation, moment, None, context, result)

    return write


def change(context: _Extensions, more: _Extensions | None = None) -> Callable[[Generation, Moment], JsonObject]:
    """What people do with generated content; it has no status."""

    def write(generation: Generation, moment: Moment) -> JsonObject:
        return _of_generation(generation, moment, None, context(moment), None if more is None else {"extensions": extensions(more(moment))})

    return write


def _of_generation(generation: Generation, moment: Moment, display: str | None, context: Mapping[str, Any], result: JsonObject | None) -> JsonObject:
    iri = f"{N}content-generation-sessions/{generation.id}"
    actor = both_identifiers(generation.user)
    return frame(moment, actor, iri, generation.title, display=display, description="Content generation session", context=context, result=result)


def review(**results: Any) -> Callable[[Review, Moment], JsonObject]:
    """A step of the workflow; every one but the author's own names its reviewer."""

    def write(subject: Review, moment: Moment) -> JsonObject:
        by_author = "reviewer_id" not in moment.form.context
        person = subject.author if by_author else subject.reviewer
        context = {"workflow_id": subject.id} | ({} if by_author else {"reviewer_id": person.id, "reviewer_name": person.name})
        said = {name: subject.version if name == "version_number" else value for name, value in results.items()}
        result = {"extensions": extensions(said)}
        return frame(moment, both_identifiers(person), f"{N}content/{subject.content}", subject.title, context=context, result=result)

    return write


def requested_context(moment: Moment) -> Mapping[str, Any]:
    return {
        "source_document_ids": [new_id(moment.chance)],
        "prompt_config": {"generated_prompt_text": _PROMPT, "generation_type": moment.chance.choice(("scenario", "quiz"))},
    }


def requested_result(moment: Moment) -> Mapping[str, Any]:
    return {"content_type": "quiz", "prompt": _PROMPT, "source_documents": [new_id(moment.chance)]}


def started_result(_: Moment) -> Mapping[str, Any]:
    return {"content_type": "quiz", "estimated_duration": 90}


def step(moment: Moment) -> Mapping[str, Any]:
    return {"progress_percentage": moment.chance.choice((25, 50, 75)), "current_step": "Calling the language model"}


def size(moment: Moment) -> Mapping[str, Any]:
    return {"generated_content_size": moment.chance.randint(4_000, 40_000)}


def completed_result(moment: Moment) -> Mapping[str, Any]:
    return {"content_id": new_id(moment.chance), "duration_seconds": moment.chance.randint(20, 180), "tokens_used": moment.chance.randint(1_000, 8_000)}


def failure(_: Moment) -> Mapping[str, Any]:
    return _TOO_LONG


def failed_result(moment: Moment) -> Mapping[str, Any]:
    return {**_TOO_LONG, "duration_seconds": moment.chance.randint(20, 180)}


def modified_context(moment: Moment) -> Mapping[str, Any]:
    kind = moment.chance.choice(("manual_edit", "flow_editor_change", "regeneration", "parameter_update", "state_change"))
    return {"modification_type": kind, "modification_description": "Reworded the second question"}


def imported_context(moment: Moment) -> Mapping[str, Any]:
    return {"import_source": "questions.xlsx", "import_type": "trivie_excel", "imported_items_count": moment.chance.randint(5, 60)}


def comments(_: Moment) -> Mapping[str, Any]:
    return {"reviewer_comments": "Reads well; check the torque value"}


def review_status(moment: Moment) -> Mapping[str, Any]:
    return {"review_status": moment.chance.choice(("approved", "rejected", "needs_revision", "pending"))}
