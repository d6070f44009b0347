"""A coding sheet goes out, is filled in by openpyxl as a colleague would, and comes back."""

from __future__ import annotations

import csv
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from qualkit.errors import QualkitError, SourceFormatError, UnknownNameError
from qualkit.importers.codingsheet import ALL_DONE, HEADERS, HIDDEN_SHEET, is_coding_sheet
from qualkit.model import Kind
from qualkit.project import Project
from qualkit.project.sheetanswers import NotPlacedError, SheetResult, find_words
from qualkit.report.codingsheet import _LINES, _parts
from qualkit.store import deciding
from qualkit.store.sources import save_source

NAMES = {header: name for name, header in HEADERS.items()}
Row = dict[str, object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "for-jo.xlsx"


def coding(path: Path) -> tuple[Workbook, Worksheet]:
    book = load_workbook(path)
    return book, book["Coding"]


def rows(path: Path) -> list[Row]:
    """The rows of the sheet, by what their columns are for; "row" is the number in Excel."""
    _, sheet = coding(path)
    names = [NAMES[cell.value] for cell in sheet[1]]
    return [
        {"row": number, **dict(zip(names, values, strict=True))}
        for number, values in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2)
    ]


def fill(path: Path, answers: dict[tuple[str, int, str], dict[str, object]]) -> None:
    """Fill in rows by case, segment and proposed code ("" for the text's own), and save."""
    book, sheet = coding(path)
    columns = {NAMES[cell.value]: cell.column for cell in sheet[1]}
    left = dict(answers)
    for row in rows(path):
        place = str(row["case"]), row["segment"], str(row.get("code") or "")
        for name, value in left.pop(place, {}).items():  # type: ignore[call-overload]
            cell = sheet.cell(int(str(row["row"])), columns[name])
            cell.value = value
            assert not cell.protection.locked, f"{name} cannot be filled in there"
    assert not left
    book.save(path)


def everything(project: Project) -> list[object]:
    """All that people can change."""
    tables = ("codings", "decisions", "memos", "done_cases", "history", "coders")
    return [
        project.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for table in tables
    ]


def counts(result: SheetResult) -> dict[str, int]:
    """The counts that are not 0."""
    return {
        name: value
        for name in SheetResult.__dataclass_fields__
        if isinstance(value := getattr(result, name), int) and value
    }


def statuses(project: Project) -> dict[tuple[str, int, str, str], str]:
    """Status by case, segment, code and coder."""
    return {(c.case_id, c.segment_n, c.code, c.coder): c.status for c in reading(project)}


def reading(project: Project) -> Iterator:
    from qualkit.store.reading import iterate_codings

    return iterate_codings(project.connection, include_rejected=True)


def done(project: Project) -> list[str]:
    return [
        name
        for (name,) in project.connection.execute(
            "SELECT c.case_id FROM done_cases d JOIN cases c ON c.id = d.case_key"
            " JOIN coders p ON p.id = d.coder_key WHERE p.name = 'Jo' ORDER BY c.id"
        )
    ]


def set_aside(result: SheetResult) -> list[tuple[str, str]]:
    with Path(result.rejects_file).open(encoding="utf-8", newline="") as lines:
        return [(row["place"], row["reason"]) for row in csv.DictReader(lines)]


def only_reason(result: SheetResult) -> str:
    ((_, reason),) = set_aside(result)
    return reason


# --- what goes out ----------------------------------------------------------------------


def test_text_stands_once_above_what_is_proposed(project: Project, path: Path) -> None:
    written = project.sheet(path, "Jo", case="m1")
    assert [
        (r["case"], r["segment"], r["text"], r["quotation"], r["code"]) for r in rows(path)
    ] == [
        ("m1", 1, "They had debts.", None, None),
        ("m1", 1, "[They had debts].", "They had debts", "barrier: Debt"),
        ("m1", 1, "[They had debts].", "They had debts", "domain: Home"),
        ("m1", 2, "She was lonely.", None, None),
        ("m1", 2, "[She was lonely].", "She was lonely", "barrier: Isolation"),
        ("m1", 2, "[She was lonely].", "She was lonely", "domain: Friends"),
    ]
    assert (written.cases, written.texts, written.proposals, written.codes) == (1, 2, 4, 4)


def test_question_of_the_interviewer_stands_beside_the_answer(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="i1")
    texts = [r for r in rows(path) if not r["code"]]
    assert [(r["segment"], r["speaker"], r["question"], r["text"]) for r in texts] == [
        (2, "Mum", "Did you have debts?", "I was lonely."),
        (4, "Mum", "And now?", "Debts, no friends."),
    ]


def test_all_kinds_go_out_and_cases_without_proposals(project: Project, path: Path) -> None:
    written = project.sheet(path, "Jo")
    assert {r["case"] for r in rows(path)} == {"m1", "m2", "m3", "m4", "i1", "i2", "s1"}
    # m5 has no text. m3: "arrears" twice, each a barrier and a domain; i1: "no friends" is
    # a barrier alone.
    assert written.proposals == 4 + 2 + 4 + 5 + 2 + 2


def test_no_family_reference_goes_out(project: Project, path: Path) -> None:
    project.sheet(path, "Jo")
    cells = [
        str(cell)
        for sheet in load_workbook(path)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    assert not [cell for cell in cells if re.search(r"\bF-?[1-5]\b", cell, re.IGNORECASE)]


def test_file_is_the_owners_alone(project: Project, path: Path) -> None:
    project.sheet(path, "Jo")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_sheet_is_ready_to_fill_in(project: Project, path: Path) -> None:
    project.sheet(path, "Jo")
    book, sheet = coding(path)
    assert book.sheetnames == ["Coding", "Codes", "How to", HIDDEN_SHEET]
    assert book[HIDDEN_SHEET].sheet_state == "veryHidden"
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:M{sheet.max_row}"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert not sheet.protection.autoFilter  # which allows it
    assert sheet.column_dimensions["N"].hidden
    unlocked = {
        (NAMES[sheet.cell(1, cell.column).value], bool(row[6].value))
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if not cell.protection.locked
    }
    assert unlocked == {
        *(("decide", True), ("other", True), ("note", True)),
        *(("added", False), ("words", False), ("note", False), ("done", False)),
    }
    for row in sheet.iter_rows():
        assert all(cell.alignment.wrap_text for cell in row)
    lists = {str(d.sqref).split(":")[0]: d for d in sheet.data_validations.dataValidation}
    assert {place: d.formula1 for place, d in lists.items()} == {
        **dict.fromkeys(("H2", "M2"), '"yes,no"'),
        **dict.fromkeys(("I2", "J2"), "Codes!$A$2:$A$5"),
    }
    # Several codes may be typed where one may be chosen.
    assert (lists["H2"].showErrorMessage, lists["J2"].showErrorMessage) == (True, False)


def test_one_case_has_one_cell_to_say_that_it_is_done(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case=["m1", "i1"])
    _, sheet = coding(path)
    open_ = [row[0].value for row in sheet.iter_rows(min_row=2) if not row[12].protection.locked]
    assert open_ == ["m1", "i1"]


def test_codes_to_choose_from(project: Project, path: Path, tmp_path: Path) -> None:
    book = tmp_path / "odd.yaml"
    book.write_text(
        'codebook: odd\nversion: "1"\ncategory: odd\nkinds: [msc]\ncodes:\n'
        "  - {id: one, name: 'Here; there', definition: What it means., include: This.,"
        " exclude: That., patterns: [zzz]}\n"
        "  - {id: two, name: Same, patterns: [zzz]}\n"
        "  - {id: three, name: same, patterns: [zzz]}\n",
        encoding="utf-8",
    )
    project.load_codebook(book)
    project.sheet(path, "Jo", codebook="odd", blind=True)
    sheet = load_workbook(path)["Codes"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["write this", "category", "code", "name", "definition", "include", "exclude"],
        ["odd.one", "odd", "one", "Here; there", "What it means.", "This.", "That."],
        ["odd.two", "odd", "two", "Same", None, None, None],
        ["odd.three", "odd", "three", "same", None, None, None],
    ]
    # It is for narratives alone.
    assert {r["case"] for r in rows(path)} == {"m1", "m2", "m3", "m4"}


def test_how_to_is_five_lines(project: Project, path: Path) -> None:
    for blind in (False, True):
        project.sheet(path, "Jo", blind=blind)
        lines = [row[0].value for row in load_workbook(path)["How to"].iter_rows()]
        assert lines[0] == "Coding sheet for Jo"
        assert [line[:2] for line in lines[1:6]] == ["1.", "2.", "3.", "4.", "5."]
        assert lines[6:] == [None, ALL_DONE]
        assert ("proposes" in "".join(lines[1:6])) is not blind


@pytest.mark.parametrize(
    ("asked", "cases", "codes"),
    [
        ({"kind": "msc"}, {"m1", "m2", "m3", "m4"}, 4),
        ({"kind": ["survey", "interview"]}, {"i1", "i2", "s1"}, 4),
        ({"kind": "all", "category": "barrier"}, {"m1", "m2", "m3", "m4", "i1", "i2", "s1"}, 2),
        ({"code": "isolation"}, {"m1", "m2", "i1", "i2"}, 1),
        ({"code": ["debt", "home"], "kind": "msc"}, {"m1", "m3"}, 2),
        ({"code": "debt", "category": "domain"}, None, 0),
    ],
)
def test_choosing(
    project: Project, path: Path, asked: dict[str, str], cases: set[str] | None, codes: int
) -> None:
    if cases is None:
        with pytest.raises(QualkitError, match="no code is in all"):
            project.sheet(path, "Jo", **asked)
        return
    project.sheet(path, "Jo", **asked)
    found = rows(path)
    assert {r["case"] for r in found} == cases
    assert len({r["code"] for r in found if r["code"]}) == codes
    # Another code of the codebook may always fit.
    assert load_workbook(path)["Codes"].max_row == 1 + 4


def test_code_shows_only_texts_that_have_it(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", code="isolation", case="m1")
    assert [(r["segment"], r["code"]) for r in rows(path)] == [(2, None), (2, "barrier: Isolation")]


def test_undecided_leaves_out_what_anybody_decided(project: Project, path: Path) -> None:
    for found in list(reading(project)):
        if found.case_id == "m1" or (found.case_id, found.code) == ("m2", "isolation"):
            project.decide(found.coding_id, "reject", "Ann")
    project.sheet(path, "Jo", undecided=True, kind="msc")
    assert [(r["case"], r["code"]) for r in rows(path) if r["case"] != "m3"] == [
        ("m2", None),
        ("m2", "domain: Friends"),
    ]


def test_what_she_has_said_stands_in_her_next_sheet(project: Project, path: Path) -> None:
    found = [f for f in reading(project) if f.case_id == "m2"]
    project.decide(found[0].coding_id, "reject", "Jo")
    project.decide(found[1].coding_id, "accept", "Ann")
    project.sheet(path, "Jo", case="m2")
    assert [r["decide"] for r in rows(path)] == [None, "no", None]
    before = everything(project)
    result = project.import_sheet(path)
    assert (everything(project), counts(result)) == (before, {"there": 1, "undecided": 1})


def test_blind_sheet_shows_nothing_of_the_program(project: Project, path: Path) -> None:
    written = project.sheet(path, "Jo", blind=True, code="isolation")
    assert written.proposals == 0
    _, sheet = coding(path)
    assert [NAMES[cell.value] for cell in sheet[1]] == [
        *("case", "segment", "speaker", "question", "text"),
        *("added", "words", "note", "key"),
    ]
    assert len(rows(path)) == 11 - 2  # ten texts but the two interviewers' questions ...
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"barrier.debt" not in content


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"kind": "novel"}, UnknownNameError),
        ({"case": "m9"}, UnknownNameError),
        ({"case": "m5"}, UnknownNameError),  # it has no text
        ({"code": "hunger"}, UnknownNameError),
        ({"category": "colour"}, UnknownNameError),
        ({"codebook": "big"}, UnknownNameError),
        ({"case": "m4"}, QualkitError),
        ({"kind": "document"}, QualkitError),
        ({"kind": "document", "blind": True}, QualkitError),
    ],
)
def test_what_there_is_not_is_refused(
    project: Project, path: Path, asked: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        project.sheet(path, "Jo", **asked)  # type: ignore[arg-type]
    assert not path.exists()


@pytest.mark.parametrize("coder", ["", "  ", "qualkit"])
def test_sheet_is_for_a_person(project: Project, path: Path, coder: str) -> None:
    with pytest.raises(QualkitError, match="name of the person"):
        project.sheet(path, coder)


def test_sheet_is_a_workbook(project: Project, tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="workbook"):
        project.sheet(tmp_path / "jo.csv", "Jo")


def test_failed_writing_leaves_the_old_file(
    project: Project, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"old")
    monkeypatch.setattr("qualkit.report.codingsheet.MOST_ROWS", 5)
    with pytest.raises(QualkitError, match="more rows"):
        project.sheet(path, "Jo")
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.glob("*.xlsx")] == [path.name]


def test_project_without_codebook_says_so(tmp_path: Path) -> None:
    with Project(tmp_path / "new.db", create=True) as empty:
        save_source(empty.connection, parsed([case("m1", "Debts.")]), lambda rejection: None)
        with pytest.raises(QualkitError, match="no codebook is loaded"):
            empty.sheet(tmp_path / "x.xlsx", "Jo")


# --- what comes back --------------------------------------------------------------------


ANSWERS: dict[tuple[str, int, str], dict[str, object]] = {
    ("m1", 1, "barrier: Debt"): {"decide": "yes", "note": "plainly"},
    ("m1", 1, "domain: Home"): {"decide": "No"},
    ("m1", 2, "barrier: Isolation"): {"decide": "n", "other": "barrier: Debt"},
    ("m1", 2, "domain: Friends"): {"decide": "X"},
    ("m2", 1, ""): {"added": "debt; Home", "words": "He was", "note": "-odd"},
    ("m2", 1, "domain: Friends"): {"decide": True},
}


def test_answers_come_back(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", kind="msc")
    fill(path, ANSWERS)
    result = project.import_sheet(path)
    assert counts(result) == {
        "accepted": 3,
        "rejected": 1,
        "recoded": 1,
        "added": 2,
        "memos": 2,
        "undecided": 1 + 4,  # m2's isolation, and m3
        "done": 1,
    }
    found = statuses(project)
    assert found["m1", 1, "debt", "qualkit"] == "accepted"
    assert found["m1", 1, "home", "qualkit"] == "rejected"
    assert found["m1", 2, "isolation", "qualkit"] == "rejected"
    assert found["m1", 2, "debt", "Jo"] == "added"
    assert found["m2", 1, "debt", "Jo"] == found["m2", 1, "home", "Jo"] == "added"
    assert {c.quote for c in reading(project) if c.coder == "Jo"} == {"She was lonely", "He was"}
    memos = project.connection.execute("SELECT about, text FROM memos ORDER BY id").fetchall()
    assert memos == [("coding", "plainly"), ("case", "-odd")]
    # All of m1 was decided; of m2 and m3 not; m4 has nothing to decide.
    assert done(project) == ["m1"]


def test_same_sheet_twice_changes_nothing(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", kind="msc")
    fill(path, ANSWERS)
    project.import_sheet(path)
    before = everything(project)
    result = project.import_sheet(path)
    assert everything(project) == before
    assert counts(result) == {"there": 3 + 1 + 1 + 2 + 2, "undecided": 5}


def test_sorted_and_deleted_rows_are_placed_alike(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case=["m1", "m2"])
    fill(path, {place: ANSWERS[place] for place in ANSWERS})
    book, sheet = coding(path)
    values = list(sheet.iter_rows(min_row=2, values_only=True))
    kept = [row for row in values if row[6] != "barrier: Debt"]
    sheet.delete_rows(2, sheet.max_row)
    for row in sorted(kept, key=lambda cells: str(cells[4]), reverse=True):
        sheet.append(row)
    book.save(path)
    result = project.import_sheet(path)
    assert counts(result) == {
        "accepted": 2,
        "rejected": 1,
        "recoded": 1,
        "added": 2,
        "memos": 1,
        "undecided": 1,
        "missing": 1,
    }
    # What was asked of m1 has not all come back.
    assert done(project) == []


def test_coder_may_be_another(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m2")
    fill(path, {("m2", 1, "domain: Friends"): {"decide": "yes"}})
    result = project.import_sheet(path, " Sam ")
    assert (result.coder, result.notes) == ("Sam", ["the sheet was made for Jo"])
    assert project.connection.execute("SELECT name FROM coders WHERE id > 1").fetchall() == [
        ("Sam",)
    ]
    with pytest.raises(QualkitError, match="needs a person's name"):
        project.import_sheet(path, "qualkit")


def test_hidden_column_that_was_deleted_is_told(project: Project, path: Path) -> None:
    project.sheet(path, "Jo")
    book, sheet = coding(path)
    sheet.delete_cols(14)
    book.save(path)
    assert is_coding_sheet(path)
    before = everything(project)
    with pytest.raises(SourceFormatError, match="lost what is needed"):
        project.import_sheet(path)
    assert everything(project) == before


def test_several_codes_may_stand_in_place_of_one(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m2")
    place = "m2", 1, "barrier: Isolation"
    fill(path, {place: {"decide": "no", "other": "barrier.debt\nFriends"}})
    assert counts(project.import_sheet(path)) == {"recoded": 1, "added": 1, "undecided": 1}


def test_words_of_several_codes(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m3")
    fill(path, {("m3", 1, ""): {"added": "isolation;friends", "words": "“rent ARREARS” ; More"}})
    project.import_sheet(path)
    assert [c.quote for c in reading(project) if c.coder == "Jo"] == ["Rent arrears", "More"]


def test_code_without_words_stands_on_the_whole_text(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {("m1", 2, ""): {"added": "domain: Home"}})
    project.import_sheet(path)
    assert [c.quote for c in reading(project) if c.coder == "Jo"] == ["She was lonely."]


def test_note_on_one_of_several_texts_says_which(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {("m1", 2, ""): {"note": "ask again"}})
    project.import_sheet(path)
    memos = project.connection.execute("SELECT about, text FROM memos").fetchall()
    assert memos == [("case", "Segment 2: ask again")]


@pytest.mark.parametrize(
    ("place", "cells", "reason"),
    [
        (("m1", 1, "barrier: Debt"), {"decide": "maybe"}, "neither yes nor no"),
        (("m1", 1, "barrier: Debt"), {"decide": "no", "other": "hunger"}, "no loaded codebook"),
        (("m1", 1, "barrier: Debt"), {"decide": "no", "other": "Debt"}, "the one that was"),
        (("m1", 1, ""), {"added": "debt; hunger"}, "no loaded codebook"),
        (("m1", 1, ""), {"added": ";"}, "no loaded codebook"),
        (("m1", 1, ""), {"added": "debt", "words": "poverty"}, "do not stand in the text"),
        (("m1", 1, ""), {"added": "debt", "words": "e"}, "more than once"),
        (("m1", 1, ""), {"added": "debt", "words": "They; debts"}, "do not stand in the text"),
    ],
)
def test_row_that_cannot_be_taken_is_set_aside_whole(
    project: Project,
    path: Path,
    place: tuple[str, int, str],
    cells: dict[str, object],
    reason: str,
) -> None:
    project.sheet(path, "Jo", case="m1")
    others = {
        ("m1", segment, code): {"decide": "yes"}
        for segment, code in (
            *((1, "barrier: Debt"), (1, "domain: Home")),
            *((2, "barrier: Isolation"), (2, "domain: Friends")),
        )
    }
    fill(path, {**others, place: {**cells, "note": "hers"}})
    result = project.import_sheet(path)
    assert reason in only_reason(result)
    assert result.memos == result.added == result.rejected == 0
    assert result.accepted == (3 if place[2] else 4)
    assert done(project) == []
    assert stat.S_IMODE(Path(result.rejects_file).stat().st_mode) == 0o600
    # Mended, it is taken, and the rejects are gone.
    fill(path, {place: {"decide": "yes"} if place[2] else {"added": "debt", "words": "They"}})
    if place[2]:
        fill(path, {place: {"other": None}})
    mended = project.import_sheet(path)
    assert (mended.set_aside, mended.memos, mended.done) == (0, 1, 1)
    assert not Path(result.rejects_file).exists()


def test_name_of_several_codes_is_meant_like_what_was_proposed(
    project: Project, path: Path, tmp_path: Path
) -> None:
    book = tmp_path / "more.yaml"
    book.write_text(
        'codebook: more\nversion: "1"\ncategory: outcome\ncodes:\n'
        "  - {id: debt, name: Debt, patterns: [zzz]}\n",
        encoding="utf-8",
    )
    project.load_codebook(book)
    project.sheet(path, "Jo", case="m1")
    fill(
        path,
        {
            ("m1", 2, "barrier: Isolation"): {"decide": "no", "other": "debt"},
            ("m1", 1, ""): {"added": "debt"},
        },
    )
    result = project.import_sheet(path)
    assert "several codes" in only_reason(result)
    assert [(c.category, c.code) for c in reading(project) if c.coder == "Jo"] == [
        ("barrier", "debt")
    ]


def test_proposal_answered_twice_is_asked_about(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m2")
    fill(path, {("m2", 1, "domain: Friends"): {"decide": "yes"}})
    book, sheet = coding(path)
    again = [cell.value for cell in sheet[4]]
    sheet.append(again)
    sheet.append([*again[:7], "no", *again[8:]])
    book.save(path)
    result = project.import_sheet(path)
    assert counts(result) == {"accepted": 1, "there": 1, "undecided": 1, "set_aside": 1}
    assert set_aside(result) == [
        ("row 6", "the same proposal is answered in another row, and differently")
    ]


# --- the project has changed since ------------------------------------------------------


def newer(project: Project, *texts: str, label: int = 0) -> None:
    """A new version of the narratives with other texts in m1, and m2 gone."""
    cases = [case("m1", *texts), case("m3", "Rent arrears. More arrears.")]
    save_source(project.connection, parsed(cases, content="two"), lambda rejection: None)


DECIDED = {
    ("m1", 1, "barrier: Debt"): {"decide": "yes"},
    ("m1", 1, "domain: Home"): {"decide": "yes"},
    ("m1", 2, "barrier: Isolation"): {"decide": "yes"},
    ("m1", 2, "domain: Friends"): {"decide": "no"},
}


def test_words_that_still_stand_are_found_in_a_changed_text(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {**DECIDED, ("m1", 1, ""): {"added": "isolation", "words": "They"}})
    newer(project, "In May it grew. They had debts.", "She was lonely.")
    result = project.import_sheet(path)
    assert counts(result) == {"accepted": 3, "rejected": 1, "added": 1}
    (found,) = [c for c in reading(project) if (c.case_id, c.code, c.start) == ("m1", "debt", 16)]
    assert (found.quote, found.status) == ("They had debts", "accepted")
    # She has read another text.
    assert done(project) == []


def test_words_that_stand_no_more_are_set_aside(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {**DECIDED, ("m1", 1, ""): {"added": "isolation"}})
    newer(project, "They had nothing.", "She was lonely.")
    result = project.import_sheet(path)
    assert counts(result) == {"accepted": 1, "rejected": 1, "set_aside": 3}
    reasons = [reason for _, reason in set_aside(result)]
    assert all("the text has changed since the sheet was made" in reason for reason in reasons)


def test_words_that_stand_twice_by_now_are_set_aside(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1", code="debt")
    fill(path, {("m1", 1, "barrier: Debt"): {"decide": "yes"}})
    project.connection.execute("DELETE FROM codings")
    newer(project, "Their debts were debts.", "She was lonely.")
    assert "more than once" in only_reason(project.import_sheet(path))


def test_text_that_moved_is_followed(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {**DECIDED, ("m1", 2, ""): {"added": "home"}})
    newer(project, "A new first answer.", "They had debts.", "She was lonely.")
    result = project.import_sheet(path)
    assert counts(result) == {"accepted": 3, "rejected": 1, "added": 1}
    assert statuses(project)["m1", 3, "home", "Jo"] == "added"


def test_case_that_is_gone_is_set_aside(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m2")
    fill(path, {("m2", 1, "domain: Friends"): {"decide": "yes"}, ("m2", 1, ""): {"note": "x"}})
    newer(project, "They had debts.", "She was lonely.")
    result = project.import_sheet(path)
    assert counts(result) == {"undecided": 1, "set_aside": 2}
    assert {reason for _, reason in set_aside(result)} == {
        "the project has no such case or segment with text"
    }


def recoded_without_isolation(project: Project, small_codebook: Path) -> None:
    text = small_codebook.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"')
    small_codebook.write_text(text.replace('"=lonely", "no friends"', '"zzz"'), encoding="utf-8")
    project.load_codebook(small_codebook)
    project.code()


def test_what_is_no_longer_proposed(project: Project, path: Path, small_codebook: Path) -> None:
    project.sheet(path, "Jo", case=["m1", "m2", "i2"], category="barrier")
    fill(
        path,
        {
            ("m1", 2, "barrier: Isolation"): {"decide": "yes"},
            ("m2", 1, "barrier: Isolation"): {"decide": "no"},
            ("i2", 2, "barrier: Isolation"): {"decide": "no", "other": "debt", "note": "so"},
        },
    )
    recoded_without_isolation(project, small_codebook)
    result = project.import_sheet(path)
    # What fits is hers now; where nothing stands, nothing can be rejected.
    assert counts(result) == {"added": 2, "memos": 1, "undecided": 1, "set_aside": 1}
    assert "no longer proposes" in only_reason(result)
    assert statuses(project)["m1", 2, "isolation", "Jo"] == "added"
    assert statuses(project)["i2", 2, "debt", "Jo"] == "added"


def test_coding_found_again_under_another_number(
    project: Project, path: Path, small_codebook: Path
) -> None:
    project.sheet(path, "Jo", case="m2")
    fill(path, {("m2", 1, "barrier: Isolation"): {"decide": "yes"}})
    text = small_codebook.read_text(encoding="utf-8")
    recoded_without_isolation(project, small_codebook)
    small_codebook.write_text(text.replace('version: "1"', 'version: "3"'), encoding="utf-8")
    project.load_codebook(small_codebook)
    project.code()
    assert counts(project.import_sheet(path)) == {"accepted": 1, "undecided": 1}


def test_code_that_the_codebook_gave_up(project: Project, path: Path, small_codebook: Path) -> None:
    project.sheet(path, "Jo", case="m2")
    fill(path, {("m2", 1, "domain: Friends"): {"decide": "yes"}})
    text = small_codebook.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"')
    small_codebook.write_text(text[: text.index("  - id: friends")], encoding="utf-8")
    project.load_codebook(small_codebook)
    assert "no loaded codebook has the proposed code" in only_reason(project.import_sheet(path))


def test_failure_in_the_middle_leaves_nothing(
    project: Project, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.sheet(path, "Jo", kind="msc")
    answers = {**ANSWERS, ("m1", 1, "domain: Home"): {"decide": "perhaps"}}
    fill(path, answers)
    before = everything(project)

    def fail(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(deciding, "write_memo", fail)
    with pytest.raises(RuntimeError):
        project.import_sheet(path)
    assert everything(project) == before
    assert not list(path.parent.glob("*-rejects/*"))


# --- done -------------------------------------------------------------------------------


def say_all_done(path: Path) -> None:
    book = load_workbook(path)
    sheet = book["How to"]
    (row,) = [row for row in sheet.iter_rows() if row[0].value == ALL_DONE]
    assert not row[1].protection.locked
    row[1].value = "yes"
    book.save(path)


def test_case_without_proposals_is_done_on_her_word(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case=["m2", "m4"])
    fill(path, {("m4", 1, ""): {"done": "yes"}})
    result = project.import_sheet(path)
    assert (counts(result), done(project)) == ({"undecided": 2, "done": 1}, ["m4"])


def test_word_that_a_case_is_done_needs_all_decided(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case=["m2", "m4"])
    say_all_done(path)
    result = project.import_sheet(path)
    assert done(project) == ["m4"]
    (note,) = result.notes
    assert note.startswith("said to be done but not marked: 1 ")


def test_case_that_is_said_not_to_be_done_is_not(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m1")
    fill(path, {**DECIDED, ("m1", 1, ""): {"done": "no"}})
    say_all_done(path)
    result = project.import_sheet(path)
    assert (done(project), result.notes) == ([], [])


def test_sheet_of_some_codes_marks_nothing_done(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", case="m2", category="barrier")
    assert "done" not in rows(path)[0]
    fill(path, {("m2", 1, "barrier: Isolation"): {"decide": "yes"}})
    result = project.import_sheet(path)
    assert done(project) == []
    assert result.notes == [
        "no case is marked done: the sheet asks for some codes of its codebooks only"
    ]


def test_case_with_newer_proposals_is_not_done(
    project: Project, path: Path, small_codebook: Path
) -> None:
    project.sheet(path, "Jo", case="m2")
    places = [("m2", 1, code) for code in ("barrier: Isolation", "domain: Friends")]
    fill(path, {place: {"decide": "yes"} for place in places})
    text = small_codebook.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"')
    small_codebook.write_text(text.replace('"=debts"', '"=He"'), encoding="utf-8")
    project.load_codebook(small_codebook)
    project.code()
    assert counts(project.import_sheet(path)) == {"accepted": 2}


def test_blind_cases_are_done_on_her_word(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", blind=True)
    fill(path, {("m1", 1, ""): {"added": "debt", "done": "x"}, ("i1", 2, ""): {"done": "no"}})
    assert counts(project.import_sheet(path)) == {"added": 1, "done": 1}
    assert done(project) == ["m1"]
    say_all_done(path)
    project.import_sheet(path)
    assert done(project) == ["m1", "m2", "m3", "m4", "i2", "s1"]


def test_done_marks_are_one_step_to_take_back(project: Project, path: Path) -> None:
    project.sheet(path, "Jo", blind=True)
    say_all_done(path)
    project.import_sheet(path)
    assert len(done(project)) == 7
    deciding.undo(project.connection, "Jo")
    assert done(project) == []


def test_one_undo_takes_a_sheet_back_and_one_redo_brings_it_again(
    project: Project, path: Path
) -> None:
    def standing() -> object:
        return statuses(project), done(project), project.memos().rows

    before = standing()
    project.sheet(path, "Jo")
    fill(path, ANSWERS)
    project.import_sheet(path)
    after = standing()
    assert project.undo("Jo")
    assert standing() == before
    assert not project.undo("Jo")
    assert project.redo("Jo")
    assert standing() == after


# --- hostile and long texts -------------------------------------------------------------

HOSTILE = [
    '=HYPERLINK("http://x","debts")',
    "+1 debts",
    "-1 debts",
    "@SUM(1) debts",
    "\tdebts",
    "＝1 debts",
    "debts \x1b[2J \x00 _x0041_ \ufffe",
    "debts \U0001f600 é\u0301 \u202e",
]


@pytest.fixture
def hostile(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    """A case a text; the ids, labels and speakers are no better."""
    from dataclasses import replace

    with Project(tmp_path / "hostile.db", create=True) as opened:
        cases = []
        for number, text in enumerate(HOSTILE):
            made = case(f"{text[:4]}_x0042_{number}", text, kind=Kind.MSC)
            segments = [replace(s, label=text, speaker=text) for s in made.segments]
            cases.append(replace(made, segments=tuple(segments)))
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        opened.load_codebook(small_codebook)
        opened.code()
        yield opened


def test_hostile_cells_are_words_and_come_back(hostile: Project, path: Path) -> None:
    hostile.sheet(path, "=Jo\x1b_x0041_")
    book = load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n")
                assert "\x1b" not in str(cell.value)
    cells = [cell for row in book["Coding"].iter_rows(min_row=2) for cell in row]
    assert any(cell.quotePrefix for cell in cells)
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith("="))
    sheet = book["Coding"]
    for row in sheet.iter_rows(min_row=2):
        if row[6].value == "barrier: Debt":
            row[7].value = "yes"
        elif row[6].value is None:
            row[9].value, row[10].value, row[11].value = "isolation", "debts", "=1+1 seen"
            row[11].data_type = "s"
    book.save(path)
    result = hostile.import_sheet(path)
    n = len(HOSTILE)
    assert counts(result) == {"accepted": n, "added": n, "memos": n, "undecided": n}
    assert result.coder == "=Jo\x1b_x0041_"
    assert {c.quote for c in reading(hostile) if c.coder == result.coder} == {"debts"}


def test_text_longer_than_a_cell_goes_on_below(
    tmp_path: Path, path: Path, small_codebook: Path
) -> None:
    sentence = "Then we waited for the letter from the housing office, and it did not come. "
    text = (sentence * 600 + "In the end there were debts. " + sentence * 10).strip()
    assert len(text) > 32_767
    with Project(tmp_path / "long.db", create=True) as opened:
        save_source(opened.connection, parsed([case("m1", text, "Short.")]), lambda r: None)
        opened.load_codebook(small_codebook)
        opened.code()
        opened.sheet(path, "Jo")
        parts = [row for row in rows(path) if not row["code"] and row["segment"] != 2]
        assert [row["segment"] for row in parts] == [
            f"1 (part {number} of {len(parts)})" for number in range(1, len(parts) + 1)
        ]
        assert " ".join(str(row["text"]) for row in parts) == text
        # No row is higher than Excel can show.
        assert max(len(str(row["text"])) for row in parts) <= _LINES * 62
        book, sheet = coding(path)
        last = sheet.cell(int(str(parts[-1]["row"])), 10)
        assert not last.protection.locked
        last.value = "isolation"
        sheet.cell(last.row, 11).value = "In the end there were debts"
        book.save(path)
        assert counts(opened.import_sheet(path)) == {"added": 1, "undecided": 2}
        (own,) = [c for c in reading(opened) if c.coder == "Jo"]
        assert own.quote == "In the end there were debts"


def test_long_quotation_is_shown_without_its_middle(
    tmp_path: Path, path: Path, small_codebook: Path
) -> None:
    text = "She said so. " * 100
    with Project(tmp_path / "long.db", create=True) as opened:
        save_source(opened.connection, parsed([case("m1", text + "Debts.")]), lambda r: None)
        opened.load_codebook(small_codebook)
        opened.code()
        key = opened.connection.execute("SELECT id FROM segments").fetchone()[0]
        opened.connection.execute(
            "UPDATE codings SET start_char = 0, end_char = ?", (len(text) + 6,)
        )
        opened.connection.execute(
            "UPDATE codings SET end_char = 1200 WHERE code_key = (SELECT max(id) FROM codes"
            " WHERE code = 'home') AND segment_key = ?",
            (key,),
        )
        opened.connection.commit()
        opened.sheet(path, "Jo")
        shown = {str(row["code"]): str(row["quotation"]) for row in rows(path) if row["code"]}
        assert shown["barrier: Debt"] == "(the whole text)"
        assert len(shown["domain: Home"]) < 520
        assert " […] " in shown["domain: Home"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 10_000, id="one word"),
        pytest.param("\n".join(["line"] * 500), id="short lines"),
        pytest.param("a b. " * 2000, id="short sentences"),
        pytest.param("\n\n".join(["word " * 100] * 9), id="paragraphs"),
    ],
)
def test_parts_hold_all_and_fit(text: str) -> None:
    parts = list(_parts(text, 62))
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        assert sum(max(1, -(-len(line) // 62)) for line in part.split("\n")) <= _LINES


# --- words ------------------------------------------------------------------------------

SAID = "It’s “well-being” — she said so;\nshe’s lonely, she said."


@pytest.mark.parametrize(
    ("words", "count", "found"),
    [
        ("lonely", 1, ["lonely"]),
        ("LONELY", 2, ["lonely", "lonely"]),
        ('it\'s "well being"', 1, ["It’s “well-being”"]),
        ("so; she's", 1, ["so;\nshe’s"]),
        ("so; she's", 2, ["so;\nshe’s"] * 2),
        ("… lonely …", 1, ["lonely"]),
        ("lonely; it's;", 2, ["lonely", "It’s"]),
        ("\"said so\" ; 'lonely'", 2, ["said so", "lonely"]),
    ],
)
def test_words_are_found(words: str, count: int, found: list[str]) -> None:
    assert [SAID[slice(*span)] for span in find_words(SAID, words, count)] == found


@pytest.mark.parametrize(
    ("words", "count", "reason"),
    [
        ("she said", 1, "more than once"),
        ("lonely; it's", 1, "do not stand"),
        ("lonely; it's", 3, "do not stand"),
        ("lonely; sad", 2, "do not stand"),
        ("…", 1, "do not stand"),
    ],
)
def test_words_that_are_not_found(words: str, count: int, reason: str) -> None:
    with pytest.raises(NotPlacedError, match=reason):
        find_words(SAID, words, count)
