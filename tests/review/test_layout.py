"""Hostile texts on rows: nothing is obeyed, every offset is right, widths are certain."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qualkit.model import Segment
from qualkit.review.glyphs import Shown, shown
from qualkit.review.layout import Layout, heading, wrap

TRICKY = st.text(
    st.sampled_from("ab  \n\t\r\x1b\x9b\u0301\u200d\u202e\ufe0f\N{FAMILY}中\u00ad\N{SPEAKER}🇬🇧🏽한")
    | st.characters(exclude_categories=("Cs",)),
    max_size=60,
)


def segment(text: str, **more: str) -> Segment:
    return Segment(7, 1, 2, "msc", "worker", text, more.get("speaker", ""), more.get("label", ""))


@given(TRICKY, st.integers(8, 30))
def test_rows_hold_every_code_point_once_and_fit(text: str, width: int) -> None:
    own = Shown(text)
    spans = list(wrap(own, width))
    covered = [at for start, end in spans for at in range(start, end)]
    assert covered == [at for at, char in enumerate(text) if char != "\n"]
    for start, end in spans:
        row = own.slice(start, end).rstrip()
        assert cell_len(row) <= width


@given(TRICKY)
def test_width_is_that_which_the_terminal_is_told(text: str) -> None:
    own = Shown(text)
    assert own.width(0, len(text)) == sum(cell_len(own.slice(n, n + 1)) for n in range(len(text)))
    assert own.width(0, len(text)) == cell_len(own.slice(0, len(text)))


@given(TRICKY)
def test_nothing_that_commands_the_terminal_is_left(text: str) -> None:
    for own in (shown(text), Shown(text).slice(0, len(text))):
        assert not [c for c in own if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@given(TRICKY, st.integers(8, 30))
def test_place_of_a_cell_leads_back_to_its_row(text: str, width: int) -> None:
    laid_out = Layout((segment(text),), width)
    for y, row in enumerate(laid_out.rows):
        for cell in range(width):
            place = laid_out.place_at(y, cell)
            if place is not None:
                assert row.is_text
                assert row.start <= place[1] < row.end
                assert laid_out.row_of(*place) == y


def test_long_word_is_cut_and_a_row_breaks_between_words() -> None:
    text = "one two " + "x" * 25 + " end"
    own = Shown(text)
    assert [text[start:end] for start, end in wrap(own, 10)] == [
        "one two ",
        "x" * 10,
        "x" * 10,
        "xxxxx end",
    ]


def test_heading_names_number_question_and_speaker() -> None:
    assert heading(segment("", label="What changed?")) == "2 · What changed?"
    assert heading(segment("", speaker="Mum")) == "2 · Mum (worker)"
    assert heading(segment("", speaker="Worker")) == "2 · Worker"


def test_heading_of_hostile_names_is_only_seen() -> None:
    assert "\x1b" not in heading(segment("", speaker="\x1b[31mMum"))
