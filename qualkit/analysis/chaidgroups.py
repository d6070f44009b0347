"""Categories merged by what they have in common, and what that costs: parts of CHAID.

Tables are lists of rows (one a category), each a list of counts by level of the target.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TypeAlias, TypeVar

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
