"""Tables made fit to be published: small numbers left out, and what would give them back.

tables -> cells and sums -> suppression -> the same tables with [c], and what was left out
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qualkit.analysis.disclosedcells import (
    basis_cell,
    cell_of,
    collect_cells,
    declared,
    same_rows,
)
from qualkit.analysis.suppression import Hidden, suppress
from qualkit.errors import QualkitError
from qualkit.model import Basis, Column, Disclosure, Measure, Order, Page, Suppressed, Table

LEFT_OUT = "[c]"
"""What stands for a number that is left out, as official statistics in Britain have it."""
NOT_CLEARED = "[not cleared]"
"""What stands for a quotation that nobody has cleared."""
DEFAULT_LIMIT = 5

_OF_FAMILIES = ("case", "case_id", "family", "source", "ufrn", "written")
_OF_PEOPLE = ("coder", "coders", "decided_by", "speaker", "with_code", "without_code")
_OF_WORDS = ("after", "before", "guid", "match", "place", "segment_label", "text", "words")
PRIVATE = frozenset((*_OF_FAMILIES, *_OF_PEOPLE, *_OF_WORDS))
"""Columns that name a family, a case or a person, or hold words that nobody could clear."""
_PLACES = frozenset(("coding_id", "end", "rule", "score", "segment_n", "start", "status"))
_WORDS = ("match", "right")
_OF_CODER = re.compile(r"made or accepted by [^;]*")
_MACHINE = re.compile(r"run \d+: qualkit,")
_NUMBERS_IN_LABEL = re.compile(r"\s*\(\d[\d,]*\)$")


@dataclass(frozen=True, slots=True)
class Rules:
    """How tables are made fit to be published.

    Attributes
    ----------
    limit : int
        Numbers of people from 1 to below it are left out.
    base : int
        Counts are rounded to multiples of it; 0 for not at all.
    high : bool
        Leave out also what is true of all, or all but fewer than the limit.
    """

    limit: int = DEFAULT_LIMIT
    base: int = 0
    high: bool = True

    def __post_init__(self) -> None:
        """Refuse a limit or base that would protect nobody."""
        if self.limit < 2:
            raise QualkitError(
                "under this limit nothing would be left out",
                found=f"--limit {self.limit}",
                expected="2 or more; 5 is usual",
            )
        if self.base < 0 or self.base == 1:
            raise QualkitError(
                "counts cannot be rounded to this",
                found=f"--round {self.base}",
                expected="0 for not at all, or 2 or more; 5 is usual",
            )


def publish(tables: Sequence[Table], rules: Rules) -> list[Table]:
    """Return tables that go out together, without what could tell of few people.

    Parameters
    ----------
    tables : sequence of Table
        Those of one page: what adds up across them is looked at too. A row with `cleared`
        True keeps its quotation.

    Returns
    -------
    list of Table
        Each with `suppressed`, and notes that say what was left out and why.
    """
    cells = collect_cells(tables)
    hidden = suppress(cells, rules.limit, high=rules.high)
    return [_published(table, at, cells.values, hidden, rules) for at, table in enumerate(tables)]


def publish_page(page: Page, rules: Rules) -> Page:
    """Return a page with all its tables published together."""
    fit = [t for t in page.tables if t.disclosure is None or not t.disclosure.unfit]
    tables = publish(fit, rules)
    # Without those of which nothing is left to be chosen.
    kept = [new for old, new in zip(fit, tables, strict=True) if new.rows or not old.rows]
    shown = kept if page.anew is None else list(page.anew(kept))
    return replace(page, tables=shown, notes=_said(page.notes)[0], anew=None)


def _published(
    table: Table, at: int, values: Mapping[Any, int], hidden: Hidden, rules: Rules
) -> Table:
    rules_of = declared(table)
    left_out = _columns_left_out(table, rules_of, rules)
    # Sizes in the heads of columns go; they stand in the rows.
    columns = tuple(
        replace(column, label=_NUMBERS_IN_LABEL.sub("", column.label))
        for column in table.columns
        if column.key not in left_out
    )
    gone, places = _hidden_places(table, at, rules_of, hidden)
    rows = [
        _published_row(row, columns, rules_of, gone.get(number, set()), rules)
        for number, row in enumerate(table.rows)
    ]
    if table.pivot is not None:
        # Sizes stand in the heads of rows, too.
        name = table.pivot.row
        rows = [{**row, name: _plain_label(row.get(name))} for row in rows]
    if rules_of.anew is not None:
        rows, gone, places = _computed_anew(rows, gone, places, rules_of)
    numbers_gone = len({place for own in places.values() for place in own})
    order = rules_of.order
    by_row = list(zip(rows, [gone.get(n, set()) for n in range(len(rows))], strict=True))
    if order is not None:
        by_row = _reordered(by_row, order)
    counts = {m.count for m in rules_of.measures}
    if any(c.key == "quote" for c in columns) and counts.isdisjoint(c.key for c in columns):
        by_row = _in_no_order(by_row)
    cells = tuple(
        (number, column.key)
        for number, (_, keys) in enumerate(by_row, start=1)
        for column in columns
        if column.key in keys
    )
    told = Suppressed(
        rules.limit,
        rules.base,
        numbers_gone,
        cells,
        tuple(column.key for column in table.columns if column.key in left_out),
        any(NOT_CLEARED in row.values() for row, _ in by_row),
    )
    notes, numbers = _said(table.notes, rules_of.said)
    people = {column.key for column in table.columns} & {"coders", "with_code"}
    return replace(
        table,
        # The title of an agreement names who agrees.
        title=table.title.partition(":")[0] if people else table.title,
        columns=columns,
        rows=tuple(row for row, _ in by_row),
        basis=_published_basis(table.basis, hidden, rules, told.numbers > 0),
        notes=(
            *notes,
            *_told(told, rules, numbers, rules_of.said_anew if rules_of.anew else ""),
        ),
        pivot=_published_pivot(table, rules),
        trace="",
        disclosure=None,
        suppressed=told,
    )


def _columns_left_out(table: Table, declaration: Disclosure, rules: Rules) -> set[str]:
    """Return the columns that no row may keep."""
    private = (PRIVATE | set(declaration.private)) - {"quote"}
    if any(column.form == "quote" for column in table.columns):
        # Where words stand tells which were said by one family, and how long they were.
        private |= _PLACES
    left_out = {
        column.key
        for column in table.columns
        if declaration.unfit
        or column.key in private
        or (column.form in _WORDS and column.key != "quote")
    }
    if rules.base:
        # Computed from the exact counts, these would give back what rounding hides.
        left_out |= {key for measure in declaration.measures for key in measure.derived}
        left_out |= {m.share for m in declaration.measures if m.share and not m.of}
        left_out -= {m.share for m in declaration.measures if m.of}.union(declaration.pairs)
    if table.pivot is not None:
        left_out -= {table.pivot.row, table.pivot.column}
    return left_out


# --- which places of a table are hidden ---------------------------------------------------


def _hidden_places(
    table: Table, at: int, declaration: Disclosure, hidden: Hidden
) -> tuple[dict[int, set[str]], dict[int, set[Any]]]:
    """Return the hidden keys of each row, and which numbers those are; under -1 the foot's."""
    gone: dict[int, set[str]] = {}
    found: dict[int, set[Any]] = {}
    for number, row in enumerate(table.rows):
        for measure in declaration.measures:
            keys = [measure.count, *measure.of]
            places = {key: cell_of(table, at, number, row, key, declaration) for key in keys}
            small = {key for key, cell in places.items() if cell is not None and cell in hidden}
            # Of a handful, nobody tells as much: that a theme is there for the others.
            if any(places[key] in hidden.primary for key in measure.of):
                small |= {measure.count} if places[measure.count] is not None else set()
            printed = small.difference(declaration.unprinted)
            found.setdefault(number, set()).update(places[key] for key in printed)
            if small:
                gone.setdefault(number, set()).update(small, _given_back(measure))
    if table.disclosure is None and gone:
        # What adds up is not known: any other number may give these back.
        every = {key for m in declaration.measures for key in (m.count, *_given_back(m))}
        gone = {number: set(every) for number in range(len(table.rows))}
    _spread(table, declaration, gone)
    _hide_pairs(declaration, gone)
    basis = table.basis
    for place in (*basis.n_by_kind, ""):
        size = basis.n_by_kind[place] if place else basis.denominator
        cell = basis_cell(f"kind {place}" if place else "denominator", size)
        if cell in hidden:
            found.setdefault(-1, set()).add(cell)
    return gone, found


def _hide_pairs(declaration: Disclosure, gone: dict[int, set[str]]) -> None:
    for hidden_keys in gone.values():
        for pair, shares in declaration.pairs.items():
            if hidden_keys.issuperset(shares):
                hidden_keys.add(pair)


def _given_back(measure: Measure) -> set[str]:
    return {key for key in (measure.share, *measure.derived) if key}


def _spread(table: Table, declaration: Disclosure, gone: dict[int, set[str]]) -> None:
    """Hide in all rows what is one number in all of them and is given back by a hidden one."""
    computed = {key for measure in declaration.measures for key in _given_back(measure)}
    for key in computed & declaration.shared.keys():
        identity = declaration.shared[key]
        told = {same_rows(table.rows[number], identity) for number in gone if key in gone[number]}
        for number, row in enumerate(table.rows):
            if same_rows(row, identity) in told:
                gone.setdefault(number, set()).add(key)


# --- what a published row looks like --------------------------------------------------------


def _published_row(
    row: Mapping[str, Any],
    columns: Sequence[Column],
    declaration: Disclosure,
    gone: set[str],
    rules: Rules,
) -> dict[str, Any]:
    new = dict(row)
    if row.get("cleared") is not True:
        # Words that nobody has cleared, whatever table they stand in.
        # No words beside a number that is left out would tell that it is 0.
        always = bool(declaration.measures and gone)
        quotes = [column.key for column in columns if column.form == "quote"]
        new |= {key: NOT_CLEARED for key in quotes if always or row.get(key)}
    for key in declaration.coarse:
        if isinstance(new.get(key), float):
            new[key] = round(new[key], 1)
    if rules.base:
        _round_counts(new, declaration, rules.base)
    for key in gone:
        if key in new:
            new[key] = LEFT_OUT
    for pair, (own, other) in declaration.pairs.items():
        if pair in new:
            # What follows the shares is a mark of theirs.
            marks = () if gone or rules.base else tuple(row[pair][2:])
            new[pair] = LEFT_OUT if pair in gone else (new.get(own), new.get(other), *marks)
    order = declaration.order
    if order is not None and order.by in gone:
        new |= {key: None for key in (order.rank,) if key}
        new |= {key: order.words[1] for key in (order.mark,) if key}
    return {column.key: new.get(column.key) for column in columns}


def _computed_anew(
    rows: Sequence[Mapping[str, Any]],
    gone: Mapping[int, set[str]],
    places: Mapping[int, set[Any]],
    declaration: Disclosure,
) -> tuple[list[dict[str, Any]], dict[int, set[str]], dict[int, set[Any]]]:
    """Return rows with what is computed of them as they are published, and what is hidden."""
    kept: list[dict[str, Any]] = []
    left: dict[int, set[str]] = {}
    numbers = {-1: places.get(-1, set())}
    counts = {measure.count for measure in declaration.measures}
    computed = declaration.anew(rows) if declaration.anew else [{} for _ in rows]
    for number, (row, own) in enumerate(zip(rows, computed, strict=True)):
        if own is not None:
            before = gone.get(number, set())
            hidden = {key for key, value in own.items() if value == LEFT_OUT}
            more = {(len(kept), key) for key in hidden & counts - before if key in row}
            numbers[len(kept)] = places.get(number, set()) | more
            left[len(kept)] = (before - own.keys()) | hidden
            kept.append({**row, **{key: value for key, value in own.items() if key in row}})
    return kept, left, numbers


def _in_no_order(
    rows: list[tuple[dict[str, Any], set[str]]],
) -> list[tuple[dict[str, Any], set[str]]]:
    """Return quotations in the order of their words, with a line for those not cleared.

    Their own order tells which belong to one family, and their number how many there are:
    so one line stands for any number not cleared, also for none.
    """
    kept: dict[tuple[str, ...], tuple[dict[str, Any], set[str]]] = {}
    for row, gone in rows:
        rest = {key: value for key, value in row.items() if key not in ("quote", "cleared")}
        others = {"quote": NOT_CLEARED} | ({"cleared": False} if "cleared" in row else {})
        for own in (row, {**row, **others}):
            place = (*(str(rest[key]) for key in rest), own["quote"] == NOT_CLEARED, own["quote"])
            kept.setdefault(tuple(map(str, place)), (own, gone))
    return [kept[place] for place in sorted(kept)]


def _plain_label(value: Any) -> Any:
    return _NUMBERS_IN_LABEL.sub("", value) if isinstance(value, str) else value


def round_to(value: int, base: int) -> int:
    """Return the nearest multiple of `base`; halves go up.

    >>> round_to(7, 5), round_to(8, 5), round_to(5, 10)
    (5, 10, 10)
    """
    return (2 * value + base) // (2 * base) * base


def _round_counts(row: dict[str, Any], declaration: Disclosure, base: int) -> None:
    """Round a row's counts, and work out its shares from the rounded ones."""
    counts = {key for measure in declaration.measures for key in (measure.count, *measure.of)}
    for key in counts:
        if isinstance(row.get(key), int):
            row[key] = round_to(row[key], base)
    for measure in declaration.measures:
        if measure.share and measure.of and row.get(measure.share) is not None:
            of = row.get(measure.of[0])
            row[measure.share] = min(1.0, row[measure.count] / of) if of else None


def _reordered(
    rows: list[tuple[dict[str, Any], set[str]]], order: Order
) -> list[tuple[dict[str, Any], set[str]]]:
    """Put items in the order of what is shown of them, and rank those that are shown.

    The order, rank and mark of the whole table would tell which of two hidden counts is
    the higher, down to their values where there are as many as there can be.
    """

    def lot(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row.get(key) for key in order.apart)

    weight: dict[Any, int] = {}
    lots: dict[Any, int] = {}
    for row, keys in rows:
        value = row.get(order.by)
        own = value if isinstance(value, int) and order.by not in keys else 0
        item = (*lot(row), row.get(order.item))
        shown = weight.setdefault(item, 0)
        weight[item] = max(shown, own) if not order.within else shown + own
        lots.setdefault(lot(row), len(lots))
    rows = sorted(
        rows,
        key=lambda p: (
            lots[lot(p[0])],
            -weight[(*lot(p[0]), p[0].get(order.item))],
            str(p[0].get(order.item)),
        ),
    )
    groups: dict[Any, list[int]] = {}
    for row, keys in rows:
        value = row.get(order.by)
        if order.by not in keys and isinstance(value, int) and value:
            groups.setdefault((*lot(row), row.get(order.within)), []).append(value)
    for row, keys in rows:
        value = row.get(order.by)
        if order.by in keys or not isinstance(value, int) or not value:
            continue
        rank = 1 + sum(other > value for other in groups[*lot(row), row.get(order.within)])
        if order.rank in row:
            row[order.rank] = rank
        if order.mark in row:
            row[order.mark] = order.words[0] if rank <= order.top else order.words[1]
    return rows


# --- what stands around the rows --------------------------------------------------------------


def _published_basis(basis: Basis, hidden: Hidden, rules: Rules, some: bool) -> Basis:
    """Return the foot without small numbers; what is hidden is left out, not marked.

    `some` says that numbers of the table are left out.
    """
    # A quotient of all codings tells how many there are, and so how many are left out.
    few = bool(rules.base) or (some and basis.confirmed not in (None, 0, 1))

    def fit(key: str, number: int) -> int | None:
        if basis_cell(key, number) in hidden:
            return None
        return round_to(number, rules.base) if rules.base else number

    sizes = {kind: fit(f"kind {kind}", n) for kind, n in basis.n_by_kind.items()}
    of = None if basis.denominator is None else fit("denominator", basis.denominator)
    shown = {kind: size for kind, size in sizes.items() if size is not None}
    return replace(
        basis,
        n_by_kind=shown,
        denominator=of,
        rule=_OF_CODER.sub("made or accepted by one coder", basis.rule),
        # Lines of people name them, and how many codings are theirs.
        runs=tuple(run for run in basis.runs if _MACHINE.match(run)),
        confirmed=None if few or len(shown) < len(sizes) else basis.confirmed,
    )


def _published_pivot(table: Table, rules: Rules) -> Any:
    """Return the layout; sizes in the heads of columns go, they stand in the rows."""
    pivot = table.pivot
    if pivot is None:
        return None
    labels = {k: _NUMBERS_IN_LABEL.sub("", label) for k, label in pivot.column_labels.items()}
    return replace(pivot, column_labels=labels)


def _said(notes: Iterable[str], harmless: Sequence[str] = ()) -> tuple[tuple[str, ...], int]:
    """Return the notes without figures, and how many had some: nothing checks those."""
    kept = tuple(note for note in notes if note in harmless or not re.search(r"\d", note))
    return kept, len(list(notes)) - len(kept)


def _told(told: Suppressed, rules: Rules, numbers: int, anew: str) -> list[str]:
    said = [
        f"published: numbers from 1 to {rules.limit - 1} are left out, and with them what they"
        f" could be worked out from, shown as {LEFT_OUT}; 0 is shown"
    ]
    if rules.high:
        said.append(f"also left out: counts of all, or of all but fewer than {rules.limit}")
    said.append(f"numbers left out here: {told.numbers}")
    if rules.base:
        said.append(
            f"counts are rounded to multiples of {rules.base} and shares worked out from them,"
            " so they need not add up"
        )
    if anew and not rules.base:
        said.append(anew)
    if told.columns:
        said.append(f"columns left out: {', '.join(told.columns)}")
    if told.quotations:
        said.append(
            f"{NOT_CLEARED} stands for any number of quotations, also for none; a person clears"
            " them with qualkit clear"
        )
    if numbers:
        said.append(f"notes with figures left out: {numbers}")
    said.append(
        "tables that are published together should come from one command: two of them with"
        " different filters can be subtracted from each other"
    )
    return said
