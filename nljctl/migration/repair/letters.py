"""Which dead letters there are already: a repair sends none twice."""

from __future__ import annotations

from nljctl.kafka.reader import read
from nljctl.migration.gather import dead_row, read_spans
from nljctl.migration.repair.need import Needs
from nljctl.settings import Settings

Place = tuple[str, int, int]


async def letters_of(settings: Settings, needs: Needs) -> frozenset[Place]:
    """The coordinates, among those of the needs, of which the dead-letter topic holds a letter.

    Raises:
        UnreachableError: no broker answers.
    """
    wanted = {(need.tp.topic, need.tp.partition, need.offset) for piece in needs.pieces() for need in piece if need.tp is not None}
    if not wanted:
        return frozenset()
    spans, _ = await read_spans(settings, [settings.dead_letter_topic])
    found: set[Place] = set()
    async for records in read(settings, spans):
        places = ((row.topic, row.partition, row.offset) for record in records if (row := dead_row(dict(record.headers))) is not None)
        found.update(place for place in places if place in wanted)
    return frozenset(found)
