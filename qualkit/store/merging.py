"""Joining a project that was coded on another machine into this one.

    texts -> codebooks -> the machine's codings -> people's codings, decisions, done marks, memos

One transaction. What is in both stays once; what people took back in one is not
brought back by the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from qualkit.errors import ProjectError
from qualkit.store import (
    clearing,
    mergebooks,
    mergedecisions,
    mergegone,
    mergetexts,
    mergework,
    phases,
)
from qualkit.store.connection import transaction
from qualkit.store.history import Line, record
from qualkit.store.lastwords import fetch_last_words
from qualkit.store.mergestars import join_family_data
from qualkit.store.mergestate import Finding, MergeState, Tally
from qualkit.store.otherproject import OtherProject, open_other
from qualkit.store.stretches import Stretch, refresh
from qualkit.store.writing import ProjectConnection

__all__ = ["Finding", "Merged", "Tally", "merge_project"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did.

    Attributes
    ----------
    tallies : dict of str to Tally
        By sort of thing, in the order of a report.
    findings : tuple of Finding
        All that was contradictory, not placed or taken back.
    changed : bool
        Whether anything here is other than before.
    forgotten_before : bool
        Whether a family was ever forgotten here.
    """

    tallies: dict[str, Tally]
    findings: tuple[Finding, ...]
    changed: bool
    forgotten_before: bool


def merge_project(
    connection: ProjectConnection, path: Path, before_commit: Callable[[], object]
) -> Merged:
    """Join the project at `path` into this one, in one transaction.

    `before_commit` is called when something changes, while others still read the file as
    it was: a copy can be made of it.

    Raises
    ------
    ProjectError
        It is this very project, no project, damaged, or of a newer qualkit.
    """
    if path.exists() and path.samefile(connection.path):
        raise ProjectError(
            "this is the project itself; there is nothing to merge",
            where=str(path),
            to_do="name the file that was coded on the other machine",
        )
    with open_other(path) as other, transaction(connection):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            # Others read what was, also while pages of a long transaction go to the log.
            return _merge(connection, other, lambda: None, before_commit)
        # Without a log nobody reads once a page has gone to the file: the copy comes first.
        tried = _try(connection, other)
        if tried is not None:
            return _tell(tried, changed=False)
        return _merge(connection, other, before_commit, lambda: None)


def _merge(
    connection: ProjectConnection,
    other: OtherProject,
    before: Callable[[], object],
    after: Callable[[], object],
) -> Merged:
    """Join, calling `after` if anything is other than it was; `before` comes first of all."""
    before()
    n_changes = connection.total_changes
    state = _join(connection, other)
    changed = connection.total_changes != n_changes or bool(state.lines)
    if changed:
        after()
        _record(state)
    return _tell(state, changed=changed)


def _tell(state: MergeState, *, changed: bool) -> Merged:
    forgotten = state.ours.execute("SELECT 1 FROM history WHERE action = 'forget' LIMIT 1")
    return Merged(state.tallies, tuple(state.findings), changed, forgotten.fetchone() is not None)


class _ChangeError(Exception):
    """A merge that was only tried has come to its first change."""


class _Trial:
    """A connection that stops at the first statement that changes anything."""

    def __init__(self, connection: ProjectConnection) -> None:
        self._connection = connection
        self._n_changes = connection.total_changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *words: Any) -> sqlite3.Cursor:
        return self._stop(self._connection.execute(*words))

    def executemany(self, *words: Any) -> sqlite3.Cursor:
        return self._stop(self._connection.executemany(*words))

    def _stop(self, cursor: sqlite3.Cursor) -> sqlite3.Cursor:
        if self._connection.total_changes != self._n_changes:
            raise _ChangeError
        return cursor


def _try(connection: ProjectConnection, other: OtherProject) -> MergeState | None:
    """Join until the first change, and take that back; None where there is one."""
    connection.execute("SAVEPOINT trial")
    try:
        state = _join(cast(sqlite3.Connection, _Trial(connection)), other)
    except _ChangeError:
        return None
    finally:
        connection.execute("ROLLBACK TO trial")
        connection.execute("RELEASE trial")
    return None if state.lines else state


def _join(connection: sqlite3.Connection, other: OtherProject) -> MergeState:
    state = MergeState(connection, other)
    # The record as it was, before this merge tells of itself.
    ours = fetch_last_words(connection.execute)
    theirs = fetch_last_words(other.each)
    sql = "SELECT about_key FROM memos WHERE about = 'coding' AND about_key IS NOT NULL"
    state.noted.update(key for (key,) in other.each(sql))
    mergetexts.join_sources(state)
    mergetexts.find_forgotten(state)
    mergetexts.join_families(state)
    join_family_data(state)
    mergetexts.join_cases(state)
    mergebooks.join_codebooks(state)
    mergework.join_machine(state)
    mergework.join_codings(state, ours, theirs)
    mergework.join_unplaced(state)
    mergedecisions.join_decisions(state, ours, theirs)
    mergework.join_done(state, ours, theirs)
    mergework.join_memos(state, ours, theirs)
    phases.join_phases(state)
    clearing.join_cleared(state)
    mergegone.carry_taken_back(state, ours, theirs)
    _refresh(state)
    return state


def _refresh(state: MergeState) -> None:
    """Work out anew what decisions make of the machine's codings, where either changed."""
    decided = set(state.ours.execute("SELECT DISTINCT segment_key, code_key FROM decisions"))
    lost = {
        (line.segment_key, line.code_key) for lines in state.lines.values() for _, line in lines
    }
    for segment, code in sorted(state.touched & (decided | lost)):
        refresh(state.ours, Stretch(0, segment, code, 0, 0))


def _record(state: MergeState) -> None:
    """Tell of the merge; with what it took out or put back, so that later merges know.

    Each with the time at which it was done, not that of the merge: a third project may
    know better. A step with a line `merge` is nobody's to undo.
    """
    record(state.ours, None, [Line("merge")])
    for coder, lines in sorted(state.lines.items()):
        step = record(state.ours, coder, [Line("merge")])
        for at, group in groupby(sorted(lines, key=itemgetter(0)), key=itemgetter(0)):
            record(state.ours, coder, [line for _, line in group], step=step, at=at)
