"""Learned models and sentence vectors, kept as plain arrays; no pickled objects."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.store.connection import transaction
from qualkit.store.history import Line, record
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.writing import now

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_KINDS = frozenset({"float16", "float32", "float64", "int8", "int32", "int64"})


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A learned model as the project keeps it; `settings` is plain data."""

    key: int
    created_at: str
    content_hash: str
    settings: Mapping[str, Any]


def save_model(
    connection: sqlite3.Connection,
    *,
    content_hash: str,
    settings: Mapping[str, Any],
    arrays: Mapping[str, Array],
    qualkit_version: str,
) -> int:
    """Keep a model instead of the earlier ones; return its row.

    The rows of earlier ones stay, since runs name them; their arrays go.
    """
    with transaction(connection):
        connection.execute("DELETE FROM model_arrays")
        key = int(
            connection.execute(
                "INSERT INTO models (created_at, qualkit_version, content_hash, settings)"
                " VALUES (?, ?, ?, ?)",
                (
                    now(),
                    qualkit_version,
                    content_hash,
                    json.dumps(settings, ensure_ascii=False, sort_keys=True),
                ),
            ).lastrowid
            or 0
        )
        connection.executemany(
            "INSERT INTO model_arrays (model_key, name, kind, shape, content)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (key, name, str(a.dtype), ",".join(map(str, a.shape)), a.tobytes())
                for name, a in arrays.items()
            ],
        )
        record(connection, MACHINE_KEY, [Line("learn", about_key=key)])
    return key


def fetch_model(connection: sqlite3.Connection) -> StoredModel | None:
    """Return the model in use, or None where the project has not learned."""
    row = connection.execute(
        "SELECT id, created_at, content_hash, settings FROM models WHERE id IN"
        " (SELECT model_key FROM model_arrays) ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return StoredModel(row[0], row[1], row[2], json.loads(row[3])) if row else None


def fetch_arrays(connection: sqlite3.Connection, model_key: int) -> dict[str, Array]:
    """Return a model's arrays by name."""
    import numpy

    arrays = {}
    for name, kind, shape, content in connection.execute(
        "SELECT name, kind, shape, content FROM model_arrays WHERE model_key = ?", (model_key,)
    ):
        if kind not in _KINDS:
            raise ValueError(f"array of kind {kind}")
        size = tuple(int(n) for n in shape.split(",") if n)
        arrays[name] = numpy.frombuffer(content, dtype=kind).reshape(size)
    return arrays


def fetch_vectors(
    connection: sqlite3.Connection, model: str, hashes: Sequence[bytes]
) -> dict[bytes, bytes]:
    """Return the kept vectors of texts by their hash, as they were given to `save_vectors`."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(hashes), 500):
        part = hashes[start : start + 500]
        marks = ",".join("?" * len(part))
        found.update(
            connection.execute(
                f"SELECT text_hash, vectors FROM embeddings WHERE model = ?"
                f" AND text_hash IN ({marks})",
                (model, *part),
            ).fetchall()
        )
    return found


def save_vectors(
    connection: sqlite3.Connection, model: str, vectors: Iterable[tuple[bytes, bytes]]
) -> None:
    """Keep the vectors of texts under their hashes."""
    connection.executemany(
        "INSERT INTO embeddings (model, text_hash, vectors) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [(model, text_hash, content) for text_hash, content in vectors],
    )


def drop_other_vectors(connection: sqlite3.Connection, model: str) -> None:
    """Remove the vectors of other models: a new one has no use for them."""
    connection.execute("DELETE FROM embeddings WHERE model <> ?", (model,))
