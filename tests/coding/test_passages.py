"""What the learned layer reads: sentences at their offsets, and what was asked before."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qualkit.coding.passages import (
    LONGEST_QUESTION,
    Passage,
    read_passages,
    sentences,
    sentences_of,
)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


# --- sentences ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One.", ["One."]),
        ("One. Two!", ["One.", "Two!"]),
        ("  One?  Two  ", ["One?", "Two"]),
        ("One\ntwo\n", ["One", "two"]),
        ('"Go!" she said.', ['"Go!"', "she said."]),
        ("Dr. Smith came. He left.", ["Dr. Smith came.", "He left."]),
        ("He paid 3.50 pounds. Good.", ["He paid 3.50 pounds.", "Good."]),
        ("Well... --- !!! Fine.", ["Well...", "Fine."]),
        ("", []),
        (" \n ... ?!\n", []),
    ],
    ids=[
        "one",
        "two",
        "blanks around",
        "lines",
        "quotation marks go with the stop",
        "abbreviation",
        "number",
        "marks alone are none",
        "empty",
        "no letter at all",
    ],
)
def test_sentences_are_the_words_at_their_offsets(text: str, found: list[str]) -> None:
    assert cut(text) == found


def test_offsets_are_of_the_text_as_written_where_blanks_are_doubled() -> None:
    # Positions: four blanks, "Rent  is" 4-12, "due." to 17, blanks to 20, "Pay." to 24.
    text = "    Rent  is due.   Pay."
    assert sentences(text) == ((4, 17), (20, 24))


CHARS = "aB1 é’'\".!?…\n\t\u00a0\u2028ß漢-()"
WRITTEN = st.text(st.sampled_from(CHARS) | st.characters(codec="utf-8"), max_size=80)


@given(WRITTEN)
@example("A.  B.")
@example("İ. ﬁ. Ǆ!")
def test_sentences_stand_in_order_without_overlap(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        last = end


@given(WRITTEN)
def test_every_letter_and_digit_stands_in_a_sentence(text: str) -> None:
    inside = {i for start, end in sentences(text) for i in range(start, end)}
    assert {i for i, char in enumerate(text) if char.isalnum()} <= inside


@given(WRITTEN)
def test_sentences_begin_and_end_with_no_white_space(text: str) -> None:
    assert all(words == words.strip() for words in cut(text))


# --- passages -------------------------------------------------------------------------


def test_interviewers_turn_is_the_question_of_the_next_turn_only(build) -> None:
    turns = build.interview(
        ("interviewer", "How was it?"), ("parent", "Hard. Very."), ("child", "Fine.")
    )
    assert list(read_passages(turns)) == [
        Passage("How was it?", "Hard. Very.", ((0, 5), (6, 11)), "parent", 20),
        Passage("", "Fine.", ((0, 5),), "child", 30),
    ]


def test_last_of_two_questions_is_the_one_answered(build) -> None:
    turns = build.interview(
        ("interviewer", "Ready?"), ("interviewer", "How was it?"), ("parent", "Hard.")
    )
    assert [passage.question for passage in read_passages(turns)] == ["How was it?"]


def test_column_is_the_question_where_nobody_asked(build) -> None:
    segments = [
        build.segment("How so?", 1, "interviewer"),
        build.segment("Well.", 2, label="What changed?"),
        build.segment("Calm.", 3, label="What else?"),
    ]
    assert [p.question for p in read_passages(segments)] == ["How so?", "What else?"]


def test_end_of_a_long_question_is_read(build) -> None:
    asked = "x" * LONGEST_QUESTION + "Really?"
    turns = build.interview(("interviewer", asked), ("parent", "Yes."))
    (passage,) = read_passages(turns)
    assert passage.question == "x" * (LONGEST_QUESTION - 7) + "Really?"


def test_whole_segments_are_judged_from_first_to_last_letter(build) -> None:
    (passage,) = read_passages([build.segment("  One. Two!  ")], whole=True)
    assert passage.spans == ((2, 11),)
    assert passage.stretch(0) == "One. Two!"


@pytest.mark.parametrize("whole", [False, True])
def test_segments_without_a_letter_give_no_passage(build, whole: bool) -> None:
    segments = [build.segment("", 1), build.segment(" - ", 2), build.segment("One.", 3)]
    assert [p.segment_id for p in read_passages(segments, whole=whole)] == [30]


def test_only_wanted_segments_are_read_and_the_others_take_their_questions(build) -> None:
    turns = build.interview(("interviewer", "How?"), ("parent", "Hard."), ("child", "Fine."))
    found = list(read_passages(turns, covered=frozenset({30})))
    assert [(passage.segment_id, passage.question) for passage in found] == [(30, "")]


# --- where a coding stands ---------------------------------------------------------------

SPANS = ((0, 10), (11, 31), (32, 42))


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (0, 10, [0]),
        (12, 14, [1]),
        (0, 42, [0, 1, 2]),
        # 3 of the first sentence's 10 characters: just three tenths.
        (7, 31, [0, 1]),
        # 2 of 10: too few.
        (8, 31, [1]),
        # 1 of 5 in the first; 3 of 5 in the second.
        (9, 14, [1]),
        # White space alone: still somewhere.
        (10, 11, [0]),
    ],
    ids=["same", "within", "all", "three tenths", "less", "of the coding's own", "between"],
)
def test_coding_stands_where_it_shares_three_tenths(start: int, end: int, found: list[int]) -> None:
    assert sentences_of(start, end, SPANS) == found


def test_coding_that_shares_too_little_of_each_stands_where_it_shares_most() -> None:
    # Of its 100 characters 20 lie in the first, which is as long, and 25 in the second.
    assert sentences_of(80, 180, ((0, 100), (155, 300))) == [1]


@given(st.integers(0, 60), st.integers(1, 60))
def test_every_coding_stands_in_some_sentence(start: int, length: int) -> None:
    found = sentences_of(start, start + length, SPANS)
    assert found
    assert found == sorted(set(found))


def test_coding_of_a_text_without_sentences_stands_nowhere() -> None:
    assert sentences_of(0, 5, ()) == []
