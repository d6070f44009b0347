"""What the project holds: attributes and their values, and the figures of `status`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from qualkit.model import Status


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as `status` shows it."""

    name: str
    kind: str
    version: int
    imported_at: str
    cases: int
    segments: int
    without_text: int
    withdrawn: int
    rejected: int


@dataclass(frozen=True, slots=True)
class CodingState:
    """One codebook's coding as `status` shows it; cases are those that stand, with text."""

    codebook: str
    version: str
    codes: int
    cases_coded: int
    unreviewed: int
    accepted: int
    rejected: int
    added: int
    flagged: int
    cases_done: int
    last_run: str


def attribute_keys(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the attribute keys of families and of cases, sorted."""
    return {
        "family": [
            key
            for (key,) in connection.execute(
                "SELECT DISTINCT key FROM family_attributes ORDER BY key"
            )
        ],
        "case": [
            key
            for (key,) in connection.execute(
                "SELECT DISTINCT key FROM case_attributes ORDER BY key"
            )
        ],
    }


def attribute_values(
    connection: sqlite3.Connection, level: str, key: str, most: int = -1
) -> list[str]:
    """Return the values of a family or case attribute, sorted; none where more than `most`."""
    table = "family_attributes" if level == "family" else "case_attributes"
    rows = connection.execute(
        f"SELECT DISTINCT value FROM {table} WHERE key = ? ORDER BY value LIMIT ?",
        (key, most + 1 if most >= 0 else -1),
    )
    found = [value for (value,) in rows]
    return [] if 0 <= most < len(found) else found


def fetch_sources(connection: sqlite3.Connection) -> list[SourceState]:
    """Return every source with what stands of it, by name."""
    rows = connection.execute(
        "SELECT s.name, s.kind, v.version, v.imported_at,"
        " (SELECT count(*) FROM cases c WHERE c.source_key = s.id AND c.withdrawn = 0),"
        " (SELECT count(*) FROM segments g JOIN cases c ON c.id = g.case_key"
        "  WHERE c.source_key = s.id AND c.withdrawn = 0),"
        " (SELECT count(*) FROM cases c WHERE c.source_key = s.id AND c.withdrawn = 0"
        "  AND c.has_text = 0),"
        " (SELECT count(*) FROM cases c WHERE c.source_key = s.id AND c.withdrawn = 1),"
        " v.n_rejected FROM sources s JOIN source_versions v ON v.id ="
        " (SELECT max(id) FROM source_versions WHERE source_key = s.id) ORDER BY s.kind, s.name"
    )
    return [SourceState(*row) for row in rows]


def fetch_coding_states(connection: sqlite3.Connection) -> list[CodingState]:
    """Return the state of coding by codebook, by name."""
    states = []
    for key, name, version, codes in connection.execute(
        "SELECT b.id, b.name, v.version,"
        " (SELECT count(*) FROM codes WHERE codebook_key = b.id AND retired = 0)"
        " FROM codebooks b JOIN codebook_versions v ON v.id ="
        " (SELECT max(id) FROM codebook_versions WHERE codebook_key = b.id) ORDER BY b.name"
    ).fetchall():
        coded, done, last_run = connection.execute(
            "SELECT (SELECT count(*) FROM coded_cases k JOIN cases c ON c.id = k.case_key"
            "  WHERE k.codebook_key = ?1 AND c.withdrawn = 0),"
            " (SELECT count(DISTINCT d.case_key) FROM done_cases d JOIN cases c"
            "  ON c.id = d.case_key WHERE d.codebook_key = ?1 AND c.withdrawn = 0),"
            " coalesce((SELECT max(r.finished_at) FROM runs r JOIN codebook_versions v"
            "  ON v.id = r.codebook_version_key WHERE v.codebook_key = ?1), '')",
            (key,),
        ).fetchone()
        counts = {
            status: (count, flagged)
            for status, count, flagged in connection.execute(
                "SELECT g.status, count(*), sum(g.flagged) FROM codings g"
                " JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
                " WHERE k.codebook_key = ? AND c.withdrawn = 0 GROUP BY g.status",
                (key,),
            )
        }
        states.append(
            CodingState(
                codebook=name,
                version=version,
                codes=codes,
                cases_coded=coded,
                unreviewed=counts.get(Status.UNREVIEWED, (0, 0))[0],
                accepted=counts.get(Status.ACCEPTED, (0, 0))[0],
                rejected=counts.get(Status.REJECTED, (0, 0))[0],
                added=counts.get(Status.ADDED, (0, 0))[0],
                flagged=sum(flags for _, flags in counts.values()),
                cases_done=done,
                last_run=last_run,
            )
        )
    return states


def fetch_totals(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the project's totals: families, and how cases are joined to them."""
    one = connection.execute
    return {
        "families": one("SELECT count(*) FROM families WHERE declared = 1").fetchone()[0],
        "families with cases": one(
            "SELECT count(DISTINCT family_key) FROM cases c JOIN families f ON f.id = c.family_key"
            " WHERE f.declared = 1 AND c.withdrawn = 0"
        ).fetchone()[0],
        "cases whose family is in no families table": one(
            "SELECT count(*) FROM cases c JOIN families f ON f.id = c.family_key"
            " WHERE f.declared = 0 AND c.withdrawn = 0"
        ).fetchone()[0],
        "cases without a family reference": one(
            "SELECT count(*) FROM cases WHERE family_key IS NULL AND withdrawn = 0"
        ).fetchone()[0],
    }


@dataclass(frozen=True, slots=True)
class UnplacedCoding:
    """A person's coding or decision whose words no longer stand in the new text."""

    case_id: str
    segment_n: int
    code: str
    quote: str
    coder: str
    status: str


def fetch_unplaced(connection: sqlite3.Connection) -> list[UnplacedCoding]:
    """Return what a person had coded or decided on words that a new version lacks."""
    return [
        UnplacedCoding(*row)
        for row in connection.execute(
            "SELECT c.case_id, u.n, k.category || '.' || k.code, u.quote, p.name, u.status"
            " FROM unplaced_codings u JOIN cases c ON c.id = u.case_key"
            " JOIN codes k ON k.id = u.code_key JOIN coders p ON p.id = u.coder_key"
            " ORDER BY u.id"
        )
    ]


def coding_work(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many cases with text and how many segments there are to code."""
    cases = connection.execute(
        "SELECT count(*) FROM cases WHERE withdrawn = 0 AND has_text = 1"
    ).fetchone()[0]
    segments = connection.execute("SELECT count(*) FROM segments").fetchone()[0]
    return int(cases), int(segments)


def readers_see_while_writing(connection: sqlite3.Connection) -> bool:
    """Tell whether others can read the file during a write: only with a write-ahead log."""
    return bool(connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")
