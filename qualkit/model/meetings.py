"""Two things that meet in the units counted, and graphs of which go together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meeting:
    """How often two things were found among the same units, each and both.

    Attributes
    ----------
    one, other : str
        What they are: "barrier.debts", or a domain.
    both, n_one, n_other : int
        Units with both, with the one, with the other.
    n : int
        All units that could have had either.
    cell : str
        Within what they were counted: a domain, or nothing.
    people : tuple of int, optional
        The families behind `both`, `n_one` and `n_other`, where they were asked for.
    """

    one: str
    other: str
    both: int
    n_one: int
    n_other: int
    n: int
    cell: str = ""
    people: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A line of a graph between two of its nodes, by number.

    `strength` runs from 0 to 1 and makes the line's width; `fewer` draws it dashed; `said`
    are the numbers that stand beside it, `short` the one that has room where lines are many.
    What chance may have brought about as well, not `stands`, is thin and dotted.
    """

    one: int
    other: int
    strength: float
    fewer: bool = False
    said: str = ""
    short: str = ""
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Graph:
    """What goes together with what, as points and lines."""

    title: str
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix to be shaded: a cell has a darkness from 0 to 1, and words.

    `cells` hold (darkness, words, whether fewer than by chance), or None where there is nothing
    to show, by row and column; what is fewer is hatched.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[tuple[float, str, bool] | None, ...], ...]
    notes: tuple[str, ...] = ()
