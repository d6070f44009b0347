"""Quotations that a person has cleared for publishing, or said not to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualkit.store.writing import now, transaction

if TYPE_CHECKING:
    from qualkit.store.mergestate import MergeState
    from qualkit.store.writing import ProjectConnection


@dataclass(frozen=True, slots=True)
class Cleared:
    """A person's answer on a quotation; `shown` is how it may be shown, None for not at all."""

    shown: str | None
    coder: str
    cleared_at: str


# An answer holds for the very words that it was given on.
_STANDING = (
    "SELECT c.case_id, s.n, q.start_char, q.end_char, q.shown, p.name, q.cleared_at"
    " FROM cleared_quotes q JOIN segments s ON s.id = q.segment_key"
    " JOIN cases c ON c.id = s.case_key JOIN coders p ON p.id = q.coder_key"
    " WHERE substr(s.text, q.start_char + 1, q.end_char - q.start_char) = q.quote"
)


def fetch_cleared(connection: sqlite3.Connection) -> dict[tuple[str, int, int, int], Cleared]:
    """Return the answers by case, segment number, start and end."""
    return {
        (case, n, start, end): Cleared(shown, coder, at)
        for case, n, start, end, shown, coder, at in connection.execute(_STANDING)
    }


def fetch_answer(
    connection: sqlite3.Connection, place: tuple[str, int, int, int]
) -> Cleared | None:
    """Return the answer on a quotation, by case, segment number, start and end."""
    row = connection.execute(
        f"{_STANDING} AND c.case_id = ? AND s.n = ? AND q.start_char = ? AND q.end_char = ?", place
    ).fetchone()
    return Cleared(*row[4:]) if row else None


def set_cleared(
    connection: ProjectConnection,
    place: tuple[str, int, int, int],
    shown: str | None,
    coder_key: int,
) -> None:
    """Keep a person's answer on a quotation: how it may be shown, or None for not at all.

    Parameters
    ----------
    place : tuple of (str, int, int, int)
        Case, segment number, start and end.
    """
    case_id, n, start, end = place
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO cleared_quotes (segment_key, start_char, end_char, quote,"
            " shown, coder_key, cleared_at)"
            " SELECT s.id, ?, ?, substr(s.text, ? + 1, ? - ?), ?, ?, ? FROM segments s"
            " JOIN cases c ON c.id = s.case_key WHERE c.case_id = ? AND s.n = ?",
            (start, end, start, end, start, shown, coder_key, now(), case_id, n),
        )


def fetch_attribute_values(connection: sqlite3.Connection) -> set[str]:
    """Return the values of families' and cases' attributes: places, services, clusters."""
    return {
        value
        for (value,) in connection.execute(
            "SELECT value FROM family_attributes UNION SELECT value FROM case_attributes"
        )
    }


def fetch_references(connection: sqlite3.Connection) -> set[str]:
    """Return all family references as they are known or written, and ids of cases."""
    return {
        reference
        for (reference,) in connection.execute(
            "SELECT ufrn FROM families UNION SELECT written FROM families"
            " UNION SELECT reference FROM family_aliases UNION SELECT ufrn FROM cases"
            " UNION SELECT case_id FROM cases"
        )
        if reference
    }


def fetch_speakers(connection: sqlite3.Connection) -> set[str]:
    """Return the names that speakers and coders go by."""
    return {
        name
        for (name,) in connection.execute(
            "SELECT speaker FROM segments WHERE speaker <> '' UNION SELECT name FROM coders"
        )
    }


def join_cleared(state: MergeState) -> None:
    """Bring the answers of another project on words that stand here too; the later one holds."""
    if not state.other.rows(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cleared_quotes'"
    ):
        return
    for segment, start, end, quote, shown, coder, at in state.other.rows(
        "SELECT q.segment_key, q.start_char, q.end_char, q.quote, q.shown, p.name, q.cleared_at"
        " FROM cleared_quotes q JOIN coders p ON p.id = q.coder_key ORDER BY q.cleared_at"
    ):
        if segment not in state.segments:
            continue
        place = (state.segments[segment], start, end)
        own = state.ours.execute(
            "SELECT cleared_at, shown FROM cleared_quotes WHERE segment_key = ?"
            " AND start_char = ? AND end_char = ?",
            place,
        ).fetchone()
        # Of two answers of one moment the careful one holds, so that both merges agree.
        if own is None or own[0] < at or (own[0] == at and shown is None):
            if own == (at, shown):
                continue
            state.ours.execute(
                "INSERT OR REPLACE INTO cleared_quotes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*place, quote, shown, state.person(coder), at),
            )
