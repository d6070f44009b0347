"""What a coding quotes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Mum was low.", "Mum was low"),
        ("  Mum was low!  Then better.", "Mum was low!"),
        ("It rained; mum was low; it stopped.", "mum was low"),
        ("It rained, and mum was low, but dad was not.", "mum was low"),
        ("Home - mum was low - no visits.", "mum was low"),
        ("Mum was tired, low, and then ill.", "Mum was tired, low"),
        ("He came because mum was low.", "mum was low"),
        ("He came because of low mood.", "He came because of low mood"),
        ("Low mood for Ellie (7).", "Low mood for Ellie (7)"),
        ('She said "low".', 'She said "low'),
        ("One line\nmum low\nlast line", "mum low"),
        ("low", "low"),
        ("(low)", "low"),
        ("(mum low since 2015)", "mum low since 2015"),
        ("low...", "low"),
    ],
)
def test_clause_without_outer_marks(build, text, quoted):
    rules = [build.rule("barrier.low", "low")]
    assert build.quotes(rules, text) == [("barrier.low", quoted)]


def test_long_clause_is_cut_to_twelve_words_either_side(build):
    rules = [build.rule("barrier.low", "low")]
    before = [f"b{i}" for i in range(20)]
    after = [f"a{i}" for i in range(20)]
    text = " ".join([*before, "low", *after])
    # 41 words: the last 12 before, the word, the first 12 after.
    expected = " ".join([*before[8:], "low", *after[:12]])
    assert build.quotes(rules, text) == [("barrier.low", expected)]


def test_thirty_words_are_not_cut(build):
    rules = [build.rule("barrier.low", "low")]
    text = " ".join(["low", *(f"w{i}" for i in range(29))])
    assert build.quotes(rules, text) == [("barrier.low", text)]


def test_match_over_two_clauses_quotes_both(build):
    rules = [build.rule("barrier.job", "lost", "job", gaps=(6,))]
    text = "It rained; she lost heart, and then her job went; it stopped."
    assert build.quotes(rules, text) == [("barrier.job", "she lost heart, and then her job went")]
