"""Past work comes into a project: whose it is, which cases it covers, what is set aside."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import CodebookError, QualkitError
from qualkit.importers.codings import WideOptions
from qualkit.project import Project
from qualkit.store.sources import save_source

BOOK = """
codebook: small
version: "1"
codes:
  - {id: debt, category: barrier, name: Debt and arrears, patterns: [debt]}
  - {id: debt, category: money, name: Owing, patterns: [owes]}
  - {id: calm, category: outcome, patterns: [calm]}
"""
MOODS = """
codebook: moods
version: "1"
category: mood
codes:
  - {id: glad, patterns: [glad]}
"""
REF = WideOptions("Ref")
PARTS = WideOptions("Ref", "Part")
NEW = WideOptions("Ref", new=True)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Case m1 of two segments, m2 and m3 of one, m4 without text."""
    with Project(tmp_path / "p.db", create=True) as opened:
        cases = [case("m1", "The debt grew.", "Now they are calm.")]
        cases += [case("m2", "He is calm."), case("m3", "Nothing."), case("m4", "")]
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        for name, text in (("book.yaml", BOOK), ("moods.yaml", MOODS)):
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            opened.load_codebook(path)
        yield opened


def write(folder: Path, *lines: str) -> Path:
    path = folder / "codings.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def codings(project: Project) -> list[tuple[str, int, str, int, int]]:
    """Case, segment, code, start and end of every coding, in the order in which they came."""
    return project.connection.execute(
        "SELECT c.case_id, s.n, k.category || '.' || k.code, g.start_char, g.end_char"
        " FROM codings g JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
        " JOIN segments s ON s.id = g.segment_key ORDER BY g.id"
    ).fetchall()


def done(project: Project, coder: str = "Ann") -> list[tuple[str, str]]:
    """Codebook and case of each pair that a coder has marked done."""
    return project.connection.execute(
        "SELECT b.name, c.case_id FROM done_cases d JOIN codebooks b ON b.id = d.codebook_key"
        " JOIN cases c ON c.id = d.case_key JOIN coders p ON p.id = d.coder_key"
        " WHERE p.name = ? ORDER BY b.name, c.case_id",
        (coder,),
    ).fetchall()


def set_aside(path: str) -> list[tuple[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as lines:
        return [(row["place"], row["reason"]) for row in csv.DictReader(lines)]


# --- wide -------------------------------------------------------------------------


def test_wide_codings_cover_the_whole_segment(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Debt & arrears,Debt and arrears,calm", "m2,x,0,1", "m3,x,1,1")
    result = project.import_codings(path, "Ann", wide=REF)
    # "He is calm." has 11 characters, "Nothing." 8.
    assert codings(project) == [
        ("m2", 1, "outcome.calm", 0, 11),
        ("m3", 1, "barrier.debt", 0, 8),
        ("m3", 1, "outcome.calm", 0, 8),
    ]
    assert (result.new, result.cases, result.coder) == (3, 2, "Ann")
    assert result.notes == ["columns that are no codes, left aside: 'Debt & arrears'"]


def test_wide_rows_of_a_case_with_several_segments_need_the_segment(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path, "Ref,calm,Owing", "m1,1,0", "m2,1,0")
    result = project.import_codings(path, "Ann", wide=REF)
    assert (result.new, result.rejected) == (1, 1)
    ((place, reason),) = set_aside(result.rejects_file)
    assert place == "row 2"
    assert reason.startswith("the case has 2 segments")
    assert "--segment COLUMN or NUMBER" in reason


def test_wide_rows_by_segment(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Part,Owing,calm", "m1,1,1,0", "m1,2,0,1")
    result = project.import_codings(path, "Ann", wide=PARTS)
    assert (result.new, result.cases) == (2, 1)
    assert codings(project) == [("m1", 1, "money.debt", 0, 14), ("m1", 2, "outcome.calm", 0, 18)]


def test_wide_rows_all_of_one_segment(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,calm", "m1,1")
    project.import_codings(path, "Ann", wide=WideOptions("Ref", "2"))
    assert codings(project) == [("m1", 2, "outcome.calm", 0, 18)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("m9,1,1", "the project has no such case or segment with text"),
        ("m1,3,1", "the project has no such case or segment with text"),
        ("m4,1,1", "the project has no such case or segment with text"),
        ("m1,two,1", "the segment's number is no whole number"),
        (",1,1", "the row has no case id"),
        ("m1,1,perhaps", "column 'calm' holds neither 0 nor 1 nor nothing"),
    ],
)
def test_wide_rows_without_a_place_are_set_aside(
    project: Project, tmp_path: Path, row: str, reason: str
) -> None:
    result = project.import_codings(
        write(tmp_path, "Ref,Part,calm", row, "m2,1,1"), "Ann", wide=PARTS
    )
    assert (result.new, result.cases) == (1, 1)
    assert set_aside(result.rejects_file) == [("row 2", reason)]


def test_wide_case_without_text_is_set_aside(project: Project, tmp_path: Path) -> None:
    result = project.import_codings(write(tmp_path, "Ref,calm", "m4,1"), "Ann", wide=REF)
    assert set_aside(result.rejects_file) == [("row 2", "the project has no such case with text")]


def test_set_aside_rows_of_an_earlier_reading_are_gone(project: Project, tmp_path: Path) -> None:
    first = project.import_codings(write(tmp_path, "Ref,calm", "m9,1"), "Ann", wide=REF)
    assert Path(first.rejects_file).exists()
    second = project.import_codings(write(tmp_path, "Ref,calm", "m2,1"), "Ann", wide=REF)
    assert (second.rejected, second.rejects_file) == (0, "")
    assert not Path(first.rejects_file).exists()


def test_same_wide_file_twice_adds_nothing(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,calm,Owing", "m2,1,1", "m3,0,1")
    assert project.import_codings(path, "Ann", wide=REF).new == 3
    again = project.import_codings(path, "Ann", wide=REF)
    assert (again.new, again.there) == (0, 3)
    assert len(codings(project)) == 3


def test_header_that_several_categories_have_is_refused(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,debt,calm", "m2,1,1")
    with pytest.raises(QualkitError, match="several categories") as caught:
        project.import_codings(path, "Ann", wide=REF)
    assert (caught.value.found, codings(project)) == ("'debt'", [])
    path = write(tmp_path, "Ref,money.debt,calm", "m2,1,0")
    project.import_codings(path, "Ann", wide=REF)
    assert codings(project) == [("m2", 1, "money.debt", 0, 11)]


def test_named_column_that_no_codebook_has_is_refused(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,calm,Pets", "m2,1,1")
    options = WideOptions("Ref", codes=("calm", "Pets"))
    with pytest.raises(QualkitError, match="no loaded codebook") as caught:
        project.import_codings(path, "Ann", wide=options)
    assert caught.value.found == "'Pets'"
    assert "--new-codebook" in caught.value.to_do


# --- a codebook of the headers ----------------------------------------------------


def test_new_codebook_has_the_unknown_headers_as_codes(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,calm,Dog or cat,Garden", "m2,1,1,0", "m3,0,0,1")
    result = project.import_codings(path, "Ann", wide=NEW, new_codebook="Team Themes")
    assert (result.codebook, result.new) == ("team-themes", 3)
    assert [
        (row["category"], row["code"], row["name"]) for row in project.codes("team-themes").rows
    ] == [
        ("team-themes", "dog-or-cat", "Dog or cat"),
        ("team-themes", "garden", "Garden"),
    ]
    assert [code for _, _, code, _, _ in codings(project)] == [
        "outcome.calm",
        "team-themes.dog-or-cat",
        "team-themes.garden",
    ]


def test_same_file_with_a_new_codebook_twice_adds_nothing(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Pets", "m2,1", "m3,0")
    project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    again = project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    assert (again.new, again.there, again.codebook) == (0, 1, "")


def test_new_codebook_can_be_used_for_coding(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Pets", "m2,1")
    project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    # It has no patterns, so the rules find nothing; the person's coding stays.
    (found,) = project.code(["themes"], method="rules")
    assert found.codings == 0
    assert codings(project) == [("m2", 1, "themes.pets", 0, 11)]


def test_name_of_a_codebook_that_is_there_is_refused(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Pets", "m2,1")
    with pytest.raises(QualkitError, match="a codebook of this name already"):
        project.import_codings(path, "Ann", wide=NEW, new_codebook="Moods")
    assert codings(project) == []


def test_new_codes_may_join_a_category_that_is_there(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Sad", "m2,1")
    project.import_codings(path, "Ann", wide=NEW, new_codebook="mood")
    assert codings(project) == [("m2", 1, "mood.sad", 0, 11)]


def test_new_code_whose_id_is_taken_is_refused(project: Project, tmp_path: Path) -> None:
    # Another word than the code's name, but mood.glad without its accent.
    path = write(tmp_path, "Ref,Gläd", "m2,1")
    with pytest.raises(CodebookError, match=r"mood\.glad already belongs to the codebook 'moods'"):
        project.import_codings(path, "Ann", wide=NEW, new_codebook="mood")
    assert codings(project) == []


def test_headers_that_are_all_known_make_no_codebook(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Glad!", "m2,1")
    result = project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    assert (result.codebook, codings(project)) == ("", [("m2", 1, "mood.glad", 0, 11)])
    assert [row["name"] for row in project.codebooks().rows] == ["moods", "small"]


def test_headers_that_give_the_same_id_are_refused(project: Project, tmp_path: Path) -> None:
    # An accent is no part of an id, but of a name.
    path = write(tmp_path, "Ref,Cafe,Café", "m2,1,1")
    with pytest.raises(QualkitError, match="cannot become a codebook") as caught:
        project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    assert caught.value.found == "twice: cafe"


def test_new_codebook_of_a_long_table_is_refused(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "case_id,segment_n,code", "m2,1,calm")
    with pytest.raises(QualkitError, match="only a wide table"):
        project.import_codings(path, "Ann", new_codebook="themes")


def test_refused_table_leaves_neither_codebook_nor_coder(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Cafe,Café", "m2,1,1")
    with pytest.raises(QualkitError):
        project.import_codings(path, "Ann", wide=NEW, new_codebook="themes")
    names = [row["name"] for row in project.codebooks().rows]
    assert (names, done(project)) == (["moods", "small"], [])
    assert project.connection.execute("SELECT name FROM coders").fetchall() == [("qualkit",)]


# --- cases done -------------------------------------------------------------------


def test_wide_table_with_all_codes_of_a_codebook_marks_its_cases_done(
    project: Project, tmp_path: Path
) -> None:
    # All of moods, one of the three codes of small; m3 has been looked at and has nothing.
    path = write(tmp_path, "Ref,glad,calm", "m2,1,1", "m3,0,0")
    result = project.import_codings(path, "Ann", wide=REF)
    assert (done(project), result.done) == ([("moods", "m2"), ("moods", "m3")], 2)


def test_codes_that_a_codebook_gave_up_need_no_column(project: Project, tmp_path: Path) -> None:
    book = tmp_path / "moods.yaml"
    book.write_text(MOODS.replace('"1"', '"2"').replace("glad", "sad"), encoding="utf-8")
    project.load_codebook(book)
    project.import_codings(write(tmp_path, "Ref,sad", "m2,1"), "Ann", wide=REF)
    assert done(project) == [("moods", "m2")]


def test_long_table_marks_its_cases_done_with_each_codebook_it_names(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path, "case_id,segment_n,code", "m1,2,calm", "m2,1,calm", "m9,1,glad")
    result = project.import_codings(path, "Ann")
    # The row of glad has no place, so moods is not among the codebooks.
    assert (done(project), result.done) == ([("small", "m1"), ("small", "m2")], 2)
    assert done(project, "qualkit") == []


@pytest.mark.parametrize("wide", [REF, None], ids=["wide", "long"])
def test_partial_table_marks_nothing_done(
    project: Project, tmp_path: Path, wide: WideOptions | None
) -> None:
    head, row = ("Ref,glad", "m2,1") if wide else ("case_id,segment_n,code", "m2,1,glad")
    result = project.import_codings(write(tmp_path, head, row), "Ann", wide=wide, done=False)
    assert (result.new, result.done, done(project)) == (1, 0, [])


def test_set_aside_row_does_not_mark_its_case_done(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,glad", "m2,perhaps", "m3,1")
    project.import_codings(path, "Ann", wide=REF)
    assert done(project) == [("moods", "m3")]


def test_cases_done_count_as_reviewed(project: Project, tmp_path: Path) -> None:
    project.import_codings(write(tmp_path, "Ref,glad", "m2,1", "m3,0"), "Ann", wide=REF)
    (row,) = project.top("mood", reviewed_only=True).rows
    # One of the two cases that Ann has been through.
    assert (row["code"], row["count"], row["share"]) == ("glad", 1, 0.5)


# --- long -------------------------------------------------------------------------


def test_same_coding_twice_in_a_long_table_is_one(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "case_id,segment_n,code", "m2,1,calm", "m2,1,outcome.calm")
    result = project.import_codings(path, "Ann")
    assert (result.new, result.there, result.cases) == (1, 1, 1)


def test_blank_segment_of_a_long_table_is_the_first(project: Project, tmp_path: Path) -> None:
    project.import_codings(write(tmp_path, "case_id,segment_n,code", "m1,,calm"), "Ann")
    assert codings(project) == [("m1", 1, "outcome.calm", 0, 14)]


def test_exported_codings_come_back_as_another_coders(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "case_id,segment_n,code,quote", "m1,2,calm,calm", "m1,1,money.debt,debt")
    project.import_codings(path, "Ann")
    exported = tmp_path / "out.csv"
    assert project.export_codings(exported) == 2
    with exported.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    # The export has category and code apart; the import wants them in one.
    body = [
        f"{r['case_id']},{r['segment_n']},{r['category']}.{r['code']},{r['quote']}" for r in rows
    ]
    result = project.import_codings(write(tmp_path, "case_id,segment_n,code,quote", *body), "Bob")
    assert (result.new, result.rejected) == (2, 0)
    assert sorted(codings(project)[2:]) == sorted(codings(project)[:2])
