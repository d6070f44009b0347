"""Response rates of a survey: who was invited, who answered, by group.

answers and numbers invited by attribute and group -> shares with intervals -> table"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.confidence import ALL
from qualkit.model import Basis, Column, Disclosure, Measure, Sum, Table


def response_table(
    responses: Mapping[str, Mapping[str, tuple[int, int]]],
    invited: Mapping[str, Mapping[str, int]],
    total: tuple[int, int | None],
    basis: Basis,
    notes: Sequence[str] = (),
) -> Table:
    """Return how many answered of those invited, over all and by attribute.

    Parameters
    ----------
    responses : mapping
        Attribute to group to (respondents, families behind them).
    invited : mapping
        Attribute to group to the number invited.
    total : (int, int or None)
        Respondents, and how many were invited in all.

    Returns
    -------
    Table
        attribute, group, responses, invited, share (0 to 1); no share where more answered
        than were invited, or nobody says how many were.
    """
    n, all_invited = total
    rows = [_response_row("", ALL, n, all_invited, n, all_invited, None)]
    said = list(notes)
    for attribute, groups in responses.items():
        told = invited.get(attribute, {})
        for group in sorted({*groups, *told}, key=lambda g: (g == "(none)", g)):
            own, people = groups.get(group, (0, 0))
            rows.append(
                _response_row(attribute, group, own, told.get(group), n, all_invited, people)
            )
    more = [
        f"{row['attribute'] or 'in all'} {row['group']}"
        for row in rows
        if row["invited"] is not None and row["responses"] > row["invited"]
    ]
    if more:
        said.append("more answered than were invited, so there is no rate: " + ", ".join(more))
    columns = (
        Column("attribute", "of"),
        Column("group", "group"),
        Column("responses", "responses", "count"),
        Column("invited", "invited", "count"),
        Column("share", "response rate", "share"),
    )
    disclosure = Disclosure(
        measures=(
            Measure("responses", ("invited",), "share", people="people"),
            Measure("invited"),
            Measure("all_responses"),
            Measure("all_invited"),
        ),
        sums=(
            Sum("all_responses", ("responses",), ("attribute",)),
            Sum("all_invited", ("invited",), ("attribute",)),
        ),
        shared={"all_responses": (), "all_invited": ()},
        names={"all_responses": "respondents"},
    )
    return Table(
        "response", "Who answered", columns, tuple(rows), basis, tuple(said), disclosure=disclosure
    )


def _response_row(
    attribute: str,
    group: str,
    n: int,
    invited: int | None,
    all_n: int,
    all_invited: int | None,
    people: int | None,
) -> dict[str, Any]:
    return {
        "attribute": attribute,
        "group": group,
        "responses": n,
        "invited": invited,
        "share": share(n, invited) if invited is not None and n <= invited else None,
        "all_responses": all_n,
        "all_invited": all_invited,
        "people": n if people is None else people,
    }


def margins(
    attributes: Sequence[str], rows: Iterable[tuple[tuple[str, ...], int]]
) -> tuple[dict[str, dict[str, int]], int | None]:
    """Return the numbers invited by attribute and group, and in all.

    A row with blanks is of everybody whatever the attribute left blank. An attribute's
    numbers come from the rows that fill it and least else, so that a table of margins and one
    that crosses attributes both add up.

    >>> margins(["service", "place"], [(("S", "N"), 3), (("S", "E"), 4), (("C", "N"), 5)])
    ({'service': {'S': 7, 'C': 5}, 'place': {'N': 8, 'E': 4}}, 12)
    """
    sets: dict[frozenset[int], list[tuple[tuple[str, ...], int]]] = {}
    for values, n in rows:
        filled = frozenset(at for at, value in enumerate(values) if value)
        sets.setdefault(filled, []).append((values, n))
    found: dict[str, dict[str, int]] = {}
    for at, attribute in enumerate(attributes):
        holding = sorted(
            (own for own in sets if at in own), key=lambda own: (len(own), sorted(own))
        )
        groups: dict[str, int] = {}
        for values, n in sets[holding[0]] if holding else ():
            groups[values[at]] = groups.get(values[at], 0) + n
        found[attribute] = groups
    smallest = min(sets, key=lambda own: (len(own), sorted(own)), default=None)
    total = None if smallest is None else sum(n for _, n in sets[smallest])
    return found, total
