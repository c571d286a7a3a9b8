"""What a batch may do with a partition, given where the pipeline stands. Pure (docs/ownership.md, "Applying a batch").

A batch claims a range `[begin, end)` per partition, `begin` being the end of the batch before it. The two numbers of a position are
looked at alone: one that is at or beyond the range has been there already (redelivery, a commit whose answer was lost), one
inside goes on from there, one before the range means that this process no longer follows its own row (a zombie) and must seek.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nljctl.kafka.offsets import Span


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset whose statement, and the next whose effect, is not yet done. `generation` counts how often the topic was made anew."""

    statements_next: int
    effects_next: int
    generation: int = 0

    @property
    def seek(self) -> int:
        """Where reading must begin again."""
        return min(self.statements_next, self.effects_next)


@dataclass(frozen=True, slots=True)
class Admission:
    """What of a claim may be done.

    Attributes:
        statements: the offsets whose statements count now.
        effects: the offsets whose effects are applied now.
        after: the position when that is done.
        seek: where reading must begin again, if it must.
        held: effects of this claim wait for the other pipeline at a barrier.
    """

    statements: Span
    effects: Span
    after: Position
    seek: int | None = None
    held: bool = False


def admit(claim: Span, position: Position, barrier: int | None) -> Admission:
    """Decides over one partition's claim. `barrier` is the offset from which effects must wait (None: none must).

    A claim is cut at a closed barrier, never held whole: held whole, two pipelines wait for each other on different partitions for ever.
    """
    nothing = Span(claim.end, claim.end)
    if position.statements_next < claim.begin:
        return Admission(nothing, nothing, position, seek=position.seek)

    statements = Span(max(claim.begin, position.statements_next), claim.end)
    statements_next = max(position.statements_next, claim.end)
    limit = claim.end if barrier is None else min(claim.end, barrier)
    still = replace(position, statements_next=statements_next)
    if position.effects_next >= limit:
        return Admission(statements, nothing, still, held=position.effects_next < claim.end)
    if position.effects_next < claim.begin:
        return Admission(statements, nothing, still, seek=position.effects_next)
    return Admission(
        statements, Span(position.effects_next, limit), replace(position, statements_next=statements_next, effects_next=limit), held=limit < claim.end
    )


def settle(claim: Span, position: Position, barrier: int | None) -> Admission:
    """Decides over a claim of effects alone, for a pipeline that does not run: as `admit`, with its statements left where they are."""
    admission = admit(claim, replace(position, statements_next=claim.end), barrier)
    after = replace(position, effects_next=admission.after.effects_next)
    return Admission(Span(claim.end, claim.end), admission.effects, after, admission.seek, admission.held)
