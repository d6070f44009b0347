"""Pairs of ratings and texts, intervals, and numbers invited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.confidence import confidence_table, guess_pairs
from qualkit.analysis.responses import margins, response_table
from qualkit.model import Basis
from qualkit.store.confidence import RatingCount


def test_a_text_goes_with_the_rating_whose_rare_words_it_has() -> None:
    ratings = {
        "families": "Confidence: challenging families",
        "others": "Confidence: challenging professionals",
        "whole": "Confidence: working with the whole family",
    }
    labels = [
        "Less confident: challenging families - when and why?",
        "Which professionals are hard to challenge?",
        "With whom?",
        "What makes a challenge hard?",
    ]
    # "with" says nothing; "challenge" fits two ratings, so it is nobody's.
    assert guess_pairs(ratings, labels) == {labels[0]: "families", labels[1]: "others"}


def test_question_numbers_pair() -> None:
    ratings = {"a": "Q1 rating", "b": "Q2 rating"}
    assert guess_pairs(ratings, ["Why? (Q2)", "Why? (Q1)"]) == {"Why? (Q2)": "b", "Why? (Q1)": "a"}


def test_one_rating_takes_texts_that_share_a_word() -> None:
    assert guess_pairs({"a": "Trusting families"}, ["Trust: why?", "Comments"]) == {
        "Trust: why?": "a"
    }


def _count(n: int, confident: int, total: float) -> RatingCount:
    return RatingCount("q", "", n, confident, n - confident, total, 40, 100, n, confident, 0)


def test_shares_have_wilsons_interval() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3).
    (row,) = confidence_table([_count(263, 81, 26300)], {"q": "Q"}, Basis()).rows
    assert row["confident_share"] == 81 / 263
    assert (row["low"], row["high"]) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert row["mean"] == 100
    assert row["below_share"] == 182 / 263


def test_margins_and_crossed_tables_of_invited() -> None:
    crossed = [(("S", "N"), 3), (("S", "E"), 4), (("C", "N"), 5)]
    both = ({"service": {"S": 7, "C": 5}, "place": {"N": 8, "E": 4}}, 12)
    assert margins(["service", "place"], crossed) == both
    apart = [(("S", ""), 7), (("C", ""), 5), (("", "N"), 8), (("", "E"), 4)]
    assert margins(["service", "place"], apart) == both
    # A row of everybody is the total; attributes of crossed rows still add up.
    assert margins(["service", "place"], [*crossed, (("", ""), 13)]) == (both[0], 13)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("SC"), st.sampled_from("NEW")), st.integers(0, 50), min_size=1
    )
)
def test_every_attribute_adds_up_to_the_total(cells: dict[tuple[str, str], int]) -> None:
    found, total = margins(["service", "place"], list(cells.items()))
    assert all(sum(groups.values()) == total for groups in found.values())


def test_more_answers_than_invited_have_no_rate() -> None:
    table = response_table(
        {"case.service": {"S": (6, 6), "C": (2, 2)}},
        {"case.service": {"S": 5, "C": 8}},
        (8, 13),
        Basis(),
    )
    # 8 of 13 in all, 2 of 8 in C; 6 of 5 cannot be.
    assert [row["share"] for row in table.rows] == [8 / 13, 2 / 8, None]
    assert any("more answered" in note for note in table.notes)
