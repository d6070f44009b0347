"""What a person goes through: the queue of codings, and a case as she sees it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping

from qualkit.model import ReviewCase, ReviewCoding, ReviewFilter, ReviewMemo, Segment
from qualkit.store.queue import Queue
from qualkit.store.schema import MACHINE_KEY

_DOUBTFUL = 0.5
"""The score at which it is most open whether a coding is right."""

# A coding is decided for a person once she has had a say on the same code over some of
# the same words, or the others' say has settled it.
_SAID = (
    "EXISTS (SELECT 1 FROM decisions d WHERE d.segment_key = g.segment_key"
    " AND d.code_key = g.code_key AND d.coder_key = :person"
    " AND d.start_char < g.end_char AND g.start_char < d.end_char)"
)


def fetch_queue(
    connection: sqlite3.Connection,
    wanted: ReviewFilter,
    person: int | None,
    influence: Mapping[int, float] | None = None,
) -> Queue:
    """Return what a person goes through, in order.

    Machine codings, each with its case, or when blind whole cases. `influence` gives each
    undecided coding's weight for the order `influential`; what has none comes last.
    """
    values: dict[str, object] = {"person": person or 0, "machine": MACHINE_KEY}
    cases = _case_conditions(wanted, values)
    if wanted.blind:
        return draw(_whole_cases(connection, cases, values), wanted)
    conditions = [cases, "g.coder_key = :machine", *_coding_conditions(wanted, values)]
    # By the indexes the rows come case by case, and need little sorting; of few codes they
    # are few.
    join = "JOIN" if wanted.codes else "CROSS JOIN"
    order = "c.id, s.n, g.start_char, g.id"
    if wanted.order == "doubtful":
        order = f"abs(coalesce(g.score, 0) - {_DOUBTFUL}), {order}"
    rows = connection.execute(
        "SELECT c.id, g.id, g.status IN ('accepted', 'rejected')"
        f" FROM cases c {join} segments s ON s.case_key = c.id"
        f" {join} codings g ON g.segment_key = s.id"
        f" WHERE {' AND '.join(conditions)} ORDER BY {order}",
        values,
    )
    queue = Queue(rows)
    queue.decide_codings(_said_already(connection, person))
    if wanted.order == "influential":
        queue = queue.sort_by(dict(influence or {}))
    return draw(queue, wanted)


def _coding_conditions(wanted: ReviewFilter, values: dict[str, object]) -> Iterator[str]:
    yield "g.code_key NOT IN (SELECT id FROM codes WHERE retired = 1)"
    if wanted.codes:
        yield f"g.code_key IN ({_listed(wanted.codes)})"
    if wanted.score != (0.0, 1.0):
        values["low"], values["high"] = wanted.score
        yield "g.score BETWEEN :low AND :high"
    if wanted.coder:
        values["other"] = wanted.coder
        yield (
            "EXISTS (SELECT 1 FROM decisions d JOIN coders p ON p.id = d.coder_key"
            " WHERE p.name = :other AND d.segment_key = g.segment_key"
            " AND d.code_key = g.code_key)"
        )
    if wanted.domain:
        values["domain"] = wanted.domain
        yield (
            "EXISTS (SELECT 1 FROM codings o JOIN codes ok ON ok.id = o.code_key"
            " WHERE o.segment_key = g.segment_key AND ok.category = 'domain'"
            " AND ok.code = :domain AND o.status <> 'rejected')"
        )


def _said_already(connection: sqlite3.Connection, person: int | None) -> set[int]:
    """Return the machine's codings that a person has had a say on, undecided as they may be."""
    rows = connection.execute(
        "SELECT g.id FROM decisions d CROSS JOIN codings g ON g.segment_key = d.segment_key"
        " AND g.code_key = d.code_key AND d.start_char < g.end_char AND g.start_char < d.end_char"
        " WHERE d.coder_key = ? AND g.coder_key = ? AND g.status = 'unreviewed'",
        (person or 0, MACHINE_KEY),
    )
    return {key for (key,) in rows}


def _whole_cases(connection: sqlite3.Connection, cases: str, values: dict[str, object]) -> Queue:
    return Queue(
        connection.execute(
            "SELECT c.id, NULL, EXISTS (SELECT 1 FROM done_cases d WHERE d.case_key = c.id"
            f" AND d.coder_key = :person) FROM cases c WHERE {cases} ORDER BY c.id",
            values,
        )
    )


def _case_conditions(wanted: ReviewFilter, values: dict[str, object]) -> str:
    conditions = ["c.withdrawn = 0", "c.has_text = 1"]
    if wanted.kinds:
        kinds = {f"kind{number}": kind for number, kind in enumerate(wanted.kinds)}
        values.update(kinds)
        conditions.append(f"c.kind IN ({', '.join(f':{name}' for name in kinds)})")
    if wanted.cases:
        values["cases"] = json.dumps(wanted.cases)
        conditions.append("c.case_id IN (SELECT value FROM json_each(:cases))")
    return " AND ".join(conditions)


def draw(queue: Queue, wanted: ReviewFilter) -> Queue:
    """Return a random sample; the same seed draws the same, and keeps what was decided since."""
    if wanted.sample is None and wanted.order != "random":
        return queue
    chance = random.Random(wanted.seed)
    size = len(queue) if wanted.sample is None else min(wanted.sample, len(queue))
    drawn = chance.sample(range(len(queue)), size)
    return queue.take(drawn if wanted.order == "random" else sorted(drawn))


def fetch_review_case(
    connection: sqlite3.Connection, case_key: int, wanted: ReviewFilter, person: int | None
) -> ReviewCase | None:
    """Return a case as a person sees it, or None where it does not stand."""
    row = connection.execute(
        "SELECT case_id, kind FROM cases WHERE id = ? AND withdrawn = 0", (case_key,)
    ).fetchone()
    if row is None:
        return None
    segments = tuple(
        Segment(*values)
        for values in connection.execute(
            "SELECT id, case_key, n, ?, role, text, speaker, label FROM segments"
            " WHERE case_key = ? ORDER BY n",
            (row[1], case_key),
        )
    )
    keys = [segment.segment_id for segment in segments]
    verdicts = _verdicts(connection, keys)
    codings = tuple(
        coding
        for coding in _codings(connection, keys, verdicts, person)
        if coding.mine or not wanted.blind
    )
    done = tuple(
        name
        for (name,) in connection.execute(
            "SELECT b.name FROM done_cases d JOIN codebooks b ON b.id = d.codebook_key"
            " WHERE d.case_key = ? AND d.coder_key = ? ORDER BY b.name",
            (case_key, person or 0),
        )
    )
    (memos,) = connection.execute(
        "SELECT count(*) FROM memos WHERE about = 'case' AND about_key = ? AND hidden = 0",
        (case_key,),
    ).fetchone()
    return ReviewCase(case_key, row[0], row[1], segments, codings, done, memos)


_Said = dict[tuple[int, int], list[tuple[int, int, int, str, str]]]
"""By segment and code: start, end, coder's row, coder's name, verdict; oldest first."""


def _verdicts(connection: sqlite3.Connection, segments: list[int]) -> _Said:
    found: _Said = defaultdict(list)
    for segment, code, *rest in connection.execute(
        "SELECT d.segment_key, d.code_key, d.start_char, d.end_char, d.coder_key, p.name,"
        " d.verdict FROM decisions d JOIN coders p ON p.id = d.coder_key"
        f" WHERE d.segment_key IN ({_listed(segments)}) ORDER BY d.id"
    ):
        found[segment, code].append(tuple(rest))
    return found


def _codings(
    connection: sqlite3.Connection, segments: list[int], said: _Said, person: int | None
) -> list[ReviewCoding]:
    found = []
    for (
        key,
        segment,
        code,
        start,
        end,
        score,
        rule,
        status,
        flagged,
        coder,
        name,
    ) in connection.execute(
        "SELECT g.id, g.segment_key, g.code_key, g.start_char, g.end_char, g.score, g.rule,"
        " g.status, g.flagged, g.coder_key, p.name FROM codings g"
        " JOIN segments s ON s.id = g.segment_key JOIN coders p ON p.id = g.coder_key"
        f" WHERE g.segment_key IN ({_listed(segments)})"
        " ORDER BY s.n, g.start_char, g.end_char, g.id"
    ):
        own, others = "", []
        for from_, to, who, who_name, verdict in said.get((segment, code), ()):
            if coder == MACHINE_KEY and from_ < end and start < to:
                if who == person:
                    own = verdict
                else:
                    others.append(who_name)
        found.append(
            ReviewCoding(
                key,
                segment,
                code,
                start,
                end,
                score,
                rule,
                status,
                bool(flagged),
                name,
                coder == person,
                own,
                tuple(dict.fromkeys(others)),
                coder != MACHINE_KEY,
            )
        )
    return found


def _listed(keys: tuple[int, ...] | list[int]) -> str:
    """Return rows' numbers for an IN list; they are numbers, so nothing needs quoting."""
    return ", ".join(str(int(key)) for key in keys)


def fetch_undecided_codebooks(
    connection: sqlite3.Connection, case_key: int, person: int
) -> tuple[list[int], list[int]]:
    """Return the codebooks coded in a case in which nothing, and in which something, is open."""
    books = [
        book
        for (book,) in connection.execute(
            "SELECT codebook_key FROM coded_cases WHERE case_key = ? ORDER BY codebook_key",
            (case_key,),
        )
    ]
    # By way of the segments: codings have no index by case.
    still_open = {
        book
        for (book,) in connection.execute(
            "SELECT DISTINCT k.codebook_key FROM segments s"
            " CROSS JOIN codings g ON g.segment_key = s.id JOIN codes k ON k.id = g.code_key"
            " WHERE s.case_key = :case AND k.retired = 0"
            f" AND g.coder_key = {MACHINE_KEY} AND g.status = 'unreviewed' AND NOT {_SAID}",
            {"case": case_key, "person": person},
        )
    }
    clear = [book for book in books if book not in still_open]
    return clear, [book for book in books if book in still_open]


def fetch_people(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the coders who are people."""
    return [
        name
        for (name,) in connection.execute("SELECT name FROM coders WHERE machine = 0 ORDER BY id")
    ]


def fetch_case_ids(
    connection: sqlite3.Connection, person: int | None
) -> dict[int, tuple[str, bool]]:
    """Return by row each case's id, and whether a person is done with it in some codebook."""
    return {
        key: (case_id, bool(done))
        for key, case_id, done in connection.execute(
            "SELECT c.id, c.case_id, EXISTS (SELECT 1 FROM done_cases d WHERE d.case_key = c.id"
            " AND d.coder_key = ?) FROM cases c",
            (person or 0,),
        )
    }


def find_coding_at(
    connection: sqlite3.Connection, segment: int, code: int, start: int, end: int, coder: int
) -> int | None:
    """Return the coding of a coder on a stretch, else the machine's, or None."""
    row = connection.execute(
        "SELECT id FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND coder_key IN (?, ?) ORDER BY coder_key = ? DESC LIMIT 1",
        (segment, code, start, end, coder, MACHINE_KEY, coder),
    ).fetchone()
    return int(row[0]) if row else None


def fetch_memos(
    connection: sqlite3.Connection, about: str, about_key: int | None
) -> list[ReviewMemo]:
    """Return the memos on something, oldest first, without those that were taken back."""
    return [
        ReviewMemo(*row)
        for row in connection.execute(
            "SELECT p.name, m.written_at, m.text FROM memos m JOIN coders p ON p.id = m.coder_key"
            " WHERE m.about = ? AND m.about_key IS ? AND m.hidden = 0 ORDER BY m.id",
            (about, about_key),
        )
    ]


def fetch_place(
    connection: sqlite3.Connection, coder: str, *, consensus: bool = False
) -> dict[str, object]:
    """Return where a person left off, as it was kept; empty if she has not begun."""
    row = connection.execute(
        "SELECT value FROM project WHERE key = ?", (_place_key(coder, consensus),)
    ).fetchone()
    return dict(json.loads(row[0])) if row else {}


def save_place(
    connection: sqlite3.Connection,
    coder: str,
    place: Mapping[str, object],
    *,
    consensus: bool = False,
) -> None:
    """Keep where a person leaves off; a consensus has a place of its own."""
    connection.execute(
        "INSERT INTO project (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_place_key(coder, consensus), json.dumps(place)),
    )


def _place_key(coder: str, consensus: bool) -> str:
    # No name holds a line break.
    return f"review:{coder}\nconsensus" if consensus else f"review:{coder}"
