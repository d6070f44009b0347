"""Lines hold every word once, and never more cells than there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qualkit.review.display import lay_out, shown, whole_words, word_step, words, wrap

TEXTS = st.text(alphabet="ab \n漢é.", max_size=80)


@given(TEXTS, st.integers(2, 30))
def test_every_word_is_in_a_line_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width)
    covered = {at for start, end in lines for at in range(start, end)}
    for start, end in words(text):
        assert covered >= set(range(start, end))
    assert all(cell_len(text[start:end]) <= width for start, end in lines)
    assert lines == sorted(lines)


def test_lines_break_at_spaces() -> None:
    assert wrap("one two three", 8) == [(0, 7), (8, 13)]
    assert wrap("one\ntwo", 8) == [(0, 3), (4, 7)]
    assert wrap("abcdefghij", 4) == [(0, 4), (4, 8), (8, 10)]
    # Each of these signs takes two cells.
    assert wrap("漢漢漢", 4) == [(0, 2), (2, 3)]


@given(st.text(max_size=50))
def test_what_is_shown_is_as_long_as_the_text(text: str) -> None:
    assert len(shown(text)) == len(text)


def test_texts_stand_under_their_headings() -> None:
    rows = lay_out([("1 · What", "one two"), ("", "three")], 4)
    heads = [row.head for row in rows]
    assert heads == ["1 ·", "What", "", "", " ", "", ""]
    assert [(row.text, row.start, row.end) for row in rows if not row.head] == [
        (0, 0, 3),
        (0, 4, 7),
        (1, 0, 4),
        (1, 4, 5),
    ]


@pytest.mark.parametrize(
    ("at", "step", "end", "expected"),
    [
        (4, -1, False, 0),
        (4, 1, False, 8),
        (8, 1, False, 8),
        (0, -1, False, 0),
        (7, 1, True, 13),
        (7, -1, True, 3),
        (3, -1, True, 3),
    ],
)
def test_edges_move_by_words(at: int, step: int, end: bool, expected: int) -> None:
    assert word_step("one two three", at, step, end=end) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(5, 6, (4, 7)), (2, 5, (0, 7)), (3, 3, (3, 3))]
)
def test_selection_takes_whole_words(start: int, end: int, expected: tuple[int, int]) -> None:
    assert whole_words("one two three", start, end) == expected
