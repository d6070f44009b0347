"""Which numbers to leave out, so that small ones can neither be read nor worked out.

    small numbers -> hidden -> what can an attacker work out? -> hide one more -> ... -> none

The attacker knows all that is printed, what adds up, and the rule itself: that a hidden
number is never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Cell: TypeAlias = Hashable
"""A number of a table, wherever it is printed."""
_Safe: TypeAlias = "Callable[[System, Cell], bool]"
_MOST_TRIED = 60
"""With more numbers hidden for others' sake, none is tried whether it is needless."""


@dataclass(frozen=True, slots=True)
class Line:
    """Cells that add up to another; not `exact`: parts overlap, so they are at least as much."""

    total: Cell
    parts: tuple[Cell, ...]
    exact: bool = True


@dataclass(slots=True)
class Cells:
    """The numbers of tables that are published together, and how they hang together.

    Attributes
    ----------
    values : dict of Cell to int
    people : dict of Cell to int
        Families behind a cell, where they may be fewer than its value.
    within : list of (Cell, Cell)
        A count and what it is of.
    at_most : list of (Cell, Cell)
        Others of which the first is never more than the second.
    spare : set of Cell
        Those that nobody misses: printed nowhere, or at the foot only. Hidden before others.
    """

    values: dict[Cell, int] = field(default_factory=dict)
    people: dict[Cell, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    within: list[tuple[Cell, Cell]] = field(default_factory=list)
    at_most: list[tuple[Cell, Cell]] = field(default_factory=list)
    spare: set[Cell] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Hidden:
    """Cells left out: small ones, and those that would give them back."""

    primary: frozenset[Cell]
    secondary: frozenset[Cell]

    def __contains__(self, cell: Cell) -> bool:
        """Say whether the cell is left out for either reason."""
        return cell in self.primary or cell in self.secondary


def suppress(cells: Cells, limit: int, *, high: bool = True) -> Hidden:
    """Return the cells to leave out.

    Parameters
    ----------
    limit : int
        Numbers from 1 to below it are hidden; 0 is shown.
    high : bool
        Hide also a count of which all but fewer than `limit` are part ("all but two").

    Notes
    -----
    A hidden small number is protected when, by all that is printed, it could still be 1
    and could still be the limit or more (as far as its denominator allows); of one hidden
    for "all but few" the same holds for what is missing. Bounds are integer programmes
    (Hundepohl et al. 2012, chapter 4; Fischetti and Salazar 2001). While one is not
    protected, a shown number of a line that gives it away is hidden too: one that opens no
    further line, else the smallest. What turns out to be needless is shown again.
    """
    primary = frozenset(_small(cells, limit, high=high))
    # In a fixed order: the same table is always published alike.
    waiting = [cell for cell in cells.values if cell in primary]
    hidden = set(primary)
    wholes: dict[Cell, list[Cell]] = {}
    for count, of in cells.within if high else ():
        wholes.setdefault(count, []).append(of)
    known = Known(cells)
    system = System(known, hidden)
    loosest = System(known, {cell for cell, value in cells.values.items() if value})

    def safe(system: System, cell: Cell) -> bool:
        return _protected(cells, system, loosest, cell, primary, limit, wholes.get(cell, ()))

    # To hide more never says more of a cell, so each needs to be looked at once.
    for cell in waiting:
        while not safe(system, cell):
            more = _next_to_hide(known, hidden, cell)
            if more is None:
                break
            hidden.add(more)
            waiting.append(more)
    hidden -= _needless(known, hidden, primary, safe)
    return Hidden(primary, frozenset(hidden - primary))


def _small(cells: Cells, limit: int, *, high: bool) -> Iterator[Cell]:
    for cell, value in cells.values.items():
        if 0 < value < limit or (value and 0 < cells.people.get(cell, limit) < limit):
            yield cell
    if high:
        for count, of in cells.within:
            if cells.values[count] > 0 and cells.values[of] - cells.values[count] < limit:
                yield count


def _protected(
    cells: Cells,
    system: System,
    loosest: System,
    cell: Cell,
    primary: frozenset[Cell],
    limit: int,
    wholes: Sequence[Cell],
) -> bool:
    """Say whether a hidden cell can be worked out only as loosely as `suppress` promises."""
    if not system.tied(cell):
        return True
    least, most = system.bounds({cell: 1})
    if least == most:
        return False
    if cell not in primary:
        return True
    value = cells.values[cell]
    if value < limit and not _loose(loosest, {cell: 1}, (least, most), limit):
        return False
    if value >= limit > cells.people.get(cell, limit) and most - least < limit:
        return False
    return all(
        _loose(loosest, {whole: 1, cell: -1}, system.bounds({whole: 1, cell: -1}), limit)
        for whole in wholes
        if cells.values[whole] - value < limit
    )


def _loose(
    loosest: System, terms: Mapping[Cell, int], bounds: tuple[float, float], limit: int
) -> bool:
    """Say whether a sum could be 1 and could be the limit, or as near as hiding all would allow.

    A total is known to be at least as many as it has parts that are not 0, whatever is hidden.
    """
    least, most = bounds
    if least <= 1 and most >= limit:
        return True
    lowest, highest = loosest.bounds(terms)
    return least <= max(1, lowest) and most >= min(limit, highest)


def _next_to_hide(known: Known, hidden: set[Cell], exposed: Cell) -> Cell | None:
    """Return the smallest shown number of the lines around a cell; a total only at last.

    First one that nobody misses.

    None where all that hangs together with it is hidden.
    """
    cells = known.cells
    steps = list(_steps(known, hidden, exposed))
    # A hidden number that stands alone in a line is given away, and all that hangs on it.
    givers = [line for near, _ in steps for line in near if _alone(line, hidden)]
    for near in ([givers] if givers else []) + [near for near, _ in steps]:
        totals = {line.total for line in near}
        there = dict.fromkeys(cell for line in near for cell in (*line.parts, line.total))
        shown = [cell for cell in there if cell not in hidden and cells.values[cell] > 0]
        if shown:
            opened = {cell: _lines_opened(known, hidden, cell) for cell in shown}
            return min(
                shown,
                key=lambda cell: (
                    cell not in cells.spare,
                    cell in totals,
                    opened[cell],
                    cells.values[cell],
                ),
            )
    _, reached = steps[-1]
    pairs = [pair for pair in (*cells.within, *cells.at_most) if not reached.isdisjoint(pair)]
    wholes = [of for pair in pairs for of in pair if of not in hidden]
    return min(wholes, key=lambda cell: cells.values[cell], default=None)


def _steps(known: Known, hidden: set[Cell], start: Cell) -> Iterator[tuple[list[Line], set[Cell]]]:
    """Yield the lines around a cell, then those around the hidden cells in them, and so on."""
    reached = {start}
    while True:
        near, pairs = known.around(reached)
        yield near, reached
        further = reached | {
            cell for line in near for cell in (*line.parts, line.total) if cell in hidden
        }
        further |= {cell for pair in pairs for cell in pair if cell in hidden}
        if further == reached:
            return
        reached = further


def _alone(line: Line, hidden: set[Cell]) -> bool:
    return len(hidden.intersection((line.total, *line.parts))) == 1


def _lines_opened(known: Known, hidden: set[Cell], cell: Cell) -> int:
    """Return in how many lines it would be the only one hidden, and so be given away itself."""
    near, _ = known.around({cell})
    return sum(hidden.isdisjoint((line.total, *line.parts)) for line in near)


def _needless(known: Known, hidden: set[Cell], primary: frozenset[Cell], safe: _Safe) -> set[Cell]:
    """Return what can be shown after all, the greatest first, with the rest still protected."""
    cells = known.cells
    spare = sorted(
        hidden - primary, key=lambda cell: (cell in cells.spare, -cells.values[cell], str(cell))
    )
    shown = set[Cell]()
    before = System(known, hidden)
    for cell in spare if len(spare) <= _MOST_TRIED else ():
        after = System(known, hidden - shown - {cell})
        if all(safe(after, own) for own in before.around(cell) if own != cell):
            shown.add(cell)
            before = after
    return shown


class Known:
    """What holds between the numbers, whichever are hidden, to be looked up by number."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.conditions: list[tuple[dict[Cell, int], float, float]] = []
        self._lines: dict[Cell, dict[int, None]] = {}
        self._pairs: dict[Cell, dict[int, None]] = {}
        self._all_pairs = [*cells.within, *cells.at_most]
        for number, line in enumerate(cells.lines):
            self._add_line(line)
            for cell in (line.total, *line.parts):
                self._lines.setdefault(cell, {})[number] = None
        self.summed = frozenset(self._lines)
        for number, (less, more) in enumerate(self._all_pairs):
            terms = {more: 1}
            terms[less] = terms.get(less, 0) - 1
            self.conditions.append((terms, 0, float("inf")))
            for cell in (less, more):
                self._pairs.setdefault(cell, {})[number] = None
        self.by_cell: dict[Cell, list[int]] = {}
        for number, (terms, _, _) in enumerate(self.conditions):
            for cell, by in terms.items():
                if by:
                    self.by_cell.setdefault(cell, []).append(number)

    def around(self, cells: set[Cell]) -> tuple[list[Line], list[tuple[Cell, Cell]]]:
        """Return the lines and pairs that hold any of some cells, in their order."""
        lines = {number for cell in cells for number in self._lines.get(cell, ())}
        pairs = {number for cell in cells for number in self._pairs.get(cell, ())}
        return (
            [self.cells.lines[number] for number in sorted(lines)],
            [self._all_pairs[number] for number in sorted(pairs)],
        )

    def _add_line(self, line: Line) -> None:
        terms: dict[Cell, int] = {line.total: -1}
        for part in line.parts:
            terms[part] = terms.get(part, 0) + 1
        self.conditions.append((terms, 0, 0 if line.exact else float("inf")))
        if not line.exact:
            self.conditions += [({line.total: 1, p: -1}, 0, float("inf")) for p in line.parts]


class System:
    """What the printed numbers say of the hidden ones, as linear conditions on integers."""

    def __init__(self, known: Known, hidden: set[Cell]) -> None:
        self._known = known
        self._values = known.cells.values
        self._hidden = hidden

    def tied(self, cell: Cell) -> bool:
        """Say whether a cell is part of anything that adds up, if only by its denominator."""
        return not self._known.summed.isdisjoint(self._component([cell])[0])

    def around(self, cell: Cell) -> Iterator[Cell]:
        """Yield the hidden cells that hang together with one, itself too."""
        yield from self._component([cell])[0]

    def _condition(self, number: int) -> tuple[dict[Cell, int], float, float]:
        """Return low <= sum(terms) <= high, with what is printed put in."""
        terms, low, high = self._known.conditions[number]
        unknown = {cell: by for cell, by in terms.items() if cell in self._hidden and by}
        known = sum(self._values[cell] * by for cell, by in terms.items() if cell not in unknown)
        return unknown, low - known, high - known

    def _component(self, start: Sequence[Cell]) -> tuple[dict[Cell, int], list[int]]:
        """Return the unknowns that hang together with `start`, numbered, and their conditions."""
        conditions, by_cell = self._known.conditions, self._known.by_cell
        found = {cell: None for cell in start if cell in self._hidden}
        waiting, used = list(found), dict[int, None]()
        while waiting:
            for number in by_cell.get(waiting.pop(), ()):
                if number not in used:
                    used[number] = None
                    fresh = [
                        cell
                        for cell, by in conditions[number][0].items()
                        if by and cell in self._hidden and cell not in found
                    ]
                    found.update(dict.fromkeys(fresh))
                    waiting += fresh
        return {cell: at for at, cell in enumerate(found)}, list(used)

    def bounds(self, terms: Mapping[Cell, int]) -> tuple[float, float]:
        """Return the least and greatest value that the sum of terms can have."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        known = sum(self._values[c] * by for c, by in terms.items() if c not in self._hidden)
        places, used = self._component(list(terms))
        if not places:
            return known, known
        objective = np.zeros(len(places))
        for cell, by in terms.items():
            if cell in places:
                objective[places[cell]] = by
        matrix = np.zeros((len(used), len(places)))
        low, high = np.empty(len(used)), np.empty(len(used))
        for row, number in enumerate(used):
            unknown, low[row], high[row] = self._condition(number)
            for cell, by in unknown.items():
                matrix[row, places[cell]] = by
        found = []
        for sign in (1, -1):
            solved = milp(
                sign * objective,
                constraints=LinearConstraint(matrix, low, high) if used else (),
                bounds=Bounds(1, np.inf),
                integrality=np.ones(len(places)),
            )
            if solved.status == 2:
                # What is declared contradicts itself: then nothing counts as safe.
                return known, known
            # Status 3: without bound; 4 may be either, as HiGHS says without looking further.
            found.append(sign * round(solved.fun) if solved.status == 0 else -sign * float("inf"))
        return known + found[0], known + found[1]
