"""What coding sheets show of the store, and finding again what their answers are about."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from qualkit.store.deciding import Stretch
from qualkit.store.schema import MACHINE_KEY


@dataclass(frozen=True, slots=True)
class SheetCase:
    """A case that stands: its row, id and kind."""

    case_key: int
    case_id: str
    kind: str


def fetch_cases(connection: sqlite3.Connection) -> list[SheetCase]:
    """Return the cases that stand and have text."""
    rows = connection.execute(
        "SELECT id, case_id, kind FROM cases WHERE withdrawn = 0 AND has_text = 1 ORDER BY id"
    )
    return [SheetCase(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A machine's coding.

    `verdict` is a person's latest, where she gave it on this very stretch; `decided` says
    whether she or somebody else has settled it, also by a say on some of the same words.
    """

    coding: int
    code_key: int
    start: int
    end: int
    verdict: str
    decided: bool


_SAID = (
    "FROM decisions d WHERE d.segment_key = g.segment_key AND d.code_key = g.code_key"
    " AND d.coder_key = :person AND d.start_char < g.end_char AND g.start_char < d.end_char"
)
_VERDICT = (
    "CASE WHEN d.start_char = g.start_char AND d.end_char = g.end_char AND d.consensus = 0"
    " THEN d.verdict END"
)


def fetch_proposals(
    connection: sqlite3.Connection, code_keys: Collection[int], person: int | None
) -> dict[int, list[Proposal]]:
    """Return the machine's codings with these codes by segment, in the text's order."""
    wanted = set(code_keys)
    found: dict[int, list[Proposal]] = defaultdict(list)
    for segment, key, code, start, end, decided, verdict in connection.execute(
        "SELECT g.segment_key, g.id, g.code_key, g.start_char, g.end_char,"
        f" g.status <> 'unreviewed' OR EXISTS (SELECT 1 {_SAID}),"
        f" coalesce((SELECT {_VERDICT} {_SAID} ORDER BY d.id DESC LIMIT 1), '')"
        " FROM codings g JOIN cases c ON c.id = g.case_key WHERE g.coder_key = :machine"
        " AND c.withdrawn = 0 ORDER BY g.segment_key, g.start_char, g.end_char, g.id",
        {"person": person or 0, "machine": MACHINE_KEY},
    ):
        if code in wanted:
            found[segment].append(Proposal(key, code, start, end, verdict, bool(decided)))
    return found


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A segment of a case that stands."""

    segment_key: int
    case_key: int
    n: int
    text: str


def fetch_parts(connection: sqlite3.Connection, case_id: str) -> list[StoredPart]:
    """Return the segments of a case that stands, in order; none where there is no such case."""
    rows = connection.execute(
        "SELECT s.id, c.id, s.n, s.text FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.case_id = ? AND c.withdrawn = 0 ORDER BY s.n",
        (case_id,),
    )
    return [StoredPart(*row) for row in rows]


def find_machine_coding(connection: sqlite3.Connection, stretch: Stretch) -> int | None:
    """Return the machine's coding at the very stretch, or None."""
    row = connection.execute(
        "SELECT id FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key = ?",
        (stretch.segment_key, stretch.code_key, stretch.start, stretch.end, MACHINE_KEY),
    ).fetchone()
    return int(row[0]) if row else None


def has_memo(
    connection: sqlite3.Connection, about: str, about_key: int, text: str, person: int
) -> bool:
    """Say whether a person has left this very memo there already."""
    row = connection.execute(
        "SELECT 1 FROM memos WHERE about = ? AND about_key = ? AND text = ? AND coder_key = ?"
        " AND hidden = 0",
        (about, about_key, text, person),
    ).fetchone()
    return row is not None
