"""How far findings of a tree hold when families are drawn anew and the tree grown again.

The package takes half a second a tree; here all predictors are counted at once, so that a
hundred trees take seconds. The splits are the same (a test compares them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.chaid import Correction, Growing, adjust, tests_at_node
from qualkit.analysis.chaidgroups import Merged, choose_split, join_small, merge, multiplier
from qualkit.analysis.chaidrows import FamilyRows

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

RESAMPLES = 100
HOLDS = 0.8
"""A finding that holds in fewer resamples is marked."""
SAME_SIDE = 0.5
"""How much of the difference from the overall share a resample must show."""
SEED = 1980
_AT_ONCE = 300_000
"""Up to so many cells are counted in one go; more take too much memory."""


@dataclass(frozen=True, slots=True)
class QuickNode:
    """A node of a tree grown by counting: its rows, shares by level, and split if any."""

    rows: Array
    shares: Array
    split: tuple[int, tuple[tuple[int, ...], ...]] | None = None


class Counter:
    """Counts of every predictor's categories by level of the target, for any rows."""

    def __init__(self, rows: FamilyRows) -> None:
        import numpy

        self.rows = rows
        self.n_levels = len(rows.levels)
        self.width = max((p.missing + 1 for p in rows.predictors), default=1)
        joint = rows.codes.T.astype(numpy.int32) * self.n_levels + rows.target.astype(numpy.int32)
        self._joint = numpy.ascontiguousarray(joint, dtype=numpy.int16)

    def tables(self, at: Array, weights: Array) -> Array:
        """Return counts, shape (n_predictors, n_codes, n_levels), of rows with their weights."""
        import numpy

        cells = self.width * self.n_levels
        own = self._joint[:, at]
        if own.size <= _AT_ONCE:
            places = own + numpy.arange(len(own), dtype=numpy.int64)[:, None] * cells
            repeated = numpy.broadcast_to(weights[at], own.shape)
            found = numpy.bincount(places.ravel(), repeated.ravel(), len(own) * cells)
        else:
            found = numpy.array([numpy.bincount(line, weights[at], cells) for line in own])
        return found.reshape(len(own), self.width, self.n_levels)


def grow_quickly(counter: Counter, growing: Growing, weights: Array) -> Iterator[QuickNode]:
    """Yield the nodes of the tree of families that stand so many times each, parents first."""
    import numpy

    waiting = [(numpy.arange(len(weights)), 0)]
    while waiting:
        at, depth = waiting.pop()
        counts = numpy.bincount(counter.rows.target[at], weights[at], counter.n_levels)
        shares = counts / counts.sum()
        split = None
        if depth < growing.depth and counts.sum() >= growing.min_split and (counts > 0).sum() > 1:
            split = _best_split(counter, growing, at, weights)
        yield QuickNode(at, shares, split)
        if split is not None:
            own = counter.rows.codes[at, split[0]]
            waiting += [(at[numpy.isin(own, group)], depth + 1) for group in split[1]]


def _best_split(
    counter: Counter, growing: Growing, at: Array, weights: Array
) -> tuple[int, tuple[tuple[int, ...], ...]] | None:
    import numpy

    tables = counter.tables(at, weights)
    sizes = tables.sum(axis=2)
    n_there = (sizes > 0).sum(axis=1)
    two = numpy.flatnonzero(
        (n_there == 2) & (numpy.where(sizes > 0, sizes, numpy.inf).min(axis=1) >= growing.min_node)
    )
    found = [(number, merged, 1) for number, merged in _of_two(tables, sizes, two, growing.alpha)]
    for number in numpy.flatnonzero(n_there > 2).tolist():
        merged, ways = _of_several(counter, growing, tables[number], number)
        if merged is not None:
            found.append((number, merged, ways))
    by_node = growing.correction is Correction.NODE
    tested = tests_at_node(sizes, growing.min_node) if by_node else 1
    chosen = choose_split(
        (_candidate(*own, tables[own[0]], growing) for own in found), tested, growing.alpha
    )
    return None if chosen is None else chosen[1]


_Split: TypeAlias = "tuple[int, tuple[tuple[int, ...], ...]]"


def _candidate(
    number: int, found: Merged, ways: int, table: Array, growing: Growing
) -> tuple[float, float, _Split, Callable[[], float]]:
    own = [table[list(group)].sum(axis=0).tolist() for group in found.groups]
    cautious = adjust(own, found.chi_square, found.p, ways, growing.correction)
    return min(1.0, found.p * ways), found.chi_square, (number, found.groups), cautious


def _of_two(
    tables: Array, sizes: Array, numbers: Array, alpha: float
) -> Iterator[tuple[int, Merged]]:
    """Yield the predictors with two categories that differ, tested all at once."""
    import numpy
    from scipy.special import chdtrc

    if not len(numbers):
        return
    there = numpy.argsort(sizes[numbers] == 0, axis=1, kind="stable")[:, :2]
    own = tables[numbers[:, None], there]
    columns = own.sum(axis=1, keepdims=True)
    expected = own.sum(axis=2, keepdims=True) * columns / columns.sum(axis=2, keepdims=True)
    some = expected > 0
    parts = numpy.divide((own - expected) ** 2, expected, out=numpy.zeros_like(own), where=some)
    found = parts.sum(axis=(1, 2))
    degrees = (columns[:, 0] > 0).sum(axis=1) - 1
    p = numpy.where(degrees > 0, chdtrc(numpy.maximum(degrees, 1), found), 1.0)
    for place in numpy.flatnonzero(p < alpha).tolist():
        groups = tuple((int(code),) for code in there[place])
        number = int(numbers[place])
        yield number, Merged(groups, float(found[place]), float(p[place]), int(degrees[place]))


def _of_several(
    counter: Counter, growing: Growing, table: Array, number: int
) -> tuple[Merged | None, int]:
    import numpy

    predictor = counter.rows.predictors[number]
    there = numpy.flatnonzero(table.sum(axis=1)).tolist()
    own = table[there].tolist()
    floating = predictor.ordered and there[-1] == predictor.missing
    missing = len(there) - 1 if floating else None
    groups = join_small(own, ordered=predictor.ordered, missing=missing, least=growing.min_node)
    merged = merge(own, groups, ordered=predictor.ordered, missing=missing, alpha=growing.alpha)
    if merged is None:
        return None, 1
    ways = multiplier(len(there), len(merged.groups), ordered=predictor.ordered, floating=floating)
    named = tuple(tuple(there[place] for place in group) for group in merged.groups)
    return Merged(named, merged.chi_square, merged.p, merged.degrees), ways


def draw_again(
    rows: FamilyRows,
    growing: Growing,
    segments: Sequence[Array],
    times: int = RESAMPLES,
    progress: Callable[[int, int], None] | None = None,
) -> Array:
    """Return how often each segment's shares stay away from the overall ones.

    In each resample as many families are drawn with replacement, and the tree is grown anew
    by the same rules. Each family of a segment then has the shares of the leaf that it
    falls in. The segment holds for a level where the mean of these shares lies on the same
    side of the resample's overall share as in the tree, and at least half as far from it.

    Parameters
    ----------
    segments : sequence of ndarray
        Rows of each segment.

    Returns
    -------
    ndarray, shape (n_segments, n_levels)
        Shares of resamples, 0 to 1.
    """
    import numpy

    generator = numpy.random.default_rng(SEED)
    counter, n = Counter(rows), len(rows.target)
    levels = len(rows.levels)
    overall = numpy.bincount(rows.target, minlength=levels) / n
    told = numpy.array(
        [
            numpy.bincount(rows.target[own], minlength=levels) / len(own) - overall
            for own in segments
        ]
    )
    held = numpy.zeros_like(told)
    for done in range(times):
        weights = numpy.bincount(generator.integers(0, n, n), minlength=n).astype(float)
        shares = numpy.empty((n, levels))
        for node in grow_quickly(counter, growing, weights):
            # Families without a branch keep their node's; those with one get their leaf's.
            shares[node.rows] = node.shares
        now = numpy.bincount(rows.target, weights, levels) / n
        again = numpy.array([shares[own].mean(axis=0) - now for own in segments])
        held += again * numpy.sign(told) >= SAME_SIDE * numpy.abs(told)
        if progress is not None:
            progress(done + 1, times)
    return held / times
