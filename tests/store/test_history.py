"""The record itself: only added to, read back with names, and what of it comes next."""

from __future__ import annotations

import sqlite3

import pytest
from factories import case, parsed

from qualkit.store.history import (
    Line,
    count_history,
    fetch_last_step,
    fetch_lines,
    find_step,
    iterate_history,
    record,
)
from qualkit.store.models import save_model
from qualkit.store.sources import save_source
from qualkit.store.writing import transaction

ANN, BOB = 2, 3


@pytest.fixture
def filled(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Cases m1 and m2, rows 1 and 2, of one segment each; Ann and Bob, rows 2 and 3."""
    cases = [case("m1", "One text."), case("m2", "Another text.")]
    save_source(connection, parsed(cases), lambda rejection: None)
    connection.execute("INSERT INTO coders (name, machine) VALUES ('Ann', 0), ('Bob', 0)")
    return connection


def step(connection: sqlite3.Connection, coder: int | None, *lines: Line, **turns: int) -> int:
    with transaction(connection):
        return record(connection, coder, lines or [Line("memo", about_key=1)], **turns)


def next_step(connection: sqlite3.Connection, coder: int, *, redo: bool = False) -> int | None:
    return find_step(connection, coder, redo=redo)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET verdict = 'accept'",
        "DELETE FROM history",
        "INSERT OR REPLACE INTO history SELECT id, step, at, 3, undoes, redoes, action, case_key,"
        " segment_key, code_key, start_char, end_char, about_key, guid, verdict, consensus"
        " FROM history",
    ],
    ids=["update", "delete", "replace"],
)
def test_lines_cannot_be_changed_or_removed(filled: sqlite3.Connection, statement: str) -> None:
    step(filled, ANN)
    before = filled.execute("SELECT * FROM history").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        filled.execute(statement)
    assert filled.execute("SELECT * FROM history").fetchall() == before


def test_step_outside_a_transaction_is_refused(filled: sqlite3.Connection) -> None:
    with pytest.raises(RuntimeError):
        record(filled, ANN, [Line("memo")])


def test_lines_come_back_as_they_were_written(filled: sqlite3.Connection) -> None:
    lines = [
        Line("decide", 1, 1, 5, 0, 3, 9, verdict="reject", consensus=1),
        Line("add", 1, 1, 6, 2, 4, 7, guid="some-guid"),
    ]
    assert fetch_lines(filled, step(filled, ANN, *lines)) == lines


def test_steps_are_numbered_whoever_takes_them_and_may_go_on(filled: sqlite3.Connection) -> None:
    first = fetch_last_step(filled, ANN)
    assert first is None
    one, two = step(filled, ANN), step(filled, BOB)
    assert two == one + 1
    with transaction(filled):
        own = record(filled, ANN, [Line("memo", about_key=1)])
        assert record(filled, ANN, [Line("memo", about_key=2)], step=own) == own
    assert [line.about_key for line in fetch_lines(filled, own)] == [1, 2]
    assert fetch_last_step(filled, ANN) == own


def test_undo_goes_back_step_by_step_and_redo_forth(filled: sqlite3.Connection) -> None:
    one, two = step(filled, ANN), step(filled, ANN)
    step(filled, BOB)
    assert next_step(filled, ANN) == two
    assert next_step(filled, ANN, redo=True) is None
    undo_two = step(filled, ANN, undoes=two)
    assert (next_step(filled, ANN), next_step(filled, ANN, redo=True)) == (one, undo_two)
    undo_one = step(filled, ANN, undoes=one)
    assert (next_step(filled, ANN), next_step(filled, ANN, redo=True)) == (None, undo_one)
    again = step(filled, ANN, redoes=undo_one)
    assert (next_step(filled, ANN), next_step(filled, ANN, redo=True)) == (again, undo_two)
    undo_again = step(filled, ANN, undoes=again)
    assert (next_step(filled, ANN), next_step(filled, ANN, redo=True)) == (None, undo_again)
    step(filled, ANN, redoes=undo_again)
    assert next_step(filled, ANN, redo=True) == undo_two


def test_something_new_leaves_nothing_to_redo(filled: sqlite3.Connection) -> None:
    one = step(filled, ANN)
    step(filled, ANN, undoes=one)
    new = step(filled, ANN)
    assert (next_step(filled, ANN), next_step(filled, ANN, redo=True)) == (new, None)


def test_what_is_no_persons_choice_to_take_back_is_no_step_of_hers(
    filled: sqlite3.Connection,
) -> None:
    one = step(filled, ANN)
    step(filled, ANN, Line("merge"), Line("memo", about_key=1))
    assert next_step(filled, ANN) == one


@pytest.mark.parametrize("what", ["text", "forget"])
def test_steps_on_a_text_that_changed_or_went_are_passed_over(
    filled: sqlite3.Connection, what: str
) -> None:
    older = step(filled, ANN, Line("decide", 2, 2, 1, 0, 3, 1, verdict="accept"))
    step(filled, ANN, Line("decide", 1, 1, 1, 0, 3, 2, verdict="accept"))
    memo = step(filled, ANN, Line("memo", case_key=1, about_key=1))
    step(filled, None, Line(what, case_key=1))
    # A memo on the case is no worse for it.
    assert find_step(filled, ANN, redo=False) == (memo, 0)
    step(filled, ANN, Line("unmemo", case_key=1, about_key=1), undoes=memo)
    assert find_step(filled, ANN, redo=False) == (older, 1)
    assert find_step(filled, ANN, redo=False, besides=[older]) == (None, 2)
    newer = step(filled, ANN, Line("decide", 1, 1, 1, 0, 3, 3, verdict="reject"))
    assert find_step(filled, ANN, redo=False) == (newer, 0)


def test_rows_used_anew_do_not_bring_old_steps_back(filled: sqlite3.Connection) -> None:
    step(filled, ANN, Line("decide", 1, 2, 1, 0, 3, 1, verdict="accept"))
    # Segment 2 is another case's by now.
    assert find_step(filled, ANN, redo=False) == (None, 1)


def test_record_is_read_with_names_and_without_words(filled: sqlite3.Connection) -> None:
    own = step(filled, ANN, Line("decide", 1, 1, None, 0, 3, 1, verdict="accept"))
    step(filled, BOB, Line("done", case_key=2, about_key=7))
    (entry,) = iterate_history(filled, step=own)
    assert (entry.coder, entry.case_id, entry.segment_n, entry.start, entry.end) == (
        *("Ann", "m1", 1),
        *(0, 3),
    )
    everything = list(iterate_history(filled))
    # The import of the source comes first.
    assert [entry.action for entry in everything] == ["import", "decide", "done"]
    assert everything[0].about == "narratives.csv version 1"
    assert "text" not in str(everything).replace("text_", "")


def test_record_can_be_narrowed(filled: sqlite3.Connection) -> None:
    for coder, row, code in ((ANN, 1, 5), (BOB, 1, 6), (ANN, 2, 6)):
        step(filled, coder, Line("decide", row, row, code, 0, 3, 1, verdict="accept"))

    def steps(**wanted: object) -> list[int]:
        found = [entry.step for entry in iterate_history(filled, **wanted)]  # type: ignore[arg-type]
        if "last" not in wanted:
            assert count_history(filled, **wanted) == len(found)  # type: ignore[arg-type]
        return found

    assert steps() == [1, 2, 3, 4]
    assert steps(coder=ANN) == [2, 4]
    assert steps(case_key=1) == [2, 3]
    assert steps(code_keys=[6]) == [3, 4]
    assert steps(code_keys=[5, 6], coder=ANN, case_key=1) == [2]
    assert steps(last=2) == [3, 4]
    assert steps(coder=ANN, last=1) == [4]
    assert steps(last=99) == [1, 2, 3, 4]


def test_changed_texts_are_told_with_their_case_only(filled: sqlite3.Connection) -> None:
    cases = [case("m1", "One other text."), case("m2", "Another text.")]
    save_source(filled, parsed(cases, content="two"), lambda rejection: None)
    assert [entry.action for entry in iterate_history(filled)] == ["import", "import"]
    assert [entry.action for entry in iterate_history(filled, case_key=1)] == ["text"]
    assert list(iterate_history(filled, case_key=2)) == []


def test_forgotten_case_gives_its_name_to_no_other(filled: sqlite3.Connection) -> None:
    step(filled, ANN, Line("done", case_key=2, about_key=7))
    with transaction(filled):
        filled.execute("DELETE FROM segments WHERE case_key = 2")
        filled.execute("DELETE FROM cases WHERE id = 2")
        record(filled, None, [Line("forget", case_key=2)])
    save_source(filled, parsed([case("new", "Words.")], name="b.csv"), lambda rejection: None)
    assert filled.execute("SELECT id FROM cases WHERE case_id = 'new'").fetchone() == (2,)
    old, _ = iterate_history(filled, case_key=2)
    assert (old.action, old.case_id) == ("done", "")
    assert find_step(filled, ANN, redo=False) == (None, 1)


def test_learning_is_on_record(connection: sqlite3.Connection) -> None:
    key = save_model(connection, content_hash="h", settings={}, arrays={}, qualkit_version="1")
    (entry,) = iterate_history(connection)
    assert (entry.coder, entry.action, entry.about) == ("qualkit", "learn", f"model {key}")
