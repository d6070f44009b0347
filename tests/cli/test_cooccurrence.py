"""`cooccurrence`, `dependencies` and `quotes --with` as a user types them."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from commandline import Run

from qualkit.project import Project

DOMAINS = ("Home and money", "Physical health", "Social networks")


@pytest.fixture
def filled(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """80 narratives: isolation in the 40 of even number and 4 more, debts where it is not.

    Home and money is relevant where physical health is; readings rise in both or in neither.
    """
    draw = random.Random(4)
    rows, readings = [], []
    for n in range(80):
        even, other = n % 2 == 0, draw.random() < 0.5
        isolation = even or n in (1, 11, 21, 31)
        words = f"In week {n} she was lonely." if isolation else f"In week {n} they had debts."
        if n % 10 == 0:
            words += " They had debts too."
        declared = ["very" if even else "not"] * 2 + ["fairly" if other else "not"]
        rows.append(f"n{n},F{n},{','.join(declared)},{words}")
        last = [5 if even else 1] * 2 + [5 if other else 1]
        readings.append(",".join([f"F{n}", *["1"] * 3, *map(str, last)]))
    heads = ",".join(f"Relevance: {name}" for name in DOMAINS)
    text = f"Case ID,UFRN,{heads},What got in the way?\n" + "\n".join(rows)
    (tmp_path / "narratives.csv").write_text(text, encoding="utf-8")
    stars = [f"{name} {when}" for when in ("start", "end") for name in DOMAINS]
    text = ",".join(["UFRN", *stars]) + "\n" + "\n".join(readings)
    (tmp_path / "readings.csv").write_text(text, encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        project.import_msc(tmp_path / "narratives.csv")
        project.import_stars(tmp_path / "readings.csv")
        project.load_codebook(small_codebook)
        project.code()
    return run


def test_table_says_what_meets_less_often_than_by_chance(filled: Run) -> None:
    code, out, _ = filled("cooccurrence", "barrier")
    assert code == 0
    assert "less often" in out
    assert "qualkit quotes CODE --with CODE2 --kind msc" in out
    (row,) = csv.DictReader(filled("cooccurrence", "barrier", "--format", "csv")[1].splitlines())
    # 44 with isolation, 36 + 8 with debts, 8 with both: 8 × 80 / 44² = 0.33.
    assert (row["both"], row["n_one"], row["n_other"]) == ("8", "44", "44")
    assert float(row["lift"]) == pytest.approx(640 / 1936)


@pytest.mark.parametrize("draw", ["graph", "matrix"])
def test_picture_is_written_beside_the_table(filled: Run, tmp_path: Path, draw: str) -> None:
    code, out, err = filled(
        "cooccurrence", "barrier", "--picture", "p.svg", "--draw", draw, "--format", "csv"
    )
    assert code == 0
    # Beside the table and not in it: what is read by another program stays whole.
    assert "drawn: p.svg" in err
    assert "p.svg" not in out
    assert "Isolation" in (tmp_path / "p.svg").read_text("utf-8")


def test_within_is_another_name_for_count_by(filled: Run) -> None:
    one = filled("cooccurrence", "barrier", "--within", "segment", "--format", "json")[1]
    assert json.loads(one)["unit"] == "segments"
    assert one == filled("cooccurrence", "barrier", "--count-by", "segment", "--format", "json")[1]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--draw", "pie"], id="no such picture"),
        pytest.param(["--picture", "p.gif"], id="no such file"),
        pytest.param(["--picture", "p.svg", "--by", "domain"], id="picture of all domains"),
        pytest.param(["--publish", "--min", "3"], id="published above a number"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(
    filled: Run, tmp_path: Path, words: list[str]
) -> None:
    code, out, err = filled("cooccurrence", "barrier", *words)
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert not list(tmp_path.glob("p.*"))


def test_words_side_by_side_lead_from_a_row(filled: Run) -> None:
    code, out, _ = filled("quotes", "isolation", "--with", "debt", "--format", "json")
    assert code == 0
    table = json.loads(out)
    assert {row["case_id"] for row in table["rows"]} == {f"n{n}" for n in range(0, 80, 10)}
    assert "lonely" in table["rows"][0]["quote_one"]
    assert "debts" in table["rows"][0]["quote_other"]
    code, _, err = filled("quotes", "isolation", "--with", "debt", "--publish")
    assert code == 1
    assert "side by side" in err


def test_dependencies_of_both_sorts_and_their_picture(filled: Run, tmp_path: Path) -> None:
    code, out, _ = filled("dependencies", "--picture", "d.svg", "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(out.partition("written")[0].splitlines()))
    found = {(row["by"], row["one"], row["other"]): row for row in rows}
    assert len(found) == 6
    for by in ("relevance", "progress"):
        own = found[by, "home-and-money", "physical-health"]
        # 40 of 80 have both: 40 × 80 / 40².
        assert (own["both"], float(own["lift"]), own["finding"]) == ("40", 2.0, "more often")
    assert "Domains in which the same families moved up" in (tmp_path / "d.svg").read_text("utf-8")


def test_dependencies_of_one_sort(filled: Run) -> None:
    out = json.loads(filled("dependencies", "--of", "progress", "--format", "json")[1])
    assert {row["by"] for row in out["rows"]} == {"progress"}
    assert filled("dependencies", "--of", "wishes")[0] == 1


def test_dependencies_of_nothing_say_what_to_import(run: Run, tmp_path: Path) -> None:
    with Project(tmp_path / "qualkit.db", create=True):
        pass
    code, _, err = run("dependencies")
    assert code == 1
    assert "qualkit import" in err


def test_published_pairs_leave_small_counts_out(filled: Run) -> None:
    code, out, _ = filled(
        "dependencies", "--publish", "--limit", "50", "--top", "0", "--format", "csv"
    )
    assert code == 0
    rows = list(csv.DictReader(out.splitlines()))
    assert {row["both"] for row in rows} == {"[c]"}
    assert {row["lift"] for row in rows} == {"[c]"}
