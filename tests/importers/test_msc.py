"""Tables of narratives: segments, ids, relevance, attributes and roles."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest

from qualkit.errors import ChoiceNeededError, ColumnError, SourceFormatError
from qualkit.importers.msc import MscOptions, read_msc
from qualkit.model import Kind, ParsedCase, ParsedSource, Rejection

STORY = "The family went to the park with Sam and then came home again"


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def cases(source: ParsedSource) -> list[ParsedCase]:
    return [item for item in source.items if isinstance(item, ParsedCase)]


def rejections(source: ParsedSource) -> list[Rejection]:
    return [item for item in source.items if isinstance(item, Rejection)]


def test_segments_are_numbered_by_column_and_blanks_leave_gaps(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv",
        [
            ["Case ID", "UFRN", "Before?", "What changed?", "Why?"],
            ["c1", " F 12 ", "  stuck at home\r\nall day ", "", "N/A"],
            ["c2", "F13", "", "nan", ""],
            ["c3", "F14", " ", "", ""],
        ],
    )
    options = MscOptions(text=("Why?", "before", "What changed?"))
    source = read_msc(path, options)
    found = cases(source)
    assert [(each.case_id, each.ufrn) for each in found] == [
        ("c1", "F 12"),
        ("c2", "F13"),
        ("c3", "F14"),
    ]
    # The order is the one the user gave.
    first = [(seg.n, seg.text, seg.label, seg.role, seg.place) for seg in found[0].segments]
    assert first == [
        (1, "N/A", "Why?", "worker", "row 2, column 'Why?'"),
        (2, "stuck at home\nall day", "Before?", "worker", "row 2, column 'Before?'"),
    ]
    assert [(seg.n, seg.text) for seg in found[1].segments] == [(3, "nan")]
    assert found[2].segments == ()
    assert found[2].place == "row 4"
    assert source.kind is Kind.MSC
    assert "cases without text: 1" in source.notes


def test_case_id_without_a_column_is_source_and_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "spring.csv", [["Story"], [STORY], [STORY + "!"]])
    assert [case.case_id for case in cases(read_msc(path))] == ["spring-2", "spring-3"]
    named = cases(read_msc(path, name="Q1"))
    assert [case.case_id for case in named] == ["Q1-2", "Q1-3"]


def test_case_id_twice_or_blank_is_set_aside(tmp_path: Path) -> None:
    rows = [["ID", "Story"], ["a", STORY], ["", STORY], ["a", STORY + "!"]]
    source = read_msc(write_rows(tmp_path / "a.csv", rows), MscOptions(id="id"))
    items = list(source.items)
    assert [type(item) for item in items] == [ParsedCase, Rejection, Rejection]
    aside = [item for item in items if isinstance(item, Rejection)]
    assert [(item.place, item.reason) for item in aside] == [
        ("row 3", "the row has no case id"),
        ("row 4", "the case id already stands in row 2"),
    ]
    assert aside[1].fields == {"ID": "a", "Story": STORY + "!"}


def test_repeated_id_column_is_no_id_by_guess(tmp_path: Path) -> None:
    rows = [["Ref", "Story"], ["a", STORY], ["a", STORY + "!"]]
    source = read_msc(write_rows(tmp_path / "a.csv", rows))
    assert [case.case_id for case in cases(source)] == ["a-2", "a-3"]
    assert "not unique and filled, so no case ids: 'Ref'" in source.notes


def test_relevance_is_declared_by_column(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv",
        [
            ["id", "Story", "Home & money", "Positive family routines", "Physical health"],
            ["a", STORY, "Very", "", "0"],
            ["b", STORY + "!", "", "", ""],
            ["c", STORY + "?", "perhaps", "1", ""],
        ],
    )
    source = read_msc(path)
    items = list(source.items)
    found = [item for item in items if isinstance(item, ParsedCase)]
    # A blank beside declared ones means not; where nothing is declared, nothing is.
    assert [dict(case.relevance) for case in found] == [
        {"home-and-money": "very", "physical-health": "not", "family-routine": "not"},
        {},
        {"family-routine": "fairly", "physical-health": "not"},
    ]
    aside = [item for item in items if isinstance(item, Rejection)]
    assert [item.place for item in aside] == ["row 4, column 'Home & money'"]
    assert "perhaps" not in aside[0].reason
    assert "relevance cells not understood, left out: 1" in source.notes


def test_relevance_by_prefix_leaves_other_columns_alone(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv",
        [
            ["id", "Story", "Home and money", "Rel: home and money"],
            ["a", STORY, "2", "not"],
        ],
    )
    source = read_msc(path, MscOptions(relevance="Rel:"))
    (case,) = cases(source)
    assert dict(case.relevance) == {"home-and-money": "not"}
    assert case.attributes == {"home-and-money": "2"}


def test_role_is_partner_where_the_form_says_so(tmp_path: Path) -> None:
    rows = [
        ["id", "Story", "Staff or partner"],
        ["a", STORY, "Partner"],
        ["b", STORY + "!", "staff"],
    ]
    found = cases(read_msc(write_rows(tmp_path / "a.csv", rows)))
    assert [case.segments[0].role for case in found] == ["partner", "worker"]
    assert found[0].attributes == {"staff-or-partner": "Partner"}


def test_attributes_are_collapsed_and_the_rest_is_noted(tmp_path: Path) -> None:
    rows = [
        ["id", "Story", "District", "Team\u00a0name", "empty"],
        ["a", STORY, "North  West\u00a0Leics ", "Blue", ""],
    ]
    path = write_rows(tmp_path / "a.csv", rows)
    source = read_msc(path)
    (case,) = cases(source)
    assert case.attributes == {"locality": "North West Leics", "team-name": "Blue"}
    assert "attributes: locality (from 'District'), team-name" in source.notes
    assert "1 empty column left out: 'empty'" in source.notes
    chosen = read_msc(path, MscOptions(attribute=("team name",)))
    assert cases(chosen)[0].attributes == {"team-name": "Blue"}
    assert "columns left out: 'District'" in chosen.notes


def test_guessed_columns_are_told_in_a_line_each(tmp_path: Path) -> None:
    headers = ["Case", "What changed?", "What helped?", "Relevance: Home and money"]
    headers += ["Relevance: Physical health", "Quarter", "Service area"]
    rows = [headers, ["a 1", STORY, "My worker came", "very", "not", "2017Q1", "North"]]
    rows.append(["a 2", STORY + "!", "Time to talk", "not", "", "2017Q2", "South"])
    source = read_msc(write_rows(tmp_path / "a.csv", rows))
    assert [case.case_id for case in cases(source)] == ["a 1", "a 2"]
    assert [note for note in source.notes if not note.startswith("no relevance column")] == [
        "case id: column 'Case'",
        "family reference: none found",
        "text: 'What changed?', 'What helped?'",
        "relevance: 2 columns beginning 'Relevance: '",
        "attributes: quarter, service-area",
    ]


def test_relevance_columns_of_no_one_beginning_are_listed(tmp_path: Path) -> None:
    rows = [["id", "Story", "Home & money", "Health (physical health)", "Family routine"]]
    rows.append(["a", STORY, "very", "not", "2"])
    notes = read_msc(write_rows(tmp_path / "a.csv", rows)).notes
    assert (
        "relevance: home-and-money (from 'Home & money'), "
        "physical-health (from 'Health (physical health)'), family-routine"
    ) in notes


def test_wrong_column_names_near_ones(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "Story"], ["a", STORY]])
    with pytest.raises(ColumnError) as caught:
        read_msc(path, MscOptions(text=("Storey",)))
    assert caught.value.to_do == "did you mean 'Story'?"


def test_notes_and_errors_quote_nobody(tmp_path: Path) -> None:
    rows = [["id", "Story", "Home and money"], ["a", STORY, "zebra"], ["a", "zebra " * 9, "very"]]
    source = read_msc(write_rows(tmp_path / "a.csv", rows), MscOptions(id="id"))
    aside = rejections(source)
    assert len(aside) == 2
    said = [*source.notes, *(item.reason for item in aside), *(item.place for item in aside)]
    assert not any("zebra" in line for line in said)


def test_options_and_hash_are_stable(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "Story"], ["a", STORY]])
    first, second = read_msc(path), read_msc(path)
    assert (first.options, first.content_hash) == (second.options, second.content_hash)
    assert "\n" not in first.options
    assert json.loads(first.options) == {"header_row": 1, "id": "id", "text": ["Story"]}
    assert read_msc(path, MscOptions(id="story", text=("id",))).options != first.options


def test_sheet_that_looks_like_narratives_is_taken(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    guide = book.active
    assert guide is not None
    guide.title = "Guide"
    for row in (["Term", "Short"], ["UFRN", "ref"], ["CIN", "need"]):
        guide.append(row)
    data = book.create_sheet("Stories")
    returns: list[list[object]] = [["MSC ID", "UFRN", "What changed?"], ["a", 12, STORY]]
    returns.append(["b", 13.0, STORY + "!"])
    for each in returns:
        data.append(each)
    book.save(tmp_path / "a.xlsx")
    source = read_msc(tmp_path / "a.xlsx")
    assert source.notes[0] == "sheet: 'Stories' (not read: Guide)"
    assert [case.ufrn for case in cases(source)] == ["12", "13"]


# --- the hand-coded narratives, written out as a county's form would be ---------------

TEXT_HEADERS = ["What was it like before?", "What happened?", "What changed?", "Why?", "Else?"]


def _gold_rows(gold: Path) -> tuple[list[dict[str, object]], list[list[str]]]:
    lines = (gold / "msc_a.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    domains = list(records[0]["meta"]["relevance"])
    rows = [
        ["id", "UFRN", "Service", "Locality", "Quarter", "Direction"]
        + [f"Relevance: {domain.replace('-', ' ')}" for domain in domains]
        + TEXT_HEADERS
    ]
    for record in records:
        meta = record["meta"]
        texts = {segment["n"]: segment["text"] for segment in record["segments"]}
        row = [str(record[key]) for key in ("id", "ufrn", "service", "locality")]
        row += [meta["quarter"], meta["direction"]]
        row += [meta["relevance"][domain] for domain in domains]
        row += [texts.get(n, "") for n in range(1, 6)]
        rows.append(row)
    return records, rows


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_gold_narratives_come_back(gold: Path, tmp_path: Path, ending: str) -> None:
    records, rows = _gold_rows(gold)
    path = tmp_path / f"msc.{ending}"
    if ending == "csv":
        write_rows(path, rows)
    elif ending == "jsonl":
        lines = [json.dumps(dict(zip(rows[0], row, strict=True))) for row in rows[1:]]
        path.write_text("\n".join(lines))
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        book.save(path)
    items = list(read_msc(path).items)
    assert len(items) == len(records) == 45
    for item, record in zip(items, records, strict=True):
        assert isinstance(item, ParsedCase)
        meta = record["meta"]
        assert isinstance(meta, dict)
        assert (item.case_id, item.ufrn) == (record["id"], record["ufrn"])
        assert dict(item.relevance) == meta["relevance"]
        assert item.attributes == {
            "service": record["service"],
            "locality": record["locality"],
            "quarter": meta["quarter"],
            "direction": meta["direction"],
        }
        segments = record["segments"]
        assert isinstance(segments, list)
        assert [(seg.n, seg.text) for seg in item.segments] == [
            (each["n"], each["text"].strip()) for each in segments
        ]
        assert all(seg.label == TEXT_HEADERS[seg.n - 1] for seg in item.segments)


# --- awkward files: what a user sees who imports them as narratives --------------------


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        # Figures only: nobody's words to code.
        ("tables/FY09_EDU_Recipients_by_State.csv", ColumnError, "--text"),
        ("tables/blanks.csv", ColumnError, "--text"),
        ("tables/mac_newlines.csv", ColumnError, "--text"),
        ("tables/optional_quote_characters.csv", ColumnError, "--text"),
        ("tables/test_header_newline.csv", ColumnError, "--text"),
        ("tables/test_latin1.csv", ColumnError, "--text"),
        ("tables/test_skip_lines.csv", ColumnError, "--text"),
        ("tables/test_utf16_big.csv", ColumnError, "--text"),
        ("tables/test_utf16_little.csv", ColumnError, "--text"),
        ("tables/test_utf8_bom.csv", ColumnError, "--text"),
        ("tables/null_byte.csv", SourceFormatError, "export"),
        ("workbooks/cashflows.xlsx", SourceFormatError, "--header-row"),
        ("workbooks/enron.xlsx", SourceFormatError, "--header-row"),
        ("workbooks/groundwater.xlsx", SourceFormatError, "--header-row"),
        ("workbooks/school.xlsx", ChoiceNeededError, "--sheet"),
        ("workbooks/toronto_transit.xlsx", ColumnError, "--text"),
        ("workbooks/us-crime-2.xlsx", ColumnError, "--text"),
        ("workbooks/vaccinations.xlsx", ChoiceNeededError, "--sheet"),
        ("workbooks/worked-examples.xlsx", ChoiceNeededError, "--sheet"),
    ],
)
def test_awkward_file_is_refused_with_a_way_out(
    realdata: Path, name: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        read_msc(realdata / "awkward" / name)


def test_awkward_sheets_choose_the_one_with_text(realdata: Path) -> None:
    source = read_msc(realdata / "awkward/tables/sheets.xlsx")
    found = list(source.items)
    # Row 3 has a cell beyond the headers.
    assert [type(item) for item in found] == [ParsedCase, Rejection, *[ParsedCase] * 3]
    assert source.notes[0] == "sheet: 'data' (not read: ʤ)"


def test_awkward_table_with_columns_named(realdata: Path) -> None:
    options = MscOptions(text=("item_name",), family="county", attribute=("state",))
    found = cases(read_msc(realdata / "awkward/tables/ne_1033_data.xlsx", options))
    assert len(found) == 1036
    assert found[0].segments[0].text == "RIFLE,7.62 MILLIMETER"
    assert (found[0].ufrn, found[0].attributes) == ("ADAMS", {"state": "NE"})


def test_named_id_that_mostly_repeats_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [f'{i},SLF,"Something that changed for family {i} this year."' for i in range(6)]
    path.write_text("\n".join(["Ref,Service,What changed?", *rows]), encoding="utf-8")
    with pytest.raises(ColumnError, match="does not tell one row from another"):
        read_msc(path, MscOptions(id="Service"))


@pytest.mark.parametrize(
    ("levels", "refused"), [("123", True), ("0123", False), ("012", False), ("12", False)]
)
def test_relevance_on_a_scale_of_its_own_is_refused(
    tmp_path: Path, levels: str, refused: bool
) -> None:
    # 1 to 3 would be read one step too high; a 3 beside 0 to 2 is a slip in one cell.
    rows = [["c" + level, f"{STORY} {level}", level] for level in levels + "12"]
    rows = [[f"{n}{name}", *rest] for n, (name, *rest) in enumerate(rows)]
    path = write_rows(tmp_path / "a.csv", [["Case ID", "Story", "Physical health"], *rows])
    if refused:
        with pytest.raises(SourceFormatError, match="another scale"):
            read_msc(path)
    else:
        assert len(cases(read_msc(path))) == len(rows)


def test_long_answers_that_repeat_are_still_text(tmp_path: Path) -> None:
    answer = "One long answer that the same worker gave for all of the brothers and sisters. " * 3
    rows = [f'{i},SLF,"{answer.strip()}"' for i in range(8)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["Ref,Service,What changed?", *rows]), encoding="utf-8")
    assert "text: 'What changed?'" in read_msc(path, MscOptions()).notes


@pytest.mark.parametrize(
    ("identity", "family"),
    [("No.", "Family"), ("Story ref", "U.F.R.N."), ("Narrative", "FRN"), ("Identifier", "family")],
)
def test_further_spellings_of_id_and_family(tmp_path: Path, identity: str, family: str) -> None:
    rows = [[f"M{n}", f"F{n}", f"{STORY} {n}"] for n in (1, 2, 3)]
    path = write_rows(tmp_path / "a.csv", [[identity, family, "What changed?"], *rows])
    found = cases(read_msc(path))
    assert [(case.case_id, case.ufrn) for case in found] == [
        ("M1", "F1"),
        ("M2", "F2"),
        ("M3", "F3"),
    ]


def test_family_column_of_names_is_no_reference(tmp_path: Path) -> None:
    rows = [["M1", "whole family", STORY], ["M2", "dad only", f"{STORY} 2"]]
    path = write_rows(tmp_path / "a.csv", [["ID", "Family", "What changed?"], *rows])
    assert [case.ufrn for case in cases(read_msc(path))] == ["", ""]
