"""Categories merged by what they have in common, and what that costs: parts of CHAID.

Tables are lists of rows (one a category), each a list of counts by level of the target.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any, TypeAlias, TypeVar

Counts = Sequence[float]


@dataclass(frozen=True, slots=True)
class Merged:
    """A predictor's categories at a node after merging: groups of rows, and their test."""

    groups: tuple[tuple[int, ...], ...]
    chi_square: float
    p: float
    degrees: int


def chi_square(table: Sequence[Counts]) -> tuple[float, float, int]:
    """Return Pearson's chi-square, its p-value and degrees of freedom.

    Levels that no row has are left out. Without degrees of freedom the p-value is 1.

    >>> chi_square([[5, 0], [0, 5]])[0]
    10.0
    """
    columns = list(map(sum, zip(*table, strict=True)))
    rows = list(map(sum, table))
    total = sum(rows)
    there = [at for at, size in enumerate(columns) if size]
    degrees = (len(rows) - 1) * (len(there) - 1)
    if not degrees:
        return 0.0, 1.0, 0
    found = 0.0
    for row, size in zip(table, rows, strict=True):
        for at in there:
            expected = size * columns[at] / total
            found += (row[at] - expected) ** 2 / expected
    return found, tail(found, degrees), degrees


def tail(value: float, degrees: int) -> float:
    """Return the chance of a chi-square at least as large."""
    if degrees == 1:
        return math.erfc(math.sqrt(value / 2))
    if degrees == 2:
        return math.exp(-value / 2)
    from scipy.special import chdtrc

    return float(chdtrc(degrees, value))


FEW = 5
"""Fewer expected than this, and chi-square is no longer trusted alone."""
_MOST_TABLES = 500_000


def cautious_p(table: Sequence[Counts], p: float) -> float:
    """Return the p-value of a table; where few are expected, no less than a careful one.

    In the far tail, which a correction for many predictors needs, chi-square is too small
    where few are expected. Of two rows the careful one is exact. Of more, the smallest row
    against the others is counted table by table, and only the others among each other are
    left to chi-square. With very many possible tables, `p` as it is.

    Parameters
    ----------
    p : float
        By chi-square.
    """
    columns = [int(sum(column)) for column in zip(*table, strict=True)]
    rows = [int(sum(row)) for row in table]
    few = min((own for own in columns if own), default=0) * min(rows, default=0)
    if len(rows) < 2 or few >= FEW * sum(rows):
        return p
    own = [int(count) for count in table[rows.index(min(rows))]]
    if len(rows) == 2:
        careful = _exact(own, columns)
    else:
        careful = _row_by_row(own, columns, chi_square(table)[0], len(rows))
    return p if careful is None else max(p, careful)


def _exact(row: Sequence[int], columns: Sequence[int]) -> float | None:
    """Return the share of tables no likelier than this, margins kept (Freeman and Halton 1951).

    None where there are too many.
    """
    import numpy

    tables = _tables(sum(row), columns)
    if tables is None:
        return None
    own = [row[at] for at in _rising(columns)]
    told = _log_chances([numpy.array([count]) for count in own], sorted(columns))[0]
    logs = _log_chances(tables, sorted(columns))
    return float(min(1.0, numpy.exp(logs[logs <= told + 1e-7]).sum()))


def _row_by_row(
    row: Sequence[int], columns: Sequence[int], score: float, n_rows: int
) -> float | None:
    """Return the chance of a chi-square at least as large, one row's part of it counted out.

    Pearson's statistic is that of the row against all others, and (but for weights that are
    near 1) that of the others among each other, with (rows - 2)(levels - 1) degrees; given
    the row, the second is taken as chi-square. None where there are too many tables.
    """
    import numpy
    from scipy.special import chdtrc

    n, total = sum(row), sum(columns)
    tables = _tables(n, columns)
    if tables is None:
        return None
    sizes = sorted(columns)
    chances = numpy.exp(_log_chances(tables, sizes))
    there = [(cell, size) for cell, size in zip(tables, sizes, strict=True) if size]
    expected = [n * size / total for _, size in there]
    parts = [(cell - own) ** 2 / own for (cell, _), own in zip(there, expected, strict=True)]
    told = numpy.sum(parts, axis=0) * total / (total - n)
    degrees = (n_rows - 2) * (len(there) - 1)
    # A part that is as large alone leaves nothing to ask of the others.
    others = chdtrc(degrees, numpy.maximum(score - told - 1e-9, 0.0))
    return float(min(1.0, (chances * others).sum()))


def _rising(columns: Sequence[int]) -> list[int]:
    return sorted(range(len(columns)), key=lambda at: columns[at])


def _tables(n: int, columns: Sequence[int]) -> list[Any] | None:
    """Return all rows of so many that margins allow, a list of counts by rising column."""
    import numpy

    # The largest column follows from the others.
    sizes = sorted(columns)
    ways = [min(size, n) + 1 for size in sizes[:-1]]
    if math.prod(ways) > _MOST_TABLES:
        return None
    grid = numpy.meshgrid(*(numpy.arange(way) for way in ways), indexing="ij")
    cells = [cell.ravel() for cell in grid]
    rest = n - numpy.sum(cells, axis=0)
    fits = (rest >= 0) & (rest <= sizes[-1])
    return [cell[fits] for cell in [*cells, rest]]


def _log_chances(cells: Sequence[Any], sizes: Sequence[int]) -> Any:
    """Return the logarithm of each row's chance, margins kept (hypergeometric)."""
    from scipy.special import gammaln

    def log_ways(size: int, count: Any) -> Any:
        return gammaln(size + 1) - gammaln(count + 1) - gammaln(size - count + 1)

    found = sum(log_ways(size, cell) for size, cell in zip(sizes, cells, strict=True))
    return found - log_ways(sum(sizes), sum(cells))


Candidate = TypeVar("Candidate")


def choose_split(
    candidates: Iterable[tuple[float, float, Candidate, Callable[[], float]]],
    tested: int,
    alpha: float,
) -> tuple[float, Candidate] | None:
    """Return the adjusted p-value of the best split, and the split; None where none is under it.

    Parameters
    ----------
    candidates : iterable of (adjusted p, chi-square, split, cautious)
        Adjusted for merging; `cautious` gives the same by the cautious p-value.
    tested : int
        How many predictors are corrected for.
    """
    best: tuple[float, Candidate] | None = None
    for adjusted, _, split, cautious in sorted(candidates, key=lambda own: (own[0], -own[1])):
        if adjusted * tested >= alpha or (best is not None and adjusted >= best[0]):
            break
        careful = cautious()
        if best is None or careful < best[0]:
            best = careful, split
    if best is None or best[0] * tested >= alpha:
        return None
    return min(1.0, best[0] * tested), best[1]


@lru_cache(maxsize=1000)
def multiplier(
    categories: int, groups: int, *, ordered: bool = False, floating: bool = False
) -> int:
    """Return in how many ways categories can be merged into so many groups.

    Parameters
    ----------
    ordered : bool
        Only neighbours are merged.
    floating : bool
        One of the ordered categories, the missing one, may go with any.

    References
    ----------
    Kass, G. V. (1980). An exploratory technique for investigating large quantities of
    categorical data. Applied Statistics 29(2), 119-127: the multipliers for monotonic, floating
    and free predictors.

    Examples
    --------
    >>> multiplier(4, 2), multiplier(4, 2, ordered=True)
    (7, 3)
    """
    c, r = categories, groups
    if ordered and floating:
        return (math.comb(c - 2, r - 2) if r > 1 else 0) + r * math.comb(c - 2, r - 1)
    if ordered:
        return math.comb(c - 1, r - 1)
    terms: list[int] = [math.comb(r, i) * (r - i) ** c for i in range(r)]
    return (sum(terms[::2]) - sum(terms[1::2])) // math.factorial(r)


Groups = list[list[int]]


def join_small(
    table: Sequence[Counts], *, ordered: bool, missing: int | None, least: float
) -> Groups:
    """Return groups of rows of at least a size each, before those alike are merged.

    Rows with one and the same level only are put together first: nothing tells them apart.
    Then the smallest group goes with the one most like it, until none is too small.

    Parameters
    ----------
    ordered : bool
        Only neighbours may go together; the row `missing` with any.
    """
    groups, sums = [[at] for at in range(len(table))], [list(row) for row in table]

    def pure() -> tuple[int, int] | None:
        for x, y in _pairs(groups, ordered, missing):
            if sum(1 for a, b in zip(sums[x], sums[y], strict=True) if a or b) == 1:
                return x, y
        return None

    while len(groups) > 1 and (pair := pure()):
        _join(groups, sums, *pair)
    while len(groups) > 1:
        small = min(range(len(groups)), key=lambda at: sum(sums[at]))
        if sum(sums[small]) >= least:
            break
        near = [pair for pair in _pairs(groups, ordered, missing) if small in pair]
        _join(groups, sums, *_most_alike(groups, sums, near, {})[0])
    return groups


def merge(
    table: Sequence[Counts], groups: Groups, *, ordered: bool, missing: int | None, alpha: float
) -> Merged | None:
    """Merge groups, the most alike first, until any two that may be merged differ.

    Two differ where the test between them has a p-value under `alpha`. None where all go
    together. The same merging as of the package CHAID.
    """
    groups = [list(group) for group in groups]
    sums = [[sum(table[at][k] for at in group) for k in range(len(table[0]))] for group in groups]
    known: _Known = {}
    while len(groups) > 1:
        pair, p = _most_alike(groups, sums, _pairs(groups, ordered, missing), known)
        if p < alpha:
            return Merged(tuple(map(tuple, groups)), *chi_square(sums))
        _join(groups, sums, *pair)
    return None


def _pairs(groups: Groups, ordered: bool, missing: int | None) -> Iterator[tuple[int, int]]:
    """Yield the places of groups that may be merged."""
    if not ordered:
        yield from combinations(range(len(groups)), 2)
        return
    alone = [missing] if missing is not None else None
    in_order = [at for at, group in enumerate(groups) if group != alone]
    yield from pairwise(in_order)
    if len(in_order) < len(groups):
        last = next(at for at, group in enumerate(groups) if group == alone)
        yield from ((at, last) for at in in_order)


_Known: TypeAlias = dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[float, float]]
"""Scores and p-values of pairs of groups, which a merging elsewhere does not change."""


def _most_alike(
    groups: Groups, sums: Sequence[Counts], pairs: Iterable[tuple[int, int]], known: _Known
) -> tuple[tuple[int, int], float]:
    best, highest, score = (0, 1), -1.0, 0.0
    for x, y in pairs:
        key = tuple(groups[x]), tuple(groups[y])
        if key not in known:
            known[key] = chi_square((sums[x], sums[y]))[:2]
        found, p = known[key]
        if p > highest or (p == highest and found > score):
            best, highest, score = (x, y), p, found
    return best, highest


def _join(groups: Groups, sums: list[list[float]], x: int, y: int) -> None:
    groups[x] = sorted(groups[x] + groups[y])
    sums[x] = [a + b for a, b in zip(sums[x], sums[y], strict=True)]
    del groups[y], sums[y]
