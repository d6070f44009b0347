"""Ranked themes: competition ranks, ties shown, further themes as also featured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.analysis.basis import share
from qualkit.model import Basis, Column, Pivot, Table, ThemeCount


@dataclass(frozen=True, slots=True)
class Ranked:
    """A theme with its rank; `in_top` when the rank is within the top asked for."""

    rank: int
    theme: ThemeCount
    in_top: bool


def rank_themes(counts: Iterable[ThemeCount], top: int) -> list[Ranked]:
    """Rank themes by count, highest first; themes that nobody named are left out.

    Equal counts share a rank and the next rank is skipped (1, 2, 2, 4:
    standard competition ranking). A tie that crosses the cut at `top` is in
    the top whole. Within a tie themes stand by name.

    Parameters
    ----------
    counts : iterable of ThemeCount
    top : int
        Ranks up to this one are in the top.

    Returns
    -------
    list of Ranked
        All themes with a count, the top first.
    """
    ordered = sorted(
        (count for count in counts if count.count),
        key=lambda count: (-count.count, count.name.casefold(), count.code),
    )
    ranked: list[Ranked] = []
    for position, theme in enumerate(ordered, start=1):
        tied = bool(ranked) and ranked[-1].theme.count == theme.count
        rank = ranked[-1].rank if tied else position
        ranked.append(Ranked(rank, theme, rank <= top))
    return ranked


def rank_table(
    counts: Sequence[ThemeCount],
    basis: Basis,
    *,
    top: int,
    title: str,
    name: str = "top",
    notes: Sequence[str] = (),
    trace: str = "",
) -> Table:
    """Return the ranking as a table: the top themes, then those that also feature."""
    rows: list[Mapping[str, object]] = [
        {
            "rank": item.rank,
            "category": item.theme.category,
            "code": item.theme.code,
            "name": item.theme.name,
            "count": item.theme.count,
            "denominator": basis.denominator,
            "share": share(item.theme.count, basis.denominator or 0),
            "codings": item.theme.codings,
            "confirmed": share(item.theme.confirmed, item.theme.codings),
            "featured": "top" if item.in_top else "also",
        }
        for item in rank_themes(counts, top)
    ]
    return Table(
        name, title, rank_columns(basis.unit), tuple(rows), basis, tuple(notes), trace=trace
    )


def rank_columns(unit: str) -> tuple[Column, ...]:
    """Return the columns of a ranking counted in `unit`."""
    return (
        Column("rank", "rank", "count"),
        Column("category", "category", detail=True),
        Column("code", "code", "id"),
        Column("name", "theme"),
        Column("count", unit, "count"),
        Column("denominator", "of", "count", spare=3),
        Column("share", "share", "share"),
        Column("codings", "codings", "count", detail=True),
        Column("confirmed", "confirmed", "share", spare=2),
        Column("featured", "featured", detail=True),
    )


def matrix_table(
    counts: Sequence[ThemeCount],
    denominators: Mapping[str, int],
    basis: Basis,
    *,
    top: int,
    title: str,
    cell_names: Mapping[str, str],
    notes: Sequence[str] = (),
    trace: str = "",
) -> Table:
    """Return theme by domain, the top of each domain marked.

    Parameters
    ----------
    counts : sequence of ThemeCount
        One for every theme and cell, zeros too.
    denominators : mapping
        What the shares of a cell are of.
    cell_names : mapping
        Labels of the cells, in order.

    Returns
    -------
    Table
        Long: a row for each theme and domain, themes by their count over all
        domains; `pivot` says how it is laid out to read.
    """
    totals: dict[str, int] = {}
    for count in counts:
        totals[count.code] = totals.get(count.code, 0) + count.count
    ranks = {
        (cell, item.theme.code): item
        for cell in cell_names
        for item in rank_themes((count for count in counts if count.cell == cell), top)
    }
    found = {(count.cell, count.code): count for count in counts}
    codes = sorted(
        {count.code: count.name for count in counts}.items(),
        key=lambda pair: (-totals[pair[0]], pair[1].casefold()),
    )
    rows = [
        _matrix_row(found[cell, code], ranks.get((cell, code)), denominators.get(cell, 0))
        for code, _ in codes
        for cell in cell_names
        if (cell, code) in found
    ]
    columns = (
        Column("category", "category", detail=True),
        Column("code", "code", "id"),
        Column("name", "theme"),
        Column("domain", "domain"),
        Column("count", basis.unit, "count"),
        Column("denominator", "of", "count"),
        Column("share", "share", "share"),
        Column("rank", "rank", "count"),
        Column("top", "top"),
    )
    pivot = Pivot("name", "theme", "domain", "share", "top", dict(cell_names))
    return Table("matrix", title, columns, tuple(rows), basis, tuple(notes), pivot, trace)


def _matrix_row(count: ThemeCount, ranked: Ranked | None, denominator: int) -> dict[str, object]:
    return {
        "category": count.category,
        "code": count.code,
        "name": count.name,
        "domain": count.cell,
        "count": count.count,
        "denominator": denominator,
        "share": share(count.count, denominator),
        "rank": ranked.rank if ranked else None,
        "top": "yes" if ranked and ranked.in_top else "",
    }
