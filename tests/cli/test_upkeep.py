"""`qualkit forget` as a user types it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.cli import main, upkeep
from qualkit.project import Project
from qualkit.store.backups import backup, list_backups
from qualkit.store.sources import save_source

Run = Callable[..., tuple[int, str, str]]
WORDS = "lighthouse"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run qualkit beside a project of the families F11 and F22."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUALKIT_PROJECT", raising=False)
    with Project(tmp_path / "qualkit.db", create=True) as project:
        cases = [
            case("m1", f"They lived in a {WORDS} on the cliff.", ufrn="F11"),
            case("m2", "He was lonely.", ufrn="F22"),
        ]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        backup(project.path, "before a merge")

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["qualkit", *words])
        with pytest.raises(SystemExit) as stop:
            main.run()
        out, err = capsys.readouterr()
        assert WORDS not in out + err
        return int(stop.value.code or 0), out, err

    return run_command


def case_ids() -> list[str]:
    with closing(sqlite3.connect("qualkit.db")) as opened:
        return [row[0] for row in opened.execute("SELECT case_id FROM cases ORDER BY 1")]


def test_without_a_terminal_nothing_goes_unasked(run: Run) -> None:
    code, out, err = run("forget", "F11")
    assert (code, out) == (1, "")
    assert "nothing was removed" in err
    assert "--yes" in err
    assert case_ids() == ["m1", "m2"]
    assert len(list_backups(Path("qualkit.db"))) == 1


def test_yes_removes_and_says_what(run: Run) -> None:
    code, out, err = run("forget", "f-11", "--yes")
    assert (code, err) == (0, "")
    assert "family F11: removed\n  1 case, 1 segment, 0 codings, 0 decisions, 0 memos" in out
    assert "0 rows set aside, 1 copy of the project" in out
    assert "bring the family back:\n  /somewhere/narratives.csv\n" in out
    assert case_ids() == ["m2"]
    assert list_backups(Path("qualkit.db")) == []
    code, out, err = run("forget", "F11", "--yes")
    assert code == 1
    assert "there is no family called 'F11'" in err
    code, out, err = run("history")
    assert code == 0
    assert "forget" in out
    assert "F11" not in out


def test_unknown_family_is_said_before_a_terminal_is_wanted(run: Run) -> None:
    code, _, err = run("forget", "F21")
    assert code == 1
    assert "did you mean" in err
    assert "nobody" not in err


@pytest.mark.parametrize(("answer", "left"), [("yes\n", ["m2"]), ("y\n", ["m1", "m2"]), ("", 2)])
def test_it_asks_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, left: object
) -> None:
    monkeypatch.setattr(upkeep, "_has_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: answer, raising=False)
    code, out, _ = run("forget", "F11")
    assert "family F11: to be removed\n  1 case, 1 segment" in out
    assert "Remove all this for good? Type yes: " in out
    if answer == "yes\n":
        assert (code, case_ids()) == (0, left)
        assert "family F11: removed" in out
    else:
        assert code == 1
        assert "nothing was removed" in out
        assert case_ids() == ["m1", "m2"]


def test_open_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualkit.store.forgetting._OTHERS_MS", 50)
    with closing(sqlite3.connect("qualkit.db")) as other:
        other.execute("SELECT * FROM cases").fetchone()
        code, out, err = run("forget", "F11", "--yes")
    assert (code, out) == (1, "")
    assert "another program has the project open; nothing was removed" in err
    assert case_ids() == ["m1", "m2"]


def test_what_is_not_cleaned_ends_with_1(run: Run) -> None:
    folder = Path("qualkit-rejects")
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    code, out, err = run("forget", "F11", "--yes")
    assert code == 1
    assert "family F11: removed" in out
    assert "notes.txt" in err
    assert "yourself" in err
    assert case_ids() == ["m2"]
