"""What a person does: each action, and that undo and redo are each other's opposite.

The texts are `abcdefghij` and `klmnopqrst`, segments 1 of the cases m1 and m2. The machine
has four codings:

| row | segment | code | from | to |
|---|---|---|---|---|
| 1 | 1 | 1 | 0 | 5 |
| 2 | 1 | 1 | 3 | 8 |
| 3 | 1 | 2 | 0 | 5 |
| 4 | 2 | 1 | 2 | 6 |
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache

import pytest
from factories import case, parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.errors import QualkitError
from qualkit.store import deciding
from qualkit.store.codings import Verdict, resolve
from qualkit.store.deciding import StaleError, Stretch
from qualkit.store.history import Line, fetch_last_step, fetch_lines, find_step, record
from qualkit.store.sources import save_source
from qualkit.store.writing import transaction

TEXTS = ("abcdefghij", "klmnopqrst")
MACHINE = ((1, 1, 0, 5), (1, 1, 3, 8), (1, 2, 0, 5), (2, 1, 2, 6))


@cache
def template() -> sqlite3.Connection:
    """A project in memory, made once."""
    from sqlite_utils import Database

    from qualkit.store.migrations import migrations

    made = sqlite3.connect(":memory:", isolation_level=None)
    migrations().apply(Database(made, execute_plugins=False))
    cases = [case(f"m{number}", text) for number, text in enumerate(TEXTS, start=1)]
    save_source(made, parsed(cases), lambda rejection: None)
    made.execute("INSERT INTO codebooks (name, title) VALUES ('small', '')")
    made.executemany(
        "INSERT INTO codes (codebook_key, category, code, name, position, definition, include,"
        " exclude, about, code_group) VALUES (1, 'barrier', ?, '', 0, '', '', '', '', '')",
        [(f"c{number}",) for number in (1, 2, 3)],
    )
    made.executemany(
        "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
        " coder_key, rule, status) VALUES (?1, ?1, ?2, ?3, ?4, '', 1, '', 'unreviewed')",
        MACHINE,
    )
    return made


def fresh() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    template().backup(made)
    made.execute("PRAGMA foreign_keys = ON")
    return made


@pytest.fixture
def store() -> Iterator[sqlite3.Connection]:
    with closing(fresh()) as opened:
        yield opened


def decisions(store: sqlite3.Connection) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT d.id, d.segment_key, d.code_key, d.start_char, d.end_char, p.name, d.verdict,"
        " d.consensus FROM decisions d JOIN coders p ON p.id = d.coder_key ORDER BY d.id"
    ).fetchall()


def own_codings(store: sqlite3.Connection) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT g.guid, g.segment_key, g.case_key, g.code_key, g.start_char, g.end_char, g.quote,"
        " p.name, g.status FROM codings g JOIN coders p ON p.id = g.coder_key"
        " WHERE g.coder_key <> 1 ORDER BY g.guid"
    ).fetchall()


def statuses(store: sqlite3.Connection) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT id, status, flagged FROM codings WHERE coder_key = 1 ORDER BY id"
    ).fetchall()


def rest(store: sqlite3.Connection) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT 'done', d.codebook_key, d.case_key, p.name FROM done_cases d"
        " JOIN coders p ON p.id = d.coder_key UNION ALL"
        " SELECT 'memo', m.id, m.text, p.name FROM memos m JOIN coders p ON p.id = m.coder_key"
        " WHERE m.hidden = 0 ORDER BY 1, 2, 3, 4"
    ).fetchall()


def state(store: sqlite3.Connection) -> tuple[object, ...]:
    return decisions(store), own_codings(store), statuses(store), rest(store)


def of(store: sqlite3.Connection, coder: str) -> tuple[object, ...]:
    """What of the state is a coder's own: not what others agreed on her codings, their status."""
    return (
        [row for row in decisions(store) if row[5] == coder],
        [row[:-1] for row in own_codings(store) if row[7] == coder],
        [row for row in rest(store) if row[3] == coder],
    )


# --- each action -------------------------------------------------------------------------


def test_verdict_settles_what_it_touches_and_is_one_step(store: sqlite3.Connection) -> None:
    assert deciding.decide(store, 1, "accept", "Ann") == "accepted"
    # Coding 2 has the same code on some of the same words; 3 another code.
    assert [status for _, status, _ in statuses(store)] == [
        *("accepted", "accepted"),
        *("unreviewed", "unreviewed"),
    ]
    assert fetch_last_step(store, 2) == 2
    (line,) = fetch_lines(store, 2)
    assert (line.action, line.case_key, line.start, line.end, line.verdict) == (
        *("decide", 1),
        *(0, 5, "accept"),
    )


def test_same_verdict_again_changes_nothing(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "accept", "Ann")
    before = state(store), fetch_last_step(store, 2)
    assert deciding.decide(store, 1, "accept", "Ann") == "accepted"
    assert (state(store), fetch_last_step(store, 2)) == before


def test_other_verdict_takes_the_earlier_ones_place(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "accept", "Ann")
    assert deciding.decide(store, 1, "reject", "Ann") == "rejected"
    assert [row[6] for row in decisions(store)] == ["reject"]
    assert [line.action for line in fetch_lines(store, 3)] == ["retract", "decide"]
    deciding.undo(store, "Ann")
    assert [row[6] for row in decisions(store)] == ["accept"]
    assert statuses(store)[0] == (1, "accepted", 0)


def test_verdict_that_was_overruled_since_can_be_said_anew(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "accept", "Ann")
    # On some of the same words, so that her latest word on coding 1 is no.
    deciding.decide(store, 2, "reject", "Ann")
    assert statuses(store)[0] == (1, "rejected", 0)
    assert deciding.decide(store, 1, "accept", "Ann") == "accepted"


def test_verdict_that_comes_back_is_no_later_than_it_was(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "reject", "Ann")
    deciding.decide(store, 2, "accept", "Ann")
    before = state(store)
    assert [status for _, status, _ in before[2][:2]] == ["accepted", "accepted"]
    deciding.decide(store, 1, "accept", "Ann")
    deciding.undo(store, "Ann")
    assert state(store) == before


def test_coders_who_disagree_leave_it_open_until_they_agree(store: sqlite3.Connection) -> None:
    deciding.decide(store, 4, "accept", "Ann")
    deciding.decide(store, 4, "reject", "Bob")
    assert statuses(store)[3] == (4, "unreviewed", 1)
    deciding.decide(store, 4, "accept", "Bob", consensus=True)
    assert statuses(store)[3] == (4, "accepted", 0)
    deciding.undo(store, "Bob")
    assert statuses(store)[3] == (4, "unreviewed", 1)
    deciding.undo(store, "Bob")
    assert statuses(store)[3] == (4, "accepted", 0)


def test_only_the_machines_codings_are_decided_on(store: sqlite3.Connection) -> None:
    own = deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=2, coder="Ann")
    for number in (own, 99):
        with pytest.raises(StaleError):
            deciding.decide(store, number, "accept", "Bob")


@pytest.mark.parametrize("name", ["", "  ", "qualkit"])
def test_what_people_do_needs_a_persons_name(store: sqlite3.Connection, name: str) -> None:
    before = state(store)
    with pytest.raises(QualkitError, match="needs a person's name"):
        deciding.decide(store, 1, "accept", name)
    assert state(store) == before


def test_white_space_makes_no_other_person(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "accept", " Ann  Bee ")
    assert decisions(store)[0][5] == "Ann Bee"
    assert deciding.undo(store, "Ann  Bee")


def test_recoding_is_one_step(store: sqlite3.Connection) -> None:
    before = state(store)
    new = deciding.recode(store, 1, "Ann", code_key=3)
    assert deciding.find_coding(store, new) is not None
    assert statuses(store)[0][1] == "rejected"
    moved = deciding.recode(store, new, "Ann", start=1)
    assert [row[3:7] for row in own_codings(store)] == [(3, 1, 5, "bcde")]
    assert deciding.recode(store, moved, "Ann", start=1) == moved
    deciding.undo(store, "Ann")
    assert [row[3:7] for row in own_codings(store)] == [(3, 0, 5, "abcde")]
    deciding.undo(store, "Ann")
    assert state(store) == before
    assert deciding.undo(store, "Ann") == ()


def test_recoding_beyond_the_text_or_anothers_coding_is_refused_whole(
    store: sqlite3.Connection,
) -> None:
    bobs = deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=2, coder="Bob")
    before = state(store)
    with pytest.raises(ValueError, match="not within"):
        deciding.recode(store, 1, "Ann", end=11)
    with pytest.raises(StaleError):
        deciding.recode(store, bobs, "Ann", code_key=2)
    assert state(store) == before


def test_coding_that_comes_back_has_its_number_and_guid(store: sqlite3.Connection) -> None:
    own = deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=2, coder="Ann")
    guid = own_codings(store)[0][0]
    deciding.remove_coding(store, own, "Ann")
    assert own_codings(store) == []
    deciding.undo(store, "Ann")
    found = deciding.find_coding(store, own)
    assert found is not None
    assert found.guid == guid
    again = deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=2, coder="Ann")
    assert again == own
    assert len(own_codings(store)) == 1


def test_coding_of_another_is_not_removed(store: sqlite3.Connection) -> None:
    own = deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=2, coder="Ann")
    for number, coder in ((own, "Bob"), (1, "Ann"), (99, "Ann")):
        with pytest.raises(StaleError):
            deciding.remove_coding(store, number, coder)


def test_many_codings_and_their_done_marks_can_be_one_step(store: sqlite3.Connection) -> None:
    before = state(store)
    stretches = [Stretch(1, 1, 1, 0, 2), Stretch(1, 1, 1, 0, 2), Stretch(2, 2, 3, 0, 10)]
    assert deciding.add_codings(store, stretches, "Ann") == (2, 1)
    step = fetch_last_step(store, 2)
    deciding.mark_done(store, codebook_keys=[1], case_keys=[1, 2], coder="Ann", step=step)
    assert [line.action for line in deciding.undo(store, "Ann")] == ["add", "add", "done", "done"]
    assert state(store) == before


def test_memo_is_hidden_by_undo(store: sqlite3.Connection) -> None:
    deciding.write_memo(store, "case", 1, "Odd.", "Ann")
    assert rest(store) == [("memo", 1, "Odd.", "Ann")]
    deciding.undo(store, "Ann")
    assert rest(store) == []
    deciding.redo(store, "Ann")
    assert rest(store) == [("memo", 1, "Odd.", "Ann")]


@pytest.mark.parametrize("about", ["case", "source", "code", "coding"])
def test_memo_on_nothing_is_refused(store: sqlite3.Connection, about: str) -> None:
    with pytest.raises(StaleError):
        deciding.write_memo(store, about, 99, "Odd.", "Ann")
    assert rest(store) == []


# --- what cannot be taken back stands in nobody's way ------------------------------------


def test_step_on_a_text_that_changed_blocks_neither_older_nor_newer(
    store: sqlite3.Connection,
) -> None:
    deciding.decide(store, 4, "accept", "Ann")
    deciding.decide(store, 3, "reject", "Ann")
    deciding.mark_done(store, codebook_keys=[1], case_keys=[1], coder="Ann")
    # "abc" is gone: the codings and the verdict on 0 to 5 have no place any more.
    cases = [case("m1", "defghij"), case("m2", TEXTS[1])]
    save_source(store, parsed(cases, content="two"), lambda rejection: None)
    after = state(store)
    assert [row[1:5] for row in decisions(store)] == [(2, 1, 2, 6)]
    turned = deciding.turn_round(store, "Ann", redo=False)
    assert (turned.passed, len(turned.lines)) == (2, 1)
    assert decisions(store) == []
    assert deciding.undo(store, "Ann") == ()
    deciding.redo(store, "Ann")
    assert state(store) == after
    deciding.add_coding(store, segment_key=1, code_key=2, start=0, end=3, coder="Ann")
    assert deciding.turn_round(store, "Ann", redo=False).passed == 0
    assert state(store) == after


def test_undone_step_on_a_text_that_changed_is_not_done_again(store: sqlite3.Connection) -> None:
    deciding.add_coding(store, segment_key=1, code_key=1, start=0, end=3, coder="Ann")
    deciding.undo(store, "Ann")
    cases = [case("m1", "xy"), case("m2", TEXTS[1])]
    save_source(store, parsed(cases, content="two"), lambda rejection: None)
    turned = deciding.turn_round(store, "Ann", redo=True)
    assert (turned.step, turned.passed) == (None, 1)
    assert own_codings(store) == []


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM decisions WHERE code_key = 2", "UPDATE decisions SET verdict = 'accept'"],
)
def test_step_that_others_have_overtaken_is_passed_over_whole(
    store: sqlite3.Connection, statement: str
) -> None:
    deciding.mark_done(store, codebook_keys=[1], case_keys=[2], coder="Ann")
    before = state(store)
    deciding.recode(store, 3, "Ann", code_key=3)
    store.execute(statement)
    between = state(store)
    turned = deciding.turn_round(store, "Ann", redo=False)
    assert (turned.passed, [line.action for line in turned.lines]) == (1, ["done"])
    # Also what the step would have taken back before the line that refused.
    assert own_codings(store) == between[1]
    deciding.redo(store, "Ann")
    assert state(store) == between
    assert rest(store) == before[3]


def test_what_she_has_again_already_does_not_come_twice(store: sqlite3.Connection) -> None:
    deciding.decide(store, 1, "accept", "Ann")
    deciding.undo(store, "Ann")
    # As another project's decisions come in, without her undoing anything.
    store.execute(
        "INSERT INTO decisions (segment_key, code_key, start_char, end_char, coder_key, verdict,"
        " decided_at) VALUES (1, 1, 0, 5, 2, 'reject', '')"
    )
    before = state(store)
    assert deciding.redo(store, "Ann") == ()
    assert state(store) == before


def test_nobody_has_nothing_to_undo(store: sqlite3.Connection) -> None:
    assert deciding.undo(store, "Nobody") == ()
    assert deciding.redo(store, "Nobody") == ()
    assert store.execute("SELECT count(*) FROM coders WHERE name = 'Nobody'").fetchone() == (0,)


# --- how fast ---------------------------------------------------------------------------


@pytest.mark.slow
def test_decision_in_a_large_project_takes_no_time(connection: sqlite3.Connection) -> None:
    """200,000 codings and 100,000 lines of history; on the disk, as a person has it."""
    template().backup(connection)
    with transaction(connection):
        connection.executemany(
            "INSERT INTO segments SELECT ?, 2, ?, '', '', '', NULL, NULL, '', 'abcdefghij'"
            " FROM segments WHERE id = 1",
            [(n, n) for n in range(3, 20_003)],
        )
        connection.executemany(
            "INSERT INTO codings (id, segment_key, case_key, code_key, start_char, end_char,"
            " quote, coder_key, rule, status) VALUES (?, ?, 2, ?, ?, ?, '', 1, '', 'unreviewed')",
            [(n + 10, 3 + n % 20_000, n % 3 + 1, n % 9, n % 9 + 1) for n in range(200_000)],
        )
        who = deciding.person(connection, "Ann")
        lines = [Line("decide", 2, 3 + n % 20_000, 1, 0, 1, n) for n in range(100_000)]
        for at, line in enumerate(lines):
            record(connection, who, [replace(line, verdict="accept")], step=at + 10)
    times: dict[str, list[float]] = {"decide": [], "undo": [], "redo": []}
    for number in range(20):
        for name, action in (
            ("decide", lambda at=number: deciding.decide(connection, at + 10, "accept", "Ann")),
            ("undo", lambda: deciding.undo(connection, "Ann")),
            ("redo", lambda: deciding.redo(connection, "Ann")),
        ):
            began = time.perf_counter()
            assert action()
            times[name].append(time.perf_counter() - began)
    slowest = {name: statistics.median(own) for name, own in times.items()}
    assert max(slowest.values()) < 0.05, slowest


# --- laws --------------------------------------------------------------------------------

Action = tuple[str, int, int, int]
numbers = st.integers(0, 60)
actions = st.tuples(
    st.sampled_from(["decide", "agree", "recode", "move", "add", "several", "remove", "done"])
    | st.just("memo"),
    numbers,
    numbers,
    numbers,
)


def act(store: sqlite3.Connection, coder: str, action: Action) -> None:
    """Do something, whatever the numbers are; what is not possible is left."""
    kind, one, two, three = action
    key = store.execute("SELECT id FROM coders WHERE name = ?", (coder,)).fetchone() or (0,)
    mine = [i for (i,) in store.execute("SELECT id FROM codings WHERE coder_key = ?", key)]
    within = three % 9
    if kind in ("decide", "agree"):
        verdict = ("accept", "reject")[two % 2]
        deciding.decide(store, one % 4 + 1, verdict, coder, consensus=kind == "agree")
    elif kind in ("recode", "move"):
        at = [1, 2, 3, 4, *mine][one % (4 + len(mine))]
        if kind == "recode":
            deciding.recode(store, at, coder, code_key=two % 3 + 1)
        else:
            deciding.recode(store, at, coder, start=within, end=within + 1 + two % (10 - within))
    elif kind == "add":
        deciding.add_coding(
            store,
            segment_key=one % 2 + 1,
            code_key=two % 3 + 1,
            start=within,
            end=10,
            coder=coder,
        )
    elif kind == "several":
        row = one % 2 + 1
        stretches = [Stretch(row, row, code, within, 10) for code in (1, 2)]
        deciding.add_codings(store, stretches, coder)
    elif kind == "remove" and mine:
        deciding.remove_coding(store, mine[one % len(mine)], coder)
    elif kind == "done":
        cases = [[1], [2], [1, 2]][one % 3]
        deciding.mark_done(store, codebook_keys=[1], case_keys=cases, coder=coder)
    elif kind == "memo":
        about = ("case", "coding", "project")[one % 3]
        deciding.write_memo(store, about, None if about == "project" else two % 2 + 1, "M", coder)


def check_statuses(store: sqlite3.Connection) -> None:
    """Fail unless the machine's codings are as the decisions make them."""
    for key, segment, code, start, end, *found in store.execute(
        "SELECT id, segment_key, code_key, start_char, end_char, status, flagged FROM codings"
        " WHERE coder_key = 1"
    ).fetchall():
        verdicts = [
            Verdict(*row)
            for row in store.execute(
                "SELECT start_char, end_char, coder_key, verdict, consensus FROM decisions"
                " WHERE segment_key = ? AND code_key = ? ORDER BY id",
                (segment, code),
            )
        ]
        assert tuple(found) == resolve(verdicts, (start, end)), key


def in_store(test: Callable[[sqlite3.Connection], None]) -> None:
    with closing(fresh()) as opened:
        test(opened)


@settings(max_examples=150, deadline=None)
@given(st.lists(actions, max_size=10))
def test_undos_lead_back_through_every_state_and_redos_forth(todo: list[Action]) -> None:
    def test(store: sqlite3.Connection) -> None:
        states = [state(store)]
        for action in todo:
            act(store, "Ann", action)
            if state(store) != states[-1]:
                states.append(state(store))
        for before in reversed(states[:-1]):
            assert deciding.undo(store, "Ann")
            assert state(store) == before
        assert deciding.undo(store, "Ann") == ()
        for after in states[1:]:
            assert deciding.redo(store, "Ann")
            assert state(store) == after
        assert deciding.redo(store, "Ann") == ()
        check_statuses(store)

    in_store(test)


@settings(max_examples=150, deadline=None)
@given(st.lists(actions | st.sampled_from(["undo", "redo"]), max_size=25))
def test_any_mixture_goes_as_two_stacks_would(todo: list[Action | str]) -> None:
    def test(store: sqlite3.Connection) -> None:
        past, now, future = [], state(store), []
        for action in todo:
            if action == "undo":
                assert bool(deciding.undo(store, "Ann")) == bool(past)
                if past:
                    future.append(now)
                    now = past.pop()
            elif action == "redo":
                assert bool(deciding.redo(store, "Ann")) == bool(future)
                if future:
                    past.append(now)
                    now = future.pop()
            else:
                act(store, "Ann", action)
                if state(store) != now:
                    past.append(now)
                    now = state(store)
                    future.clear()
            assert state(store) == now
            check_statuses(store)

    in_store(test)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Ann", "Bob"]), actions), max_size=16),
    st.sampled_from(["Ann", "Bob"]),
)
def test_interleaved_coders_leave_each_others_steps(
    todo: list[tuple[str, Action]], who: str
) -> None:
    def test(store: sqlite3.Connection) -> None:
        other = "Bob" if who == "Ann" else "Ann"
        for coder, action in todo:
            act(store, coder, action)
        whole, theirs = state(store), of(store, other)
        n_undone = 0
        while deciding.undo(store, who):
            n_undone += 1
            assert of(store, other) == theirs
            check_statuses(store)
        assert of(store, who) == ([], [], [])
        for _ in range(n_undone):
            assert deciding.redo(store, who)
        assert state(store) == whole
        person = store.execute("SELECT id FROM coders WHERE name = ?", (who,)).fetchone()
        assert person is None or find_step(store, person[0], redo=True) == (None, 0)

    in_store(test)
