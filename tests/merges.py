"""Projects to merge, and what there is in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from factories import case, parsed

from qualkit.project import Project
from qualkit.project.merging import MergeResult
from qualkit.store.sources import save_source


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


@cache
def overlapping() -> Path:
    """A project whose machine codings of one code overlap."""
    path = Path(mkdtemp(prefix="qualkit-test-")) / "start.db"
    with Project(path, create=True) as project:
        store = project.connection
        save_source(store, parsed([case("m1", "abcdefghijklmnop")]), lambda rejection: None)
        store.execute("INSERT INTO codebooks (name, title) VALUES ('small', '')")
        store.execute(
            "INSERT INTO codebook_versions (codebook_key, version, content_hash, kinds, roles,"
            " path, compiled, loaded_at) VALUES (1, '1', 'h', '', '', '', '', '')"
        )
        store.execute(
            "INSERT INTO codes (codebook_key, category, code, name, position, definition, include,"
            " exclude, about, code_group) VALUES (1, 'barrier', 'debt', '', 0, '', '', '', '', '')"
        )
        store.executemany(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " coder_key, rule, status) VALUES (1, 1, 1, ?, ?, '', 1, '', 'unreviewed')",
            [(0, 5), (3, 8), (7, 12), (11, 16)],
        )
    return path
