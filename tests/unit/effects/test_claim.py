"""What a batch may do with a partition, given where the pipeline stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nljctl.effects.claim import Position, admit, settle
from nljctl.kafka.offsets import Span

offsets = st.integers(0, 12)


def test_a_claim_at_the_position_is_done_whole() -> None:
    admission = admit(Span(5, 9), Position(5, 5), None)
    assert (admission.statements, admission.effects, admission.after) == (Span(5, 9), Span(5, 9), Position(9, 9))


def test_a_claim_that_was_done_before_does_nothing() -> None:
    admission = admit(Span(5, 9), Position(9, 9), None)
    assert (len(admission.statements), len(admission.effects), admission.after, admission.seek) == (0, 0, Position(9, 9), None)


def test_a_half_done_claim_goes_on_where_each_number_stands() -> None:
    admission = admit(Span(5, 9), Position(8, 6), None)
    assert (admission.statements, admission.effects) == (Span(8, 9), Span(6, 9))


def test_a_zombie_whose_row_is_behind_its_claim_is_refused_and_sent_back() -> None:
    admission = admit(Span(5, 9), Position(3, 3), None)
    assert (len(admission.statements), len(admission.effects), admission.after, admission.seek) == (0, 0, Position(3, 3), 3)


def test_a_closed_barrier_cuts_effects_and_lets_statements_go_on() -> None:
    admission = admit(Span(5, 9), Position(5, 5), 7)
    assert (admission.statements, admission.effects, admission.after, admission.held) == (Span(5, 9), Span(5, 7), Position(9, 7), True)


def test_behind_a_closed_barrier_statements_go_on_without_a_seek() -> None:
    admission = admit(Span(9, 12), Position(9, 7), 7)
    assert (admission.statements, admission.after, admission.seek, admission.held) == (Span(9, 12), Position(12, 7), None, True)


def test_an_opened_barrier_sends_the_reader_back_to_the_effects_it_held() -> None:
    assert admit(Span(12, 12), Position(12, 7), None).seek == 7


def test_effects_behind_the_claim_with_the_barrier_beyond_them_are_read_again() -> None:
    assert admit(Span(9, 12), Position(9, 5), 8).seek == 5


def test_settling_moves_effects_only() -> None:
    admission = settle(Span(3, 9), Position(5, 3), None)
    assert (len(admission.statements), admission.effects, admission.after) == (0, Span(3, 9), Position(5, 9))


@given(begin=offsets, length=st.integers(0, 6), statements=offsets, effects=offsets, barrier=st.none() | offsets)
def test_positions_never_move_back_nor_past_the_claim_or_the_barrier(begin: int, length: int, statements: int, effects: int, barrier: int | None) -> None:
    claim, before = Span(begin, begin + length), Position(statements, effects)
    after = admit(claim, before, barrier).after
    assert after.statements_next >= before.statements_next
    assert after.effects_next >= before.effects_next
    assert after.statements_next <= max(before.statements_next, claim.end)
    assert after.effects_next <= max(before.effects_next, claim.end if barrier is None else min(claim.end, barrier))


@given(begin=offsets, length=st.integers(1, 6), statements=offsets, effects=offsets, barrier=st.none() | offsets)
def test_what_is_passed_is_exactly_what_is_done(begin: int, length: int, statements: int, effects: int, barrier: int | None) -> None:
    before = Position(statements, effects)
    admission = admit(Span(begin, begin + length), before, barrier)
    assert len(admission.statements) == admission.after.statements_next - before.statements_next
    assert len(admission.effects) == admission.after.effects_next - before.effects_next
