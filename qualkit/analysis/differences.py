"""Themes in waves: how their shares change from the first wave to the last, and how surely.

Cases (or families) with each theme by wave -> shares, difference, interval, test over waves
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from qualkit.analysis.basis import share
from qualkit.analysis.findings import (
    DIFFERS,
    NO_SAMPLE,
    THEME_COLUMNS,
    TOO_LITTLE,
    Compared,
    compare_themes,
    simulation_notes,
    theme_values,
)
from qualkit.analysis.ranking import rank_themes
from qualkit.analysis.statistics import (
    FALSE_DISCOVERIES,
    LEAST_EXPECTED,
    SMALL_GROUP,
    newcombe_interval,
    wilson_interval,
)
from qualkit.model import Basis, Column, Disclosure, Measure, Order, Sum, Table, ThemeCount

GroupPeople: TypeAlias = tuple[Mapping[tuple[str, str], int], Mapping[str, int]]
"""Families behind the counts by (wave, code), and behind the sizes by wave."""
NO_GROUP = "(none)"
"""The wave of those that have none."""
_WORDS = {DIFFERS: "differs", TOO_LITTLE: "too little to say"}


def in_order(waves: Sequence[str]) -> list[str]:
    """Return waves in order: by their words, numbers in them by size.

    >>> in_order(["wave 10", "wave 9", "2017Q2"])
    ['2017Q2', 'wave 9', 'wave 10']
    """

    def key(wave: str) -> list[tuple[int, int, str]]:
        parts = re.findall(r"\d+|\D+", wave.casefold())
        return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]

    return sorted(waves, key=lambda wave: (key(wave), wave))


def compare_table(
    counts: Sequence[ThemeCount],
    sizes: Mapping[str, int],
    tested: Compared,
    basis: Basis,
    *,
    by: str,
    top: int,
    title: str,
    notes: Sequence[str] = (),
    trace: str = "",
    lacking: int = 0,
    people: GroupPeople | None = None,
) -> Table:
    """Return the share of each theme by wave, its change and a test over the waves.

    Parameters
    ----------
    counts : sequence of ThemeCount
        Units with the theme, by wave in `cell`; '' is all of them.
    sizes : mapping
        Units of each wave that is compared.
    tested : Compared
        What tests and the change are made of: units of one wave alone.
    lacking : int
        Units in no wave.
    people : GroupPeople, optional
        The families behind counts and sizes, for publishing; '' is all of them.
    top : int
        Themes up to this rank over all are shown, and all that differ.

    Returns
    -------
    Table
        A row a theme: rank, code, name, for each wave `share_WAVE`, `count_WAVE`, `of_WAVE`
        and Wilson's interval, `change` from the first wave to the last with Newcombe's
        (1998) interval, and the test.
    """
    waves = in_order(list(sizes))
    found = {(count.cell, count.code): count.count for count in counts}
    ranked = rank_themes([count for count in counts if not count.cell], top)
    findings = compare_themes([item.theme.code for item in ranked], tested)
    rows = []
    for item in ranked:
        theme, finding = item.theme, findings[item.theme.code]
        shown = item.in_top or finding.finding == DIFFERS
        rows.append(
            {
                "rank": item.rank,
                "category": theme.category,
                "code": theme.code,
                "name": theme.name,
                "count": theme.count,
                "denominator": basis.denominator,
                "share": share(theme.count, basis.denominator or 0),
                **_waves(found, sizes, waves, theme.code),
                **_unprinted(found, lacking, waves, theme.code, people),
                **_change(tested, waves, theme.code),
                "finding": _WORDS.get(finding.finding, ""),
                **theme_values(finding),
                "featured": "top" if shown else "also",
            }
        )
    n_tests = sum(finding.test is not None for finding in findings.values())
    rate = f"{FALSE_DISCOVERIES:.0%}"
    said = [
        *notes,
        f"{basis.unit} by {by}: " + ", ".join(f"{wave}: {sizes[wave]}" for wave in waves),
        f"change: from {waves[0]} to {waves[-1]} in percentage points, with its 95% interval"
        " (Newcombe)",
        f"differs: over all of {by}; {n_tests} tests, false discovery rate {rate}"
        " (Benjamini-Hochberg)",
        f"too little material to say: fewer than two waves of {SMALL_GROUP} {basis.unit}, or in"
        f" all of them under {LEAST_EXPECTED:g} expected with or without the theme",
        *simulation_notes(findings.values()),
        NO_SAMPLE,
    ]
    columns = _columns(waves, sizes, basis.unit)
    return Table(
        "compare",
        title,
        columns,
        tuple(rows),
        basis,
        tuple(said),
        trace=trace,
        disclosure=_disclosure(waves, top, exact=not tested.several),
    )


def _unprinted(
    found: Mapping[tuple[str, str], int],
    lacking: int,
    waves: Sequence[str],
    code: str,
    people: GroupPeople | None,
) -> dict[str, object]:
    """Return what is no column: those in no wave, and the families behind each number."""
    cells: dict[str, object] = {"count_rest": found.get((NO_GROUP, code), 0), "of_rest": lacking}
    if people is not None:
        for wave, key in (("", ""), *((wave, f"_{wave}") for wave in waves)):
            cells[f"people{key}"] = people[0].get((wave, code), 0)
            cells[f"people_of{key}"] = people[1].get(wave, 0)
    return cells


def _disclosure(waves: Sequence[str], top: int, *, exact: bool) -> Disclosure:
    """Return what the waves tell of how many; not `exact` where families are in several."""
    computed = ("change", "change_low", "change_high", "change_shown", "finding")
    derived = (*computed, *(column.key for column in THEME_COLUMNS))
    counts = tuple(f"count_{wave}" for wave in waves)
    sizes = tuple(f"of_{wave}" for wave in waves)
    return Disclosure(
        measures=(
            Measure("count", ("denominator",), "share", people="people"),
            Measure("denominator", people="people_of"),
            Measure("count_rest"),
            Measure("of_rest"),
            *(Measure(f"of_{wave}", people=f"people_of_{wave}") for wave in waves),
            *(
                Measure(
                    f"count_{wave}",
                    (f"of_{wave}",),
                    f"share_{wave}",
                    (f"low_{wave}", f"high_{wave}", *derived),
                    f"people_{wave}",
                )
                for wave in waves
            ),
        ),
        sums=(
            # Those in no wave are what is left.
            Sum("count", (*counts, "count_rest"), None, exact=exact),
            Sum("denominator", (*sizes, "of_rest"), None, exact=exact),
        ),
        shared=dict.fromkeys(("denominator", "of_rest", *sizes), ()),
        unprinted=("count_rest", "of_rest"),
        order=Order("code", "count", "rank", "featured", ("top", "also"), top),
    )


def _waves(
    found: Mapping[tuple[str, str], int], sizes: Mapping[str, int], waves: Sequence[str], code: str
) -> dict[str, object]:
    cells: dict[str, object] = {}
    for wave in waves:
        count = found.get((wave, code), 0)
        low, high = wilson_interval(count, sizes[wave]) or (None, None)
        cells |= {
            f"share_{wave}": share(count, sizes[wave]),
            f"count_{wave}": count,
            f"of_{wave}": sizes[wave],
            f"low_{wave}": low,
            f"high_{wave}": high,
        }
    return cells


def _change(tested: Compared, waves: Sequence[str], code: str) -> dict[str, object]:
    first, last = waves[0], waves[-1]
    x, n = tested.counts.get((first, code), 0), tested.sizes.get(first, 0)
    y, m = tested.counts.get((last, code), 0), tested.sizes.get(last, 0)
    interval = newcombe_interval(x, n, y, m)
    if interval is None:
        return {}
    change = y / m - x / n
    return {
        "change_shown": (change, *interval),
        "change": change,
        "change_low": interval[0],
        "change_high": interval[1],
    }


def _columns(waves: Sequence[str], sizes: Mapping[str, int], unit: str) -> tuple[Column, ...]:
    shares = [
        # No wave is left out on a narrow terminal: statistics go first.
        Column(f"share_{wave}", f"{wave} ({sizes[wave]})", "share")
        for wave in waves
    ]
    details = [
        Column(f"{part}_{wave}", f"{wave}, {part}", form, detail=True)
        for wave in waves
        for part, form in (("count", "count"), ("of", "count"), ("low", "share"), ("high", "share"))
    ]
    return (
        Column("rank", "rank", "count", spare=4),
        Column("category", "category", detail=True),
        Column("code", "code", "id", spare=5),
        Column("name", "theme"),
        Column("count", unit, "count", detail=True),
        Column("denominator", "of", "count", detail=True),
        Column("share", "share", "share", detail=True),
        *shares,
        Column("change_shown", "change (95%)", "change", spare=3),
        Column("change", "change", "share", detail=True),
        Column("change_low", "change, low", "share", detail=True),
        Column("change_high", "change, high", "share", detail=True),
        Column("finding", "finding"),
        *details,
        *THEME_COLUMNS,
        Column("featured", "featured", detail=True),
    )
