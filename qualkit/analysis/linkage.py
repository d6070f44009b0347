"""Themes linked to groups of families: shares of each group beside the overall share."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from qualkit.analysis.basis import share
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

SMALL_GROUP = 5
"""Groups with fewer families with text than this are said to be too small to say much."""
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
) -> Table:
    """Return the share of families with each theme, by group and overall.

    Parameters
    ----------
    counts : sequence of ThemeCount
        Families with the theme, by group in `cell`; '' is all families.
    sizes : sequence of GroupSize
        The group '' first.

    Returns
    -------
    Table
        Long: theme by group with `share`, `overall_share` and the pair
        group : overall for reading. Families without text stand in
        `families_without_text`, in no denominator.

    Warns
    -----
    SmallSampleWarning
        A group has fewer than five families with text.
    """
    size = {item.group: item for item in sizes}
    overall = {count.code: count for count in counts if count.cell == ""}
    order = sorted(overall.values(), key=lambda c: (-c.count, c.name.casefold()))
    found = {(count.cell, count.code): count for count in counts}
    groups = [g for g in sizes if g.group and (g.with_text or g.group != NO_GROUP)]
    rows = [
        _link_row(found[group.group, theme.code], group, theme, size[""], by)
        for theme in order
        if theme.count
        for group in groups
    ]
    small = [g.group for g in groups if 0 < g.with_text < SMALL_GROUP]
    empty = [g.group for g in groups if not g.with_text]
    said = list(notes)
    if small:
        text = f"too few families with text to say much (under {SMALL_GROUP}): {', '.join(small)}"
        warnings.warn(text, SmallSampleWarning, stacklevel=2)
        said.append(text)
    if empty:
        said.append(f"no family with text: {', '.join(empty)}")
    if groups:
        said.append(_sizes_line(groups, size[""], by))
    said.append("cases were chosen, not sampled: shares describe this material")
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
        link_disclosure(exact=not by.startswith("case.")),
    )


def link_disclosure(*, exact: bool) -> Disclosure:
    """Return what links tell of how many families; `exact` where groups do not overlap."""
    return Disclosure(
        measures=(
            Measure("count", ("denominator",), "share"),
            Measure("overall_count", ("overall_denominator",), "overall_share"),
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
        },
        pairs={"pair": ("share", "overall_share")},
        order=Order("code", "overall_count"),
    )


LINK_COLUMNS = (
    Column("category", "category", detail=True),
    Column("code", "code", "id"),
    Column("name", "theme"),
    Column("group", "group"),
    Column("count", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
    Column("overall_count", "all families", "count"),
    Column("overall_denominator", "of all", "count"),
    Column("overall_share", "overall", "share"),
    Column("families_without_text", "without text", "count"),
    Column("pair", "group : overall", "pair", detail=True),
)


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


def _link_row(
    count: ThemeCount, group: GroupSize, overall: ThemeCount, everybody: GroupSize, by: str
) -> dict[str, object]:
    own, all_ = share(count.count, group.with_text), share(overall.count, everybody.with_text)
    return {
        "category": count.category,
        "code": count.code,
        "name": count.name,
        "group": group.group,
        "count": count.count,
        "denominator": group.with_text,
        "share": own,
        "overall_count": overall.count,
        "overall_denominator": everybody.with_text,
        "overall_share": all_,
        "families_without_text": None if by.startswith("case.") else group.without_text,
        "pair": (own, all_),
    }
