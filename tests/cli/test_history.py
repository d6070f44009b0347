"""`qualkit history`, `undo`, `memo` and `memos` as a user types them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Run
from factories import case, parsed
from oldproject import old_project

from qualkit.project import Project
from qualkit.store import schema
from qualkit.store.sources import save_source


@pytest.fixture
def run(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """Run qualkit beside a coded project: m1 `They had debts.`, m2 `He was lonely.`."""
    with Project(tmp_path / "qualkit.db", create=True) as project:
        cases = [case("m1", "They had debts."), case("m2", "He was lonely.")]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        project.load_codebook(small_codebook)
        project.code()
    return run


def decide(verdict: str, coder: str = "Ann") -> None:
    """Decide on the coding of debts in m1."""
    with Project("qualkit.db") as project:
        (number,) = project.connection.execute(
            "SELECT g.id FROM codings g JOIN codes k ON k.id = g.code_key WHERE k.code = 'debt'"
        ).fetchone()
        project.decide(number, verdict, coder)


def test_history_as_a_table_and_for_programs(run: Run) -> None:
    decide("reject")
    code, out, _ = run("history")
    assert code == 0
    for word in ("Ann", "decide", "m1", "debt", "reject", "narratives.csv version 1"):
        assert word in out
    assert "debts" not in out
    code, out, _ = run("history", "--format", "json", "--coder", "Ann")
    (row,) = json.loads(out)["rows"]
    assert (row["case_id"], row["category"], row["start"], row["end"]) == ("m1", "barrier", 0, 14)
    code, out, _ = run("history", "--format", "csv", "--case", "m1")
    (line,) = csv.DictReader(io.StringIO(out))
    assert (line["coder"], line["action"], line["verdict"]) == ("Ann", "decide", "reject")
    code, out, _ = run("history", "--format", "markdown", "--code", "debt", "--last", "1")
    assert code == 0
    assert "| decide |" in out


def test_history_on_a_screen_ends_with_the_newest_in_a_file_it_is_whole(
    run: Run, tmp_path: Path
) -> None:
    for _ in range(26):
        decide("accept")
        decide("reject")
    code, out, _ = run("history", "--coder", "Ann")
    assert code == 0
    # Every decision but the first takes the one before it back: two lines.
    assert "The last 50 of 103 lines." in out
    assert run("history", "--coder", "Ann", "--output", "history.csv")[0] == 0
    with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 103
    code, out, _ = run("history", "--coder", "Ann", "--last", "0")
    assert "The last" not in out


def test_undo_and_redo_say_what_they_did(run: Run) -> None:
    decide("reject")
    code, out, _ = run("undo")
    assert (code, out) == (
        0,
        "taken back: step 4 of Ann\n"
        "  reject taken back: barrier.debt, case m1, segment 1, 0 to 14\n",
    )
    assert run("undo") == (0, "nothing is left to take back for Ann\n", "")
    code, out, _ = run("undo", "--redo")
    assert out.splitlines()[0] == "done again: step 4 of Ann"
    assert run("undo", "--redo") == (0, "nothing is left to do again for Ann\n", "")


def test_undo_asks_whose(run: Run) -> None:
    code, _, err = run("undo")
    assert code == 1
    assert "--coder NAME" in err
    decide("reject")
    decide("accept", "Bob")
    code, _, err = run("undo")
    assert code == 1
    assert "found: Ann, Bob" in err
    code, out, _ = run("undo", "--coder", "Bob")
    assert code == 0
    assert "accept taken back" in out


def test_undo_says_what_it_passed_over_and_shortens_what_is_long(run: Run, tmp_path: Path) -> None:
    rows = [f"m2,1,isolation,0,{end}" for end in range(1, 15)]
    (tmp_path / "codings.csv").write_text(
        "\n".join(["case_id,segment_n,code,start,end", *rows]), encoding="utf-8"
    )
    assert run("import", "codings", "codings.csv", "--coder", "Ann")[0] == 0
    decide("reject")
    with Project("qualkit.db") as project:
        cases = [case("m1", "They owe."), case("m2", "He was lonely.")]
        save_source(project.connection, parsed(cases, content="two"), lambda rejection: None)
    code, out, _ = run("undo")
    assert code == 0
    assert out.splitlines()[0].endswith("1 later")
    # 14 codings and a done mark, 12 of them shown.
    assert out.splitlines()[-1] == "  and 3 more"


def test_memos_are_kept_listed_and_searched(run: Run, tmp_path: Path) -> None:
    assert run("memo", "Waiting lists and housing.", "--coder", "Jo Marsh") == (
        *(0, "memo 1 kept\n", ""),
    )
    assert run("memo", "=Is this hers?", "--case", "m1")[1] == "memo 2 kept\n"
    assert run("memo", "Wide.", "--code", "isolation")[0] == 0
    code, out, _ = run("memos")
    assert code == 0
    assert "Waiting lists and housing." in out
    code, out, _ = run("memos", "--about", "case", "--format", "json")
    (row,) = json.loads(out)["rows"]
    assert (row["coder"], row["case_id"], row["text"]) == ("Jo Marsh", "m1", "=Is this hers?")
    code, out, _ = run("memos", "--find", "HOUSING", "--coder", "Jo Marsh", "--format", "csv")
    assert [line["memo"] for line in csv.DictReader(io.StringIO(out))] == ["1"]
    assert run("memos", "--output", "memos.xlsx") == (0, "written: memos.xlsx\n", "")
    assert (tmp_path / "memos.xlsx").is_file()
    assert run("undo")[1].splitlines()[1] == "  memo taken back: barrier.isolation, memo 3"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("memo", "Odd."), "--coder NAME"),
        (("memo", "Odd.", "--coder", "Jo", "--case", "m9"), "there is no case called 'm9'"),
        (("memo", "Odd.", "--coder", "Jo", "--coding", "99"), "there is no such coding"),
        (("memo", "Odd.", "--coder", "Jo", "--case", "m1", "--code", "debt"), "about one thing"),
        (("memos", "--about", "weather"), "project"),
        (("history", "--case", "m9"), "there is no case called 'm9'"),
        (("undo", "--coder", "Jo"), "there is no person called 'Jo'"),
    ],
)
def test_mistakes_are_said(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert said in err


def test_older_project_is_copied_with_a_line_on_stderr(run: Run, tmp_path: Path) -> None:
    """In a process of its own, as a user has it: pytest takes what is logged."""
    path = old_project(tmp_path / "old.db")
    program = "from qualkit.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", program, "status", "-p", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"a copy of the project before it is brought to schema {schema.VERSION}: "
    )
