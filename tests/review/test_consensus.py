"""Settling what coders differ on: the keys, the screen, and the prompts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from differing import agreed, make_differing, standing
from pressing import letters, open_app, press, stop

from qualkit.model import ReviewFilter
from qualkit.project import Project
from qualkit.review.keys import help_page
from qualkit.review.plain import Prompts

WANTED = ReviewFilter(consensus=("Ann", "Bob"))
THREE = ReviewFilter(consensus=("Ann", "Bob", "Cy"))


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    with make_differing(tmp_path / "p.db", small_codebook) as opened:
        yield opened


def shows(screen: list[str], *words: str) -> bool:
    return all(any(word in row for row in screen) for word in words)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
def test_screen_says_who_said_what(project: Project, size: tuple[int, int]) -> None:
    screen = press(open_app(project, wanted=WANTED), size=size)
    assert shows(screen, "0 of 3 settled, 3 left", "▸? bar Debt", "Barrier: Debt")
    assert shows(screen, "Ann added · Bob nothing · not settled")
    assert "done" not in screen[-1]
    assert max(map(len, screen)) <= size[0]
    if size[0] >= 80:
        assert shows(screen, "consensus of Ann, Bob")


def test_other_words_are_marked_in_the_text(project: Project) -> None:
    assert shows(press(open_app(project, wanted=THREE)), "Cy added (other words)")


def test_one_key_accepts_or_rejects_and_goes_to_the_next(project: Project) -> None:
    app = open_app(project, wanted=WANTED)
    screen = press(app, "a")
    assert shows(screen, "1 of 3 settled, 2 left", "Accepted Debt", "m2", "▸? bar Isolation")
    screen = press(app, "r", "enter")
    assert shows(screen, "3 of 3 settled", "Everything is decided")
    assert [own[0] for own in agreed(project)] == ["accept", "reject", "accept"]
    assert app.n_decided == 3
    stop(app)


def test_her_own_coding_is_rejected_not_removed(project: Project) -> None:
    app = open_app(project, wanted=WANTED)
    press(app, "r")
    assert standing(project, "m1")[0] == ("debt", "They had debts", "Ann", "rejected", 0)
    screen = press(app, "left")
    assert shows(screen, "✗ bar Debt", "agreed: rejected")
    press(app, "x")
    assert len(standing(project, "m1")) == 4


def test_undo_takes_back_only_what_was_agreed(project: Project) -> None:
    app = open_app(project, wanted=WANTED)
    screen = press(app, "a", "u")
    assert shows(screen, "0 of 3 settled", "Undone: accept Debt", "▸? bar Debt", "m1")
    screen = press(app, "u")
    assert shows(screen, "There is nothing to undo")
    assert len(standing(project, "m1")) == 4
    screen = press(app, "U")
    assert shows(screen, "1 of 3 settled")


def test_recode_move_and_add(project: Project) -> None:
    app = open_app(project, wanted=WANTED)
    press(app, "c", *letters("isol"), "enter")
    assert ("isolation", "They had debts", "Ann", "added", 1) in standing(project, "m1")
    screen = press(app, "right_square_bracket", "right_square_bracket")
    assert ("isolation", "alone and had", "Ann", "added", 1) in standing(project, "m2")
    assert shows(screen, "agreed on, written by Ann", "2 of 3 settled")
    press(app, "plus", *letters("home"), "enter")
    assert ("home", "alone and had", "Ann", "added", 1) in standing(project, "m2")
    # What she added here she can take away again.
    press(app, "x")
    assert "home" not in [row[0] for row in standing(project, "m2")]
    stop(app)


def test_no_case_is_marked_done(project: Project) -> None:
    screen = press(open_app(project, coder="Dee", wanted=WANTED), "d")
    assert shows(screen, "in a consensus no case is marked done")
    assert not project.connection.execute(
        "SELECT 1 FROM done_cases d JOIN coders p ON p.id = d.coder_key WHERE p.name = 'Dee'"
    ).fetchall()


def test_filter_keeps_the_coders(project: Project) -> None:
    app = open_app(project, wanted=WANTED)
    screen = press(app, "f")
    assert not shows(screen, "Score")
    screen = press(app, *letters("code"), "enter", *letters("debt"), "enter")
    assert shows(screen, "0 of 2 settled")
    assert app.session.wanted.consensus == ("Ann", "Bob")
    screen = press(app, "f", *letters("no f"), "enter")
    assert shows(screen, "0 of 3 settled")


def test_coding_that_a_consensus_rejected_is_anothers_in_a_review(project: Project) -> None:
    project.code(method="rules")
    press(open_app(project, coder="Bob", wanted=WANTED), "r")
    app = open_app(project, coder="Bob", wanted=ReviewFilter(cases=("m1",)))
    screen = press(app)
    key = next(own.coding for own in app.case.codings if own.coder == "Ann")
    app.take_in_hand(key)
    screen = press(app, "a")
    assert shows(screen, "Ann added this")
    stop(app)
    app = open_app(project, wanted=ReviewFilter(cases=("m1",)))
    press(app)
    app.take_in_hand(key)
    assert shows(press(app, "i"), "your own, rejected by consensus")
    stop(app)


# --- one question at a time ----------------------------------------------------------------


def ask(project: Project, *answers: str, wanted: ReviewFilter = WANTED) -> str:
    said = io.StringIO()
    session = project.review("Ann", wanted)
    Prompts(session, io.StringIO("".join(f"{own}\n" for own in answers)), said).run()
    return said.getvalue()


def test_prompts_say_who_said_what_and_settle(project: Project) -> None:
    said = ask(project, "1", "2", "0")
    assert "Case m1, 1 of 2. 3 disagreements left." in said
    assert "Disagreement 1 of 1 in this case: Barrier: Debt, Ann added · Bob nothing" in said
    assert "Accepted by consensus: Barrier: Debt." in said
    assert "Rejected by consensus: Barrier: Isolation." in said
    assert "case done" not in said
    assert [own[::2] for own in agreed(project)] == [("accept", 1), ("reject", 1)]
    assert "Disagreement 2 of 2 in this case: Barrier: Debt, Ann nothing" in ask(project, "0")


def test_prompts_read_other_words_and_what_was_added(project: Project) -> None:
    said = ask(project, "3", "iso", "1", "0", wanted=THREE)
    assert "Other words: [[debts]]" in said
    assert "Recoded as Barrier: Isolation." in said
    said = ask(project, "t", "0", wanted=THREE)
    assert "Coded: Barrier: Isolation: They had debts" in said


def test_prompts_take_other_words(project: Project) -> None:
    ask(project, "4", "had debts", "0")
    assert ("debt", "had debts", "Ann", "added", 1) in standing(project, "m1")
    assert "Nothing to undo." not in ask(project, "7", "0")
    assert len(standing(project, "m1")) == 4


def test_help_says_what_one_does_here() -> None:
    pages = [
        help_page(blind=blind, consensus=consensus)
        for blind, consensus in ((False, False), (True, False), (False, True))
    ]
    assert "proposed coding" in pages[0]
    assert "nobody's codings are shown" in pages[1]
    assert "settle what they differ on" in pages[2]
    # A page fits a small terminal, and keeps the first line of keys.
    for page in pages:
        assert len(page.split("\n")) <= 22
        assert max(map(len, page.split("\n"))) <= 78
        assert "DECIDE" in page
