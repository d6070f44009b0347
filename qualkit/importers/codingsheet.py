"""Coding sheets that come back: what was sent to a colleague, and what she answered.

    workbook -> what the hidden sheet says -> rows, each with its place and its answers

Rows may have been sorted, filtered or deleted, and the file saved by another program, so
nothing is taken from where a row stands or from what it shows: its hidden cell says it all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.columns import name_list, squash
from qualkit.importers.files import check_readable
from qualkit.importers.rawrows import RawRows, clean_text, collapse
from qualkit.importers.workbook import open_workbook
from qualkit.model import Rejection

MARK = "qualkit coding sheet"
"""First cell of the hidden sheet."""
VERSION = "1"
HIDDEN_SHEET = "qualkit"
ALL_DONE = "I have been through every case (yes):"
"""What stands before the cell that says so."""

HEADERS: Mapping[str, str] = {
    "case": "case",
    "segment": "segment",
    "speaker": "who speaks",
    "question": "question, or what the code means",
    "text": "text",
    "quotation": "quotation",
    "code": "proposed code",
    "decide": "decide",
    "other": "other code",
    "added": "added codes",
    "words": "words",
    "note": "note",
    "done": "case done",
    "key": "qualkit: leave as it is",
}
"""Names of the columns, by what they are for."""

YES = frozenset({"yes", "y", "x", "1", "true"})
NO = frozenset({"no", "n", "0", "false"})

_ANSWERS = ("decide", "other", "added", "words", "note", "done")
_NEVER_SET_ASIDE = frozenset({"text", "question", "key"})
_LOOK_AHEAD = 20
_BACK = "ask for the file again, or make a new sheet: qualkit sheet OUT.xlsx --coder NAME"


@dataclass(frozen=True, slots=True)
class RowKey:
    """Where a row of a sheet belongs; for a proposal also which coding it asks about.

    Attributes
    ----------
    case_id : str
    segment_n : int
    text_hash : str
        Of the segment's text as it was.
    coding : int or None
        The coding's number; None for a text's own row.
    code : str
        "category.code".
    start, end : int
        Code points of the text as it was, end-exclusive.
    quote_hash : str
        Of the words there.
    """

    case_id: str
    segment_n: int
    text_hash: str
    coding: int | None = None
    code: str = ""
    start: int = 0
    end: int = 0
    quote_hash: str = ""

    def dump(self) -> str:
        """Return the key as the text of a cell."""
        values = [self.case_id, self.segment_n, self.text_hash]
        if self.coding is not None:
            values += [self.coding, self.code, self.start, self.end, self.quote_hash]
        return dump_cell(values)

    @classmethod
    def load(cls, cell: str) -> RowKey | None:
        """Return the key that a cell holds, or None where it holds none."""
        try:
            values = json.loads(cell)
        except ValueError:
            return None
        kinds: tuple[type, ...] = (str, int, str)
        if isinstance(values, list) and len(values) > len(kinds):
            kinds += (int, str, int, int, str)
        if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
            return None
        return cls(*values)


def dump_cell(value: object) -> str:
    """Return a value as JSON that every spreadsheet keeps as it is.

    Workbooks write odd characters as _x001B_, and not all programs read that alike.
    """
    return json.dumps(value).replace("_", "\\u005f")


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What a sheet says of itself.

    Attributes
    ----------
    coder : str
        Whom it was made for.
    blind : bool
        It proposes nothing.
    codebooks : mapping of str to bool
        Name of each codebook that it asks about, and whether about all of it.
    sent : mapping of str to (int, str)
        Case id, how many proposals the sheet had of it when it was made, and the hash of
        all its texts then.
    """

    coder: str
    blind: bool
    codebooks: Mapping[str, bool]
    sent: Mapping[str, tuple[int, str]]

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of the hidden sheet."""
        yield [MARK, VERSION]
        yield ["coder", dump_cell(self.coder)]
        yield ["blind", dump_cell(self.blind)]
        for name, whole in self.codebooks.items():
            yield ["codebook", dump_cell([name, whole])]
        for case_id, (count, text_hash) in self.sent.items():
            yield ["case", dump_cell([case_id, [count, text_hash]])]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with its answers; None and "" where a cell is blank.

    `fault` says why the row cannot be taken, empty where it can. `fields` holds the row's
    cells, for the rejects file only.
    """

    key: RowKey
    decision: bool | None = None
    other: str = ""
    added: str = ""
    words: str = ""
    note: str = ""
    done: bool | None = None
    fault: str = ""
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether anything is filled in that says something of a text."""
        said = self.other or self.added or self.words or self.note
        return self.decision is not None or bool(said)


@dataclass(frozen=True, slots=True)
class CodingSheet:
    """A coding sheet, opened: what it says of itself, and its rows.

    `all_done` is the colleague's word that she has been through every case.
    """

    path: Path
    head: SheetHead
    all_done: bool
    raw: RawRows
    columns: Mapping[str, int]
    header_row: int

    def rows(self) -> Iterator[SheetRow | Rejection]:
        """Yield the rows; those filled in that have lost their hidden cell come set aside."""
        errors = self.raw.errors
        for row in self.raw.read():
            if isinstance(row, Rejection):
                yield row
                continue
            number, cells = row
            if number <= self.header_row:
                continue
            shown = {
                name: clean_text(cells[column]) if column < len(cells) else ""
                for name, column in self.columns.items()
            }
            fields = {HEADERS[n]: v for n, v in shown.items() if n not in _NEVER_SET_ASIDE}
            place = f"row {number}"
            key = RowKey.load(shown["key"])
            if key is None:
                if any(shown.get(name) for name in _ANSWERS):
                    yield Rejection(place, _NO_KEY, fields)
                continue
            broken = set(errors.get(number, ())) & {
                self.columns[name] for name in _ANSWERS if name in self.columns
            }
            yield _parse(key, shown, place, fields, broken=bool(broken))


_NO_KEY = "the row has lost its hidden cell, so that nobody knows what it is about"


def _parse(
    key: RowKey, shown: Mapping[str, str], place: str, fields: Mapping[str, str], *, broken: bool
) -> SheetRow:
    decision, done = _flag(shown.get("decide", "")), _flag(shown.get("done", ""))
    other, added = shown.get("other", ""), shown["added"]
    faults = (
        (broken, "a cell holds a spreadsheet error (such as #N/A)"),
        (decision == "", "decide holds neither yes nor no"),
        (done == "", "case done holds neither yes nor no"),
        (
            key.coding is None and (bool(other) or decision is not None),
            "the row proposes nothing that could be decided: codes of one's own go to added codes",
        ),
        (
            bool(other) and decision is not False,
            "there is another code, but decide does not say no",
        ),
        (bool(shown["words"]) and not added, "there are words, but no added code to stand on them"),
    )
    return SheetRow(
        key,
        decision if isinstance(decision, bool) else None,
        other,
        added,
        shown["words"],
        shown["note"],
        done if isinstance(done, bool) else None,
        next((reason for found, reason in faults if found), ""),
        place,
        fields,
    )


def _flag(cell: str) -> bool | str | None:
    """Return what a cell says, None where it is blank, "" where it says neither yes nor no."""
    plain = cell.casefold()
    if not plain:
        return None
    return True if plain in YES else False if plain in NO else ""


# --- finding it ---------------------------------------------------------------------


def is_coding_sheet(path: Path) -> bool:
    """Say whether a file is a coding sheet, also one whose hidden parts were deleted.

    Raises
    ------
    SourceFormatError
        It is a workbook that cannot be read.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    check_readable(path)
    sheets = open_workbook(path)
    return _find_head(sheets) is not None or any(_find_header(raw) for raw in sheets)


def read_coding_sheet(path: Path) -> CodingSheet:
    """Return a coding sheet.

    Raises
    ------
    SourceFormatError
        The file is none, or what is needed to place its answers was deleted.
    """
    check_readable(path)
    sheets = open_workbook(path)
    hidden = _find_head(sheets)
    found = [(raw, header) for raw in sheets if (header := _find_header(raw))]
    if hidden is None and not found:
        raise SourceFormatError(
            "this is not a coding sheet",
            where=str(path),
            expected="a file that `qualkit sheet` made",
            to_do="qualkit sheet OUT.xlsx --coder NAME",
        )
    keyed = [(raw, header) for raw, header in found if "key" in header[1]]
    if hidden is None or not keyed:
        raise SourceFormatError(
            "the coding sheet has lost what is needed to place its answers",
            where=str(path),
            found="no hidden sheet" if hidden is None else "no hidden column",
            expected="the hidden sheet and the hidden column, as they were sent",
            to_do=_BACK,
        )
    if len(keyed) > 1:
        raise SourceFormatError(
            "the workbook has more than one sheet with answers",
            where=str(path),
            found="sheets " + name_list([raw.name for raw, _ in keyed]),
            to_do="delete all but the one that holds (also when they are copies)",
        )
    head = _parse_head(path, hidden)
    raw, (number, columns) = keyed[0]
    needed = {"added", "words", "note"} | (set() if head.blind else {"decide", "other"})
    missing = sorted(needed - set(columns))
    if missing:
        raise SourceFormatError(
            "columns of the coding sheet are missing",
            where=f"{path}, sheet '{raw.name}'",
            found="no column " + name_list([HEADERS[name] for name in missing]),
            expected="all columns, with the headers as they were sent",
            to_do=_BACK,
        )
    return CodingSheet(path, head, _says_all_done(sheets), raw, columns, number)


def _first_rows(raw: RawRows, most: int) -> Iterator[tuple[int, list[str]]]:
    for count, row in enumerate(raw.read()):
        if count >= most:
            return
        if not isinstance(row, Rejection):
            yield row


def _find_head(sheets: list[RawRows]) -> RawRows | None:
    for raw in sheets:
        if any(MARK in cells[:1] for _, cells in _first_rows(raw, 1)):
            return raw
    return None


def _find_header(raw: RawRows) -> tuple[int, dict[str, int]] | None:
    """Return the header's row and the columns of a sheet of answers, or None.

    It is known by its hidden column or, where that was deleted, by three of its own headers.
    """
    names = {squash(header): name for name, header in HEADERS.items()}
    for number, cells in _first_rows(raw, _LOOK_AHEAD):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            name = names.get(squash(cell))
            if name:
                columns.setdefault(name, column)
        if "key" in columns or {"added", "words", "note"} <= set(columns):
            return number, columns
    return None


def _parse_head(path: Path, raw: RawRows) -> SheetHead:
    values: dict[str, list[object]] = {"coder": [], "blind": [], "codebook": [], "case": []}
    version = ""
    try:
        for row in raw.read():
            if isinstance(row, Rejection):
                continue
            name, value = (*row[1], "", "")[:2]
            if name == MARK:
                version = value
            elif name in values:
                values[name].append(json.loads(value))
        codebooks = {str(name): bool(whole) for name, whole in _pairs(values["codebook"])}
        sent = {
            str(case): (int(str(count)), str(text_hash))
            for case, own in _pairs(values["case"])
            for count, text_hash in _pairs([own])
        }
        coder, blind = values["coder"][0], values["blind"][0]
    except (ValueError, TypeError, IndexError) as error:
        raise SourceFormatError(
            "the hidden sheet of the coding sheet is damaged",
            where=f"{path}, sheet '{raw.name}'",
            expected="it as it was sent",
            to_do=_BACK,
        ) from error
    if version != VERSION:
        raise SourceFormatError(
            "the coding sheet is of another version of qualkit",
            where=str(path),
            found=f"form {version[:10]}",
            expected=f"form {VERSION}",
            to_do="import it with the qualkit that made it, or a newer one",
        )
    return SheetHead(collapse(str(coder)), bool(blind), codebooks, sent)


def _pairs(values: list[object]) -> Iterator[tuple[object, object]]:
    for value in values:
        if not isinstance(value, list):
            raise TypeError
        first, second = value
        yield first, second


def _says_all_done(sheets: list[RawRows]) -> bool:
    wanted = squash(ALL_DONE)
    for raw in sheets:
        if raw.hidden:
            continue
        for _, cells in _first_rows(raw, _LOOK_AHEAD):
            for label, answer in pairwise(cells):
                if squash(label) == wanted:
                    return _flag(clean_text(answer)) is True
    return False
