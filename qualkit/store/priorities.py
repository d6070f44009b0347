"""What counts and what is open: the codings behind every ranking, for weighing decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from qualkit.model import CountedCoding
from qualkit.store.schema import MACHINE_KEY


def iterate_counted(
    connection: sqlite3.Connection, kinds: Sequence[str] = ()
) -> Iterator[CountedCoding]:
    """Yield every coding that counts in a ranking, by case; of some kinds if given.

    Domains are what cases are about, not themes that are ranked, so their codings are
    left out.
    """
    wanted = f" AND c.kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    for row in connection.execute(
        "SELECT g.id, g.case_key, c.kind, k.category, g.code_key,"
        f" g.coder_key = {MACHINE_KEY} AND g.status = 'unreviewed', g.score"
        " FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
        " WHERE g.status <> 'rejected' AND c.withdrawn = 0 AND k.retired = 0"
        f" AND k.category <> 'domain'{wanted} ORDER BY g.case_key, g.code_key, g.id",
        list(kinds),
    ):
        yield CountedCoding(*row)


def fetch_declared_domains(connection: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    """Return the domains that are fairly or very relevant to each case, by row."""
    found: dict[int, tuple[str, ...]] = {}
    for case, domain in connection.execute(
        "SELECT case_key, domain FROM case_relevance WHERE level > 0 ORDER BY case_key, domain"
    ):
        found[case] = (*found.get(case, ()), domain)
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
