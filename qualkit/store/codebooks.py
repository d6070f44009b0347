"""Codebooks as the project keeps them: versions, codes, and the compiled forms."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from qualkit.errors import CodebookError, UnknownNameError
from qualkit.model import Code, Codebook, Problem
from qualkit.store.connection import transaction
from qualkit.store.history import Line, record
from qualkit.store.writing import now


@dataclass(frozen=True, slots=True)
class StoredCodebook:
    """The latest version of a codebook in the project."""

    key: int
    name: str
    title: str
    version_key: int
    version: str
    content_hash: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    path: str
    loaded_at: str
    categories: tuple[str, ...]
    n_codes: int


@dataclass(frozen=True, slots=True)
class StoredCode:
    """A code as the project knows it; `position` is its order in the codebook."""

    key: int
    codebook_key: int
    codebook: str
    category: str
    code: str
    name: str
    position: int
    definition: str
    include: str
    exclude: str
    about: str
    group: str
    retired: int


def save_codebook(
    connection: sqlite3.Connection, codebook: Codebook, compiled: str, examples: str = "[]"
) -> bool:
    """Load a codebook, or its new version; return False when nothing changed.

    `compiled` and `examples` are kept as they are given.

    Codes that the new version lacks are retired: kept for the codings that
    name them, no longer coded.

    Raises
    ------
    CodebookError
        A code already belongs to another codebook.
    """
    with transaction(connection):
        key = _codebook_key(connection, codebook)
        latest = connection.execute(
            "SELECT content_hash, compiled, examples FROM codebook_versions WHERE codebook_key = ?"
            " ORDER BY id DESC LIMIT 1",
            (key,),
        ).fetchone()
        # A newer qualkit may expand the same file differently.
        if latest == (codebook.content_hash, compiled, examples):
            return False
        if latest and latest[:2] == (codebook.content_hash, compiled):
            # Examples teach the learned layer; what codes mean, and their codings, stay.
            connection.execute(
                "UPDATE codebook_versions SET examples = ? WHERE id ="
                " (SELECT max(id) FROM codebook_versions WHERE codebook_key = ?)",
                (examples, key),
            )
            return True
        _refuse_clashes(connection, key, codebook)
        version_key = connection.execute(
            "INSERT INTO codebook_versions (codebook_key, version, content_hash, kinds, roles,"
            " path, compiled, loaded_at, examples) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                codebook.version,
                codebook.content_hash,
                ",".join(codebook.kinds),
                ",".join(codebook.roles),
                codebook.path,
                compiled,
                now(),
                examples,
            ),
        ).lastrowid
        record(connection, None, [Line("codebook", about_key=version_key)])
        connection.execute("UPDATE codes SET retired = 1 WHERE codebook_key = ?", (key,))
        connection.executemany(
            "INSERT INTO codes (codebook_key, category, code, name, position, definition, include,"
            " exclude, about, code_group) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            # A code that another codebook gave up (retired there) becomes this one's.
            " ON CONFLICT (category, code) DO UPDATE SET codebook_key = excluded.codebook_key,"
            " name = excluded.name, position = excluded.position, definition = excluded.definition,"
            " include = excluded.include, exclude = excluded.exclude, about = excluded.about,"
            " code_group = excluded.code_group, retired = 0",
            [_code_row(key, position, code) for position, code in enumerate(codebook.codes)],
        )
    return True


def _code_row(key: int, position: int, code: Code) -> tuple[object, ...]:
    return (
        key,
        code.category,
        code.code_id,
        code.name,
        position,
        code.definition,
        code.include,
        code.exclude,
        code.about,
        code.group,
    )


def _codebook_key(connection: sqlite3.Connection, codebook: Codebook) -> int:
    connection.execute(
        "INSERT INTO codebooks (name, title) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET title = excluded.title",
        (codebook.name, codebook.title),
    )
    row = connection.execute("SELECT id FROM codebooks WHERE name = ?", (codebook.name,)).fetchone()
    return int(row[0])


def _refuse_clashes(connection: sqlite3.Connection, key: int, codebook: Codebook) -> None:
    taken = {
        (category, code): name
        for category, code, name in connection.execute(
            "SELECT c.category, c.code, b.name FROM codes c JOIN codebooks b"
            " ON b.id = c.codebook_key WHERE c.codebook_key <> ? AND c.retired = 0",
            (key,),
        )
    }
    problems = [
        Problem(
            codebook.path,
            code.line,
            f"{code.category}.{code.code_id} already belongs to the codebook"
            f" '{taken[code.category, code.code_id]}'; choose another id",
            code.code_id,
        )
        for code in codebook.codes
        if (code.category, code.code_id) in taken
    ]
    if len(problems) > 1 and len(problems) == len(codebook.codes):
        # A copy under another name: one line helps more than one for each code.
        others = sorted({taken[code.category, code.code_id] for code in codebook.codes})
        names = ", ".join(f"'{name}'" for name in others)
        text = (
            f"all {len(problems)} codes already belong to the codebook {names};"
            " in a copy, change `category:` as well as the name (or keep the name and raise"
            " `version:` to replace it)"
        )
        problems = [Problem(codebook.path, codebook.codes[0].line, text)]
    if problems:
        raise CodebookError(problems, where=codebook.path)


def fetch_codebooks(connection: sqlite3.Connection) -> list[StoredCodebook]:
    """Return the codebooks of the project with their latest versions, by name."""
    books = []
    for row in connection.execute(
        "SELECT b.id, b.name, b.title, v.id, v.version, v.content_hash, v.kinds, v.roles, v.path,"
        " v.loaded_at FROM codebooks b JOIN codebook_versions v ON v.id ="
        " (SELECT max(id) FROM codebook_versions WHERE codebook_key = b.id) ORDER BY b.name"
    ).fetchall():
        categories = connection.execute(
            "SELECT category, count(*) FROM codes WHERE codebook_key = ? AND retired = 0"
            " GROUP BY category ORDER BY min(position)",
            (row[0],),
        ).fetchall()
        books.append(
            StoredCodebook(
                key=row[0],
                name=row[1],
                title=row[2],
                version_key=row[3],
                version=row[4],
                content_hash=row[5],
                kinds=_listed(row[6]),
                roles=_listed(row[7]),
                path=row[8],
                loaded_at=row[9],
                categories=tuple(name for name, _ in categories),
                n_codes=sum(count for _, count in categories),
            )
        )
    return books


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def fetch_compiled(connection: sqlite3.Connection, version_key: int) -> str:
    """Return the compiled text of a codebook version."""
    row = connection.execute(
        "SELECT compiled FROM codebook_versions WHERE id = ?", (version_key,)
    ).fetchone()
    return str(row[0])


def fetch_examples(connection: sqlite3.Connection, version_key: int) -> str:
    """Return the examples of a codebook version as they were given."""
    row = connection.execute(
        "SELECT examples FROM codebook_versions WHERE id = ?", (version_key,)
    ).fetchone()
    return str(row[0])


def fetch_codes(connection: sqlite3.Connection, category: str = "") -> list[StoredCode]:
    """Return the codes, of one category or all, in codebook order; retired ones too."""
    rows = connection.execute(
        "SELECT c.id, b.id, b.name, c.category, c.code, c.name, c.position, c.definition,"
        " c.include, c.exclude, c.about, c.code_group, c.retired FROM codes c"
        " JOIN codebooks b ON b.id = c.codebook_key WHERE ? IN ('', c.category)"
        " ORDER BY b.name, c.position, c.code",
        (category,),
    )
    return [StoredCode(*row) for row in rows]


def find_codes(connection: sqlite3.Connection, name: str) -> list[StoredCode]:
    """Return the codes that `name` ("code" or "category.code") stands for; at least one.

    Raises
    ------
    UnknownNameError
        There is none; the near matches are named.
    """
    codes = fetch_codes(connection)
    wanted = name.strip().lower()
    found = [c for c in codes if wanted in (c.code, f"{c.category}.{c.code}", c.name.lower())]
    if not found:
        raise UnknownNameError("code", name, [c.code for c in codes])
    return found
