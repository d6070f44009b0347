"""Which families were forgotten here, kept so that a merge can refuse them and nobody can read it.

Of a reference only a salted, slow hash stays (scrypt, RFC 7914). References are few and short, so
whoever has the file and a list of references can still test each of them, at some 50 ms a test.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from functools import lru_cache

_SALT = "forgotten-salt"
_KEY = "forgotten-family:"
_COST = 2**14


class Forgotten:
    """Tells whether a reference is one of a family that was forgotten here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = dict(
            connection.execute(
                "SELECT key, value FROM project WHERE key = ? OR key LIKE ?", (_SALT, _KEY + "%")
            )
        )
        self._salt = rows.pop(_SALT, "")
        self._hashes = {key.removeprefix(_KEY) for key in rows}

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __contains__(self, reference: str) -> bool:
        return bool(self._hashes) and _hash(self._salt, reference) in self._hashes


def remember_forgotten(connection: sqlite3.Connection, references: Iterable[str]) -> None:
    """Keep that families with these references, normalised, were forgotten."""
    connection.execute(
        "INSERT INTO project VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
        (_SALT, secrets.token_hex(16)),
    )
    (salt,) = connection.execute("SELECT value FROM project WHERE key = ?", (_SALT,)).fetchone()
    connection.executemany(
        "INSERT INTO project VALUES (?, '') ON CONFLICT (key) DO NOTHING",
        [(_KEY + _hash(salt, reference),) for reference in references if reference],
    )


@lru_cache(maxsize=10_000)
def _hash(salt: str, reference: str) -> str:
    salted = bytes.fromhex(salt)
    return hashlib.scrypt(reference.encode(), salt=salted, n=_COST, r=8, p=1, dklen=32).hex()
