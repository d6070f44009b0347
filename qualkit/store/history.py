"""Who did what when: an append-only record, and what of it can be taken back.

One user action is one step of several lines. A line names rows and offsets, never
words. What a line says can be turned round (a coding added, a coding removed), so a
step is undone by a step that does the opposite, and redone by undoing that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from qualkit.store.writing import now

OPPOSITES = {
    "decide": "retract",
    "retract": "decide",
    "add": "remove",
    "remove": "add",
    "done": "reopen",
    "reopen": "done",
    "memo": "unmemo",
    "unmemo": "memo",
}
"""What people do, and what takes it back. Other actions stand: an import, a run."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record.

    Attributes
    ----------
    action : str
        One of `OPPOSITES`, or import, text, codebook, code, learn, merge, forget, apply.
    case_key, segment_key, code_key : int or None
        Rows; of what was forgotten they are gone.
    start, end : int or None
        Offsets in the segment's text as it was then.
    about_key : int or None
        Another row: the codebook of a case called done, a memo, a run, a source's version.
    guid : str
        Of a person's coding.
    verdict : str
        accept or reject.
    consensus : int
        1 for what coders agreed on.
    """

    action: str
    case_key: int | None = None
    segment_key: int | None = None
    code_key: int | None = None
    start: int | None = None
    end: int | None = None
    about_key: int | None = None
    guid: str = ""
    verdict: str = ""
    consensus: int = 0


_COLUMNS = (
    "action, case_key, segment_key, code_key, start_char, end_char, about_key, guid, verdict,"
    " consensus"
)


def record(
    connection: sqlite3.Connection,
    coder: int | None,
    lines: Sequence[Line],
    *,
    undoes: int = 0,
    step: int | None = None,
) -> int:
    """Append one step, inside the caller's transaction; return its number.

    `coder` is None for what the program did on nobody's behalf; `undoes` names the
    step that this one takes back; `step` goes on with one of the same transaction.
    """
    if not connection.in_transaction:
        raise RuntimeError("a step of the history belongs to the transaction of its action")
    if step is None:
        step = 1 + (connection.execute("SELECT max(step) FROM history").fetchone()[0] or 0)
    at = now()
    connection.executemany(
        f"INSERT INTO history (step, at, coder_key, undoes, {_COLUMNS})"
        f" VALUES (?, ?, ?, ?, {', '.join('?' * len(fields(Line)))})",
        [
            (step, at, coder, undoes, *(getattr(line, own.name) for own in fields(Line)))
            for line in lines
        ],
    )
    return int(step)


def fetch_lines(connection: sqlite3.Connection, step: int) -> list[Line]:
    """Return the lines of a step, in order."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM history WHERE step = ? ORDER BY id", (step,))
    return [Line(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Stacks:
    """Steps that a coder may undo, and redo: the last of each list next."""

    undo: list[int]
    redo: list[int]


def fetch_stacks(connection: sqlite3.Connection, coder: int) -> Stacks:
    """Return what a coder can take back, and what she took back; texts since gone left out."""
    undo: list[int] = []
    redo: list[int] = []
    marks = ", ".join("?" * len(OPPOSITES))
    for step, undoes in connection.execute(
        "SELECT h.step, h.undoes FROM history h WHERE h.coder_key = ?"
        f" AND h.action IN ({marks}) GROUP BY h.step"
        # What was done to a text that is gone, or has another wording, stays done.
        " HAVING sum(h.segment_key IS NOT NULL AND NOT EXISTS"
        "  (SELECT 1 FROM segments s WHERE s.id = h.segment_key)"
        "  OR EXISTS (SELECT 1 FROM history t WHERE t.action = 'text'"
        "  AND t.case_key = h.case_key AND t.step > h.step)) = 0 ORDER BY h.step",
        (coder, *OPPOSITES),
    ):
        if not undoes:
            undo.append(step)
            redo.clear()
        elif undo and undo[-1] == undoes:
            undo.pop()
            redo.append(step)
        elif redo and redo[-1] == undoes:
            redo.pop()
            undo.append(step)
    return Stacks(undo, redo)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record, with names in place of rows; empty where they are gone."""

    step: int
    at: str
    coder: str
    action: str
    case_id: str
    segment_n: int | None
    category: str
    code: str
    start: int | None
    end: int | None
    verdict: str
    consensus: int
    about: str
    undoes: int


_ABOUT = """CASE h.action
    WHEN 'import' THEN (SELECT o.name || ' version ' || v.version FROM source_versions v
        JOIN sources o ON o.id = v.source_key WHERE v.id = h.about_key)
    WHEN 'codebook' THEN (SELECT b.name || ' ' || v.version FROM codebook_versions v
        JOIN codebooks b ON b.id = v.codebook_key WHERE v.id = h.about_key)
    WHEN 'code' THEN (SELECT 'run ' || r.id || ', ' || b.name || ' ' || v.version || ', '
        || r.method FROM runs r JOIN codebook_versions v ON v.id = r.codebook_version_key
        JOIN codebooks b ON b.id = v.codebook_key WHERE r.id = h.about_key)
    WHEN 'learn' THEN 'model ' || h.about_key
    WHEN 'done' THEN (SELECT name FROM codebooks WHERE id = h.about_key)
    WHEN 'reopen' THEN (SELECT name FROM codebooks WHERE id = h.about_key)
    WHEN 'memo' THEN 'memo ' || h.about_key
    WHEN 'unmemo' THEN 'memo ' || h.about_key
    ELSE '' END"""


def iterate_history(
    connection: sqlite3.Connection,
    *,
    case_key: int | None = None,
    code_key: int | None = None,
    coder: int | None = None,
    last: int | None = None,
) -> Iterator[Entry]:
    """Yield the record, oldest first; only of a case, code or coder if given, or the last steps."""
    wanted = {"h.case_key": case_key, "h.code_key": code_key, "h.coder_key": coder}
    conditions = [f"{name} = ?" for name, key in wanted.items() if key is not None]
    values: list[int] = [key for key in wanted.values() if key is not None]
    where = " AND ".join(conditions) or "1"
    limit = ""
    if last is not None:
        limit = (
            f" AND h.step IN (SELECT DISTINCT h.step FROM history h WHERE {where}"
            " ORDER BY h.step DESC LIMIT ?)"
        )
        values = [*values, *values, last]
    for row in connection.execute(
        "SELECT h.step, h.at, coalesce(p.name, ''), h.action, coalesce(c.case_id, ''), s.n,"
        " coalesce(k.category, ''), coalesce(k.code, ''), h.start_char, h.end_char, h.verdict,"
        f" h.consensus, coalesce({_ABOUT}, ''), h.undoes FROM history h"
        " LEFT JOIN coders p ON p.id = h.coder_key LEFT JOIN cases c ON c.id = h.case_key"
        " LEFT JOIN segments s ON s.id = h.segment_key LEFT JOIN codes k ON k.id = h.code_key"
        f" WHERE {where}{limit} ORDER BY h.id",
        values,
    ):
        yield Entry(*row)
