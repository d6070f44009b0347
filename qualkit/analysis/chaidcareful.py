"""P-values of tables in which few are expected: chi-square is too small in the far tail there.

A correction for many predictors asks of a table to be unlikely by one in a million. How
unlikely it is cannot be told by chi-square where a level is rare or a group small.

References
----------
Freeman, G. H. and Halton, J. H. (1951). Note on an exact treatment of contingency, goodness
of fit and other problems of significance. Biometrika 38, 141-149.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

FEW = 10
"""Fewer expected than this, and chi-square is not trusted alone: 5 will do at a level of 5%, not at
that of one in a thousand."""
_MOST_TABLES = 500_000
_STEPS = 1000
"""Steps in which a chi-square is counted up; what lies between counts as the next."""
_NEVER = 1e-20
"""Counts that are less likely than this are passed over."""


def cautious_p(table: Sequence[Sequence[float]], score: float, p: float) -> float:
    """Return the p-value of a table; where few are expected, no less than a careful one.

    Of two rows the careful one is the exact test's, as long as the tables can be counted.
    Otherwise Pearson's statistic is taken apart: the smallest row against the others, then
    the next against those left, and so on. Each part's distribution is counted out, as long as
    few are expected in it; common levels, and rows with enough, are left to chi-square.

    Parameters
    ----------
    table : sequence of rows
        Counts by level.
    score, p : float
        Pearson's chi-square and its p-value.
    """
    columns = [int(sum(column)) for column in zip(*table, strict=True) if sum(column)]
    rows = sorted(int(sum(row)) for row in table)
    if len(rows) < 2 or len(columns) < 2 or not _few(rows[0], columns, sum(rows)):
        return p
    if len(rows) == 2:
        smallest = min(table, key=sum)
        exact = _exact([int(count) for count in smallest], list(map(sum, zip(*table, strict=True))))
        if exact is not None:
            return max(p, exact)
    return max(p, _row_by_row(rows, columns, score))


def _few(row: int, columns: Sequence[float], total: int) -> bool:
    return min(columns) * row < FEW * total


def _exact(row: Sequence[int], columns: Sequence[float]) -> float | None:
    """Return the share of tables no likelier than this, margins kept (Freeman and Halton 1951).

    None where there are too many.
    """
    import numpy

    n = sum(row)
    # The largest column follows from the others.
    order = sorted(range(len(columns)), key=lambda at: columns[at])
    sizes, own = [int(columns[at]) for at in order], [row[at] for at in order]
    ways = [min(size, n) + 1 for size in sizes[:-1]]
    if math.prod(ways) > _MOST_TABLES:
        return None
    grid = numpy.meshgrid(*(numpy.arange(way) for way in ways), indexing="ij")
    cells = [cell.ravel() for cell in grid]
    rest = n - numpy.sum(cells, axis=0)
    fits = (rest >= 0) & (rest <= sizes[-1])
    logs = sum(
        _log_ways(size, cell[fits]) for size, cell in zip(sizes, [*cells, rest], strict=True)
    )
    told = sum(float(_log_ways(size, count)) for size, count in zip(sizes, own, strict=True))
    chances = numpy.exp(logs - float(_log_ways(sum(sizes), n)))
    return float(min(1.0, chances[logs <= told + 1e-7].sum()))


def _row_by_row(rows: Sequence[int], columns: Sequence[int], score: float) -> float:
    """Return the chance of a chi-square at least as large, by parts that are counted out.

    With all margins Pearson's statistic is the sum of the parts but for weights that are
    near 1. Of later parts the margins are those expected.
    """
    import numpy
    from scipy.special import chdtrc

    unit = score / _STEPS
    if not unit:
        return 1.0
    told = numpy.zeros(_STEPS + 1)
    told[0] = 1.0
    degrees = 0
    for at, row in enumerate(rows[:-1]):
        total = sum(rows[at:])
        left = [-(-column * total // sum(rows)) for column in columns]
        if not _few(row, left, total):
            degrees += (len(rows) - at - 1) * (len(columns) - 1)
            break
        part, loose = _one_row(row, left, unit)
        told = _together(told, part)
        degrees += loose
    if not degrees:
        return float(told[-1])
    # The last step may lie a hair beyond the score.
    others = chdtrc(degrees, numpy.maximum(score - unit * numpy.arange(_STEPS + 1), 0.0))
    return float(min(1.0, (told * others).sum()))


def _one_row(n: int, columns: Sequence[int], unit: float) -> tuple[Array, int]:
    """Return how likely a row's part of chi-square takes so many steps, and degrees left out.

    Rare levels are counted out, and all common ones together; these among each other are
    what is left out.

    Parameters
    ----------
    n : int
        Families of the row.
    columns : sequence of int
        Families of each level, this row's and the others'.

    Returns
    -------
    ndarray, shape (steps + 1,)
        Chances; the last is for all that is as large.
    """
    import numpy

    total = sum(columns)
    rising = sorted(columns)
    n_rare = sum(column * n < FEW * total for column in rising)
    n_rare = min(n_rare, len(rising) - 1)
    rare, common = rising[:n_rare], sum(rising[n_rare:])
    most = 0
    state = numpy.zeros((1, _STEPS + 1))
    state[0, 0] = 1.0
    for column in rare:
        counts = numpy.arange(min(column, n) + 1)
        chances = _chances(column, counts, n / total)
        steps = _steps(counts, column, n, total, unit)
        before, most = state, min(n, most + column)
        state = numpy.zeros((most + 1, _STEPS + 1))
        for count, chance, step in zip(counts.tolist(), chances, steps.tolist(), strict=True):
            if chance > _NEVER:
                told = before[: most + 1 - count] * chance
                after = state[count : count + len(told)]
                after[:, step:] += told[:, : _STEPS + 1 - step]
                after[:, -1] += told[:, _STEPS + 1 - step :].sum(axis=1)
    rest = n - numpy.arange(most + 1)
    fits = rest <= common
    chances = _chances(common, rest[fits], n / total)
    steps = _steps(rest[fits], common, n, total, unit)
    found = numpy.zeros(_STEPS + 1)
    for line, chance, step in zip(state[fits], chances, steps.tolist(), strict=True):
        found[step:] += chance * line[: _STEPS + 1 - step]
        found[-1] += chance * line[_STEPS + 1 - step :].sum()
    return found / found.sum(), len(rising) - n_rare - 1


def _steps(counts: Array, column: int, n: int, total: int, unit: float) -> Array:
    """Return a cell's part of the row's chi-square against all others, in steps, rounded up."""
    import numpy

    expected = n * column / total
    parts = (counts - expected) ** 2 / expected * total / max(total - n, 1)
    return numpy.minimum(numpy.ceil(parts / unit - 1e-9), _STEPS).astype(int)


def _chances(size: int, counts: Array, share: float) -> Array:
    """Return binomial chances; given their sum they are those with margins kept."""
    import numpy

    logs = _log_ways(size, counts) + counts * math.log(share)
    found: Array = numpy.exp(logs + (size - counts) * math.log1p(-share))
    return found


def _together(one: Array, other: Array) -> Array:
    """Return the chances of the sum of two parts."""
    import numpy

    found = numpy.convolve(one, other)
    return numpy.append(found[:_STEPS], found[_STEPS:].sum())


def _log_ways(size: int, count: Any) -> Any:
    from scipy.special import gammaln

    return gammaln(size + 1) - gammaln(count + 1) - gammaln(size - count + 1)
