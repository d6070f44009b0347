"""Sums and formulas of agreement, over how often each pattern of coders occurs; the bootstrap.

Every measure here is a function of sums over units. So ratings are reduced to their distinct
columns (patterns) and how often each occurs in each group of units; a bootstrap sample is then
a weighting of groups, and nothing grows with replicates × units. The papers are named in
agreement.py, with the formula of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

CONFIDENCE = 0.95
_ROWS = 100
_CELLS = 2_000_000
"""Bootstrap samples are drawn so many at a time, and as few as keep this many numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The distinct columns of a table of ratings.

    Attributes
    ----------
    ratings : array of int, shape (n_coders, n_patterns)
        Values as numbers from 0; -1 where a coder is missing.
    n_values : int
        How many values could have been given.
    """

    ratings: Array
    n_values: int

    @property
    def n_coders(self) -> int:
        """How many coders there are."""
        return int(self.ratings.shape[0])

    @property
    def n_ratings(self) -> Array:
        """How many coders rated a unit of each pattern, shape (n_patterns,)."""
        given: Array = (self.ratings >= 0).sum(axis=0)
        return given

    def rated(self, which: Array, weights: Array) -> Any:
        """Return ratings of each value, weighted, as a sparse matrix (n_patterns, n_values).

        `which` says which patterns count; `weights` has shape (n_patterns,).
        """
        import numpy
        from scipy.sparse import csr_array

        coder, pattern = numpy.nonzero((self.ratings >= 0) & which)
        entries = (weights[pattern], (pattern, self.ratings[coder, pattern]))
        return csr_array(entries, shape=(self.ratings.shape[1], self.n_values), dtype=float)

    def agreeing(self) -> Array:
        """Return the ordered pairs of coders with the same value, shape (n_patterns,)."""
        import numpy

        everywhere = numpy.ones(self.ratings.shape[1])
        counts = self.rated(everywhere.astype(bool), everywhere)
        squares: Array = counts.multiply(counts).sum(axis=1)
        return squares - self.n_ratings


# --- the measures ---------------------------------------------------------------------
#
# Each gives what a unit of a pattern adds to the sums (numbers, shape (n_patterns, k), and
# counts by value, sparse, shape (n_patterns, w)) and makes values, nan where not defined, of
# sums of shapes (n, k) and (n, w). The first number says whether the unit is used.

Sums: TypeAlias = "tuple[Array, Any]"


def _ratio(above: Array, below: Array) -> Array:
    import numpy

    # Both are made of whole numbers, so that "no variation" is an exact 0.
    values: Array = numpy.full(below.shape, numpy.nan)
    return numpy.divide(above, below, out=values, where=below != 0)


def _paired(patterns: Patterns) -> tuple[Array, Array]:
    """Return which patterns have two ratings or more, and their share of agreeing pairs."""
    import numpy

    n = patterns.n_ratings
    paired = n >= 2
    pairs = numpy.where(paired, n * (n - 1), 1)
    return paired, numpy.where(paired, patterns.agreeing() / pairs, 0.0)


def _percent_sums(patterns: Patterns) -> Sums:
    import numpy
    from scipy.sparse import csr_array

    paired, share = _paired(patterns)
    return numpy.stack([paired, share], axis=1), csr_array((len(paired), 1))


def _percent(numbers: Array, counts: Array, patterns: Patterns) -> Array:
    return _ratio(numbers[:, 1], numbers[:, 0])


def _cohen_sums(patterns: Patterns) -> Sums:
    import numpy
    from scipy.sparse import hstack

    first, second = patterns.ratings
    both = (first >= 0) & (second >= 0)
    ones = both.astype(float)
    sides = [Patterns(row[None], patterns.n_values).rated(both, ones) for row in (first, second)]
    same = both & (first == second)
    return numpy.stack([ones, same], axis=1), hstack(sides, format="csr")


def _cohen(numbers: Array, counts: Array, patterns: Patterns) -> Array:
    n, same = numbers.T
    chance = (counts[:, : patterns.n_values] * counts[:, patterns.n_values :]).sum(axis=1)
    return _ratio(n * same - chance, n * n - chance)


def _fleiss_sums(patterns: Patterns) -> Sums:
    import numpy

    whole = patterns.n_ratings == patterns.n_coders
    ones = whole.astype(float)
    return numpy.stack([ones, patterns.agreeing() * whole], axis=1), patterns.rated(whole, ones)


def _fleiss(numbers: Array, counts: Array, patterns: Patterns) -> Array:
    n, same = numbers.T
    m = patterns.n_coders
    # (P - Pe) / (1 - Pe), both times n²m²(m - 1).
    chance = (counts**2).sum(axis=1) * (m - 1)
    return _ratio(n * m * same - chance, (n * m) ** 2 * (m - 1) - chance)


def _alpha_sums(patterns: Patterns) -> Sums:
    import numpy

    paired, share = _paired(patterns)
    apart = patterns.n_ratings * (1 - share) * paired
    counts = patterns.rated(paired, paired.astype(float))
    return numpy.stack([paired, apart], axis=1), counts


def _alpha(numbers: Array, counts: Array, patterns: Patterns) -> Array:
    import numpy

    n = counts.sum(axis=1)
    expected = n * n - (counts**2).sum(axis=1)
    disagreement = _ratio((n - 1) * numbers[:, 1], expected)
    return numpy.where(expected > 0, 1 - disagreement, numpy.nan)


def _ac1_sums(patterns: Patterns) -> Sums:
    import numpy

    n = patterns.n_ratings
    paired, share = _paired(patterns)
    rated = n > 0
    numbers = numpy.stack([paired, share, rated], axis=1)
    return numbers, patterns.rated(rated, 1 / numpy.maximum(n, 1))


def _ac1(numbers: Array, counts: Array, patterns: Patterns) -> Array:
    import numpy

    paired, share, rated = numbers.T
    if patterns.n_values < 2:
        return numpy.full(len(paired), numpy.nan)
    observed = _ratio(share, paired)
    propensity = _ratio(counts, numpy.repeat(rated[:, None], patterns.n_values, axis=1))
    chance = (propensity * (1 - propensity)).sum(axis=1) / (patterns.n_values - 1)
    return _ratio(observed - chance, 1 - chance)


@dataclass(frozen=True, slots=True, eq=False)
class _Formula:
    sums: Callable[[Patterns], Sums]
    values: Callable[[Array, Array, Patterns], Array]


_FORMULAS = {
    "percent": _Formula(_percent_sums, _percent),
    "cohen": _Formula(_cohen_sums, _cohen),
    "fleiss": _Formula(_fleiss_sums, _fleiss),
    "alpha": _Formula(_alpha_sums, _alpha),
    "ac1": _Formula(_ac1_sums, _ac1),
}
MEASURES = tuple(_FORMULAS)


class Measurer:
    """A measure made ready for some patterns, to be taken of many counts of them.

    Parameters
    ----------
    name : str
        One of `MEASURES`; cohen needs patterns of two coders.
    """

    def __init__(self, name: str, patterns: Patterns) -> None:
        self._formula = _FORMULAS[name]
        self._patterns = patterns
        self._numbers, self._counts = self._formula.sums(patterns)

    def values(self, counts: Array) -> Array:
        """Return the measure of each row of counts, shape (n, n_patterns); nan if undefined."""
        numbers = counts @ self._numbers.astype(float)
        return self._formula.values(numbers, counts @ self._counts, self._patterns)

    @property
    def used(self) -> Array:
        """Whether the measure uses a unit of each pattern, shape (n_patterns,)."""
        used: Array = self._numbers[:, 0].astype(bool)
        return used


# --- the bootstrap --------------------------------------------------------------------


def _chunks(replicates: int, size: int) -> Iterator[int]:
    rows = max(1, min(_ROWS, _CELLS // max(size, 1)))
    for start in range(0, replicates, rows):
        yield min(rows, replicates - start)


def draw_groups(n_groups: int, replicates: int, seed: int) -> Iterator[Array]:
    """Yield how often each group is drawn, shape (up to 100, n_groups), `replicates` rows in all.

    With many groups the pieces are smaller, so that memory stays flat.
    """
    import numpy

    rng = numpy.random.default_rng(seed)
    for rows in _chunks(replicates, n_groups):
        drawn = rng.integers(n_groups, size=(rows, n_groups))
        drawn += numpy.arange(rows)[:, None] * n_groups
        counted = numpy.bincount(drawn.ravel(), minlength=rows * n_groups)
        yield counted.reshape(rows, n_groups).astype(float)


def draw_units(counts: Array, replicates: int, seed: int) -> Iterator[Array]:
    """Yield counts of patterns of samples of units, shape (up to 100, n_patterns)."""
    import numpy

    # Units of one pattern are alike, so drawing units is drawing patterns.
    rng = numpy.random.default_rng(seed)
    n = int(counts.sum())
    for rows in _chunks(replicates, len(counts)):
        yield rng.multinomial(n, counts / n, size=rows).astype(float)


def percentile_interval(
    value: float, drawn: Array, confidence: float = CONFIDENCE
) -> tuple[float, float] | None:
    """Return the percentile interval of bootstrap values; nan among them is left out.

    Where the sample's own value lies outside, which can happen with few groups, the
    interval is widened to hold it.
    """
    import numpy

    defined = drawn[~numpy.isnan(drawn)]
    if not len(defined) or numpy.isnan(value):
        return None
    low, high = numpy.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return min(float(low), float(value)), max(float(high), float(value))
