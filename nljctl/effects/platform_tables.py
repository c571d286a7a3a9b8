"""The platform's own tables, as its application creates them. nljctl creates them for a new database and never alters them in an existing one.

Defaults are stated twice: the application fills them in itself, so its own tables have none, and an insert must say them.
Indexes beyond the platform's own (sessions by start, bookings and attendance by session) are those that effects look by.
Tables that effects change carry no schema: `public` for the live role, `nljctl_shadow` for the shadow (SQLAlchemy's schema translation).
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

LIVE_SCHEMA = "public"
SHADOW_SCHEMA = "nljctl_shadow"

metadata = MetaData()

_new_id = text("gen_random_uuid()")


def _id() -> Column[object]:
    return Column("id", UUID(as_uuid=False), primary_key=True, server_default=_new_id)


def _uuid(name: str, *constraints: ForeignKey, nullable: bool = True, index: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=False), *constraints, nullable=nullable, index=index)


def _time(name: str, *, given: bool = False) -> Column[object]:
    """A time with zone; `given` ones are never null and default to now, as the platform's own are."""
    default = func.now() if given else None
    return Column(name, DateTime(timezone=True), nullable=not given, default=default, server_default=default)


def _flag(name: str, default: bool, *, nullable: bool = False) -> Column[object]:
    return Column(name, Boolean, nullable=nullable, default=default, server_default=text("true" if default else "false"))


def _number(name: str, default: int) -> Column[object]:
    return Column(name, Integer, nullable=False, default=default, server_default=str(default))


def _word(name: str, length: int, default: str, *, index: bool = False) -> Column[object]:
    return Column(name, String(length), nullable=False, default=default, server_default=default, index=index)


users = Table(
    "users",
    metadata,
    _id(),
    Column("email", String(255), nullable=False, unique=True),
    Column("full_name", String(255)),
    _word("role", 30, "PLAYER"),
    _time("created_at", given=True),
    schema=LIVE_SCHEMA,
)
_USER = f"{LIVE_SCHEMA}.users.id"

training_programs = Table(
    "training_programs",
    metadata,
    _id(),
    Column("title", String(255), nullable=False, index=True),
    Column("description", Text),
    _number("duration_minutes", 120),
    Column("learning_objectives", ARRAY(String)),
    Column("prerequisites", ARRAY(UUID(as_uuid=False))),
    Column("content_items", ARRAY(UUID(as_uuid=False))),
    Column("instructor_requirements", JSON),
    _flag("requires_approval", False, nullable=True),
    _flag("auto_approve", True, nullable=True),
    _flag("is_active", True),
    _flag("is_published", False),
    _uuid("created_by_id", ForeignKey(_USER), nullable=False),
    _time("created_at", given=True),
    _time("updated_at", given=True),
)

training_sessions = Table(
    "training_sessions",
    metadata,
    _id(),
    _uuid("program_id", ForeignKey("training_programs.id", ondelete="CASCADE"), nullable=False),
    Column("start_time", DateTime(timezone=True), nullable=False, index=True),
    Column("end_time", DateTime(timezone=True), nullable=False),
    _word("timezone", 50, "UTC"),
    Column("location", String(255)),
    Column("location_details", JSON),
    Column("location_override", String(255)),
    _number("capacity", 20),
    _uuid("instructor_id", ForeignKey(_USER)),
    Column("session_notes", Text),
    Column("max_attendees", Integer),
    Column("cal_booking_id", BigInteger, unique=True),
    Column("cal_booking_uid", String(255), unique=True),
    _word("status", 30, "scheduled", index=True),
    _time("cancelled_at"),
    Column("cancellation_reason", Text),
    _flag("attendance_taken", False),
    _time("attendance_taken_at"),
    _uuid("attendance_taken_by_id", ForeignKey(_USER)),
    _time("created_at", given=True),
    _time("updated_at", given=True),
)

training_bookings = Table(
    "training_bookings",
    metadata,
    _id(),
    _uuid("program_id", ForeignKey("training_programs.id", ondelete="CASCADE"), nullable=False),
    _uuid("session_id", ForeignKey("training_sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    _uuid("learner_id", ForeignKey(_USER), nullable=False),
    Column("cal_booking_id", BigInteger),
    Column("cal_attendee_id", BigInteger),
    _word("registration_method", 30, "online"),
    _word("booking_status", 30, "confirmed", index=True),
    _flag("is_waitlisted", False),
    Column("waitlist_position", Integer),
    _flag("waitlist_notified", False, nullable=True),
    Column("registration_notes", Text),
    Column("special_requirements", JSON(none_as_null=True)),
    _flag("confirmation_sent", False),
    _time("confirmation_sent_at"),
    _number("reminder_count", 0),
    _time("last_reminder_sent"),
    _time("cancelled_at"),
    _uuid("cancelled_by_id", ForeignKey(_USER)),
    Column("cancellation_reason", String(100)),
    _time("registered_at", given=True),
    _time("updated_at", given=True),
)

attendance_records = Table(
    "attendance_records",
    metadata,
    _id(),
    _uuid("session_id", ForeignKey("training_sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    _uuid("booking_id", ForeignKey("training_bookings.id", ondelete="CASCADE"), nullable=False),
    _uuid("learner_id", ForeignKey(_USER), nullable=False),
    _flag("attended", False),
    _time("check_in_time"),
    _time("check_out_time"),
    _word("attendance_method", 20, "in_person"),
    Column("participation_score", Float),
    Column("engagement_notes", Text),
    _flag("completed", False),
    _time("completion_time"),
    Column("assessment_score", Float),
    _flag("certificate_issued", False),
    _time("certificate_issued_at"),
    Column("instructor_notes", Text),
    _flag("follow_up_required", False, nullable=True),
    Column("follow_up_notes", Text),
    _uuid("recorded_by_id", ForeignKey(_USER), nullable=False),
    _time("recorded_at", given=True),
    _time("updated_at", given=True),
)

generation_sessions = Table(
    "generation_sessions",
    metadata,
    _id(),
    Column("prompt_config", JSON, nullable=False),
    Column("claude_conversation_id", String(255)),
    Column("claude_message_id", String(255)),
    Column("generated_content", JSON),
    Column("validated_nlj", JSON),
    Column("validation_errors", JSON),
    Column("total_tokens_used", Integer),
    Column("generation_time_seconds", Float),
    Column("status", String(20), nullable=False, index=True),
    Column("error_message", Text),
    _uuid("user_id", ForeignKey(_USER), nullable=False),
    _time("created_at", given=True),
    _time("started_at"),
    _time("completed_at"),
)

nodes = Table(
    "nodes",
    metadata,
    _id(),
    Column("node_type", String(50), nullable=False),
    Column("content", JSON, nullable=False),
    Column("content_hash", String(64)),
    Column("title", String(255)),
    Column("difficulty_level", Integer),
    Column("avg_completion_time", Integer),
    Column("success_rate", Numeric(5, 4)),
    Column("difficulty_score", Numeric(3, 2)),
    Column("engagement_score", Numeric(3, 2)),
    _uuid("created_by", ForeignKey(_USER)),
    _time("created_at", given=True),
    _time("updated_at", given=True),
    schema=LIVE_SCHEMA,
)

content_items = Table(
    "content_items",
    metadata,
    _id(),
    Column("title", String(255), nullable=False),
    Column("content_type", String(30), nullable=False),
    _time("created_at", given=True),
    schema=LIVE_SCHEMA,
)

node_interactions = Table(
    "node_interactions",
    metadata,
    _id(),
    _uuid("node_id", ForeignKey(f"{LIVE_SCHEMA}.nodes.id"), nullable=False),
    _uuid("user_id", ForeignKey(_USER), nullable=False),
    _uuid("activity_id", ForeignKey(f"{LIVE_SCHEMA}.content_items.id")),
    Column("session_id", String(255), nullable=False),
    Column("response_data", JSON, nullable=False),
    Column("is_correct", Boolean),
    Column("score", Numeric(5, 2)),
    Column("time_to_respond", Integer),
    _number("attempts", 1),
    Column("activity_session_id", String(255)),
    _time("created_at", given=True),
)

generation_session_sources = Table(
    "generation_session_sources",
    metadata,
    Column("generation_session_id", UUID(as_uuid=False), ForeignKey("generation_sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("source_document_id", UUID(as_uuid=False), primary_key=True),
    _time("created_at", given=True),
)

xapi_event_log = Table(
    "xapi_event_log",
    metadata,
    _id(),
    Column("event_id", String(255), nullable=False),
    Column("event_type", String(50), nullable=False, index=True),
    Column("kafka_topic", String(100), nullable=False, index=True),
    _uuid("program_id"),
    _uuid("session_id"),
    _uuid("booking_id"),
    _uuid("learner_id"),
    Column("actor_email", String(255), index=True),
    Column("verb_id", String(255), nullable=False),
    Column("object_id", String(255), nullable=False),
    Column("event_payload", JSON, nullable=False),
    _word("publish_status", 20, "published"),
    Column("error_message", Text),
    _number("retry_count", 0),
    Column("correlation_id", String(255), index=True),
    _time("created_at", given=True),
    _time("published_at"),
    _time("last_retry_at"),
    UniqueConstraint("event_id"),
    schema=LIVE_SCHEMA,
)

EFFECT_TABLES: tuple[Table, ...] = (
    training_programs,
    training_sessions,
    training_bookings,
    attendance_records,
    generation_sessions,
    generation_session_sources,
    node_interactions,
)
"""The tables that effects change, parents first; the shadow has exactly these."""
