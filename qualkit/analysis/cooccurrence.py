"""Which themes meet in a case, a family or a segment more often than by chance, and a graph.

meetings of themes -> findings (see `association`) -> a table -> a graph or a shaded matrix
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from qualkit.analysis.association import (
    LESS,
    MEANINGS,
    MORE,
    OF_PAIR,
    PAIR_COLUMNS,
    PAIR_MEASURES,
    PAIR_SUMS,
    PairFinding,
    compare_pairs,
    pair_notes,
    pair_values,
    strongest_first,
)
from qualkit.analysis.disclosure import DEFAULT_LIMIT, LEFT_OUT
from qualkit.analysis.findings import NO_DIFFERENCE, NO_SAMPLE, TOO_LITTLE
from qualkit.analysis.pairguard import hide_with
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    Edge,
    Graph,
    Grid,
    Meeting,
    Order,
    Table,
)

MOST_NODES = 24
"""Themes that a picture can hold legibly."""
_DARKEST = 2.0
"""Doublings (or halvings) of a lift at which a cell is darkest."""
_MARKS = {MORE: "▲", LESS: "▼"}

COLUMNS = (
    Column("pair", "pair", "id", detail=True),
    Column("domain", "domain", "id", detail=True),
    Column("domain_name", "domain"),
    Column("one", "first theme (id)", "id", detail=True),
    Column("other", "second theme (id)", "id", detail=True),
    Column("name_one", "theme"),
    Column("name_other", "and"),
    *PAIR_COLUMNS,
)


def cooccurrence_table(
    meetings: Sequence[Meeting],
    names: Mapping[str, str],
    basis: Basis,
    *,
    title: str,
    top: int = 0,
    least: int = 0,
    by_count: bool = False,
    domains: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    trace: str = "",
) -> Table:
    """Return which themes meet, a row a pair, those furthest from chance first.

    Parameters
    ----------
    meetings : sequence of Meeting
        All pairs: tests are adjusted over all of them, whatever is shown.
    names : mapping of str to str
        What people read for a theme.
    top : int
        So many pairs are shown (of each domain), with ties; 0 for all.
    least : int
        Pairs that meet in fewer units are not shown.
    by_count : bool
        Those that meet most often first: for publishing, where the order must not tell of
        what is left out.
    domains : mapping of str to str, optional
        Names of the domains, where pairs are counted within each of them (`cell`).

    Returns
    -------
    Table
        one, other, both, n_one, n_other, n, expected, lift, lift_low, lift_high, phi (-1 to
        1), test, p, p_adjusted, finding.
    """
    findings = compare_pairs(meetings)
    found = list(zip(meetings, findings, strict=True))
    rows: list[dict[str, object]] = []
    for cell in domains or ("",):
        own = [item for item in found if item[0].cell == cell]
        # What is published is cut by what is left to be shown: see `hide_and_cut`.
        own = _by_count(own) if by_count else list(_cut(strongest_first(own), top))
        rows += [
            _row(pair, finding, names, domains or {}) for pair, finding in own if pair.both >= least
        ]
    each = " of each domain" if domains else ""
    said = [*notes, *pair_notes(findings)]
    small = few_of(rows)
    if by_count and top:
        rows = [hide_unlisted(row) for row in rows]
        said.append(cut_note(top, each))
    elif len(rows) < len(found):
        said.append(
            f"shown: {len(rows)} of {len(found)} pairs, those{each} furthest from chance;"
            " --top 0: all"
        )
    columns = COLUMNS if domains else tuple(c for c in COLUMNS if not c.key.startswith("domain"))
    return Table(
        "cooccurrence",
        title,
        columns,
        tuple(rows),
        basis,
        (*said, NO_SAMPLE),
        trace=trace,
        disclosure=pair_disclosure(
            *((("domain",), ("domain",)) if domains else ()),
            top=top if by_count else 0,
            small=small,
            said=harmless_notes(said, top, each),
        ),
    )


def cut_note(top: int, each: str = "") -> str:
    """Say which pairs are shown where a table is published in part."""
    return (
        f"shown: the {top} pairs{each} that meet most often, of those that can be shown, and ties;"
        " --top 0: all"
    )


def harmless_notes(said: Sequence[str], top: int, each: str = "") -> tuple[str, ...]:
    """Return the notes whose figures are the same whatever was counted."""
    return tuple(n for n in said if n.startswith(MEANINGS) or n == cut_note(top, each))


def few_of(rows: Sequence[Mapping[str, Any]]) -> tuple[frozenset[str], ...]:
    """Return of each row which of its parts are few: both, one, other, neither."""
    found = []
    for row in rows:
        parts = {
            "both": row["both"],
            "one": row["n_one"] - row["both"],
            "other": row["only_other"],
            "neither": row["neither"],
        }
        found.append(frozenset(part for part, n in parts.items() if 0 < n < DEFAULT_LIMIT))
    return tuple(found)


def hide_unlisted(row: Mapping[str, object]) -> dict[str, object]:
    """Leave out what cannot be among the pairs shown of a table to be published in part.

    It stays among the rows, so that what is shown is looked at beside it, until they are cut.
    """
    few = row["people_both"] if isinstance(row["people_both"], int) else row["both"]
    if not isinstance(few, int) or few >= DEFAULT_LIMIT:
        return dict(row)
    return {**row, **dict.fromkeys(("both", *OF_PAIR), LEFT_OUT)}


def hide_and_cut(
    rows: Sequence[Mapping[str, object]],
    *,
    top: int,
    apart: Sequence[str],
    small: Sequence[frozenset[str]] = (),
) -> list[dict[str, object] | None]:
    """Return what of each published row is to be left out too; None for a row not to be shown.

    With `top`, only rows of which nothing is left out are shown: that another is there would
    say that it meets as often as the last of them.
    """
    more = hide_with(
        rows, left_out=LEFT_OUT, keys=OF_PAIR, apart=apart, small=small, limit=DEFAULT_LIMIT
    )
    if not top:
        return [*more]
    lots: dict[tuple[object, ...], list[int]] = {}
    for row, own in zip(rows, more, strict=True):
        if isinstance(row["both"], int) and row["both"] and "both" not in own:
            lots.setdefault(tuple(row.get(key) for key in apart), []).append(row["both"])
    least = {lot: sorted(counts, reverse=True)[:top][-1] for lot, counts in lots.items()}
    return [
        own
        if isinstance(row["both"], int)
        and row["both"]
        and "both" not in own
        and row["both"] >= least[tuple(row.get(key) for key in apart)]
        else None
        for row, own in zip(rows, more, strict=True)
    ]


def pair_disclosure(
    lot: tuple[str, ...] = (),
    apart: tuple[str, ...] = (),
    *,
    top: int = 0,
    small: tuple[frozenset[str], ...] = (),
    said: tuple[str, ...] = (),
) -> Disclosure:
    """Return what a table of pairs tells of how many people there are.

    Parameters
    ----------
    lot : tuple of str
        Columns or keys by which rows are of other units, or of other numbers of them.
    apart : tuple of str
        Columns by which rows stand in orders of their own.
    top : int
        How many rows of each are shown, of those of which nothing is left out; 0 for all.
    small : tuple of frozenset of str
        Of each row which parts are few, see `few_of`.
    said : tuple of str
        Notes whose figures tell of nobody.
    """
    return Disclosure(
        measures=PAIR_MEASURES,
        sums=PAIR_SUMS,
        shared={"n_one": (*lot, "one"), "n_other": (*lot, "other"), "n": lot},
        # A theme stands first in one row and second in another.
        names={"n_one": "units with it", "n_other": "units with it"},
        order=Order("pair", "both", apart=apart),
        unprinted=("only_other", "neither"),
        anew=partial(hide_and_cut, top=top, apart=apart, small=small),
        said_anew="",
        said=said,
        # Among how many p-values it stands, and where, tells of those left out.
        private=("p_adjusted",),
    )


def _by_count(
    pairs: Sequence[tuple[Meeting, PairFinding]],
) -> list[tuple[Meeting, PairFinding]]:
    return sorted(pairs, key=lambda item: (-item[0].both, item[0].one, item[0].other))


def _cut(
    pairs: Sequence[tuple[Meeting, PairFinding]], top: int
) -> Iterator[tuple[Meeting, PairFinding]]:
    """Yield the first pairs; one that ties with the last of them too."""
    last: float | None = None
    for place, (pair, finding) in enumerate(pairs, start=1):
        weight = pair.both if finding.test is None else finding.phi
        if top and place > top and weight != last:
            return
        last = weight
        yield pair, finding


def _row(
    pair: Meeting, finding: PairFinding, names: Mapping[str, str], domains: Mapping[str, str]
) -> dict[str, object]:
    return {
        "pair": f"{pair.one} + {pair.other}",
        "domain": pair.cell,
        "domain_name": domains.get(pair.cell, ""),
        "one": pair.one,
        "other": pair.other,
        "name_one": names[pair.one],
        "name_other": names[pair.other],
        **pair_values(pair, finding),
    }


# --- pictures -----------------------------------------------------------------------------


def theme_graph(table: Table) -> Graph:
    """Return the pairs of a table that stand after correction as a graph; width by count.

    Where none stands, those furthest from chance are dotted. What publishing left out is no
    line. At most `MOST_NODES` themes: those of the first pairs.
    """
    nodes: dict[str, str] = {}
    kept, left = [], 0
    stand = [row for row in table.rows if row["finding"] in _MARKS and isinstance(row["both"], int)]
    for row in stand or faint_pairs(table.rows):
        fresh = {key for key in (row["one"], row["other"]) if key not in nodes}
        if len(nodes) + len(fresh) > MOST_NODES:
            left += 1
            continue
        nodes |= {row["one"]: row["name_one"], row["other"]: row["name_other"]}
        kept.append(row)
    order = sorted(nodes, key=lambda key: (key.partition(".")[0], nodes[key].casefold()))
    at = {key: place for place, key in enumerate(order)}
    counts = [row["both"] for row in kept]
    edges = tuple(
        pair_edge(row, (at[row["one"]], at[row["other"]]), weight)
        for row, weight in zip(kept, widths(counts), strict=True)
    )
    notes = [faint_note(len(kept)), "All pairs: --draw matrix."]
    if stand:
        notes = [
            "Lines: pairs of the table that stand after correction; dashed: fewer than by chance;"
            f" numbers: {EDGE_NUMBERS}.",
            f"Width: how many {table.basis.unit} have both, {min(counts)} (thin) to"
            f" {max(counts)} (wide).",
        ]
    if left:
        notes.append(f"{left} further pairs are in the table alone: a picture holds {MOST_NODES}.")
    return Graph(table.title, tuple(nodes[key] for key in order), edges, notes=tuple(notes))


EDGE_NUMBERS = "lift; where there is room its 95% interval, and how many have both"
_MOST_FAINT = 8


def faint_pairs(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the tested pairs furthest from chance, none of which stands; for a picture."""
    there = [
        row
        for row in rows
        if row["finding"] == NO_DIFFERENCE
        and isinstance(row["both"], int)
        and isinstance(row["phi"], float)
    ]
    return sorted(there, key=lambda row: -abs(row["phi"]))[:_MOST_FAINT]


def faint_note(shown: int) -> str:
    """Say that no pair stands, and what is drawn instead."""
    if not shown:
        return "No line: no pair stands after correction."
    return (
        f"No pair stands after correction. Dotted: the {shown} furthest from chance, each of which"
        f" chance may have brought about; numbers: {EDGE_NUMBERS}."
    )


def widths(numbers: Sequence[float]) -> list[float]:
    """Return how wide lines are, 0 to 1, from the least to the greatest of their numbers."""
    least, most = min(numbers, default=0), max(numbers, default=0)
    return [(number - least) / (most - least) if most > least else 1.0 for number in numbers]


def pair_edge(row: Mapping[str, object], ends: tuple[int, int], strength: float) -> Edge:
    """Return a pair's line, with its numbers."""
    lift = row["lift"]
    short = f"{lift:.2f}" if isinstance(lift, float) else ""
    interval = f" ({row['interval']})" if row["interval"] else ""
    stands = row["finding"] in _MARKS
    fewer = row["finding"] == LESS if stands else isinstance(lift, float) and lift < 1
    return Edge(*ends, strength, fewer, f"{short}{interval}; {row['both']}", short, stands)


def theme_grid(table: Table) -> Grid:
    """Return the pairs of a table as a matrix; darkness by how far a lift is from 1."""
    named: dict[str, str] = {}
    size: dict[str, int] = {}
    for row in table.rows:
        for key, own, count in (("one", "name_one", "n_one"), ("other", "name_other", "n_other")):
            named[row[key]] = row[own]
            size[row[key]] = row[count] if isinstance(row[count], int) else 0
    firsts = list(dict.fromkeys(row["one"] for row in table.rows))
    others = list(dict.fromkeys(row["other"] for row in table.rows))
    crossed = not set(firsts) & set(others)
    down, across = (firsts, others) if crossed else ([*named], [*named])
    down, across = (
        sorted(keys, key=lambda key: (-size[key], named[key].casefold()))[:MOST_NODES]
        for keys in (down, across)
    )
    cells = {(row["one"], row["other"]): _grid_cell(row) for row in table.rows}
    if not crossed:
        cells |= {(other, one): cell for (one, other), cell in cells.items()}
        # Half of the matrix says it all.
        down, across = down[1:], across[:-1]
    order = {key: place for place, key in enumerate(across)}
    notes = [
        "In a cell: the lift, how often two themes meet ÷ how often they would by chance. Darker:"
        " further from 1; hatched: below 1; ▲ ▼: stands after correction; ?: too little material."
    ]
    if any(cell[1] == LEFT_OUT for cell in cells.values()):
        notes.append(f"{LEFT_OUT}: left out, since it could tell of few people.")
    if not any(cell[1][:1] in _MARKS.values() for cell in cells.values()):
        notes.append("No pair stands after correction.")
    if len(named) > len({*down, *across}):
        notes.append(f"Only the {MOST_NODES} most frequent themes; the table has all.")
    return Grid(
        table.title,
        tuple(named[key] for key in down),
        tuple(named[key] for key in across),
        tuple(
            tuple(
                cells.get((row, column))
                if crossed or order[column] < order.get(row, len(order))
                else None
                for column in across
            )
            for row in down
        ),
        tuple(notes),
    )


def _grid_cell(row: Mapping[str, object]) -> tuple[float, str, bool]:
    lift, finding = row["lift"], row["finding"]
    if finding == TOO_LITTLE or lift is None:
        return 0.0, "?", False
    if not isinstance(lift, float):
        return 0.0, str(lift), False
    far = abs(math.log2(lift)) / _DARKEST if lift else 1.0
    return min(1.0, far), f"{_MARKS.get(str(finding), '')}{lift:.1f}", lift < 1
