"""Merging of categories, and what it is corrected for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from qualkit.analysis.chaidgroups import (
    cautious_p,
    chi_square,
    choose_split,
    join_small,
    merge,
    multiplier,
)


@pytest.mark.parametrize(
    ("categories", "groups", "ordered", "floating", "ways"),
    [
        # {A}{BCD} and so on 4, {AB}{CD} 3.
        (4, 2, False, False, 7),
        (5, 3, False, False, 25),
        # Two cuts among four places.
        (5, 3, True, False, 6),
        # 1 2 3 and missing in two groups: missing alone 1, else 2 cuts × 2 groups.
        (4, 2, True, True, 5),
        (9, 9, False, False, 1),
    ],
)
def test_multipliers_of_kass(
    categories: int, groups: int, ordered: bool, floating: bool, ways: int
) -> None:
    assert multiplier(categories, groups, ordered=ordered, floating=floating) == ways


@given(st.integers(2, 6), st.integers(1, 6), st.sampled_from(["free", "ordered", "floating"]))
def test_multipliers_are_the_ways_counted_one_by_one(c: int, r: int, kind: str) -> None:
    def fits(labels: tuple[int, ...]) -> bool:
        # Groups are numbered in the order of their first category, so that each is counted once.
        first = list(dict.fromkeys(labels))
        if first != sorted(first) or first != list(range(r)):
            return False
        known = labels[:-1] if kind == "floating" else labels
        return kind == "free" or list(known) == sorted(known)

    if r > c:
        return
    ways = sum(map(fits, itertools.product(range(r), repeat=c)))
    asked = {"ordered": kind != "free", "floating": kind == "floating"}
    assert multiplier(c, r, **asked) == ways


@given(st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=3), min_size=2, max_size=5))
def test_chi_square_is_that_of_scipy(table: list[list[int]]) -> None:
    found, p, degrees = chi_square(table)
    told = chi2_contingency(table, correction=False)
    assert found == pytest.approx(told.statistic, abs=1e-9)
    assert p == pytest.approx(told.pvalue, rel=1e-9)
    assert degrees == told.dof


def test_levels_that_nobody_has_count_for_nothing() -> None:
    assert chi_square([[5, 0, 0], [0, 0, 5]]) == chi_square([[5, 0], [0, 5]])
    assert chi_square([[5, 0], [7, 0]]) == (0.0, 1.0, 0)


def test_small_categories_join_the_most_alike() -> None:
    # 3 of 4 and 30 of 40 have the same shares; 10 of 40 has not.
    table = [[10, 30], [3, 1], [30, 10]]
    assert join_small(table, ordered=False, missing=None, least=5) == [[0], [1, 2]]


def test_ordered_categories_join_neighbours_only() -> None:
    # The first is like the third, but only the second is its neighbour.
    table = [[3, 1], [10, 30], [30, 10]]
    assert join_small(table, ordered=True, missing=None, least=5) == [[0, 1], [2]]
    # What is missing may go with any.
    assert join_small([[10, 30], [30, 10], [3, 1]], ordered=True, missing=2, least=5) == [
        [0],
        [1, 2],
    ]


def test_categories_of_one_level_only_are_one_group() -> None:
    assert join_small([[9, 0], [0, 9], [8, 0]], ordered=False, missing=None, least=1) == [
        [0, 2],
        [1],
    ]


def test_merging_stops_where_all_differ() -> None:
    # 10 and 11 of 50 are alike (p about 0.8), 40 of 50 is not.
    table = [[10, 40], [11, 39], [40, 10]]
    found = merge(table, [[0], [1], [2]], ordered=False, missing=None, alpha=0.05)
    assert found is not None
    assert found.groups == ((0, 1), (2,))
    told = chi2_contingency([[21, 79], [40, 10]], correction=False)
    assert found.chi_square == pytest.approx(told.statistic)
    assert merge(table[:2], [[0], [1]], ordered=False, missing=None, alpha=0.05) is None


@settings(max_examples=50)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(100, 200))
def test_few_expected_take_no_less_than_fishers_exact_test(a: int, b: int, n: int) -> None:
    if a + b == 0 or (a + b) * 30 >= 5 * (n + 30):
        return
    table = [[a, 30 - a], [b, n - b]]
    p = chi_square(table)[1]
    assert cautious_p(table, p) == pytest.approx(max(p, fisher_exact(table)[1]), rel=1e-6)


def test_exact_test_of_three_levels_counts_tables_no_likelier() -> None:
    # Margins 3 and 5, 2 and 3 and 3: all first rows with their ways, of 56 in all.
    ways = {
        (a, b, 3 - a - b): math.comb(2, a) * math.comb(3, b) * math.comb(3, 3 - a - b)
        for a in range(3)
        for b in range(4)
        if 0 <= 3 - a - b <= 3
    }
    assert sum(ways.values()) == 56
    # (0, 0, 3) has 1 way; no likelier is only (0, 3, 0), with 1 too: 2 of 56.
    assert cautious_p([[0, 0, 3], [2, 3, 0]], 0.0) == pytest.approx(2 / 56)


def test_enough_expected_keep_the_chi_square() -> None:
    assert cautious_p([[50, 50], [60, 40]], 0.123) == 0.123
    assert cautious_p([[50, 50], [60, 40], [70, 90]], 0.123) == 0.123
    # Twelve levels in a row of thirty make too many tables.
    assert cautious_p([[2] * 12, [9] * 12, [11] * 12], 0.123) == 0.123


def _rows_of(n: int, columns: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(columns) == 1:
        if n <= columns[0]:
            yield (n,)
        return
    for own in range(min(n, columns[0]) + 1):
        for rest in _rows_of(n - own, columns[1:]):
            yield own, *rest


def counted_out(table: list[list[int]]) -> float:
    """Return the share of all tables of three rows whose chi-square is as large, one by one."""
    first, second, _ = map(sum, table)
    columns = tuple(map(sum, zip(*table, strict=True)))
    told = chi_square(table)[0]
    ways, found = 0, 0
    for one in _rows_of(first, columns):
        left = tuple(map(int.__sub__, columns, one))
        for two in _rows_of(second, left):
            rest = tuple(map(int.__sub__, left, two))
            own = math.prod(map(math.comb, columns, one)) * math.prod(map(math.comb, left, two))
            ways += own
            found += own * (chi_square([one, two, rest])[0] >= told - 1e-9)
    return found / ways


@pytest.mark.parametrize(
    "table",
    [
        [[3, 9], [2, 28], [0, 60]],
        [[4, 8], [1, 29], [1, 140]],
        [[6, 9], [1, 29], [1, 199]],
        [[3, 4, 3], [1, 20, 9], [0, 30, 20]],
    ],
)
def test_three_groups_with_few_expected_come_near_the_exact_test(table: list[list[int]]) -> None:
    exact = counted_out(table)
    careful = cautious_p(table, chi_square(table)[1])
    # On the side of too large, and under twice as large: of the third chi-square is 10^8 times
    # too small.
    assert exact <= careful < 2 * exact


def test_one_row_is_counted_out_and_the_others_left_to_chi_square() -> None:
    # Rows of 2, 2 and 2, columns 2 and 4: 6 in all, a row expects 2/3 and 4/3. The first row has
    # (2, 0) in 1 of 15 ways, (1, 1) in 8, (0, 2) in 6; its chi-square against the others is
    # 6/4 of 4, of 1/4 and of 1: 6, 3/8 and 3/2. All three rows together have 6.
    def others(score: float) -> float:
        return math.erfc(math.sqrt(score / 2))

    table = [[2, 0], [0, 2], [0, 2]]
    assert chi_square(table)[0] == pytest.approx(6.0)
    told = 1 / 15 + 8 / 15 * others(6 - 3 / 8) + 6 / 15 * others(6 - 3 / 2)
    assert cautious_p(table, 0.0) == pytest.approx(told)


def test_the_cautious_p_chooses_the_split() -> None:
    candidates = [
        (0.0001, 20.0, "sparse", lambda: 0.004),
        (0.0002, 18.0, "full", lambda: 0.0002),
    ]
    assert choose_split(candidates, 10, 0.05) == (pytest.approx(0.002), "full")
    assert choose_split(candidates[:1], 10, 0.05) == (pytest.approx(0.04), "sparse")
    assert choose_split(candidates, 1000, 0.05) is None
