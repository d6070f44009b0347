"""Families grouped by their ten readings into lower, middle and higher.

readings, some missing -> distinct rows with weights -> k-means over the known readings -> groups
in order of their mean reading
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.errors import QualkitError

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

GROUPS = ("lower", "middle", "higher")
HIGHEST = 10
STARTS = 20
MOST_TRIED = 20_000
"""Of more distinct rows than this, a sample chooses among the starts; then all are grouped."""
_ROUNDS = 300
_STILL = 1e-4
"""Centres that move less than this, in readings, have come to rest."""
_CHUNK = 100_000
_CUTS = ((1 / 3, 2 / 3), (1 / 4, 3 / 4), (1 / 5, 1 / 2))


@dataclass(frozen=True, slots=True)
class Grouping:
    """Families in three groups by their readings.

    Attributes
    ----------
    groups : ndarray of int8, shape (n_families,)
        0 lower, 1 middle, 2 higher; -1 for a family without a single reading.
    centres : ndarray of float, shape (3, n_domains)
        Mean known reading of each group in each domain, 1 to 10; NaN in a domain that nobody
        has a reading in.
    """

    groups: Array
    centres: Array


def group_readings(readings: Array, *, seed: int = 0, starts: int = STARTS) -> Grouping:
    """Group families by k-means with k = 3 on the readings that they have.

    The sum over families and known readings of (reading - centre of its group)² is made small
    by turns: each family to the nearest centre over its known domains, each centre to the mean
    of its group's known readings. This is k-POD (Chi, Chi and Baraniuk 2016): a missing
    reading is neither guessed nor does it count. All domains have the same scale, 1 to 10, so
    nothing is standardised. Of several starts (three cuts by level, the rest k-means++, Arthur
    and Vassilvitskii 2007) the best is kept. Groups are named by the mean of their centre.

    The result does not hang on the order of families: equal rows are counted together, in the
    order of their readings, and their sums are whole numbers. A family equally near to two
    centres belongs to the lower one.

    Parameters
    ----------
    readings : ndarray, shape (n_families, n_domains)
        Whole numbers 1 to 10; NaN where there is none. At most 18 domains.
    starts : int
        How many starts are tried.

    Raises
    ------
    QualkitError
        Fewer than three families with different readings.
    ValueError
        A reading is not a whole number from 1 to 10.

    References
    ----------
    Chi, Chi and Baraniuk (2016), k-POD: a method for k-means clustering of missing data,
    The American Statistician 70, 91-99.
    """
    import numpy

    digits = as_digits(readings)
    patterns, which, weights = _distinct(digits)
    known = patterns.any(axis=1)
    if int(known.sum()) < len(GROUPS):
        raise QualkitError(
            "too few families with different readings to make three groups",
            found=f"{int(known.sum())}",
            expected="at least 3",
        )
    centres = _best_centres(patterns[known], weights[known], seed, starts)
    groups = numpy.where(known, assign_groups(patterns, centres), -1).astype(numpy.int8)
    nobody = ~(digits > 0).any(axis=0)
    centres[:, nobody] = numpy.nan
    return Grouping(groups[which], centres)


def as_digits(readings: Array) -> Array:
    """Return readings as small whole numbers, 0 for none."""
    import numpy

    missing = numpy.isnan(readings)
    digits = numpy.where(missing, 0, readings).astype(numpy.int8)
    wrong = ~missing & ((digits != readings) | (digits < 1) | (digits > HIGHEST))
    if wrong.any():
        raise ValueError("readings are whole numbers from 1 to 10")
    return digits


def row_numbers(digits: Array) -> Array:
    """Return one number a row, the same for the same readings only."""
    import numpy

    numbers = numpy.zeros(len(digits), dtype=numpy.int64)
    for column in digits.T:
        numbers = numbers * (HIGHEST + 1) + column
    return numbers


def assign_groups(digits: Array, centres: Array) -> Array:
    """Return the nearest centre of each row over its known readings; the first of equals."""
    import numpy

    usable = numpy.nan_to_num(centres)
    groups = numpy.empty(len(digits), dtype=numpy.int8)
    for rows, part, known in _parts(digits):
        groups[rows] = (known @ (usable**2).T - 2 * part @ usable.T).argmin(axis=1)
    return groups


def _distinct(digits: Array) -> tuple[Array, Array, Array]:
    """Return (distinct rows in order, which of them each row is, how often each stands)."""
    import numpy

    _, first, which, weights = numpy.unique(
        row_numbers(digits), return_index=True, return_inverse=True, return_counts=True
    )
    return digits[first], which, weights.astype(float)


def _best_centres(patterns: Array, weights: Array, seed: int, starts: int) -> Array:
    """Return the centres, lowest mean first, of the best of several starts."""
    import numpy

    generator = numpy.random.default_rng(seed)
    tried, counts = patterns, weights
    if len(patterns) > MOST_TRIED:
        chosen = numpy.sort(generator.choice(len(patterns), MOST_TRIED, replace=False))
        tried, counts = patterns[chosen], weights[chosen]
    trials = [
        _settle(tried, counts, start) for start in _begin(tried, counts, generator, max(starts, 1))
    ]
    best = min(trials, key=lambda trial: trial[1])[0]
    if tried is not patterns:
        best = _settle(patterns, weights, best)[0]
    return best[numpy.lexsort((*best.T[::-1], best.mean(axis=1)))]


def _begin(
    patterns: Array, weights: Array, generator: numpy.random.Generator, starts: int
) -> Iterator[Array]:
    """Yield centres to start from: cuts by level, then k-means++ on filled rows."""
    import numpy

    known = patterns > 0
    totals = weights @ known
    domain = (weights @ patterns) / numpy.maximum(totals, 1)
    level = ((patterns - domain) * known).sum(axis=1) / known.sum(axis=1)
    filled = numpy.where(known, patterns, domain + level[:, None])
    order = numpy.argsort(level, kind="stable")
    place = numpy.empty(len(order))
    place[order] = (numpy.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    for cuts in _CUTS[:starts]:
        part = numpy.searchsorted(cuts, place)
        yield _means(patterns, weights, part, numpy.tile(domain, (len(GROUPS), 1)))
    for _ in range(starts - len(_CUTS)):
        centres = [filled[generator.choice(len(filled), p=weights / weights.sum())]]
        while len(centres) < len(GROUPS):
            gaps = ((filled[:, None, :] - numpy.array(centres)) ** 2).sum(axis=2).min(axis=1)
            odds = weights * gaps
            if not odds.sum():
                break
            centres.append(filled[generator.choice(len(filled), p=odds / odds.sum())])
        else:
            yield numpy.array(centres)


def _settle(patterns: Array, weights: Array, centres: Array) -> tuple[Array, float]:
    """Return the centres at rest, and the sum of squares around them."""
    import numpy

    for _ in range(_ROUNDS):
        moved = _means(patterns, weights, assign_groups(patterns, centres), centres)
        rest = float(numpy.abs(moved - centres).max()) < _STILL
        centres = moved
        if rest:
            break
    within = 0.0
    for rows, part, known in _parts(patterns):
        gaps = known @ (centres**2).T - 2 * part @ centres.T
        within += float(weights[rows] @ (gaps.min(axis=1) + (part**2).sum(axis=1)))
    return centres, within


def _means(patterns: Array, weights: Array, groups: Array, before: Array) -> Array:
    """Return the mean known readings of each group; as before where a group has none."""
    import numpy

    sums, counts = numpy.zeros_like(before), numpy.zeros_like(before)
    for rows, part, known in _parts(patterns):
        member = (groups[rows, None] == numpy.arange(len(GROUPS))) * weights[rows, None]
        sums += member.T @ part
        counts += member.T @ known
    return numpy.where(counts > 0, sums / numpy.maximum(counts, 1), before)


def _parts(digits: Array) -> Iterator[tuple[slice, Array, Array]]:
    """Yield (rows, their readings, which are known), so that memory stays flat."""
    for begin in range(0, len(digits), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        part = digits[rows].astype(float)
        yield rows, part, (part > 0).astype(float)
