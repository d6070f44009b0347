"""Imports from files: what is refused, what is kept beside the project, references joined."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.errors import ChoiceNeededError, ProjectError, QualkitError
from qualkit.importers.msc import MscOptions
from qualkit.importers.transcript import TranscriptOptions
from qualkit.project import Project
from qualkit.project.demo import run_demo

BY_ID = MscOptions(id="ID")
HEADER = "ID,UFRN,Quarter,What changed?\n"
ROW = '{},{},2017Q1,"They had debts and the rent was late for many months {}"\n'


def _table(path: Path, *rows: tuple[str, str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    lines = [ROW.format(name, ufrn, number) for number, (name, ufrn) in enumerate(rows)]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        yield opened


def test_two_files_of_one_name_are_no_versions_of_each_other(
    fresh: Project, tmp_path: Path
) -> None:
    one = _table(tmp_path / "q1" / "stories.csv", ("a", "F1"), ("b", "F2"))
    two = _table(tmp_path / "q2" / "stories.csv", ("c", "F1"), ("d", "F2"))
    with pytest.raises(ChoiceNeededError, match="--as NAME"):
        fresh.import_msc([one, two])
    assert fresh.status()[0].rows == ()


def test_rejects_file_goes_when_nothing_is_rejected_any_more(
    fresh: Project, tmp_path: Path
) -> None:
    path = _table(tmp_path / "stories.csv", ("a", "F1"), ("a", "F2"), ("b", "F2"))
    (result,) = fresh.import_msc(path, options=BY_ID)
    assert result.rejected == 1
    assert Path(result.rejects_file).is_file()
    # The same file again leaves it where it is.
    assert fresh.import_msc(path, options=BY_ID)[0].unchanged
    assert Path(result.rejects_file).is_file()
    _table(path, ("a", "F1"), ("b", "F2"))
    fresh.import_msc(path, options=BY_ID)
    assert not Path(result.rejects_file).exists()


def test_rejects_of_names_beyond_ascii_stay_apart(fresh: Project, tmp_path: Path) -> None:
    found = {
        fresh.import_msc(
            _table(tmp_path / name, (f"{at}a", "F1"), (f"{at}a", "F2")), options=BY_ID
        )[0].rejects_file
        for at, name in enumerate(("истории.csv", "ответы.csv"))
    }
    assert len(found) == 2
    assert all(Path(path).is_file() for path in found)


def _with_families(project: Project, folder: Path) -> None:
    project.import_msc(_table(folder / "stories.csv", ("a", "F001"), ("b", "F2"), ("c", "F3")))
    families = folder / "families.csv"
    families.write_text("UFRN,Cluster\nF1,A\nF2,B\nF9,B\n", encoding="utf-8")
    project.import_families(families)


@pytest.mark.parametrize(
    "content",
    [
        "reference,family,accept,note\nF001,F1,yes,café\n".encode("cp1252"),
        b"reference;family;accept\r\nF001;F1;yes\r\nF3;;\r\n",
    ],
    ids=["cp1252", "semicolons"],
)
def test_reconcile_takes_a_file_that_a_spreadsheet_saved(
    fresh: Project, tmp_path: Path, content: bytes
) -> None:
    _with_families(fresh, tmp_path)
    (tmp_path / "check.csv").write_bytes(content)
    assert fresh.apply_reconcile(tmp_path / "check.csv") == (1, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",F1,yes", "without a reference"),
        ("F3,F3,yes", "to itself"),
        ("F2,F1,yes", "is a family of the families table"),
    ],
)
def test_reconcile_refuses_what_joins_nothing(
    fresh: Project, tmp_path: Path, row: str, said: str
) -> None:
    _with_families(fresh, tmp_path)
    path = tmp_path / "check.csv"
    path.write_text(f"reference,family,accept\n{row}\n", encoding="utf-8")
    with pytest.raises(QualkitError, match=said):
        fresh.apply_reconcile(path)
    assert fresh.connection.execute("SELECT count(*) FROM family_aliases").fetchone() == (0,)


def test_reference_joined_to_one_that_is_joined_in_turn(fresh: Project, tmp_path: Path) -> None:
    _with_families(fresh, tmp_path)
    path = tmp_path / "check.csv"
    path.write_text("reference,family,accept\nF001,F3,yes\nF3,F9,yes\n", encoding="utf-8")
    assert fresh.apply_reconcile(path) == (2, 3)
    # Both references are F9's now, also those of later imports.
    fresh.import_msc(_table(tmp_path / "more.csv", ("d", "F001"), ("e", "F3")))
    rows = fresh.connection.execute(
        "SELECT c.case_id FROM cases c JOIN families f ON f.id = c.family_key"
        " WHERE f.ufrn = 'F9' ORDER BY 1"
    ).fetchall()
    assert [name for (name,) in rows] == ["a", "c", "d", "e"]


def test_line_with_half_a_character_is_set_aside(fresh: Project, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    good = {"id": "a", "kind": "msc", "segments": [{"n": 1, "text": "good 😀"}]}
    bad = {"id": "b", "kind": "msc", "segments": [{"n": 1, "text": "half \ud83d"}]}
    path.write_text(json.dumps(good) + "\n" + json.dumps(bad), encoding="utf-8")
    (result,) = fresh.import_msc(path)
    assert (result.cases, result.rejected) == (1, 1)


def test_demonstration_leaves_a_real_project_alone(fresh: Project, tmp_path: Path) -> None:
    fresh.import_msc(_table(tmp_path / "ours.csv", ("a", "F1"), ("b", "F2")))
    with pytest.raises(ProjectError, match="not the demonstration's"):
        run_demo(tmp_path)
    assert [row["name"] for row in fresh.status()[0].rows] == ["ours.csv"]


def test_what_a_folder_holds_beside_its_texts_is_named(fresh: Project, tmp_path: Path) -> None:
    folder = tmp_path / "stories"
    _table(folder / "a.csv", ("a", "F1"), ("b", "F2"))
    (folder / "old.xls").write_bytes(b"")
    (folder / "more").mkdir()
    (result,) = fresh.import_msc(folder)
    assert "not read in stories, another kind of file: old.xls" in result.notes
    assert "not read in stories, folders: more" in result.notes


def test_refusal_of_the_store_while_reading_is_said_in_plain_words(tmp_path: Path) -> None:
    def read() -> None:
        with Project(tmp_path / "qualkit.db", create=True):
            raise sqlite3.OperationalError("database is locked")

    with pytest.raises(ProjectError, match="another program"):
        read()


def test_a_pattern_that_could_hang_is_refused(fresh: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Interviewer: How are you?\n\nMum: Fine.\n", encoding="utf-8")
    options = TranscriptOptions(family_from="((a+)+)$")
    with pytest.raises(QualkitError) as caught:
        fresh.import_transcript(tmp_path / "a.txt", options=options)
    assert "--family-from" in caught.value.message
