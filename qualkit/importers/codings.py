"""Tables of codings that people made elsewhere, long or wide.

long: one coding a row: case_id, segment_n, code, and where in the text: start and end,
    or the words
wide: one case or segment a row, one code a column, 1 where it was given
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import ColumnError, near_matches
from qualkit.importers.columns import find_column, find_columns, name_list, squash
from qualkit.importers.rawrows import collapse
from qualkit.importers.tables import Table, open_table
from qualkit.model import ParsedCodedRow, ParsedCoding, Rejection

_NEEDED = ("case_id", "segment_n", "code")
_PLACE = ("start", "end", "quote")


def read_codings(path: Path) -> Iterator[ParsedCoding | Rejection]:
    """Yield the codings of a table (.csv, .tsv, .xlsx, .jsonl), and the rows that are none.

    Parameters
    ----------
    path : Path
        Columns case_id, segment_n (from 1; 1 where blank) and code, a code's id or
        `category.code`; if wanted start and end, or quote. Others are not read.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A needed column is not there.
    """
    table = open_table(path, header_row=None if path.suffix == ".jsonl" else 1)
    at = {squash(header): index for index, header in enumerate(table.headers)}
    columns = {name: at.get(squash(name)) for name in (*_NEEDED, *_PLACE)}
    missing = [name for name in _NEEDED if columns[name] is None]
    if missing:
        raise ColumnError(
            "this is not a table of codings, one a row",
            where=str(path),
            found="no column " + ", ".join(missing),
            expected="case_id, segment_n, code, and if wanted start, end, quote",
            to_do="name the columns so"
            + "".join(f" (near: {n})" for n in near_matches(missing[0], table.headers)[:1]),
        )
    for row in table.rows():
        if isinstance(row, Rejection):
            yield row
            continue
        number, cells = row
        fields = {name: cells[i].strip() for name, i in columns.items() if i is not None}
        # The words are compared with the text, where white space may matter.
        yield _parse(table, number, fields)


def _parse(table: Table, number: int, fields: dict[str, str]) -> ParsedCoding | Rejection:
    place = table.place(number)

    def rejected(reason: str) -> Rejection:
        return Rejection(place, reason, fields)

    if not fields["case_id"] or not fields["code"]:
        return rejected("the row names no case or no code")
    numbers: dict[str, int | None] = {}
    for name in ("segment_n", "start", "end"):
        cell = fields.get(name, "")
        if cell and not cell.removesuffix(".0").isdecimal():
            return rejected(f"{name} is no whole number")
        numbers[name] = int(cell.removesuffix(".0")) if cell else None
    start, end = numbers["start"], numbers["end"]
    if (start is None) != (end is None):
        return rejected("start and end must both be there, or neither")
    return ParsedCoding(
        collapse(fields["case_id"]),
        1 if numbers["segment_n"] is None else numbers["segment_n"],
        fields["code"],
        start,
        end,
        fields.get("quote", ""),
        place,
        fields,
    )


YES = frozenset({"1", "1.0", "x", "y", "yes", "true", "✓", "✔"})
NO = frozenset({"", "0", "0.0", "n", "no", "false"})
_FLAGS = frozenset({"", "0", "0.0", "1", "1.0"})


@dataclass(frozen=True, slots=True)
class WideOptions:
    """What the user said of a wide table.

    Attributes
    ----------
    id : str
        Header of the case id.
    segment : str
        A segment's number for all rows, or the header of the column with it;
        empty where each case has only one segment.
    codes : tuple of str
        Headers of the codes; where left out, those that `known` names and, with
        `new`, every further column that holds nothing but 0, 1 and blanks.
    new : bool
        Whether headers that no codebook knows become codes.
    sheet : str, optional
        Name of the sheet.
    """

    id: str
    segment: str = ""
    codes: tuple[str, ...] = ()
    new: bool = False
    sheet: str | None = None


class WideCodings:
    """A wide table, opened: which columns are codes, and its rows.

    Parameters
    ----------
    path : Path
        .csv, .tsv, .xlsx or .jsonl.
    options : WideOptions
    known : frozenset of str
        Code ids and names of the project, as `squash` writes them.

    Attributes
    ----------
    columns : dict of int to str
        Position and header of each column that is a code.
    notes : list of str
        What was left aside.

    Raises
    ------
    ColumnError
        A column that was named is not there, or no column is a code.
    """

    def __init__(self, path: Path, options: WideOptions, known: frozenset[str]) -> None:
        table = open_table(
            path, header_row=None if path.suffix == ".jsonl" else 1, sheet=options.sheet
        )
        self._table = table
        headers = list(table.headers)
        where = table.where
        self._id = headers.index(find_column(headers, options.id, where=where, option="--id"))
        self._segment: int | None = None
        self._number: int | None = None
        if options.segment.isdecimal() and options.segment not in headers:
            self._number = int(options.segment)
        elif options.segment:
            found = find_column(headers, options.segment, where=where, option="--segment")
            self._segment = headers.index(found)
        taken = {self._id, self._segment}
        if options.codes:
            named = find_columns(headers, options.codes, where=where, option="--code")
            wanted = {headers.index(header) for header in named}
        else:
            wanted = {i for i, header in enumerate(headers) if squash(header) in known}
            if options.new:
                wanted |= self._flag_columns()
        self.columns = {i: headers[i] for i in sorted(wanted - taken)}
        left = [h for i, h in enumerate(headers) if i not in self.columns and i not in taken]
        self.notes = (
            [f"columns that are no codes, left aside: {name_list(left, most=8)}"] if left else []
        )
        if not self.columns:
            raise ColumnError(
                "no column of the table is a code of the project",
                where=where,
                found=f"{len(headers)} columns",
                expected="headers that are a code's id or name",
                to_do="load the codebook first, or make one of the headers: --new-codebook NAME",
            )

    def _flag_columns(self) -> set[int]:
        """Return the columns that hold only 0, 1 and blanks, and anything at all."""
        flags = set(range(len(self._table.headers)))
        filled: set[int] = set()
        for row in self._table.rows():
            if isinstance(row, Rejection):
                continue
            cells = row[1]
            flags = {i for i in flags if cells[i].strip() in _FLAGS}
            filled.update(i for i in flags if cells[i].strip())
        return flags & filled

    def rows(self) -> Iterator[ParsedCodedRow | Rejection]:
        """Yield each row with the positions of the columns that it marks."""
        for row in self._table.rows():
            if isinstance(row, Rejection):
                yield row
                continue
            number, cells = row
            yield self._parse(number, cells)

    def _parse(self, number: int, cells: list[str]) -> ParsedCodedRow | Rejection:
        place = self._table.place(number)
        fields = dict(zip(self._table.headers, cells, strict=True))
        case_id = collapse(cells[self._id])
        if not case_id:
            return Rejection(place, "the row has no case id", fields)
        n = self._number
        if self._segment is not None:
            cell = cells[self._segment].strip().removesuffix(".0")
            if not cell.isdecimal():
                return Rejection(place, "the segment's number is no whole number", fields)
            n = int(cell)
        marked = []
        for column, header in self.columns.items():
            cell = cells[column].strip().casefold()
            if cell in YES:
                marked.append(column)
            elif cell not in NO:
                reason = f"column '{header}' holds neither 0 nor 1 nor nothing"
                return Rejection(place, reason, fields)
        return ParsedCodedRow(case_id, n, tuple(marked), place, fields)
