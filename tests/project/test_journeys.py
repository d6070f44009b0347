"""Journeys of a project: whose they are, corrected by hand, given back in a file, published."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Kind, ParsedCase, ParsedFamily, ParsedSegment, ParsedSource
from qualkit.project import Project
from qualkit.report.files import save
from qualkit.store.families import save_families
from qualkit.store.sources import save_source

BOOKS = """
codebook: {category}s
version: "1"
category: {category}
checks: []
{limits}
codes:
  - {{id: {code}, name: {name}, about: any, patterns: ["={word}"]}}
"""
INTERVIEW = (
    "What was life like before the worker came?",
    "We had debts every day back then.",
    "What did the worker do?",
    "She helped me and rang the police.",
    "How are things now?",
    "I'm calmer now because of the school.",
)


def told(case_id: str, *texts: str, ufrn: str) -> ParsedCase:
    segments = tuple(
        ParsedSegment(n, text, speaker=who, role=role)
        for n, text in enumerate(texts, start=1)
        for who, role in [("Mum", "parent") if n % 2 == 0 else ("Interviewer", "interviewer")]
    )
    return ParsedCase(case_id, Kind.INTERVIEW, segments, ufrn)


@pytest.fixture
def project(tmp_path: Path):
    """F1: interview i1 and document d1; F2: interview i2; i9 of nobody; clusters A and B."""
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        interviews = [
            told("i1", *INTERVIEW, ufrn="F1"),
            told("i2", *INTERVIEW, ufrn="F2"),
            told("i9", *INTERVIEW, ufrn=""),
        ]
        notes = case(
            "d1",
            "2016-01-05: They had debts.",
            "2016-06-01: visit at home.",
            "2018-03-01: a letter came.",
            ufrn="F1",
            kind=Kind.DOCUMENT,
        )
        for name, kind, cases in (
            ("interviews", Kind.INTERVIEW, interviews),
            ("notes", Kind.DOCUMENT, [notes]),
        ):
            save_source(opened.connection, parsed(cases, name=name, kind=kind), lambda r: None)
        families = [
            ParsedFamily(f"F{n}", {"cluster": c, "opened": "2016-03-01", "closed": "2017-09-30"})
            for n, c in ((1, "A"), (2, "B"), (3, "A"))
        ]
        table = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(opened.connection, table, lambda r: None)
        for category, code, word, limits in (
            ("barrier", "debt", "debts", ""),
            ("enabler", "school", "the school", ""),
            ("outcome", "calmer", "calmer", ""),
            ("agency", "police", "police", "kinds: [survey]\nroles: [staff]"),
        ):
            path = tmp_path / f"{category}.yaml"
            text = BOOKS.format(
                category=category, code=code, name=code.capitalize(), word=word, limits=limits
            )
            path.write_text(text, encoding="utf-8")
            opened.load_codebook(path)
        opened.code()
        yield opened


def phases_of(project: Project, name: str) -> list[str]:
    return [row["phase"] for row in project.read_journey(name).phases().rows]


def test_a_journey_takes_all_texts_of_a_family(project: Project) -> None:
    page = project.journey("f-1")
    rows = {row["phase"]: row for row in page.tables[0].rows}
    assert page.tables[0].n == {"interview": 1, "document": 1}
    assert rows["before"]["barriers"] == ("Debt (2)",)
    assert rows["after"]["outcomes"] == ("Calmer (1)",)
    assert (rows["before"]["score"], rows["after"]["score"]) == (-1, 1)


def test_a_case_or_a_kind_alone(project: Project) -> None:
    assert phases_of(project, "i9") == ["before"] * 2 + ["during"] * 2 + ["after"] * 2
    assert len(project.read_journey("F1", kind=["document"]).turns) == 3


def test_dates_of_notes_are_held_against_opening_and_closing(project: Project) -> None:
    # Opened 2016-03-01, closed 2017-09-30.
    assert phases_of(project, "d1") == ["before", "during", "after"]


def test_agencies_that_a_text_names_stand_at_their_phase(project: Project) -> None:
    rows = {row["phase"]: row for row in project.journey("F2").tables[0].rows}
    assert rows["during"]["agencies"] == ("Police (1)",)
    stored = project.connection.execute(
        "SELECT count(*) FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE k.category = 'agency'"
    ).fetchone()
    assert stored == (0,)


def test_rejected_codings_do_not_count(project: Project) -> None:
    for (coding,) in project.connection.execute(
        "SELECT g.id FROM codings g JOIN codes k ON k.id = g.code_key WHERE k.code = 'debt'"
    ).fetchall():
        project.decide(coding, "reject", "Ann")
    rows = {row["phase"]: row for row in project.journey("F1").tables[0].rows}
    assert rows["before"]["barriers"] == ()
    assert rows["before"]["score"] is None


def test_a_tie_is_told_with_its_place(project: Project) -> None:
    (row,) = project.journey("F2").tables[2].rows
    assert (row["from_theme"], row["tie"], row["to_theme"]) == (
        *("School", "\u201cbecause of\u201d", "Calmer"),
    )
    assert (row["case_id"], row["segment_n"]) == ("i2", 6)
    assert "the school" in row["from_quote"]


def test_a_person_outranks_the_cues(project: Project) -> None:
    assert project.set_phases("i1", ["3-4=referral", "6=ending"], "Ann") == 3
    rows = project.read_journey("i1").phases().rows
    assert [row["phase"] for row in rows] == [
        *("before", "before", "referral", "referral", "after", "ending"),
    ]
    assert [row["set_by"] for row in rows] == [
        *("qualkit", "qualkit", "Ann", "Ann", "qualkit", "Ann"),
    ]
    assert project.set_phases("i1", ["3="], "Ann") == 1
    assert phases_of(project, "i1")[2] == "during"


def test_of_several_cases_the_case_is_named(project: Project) -> None:
    with pytest.raises(QualkitError, match="several cases"):
        project.set_phases("F1", ["3=referral"], "Ann")
    assert project.set_phases("F1", ["i1:3=referral"], "Ann") == 1


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ("three=before", "SEGMENT=PHASE"),
        ("3", "SEGMENT=PHASE"),
        ("3=befor", "no phase"),
        ("99=before", "no such segment"),
        ("i7:3=before", "no case of this family"),
    ],
)
def test_what_cannot_be_understood_changes_nothing(project: Project, wish: str, why: str) -> None:
    with pytest.raises(QualkitError, match=why):
        project.set_phases("i1", ["1=during", wish], "Ann")
    assert phases_of(project, "i1")[0] == "before"


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_as_written_changes_nothing(project: Project, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"phases.{ending}"
    save(project.read_journey("F1").phases(), ending, path)
    assert project.apply_phases(path, "Ann") == 0


def test_a_corrected_table_is_taken_back(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "phases.csv"
    save(project.read_journey("F1").phases(), "csv", path)
    rows = rows_in(path)
    wanted = next(r for r in rows if (r["case_id"], r["segment_n"]) == ("i1", "3"))
    wanted["phase"] = " Referral "
    write(path, rows)
    assert project.apply_phases(path, "Ann") == 1
    assert project.apply_phases(path, "Bea") == 0
    assert project.read_journey("i1").phases().rows[2]["set_by"] == "Ann"
    wanted["phase"] = ""
    write(path, rows)
    assert project.apply_phases(path, "Bea") == 1
    assert phases_of(project, "i1")[2] == "during"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"phase": "sometime"}, "no phase"),
        ({"segment_n": "99"}, "no such segment"),
        ({"segment_n": "first"}, "must be a number"),
        ({"case_id": "i77"}, "no case"),
    ],
)
def test_a_faulty_table_changes_nothing(
    project: Project, tmp_path: Path, change: dict[str, str], why: str
) -> None:
    path = tmp_path / "phases.csv"
    save(project.read_journey("i1").phases(), "csv", path)
    rows = rows_in(path)
    rows[0]["phase"] = "ending"
    rows[2] |= change
    write(path, rows)
    with pytest.raises(QualkitError, match=why):
        project.apply_phases(path, "Ann")
    assert project.connection.execute("SELECT count(*) FROM phases").fetchone() == (0,)


def test_another_table_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("case_id,segment_n\ni1,1\n", encoding="utf-8")
    with pytest.raises(QualkitError, match="no table of phases"):
        project.apply_phases(path, "Ann")


def test_unknown_families_are_not_found(project: Project) -> None:
    with pytest.raises(UnknownNameError):
        project.journey("F77")
    with pytest.raises(QualkitError, match="no text"):
        project.journey("F3")


def test_a_family_is_never_published_and_groups_are(project: Project) -> None:
    project.for_publishing = True
    with pytest.raises(QualkitError, match="cannot be published"):
        project.journey("F1")
    page = project.publish(project.journeys("cluster", kind=["interview"]))
    scores = page.tables[0]
    assert all(not isinstance(row["score"], float) for row in scores.rows)


def test_journeys_of_groups_are_the_same_however_many_families_are_read_at_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = project.journeys("cluster", kind=["all"])
    monkeypatch.setattr("qualkit.project.journeys._BATCH", 1)
    one_by_one = project.journeys("cluster", kind=["all"])
    assert one_by_one == at_once
    scores = at_once.tables[0]
    assert scores.basis.denominator == 2
    assert "cases without a family, left out: 1" in scores.notes


def test_groups_are_of_families(project: Project) -> None:
    page = project.journeys("cluster", kind=["interview"])
    means = {(row["group"], row["phase"]): row["score"] for row in page.tables[0].rows}
    assert means["A", "before"] == means["B", "before"] == -1
    assert means["all", "after"] == 1
    assert "cases without a family, left out: 1" in page.tables[0].notes
    with pytest.raises(QualkitError, match="attribute"):
        project.journeys("colour", kind=["interview"])


def test_a_journey_is_of_no_single_domain(project: Project) -> None:
    project.connection.execute("INSERT INTO case_relevance VALUES (1, 'home', 2)")
    with pytest.raises(QualkitError, match="not of one domain"):
        project.journey("F1", domain="home")


STORY = (
    "Before we came they had debts every day back then. It was very bad before the help."
    " Then the health visitor referred them to us. I visited every week and we worked on it"
    " together. We helped them and rang the police. These days everyone is calmer now."
)


def stories(project: Project, text: str = STORY) -> None:
    made = parsed([case("m1", text, ufrn="F2")], name="stories", content=text)
    save_source(project.connection, made, lambda rejection: None)
    project.code()


def stretches(project: Project, name: str = "m1") -> list[tuple[str, str, str]]:
    rows = project.read_journey(name).phases().rows
    return [(row["sentences"], row["phase"], row["set_by"]) for row in rows]


def test_a_story_in_one_cell_has_phases_within(project: Project) -> None:
    stories(project)
    found = [(sentences, phase) for sentences, phase, _ in stretches(project)]
    assert found[0] == ("1 to 2", "before")
    assert found[-1] == ("6", "after")
    rows = {row["phase"]: row for row in project.journey("m1").tables[0].rows}
    assert rows["before"]["barriers"] == ("Debt (1)",)
    assert rows["after"]["outcomes"] == ("Calmer (1)",)
    assert rows["during"]["barriers"] == ()
    text = project.read_journey("m1").phases().rows[0]["text"]
    assert text.startswith("[1] Before we came")
    assert "[2] It was" in text
    assert project.journey("m1").tables[0].n == {"msc": 1}


def test_sentences_are_set_and_outlive_a_run_and_a_typing_mistake(project: Project) -> None:
    stories(project)
    assert project.set_phases("m1", ["1.4-5=ending"], "Ann") == 1
    assert project.set_phases("m1", ["1.4=ending"], "Bea") == 0
    assert ("4 to 5", "ending", "Ann") in stretches(project)
    project.code()
    stories(project, STORY.replace("rang the police", "rang the police officers twice"))
    assert ("4 to 5", "ending", "Ann") in stretches(project)
    # A later word on one sentence, then on the whole, then all given back.
    assert project.set_phases("m1", ["1.5=after"], "Bea") == 1
    assert ("4", "ending", "Ann") in stretches(project)
    assert project.set_phases("m1", ["1=before"], "Bea") == 1
    assert stretches(project) == [("", "before", "Bea")]
    project.undo("Bea")
    assert ("4", "ending", "Ann") in stretches(project)
    assert project.set_phases("m1", ["1="], "Bea") == 1
    assert all(by == "qualkit" for _, _, by in stretches(project))


def test_a_short_answer_can_be_cut_by_hand(project: Project) -> None:
    project.set_phases("d1", ["1.1=referral"], "Ann")
    assert phases_of(project, "d1")[0] == "referral"
    with pytest.raises(QualkitError, match="no such sentences"):
        project.set_phases("d1", ["1.2=referral"], "Ann")
    with pytest.raises(QualkitError, match=r"--set 1\.1-4"):
        project.set_phases("d1", ["1:1=referral"], "Ann")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_stretches_come_back_in_a_table(project: Project, tmp_path: Path, ending: str) -> None:
    stories(project)
    path = tmp_path / f"phases.{ending}"
    save(project.read_journey("m1").phases(), ending, path)
    assert project.apply_phases(path, "Ann") == 0
    if ending == "csv":
        rows = rows_in(path)
        first = rows[0] | {"sentences": "1", "phase": "none"}
        write(path, [first, rows[0] | {"sentences": "2"}, *rows[1:]])
        assert project.apply_phases(path, "Ann") == 1
        assert stretches(project)[0] == ("1", "none", "Ann")
        write(path, [first | {"sentences": "9 to 12"}])
        with pytest.raises(QualkitError, match="no such sentences"):
            project.apply_phases(path, "Ann")
        write(path, [first | {"sentences": "01/04/2026"}])
        with pytest.raises(QualkitError, match="cannot be read"):
            project.apply_phases(path, "Ann")


def test_groups_count_a_theme_at_its_stretch(project: Project) -> None:
    stories(project)
    page = project.journeys("cluster", kind=["msc"])
    means = {(r["group"], r["phase"]): r["score"] for r in page.tables[0].rows}
    assert (means["B", "before"], means["B", "after"]) == (-1, 1)
