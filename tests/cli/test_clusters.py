"""qualkit clusters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
from commandline import Run


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    generator = numpy.random.default_rng(8)
    lines = ["UFRN,About," + ",".join(f"need {n}" for n in range(8))]
    families = ["UFRN,Cluster"]
    for number in range(60):
        chance = numpy.array([0.9] * 4 + [0.1] * 4)
        own = generator.random(8) < (chance if number % 3 else chance[::-1])
        lines.append(f"F{number:03},family," + ",".join(str(int(yes)) for yes in own))
        families.append(f"F{number:03},{'A' if number % 3 else 'B'}")
    (tmp_path / "needs.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "families.csv").write_text("\n".join(families), encoding="utf-8")
    assert run("import", "families", "families.csv")[0] == 0
    assert run("import", "needs", "needs.csv")[0] == 0
    return run


def test_clusters_shows_all_tables(filled: Run) -> None:
    code, out, err = filled(
        "clusters", "--all", "--groups", "1-3", "--with", "cluster", "--resamples", "2"
    )
    assert (code, err) == (0, "")
    for words in ("How many groups", "The groups", "Needs of the groups", "New groups and cluster"):
        assert words in out


def test_clusters_as_json_is_the_profile(filled: Run) -> None:
    code, out, _ = filled("clusters", "--all", "--groups", "2", "--format", "json")
    assert code == 0
    rows = json.loads(out)["rows"]
    # Eight needs in two groups and all.
    assert len(rows) == 24
    assert {row["group"] for row in rows} == {"all", "1", "2"}


def test_clusters_are_used_on_the_users_word(filled: Run) -> None:
    code, _, err = filled("clusters", "--all", "--groups", "2", "--use", "cluster")
    assert code == 1
    assert "--replace" in err
    code, _, err = filled("clusters", "--all", "--groups", "2", "--use", "needs group")
    assert code == 0
    assert "60 families" in err
    assert filled("clusters", "--all", "--groups", "2", "--with", "needs-group")[0] == 0


def test_clusters_published_with_a_picture(filled: Run, tmp_path: Path) -> None:
    code, out, _ = filled(
        "clusters", "--all", "--groups", "2", "--publish", "--picture", "p.svg", "--resamples", "0"
    )
    assert code == 0
    assert "Published" in out
    drawn = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert drawn.count("[c]") >= out.count("[c]") - 1 > 0


def test_picture_and_crosswalk_file_are_not_published_at_once(filled: Run) -> None:
    code, _, err = filled(
        "clusters", "--all", "--groups", "2", "--publish", "--picture", "p.svg",
        "--with", "cluster", "--format", "csv",
    )  # fmt: skip
    assert code == 1
    assert "not published at once" in err


@pytest.mark.parametrize(
    "words",
    [("--groups", "many"), ("--groups", "9-2"), ("--method", "magic"), ("--replace",)],
    ids=lambda words: " ".join(words),
)
def test_clusters_refuses_what_cannot_be(filled: Run, words: tuple[str, ...]) -> None:
    assert filled("clusters", "--all", *words)[0] == 1
