from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qualkit.cli.main import app

TEXT = "UFRN,Physical health start,Physical health end\nF1,1,5\nF2,9,10\nF3,4,\nF4,0,3\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run a command in a folder with a file of readings, which is imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.csv").write_text(TEXT, encoding="utf-8")

    def call(*words: str) -> str:
        result = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


def test_import_says_what_was_guessed_and_set_aside(run) -> None:  # type: ignore[no-untyped-def]
    out = run("import", "stars", "s.csv")
    assert "6 new readings of 4 families" in out
    assert "family reference: column 'UFRN'" in out
    assert "set aside: 1" in out
    assert "nothing new; 6 readings of 4 families were there already" in run(
        "import", "stars", "s.csv"
    )


def test_import_where_all_is_set_aside_does_not_say_there_already(  # type: ignore[no-untyped-def]
    run, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("UFRN,Physical health start\nF1,0\n", encoding="utf-8")
    out = run("import", "stars", "a.csv")
    assert "a.csv: no readings could be taken" in out
    assert "set aside: 1" in out


def test_tables_in_every_form(run) -> None:  # type: ignore[no-untyped-def]
    run("import", "stars", "s.csv")
    (row,) = csv.DictReader(io.StringIO(run("stars", "--format", "csv")))
    assert list(row)[:6] == ["domain", "name", "n", "progress", "higher", "lower"]
    # Of two families one moved up, the other stayed at the highest stage.
    assert (row["n"], row["progress"], row["higher"]) == ("2", "1.0", "0.5")
    cells = json.loads(run("stars", "--domain", "physical-health", "--format", "json"))["rows"]
    assert sum(cell["families"] for cell in cells) == 2
    assert "without a review" in run("stars", "--flow", "--format", "csv")
    markdown = run("stars", "--format", "markdown")
    assert "| Physical health |" in markdown
    assert "Who counts" in markdown


def test_needs_and_conditions(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("import", "stars", "s.csv")
    (tmp_path / "n.csv").write_text("UFRN,Debt\nF1,1\nF2,maybe\nF3,no\n", encoding="utf-8")
    out = run("import", "needs", "n.csv", "--about", "adult")
    assert "2 new answers" in out
    assert "set aside: 1" in out
    assert "without an assessment of a child" in run("stars", "--flow")
    (row,) = csv.DictReader(io.StringIO(run("stars", "--no-assessed", "--format", "csv")))
    assert row["n"] == "2"
