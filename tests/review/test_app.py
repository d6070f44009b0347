"""Each key does what the help says, and is in the store when it has done it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from qualkit.model import ReviewFilter
from qualkit.project import Project
from qualkit.review.app import ReviewApp
from qualkit.review.display import shown

Steps = Callable[[Pilot[None], ReviewApp], Coroutine[Any, Any, None]]


def run(
    project: Project,
    steps: Steps,
    wanted: ReviewFilter | None = None,
    *,
    size: tuple[int, int] = (80, 24),
) -> None:
    """Run the app as Ann, and the steps in it."""

    async def main() -> None:
        def reopen(other: ReviewFilter):
            return project.review("Ann", other)

        app = ReviewApp(project.review("Ann", wanted), reopen)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot, app)

    asyncio.run(main())


def press(*keys: str) -> Steps:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press(*keys)
        await pilot.pause()

    return steps


def codings(project: Project) -> list[tuple[str, str, str, str, str]]:
    """Case, code, quotation, coder and status of every coding."""
    return project.connection.execute(
        "SELECT c.case_id, k.category || '.' || k.code, g.quote, p.name, g.status FROM codings g"
        " JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
        " JOIN coders p ON p.id = g.coder_key ORDER BY g.case_key, g.segment_key, g.start_char,"
        " g.id"
    ).fetchall()


def decided(project: Project) -> list[tuple[str, str]]:
    return [(case_id, status) for case_id, _, _, _, status in codings(project)]


def text_of(app: ReviewApp, name: str) -> str:
    return str(app.screen_stack[0].query_one(name, Static).content)


def pane_text(app: ReviewApp) -> str:
    height = app.pane.size.height
    return "\n".join(app.pane.render_line(y).text.rstrip() for y in range(height))


# --- deciding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "status"), [("a", "accepted"), ("enter", "accepted"), ("r", "rejected")]
)
def test_one_key_decides_and_goes_on(project: Project, key: str, status: str) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press(key)
        await pilot.pause()
        assert "1 of " in text_of(app, "#head")
        assert status in text_of(app, "#says")
        assert app.session.at == 1

    run(project, steps)
    assert [state for _, state in decided(project)].count(status) == 1
    assert decided(project)[0] == ("m1", status)


def test_undo_and_redo_go_back_and_forth_without_end(project: Project) -> None:
    before = codings(project)
    run(project, press("a", "r", "a", *["u"] * 5))
    assert codings(project) == before
    run(project, press("U", "U", "U"))
    assert [state for _, state in decided(project)][:3] == ["accepted", "rejected", "accepted"]


def test_case_left_decided_is_done(project: Project) -> None:
    run(project, press("a", "a", "a", "a"))
    done = project.connection.execute(
        "SELECT c.case_id FROM done_cases d JOIN cases c ON c.id = d.case_key"
    ).fetchall()
    assert done == [("m1",)]


def test_undecided_stays_undecided_and_she_comes_back_to_it(project: Project) -> None:
    run(project, press("n", "n", "q"))
    assert {state for _, state in decided(project)} == {"unreviewed"}
    assert project.review("Ann", resume=True).at == 2


def test_another_code_is_found_by_a_few_letters(project: Project) -> None:
    run(project, press("j", "c", "i", "s", "o", "enter"))
    found = [row for row in codings(project) if row[0] == "m1" and "debts" in row[2]]
    assert ("m1", "barrier.isolation", "They had debts", "Ann", "added") in found
    assert [row[4] for row in found].count("rejected") == 1


def test_quotation_is_narrowed_by_words(project: Project) -> None:
    run(project, press("left_curly_bracket", "left_curly_bracket", "right_square_bracket"))
    own = [row for row in codings(project) if row[3] == "Ann"]
    assert [row[2] for row in own] == ["debts."]


def test_selected_words_get_a_code_and_the_next_ones_the_same(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("v", "right", "v", "right", "enter", *"debt", "enter")
        await pilot.pause()
        await pilot.press("right", "v", "full_stop")
        await pilot.pause()

    run(project, steps)
    own = [(row[0], row[1], row[2]) for row in codings(project) if row[3] == "Ann"]
    # The place in m1 begins at its first word; m2 has one coding, from its first word.
    assert own == [("m1", "barrier.debt", "had debts."), ("m2", "barrier.debt", "He")]


def test_words_dragged_over_with_the_mouse_are_selected(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        row = pane_text(app).splitlines().index("They had debts.")
        await pilot.mouse_down("#text", offset=(1 + 6, row))
        await pilot.hover("#text", offset=(1 + 10, row))
        await pilot.mouse_up("#text", offset=(1 + 10, row))
        await pilot.pause()
        await pilot.press(*"debt", "enter")
        await pilot.pause()

    run(project, steps)
    own = [row[2] for row in codings(project) if row[3] == "Ann"]
    assert own == ["had debts."]


def test_memo_is_kept_on_the_coding(project: Project) -> None:
    run(project, press("m", *"ask", "enter"))
    rows = project.connection.execute("SELECT about, text FROM memos").fetchall()
    assert rows == [("coding", "ask")]


def test_filter_narrows_the_queue(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        before = len(app.session.items)
        await pilot.press("f", *"only debt", "enter")
        await pilot.pause()
        codes = {app.session.codes[key].code for key in app.session.wanted.codes}
        assert codes == {"debt"}
        assert 0 < len(app.session.items) < before

    run(project, steps)


def test_case_is_found_by_a_part_of_its_id(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("g", "4", "enter")
        await pilot.pause()
        assert app.session.case.case_id == "m4"

    run(project, steps)


# --- seeing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
def test_quotation_far_down_comes_into_view(project: Project, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        assert "arrears" not in pane_text(app)
        await pilot.press("g", "4", "enter")
        await pilot.pause()
        assert "arrears" in pane_text(app)

    run(project, steps, size=size)


def test_hostile_text_is_shown_and_coded_at_its_place(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("g", "5", "enter")
        await pilot.pause()
        seen = pane_text(app)
        assert "\x1b" not in seen
        assert "\x07" not in seen
        assert "\u202e" not in seen
        assert "[bold]" in seen
        await pilot.press("v", "full_stop")
        await pilot.press("enter", *"debt", "enter")
        await pilot.pause()

    run(project, steps)
    for case_id, _, quote, coder, _ in codings(project):
        if coder == "Ann":
            text = project.connection.execute(
                "SELECT s.text FROM segments s JOIN cases c ON c.id = s.case_key"
                " WHERE c.case_id = ?",
                (case_id,),
            ).fetchone()[0]
            assert quote in text


def test_help_teaches_on_one_screen(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        assert len(app.screen_stack) == 2
        box = app.screen.query_one(".box")
        assert box.size.height <= 24
        assert box.max_scroll_y == 0
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1

    run(project, steps)


def test_what_the_session_refuses_is_said_and_the_app_goes_on(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        project.connection.execute("DELETE FROM codings WHERE id = ?", (app._current,))
        await pilot.press("a")
        await pilot.pause()
        assert "changed or gone" in text_of(app, "#says")
        await pilot.press("n", "a")
        await pilot.pause()
        assert "accepted" in text_of(app, "#says")

    run(project, steps)


# --- blind ------------------------------------------------------------------------------------


def test_blind_coder_codes_a_case_and_is_done_with_it(project: Project) -> None:
    async def steps(pilot: Pilot[None], app: ReviewApp) -> None:
        assert app.session.case.codings == ()
        assert "Debt" not in text_of(app, "#list")
        await pilot.press("v", "right", "right", "enter", *"debt", "enter", "d")
        await pilot.pause()
        assert app.session.case.case_id == "m2"

    run(project, steps, ReviewFilter(blind=True))
    own = [row[:3] for row in codings(project) if row[3] == "Ann"]
    assert own == [("m1", "barrier.debt", "debts.")]
    done = project.connection.execute("SELECT count(*) FROM done_cases").fetchone()[0]
    assert done == 1


def test_text_is_shown_as_long_as_it_is() -> None:
    hostile = "a\x00b\x1b[0m\u202ec\u200bd\ud800\x7f\x9f\tz"
    safe = shown(hostile)
    assert len(safe) == len(hostile)
    assert safe.isprintable()
