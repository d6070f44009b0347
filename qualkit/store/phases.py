"""Phases that people gave to segments, and what a journey is made of."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from qualkit.model import JourneyCoding, JourneySegment, PhaseWish, SetPhase
from qualkit.normalise import normalise_reference
from qualkit.store.history import Line, record
from qualkit.store.scope import Clause, Scope, cases_in_scope, codings_in_scope, marks
from qualkit.store.stretches import person
from qualkit.store.writing import now, transaction

if TYPE_CHECKING:
    from qualkit.store.mergestate import MergeState
    from qualkit.store.writing import ProjectConnection

_SAME_WORDS = 0.5
"""Of its words that a text must keep for its phase to stand."""
_WORD = re.compile(r"\S+")
_BATCH = 500

_SET = (
    "SELECT p.segment_key, p.phase, k.name, p.set_at, p.start_char, p.end_char FROM phases p"
    " JOIN coders k ON k.id = p.coder_key WHERE p.hidden = 0"
)
_IN_ORDER = " ORDER BY p.set_at, p.id"


def fetch_phases(
    connection: sqlite3.Connection, segment_keys: Sequence[int] | None = None
) -> dict[int, list[SetPhase]]:
    """Return what people set and did not take back, by segment, the latest last.

    Of the segments named, or of all. At any place of a segment the latest that covers it
    holds, an empty phase too: `phase_at`.
    """
    found: dict[int, list[SetPhase]] = {}
    if segment_keys is None:
        rows = connection.execute(_SET + _IN_ORDER).fetchall()
    else:
        rows = []
        for begin in range(0, len(segment_keys), _BATCH):
            part = tuple(segment_keys[begin : begin + _BATCH])
            sql = f"{_SET} AND p.segment_key IN ({marks(part)}){_IN_ORDER}"
            rows += connection.execute(sql, part).fetchall()
    for row in rows:
        found.setdefault(row[0], []).append(SetPhase(*row))
    return found


def phase_at(standing: Sequence[SetPhase], start: int, end: int) -> SetPhase | None:
    """Return the word that holds for a stretch of a segment; None where the cues do."""
    for own in reversed(standing):
        if own.covers(start, end):
            return own if own.phase else None
    return None


def set_phases(connection: ProjectConnection, wanted: Sequence[PhaseWish], coder: str) -> int:
    """Give segments, or stretches of them, a phase; one step; return how many changed.

    An empty phase gives back to the cues. What stands already, whoever set it, stays.
    """
    with transaction(connection):
        standing = fetch_phases(connection, [wish.segment_key for wish in wanted])
        who = 0
        lines = []
        at = now()
        for wish in wanted:
            own = standing.setdefault(wish.segment_key, [])
            if _stands(own, wish):
                continue
            who = who or person(connection, coder)
            guid = str(uuid.uuid4())
            row = connection.execute(
                "INSERT INTO phases (guid, segment_key, phase, coder_key, set_at, changed_at,"
                " start_char, end_char) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (guid, wish.segment_key, wish.phase, who, at, at, wish.start, wish.end),
            ).lastrowid
            own.append(SetPhase(wish.segment_key, wish.phase, coder, at, wish.start, wish.end))
            (case,) = connection.execute(
                "SELECT case_key FROM segments WHERE id = ?", (wish.segment_key,)
            ).fetchone()
            lines.append(
                Line(
                    *("phase", case, wish.segment_key, None, wish.start, wish.end),
                    about_key=row,
                    guid=guid,
                    verdict=wish.phase,
                )
            )
        if lines:
            record(connection, who, lines)
        return len(lines)


def _stands(standing: Sequence[SetPhase], wish: PhaseWish) -> bool:
    """Whether a wish changes nothing: the same holds already, everywhere in its stretch."""
    if wish.start is None or wish.end is None:
        latest = max((n for n, own in enumerate(standing) if own.start is None), default=-1)
        return all(own.phase == wish.phase for own in standing[max(latest, 0) :]) and (
            latest >= 0 or not wish.phase
        )
    edges = {wish.start, wish.end}
    for own in standing:
        edges |= {edge for edge in (own.start, own.end) if edge is not None}
    inner = sorted(edge for edge in edges if wish.start <= edge <= wish.end)
    for start, end in pairwise(inner):
        held = phase_at(standing, start, end)
        if (held.phase if held else "") != wish.phase:
            return False
    return True


def move_phases(connection: sqlite3.Connection, key: int, old: str, new: str) -> None:
    """Carry the phases of a segment over to its changed text; delete those whose words are gone.

    It stays while at least half of the words that it was given to do, in order.
    """
    for phase, start, end in connection.execute(
        "SELECT id, start_char, end_char FROM phases WHERE segment_key = ?", (key,)
    ).fetchall():
        place: tuple[int, int] | tuple[None, None] | None
        if start is None:
            place = (None, None) if still_tells(old, new) else None
        else:
            place = move_stretch(old, new, start, end)
        if place is None:
            connection.execute("DELETE FROM phases WHERE id = ?", (phase,))
        else:
            connection.execute(
                "UPDATE phases SET start_char = ?, end_char = ? WHERE id = ?", (*place, phase)
            )


def move_stretch(old: str, new: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where a stretch of a text stands in the changed text; None if half of it is gone."""
    before, after = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    blocks = SequenceMatcher(
        None, [w[0].casefold() for w in before], [w[0].casefold() for w in after], autojunk=False
    ).get_matching_blocks()
    own = [n for n, word in enumerate(before) if start <= word.start() < end]
    to = {block.a + n: block.b + n for block in blocks for n in range(block.size)}
    kept = [to[n] for n in own if n in to]
    if not kept or len(kept) < _SAME_WORDS * len(own):
        return None
    return after[kept[0]].start(), after[kept[-1]].end()


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
    for guid, segment, phase, coder, set_at, hidden, changed_at, start, end in state.other.rows(
        "SELECT p.guid, p.segment_key, p.phase, k.name, p.set_at, p.hidden, p.changed_at,"
        " p.start_char, p.end_char FROM phases p JOIN coders k ON k.id = p.coder_key"
        " ORDER BY p.set_at, p.id"
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
                " changed_at, start_char, end_char) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(guid, state.segments[segment], phase, state.person(coder)),
                    *(set_at, hidden, changed_at, start, end),
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
            line = Line(
                *(action, None, own_segment, None, start, end),
                about_key=key,
                guid=guid,
                verdict=phase,
            )
            state.tell(state.person(coder), changed_at, line)


# --- what a journey is made of ----------------------------------------------------------------

_SEGMENTS = (
    "SELECT s.id, c.case_id, c.kind, s.n, s.label, s.speaker, s.role, s.text"
    " FROM segments s JOIN cases c ON c.id = s.case_key"
)


def fetch_journey_segments(
    connection: sqlite3.Connection,
    scope: Scope,
    *,
    ufrn: str = "",
    case_id: str = "",
    family_keys: Sequence[int] = (),
) -> list[JourneySegment]:
    """Return the segments in scope of a family, a case or some families, by case and place."""
    clause = cases_in_scope(scope)
    sql, values = f"{_SEGMENTS} WHERE {clause.sql}", list(clause.values)
    if ufrn:
        sql += " AND c.family_key = (SELECT id FROM families WHERE ufrn = ?)"
        values.append(ufrn)
    if case_id:
        sql += " AND c.case_id = ?"
        values.append(case_id)
    if family_keys:
        sql += f" AND c.family_key IN ({marks(tuple(family_keys))})"
        values += family_keys
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


def fetch_telling_families(connection: sqlite3.Connection, scope: Scope) -> tuple[list[int], int]:
    """Return the families with a segment in scope, rising; and how many cases have no family."""
    cases = cases_in_scope(scope)
    telling = f"{cases.sql} AND EXISTS (SELECT 1 FROM segments s WHERE s.case_key = c.id)"
    rows = connection.execute(
        "SELECT DISTINCT c.family_key FROM cases c WHERE c.family_key IS NOT NULL"
        f" AND {telling} ORDER BY 1",
        cases.values,
    )
    keys = [key for (key,) in rows]
    (aside,) = connection.execute(
        f"SELECT count(*) FROM cases c WHERE c.family_key IS NULL AND {telling}", cases.values
    ).fetchone()
    return keys, int(aside)


def fetch_case_family_keys(
    connection: sqlite3.Connection, case_ids: Sequence[str]
) -> dict[str, int]:
    """Return the row of the family of each of these cases that has one."""
    found: dict[str, int] = {}
    for start in range(0, len(case_ids), _BATCH):
        part = tuple(case_ids[start : start + _BATCH])
        found.update(
            connection.execute(
                "SELECT case_id, family_key FROM cases WHERE family_key IS NOT NULL"
                f" AND case_id IN ({marks(part)})",
                part,
            )
        )
    return found


def fetch_runs(
    connection: sqlite3.Connection, scope: Scope, segment_keys: Sequence[int] | None = None
) -> list[str]:
    """Return one line a run, or person, behind the counted codings of segments.

    Those of the segments named, or of all cases in scope that have a family.
    """
    clause = codings_in_scope(scope)
    if segment_keys is None:
        cases = cases_in_scope(scope)
        among = [
            Clause(
                "g.case_key IN (SELECT c.id FROM cases c"
                f" WHERE c.family_key IS NOT NULL AND {cases.sql})",
                cases.values,
            )
        ]
    else:
        parts = (segment_keys[at : at + _BATCH] for at in range(0, len(segment_keys), _BATCH))
        among = [Clause(f"g.segment_key IN ({marks(tuple(p))})", list(p)) for p in parts]
    runs: dict[int, str] = {}
    people: Counter[str] = Counter()
    for own in among:
        for run, coder, book, version, method, when, count in connection.execute(
            "SELECT r.id, p.name, b.name, v.version, r.method, r.finished_at, count(*)"
            " FROM codings g JOIN coders p ON p.id = g.coder_key LEFT JOIN runs r"
            " ON r.id = g.run_key LEFT JOIN codebook_versions v ON v.id = r.codebook_version_key"
            " LEFT JOIN codebooks b ON b.id = v.codebook_key"
            " JOIN codes k ON k.id = g.code_key AND k.category <> 'domain'"
            f" WHERE {clause.sql} AND {own.sql} GROUP BY r.id, p.id",
            [*clause.values, *own.values],
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
