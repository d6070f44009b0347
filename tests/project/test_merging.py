"""Merging two projects: nothing twice, nothing lost, the same whichever is merged into which."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from factories import case, parsed
from hypothesis import given, settings
from hypothesis import strategies as st
from merges import at, merge, overlapping, whole, work_in
from oldproject import old_project

from qualkit.errors import ProjectError, SchemaTooNewError
from qualkit.model import ParsedFamily, ParsedSource
from qualkit.project import Project
from qualkit.project.merging import MergeResult
from qualkit.store import schema
from qualkit.store.backups import list_backups
from qualkit.store.families import accept_alias, save_families
from qualkit.store.refusals import find_damage
from qualkit.store.sources import save_source

WORDS = ("debts", "lonely", "arrears", "landlord")


def stories(*extra: object, content: str = "one") -> ParsedSource:
    cases = [
        case("m1", "They had debts.", "She was lonely.", ufrn="F1", relevance={"home": "very"}),
        case("m2", "Rent arrears and debts.", ufrn="F2", attributes={"quarter": "Q1"}),
        *extra,
    ]
    return parsed(cases, name="stories.csv", content=content)


def fill(project: Project, codebook: Path) -> None:
    save_source(project.connection, stories(), lambda rejection: None)
    project.load_codebook(codebook)
    project.code()


@pytest.fixture
def start(tmp_path: Path, small_codebook: Path) -> Path:
    """A coded project: m1 (debt, isolation, home, friends), m2 (debt, home)."""
    path = tmp_path / "start.db"
    with Project(path, create=True) as project:
        fill(project, small_codebook)
    return path


def copies(start: Path) -> tuple[Path, Path]:
    """Two copies, as two people take them away."""
    ours, theirs = start.with_name("ours.db"), start.with_name("theirs.db")
    for path in (ours, theirs):
        shutil.copy(start, path)
    return ours, theirs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the time at which things are done, in seconds."""

    def set_time(moment: int) -> None:
        for module in ("stretches", "history", "deciding"):
            monkeypatch.setattr(f"qualkit.store.{module}.now", lambda: at(moment))

    set_time(0)
    return set_time


def coding_of(project: Project, case_id: str, code: str, number: int = 0) -> int:
    rows = project.connection.execute(
        "SELECT g.id FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k"
        " ON k.id = g.code_key WHERE c.case_id = ? AND k.code = ? AND g.coder_key = 1"
        " ORDER BY g.segment_key, g.start_char",
        (case_id, code),
    ).fetchall()
    return int(rows[number][0])


def both_ways(ours: Path, theirs: Path) -> dict[str, list[tuple[object, ...]]]:
    """Merge in both directions, each twice; the work must be the same. Return it."""
    other = theirs.with_name("other-way.db")
    shutil.copy(theirs, other)
    untouched = theirs.read_bytes()
    merge(other, ours)
    merge(ours, theirs)
    assert theirs.read_bytes() == untouched
    work = work_in(ours)
    assert work_in(other) == work
    for one, two in ((ours, theirs), (other, ours), (ours, other)):
        before = whole(one)
        n_backups = len(list_backups(one))
        assert not merge(one, two).changed
        assert whole(one) == before
        assert len(list_backups(one)) == n_backups
    assert find_damage(ours) == ""
    with Project(ours) as project:
        project.connection.execute(
            "INSERT INTO segments_fts (segments_fts, rank) VALUES ('integrity-check', 1)"
        )
    return work


def tally(result: MergeResult, what: str) -> tuple[int, ...]:
    """new, same, contradictory, not placed, taken back"""
    (row,) = [row for row in result.table.rows if row["what"] == what]
    return tuple(row[key] for key in ("new", "same", "contradictory", "not_placed", "taken_back"))


def told(result: MergeResult, what: str) -> list[tuple[object, ...]]:
    return [
        (row["came_to"], row["case_id"], row["segment_n"], row["code"], row["why"])
        for row in result.details.rows
        if row["what"] == what
    ]


# --- people's work ---------------------------------------------------------------------------


def test_work_of_two_people_is_joined_without_doubling(
    start: Path, clock: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    with Project(start) as project:
        project.add_coding("m2", 1, "isolation", 0, 4, "Jo")
    ours, theirs = copies(start)
    with Project(ours) as project:
        project.decide(coding_of(project, "m1", "debt"), "accept", "Ann")
        project.add_coding("m1", 1, "isolation", 0, 4, "Ann")
        project.mark_done("m1", "Ann")
    with Project(theirs) as project:
        clock(5)
        project.decide(coding_of(project, "m1", "isolation"), "reject", "Jo")
        project.add_coding("m1", 2, "barrier.debt", 4, 7, "Jo")
        # The same stretch, code and coder, with a guid of its own.
        project.add_coding("m1", 1, "isolation", 0, 4, "Ann")
        project.mark_done("m2", "Jo")
        project.memo("Ask about the rent.", "Jo", case="m2")
        project.memo("On a coding.", "Jo", coding=coding_of(project, "m1", "debt"))
        project.memo("On the project.", "Jo")
        project.memo("On a code.", "Jo", code="debt")
        project.memo("On a source.", "Jo", source="stories.csv")
    shutil.copy(ours, ours.with_name("before.db"))
    with caplog.at_level(logging.WARNING):
        result = merge(ours, theirs)
    assert [row["what"] for row in result.table.rows] == [
        *("sources", "families", "readings", "needs", "cases", "codebooks", "machine codings"),
        *("codings", "decisions", "done marks", "memos", "phases"),
    ]
    assert tally(result, "sources") == (0, 1, 0, 0, 0)
    assert tally(result, "families") == (0, 2, 0, 0, 0)
    assert tally(result, "cases") == (0, 2, 0, 0, 0)
    assert tally(result, "codebooks") == (0, 1, 0, 0, 0)
    assert tally(result, "machine codings") == (0, 6, 0, 0, 0)
    assert tally(result, "codings") == (1, 2, 0, 0, 0)
    assert tally(result, "decisions") == (1, 0, 0, 0, 0)
    assert tally(result, "done marks") == (1, 0, 0, 0, 0)
    assert tally(result, "memos") == (5, 0, 0, 0, 0)
    assert result.details.rows == ()
    # A copy of how it was, and a line of the history.
    assert result.backup in list_backups(ours)
    assert result.backup
    assert whole(result.backup) == whole(ours.with_name("before.db"))
    assert any("before a merge" in message for message in caplog.messages)
    with Project(ours) as project:
        assert [row["action"] for row in project.history(last=1).rows] == ["merge"]
        memos = {row["text"]: row for row in project.memos().rows}
        assert memos["On a coding."]["coding_id"] == coding_of(project, "m1", "debt")
        assert memos["Ask about the rent."]["case_id"] == "m2"
        assert memos["On a source."]["source"] == "stories.csv"
        # Her own last action can still be taken back.
        assert project.undo("Ann")
        assert project.redo("Ann")
    work = both_ways(ours, theirs)
    assert [row[:3] + row[6:7] for row in work["codings"]] == [
        ("m1", 1, "isolation", "Ann"),
        ("m1", 2, "debt", "Jo"),
        ("m2", 1, "isolation", "Jo"),
    ]
    assert [(row[0], row[2], row[5]) for row in work["statuses"]][:4] == [
        ("m1", "debt", "accepted"),
        ("m1", "home", "unreviewed"),
        ("m1", "friends", "unreviewed"),
        ("m1", "isolation", "rejected"),
    ]


def test_people_who_disagree_are_listed_and_both_stay(
    start: Path, clock: Callable[[int], None]
) -> None:
    ours, theirs = copies(start)
    for path, coder, verdict in ((ours, "Ann", "accept"), (theirs, "Jo", "reject")):
        with Project(path) as project:
            project.decide(coding_of(project, "m1", "debt"), verdict, coder)
    result = merge(ours, theirs)
    assert tally(result, "decisions") == (1, 0, 1, 0, 0)
    assert told(result, "decisions") == [
        ("contradictory", "m1", 1, "barrier.debt", "Ann: accept, Jo: reject")
    ]
    work = both_ways(ours, theirs)
    assert len(work["decisions"]) == 2
    assert [row[5:] for row in work["statuses"] if row[:3] == ("m1", 1, "debt")] == [
        ("unreviewed", 1)
    ]
    # What they agree on settles it.
    with Project(theirs) as project:
        clock(9)
        project.decide(coding_of(project, "m1", "debt"), "accept", "Jo", consensus=True)
    assert told(merge(ours, theirs), "decisions") == []
    assert [r[5:] for r in work_in(ours)["statuses"] if r[:3] == ("m1", 1, "debt")] == [
        ("accepted", 0)
    ]


@pytest.mark.parametrize("later", ["ours", "theirs"])
def test_later_verdict_of_one_person_stands(
    start: Path, clock: Callable[[int], None], later: str
) -> None:
    ours, theirs = copies(start)
    for path, verdict, moment in (
        (ours, "accept", 9 if later == "ours" else 1),
        (theirs, "reject", 5),
    ):
        clock(moment)
        with Project(path) as project:
            project.decide(coding_of(project, "m1", "debt"), verdict, "Jo")
    clock(20)
    result = merge(ours, theirs)
    assert told(result, "decisions") == [
        (
            "contradictory",
            "m1",
            1,
            "barrier.debt",
            "Jo: accept here, reject there; the later one stands",
        )
    ]
    stands = ("accept", 9) if later == "ours" else ("reject", 5)
    (row,) = both_ways(ours, theirs)["decisions"]
    assert (row[6], row[8]) == (stands[0], at(stands[1]))


def test_what_was_taken_back_in_one_is_not_brought_back_by_the_other(
    start: Path, clock: Callable[[int], None]
) -> None:
    with Project(start) as project:
        number = project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
        assert number
        project.decide(coding_of(project, "m2", "debt"), "accept", "Jo")
        project.mark_done("m2", "Jo")
        project.memo("Never mind.", "Jo", case="m1")
    ours, theirs = copies(start)
    clock(30)
    with Project(theirs) as project:
        # Memo, mark, decision and coding, the last first.
        assert all(project.undo("Jo") for _ in range(4))
    result = merge(ours, theirs)
    assert [
        tally(result, sort)[-1] for sort in ("codings", "decisions", "done marks", "memos")
    ] == [*(1, 1, 1, 1)]
    clock(40)
    work = both_ways(ours, theirs)
    assert (work["codings"], work["decisions"], work["done"]) == ([], [], [])
    assert [row[-1] for row in work["memos"]] == [1]
    assert {row[5] for row in work["statuses"]} == {"unreviewed"}
    # A third copy, from before, does not bring it back either.
    third = start.with_name("third.db")
    shutil.copy(start, third)
    merge(ours, third)
    assert work_in(ours) == work


def test_what_was_done_again_after_it_was_taken_back_stays(
    start: Path, clock: Callable[[int], None]
) -> None:
    with Project(start) as project:
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
    ours, theirs = copies(start)
    clock(10)
    with Project(ours) as project:
        project.undo("Jo")
    clock(20)
    with Project(theirs) as project:
        project.undo("Jo")
        project.redo("Jo")
    clock(30)
    assert len(both_ways(ours, theirs)["codings"]) == 1
    # It is known here now as done again.
    third = start.with_name("third.db")
    shutil.copy(start, third)
    with Project(third) as project:
        clock(5)
        project.undo("Jo")
    merge(ours, third)
    assert len(work_in(ours)["codings"]) == 1


def status_of(path: Path, start: int) -> object:
    """What is made of the machine's coding that starts there, in `overlapping`."""
    return {row[3]: row[5] for row in work_in(path)["statuses"]}[start]


def decide_there(path: Path, coding: int, verdict: str, coder: str) -> None:
    with Project(path) as project:
        project.decide(coding, verdict, coder)


def test_verdicts_of_one_second_keep_their_order(tmp_path: Path) -> None:
    # Codings 0:5, 3:8 and 7:12 overlap; what was said last of words that two share holds.
    theirs = tmp_path / "theirs.db"
    shutil.copy(overlapping(), theirs)
    decide_there(theirs, 1, "reject", "Jo")
    decide_there(theirs, 2, "accept", "Jo")
    with Project(theirs) as project:
        project.connection.execute("UPDATE decisions SET decided_at = ?", (at(3),))
    ours = tmp_path / "ours.db"
    shutil.copy(overlapping(), ours)
    merge(ours, theirs)
    assert [status_of(ours, start) for start in (0, 3, 7)] == ["accepted"] * 3
    assert work_in(ours) == work_in(theirs)


def test_verdict_put_back_in_its_old_row_is_overruled_by_what_followed_it(
    tmp_path: Path, clock: Callable[[int], None]
) -> None:
    # Jo rejects 0:5 at 1 and accepts 3:8 at 2; undo and redo give the first, in its old row,
    # the time 9. Both then tell of second 2, and only `at` tells which came before.
    theirs = tmp_path / "theirs.db"
    shutil.copy(overlapping(), theirs)
    for moment, coding, verdict in ((1, 1, "reject"), (2, 2, "accept")):
        clock(moment)
        decide_there(theirs, coding, verdict, "Jo")
    with Project(theirs) as project:
        project.connection.execute(
            "UPDATE decisions SET decided_at = ? WHERE start_char = 0", (at(9),)
        )
    ours = tmp_path / "ours.db"
    shutil.copy(overlapping(), ours)
    clock(1)
    decide_there(ours, 4, "accept", "Jo")
    clock(20)
    both_ways(ours, theirs)
    assert [status_of(ours, start) for start in (0, 3, 7)] == ["accepted"] * 3


def test_earlier_verdict_of_a_third_project_does_not_overrule_a_later_one(
    tmp_path: Path, clock: Callable[[int], None]
) -> None:
    # Ann at 20, Jo at 5, Ann elsewhere at 10: whatever is merged first, hers of 20 holds.
    paths = [tmp_path / f"{name}.db" for name in ("ann", "jo", "elsewhere")]
    for path, moment, coding, verdict, coder in zip(
        paths,
        (20, 5, 10),
        (1, 4, 2),
        ("accept", "accept", "reject"),
        ("Ann", "Jo", "Ann"),
        strict=True,
    ):
        shutil.copy(overlapping(), path)
        clock(moment)
        decide_there(path, coding, verdict, coder)
    clock(30)
    merge(paths[0], paths[1])
    merge(paths[0], paths[2])
    # Jo has said nothing of 3:8; Ann's reject of 3:8 came before her accept of 0:5.
    assert status_of(paths[0], 3) == "accepted"


def test_what_was_taken_back_is_told_with_its_own_time_and_passed_on(
    start: Path, clock: Callable[[int], None]
) -> None:
    with Project(start) as project:
        project.decide(coding_of(project, "m1", "debt"), "accept", "Jo")
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
    first, second, third = (start.with_name(f"{n}.db") for n in ("first", "second", "third"))
    for path in (first, second, third):
        shutil.copy(start, path)
    with Project(second) as project:
        clock(30)
        assert project.undo("Jo")
        assert project.undo("Jo")
    with Project(third) as project:
        clock(40)
        assert project.undo("Jo")
        assert project.undo("Jo")
        clock(50)
        assert project.redo("Jo")
        assert project.redo("Jo")
    clock(100)
    # Taken back at 30, done again elsewhere at 50: it stands, though the merge is of 100.
    merge(first, second)
    assert not work_in(first)["decisions"]
    merge(first, third)
    assert len(work_in(first)["decisions"]) == len(work_in(first)["codings"]) == 1
    # One that never had it passes on that it was taken back.
    passed = start.with_name("passed.db")
    with Project(passed, create=True) as project:
        project.merge(second)
    merge(start, passed)
    assert work_in(start)["decisions"] == work_in(start)["codings"] == []


VERDICTS = st.lists(
    st.tuples(
        st.sampled_from(["Ann", "Jo"]),
        st.integers(0, 3),
        st.sampled_from(["accept", "reject", "undo", "add", "add"]),
        st.booleans(),
        st.integers(0, 1),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(VERDICTS, VERDICTS, VERDICTS)
def test_whichever_is_merged_into_which_people_s_work_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[object],
    one: list[object],
    other: list[object],
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    shutil.copy(overlapping(), folder / "start.db")
    moments = iter(range(1000))
    with pytest.MonkeyPatch.context() as patch:

        def do(path: Path, steps: list[object]) -> None:
            with Project(path) as project:
                for coder, number, what, agreed, far in steps:  # type: ignore[misc]
                    moment = next(moments)
                    for module in ("stretches", "history", "deciding"):
                        patch.setattr(f"qualkit.store.{module}.now", lambda: at(moment))  # noqa: B023
                    if what == "undo":
                        if (
                            coder
                            in project.connection.execute(
                                "SELECT group_concat(name) FROM coders"
                            ).fetchone()[0]
                        ):
                            (project.redo if far else project.undo)(coder)
                    elif what == "add":
                        project.add_coding("m1", 1, "debt", number, number + 2 + far, coder)
                    else:
                        project.decide(number + 1, what, coder, consensus=agreed)

        do(folder / "start.db", first)
        ours, theirs = copies(folder / "start.db")
        do(ours, one)
        do(theirs, other)
        moment = next(moments)
        for module in ("stretches", "history", "deciding"):
            patch.setattr(f"qualkit.store.{module}.now", lambda: at(moment))
        both_ways(ours, theirs)
    shutil.rmtree(folder)


# --- what was imported ------------------------------------------------------------------------


def test_sources_cases_and_families_that_only_the_other_has_come_whole(
    start: Path, small_codebook: Path
) -> None:
    ours, theirs = copies(start)
    with Project(theirs) as project:
        more = parsed(
            [
                case("n1", "Debts.", "Lonely.", ufrn="F-7", relevance={"home": "fairly"}),
                case("n2", "The landlord.", ufrn="2", attributes={"quarter": "Q2"}),
            ],
            name="more.csv",
        )
        save_source(project.connection, more, lambda rejection: None)
        families = [ParsedFamily("F7", {"cluster": "A"}), ParsedFamily("F2", {"cluster": "B"})]
        table = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(project.connection, table, lambda rejection: None)
        accept_alias(project.connection, "2", "F2", "2026-11-27T10:00:00Z")
        project.code()
        project.decide(coding_of(project, "n1", "debt"), "accept", "Jo")
        project.add_coding("n2", 1, "debt", 4, 12, "Jo")
        project.mark_done("n1", "Jo")
    with Project(ours) as project:
        families = [ParsedFamily("F2", {"cluster": "C"})]
        table = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(project.connection, table, lambda rejection: None)
    result = merge(ours, theirs)
    assert tally(result, "sources") == (1, 1, 0, 0, 0)
    assert tally(result, "cases") == (2, 2, 0, 0, 0)
    assert tally(result, "families") == (1, 2, 1, 0, 0)
    assert told(result, "families")[0][-1] == "family F2: another cluster there; the one here stays"
    # n1: debt, home, isolation, friends; n2: home.
    assert tally(result, "machine codings") == (5, 6, 0, 0, 0)
    assert (tally(result, "codings")[0], tally(result, "decisions")[0]) == (1, 1)
    with Project(ours) as project, Project(theirs) as other:
        rows = "SELECT c.case_id, f.ufrn FROM cases c JOIN families f ON f.id = c.family_key"
        assert dict(project.connection.execute(rows)) == {
            "m1": "F1",
            "m2": "F2",
            "n1": "F7",
            "n2": "F2",
        }
        assert len(project.find("landlord").rows) == 1
        mine, its = project.top("barrier"), other.top("barrier")
        assert [(r["code"], r["count"]) for r in mine.rows] == [
            (r["code"], r["count"]) for r in its.rows
        ]
        # The run behind a coding that came in is named.
        assert set(its.runs) < set(mine.runs)
        assert project.explain(coding_of(project, "n1", "debt"))
        assert project.code() is not None
    both_ways(ours, theirs)


def test_machine_codings_come_only_where_there_are_none(start: Path) -> None:
    ours, theirs = copies(start)
    with Project(ours) as project:
        before = project.connection.execute("SELECT * FROM codings ORDER BY id").fetchall()
        (case_key,) = project.connection.execute(
            "SELECT id FROM cases WHERE case_id = 'm2'"
        ).fetchone()
        project.connection.execute("DELETE FROM codings WHERE case_key = ?", (case_key,))
        project.connection.execute("DELETE FROM coded_cases WHERE case_key = ?", (case_key,))
        project.decide(coding_of(project, "m1", "debt"), "accept", "Ann")
    with Project(theirs) as project:
        project.decide(coding_of(project, "m2", "debt"), "reject", "Jo")
    result = merge(ours, theirs)
    assert tally(result, "machine codings") == (2, 4, 0, 0, 0)
    with Project(ours) as project:
        assert len(project.connection.execute("SELECT id FROM codings").fetchall()) == len(before)
        assert len(project.connection.execute("SELECT id FROM runs").fetchall()) == 1
    work = both_ways(ours, theirs)
    assert [r[5] for r in work["statuses"] if r[:3] == ("m2", 1, "debt")] == ["rejected"]


def test_what_was_said_of_other_words_is_listed_and_kept(
    start: Path, clock: Callable[[int], None]
) -> None:
    ours, theirs = copies(start)
    with Project(ours) as project:
        corrected = parsed(
            [
                case("m1", "They had some debts.", "She was lonely.", ufrn="F1"),
                case("m2", "Rent arrears and debts.", ufrn="F2"),
            ],
            name="stories.csv",
            content="two",
        )
        save_source(project.connection, corrected, lambda rejection: None)
        project.code()
    with Project(theirs) as project:
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
        project.add_coding("m1", 2, "barrier.debt", 0, 3, "Jo")
        project.decide(coding_of(project, "m1", "debt"), "accept", "Jo")
        project.mark_done("m1", "Jo")
        project.mark_done("m2", "Jo")
        project.memo("Stays.", "Jo", coding=coding_of(project, "m1", "debt"))
    result = merge(ours, theirs)
    assert told(result, "sources")[0][-1].startswith("stories.csv: an older version")
    assert told(result, "cases") == [
        (
            "contradictory",
            "m1",
            None,
            "",
            "other words: of 2 segments there, 1 do not stand here as they are",
        )
    ]
    assert told(result, "codings") == [
        ("not placed", "m1", 1, "barrier.isolation", "its words do not stand here as they are")
    ]
    assert [row[:4] for row in told(result, "decisions")] == [
        ("not placed", "m1", 1, "barrier.debt")
    ]
    assert [row[:2] for row in told(result, "done marks")] == [("not placed", "m1")]
    assert (tally(result, "codings"), tally(result, "done marks")) == (
        (1, 0, 0, 1, 0),
        (1, 0, 0, 1, 0),
    )
    assert tally(result, "memos") == (1, 0, 0, 0, 0)
    with Project(ours) as project:
        unplaced = project.connection.execute("SELECT n, quote, status FROM unplaced_codings")
        assert unplaced.fetchall() == [(1, "They", "added")]
        assert [row["text"] for row in project.memos(case="m1").rows] == ["Stays."]
    assert "They had" not in str(result.details.rows)
    before = whole(ours)
    assert not merge(ours, theirs).changed
    assert whole(ours) == before
    # The text comes there too, its codings are carried over, and they find their place.
    with Project(theirs) as project:
        save_source(project.connection, corrected, lambda rejection: None)
    result = merge(ours, theirs)
    # What Jo had accepted there has lost its words there by now, and is kept in the list.
    assert tally(result, "codings") == (1, 1, 0, 1, 0)
    with Project(ours) as project:
        unplaced = project.connection.execute("SELECT n, status FROM unplaced_codings")
        assert unplaced.fetchall() == [(1, "accepted")]


def test_newer_file_there_is_told_and_its_new_cases_come(start: Path) -> None:
    ours, theirs = copies(start)
    with Project(theirs) as project:
        newer = stories(case("m3", "New debts."), content="two")
        save_source(project.connection, newer, lambda rejection: None)
    result = merge(ours, theirs)
    assert told(result, "sources")[0][-1].startswith("stories.csv: a newer version")
    assert tally(result, "cases") == (1, 2, 0, 0, 0)
    with Project(ours) as project:
        assert len(project.find("new").rows) == 1
        # The file itself can be imported as before.
        assert save_source(project.connection, newer, lambda r: None).updated == 0


def test_case_of_the_same_id_from_another_source_is_not_mixed_up(start: Path) -> None:
    ours, theirs = copies(start)
    for path, name, text in ((ours, "a.csv", "One story."), (theirs, "b.csv", "Another story.")):
        with Project(path) as project:
            save_source(project.connection, parsed([case("x", text)], name=name), lambda r: None)
    with Project(theirs) as project:
        project.add_coding("x", 1, "isolation", 0, 3, "Jo")
    result = merge(ours, theirs)
    assert [row[:2] for row in told(result, "cases")] == [("not placed", "x")]
    assert [row[:3] for row in told(result, "codings")] == [("not placed", "x", 1)]


def test_forgotten_family_does_not_come_back_with_the_same_file(start: Path) -> None:
    ours, theirs = copies(start)
    with Project(ours) as project:
        project.forget("F1")
    with Project(theirs) as project:
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
    result = merge(ours, theirs)
    assert told(result, "cases")[0][:2] == ("not placed", "m1")
    with Project(ours) as project:
        assert project.connection.execute("SELECT ufrn FROM families").fetchall() == [("F2",)]
        assert project.connection.execute("SELECT case_id FROM cases").fetchall() == [("m2",)]
    assert b"They had" not in ours.read_bytes()


@pytest.fixture
def with_f7(start: Path, tmp_path: Path) -> Path:
    """A project with two families that have readings and no case."""
    (tmp_path / "f.csv").write_text("UFRN,Cluster\nF7,A\nF8,B\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("UFRN,Home start,Home end\nF7,1,5\nF8,2,6\n", encoding="utf-8")
    with Project(start) as project:
        project.import_families(tmp_path / "f.csv")
        project.import_stars(tmp_path / "s.csv")
    return start


def test_forgotten_family_without_a_case_does_not_come_back(with_f7: Path) -> None:
    ours, theirs = copies(with_f7)
    with Project(ours) as project:
        project.forget("F7")
    with Project(theirs) as project:
        # And a case of the family from a file that was never here.
        newer = case("n1", "Rent was late.", ufrn="f 7")
        save_source(project.connection, parsed([newer], name="new.csv"), lambda r: None)
    result = merge(ours, theirs)
    assert told(result, "families") == [
        ("not placed", "", None, "", "a family that was forgotten here stays so")
    ]
    assert told(result, "cases")[0][:2] == ("not placed", "n1")
    with Project(ours) as project:
        families = project.connection.execute("SELECT ufrn FROM families ORDER BY 1").fetchall()
        assert families == [("F1",), ("F2",), ("F8",)]
        assert len(project.connection.execute("SELECT * FROM readings").fetchall()) == 2
        kept = [key for (key,) in project.connection.execute("SELECT key FROM project")]
        assert not any("F7" in key.split(":")[-1] for key in kept)


def test_forgotten_family_that_was_imported_again_is_merged_as_any_other(
    with_f7: Path, tmp_path: Path
) -> None:
    ours, theirs = copies(with_f7)
    with Project(ours) as project:
        project.forget("F7")
        project.import_families(tmp_path / "f.csv")
    merge(ours, theirs)
    with Project(ours) as project:
        # Two readings of F7 and two of F8.
        assert len(project.connection.execute("SELECT * FROM readings").fetchall()) == 4


# --- codebooks --------------------------------------------------------------------------------


def test_codebook_that_only_the_other_has_comes_in_use(start: Path, tmp_path: Path) -> None:
    ours, theirs = copies(start)
    path = tmp_path / "own.yaml"
    path.write_text(
        "codebook: own\nversion: '1'\ncategory: extra\nchecks: []\ncodes:\n"
        "  - {id: rent, name: Rent, patterns: ['=rent']}\n",
        encoding="utf-8",
    )
    with Project(theirs) as project:
        project.load_codebook(path)
        project.code()
        project.decide(coding_of(project, "m2", "rent"), "accept", "Jo")
    result = merge(ours, theirs)
    assert tally(result, "codebooks") == (1, 1, 0, 0, 0)
    both_ways(ours, theirs)
    with Project(ours) as project:
        assert [(r["code"], r["count"]) for r in project.top("extra").rows] == [("rent", 1)]
        assert project.code() is not None


def test_codebook_with_another_content_is_told_and_ours_stays_in_use(
    start: Path, tmp_path: Path, small_codebook: Path
) -> None:
    ours, theirs = copies(start)
    changed = tmp_path / "changed.yaml"
    text = small_codebook.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"')
    changed.write_text(
        text + "  - {id: rent, name: Rent, about: any, patterns: ['=rent']}\n", encoding="utf-8"
    )
    with Project(theirs) as project:
        project.load_codebook(changed)
        more = parsed([case("n1", "Rent.")], name="more.csv")
        save_source(project.connection, more, lambda rejection: None)
        project.code()
        project.decide(coding_of(project, "m2", "rent"), "accept", "Jo")
        project.add_coding("m1", 2, "rent", 0, 3, "Jo")
    result = merge(ours, theirs)
    assert tally(result, "codebooks") == (0, 1, 2, 0, 0)
    assert "version 1 here, version 2" in told(result, "codebooks")[0][-1]
    assert tally(result, "codings")[0] == tally(result, "decisions")[0] == 1
    with Project(ours) as project:
        (book,) = project.codebooks().rows
        assert (book["version"], book["n_codes"]) == ("1", 4)
        assert {r["code"]: r["count"] for r in project.top("barrier").rows}["rent"] == 2
        project.code()
        project.load_codebook(changed)
        assert [r["n_codes"] for r in project.codebooks().rows] == [5]
    assert not merge(ours, theirs).changed


def test_codebook_whose_codes_are_another_s_here_is_not_in_use(
    start: Path, tmp_path: Path, small_codebook: Path
) -> None:
    ours, theirs = start, tmp_path / "theirs.db"
    renamed = tmp_path / "renamed.yaml"
    text = small_codebook.read_text(encoding="utf-8").replace("codebook: small", "codebook: big")
    renamed.write_text(
        text + "  - {id: rent, name: Rent, about: any, patterns: ['=rent']}\n", encoding="utf-8"
    )
    with Project(theirs, create=True) as project:
        fill(project, renamed)
        project.decide(coding_of(project, "m1", "debt"), "accept", "Jo")
        project.add_coding("m2", 1, "rent", 0, 4, "Jo")
        project.mark_done("m1", "Jo")
    result = merge(ours, theirs)
    assert tally(result, "codebooks") == (0, 0, 1, 0, 0)
    assert tally(result, "decisions")[0] == tally(result, "codings")[0] == 1
    assert tally(result, "done marks") == (0, 0, 0, 1, 0)
    with Project(ours) as project:
        assert [r["name"] for r in project.codebooks().rows] == ["small"]
        assert project.code() is not None
        assert project.top("barrier").rows
    assert not merge(ours, theirs).changed


# --- the other file ---------------------------------------------------------------------------


def test_project_of_an_older_qualkit_is_merged_from_a_copy(tmp_path: Path, start: Path) -> None:
    older = old_project(tmp_path / "older.db")
    before = older.read_bytes()
    result = merge(start, older)
    assert older.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("older")) == ["older.db"]
    assert tally(result, "cases") == (0, 0, 0, 1, 0)
    with Project(tmp_path / "empty.db", create=True) as project:
        result = project.merge(older)
        assert (tally(result, "cases")[0], tally(result, "codings")[0]) == (1, 1)
        assert [row["text"] for row in project.memos().rows] == ["Odd."]
        assert not project.merge(older).changed


def test_whole_project_comes_into_an_empty_one(start: Path, tmp_path: Path) -> None:
    with Project(start) as project:
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")
        project.decide(coding_of(project, "m1", "debt"), "accept", "Jo")
    with Project(tmp_path / "empty.db", create=True) as project:
        result = project.merge(start)
        assert result.changed
        assert tally(result, "machine codings") == (6, 0, 0, 0, 0)
    assert work_in(tmp_path / "empty.db") == work_in(start)


def test_other_project_that_is_open_is_read_as_it_is(start: Path) -> None:
    ours, theirs = copies(start)
    with Project(theirs) as open_there:
        open_there.add_coding("m1", 1, "isolation", 0, 4, "Jo")
        assert tally(merge(ours, theirs), "codings")[0] == 1


def test_nothing_is_left_beside_the_other(start: Path, tmp_path: Path) -> None:
    ours, theirs = copies(start)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    theirs = theirs.rename(folder / "theirs.db")
    merge(ours, theirs)
    assert [path.name for path in folder.iterdir()] == ["theirs.db"]


def test_files_that_cannot_be_merged_are_refused(start: Path, tmp_path: Path) -> None:
    ours, theirs = copies(start)
    letter, database = tmp_path / "letter.db", tmp_path / "database.db"
    letter.write_text("Dear all, " * 400)
    with closing(sqlite3.connect(database)) as made:
        made.execute("CREATE TABLE a (b)")
    with closing(sqlite3.connect(theirs)) as newer:
        newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = whole(ours)
    with Project(ours) as project:
        for path, said in (
            (ours, "the project itself"),
            (tmp_path / "none.db", "no project to merge"),
            (tmp_path, "no project to merge"),
            (letter, "no qualkit project"),
            (database, "no qualkit project"),
        ):
            with pytest.raises(ProjectError, match=said) as caught:
                project.merge(path)
            assert str(path) in caught.value.where
        with pytest.raises(SchemaTooNewError, match="newer qualkit"):
            project.merge(theirs)
    (tmp_path / "same.db").symlink_to(ours)
    with pytest.raises(ProjectError, match="the project itself"):
        merge(ours, tmp_path / "same.db")
    assert whole(ours) == before
    assert list_backups(ours) == []


def test_damaged_project_is_refused(start: Path) -> None:
    ours, theirs = copies(start)
    content = bytearray(theirs.read_bytes())
    content[8192 * 2 :] = b"\xff" * (len(content) - 8192 * 2)
    theirs.write_bytes(bytes(content))
    before = whole(ours)
    with pytest.raises(ProjectError, match="damaged") as caught:
        merge(ours, theirs)
    assert str(theirs) in caught.value.where
    assert whole(ours) == before


def test_failing_in_the_middle_leaves_all_as_it_was(
    start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = copies(start)
    with Project(theirs) as project:
        project.add_coding("m1", 1, "isolation", 0, 4, "Jo")

    def full(path: Path, reason: str) -> Path:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("qualkit.project.merging.backup", full)
    before = whole(ours)
    with pytest.raises(ProjectError, match="disk is full"):
        merge(ours, theirs)
    assert whole(ours) == before


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_copy_is_of_the_project_before_and_private(start: Path, mode: str) -> None:
    ours, theirs = copies(start)
    with closing(sqlite3.connect(ours)) as opened:
        opened.execute(f"PRAGMA journal_mode = {mode}")
    with Project(theirs) as project:
        many = [case(f"n{n}", "word " * 400) for n in range(2000)]
        save_source(project.connection, parsed(many, name="many.csv"), lambda rejection: None)
    before = whole(ours)
    with Project(ours) as project:
        project.connection.execute("PRAGMA cache_size = 10")
        result = project.merge(theirs)
    assert result.backup
    assert whole(result.backup) == before
    assert stat.S_IMODE(result.backup.stat().st_mode) == 0o600
    assert tally(result, "cases") == (2000, 2, 0, 0, 0)
