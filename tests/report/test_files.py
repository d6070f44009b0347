from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from qualkit.errors import QualkitError
from qualkit.model import Basis, Column, Page, Pivot, Table
from qualkit.report.files import export_rows, render, save
from qualkit.report.whole import write_whole

TABLE = Table(
    "top",
    "Top 5: barrier",
    (
        Column("code", "code"),
        Column("share", "share", "share"),
        Column("linked", "linked", "list"),
        Column("hidden", "hidden", detail=True),
    ),
    (
        {"code": "a|b", "share": 0.125, "linked": ("x", "y"), "hidden": 1},
        {"code": "c", "share": None, "linked": (), "hidden": 2},
    ),
    Basis({"msc": 8}, 8, "cases", "once per case", ("run 1: qualkit",), 0.5),
    ("a note",),
    trace="qualkit quotes CODE",
)


def test_csv_has_every_column_and_unrounded_shares() -> None:
    rows = list(csv.reader(io.StringIO(render(TABLE, "csv"))))
    assert rows == [
        ["code", "share", "linked", "hidden"],
        ["a|b", "0.125", "x|y", "1"],
        ["c", "", "", "2"],
    ]


def test_json_carries_the_basis() -> None:
    found = json.loads(render(TABLE, "json"))
    assert found["table"] == "top"
    assert found["version"] == 1
    assert found["n"] == {"msc": 8}
    assert found["denominator"] == 8
    assert found["runs"] == ["run 1: qualkit"]
    assert found["confirmed"] == 0.5
    assert found["rows"][0] == {"code": "a|b", "share": 0.125, "linked": ["x", "y"], "hidden": 1}


def test_markdown_is_for_reading() -> None:
    lines = render(TABLE, "markdown").splitlines()
    assert lines[:5] == [
        "## Top 5: barrier",
        "",
        "| code | share | linked |",
        "| --- | ---: | --- |",
        "| a\\|b | 13% | x, y |",
    ]
    assert "- n = 8 msc; shares are of 8 cases." in lines
    assert "- Confirmed by a person: 50% of the counted codings." in lines
    assert "- The words behind a row: qualkit quotes CODE" in lines


def test_pivoted_markdown_has_a_row_a_theme_and_marks_the_top() -> None:
    rows = tuple(
        {"name": name, "domain": domain, "share": share, "rank": 1, "top": top}
        for name, domain, share, top in (("A", "x", 0.5, "yes"), ("A", "y", 0.2, ""))
    )
    columns = (Column("name", "theme"), Column("domain", "d"), Column("share", "s", "share"))
    pivot = Pivot("name", "theme", "domain", "share", "top", {"x": "X (2)", "y": "Y (5)"})
    text = render(Table("matrix", "M", columns, rows, pivot=pivot), "markdown")
    assert "| theme | X (2) | Y (5) |" in text
    assert "| A | \\*1:50% | 20% |" in text


def test_page_has_its_tables_in_order() -> None:
    page = Page("domain", "Home", [TABLE, TABLE])
    assert render(page, "markdown").startswith("# Home\n")
    assert len(json.loads(render(page, "json"))["tables"]) == 2


ROWS = [{"quote": "=1+1", "score": 0.5, "run": None}, {"quote": "é", "score": None, "run": 3}]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".json", ".jsonl", ".xlsx"])
def test_export_reads_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    assert export_rows(path, ["quote", "score", "run"], iter(ROWS)) == 2
    if ending == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert [[c.value for c in row] for row in sheet.iter_rows(min_row=2)] == [
            ["=1+1", 0.5, None],
            ["é", None, 3],
        ]
        assert sheet["A2"].data_type == "s"
    elif ending in (".csv", ".tsv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found = list(csv.reader(lines, delimiter="," if ending == ".csv" else "\t"))
        assert found[1:] == [["'=1+1", "0.5", ""], ["é", "", "3"]]
    elif ending == ".jsonl":
        assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == ROWS
    else:
        assert json.loads(path.read_text("utf-8")) == ROWS


def test_export_refuses_an_unknown_ending(tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="cannot be written"):
        export_rows(tmp_path / "out.pdf", ["a"], [])


def test_failed_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fail(out: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(QualkitError, match="cannot be written"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_save_into_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="cannot be written"):
        save(TABLE, "csv", tmp_path / "none" / "out.csv")


def test_text_too_long_for_a_workbook_is_refused_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with pytest.raises(QualkitError, match="longer than a cell"):
        export_rows(path, ["text"], [{"text": "x" * 32_768}])
    assert list(tmp_path.iterdir()) == []
    assert export_rows(path, ["text"], [{"text": "x" * 32_767}]) == 1


def test_workbook_has_a_sheet_a_table_and_the_feet(tmp_path: Path) -> None:
    path = tmp_path / "page.xlsx"
    save(Page("domain", "Home", [TABLE, TABLE]), "xlsx", path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["1 top", "2 top", "notes"]
    values = [[cell.value for cell in row] for row in book["1 top"].iter_rows()]
    assert values == [
        ["code", "share", "linked", "hidden"],
        ["a|b", 0.125, "x|y", 1],
        ["c", None, None, 2],
    ]
    notes = [row[1].value for row in book["notes"].iter_rows(min_row=2)]
    assert "n = 8 msc; shares are of 8 cases." in notes


def test_workbook_is_ready_to_read(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    save(TABLE, "xlsx", path)
    sheet = openpyxl.load_workbook(path)["1 top"]
    # Shares stay unrounded numbers and are shown as percentages.
    assert (sheet["B2"].value, sheet["B2"].number_format) == (0.125, "0.0%")
    assert sheet["D2"].number_format == "General"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:D3")
    assert sheet["A1"].font.bold


FORMULAS = ["=1+1", " +1", "@x", "-5", "\tx", "＝1", "=cmd|' /C calc'!A0"]


def test_workbook_holds_words_and_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export_rows(path, ["=head", "n"], [{"=head": text, "n": -5} for text in FORMULAS])
    sheet = openpyxl.load_workbook(path).active
    cells = [row[0] for row in sheet.iter_rows()]
    assert [cell.value for cell in cells] == ["=head", *FORMULAS]
    assert {cell.data_type for cell in cells} == {"s"}
    # A spreadsheet then keeps the words as words when somebody edits the cell.
    assert all(cell.quotePrefix for cell in cells)
    assert {row[1].value for row in sheet.iter_rows(min_row=2)} == {-5}
    assert not sheet["B2"].quotePrefix
    with zipfile.ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_ordinary_words_have_no_mark_in_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export_rows(path, ["text"], [{"text": "1-1"}])
    assert not openpyxl.load_workbook(path).active["A2"].quotePrefix


# Without halves of characters and the two that are none.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(CHARACTERS, min_size=1), min_size=1, max_size=30))
@example(["_x0041_", "\x1b[2J", "a\rb", "_x005F_", "_x00zz_", "  a ", "=1"])
def test_every_text_comes_back_from_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("book") / "out.xlsx"
    export_rows(path, ["text", "n"], [{"text": text, "n": 1} for text in texts])
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()[1:]] == texts


def test_what_is_no_character_does_not_stop_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    export_rows(path, ["text"], [{"text": "a\ud800\ufffe"}])
    assert openpyxl.load_workbook(path).active["A2"].value == "a_xD800__xFFFE_"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\nc", "a b c"),
        ("a|b", "a\\|b"),
        ("a\\|b", "a\\\\\\|b"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("a & b &lt;", "a &amp; b &amp;lt;"),
        ("![x](http://example.org/x.png)", "!\\[x\\](http://example.org/x.png)"),
        ("*so* _so_ `so` ~~so~~", "\\*so\\* \\_so\\_ \\`so\\` \\~\\~so\\~\\~"),
        ("segment_label", "segment_label"),
        ("\x1b[31mred", "␛\\[31mred"),
    ],
)
def test_words_do_nothing_in_markdown(text: str, shown: str) -> None:
    table = Table("t", text, (Column("a", text),), ({"a": text},), notes=(f"N{text}",))
    lines = render(Page("p", text, [table], (text,)), "markdown").splitlines()
    assert lines[0] == f"# {shown}"
    assert f"## {shown}" in lines
    assert lines.count(f"| {shown} |") == 2
    assert f"- N{shown}." in lines
    assert lines[-1] == shown


def test_json_has_the_words_as_they_are() -> None:
    table = Table("t", "t", (Column("a", "a"),), ({"a": "=1+1\n|"},))
    assert json.loads(render(table, "json"))["rows"] == [{"a": "=1+1\n|"}]


def test_csv_guards_words_and_headers_never_numbers() -> None:
    columns = (Column("=a", "a"), Column("b", "b", "list"), Column("c", "c"))
    table = Table("t", "t", columns, ({"=a": "-5", "b": ("=x", "y"), "c": -5},))
    assert render(table, "csv") == "'=a,b,c\n'-5,'=x|y,-5\n"


def test_carriage_return_in_words_ends_no_row() -> None:
    table = Table("t", "t", (Column("a", "a"),), ({"a": "one\r=two"},))
    assert render(table, "csv") == 'a\n"one\r=two"\n'
