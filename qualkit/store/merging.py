"""Joining a project that was coded on another machine into this one.

    texts -> codebooks -> the machine's codings -> people's codings, decisions, done marks, memos

One transaction. What is in both stays once; what people took back in one is not
brought back by the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import ProjectError
from qualkit.store import mergebooks, mergedecisions, mergetexts, mergework
from qualkit.store.connection import transaction
from qualkit.store.history import Line, record
from qualkit.store.lastwords import fetch_last_words
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

    `before_commit` is called when something is about to change, while the file still is
    as it was: a copy can be made of it.

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
    with open_other(path) as other, _unspilt(connection), transaction(connection):
        before = connection.total_changes
        state = _join(connection, other)
        changed = connection.total_changes != before
        if changed:
            before_commit()
            _record(state)
        forgotten = connection.execute("SELECT 1 FROM history WHERE action = 'forget' LIMIT 1")
        return Merged(
            state.tallies, tuple(state.findings), changed, forgotten.fetchone() is not None
        )


@contextmanager
def _unspilt(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep what a transaction writes in memory until its end, so that others read what was."""
    before = connection.execute("PRAGMA cache_spill").fetchone()[0]
    connection.execute("PRAGMA cache_spill = OFF")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_spill = {before}")


def _join(connection: sqlite3.Connection, other: OtherProject) -> MergeState:
    state = MergeState(connection, other)
    # The record as it was, before this merge tells of itself.
    ours = fetch_last_words(lambda sql: connection.execute(sql).fetchall())
    theirs = fetch_last_words(other.rows)
    mergetexts.join_sources(state)
    mergetexts.find_forgotten(state)
    mergetexts.join_families(state)
    mergetexts.join_cases(state)
    mergebooks.join_codebooks(state)
    mergework.join_machine(state)
    mergework.join_codings(state, ours, theirs)
    mergework.join_unplaced(state)
    mergedecisions.join_decisions(state, ours, theirs)
    mergework.join_done(state, ours, theirs)
    mergework.join_memos(state, ours, theirs)
    _refresh(state)
    return state


def _refresh(state: MergeState) -> None:
    """Work out anew what decisions make of the machine's codings, where either changed."""
    decided = set(state.ours.execute("SELECT DISTINCT segment_key, code_key FROM decisions"))
    lost = {(line.segment_key, line.code_key) for lines in state.lines.values() for line in lines}
    for segment, code in sorted(state.touched & (decided | lost)):
        refresh(state.ours, Stretch(0, segment, code, 0, 0))


def _record(state: MergeState) -> None:
    """Tell of the merge; with what it took out or put back, so that later merges know.

    A step with a line `merge` is nobody's to undo.
    """
    record(state.ours, None, [Line("merge")])
    for coder, lines in sorted(state.lines.items()):
        record(state.ours, coder, [Line("merge"), *lines])
