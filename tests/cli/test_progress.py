"""qualkit progress."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import Run

FOUR = """UFRN,Physical health start,Physical health end
F1,1,9
F2,5,5
F3,10,1
F4,2,2
"""


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "stars.csv").write_text(FOUR, encoding="utf-8")
    (tmp_path / "families.csv").write_text(
        "UFRN,Cluster\nF1,A\nF2,A\nF3,B\nF4,B\n", encoding="utf-8"
    )
    assert run("import", "stars", "stars.csv")[0] == 0
    assert run("import", "families", "families.csv")[0] == 0
    return run


def test_progress_shows_the_matrix(filled: Run) -> None:
    code, out, _ = filled("progress", "--by", "cluster", "--resamples", "5")
    assert code == 0
    for words in ("Families by start and end readings", "Progress by cluster", "How stable"):
        assert words in out


def test_progress_as_json_is_one_table(filled: Run) -> None:
    code, out, _ = filled("progress", "--by", "cluster", "--format", "json")
    assert code == 0
    rows = json.loads(out)["rows"]
    found = {(row["group"], row["progress"]): row["share"] for row in rows}
    assert found["A", "higher"] == 0.5
    assert found["B", "lower"] == 0.5
    assert found["overall", "same"] == 0.5


def test_progress_without_readings_says_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "families.csv").write_text("UFRN,Cluster\nF1,A\n", encoding="utf-8")
    assert run("import", "families", "families.csv")[0] == 0
    code, _, err = run("progress")
    assert code == 1
    assert "import stars" in err
