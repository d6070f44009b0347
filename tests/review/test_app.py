"""Each key does what the help says, is in the store, and can be seen."""

from __future__ import annotations

import pytest
from pressing import letters, open_app, own_codings, press, running, statuses, stop
from textual import events

from qualkit.errors import QualkitError
from qualkit.model import ReviewFilter
from qualkit.project import Project

QUOTE = "They had debts all year"


def decided(project: Project) -> list[str]:
    return [status for _, status in statuses(project)]


def done(project: Project) -> list[str]:
    return [
        case_id
        for (case_id,) in project.connection.execute(
            "SELECT DISTINCT c.case_id FROM done_cases d JOIN cases c ON c.id = d.case_key"
            " ORDER BY c.id"
        )
    ]


def shows(screen: list[str], *words: str) -> bool:
    return all(any(word in row for row in screen) for word in words)


# --- the screen ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
def test_screen_shows_text_codings_code_progress_and_keys(
    project: Project, size: tuple[int, int]
) -> None:
    screen = press(open_app(project), size=size)
    assert len(screen) == size[1]
    assert max(map(len, screen)) <= size[0]
    assert shows(screen, "n1", "case 1 of 3", "0 of 8 decided, 8 left", "debts")
    assert shows(screen, "▸? bar Debt", "Barrier: Debt", "undecided", "? help  q quit")


def test_line_of_keys_never_lacks_help_and_quit(project: Project) -> None:
    for width in (40, 80, 200):
        assert press(open_app(project), size=(width, 20))[-1].endswith("? help  q quit")


def test_quotation_in_hand_is_marked_beside_its_row(project: Project) -> None:
    screen = press(open_app(project), "n", "n")
    assert shows(screen, "▸ She was so lonely there.", "▸? bar Isolation")


def test_far_quotation_is_scrolled_into_view(project: Project) -> None:
    from factories import case, parsed

    from qualkit.store.sources import save_source

    far = case("z1", " ".join(["word"] * 3000) + " debts at last.")
    save_source(project.connection, parsed([far], name="far.csv"), lambda rejection: None)
    project.code()
    app = open_app(project, wanted=ReviewFilter(cases=("z1",)))
    assert shows(press(app), "debts at last")


def test_hostile_text_is_only_seen(hostile: Project) -> None:
    app = open_app(hostile)
    screen = press(app)
    assert shows(screen, "She␛[2J said [red]no[/red] �debts�.", "▸")
    assert not [row for row in screen if any(char in row for char in "\x1b\x9b\u202e\u200d\x07")]


def test_hostile_text_is_coded_at_its_offsets(hostile: Project) -> None:
    app = open_app(hostile)
    press(app, "j", "right_square_bracket")
    ((_, code, quote),) = own_codings(hostile)
    assert code in ("debt", "home")
    # The quotation of the machine had ended with the word before.
    assert quote.startswith("\N{FAMILY}\u200d\N{GIRL} had cafe\u0301 debts")
    assert quote.endswith(("and " + "x" * 300, " and"))


# --- decide ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["a", "enter"])
def test_accept_keeps_and_goes_on(project: Project, key: str) -> None:
    app = open_app(project)
    screen = press(app, key)
    assert decided(project)[:2] == ["accepted", "unreviewed"]
    assert shows(screen, "Accepted Debt.", "▸? dom Home", " ✓ bar Debt", "1 of 8 decided, 7 left")


def test_reject_keeps_and_goes_on(project: Project) -> None:
    screen = press(open_app(project), "r")
    assert decided(project)[:2] == ["rejected", "unreviewed"]
    assert shows(screen, "Rejected Debt.", " ✗ bar Debt")


def test_next_leaves_undecided(project: Project) -> None:
    app = open_app(project)
    press(app, "n", "space")
    assert set(decided(project)) == {"unreviewed"}
    assert app.session.at == 2


def test_case_stays_when_all_is_decided_and_enter_goes_on(project: Project) -> None:
    app = open_app(project)
    screen = press(app, "a", "r", "a", "r")
    assert shows(screen, "n1 is all decided: n goes on", "All codings of this case are decided")
    screen = press(app, "enter")
    assert shows(screen, "n2 · case 2 of 3", "Now case n2")
    # Going on with Enter decided nothing.
    assert decided(project)[:5] == ["accepted", "rejected", "accepted", "rejected", "unreviewed"]
    assert done(project) == ["n1"]


def test_with_a_filter_each_decision_goes_to_the_next_case(project: Project) -> None:
    debt = project.review_filter(codes=["debt"])
    app = open_app(project, wanted=debt)
    screen = press(app, "a")
    assert shows(screen, "Accepted Debt. Now case n2", "Debt, case by case · Ann")
    screen = press(app, "a")
    assert shows(screen, "Everything is decided")


def test_arrows_go_over_codings_and_cases(project: Project) -> None:
    app = open_app(project)
    assert shows(press(app, "down", "j"), "▸? bar Isolation")
    assert shows(press(app, "up"), "▸? dom Home")
    assert shows(press(app, "k", "k"), "That is the first coding of the case")
    assert shows(press(app, "right"), "n2 · case 2 of 3")
    assert shows(press(app, "left", "left"), "That is the first case")


def test_decision_can_be_changed(project: Project) -> None:
    press(open_app(project), "a", "up", "r")
    assert decided(project)[:2] == ["rejected", "unreviewed"]


# --- undo ------------------------------------------------------------------------------


def test_undo_and_redo_without_limit(project: Project) -> None:
    app = open_app(project)
    press(app, "a", "r", "a", "r", "n", "a", "r")
    after = decided(project)
    screen = press(app, *["u"] * 6)
    assert set(decided(project)) == {"unreviewed"}
    assert shows(screen, "Undone: accept Debt", "▸? bar Debt", "0 of 8 decided")
    assert shows(press(app, "u"), "There is nothing to undo")
    press(app, "U", "ctrl+r", "U", "U", "U", "U")
    assert decided(project) == after
    assert shows(press(app, "U"), "There is nothing to do again")


def test_undo_outlives_the_app(project: Project) -> None:
    press(open_app(project), "a", "q")
    press(open_app(project), "u")
    assert set(decided(project)) == {"unreviewed"}


# --- recode, move, add -----------------------------------------------------------------


def test_recode_finds_a_code_by_letters(project: Project) -> None:
    app = open_app(project)
    screen = press(app, "c", *letters("iso"))
    assert shows(screen, "Instead of Debt", "› iso", "▸ Barrier: Isolation")
    press(app, "escape")
    assert own_codings(project) == []
    screen = press(app, "c", *letters("iso"), "enter")
    assert own_codings(project) == [("n1", "isolation", QUOTE)]
    assert decided(project)[0] == "rejected"
    assert shows(screen, "Recoded as Isolation.")
    press(app, "u")
    assert own_codings(project) == []
    assert decided(project)[0] == "unreviewed"


def test_full_stop_gives_the_last_code_again(project: Project) -> None:
    press(open_app(project), "c", *letters("frie"), "enter", "full_stop")
    # Recoding the domain of the same words to the same code as a moment ago: one coding.
    assert own_codings(project) == [("n1", "friends", QUOTE)]
    assert decided(project)[:2] == ["rejected", "rejected"]


def test_ends_of_the_quotation_move_by_words(project: Project) -> None:
    app = open_app(project)
    press(app, "right_square_bracket", "left_square_bracket")
    assert own_codings(project) == [("n1", "debt", f"early. {QUOTE}. Then")]
    press(app, "left_curly_bracket", "right_curly_bracket", "right_curly_bracket")
    assert own_codings(project) == [("n1", "debt", "They had debts all")]
    press(app, *["left_curly_bracket"] * 3)
    screen = press(app, "left_curly_bracket")
    assert own_codings(project) == [("n1", "debt", "all")]
    assert shows(screen, "The quotation cannot go further that way")
    press(app, "u", "u", "u")
    assert own_codings(project) == [("n1", "debt", "They had debts all")]
    press(app, "shift+right", "shift+right", "shift+left")
    assert own_codings(project) == [("n1", "debt", QUOTE)]
    # The machine's own coding of these words stays rejected until all is undone.
    assert decided(project)[0] == "rejected"
    press(app, *["u"] * 8)
    assert set(decided(project)) == {"unreviewed"}


def test_selected_words_get_a_code(project: Project) -> None:
    app = open_app(project)
    keys = ["right", "v", "up", "up", "v", "right", "right"]
    screen = press(app, *keys)
    assert shows(screen, "Arrows select on; Enter chooses the code")
    screen = press(app, "enter", *letters("iso"), "enter")
    assert own_codings(project) == [("n2", "isolation", "The debts grew")]
    assert shows(screen, "Added Isolation", "▸+ bar Isolation", "your own")


def test_selection_by_shift_and_by_sentence(project: Project) -> None:
    app = open_app(project)
    press(app, "v", "shift+right", "enter", *letters("frie"), "enter")
    assert own_codings(project) == [("n1", "friends", "They had")]
    press(app, "right", "s", "s", "full_stop")
    whole = "The debts grew. Nobody came to help them"
    assert own_codings(project)[1:] == [("n2", "friends", whole)]


def test_cursor_goes_into_the_next_answer_but_a_quotation_does_not(project: Project) -> None:
    app = open_app(project)
    screen = press(app, "v", "v", *["right"] * 8)
    assert shows(screen, "A quotation lies within one answer")
    press(
        app, "escape", "v", *["down"] * 3, "v", *["right"] * 9, "enter", *letters("debt"), "enter"
    )
    ((case_id, _, quote),) = own_codings(project)
    assert (case_id, quote.endswith("there")) == ("n1", True)


def test_a_further_code_for_the_same_words(project: Project) -> None:
    press(open_app(project), "plus", *letters("iso"), "enter")
    assert own_codings(project) == [("n1", "isolation", QUOTE)]
    assert decided(project)[0] == "unreviewed"


def test_own_coding_is_removed_and_comes_back(project: Project) -> None:
    app = open_app(project)
    press(app, "plus", *letters("iso"), "enter", "x")
    assert own_codings(project) == []
    press(app, "u")
    assert own_codings(project) == [("n1", "isolation", QUOTE)]
    assert shows(press(app, "home", "up", "x"), "Only a coding of your own can be removed")


def test_leaving_a_selection_adds_nothing(project: Project) -> None:
    screen = press(open_app(project), "v", "right", "r", "escape")
    assert own_codings(project) == []
    assert set(decided(project)) == {"unreviewed"}
    assert shows(screen, "a accept")


# --- the mouse ---------------------------------------------------------------------------


def test_mouse_selects_words_and_takes_codings_in_hand(project: Project) -> None:
    app = open_app(project)
    own = running(app)

    async def use_mouse() -> None:
        # Row 1 of the text is the answer; two cells of gutter.
        await own.pilot.mouse_down("#text", offset=(3, 1))
        await own.pilot.hover("#text", offset=(9, 1))
        await own.pilot.mouse_up("#text", offset=(9, 1))

    own.runner.run(use_mouse())
    press(app, "enter", *letters("iso"), "enter")
    assert own_codings(project) == [("n1", "isolation", "It began")]
    own.runner.run(own.pilot.click("#list", offset=(6, 3)))
    assert shows(press(app), "▸? dom Home")
    own.runner.run(own.pilot.click("#text", offset=(24, 1)))
    assert shows(press(app), "▸? bar Debt")


# --- memo, done, cases, filter, help -------------------------------------------------------


def memos(project: Project) -> list[tuple[str, str]]:
    return project.connection.execute("SELECT about, text FROM memos WHERE hidden = 0").fetchall()


def test_memos_on_case_coding_and_code(project: Project) -> None:
    app = open_app(project)
    press(app, "m", *letters("one"), "enter")
    press(app, "m", "tab", *letters("two"), "enter", "m", "tab", "tab", "3", "enter")
    assert memos(project) == [("case", "one"), ("coding", "two"), ("code", "3")]
    assert shows(press(app, "m"), "Memo on case n1", "one")


def test_memo_that_was_left_is_there_again(project: Project) -> None:
    app = open_app(project)
    assert shows(press(app, "m", *letters("half"), "escape"), "Not kept; m has your text still")
    assert memos(project) == []
    press(app, "m", "x", "enter")
    assert memos(project) == [("case", "halfx")]


def test_done_goes_to_the_next_case_and_undo_takes_only_that_back(project: Project) -> None:
    app = open_app(project)
    screen = press(app, "a", "d")
    assert done(project) == ["n1"]
    assert shows(screen, "n1 is done; now n2", "n2 · case 2 of 3")
    press(app, "u")
    assert done(project) == []
    assert decided(project)[0] == "accepted"


def test_list_of_cases_leads_to_one(project: Project) -> None:
    app = open_app(project)
    assert shows(press(app, "g"), "Go to a case", "n3", "2 of 2 left")
    assert shows(press(app, "3", "enter"), "n3 · case 3 of 3")


@pytest.mark.parametrize(
    ("keys", "n", "told"),
    [
        (["c", "o", "d", "e", "enter", *letters("debt"), "enter"], 2, "Debt"),
        ([*letters("cat"), "enter", *letters("dom"), "enter"], 4, "all of domain"),
        ([*letters("dom"), "enter", *letters("fri"), "enter"], 4, "domain friends"),
        ([*letters("ord"), "enter", *letters("doubt"), "enter"], 8, "most doubtful first"),
        ([*letters("sco"), "enter", *["backspace"] * 3, *letters("0.5-1"), "enter"], 8, "0.5"),
    ],
)
def test_filter_takes_hold_at_once(project: Project, keys: list[str], n: int, told: str) -> None:
    app = open_app(project)
    screen = press(app, "f", *keys)
    assert len(app.session.items) == n
    assert shows(screen, f"{n} to go through", told)
    press(app, "f", *letters("no f"), "enter")
    assert app.session.wanted == ReviewFilter()


def test_filter_that_lets_nothing_through_is_said(project: Project) -> None:
    app = open_app(project)
    screen = press(
        app, "f", *letters("sco"), "enter", *["backspace"] * 3, *letters("0-0.1"), "enter"
    )
    assert shows(screen, "! there is nothing to review")
    assert len(app.session.items) == 8
    assert decided(project)[0] == "unreviewed"
    press(app, "a")
    assert decided(project)[0] == "accepted"


def test_scores_that_make_no_sense_are_said(project: Project) -> None:
    screen = press(open_app(project), "f", *letters("sco"), "enter", "x", "enter")
    assert shows(screen, "! Scores go from 0 to 1")


def test_help_is_one_page_and_any_key_closes_it(project: Project) -> None:
    app = open_app(project)
    screen = press(app, "question_mark")
    assert shows(screen, "DECIDE", "ADD A CODING", "quit; you go on there next time", "any key")
    screen = press(app, "a")
    assert shows(screen, "0 of 8 decided")


def test_keys_typed_ahead_reach_the_window_they_are_for(project: Project) -> None:
    app = open_app(project)
    press(app)
    for key in ["c", *letters("iso"), "enter", "a"]:
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    press(app)
    assert own_codings(project) == [("n1", "isolation", QUOTE)]
    assert decided(project)[:3] == ["rejected", "accepted", "unreviewed"]


# --- errors, resume, blind --------------------------------------------------------------------


def test_error_of_the_session_is_a_message_and_the_app_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(project)

    def refuse(coding: object) -> None:
        raise QualkitError("the project is being written to", to_do="try again")

    monkeypatch.setattr(app.session, "accept", refuse)
    screen = press(app, "a")
    assert shows(screen, "! the project is being written to. try again", "▸? bar Debt")
    press(app, "r")
    assert decided(project)[0] == "rejected"


def test_coding_gone_meanwhile_is_a_message(project: Project) -> None:
    app = open_app(project)
    press(app)
    assert app.in_hand is not None
    gone = app.in_hand.coding
    project.connection.execute("DELETE FROM codings WHERE id = ?", (gone,))
    assert shows(press(app, "a"), f"! the coding {gone} has changed or gone", "1 of 8 decided")
    # Nothing is in hand now: the first key goes on, the second decides.
    press(app, "a", "a")
    assert decided(project)[0] == "accepted"


def test_fault_shows_no_words_and_is_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(project)
    monkeypatch.setattr(app.session, "accept", lambda coding: 1 / 0)
    press(app, "a")
    with pytest.raises(ZeroDivisionError):
        stop(app)
    assert isinstance(app.fault, ZeroDivisionError)
    assert not app._exit_renderables


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_place_and_filter_are_kept(project: Project, key: str) -> None:
    first = open_app(project, wanted=project.review_filter(codes=["debt"]))
    press(first, "n", key)
    again = open_app(project)
    assert again.session.wanted == first.session.wanted
    assert again.session.at == 1
    assert again.n_decided == 0


def test_number_decided_counts_over_filters(project: Project) -> None:
    app = open_app(project)
    press(app, "a", "a", "f", *letters("cat"), "enter", *letters("bar"), "enter", "a")
    assert app.n_decided == 3


def test_blind_coder_sees_own_codings_only_and_marks_done(project: Project) -> None:
    press(open_app(project, "Bea"), "plus", *letters("iso"), "enter")
    app = open_app(project, "Ann", ReviewFilter(blind=True))
    screen = press(app)
    assert shows(screen, "no codings yet", "0 of 4 cases done", "v selects words to code")
    assert not shows(screen, "Debt")
    screen = press(app, "v", "shift+right", "enter", *letters("iso"), "enter", "d")
    assert own_codings(project) == [("n1", "isolation", "It began")]
    assert done(project) == ["n1"]
    assert shows(screen, "n2 · case 2 of 4", "1 of 4 cases done")


def test_anothers_coding_is_left_to_her(project: Project) -> None:
    press(open_app(project, "Bea"), "plus", *letters("iso"), "enter")
    app = open_app(project)
    keys = [own.coding for own in app.case.codings if own.coder == "Bea"]
    app.take_in_hand(keys[0])

    screen = press(app, "j", "j", "a")
    assert own_codings(project, "Bea") == [("n1", "isolation", QUOTE)]
    assert shows(screen, "Bea added this") or decided(project).count("accepted") == 1
