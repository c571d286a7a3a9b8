"""How each event is written, by event and producer contract (None: both write the same)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nljctl.catalogue.event import Contract
from nljctl.catalogue.samples import content, knowledge, learning, training
from nljctl.catalogue.samples.frame import JsonObject, Moment

Shape = Callable[[Any, Moment], JsonObject]
"""Writes what the event says of its subject; of which kind the subject is, `world.KINDS` says."""

_GENERATION = "content.generation."

SHAPES: Mapping[tuple[str, Contract | None], Shape] = {
    ("program.created", None): training.program_created,
    ("program.published", "old"): training.program_published_old,
    ("program.published", "new"): training.program_published_new,
    ("session.scheduled", "old"): training.session_scheduled_old,
    ("session.scheduled", "new"): training.session_scheduled_new,
    ("session.cancelled", "old"): training.session_cancelled_old,
    ("session.cancelled", "new"): training.session_cancelled_new,
    ("booking.requested", "old"): training.booking_requested_old,
    ("booking.requested", "new"): training.booking_requested_new,
    ("booking.confirmed", "old"): training.booking_confirmed_old,
    ("booking.confirmed", "new"): training.booking_confirmed_new,
    ("booking.waitlisted", "old"): training.booking_waitlisted_old,
    ("booking.waitlisted", "new"): training.booking_waitlisted_new,
    ("booking.cancelled", "old"): training.booking_cancelled_old,
    ("booking.cancelled", "new"): training.booking_cancelled_new,
    ("attendance.checked_in", "old"): training.checked_in,
    ("attendance.checked_in", "new"): training.checked_in,
    ("attendance.completed", "old"): training.attendance_completed_old,
    ("attendance.completed", "new"): training.attendance_completed_new,
    ("certificate.earned", None): training.certificate_earned,
    ("session.conflict", None): training.session_conflict,
    (_GENERATION + "requested", "old"): content.old("requested", context=content.requested_context),
    (_GENERATION + "requested", "new"): content.new("requested", "content_generation_requested", content.requested_result),
    (_GENERATION + "started", "old"): content.old("started"),
    (_GENERATION + "started", "new"): content.new("started", "content_generation_started", content.started_result),
    (_GENERATION + "progress", "old"): content.old("progressing", more=content.step),
    (_GENERATION + "progress", "new"): content.new("progressing", "content_generation_progress", content.step),
    (_GENERATION + "completed", "old"): content.old("completed", more=content.size, success=True),
    (_GENERATION + "completed", "new"): content.new("completed", "content_generation_completed", content.completed_result, completion=True),
    (_GENERATION + "failed", "old"): content.old("failed", context=content.failure, success=False),
    (_GENERATION + "failed", "new"): content.new("failed", "content_generation_failed", content.failed_result),
    (_GENERATION + "modified", "old"): content.change(content.modified_context),
    (_GENERATION + "imported", "old"): content.change(content.imported_context),
    (_GENERATION + "reviewed", "old"): content.change(content.comments, content.review_status),
    ("survey.started", None): learning.survey_started,
    ("survey.answered", None): learning.survey_answered,
    ("survey.completed", None): learning.survey_completed,
    ("survey.suspended", None): learning.survey_suspended,
    ("learning.experienced", None): learning.study(learning.watched),
    ("learning.completed", None): learning.study(learning.completed),
    ("statement.attempted", None): learning.study(learning.nothing),
    ("statement.passed", None): learning.study(learning.passed),
    ("statement.failed", None): learning.study(learning.failed),
    ("statement.general", None): learning.general,
    ("knowledge.extraction.started", None): knowledge.extraction("knowledge_extraction_started", knowledge.nothing),
    ("knowledge.extraction.progress", None): knowledge.extraction("knowledge_extraction_progress", knowledge.progress),
    ("knowledge.extraction.completed", None): knowledge.extraction("knowledge_extraction_completed", knowledge.extracted),
    ("knowledge.extraction.failed", None): knowledge.extraction("knowledge_extraction_failed", knowledge.not_extracted),
    ("tagging.batch.started", None): knowledge.batch("batch_auto_tagging_started", knowledge.nothing),
    ("tagging.batch.progress", None): knowledge.batch("batch_auto_tagging_progress", knowledge.progress),
    ("tagging.batch.completed", None): knowledge.batch("batch_auto_tagging_completed", knowledge.batch_completed),
    ("tagging.auto.started", "old"): knowledge.tagging_started_old,
    ("tagging.auto.started", "new"): knowledge.tagging_started_new,
    ("tagging.auto.completed", None): knowledge.tagging_completed,
    ("tagging.suggestion.approved", None): knowledge.suggestion_approved,
    ("node.answered", None): learning.node(learning.node_answer),
    ("node.experienced", None): learning.node(learning.watched),
    ("node.completed", None): learning.node(learning.completed),
    ("node.skipped", None): learning.node(learning.nothing),
    ("workflow.submitted", "new"): content.review(comments="Please review", version_number=None),
    ("workflow.approved", "new"): content.review(comments="Good", version_number=None),
    ("workflow.rejected", "new"): content.review(rejection_reason="Out of date", comments="See the new manual"),
    ("workflow.revision_requested", "new"): content.review(revision_notes="Shorten it", feedback_areas=["length", "pictures"]),
    ("workflow.published", "new"): content.review(version_number=None),
}
