from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.ranking import (
    RankInterval,
    matrix_table,
    rank_intervals,
    rank_table,
    rank_themes,
)
from qualkit.model import Basis, ThemeCount
from qualkit.report.files import render


def _count(code: str, count: int, cell: str = "") -> ThemeCount:
    return ThemeCount("barrier", code, code.title(), count, count * 2, count, cell)


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    ranked = rank_themes([_count("b", 5), _count("a", 5), _count("c", 9), _count("d", 1)], 5)
    assert [(item.rank, item.theme.code) for item in ranked] == [
        (1, "c"),
        (2, "a"),
        (2, "b"),
        (4, "d"),
    ]


def test_tie_at_the_cut_is_shown_whole() -> None:
    ranked = rank_themes([_count("a", 5), _count("b", 3), _count("c", 3), _count("d", 2)], 2)
    assert [item.theme.code for item in ranked if item.in_top] == ["a", "b", "c"]
    assert [item.theme.code for item in ranked if not item.in_top] == ["d"]


def test_themes_that_nobody_named_are_left_out() -> None:
    assert rank_themes([_count("a", 0)], 5) == []


def test_table_has_shares_of_the_denominator_and_of_confirmed_codings() -> None:
    table = rank_table([_count("a", 3)], Basis(denominator=12), top=5, title="t")
    row = table.rows[0]
    # 3 of 12 cases; 3 of 6 codings confirmed.
    assert (row["share"], row["confirmed"], row["featured"]) == (0.25, 0.5, "top")


def test_matrix_marks_the_top_of_each_domain() -> None:
    counts = [_count("a", 4, "x"), _count("b", 2, "x"), _count("a", 1, "y"), _count("b", 3, "y")]
    table = matrix_table(
        counts, {"x": 8, "y": 4}, Basis(), top=1, title="t", cell_names={"x": "X", "y": "Y"}
    )
    found = {(row["code"], row["domain"]): (row["share"], row["top"]) for row in table.rows}
    assert found == {
        ("a", "x"): (0.5, "yes"),
        ("b", "x"): (0.25, ""),
        ("a", "y"): (0.25, ""),
        ("b", "y"): (0.75, "yes"),
    }


counts = st.lists(st.integers(0, 6), max_size=12)


@given(counts, st.integers(1, 6), st.randoms())
def test_order_of_the_input_does_not_matter(numbers: list[int], top: int, random: object) -> None:
    themes = [_count(f"c{i}", n) for i, n in enumerate(numbers)]
    shuffled = list(themes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank_themes(themes, top) == rank_themes(shuffled, top)


@given(counts, st.integers(1, 6))
def test_rank_is_one_more_than_the_themes_above(numbers: list[int], top: int) -> None:
    themes = [_count(f"c{i}", n) for i, n in enumerate(numbers)]
    for item in rank_themes(themes, top):
        assert item.rank == 1 + sum(theme.count > item.theme.count for theme in themes)
        assert item.in_top == (item.rank <= top)


def _lots(*columns: list[int]) -> numpy.ndarray:
    return numpy.array(columns, dtype=numpy.float32).T


def test_rank_of_a_theme_in_every_case_is_sure() -> None:
    lots = _lots([1] * 10, [1] + [0] * 9)
    found = rank_intervals(["a", "b"], lots, [_count("a", 10), _count("b", 1)], 2)
    assert found["a"] == RankInterval(1, 1, 1.0)
    # A sample lacks the one case of b with chance 0.9^10 = 0.349, and then b has no rank in the
    # top; four standard errors of 1,000 samples: 4 x √(.349 x .651 / 1000) = 0.06.
    assert found["b"].in_top == pytest.approx(1 - 0.9**10, abs=0.06)
    assert (found["b"].low, found["b"].high) == (2, 2)


def test_rank_of_two_equal_themes_is_open() -> None:
    lots = _lots([1] * 10 + [0] * 10, [0] * 10 + [1] * 10)
    found = rank_intervals(["a", "b"], lots, [_count("a", 10), _count("b", 10)], 1)
    # a is first, ties included, when 10 or more of 20 draws are its: half, and half of the
    # chance of a tie, C(20, 10) / 2^20 = 0.176.
    assert found["a"].in_top == pytest.approx(0.588, abs=0.063)
    assert (found["a"].low, found["a"].high) == (1, 2)


def test_rank_intervals_are_the_same_each_time() -> None:
    lots = _lots([1, 0, 1, 1, 0], [0, 1, 0, 1, 0])
    counts = [_count("a", 3), _count("b", 2)]
    assert rank_intervals(["a", "b"], lots, counts, 1) == rank_intervals(
        ["a", "b"], lots, counts, 1
    )


def test_one_case_says_nothing_of_ranks() -> None:
    assert rank_intervals(["a"], _lots([1]), [_count("a", 1)], 5) == {}
    table = rank_table([_count("a", 1)], Basis(), top=5, title="t", intervals={})
    assert table.rows[0].get("rank_low") is None


def test_table_shows_ranks_and_files_have_their_ends() -> None:
    intervals = {"a": RankInterval(1, 3, 0.9)}
    table = rank_table([_count("a", 3)], Basis(), top=5, title="t", intervals=intervals)
    assert "| 1-3 | 90% |" in render(table, "markdown")
    head, row = render(table, "csv").splitlines()
    assert head.endswith(",rank_low,rank_high,in_top")
    assert row.endswith(",1,3,0.9")
