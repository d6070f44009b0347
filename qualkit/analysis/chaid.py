"""CHAID: families split, and split again, by what tells them most apart in a target.

rows of codes -> the package CHAID merges categories -> corrections for their number, and for
the number of predictors -> a tree

References
----------
Kass, G. V. (1980). An exploratory technique for investigating large quantities of categorical
data. Applied Statistics 29(2), 119-127.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.chaidcareful import cautious_p
from qualkit.analysis.chaidgroups import choose_split, join_small, multiplier
from qualkit.analysis.chaidrows import FamilyRows, condition, conjunction
from qualkit.model import FamilyTree, Predictor, TreeNode, TreeSplit

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


class Correction(StrEnum):
    """What p-values of splits are corrected for."""

    NODE = "node"
    """The ways to merge categories, and the predictors that could split the node; where few
    are expected, a careful p-value if it is larger (`chaidcareful`)."""
    CATEGORIES = "categories"
    """The ways to merge categories, as SPSS does."""
    NONE = "none"
    """Nothing: the package CHAID as it is."""


@dataclass(frozen=True, slots=True)
class Growing:
    """How a tree is grown.

    Attributes
    ----------
    alpha : float
        Level for merging categories and for splitting a node.
    min_node, min_split : int
        Fewest families of a segment, and of one that is split further.
    depth : int
        Most splits between the root and a leaf.
    """

    alpha: float = 0.05
    min_node: int = 30
    min_split: int = 60
    depth: int = 3
    correction: Correction = Correction.NODE


@lru_cache(maxsize=1)
def load_package() -> Any:
    """Return the package CHAID; its advice on packages for pictures is of no use here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import CHAID
    return CHAID


def grow_tree(rows: FamilyRows, growing: Growing, target: str) -> FamilyTree:
    """Return the tree of families by what tells them apart.

    Parameters
    ----------
    target : str
        What is told apart, in words.

    Notes
    -----
    The package merges the categories of each predictor and walks down the tree. It applies
    none of Kass's multipliers, looks at the smallest size in the last pair of categories only,
    keeps categories apart that have one and the same level only, and does not merge
    neighbours with a gap between them. Unless the correction is none, small and single-level
    categories are therefore joined before it merges (`join_small`) and codes are made dense,
    and its p-value is multiplied afterwards.
    """
    package = load_package()
    columns = [
        _column(package, predictor, rows.codes[:, at])
        for at, predictor in enumerate(rows.predictors)
    ]
    levels = {at: at for at in range(len(rows.levels))}
    grown = package.Tree(
        columns,
        package.NominalColumn(rows.target.astype(int), metadata=levels),
        {
            "alpha_merge": growing.alpha,
            "max_depth": growing.depth,
            # Only what is larger than this is split.
            "min_parent_node_size": growing.min_split - 1,
            "min_child_node_size": growing.min_node,
        },
    )
    if growing.correction is not Correction.NONE:
        grown._stats = _corrected(package, grown._stats, rows.predictors, growing)
    if rows.predictors and len(rows.target) >= growing.min_split:
        grown.build_tree()
        nodes = _nodes(grown.tree_store, rows)
    else:
        nodes = [_node(0, None, 0, (), rows.target, rows)]
    return FamilyTree(target, rows.levels, rows.predictors, tuple(_worded(nodes, rows.predictors)))


def leaf_of(tree: FamilyTree, codes: Array) -> Array:
    """Return the number of the last segment that each row of codes falls in."""
    import numpy

    at = numpy.zeros(len(codes), dtype=numpy.int64)
    for node in tree.nodes:
        if node.split is not None:
            own = codes[:, node.split.predictor]
            for child in tree.children(node):
                at[(at == node.number) & numpy.isin(own, child.choices)] = child.number
    return at


def _column(package: Any, predictor: Predictor, codes: Array) -> Any:
    """Return a predictor as the package takes it; what is missing floats where there is order."""
    import numpy

    absent = _absent(predictor)
    numbers = numpy.where(codes == predictor.missing, absent, codes.astype(numpy.int64))
    known = {code: code for code in range(predictor.missing)} | {absent: predictor.missing}
    sort = package.OrdinalColumn if predictor.ordered else package.NominalColumn
    return sort(numbers, metadata=known, name=predictor.name)


def _absent(predictor: Predictor) -> int:
    """Return the number by which the package knows what is missing."""
    import numpy

    return int(numpy.iinfo(numpy.int64).min) if predictor.ordered else -1


# --- splits with corrections ----------------------------------------------------------------


def tests_at_node(sizes: Array, least: int) -> int:
    """Return how many predictors could split a node, whatever the target says.

    Those with two categories or more among its families; of two, each large enough.

    Parameters
    ----------
    sizes : ndarray, shape (n_predictors, n_codes)
        Families of each category.
    """
    import numpy

    there = (sizes > 0).sum(axis=1)
    smallest = numpy.where(sizes > 0, sizes, numpy.inf).min(axis=1, initial=numpy.inf)
    return max(1, int(((there > 2) | ((there == 2) & (smallest >= least))).sum()))


def _corrected(package: Any, plain: Any, predictors: Sequence[Predictor], growing: Growing) -> Any:
    """Return the package's chooser of splits, with corrections."""

    class Corrected(type(plain)):  # type: ignore[misc]
        def best_split(self, ind: Sequence[Any], dep: Any) -> Any:
            return _best_split(package, super().best_split, predictors, growing, ind, dep)

    own = Corrected.__new__(Corrected)
    own.__dict__.update(plain.__dict__)
    return own


def _best_split(
    package: Any,
    merging: Callable[[Sequence[Any], Any], Any],
    predictors: Sequence[Predictor],
    growing: Growing,
    columns: Sequence[Any],
    dep: Any,
) -> Any:
    """Return the package's split by the predictor with the least adjusted p, or a refusal."""
    import numpy

    refused = package.Split(None, None, None, None, 0)
    levels, target = numpy.unique(dep.arr, return_inverse=True)
    if len(levels) == 1:
        refused.invalid_reason = package.InvalidSplitReason.PURE_NODE
        return refused
    refused.invalid_reason = package.InvalidSplitReason.ALPHA_MERGE
    codes = [_codes_of(column, own) for column, own in zip(columns, predictors, strict=True)]
    sizes = numpy.zeros((len(predictors), max(own.missing for own in predictors) + 1))
    found = []
    for at, (predictor, own) in enumerate(zip(predictors, codes, strict=True)):
        table = _crossed(own, target, predictor.missing + 1, len(levels))
        sizes[at, : len(table)] = table.sum(axis=1)
        groups = _large_enough(predictor, table, growing.min_node)
        if len(groups) > 1:
            stand_in, coarse = _joined(predictor, groups)
            split = merging([_column(package, stand_in, coarse[own])], dep)
            if split.valid():
                there = int((sizes[at] > 0).sum())
                found.append(_candidate(at, predictor, groups, split, there, table, growing))
    tested = tests_at_node(sizes, growing.min_node)
    by_node = growing.correction is Correction.NODE
    chosen = choose_split(found, tested if by_node else 1, growing.alpha)
    if chosen is None:
        return refused
    best = replace(chosen[1], p_adjusted=chosen[0], tested=tested)
    predictor = predictors[best.predictor]
    taken = package.Split(
        *(best.predictor, [], best.chi_square, best.p, best.degrees), split_name=predictor.name
    )
    taken.splits = [_as_kept(predictor, group) for group in best.groups]
    taken.split_map = [list(group) for group in best.groups]
    taken.as_found = best
    return taken


def _large_enough(predictor: Predictor, table: Array, least: int) -> list[tuple[int, ...]]:
    """Return groups of codes with enough families each, what is missing alone last."""
    import numpy

    there = numpy.flatnonzero(table.sum(axis=1)).tolist()
    floats = predictor.ordered and there[-1] == predictor.missing
    groups = join_small(
        table[there].tolist(),
        ordered=predictor.ordered,
        missing=len(there) - 1 if floats else None,
        least=least,
    )
    return [tuple(there[place] for place in group) for group in groups]


def _joined(predictor: Predictor, groups: Sequence[tuple[int, ...]]) -> tuple[Predictor, Array]:
    """Return a predictor whose categories are groups, and the group of each code."""
    import numpy

    group_of = numpy.zeros(predictor.missing + 1, dtype=int)
    for number, group in enumerate(groups):
        group_of[list(group)] = number
    # The last group stands for what is missing only where that is alone.
    alone = predictor.ordered and groups[-1] == (predictor.missing,)
    return replace(predictor, categories=("",) * (len(groups) - alone)), group_of


def _candidate(
    at: int,
    predictor: Predictor,
    groups: Sequence[tuple[int, ...]],
    split: Any,
    there: int,
    table: Array,
    growing: Growing,
) -> tuple[float, float, TreeSplit, Callable[[], float]]:
    """Return what `choose_split` takes of the package's split of joined categories."""
    merged = tuple(
        tuple(sorted(code for part in group for code in groups[int(part)]))
        for group in split.split_map
    )
    every = {code for group in groups for code in group}
    ways = multiplier(
        there,
        len(merged),
        ordered=predictor.ordered,
        floating=predictor.ordered and predictor.missing in every,
    )
    score, p = float(split.score), float(split.p)
    found = TreeSplit(at, merged, score, int(split.dof), p, min(1.0, p * ways), there, 0)
    own = [table[list(group)].sum(axis=0).tolist() for group in merged]
    return found.p_adjusted, score, found, adjust(own, score, p, ways, growing.correction)


def adjust(
    table: Sequence[Sequence[float]], score: float, p: float, ways: int, correction: Correction
) -> Callable[[], float]:
    """Return what works out the p-value corrected for merging; cautious with `node`."""
    if correction is not Correction.NODE:
        return lambda: min(1.0, p * ways)
    return lambda: min(1.0, cautious_p(table, score, p) * ways)


def _codes_of(column: Any, predictor: Predictor) -> Array:
    import numpy

    return numpy.where(column.arr < 0, predictor.missing, column.arr).astype(numpy.int64)


def _as_kept(predictor: Predictor, codes: Sequence[int]) -> list[int]:
    """Return codes as the package's column holds them."""
    return [_absent(predictor) if code == predictor.missing else code for code in codes]


def _crossed(codes: Array, target: Array, n_codes: int, n_levels: int) -> Array:
    import numpy

    cells = numpy.bincount(codes * n_levels + target, minlength=n_codes * n_levels)
    return cells.reshape(n_codes, n_levels)


# --- from the package's nodes to the words of qualkit ------------------------------------------


def _nodes(store: Sequence[Any], rows: FamilyRows) -> list[TreeNode]:
    nodes: list[TreeNode] = []
    for node in store:
        parent = None if node.parent is None else nodes[node.parent]
        choices = tuple(sorted(int(code) for code in node.choices))
        depth = 0 if parent is None else parent.depth + 1
        split: TreeSplit | None = getattr(node.split, "as_found", None)
        if split is None and node.split.valid():
            split = _plain_split(node.split, rows.codes[node.indices])
        own = _node(node.node_id, node.parent, depth, choices, node.dep_v.arr, rows)
        stopped = "" if split else str(node.split.invalid_reason or "")
        nodes.append(replace(own, split=split, stopped=stopped))
    return nodes


def _node(
    number: int,
    parent: int | None,
    depth: int,
    choices: tuple[int, ...],
    target: Array,
    rows: FamilyRows,
) -> TreeNode:
    import numpy

    counts = numpy.bincount(target.astype(int), minlength=len(rows.levels))
    return TreeNode(number, parent, depth, choices, "", "", tuple(map(int, counts)))


def _plain_split(split: Any, codes: Array) -> TreeSplit:
    """Return a split of the package as it is; of ranges of codes those that are there."""
    there = {int(code) for code in codes[:, split.column_id]}
    groups = tuple(
        tuple(sorted(int(code) for code in group if int(code) in there))
        for group in split.split_map
    )
    p = float(split.p)
    return TreeSplit(
        *(split.column_id, groups, float(split.score), int(split.dof), p, p, len(there)),
        codes.shape[1],
    )


def _worded(nodes: Sequence[TreeNode], predictors: Sequence[Predictor]) -> list[TreeNode]:
    """Return the nodes with their conditions in words; of one predictor the last holds."""
    said: dict[int, dict[int, str]] = {}
    found = []
    for node in nodes:
        split = None if node.parent is None else nodes[node.parent].split
        if node.parent is None or split is None:
            said[node.number] = {}
            found.append(replace(node, segment="all families"))
            continue
        words = condition(predictors[split.predictor], node.choices)
        said[node.number] = {**said[node.parent], split.predictor: words}
        segment = conjunction(said[node.number])
        found.append(replace(node, words=words, segment=segment))
    return found
