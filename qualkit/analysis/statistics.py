"""Intervals, tests and effect sizes of counts in groups: how far a difference is more than chance.

units of each group, those with the theme -> intervals, residuals, p-values, effect sizes

Everything is about a table of two rows (with and without a theme) and a column a group.

References
----------
Agresti, A. (2002). Categorical Data Analysis, 2nd edition, section 3.2 (chi-square).
Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T.
Cochran, W. G. (1954). Some methods for strengthening the common chi-square tests.
Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, section 6.2 (h).
Fisher, R. A. (1935). The logic of inductive inference.
Freeman, G. H. and Halton, J. H. (1951). Note on an exact treatment of contingency.
Haberman, S. J. (1973). The analysis of residuals in cross-classified tables.
Newcombe, R. G. (1998). Interval estimation for the difference between independent
proportions, method 10.
Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero.
Wilson, E. B. (1927). Probable inference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

LEVEL = 0.95
FALSE_DISCOVERIES = 0.05
"""The share of false findings that a table may have on average."""
SMALL_GROUP = 5
"""Groups with fewer units are in no test."""
LEAST_EXPECTED = 1.0
"""Fewer units expected with, or without, a theme are too little material to say."""
CHI_SQUARE, EXACT, SIMULATED = "chi-square", "exact", "exact, by lot"
_EXPECTED = 5.0
_SEED = 19351
_SAMPLES = 9_999
_MOST_DRAWN = 2_000_000
"""Numbers drawn for one test by lot, over all its groups."""
_MOST_HALF = 200_000
"""Ways to fill half of the groups beyond which a test goes by lot."""
_TIE = math.log1p(1e-7)
"""Probabilities this near are equal, as in R's and SciPy's exact tests."""


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A test of no difference: its name, its p-value and an effect size.

    `effect` is Cramér's V for groups, Cohen's h for one group against the rest.
    """

    name: str
    p: float
    effect: float | None = None


# --- intervals ---------------------------------------------------------------


def wilson_interval(count: int, n: int, level: float = LEVEL) -> tuple[float, float] | None:
    """Return Wilson's (1927) score interval of count / n, 0 to 1; None where n is 0."""
    if not n:
        return None
    z2 = _normal(level) ** 2
    centre = count + z2 / 2
    spread = math.sqrt(z2) * math.sqrt(count * (n - count) / n + z2 / 4)
    # No and all have their end on the border, which rounding could miss.
    low = 0.0 if count == 0 else (centre - spread) / (n + z2)
    high = 1.0 if count == n else (centre + spread) / (n + z2)
    return low, high


def newcombe_interval(
    first: int, n_first: int, last: int, n_last: int, level: float = LEVEL
) -> tuple[float, float] | None:
    """Return the interval of last / n_last - first / n_first, -1 to 1; None without units.

    Newcombe (1998), method 10: from the Wilson intervals of both shares.
    """
    own, other = wilson_interval(last, n_last, level), wilson_interval(first, n_first, level)
    if own is None or other is None:
        return None
    p, q = last / n_last, first / n_first
    below = math.hypot(p - own[0], other[1] - q)
    above = math.hypot(own[1] - p, q - other[0])
    return p - q - below, p - q + above


def _normal(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


# --- effect sizes -------------------------------------------------------------


def cohens_h(p: float, q: float) -> float:
    """Return Cohen's (1988) h of two shares, 2 asin √p - 2 asin √q, -π to π."""
    return 2 * math.asin(math.sqrt(p)) - 2 * math.asin(math.sqrt(q))


def cramers_v(chi_square: float, n: int, rows: int, columns: int) -> float | None:
    """Return Cramér's V without its bias (Bergsma 2013), 0 to 1; None where not defined."""
    if n < 2:
        return None
    lost = (rows - 1) * (columns - 1) / (n - 1)
    phi2 = max(0.0, chi_square / n - lost)
    sides = (side - (side - 1) ** 2 / (n - 1) for side in (rows, columns))
    least = min(sides) - 1
    return min(1.0, math.sqrt(phi2 / least)) if least > 0 else None


def adjusted_residuals(counts: Sequence[int], sizes: Sequence[int]) -> list[float | None]:
    """Return Haberman's (1973) adjusted residual of the theme in each group.

    (count - expected) ÷ √(expected × (1 - share overall) × (1 - share of the group)); about
    standard normal where groups do not differ. None where that is 0.
    """
    found, n = sum(counts), sum(sizes)
    residuals: list[float | None] = []
    for count, size in zip(counts, sizes, strict=True):
        # In whole numbers as far as they go: nothing is lost by differences.
        variance = found * (n - found) * size * (n - size)
        residuals.append(
            (count * n - found * size) * math.sqrt(n) / math.sqrt(variance) if variance else None
        )
    return residuals


# --- tests ---------------------------------------------------------------------


def too_little(found: int, n: int, size: int) -> bool:
    """Say whether a group is too small to be compared: it, or what is expected in it.

    By the margins alone, never by what was found in the group, so that the p-values of
    those that are compared stay what they are.
    """
    expected = size * found / n if n else 0.0
    return size < SMALL_GROUP or min(expected, size - expected) < LEAST_EXPECTED


def compare_one(count: int, size: int, found: int, n: int) -> GroupTest:
    """Test a group against the other groups together, two-sided.

    The chi-square test without correction (the square of the adjusted residual) where five
    or more are expected in all four cells, else Fisher's exact test.

    Parameters
    ----------
    count, size : int
        Units of the group with the theme, and all of them.
    found, n : int
        The same over all groups; the group must not be all or none of them.
    """
    h = cohens_h(count / size, (found - count) / (n - size))
    if min(found, n - found) * min(size, n - size) >= _EXPECTED * n:
        (residual, _) = adjusted_residuals([count, found - count], [size, n - size])
        p = math.erfc(abs(residual) / math.sqrt(2)) if residual is not None else 1.0
        return GroupTest(CHI_SQUARE, p, h)
    exact = _exact([count, found - count], [size, n - size])
    if exact is None:
        return GroupTest(SIMULATED, _by_lot([count, found - count], [size, n - size]), h)
    return GroupTest(EXACT, exact, h)


def compare_groups(counts: Sequence[int], sizes: Sequence[int]) -> GroupTest:
    """Test whether a theme is equally frequent in all groups.

    Chi-square where no more than a fifth of the expected counts is under five and none under
    one (Cochran 1954; with two groups all must be five), else the exact test of Freeman and
    Halton (1951): full enumeration, or where that is too long 9,999 tables drawn by lot with a
    fixed seed, p = (1 + as unlikely ones) ÷ (1 + drawn) (Phipson and Smyth 2010).
    """
    found, n = sum(counts), sum(sizes)
    statistic = chi_square(counts, sizes)
    effect = cramers_v(statistic, n, 2, len(sizes))
    if _expected_enough(found, n, sizes):
        from scipy.special import chdtrc

        return GroupTest(CHI_SQUARE, float(chdtrc(len(sizes) - 1, statistic)), effect)
    p = _exact(counts, sizes)
    if p is not None:
        return GroupTest(EXACT, p, effect)
    return GroupTest(SIMULATED, _by_lot(counts, sizes), effect)


def chi_square(counts: Sequence[int], sizes: Sequence[int]) -> float:
    """Return Pearson's chi-square of theme by group; 0 where all or none have the theme."""
    found, n = sum(counts), sum(sizes)
    if not 0 < found < n:
        return 0.0
    share = found / n
    squares = (
        (count - size * share) ** 2 / size
        for count, size in zip(counts, sizes, strict=True)
        if size
    )
    return math.fsum(squares) / (share * (1 - share))


def adjust_p(p_values: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted for their number (Benjamini and Hochberg 1995).

    The least false discovery rate at which each would be a finding; None stays None and is
    no test.
    """
    tested = sorted(
        ((p, at) for at, p in enumerate(p_values) if p is not None), key=lambda pair: -pair[0]
    )
    adjusted: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank, (p, at) in zip(range(len(tested), 0, -1), tested, strict=True):
        least = min(least, p * len(tested) / rank)
        adjusted[at] = least
    return adjusted


def _expected_enough(found: int, n: int, sizes: Sequence[int]) -> bool:
    expected = [size * side / n for size in sizes for side in (found, n - found)]
    few = sum(cell < _EXPECTED for cell in expected)
    if len(sizes) == 2:
        return not few
    return min(expected) >= LEAST_EXPECTED and few <= len(expected) / 5


# --- exact tests -----------------------------------------------------------------


def _log_chances(size: int, most: int, share: float) -> Array:
    """Return the logarithms of the binomial chances of 0 to `most` of `size`.

    Given their sum, binomial counts of one share have the distribution that the exact test
    wants, whatever the share; that of all groups keeps the numbers within range.
    """
    import numpy

    x = numpy.arange(1, most + 1)
    steps = numpy.log(size - x + 1) - numpy.log(x) + math.log(share) - math.log1p(-share)
    return size * math.log1p(-share) + numpy.concatenate(([0.0], numpy.cumsum(steps)))


def _exact(counts: Sequence[int], sizes: Sequence[int]) -> float | None:
    """Return the exact p-value: the share of tables no likelier than this; None if too long.

    Half of the groups are enumerated, then the other half, and joined by their sums: a table
    counts where the two logarithms together stay under the bound.
    """
    import numpy

    found, n = sum(counts), sum(sizes)
    if not 0 < found < n:
        return 1.0
    order = sorted(range(len(sizes)), key=lambda at: -min(sizes[at], found))
    chances = {at: _log_chances(sizes[at], min(sizes[at], found), found / n) for at in order}
    bound = sum(float(chances[at][counts[at]]) for at in order) + _TIE
    one = _enumerate([chances[at] for at in order[::2]], found)
    other = _enumerate([chances[at] for at in order[1::2]], found)
    if one is None or other is None:
        return None
    all_, unlikely = [], []
    firsts, lasts = _by_sum(*one, found), _by_sum(*other, found)
    for sum_, first in enumerate(firsts):
        last = lasts[found - sum_]
        if not len(first) or not len(last):
            continue
        mass = numpy.concatenate(([0.0], numpy.cumsum(numpy.exp(last))))
        own = numpy.exp(first)
        all_.append(float(own.sum() * mass[-1]))
        unlikely.append(float(own @ mass[numpy.searchsorted(last, bound - first, "right")]))
    return min(1.0, math.fsum(unlikely) / math.fsum(all_))


def _enumerate(chances: Sequence[Array], most: int) -> tuple[Array, Array] | None:
    """Return (sum, logarithm of the chance) of all ways to fill groups; None if too many."""
    import numpy

    sums, logs = numpy.zeros(1, dtype=numpy.int64), numpy.zeros(1)
    for own in chances:
        if len(sums) * len(own) > _MOST_HALF * 8:
            return None
        sums = (sums[:, None] + numpy.arange(len(own))).ravel()
        logs = (logs[:, None] + own).ravel()
        fit = sums <= most
        sums, logs = sums[fit], logs[fit]
        if len(sums) > _MOST_HALF:
            return None
    return sums, logs


def _by_sum(sums: Array, logs: Array, most: int) -> list[Array]:
    """Return the logarithms for each sum from 0 to `most`, the least first."""
    import numpy

    order = numpy.lexsort((logs, sums))
    edges = numpy.searchsorted(sums[order], numpy.arange(1, most + 1))
    return numpy.split(logs[order], edges)


def _by_lot(counts: Sequence[int], sizes: Sequence[int]) -> float:
    """Return the p-value from tables drawn by lot, the same for the same table."""
    import numpy

    found, n = sum(counts), sum(sizes)
    chances = [_log_chances(size, min(size, found), found / n) for size in sizes]
    bound = sum(float(own[count]) for own, count in zip(chances, counts, strict=True)) + _TIE
    samples = max(999, min(_SAMPLES, _MOST_DRAWN // len(sizes)))
    generator = numpy.random.default_rng([_SEED, *counts, *sizes])
    drawn = generator.multivariate_hypergeometric(
        list(sizes), found, size=samples, method="marginals"
    )
    logs = numpy.zeros(samples)
    for at, own in enumerate(chances):
        logs += own[drawn[:, at]]
    return (1 + int((logs <= bound).sum())) / (1 + samples)
