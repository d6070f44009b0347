"""Who did what when: an append-only record, and what of it can be taken back.

One user action is one step of several lines. A line names rows and offsets, never
words. What a line says can be turned round (a coding added, a coding removed), so a
step is undone by a step that does the opposite, and redone by one that does it again.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

from qualkit.store.writing import ProjectConnection, now

OPPOSITES = {
    "decide": "retract",
    "retract": "decide",
    "add": "remove",
    "remove": "add",
    "done": "reopen",
    "reopen": "done",
    "memo": "unmemo",
    "unmemo": "memo",
    "phase": "unphase",
    "unphase": "phase",
    "group": "ungroup",
    "ungroup": "group",
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
        Another row: the decision or coding itself, the codebook of a case called done, a
        memo, a phase, a grouping, a run, a model, a source's version.
    guid : str
        Of a person's coding, memo or phase.
    verdict : str
        accept or reject; of a phase which one, empty where it was given back to the cues.
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
    redoes: int = 0,
    step: int | None = None,
    at: str = "",
) -> int:
    """Append one step, inside the caller's transaction; return its number.

    `coder` is None for what the program did on nobody's behalf; `undoes` names the
    step that this one takes back, `redoes` the undoing step that it takes back; `step`
    goes on with one of the same coder and transaction; `at` is when it was done, now if
    empty.
    """
    if not connection.in_transaction:
        raise RuntimeError("a step of the history belongs to the transaction of its action")
    joint = getattr(connection, "joint_steps", None)
    if step is None and joint is not None:
        step = joint.get(coder)
    if step is None:
        step = 1 + (connection.execute("SELECT max(step) FROM history").fetchone()[0] or 0)
    if joint is not None:
        joint[coder] = step
    at = at or now()
    connection.executemany(
        f"INSERT INTO history (step, at, coder_key, undoes, redoes, {_COLUMNS})"
        f" VALUES (?, ?, ?, ?, ?, {', '.join('?' * len(fields(Line)))})",
        [
            (step, at, coder, undoes, redoes, *(getattr(line, own.name) for own in fields(Line)))
            for line in lines
        ],
    )
    return int(step)


@contextmanager
def one_step(connection: ProjectConnection) -> Iterator[None]:
    """Inside it all that a coder does is one step, so that one undo takes it back."""
    connection.joint_steps = {}
    try:
        yield
    finally:
        connection.joint_steps = None


def fetch_last_line(connection: sqlite3.Connection) -> int:
    """Return the number of the record's last line, 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM history").fetchone()[0])


def fetch_lines(connection: sqlite3.Connection, step: int) -> list[Line]:
    """Return the lines of a step, in order."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM history WHERE step = ? ORDER BY id", (step,))
    return [Line(*row) for row in rows]


def fetch_undone(connection: sqlite3.Connection, step: int) -> int:
    """Return which step a step took back; 0 if it took back none."""
    row = connection.execute(
        "SELECT undoes FROM history WHERE step = ? LIMIT 1", (step,)
    ).fetchone()
    return int(row[0]) if row else 0


def fetch_last_step(connection: sqlite3.Connection, coder: int) -> int | None:
    """Return the number of a coder's last step, or None where there is none."""
    row = connection.execute(
        "SELECT max(step) FROM history WHERE coder_key = ?", (coder,)
    ).fetchone()
    return None if row[0] is None else int(row[0])


_ABOUT_TEXT = "('decide', 'retract', 'add', 'remove', 'done', 'reopen')"
# Rows may be used anew once what had them is gone, so a text forgotten counts as changed.
_STALE = f"""h.action IN {_ABOUT_TEXT} AND (
    EXISTS (SELECT 1 FROM history t WHERE t.case_key = h.case_key
        AND t.action IN ('text', 'forget') AND t.step > h.step)
    OR NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = h.case_key)
    OR h.segment_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM segments s
        WHERE s.id = h.segment_key AND s.case_key = h.case_key))"""


def find_step(
    connection: sqlite3.Connection,
    coder: int | None,
    *,
    redo: bool,
    besides: Collection[int] = (),
    of_all: bool = False,
) -> tuple[int | None, int]:
    """Return the step that a coder's next undo (or redo) takes back, or None.

    And how many she would have come to before it, but which stay as they are: their
    text has changed or gone since, or they are in `besides`. Reads her steps backwards,
    no further than it must. With `of_all` also what was done in nobody's name.
    """
    passed = 0
    turned: set[int] = set()
    marks = ", ".join("?" * len(OPPOSITES))
    sources: list[tuple[str, tuple[int, ...]]] = [("= ?", (coder,))] if coder is not None else []
    sources += [("IS NULL", ())] if of_all else []
    cursors = [
        connection.execute(
            f"SELECT h.step, max(h.undoes), max(h.redoes), max({_STALE}) FROM history h"
            f" WHERE h.coder_key {whose} GROUP BY h.step"
            f" HAVING min(h.action IN ({marks})) = 1 ORDER BY h.step DESC",
            (*values, *OPPOSITES),
        )
        for whose, values in sources
    ]
    try:
        for step, undoes, redoes, stale in heapq.merge(*cursors, key=lambda row: -row[0]):
            if redo and not undoes and not redoes:
                # Whoever has done something new cannot redo what she undid before it.
                break
            if bool(undoes) != redo:
                # The other sort says only which of the wanted sort it has taken back.
                turned.add(undoes or redoes)
            elif step not in turned and (stale or step in besides):
                passed += 1
            elif step not in turned:
                return int(step), passed
    finally:
        for cursor in cursors:
            cursor.close()
    return None, passed


def fetch_whose(connection: sqlite3.Connection, step: int) -> int | None:
    """Return the row of the coder of a step; None for what was done in nobody's name."""
    row = connection.execute(
        "SELECT coder_key FROM history WHERE step = ? LIMIT 1", (step,)
    ).fetchone()
    return None if row is None else row[0]


def was_done_unnamed(connection: sqlite3.Connection) -> bool:
    """Whether something that can be taken back was done in nobody's name."""
    found = connection.execute(
        "SELECT 1 FROM history WHERE coder_key IS NULL AND action = 'group' LIMIT 1"
    )
    return found.fetchone() is not None


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
    redoes: int


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
    WHEN 'add' THEN 'coding ' || h.about_key
    WHEN 'remove' THEN 'coding ' || h.about_key
    WHEN 'memo' THEN 'memo ' || h.about_key
    WHEN 'unmemo' THEN 'memo ' || h.about_key
    WHEN 'group' THEN (SELECT 'family.' || key FROM groupings WHERE id = h.about_key)
    WHEN 'ungroup' THEN (SELECT 'family.' || key FROM groupings WHERE id = h.about_key)
    ELSE '' END"""


def _matching(
    case_key: int | None, code_keys: Sequence[int], coder: int | None
) -> tuple[str, list[int]]:
    """Return which lines of `history h` are wanted, and the values."""
    # An import has a line for every text that it changed; they are of interest with their case.
    conditions, values = ["h.action <> 'text'" if case_key is None else "1"], []
    for name, key in (("h.case_key", case_key), ("h.coder_key", coder)):
        if key is not None:
            conditions.append(f"{name} = ?")
            values.append(key)
    if code_keys:
        conditions.append(f"h.code_key IN ({', '.join('?' * len(code_keys))})")
        values += code_keys
    return " AND ".join(conditions), values


def count_history(
    connection: sqlite3.Connection,
    *,
    case_key: int | None = None,
    code_keys: Sequence[int] = (),
    coder: int | None = None,
) -> int:
    """Return how many lines `iterate_history` would go through."""
    where, values = _matching(case_key, code_keys, coder)
    sql = f"SELECT count(*) FROM history h WHERE {where}"
    return int(connection.execute(sql, values).fetchone()[0])


# The same row may hold another case once the first is forgotten.
_SAME = (
    "NOT EXISTS (SELECT 1 FROM history t WHERE t.case_key = h.case_key"
    " AND t.action = 'forget' AND t.step > h.step)"
)


def iterate_history(
    connection: sqlite3.Connection,
    *,
    case_key: int | None = None,
    code_keys: Sequence[int] = (),
    coder: int | None = None,
    last: int | None = None,
    step: int | None = None,
) -> Iterator[Entry]:
    """Yield the record, oldest first.

    Only of a case, codes or a coder if given; only one step, or the last so many lines.
    Which texts an import changed is told only where a case is asked for.
    """
    where, values = _matching(case_key, code_keys, coder)
    if step is not None:
        where += " AND h.step = ?"
        values.append(step)
    lines = "history"
    if last is not None:
        lines = f"(SELECT * FROM history h WHERE {where} ORDER BY h.id DESC LIMIT ?)"
        values = [*values, last, *values]
    for row in connection.execute(
        "SELECT h.step, h.at, coalesce(p.name, ''), h.action, coalesce(c.case_id, ''), s.n,"
        " coalesce(k.category, ''), coalesce(k.code, ''), h.start_char, h.end_char, h.verdict,"
        f" h.consensus, coalesce({_ABOUT}, ''), h.undoes, h.redoes FROM {lines} h"
        " LEFT JOIN coders p ON p.id = h.coder_key"
        f" LEFT JOIN cases c ON c.id = h.case_key AND {_SAME}"
        " LEFT JOIN segments s ON s.id = h.segment_key AND s.case_key = c.id"
        " LEFT JOIN codes k ON k.id = h.code_key"
        f" WHERE {where} ORDER BY h.id",
        values,
    ):
        yield Entry(*row)
