"""A tree of families: what they are told apart by, and what becomes of each segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predictor:
    """Something known of families, in categories.

    Attributes
    ----------
    name : str
        How people choose it: "need.debt", "family.length", "barrier.isolation".
    label : str
        Its words.
    kind : str
        need, attribute or theme.
    categories : tuple of str
        Their words; code 0 is the first. Where it is not known the code is `missing`.
    bounds : tuple of (float, float)
        Least and greatest number of each category, where they are numbers: then
        categories are ordered, and only neighbours are merged.
    unknown : str
        What is said of those without a value.
    """

    name: str
    label: str
    kind: str
    categories: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...] = ()
    unknown: str = "not known"

    @property
    def missing(self) -> int:
        """The code of those without a value."""
        return len(self.categories)

    @property
    def ordered(self) -> bool:
        """Whether only neighbouring categories are merged."""
        return bool(self.bounds)


@dataclass(frozen=True, slots=True)
class TreeSplit:
    """How a node was split.

    Attributes
    ----------
    predictor : int
        Its place among the tree's predictors.
    groups : tuple of tuple of int
        Codes that stay together, one group a child.
    chi_square, degrees, p : float, int, float
        Pearson's test of groups by level.
    p_adjusted : float
        After the correction asked for; at most 1.
    categories, tested : int
        Categories before merging; predictors that could have split this node.
    """

    predictor: int
    groups: tuple[tuple[int, ...], ...]
    chi_square: float
    degrees: int
    p: float
    p_adjusted: float
    categories: int
    tested: int


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A segment of families.

    Attributes
    ----------
    number : int
        0 is the root; children come after their parent.
    choices : tuple of int
        Codes of the parent's predictor that lead here.
    words : str
        The last condition in words; empty at the root.
    segment : str
        All conditions in words.
    counts : tuple of int
        Families by level.
    stopped : str
        Why it was not split.
    """

    number: int
    parent: int | None
    depth: int
    choices: tuple[int, ...]
    words: str
    segment: str
    counts: tuple[int, ...]
    split: TreeSplit | None = None
    stopped: str = ""

    @property
    def n(self) -> int:
        """Families of the segment."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """Families split into segments by what tells them apart in a target.

    Attributes
    ----------
    target : str
        What is told apart, in words.
    levels : tuple of str
        Its values, in the order of `TreeNode.counts`.
    """

    target: str
    levels: tuple[str, ...]
    predictors: tuple[Predictor, ...]
    nodes: tuple[TreeNode, ...]

    @property
    def root(self) -> TreeNode:
        """All families."""
        return self.nodes[0]

    @property
    def leaves(self) -> tuple[TreeNode, ...]:
        """Segments that are not split further; each family is in one."""
        return tuple(node for node in self.nodes if node.split is None)

    def children(self, node: TreeNode) -> tuple[TreeNode, ...]:
        """Return the segments that a node is split into."""
        return tuple(other for other in self.nodes if other.parent == node.number)

    def leaves_under(self, node: TreeNode) -> Iterator[TreeNode]:
        """Yield the last segments below a node; itself, if it is one."""
        if node.split is None:
            yield node
        for child in self.children(node):
            yield from self.leaves_under(child)


@dataclass(frozen=True, slots=True)
class ShownNode:
    """What may be shown of a node: families, and those of each level; None for left out."""

    n: int | None
    counts: tuple[int | None, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.n is not None and None not in self.counts
