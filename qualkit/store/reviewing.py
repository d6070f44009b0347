"""What a person goes through: the queue of codings, and a case as she sees it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Mapping

from qualkit.model import ReviewCase, ReviewCoding, ReviewFilter, ReviewItem, Segment
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
) -> list[ReviewItem]:
    """Return what a person goes through, in order.

    Machine codings, each with its case, or when blind or looking at another person's
    codings whole cases. `influence` gives each undecided coding's weight for the order
    `influential`; what has none comes last.
    """
    values: dict[str, object] = {"person": person or 0, "machine": MACHINE_KEY}
    cases = _case_conditions(wanted, values)
    if wanted.blind:
        return _whole_cases(connection, wanted, cases, values)
    conditions = [cases, "g.coder_key = :machine", "k.retired = 0"]
    if wanted.codes:
        conditions.append(f"g.code_key IN ({_listed(wanted.codes)})")
    if wanted.score != (0.0, 1.0):
        values["low"], values["high"] = wanted.score
        conditions.append("g.score BETWEEN :low AND :high")
    if wanted.coder:
        values["other"] = wanted.coder
        conditions.append(
            "EXISTS (SELECT 1 FROM decisions d JOIN coders p ON p.id = d.coder_key"
            " WHERE p.name = :other AND d.segment_key = g.segment_key"
            " AND d.code_key = g.code_key)"
        )
    if wanted.domain:
        values["domain"] = wanted.domain
        conditions.append(
            "EXISTS (SELECT 1 FROM codings o JOIN codes ok ON ok.id = o.code_key"
            " WHERE o.segment_key = g.segment_key AND ok.category = 'domain'"
            " AND ok.code = :domain AND o.status <> 'rejected')"
        )
    # Asking for each coding what she has said of it takes a while; who has said nothing need not.
    said = connection.execute(
        "SELECT 1 FROM decisions WHERE coder_key = :person LIMIT 1", values
    ).fetchone()
    decided = "g.status IN ('accepted', 'rejected')" + (f" OR {_SAID}" if said else "")
    rows = connection.execute(
        f"SELECT g.case_key, g.id, {decided}, g.score"
        " FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
        " JOIN segments s ON s.id = g.segment_key"
        f" WHERE {' AND '.join(conditions)} ORDER BY g.case_key, s.n, g.start_char, g.id",
        values,
    ).fetchall()
    return _ordered(rows, wanted, influence or {})


def _whole_cases(
    connection: sqlite3.Connection, wanted: ReviewFilter, cases: str, values: dict[str, object]
) -> list[ReviewItem]:
    items = [
        ReviewItem(key, None, bool(done))
        for key, done in connection.execute(
            "SELECT c.id, EXISTS (SELECT 1 FROM done_cases d WHERE d.case_key = c.id"
            f" AND d.coder_key = :person) FROM cases c WHERE {cases} ORDER BY c.id",
            values,
        )
    ]
    if wanted.sample is not None or wanted.order == "random":
        return _drawn(items, wanted)
    return items


def _case_conditions(wanted: ReviewFilter, values: dict[str, object]) -> str:
    conditions = ["c.withdrawn = 0", "c.has_text = 1"]
    if wanted.kinds:
        kinds = {f"kind{number}": kind for number, kind in enumerate(wanted.kinds)}
        values.update(kinds)
        conditions.append(f"c.kind IN ({', '.join(f':{name}' for name in kinds)})")
    if wanted.case_id:
        values["case_id"] = wanted.case_id
        conditions.append("c.case_id = :case_id")
    return " AND ".join(conditions)


def _ordered(
    rows: list[tuple[int, int, bool, float | None]],
    wanted: ReviewFilter,
    influence: Mapping[int, float],
) -> list[ReviewItem]:
    if wanted.order == "doubtful":
        rows = sorted(rows, key=lambda row: abs((row[3] or 0.0) - _DOUBTFUL))
    elif wanted.order == "influential":
        rows = sorted(rows, key=lambda row: -influence.get(row[1], 0.0))
    items = [ReviewItem(case, coding, decided) for case, coding, decided, _ in rows]
    if wanted.sample is not None or wanted.order == "random":
        return _drawn(items, wanted)
    return items


def _drawn(items: list[ReviewItem], wanted: ReviewFilter) -> list[ReviewItem]:
    """Return a random sample; the same seed draws the same, and keeps what was decided since."""
    chance = random.Random(wanted.seed)
    size = len(items) if wanted.sample is None else min(wanted.sample, len(items))
    drawn = chance.sample(range(len(items)), size)
    return [items[at] for at in (drawn if wanted.order == "random" else sorted(drawn))]


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
            )
        )
    return found


def _listed(keys: tuple[int, ...] | list[int]) -> str:
    """Return rows' numbers for an IN list; they are numbers, so nothing needs quoting."""
    return ", ".join(str(int(key)) for key in keys)


def fetch_case_ids(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the id of every case that stands, by row."""
    return dict(connection.execute("SELECT id, case_id FROM cases WHERE withdrawn = 0"))


def fetch_undecided_codebooks(
    connection: sqlite3.Connection, case_key: int, person: int
) -> tuple[list[int], list[int]]:
    """Return the codebooks coded in a case in which nothing, and in which something, is open."""
    clear: list[int] = []
    open_: list[int] = []
    for book, n_open in connection.execute(
        "SELECT cc.codebook_key, (SELECT count(*) FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE g.case_key = cc.case_key AND k.codebook_key = cc.codebook_key AND k.retired = 0"
        f" AND g.coder_key = {MACHINE_KEY} AND g.status = 'unreviewed' AND NOT {_SAID})"
        " FROM coded_cases cc WHERE cc.case_key = :case ORDER BY cc.codebook_key",
        {"case": case_key, "person": person},
    ):
        (open_ if n_open else clear).append(book)
    return clear, open_


def fetch_place(connection: sqlite3.Connection, coder: str) -> dict[str, object]:
    """Return where a person left off, as it was kept; empty if she has not begun."""
    row = connection.execute(
        "SELECT value FROM project WHERE key = ?", (f"review:{coder}",)
    ).fetchone()
    return dict(json.loads(row[0])) if row else {}


def save_place(connection: sqlite3.Connection, coder: str, place: Mapping[str, object]) -> None:
    """Keep where a person leaves off."""
    connection.execute(
        "INSERT INTO project (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (f"review:{coder}", json.dumps(place)),
    )
