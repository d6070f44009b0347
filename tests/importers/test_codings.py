"""Wide tables of codings: which columns are codes, which segment, what a cell says."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from qualkit.errors import ChoiceNeededError, ColumnError, SourceFormatError
from qualkit.importers.codings import WideCodings, WideOptions
from qualkit.importers.columns import squash
from qualkit.model import ParsedCodedRow, Rejection

KNOWN = frozenset(
    squash(name) for name in ("debt", "Debt and arrears", "isolation", "barrier.wait")
)


def table(folder: Path, text: str, name: str = "wide.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def opened(path: Path, options: WideOptions | None = None) -> WideCodings:
    return WideCodings(path, options or WideOptions("Ref"), KNOWN)


def rows(made: WideCodings) -> list[tuple[str, int | None, list[str]]]:
    """Case id, segment and headers marked of each row; none may be set aside."""
    found = list(made.rows())
    assert all(isinstance(item, ParsedCodedRow) for item in found)
    return [
        (item.case_id, item.segment_n, [made.columns[c] for c in item.marked])
        for item in found
        if isinstance(item, ParsedCodedRow)
    ]


def rejected(made: WideCodings) -> list[tuple[str, str]]:
    return [(item.place, item.reason) for item in made.rows() if isinstance(item, Rejection)]


# --- columns ----------------------------------------------------------------------


def test_headers_are_codes_however_they_are_spelt(tmp_path: Path) -> None:
    path = table(
        tmp_path, "Ref,DEBT,Debt & arrears,Debt and Arrears ,Barrier: wait,Notes\nm1,1,,,,x"
    )
    made = opened(path)
    assert list(made.columns.values()) == ["DEBT", "Debt and Arrears", "Barrier: wait"]
    assert made.notes == ["columns that are no codes, left aside: 'Debt & arrears', 'Notes'"]


def test_table_of_codes_alone_leaves_nothing_aside(tmp_path: Path) -> None:
    made = opened(table(tmp_path, "Ref,debt\nm1,1\n"))
    assert (made.columns, made.notes) == ({1: "debt"}, [])


def test_new_codes_are_columns_of_nothing_but_flags(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "Ref,debt,Pets,Garden,Age,Blank,Words\nm1,1,0,1.0,1,,x\nm2,,1,,34,,\n",
    )
    # Pets and Garden hold 0, 1 and blanks; Age holds 34, Words x, Blank nothing.
    made = opened(path, WideOptions("Ref", new=True))
    assert list(made.columns.values()) == ["debt", "Pets", "Garden"]


def test_unknown_flags_are_left_aside_unless_a_codebook_is_made(tmp_path: Path) -> None:
    made = opened(table(tmp_path, "Ref,debt,Pets\nm1,1,0\n"))
    assert list(made.columns.values()) == ["debt"]


def test_columns_of_the_case_and_the_segment_are_no_codes(tmp_path: Path) -> None:
    # Both hold nothing but 1, and the case's header is a code's name.
    path = table(tmp_path, "debt,Part,Pets\n1,1,1\n")
    made = opened(path, WideOptions("debt", "Part", new=True))
    assert list(made.columns.values()) == ["Pets"]


def test_named_columns_are_the_only_codes(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref,debt,isolation,Pets\nm1,1,1,1\n")
    made = opened(path, WideOptions("Ref", codes=("pets", "debt")))
    assert list(made.columns.values()) == ["debt", "Pets"]


def test_table_without_a_code_is_refused_with_the_way_on(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref,Pets\nm1,1\n")
    with pytest.raises(ColumnError, match="no column of the table is a code") as caught:
        opened(path)
    assert caught.value.where == str(path)
    assert "--new-codebook" in caught.value.to_do


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (WideOptions("Rfe"), "--id"),
        (WideOptions("Ref", segment="Prat"), "--segment"),
        (WideOptions("Ref", codes=("detb",)), "--code"),
    ],
    ids=["id", "segment", "code"],
)
def test_missing_column_names_the_option(tmp_path: Path, options: WideOptions, option: str) -> None:
    path = table(tmp_path, "Ref,Part,debt\nm1,1,1\n")
    with pytest.raises(ColumnError) as caught:
        opened(path, options)
    assert option in caught.value.expected
    assert caught.value.to_do.startswith("did you mean")


def test_id_that_may_be_two_columns_needs_a_choice(tmp_path: Path) -> None:
    with pytest.raises(ChoiceNeededError):
        opened(table(tmp_path, "REF,ref,debt\nm1,m1,1\n"))


# --- cells ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["1", "1.0", "x", "X", "y", "Yes", " yes ", "TRUE", "true", "✓", "✔"]
)
def test_cell_that_says_yes(tmp_path: Path, cell: str) -> None:
    assert rows(opened(table(tmp_path, f"Ref,debt,isolation\nm1,{cell},0\n"))) == [
        ("m1", None, ["debt"])
    ]


@pytest.mark.parametrize("cell", ["", " ", "0", "0.0", "n", "No", "FALSE"])
def test_cell_that_says_no(tmp_path: Path, cell: str) -> None:
    assert rows(opened(table(tmp_path, f"Ref,debt,isolation\nm1,{cell},1\n"))) == [
        ("m1", None, ["isolation"])
    ]


@pytest.mark.parametrize("cell", ["2", "maybe", "-1", "10", "?", "1 0"])
def test_cell_that_says_neither_sets_the_row_aside_with_its_column(
    tmp_path: Path, cell: str
) -> None:
    made = opened(table(tmp_path, f"Ref,debt,isolation\nm1,1,{cell}\nm2,1,0\n"))
    assert rejected(made) == [("row 2", "column 'isolation' holds neither 0 nor 1 nor nothing")]
    assert [item.case_id for item in made.rows() if isinstance(item, ParsedCodedRow)] == ["m2"]


def test_set_aside_row_keeps_its_cells(tmp_path: Path) -> None:
    made = opened(table(tmp_path, "Ref,debt,Notes\nm1,maybe,of 2016\n"))
    (item,) = made.rows()
    assert isinstance(item, Rejection)
    assert item.fields == {"Ref": "m1", "debt": "maybe", "Notes": "of 2016"}


def test_row_without_a_mark_is_a_row(tmp_path: Path) -> None:
    assert rows(opened(table(tmp_path, "Ref,debt,isolation\nm1,0,\n"))) == [("m1", None, [])]


def test_row_without_a_case_is_set_aside(tmp_path: Path) -> None:
    assert rejected(opened(table(tmp_path, "Ref,debt,isolation\n ,1,1\n"))) == [
        ("row 2", "the row has no case id")
    ]


def test_white_space_in_a_case_id_is_one_space_as_in_the_imports_of_cases(tmp_path: Path) -> None:
    assert rows(opened(table(tmp_path, "Ref,debt\n  MSC   7 ,1\n"))) == [("MSC 7", None, ["debt"])]


# --- segments ---------------------------------------------------------------------


def test_segment_from_a_column(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref,Part,debt\nm1,2,1\nm1,3.0,0\n")
    assert rows(opened(path, WideOptions("Ref", "part"))) == [("m1", 2, ["debt"]), ("m1", 3, [])]


def test_segment_as_one_number_for_all(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref,debt\nm1,1\nm2,0\n")
    assert rows(opened(path, WideOptions("Ref", "2"))) == [("m1", 2, ["debt"]), ("m2", 2, [])]


def test_number_that_is_a_header_names_the_column(tmp_path: Path) -> None:
    path = table(tmp_path, "Ref,2,debt\nm1,5,1\n")
    assert rows(opened(path, WideOptions("Ref", "2"))) == [("m1", 5, ["debt"])]


@pytest.mark.parametrize("cell", ["", "first", "1.5", "-1"])
def test_segment_that_is_no_number_sets_the_row_aside(tmp_path: Path, cell: str) -> None:
    path = table(tmp_path, f"Ref,Part,debt\nm1,{cell},1\n")
    assert rejected(opened(path, WideOptions("Ref", "Part"))) == [
        ("row 2", "the segment's number is no whole number")
    ]


# --- files ------------------------------------------------------------------------


def test_sheet_by_name(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing here"])
    sheet = book.create_sheet("Coded")
    for cells in (["Ref", "debt", "isolation"], ["m1", 1, None], ["m2", 0, True]):
        sheet.append(cells)
    path = tmp_path / "wide.xlsx"
    book.save(path)
    assert rows(opened(path, WideOptions("Ref", sheet="coded"))) == [
        ("m1", None, ["debt"]),
        ("m2", None, ["isolation"]),
    ]


def test_sheet_of_a_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="has no sheets"):
        opened(table(tmp_path, "Ref,debt\nm1,1\n"), WideOptions("Ref", sheet="Coded"))


def test_json_lines_with_numbers_and_truth_values(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        '{"Ref": "m1", "debt": 1, "isolation": false}\n{"Ref": "m2", "debt": null}\n',
        "wide.jsonl",
    )
    assert rows(opened(path)) == [("m1", None, ["debt"]), ("m2", None, [])]
