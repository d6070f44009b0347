"""Forgetting a family: every row of it removed, and no byte of it left in the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from qualkit.errors import ProjectError
from qualkit.normalise import normalise_reference
from qualkit.store.connection import on_shared_drive, transaction
from qualkit.store.forgotten import remember_forgotten
from qualkit.store.history import Line, record
from qualkit.store.needrows import delete_needs
from qualkit.store.refusals import primary_code
from qualkit.store.traces import WINDOW, Traces
from qualkit.store.writing import ProjectConnection, run_patiently

_UNFINISHED = "forgetting"
"""Key in the table project while the rows are gone but the file is not cleaned."""
_OTHERS_MS = 2000
"""How long another program has to close the project before it is in the way."""


# --- what a project holds of it ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredFamily:
    """A family to be forgotten.

    Attributes
    ----------
    family_key : int
        Its row.
    written : str
        Its reference as it was written.
    declared : bool
        Whether it stands in a table of families that was imported.
    references : frozenset of str
        Its reference and those joined to it, normalised.
    case_keys : tuple of int
        Rows of its cases, withdrawn ones too.
    """

    family_key: int
    written: str
    declared: bool
    references: frozenset[str]
    case_keys: tuple[int, ...]


@dataclass(slots=True)
class Holdings:
    """How much a project holds of a family, and where.

    Attributes
    ----------
    cases, segments, codings, decisions, memos, phases, attributes, readings, needs : int
        Rows.
    models : int
        Learned models; they are made of everybody's words.
    paths : list of str
        Files that were imported and held the family.
    codebooks : list of str
        Codebooks with an example that repeats its words.
    repeated_in : list of str
        Other cases with one of its texts, word for word.
    named_in : dict
        Table to rows elsewhere that hold its reference still.
    """

    cases: int = 0
    segments: int = 0
    codings: int = 0
    decisions: int = 0
    memos: int = 0
    phases: int = 0
    attributes: int = 0
    readings: int = 0
    needs: int = 0
    models: int = 0
    paths: list[str] = field(default_factory=list)
    codebooks: list[str] = field(default_factory=list)
    repeated_in: list[str] = field(default_factory=list)
    named_in: dict[str, int] = field(default_factory=dict)


def fetch_written(connection: sqlite3.Connection) -> list[str]:
    """Return the references of all families as they were written."""
    return [row[0] for row in connection.execute("SELECT written FROM families ORDER BY ufrn")]


def find_family(connection: sqlite3.Connection, reference: str) -> StoredFamily | None:
    """Return the family with a reference, or with one joined to it; None if there is none."""
    wanted = normalise_reference(reference)
    row = connection.execute(
        "SELECT id, ufrn, written, declared FROM families WHERE ufrn = ? OR id ="
        " (SELECT family_key FROM family_aliases WHERE reference = ?) ORDER BY ufrn <> ? LIMIT 1",
        (wanted, wanted, wanted),
    ).fetchone()
    if row is None:
        return None
    key, ufrn, written, declared = row
    aliases = connection.execute(
        "SELECT reference FROM family_aliases WHERE family_key = ?", (key,)
    ).fetchall()
    references = frozenset({ufrn, *(alias for (alias,) in aliases)})
    cases = []
    for case, own, family in connection.execute("SELECT id, ufrn, family_key FROM cases"):
        normal = normalise_reference(own)
        # One without a row for its family, or that names this one though joined to another.
        if family == key or normal == ufrn or (family is None and normal in references):
            cases.append(case)
    return StoredFamily(key, written, bool(declared), references, tuple(cases))


def fetch_traces(connection: sqlite3.Connection, family: StoredFamily) -> Traces:
    """Return what tells the family's words and references from others'."""
    _list_cases(connection, family)
    ids = [
        row[0]
        for row in connection.execute(
            "SELECT case_id FROM cases WHERE id IN (SELECT case_key FROM forgotten)"
        )
    ]
    texts = connection.execute(
        "SELECT text FROM segments WHERE case_key IN (SELECT case_key FROM forgotten)"
        " UNION SELECT quote FROM unplaced_codings"
        " WHERE case_key IN (SELECT case_key FROM forgotten)"
        " EXCEPT SELECT text FROM segments WHERE case_key NOT IN (SELECT case_key FROM forgotten)"
    ).fetchall()
    return Traces(family.references, ids, [text for (text,) in texts])


def _list_cases(connection: sqlite3.Connection, family: StoredFamily) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS forgotten (case_key INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM forgotten")
    connection.executemany(
        "INSERT INTO forgotten VALUES (?)", [(case,) for case in family.case_keys]
    )


_OWN_CASES = "case_key IN (SELECT case_key FROM forgotten)"
_OWN_SEGMENTS = f"segment_key IN (SELECT id FROM segments WHERE {_OWN_CASES})"


def count_holdings(
    connection: sqlite3.Connection, family: StoredFamily, traces: Traces
) -> Holdings:
    """Return how much the project holds of a family; changes nothing."""
    _list_cases(connection, family)

    def count(table: str, where: str, *values: object) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE {where}"
        return int(connection.execute(sql, values).fetchone()[0])

    attributes = count("family_attributes", "family_key = ?", family.family_key)
    return Holdings(
        cases=len(family.case_keys),
        segments=count("segments", _OWN_CASES),
        codings=count("codings", _OWN_SEGMENTS) + count("unplaced_codings", _OWN_CASES),
        decisions=count("decisions", _OWN_SEGMENTS),
        memos=len(_memos(connection, traces, _own_sources(connection))),
        phases=count("phases", _OWN_SEGMENTS),
        attributes=attributes + count("case_attributes", _OWN_CASES),
        readings=count("readings", "family_key = ?", family.family_key),
        needs=count(
            "assessment_needs",
            "assessment_key IN (SELECT id FROM assessments WHERE family_key = ?)",
            family.family_key,
        ),
        models=count("models", "id IN (SELECT model_key FROM model_arrays)"),
        paths=_paths(connection, traces),
        codebooks=_quoting_codebooks(connection, traces),
        repeated_in=_repeating_cases(connection),
    )


def fetch_own_sources(
    connection: sqlite3.Connection, family: StoredFamily, traces: Traces
) -> list[str]:
    """Return the sources that hold only this family, or are named after it."""
    _list_cases(connection, family)
    own = _own_sources(connection)
    rows = connection.execute("SELECT id, name FROM sources ORDER BY id")
    return [name for key, name in rows if key in own or traces.names(name)]


def _own_sources(connection: sqlite3.Connection) -> set[int]:
    """Return the sources that hold this family's cases and nobody else's."""
    rows = connection.execute(
        "SELECT source_key FROM cases GROUP BY source_key HAVING min(id IN"
        " (SELECT case_key FROM forgotten))"
    )
    return {key for (key,) in rows}


def _memos(connection: sqlite3.Connection, traces: Traces, sources: set[int]) -> list[int]:
    """Return the memos on the family's cases, codings and sources, and those that name it."""
    own = {
        key
        for (key,) in connection.execute(
            f"SELECT id FROM memos WHERE {_OWN_CASES} OR {_OWN_SEGMENTS}"
            " OR about = 'case' AND about_key IN (SELECT case_key FROM forgotten)"
            # Those of an earlier qualkit do not know their case.
            " OR about = 'coding' AND case_key IS NULL AND about_key IN"
            f" (SELECT id FROM codings WHERE {_OWN_SEGMENTS})"
        )
    }
    return [
        key
        for key, about, about_key, text in connection.execute(
            "SELECT id, about, about_key, text FROM memos ORDER BY id"
        )
        if key in own or (about == "source" and about_key in sources) or traces.hold(text)
    ]


def _paths(connection: sqlite3.Connection, traces: Traces) -> list[str]:
    rows = connection.execute(
        "SELECT v.path, EXISTS (SELECT 1 FROM cases c WHERE c.source_key = v.source_key"
        " AND c.id IN (SELECT case_key FROM forgotten)) FROM source_versions v ORDER BY v.id"
    )
    return list(dict.fromkeys(path for path, own in rows if path and (own or traces.names(path))))


def _quoting_codebooks(connection: sqlite3.Connection, traces: Traces) -> list[str]:
    found = []
    for name, version, examples in connection.execute(
        "SELECT b.name, v.version, v.examples FROM codebook_versions v"
        " JOIN codebooks b ON b.id = v.codebook_key ORDER BY v.id"
    ):
        # The first of an example is its text.
        texts = (example[0] for own in json.loads(examples) for example in own["examples"])
        if any(traces.hold(text) for text in texts):
            found.append(f"{name} {version}")
    return list(dict.fromkeys(found))


def _repeating_cases(connection: sqlite3.Connection) -> list[str]:
    """Return other cases with a longer text of the family, questions of interviewers aside."""
    rows = connection.execute(
        "SELECT DISTINCT c.case_id FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.id NOT IN (SELECT case_key FROM forgotten) AND s.role <> 'interviewer'"
        f" AND length(s.text) >= {WINDOW} AND s.text IN"
        f" (SELECT text FROM segments WHERE {_OWN_CASES}) ORDER BY c.case_id"
    )
    return [case_id for (case_id,) in rows]


# --- removing --------------------------------------------------------------------------------


@contextmanager
def alone(connection: sqlite3.Connection) -> Iterator[None]:
    """Have the project to oneself: nothing of it lies in a log that another program holds.

    Raises
    ------
    ProjectError
        Another program has the project open; nothing was changed.
    """
    if not isinstance(connection, ProjectConnection):
        raise TypeError("not an open project")
    # One that may only be read says so here.
    with transaction(connection):
        pass
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    erased = connection.execute("PRAGMA secure_delete").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {_OTHERS_MS}")
    try:
        # SQLite leaves the log only when nobody else has the file open, and empties it then.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.rollback()
    except sqlite3.OperationalError as error:
        _log_again(connection)
        if primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise ProjectError(
            "another program has the project open; nothing was removed",
            where=str(connection.path),
            expected="a project that nobody else has open, so that no copy of a text is left",
            to_do="close it (another qualkit, a notebook, a database browser), then try again",
        ) from error
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")
    try:
        connection.execute("PRAGMA secure_delete = ON")
        yield
    finally:
        connection.execute(f"PRAGMA secure_delete = {erased}")
        _log_again(connection)


def _log_again(connection: ProjectConnection) -> None:
    if not on_shared_drive(connection.path):
        # Without its log a project only lets fewer programs read at once.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")


def delete_family(connection: sqlite3.Connection, family: StoredFamily, traces: Traces) -> Holdings:
    """Remove every row of a family, inside the caller's transaction; return what went.

    The history gets a step of lines that name rows only. The file still has to be
    cleaned, see `clean`; until that is done `is_unfinished` says so.
    """
    held = count_holdings(connection, family, traces)
    sources = _own_sources(connection)
    memos = _memos(connection, traces, sources)
    connection.executemany("DELETE FROM memos WHERE id = ?", [(memo,) for memo in memos])
    _forget_places(connection, family, traces)
    for table in ("codings", "decisions", "phases"):
        connection.execute(f"DELETE FROM {table} WHERE {_OWN_SEGMENTS}")
    for table in (
        "unplaced_codings",
        "done_cases",
        "coded_cases",
        "case_attributes",
        "case_ratings",
        "case_relevance",
        "segments",
    ):
        connection.execute(f"DELETE FROM {table} WHERE {_OWN_CASES}")
    connection.execute("DELETE FROM cases WHERE id IN (SELECT case_key FROM forgotten)")
    delete_needs(connection, family.family_key)
    for table, column in (
        ("readings", "family_key"),
        ("star_families", "family_key"),
        ("family_attributes", "family_key"),
        ("grouped_families", "family_key"),
        ("family_aliases", "family_key"),
        ("families", "id"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (family.family_key,))
    # Removing words from the index leaves them in it, marked as removed.
    connection.execute("INSERT INTO segments_fts (segments_fts) VALUES ('rebuild')")
    for table in ("embeddings", "model_arrays", "models"):
        connection.execute(f"DELETE FROM {table}")
    _rename_sources(connection, sources, traces)
    remember_forgotten(connection, family.references)
    lines = [Line("forget", case_key=case) for case in family.case_keys]
    record(connection, None, lines or [Line("forget")])
    connection.execute("INSERT OR REPLACE INTO project VALUES (?, '')", (_UNFINISHED,))
    held.named_in = _still_named(connection, traces)
    return held


def _forget_places(connection: sqlite3.Connection, family: StoredFamily, traces: Traces) -> None:
    """Remove where reviews left off, if that was in a case of the family."""
    for key, value in connection.execute(
        "SELECT key, value FROM project WHERE key LIKE 'review:%'"
    ).fetchall():
        place = json.loads(value)
        words = [own for own in _words(place) if own in traces.case_ids or traces.hold(own)]
        if place.get("case_key") in family.case_keys or words:
            connection.execute("DELETE FROM project WHERE key = ?", (key,))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for own in value.values():
            yield from _words(own)
    elif isinstance(value, list):
        for own in value:
            yield from _words(own)


def _rename_sources(connection: sqlite3.Connection, own: set[int], traces: Traces) -> None:
    """Blank what says whom a source was about; rows and version numbers stay."""
    sources = connection.execute("SELECT id, name FROM sources").fetchall()
    names = {name for _, name in sources}
    number = 0
    for key, name in sources:
        if key not in own and not traces.names(name):
            continue
        number += 1
        while f"forgotten-{number}" in names:
            number += 1
        connection.execute("UPDATE sources SET name = ? WHERE id = ?", (f"forgotten-{number}", key))
    for key, source, path, options, front in connection.execute(
        "SELECT id, source_key, path, options, front_matter FROM source_versions"
    ).fetchall():
        blank = {
            "path": traces.names(path),
            "options": traces.names(options),
            "front_matter": traces.hold(front),
            # Tells whoever has the file that it was here.
            "content_hash": False,
        }
        for column, wanted in blank.items():
            if wanted or source in own:
                connection.execute(f"UPDATE source_versions SET {column} = '' WHERE id = ?", (key,))


def _still_named(connection: sqlite3.Connection, traces: Traces) -> dict[str, int]:
    """Return table to rows that hold the reference still: others' texts, codebooks, memos."""
    found: dict[str, int] = {}
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
        " ESCAPE '!' AND name NOT LIKE 'segments!_fts%' ESCAPE '!' AND name <> 'history'"
    ).fetchall()
    for (table,) in tables:
        columns = [
            f'"{name}"'
            for _, name, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")')
            if kind == "TEXT"
        ]
        if columns:
            rows = connection.execute(f'SELECT {", ".join(columns)} FROM "{table}"')
            count = sum(any(traces.names(own or "") for own in row) for row in rows)
            if count:
                found[table] = count
    return found


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether a family's rows are gone but the file was not cleaned of them."""
    row = connection.execute("SELECT 1 FROM project WHERE key = ?", (_UNFINISHED,)).fetchone()
    return row is not None


def clean(connection: sqlite3.Connection) -> None:
    """Write the file anew, so that no page keeps what was removed."""
    run_patiently(connection, "VACUUM")
    with transaction(connection):
        connection.execute("DELETE FROM project WHERE key = ?", (_UNFINISHED,))
