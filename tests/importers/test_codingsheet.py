"""Coding sheets that come back: what is recognised, what a row says, what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from qualkit.errors import SourceFormatError
from qualkit.importers.codingsheet import (
    ALL_DONE,
    HEADERS,
    HIDDEN_SHEET,
    CodingSheet,
    RowKey,
    SheetHead,
    SheetRow,
    is_coding_sheet,
    read_coding_sheet,
)
from qualkit.model import Rejection

HEAD = SheetHead("Jo Marsh", False, {"small": True}, {"m1": (1, "cc")})
TEXT = RowKey("m1", 1, "aa")
PROPOSAL = RowKey("m1", 1, "aa", 7, "barrier.debt", 9, 14, "bb")
LEFT_OUT = ("case", "segment", "speaker", "question", "text", "quotation", "code", "done")

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a coding sheet with openpyxl, a mapping of columns to cells a row."""

    def write(
        *rows: Mapping[str, object],
        head: SheetHead | None = HEAD,
        columns: Sequence[str] = tuple(HEADERS),
        above: int = 0,
        all_done: str = "",
        copies: int = 1,
    ) -> Path:
        book = Workbook()
        book.remove(book.active)
        for number in range(copies):
            sheet = book.create_sheet(f"Coding {number}")
            for _ in range(above):
                sheet.append(["From Jo"])
            sheet.append([HEADERS[name] for name in columns])
            for row in rows:
                sheet.append([row.get(name) for name in columns])
        how_to = book.create_sheet("How to")
        how_to.append([ALL_DONE, all_done])
        if head is not None:
            hidden = book.create_sheet(HIDDEN_SHEET)
            hidden.sheet_state = "hidden"
            for cells in head.rows():
                hidden.append(cells)
        path = tmp_path / "sheet.xlsx"
        book.save(path)
        return path

    return write


def only(sheet: CodingSheet) -> SheetRow:
    (row,) = sheet.rows()
    assert isinstance(row, SheetRow)
    return row


def answered(make: Make, key: RowKey = PROPOSAL, **cells: object) -> SheetRow:
    return only(read_coding_sheet(make({"key": key.dump(), **cells})))


# --- keys -----------------------------------------------------------------------------


@given(
    st.text(),
    st.integers(0, 10**6),
    st.none() | st.integers(1, 10**12),
    st.text(),
)
def test_key_survives_its_cell(case_id: str, n: int, coding: int | None, code: str) -> None:
    key = RowKey(case_id, n, "aa")
    if coding is not None:
        key = RowKey(case_id, n, "aa", coding, code, 1, 2, "bb")
    cell = key.dump()
    assert RowKey.load(cell) == key
    # Nothing that a workbook writes otherwise, or takes for a formula.
    assert cell.isascii()
    assert cell.isprintable()
    assert "_" not in cell
    assert cell.startswith("[")


@pytest.mark.parametrize(
    "cell",
    [
        *("", "yes", "7", "[", "[]", "{}", "null", '["m1", 1]', '["m1", "1", "aa"]'),
        *('["m1", true, "aa"]', '["m1", 1, "aa", 7]', '["m1", 1, "aa", 7, "c", 1, 2, "b", 3]'),
    ],
)
def test_other_cells_are_no_keys(cell: str) -> None:
    assert RowKey.load(cell) is None


# --- what a row says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        *((word, True) for word in ("yes", "Yes", " YES ", "y", "x", "X", 1, 1.0, True, "true")),
        *((word, False) for word in ("no", "NO", "n", 0, False, "False")),
        (None, None),
        ("  ", None),
    ],
)
def test_decision(make: Make, cell: object, said: bool | None) -> None:
    row = answered(make, decide=cell)
    assert (row.decision, row.fault) == (said, "")
    assert row.answered == (said is not None)


def test_answers_are_read_as_they_stand(make: Make) -> None:
    row = answered(make, TEXT, added=" debt; isolation\r\n", words="“lonely”", note="-5", done="Y")
    assert (row.key, row.added, row.words, row.note) == (TEXT, "debt; isolation", "“lonely”", "-5")
    assert row.done is True
    assert row.place == "row 2"


@pytest.mark.parametrize(
    ("key", "cells", "reason"),
    [
        (PROPOSAL, {"decide": "ja"}, "decide holds neither yes nor no"),
        (PROPOSAL, {"decide": 2}, "decide holds neither yes nor no"),
        (PROPOSAL, {"done": "soon"}, "case done holds neither"),
        (PROPOSAL, {"other": "debt"}, "decide does not say no"),
        (PROPOSAL, {"decide": "yes", "other": "debt"}, "decide does not say no"),
        (TEXT, {"decide": "yes"}, "the row proposes nothing"),
        (TEXT, {"decide": "no", "other": "debt"}, "the row proposes nothing"),
        (TEXT, {"words": "lonely"}, "no added code"),
    ],
)
def test_answers_that_cannot_be_meant(
    make: Make, key: RowKey, cells: dict[str, object], reason: str
) -> None:
    assert reason in answered(make, key, **cells).fault


def test_error_of_a_formula_is_no_blank_cell(make: Make) -> None:
    assert "spreadsheet error" in answered(make, decide="#N/A").fault


def test_row_that_lost_its_key_is_set_aside_if_anything_is_filled_in(make: Make) -> None:
    path = make({"text": "a heading of hers"}, {"decide": "yes"}, {"key": "?", "note": "so"})
    first, second = read_coding_sheet(path).rows()
    for row, place in ((first, "row 3"), (second, "row 4")):
        assert isinstance(row, Rejection)
        assert row.place == place
        assert "lost its hidden cell" in row.reason


def test_rejects_have_no_text_twice_and_no_key(make: Make) -> None:
    row = answered(make, text="all her words", case="m1", decide="maybe")
    assert row.fields["decide"] == "maybe"
    assert row.fields["case"] == "m1"
    assert not {HEADERS["text"], HEADERS["key"]} & set(row.fields)


# --- the sheet ------------------------------------------------------------------------------


def test_head_comes_back(make: Make) -> None:
    head = SheetHead(
        "Jo_x0041_ =1+1", True, {"a_b": True, "c": False}, {"=1": (0, "c"), "m_2": (3, "d")}
    )
    sheet = read_coding_sheet(make(head=head))
    assert sheet.head == head
    assert list(sheet.rows()) == []


@pytest.mark.parametrize(("cell", "said"), [("yes", True), ("", False), ("no", False)])
def test_word_for_all_cases(make: Make, cell: str, said: bool) -> None:
    assert read_coding_sheet(make(all_done=cell)).all_done is said


def test_columns_may_stand_elsewhere_and_rows_above_the_header(make: Make) -> None:
    columns = tuple(reversed(HEADERS))
    path = make({"key": PROPOSAL.dump(), "decide": "no"}, columns=columns, above=3)
    row = only(read_coding_sheet(path))
    assert (row.decision, row.place) == (False, "row 5")


def test_blind_sheet_needs_no_columns_of_proposals(make: Make) -> None:
    blind = SheetHead("Jo", True, {}, {})
    columns = ("added", "words", "note", "key")
    path = make({"key": TEXT.dump(), "added": "debt"}, head=blind, columns=columns)
    assert only(read_coding_sheet(path)).added == "debt"


def test_columns_that_only_show_may_be_deleted(make: Make) -> None:
    columns = [name for name in HEADERS if name not in LEFT_OUT]
    path = make({"key": PROPOSAL.dump(), "decide": "yes"}, columns=columns)
    assert only(read_coding_sheet(path)).decision is True


@pytest.mark.parametrize("name", ["decide", "other", "added", "words", "note"])
def test_column_of_answers_that_is_gone_is_named(make: Make, name: str) -> None:
    path = make(columns=[own for own in HEADERS if own != name])
    with pytest.raises(SourceFormatError, match=f"no column '{HEADERS[name]}'"):
        read_coding_sheet(path)


# --- recognising it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param({"head": None}, "no hidden sheet", id="hidden sheet deleted"),
        pytest.param(
            {"columns": [n for n in HEADERS if n != "key"]}, "no hidden column", id="column deleted"
        ),
        pytest.param(
            {"columns": [n for n in HEADERS if n != "key"], "head": None},
            "no hidden sheet",
            id="both deleted",
        ),
    ],
)
def test_lost_hidden_parts_are_told(make: Make, arguments: dict[str, object], found: str) -> None:
    path = make({"decide": "yes"}, **arguments)
    assert is_coding_sheet(path)
    with pytest.raises(SourceFormatError, match="lost what is needed") as caught:
        read_coding_sheet(path)
    assert caught.value.found == found
    assert "qualkit sheet" in caught.value.to_do


def test_copies_of_the_sheet_are_refused(make: Make) -> None:
    with pytest.raises(SourceFormatError, match="more than one sheet") as caught:
        read_coding_sheet(make(copies=2))
    assert caught.value.found == "sheets 'Coding 0', 'Coding 1'"


def test_other_workbooks_and_files_are_no_coding_sheets(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["case_id", "segment_n", "code", "note", "words"])
    path = tmp_path / "codings.xlsx"
    book.save(path)
    assert not is_coding_sheet(path)
    assert not is_coding_sheet(tmp_path / "codings.csv")
    with pytest.raises(SourceFormatError, match="not a coding sheet"):
        read_coding_sheet(path)


def test_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(SourceFormatError):
        is_coding_sheet(path)


@pytest.mark.parametrize(
    ("row", "column", "cell", "match"),
    [
        (1, 2, "2", "another version"),
        (2, 2, "{", "damaged"),
        (2, 1, "?", "damaged"),
        (4, 2, '"small"', "damaged"),
        (5, 2, '["m1", ["x", "cc"]]', "damaged"),
        (5, 2, '["m1", 1]', "damaged"),
    ],
)
def test_hidden_sheet_that_was_changed_is_refused(
    make: Make, row: int, column: int, cell: str, match: str
) -> None:
    from openpyxl import load_workbook

    path = make()
    book = load_workbook(path)
    book[HIDDEN_SHEET].cell(row, column).value = cell
    book.save(path)
    with pytest.raises(SourceFormatError, match=match):
        read_coding_sheet(path)
