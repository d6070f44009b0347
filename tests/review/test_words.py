"""Words, sentences, and the ends of a quotation."""

from __future__ import annotations

import pytest

from qualkit.review.words import (
    Selection,
    find_sentence,
    find_words,
    move_end,
    move_start,
    word_at,
)

TEXT = 'Well, "she" left. He didn\'t!  Oh?'


def told(text: str) -> list[str]:
    return [text[start:end] for start, end in find_words(text)]


def test_words_stand_without_the_punctuation_around_them() -> None:
    assert told(TEXT) == ["Well", "she", "left", "He", "didn't", "Oh"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cafe\u0301 £20", ["cafe\u0301", "£20"]),
        ("… \N{THUMBS UP SIGN}", ["…", "\N{THUMBS UP SIGN}"]),
        ("\u202edebts\u202c", ["debts"]),
        ("", []),
    ],
)
def test_words_of_other_kinds(text: str, words: list[str]) -> None:
    assert told(text) == words


def test_sentence_around_an_offset() -> None:
    first = find_sentence(TEXT, TEXT.index("she"))
    second = find_sentence(TEXT, TEXT.index("didn't"))
    assert TEXT[slice(*first)] == 'Well, "she" left.'
    assert TEXT[slice(*second)] == "He didn't!"


def test_ends_move_by_words_within_the_text() -> None:
    words = find_words("one two three")
    assert move_start(words, 4, 7, -1) == 0
    assert move_start(words, 0, 7, -1) is None
    assert move_start(words, 0, 7, 1) == 4
    assert move_start(words, 4, 7, 1) is None
    assert move_end(words, 4, 7, 1) == 13
    assert move_end(words, 4, 13, -1) == 7
    assert move_end(words, 4, 7, -1) is None
    assert move_end(words, 4, 13, 1) is None


def test_end_within_a_word_moves_to_its_end_first() -> None:
    assert move_end(find_words("one two three"), 0, 5, 1) == 7


def test_selection_goes_from_its_mark_to_its_cursor_either_way() -> None:
    words = find_words("one two three")
    chosen = Selection(0, 1).to_word(2, extend=True)
    assert chosen.span(words) == (4, 13)
    assert chosen.to_word(0).span(words) == (0, 7)
    assert Selection(0, 1).to_word(2).span(words) == (8, 13)


def test_word_at_an_offset_between_words_is_the_next() -> None:
    words = find_words("one two")
    assert [word_at(words, at) for at in (0, 2, 3, 4, 7)] == [0, 0, 1, 1, 1]
