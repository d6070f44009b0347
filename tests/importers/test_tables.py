"""Tables: delimiters, headers, sheets and rows with their places."""

from __future__ import annotations

import csv
import datetime
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.errors import ChoiceNeededError, SourceFormatError
from qualkit.importers.tables import Table, open_table
from qualkit.importers.workbook import cell_text
from qualkit.model import Rejection

Row = tuple[int, list[str]]


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def workbook(path: Path, rows: list[list[object]], merges: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def taken(table: Table) -> list[Row]:
    return [row for row in table.rows() if not isinstance(row, Rejection)]


def rejected(table: Table) -> list[Rejection]:
    return [row for row in table.rows() if isinstance(row, Rejection)]


# --- delimited ------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["csv", "txt"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str, ending: str) -> None:
    lines = [["id", "text"], ["1", "one, two; three"], ["2", "a | b"], ["3", "plain"]]
    path = tmp_path / f"a.{ending}"
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(lines)
    table = open_table(path)
    assert table.headers == ("id", "text")
    assert taken(table) == [(2, ["1", "one, two; three"]), (3, ["2", "a | b"]), (4, ["3", "plain"])]


def test_delimiter_declared_in_the_first_line(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", "sep=;\nid;text\n1;a,b\n"))
    assert table.headers == ("id", "text")
    assert taken(table) == [(2, ["1", "a,b"])]


def test_one_column_is_a_table_in_csv(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", "text\nhello\nthere\n"))
    assert taken(table) == [(2, ["hello"]), (3, ["there"])]


def test_prose_in_txt_is_no_table(tmp_path: Path) -> None:
    text = "Interviewer: So, how was it?\nMum: Fine, and, well, fine.\n\nNothing more\n"
    with pytest.raises(SourceFormatError, match="does not look like a table"):
        open_table(write(tmp_path / "a.txt", text))


def test_quoted_line_breaks_do_not_count_as_rows(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", 'id,text\r\n1,"a\r\nb"\r\n\r\n2,c\r\n'))
    assert taken(table) == [(2, ["1", "a\r\nb"]), (4, ["2", "c"])]


def test_unclosed_quotation_mark_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,ok\n2,"never\n3,closed\n')
    with pytest.raises(SourceFormatError, match="never closed") as caught:
        taken(open_table(path))
    assert caught.value.where.endswith("row 3")


def test_cell_of_absurd_length_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,text\n1,ok\n2," + "x" * (1 << 21) + "\n")
    with pytest.raises(SourceFormatError, match="cannot be read") as caught:
        taken(open_table(path))
    assert caught.value.where.endswith("row 3")


CELL = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12
).map(lambda text: f"w{text}w")


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
@settings(max_examples=60)
def test_cells_survive_being_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["one", "two", "three"], *rows])
    assert taken(open_table(path)) == list(enumerate(rows, start=2))


# --- headers --------------------------------------------------------------------


def test_title_rows_and_blank_rows_above_the_header(tmp_path: Path) -> None:
    text = "Stories of change\n\nPrinted,May 2018\n\nid,what,when,who\n1,a,b,c\n2,d,e,f\n"
    table = open_table(write(tmp_path / "a.csv", text))
    assert table.headers == ("id", "what", "when", "who")
    assert [number for number, _ in taken(table)] == [6, 7]
    assert "above the header, left out: rows 1 to 3" in table.notes


def test_repeated_headers_are_numbered_and_noted(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", 'id,Why?,Why?," Why? "\n1,a,b,c\n'))
    assert table.headers == ("id", "Why?", "Why? (2)", "Why? (3)")
    assert "repeated headers, numbered: Why?" in table.notes


def test_blank_header_is_called_by_its_letter(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", "id,,text\n1,a,b\n"))
    assert table.headers == ("id", "column B", "text")


def test_table_without_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="looks like a header") as caught:
        open_table(write(tmp_path / "a.csv", "1,2,3\n4,5,6\n"))
    assert "--header-row" in caught.value.to_do


def test_header_row_is_taken_from_the_user(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\nid,text\n1,x\n")
    table = open_table(path, header_row=2)
    assert table.headers == ("id", "text")
    assert taken(table) == [(3, ["1", "x"])]
    with pytest.raises(SourceFormatError, match="row 9"):
        open_table(path, header_row=9)


def test_two_header_rows_under_merged_cells_are_joined(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ["id", "Relevance", None, "Story"],
            [None, "Home and money", "Physical health", None],
            ["c1", "very", "not", "It went well"],
        ],
        ("A1:A2", "B1:C1", "D1:D2"),
    )
    table = open_table(path)
    expected = ("id", "Relevance - Home and money", "Relevance - Physical health", "Story")
    assert table.headers == expected
    assert taken(table) == [(3, ["c1", "very", "not", "It went well"])]


def test_second_header_row_of_a_survey_service(tmp_path: Path) -> None:
    text = "id,What helped?,Who came?,\n,Open-Ended Response,Worker,Teacher\n1,a lot,yes,no\n"
    table = open_table(write(tmp_path / "a.csv", text))
    assert table.headers == ("id", "What helped?", "Who came? - Worker", "Who came? - Teacher")
    assert taken(table) == [(3, ["1", "a lot", "yes", "no"])]


def test_import_marks_under_the_questions_are_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ["ResponseId", "Q1"],
                ["Response ID", "What helped?"],
                ['{"ImportId":"_recordId"}', '{"ImportId":"QID1"}'],
                ["R_1", "time"],
            ]
        )
    table = open_table(path)
    assert table.headers == ("Response ID", "What helped?")
    assert taken(table) == [(4, ["R_1", "time"])]


# --- rows -----------------------------------------------------------------------


def test_short_rows_are_padded_and_long_ones_set_aside(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", "a,b,c\n1,2\n3,4,5\n6,7,8,9\n1,2,3,\n \n"))
    notes: list[str] = []
    rows = list(table.rows(notes))
    long = Rejection(
        "row 4",
        "the row has 4 cells, the header 3",
        {"a": "6", "b": "7", "c": "8", "beyond the headers": "9"},
    )
    assert rows == [(2, ["1", "2", ""]), (3, ["3", "4", "5"]), long, (5, ["1", "2", "3"])]
    assert notes == [
        "blank rows skipped: 1",
        "rows with fewer cells than headers, taken as blank there: 1",
    ]


def test_notes_below_the_table_are_set_aside(tmp_path: Path) -> None:
    text = "id,text,who\n1,a,b\n\n2,,\n3,c,d\n\nPrinted by the council,,\nSource: the form,,\n"
    table = open_table(write(tmp_path / "a.csv", text))
    # Row 4 has one cell and follows a blank row, but a fuller row comes after it.
    assert [number for number, _ in taken(table)] == [2, 4, 5]
    assert [row.place for row in rejected(table)] == ["row 7", "row 8"]


def test_rows_can_be_read_twice(tmp_path: Path) -> None:
    table = open_table(write(tmp_path / "a.csv", "a,b\n1,2\n"))
    assert taken(table) == taken(table)


# --- workbooks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (0.5, "0.5"),
        (True, "TRUE"),
        ("  as is ", "  as is "),
        (datetime.datetime(2017, 4, 5), "2017-04-05"),
        (datetime.datetime(2017, 4, 5, 6, 7), "2017-04-05T06:07:00"),
        (datetime.date(2017, 4, 5), "2017-04-05"),
        (datetime.time(6, 7), "06:07:00"),
    ],
    ids=str,
)
def test_cell_values_as_text(value: str | float | bool, text: str) -> None:
    assert cell_text(value) == text


def test_error_cells_are_set_aside(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text", "n"])
    sheet.append(["1", "word", 2])
    sheet["C2"].value = "#DIV/0!"
    sheet["C2"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert taken(table) == [(2, ["1", "word", ""])]
    assert [row.place for row in rejected(table)] == ["row 2, column 'n'"]


def test_sheets_with_data_need_a_choice(realdata: Path) -> None:
    path = realdata / "awkward/tables/sheets.xlsx"
    with pytest.raises(ChoiceNeededError) as caught:
        open_table(path)
    # The third sheet, "not this one", is blank.
    assert caught.value.found == "sheets 'data', 'ʤ'"
    assert open_table(path, sheet="DATA").headers[0] == "text"
    with pytest.raises(SourceFormatError, match="no sheet 'dat'") as wrong:
        open_table(path, sheet="dat")
    assert wrong.value.to_do == "did you mean data?"


def test_hidden_sheets_are_not_read_unasked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    shown = book.active
    assert shown is not None
    for row in (["id", "text"], ["1", "a"]):
        shown.append(row)
    lists = book.create_sheet("lists")
    lists.append(["choices", "more"])
    lists.append(["yes", "no"])
    lists.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    assert open_table(tmp_path / "a.xlsx").headers == ("id", "text")
    assert open_table(tmp_path / "a.xlsx", sheet="lists").headers == ("choices", "more")


def test_stray_cell_far_away_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "id"
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceFormatError, match="too large"):
        open_table(tmp_path / "a.xlsx")


def test_workbook_that_unpacks_absurdly_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (110 << 20))
    with pytest.raises(SourceFormatError, match="unpacks to far more"):
        open_table(path)


# --- JSON Lines -----------------------------------------------------------------


def test_json_lines_are_flattened_and_bad_lines_set_aside(tmp_path: Path) -> None:
    text = (
        '{"id": 1, "text": "a", "more": {"x": true, "y": [1, 2.0]}}\n'
        "not json\n"
        "[1]\n"
        "\n"
        '{"id": 2.0, "text": null, "late": 0.5, "deep": [{"a": 1}]}\n'
    )
    table = open_table(write(tmp_path / "a.jsonl", text))
    assert table.headers == ("id", "text", "more.x", "more.y", "late")
    assert taken(table) == [(1, ["1", "a", "TRUE", "1; 2", ""]), (5, ["2", "", "", "", "0.5"])]
    assert [row.place for row in rejected(table)] == ["line 2", "line 3"]
    assert "lists of objects left out: deep" in table.notes


def test_json_lines_without_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="one JSON object a line"):
        open_table(write(tmp_path / "a.jsonl", "[\n1\n]\n"))


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="not a table"):
        open_table(write(tmp_path / "a.md", "x\n"))
    with pytest.raises(SourceFormatError, match="no sheets"):
        open_table(write(tmp_path / "a.csv", "a,b\n1,2\n"), sheet="one")


# --- real files -----------------------------------------------------------------

# Rows counted by hand in each file; the header as it reads there.
REAL_TABLES = [
    ("tables/FY09_EDU_Recipients_by_State.csv", None, 9, 52, 0),
    ("tables/bad.csv", None, 3, 2, 1),
    ("tables/blanks.csv", None, 6, 1, 0),
    ("tables/ks_1033_data.csv", None, 14, 1575, 0),
    ("tables/mac_newlines.csv", None, 3, 2, 0),
    ("tables/ne_1033_data.xlsx", None, 14, 1036, 0),
    ("tables/optional_quote_characters.csv", None, 3, 1, 0),
    ("tables/sheets.xlsx", "data", 7, 4, 1),
    ("tables/test_header_newline.csv", None, 3, 1, 0),
    ("tables/test_latin1.csv", None, 3, 2, 0),
    ("tables/test_skip_lines.csv", None, 3, 1, 0),
    ("tables/test_skip_lines.xlsx", None, 7, 4, 1),
    ("tables/test_utf16_big.csv", None, 3, 2, 0),
    ("tables/test_utf16_little.csv", None, 3, 2, 0),
    ("tables/test_utf8_bom.csv", None, 3, 2, 0),
    ("workbooks/ozmarriage.xlsx", "Table 1", 16, 9, 4),
    ("workbooks/school.xlsx", "Sheet2", 11, 6, 0),
    ("workbooks/toronto_transit.xlsx", None, 35, 49, 3),
    ("workbooks/us-crime-2.xlsx", None, 23, 208, 1),
    ("workbooks/vaccinations.xlsx", "SVV Coverage Trend Data", 253, 53, 0),
    ("workbooks/worked-examples.xlsx", "clean", 2, 3, 0),
    ("workbooks/worked-examples.xlsx", "notes", 3, 2, 1),
    ("workbooks/worked-examples.xlsx", "male", 3, 2, 0),
    ("workbooks/worked-examples.xlsx", "implied-multiples", 9, 2, 0),
]


@pytest.mark.parametrize(("name", "sheet", "columns", "rows", "set_aside"), REAL_TABLES)
def test_real_table(
    realdata: Path, name: str, sheet: str | None, columns: int, rows: int, set_aside: int
) -> None:
    table = open_table(realdata / "awkward" / name, sheet=sheet)
    assert len(table.headers) == columns
    assert (len(taken(table)), len(rejected(table))) == (rows, set_aside)


@pytest.mark.parametrize(
    ("name", "sheet", "says"),
    [
        ("tables/null_byte.csv", None, "NUL byte"),
        ("tables/sheets.xlsx", "not this one", "nothing in the table"),
        ("workbooks/cashflows.xlsx", None, "no header of their own"),
        ("workbooks/enron.xlsx", None, "no header of their own"),
        ("workbooks/groundwater.xlsx", None, "looks like a header"),
        ("workbooks/ozmarriage.xlsx", None, "several sheets"),
        ("workbooks/ozmarriage.xlsx", "Explanatory Notes", "more cells than the header"),
        ("workbooks/school.xlsx", None, "several sheets"),
        ("workbooks/school.xlsx", "Sheet1", "no header of their own"),
        ("workbooks/vaccinations.xlsx", None, "several sheets"),
        ("workbooks/worked-examples.xlsx", None, "several sheets"),
        ("workbooks/worked-examples.xlsx", "small-multiples", "looks like a header"),
    ],
)
def test_real_table_that_is_refused(
    realdata: Path, name: str, sheet: str | None, says: str
) -> None:
    with pytest.raises((SourceFormatError, ChoiceNeededError), match=says) as caught:
        open_table(realdata / "awkward" / name, sheet=sheet)
    assert caught.value.to_do


def test_real_headers_of_joined_rows(realdata: Path) -> None:
    folder = realdata / "awkward/workbooks"
    crime = open_table(folder / "us-crime-2.xlsx")
    assert crime.headers[:5] == (
        "Area",
        "Year",
        "Population2",
        "Violent crime3",
        "Violent crime3 - Rate per 100,000",
    )
    school = open_table(folder / "school.xlsx", sheet="Sheet2")
    assert school.headers[3:5] == ("MCAS Summary - MCAS Grade", "MCAS Summary - # Tested")
    assert taken(school)[0][0] == 4


def test_real_cells(realdata: Path) -> None:
    folder = realdata / "awkward/tables"
    assert taken(open_table(folder / "test_latin1.csv"))[1] == (3, ["4", "5", "©"])
    assert taken(open_table(folder / "test_utf16_big.csv"))[1] == (3, ["4", "5", "ʤ"])
    assert open_table(folder / "test_header_newline.csv").headers[0] == "start end"
    assert taken(open_table(folder / "mac_newlines.csv"))[1] == (3, ["Once upon\ra time", "5", "6"])
    nebraska = taken(open_table(folder / "ne_1033_data.xlsx"))[0][1]
    assert nebraska[2] == "31001"
    assert nebraska[9] == "2008-07-11"


def test_real_us_crime_3_takes_rows_and_leaves_its_footnotes(realdata: Path) -> None:
    table = open_table(realdata / "awkward/workbooks/us-crime-3.xlsx")
    assert [row.place for row in rejected(table)] == [f"row {n}" for n in range(506, 514)]
    assert table.header_row == 4
    assert taken(table)[0][0] == 5


def test_workbook_rows_are_numbered_as_shown(tmp_path: Path, realdata: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cell, value in {"B3": "id", "C3": "text", "B4": "c1", "C4": "words", "C6": "more"}.items():
        sheet[cell] = value
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert table.headers == ("column A", "id", "text")
    assert table.header_row == 3
    assert taken(table)[0] == (4, ["", "c1", "words"])
    assert open_table(realdata / "awkward/tables/test_skip_lines.xlsx").header_row == 4


def test_formatted_cells_without_a_value_do_not_count(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    sheet.append(["1", "a"])
    sheet["XFD1048576"].number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    assert taken(open_table(tmp_path / "a.xlsx")) == [(2, ["1", "a"])]


def test_memory_does_not_grow_with_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text", "service"])
        writer.writerows([f"c{n}", f"word {n} of many in this cell", "SLF"] for n in range(40_000))
    tracemalloc.start()
    n_rows = sum(1 for _ in open_table(path).rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == 40_000
    # Kept all at once, 40,000 rows of three cells would take some 12 million bytes.
    assert peak < 3 << 20


# --- totals -----------------------------------------------------------------------


@pytest.mark.parametrize("gap", ["", ",,\n"], ids=["at once", "after a blank row"])
@pytest.mark.parametrize("total", ["Total stories,2,", "TOTAL,2,1.5", "Average:,,50%"])
def test_totals_below_the_table_are_set_aside(tmp_path: Path, gap: str, total: str) -> None:
    text = f"id,ref,text\n1,F1,one\n2,F2,two\n{gap}{total}\n"
    table = open_table(write(tmp_path / "a.csv", text))
    assert [cells[0] for _, cells in taken(table)] == ["1", "2"]
    (total_row,) = rejected(table)
    assert total_row.reason == "totals below the table: looks like figures, not a row"


def test_row_that_only_begins_like_totals_is_kept(tmp_path: Path) -> None:
    # One has words after it, the other stands amid the table.
    text = "id,ref,text\nTotal,2,\n1,F1,one\nCount me,F2,two\n"
    table = open_table(write(tmp_path / "a.csv", text))
    assert [cells[0] for _, cells in taken(table)] == ["Total", "1", "Count me"]
    assert rejected(table) == []


def test_guarded_cells_are_read_as_they_were_meant_in_our_own_files_only(tmp_path: Path) -> None:
    ours = tmp_path / "codings.csv"
    ours.write_text("case_id,segment_n,code,quote\nm1,1,debt,'-5 and out\n", encoding="utf-8")
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("id,words\nm1,'-5 and out\n", encoding="utf-8")
    assert [row[1][-1] for row in open_table(ours).rows()] == ["-5 and out"]  # type: ignore[index]
    assert [row[1][-1] for row in open_table(theirs).rows()] == ["'-5 and out"]  # type: ignore[index]
