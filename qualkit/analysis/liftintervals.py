"""How sure a lift is: the interval of all values that the counts speak not clearly against.

Units with both, only one, only the other, neither, are a draw from four shares. Of all shares
with a given lift those that make the counts likeliest are found; a lift is in the interval
where they make them not much less likely than any shares do (profile likelihood).

References
----------
Wilks, S. S. (1938). The large-sample distribution of the likelihood ratio.
Venzon, D. J. and Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
confidence intervals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist

from qualkit.analysis.statistics import LEVEL

_STEP = 0.5
_EXACT = 1e-10
_MOST_ROUNDS = 500


def lift_interval(
    both: int, n_one: int, n_other: int, n: int, level: float = LEVEL
) -> tuple[float, float]:
    """Return the interval of a lift by the profile likelihood.

    It leaves 1 out where the likelihood-ratio test (G²) of independence is below 1 - level,
    so that it goes with the test of a pair; where nothing is together its lower end is 0.

    Parameters
    ----------
    both, n_one, n_other, n : int
        Units with both, with the one, with the other, and all; none of the last three is 0.
    level : float
        0 to 1.
    """
    from scipy.optimize import brentq

    cells = both, n_one - both, n_other - both, n - n_one - n_other + both
    allowed = NormalDist().inv_cdf(0.5 + level / 2) ** 2
    most = sum(count * math.log(count / n) for count in cells if count)

    def beyond(log_lift: float) -> float:
        return 2 * (most - _likelihood(math.exp(log_lift), cells)) - allowed

    def end(step: float) -> float:
        inner = math.log(max(both, _STEP) * n / (n_one * n_other))
        if beyond(inner) > 0:
            # Nothing together, and half a unit is already too much.
            step = -step
        outer = inner + step
        while (beyond(outer) > 0) == (beyond(inner) > 0):
            inner, outer = outer, outer + step
        return math.exp(float(brentq(beyond, inner, outer, xtol=1e-9)))

    return (end(-_STEP) if both else 0.0), end(_STEP)


def _likelihood(lift: float, cells: Sequence[int]) -> float:
    """Return the greatest log-likelihood of the counts under shares with this lift.

    With a and b the shares of the one and of the other, the four are L a b, a (1 - L b),
    b (1 - L a) and 1 - a - b + L a b. For one of the two given, the best other solves a
    quadratic; they are solved in turns. A share of which no unit was found may be 0: turns
    stick at that edge, so the best point of each is looked at too.
    """
    both, one, other, neither = cells

    def of_shares(a: float, b: float) -> float:
        shares = lift * a * b, a * (1 - lift * b), b * (1 - lift * a), 1 - a - b + lift * a * b
        return sum(
            count * math.log(max(share, 1e-300))
            for count, share in zip(cells, shares, strict=True)
            if count
        )

    found = [of_shares(*_in_turns(lift, cells))]
    if 0 in (one, other, neither):
        b, a = _in_turns(lift, (both, other, one, neither))
        found += [of_shares(a, b), *(of_shares(a, b) for a, b in _at_edges(lift, cells))]
    return max(found)


def _in_turns(lift: float, cells: Sequence[int]) -> tuple[float, float]:
    """Return shares of the one and of the other, each the best with the other given."""
    both, one, other, neither = cells
    b = min((both + other) / sum(cells), 0.99 / lift)
    a = 0.0
    for _ in range(_MOST_ROUNDS):
        before = a
        a = _best_share(lift, b, both + one, other, neither)
        b = _best_share(lift, a, both + other, one, neither)
        if abs(a - before) < _EXACT * a:
            break
    return a, b


def _at_edges(lift: float, cells: Sequence[int]) -> Iterator[tuple[float, float]]:
    """Yield the best shares at each edge: only the other, only the one, or neither has share 0.

    At b = 1 / L what depends on a is both log a + other log (1 - L a); at
    b = (1 - a) / (1 - L a) its slope is 0 where c L a² - (r + c) a + r = 0, with r and c the
    units that have the one and the other.
    """
    both, one, other, neither = cells
    if not one and lift >= 1 and both:
        yield both / (lift * (both + other)), 1 / lift
    if not other and lift >= 1 and both:
        yield 1 / lift, both / (lift * (both + one))
    if not neither and lift < 1:
        r, c = both + one, both + other
        a = 2 * r / (r + c + math.sqrt((r + c) ** 2 - 4 * c * lift * r))
        yield a, (1 - a) / (1 - lift * a)


def _best_share(lift: float, given: float, own: int, other: int, neither: int) -> float:
    """Return the likeliest share of the one, with that of the other given.

    `own` units have it, `other` the other alone, `neither` none. The smaller root, written so
    that nothing is lost where the square vanishes.
    """
    # Where every unit has the one, both would vanish.
    s, t = max(0.0, 1 - lift * given), max(_EXACT, 1 - given)
    square = lift * s * (own + other + neither)
    middle = own * (s + lift * t) + lift * t * other + s * neither
    return 2 * own * t / (middle + math.sqrt(max(0.0, middle**2 - 4 * square * own * t)))
