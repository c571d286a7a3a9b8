"""Surveys, learning activities and nodes, as the platform's demo generators write them (they disagree with each other)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nljctl.catalogue.courseware import Question
from nljctl.catalogue.names import NP, A, N, V
from nljctl.catalogue.samples.dice import new_id
from nljctl.catalogue.samples.frame import PLATFORM, JsonObject, Moment, by_account, by_mbox, extensions
from nljctl.catalogue.samples.subjects import Response, Study, Visit

GENERATORS = ("realistic", "plain", "fake")
DEPARTMENTS = ("Service", "Parts", "Sales", "Body shop")

_GENERAL_VERBS = (V + "interacted", V + "launched", V + "progressed", V + "terminated", "https://w3id.org/xapi/video/verbs/paused")
_INTERACTIONS = {"likert_scale": "likert", "nps": "likert", "rating": "likert", "binary": "true-false", "text": "fill-in"}
_HIGHEST = {"likert_scale": 5, "nps": 10, "rating": 5, "binary": 1}
_TEXTS = ("More practice", "Nothing", "Longer breaks")


def survey_started(response: Response, moment: Moment) -> JsonObject:
    if response.generator == "realistic":
        return _survey(response, moment, V + "experienced", f"{N}content/{response.survey.id}", None)
    return _survey(response, moment, V + "attempted", f"{NP}activities/{response.survey.id}", None)


def survey_answered(response: Response, moment: Moment) -> JsonObject:
    question = response.survey.questions[response.answered % len(response.survey.questions)]
    response.answered += 1
    object_id = {
        "realistic": f"{N}content/{response.survey.id}/question/{question.id}",
        "plain": f"{N}questions/{question.id}",
        "fake": f"{N}activities/{response.survey.id}",
    }[response.generator]
    statement = _survey(response, moment, V + "answered", object_id, _answer(response, question, moment), question)
    statement["object"]["definition"] |= {
        "name": {"en-US": question.title},
        "type": A + ("question" if response.generator == "realistic" else "cmi.interaction"),
    }
    if response.generator == "plain":
        statement["object"]["definition"]["interactionType"] = _INTERACTIONS[question.kind]
    return statement


def survey_completed(response: Response, moment: Moment) -> JsonObject:
    seconds = moment.chance.randint(120, 900)
    if response.generator == "plain":
        return _survey(response, moment, V + "completed", f"{NP}activities/{response.survey.id}", _progress(response, completion=True))
    result = {"completion": True, "duration": f"PT{seconds}S"}
    statement = _survey(response, moment, V + "completed", f"{N}content/{response.survey.id}", result)
    if response.generator == "realistic":
        statement["context"]["extensions"] |= extensions({"questions_answered": len(response.survey.questions), "completion_status": "completed"})
    return statement


def survey_suspended(response: Response, moment: Moment) -> JsonObject:
    return _survey(response, moment, V + "suspended", f"{NP}activities/{response.survey.id}", {"completion": False, "progress": 0.5})


def _progress(response: Response, *, completion: bool) -> JsonObject:
    """Members that an xAPI result does not have."""
    total = len(response.survey.questions)
    return {"completion": completion, "questions_completed": total, "total_questions": total}


def _answer(response: Response, question: Question, moment: Moment) -> JsonObject:
    if question.kind == "text":
        return {"response": moment.chance.choice(_TEXTS), "completion": True}
    highest = _HIGHEST[question.kind]
    lowest = 1 if question.kind in ("likert_scale", "rating") else 0
    raw = moment.chance.randint(lowest, highest)
    scaled = round((raw - lowest) / (highest - lowest), 3)
    if response.generator == "realistic":
        return {"response": str(raw), "completion": True} | ({"score": {"scaled": scaled}} if question.kind in ("likert_scale", "nps") else {})
    if response.generator == "fake":
        return {"success": raw == highest, "score": {"scaled": scaled}, "duration": f"PT{moment.chance.randint(5, 90)}S"}
    return {"response": str(raw), "score": {"raw": raw, "min": lowest, "max": highest, "scaled": scaled}, "completion": True}


def _survey(response: Response, moment: Moment, verb: str, object_id: str, result: JsonObject | None, question: Question | None = None) -> JsonObject:
    context: dict[str, Any] = {"session_id": response.session}
    if question is not None:
        context |= {"question_id": question.id, "question_type": question.kind}
    if response.generator == "realistic":
        context |= {"parent_survey": f"{N}content/{response.survey.id}", "survey_type": "employee_engagement", "platform": PLATFORM}
    elif response.generator == "plain":
        context |= {"parent_survey": response.survey.id, "department": response.department, "location": "Hamburg", "job_level": "technician"}
    else:
        context |= {"activity_type": "survey", "user_role": response.learner.role}
    statement = _statement(moment, by_mbox(response.learner), verb, object_id, response.survey.title, A + "survey", context, result)
    if response.generator == "realistic":
        del statement["version"], statement["actor"]["objectType"]
    return statement


def study(result: Callable[[Moment], JsonObject | None], verb: str | None = None) -> Callable[[Study, Moment], JsonObject]:
    """What a learner does at an activity; without `verb` it is the form's."""

    def write(subject: Study, moment: Moment) -> JsonObject:
        context = {"activity_type": subject.activity.kind, "user_role": subject.learner.role, "session_id": subject.session}
        iri, type_ = f"{N}activities/{subject.activity.id}", f"{N}activitytypes/{subject.activity.kind}"
        return _statement(moment, by_mbox(subject.learner), verb or moment.form.verbs[0], iri, subject.activity.title, type_, context, result(moment))

    return write


def general(subject: Study, moment: Moment) -> JsonObject:
    return study(nothing, moment.chance.choice(_GENERAL_VERBS))(subject, moment)


def nothing(_: Moment) -> None:
    return None


def watched(moment: Moment) -> JsonObject:
    return {"duration": f"PT{moment.chance.randint(30, 600)}S"}


def completed(moment: Moment) -> JsonObject:
    return {"completion": True, **passed(moment)}


def passed(moment: Moment) -> JsonObject:
    return {"success": True, "score": {"scaled": round(moment.chance.uniform(0.7, 1), 2)}, "duration": f"PT{moment.chance.randint(60, 600)}S"}


def failed(moment: Moment) -> JsonObject:
    return {"success": False, "score": {"scaled": round(moment.chance.uniform(0, 0.69), 2)}, "duration": f"PT{moment.chance.randint(60, 600)}S"}


def node(result: Callable[[Moment], JsonObject | None]) -> Callable[[Visit, Moment], JsonObject]:
    """What a learner does at a node. The object is `node://<uuid>` and has no definition."""

    def write(visit: Visit, moment: Moment) -> JsonObject:
        context = {
            "activity_id": visit.activity.id,
            "session_id": visit.session,
            "response_time_ms": moment.chance.randint(800, 30_000),
            "attempts": moment.chance.randint(1, 3),
        }
        statement = _statement(moment, by_account(visit.learner), moment.form.verbs[0], f"node://{visit.node.id}", "", "", context, result(moment))
        del statement["object"]["definition"]
        return statement

    return write


def node_answer(moment: Moment) -> JsonObject:
    right = moment.chance.random() < 0.7
    return {"success": right, "response": moment.chance.choice("abcd"), "score": {"raw": int(right)}}


def _statement(moment: Moment, actor: JsonObject, verb: str, iri: str, title: str, type_: str, context: JsonObject, result: JsonObject | None) -> JsonObject:
    statement: JsonObject = {
        "id": new_id(moment.chance),
        "version": "1.0.3",
        "timestamp": moment.timestamp_z,
        "actor": actor,
        "verb": {"id": verb, "display": {"en-US": verb.rsplit("/", 1)[-1]}},
        "object": {"objectType": "Activity", "id": iri, "definition": {"name": {"en-US": title}, "type": type_}},
    }
    if result is not None:
        statement["result"] = result
    statement["context"] = {"extensions": extensions(context)}
    return statement
