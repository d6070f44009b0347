"""What a person's actions, and their undoing, are made of: verdicts and codings as rows.

Every function works inside the caller's transaction and leaves the history to it.
"""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass, replace

from qualkit.errors import QualkitError
from qualkit.model import Status
from qualkit.store.codings import Verdict, coder_key, fetch_machines, resolve, resolve_added
from qualkit.store.history import Line
from qualkit.store.schema import CONSENSUS, MACHINE_KEY
from qualkit.store.writing import now


class StaleError(Exception):
    """The thing that an action is about is no longer there, or no longer as it was."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a code stands: rows of case, segment and code, offsets in the segment's text."""

    case_key: int
    segment_key: int
    code_key: int
    start: int
    end: int

    def changed(self, code_key: int | None, start: int | None, end: int | None) -> Stretch:
        """Return it with another code, start or end; None leaves what there is."""
        return replace(
            self,
            code_key=self.code_key if code_key is None else code_key,
            start=self.start if start is None else start,
            end=self.end if end is None else end,
        )


@dataclass(frozen=True, slots=True)
class StoredCoding:
    """A coding with its stretch, its coder and, if a person's, its guid.

    `consensus` is 1 if it was added as what coders agreed on.
    """

    key: int
    stretch: Stretch
    coder_key: int
    guid: str
    consensus: int = 0


def find_coding(connection: sqlite3.Connection, key: int) -> StoredCoding | None:
    """Return a coding by its row, or None."""
    row = connection.execute(
        "SELECT case_key, segment_key, code_key, start_char, end_char, coder_key, guid, rule = ?"
        " FROM codings WHERE id = ?",
        (CONSENSUS, key),
    ).fetchone()
    return StoredCoding(key, Stretch(*row[:5]), row[5], row[6] or "", row[7]) if row else None


def person(connection: sqlite3.Connection, name: str) -> int:
    """Return the row of a person, made if need be, inside the caller's transaction.

    Raises QualkitError when the name is blank or the machine's: what a person does must
    be somebody's, and the machine takes nothing back.
    """
    own = " ".join(name.split())
    if not own or own in fetch_machines(connection):
        raise QualkitError(
            "what is coded and decided by hand needs a person's name",
            found=f"the coder '{own}'",
            to_do="say who: --coder NAME",
        )
    return int(coder_key(connection, own, create=True) or 0)


def stretch_of(line: Line) -> Stretch:
    """Return where a line's code stands."""
    values = line.case_key, line.segment_key, line.code_key, line.start, line.end
    return Stretch(*(int(value or 0) for value in values))


def set_verdict(
    connection: sqlite3.Connection, stretch: Stretch, who: int, verdict: str, consensus: int
) -> list[Line]:
    """Put a verdict in place of an earlier one; return what changed."""
    touching = connection.execute(
        "SELECT id, verdict, start_char = ? AND end_char = ? AND coder_key = ? AND consensus = ?"
        " FROM decisions WHERE segment_key = ? AND code_key = ? AND start_char < ?"
        " AND ? < end_char AND (coder_key = ? OR consensus = 1 AND ?) ORDER BY id",
        (
            *(stretch.start, stretch.end, who, consensus),
            *(stretch.segment_key, stretch.code_key, stretch.end, stretch.start, who, consensus),
        ),
    ).fetchall()
    earlier = [(key, old) for key, old, same in touching if same]
    # Said before, but overruled since by a say on some of the same words: said anew.
    if [old for _, old in earlier] == [verdict] and touching[-1][2]:
        return []
    lines = []
    for key, old in earlier:
        lines.append(make_line("retract", stretch, verdict=old, consensus=consensus, about_key=key))
        delete_verdict(connection, lines[-1])
    key = insert_verdict(connection, stretch, who, verdict, consensus)
    lines.append(make_line("decide", stretch, verdict=verdict, consensus=consensus, about_key=key))
    refresh(connection, stretch)
    return lines


def insert_verdict(
    connection: sqlite3.Connection,
    stretch: Stretch,
    who: int,
    verdict: str,
    consensus: int,
    key: int | None = None,
) -> int:
    """Keep a verdict; one that comes back takes its old row: later ones still outrank it."""
    cursor = connection.execute(
        "INSERT INTO decisions (id, segment_key, code_key, start_char, end_char, coder_key,"
        " verdict, consensus, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (key, *place_of(stretch), who, verdict, consensus, now()),
    )
    return int(cursor.lastrowid or 0)


def delete_verdict(connection: sqlite3.Connection, line: Line) -> None:
    """Take away the verdict that a line names by its row; StaleError if it is not as it was."""
    if not connection.execute(
        "DELETE FROM decisions WHERE id = ? AND segment_key = ? AND code_key = ?"
        " AND start_char = ? AND end_char = ? AND verdict = ? AND consensus = ?",
        (line.about_key, *place_of(stretch_of(line)), line.verdict, line.consensus),
    ).rowcount:
        raise StaleError(line)


def refuse_double(connection: sqlite3.Connection, table: str, line: Line, who: int) -> None:
    """Refuse to bring back what the person has at the very place by now."""
    if connection.execute(
        f"SELECT 1 FROM {table} WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key = ?"
        + (f" AND consensus = {int(line.consensus)}" if table == "decisions" else ""),
        (*place_of(stretch_of(line)), who),
    ).fetchone():
        raise StaleError(line)


def refresh(connection: sqlite3.Connection, stretch: Stretch) -> None:
    """Work out anew what the decisions make of the codings there.

    A person's own is only outranked by what coders agreed on; one added as that stays.
    """
    verdicts = _verdicts(connection, stretch)
    for key, start, end, coder in connection.execute(
        "SELECT id, start_char, end_char, coder_key FROM codings"
        " WHERE segment_key = ? AND code_key = ? AND (coder_key = ? OR rule <> ?)",
        (stretch.segment_key, stretch.code_key, MACHINE_KEY, CONSENSUS),
    ).fetchall():
        span = start, end
        found = (
            resolve(verdicts, span) if coder == MACHINE_KEY else (resolve_added(verdicts, span), 0)
        )
        connection.execute("UPDATE codings SET status = ?, flagged = ? WHERE id = ?", (*found, key))


def _verdicts(connection: sqlite3.Connection, stretch: Stretch) -> list[Verdict]:
    return [
        Verdict(*values)
        for values in connection.execute(
            "SELECT start_char, end_char, coder_key, verdict, consensus FROM decisions"
            " WHERE segment_key = ? AND code_key = ? ORDER BY id",
            (stretch.segment_key, stretch.code_key),
        )
    ]


def add(
    connection: sqlite3.Connection, stretch: Stretch, who: int, *, consensus: int = 0
) -> tuple[int, list[Line]]:
    """Add a coding unless it is there; return its row and what changed."""
    same = connection.execute(
        "SELECT id FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key = ?",
        (*place_of(stretch), who),
    ).fetchone()
    if same:
        return int(same[0]), []
    line = make_line("add", stretch, guid=str(uuid.uuid4()), consensus=consensus)
    key = insert(connection, stretch, who, line)
    return key, [replace(line, about_key=key)]


def agree(connection: sqlite3.Connection, stretch: Stretch, who: int) -> tuple[int, list[Line]]:
    """Add a coding that was agreed on; where the person has it of her own, say that it was."""
    key, lines = add(connection, stretch, who, consensus=1)
    found = find_coding(connection, key)
    if not lines and found is not None and not found.consensus:
        lines = set_verdict(connection, stretch, who, "accept", 1)
    return key, lines


def insert(connection: sqlite3.Connection, stretch: Stretch, who: int, line: Line) -> int:
    """Store a coding; one that comes back takes its old number if that is free."""
    row = connection.execute(
        "SELECT text FROM segments WHERE id = ?", (stretch.segment_key,)
    ).fetchone()
    if row is None:
        raise LookupError(stretch.segment_key)
    text = str(row[0])
    if not 0 <= stretch.start < stretch.end <= len(text):
        raise ValueError(f"{stretch.start}:{stretch.end} is not within 0:{len(text)}")
    status = str(Status.ADDED)
    if not line.consensus:
        status = resolve_added(_verdicts(connection, stretch), (stretch.start, stretch.end))
    cursor = connection.execute(
        "INSERT INTO codings (id, guid, segment_key, case_key, code_key, start_char, end_char,"
        " quote, score, coder_key, rule, status) VALUES ((SELECT ?1 WHERE NOT EXISTS"
        " (SELECT 1 FROM codings WHERE id = ?1)), ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, ?10, ?11)",
        (
            line.about_key,
            line.guid,
            stretch.segment_key,
            stretch.case_key,
            stretch.code_key,
            stretch.start,
            stretch.end,
            text[stretch.start : stretch.end],
            who,
            CONSENSUS if line.consensus else "",
            status,
        ),
    )
    return int(cursor.lastrowid or 0)


def remove(connection: sqlite3.Connection, found: StoredCoding) -> Line:
    """Take a coding away; return what changed."""
    guid = found.guid or str(uuid.uuid4())
    connection.execute("DELETE FROM codings WHERE id = ?", (found.key,))
    return make_line(
        "remove", found.stretch, guid=guid, consensus=found.consensus, about_key=found.key
    )


def set_done(connection: sqlite3.Connection, book: int, case: int, who: int) -> bool:
    """Mark a case done with a codebook; say whether it was not before."""
    return bool(
        connection.execute(
            "INSERT INTO done_cases (codebook_key, case_key, coder_key, done_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (book, case, who, now()),
        ).rowcount
    )


def status_of(connection: sqlite3.Connection, coding: int) -> str:
    """Return a coding's status."""
    return str(
        connection.execute("SELECT status FROM codings WHERE id = ?", (coding,)).fetchone()[0]
    )


def place_of(stretch: Stretch) -> tuple[int, int, int, int]:
    """Return segment, code, start and end, in the order of the columns."""
    return stretch.segment_key, stretch.code_key, stretch.start, stretch.end


def make_line(
    action: str,
    stretch: Stretch,
    *,
    guid: str = "",
    verdict: str = "",
    consensus: int = 0,
    about_key: int | None = None,
) -> Line:
    """Return a line of the history on a stretch."""
    return Line(
        action,
        case_key=stretch.case_key,
        segment_key=stretch.segment_key,
        code_key=stretch.code_key,
        start=stretch.start,
        end=stretch.end,
        about_key=about_key,
        guid=guid,
        verdict=verdict,
        consensus=consensus,
    )
