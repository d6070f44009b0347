"""Carrying codings and decisions over when a new version changes a segment's text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from qualkit.model import ParsedSegment
from qualkit.store.phases import move_phases

_Row = tuple[int, int, str, str, str, float | None, float | None, str, str]
"""id, n, label, speaker, role, start_s, end_s, place, text."""


def segment_values(
    segment: ParsedSegment,
) -> tuple[int, str, str, str, float | None, float | None, str, str]:
    """Return the columns n, label, speaker, role, start_s, end_s, place, text."""
    return (
        segment.n,
        segment.label,
        segment.speaker,
        segment.role,
        segment.start_s,
        segment.end_s,
        segment.place,
        segment.text,
    )


def update_segments(
    connection: sqlite3.Connection,
    case_key: int,
    segments: Sequence[ParsedSegment],
    version_key: int,
    next_key: Callable[[], int],
) -> tuple[bool, int, int]:
    """Bring a case's segments to the new version.

    A segment that only moved (a turn or a column was added before it) is known
    by its text; one whose text changed by its label or number. New ones get
    their rows from `next_key`, and the caller brings them into the full-text
    index.

    Returns
    -------
    tuple of (bool, int, int)
        Whether any text or place changed; codings carried over; codings whose
        words no longer stand, moved to `unplaced_codings`.
    """
    stored: list[_Row] = connection.execute(
        "SELECT id, n, label, speaker, role, start_s, end_s, place, text FROM segments"
        " WHERE case_key = ? ORDER BY n",
        (case_key,),
    ).fetchall()
    partners = align(stored, segments)
    changed, carried, unplaced = False, 0, 0
    kept = {row[0] for row in partners if row is not None}
    for row in stored:
        if row[0] not in kept:
            changed = True
            unplaced += _remove(connection, row[0], row[8], version_key)
    moved = [(row[0],) for row, s in zip(partners, segments, strict=True) if row and row[1] != s.n]
    # Out of the way first: two segments may change places.
    connection.executemany("UPDATE segments SET n = -n WHERE id = ?", moved)
    changed = changed or bool(moved)
    for partner, segment in zip(partners, segments, strict=True):
        if partner is None:
            changed = True
            _insert(connection, next_key(), case_key, segment)
        elif partner[8] != segment.text:
            changed = True
            found, lost = _change_text(connection, partner[0], partner[8], segment, version_key)
            carried += found
            unplaced += lost
        elif partner[1:] != segment_values(segment):
            changed = changed or partner[4] != segment.role
            _set_fields(connection, partner[0], segment)
    if changed:
        # What was coded or called done was another text.
        connection.execute("DELETE FROM coded_cases WHERE case_key = ?", (case_key,))
        connection.execute("DELETE FROM done_cases WHERE case_key = ?", (case_key,))
    return changed, carried, unplaced


def align(stored: Sequence[_Row], segments: Sequence[ParsedSegment]) -> list[_Row | None]:
    """Return for each new segment the stored one that it was; None for a new one.

    First those with the same label and text, in order, then wherever they
    stand; the rest by label, then by number.
    """
    old = [(row[2], row[8]) for row in stored]
    new = [(segment.label, segment.text) for segment in segments]
    partners: list[_Row | None] = [None] * len(segments)
    free = dict(enumerate(stored))
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            partners[block.b + offset] = free.pop(block.a + offset)
    for same in (_same_text, _same_label, _same_number):
        for at, segment in enumerate(segments):
            if partners[at] is None:
                found = next((i for i, row in free.items() if same(row, segment)), None)
                partners[at] = None if found is None else free.pop(found)
    return partners


def _same_text(row: _Row, segment: ParsedSegment) -> bool:
    return (row[2], row[8]) == (segment.label, segment.text)


def _same_label(row: _Row, segment: ParsedSegment) -> bool:
    return bool(segment.label) and row[2] == segment.label


def _same_number(row: _Row, segment: ParsedSegment) -> bool:
    return row[1] == segment.n


def _insert(
    connection: sqlite3.Connection, key: int, case_key: int, segment: ParsedSegment
) -> None:
    connection.execute(
        "INSERT INTO segments (id, case_key, n, label, speaker, role, start_s, end_s, place, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (key, case_key, *segment_values(segment)),
    )


def _set_fields(connection: sqlite3.Connection, key: int, segment: ParsedSegment) -> None:
    connection.execute(
        "UPDATE segments SET n = ?, label = ?, speaker = ?, role = ?, start_s = ?, end_s = ?,"
        " place = ?, text = ? WHERE id = ?",
        (*segment_values(segment), key),
    )


def _unindex(connection: sqlite3.Connection, key: int, text: str) -> None:
    connection.execute(
        "INSERT INTO segments_fts (segments_fts, rowid, text) VALUES ('delete', ?, ?)", (key, text)
    )


def _change_text(
    connection: sqlite3.Connection, key: int, old: str, segment: ParsedSegment, version_key: int
) -> tuple[int, int]:
    _unindex(connection, key, old)
    _set_fields(connection, key, segment)
    connection.execute("INSERT INTO segments_fts (rowid, text) VALUES (?, ?)", (key, segment.text))
    carried = unplaced = 0
    for coding, start, quote in connection.execute(
        "SELECT id, start_char, quote FROM codings WHERE segment_key = ?", (key,)
    ).fetchall():
        place = nearest(segment.text, quote, start)
        if place is None:
            _set_apart(connection, coding, version_key)
            unplaced += 1
        else:
            connection.execute(
                "UPDATE codings SET start_char = ?, end_char = ? WHERE id = ?",
                (place, place + len(quote), coding),
            )
            carried += 1
    _move_decisions(connection, key, old, segment.text)
    _move_cleared(connection, key, segment.text)
    move_phases(connection, key, old, segment.text)
    return carried, unplaced


def _move_decisions(connection: sqlite3.Connection, key: int, old: str, new: str) -> None:
    for decision, start, end in connection.execute(
        "SELECT id, start_char, end_char FROM decisions WHERE segment_key = ?", (key,)
    ).fetchall():
        place = nearest(new, old[start:end], start)
        if place is None:
            connection.execute("DELETE FROM decisions WHERE id = ?", (decision,))
        else:
            connection.execute(
                "UPDATE decisions SET start_char = ?, end_char = ? WHERE id = ?",
                (place, place + end - start, decision),
            )


def _move_cleared(connection: sqlite3.Connection, key: int, text: str) -> None:
    """Let what a person said of publishing a quotation follow its words; gone words end it."""
    rows = connection.execute(
        "SELECT start_char, quote, shown, coder_key, cleared_at FROM cleared_quotes"
        " WHERE segment_key = ?",
        (key,),
    ).fetchall()
    connection.execute("DELETE FROM cleared_quotes WHERE segment_key = ?", (key,))
    for start, quote, *answer in rows:
        place = nearest(text, quote, start)
        if place is not None:
            connection.execute(
                "INSERT OR REPLACE INTO cleared_quotes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, place, place + len(quote), quote, *answer),
            )


def _remove(connection: sqlite3.Connection, key: int, text: str, version_key: int) -> int:
    codings = connection.execute("SELECT id FROM codings WHERE segment_key = ?", (key,)).fetchall()
    for (coding,) in codings:
        _set_apart(connection, coding, version_key)
    connection.execute("DELETE FROM decisions WHERE segment_key = ?", (key,))
    _unindex(connection, key, text)
    connection.execute("DELETE FROM segments WHERE id = ?", (key,))
    return len(codings)


def _set_apart(connection: sqlite3.Connection, coding: int, version_key: int) -> None:
    """Take a coding out; keep what a person had a say in, for `status` to list."""
    connection.execute(
        "INSERT INTO unplaced_codings (case_key, n, code_key, quote, coder_key, status,"
        " source_version_key) SELECT g.case_key, s.n, g.code_key, g.quote, g.coder_key, g.status, ?"
        " FROM codings g JOIN segments s ON s.id = g.segment_key"
        " WHERE g.id = ? AND (g.status <> 'unreviewed' OR g.flagged = 1)",
        (version_key, coding),
    )
    connection.execute("DELETE FROM codings WHERE id = ?", (coding,))


def nearest(text: str, quote: str, start: int) -> int | None:
    """Return where `quote` stands in `text`, nearest to `start`; None if nowhere."""
    best: int | None = None
    place = text.find(quote)
    while quote and place >= 0:
        if best is None or abs(place - start) < abs(best - start):
            best = place
        place = text.find(quote, place + 1)
    return best
