"""Tables: a header, then rows with their places; what every table importer reads from.

    file -> raw rows (delimited, workbook or JSON Lines) -> header -> rows

A CSV is streamed: memory does not grow with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from qualkit.errors import ChoiceNeededError, SourceFormatError, near_matches
from qualkit.importers.delimited import open_delimited
from qualkit.importers.files import check_readable
from qualkit.importers.header import LOOK_AHEAD, find_header
from qualkit.importers.jsonlines import open_json_lines
from qualkit.importers.rawrows import Cells, NumberedRow, RawRows
from qualkit.importers.workbook import open_workbook
from qualkit.model import Rejection
from qualkit.normalise import normalise_name, unguarded

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".jsonl", ".ndjson")
_MOST_HELD = 100
# Rejects, exports of codings and of segments, and the proposals of reconcile.
_OWN_HEADERS = (
    ("place", "reason"),
    ("coding_id", "case_id"),
    ("case_id", "ufrn", "kind"),
    ("case_id", "segment_n", "code"),
    ("status", "reference", "written"),
)
# A whole sheet of blank rows comes from a stray cell; more is no table.
_MOST_BLANK = 1_100_000
_TOTAL = re.compile(r"\W*((grand |sub-?)?totals?|sum|average|mean|count)\b", re.IGNORECASE)
_FIGURE = re.compile(r"[-+]?[£$€]?\s?(?:[\d,]*\d|[\d,]*\.\d+)\s?%?")
_NOTE = re.compile(
    r"\W*(notes?|sources?|footnotes?|n\.?b)\b|[*†‡©]|\d+ +\S+ \S+ \S+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: its headers, and its rows as often as they are asked for."""

    path: Path
    headers: tuple[str, ...]
    raw: RawRows
    header_row: int
    """The last row of the header; 0 where there is none, as in JSON Lines."""
    notes: tuple[str, ...] = ()

    @property
    def sheet(self) -> str:
        """Name of the sheet, or empty."""
        return self.raw.name

    @property
    def where(self) -> str:
        """The file and sheet, for messages."""
        return f"{self.path}, sheet '{self.sheet}'" if self.sheet else str(self.path)

    @property
    def written_by_us(self) -> bool:
        """Whether qualkit wrote this text file, and so guarded cells that look like formulas.

        In other people's files an apostrophe may be somebody's own.
        """
        own = any(self.headers[: len(heads)] == heads for heads in _OWN_HEADERS)
        return own and self.path.suffix.lower() in (".csv", ".tsv")

    def place(self, number: int, header: str = "") -> str:
        """Return a place for people: "row 3" or "row 3, column 'What changed?'"."""
        place = f"{self.raw.unit} {number}"
        return f"{place}, column '{header}'" if header else place

    def rejection(
        self, number: int, cells: Cells, reason: str, column: int | None = None
    ) -> Rejection:
        """Return a row, or what stands in one of its columns, as it is set aside."""
        header = "" if column is None else self.headers[column]
        fields = dict(zip(self.headers, cells, strict=True))
        return Rejection(self.place(number, header), reason, fields)

    def rows(self, notes: list[str] | None = None) -> Iterator[NumberedRow | Rejection]:
        """Yield each row, padded to the headers, or why it could not be taken.

        Parameters
        ----------
        notes : list of str, optional
            Gets a line for blank and short rows when the last row is read.
        """
        counts = _Counts()
        for row in _hold_notes_below(self, _shape_rows(self, counts)):
            if isinstance(row, Rejection) or not self.written_by_us:
                yield row
            else:
                yield row[0], [unguarded(cell) for cell in row[1]]
        if notes is not None:
            notes.extend(counts.notes())


@dataclass(slots=True)
class _Counts:
    """How many rows were blank or short."""

    blank: int = 0
    short: int = 0

    def notes(self) -> list[str]:
        lines = []
        if self.blank:
            lines.append(f"blank rows skipped: {self.blank}")
        if self.short:
            lines.append(f"rows with fewer cells than headers, taken as blank there: {self.short}")
        return lines


def open_table(
    path: Path,
    *,
    header_row: int | None = None,
    sheet: str | None = None,
    suits: Callable[[Table], int] | None = None,
) -> Table:
    """Return the table of a file.

    Parameters
    ----------
    path : Path
        A .csv, .tsv, delimited .txt, .xlsx or .jsonl file.
    header_row : int, optional
        Row of the column headers, as a spreadsheet numbers it; found if None.
    sheet : str, optional
        Name of the sheet of a workbook.
    suits : callable, optional
        Says how far a sheet looks like what is to be read (0: not at all);
        asked only where several sheets hold a table.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ChoiceNeededError
        Several sheets hold a table, and it is not clear which is meant.
    """
    check_readable(path)
    ending = path.suffix.lower()
    if ending in {".xlsx", ".xlsm"}:
        return _choose_sheet(path, open_workbook(path), header_row, sheet, suits)
    if sheet is not None:
        raise SourceFormatError(
            f"a {ending or 'plain'} file has no sheets", where=str(path), to_do="leave out --sheet"
        )
    if ending in {".jsonl", ".ndjson"}:
        raw = open_json_lines(path)
        return Table(path, raw.headers, raw, 0, raw.notes)
    if ending in {".csv", ".tsv", ".txt"}:
        return _table(path, open_delimited(path), header_row)
    raise SourceFormatError(
        "the file is not a table",
        where=str(path),
        found=f"the ending {ending}" if ending else "no ending",
        expected="one of " + " ".join(TABLE_ENDINGS),
        to_do="save it as .csv or .xlsx",
    )


# --- sheets ---------------------------------------------------------------------


def _choose_sheet(
    path: Path,
    sheets: Sequence[RawRows],
    header_row: int | None,
    name: str | None,
    suits: Callable[[Table], int] | None,
) -> Table:
    if name is not None:
        return _table(path, _named_sheet(path, sheets, name), header_row)
    filled = [raw for raw in sheets if _has_rows(raw)]
    shown = [raw for raw in filled if not raw.hidden] or filled
    if not shown:
        raise SourceFormatError(
            "the workbook is empty", where=str(path), to_do="check that it is the right file"
        )
    if len(shown) == 1:
        return _table(path, shown[0], header_row)
    tables = []
    for raw in shown:
        try:
            tables.append(_table(path, raw, header_row))
        except SourceFormatError:
            continue  # a sheet of notes, say; named below if none suits
    scores = [suits(table) if suits is not None else 0 for table in tables]
    best = max(scores, default=0)
    likely = [table for table, score in zip(tables, scores, strict=True) if 0 < score == best]
    if len(likely) == 1:
        others = ", ".join(raw.name for raw in shown if raw.name != likely[0].sheet)
        note = f"sheet: '{likely[0].sheet}' (not read: {others})"
        return _with_note(likely[0], note)
    raise ChoiceNeededError(
        "the workbook has several sheets and it is not clear which is meant",
        where=str(path),
        found="sheets " + ", ".join(f"'{raw.name}'" for raw in shown),
        to_do="name one with --sheet NAME",
    )


def _named_sheet(path: Path, sheets: Sequence[RawRows], name: str) -> RawRows:
    for raw in sheets:
        if raw.name == name:
            return raw
    for raw in sheets:
        if normalise_name(raw.name) == normalise_name(name):
            return raw
    names = [raw.name for raw in sheets]
    near = near_matches(name, names)
    raise SourceFormatError(
        f"the workbook has no sheet '{name}'",
        where=str(path),
        found="sheets " + ", ".join(f"'{each}'" for each in names),
        to_do="did you mean " + " or ".join(near) + "?" if near else "name one of these sheets",
    )


def _has_rows(raw: RawRows) -> bool:
    return any(
        not isinstance(row, Rejection) and any(cell.strip() for cell in row[1])
        for row in raw.read()
    )


def _with_note(table: Table, note: str) -> Table:
    return Table(table.path, table.headers, table.raw, table.header_row, (note, *table.notes))


def _table(path: Path, raw: RawRows, header_row: int | None) -> Table:
    look_ahead = max(LOOK_AHEAD, (header_row or 0) + LOOK_AHEAD)
    first = [row for row in islice(raw.read(), look_ahead) if not isinstance(row, Rejection)]
    header = find_header(path, first, raw.merges, header_row, raw.name)
    notes = [*raw.notes, *header.notes]
    if any(merge[0] >= header.last_row for merge in raw.merges):
        notes.append("merged cells below the header: only the first cell of each has the text")
    table = Table(path, header.names, raw, header.last_row, tuple(notes))
    _check_widths(table, first)
    return table


def _check_widths(table: Table, first: Sequence[NumberedRow]) -> None:
    """Refuse a header that most rows are longer than: another row must be the header."""
    width = len(table.headers)
    rows = [cells for number, cells in first if number > table.header_row and any(cells)]
    long = sum(1 for cells in rows if any(cell.strip() for cell in cells[width:]))
    if long * 2 > len(rows):
        raise SourceFormatError(
            "most rows have more cells than the header",
            where=f"{table.where}, row {table.header_row}",
            found=f"{width} headers",
            expected="a header for each column",
            to_do="name the row of the column headers with --header-row N",
        )


# --- rows -----------------------------------------------------------------------


def _shape_rows(table: Table, counts: _Counts) -> Iterator[NumberedRow | Rejection]:
    """Skip blank rows, pad short ones, set aside long ones; blank rows come as no cells."""
    width = len(table.headers)
    header_row, errors = table.header_row, table.raw.errors
    for row in table.raw.read():
        if isinstance(row, Rejection):
            yield row
            continue
        number, cells = row
        if number <= header_row:
            continue
        joined = "".join(cells)
        if (not joined or joined.isspace()) and number not in errors:
            counts.blank += 1
            if counts.blank > _MOST_BLANK:
                raise SourceFormatError(
                    "the table is blank for the most part",
                    where=table.where,
                    found=f"more than {_MOST_BLANK:,} blank rows",
                    to_do="delete the blank rows, or copy the table to a new file",
                )
            yield number, []
            continue
        if len(cells) < width:
            counts.short += 1
            cells += [""] * (width - len(cells))
        elif len(cells) > width:
            if any(cell.strip() for cell in cells[width:]):
                yield _too_long(table, number, cells)
                continue
            del cells[width:]
        yield number, cells
        if errors and number in errors:
            yield from _error_cells(table, number)


def _too_long(table: Table, number: int, cells: Cells) -> Rejection:
    width = len(table.headers)
    fields = dict(zip(table.headers, cells, strict=False))
    fields["beyond the headers"] = "; ".join(cell for cell in cells[width:] if cell.strip())
    return Rejection(
        place=table.place(number),
        reason=f"the row has {len(cells)} cells, the header {width}",
        fields=fields,
    )


def _error_cells(table: Table, number: int) -> Iterator[Rejection]:
    for column in table.raw.errors[number]:
        if column < len(table.headers):
            yield Rejection(
                place=table.place(number, table.headers[column]),
                reason="the cell holds a spreadsheet error (such as #N/A); taken as blank",
            )


def _hold_notes_below(
    table: Table, rows: Iterator[NumberedRow | Rejection]
) -> Iterator[NumberedRow | Rejection]:
    """Pass rows on without the blank ones; set aside notes and totals below the table.

    A row of one cell that follows a blank row, or begins as notes do, and a
    row of totals are held back: they are no rows if nothing fuller follows.
    """
    width = len(table.headers)
    watch = width >= 3 and table.raw.unit == "row"
    held: list[NumberedRow | Rejection] = []
    after_blank = False
    for row in rows:
        if isinstance(row, Rejection):
            if held:
                held.append(row)
            else:
                yield row
            continue
        cells = row[1]
        if not cells:
            after_blank = True
            continue
        room = watch and len(held) < _MOST_HELD
        lone = room and cells.count("") >= width - 1
        noted = lone and (held or after_blank or _NOTE.match("".join(cells)))
        if noted or (room and _is_total(cells)):
            held.append(row)
            continue
        if held:
            yield from held
            held.clear()
        after_blank = False
        yield row
    for row in held:
        yield row if isinstance(row, Rejection) else _note_below(table, *row)


def _is_total(cells: Cells) -> bool:
    """Tell a row of totals: it says so in its first filled cell, and the others are figures."""
    first = next((cell for cell in cells if cell and not cell.isspace()), "")
    if not _TOTAL.match(first.strip()):
        return False
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2:
        return False
    return all(_FIGURE.fullmatch(cell) for cell in filled[1:])


def _note_below(table: Table, number: int, cells: Cells) -> Rejection:
    what = "totals" if _is_total(cells) else "one cell"
    like = "figures" if what == "totals" else "a note"
    return Rejection(
        place=table.place(number),
        reason=f"{what} below the table: looks like {like}, not a row",
        fields={
            header: cell for header, cell in zip(table.headers, cells, strict=True) if cell.strip()
        },
    )
