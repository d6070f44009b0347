"""Intervals of lifts: against scipy's G test, a search over all shares, and draws by lot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from qualkit.analysis.liftintervals import _likelihood, lift_interval

CHI = 3.841459


def test_nothing_together_has_0_at_its_lower_end_and_leaves_out_chance() -> None:
    # 6 expected.
    low, high = lift_interval(0, 20, 30, 100)
    assert low == 0
    assert 0 < high < 1


def test_nothing_together_where_half_a_unit_is_much() -> None:
    # 1,000 expected. To first order 1,000 fewer cost 2 × 1,000 × L: L = 3.84 / 2,000.
    _, high = lift_interval(0, 20_000, 50_000, 1_000_000)
    assert high == pytest.approx(CHI / 2_000, rel=0.15)


def test_all_of_one_in_the_other_is_bounded_by_it() -> None:
    # All 20 of the first are among the 30: L = 100 / 30, and it cannot be much more.
    low, high = lift_interval(20, 20, 30, 100)
    assert low < 100 / 30 < high


counts = st.tuples(*[st.integers(0, 60)] * 4).filter(
    lambda c: min(c[0] + c[1], c[0] + c[2], c[1] + c[3], c[2] + c[3]) > 0
)


@given(counts)
def test_1_is_left_out_where_the_g_test_says_so(cells: tuple[int, ...]) -> None:
    both, one, other, neither = cells
    table = [[both, one], [other, neither]]
    g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    low, high = lift_interval(both, both + one, both + other, sum(cells))
    if abs(g - CHI) > 1e-3:
        assert (low < 1 < high) == (g < CHI)


@given(counts)
@example((0, 1, 6, 0))
@example((3, 0, 1, 5))
@example((3, 9, 0, 0))
def test_it_holds_what_was_found_and_turns_with_the_pair(cells: tuple[int, ...]) -> None:
    both, one, other, _ = cells
    n, r, c = sum(cells), both + one, both + other
    low, high = lift_interval(both, r, c, n)
    assert low <= both * n / (r * c) <= high
    assert lift_interval(both, c, r, n) == pytest.approx((low, high), rel=1e-5)


@given(
    st.tuples(*[st.sampled_from([0, 0, 1, 2, 9, 40])] * 4).filter(
        lambda c: min(c[0] + c[1], c[0] + c[2]) > 0
    ),
    st.floats(0.1, 8),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_no_shares_of_that_lift_are_likelier(
    cells: tuple[int, ...], lift: float, x: float, y: float
) -> None:
    # Any a up to 1 and 1 / L, then any b that leaves no share below 0.
    a = x * min(1.0, 1 / lift)
    b = y * min(1.0, 1 / lift, (1 - a) / (1 - lift * a) if lift * a < 1 else 1.0)
    shares = lift * a * b, a * (1 - lift * b), b * (1 - lift * a), 1 - a - b + lift * a * b
    if any(count and share <= 0 for count, share in zip(cells, shares, strict=True)):
        return
    own = sum(k * math.log(p) for k, p in zip(cells, shares, strict=True) if k)
    assert own <= _likelihood(lift, cells) + 1e-6


@pytest.mark.parametrize(
    "cells",
    [
        (12, 8, 18, 62),
        (1, 63, 18, 145),
        (5, 15, 7, 200),
        (30, 5, 4, 11),
    ],
)
def test_ends_are_where_a_search_over_all_shares_has_them(cells: tuple[int, ...]) -> None:
    both, one, other, _ = cells
    n = sum(cells)
    most = sum(count * math.log(count / n) for count in cells if count)
    for end in lift_interval(both, both + one, both + other, n):
        # The best of shares with this lift, by a grid that closes in; no quadratic.
        a, b, span = (both + one) / n, (both + other) / n, 0.5
        for _ in range(40):
            best = (-math.inf, a, b)
            for x in np.linspace(max(1e-9, a - span), min(1, a + span), 21):
                for y in np.linspace(max(1e-9, b - span), min(1, b + span), 21):
                    shares = (
                        end * x * y,
                        x - end * x * y,
                        y - end * x * y,
                        1 - x - y + end * x * y,
                    )
                    if min(shares) > 0:
                        own = sum(k * math.log(p) for k, p in zip(cells, shares, strict=True))
                        best = max(best, (own, float(x), float(y)))
            _, a, b = best
            span *= 0.6
        assert 2 * (most - best[0]) == pytest.approx(CHI, abs=2e-3)


@pytest.mark.parametrize("shares", [(0.3, 0.3), (0.5, 0.2), (0.15, 0.3)])
@pytest.mark.parametrize("lift", [0.5, 1.0, 1.5, 1.9])
def test_it_holds_the_true_lift_about_as_often_as_it_says(
    shares: tuple[float, float], lift: float
) -> None:
    # 227 cases, as many as the evaluation had; of 600 draws 95% ± 2.7% (three standard errors),
    # and counts are whole numbers.
    p, q = shares
    both = lift * p * q
    drawn = np.random.default_rng(227).multinomial(
        227, [both, p - both, q - both, 1 - p - q + both], 600
    )
    held = 0
    for x, one, other, _ in drawn.tolist():
        low, high = lift_interval(x, x + one, x + other, 227)
        held += low <= lift <= high
    assert 0.915 <= held / 600 <= 0.985


@settings(max_examples=30)
@given(counts, st.sampled_from([100, 10_000]))
def test_more_of_the_same_makes_it_narrower(cells: tuple[int, ...], by: int) -> None:
    both, one, other, _ = cells
    sizes = both, both + one, both + other, sum(cells)
    low, high = lift_interval(*sizes)
    least, most = lift_interval(*(by * size for size in sizes))
    assert low <= least + 1e-9
    assert most <= high + 1e-9
