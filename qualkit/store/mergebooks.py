"""Merging codebooks: joined by category and code; the version in use here stays in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qualkit.store.mergestate import Finding, MergeState

_VERSIONS = "version, content_hash, kinds, roles, path, compiled, loaded_at, examples"
_CODES = "category, code, name, position, definition, include, exclude, about, code_group, retired"


@dataclass(frozen=True, slots=True)
class _Known:
    """A code that is here: its row, the name of its codebook, whether it is retired."""

    key: int
    owner: str
    retired: int


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A codebook of the other project with its codes, each a row and the columns of `_CODES`."""

    key: int
    name: str
    title: str
    codes: Sequence[tuple[int, tuple[Any, ...]]]


def join_codebooks(state: MergeState) -> None:
    """Match codebooks by name and codes by category and id; bring in what is not here."""
    for key, name, title in state.other.rows("SELECT * FROM codebooks ORDER BY id"):
        rows = state.other.rows(
            f"SELECT id, {_CODES} FROM codes WHERE codebook_key = ? ORDER BY position, id", key
        )
        theirs = _Theirs(key, name, title, [(row[0], row[1:]) for row in rows])
        here = state.ours.execute(
            "SELECT b.id, v.version, v.content_hash FROM codebooks b JOIN codebook_versions v"
            " ON v.codebook_key = b.id WHERE b.name = ? ORDER BY v.id DESC LIMIT 1",
            (name,),
        ).fetchone()
        known = {
            (category, code): _Known(*rest)
            for category, code, *rest in state.ours.execute(
                "SELECT c.category, c.code, c.id, b.name, c.retired FROM codes c"
                " JOIN codebooks b ON b.id = c.codebook_key"
            )
        }
        if here is not None:
            _join(state, theirs, known, *here)
        elif any(_clashes(theirs, values, known) for _, values in theirs.codes):
            _join_codes_only(state, theirs, known)
        else:
            _bring(state, theirs, known)


def _clashes(
    theirs: _Theirs, values: tuple[Any, ...], known: dict[tuple[str, str], _Known]
) -> bool:
    found = known.get((values[0], values[1]))
    return bool(found and found.owner != theirs.name and not found.retired and not values[-1])


def _join(
    state: MergeState,
    theirs: _Theirs,
    known: dict[tuple[str, str], _Known],
    book: int,
    version: str,
    content: str,
) -> None:
    """Join a codebook that is in use here."""
    state.books[theirs.key] = book
    state.tallies["codebooks"].same += 1
    there = state.other.rows(
        "SELECT version, content_hash FROM codebook_versions WHERE codebook_key = ?"
        " ORDER BY id DESC LIMIT 1",
        theirs.key,
    )
    if there and there[0][1] != content:
        why = (
            f"{theirs.name}: version {version} here, version {there[0][0]} with another content"
            " there; the one here stays in use"
        )
        state.find(Finding("codebooks", "contradictory", why))
    # The version in use here lacks them: kept, as retired codes are, for what was coded.
    brought = _place_codes(state, theirs, known, book, retired=True)
    if brought:
        keep_version(
            state,
            state.other.value(
                "SELECT max(id) FROM codebook_versions WHERE codebook_key = ?", theirs.key
            ),
        )
        why = (
            f"{theirs.name}: {brought} of its codes are not in the version here; they came as"
            " retired ones, and stand again once that version is loaded"
        )
        state.find(Finding("codebooks", "contradictory", why))


def _join_codes_only(
    state: MergeState, theirs: _Theirs, known: dict[tuple[str, str], _Known]
) -> None:
    """Join the codes of a codebook that cannot be in use here, since others own its codes."""
    why = f"{theirs.name}: codes of it belong to other codebooks here; it is not in use here"
    state.find(Finding("codebooks", "contradictory", why))
    state.ours.execute(
        "INSERT INTO codebooks (name, title) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (theirs.name, theirs.title),
    )
    (book,) = state.ours.execute(
        "SELECT id FROM codebooks WHERE name = ?", (theirs.name,)
    ).fetchone()
    _place_codes(state, theirs, known, book, retired=True)


def _bring(state: MergeState, theirs: _Theirs, known: dict[tuple[str, str], _Known]) -> None:
    """Bring in a codebook with all its versions; the last one is in use from now on."""
    state.tallies["codebooks"].new += 1
    state.ours.execute(
        "INSERT INTO codebooks (name, title) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (theirs.name, theirs.title),
    )
    (book,) = state.ours.execute(
        "SELECT id FROM codebooks WHERE name = ?", (theirs.name,)
    ).fetchone()
    state.books[theirs.key] = book
    state.ours.executemany(
        f"INSERT INTO codebook_versions (codebook_key, {_VERSIONS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (book, *version)
            for version in state.other.rows(
                f"SELECT {_VERSIONS} FROM codebook_versions WHERE codebook_key = ? ORDER BY id",
                theirs.key,
            )
        ],
    )
    for _, values in theirs.codes:
        found = known.get((values[0], values[1]))
        if found and found.retired and not values[-1]:
            # A code that another codebook gave up becomes this one's.
            columns = " = ?, ".join(_CODES.split(", ")) + " = ?"
            state.ours.execute(
                f"UPDATE codes SET codebook_key = ?, {columns} WHERE id = ?",
                (book, *values, found.key),
            )
    _place_codes(state, theirs, known, book, retired=False)


def _place_codes(
    state: MergeState,
    theirs: _Theirs,
    known: dict[tuple[str, str], _Known],
    book: int,
    *,
    retired: bool,
) -> int:
    """Say which code here each code there is, brought in if need be; return how many were."""
    brought = 0
    for key, values in theirs.codes:
        found = known.get((values[0], values[1]))
        if found is not None:
            state.codes[key] = found.key
            continue
        cursor = state.ours.execute(
            f"INSERT INTO codes (codebook_key, {_CODES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (book, *values[:-1], 1 if retired else values[-1]),
        )
        state.codes[key] = int(cursor.lastrowid or 0)
        brought += 1
    return brought


def keep_version(state: MergeState, version: int) -> int:
    """Return the row here of a codebook's version there, kept if need be.

    It gets a row before all others: the last one of a codebook is the one in use.
    """
    book, *values = state.other.rows(
        f"SELECT codebook_key, {_VERSIONS} FROM codebook_versions WHERE id = ?", version
    )[0]
    key = state.books[book]
    here = state.ours.execute(
        "SELECT id FROM codebook_versions WHERE codebook_key = ? AND version = ?"
        " AND content_hash = ? ORDER BY id DESC LIMIT 1",
        (key, values[0], values[1]),
    ).fetchone()
    if here is None:
        (first,) = state.ours.execute("SELECT min(0, min(id)) FROM codebook_versions").fetchone()
        state.ours.execute(
            f"INSERT INTO codebook_versions (id, codebook_key, {_VERSIONS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (first - 1, key, *values),
        )
        return int(first) - 1
    return int(here[0])
