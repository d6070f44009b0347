"""What counts and what is open: the codings behind every ranking, for weighing decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from qualkit.model import CountedCoding
from qualkit.store.schema import MACHINE_KEY


def iterate_counted(
    connection: sqlite3.Connection, kinds: Sequence[str] = ()
) -> Iterator[CountedCoding]:
    """Yield every coding that counts in a ranking, by case; of some kinds if given.

    Each with the domains that it counts for: those that its case declares fairly or very
    relevant, or where it declares none those coded in its segment. Domains are what cases
    are about, not themes that are ranked, so their own codings are left out. A retired
    code's codings count but are not asked about, so they are not open.
    """
    declared = _declared_domains(connection)
    coded = _coded_domains(connection)
    wanted = f" AND c.kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    for key, case, kind, category, code, is_open, score, declares, segment in connection.execute(
        "SELECT g.id, g.case_key, c.kind, k.category, g.code_key,"
        f" g.coder_key = {MACHINE_KEY} AND g.status = 'unreviewed' AND k.retired = 0, g.score,"
        " c.declared, g.segment_key"
        " FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
        " WHERE g.status <> 'rejected' AND c.withdrawn = 0 AND c.has_text = 1"
        f" AND k.category <> 'domain'{wanted} ORDER BY g.case_key, g.segment_key, g.id",
        list(kinds),
    ):
        domains = declared.get(case, ()) if declares else coded.get(segment, ())
        yield CountedCoding(key, case, kind, category, code, bool(is_open), score, domains)


def _declared_domains(connection: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    """Return the domains that are fairly or very relevant to each case, by row."""
    return _gathered(
        connection.execute(
            "SELECT case_key, domain FROM case_relevance WHERE level > 0 ORDER BY case_key, domain"
        )
    )


def _coded_domains(connection: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    """Return the domains coded in each segment of the cases that declare none, by row."""
    return _gathered(
        connection.execute(
            "SELECT DISTINCT g.segment_key, k.code FROM codings g"
            " JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
            " WHERE k.category = 'domain' AND g.status <> 'rejected' AND c.declared = 0"
            " ORDER BY g.segment_key, k.code"
        )
    )


def _gathered(rows: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    """Return each row's names; equal lists are one object, since there are few of them."""
    found: dict[int, tuple[str, ...]] = {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, name in rows:
        names = (*found.get(key, ()), name)
        found[key] = same.setdefault(names, names)
    return found


def fetch_verdicts(connection: sqlite3.Connection) -> list[str]:
    """Return people's standing verdicts on machine codings, in the order in which they fell."""
    return [
        verdict
        for (verdict,) in connection.execute(
            "SELECT verdict FROM decisions ORDER BY decided_at, id"
        )
    ]


def count_since(connection: sqlite3.Connection, moment: str) -> int:
    """Return how many verdicts fell after a moment, as the store writes it."""
    row = connection.execute(
        "SELECT count(*) FROM decisions WHERE decided_at > ?", (moment,)
    ).fetchone()
    return int(row[0])
