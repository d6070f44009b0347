"""What a person does to codings: each action one transaction, one step of the history."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from qualkit.store.codings import coder_key
from qualkit.store.connection import transaction
from qualkit.store.groupings import turn_grouping
from qualkit.store.history import (
    OPPOSITES,
    Line,
    fetch_lines,
    fetch_undone,
    fetch_whose,
    find_step,
    record,
)
from qualkit.store.phases import hide_phase
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.stretches import (
    StaleError,
    StoredCoding,
    Stretch,
    add,
    agree,
    delete_verdict,
    find_coding,
    insert,
    insert_verdict,
    person,
    place_of,
    refresh,
    refuse_double,
    remove,
    set_done,
    set_verdict,
    status_of,
    stretch_of,
)
from qualkit.store.writing import now

__all__ = [
    "StaleError",
    "StoredCoding",
    "Stretch",
    "Turned",
    "add_coding",
    "add_codings",
    "decide",
    "find_coding",
    "mark_done",
    "person",
    "recode",
    "redo",
    "remove_coding",
    "turn_round",
    "undo",
    "write_memo",
]

_PART = 10_000


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
        lines = set_verdict(connection, found.stretch, who, verdict, int(consensus))
        if lines:
            record(connection, who, lines)
        return status_of(connection, coding)


def recode(
    connection: sqlite3.Connection,
    coding: int,
    coder: str,
    *,
    code_key: int | None = None,
    start: int | None = None,
    end: int | None = None,
    consensus: bool = False,
) -> int:
    """Give a stretch another code, or a code another stretch; return the new coding's row.

    A machine's coding is rejected, one's own removed, and the new one added: one step.
    With `consensus` only a coding that was agreed on. Raises StaleError when the coding
    is gone or another person's, ValueError when the stretch is not within the segment.
    """
    with transaction(connection):
        found = find_coding(connection, coding)
        who = person(connection, coder)
        theirs = (who,) if consensus else (MACHINE_KEY, who)
        if found is None or found.coder_key not in theirs or (consensus and not found.consensus):
            raise StaleError(coding)
        new = found.stretch.changed(code_key, start, end)
        if new == found.stretch:
            return coding
        # First what may be refused.
        adding = agree if found.consensus else add
        key, lines = adding(connection, new, who)
        if found.coder_key == MACHINE_KEY:
            lines = [*set_verdict(connection, found.stretch, who, "reject", 0), *lines]
        else:
            lines = [remove(connection, found), *lines]
        if lines:
            record(connection, who, lines)
        return key


def add_coding(
    connection: sqlite3.Connection,
    *,
    segment_key: int,
    code_key: int,
    start: int,
    end: int,
    coder: str,
    consensus: bool = False,
) -> int:
    """Add a person's coding of text[start:end]; return its row, also if it was there.

    With `consensus` it is nobody's own work but what was agreed on. Raises ValueError when
    the stretch is not within the segment, LookupError when there is no such segment.
    """
    with transaction(connection):
        row = connection.execute(
            "SELECT case_key FROM segments WHERE id = ?", (segment_key,)
        ).fetchone()
        if row is None:
            raise LookupError(segment_key)
        who = person(connection, coder)
        adding = agree if consensus else add
        key, lines = adding(connection, Stretch(row[0], segment_key, code_key, start, end), who)
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
                _, added = add(connection, stretch, who)
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
        record(connection, who, [remove(connection, found)])


def mark_done(
    connection: sqlite3.Connection,
    *,
    codebook_keys: Sequence[int],
    case_keys: Sequence[int],
    coder: str,
    step: int | None = None,
) -> int:
    """Record that a person has been through cases with codebooks; return how many pairs are new.

    `step` is her step of the same transaction that this belongs to.
    """
    with transaction(connection):
        who = person(connection, coder)
        lines = [
            Line("done", case_key=case, about_key=book)
            for book in codebook_keys
            for case in case_keys
            if set_done(connection, book, case, who)
        ]
        if lines:
            record(connection, who, lines, step=step)
        return len(lines)


def write_memo(
    connection: sqlite3.Connection, about: str, about_key: int | None, text: str, coder: str
) -> int:
    """Keep a person's memo on the project, a source, case, coding or code; return its row.

    With where the thing stood, so that a memo on a coding says so when that is gone.
    Raises StaleError when there is no such thing.
    """
    with transaction(connection):
        who = person(connection, coder)
        place = _place_of_memo(connection, about, about_key)
        guid = str(uuid.uuid4())
        memo = connection.execute(
            "INSERT INTO memos (guid, coder_key, about, about_key, text, written_at, case_key,"
            " segment_key, code_key, start_char, end_char)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (guid, who, about, about_key, text, now(), *place),
        ).lastrowid
        record(connection, who, [Line("memo", *place, about_key=memo, guid=guid)])
        return int(memo or 0)


def _place_of_memo(
    connection: sqlite3.Connection, about: str, about_key: int | None
) -> tuple[int | None, int | None, int | None, int | None, int | None]:
    """Return case, segment, code, start and end of what a memo is about, as far as it has them."""
    if about == "project":
        return (None,) * 5
    if about == "coding":
        found = find_coding(connection, about_key or 0)
        if found is None:
            raise StaleError(about_key)
        return (found.stretch.case_key, *place_of(found.stretch))
    table = {"source": "sources", "case": "cases", "code": "codes"}[about]
    if not connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (about_key,)).fetchone():
        raise StaleError(about_key)
    case = about_key if about == "case" else None
    return case, None, about_key if about == "code" else None, None, None


# --- taking back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turned:
    """What an undo or redo did.

    Attributes
    ----------
    step : int or None
        The step that was turned round; None where there was none left.
    about : int or None
        The step that was taken back or done again: for a redo what its step had undone.
    by : int
        The step that did it.
    lines : tuple of Line
        Those of the step that was turned round; what was done is their opposites, the
        last first.
    passed : int
        Steps that came before it but stay as they are: their text has changed or gone,
        or somebody else's doing has made them impossible to take back.
    """

    step: int | None = None
    about: int | None = None
    by: int = 0
    lines: tuple[Line, ...] = ()
    passed: int = 0


def undo(connection: sqlite3.Connection, coder: str) -> tuple[Line, ...]:
    """Take back a person's last step; return its lines, none where there is nothing left."""
    return turn_round(connection, coder, redo=False).lines


def redo(connection: sqlite3.Connection, coder: str) -> tuple[Line, ...]:
    """Do again what was undone last; return the lines of its undoing, see `undo`."""
    return turn_round(connection, coder, redo=True).lines


def turn_round(
    connection: sqlite3.Connection, coder: str, *, redo: bool, of_all: bool = False
) -> Turned:
    """Take back a person's last step, or her last undoing; steps that must stay are passed over.

    With `of_all` also what was done in nobody's name, whatever came last; `coder` may then
    be empty.
    """
    with transaction(connection):
        own = coder_key(connection, " ".join(coder.split())) if coder else None
        if own is None and (coder or not of_all):
            return Turned()
        in_the_way: list[int] = []
        while True:
            step, passed = find_step(connection, own, redo=redo, besides=in_the_way, of_all=of_all)
            if step is None:
                return Turned(passed=passed)
            turned = fetch_lines(connection, step)
            who = fetch_whose(connection, step)
            lines = _opposites(connection, turned, who or 0)
            if lines is not None:
                undoes, redoes = (0, step) if redo else (step, 0)
                by = record(connection, who, lines, undoes=undoes, redoes=redoes)
                about = fetch_undone(connection, step) if redo else step
                return Turned(step, about, by, tuple(turned), passed)
            in_the_way.append(step)


def _opposites(
    connection: sqlite3.Connection, turned: Sequence[Line], who: int
) -> list[Line] | None:
    """Do the opposite of a step; None, and nothing done, if any of its lines refuses."""
    connection.execute("SAVEPOINT turning")
    try:
        lines = [_opposite(connection, line, who) for line in reversed(turned)]
    except (StaleError, sqlite3.IntegrityError):
        connection.execute("ROLLBACK TO turning")
        return None
    finally:
        connection.execute("RELEASE turning")
    return lines


def _opposite(connection: sqlite3.Connection, line: Line, who: int) -> Line:
    """Do the opposite of a line; return what was done."""
    own = replace(line, action=OPPOSITES[line.action])
    if own.action in ("decide", "retract"):
        stretch = stretch_of(line)
        if own.action == "retract":
            delete_verdict(connection, line)
        else:
            refuse_double(connection, "decisions", line, who)
            insert_verdict(connection, stretch, who, line.verdict, line.consensus, line.about_key)
        refresh(connection, stretch)
    elif own.action == "remove":
        if not connection.execute("DELETE FROM codings WHERE guid = ?", (line.guid,)).rowcount:
            raise StaleError(line)
    elif own.action == "add":
        refuse_double(connection, "codings", line, who)
        own = replace(own, about_key=insert(connection, stretch_of(line), who, line))
    elif own.action in ("done", "reopen"):
        place = int(line.about_key or 0), int(line.case_key or 0), who
        if own.action == "done":
            changed = set_done(connection, *place)
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
    elif not _hide(connection, line, hidden=own.action in ("unmemo", "unphase", "ungroup")):
        raise StaleError(line)
    return own


def _hide(connection: sqlite3.Connection, line: Line, *, hidden: bool) -> bool:
    """Take a memo, a phase or groups back, or put them back; False where they are gone."""
    if line.action in ("group", "ungroup"):
        return turn_grouping(connection, int(line.about_key or 0), back=hidden)
    if line.action in ("phase", "unphase"):
        return hide_phase(connection, line, hidden=hidden)
    cursor = connection.execute(
        "UPDATE memos SET hidden = ? WHERE id = ? AND guid = ?",
        (int(hidden), line.about_key, line.guid),
    )
    return bool(cursor.rowcount)


def _parts(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    rest = iter(stretches)
    while part := list(islice(rest, _PART)):
        yield part
