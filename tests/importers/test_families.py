"""Tables of families: references, clusters, repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.errors import ColumnError, SourceFormatError
from qualkit.importers.families import FamiliesOptions, read_families
from qualkit.model import ParsedFamily, Rejection


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_families_with_all_other_columns_as_attributes(tmp_path: Path) -> None:
    text = "Family ref,Need cluster,Service,Empty\n F-12 ,A,SLF,\nF13,,CC,\n"
    source = read_families(write(tmp_path / "a.csv", text))
    assert list(source.items) == [
        ParsedFamily("F-12", {"cluster": "A", "service": "SLF"}, "row 2"),
        ParsedFamily("F13", {"service": "CC"}, "row 3"),
    ]
    assert source.kind is None
    assert "family reference: column 'Family ref'" in source.notes
    assert "cluster: column 'Need cluster'" in source.notes


def test_family_twice(tmp_path: Path) -> None:
    text = "UFRN,Cluster,Area\nF12,A,x\nf 12,A,x\nF-12,B,x\n,C,y\n"
    source = read_families(write(tmp_path / "a.csv", text))
    items = list(source.items)
    assert [type(item) for item in items] == [ParsedFamily, Rejection, Rejection]
    aside = [(item.place, item.reason) for item in items if isinstance(item, Rejection)]
    assert aside == [
        ("row 4", "the family already stands in row 2, with another cluster"),
        ("row 5", "the row has no family reference"),
    ]
    assert "rows that repeat a family with the same attributes, ignored: 1" in source.notes


def test_a_row_of_totals_is_no_family(tmp_path: Path) -> None:
    source = read_families(write(tmp_path / "a.csv", "UFRN,Cluster\nF1,A\nGrand total,2\n"))
    _, total = source.items
    assert isinstance(total, Rejection)
    assert (total.place, total.reason) == ("row 3", "the row has no family reference")


def test_columns_named_by_the_user(tmp_path: Path) -> None:
    text = "Number,Letter,Service,District\n1,A,SLF,Blaby\n"
    path = write(tmp_path / "a.csv", text)
    options = FamiliesOptions(family="number", cluster="letter", attribute=("district",))
    source = read_families(path, options)
    assert list(source.items) == [ParsedFamily("1", {"cluster": "A", "locality": "Blaby"}, "row 2")]
    assert "columns left out: 'Service'" in source.notes
    with pytest.raises(ColumnError, match="no column 'Lettre'"):
        read_families(path, FamiliesOptions(family="Number", cluster="Lettre"))


def test_table_without_references_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="family references") as caught:
        read_families(write(tmp_path / "a.csv", "Name,Age\nx,1\n"))
    assert "--family" in caught.value.to_do


def test_published_family_links_are_read(reference: Path) -> None:
    with pytest.raises(ColumnError):
        read_families(reference / "domains.csv")


# What a user sees who imports these as families, naming the column of references.
@pytest.mark.parametrize(
    ("name", "sheet", "family", "families", "set_aside"),
    [
        ("tables/FY09_EDU_Recipients_by_State.csv", None, "State Name", 52, 0),
        ("tables/bad.csv", None, "column_a", 1, 2),  # a long row, and one without a reference
        ("tables/mac_newlines.csv", None, "a", 2, 0),
        ("tables/optional_quote_characters.csv", None, "a", 1, 0),
        ("tables/test_header_newline.csv", None, "Start end", 1, 0),
        ("tables/test_latin1.csv", None, "a", 2, 0),
        ("tables/test_skip_lines.csv", None, "a", 1, 0),
        ("tables/test_utf16_big.csv", None, "a", 2, 0),
        ("tables/test_utf16_little.csv", None, "a", 2, 0),
        ("tables/test_utf8_bom.csv", None, "foo", 2, 0),
        ("tables/blanks.csv", None, "a", 0, 1),  # its one row has no reference
        ("workbooks/ozmarriage.xlsx", "Table 1", "column A", 9, 4),
        ("workbooks/school.xlsx", "Sheet2", "Classroom", 6, 0),
        ("workbooks/vaccinations.xlsx", "SVV Coverage Trend Data", "Names", 53, 0),
        ("workbooks/worked-examples.xlsx", "clean", "Name", 3, 0),
        ("workbooks/worked-examples.xlsx", "notes", "Name", 2, 1),
        ("workbooks/worked-examples.xlsx", "non-text headers", "Name", 2, 0),
    ],
)
def test_awkward_table(
    realdata: Path, name: str, sheet: str | None, family: str, families: int, set_aside: int
) -> None:
    options = FamiliesOptions(family=family, sheet=sheet)
    items = list(read_families(realdata / "awkward" / name, options).items)
    found = [item for item in items if isinstance(item, ParsedFamily)]
    assert (len(found), len(items) - len(found)) == (families, set_aside)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("tables/ks_1033_data.csv", ColumnError),
        ("tables/ne_1033_data.xlsx", ColumnError),
        ("tables/null_byte.csv", SourceFormatError),
        ("workbooks/us-crime-3.xlsx", ColumnError),
        ("workbooks/cashflows.xlsx", SourceFormatError),
    ],
)
def test_awkward_table_without_references_is_refused(
    realdata: Path, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match="to do"):
        read_families(realdata / "awkward" / name)


def test_columns_of_free_text_are_left_out_unless_named(tmp_path: Path) -> None:
    text = (
        "UFRN,Cluster,What changed?\n"
        "F12,A,They sleep through the night now.\n"
        "F13,B,She goes to the group on Tuesdays.\n"
        "F14,B,Dad has found a job in town.\n"
    )
    path = write(tmp_path / "a.csv", text)
    source = read_families(path)
    assert [item.attributes for item in source.items if isinstance(item, ParsedFamily)] == [
        {"cluster": "A"},
        {"cluster": "B"},
        {"cluster": "B"},
    ]
    assert any("free text left out: 'What changed?'" in note for note in source.notes)
    named = list(read_families(path, FamiliesOptions(attribute=("What changed?",))).items)
    assert isinstance(named[0], ParsedFamily)
    assert named[0].attributes["what-changed"] == "They sleep through the night now."
