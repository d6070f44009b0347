"""The text as it is matched, and the way back to the text as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding.view import MOST_SENTENCE, TextView
from qualkit.normalise import normalise_text


def sentences(text: str) -> list[str]:
    view = TextView(text)
    starts = [0, *view.sentence_ends]
    return [view.cased[a:b].strip() for a, b in zip(starts, view.sentence_ends, strict=False)]


@given(st.text(st.characters(max_codepoint=0x2FF) | st.sampled_from(" -`'’\n"), max_size=60))
def test_plain_is_the_normalised_text_with_single_spaces(text):
    plain = normalise_text(text)
    while "  " in plain:
        plain = plain.replace("  ", " ")
    view = TextView(text)
    assert view.plain == plain
    assert len(view.cased) == len(plain)


@given(st.text(" \nabc.İ", max_size=40))
def test_original_leads_back_to_the_same_characters(text):
    view = TextView(text)
    for i, char in enumerate(view.cased):
        start, end = view.original(i, i + 1)
        assert end == start + 1
        if not char.isspace():
            assert text[start:end] == char


def test_original_covers_the_white_space_inside():
    view = TextView("no \n  friends here")
    assert view.plain == "no friends here"
    assert view.cased == "no\nfriends here"
    # "no friends" is 0 to 10 in the plain text; three spaces more as written.
    assert view.original(0, 10) == (0, 13)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there! Three?", ["One here.", "Two there!", "Three?"]),
        ("One line\nanother line", ["One line", "another line"]),
        ("Not here; nor here", ["Not here; nor here"]),
        ("It cost 3.50 a day.", ["It cost 3.50 a day."]),
        ("Mrs. Brown came. K. left.", ["Mrs. Brown came.", "K. left."]),
        ("So did I. Then we left.", ["So did I.", "Then we left."]),
        ("Well... it was hard... Then better.", ["Well... it was hard...", "Then better."]),
        ('"Is it?" she said.', ['"Is it?"', "she said."]),
        ("no stop at the end", ["no stop at the end"]),
        ("low. no capital", ["low.", "no capital"]),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected


def test_sentence_of_the_last_position():
    view = TextView("One. Two.")
    assert view.sentence_of(0) == 0
    assert view.sentence_of(len(view.plain)) == 1
    assert view.sentence_bounds(1) == (4, 9)


@pytest.mark.parametrize(
    ("between", "expected"),
    [("", 0), (" ", 0), ("'s ", 0), (" one ", 1), (" one, two - ", 2), (", ", 0), ("s two ", 2)],
)
def test_words_between(between, expected):
    view = TextView(f"start{between}end")
    assert view.words_between(5, 5 + len(between)) == expected


def test_quoted_counts_double_marks_of_any_kind():
    view = TextView("She said “I was low” to me")
    assert view.quoted(view.plain.index("low"))
    assert not view.quoted(view.plain.index("to me"))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("he said 'my LOW mood' again", True),
        ("he said 'no' and LOW again", False),
        ("tell 'em it is LOW", False),
        ("the parents' LOW mood", False),
        ("it's LOW, isn't it", False),
    ],
)
def test_quoted_by_single_marks(text, quoted):
    assert TextView(text).quoted(text.index("LOW")) is quoted


def test_a_sentence_without_end_is_divided_between_words() -> None:
    view = TextView("so we went there and " * 500)
    ends = view.sentence_ends
    bounds = list(zip([0, *ends], ends, strict=False))
    assert ends[-1] == len(view.plain)
    assert max(end - start for start, end in bounds) <= MOST_SENTENCE
    assert all(view.plain[end - 1] == " " for end in ends[:-1])
    # One word of the same length has no place to be divided at but anywhere.
    assert TextView("a" * 4_500).sentence_ends == [MOST_SENTENCE, 2 * MOST_SENTENCE, 4_500]
