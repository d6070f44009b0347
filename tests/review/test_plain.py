"""Question and answer: what is told, and what each answer does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from qualkit.model import ReviewFilter
from qualkit.project import Project
from qualkit.review.plain import run_plain


def talk(
    project: Project, answers: Iterable[str], wanted: ReviewFilter | None = None
) -> tuple[list[str], list[str]]:
    """Run the prompts as Ann with answers; return what was told and what was asked."""
    told: list[str] = []
    asked: list[str] = []
    rest = iter(answers)

    def ask(question: str) -> str | None:
        asked.append(question)
        return next(rest, None)

    run_plain(project.review("Ann", wanted), ask, told.append)
    return told, asked


def statuses(project: Project) -> list[str]:
    return [s for (s,) in project.connection.execute("SELECT status FROM codings ORDER BY id")]


def test_answers_decide_in_order(project: Project) -> None:
    told, _ = talk(project, ["a", "R", "n", "quit"])
    assert statuses(project)[:3] == ["accepted", "rejected", "unreviewed"]
    assert [line for line in told if line in ("accepted", "rejected")] == ["accepted", "rejected"]


def test_end_of_input_keeps_the_place(project: Project) -> None:
    talk(project, ["a"])
    assert project.review("Ann", resume=True).at == 1


def test_everything_decided_ends_the_talk(project: Project) -> None:
    told, asked = talk(project, ["a"] * 50)
    assert told[-1] == "everything is decided"
    assert len(asked) == len(statuses(project))
    assert set(statuses(project)) == {"accepted"}


def test_another_code_is_asked_for_by_letters_and_number(project: Project) -> None:
    talk(project, ["c", "iso", "1", "q"])
    own = project.connection.execute(
        "SELECT k.code, g.quote FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE g.status = 'added'"
    ).fetchall()
    assert own == [("isolation", "They had debts")]


@pytest.mark.parametrize("answers", [["c", "", "q"], ["c", "zzz", "q"], ["c", "iso", "99", "q"]])
def test_no_code_chosen_changes_nothing(project: Project, answers: list[str]) -> None:
    talk(project, answers)
    assert set(statuses(project)) == {"unreviewed"}


def test_undo_takes_back_and_memo_is_kept(project: Project) -> None:
    talk(project, ["a", "u", "m", "look again", "q"])
    assert set(statuses(project)) == {"unreviewed"}
    assert project.connection.execute("SELECT text FROM memos").fetchall() == [("look again",)]


def test_anything_else_is_answered_by_help(project: Project) -> None:
    told, _ = talk(project, ["?", "q"])
    assert any("accept: the code is right" in line for line in told)


def test_hostile_text_is_told_safely(project: Project) -> None:
    told, _ = talk(project, ["t", "q"], ReviewFilter(case_id="m5"))
    assert all(line.replace("\n", "").isprintable() for line in told)


def test_blind_words_are_coded_where_they_stand(project: Project) -> None:
    told, _ = talk(
        project,
        ["w", "had debts", "debt", "1", "w", "not in it", "d", "q"],
        ReviewFilter(blind=True),
    )
    assert any("do not stand in the text" in line for line in told)
    own = project.connection.execute("SELECT quote FROM codings WHERE status = 'added'").fetchall()
    assert own == [("had debts",)]
    assert project.connection.execute("SELECT count(*) FROM done_cases").fetchone()[0] > 0
