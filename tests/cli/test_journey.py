"""qualkit journey on the terminal: tables, files, pictures, corrections, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import Run

TEXT = """Interviewer: What was life like before the worker came?

Mum: We had debts every day back then.

Interviewer: And how are things now?

Mum: I'm calmer now, I go to the group.
"""


@pytest.fixture
def journey(run: Run) -> Run:
    """A project with one interview of F1, not coded; gives a function that runs the command."""
    Path("talk_F1.txt").write_text(TEXT, encoding="utf-8")
    Path("families.csv").write_text("ufrn,cluster\nF1,A\n", encoding="utf-8")
    for words in (
        ("import", "families", "families.csv"),
        ("import", "transcript", "talk_F1.txt", "--family", "F1"),
    ):
        code, _, err = run(*words)
        assert code == 0, err
    return lambda *words: run("journey", *words)


def test_table_shows_phases_and_how_to_correct_them(journey: Run) -> None:
    code, out, _ = journey("F1")
    assert code == 0
    for word in ("before", "referral", "after", "Rule:", "Identifying", "--set", "qualkit code"):
        assert word in out


def test_json_holds_three_tables(journey: Run) -> None:
    _, out, _ = journey("F1", "--format", "json")
    found = json.loads(out)
    assert [table["table"] for table in found["tables"]] == [
        *("journey", "journey-points", "journey-ties"),
    ]


def test_file_is_corrected_and_given_back(journey: Run) -> None:
    journey("F1", "--output", "phases.csv")
    path = Path("phases.csv")
    text = path.read_text(encoding="utf-8-sig")
    assert "talk_F1,3,,after" in text
    path.write_text(text.replace("talk_F1,3,,after", "talk_F1,3,,ending"), encoding="utf-8")
    assert journey("--apply", "phases.csv", "--coder", "Jo")[1] == "phases changed: 1, by Jo\n"
    _, out, _ = journey("F1", "--format", "csv")
    assert "talk_F1,3,,ending,Jo" in out


def test_set_and_take_back(journey: Run, run: Run) -> None:
    code, out, _ = journey("F1", "--set", "1-2=referral", "--coder", "Jo")
    assert (code, out) == (0, "phases changed: 2, by Jo\n")
    # Jo is the only person now.
    assert journey("F1", "--set", "1=")[1] == "phases changed: 1, by Jo\n"
    assert run("undo")[0] == 0


def test_nobody_sets_nothing(journey: Run) -> None:
    code, _, err = journey("F1", "--set", "1=referral")
    assert code == 1
    assert "--coder NAME" in err


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "html"])
def test_picture_is_written(journey: Run, ending: str) -> None:
    code, out, _ = journey("F1", "--picture", f"one.{ending}")
    assert code == 0
    assert f"written: one.{ending}" in out
    assert Path(f"one.{ending}").stat().st_size > 1000


def test_picture_of_no_sort_is_refused_before_all(journey: Run) -> None:
    code, out, err = journey("F1", "--picture", "one.gif")
    assert (code, out) == (1, "")
    assert ".svg" in err


def test_one_family_is_not_published(journey: Run) -> None:
    code, out, err = journey("F1", "--publish", "--picture", "one.svg")
    assert (code, out) == (1, "")
    assert "--by cluster --publish" in err
    assert not Path("one.svg").exists()


def test_groups_are_published_without_few(journey: Run) -> None:
    code, out, _ = journey("--by", "cluster", "--publish", "--picture", "all.svg")
    assert code == 0
    assert "Published" in out
    assert Path("all.svg").exists()


@pytest.mark.parametrize(
    "words",
    [(), ("F1", "--by", "cluster"), ("--by", "cluster", "--set", "1=before"), ("--set", "1=after")],
)
def test_one_family_or_groups(journey: Run, words: tuple[str, ...]) -> None:
    code, _, err = journey(*words)
    assert code == 1
    assert "one family, or of groups" in err
