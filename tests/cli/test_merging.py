"""`qualkit merge` as a user types it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from commandline import Run, clear
from factories import case, parsed

from qualkit.project import Project
from qualkit.store.backups import list_backups
from qualkit.store.sources import save_source


@pytest.fixture
def run(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """Run qualkit beside a project, and one in which Jo disagrees with Ann."""
    with Project(tmp_path / "qualkit.db", create=True) as project:
        save_source(project.connection, parsed([case("m1", "They had debts.")]), lambda r: None)
        project.load_codebook(small_codebook)
        project.code()
    shutil.copy(tmp_path / "qualkit.db", tmp_path / "from-jo.db")
    for name, coder, verdict in (("qualkit.db", "Ann", "accept"), ("from-jo.db", "Jo", "reject")):
        with Project(tmp_path / name) as project:
            project.decide(1, verdict, coder)
            project.mark_done("m1", coder)
    return run


def test_table_says_what_came_and_again_that_nothing_did(run: Run) -> None:
    code, out, err = run("merge", "from-jo.db", "--format", "csv")
    assert code == 0
    assert "debts" not in out + err
    assert len(list_backups(Path("qualkit.db"))) == 1
    rows = {row["what"]: row for row in csv.DictReader(io.StringIO(out))}
    assert rows["decisions"] == {
        "what": "decisions",
        "new": "1",
        "same": "0",
        "contradictory": "1",
        "not_placed": "0",
        "taken_back": "0",
    }
    assert (rows["done marks"]["new"], rows["cases"]["same"]) == ("1", "1")
    code, out, err = run("merge", "from-jo.db")
    assert (code, err) == (0, "")
    assert "nothing was new" in out.lower()
    assert len(list_backups(Path("qualkit.db"))) == 1


def test_details_list_who_disagrees_and_where(run: Run) -> None:
    code, out, _ = run("merge", "from-jo.db", "--details")
    assert code == 0
    assert "Ann: accept, Jo: reject" in out
    assert "debts" not in out
    code, out, _ = run("merge", "from-jo.db", "--details", "--format", "json")
    _, details = json.loads(out)["tables"]
    (row,) = details["rows"]
    assert (row["case_id"], row["segment_n"], row["code"], row["came_to"]) == (
        *("m1", 1),
        *("barrier.debt", "contradictory"),
    )


def test_wrong_file_or_format_merges_nothing(run: Run) -> None:
    before = Path("qualkit.db").read_bytes()
    Path("letter.db").write_text("Dear all", encoding="utf-8")
    for words, said in (
        (("qualkit.db",), "the project itself"),
        (("none.db",), "no project to merge"),
        (("letter.db",), "no qualkit project"),
        (("from-jo.db", "--format", "pdf"), "pdf"),
        (("from-jo.db", "--output", "merged.pdf"), "merged.pdf"),
    ):
        code, out, err = run("merge", *words)
        assert (code, out) == (1, "")
        assert clear(err, said)
    code, _, err = run("merge", "from-jo.db", "-p", "elsewhere.db")
    assert code == 1
    assert clear(err, "no project here")
    assert Path("qualkit.db").read_bytes() == before
