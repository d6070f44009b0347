"""Precision, recall and F1 of one set of codings beside another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from qualkit.analysis.accuracy import accuracy_table, score_pairs, top_shared

UNITS = [f"m{i}" for i in range(6)]
CODES = ["debt", "isolation", "school"]
PAIRS = st.sets(st.tuples(st.sampled_from(UNITS), st.sampled_from(CODES)))


def test_scores_by_hand() -> None:
    truth = [("m1", "debt"), ("m1", "school"), ("m2", "debt"), ("m3", "debt")]
    found = [("m1", "debt"), ("m2", "debt"), ("m2", "school")]
    score = score_pairs(truth, found)
    # Two in both, one found only, two in the truth only.
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 4)
    assert score.f1 == pytest.approx(4 / 7)


def test_nothing_to_compare_gives_no_share() -> None:
    score = score_pairs([], [])
    assert (score.precision, score.recall, score.f1) == (None, None, None)


@given(PAIRS, PAIRS)
def test_scores_equal_scikit_learns_micro_averages(
    truth: set[tuple[str, str]], found: set[tuple[str, str]]
) -> None:
    def table(pairs: set[tuple[str, str]]) -> list[list[int]]:
        return [[int((unit, code) in pairs) for code in CODES] for unit in UNITS]

    precision, recall, f1, _ = precision_recall_fscore_support(
        table(truth), table(found), average="micro", zero_division=0
    )
    score = score_pairs(truth, found)
    assert (score.precision or 0, score.recall or 0) == pytest.approx((precision, recall))
    assert (score.f1 or 0) == pytest.approx(f1)


def test_top_themes_shared_with_a_tie_at_the_cut() -> None:
    truth = [("m1", "a"), ("m2", "a"), ("m1", "b"), ("m2", "b"), ("m1", "c")]
    found = [("m1", "b"), ("m2", "b"), ("m1", "a"), ("m1", "c")]
    # True top 2: a, b. Found top 2: b, then a and c, which tie.
    assert top_shared(truth, found, 2) == (2, 2)
    # True top 1: a and b, which tie. Found top 1: b.
    assert top_shared(truth, found, 1) == (1, 2)


def test_one_row_a_kind_and_category() -> None:
    table = accuracy_table(
        {("msc", "barrier"): {("m1", "debt")}, ("msc", "outcome"): {("m1", "calm")}},
        {("msc", "barrier"): {("m1", "debt"), ("m2", "debt")}},
        title="Near",
    )
    assert [(row["category"], row["truth"], row["found"]) for row in table.rows] == [
        ("barrier", 1, 2),
        ("outcome", 1, 0),
    ]
    assert [(row["precision"], row["recall"]) for row in table.rows] == [(0.5, 1.0), (None, 0.0)]
