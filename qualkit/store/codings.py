"""Runs of the machine, and what people's decisions make of its codings."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qualkit.model import ProposedCoding, Segment, Status
from qualkit.store.history import Line, record
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.writing import now

# The highest row that SQLite can give.
_LAST_ROW = (1 << 63) - 1
_DECIDED = (Status.ACCEPTED, Status.REJECTED)


def coder_key(connection: sqlite3.Connection, name: str, *, create: bool = False) -> int | None:
    """Return the row of a coder, made when `create`; None when there is none."""
    if create:
        connection.execute(
            "INSERT INTO coders (name, machine) VALUES (?, 0) ON CONFLICT DO NOTHING", (name,)
        )
    row = connection.execute("SELECT id FROM coders WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def fetch_machines(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the coders that are no people."""
    return {name for (name,) in connection.execute("SELECT name FROM coders WHERE machine = 1")}


def fetch_coders(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all coders."""
    return [name for (name,) in connection.execute("SELECT name FROM coders ORDER BY id")]


def iterate_cases(
    connection: sqlite3.Connection, *, first: int = 0, last: int = _LAST_ROW
) -> Iterator[list[Segment]]:
    """Yield the segments of each case that stands, in order; memory stays flat.

    `first` and `last` limit them to the cases from one row to another, both included.
    """
    rows = connection.execute(
        "SELECT s.id, s.case_key, s.n, c.kind, s.role, s.text, s.speaker, s.label"
        " FROM cases c JOIN segments s ON s.case_key = c.id"
        " WHERE c.withdrawn = 0 AND c.id BETWEEN ? AND ? ORDER BY c.id, s.n",
        (first, last),
    )
    case: list[Segment] = []
    for row in rows:
        segment = Segment(*row)
        if case and case[0].case_id != segment.case_id:
            yield case
            case = []
        case.append(segment)
    if case:
        yield case


def fetch_case(connection: sqlite3.Connection, case_id: str) -> list[Segment]:
    """Return the segments of one case that stands, in order; none where there is no such."""
    row = connection.execute("SELECT id FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    return next(iterate_cases(connection, first=row[0], last=row[0]), []) if row else []


def fetch_method(connection: sqlite3.Connection, run: int | None) -> str:
    """Return by which method a run coded: rules, model or both; empty where there is none."""
    row = connection.execute("SELECT method FROM runs WHERE id = ?", (run,)).fetchone()
    return str(row[0]) if row else ""


def fetch_run_settings(connection: sqlite3.Connection, run: int | None) -> str:
    """Return what a run records of how it coded; empty where there is none."""
    row = connection.execute("SELECT settings FROM runs WHERE id = ?", (run,)).fetchone()
    return str(row[0]) if row else ""


@dataclass(frozen=True, slots=True)
class _Existing:
    key: int
    start: int
    end: int
    status: str
    flagged: bool


class RunWriter:
    """Writes one run of the machine with one codebook, inside the caller's transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        codebook_key: int,
        version_key: int,
        method: str,
        settings: str,
        qualkit_version: str,
    ) -> None:
        self.connection = connection
        self.codebook_key = codebook_key
        self.codes = {
            (category, code): key
            for key, category, code in connection.execute(
                "SELECT id, category, code FROM codes WHERE codebook_key = ?", (codebook_key,)
            )
        }
        self.run_key = int(
            connection.execute(
                "INSERT INTO runs (coder_key, codebook_version_key, method, settings,"
                " qualkit_version, started_at) VALUES (?, ?, ?, ?, ?, ?)",
                (MACHINE_KEY, version_key, method, settings, qualkit_version, now()),
            ).lastrowid
            or 0
        )
        self.fresh = not connection.execute(
            "SELECT 1 FROM codings WHERE coder_key = ? AND code_key IN"
            " (SELECT id FROM codes WHERE codebook_key = ?) LIMIT 1",
            (MACHINE_KEY, codebook_key),
        ).fetchone()
        self.decided = bool(connection.execute("SELECT 1 FROM decisions LIMIT 1").fetchone())
        self.n_cases = self.n_segments = self.n_codings = self.n_dropped = 0

    def write(
        self,
        segments: Sequence[Segment],
        covered: Sequence[Segment],
        proposals: Iterable[ProposedCoding],
    ) -> None:
        """Replace the codings of whole cases by the proposals.

        `segments` are all segments of the cases, `covered` those of them that
        the codebook applies to: their cases count as coded.
        """
        existing = {} if self.fresh else self._existing(segments)
        verdicts = self._verdicts(segments) if self.decided else {}
        texts = {segment.segment_id: segment for segment in segments}
        new_rows, kept_rows = [], []
        for proposal in proposals:
            code = self.codes[proposal.category, proposal.code_id]
            place = (proposal.segment_id, code)
            olds = existing.get(place, [])
            same = next(
                (o for o in olds if (o.start, o.end) == (proposal.start, proposal.end)), None
            )
            if same is not None:
                olds.remove(same)
                kept_rows.append((self.run_key, proposal.score, proposal.rule, same.key))
                continue
            span = (proposal.start, proposal.end)
            if any(_stands(o) and _overlap((o.start, o.end), span) for o in olds):
                continue
            status, flagged = resolve(verdicts.get(place, ()), span)
            segment = texts[proposal.segment_id]
            new_rows.append(
                (
                    proposal.segment_id,
                    segment.case_id,
                    code,
                    *span,
                    segment.text[slice(*span)],
                    proposal.score,
                    MACHINE_KEY,
                    self.run_key,
                    proposal.rule,
                    status,
                    flagged,
                )
            )
        gone = [(o.key,) for olds in existing.values() for o in olds if not _stands(o)]
        self._store(covered, new_rows, kept_rows, gone)

    def _store(
        self,
        covered: Sequence[Segment],
        new_rows: Sequence[tuple[object, ...]],
        kept_rows: Sequence[tuple[object, ...]],
        gone: list[tuple[int]],
    ) -> None:
        self.connection.executemany("DELETE FROM codings WHERE id = ?", gone)
        self.connection.executemany(
            "UPDATE codings SET run_key = ?, score = ?, rule = ? WHERE id = ?", kept_rows
        )
        self.connection.executemany(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " score, coder_key, run_key, rule, status, flagged)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            new_rows,
        )
        cases = {segment.case_id for segment in covered}
        self.connection.executemany(
            "INSERT INTO coded_cases (codebook_key, case_key, run_key) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET run_key = excluded.run_key",
            [(self.codebook_key, case, self.run_key) for case in sorted(cases)],
        )
        self.n_cases += len(cases)
        self.n_segments += len(covered)
        self.n_codings += len(new_rows) + len(kept_rows)
        self.n_dropped += len(gone)

    def _existing(self, segments: Sequence[Segment]) -> dict[tuple[int, int], list[_Existing]]:
        own = set(self.codes.values())
        found: dict[tuple[int, int], list[_Existing]] = defaultdict(list)
        for part in _parts([segment.segment_id for segment in segments]):
            marks = ",".join("?" * len(part))
            for segment, code, *rest in self.connection.execute(
                "SELECT segment_key, code_key, id, start_char, end_char, status, flagged"
                f" FROM codings WHERE coder_key = {MACHINE_KEY}"
                f" AND segment_key IN ({marks})",
                part,
            ):
                if code in own:
                    found[segment, code].append(_Existing(*rest))
        return found

    def _verdicts(self, segments: Sequence[Segment]) -> dict[tuple[int, int], list[Verdict]]:
        found: dict[tuple[int, int], list[Verdict]] = defaultdict(list)
        for part in _parts([segment.segment_id for segment in segments]):
            marks = ",".join("?" * len(part))
            for segment, code, *rest in self.connection.execute(
                "SELECT segment_key, code_key, start_char, end_char, coder_key, verdict, consensus"
                f" FROM decisions WHERE segment_key IN ({marks}) ORDER BY id",
                part,
            ):
                found[segment, code].append(Verdict(*rest))
        return found

    def finish(self) -> None:
        """Close the run with its counts."""
        self.connection.execute(
            "UPDATE runs SET finished_at = ?, n_cases = ?, n_segments = ?, n_codings = ?"
            " WHERE id = ?",
            (now(), self.n_cases, self.n_segments, self.n_codings, self.run_key),
        )
        record(self.connection, MACHINE_KEY, [Line("code", about_key=self.run_key)])


def _parts(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), 500):
        yield keys[start : start + 500]


def _stands(existing: _Existing) -> bool:
    """Say whether a person has had a say on it, so that a run leaves it alone."""
    return existing.status in _DECIDED or bool(existing.flagged)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision on a stretch of a segment for one code, oldest first in lists."""

    start: int
    end: int
    coder: int
    verdict: str
    consensus: int


def resolve(verdicts: Sequence[Verdict], span: tuple[int, int]) -> tuple[str, int]:
    """Return (status, flagged) of a machine coding on `span` under the decisions.

    The latest consensus holds; otherwise each coder's latest verdict counts,
    and where coders disagree the coding stays unreviewed, flagged.
    """
    touching = [v for v in verdicts if _overlap((v.start, v.end), span)]
    agreed = [v for v in touching if v.consensus]
    latest = {v.coder: v.verdict for v in touching}
    said = {agreed[-1].verdict} if agreed else set(latest.values())
    if not said:
        return Status.UNREVIEWED, 0
    if len(said) > 1:
        return Status.UNREVIEWED, 1
    return (Status.ACCEPTED if said == {"accept"} else Status.REJECTED), 0


def resolve_added(verdicts: Sequence[Verdict], span: tuple[int, int]) -> str:
    """Return the status of a person's own coding on `span`: only a consensus outranks it."""
    return (
        Status.REJECTED
        if resolve([own for own in verdicts if own.consensus], span)[0] == Status.REJECTED
        else Status.ADDED
    )
