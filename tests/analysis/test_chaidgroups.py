"""Merging of categories, and what it is corrected for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from qualkit.analysis.chaidgroups import (
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


def test_the_cautious_p_chooses_the_split() -> None:
    candidates = [
        (0.0001, 20.0, "sparse", lambda: 0.004),
        (0.0002, 18.0, "full", lambda: 0.0002),
    ]
    assert choose_split(candidates, 10, 0.05) == (pytest.approx(0.002), "full")
    assert choose_split(candidates[:1], 10, 0.05) == (pytest.approx(0.04), "sparse")
    assert choose_split(candidates, 1000, 0.05) is None
