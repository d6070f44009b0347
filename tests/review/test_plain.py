"""One question at a time, through streams."""

from __future__ import annotations

import io

import pytest
from pressing import own_codings, statuses

from qualkit.model import ReviewFilter
from qualkit.project import Project
from qualkit.review.plain import Prompts

QUOTE = "They had debts all year"


def ask(project: Project, *answers: str, wanted: ReviewFilter | None = None) -> str:
    """What was said while these lines were the answers."""
    said = io.StringIO()
    session = project.review("Ann", wanted, resume=wanted is None)
    Prompts(session, io.StringIO("".join(f"{own}\n" for own in answers)), said).run()
    return said.getvalue()


def test_case_coding_meaning_and_choices_are_told(project: Project) -> None:
    said = ask(project)
    assert "Case n1, 1 of 3. 8 codings left." in said
    assert "Coding 1 of 4 in this case: Barrier: Debt, undecided" in said
    assert f"[[{QUOTE}]]. Then it went." in said
    assert "1 accept, 2 reject, 3 another code" in said


@pytest.mark.parametrize(("accept", "reject"), [("1", "2"), ("a", "r")])
def test_numbers_and_letters_decide(project: Project, accept: str, reject: str) -> None:
    said = ask(project, accept, reject, "0")
    assert [status for _, status in statuses(project)][:3] == ["accepted", "rejected", "unreviewed"]
    assert "Accepted: Barrier: Debt." in said
    assert "Rejected: Domain: Home." in said


def test_empty_and_unknown_answers_only_ask_again(project: Project) -> None:
    said = ask(project, "", "yes", "99", "0")
    assert {status for _, status in statuses(project)} == {"unreviewed"}
    assert said.count("That is none of the choices.") == 2


def test_place_is_kept_when_the_input_ends(project: Project) -> None:
    ask(project, "1", "9")
    assert "Coding 3 of 4" in ask(project, "0")


def test_another_code_and_other_words(project: Project) -> None:
    ask(project, "3", "iso", "1", "0")
    assert own_codings(project) == [("n1", "isolation", QUOTE)]
    ask(project, "7", "4", "THEY  had", "0")
    assert own_codings(project) == [("n1", "debt", "They had")]


def test_added_coding_is_found_by_its_words(project: Project) -> None:
    said = ask(project, "5", "2", "so lonely", "frie", "1", "5", "1", "not there", "0")
    assert own_codings(project) == [("n1", "friends", "so lonely")]
    assert "These words do not stand in answer 1." in said


def test_undo_redo_and_memo(project: Project) -> None:
    said = ask(project, "1", "7", "8", "7", "6", "3", "of the code", "0")
    assert "Undone: accept Debt." in said
    assert {status for _, status in statuses(project)} == {"unreviewed"}
    assert project.connection.execute("SELECT about, text FROM memos").fetchall() == [
        ("code", "of the code")
    ]


def test_blind_cases_are_coded_and_done(project: Project) -> None:
    blind = ReviewFilter(blind=True)
    said = ask(project, "5", "1", "it began", "iso", "1", "11", "0", wanted=blind)
    assert own_codings(project) == [("n1", "isolation", "It began")]
    assert "n1 is done." in said
    assert "Debt" not in said
    ask(project, "10", "14", "1", "0", wanted=blind)
    assert own_codings(project) == []


def test_everything_decided_is_said_and_q_leaves(project: Project) -> None:
    said = ask(project, *["1"] * 8, "q")
    assert {status for _, status in statuses(project)} == {"accepted"}
    assert "Everything is decided." in said


def test_hostile_words_are_only_seen(hostile: Project) -> None:
    said = ask(hostile, "12", "5", "*", "iso", "1", "0")
    assert "She␛[2J said [red]no[/red]" in said
    assert not set(said) & set("\x1b\x9b\x07\u202e\u200d")
