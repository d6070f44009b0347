"""From tables to the numbers in them: which are the same, which add up, which are parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qualkit.analysis.suppression import Cell, Cells, Line
from qualkit.model import ALL_CASES, Disclosure, Measure, Sum, Table

BASIS = "basis"
_PLAIN = frozenset(("text", "id", "quote", "list", "match", "right"))
_NOT_PEOPLE = frozenset(("rank", "segment_n", "start", "end", "coding_id", "version"))
"""Columns of whole numbers that count nobody, whatever the table."""


def declared(table: Table) -> Disclosure:
    """Return what the table declares, and for what it does not the worst."""
    own = table.disclosure or Disclosure()
    if own.harmless:
        return own
    known = set(own.free) | set(own.coarse) | set(own.private) | _NOT_PEOPLE | set(own.pairs)
    if own.order is not None:
        known |= {own.order.rank, own.order.mark}
    for measure in own.measures:
        known |= {measure.count, *measure.of, measure.share, *measure.derived}
    open_ = [column for column in table.columns if column.key not in known]
    counts = [column.key for column in open_ if column.form == "count"]
    computed = tuple(c.key for c in open_ if c.form not in _PLAIN and c.form != "count")
    measures = (*own.measures, *(Measure(key) for key in counts))
    # A test over the groups of a line stands in all its rows: hidden in one, hidden in all.
    lines = [total.same for total in own.sums if total.same]
    shared = {key: lines[0] for key in computed if lines} | dict(own.shared)
    return replace(
        own,
        shared=shared,
        measures=tuple(replace(m, derived=(*m.derived, *computed)) for m in measures),
    )


def collect_cells(tables: Sequence[Table]) -> Cells:
    """Return the numbers of tables that are published together."""
    cells = Cells()
    for at, table in enumerate(tables):
        declaration = declared(table)
        _collect_basis(cells, table)
        for number, row in enumerate(table.rows):
            for measure in declaration.measures:
                _collect_measure(cells, table, at, number, row, measure, declaration)
    # Sums last: a total may stand in a table further down.
    everybody = set[Cell]()
    for at, table in enumerate(tables):
        declaration = declared(table)
        _collect_bounds(cells, table, at, declaration)
        for total in declaration.sums:
            for line in _lines(table, at, total, declaration):
                if all(cell in cells.values for cell in (line.total, *line.parts)):
                    cells.lines.append(line)
                    everybody |= {line.total} if total.total_row else set()
        _tie_to_basis(cells, table, at, declaration)
    _tie_totals(cells, everybody)
    cells.spare = _unprinted(cells, tables) - _printed(cells, tables)
    return cells


def _unprinted(cells: Cells, tables: Sequence[Table]) -> set[Cell]:
    """Return the numbers that stand nowhere, or at the foot only."""
    found = set[Cell | None]()
    found |= {cell for cell in cells.values if isinstance(cell, tuple) and cell[0] == BASIS}
    for at, table in enumerate(tables):
        declaration = declared(table)
        for key in declaration.unprinted:
            for number, row in enumerate(table.rows):
                found.add(cell_of(table, at, number, row, key, declaration))
    return {cell for cell in cells.values if cell in found}


def _printed(cells: Cells, tables: Sequence[Table]) -> set[Cell]:
    """Return the numbers that stand in a column of some table, or are the same as one that does."""
    printed = set[Cell]()
    for at, table in enumerate(tables):
        declaration = declared(table)
        keys = {column.key for column in table.columns}
        shares = {measure.count for measure in declaration.measures if measure.share in keys}
        for key in keys | shares:
            for number, row in enumerate(table.rows):
                printed.add(cell_of(table, at, number, row, key, declaration))
    same = [line for line in cells.lines if line.exact and len(line.parts) == 1]
    before = -1
    while before != len(printed):
        before = len(printed)
        for line in same:
            both = {line.total, *line.parts}
            if not printed.isdisjoint(both):
                printed |= both
    return printed


def _collect_bounds(cells: Cells, table: Table, at: int, declaration: Disclosure) -> None:
    for number, row in enumerate(table.rows):
        for pair in declaration.at_most:
            less, more = (cell_of(table, at, number, row, key, declaration) for key in pair)
            there = less in cells.values and more in cells.values
            if there and cells.values[less] <= cells.values[more]:
                cells.at_most.append((less, more))


def _tie_totals(cells: Cells, totals: set[Cell]) -> None:
    """Take the total row's number that is as much as its denominator for the same printed twice.

    The last row of a matrix is of all families and is all families: that tells of nobody. A theme
    that all families have is another matter.
    """
    same = [
        (count, of)
        for count, of in cells.within
        if count in totals and cells.values[count] == cells.values[of]
    ]
    cells.lines += [Line(of, (count,)) for count, of in same]
    cells.within = [pair for pair in cells.within if pair not in same]


def cell_of(
    table: Table,
    at: int,
    number: int,
    row: Mapping[str, Any],
    key: str,
    declaration: Disclosure,
) -> Cell | None:
    """Return the cell that a row's key shows; None where it holds no whole number."""
    if not isinstance(row.get(key), int) or isinstance(row.get(key), bool):
        return None
    name: Any = declaration.names.get(key) or (at, table.name, key)
    if key in declaration.shared:
        return (name, same_rows(row, declaration.shared[key]))
    return (name, number)


def same_rows(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    """Return what tells of which of the shared numbers a row has one."""
    return tuple(row.get(column) for column in columns)


def _collect_measure(
    cells: Cells,
    table: Table,
    at: int,
    number: int,
    row: Mapping[str, Any],
    measure: Measure,
    declaration: Disclosure,
) -> None:
    count = cell_of(table, at, number, row, measure.count, declaration)
    if count is not None:
        cells.values[count] = row[measure.count]
        people = row.get(measure.people) if measure.people else None
        if isinstance(people, int):
            cells.people[count] = people
    for key in measure.of:
        of = cell_of(table, at, number, row, key, declaration)
        if of is None:
            continue
        cells.values[of] = row[key]
        # More may answer than were invited: what is false would make anything look safe.
        part = count is not None and row[measure.count] <= row[key]
        if part and (count, of) not in cells.within:
            cells.within.append((count, of))


def _lines(table: Table, at: int, total: Sum, declaration: Disclosure) -> Iterator[Line]:
    """Yield the sums of a table; a part that is not there counts as nothing."""
    groups: dict[Any, list[int]] = {}
    for number, row in enumerate(table.rows):
        name = number if total.same is None else same_rows(row, total.same)
        groups.setdefault(name, []).append(number)
    for numbers in groups.values():
        whole: list[Cell] = []
        parts: list[Cell] = []
        for number in numbers:
            row = table.rows[number]
            if not total.total_row or _matches(row, total.total_row):
                cell = cell_of(table, at, number, row, total.total, declaration)
                whole += [cell] if cell is not None else []
            if not total.total_row or not _matches(row, total.total_row):
                found = [cell_of(table, at, number, row, k, declaration) for k in total.parts]
                parts += [cell for cell in found if cell is not None]
        if whole and parts:
            yield Line(whole[0], tuple(dict.fromkeys(parts)), total.exact)


def _matches(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(row.get(key) == value for key, value in values.items())


def basis_cell(place: str, number: int | None) -> Cell:
    """Return the cell of a number at the foot: the same in all tables that go out together."""
    return (BASIS, place, number)


def _collect_basis(cells: Cells, table: Table) -> None:
    """Take in what stands at the foot: cases by kind, and what shares are of."""
    basis = table.basis
    kinds = [basis_cell(f"kind {kind}", n) for kind, n in basis.n_by_kind.items()]
    cells.values |= dict(zip(kinds, basis.n_by_kind.values(), strict=True))
    if basis.denominator is None:
        return
    of = basis_cell("denominator", basis.denominator)
    cells.values[of] = basis.denominator
    if kinds and basis.unit == "cases" and sum(basis.n_by_kind.values()) == basis.denominator:
        cells.lines.append(Line(of, tuple(kinds)))


def _tie_to_basis(cells: Cells, table: Table, at: int, declaration: Disclosure) -> None:
    """Say of a number that stands in all rows that it is the foot's, where it is."""
    basis = table.basis
    of = basis_cell("denominator", basis.denominator)
    if ALL_CASES in declaration.shared and table.rows:
        cell = cell_of(table, at, 0, table.rows[0], ALL_CASES, declaration)
        kinds = tuple(basis_cell(f"kind {kind}", n) for kind, n in basis.n_by_kind.items())
        if cell in cells.values and cells.values[cell] == sum(basis.n_by_kind.values()):
            cells.lines.append(Line(cell, kinds))
    for key, identity in declaration.shared.items():
        if identity or not table.rows or of not in cells.values:
            continue
        cell = cell_of(table, at, 0, table.rows[0], key, declaration)
        if cell in cells.values and cells.values[cell] == cells.values[of]:
            cells.lines.append(Line(of, (cell,)))
