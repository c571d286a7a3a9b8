"""The platform's rows in memory: events are applied by the real rules, and parked until the rows come that they wait for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nljctl.effects.attendance import Attend, Attendance
from nljctl.effects.bookings import Booking, ChangeBooking, RequestBooking, Session
from nljctl.effects.effect import Insert, Refusal, Update
from nljctl.effects.generations import Generate, Generation
from nljctl.effects.keys import ROWS
from nljctl.effects.programs import CreateProgram, PublishProgram
from nljctl.effects.registry import EFFECTS
from nljctl.effects.sessions import CancelSession, ScheduleSession, Timetable

NOT_COMPARED = frozenset({"updated_at", "recorded_at"})
"""When a row was last written: that depends on the order, and comparisons leave it out."""

Rows = dict[str, dict[str, Any]]


@dataclass
class Platform:
    """Rows by table and id, and what waits."""

    tables: dict[str, Rows] = field(default_factory=dict)
    parked: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def tell(self, event: str, command: Any) -> None:
        if command.parent is not None and not self._exists(command.parent):
            self.parked.setdefault(command.parent, []).append((event, command))
            return
        decision = EFFECTS[event].decide(_LOADS[type(command)](self, command), command)
        if isinstance(decision, Refusal):
            self.refused.append(decision.reason)
            return
        for change in decision:
            if isinstance(change, Insert):
                self.table(change.table.name)[change.values.get("id", str(change.values))] = dict(change.values)
            elif isinstance(change, Update):
                self.table(change.table.name)[change.id] |= change.values
        for key in command.creates:
            for waiting in self.parked.pop(key, []):
                self.tell(*waiting)

    def table(self, name: str) -> Rows:
        return self.tables.setdefault(name, {})

    def compared(self) -> Mapping[str, Any]:
        return {name: {key: {c: v for c, v in row.items() if c not in NOT_COMPARED} for key, row in rows.items()} for name, rows in self.tables.items()}

    def _exists(self, key: str) -> bool:
        kind, _, values = key.partition(":")
        table, columns = ROWS[kind]
        return any(tuple(row[column] for column in columns) == tuple(values.split("/")) for row in self.table(table.name).values())

    def session(self, id: str) -> Session:
        row = self.table("training_sessions")[id]
        found = [known for known in self.table("training_bookings").values() if known["session_id"] == id]
        found.sort(key=lambda known: (known["waitlist_position"] or 0, known["registered_at"], known["id"]))
        bookings = [Booking(known["id"], known["booking_status"], known["waitlist_position"], known.get("cancelled_at")) for known in found]
        return Session(row["program_id"], row["capacity"], bookings)

    def session_of(self, command: ChangeBooking) -> Session:
        return self.session(self.table("training_bookings")[command.id]["session_id"])

    def attendance(self, command: Attend) -> Attendance:
        known = [row for row in self.table("attendance_records").values() if (row["session_id"], row["learner_id"]) == (command.session, command.learner)]
        if known:
            columns = {"check_in_time": None, "completion_time": None, "certificate_issued_at": None, **known[0]}
            return Attendance(known[0]["booking_id"], known[0]["id"], columns)
        bookings: Sequence[dict[str, Any]] = [
            row for row in self.table("training_bookings").values() if (row["session_id"], row["learner_id"]) == (command.session, command.learner)
        ]
        return Attendance(bookings[0]["id"])

    def generation(self, command: Generate) -> Generation:
        row = self.table("generation_sessions").get(command.id)
        return Generation(row["status"], row.get("started_at")) if row else Generation()


_LOADS: Mapping[type, Callable[[Platform, Any], Any]] = {
    CreateProgram: lambda _, __: None,
    PublishProgram: lambda _, __: None,
    ScheduleSession: lambda _, __: Timetable("Brakes", 120),
    CancelSession: lambda platform, command: platform.table("training_sessions")[command.id].get("cancelled_at"),
    RequestBooking: lambda platform, command: platform.session(command.session),
    ChangeBooking: Platform.session_of,
    Attend: Platform.attendance,
    Generate: Platform.generation,
}
