"""Two things together: lifts and intervals by hand, by other libraries, and by drawing lots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from qualkit.analysis.association import (
    LESS,
    MORE,
    compare_pairs,
    lift,
    phi,
    strongest_first,
)
from qualkit.analysis.findings import NO_DIFFERENCE, TOO_LITTLE
from qualkit.model import Meeting


def test_lift_is_the_share_of_both_by_the_product_of_shares() -> None:
    # (12 / 100) / (20 / 100 × 30 / 100) = 0.12 / 0.06.
    assert lift(12, 20, 30, 100) == pytest.approx(2.0)
    assert lift(0, 20, 30, 100) == 0.0
    assert lift(0, 0, 30, 100) is None


cells = st.tuples(*[st.integers(1, 60)] * 4)


@given(cells)
def test_phi_is_the_correlation(cells: tuple[int, ...]) -> None:
    both, one, other, _ = cells
    x = np.repeat([1, 1, 0, 0], cells)
    y = np.repeat([1, 0, 1, 0], cells)
    found = phi(both, both + one, both + other, sum(cells))
    assert found == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert phi(5, 10, 5, 10) is None


@given(cells)
def test_first_and_second_may_change_places(cells: tuple[int, ...]) -> None:
    both, one, other, _ = cells
    n = sum(cells)
    pair = Meeting("a", "b", both, both + one, both + other, n)
    turned = Meeting("b", "a", both, both + other, both + one, n)
    (found,), (back,) = compare_pairs([pair]), compare_pairs([turned])
    assert found.lift == pytest.approx(back.lift)
    assert found.phi == pytest.approx(back.phi)
    assert (found.test is None) == (back.test is None)
    if found.test and back.test:
        assert found.test.p == pytest.approx(back.test.p, rel=1e-6)


def test_tests_are_those_of_scipy_and_adjusted_as_statsmodels_does() -> None:
    pairs = [
        # 40 × 50 / 200 = 10 expected: chi-square.
        Meeting("a", "b", 20, 40, 50, 200),
        Meeting("a", "c", 9, 40, 60, 200),
        # 20 × 20 / 200 = 2 expected: exact.
        Meeting("b", "c", 6, 20, 20, 200),
        # 4 have the one: in no test.
        Meeting("c", "d", 3, 4, 60, 200),
        # 5 × 10 / 200 = 0.25 expected: in no test.
        Meeting("d", "e", 3, 5, 10, 200),
        # All but one have the second: under 1 of the first is expected without it.
        Meeting("e", "f", 40, 40, 199, 200),
    ]
    found = compare_pairs(pairs)
    table = [[[20, 20], [30, 130]], [[9, 31], [51, 109]]]
    ps = [stats.chi2_contingency(own, correction=False).pvalue for own in table]
    ps.append(stats.fisher_exact([[6, 14], [14, 166]]).pvalue)
    assert [own.test.p for own in found[:3] if own.test] == pytest.approx(ps)
    adjusted = multipletests(ps, method="fdr_bh")[1]
    assert [own.adjusted for own in found[:3]] == pytest.approx(list(adjusted))
    assert [own.test for own in found[3:]] == [None] * 3
    assert [own.finding for own in found] == [MORE, NO_DIFFERENCE, MORE, *[TOO_LITTLE] * 3]
    assert found[3].interval is None
    assert found[0].expected == 10


def test_fewer_than_by_chance_is_said() -> None:
    (found,) = compare_pairs([Meeting("a", "b", 5, 60, 60, 200)])
    # 18 expected.
    assert found.finding == LESS
    assert found.phi is not None
    assert found.phi < 0


def test_furthest_from_chance_first_and_the_untested_last_by_count() -> None:
    pairs = [
        Meeting("a", "b", 3, 4, 60, 200),
        Meeting("a", "c", 4, 4, 60, 200),
        Meeting("b", "c", 12, 40, 50, 200),
        Meeting("c", "d", 25, 40, 50, 200),
        Meeting("d", "e", 0, 40, 50, 200),
    ]
    # From 10: 15 more, 10 fewer, 2 more.
    order = [
        pair.both for pair, _ in strongest_first(zip(pairs, compare_pairs(pairs), strict=True))
    ]
    assert order == [25, 0, 12, 4, 3]
