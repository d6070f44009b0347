from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import openpyxl
import pytest
from factories import case, parsed

from qualkit.normalise import unguarded
from qualkit.project import Project
from qualkit.store.sources import save_source


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_export_codings_has_the_contract_columns(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    count = project.export_codings(path)
    rows = _read(path)
    assert len(rows) == count
    assert list(rows[0]) == [
        "coding_id",
        "case_id",
        "segment_n",
        "segment_label",
        "speaker",
        "role",
        "category",
        "code",
        "start",
        "end",
        "quote",
        "coder",
        "run",
        "status",
        "decided_by",
        "score",
    ]
    assert rows[0]["case_id"] == "m1"
    assert rows[0]["coder"] == "qualkit"
    assert rows[0]["status"] == "unreviewed"


def test_export_codings_leaves_rejected_ones_out_unless_asked(
    project: Project, tmp_path: Path
) -> None:
    coding = project.quotes("debt").rows[0]["coding_id"]
    project.decide(int(coding), "reject", "Ann")
    kept = project.export_codings(tmp_path / "kept.csv")
    every = project.export_codings(tmp_path / "every.csv", include_rejected=True)
    assert every == kept + 1
    row = next(r for r in _read(tmp_path / "every.csv") if r["status"] == "rejected")
    assert row["decided_by"] == "Ann"


def test_export_segments_and_codings_fit_together(project: Project, tmp_path: Path) -> None:
    project.export_segments(tmp_path / "segments.csv")
    project.export_codings(tmp_path / "codings.csv")
    texts = {(r["case_id"], r["segment_n"]): r["text"] for r in _read(tmp_path / "segments.csv")}
    for row in _read(tmp_path / "codings.csv"):
        text = texts[row["case_id"], row["segment_n"]]
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]


def test_export_counts_by_family(project: Project, tmp_path: Path) -> None:
    project.export_counts(tmp_path / "counts.csv", by="family")
    rows = {row["ufrn"]: row for row in _read(tmp_path / "counts.csv")}
    assert set(rows) == {"F1", "F2", "F3", "F4", "F5"}
    assert rows["F1"]["barrier.isolation"] == "1"
    assert rows["F3"]["barrier.isolation"] == "0"
    # F5 has no text, F4 only an interview: blank, not 0.
    assert rows["F5"]["barrier.isolation"] == rows["F4"]["barrier.isolation"] == ""
    assert rows["F3"]["cases"] == "2"


def test_export_counts_by_case_and_domain(project: Project, tmp_path: Path) -> None:
    project.export_counts(tmp_path / "counts.csv", by="case", domain="home")
    rows = {row["case_id"]: row["barrier.debt"] for row in _read(tmp_path / "counts.csv")}
    # m2 is not of home, m5 has no text.
    assert rows == {"m1": "1", "m2": "", "m3": "1", "m4": "0", "m5": ""}


WORDS = {"=1+1": '=HYPERLINK("http://example.org")', "-5": "＝1", "'@x": "'- he said", "m": "a-b"}


@pytest.fixture
def formulas(tmp_path: Path) -> Project:
    """A project whose case ids and texts look like formulas."""
    project = Project(tmp_path / "formulas.db", create=True)
    cases = [case(case_id, text) for case_id, text in WORDS.items()]
    save_source(project.connection, parsed(cases), lambda rejection: None)
    yield project
    project.close()


def test_exported_words_and_ids_are_no_formulas_in_csv(formulas: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert formulas.export_segments(path) == 4
    rows = _read(path)
    assert {row["case_id"]: row["text"] for row in rows} == {
        "'=1+1": '\'=HYPERLINK("http://example.org")',
        "'-5": "'＝1",
        "''@x": "''- he said",
        "m": "a-b",
    }
    assert {unguarded(row["case_id"]): unguarded(row["text"]) for row in rows} == WORDS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_exported_words_and_ids_are_text_in_a_workbook(formulas: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    formulas.export_segments(path)
    header, *rows = openpyxl.load_workbook(path).active.iter_rows()
    at = {cell.value: number for number, cell in enumerate(header)}
    cells = [(row[at["case_id"]], row[at["text"]]) for row in rows]
    assert {first.value: second.value for first, second in cells} == WORDS
    assert {cell.data_type for pair in cells for cell in pair} == {"s"}


def test_exported_words_are_as_they_are_in_json(formulas: Project, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    formulas.export_segments(path)
    rows = json.loads(path.read_text("utf-8"))
    assert {row["case_id"]: row["text"] for row in rows} == WORDS
