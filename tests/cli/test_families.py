"""qualkit families and qualkit confidence as a user types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import Run

STORIES = "id,ufrn,What changed?\nc1,F1,She was isolated and had no friends.\nc2,F2,All is well.\n"
STARS = "UFRN,Physical health start,Physical health end\nF1,1,9\nF2,5,5\nF3,10,1\nF4,2,2\n"
SURVEY = """id,Locality,Confidence: trust,Confidence: observing,Trust: why?,Observing: why?
s1,North,80,20,There is never the time to visit.,I have had no training in it.
s2,South,60,90,The parents refuse to engage with us.,Nothing to say about that at all.
"""


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    for name, text in (("stories", STORIES), ("stars", STARS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run("import", "msc", "stories.csv", "--family", "ufrn")[0] == 0
    assert run("import", "stars", "stars.csv")[0] == 0
    return run


def test_rows_on_the_screen_and_in_a_file(filled: Run, tmp_path: Path) -> None:
    code, out, _ = filled("families", "--rows", "2")
    assert code == 0
    assert "F1" in out
    assert "F3" not in out
    assert "--rows 0" in out
    assert filled("families", "--output", "rows.csv")[0] == 0
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert [row["ufrn"] for row in csv.DictReader(lines)] == ["F1", "F2", "F3", "F4"]
    code, out, _ = filled("families", "--where", "progress=higher", "-f", "json")
    assert [row["ufrn"] for row in json.loads(out)["rows"]] == ["F1"]


def test_it_cannot_be_published(filled: Run, tmp_path: Path) -> None:
    code, out, err = filled("families", "--publish", "--output", "rows.csv")
    assert (code, out) == (1, "")
    assert "cannot be published" in err
    assert not (tmp_path / "rows.csv").exists()


def test_a_date_that_is_none(filled: Run) -> None:
    code, _, err = filled("families", "--stuck", "--as-of", "soon")
    assert code == 1
    assert "--as-of" in err


def test_confidence_prints_its_guess_and_one_table_in_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(SURVEY, encoding="utf-8")
    assert run("import", "survey", "survey.csv")[0] == 0
    code, out, _ = run("confidence")
    assert code == 0
    assert "Confidence: trust = Trust: why?" in " ".join(out.split()).replace("Guessed: ", "")
    code, out, _ = run("confidence", "-f", "csv", "--by", "locality")
    rows = list(csv.DictReader(out.splitlines()))
    found = {(row["name"], row["group"]): row["confident_share"] for row in rows}
    assert found["Trust", "all"] == "0.5"
    assert found["Trust", "North"] == "1.0"
    code, _, err = run("confidence", "--only", "agency")
    assert code == 1
    assert "there is no table called" in err
