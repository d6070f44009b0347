"""Projects to merge, and what there is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from qualkit.project import Project
from qualkit.project.merging import MergeResult


def at(moment: int) -> str:
    return f"2026-11-27T10:{moment // 60:02}:{moment % 60:02}Z"


def work_in(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that people did, and what it makes of the machine's codings, without row numbers."""
    with Project(path) as project:
        store = project.connection
        return {
            "codings": store.execute(
                "SELECT c.case_id, s.n, k.code, g.start_char, g.end_char, g.quote, p.name, g.status"
                " FROM codings g JOIN segments s ON s.id = g.segment_key"
                " JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
                " JOIN coders p ON p.id = g.coder_key WHERE p.machine = 0 ORDER BY 1, 2, 3, 4, 5, 7"
            ).fetchall(),
            "decisions": store.execute(
                "SELECT c.case_id, s.n, k.code, d.start_char, d.end_char, p.name, d.verdict,"
                " d.consensus, d.decided_at FROM decisions d JOIN segments s ON s.id ="
                " d.segment_key JOIN cases c ON c.id = s.case_key JOIN codes k ON k.id = d.code_key"
                " JOIN coders p ON p.id = d.coder_key ORDER BY 1, 2, 3, 4, 5, 6, 8, 9"
            ).fetchall(),
            "statuses": store.execute(
                "SELECT c.case_id, s.n, k.code, g.start_char, g.end_char, g.status, g.flagged"
                " FROM codings g JOIN segments s ON s.id = g.segment_key"
                " JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
                " WHERE g.coder_key = 1 ORDER BY 1, 2, 3, 4, 5"
            ).fetchall(),
            "done": store.execute(
                "SELECT b.name, c.case_id, p.name, d.done_at FROM done_cases d JOIN codebooks b"
                " ON b.id = d.codebook_key JOIN cases c ON c.id = d.case_key"
                " JOIN coders p ON p.id = d.coder_key ORDER BY 1, 2, 3"
            ).fetchall(),
            "memos": store.execute(
                "SELECT guid, about, text, hidden FROM memos ORDER BY guid"
            ).fetchall(),
        }


def whole(path: Path) -> list[str]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as opened:
        return list(opened.iterdump())


def merge(ours: Path, theirs: Path) -> MergeResult:
    with Project(ours) as project:
        return project.merge(theirs)
