"""The options of `link` and `top` that say how sure a difference is."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from commandline import Run

from qualkit.project import Project


@pytest.fixture
def filled(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """60 narratives of 60 families: all of cluster A and none of B have debts, A in Q2 mostly."""
    generator = random.Random(1)
    rows, families = [], []
    for n in range(60):
        cluster = "AB"[n % 2]
        debts = f"In week {n} of it they had debts and nobody who could help with them."
        text = debts if cluster == "A" else f"Week {n} was a quiet time for all of them at home."
        quarter = "2017Q2" if cluster == "A" and generator.random() < 0.8 else "2017Q1"
        rows.append(f"n{n},F{n},{quarter},{text}")
        families.append(f"F{n},{cluster}")
    head = "Case ID,UFRN,Quarter,What got in the way?\n"
    (tmp_path / "narratives.csv").write_text(head + "\n".join(rows), encoding="utf-8")
    (tmp_path / "families.csv").write_text("UFRN,Cluster\n" + "\n".join(families), encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        project.import_msc(tmp_path / "narratives.csv")
        project.import_families(tmp_path / "families.csv")
        project.load_codebook(small_codebook)
        project.code()
    return run


def test_link_marks_what_differs(filled: Run) -> None:
    code, out, _ = filled("link", "barrier")
    assert code == 0
    assert "▲100.0% : 50.0%" in out
    assert "▼0.0% : 50.0%" in out
    assert "false discovery rate 5%" in out
    rows = list(csv.DictReader(filled("link", "barrier", "--format", "csv")[1].splitlines()))
    assert {row["group"]: row["finding"] for row in rows} == {"A": "higher", "B": "lower"}


def test_joint_display_is_a_file_with_words(filled: Run, tmp_path: Path) -> None:
    assert filled("link", "barrier", "--joint", "--output", "joint.md")[0] == 0
    assert "debts" in (tmp_path / "joint.md").read_text(encoding="utf-8")
    table = json.loads(filled("link", "barrier", "--joint", "--format", "json")[1])
    assert {row["group"] for row in table["rows"] if row["quote"]} == {"A"}


def test_top_compares_waves(filled: Run) -> None:
    code, out, _ = filled("top", "barrier", "--compare", "quarter")
    assert code == 0
    assert "differs" in out
    assert "change (95%)" in out
    assert filled("top", "barrier", "--compare", "season")[0] == 1


def test_top_says_how_sure_ranks_are(filled: Run) -> None:
    assert "rank 95%" in filled("top", "barrier")[1]
    assert "rank 95%" not in filled("top", "barrier", "--no-intervals")[1]
