"""Knowledge extraction and tagging, as their services write them: no version, bare words as extension keys, `event_type` beside the statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nljctl.catalogue.samples.dice import new_id
from nljctl.catalogue.samples.frame import JsonObject, Moment, by_mbox, extraction_service
from nljctl.catalogue.samples.subjects import Batch, Extraction, Tagging

_EXTRACTION_SYSTEM, _TAGGING_SYSTEM = "NLJ Knowledge Extraction System", "NLJ Auto Tagging System"
_FAILURE = {"error_message": "The model did not answer", "items_processed": 0}
_FOUND = {"objectives_extracted": 3, "keywords_extracted": 8, "objectives_created": 2, "keywords_created": 5, "objectives_matched": 1, "keywords_matched": 3}

Result = Callable[[Moment], JsonObject | None]


def extraction(event_type: str, result: Result) -> Callable[[Extraction, Moment], JsonObject]:
    def write(subject: Extraction, moment: Moment) -> JsonObject:
        about = {"extraction_id": subject.id, "extraction_type": "node", "target_id": subject.node.id, "target_count": 1}
        actor = extraction_service() if event_type.endswith("progress") else by_mbox(subject.user)
        return _statement(
            moment, event_type, actor, f"nlj://knowledge-extraction/{subject.id}", "Extraction of one node", about, result(moment), _EXTRACTION_SYSTEM
        )

    return write


def batch(event_type: str, result: Result) -> Callable[[Batch, Moment], JsonObject]:
    def write(subject: Batch, moment: Moment) -> JsonObject:
        about = {"batch_id": subject.id, "node_count": subject.nodes}
        actor = extraction_service() if event_type.endswith("progress") else by_mbox(subject.user)
        return _statement(moment, event_type, actor, f"nlj://batch-auto-tagging/{subject.id}", "Tagging of a batch", about, result(moment), _TAGGING_SYSTEM)

    return write


def tagging_started_old(subject: Tagging, moment: Moment) -> JsonObject:
    about = {"tagging_strategy": subject.strategy, "target_node_id": subject.node.id, "tagging_id": subject.id, "batch_size": 1}
    return _tagging(subject, moment, about)


def tagging_started_new(subject: Tagging, moment: Moment) -> JsonObject:
    return _tagging(subject, moment, {"tagging_strategy": subject.strategy, "node_id": subject.node.id, "batch_size": 1})


def _tagging(subject: Tagging, moment: Moment, about: JsonObject) -> JsonObject:
    iri = f"nlj://auto-tagging/{subject.id}"
    return _statement(moment, "auto_tagging_started", by_mbox(subject.user), iri, "Tagging of one node", about, None, _TAGGING_SYSTEM)


def tagging_completed(subject: Tagging, moment: Moment) -> JsonObject:
    quality = moment.chance.choice(("high", "medium", "low", "uncertain"))
    found = {"tagging_quality": quality, "objectives_added": moment.chance.randint(0, 4), "keywords_added": moment.chance.randint(0, 9)}
    result = {"completion": True, "score": {"scaled": round(moment.chance.random(), 2)}, "extensions": found}
    iri = f"nlj://node/{subject.node.id}"
    return _statement(moment, "auto_tagging_completed", by_mbox(subject.user), iri, subject.node.title, {}, result, _TAGGING_SYSTEM)


def suggestion_approved(subject: Tagging, moment: Moment) -> JsonObject:
    result = {"success": True, "extensions": {"approved_count": moment.chance.randint(1, 6), "rejected_count": moment.chance.randint(0, 3)}}
    iri = f"nlj://node/{subject.node.id}/tag-suggestions"
    return _statement(moment, "tag_suggestion_approved", by_mbox(subject.user), iri, subject.node.title, {}, result, _TAGGING_SYSTEM)


def nothing(_: Moment) -> None:
    return None


def progress(moment: Moment) -> JsonObject:
    done = moment.chance.choice((25, 50, 75))
    counted = {"progress_percentage": done, "current_step": "Reading", "items_processed": done // 25, "items_total": 4}
    return {"score": {"scaled": done / 100}, "extensions": {**counted, "objectives_extracted": 2, "keywords_extracted": 5}}


def extracted(moment: Moment) -> JsonObject:
    return {"completion": True, "success": True, "duration": f"PT{moment.chance.randint(5, 90)}S", "extensions": dict(_FOUND)}


def not_extracted(_: Moment) -> JsonObject:
    return {"completion": False, "success": False, "response": str(_FAILURE["error_message"]), "extensions": dict(_FAILURE)}


def batch_completed(moment: Moment) -> JsonObject:
    rate = round(moment.chance.uniform(0.6, 1), 2)
    return {"completion": True, "success": rate >= 0.8, "duration": f"PT{moment.chance.randint(30, 600)}S", "extensions": {"success_rate": rate}}


def _statement(
    moment: Moment, event_type: str, actor: JsonObject, iri: str, title: str, about: JsonObject, result: JsonObject | None, platform: str
) -> JsonObject:
    definition: dict[str, Any] = {"name": {"en-US": title}, "type": moment.form.type}
    if about:
        definition["extensions"] = about
    verb = moment.form.verbs[0]
    statement: JsonObject = {
        "id": new_id(moment.chance),
        "event_type": event_type,
        "timestamp": moment.timestamp,
        "actor": actor,
        "verb": {"id": verb, "display": {"en-US": verb.rsplit("/", 1)[-1]}},
        "object": {"id": iri, "definition": definition},
    }
    if result is not None:
        statement["result"] = result
    statement["context"] = {"platform": platform, "language": "en-US"}
    return statement
