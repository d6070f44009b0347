"""Themes linked to groups of families: shares of each group beside the overall share.

Counts by theme and group -> shares, intervals, tests and effect sizes, as a long table; and
the joint display (Fetters, Curry and Creswell 2013) with a quotation for each cell.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.findings import (
    DIFFERS,
    MARKS,
    NO_DIFFERENCE,
    NO_SAMPLE,
    THEME_COLUMNS,
    CellFinding,
    Compared,
    ThemeFinding,
    compare_cells,
    compare_themes,
    simulation_notes,
    theme_values,
)
from qualkit.analysis.statistics import (
    FALSE_DISCOVERIES,
    LEAST_EXPECTED,
    SMALL_GROUP,
    GroupTest,
    adjust_p,
    adjusted_residuals,
    compare_one,
    too_little,
    wilson_interval,
)
from qualkit.errors import SmallSampleWarning
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    GroupSize,
    Measure,
    Order,
    Pivot,
    Sum,
    Table,
    ThemeCount,
)

NO_GROUP = "(none)"
"""Where families stand that lack the attribute."""


def link_table(
    counts: Sequence[ThemeCount],
    sizes: Sequence[GroupSize],
    basis: Basis,
    *,
    by: str,
    title: str,
    notes: Sequence[str] = (),
    trace: str = "",
    tested: Compared | None = None,
) -> Table:
    """Return the share of families with each theme, by group and overall, with tests.

    Parameters
    ----------
    counts : sequence of ThemeCount
        Families with the theme, by group in `cell`; '' is all families.
    sizes : sequence of GroupSize
        The group '' first.
    tested : Compared, optional
        What tests are made of; by default the counts and sizes of the named groups.

    Returns
    -------
    Table
        Long: theme by group with `share`, its interval, `overall_share` and the pair
        group : overall for reading; then the group against the other groups, and the theme
        over all groups. Families without text stand in `families_without_text`, in no
        denominator.

    Warns
    -----
    SmallSampleWarning
        A group has fewer than five families with text.
    """
    size = {item.group: item for item in sizes}
    overall = {count.code: count for count in counts if count.cell == ""}
    order = sorted(overall.values(), key=lambda c: (-c.count, c.name.casefold()))
    order = [theme for theme in order if theme.count]
    found = {(count.cell, count.code): count for count in counts}
    groups = [g for g in sizes if g.group and (g.with_text or g.group != NO_GROUP)]
    tested = tested or _as_counted(counts, groups)
    codes = [theme.code for theme in order]
    themes, cells = compare_themes(codes, tested), compare_cells(codes, tested)
    rows = [
        {
            **_link_row(found[group.group, theme.code], group, theme, size[""], by),
            **_cell_values(cells.get((group.group, theme.code)), group),
            **theme_values(themes[theme.code]),
        }
        for theme in order
        for group in groups
    ]
    for row in rows:
        mark = MARKS.get(str(row["finding"]))
        row["pair"] = (row["share"], row["overall_share"], *([mark] if mark else []))
    said = [*notes, *_sizes_notes(groups, size[""], by)]
    if rows:
        said += _test_notes(cells, themes, tested, by)
    said.append(NO_SAMPLE)
    labels = {group.group: f"{group.group} ({group.with_text})" for group in groups}
    pivot = Pivot("name", "theme", "group", "pair", "", labels)
    return Table(
        "link",
        title,
        LINK_COLUMNS,
        tuple(rows),
        basis,
        tuple(said),
        pivot,
        trace,
        # A family may have cases with several values of their attribute, so groups of
        # cases overlap.
        link_disclosure(exact=not by.startswith("case."), anew=not tested.several),
    )


_OF_CELL = ("finding", "residual", "test", "p", "p_adjusted", "cohens_h")
_OF_THEME = tuple(column.key for column in THEME_COLUMNS)


def link_disclosure(*, exact: bool, anew: bool = False) -> Disclosure:
    """Return what links tell of how many families; `exact` where groups do not overlap.

    `anew`: tests can be made of what is published.
    """
    # A p-value adjusted for all tests hangs on those of all lines.
    of_all = ("finding", "p_adjusted", "theme_finding", "theme_p_adjusted")
    derived = ("share_low", "share_high", *_OF_CELL, *_OF_THEME)
    return Disclosure(
        measures=(
            Measure("count", ("denominator",), "share", derived),
            # A group's test is against all others: with its own count it tells theirs.
            Measure(
                "overall_count", ("overall_denominator",), "overall_share", (*_OF_CELL, *_OF_THEME)
            ),
            Measure("families_without_text"),
        ),
        sums=(
            Sum("overall_count", ("count",), ("code",), exact=exact),
            Sum("overall_denominator", ("denominator",), (), exact=exact),
        ),
        shared={
            "denominator": ("group",),
            "families_without_text": ("group",),
            "overall_count": ("code",),
            "overall_denominator": (),
            "overall_share": ("code",),
            # Small groups are in no test, so tests tell what is left without them.
            **dict.fromkeys((*_OF_CELL, *_OF_THEME), ("code",)),
            **dict.fromkeys(of_all, ()),
        },
        pairs={"pair": ("share", "overall_share")},
        order=Order("code", "overall_count"),
        anew=_tested_anew if exact and anew else None,
    )


def _tested_anew(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the tests of what is published: each group against all other families.

    Whoever has the table could make them. The tests of the whole table leave out small groups
    and adjust for every test, so that they tell of what is left out.
    """
    tests: list[tuple[float | None, GroupTest] | None] = []
    for row in rows:
        numbers = [row[key] for key in ("count", "denominator", "overall_count")]
        numbers.append(row["overall_denominator"])
        test = None
        if all(isinstance(number, int) for number in numbers) and row["group"] != NO_GROUP:
            x, n, found, everybody = numbers
            # Rounded numbers need not fit.
            fit = 0 <= found - x <= everybody - n
            if fit and everybody - n >= SMALL_GROUP and not too_little(found, everybody, n):
                residual, _ = adjusted_residuals([x, found - x], [n, everybody - n])
                test = residual, compare_one(x, n, found, everybody)
        tests.append(test)
    adjusted = adjust_p([None if test is None else test[1].p for test in tests])
    themes = {row["code"]: row.get("theme_p") for row in rows}
    known = {code: p if isinstance(p, float) else None for code, p in themes.items()}
    over_all = dict(zip(known, adjust_p(list(known.values())), strict=True))
    return [
        {
            **_anew_cells(row, test, own),
            **_anew_theme(over_all[row["code"]]),
        }
        for row, test, own in zip(rows, tests, adjusted, strict=True)
    ]


def _anew_cells(
    row: Mapping[str, Any], test: tuple[float | None, GroupTest] | None, adjusted: float | None
) -> dict[str, Any]:
    if test is None:
        # With a number missing nothing can be said, else too little is there.
        missing = any(isinstance(row[key], str) for key in ("count", "overall_count"))
        return {} if missing else {**dict.fromkeys(_OF_CELL), "finding": "", "test": ""}
    residual, made = test
    finding = CellFinding(residual, made, adjusted).finding
    mark = MARKS.get(finding)
    return {
        "finding": finding,
        "residual": residual,
        "test": made.name,
        "p": made.p,
        "p_adjusted": adjusted,
        "cohens_h": made.effect,
        "pair": (row["share"], row["overall_share"], *([mark] if mark else [])),
    }


def _anew_theme(adjusted: float | None) -> dict[str, Any]:
    if adjusted is None:
        return {}
    finding = DIFFERS if adjusted <= FALSE_DISCOVERIES else NO_DIFFERENCE
    return {"theme_p_adjusted": adjusted, "theme_finding": finding}


def _as_counted(counts: Sequence[ThemeCount], groups: Sequence[GroupSize]) -> Compared:
    return Compared(
        {(count.cell, count.code): count.count for count in counts},
        {g.group: g.with_text for g in groups if g.group != NO_GROUP},
    )


LINK_COLUMNS = (
    Column("category", "category", detail=True),
    Column("code", "code", "id"),
    Column("name", "theme"),
    Column("group", "group"),
    Column("count", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
    Column("share_low", "share, low", "share", detail=True),
    Column("share_high", "share, high", "share", detail=True),
    Column("overall_count", "all families", "count"),
    Column("overall_denominator", "of all", "count"),
    Column("overall_share", "overall", "share"),
    Column("families_without_text", "without text", "count"),
    Column("pair", "group : overall", "pair", detail=True),
    Column("finding", "against the other groups", detail=True),
    Column("residual", "adjusted residual", "score", detail=True),
    Column("test", "test", detail=True),
    Column("p", "p", "score", detail=True),
    Column("p_adjusted", "adjusted p", "score", detail=True),
    Column("cohens_h", "Cohen's h", "score", detail=True),
    *THEME_COLUMNS,
)


def _sizes_notes(groups: Sequence[GroupSize], everybody: GroupSize, by: str) -> list[str]:
    """Say how large the groups are, and warn of small ones."""
    said = []
    small = [g.group for g in groups if 0 < g.with_text < SMALL_GROUP]
    empty = [g.group for g in groups if not g.with_text]
    if small:
        text = f"too few families with text to say much (under {SMALL_GROUP}): {', '.join(small)}"
        warnings.warn(text, SmallSampleWarning, stacklevel=3)
        said.append(text)
    if empty:
        said.append(f"no family with text: {', '.join(empty)}")
    if groups:
        said.append(_sizes_line(groups, everybody, by))
    return said


def _sizes_line(groups: Sequence[GroupSize], everybody: GroupSize, by: str) -> str:
    """Say how many families each group has with text, and how many stand beside it without."""
    if by.startswith("case."):
        # A family without a text has no attribute of texts, so no group either.
        sizes = ", ".join(f"{g.group}: {g.with_text} with text" for g in groups)
        return f"families by {by}: {sizes}; without text in none of them: {everybody.without_text}"
    sizes = ", ".join(
        f"{g.group}: {g.with_text} with text and {g.without_text} without" for g in groups
    )
    return f"families by {by}: {sizes}"


def _test_notes(
    cells: Mapping[tuple[str, str], CellFinding],
    themes: Mapping[str, ThemeFinding],
    tested: Compared,
    by: str,
) -> list[str]:
    """Say which tests were made, how many, and what the marks mean."""
    rate = f"{FALSE_DISCOVERIES:.0%}"
    said = [
        f"▲ ▼: above or below the other groups together; {len(cells)} tests, false discovery"
        f" rate {rate} (Benjamini-Hochberg)"
    ]
    differ = [finding for finding in themes.values() if finding.finding == DIFFERS]
    n_tests = sum(finding.test is not None for finding in themes.values())
    said.append(
        f"over all groups {len(differ)} of {n_tests} themes tested differ, at the same rate;"
        " p-values, intervals and effect sizes: --format csv"
    )
    said.append(
        f"?: too little material to say: under {SMALL_GROUP} families in the group, or under"
        f" {LEAST_EXPECTED:g} expected with or without the theme; such groups are in no test"
    )
    if tested.several:
        said.append(
            f"{tested.several} families are in more than one group of {by}: they count in each,"
            " and are in no test"
        )
    return said + simulation_notes(themes.values())


def _link_row(
    count: ThemeCount, group: GroupSize, overall: ThemeCount, everybody: GroupSize, by: str
) -> dict[str, object]:
    low, high = wilson_interval(count.count, group.with_text) or (None, None)
    return {
        "category": count.category,
        "code": count.code,
        "name": count.name,
        "group": group.group,
        "count": count.count,
        "denominator": group.with_text,
        "share": share(count.count, group.with_text),
        "share_low": low,
        "share_high": high,
        "overall_count": overall.count,
        "overall_denominator": everybody.with_text,
        "overall_share": share(overall.count, everybody.with_text),
        "families_without_text": None if by.startswith("case.") else group.without_text,
    }


def _cell_values(cell: CellFinding | None, group: GroupSize) -> dict[str, object]:
    if group.group == NO_GROUP or not group.with_text:
        # No group, or nothing in it: there is nothing to be compared.
        return {"finding": ""}
    cell = cell or CellFinding()
    return {
        "finding": cell.finding,
        "residual": cell.residual,
        "test": cell.test.name if cell.test else "",
        "p": cell.test.p if cell.test else None,
        "p_adjusted": cell.adjusted,
        "cohens_h": cell.test.effect if cell.test else None,
    }


# --- the joint display --------------------------------------------------------------

_QUOTED = ("coding_id", "case_id", "ufrn", "segment_n", "quote", "status", "start", "end")
_SHOWN = (
    Column("name", "theme"),
    Column("group", "group"),
    Column("pair", "group : overall", "pair"),
    Column("quote", "quotation", "quote"),
    Column("coding_id", "coding", "count"),
    Column("case_id", "case", "id", spare=1),
)
JOINT_COLUMNS = (
    *_SHOWN,
    *[
        replace(column, detail=True)
        for column in LINK_COLUMNS
        if column.key not in {shown.key for shown in _SHOWN}
    ],
    *[
        Column(key, label, form, detail=True)
        for key, label, form in (
            ("ufrn", "family", "id"),
            ("segment_n", "segment", "count"),
            ("status", "status", "text"),
            ("start", "start", "count"),
            ("end", "end", "count"),
        )
    ],
)


def joint_table(
    linked: Table, quotations: Mapping[tuple[str, str], Mapping[str, object]], *, title: str
) -> Table:
    """Return a link table with one quotation a cell, by (group, code)."""
    rows = []
    for row in linked.rows:
        words = quotations.get((row["group"], row["code"]), {})
        rows.append({**row, **{key: words.get(key) for key in _QUOTED}})
    note = (
        "one quotation a cell: a person's coding first, then the surest;"
        " its number leads to its rule: qualkit explain CODING"
    )
    return Table(
        "joint",
        title,
        JOINT_COLUMNS,
        tuple(rows),
        linked.basis,
        (*linked.notes, note),
        trace=linked.trace,
        disclosure=linked.disclosure,
    )
