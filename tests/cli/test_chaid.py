"""qualkit chaid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import Run


def fill(run: Run, folder: Path, down: tuple[int, ...] = ()) -> Run:
    """Import 160 families: with debt 60 of 80 move up, without it 20 of 80; these move down."""
    stars, needs = ["UFRN,Physical health start,Physical health end"], ["UFRN,Debt"]
    for n in range(160):
        up = n % 4 < 3 if n < 80 else n % 4 == 0
        stars.append(f"F{n},3,{5 if up else 1 if n in down else 3}")
        needs.append(f"F{n},{'yes' if n < 80 else 'no'}")
    (folder / "stars.csv").write_text("\n".join(stars), encoding="utf-8")
    (folder / "needs.csv").write_text("\n".join(needs), encoding="utf-8")
    assert run("import", "stars", "stars.csv")[0] == 0
    assert run("import", "needs", "needs.csv")[0] == 0
    return run


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    return fill(run, tmp_path)


@pytest.fixture
def few(run: Run, tmp_path: Path) -> Run:
    """Two families move down, both without debt."""
    return fill(run, tmp_path, (81, 82))


TREE = ("chaid", "--domain", "physical-health", "--resamples", "5")


def test_chaid_prints_the_tree_and_findings(filled: Run) -> None:
    code, out, err = filled(*TREE)
    assert code == 0, err
    # 60 of 80, 80 of 160.
    assert "split by Debt" in out
    assert "higher 75.0%" in out
    assert "75.0% : 50.0% of families moved up" in " ".join(out.split())
    assert "(n = 80 : 160)" in " ".join(out.split())


def test_chaid_as_json_is_one_table(few: Run) -> None:
    code, out, _ = few(*TREE, "--format", "json")
    assert code == 0
    rows = {(row["segment"], row["level"]): row for row in json.loads(out)["rows"]}
    assert rows["with Debt", "higher"]["share"] == 0.75
    assert rows["without Debt", "lower"]["count"] == 2
    # Two families: the number is the researcher's, no sentence tells of it.
    assert rows["without Debt", "lower"]["sentence"] == ""


def test_chaid_as_markdown_has_findings_and_segments(filled: Run) -> None:
    code, out, _ = filled(*TREE, "--format", "markdown")
    assert code == 0
    assert "findings" in out
    assert "75.0% : 50.0%" in out


def test_published_trees_show_no_small_number(few: Run, tmp_path: Path) -> None:
    code, out, _ = few(*TREE, "--publish", "--picture", "tree.svg")
    assert code == 0
    assert "lower [c]" in out
    assert "2.5%" not in out
    picture = (tmp_path / "tree.svg").read_text(encoding="utf-8")
    assert "[c]" in picture
    assert "2.5%" not in picture
    code, out, _ = few(*TREE, "--publish", "--format", "json")
    assert code == 0
    rows = {(row["segment"], row["level"]): row for row in json.loads(out)["rows"]}
    assert rows["without Debt", "lower"]["count"] == "[c]"


def test_a_picture_of_no_sort_is_refused_before_the_work(filled: Run, tmp_path: Path) -> None:
    code, _, err = filled(*TREE, "--picture", "tree.bmp")
    assert code == 1
    assert ".svg" in err
    assert not (tmp_path / "tree.bmp").exists()


def test_chaid_without_readings_says_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "families.csv").write_text("UFRN,Cluster\nF1,A\n", encoding="utf-8")
    assert run("import", "families", "families.csv")[0] == 0
    code, _, err = run("chaid")
    assert code == 1
    assert "import stars" in err
