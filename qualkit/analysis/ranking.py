"""Ranked themes: competition ranks, ties shown, further themes as also featured.

How sure a rank is comes from drawing the cases anew.

References
----------
Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13.
Goldstein, H. and Spiegelhalter, D. J. (1996). League tables and their limitations.
Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd edition, chapter 2 (lots).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.basis import share
from qualkit.model import (
    ALL_CASES,
    Anew,
    Basis,
    Column,
    Disclosure,
    Measure,
    Order,
    Pivot,
    Sum,
    Table,
    ThemeCount,
)

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

REPLICATES = 1000
RanksOf: TypeAlias = "Callable[[Sequence[str]], Mapping[str, RankInterval]]"
"""From the codes of themes to how sure their ranks among each other are."""
MOST_LOTS = 1_000
"""More cases than this are drawn in lots."""
_SEED = 1993
_CHUNK = 100

# Themes overlap: a case may have several, so their counts add up to nothing.
_THEMES = Measure(
    "count",
    ("denominator",),
    "share",
    ("codings", "confirmed"),
    "people",
)
_OF_THEMES = Measure("denominator", people="people_of")
_INTERVAL = ("rank_interval", "rank_low", "rank_high", "in_top")


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


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Where a theme's rank lies in 95% of the samples, and the share of them in the top."""

    low: int
    high: int
    in_top: float


def rank_intervals(
    themes: Sequence[str], lots: Array, counts: Iterable[ThemeCount], top: int
) -> dict[str, RankInterval]:
    """Return the bootstrap interval of every theme's rank.

    Percentile intervals (Efron and Tibshirani 1993) of ranks (Goldstein and Spiegelhalter
    1996) over 1,000 samples with a fixed seed, each of as many rows as there are, drawn with
    replacement. Ties share a rank, as in `rank_themes`. Where the rank itself lies outside,
    the interval is widened to hold it.

    Parameters
    ----------
    themes : sequence of str
        Codes of the columns of `lots`.
    lots : array, shape (n_lots, n_themes)
        Counts by case, or by lots of cases of equal size.
    counts : iterable of ThemeCount
        What is ranked; themes that nobody named have no interval.
    top : int
        Ranks up to this one are in the top.

    Returns
    -------
    dict
        By code; empty with fewer than two rows, for which nothing can be said.
    """
    import numpy

    ranked = {item.theme.code: item.rank for item in rank_themes(counts, top)}
    kept = [place for place, theme in enumerate(themes) if theme in ranked]
    if len(lots) < 2 or not kept:
        return {}
    sums = _drawn_sums(lots[:, kept])
    low_at, high_at = int(0.025 * REPLICATES), int(0.975 * REPLICATES) - 1
    found = {}
    for place, column in zip(kept, sums.T, strict=True):
        ranks = 1 + (sums > column[:, None]).sum(axis=1)
        in_top = float(((ranks <= top) & (column > 0)).mean())
        ranks = numpy.sort(ranks)
        own = ranked[themes[place]]
        found[themes[place]] = RankInterval(
            min(own, int(ranks[low_at])), max(own, int(ranks[high_at])), in_top
        )
    return found


def _drawn_sums(lots: Array) -> Array:
    """Return the sums of rows drawn anew, shape (REPLICATES, n_themes)."""
    import numpy

    generator = numpy.random.default_rng(_SEED)
    n = len(lots)
    # One count of all the draws of many samples: each sample's numbers follow the last's.
    first_of = numpy.arange(_CHUNK, dtype=numpy.int64)[:, None] * n
    sums = numpy.empty((REPLICATES, lots.shape[1]), dtype=numpy.float32)
    for first in range(0, REPLICATES, _CHUNK):
        drawn = generator.integers(0, n, (_CHUNK, n), dtype=numpy.int32) + first_of
        times = numpy.bincount(drawn.ravel(), minlength=_CHUNK * n).reshape(_CHUNK, n)
        sums[first : first + _CHUNK] = times.astype(numpy.float32) @ lots
    return sums


def rank_table(
    counts: Sequence[ThemeCount],
    basis: Basis,
    *,
    top: int,
    title: str,
    name: str = "top",
    notes: Sequence[str] = (),
    trace: str = "",
    intervals: Mapping[str, RankInterval] | None = None,
    ranks_of: RanksOf | None = None,
) -> Table:
    """Return the ranking as a table: the top themes, then those that also feature.

    With `intervals` (see `rank_intervals`) it says how sure the ranks are; `ranks_of` gives
    those among some of the themes, for publishing.
    """
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
            "people": item.theme.people,
            **_interval_cells((intervals or {}).get(item.theme.code)),
        }
        for item in rank_themes(counts, top)
    ]
    columns, said = rank_columns(basis.unit), list(notes)
    if intervals is not None:
        columns += interval_columns(top)
    if intervals:
        drawn = "families" if basis.unit == "families" else "cases"
        said.append(
            f"rank 95%: where the rank lies in 95% of {REPLICATES:,} samples of these {drawn} drawn"
            f" anew; in top {top}: in what share of the samples it is there"
        )
    return Table(
        name,
        title,
        columns,
        tuple(rows),
        basis,
        tuple(said),
        trace=trace,
        disclosure=Disclosure(
            measures=(replace(_THEMES, derived=(*_THEMES.derived, *_INTERVAL)), _OF_THEMES),
            shared={"denominator": ()},
            order=Order("code", "count", "rank", "featured", ("top", "also"), top),
            anew=None if ranks_of is None else _anew(ranks_of),
        ),
    )


def _anew(ranks_of: RanksOf) -> Anew:
    """Return how sure ranks are among the themes that are shown.

    Drawn with the themes left out, they would tell how near those come.
    """

    def anew(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        # Rounded tables have no such columns.
        there = any("in_top" in row for row in rows)
        shown = [row["code"] if there and isinstance(row["count"], int) else "" for row in rows]
        found = ranks_of([code for code in shown if code])
        return [_interval_cells(found.get(code)) for code in shown]

    return anew


def _interval_cells(interval: RankInterval | None) -> dict[str, object]:
    if interval is None:
        return {}
    both = (interval.low, interval.high)
    return dict(zip(_INTERVAL, (both, *both, interval.in_top), strict=True))


def interval_columns(top: int) -> tuple[Column, ...]:
    """Return the columns that say how sure a rank is."""
    return (
        Column("rank_interval", "rank 95%", "range", spare=4),
        Column("rank_low", "rank, low", "count", detail=True),
        Column("rank_high", "rank, high", "count", detail=True),
        Column("in_top", f"in top {top}", "share", spare=5),
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
        {
            **_matrix_row(found[cell, code], ranks.get((cell, code)), denominators.get(cell, 0)),
            **_not_of(basis, denominators.get(cell, 0)),
        }
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
    told = Disclosure(
        measures=(_THEMES, _OF_THEMES, Measure("not_of"), Measure(ALL_CASES)),
        sums=(Sum(ALL_CASES, ("denominator", "not_of"), None),),
        shared={"denominator": ("domain",), "not_of": ("domain",), ALL_CASES: ()},
        unprinted=("not_of", ALL_CASES),
        order=Order("code", "count", "rank", "top", top=top, within="domain"),
    )
    return Table("matrix", title, columns, tuple(rows), basis, tuple(notes), pivot, trace, told)


def _not_of(basis: Basis, denominator: int) -> dict[str, int]:
    """Return all cases, and those not of the domain; no columns."""
    if basis.unit != "cases":
        return {}
    everything = sum(basis.n_by_kind.values())
    return {ALL_CASES: everything, "not_of": everything - denominator}


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
        "people": count.people,
    }
