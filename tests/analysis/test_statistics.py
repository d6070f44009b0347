"""Statistics beside SciPy, worked examples of the papers, and plain enumeration."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis import statistics
from qualkit.analysis.statistics import (
    CHI_SQUARE,
    EXACT,
    SIMULATED,
    adjust_p,
    adjusted_residuals,
    chi_square,
    cohens_h,
    compare_groups,
    compare_one,
    cramers_v,
    newcombe_interval,
    too_little,
    wilson_interval,
)

NEAR = 1e-9


def groups(most_groups: int, most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """(units with the theme, units) of two groups or more."""
    one = st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.lists(one, min_size=2, max_size=most_groups)


def table(counts: list[int], sizes: list[int]) -> numpy.ndarray:
    return numpy.array([counts, [n - x for x, n in zip(counts, sizes, strict=True)]])


# --- intervals -----------------------------------------------------------------


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_scipy(pair: tuple[int, int]) -> None:
    expected = scipy.stats.binomtest(*pair).proportion_ci(0.95, "wilson")
    assert wilson_interval(*pair) == pytest.approx((expected.low, expected.high), abs=NEAR)


def test_wilson_of_nothing_is_none() -> None:
    assert wilson_interval(0, 0) is None


@pytest.mark.parametrize(
    ("first", "n_first", "last", "n_last", "low", "high"),
    [
        # Newcombe (1998), table II, method 10, contrasts (a) to (h).
        (48, 80, 56, 70, 0.0524, 0.3339),
        (3, 10, 9, 10, 0.1705, 0.8090),
        (2, 7, 6, 7, 0.0582, 0.8062),
        (0, 29, 5, 56, -0.0381, 0.1926),
        (0, 20, 0, 10, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (0, 20, 10, 10, 0.6791, 1.0000),
        (0, 10, 10, 10, 0.6075, 1.0000),
    ],
)
def test_newcombe_equals_the_papers_examples(
    first: int, n_first: int, last: int, n_last: int, low: float, high: float
) -> None:
    found = newcombe_interval(first, n_first, last, n_last)
    assert found == pytest.approx((low, high), abs=5.1e-5)


def test_newcombe_turns_its_sign_with_the_order() -> None:
    one, other = newcombe_interval(3, 20, 11, 25), newcombe_interval(11, 25, 3, 20)
    assert one is not None
    assert other is not None
    assert one == pytest.approx((-other[1], -other[0]), abs=NEAR)
    assert newcombe_interval(0, 0, 1, 2) is None


# --- effect sizes -----------------------------------------------------------------


def test_cohens_h_equals_the_angle() -> None:
    # asin √.75 = π/3, asin √.25 = π/6: h = 2 (π/3 - π/6) = π/3.
    assert cohens_h(0.75, 0.25) == pytest.approx(math.pi / 3, abs=NEAR)
    assert cohens_h(0.0, 1.0) == pytest.approx(-math.pi, abs=NEAR)


def test_cramers_v_is_corrected_as_bergsma_does() -> None:
    # n = 101, 2 x 3, chi² = 22: φ² = 22/101 - 2/100; r = 2 - 1/100, c = 3 - 4/100;
    # V² = φ² / (r - 1) = (22/101 - 1/50) / (99/100).
    expected = math.sqrt((Fraction(22, 101) - Fraction(1, 50)) / Fraction(99, 100))
    assert cramers_v(22, 101, 2, 3) == pytest.approx(expected, abs=NEAR)
    assert cramers_v(1.5, 101, 2, 3) == 0
    assert cramers_v(0, 1, 2, 2) is None


# --- residuals and chi-square --------------------------------------------------------


@settings(deadline=None)
@given(groups(8, 300))
def test_chi_square_equals_scipy(pairs: list[tuple[int, int]]) -> None:
    counts, sizes = map(list, zip(*pairs, strict=True))
    if not 0 < sum(counts) < sum(sizes):
        assert chi_square(counts, sizes) == 0
        return
    expected = scipy.stats.chi2_contingency(table(counts, sizes), correction=False)
    assert chi_square(counts, sizes) == pytest.approx(expected.statistic, rel=NEAR, abs=NEAR)
    found = compare_groups(counts, sizes)
    if found.name == CHI_SQUARE:
        assert found.p == pytest.approx(expected.pvalue, abs=NEAR)


@given(groups(6, 100))
def test_residual_squared_is_the_chi_square_of_the_group_against_the_others(
    pairs: list[tuple[int, int]],
) -> None:
    counts, sizes = map(list, zip(*pairs, strict=True))
    found, n = sum(counts), sum(sizes)
    residuals = adjusted_residuals(counts, sizes)
    for count, size, residual in zip(counts, sizes, residuals, strict=True):
        if not 0 < found < n:
            assert residual is None
            continue
        assert residual is not None
        pooled = table([count, found - count], [size, n - size])
        expected = scipy.stats.chi2_contingency(pooled, correction=False).statistic
        assert residual**2 == pytest.approx(expected, rel=NEAR, abs=NEAR)
        assert residual == 0 or (residual > 0) == (count * n > found * size)


def test_residual_worked_by_hand() -> None:
    # 12 of 20 and 8 of 30: expected 8; variance 8 x (1 - 2/5) x (1 - 2/5) = 2.88.
    first, second = adjusted_residuals([12, 8], [20, 30])
    assert first == pytest.approx(4 / math.sqrt(2.88), abs=NEAR)
    assert second == pytest.approx(-4 / math.sqrt(2.88), abs=NEAR)


# --- exact tests ------------------------------------------------------------------------


def test_exact_test_of_the_lady_tasting_tea() -> None:
    # Fisher (1935): 3 of 4 right; (16 + 1) of 70 ways are as good, twice for two sides.
    assert compare_one(3, 4, 4, 8) == statistics.GroupTest(
        EXACT, pytest.approx(34 / 70), cohens_h(0.75, 0.25)
    )


@given(groups(2, 60))
def test_exact_test_of_two_groups_equals_scipy(pairs: list[tuple[int, int]]) -> None:
    (count, size), (other, n_other) = pairs
    found = statistics._exact([count, other], [size, n_other])
    expected = scipy.stats.fisher_exact(table([count, other], [size, n_other])).pvalue
    assert found == pytest.approx(expected, abs=NEAR)


def test_exact_test_of_a_small_group_in_a_large_project_equals_scipy() -> None:
    # Expected in the group: 2.
    found = compare_one(7, 20, 100_000, 1_000_000)
    expected = scipy.stats.fisher_exact([[7, 13], [99_993, 899_987]]).pvalue
    assert (found.name, found.p) == (EXACT, pytest.approx(expected, rel=1e-8))


def plain_exact(counts: list[int], sizes: list[int]) -> Fraction:
    """Every table with these margins, in whole numbers."""
    ways = {
        filled: math.prod(math.comb(n, x) for n, x in zip(sizes, filled, strict=True))
        for filled in itertools.product(*(range(n + 1) for n in sizes))
        if sum(filled) == sum(counts)
    }
    own = ways[tuple(counts)]
    return Fraction(sum(way for way in ways.values() if way <= own), sum(ways.values()))


@settings(max_examples=60, deadline=None)
@given(groups(4, 7))
def test_exact_test_of_groups_equals_plain_enumeration(pairs: list[tuple[int, int]]) -> None:
    counts, sizes = map(list, zip(*pairs, strict=True))
    found = statistics._exact(counts, sizes)
    assert found == pytest.approx(float(plain_exact(counts, sizes)), abs=NEAR)


def test_exact_test_of_many_groups_is_near_the_one_by_lot() -> None:
    counts, sizes = [9, 2, 3, 1, 4, 0, 2, 5, 1], [30, 25, 22, 20, 15, 12, 11, 10, 9]
    exact = compare_groups(counts, sizes)
    assert exact.name == EXACT
    drawn = statistics._by_lot(counts, sizes)
    # Four standard errors of 9,999 draws at most 4 x √(.25 / 9999) = 0.02.
    assert drawn == pytest.approx(exact.p, abs=0.02)
    assert statistics._by_lot(counts, sizes) == drawn


def test_too_many_tables_are_drawn_by_lot() -> None:
    counts, sizes = [12, 9, 11, 8, 14, 9, 10, 6, 7, 3], [90, 95, 92, 99, 91, 94, 96, 40, 41, 7]
    found = compare_groups(counts, sizes)
    assert found.name == SIMULATED
    assert 0 < found.p <= 1


def test_groups_far_apart_in_size_stay_within_range() -> None:
    # Expected in the small groups: 0.05 each, so a hit there is rare: about 1 - e^-0.1.
    found = compare_groups([1000, 999, 1, 0], [100_000, 100_000, 5, 5])
    assert found.name == EXACT
    assert 0.05 < found.p < 0.15


def test_nothing_to_tell_apart_has_p_1() -> None:
    assert compare_groups([0, 0], [4, 5]).p == 1
    assert compare_groups([4, 5, 6], [4, 5, 6]).p == 1


# --- many tests -------------------------------------------------------------------------


def test_benjamini_hochberg_finds_what_the_paper_finds() -> None:
    # Benjamini and Hochberg (1995), section 4.1: of 15 hypotheses the first four at 0.05.
    paper = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
        0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    adjusted = adjust_p(paper)
    assert [p is not None and p <= 0.05 for p in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4, abs=NEAR)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_equals_scipy(p_values: list[float]) -> None:
    expected = scipy.stats.false_discovery_control(p_values)
    assert adjust_p(p_values) == pytest.approx(list(expected), abs=NEAR)


def test_what_was_not_tested_is_no_test() -> None:
    assert adjust_p([None, 0.02, None, 0.5]) == [None, 0.04, None, 0.5]
    assert adjust_p([]) == []


@pytest.mark.parametrize(
    ("found", "n", "size", "little"),
    [
        (50, 100, 4, True),  # a group of four
        (10, 100, 9, True),  # 0.9 expected with
        (91, 100, 10, True),  # 0.9 expected without
        (10, 100, 10, False),  # one expected
    ],
)
def test_too_little_goes_by_the_margins(found: int, n: int, size: int, little: bool) -> None:
    assert too_little(found, n, size) is little
