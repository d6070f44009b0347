"""Which domains' changes go together: declared for the same cases, or made by the same families.

relevance of cases, readings of families -> meetings of domains -> findings -> table, graphs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.association import (
    LESS,
    MORE,
    PAIR_COLUMNS,
    compare_pairs,
    pair_notes,
    pair_values,
    strongest_first,
)
from qualkit.analysis.cooccurrence import (
    EDGE_NUMBERS,
    cut_note,
    faint_note,
    faint_pairs,
    few_of,
    harmless_notes,
    hide_unlisted,
    pair_disclosure,
    pair_edge,
    widths,
)
from qualkit.analysis.findings import NO_SAMPLE
from qualkit.model import Basis, Column, Graph, Meeting, Stage, Table

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_EACH = " of each"
RELEVANCE, PROGRESS = "relevance", "progress"
WHATS = {RELEVANCE: "declared relevant", PROGRESS: "moved up"}
RULES = {
    RELEVANCE: "relevance: cases that declare any; a domain is relevant when declared fairly or"
    " very",
    PROGRESS: "progress: families with a first and a last reading in both domains, without those"
    " who started and ended at the highest stage of either; moved up: at least one stage",
}
_TITLES = {
    RELEVANCE: "Domains declared relevant for the same cases",
    PROGRESS: "Domains in which the same families moved up",
}

COLUMNS = (
    Column("pair", "pair", "id", detail=True),
    Column("by", "by", detail=True),
    Column("what", "change"),
    Column("one", "first domain (id)", "id", detail=True),
    Column("other", "second domain (id)", "id", detail=True),
    Column("name_one", "domain"),
    Column("name_other", "and"),
    *PAIR_COLUMNS,
)


def relevance_meetings(
    counts: Array, domains: Sequence[str], declaring: int, people: Array | None = None
) -> list[Meeting]:
    """Return how often two domains are declared relevant for one case.

    Parameters
    ----------
    counts : ndarray of int, shape (n_domains, n_domains)
        Cases to which both are fairly or very relevant; on the diagonal, the one.
    domains : sequence of str
        What rows and columns stand for.
    declaring : int
        Cases that declare any relevance.
    people : ndarray of int, optional
        The families behind `counts`.
    """
    places = {domain: at for at, domain in enumerate(domains)}
    found = []
    for one, other in _each_two(domains):
        at, beside = places[one], places[other]
        both, n_one, n_other = _three(counts, at, beside)
        behind = None if people is None else _three(people, at, beside)
        found.append(Meeting(one, other, both, n_one, n_other, declaring, RELEVANCE, behind))
    return found


def _three(counts: Array, at: int, beside: int) -> tuple[int, int, int]:
    return int(counts[at, beside]), int(counts[at, at]), int(counts[beside, beside])


def progress_meetings(
    start: Array, end: Array, domains: Sequence[str], stages: Sequence[Stage]
) -> list[Meeting]:
    """Return how many families moved up in two domains, of those who could in both.

    Parameters
    ----------
    start, end : ndarray of int, shape (n_families, n_domains)
        Readings 1 to 10, 0 where there is none.
    domains : sequence of str
        What the columns stand for.

    Returns
    -------
    list of Meeting
        Each pair has an n of its own: families with both readings in both domains, without
        those who started and ended at the highest stage of either, as for `progress`.
    """
    import numpy

    of = numpy.full(11, -1)
    for number, stage in enumerate(stages):
        of[stage.lowest : stage.highest + 1] = number
    first, last = of[start], of[end]
    highest = len(stages) - 1
    could = (first >= 0) & (last >= 0) & ~((first == highest) & (last == highest))
    moved = (last > first) & could
    # Counted in floats, by the library for matrices: exact up to 2 to the 53rd.
    able, up = could.astype(float), moved.astype(float)
    n, n_one, both = able.T @ able, up.T @ able, up.T @ up
    places = {domain: at for at, domain in enumerate(domains)}
    return [
        Meeting(
            one,
            other,
            int(both[places[one], places[other]]),
            int(n_one[places[one], places[other]]),
            int(n_one[places[other], places[one]]),
            int(n[places[one], places[other]]),
            PROGRESS,
        )
        for one, other in _each_two(domains)
    ]


def _each_two(domains: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at, one in enumerate(domains):
        for other in domains[at + 1 :]:
            yield one, other


def dependencies_table(
    meetings: Sequence[Meeting],
    names: Mapping[str, str],
    basis: Basis,
    *,
    top: int = 0,
    by_count: bool = False,
    notes: Sequence[str] = (),
) -> Table:
    """Return which domains' changes go together, a row a pair, those furthest from chance first.

    Parameters
    ----------
    meetings : sequence of Meeting
        `cell` says by what: relevance or progress. Tests are adjusted within each.
    top : int
        So many pairs of each are shown; 0 for all.
    by_count : bool
        Those that meet most often first, for publishing.
    """
    rows: list[dict[str, object]] = []
    said = [*notes]
    for by in dict.fromkeys(pair.cell for pair in meetings):
        own = [pair for pair in meetings if pair.cell == by]
        findings = compare_pairs(own)
        found = list(zip(own, findings, strict=True))
        if by_count:
            found.sort(key=lambda item: -item[0].both)
        else:
            found = strongest_first(found)
        rows += [
            {
                "pair": f"{pair.one} + {pair.other}",
                "by": by,
                "what": WHATS[by],
                # Families with readings in both domains are others for each pair.
                "lot": by if by == RELEVANCE else f"{by} {pair.one} {pair.other}",
                "one": pair.one,
                "other": pair.other,
                "name_one": names[pair.one],
                "name_other": names[pair.other],
                **pair_values(pair, finding),
            }
            for pair, finding in (found if by_count else found[: top or None])
        ]
        meaning, tests, little = pair_notes(findings)
        said += [meaning, f"{WHATS[by]}: {tests}", little]
        if top and len(found) > top and not by_count:
            said.append(
                f"{WHATS[by]}: {top} of {len(found)} pairs shown, furthest from chance;"
                " --top 0: all"
            )
    small = few_of(rows)
    if by_count and top:
        rows = [hide_unlisted(row) for row in rows]
        said.append(cut_note(top, _EACH))
    return Table(
        "dependencies",
        "Domains whose changes go together",
        COLUMNS,
        tuple(rows),
        basis,
        (*dict.fromkeys(said), NO_SAMPLE),
        trace="qualkit domain DOMAIN",
        disclosure=pair_disclosure(
            ("lot",),
            ("by",),
            top=top if by_count else 0,
            small=small,
            said=harmless_notes(said, top, _EACH),
        ),
    )


def dependency_graphs(table: Table, names: Mapping[str, str]) -> list[Graph]:
    """Return a graph of relevance and one of progress: all domains, lines for what stands.

    Parameters
    ----------
    table : Table
        Of all pairs, or what publishing left of it: what it left out is no line.
    names : mapping of str to str
        The domains in their order, which is that of the points.
    """
    return [
        _graph(by, [row for row in table.rows if row["by"] == by], names)
        for by in dict.fromkeys(row["by"] for row in table.rows)
    ]


def _graph(by: str, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Graph:
    places = {domain: at for at, domain in enumerate(names)}
    kept = [row for row in rows if row["finding"] in (MORE, LESS) and isinstance(row["phi"], float)]
    stand, kept = bool(kept), kept or faint_pairs(rows)
    far = [abs(row["phi"]) for row in kept]
    edges = tuple(
        pair_edge(row, (places[row["one"]], places[row["other"]]), weight)
        for row, weight in zip(kept, widths(far), strict=True)
    )
    notes: tuple[str, ...] = (faint_note(len(kept)),)
    if stand:
        notes = (
            "Lines: pairs that stand after correction; dashed: less often than by chance; numbers:"
            f" {EDGE_NUMBERS}.",
            f"Width: how closely they go together, phi from {min(far):.2f} (thin) to"
            f" {max(far):.2f} (wide).",
        )
    return Graph(_TITLES[by], tuple(names.values()), edges, notes)
