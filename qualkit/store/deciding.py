"""What a person does to codings: each action one transaction, one step of the history."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from qualkit.model import Status
from qualkit.store.codings import Verdict, coder_key, resolve
from qualkit.store.connection import transaction
from qualkit.store.history import OPPOSITES, Line, fetch_lines, fetch_stacks, record
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.writing import now

_PART = 10_000


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


@dataclass(frozen=True, slots=True)
class StoredCoding:
    """A coding with its stretch, its coder and, if a person's, its guid."""

    key: int
    stretch: Stretch
    coder_key: int
    guid: str


def find_coding(connection: sqlite3.Connection, key: int) -> StoredCoding | None:
    """Return a coding by its row, or None."""
    row = connection.execute(
        "SELECT case_key, segment_key, code_key, start_char, end_char, coder_key, guid"
        " FROM codings WHERE id = ?",
        (key,),
    ).fetchone()
    return StoredCoding(key, Stretch(*row[:5]), row[5], row[6] or "") if row else None


def person(connection: sqlite3.Connection, name: str) -> int:
    """Return the row of a person, made if need be, inside the caller's transaction."""
    return int(coder_key(connection, name, create=True) or 0)


# --- actions ---------------------------------------------------------------------------------


def decide(
    connection: sqlite3.Connection,
    coding: int,
    verdict: str,
    coder: str,
    *,
    consensus: bool = False,
) -> str:
    """Record a person's accept or reject of a machine coding; return its new status.

    Her earlier verdict on the same stretch is taken back by it; the same verdict again
    changes nothing. Raises StaleError when there is no such machine coding.
    """
    with transaction(connection):
        found = find_coding(connection, coding)
        if found is None or found.coder_key != MACHINE_KEY:
            raise StaleError(coding)
        who = person(connection, coder)
        lines = _verdict(connection, found.stretch, who, verdict, int(consensus))
        if lines:
            record(connection, who, lines)
        return _status(connection, coding)


def recode(
    connection: sqlite3.Connection,
    coding: int,
    coder: str,
    *,
    code_key: int | None = None,
    start: int | None = None,
    end: int | None = None,
) -> int:
    """Give a stretch another code, or a code another stretch; return the new coding's row.

    A machine's coding is rejected, one's own removed, and the new one added: one step.
    Raises StaleError when the coding is gone or another person's, ValueError when the
    stretch is not within the segment.
    """
    with transaction(connection):
        found = find_coding(connection, coding)
        who = person(connection, coder)
        if found is None or found.coder_key not in (MACHINE_KEY, who):
            raise StaleError(coding)
        new = replace(
            found.stretch,
            code_key=found.stretch.code_key if code_key is None else code_key,
            start=found.stretch.start if start is None else start,
            end=found.stretch.end if end is None else end,
        )
        if new == found.stretch:
            return coding
        if found.coder_key == MACHINE_KEY:
            lines = _verdict(connection, found.stretch, who, "reject", 0)
        else:
            lines = [_remove(connection, found)]
        key, more = _add(connection, new, who)
        record(connection, who, [*lines, *more])
        return key


def add_coding(
    connection: sqlite3.Connection,
    *,
    segment_key: int,
    code_key: int,
    start: int,
    end: int,
    coder: str,
) -> int:
    """Add a person's coding of text[start:end]; return its row, also if it was there.

    Raises ValueError when the stretch is not within the segment, LookupError when there
    is no such segment.
    """
    with transaction(connection):
        row = connection.execute(
            "SELECT case_key FROM segments WHERE id = ?", (segment_key,)
        ).fetchone()
        if row is None:
            raise LookupError(segment_key)
        who = person(connection, coder)
        key, lines = _add(connection, Stretch(row[0], segment_key, code_key, start, end), who)
        if lines:
            record(connection, who, lines)
        return key


def add_codings(
    connection: sqlite3.Connection, stretches: Iterable[Stretch], coder: str
) -> tuple[int, int]:
    """Add a person's codings as one step; return how many are new and how many were there."""
    with transaction(connection):
        who = person(connection, coder)
        new = there = 0
        step = None
        for part in _parts(stretches):
            lines: list[Line] = []
            for stretch in part:
                _, added = _add(connection, stretch, who)
                new += bool(added)
                there += not added
                lines += added
            if lines:
                step = record(connection, who, lines, step=step)
        return new, there


def remove_coding(connection: sqlite3.Connection, coding: int, coder: str) -> None:
    """Take back a coding of one's own; StaleError when it is gone or not one's own."""
    with transaction(connection):
        found = find_coding(connection, coding)
        who = person(connection, coder)
        if found is None or found.coder_key != who:
            raise StaleError(coding)
        record(connection, who, [_remove(connection, found)])


def mark_done(
    connection: sqlite3.Connection,
    *,
    codebook_keys: Sequence[int],
    case_keys: Sequence[int],
    coder: str,
) -> int:
    """Record that a person has been through cases with codebooks; return how many pairs are new."""
    with transaction(connection):
        who = person(connection, coder)
        lines = [
            Line("done", case_key=case, about_key=book)
            for book in codebook_keys
            for case in case_keys
            if _set_done(connection, book, case, who)
        ]
        if lines:
            record(connection, who, lines)
        return len(lines)


def write_memo(
    connection: sqlite3.Connection, about: str, about_key: int | None, text: str, coder: str
) -> int:
    """Keep a person's memo on something; return its row."""
    with transaction(connection):
        who = person(connection, coder)
        memo = connection.execute(
            "INSERT INTO memos (guid, coder_key, about, about_key, text, written_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (str(uuid.uuid4()), who, about, about_key, text, now()),
        ).lastrowid
        case = _case_of(connection, about, about_key)
        record(connection, who, [Line("memo", case_key=case, about_key=memo)])
        return int(memo or 0)


# --- taking back -----------------------------------------------------------------------------


def undo(connection: sqlite3.Connection, coder: str) -> tuple[Line, ...]:
    """Take back a person's last step; return its lines, none where there is nothing left.

    Raises StaleError when somebody has since changed what the step was about.
    """
    return _turn_round(connection, coder, redo=False)


def redo(connection: sqlite3.Connection, coder: str) -> tuple[Line, ...]:
    """Do again what was undone last; see `undo`."""
    return _turn_round(connection, coder, redo=True)


def _turn_round(connection: sqlite3.Connection, coder: str, *, redo: bool) -> tuple[Line, ...]:
    with transaction(connection):
        who = coder_key(connection, coder)
        if who is None:
            return ()
        stacks = fetch_stacks(connection, who)
        steps = stacks.redo if redo else stacks.undo
        if not steps:
            return ()
        turned = fetch_lines(connection, steps[-1])
        lines = [_opposite(connection, line, who) for line in reversed(turned)]
        record(connection, who, lines, undoes=steps[-1])
        return tuple(turned)


def _opposite(connection: sqlite3.Connection, line: Line, who: int) -> Line:
    """Do the opposite of a line; return what was done."""
    own = replace(line, action=OPPOSITES[line.action])
    if own.action in ("decide", "retract"):
        stretch = _stretch(line)
        if own.action == "retract":
            if not _delete_verdict(connection, stretch, who, line.consensus, line.verdict):
                raise StaleError(line)
        else:
            _insert_verdict(connection, stretch, who, line.verdict, line.consensus)
        _refresh(connection, stretch)
    elif own.action == "remove":
        if not connection.execute("DELETE FROM codings WHERE guid = ?", (line.guid,)).rowcount:
            raise StaleError(line)
    elif own.action == "add":
        _insert(connection, _stretch(line), who, line.guid)
    elif own.action in ("done", "reopen"):
        place = int(line.about_key or 0), int(line.case_key or 0), who
        if own.action == "done":
            changed = _set_done(connection, *place)
        else:
            changed = bool(
                connection.execute(
                    "DELETE FROM done_cases WHERE codebook_key = ? AND case_key = ?"
                    " AND coder_key = ?",
                    place,
                ).rowcount
            )
        if not changed:
            raise StaleError(line)
    else:
        hidden = int(own.action == "unmemo")
        connection.execute("UPDATE memos SET hidden = ? WHERE id = ?", (hidden, line.about_key))
    return own


# --- the small pieces --------------------------------------------------------------------------


def _parts(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    rest = iter(stretches)
    while part := list(islice(rest, _PART)):
        yield part


def _stretch(line: Line) -> Stretch:
    values = line.case_key, line.segment_key, line.code_key, line.start, line.end
    return Stretch(*(int(value or 0) for value in values))


def _verdict(
    connection: sqlite3.Connection, stretch: Stretch, who: int, verdict: str, consensus: int
) -> list[Line]:
    """Put a verdict in place of an earlier one; return what changed."""
    earlier = connection.execute(
        "SELECT verdict FROM decisions WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key = ? AND consensus = ?",
        (*_place(stretch), who, consensus),
    ).fetchall()
    if [(verdict,)] == earlier:
        return []
    lines = []
    for (old,) in earlier:
        _delete_verdict(connection, stretch, who, consensus, old)
        lines.append(_line("retract", stretch, verdict=old, consensus=consensus))
    _insert_verdict(connection, stretch, who, verdict, consensus)
    lines.append(_line("decide", stretch, verdict=verdict, consensus=consensus))
    _refresh(connection, stretch)
    return lines


def _insert_verdict(
    connection: sqlite3.Connection, stretch: Stretch, who: int, verdict: str, consensus: int
) -> None:
    connection.execute(
        "INSERT INTO decisions (segment_key, code_key, start_char, end_char, coder_key,"
        " verdict, consensus, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*_place(stretch), who, verdict, consensus, now()),
    )


def _delete_verdict(
    connection: sqlite3.Connection, stretch: Stretch, who: int, consensus: int, verdict: str
) -> bool:
    return bool(
        connection.execute(
            "DELETE FROM decisions WHERE segment_key = ? AND code_key = ? AND start_char = ?"
            " AND end_char = ? AND coder_key = ? AND consensus = ? AND verdict = ?",
            (*_place(stretch), who, consensus, verdict),
        ).rowcount
    )


def _refresh(connection: sqlite3.Connection, stretch: Stretch) -> None:
    """Work out anew what the decisions make of the machine's codings there."""
    place = stretch.segment_key, stretch.code_key
    verdicts = [
        Verdict(*values)
        for values in connection.execute(
            "SELECT start_char, end_char, coder_key, verdict, consensus FROM decisions"
            " WHERE segment_key = ? AND code_key = ? ORDER BY id",
            place,
        )
    ]
    for key, start, end in connection.execute(
        "SELECT id, start_char, end_char FROM codings"
        " WHERE segment_key = ? AND code_key = ? AND coder_key = ?",
        (*place, MACHINE_KEY),
    ).fetchall():
        connection.execute(
            "UPDATE codings SET status = ?, flagged = ? WHERE id = ?",
            (*resolve(verdicts, (start, end)), key),
        )


def _add(connection: sqlite3.Connection, stretch: Stretch, who: int) -> tuple[int, list[Line]]:
    """Add a coding unless it is there; return its row and what changed."""
    same = connection.execute(
        "SELECT id FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key = ?",
        (*_place(stretch), who),
    ).fetchone()
    if same:
        return int(same[0]), []
    guid = str(uuid.uuid4())
    return _insert(connection, stretch, who, guid), [_line("add", stretch, guid=guid)]


def _insert(connection: sqlite3.Connection, stretch: Stretch, who: int, guid: str) -> int:
    row = connection.execute(
        "SELECT text FROM segments WHERE id = ?", (stretch.segment_key,)
    ).fetchone()
    if row is None:
        raise LookupError(stretch.segment_key)
    text = str(row[0])
    if not 0 <= stretch.start < stretch.end <= len(text):
        raise ValueError(f"{stretch.start}:{stretch.end} is not within 0:{len(text)}")
    cursor = connection.execute(
        "INSERT INTO codings (guid, segment_key, case_key, code_key, start_char, end_char,"
        " quote, score, coder_key, rule, status) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, '', ?)",
        (
            guid,
            stretch.segment_key,
            stretch.case_key,
            stretch.code_key,
            stretch.start,
            stretch.end,
            text[stretch.start : stretch.end],
            who,
            Status.ADDED,
        ),
    )
    return int(cursor.lastrowid or 0)


def _remove(connection: sqlite3.Connection, found: StoredCoding) -> Line:
    guid = found.guid or str(uuid.uuid4())
    connection.execute("DELETE FROM codings WHERE id = ?", (found.key,))
    return _line("remove", found.stretch, guid=guid)


def _set_done(connection: sqlite3.Connection, book: int, case: int, who: int) -> bool:
    return bool(
        connection.execute(
            "INSERT INTO done_cases (codebook_key, case_key, coder_key, done_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (book, case, who, now()),
        ).rowcount
    )


def _status(connection: sqlite3.Connection, coding: int) -> str:
    return str(
        connection.execute("SELECT status FROM codings WHERE id = ?", (coding,)).fetchone()[0]
    )


def _case_of(connection: sqlite3.Connection, about: str, about_key: int | None) -> int | None:
    if about == "case":
        return about_key
    if about == "coding":
        row = connection.execute(
            "SELECT case_key FROM codings WHERE id = ?", (about_key,)
        ).fetchone()
        return int(row[0]) if row else None
    return None


def _place(stretch: Stretch) -> tuple[int, int, int, int]:
    return stretch.segment_key, stretch.code_key, stretch.start, stretch.end


def _line(
    action: str, stretch: Stretch, *, guid: str = "", verdict: str = "", consensus: int = 0
) -> Line:
    return Line(
        action,
        case_key=stretch.case_key,
        segment_key=stretch.segment_key,
        code_key=stretch.code_key,
        start=stretch.start,
        end=stretch.end,
        guid=guid,
        verdict=verdict,
        consensus=consensus,
    )
