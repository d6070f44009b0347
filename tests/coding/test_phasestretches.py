"""Long texts in parts: which are cut, that the parts tile them, and what a column's name says."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding.phasestretches import LEAST_SENTENCES, MOST_SENTENCES, find_parts, tile
from qualkit.model import Phase, PhaseTurn

STORY = (
    "We never had any money and I could not cope. The school sent a referral. "
    "The worker visited every week and helped with the forms. "
    "Then she closed the case. Now my son sleeps through."
)


def phases_of(*turns: PhaseTurn) -> list[list[Phase]]:
    return [[part.found.phase for part in parts] for parts in find_parts(turns)]


def test_a_story_in_one_cell_goes_through_its_phases() -> None:
    (found,) = phases_of(PhaseTurn(STORY, False, "", None))
    assert found == [Phase.BEFORE, Phase.REFERRAL, Phase.DURING, Phase.ENDING, Phase.AFTER]


def test_the_name_of_the_only_column_is_no_form_that_asks_by_phase() -> None:
    plain = phases_of(PhaseTurn(STORY, False, "", None))
    for name in ("What changed", "What has changed for the family?", "Notes"):
        assert phases_of(PhaseTurn(STORY, False, name, None)) == plain


def test_short_turns_and_questions_are_of_one_part() -> None:
    short = " ".join(["We talked."] * MOST_SENTENCES)
    long = " ".join(["We talked."] * (MOST_SENTENCES + 1))
    parts = find_parts([PhaseTurn(own, False, "", None) for own in (short, long)])
    assert [len(own) for own in parts] == [1, MOST_SENTENCES + 1]
    assert [own.n for own in parts[0]] == [0]
    asked = find_parts([PhaseTurn(long, True, "", None), PhaseTurn(short, False, "", None)])
    assert [len(own) for own in asked] == [1, 1]
    alone = " ".join(["We talked."] * (LEAST_SENTENCES - 1))
    assert len(find_parts([PhaseTurn(alone, False, "", None)])[0]) == 1


@given(st.text(st.sampled_from("ab .!?\n\u201dÉ"), max_size=60))
def test_sentences_tile_a_text(text: str) -> None:
    spans = tile(text)
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
