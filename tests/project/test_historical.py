"""The record, undo and memos as a notebook has them; on the project of conftest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import ChoiceNeededError, QualkitError, UnknownNameError
from qualkit.project import Project
from qualkit.store.sources import save_source


def number_of(project: Project, case_id: str, code: str) -> int:
    return project.connection.execute(
        "SELECT g.id FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k"
        " ON k.id = g.code_key WHERE c.case_id = ? AND k.code = ? ORDER BY g.id",
        (case_id, code),
    ).fetchone()[0]


def status(project: Project, number: int) -> str:
    return project.connection.execute(
        "SELECT status FROM codings WHERE id = ?", (number,)
    ).fetchone()[0]


def brief(project: Project, **wanted: object) -> list[tuple[object, ...]]:
    keys = ("coder", "action", "case_id", "code", "verdict", "about")
    rows = project.history(**wanted).rows  # type: ignore[arg-type]
    return [tuple(row[key] for key in keys) for row in rows]


def test_history_tells_what_was_done_to_the_project(project: Project) -> None:
    project.decide(number_of(project, "m1", "debt"), "reject", "Ann")
    project.mark_done("m1", "Ann")
    project.undo("Ann")
    lines = brief(project)
    assert lines[:5] == [
        ("", "import", "", "", "", "narratives.csv version 1"),
        ("", "import", "", "", "", "interviews version 1"),
        ("", "import", "", "", "", "staff.csv version 1"),
        ("", "codebook", "", "", "", "small 1"),
        ("qualkit", "code", "", "", "", "run 1, small 1, rules"),
    ]
    assert lines[5:] == [
        ("Ann", "decide", "m1", "debt", "reject", ""),
        ("Ann", "done", "m1", "", "", "small"),
        ("Ann", "reopen", "m1", "", "", "small, takes back step 7"),
    ]
    assert [row["step"] for row in project.history().rows] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_history_is_narrowed_by_case_code_and_coder(project: Project) -> None:
    project.decide(number_of(project, "m1", "debt"), "reject", "Ann")
    project.decide(number_of(project, "m2", "isolation"), "accept", "Bob")
    project.add_coding("m4", 1, "isolation", 0, 7, "Ann")
    assert [line[:4] for line in brief(project, case="m1")] == [("Ann", "decide", "m1", "debt")]
    assert [line[2] for line in brief(project, code="isolation")] == ["m2", "m4"]
    assert [line[2] for line in brief(project, code="isolation", coder="Ann")] == ["m4"]
    assert [line[1] for line in brief(project, coder="qualkit")] == ["code"]
    table = project.history(coder="Ann", last=1)
    assert [row["case_id"] for row in table.rows] == ["m4"]
    assert table.notes == ("the last 1 of 2 lines",)
    assert project.history(coder="Ann", last=2).notes == ()
    for wanted in ({"case": "m99"}, {"code": "none"}, {"coder": "Zoe"}):
        with pytest.raises(UnknownNameError):
            project.history(**wanted)
    with pytest.raises(QualkitError):
        project.history(last=0)


def test_history_holds_no_words_of_texts(project: Project) -> None:
    project.decide(number_of(project, "m1", "debt"), "reject", "Ann")
    project.add_coding("m4", 1, "isolation", 0, 7, "Ann")
    project.memo("Nothing at all?", "Ann", case="m4")
    text = json.dumps(project.history().rows)
    for word in ("debts", "Nothing", "lonely", "at all"):
        assert word not in text


def test_undo_and_redo_say_what_they_did_in_names(project: Project) -> None:
    number = number_of(project, "m1", "debt")
    project.decide(number, "accept", "Ann")
    project.decide(number, "reject", "Ann")
    result = project.undo()
    assert (result.coder, result.step, result.passed) == ("Ann", 7, 0)
    assert result.changes == (
        "reject taken back: barrier.debt, case m1, segment 1, 0 to 14",
        "accept stands again: barrier.debt, case m1, segment 1, 0 to 14",
    )
    assert status(project, number) == "accepted"
    again = project.redo("Ann")
    assert again.step == 7
    assert status(project, number) == "rejected"
    assert not project.redo("Ann")
    project.undo()
    assert project.undo()
    assert status(project, number) == "unreviewed"
    assert not project.undo()


def test_undo_asks_whose_where_it_is_open(project: Project) -> None:
    with pytest.raises(QualkitError, match="nobody"):
        project.undo()
    project.mark_done("m1", "Ann")
    project.mark_done("m1", "Bob")
    with pytest.raises(ChoiceNeededError, match="Ann, Bob"):
        project.undo()
    for name in ("Zoe", "qualkit"):
        with pytest.raises(UnknownNameError):
            project.undo(name)
    assert project.undo(" Bob ").changes == ("no longer marked done: case m1, small",)


def test_undo_of_an_import_of_codings_takes_its_done_marks_along(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "codings.csv"
    path.write_text("case_id,segment_n,code\nm2,1,isolation\nm4,1,debt\n", encoding="utf-8")
    assert project.import_codings(path, "Ann").done == 2
    assert len(project.undo("Ann").changes) == 4
    assert project.connection.execute(
        "SELECT (SELECT count(*) FROM codings WHERE coder_key <> 1),"
        " (SELECT count(*) FROM done_cases)"
    ).fetchone() == (0, 0)
    project.redo("Ann")
    # The same file again finds all there, and takes no step.
    assert project.import_codings(path, "Ann").new == 0
    assert len(project.undo("Ann").changes) == 4


def test_undo_outlives_a_run_and_passes_over_changed_texts(project: Project) -> None:
    m2 = number_of(project, "m2", "isolation")
    project.decide(m2, "accept", "Ann")
    project.decide(number_of(project, "m1", "debt"), "reject", "Ann")
    project.code()
    cases = [case("m1", "They owe."), case("m2", "He was lonely.")]
    save_source(project.connection, parsed(cases, content="two"), lambda rejection: None)
    result = project.undo()
    assert result.passed == 1
    assert result.changes == ("accept taken back: barrier.isolation, case m2, segment 1, 0 to 13",)
    assert status(project, m2) == "unreviewed"
    assert [row["action"] for row in project.history(case="m1").rows] == ["decide", "text"]


def test_memos_are_kept_on_what_is_named(project: Project) -> None:
    number = number_of(project, "m1", "debt")
    project.memo(" Odd. ", "Ann")
    project.memo("Few.", case="m1")
    project.memo("Staff.", source="staff.csv")
    project.memo("Whose?", "Bob", coding=number)
    project.memo("Wide.", "Ann", code="barrier.isolation")
    table = project.memos()
    keys = ("coder", "about", "source", "case_id", "code", "coding_id", "text")
    assert [tuple(row[key] for key in keys) for row in table.rows] == [
        ("Ann", "project", "", "", "", None, "Odd."),
        ("Ann", "case", "narratives.csv", "m1", "", None, "Few."),
        ("Ann", "source", "staff.csv", "", "", None, "Staff."),
        ("Bob", "coding", "narratives.csv", "m1", "debt", number, "Whose?"),
        ("Ann", "code", "", "", "isolation", None, "Wide."),
    ]
    assert [row["text"] for row in project.memos(case="m1", coder="Bob").rows] == ["Whose?"]
    assert [row["text"] for row in project.memos(source="narratives.csv").rows] == [
        *("Few.", "Whose?")
    ]
    assert [row["text"] for row in project.memos(code="debt").rows] == ["Whose?"]
    assert [row["text"] for row in project.memos(about="code", find="wide").rows] == ["Wide."]
    project.undo("Ann")
    assert len(project.memos().rows) == 4
    project.connection.execute("DELETE FROM codings WHERE id = ?", (number,))
    table = project.memos(about="coding")
    assert table.rows[0]["coding_id"] is None
    assert "1 no longer stand" in table.notes[0]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"case": "m99"}, UnknownNameError),
        ({"source": "none"}, UnknownNameError),
        ({"code": "none"}, UnknownNameError),
        ({"coding": 999}, QualkitError),
        ({"case": "m1", "code": "debt"}, QualkitError),
    ],
    ids=["case", "source", "code", "coding", "two"],
)
def test_memo_on_nothing_or_two_things_is_refused(
    project: Project, wanted: dict[str, object], error: type[QualkitError]
) -> None:
    with pytest.raises(error):
        project.memo("Odd.", "Ann", **wanted)  # type: ignore[arg-type]
    assert project.memos().rows == ()


def test_memo_needs_words_and_somebody_who_writes_them(project: Project) -> None:
    for text, coder in (("  ", "Ann"), ("Odd.", "qualkit"), ("Odd.", "")):
        with pytest.raises(QualkitError):
            project.memo(text, coder)
    assert project.memos().rows == ()
    with pytest.raises(UnknownNameError):
        project.memos(about="weather")
