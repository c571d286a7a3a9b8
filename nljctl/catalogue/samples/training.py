"""Programs, sessions, bookings, attendance, certificates: as both producer contracts write them."""

from __future__ import annotations

from nljctl.catalogue.names import N
from nljctl.catalogue.samples.dice import new_id
from nljctl.catalogue.samples.frame import JsonObject, Moment, both_identifiers, extensions, frame, system
from nljctl.catalogue.samples.subjects import Booking, Program, Session

_REASONS = ("instructor ill", "too few learners", "room not available")
_TRAINING_SYSTEM = system("Training System")


def _program(program: Program) -> str:
    return f"{N}training-programs/{program.id}"


def _session(session: Session) -> str:
    return f"{N}training-sessions/{session.id}"


def _booking(booking: Booking) -> str:
    return f"{N}training-bookings/{booking.id}"


def program_created(program: Program, moment: Moment) -> JsonObject:
    context = {"learning_objectives": [f"Explain {program.title.lower()}", "Work safely"], "prerequisites": program.prerequisites}
    description = f"{program.title}, for the workshop"
    return frame(moment, both_identifiers(program.creator), _program(program), program.title, description=description, context=context)


def program_published_old(program: Program, moment: Moment) -> JsonObject:
    return frame(moment, both_identifiers(program.creator), _program(program), program.title, context={"target_audience": "all"})


def program_published_new(program: Program, moment: Moment) -> JsonObject:
    context = {"target_audience": "all", "session_count": program.sessions}
    return frame(moment, both_identifiers(program.creator), _program(program), program.title, context=context)


def session_scheduled_old(session: Session, moment: Moment) -> JsonObject:
    context = {
        "program_id": session.program.id,
        "start_time": session.start.isoformat(),
        "end_time": session.end.isoformat(),
        "location": session.location,
        "capacity": session.capacity,
        "instructor_id": session.instructor.id if session.instructor else None,
    }
    return frame(moment, both_identifiers(session.program.creator), _session(session), session.program.title, display="scheduled", context=context)


def session_scheduled_new(session: Session, moment: Moment) -> JsonObject:
    """Names the program as `context.parent`, which is no xAPI property."""
    context = {
        "session_date": session.start.date().isoformat(),
        "session_time": session.start.strftime("%H:%M"),
        "location": session.location,
        "max_participants": session.capacity,
    }
    statement = frame(moment, both_identifiers(session.program.creator), _session(session), session.program.title, context=context)
    statement["context"]["parent"] = {"id": _program(session.program)}
    return statement


def session_cancelled_old(session: Session, moment: Moment) -> JsonObject:
    """A voided Activity: xAPI keeps that verb for statements."""
    context = {
        "program_id": session.program.id,
        "cancellation_reason": moment.chance.choice(_REASONS),
        "cancelled_at": moment.timestamp,
        "notify_learners": True,
    }
    return frame(moment, both_identifiers(session.program.creator), _session(session), session.program.title, display="cancelled", context=context)


def session_cancelled_new(session: Session, moment: Moment) -> JsonObject:
    context = {"program_id": session.program.id, "cancelled_at": moment.timestamp, "notify_learners": True}
    result = {"extensions": extensions({"cancellation_reason": moment.chance.choice(_REASONS)})}
    actor = both_identifiers(session.program.creator)
    return frame(moment, actor, _session(session), session.program.title, display="cancelled", context=context, result=result)


def booking_requested_old(booking: Booking, moment: Moment) -> JsonObject:
    context = {"booking_id": booking.id, "registration_method": "online", "special_requirements": moment.chance.choice(({}, {"diet": "vegetarian"}))}
    return _of_learner(booking, moment, context)


def booking_requested_new(booking: Booking, moment: Moment) -> JsonObject:
    return _of_learner(booking, moment, {"booking_id": booking.id, "special_requirements": moment.chance.choice(("", "vegetarian"))})


def booking_confirmed_old(booking: Booking, moment: Moment) -> JsonObject:
    return _of_learner(booking, moment, {"booking_id": booking.id, "confirmation_method": "automatic", "confirmed_by": "system"})


def booking_confirmed_new(booking: Booking, moment: Moment) -> JsonObject:
    context = {"booking_id": booking.id, "confirmation_method": "automatic"}
    return frame(moment, _TRAINING_SYSTEM, _booking(booking), booking.session.program.title, context=context)


def booking_waitlisted_old(booking: Booking, moment: Moment) -> JsonObject:
    return _of_learner(booking, moment, {"booking_id": booking.id, "waitlist_position": booking.position or 1})


def booking_waitlisted_new(booking: Booking, moment: Moment) -> JsonObject:
    context = {"booking_id": booking.id, "waitlist_position": booking.position or 1}
    return frame(moment, _TRAINING_SYSTEM, _booking(booking), booking.session.program.title, context=context)


def _cancellation(booking: Booking) -> JsonObject:
    return {"cancelled_by": booking.learner.id, "cancellation_reason": "learner_request", "refund_issued": False}


def booking_cancelled_old(booking: Booking, moment: Moment) -> JsonObject:
    return _of_learner(booking, moment, {"booking_id": booking.id, **_cancellation(booking)}, display="cancelled")


def booking_cancelled_new(booking: Booking, moment: Moment) -> JsonObject:
    title, actor = booking.session.program.title, both_identifiers(booking.learner)
    return frame(moment, actor, _booking(booking), title, display="cancelled", context=_cancellation(booking))


def checked_in(booking: Booking, moment: Moment) -> JsonObject:
    return _of_learner(booking, moment, {"check_in_time": moment.timestamp, "check_in_method": "manual"})


def attendance_completed_old(booking: Booking, moment: Moment) -> JsonObject:
    """Who earned no score has a null one."""
    percentage, minutes = round(moment.chance.uniform(55, 100), 1), moment.chance.randint(60, 120)
    score = {"scaled": round(percentage / 100, 3)} if percentage >= 70 else None
    result = {"completion": percentage >= 80, "score": score, "duration": f"PT{minutes}M"}
    return _of_learner(booking, moment, {"completion_percentage": percentage, "duration_minutes": minutes}, result=result)


def attendance_completed_new(booking: Booking, moment: Moment) -> JsonObject:
    percentage = round(moment.chance.uniform(55, 100), 1)
    status = "completed" if percentage >= 80 else "partial"
    result = {"completion": percentage >= 80, "extensions": extensions({"completion_status": status, "attendance_percentage": percentage})}
    return _of_learner(booking, moment, {}, result=result)


def certificate_earned(booking: Booking, moment: Moment) -> JsonObject:
    certificate = new_id(moment.chance)
    context = {
        "program_id": booking.session.program.id,
        "session_id": booking.session.id,
        "completion_date": moment.timestamp,
        "certificate_url": f"https://learn.example.org/certificates/{certificate}",
    }
    result = {"completion": True, "success": True}
    title = booking.session.program.title
    return frame(moment, both_identifiers(booking.learner), f"{N}certificates/{certificate}", title, context=context, result=result)


def session_conflict(session: Session, moment: Moment) -> JsonObject:
    context = {
        "conflict_id": new_id(moment.chance),
        "conflict_type": moment.chance.choice(("time_overlap", "location_conflict", "instructor_conflict")),
        "conflicting_sessions": [new_id(moment.chance)],
        "conflict_details": {"location": session.location},
        "severity": "medium",
        "requires_resolution": True,
    }
    return frame(moment, system("Scheduling System"), _session(session), session.program.title, context=context)


def _of_learner(booking: Booking, moment: Moment, context: JsonObject, *, display: str | None = None, result: JsonObject | None = None) -> JsonObject:
    """What a learner does with a session."""
    actor, title = both_identifiers(booking.learner), booking.session.program.title
    return frame(moment, actor, _session(booking.session), title, display=display, context=context, result=result)
