"""Phases that people gave to segments, and what a journey is made of."""

from __future__ import annotations

import sqlite3
import uuid
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from qualkit.model import JourneyCoding, JourneySegment, SetPhase
from qualkit.normalise import normalise_reference
from qualkit.store.history import Line, record
from qualkit.store.scope import Scope, cases_in_scope, codings_in_scope, marks
from qualkit.store.stretches import person
from qualkit.store.writing import now, transaction

if TYPE_CHECKING:
    from qualkit.store.mergestate import MergeState
    from qualkit.store.writing import ProjectConnection

_SAME_WORDS = 0.5
"""Of its words that a text must keep for its phase to stand."""
_BATCH = 500

# The latest that was not taken back holds; an empty one gives the segment back to the cues.
_STANDING = (
    "SELECT p.segment_key, p.phase, k.name, p.set_at FROM phases p"
    " JOIN coders k ON k.id = p.coder_key WHERE p.hidden = 0 AND p.id ="
    " (SELECT o.id FROM phases o WHERE o.segment_key = p.segment_key AND o.hidden = 0"
    " ORDER BY o.set_at DESC, o.id DESC LIMIT 1)"
)


def fetch_phases(
    connection: sqlite3.Connection, segment_keys: Sequence[int] | None = None
) -> dict[int, SetPhase]:
    """Return the phases that people's corrections leave standing, by segment.

    Those of the segments named, or of all.
    """
    if segment_keys is None:
        rows = connection.execute(f"{_STANDING} AND p.phase <> ''").fetchall()
        return {row[0]: SetPhase(*row) for row in rows}
    found = {}
    for start in range(0, len(segment_keys), _BATCH):
        part = tuple(segment_keys[start : start + _BATCH])
        sql = f"{_STANDING} AND p.phase <> '' AND p.segment_key IN ({marks(part)})"
        found.update({row[0]: SetPhase(*row) for row in connection.execute(sql, part)})
    return found


def set_phases(connection: ProjectConnection, wanted: Sequence[tuple[int, str]], coder: str) -> int:
    """Give segments a phase, '' for what the cues say; one step; return how many changed.

    What stands already, whoever set it, stays as it is.
    """
    with transaction(connection):
        standing = fetch_phases(connection, [key for key, _ in wanted])
        who = 0
        lines = []
        at = now()
        for key, phase in wanted:
            before = standing.get(key)
            if (before.phase if before else "") == phase:
                continue
            who = who or person(connection, coder)
            guid = str(uuid.uuid4())
            row = connection.execute(
                "INSERT INTO phases (guid, segment_key, phase, coder_key, set_at, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (guid, key, phase, who, at, at),
            ).lastrowid
            (case,) = connection.execute(
                "SELECT case_key FROM segments WHERE id = ?", (key,)
            ).fetchone()
            lines.append(Line("phase", case, key, about_key=row, guid=guid, verdict=phase))
        if lines:
            record(connection, who, lines)
        return len(lines)


def hide_phase(connection: sqlite3.Connection, line: Line, *, hidden: bool) -> bool:
    """Take back, or put back, what a line of the history set; False where it is gone."""
    return bool(
        connection.execute(
            "UPDATE phases SET hidden = ?, changed_at = ? WHERE id = ? AND guid = ?",
            (int(hidden), now(), line.about_key, line.guid),
        ).rowcount
    )


def still_tells(old: str, new: str) -> bool:
    """Whether a text that was changed still has at least half of its words, in order."""
    before, after = old.casefold().split(), new.casefold().split()
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= _SAME_WORDS * max(len(before), len(after))


def join_phases(state: MergeState) -> None:
    """Bring the phases set in another project on texts that stand here; the later word holds."""
    tally = state.tallies["phases"]
    for guid, segment, phase, coder, set_at, hidden, changed_at in state.other.rows(
        "SELECT p.guid, p.segment_key, p.phase, k.name, p.set_at, p.hidden, p.changed_at"
        " FROM phases p JOIN coders k ON k.id = p.coder_key ORDER BY p.set_at, p.id"
    ):
        own = state.ours.execute(
            "SELECT id, hidden, changed_at, segment_key FROM phases WHERE guid = ?", (guid,)
        ).fetchone()
        if own is None and segment not in state.segments:
            tally.not_placed += 1
        elif own is None:
            tally.new += 1
            state.ours.execute(
                "INSERT INTO phases (guid, segment_key, phase, coder_key, set_at, hidden,"
                " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(guid, state.segments[segment], phase, state.person(coder)),
                    *(set_at, hidden, changed_at),
                ),
            )
        else:
            tally.same += 1
            key, own_hidden, own_changed, own_segment = own
            # Of two words of one second the taking back holds, so that both merges agree.
            later = changed_at > own_changed or (changed_at == own_changed and hidden)
            if hidden == own_hidden or not later:
                continue
            state.ours.execute(
                "UPDATE phases SET hidden = ?, changed_at = ? WHERE id = ?",
                (hidden, changed_at, key),
            )
            action = "unphase" if hidden else "phase"
            line = Line(action, None, own_segment, about_key=key, guid=guid, verdict=phase)
            state.tell(state.person(coder), changed_at, line)


# --- what a journey is made of ----------------------------------------------------------------

_SEGMENTS = (
    "SELECT s.id, c.case_id, c.kind, s.n, s.label, s.speaker, s.role, s.text"
    " FROM segments s JOIN cases c ON c.id = s.case_key"
)


def fetch_journey_segments(
    connection: sqlite3.Connection, scope: Scope, *, ufrn: str = "", case_id: str = ""
) -> list[JourneySegment]:
    """Return the segments in scope of a family, of a case, or of all, by case and place."""
    clause = cases_in_scope(scope)
    sql, values = f"{_SEGMENTS} WHERE {clause.sql}", list(clause.values)
    if ufrn:
        sql += " AND c.family_key = (SELECT id FROM families WHERE ufrn = ?)"
        values.append(ufrn)
    if case_id:
        sql += " AND c.case_id = ?"
        values.append(case_id)
    rows = connection.execute(f"{sql} ORDER BY c.id, s.n", values)
    return [JourneySegment(*row) for row in rows]


def fetch_journey_codings(
    connection: sqlite3.Connection, scope: Scope, segment_keys: Sequence[int]
) -> list[JourneyCoding]:
    """Return the counted codings of segments, domains aside, by segment and place."""
    clause = codings_in_scope(scope)
    found = []
    for start in range(0, len(segment_keys), _BATCH):
        part = tuple(segment_keys[start : start + _BATCH])
        found += connection.execute(
            "SELECT g.segment_key, k.category, k.code, k.name, g.start_char, g.end_char, g.quote,"
            " g.status FROM codings g JOIN codes k ON k.id = g.code_key"
            f" WHERE {clause.sql} AND k.category <> 'domain' AND g.segment_key IN ({marks(part)})",
            [*clause.values, *part],
        ).fetchall()
    order = {key: place for place, key in enumerate(segment_keys)}
    found.sort(key=lambda row: (order[row[0]], row[4], row[5], row[1], row[2]))
    return [JourneyCoding(*row) for row in found]


def fetch_case_dates(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the first of these attributes that each case has, as written."""
    found: dict[str, str] = {}
    for key in keys:
        for case_id, value in connection.execute(
            "SELECT c.case_id, a.value FROM case_attributes a JOIN cases c ON c.id = a.case_key"
            " WHERE a.key = ?",
            (key,),
        ):
            found.setdefault(case_id, value)
    return found


def find_ufrn(connection: sqlite3.Connection, name: str) -> str:
    """Return the family with a reference, or with one joined to it; '' where there is none."""
    wanted = normalise_reference(name)
    row = connection.execute(
        "SELECT ufrn FROM families WHERE ufrn = ? OR id ="
        " (SELECT family_key FROM family_aliases WHERE reference = ?) ORDER BY ufrn <> ? LIMIT 1",
        (wanted, wanted, wanted),
    ).fetchone()
    return str(row[0]) if row and wanted else ""


def fetch_case_family_keys(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the row of the family of every case that has one."""
    return dict(
        connection.execute("SELECT case_id, family_key FROM cases WHERE family_key IS NOT NULL")
    )


def fetch_runs(
    connection: sqlite3.Connection, scope: Scope, segment_keys: Sequence[int]
) -> list[str]:
    """Return one line a run, or person, behind the counted codings of segments."""
    clause = codings_in_scope(scope)
    runs: dict[int, str] = {}
    people: Counter[str] = Counter()
    for start in range(0, len(segment_keys), _BATCH):
        part = tuple(segment_keys[start : start + _BATCH])
        for run, coder, book, version, method, when, count in connection.execute(
            "SELECT r.id, p.name, b.name, v.version, r.method, r.finished_at, count(*)"
            " FROM codings g JOIN coders p ON p.id = g.coder_key LEFT JOIN runs r"
            " ON r.id = g.run_key LEFT JOIN codebook_versions v ON v.id = r.codebook_version_key"
            " LEFT JOIN codebooks b ON b.id = v.codebook_key"
            " JOIN codes k ON k.id = g.code_key AND k.category <> 'domain'"
            f" WHERE {clause.sql} AND g.segment_key IN ({marks(part)}) GROUP BY r.id, p.id",
            [*clause.values, *part],
        ):
            if run is None:
                people[coder] += count
            else:
                runs[run] = (
                    f"run {run}: {coder}, codebook {book} version {version}, {method}, {when}"
                )
    by_hand = [f"{n} coding{'' if n == 1 else 's'} by {name}" for name, n in sorted(people.items())]
    return [runs[run] for run in sorted(runs)] + by_hand


def fetch_case_families(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the family of every case that has one."""
    return dict(
        connection.execute(
            "SELECT c.case_id, f.ufrn FROM cases c JOIN families f ON f.id = c.family_key"
        )
    )


def fetch_segment_keys(connection: sqlite3.Connection, case_id: str) -> dict[int, int]:
    """Return the segments of a case that stands, by number."""
    return dict(
        connection.execute(
            "SELECT s.n, s.id FROM segments s JOIN cases c ON c.id = s.case_key"
            " WHERE c.case_id = ? AND c.withdrawn = 0",
            (case_id,),
        )
    )


def fetch_front_matter(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what stood before the first turn, by case, for transcripts."""
    return dict(
        connection.execute(
            "SELECT c.case_id, v.front_matter FROM cases c JOIN source_versions v"
            " ON v.source_key = c.source_key WHERE v.front_matter <> '' AND v.version ="
            " (SELECT max(version) FROM source_versions o WHERE o.source_key = v.source_key)"
        )
    )
