"""Many people decide at once, or are killed while they do: every decision once, none half."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from faults.processes import check_sound
from oldproject import FILL

from qualkit.project import Project

WAITING = "another program is writing to the project; waiting for it"
N_PEOPLE = 20
N_EACH = 250
N_SHARED = N_EACH // 2
N_KILLS = 12

_DECIDE = """
import os, sys
from qualkit.project import Project
path, coder, verdict, first, last, shared = sys.argv[1:]
numbers = [*range(1, int(shared) + 1), *range(int(first), int(last))]
with Project(path) as project:
    os.write(1, b"ready\\n")
    sys.stdin.readline()
    for number in numbers:
        project.decide(number, verdict, coder)
        os.write(1, b"%d\\n" % number)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with as many machine codings, one a segment, as people will decide on."""
    path = tmp_path_factory.mktemp("template") / "qualkit.db"
    n_codings = N_SHARED + N_PEOPLE * (N_EACH - N_SHARED)
    Project(path, create=True).close()
    with closing(sqlite3.connect(path)) as store:
        for statement in FILL:
            if not any(table in statement for table in ("codings", "decisions", "memos")):
                store.execute(statement)
        store.executemany(
            "INSERT INTO segments SELECT ?, 1, ?, '', '', 'worker', NULL, NULL, '', text"
            " FROM segments WHERE id = 1",
            [(number, number) for number in range(2, n_codings + 1)],
        )
        store.execute("INSERT INTO segments_fts (segments_fts) VALUES ('rebuild')")
        store.executemany(
            "INSERT INTO codings (id, segment_key, case_key, code_key, start_char, end_char, quote,"
            " coder_key, rule, status) VALUES (?1, ?1, 1, 1, 9, 14, 'debts', 1, 'r', 'unreviewed')",
            [(number,) for number in range(1, n_codings + 1)],
        )
        store.commit()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of the template, alone in its folder."""
    copy = tmp_path / "qualkit.db"
    copy.write_bytes(template.read_bytes())
    return copy


def start(
    path: Path, coder: str, verdict: str, first: int, last: int, shared: int
) -> subprocess.Popen[str]:
    """Start a person who decides on the shared codings and on her own, when told to."""
    return subprocess.Popen(
        [sys.executable, "-c", _DECIDE, path, coder, verdict, *map(str, (first, last, shared))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begin_together(people: list[subprocess.Popen[str]]) -> None:
    for person in people:
        assert person.stdout is not None
        assert person.stdout.readline() == "ready\n"
    for person in people:
        assert person.stdin is not None
        person.stdin.write("go\n")
        person.stdin.flush()


def end(people: list[subprocess.Popen[str]]) -> None:
    for person in people:
        _, err = person.communicate(timeout=120)
        # On a busy machine somebody may have to wait, and is told so.
        assert (person.returncode, set(err.splitlines()) - {WAITING}) == (0, set())


def decided(path: Path) -> Counter[tuple[str, int, str]]:
    """Who decided what on which coding, as the decisions have it."""
    with closing(sqlite3.connect(path)) as store:
        return Counter(
            store.execute(
                "SELECT p.name, d.segment_key, d.verdict FROM decisions d"
                " JOIN coders p ON p.id = d.coder_key"
            ).fetchall()
        )


def recorded(path: Path) -> Counter[tuple[str, int, str]]:
    """The same, as the history has it: what was decided less what was retracted."""
    found: Counter[tuple[str, int, str]] = Counter()
    with closing(sqlite3.connect(path)) as store:
        for action, *what in store.execute(
            "SELECT h.action, p.name, h.segment_key, h.verdict FROM history h"
            " JOIN coders p ON p.id = h.coder_key WHERE h.action IN ('decide', 'retract')"
        ):
            found[tuple(what)] += 1 if action == "decide" else -1
    return +found


@pytest.mark.slow
def test_twenty_people_at_once_lose_no_decision_and_make_none_twice(path: Path) -> None:
    people, expected = [], Counter[tuple[str, int, str]]()
    for number in range(N_PEOPLE):
        name, verdict = f"P{number}", ("accept", "reject")[number % 2]
        first = N_SHARED + 1 + number * (N_EACH - N_SHARED)
        last = first + N_EACH - N_SHARED
        people.append(start(path, name, verdict, first, last, N_SHARED))
        expected.update(
            (name, coding, verdict) for coding in (*range(1, N_SHARED + 1), *range(first, last))
        )
    begin_together(people)
    end(people)
    assert expected.total() == N_PEOPLE * N_EACH == 5_000
    assert decided(path) == expected
    assert recorded(path) == expected
    with closing(sqlite3.connect(path)) as store:
        # Each one is a step of its own.
        assert store.execute(
            "SELECT count(*), count(DISTINCT step) FROM history WHERE action = 'decide'"
        ).fetchone() == (5_000, 5_000)
        assert store.execute(
            "SELECT status, flagged, count(*) FROM codings GROUP BY 1, 2 ORDER BY 1"
        ).fetchall() == [
            # Half of the people said yes to the shared ones, half no.
            ("accepted", 0, 10 * (N_EACH - N_SHARED)),
            ("rejected", 0, 10 * (N_EACH - N_SHARED)),
            ("unreviewed", 1, N_SHARED),
        ]
    check_sound(path)


def test_one_person_in_four_windows_decides_once(path: Path) -> None:
    people = [start(path, "Ann", "accept", 1, 1, 40) for _ in range(4)]
    begin_together(people)
    end(people)
    expected = Counter(("Ann", number, "accept") for number in range(1, 41))
    assert decided(path) == recorded(path) == expected
    with Project(path) as project:
        n_undone = 0
        while project.undo("Ann"):
            n_undone += 1
    assert n_undone == 40
    assert decided(path) == recorded(path) == Counter()


def test_kills_lose_at_most_the_decision_in_flight(path: Path) -> None:
    chance = random.Random(7)
    before: Counter[tuple[str, int, str]] = Counter()
    for number in range(N_KILLS):
        # Every other time she changes her mind on what she has decided: two lines a step.
        verdict = ("accept", "reject")[number % 2]
        person = start(path, "Ann", verdict, 1, 1, 1_000)
        begin_together([person])
        time.sleep(chance.uniform(0.005, 0.25))
        person.kill()
        out, _ = person.communicate(timeout=60)
        said = [int(line) for line in out.splitlines()]
        now = decided(path)
        assert now == recorded(path)
        assert set(now.values()) <= {1}
        # Every decision that she was told of, and none but these and the one in flight.
        expected = {coding: verdict for _, coding, verdict in before}
        expected.update(dict.fromkeys(said, verdict))
        found = {coding: verdict for _, coding, verdict in now}
        more = {coding for coding in found if found[coding] != expected.get(coding)}
        assert more <= {len(said) + 1}
        assert {coding: found[coding] for coding in expected if coding not in more} == {
            coding: own for coding, own in expected.items() if coding not in more
        }
        before = now
    assert before
    check_sound(path)
