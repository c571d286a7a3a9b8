"""The catalogue: every event of the platform, as one table. Classification and the samples interpret it; adding an event is adding a row.

Where several forms share topic and verb, those with signs are tried before those without. `cancelled` stands beside `voided` because
the repair of a voided Activity makes it so.
"""

from __future__ import annotations

from collections.abc import Mapping

from nljctl.catalogue.event import Event, Form, Mark
from nljctl.catalogue.names import NP, NV, A, N, S, V

_CANCELLED = (V + "voided", NV + "cancelled")
_COURSE, _MEETING, _LESSON, _BADGE = A + "course", A + "meeting", A + "lesson", A + "badge"
_GENERATION, _CONTENT = N + "activities/content-generation", N + "activities/content"
_QUESTION, _SURVEY, _TRAINING, _NODE = A + "cmi.interaction", A + "survey", N + "activitytypes/training", NP + "activitytype/node"
_EXTRACTION, _TAGGING, _BATCH = NP + "activitytype/knowledge-extraction", NP + "activitytype/auto-tagging", NP + "activitytype/batch-auto-tagging"
_XAPI, _LEARNING, _SURVEYS = "xapi-events", "nlj.learning.activities", "nlj.survey.responses"

# Rows of a table are read as rows.
# fmt: off

_OF_A_SURVEY = (Mark("context", "parent_survey"), Mark("context", "survey_type"))
_ANSWER = (
    "parent_survey", "question_id", "question_type", "session_id", "survey_type", "activity_type", "user_role", "platform",
    "question_order", "department", "location", "job_level", "tenure", "generation",
)
_ACTIVITY = ("activity_type", "user_role", "session_id")
_ON_A_NODE = ("activity_id", "session_id", "response_time_ms", "attempts")


def _training() -> tuple[Event, ...]:
    programs, sessions, bookings = "nlj.training.programs", "nlj.training.sessions", "nlj.training.bookings"
    attendance, pair = "nlj.training.attendance", "{session}:{learner}"
    of_session, of_booking = (Mark("object", N + "training-sessions/"),), (Mark("object", N + "training-bookings/"),)
    confirmed = (Mark("context", "confirmation_method"), Mark("context", "confirmed_by"))
    attended = (Mark("context", "completion_percentage"), Mark("context", "duration_minutes"), Mark("member", "completion"))
    times, notice = ("start_time", "end_time", "location", "capacity", "instructor_id"), ("program_id", "cancelled_at", "notify_learners")
    return (
        Event("program.created", programs, "training", aggregate="program", forms=(
            Form(None, (V + "authored",), _COURSE, "{program}", ("learning_objectives", "prerequisites")),
        )),
        Event("program.published", programs, "training", aggregate="program", forms=(
            Form("old", (V + "shared",), _COURSE, "{program}", ("target_audience",)),
            Form("new", (V + "published",), _COURSE, "{program}", ("target_audience", "session_count")),
        )),
        Event("session.scheduled", sessions, "training", aggregate="session", forms=(
            Form("old", (S + "schedule",), _MEETING, "{session}", ("program_id", *times)),
            Form("new", (V + "scheduled",), _LESSON, "{session}", ("session_date", "session_time", "location", "max_participants")),
        )),
        Event("session.cancelled", sessions, "training", aggregate="session", forms=(
            Form("new", _CANCELLED, _LESSON, "{session}", notice, ("cancellation_reason",), when=(Mark("result", "cancellation_reason"),)),
            Form("old", _CANCELLED, _MEETING, "{session}", (*notice, "cancellation_reason")),
        )),
        Event("booking.requested", bookings, "training", aggregate="session", forms=(
            Form("old", (V + "asked",), _MEETING, pair, ("booking_id", "registration_method", "special_requirements")),
            Form("new", (V + "registered",), _LESSON, "{booking}", ("booking_id", "special_requirements")),
        )),
        Event("booking.confirmed", bookings, "training", aggregate="session", forms=(
            Form("old", (V + "registered",), _MEETING, pair, ("booking_id", "confirmation_method", "confirmed_by"), when=confirmed),
            Form("new", (V + "approved",), _LESSON, "{booking}", ("booking_id", "confirmation_method")),
        )),
        Event("booking.waitlisted", bookings, "training", aggregate="session", forms=(
            Form("old", (NV + "waitlisted",), _MEETING, pair, ("booking_id", "waitlist_position"), when=of_session),
            Form("new", (NV + "waitlisted",), _LESSON, "{booking}", ("booking_id", "waitlist_position"), when=of_booking),
        )),
        Event("booking.cancelled", bookings, "training", aggregate="session", forms=(
            Form("old", _CANCELLED, _MEETING, pair, ("booking_id", "cancelled_by", "cancellation_reason", "refund_issued"), when=of_session),
            Form("new", _CANCELLED, _LESSON, "{booking}", ("cancelled_by", "cancellation_reason", "refund_issued"), when=of_booking),
        )),
        Event("attendance.checked_in", attendance, "training", aggregate="session", forms=(
            Form("old", (NV + "checked-in",), _MEETING, pair, ("check_in_time", "check_in_method")),
            Form("new", (V + "attended",), _LESSON, pair, ("check_in_time", "check_in_method")),
        )),
        Event("attendance.completed", attendance, "training", aggregate="session", forms=(
            Form("old", (V + "attended",), _MEETING, pair, ("completion_percentage", "duration_minutes"), when=attended),
            Form("new", (V + "completed",), _LESSON, pair, (), ("completion_status", "attendance_percentage")),
        )),
        Event("certificate.earned", "nlj.training.certificates", "training", aggregate="session", forms=(
            Form(None, (V + "earned",), _BADGE, "{program}:{learner}", ("program_id", "session_id", "completion_date", "expiry_date", "certificate_url"),
                 new_key="{certificate}"),
        )),
        Event("session.conflict", "nlj.training.conflicts", "training", forms=(
            Form(None, (NV + "detected",), N + "activities/scheduling-conflict", "{conflict}", (
                "conflict_id", "conflict_type", "conflicting_sessions", "conflict_details", "severity", "requires_resolution",
            )),
        )),
    )


def _content() -> tuple[Event, ...]:
    topic, key, of = "nlj.content.generation", "{generation}", ("session_id", "session_title", "event_type", "generation_status")

    def event(name: str, verb: str, old: tuple[str, ...], result: tuple[str, ...], new: tuple[str, ...], *, spelled: str = "", effects: bool = True) -> Event:
        status = (Mark("status", "generation_status", frozenset({name, spelled or name})),)
        return Event(f"content.generation.{name}", topic, "content", aggregate="generation" if effects else None, forms=(
            Form("old", (V + "authored",), _GENERATION, key, old, ("generation_status", *result), when=status),
            Form("new", (V + verb,), _GENERATION, key, of, new, when=status),
        ))

    def change(name: str, context: tuple[str, ...], result: tuple[str, ...] = ()) -> Event:
        return Event(f"content.generation.{name}", topic, "content", (Form("old", (V + name,), _GENERATION, key, context, result),))

    why, step = ("error_message", "error_type"), ("progress_percentage", "current_step")
    return (
        event("requested", "requested", ("source_document_ids", "prompt_config"), (), ("content_type", "prompt", "source_documents")),
        event("started", "launched", (), (), ("content_type", "estimated_duration")),
        event("progress", "progressed", (), step, step, spelled="progressing", effects=False),
        event("failed", "failed", why, (), (*why, "duration_seconds")),
        event("completed", "completed", (), ("generated_content_size",), ("content_id", "duration_seconds", "tokens_used")),
        change("modified", ("modification_type", "modification_description")),
        change("imported", ("import_source", "import_type", "imported_items_count")),
        change("reviewed", ("reviewer_comments",), ("review_status",)),
    )


def _learning() -> tuple[Event, ...]:
    def survey(name: str, verbs: tuple[str, ...], type_: str, context: tuple[str, ...]) -> Event:
        return Event(f"survey.{name}", _SURVEYS, "survey", (
            Form(None, verbs, type_, None, context),
            Form(None, verbs, type_, "{statement}", context, when=_OF_A_SURVEY, topics=(_XAPI,)),
        ))

    both = (_LEARNING, _XAPI)
    return (
        survey("started", (V + "experienced", V + "attempted", S + "start"), _SURVEY, _ANSWER),
        survey("answered", (V + "answered",), _QUESTION, _ANSWER),
        survey("completed", (V + "completed",), _SURVEY, (*_ANSWER, "questions_answered", "completion_status")),
        survey("suspended", (V + "suspended",), _SURVEY, _ANSWER),
        Event("learning.experienced", _LEARNING, "statements", (Form(None, (V + "experienced",), _TRAINING, None, _ACTIVITY, topics=both),)),
        Event("learning.completed", _LEARNING, "statements", (Form(None, (V + "completed",), _TRAINING, None, _ACTIVITY, topics=both),)),
        Event("statement.attempted", _XAPI, "statements", (Form(None, (V + "attempted",), _TRAINING, None, _ACTIVITY, topics=both),)),
        Event("statement.passed", _XAPI, "statements", (Form(None, (V + "passed",), _TRAINING, None, _ACTIVITY, topics=both),)),
        Event("statement.failed", _XAPI, "statements", (Form(None, (V + "failed",), _TRAINING, None, _ACTIVITY, topics=both),)),
        Event("statement.general", _XAPI, "statements", (Form(None, ("*",), _TRAINING, None, _ACTIVITY, topics=both),)),
    )


def _knowledge() -> tuple[Event, ...]:
    extraction, tagging, manual = "nlj.knowledge.extraction", "nlj.auto.tagging", "nlj.manual.tagging"

    def extracted(name: str, verb: str) -> Event:
        return Event(f"knowledge.extraction.{name}", extraction, "knowledge", (Form(None, (V + verb,), _EXTRACTION, "{extraction}"),))

    def batch(name: str, verb: str) -> Event:
        return Event(f"tagging.batch.{name}", tagging, "tagging", (Form(None, (V + verb,), _BATCH, "{batch}", when=(Mark("type", _BATCH),)),))

    of_tagging = (Mark("type", _TAGGING),)
    return (
        extracted("started", "launched"),
        extracted("progress", "progressed"),
        extracted("completed", "completed"),
        extracted("failed", "failed"),
        batch("started", "launched"),
        batch("progress", "progressed"),
        batch("completed", "completed"),
        Event("tagging.auto.started", tagging, "tagging", (
            Form("old", (V + "launched",), _TAGGING, "{tagging}", when=(Mark("definition", "tagging_id"),)),
            Form("new", (V + "launched",), _TAGGING, "{tagging}", when=of_tagging),
        )),
        Event("tagging.auto.completed", tagging, "tagging", (Form(None, (V + "completed",), _NODE, "{node}", when=(Mark("type", _NODE),)),)),
        Event("tagging.suggestion.approved", tagging, "tagging", (
            Form(None, (V + "approved",), NP + "activitytype/tag-suggestions", "{node}", topics=(tagging, manual)),
        )),
    )


def _nodes_and_workflow() -> tuple[Event, ...]:
    def node(name: str, *verbs: str) -> Event:
        return Event(f"node.{name}", "nlj.node.interactions", "node", (Form(None, verbs, "", None, _ON_A_NODE),), aggregate="node")

    def workflow(name: str, topic: str, verb: str, context: tuple[str, ...], result: tuple[str, ...]) -> Event:
        return Event(f"workflow.{name}", topic, "workflow", (Form("new", (verb,), _CONTENT, "{workflow}", ("workflow_id", *context), result),))

    reviewer = ("reviewer_id", "reviewer_name")
    return (
        node("answered", V + "answered", "*answered", "*responded"),
        node("experienced", V + "experienced", "*experienced", "*visited"),
        node("completed", V + "completed", "*completed"),
        node("skipped", NV + "skipped", "*skipped"),
        workflow("submitted", "nlj.workflow.submission", V + "submitted", (), ("comments", "version_number")),
        workflow("approved", "nlj.workflow.approval", V + "approved", reviewer, ("comments", "version_number")),
        workflow("rejected", "nlj.workflow.rejection", V + "rejected", reviewer, ("rejection_reason", "comments")),
        workflow("revision_requested", "nlj.workflow.revision", NV + "requested-revision", reviewer, ("revision_notes", "feedback_areas")),
        Event("workflow.published", "nlj.content.publication", "workflow", (
            Form("new", (V + "published",), _CONTENT, "{content}", ("workflow_id",), ("version_number",)),
        )),
    )

# fmt: on

EVENTS: tuple[Event, ...] = (*_training(), *_content(), *_learning(), *_knowledge(), *_nodes_and_workflow())
"""In an order in which each event's parents come before it."""

BY_NAME: Mapping[str, Event] = {event.name: event for event in EVENTS}
