"""Tables of codings that people made elsewhere: one coding a row.

table -> case_id, segment_n, code, and where in the text: start and end, or the words
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qualkit.errors import ColumnError, near_matches
from qualkit.importers.columns import squash
from qualkit.importers.tables import Table, open_table
from qualkit.model import ParsedCoding, Rejection

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
        fields["case_id"],
        1 if numbers["segment_n"] is None else numbers["segment_n"],
        fields["code"],
        start,
        end,
        fields.get("quote", ""),
        place,
        fields,
    )
