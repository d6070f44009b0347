"""Writing a source: its cases and segments whole, or, on any error, not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from qualkit.errors import CaseClashError, SourceFormatError
from qualkit.model import ImportResult, ParsedCase, ParsedFamily, ParsedSource, Rejection
from qualkit.store import carry
from qualkit.store.connection import transaction
from qualkit.store.families import family_keys
from qualkit.store.history import Line, record
from qualkit.store.schema import LEVELS
from qualkit.store.writing import now

_BATCH = 2000


@dataclass(slots=True)
class _Keys:
    """Next free row numbers; handing them out here spares a round trip per row."""

    case: int
    segment: int

    def next_segment(self) -> int:
        """Return the next free row of a segment."""
        self.segment += 1
        return self.segment


def save_source(
    connection: sqlite3.Connection,
    parsed: ParsedSource,
    set_aside: Callable[[Rejection], None],
) -> ImportResult:
    """Write a parsed source in one transaction.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open project.
    parsed : ParsedSource
        Its `items` are read once, in batches; memory does not grow with them.
    set_aside : callable
        Takes every Rejection as it comes.

    Returns
    -------
    ImportResult
        With `unchanged` when the same bytes were read the same way before.

    Raises
    ------
    CaseClashError
        A case id belongs to another source already.
    SourceFormatError
        The source holds another kind than before.
    """
    result = ImportResult(parsed.name, _kind(parsed))
    with transaction(connection):
        source_key, latest = _source(connection, parsed)
        if latest and latest[1:] == (parsed.content_hash, parsed.options):
            result.unchanged, result.version = True, int(latest[0])
            _count_stored(connection, source_key, result)
            return result
        result.version = int(latest[0]) + 1 if latest else 1
        version_key = connection.execute(
            "INSERT INTO source_versions (source_key, version, content_hash, options, path,"
            " front_matter, imported_at, n_cases, n_segments, n_rejected)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0)",
            (
                source_key,
                result.version,
                parsed.content_hash,
                parsed.options,
                parsed.path,
                "",
                now(),
            ),
        ).lastrowid
        writer = _Writer(connection, source_key, int(version_key or 0), result, fresh=not latest)
        for batch in _batches(_cases_only(parsed.items, set_aside, result)):
            writer.write(batch)
        writer.finish()
        connection.execute(
            "UPDATE source_versions SET front_matter = ?, n_cases = ?, n_segments = ?,"
            " n_rejected = ? WHERE id = ?",
            (parsed.front_matter, result.cases, result.segments, result.rejected, version_key),
        )
        lines = [Line("text", case_key=key) for key in writer.reworded]
        record(connection, None, [Line("import", about_key=version_key), *lines])
    result.notes = list(parsed.notes)
    if result.withdrawn and result.new == result.cases:
        result.notes.append(
            "no case of the version before is in this one; all are withdrawn, with their codings."
            " If this is another file, import it under a name of its own: --as NAME; if the case"
            " ids are read otherwise now, name their column: --id COL"
        )
    return result


def _kind(parsed: ParsedSource) -> str:
    """Return the kind of a source; a file in the case form may hold several."""
    return str(parsed.kind) if parsed.kind else "mixed"


def _source(
    connection: sqlite3.Connection, parsed: ParsedSource
) -> tuple[int, tuple[int, str, str] | None]:
    found = connection.execute(
        "SELECT id, kind FROM sources WHERE name = ?", (parsed.name,)
    ).fetchone()
    if found is None:
        key = connection.execute(
            "INSERT INTO sources (name, kind, created_at) VALUES (?, ?, ?)",
            (parsed.name, _kind(parsed), now()),
        ).lastrowid
        return int(key or 0), None
    if found[1] != _kind(parsed):
        raise SourceFormatError(
            f"the project already has a source called '{parsed.name}' of another kind",
            where=parsed.path,
            found=_kind(parsed),
            expected=str(found[1]),
            to_do="give this one another name with --as NAME",
        )
    latest = connection.execute(
        "SELECT version, content_hash, options FROM source_versions"
        " WHERE source_key = ? ORDER BY version DESC LIMIT 1",
        (found[0],),
    ).fetchone()
    return int(found[0]), latest


def _count_stored(connection: sqlite3.Connection, source_key: int, result: ImportResult) -> None:
    result.cases, result.without_text, result.with_family = connection.execute(
        "SELECT count(*), coalesce(sum(1 - has_text), 0), count(family_key) FROM cases"
        " WHERE source_key = ? AND withdrawn = 0",
        (source_key,),
    ).fetchone()
    result.segments = connection.execute(
        "SELECT count(*) FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.source_key = ? AND c.withdrawn = 0",
        (source_key,),
    ).fetchone()[0]
    result.rejected = connection.execute(
        "SELECT n_rejected FROM source_versions WHERE source_key = ? AND version = ?",
        (source_key, result.version),
    ).fetchone()[0]


def _cases_only(
    items: Iterable[ParsedCase | ParsedFamily | Rejection],
    set_aside: Callable[[Rejection], None],
    result: ImportResult,
) -> Iterator[ParsedCase]:
    for item in items:
        if isinstance(item, ParsedCase):
            yield item
        elif isinstance(item, Rejection):
            result.rejected += 1
            set_aside(item)


def _batches(cases: Iterator[ParsedCase]) -> Iterator[list[ParsedCase]]:
    while batch := list(islice(cases, _BATCH)):
        yield batch


class _Writer:
    """Writes the cases of one source version, batch by batch, inside a transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        source_key: int,
        version_key: int,
        result: ImportResult,
        *,
        fresh: bool,
    ) -> None:
        self.connection = connection
        self.source_key = source_key
        self.version_key = version_key
        self.result = result
        self.fresh = fresh
        self.reworded: list[int] = []
        """Cases whose words or segments this version changed."""
        top = connection.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM cases),"
            " (SELECT coalesce(max(id), 0) FROM segments)"
        ).fetchone()
        self.keys = _Keys(*top)
        self.last_case_before, self.last_segment_before = top
        if not fresh:
            connection.execute(
                "CREATE TEMP TABLE IF NOT EXISTS seen (case_key INTEGER PRIMARY KEY)"
            )
            connection.execute("DELETE FROM seen")

    def write(self, batch: Sequence[ParsedCase]) -> None:
        """Insert the batch's new cases and update those that the source had before."""
        known = self._known(batch)
        families = family_keys(self.connection, [case.ufrn for case in batch if case.ufrn])
        new = [case for case in batch if case.case_id not in known]
        self._insert(new, families)
        for case in batch:
            self._tally(case, families)
            if case.case_id in known:
                self._update(known[case.case_id], case, families.get(case.ufrn))
        if not self.fresh:
            self.connection.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?)", [(key,) for key in known.values()]
            )

    def _tally(self, case: ParsedCase, families: dict[str, int]) -> None:
        self.result.cases += 1
        self.result.segments += len(case.segments)
        self.result.without_text += not case.segments
        self.result.with_family += case.ufrn in families

    def _known(self, batch: Sequence[ParsedCase]) -> dict[str, int]:
        known: dict[str, int] = {}
        for start in range(0, len(batch), 500):
            names = [case.case_id for case in batch[start : start + 500]]
            marks = ",".join("?" * len(names))
            rows = self.connection.execute(
                f"SELECT c.case_id, c.id, c.source_key, s.name FROM cases c"
                f" JOIN sources s ON s.id = c.source_key WHERE c.case_id IN ({marks})",
                names,
            )
            for case_id, key, source_key, source in rows:
                if source_key != self.source_key:
                    raise CaseClashError(
                        f"the case id '{case_id}' already belongs to the source '{source}'",
                        where=self.result.source,
                        expected="ids that are unique in the project",
                        to_do="name another column with --id; or import a new version of that"
                        f" source under its own name: --as '{source}'",
                    )
                known[case_id] = key
        return known

    def _insert(self, cases: Sequence[ParsedCase], families: dict[str, int]) -> None:
        case_rows, segment_rows = [], []
        details: list[tuple[int, ParsedCase]] = []
        for case in cases:
            self.keys.case += 1
            key = self.keys.case
            case_rows.append(
                (
                    key,
                    case.case_id,
                    self.source_key,
                    str(case.kind),
                    case.ufrn,
                    families.get(case.ufrn),
                    int(bool(case.segments)),
                    int(bool(case.relevance)),
                    case.place,
                )
            )
            for segment in case.segments:
                segment_rows.append((self.keys.next_segment(), key, *carry.segment_values(segment)))
            details.append((key, case))
        self.connection.executemany(
            "INSERT INTO cases (id, case_id, source_key, kind, ufrn, family_key, has_text,"
            " declared, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            case_rows,
        )
        self.connection.executemany(
            "INSERT INTO segments (id, case_key, n, label, speaker, role, start_s, end_s, place,"
            " text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            segment_rows,
        )
        self._insert_details(details)
        self.result.new += len(cases)

    def _insert_details(self, details: Sequence[tuple[int, ParsedCase]]) -> None:
        self.connection.executemany(
            "INSERT INTO case_attributes VALUES (?, ?, ?)",
            [(key, name, value) for key, c in details for name, value in c.attributes.items()],
        )
        self.connection.executemany(
            "INSERT INTO case_ratings VALUES (?, ?, ?)",
            [(key, name, value) for key, c in details for name, value in c.ratings.items()],
        )
        self.connection.executemany(
            "INSERT INTO case_relevance VALUES (?, ?, ?)",
            [
                (key, name, LEVELS[level])
                for key, c in details
                for name, level in c.relevance.items()
            ],
        )

    def _update(self, key: int, case: ParsedCase, family_key: int | None) -> None:
        changed, carried, unplaced = carry.update_segments(
            self.connection, key, case.segments, self.version_key, self.keys.next_segment
        )
        if changed:
            self.reworded.append(key)
        self.result.carried += carried
        self.result.unplaced += unplaced
        before = self._details(key)
        self.connection.execute(
            "UPDATE cases SET kind = ?, ufrn = ?, family_key = ?, withdrawn = 0, has_text = ?,"
            " declared = ?, place = ? WHERE id = ?",
            (
                str(case.kind),
                case.ufrn,
                family_key,
                int(bool(case.segments)),
                int(bool(case.relevance)),
                case.place,
                key,
            ),
        )
        for table in ("case_attributes", "case_ratings", "case_relevance"):
            self.connection.execute(f"DELETE FROM {table} WHERE case_key = ?", (key,))
        self._insert_details([(key, case)])
        self.result.updated += bool(changed or before != self._details(key))

    def _details(self, key: int) -> list[tuple[object, ...]]:
        details = self.connection.execute(
            "SELECT kind, ufrn, withdrawn FROM cases WHERE id = ?", (key,)
        ).fetchall()
        for table in ("case_attributes", "case_ratings", "case_relevance"):
            details += self.connection.execute(
                f"SELECT * FROM {table} WHERE case_key = ? ORDER BY 2", (key,)
            ).fetchall()
        return details

    def finish(self) -> None:
        """Mark vanished cases withdrawn and bring the full-text index up to date."""
        if not self.fresh:
            self.result.withdrawn = self.connection.execute(
                "UPDATE cases SET withdrawn = 1 WHERE source_key = ? AND withdrawn = 0"
                " AND id <= ? AND id NOT IN (SELECT case_key FROM seen)",
                (self.source_key, self.last_case_before),
            ).rowcount
        self.connection.execute(
            "INSERT INTO segments_fts (rowid, text) SELECT id, text FROM segments WHERE id > ?",
            (self.last_segment_before,),
        )
