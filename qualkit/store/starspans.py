"""First and last readings of families, packed one row a family, and counted.

A family's ten domains lie in ten bytes, so that a million families are counted in a second
or two. A byte is 11 × first reading + last reading, 0 for one that is missing; its place is
that of the domain in `star_domains`, and places at the end may be missing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import SpanCount

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_BASE = 11
_CODES = _BASE * _BASE
_CHUNK = 50_000
NO_GROUP = "(none)"


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last readings of families; one row a family, one column a domain.

    Attributes
    ----------
    domains : tuple of str
        What the columns stand for.
    family_keys : ndarray of int64, shape (n_families,)
        Rows of the table families, rising.
    start, end : ndarray of uint8, shape (n_families, n_domains)
        Readings 1 to 10, 0 where there is none; `end` also where there was no review.
    """

    domains: tuple[str, ...]
    family_keys: Array
    start: Array
    end: Array


def pack(spans: Mapping[str, tuple[int | None, int | None]], places: Mapping[str, int]) -> bytes:
    """Return a family's first and last readings by domain as bytes."""
    packed = bytearray(1 + max((places[domain] for domain in spans), default=-1))
    for domain, (start, end) in spans.items():
        packed[places[domain]] = _BASE * (start or 0) + (end or 0)
    return bytes(packed)


def domain_places(connection: sqlite3.Connection, wanted: Iterable[str] = ()) -> dict[str, int]:
    """Return the place of each domain in the bytes; those wanted that have none get one."""
    found = dict(connection.execute("SELECT domain, place FROM star_domains ORDER BY place"))
    for domain in wanted:
        if domain not in found:
            found[domain] = len(found)
            connection.execute("INSERT INTO star_domains VALUES (?, ?)", (found[domain], domain))
    return found


def fetch_domains(connection: sqlite3.Connection) -> list[str]:
    """Return the domains that there are readings of."""
    return sorted(domain_places(connection))


def has_readings(connection: sqlite3.Connection) -> bool:
    """Whether the project holds any reading."""
    return connection.execute("SELECT 1 FROM star_families LIMIT 1").fetchone() is not None


def fetch_spans(connection: sqlite3.Connection, domains: Sequence[str], among: str = "") -> Spans:
    """Return the first and last readings of each family that has any in these domains.

    Parameters
    ----------
    domains : sequence of str
        Ids; readings of others are left out.
    among : str, optional
        A query for the family keys that count, such as `Cohort.sql`; all if empty.
    """
    import numpy

    places = domain_places(connection)
    width = len(places) + 1
    # One place more, empty in every row, stands for domains without any reading.
    at = [places.get(domain, width - 1) for domain in domains]
    where = f" WHERE family_key IN ({among})" if among else ""
    cursor = connection.execute(
        f"SELECT family_key, spans FROM star_families{where} ORDER BY family_key"
    )
    keys = [numpy.zeros(0, dtype=numpy.int64)]
    codes = [numpy.zeros((0, len(at)), dtype=numpy.uint8)]
    while rows := cursor.fetchmany(_CHUNK):
        own = _unpacked([packed for _, packed in rows], width)[:, at]
        there = own.any(axis=1)
        keys.append(numpy.array([family for family, _ in rows], dtype=numpy.int64)[there])
        codes.append(own[there])
    found = numpy.concatenate(codes)
    return Spans(tuple(domains), numpy.concatenate(keys), found // _BASE, found % _BASE)


def _unpacked(rows: Sequence[bytes], width: int) -> Array:
    import numpy

    packed = b"".join(row.ljust(width, b"\0") for row in rows)
    return numpy.frombuffer(packed, dtype=numpy.uint8).reshape(len(rows), width)


def count_spans(
    connection: sqlite3.Connection, among: str = "", domain: str = "", groups: str = ""
) -> list[SpanCount]:
    """Return families with both readings in a domain, by first and last reading.

    Parameters
    ----------
    among : str, optional
        A query for the family keys that count.
    domain : str, optional
        Only this one.
    groups : str, optional
        An attribute of families; those without it stand in the group '(none)'.
    """
    import numpy

    places = domain_places(connection)
    names = list(places)
    if not names:
        return []
    group_of: dict[str, int] = {}
    sums = numpy.zeros((0, len(names), _CODES), dtype=numpy.int64)
    for packed, own in _chunks(connection, among, groups, len(names)):
        for value in own:
            group_of.setdefault(value, len(group_of))
        if len(group_of) > len(sums):
            more = numpy.zeros((len(group_of) - len(sums), *sums.shape[1:]), dtype=numpy.int64)
            sums = numpy.concatenate([sums, more])
        group = numpy.array([group_of[value] for value in own], dtype=numpy.int64)
        for place in range(len(names)):
            cells = group * _CODES + packed[:, place]
            counted = numpy.bincount(cells, minlength=len(sums) * _CODES)
            sums[:, place] += counted.reshape(len(sums), _CODES)
    return [
        SpanCount(name, code // _BASE, code % _BASE, int(families), value)
        for place, name in enumerate(names)
        if not domain or name == domain
        for value, number in group_of.items()
        for code, families in enumerate(sums[number, place].tolist())
        if families and code // _BASE and code % _BASE
    ]


def _chunks(
    connection: sqlite3.Connection, among: str, groups: str, width: int
) -> Iterator[tuple[Array, list[str]]]:
    """Yield (bytes of families, one row each; their groups), some ten thousand at a time."""
    where = f" WHERE s.family_key IN ({among})" if among else ""
    sql = "SELECT s.spans, '' FROM star_families s" + where
    values: list[object] = []
    if groups:
        sql = (
            f"SELECT s.spans, coalesce(a.value, '{NO_GROUP}') FROM star_families s"
            " LEFT JOIN family_attributes a ON a.family_key = s.family_key AND a.key = ?" + where
        )
        values.append(groups)
    cursor = connection.execute(sql, values)
    while rows := cursor.fetchmany(_CHUNK):
        yield _unpacked([row[0] for row in rows], width), [row[1] for row in rows]
