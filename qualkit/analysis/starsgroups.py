"""Family Star progress by group of families: a heat map, most and least, stages of one domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.stars import NO_GROUP, SMALL_GROUP, count_moves, find_extremes
from qualkit.analysis.starstables import COUNTED, MOVED, STAR_COLUMNS, lacking_cells, move_cells
from qualkit.model import Basis, Column, Disclosure, Measure, Pivot, SpanCount, Stage, Sum, Table


def groups_table(
    counts: Sequence[SpanCount],
    names: Mapping[str, str],
    stages: Sequence[Stage],
    basis: Basis,
    *,
    by: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return progress by domain and group; long, laid out and shaded as a heat map."""
    groups = _groups(counts)
    found = {key: list(own) for key, own in groupby(sorted(counts, key=_cell), key=_cell)}
    highest = len(stages) - 1
    rows: list[dict[str, Any]] = []
    for domain, name in names.items():
        moves = {group: count_moves(found.get((domain, group), ()), highest) for group in groups}
        extremes = find_extremes(moves)
        rows += [
            {"domain": domain, "name": name, "group": group}
            | move_cells(moves[group])
            | {"extreme": extremes.get(group, "")}
            | lacking_cells(basis, sum(own.n for own in moves.values()))
            for group in groups
        ]
    columns = (
        *STAR_COLUMNS[:2],
        Column("group", by),
        *STAR_COLUMNS[2:],
        Column("extreme", "most or least", detail=True),
    )
    pivot = Pivot("name", "domain", "group", "progress", shade="progress")
    title = f"Family Star progress by {by}"
    return Table("stars", title, columns, tuple(rows), basis, tuple(notes), pivot, disclosure=MOVED)


def extremes_table(table: Table, overall: Table, *, by: str) -> Table:
    """Return the groups with most and least progress in each domain, beside the overall share.

    Parameters
    ----------
    table, overall : Table
        As `groups_table` and `stars_table` give them.
    """
    rows = []
    for row in overall.rows:
        own = [r for r in table.rows if r["domain"] == row["domain"]]
        cells: dict[str, object] = {}
        for which in ("most", "least"):
            named = [r for r in own if r["extreme"] == which]
            cells[f"{which}_progress"] = tuple(str(r["group"]) for r in named)
            cells[f"{which}_share"] = named[0]["progress"] if named else None
        rows.append(
            {"domain": row["domain"], "name": row["name"], "progress": row["progress"], **cells}
        )
    columns = (
        *STAR_COLUMNS[:2],
        Column("progress", "overall", "share"),
        Column("most_progress", f"most: {by}", "list"),
        Column("most_share", "share", "share"),
        Column("least_progress", f"least: {by}", "list"),
        Column("least_share", "share", "share"),
    )
    rule = (
        "the highest and the lowest share of progress, ties together; groups with fewer than"
        f" {SMALL_GROUP} families that could move up are not named"
    )
    title = f"Most and least progress by {by}"
    # Which share is the least tells of counts that its own table leaves out.
    told = Disclosure(unfit=True)
    return Table("star-extremes", title, columns, tuple(rows), Basis(rule=rule), disclosure=told)


def stages_by_group_table(
    counts: Sequence[SpanCount],
    stages: Sequence[Stage],
    basis: Basis,
    *,
    title: str,
    by: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return where the families of each group started and ended in one domain, by stage."""
    rows: list[dict[str, Any]] = []
    for group in _groups(counts):
        own = [count for count in counts if count.group == group]
        n = sum(count.families for count in own)
        for when in ("start", "end"):
            at = [0] * len(stages)
            for count in own:
                at[count.start if when == "start" else count.end] += count.families
            rows += [
                {
                    "group": group,
                    "when": when,
                    "line": f"{group}, {when} ({n})",
                    "stage": stage.stage_id,
                    "families": families,
                    "of": n,
                    "share": share(families, n),
                    **lacking_cells(basis, sum(count.families for count in counts)),
                }
                for stage, families in zip(stages, at, strict=True)
            ]
    columns = (
        Column("group", by),
        Column("when", "when"),
        Column("line", by, detail=True),
        Column("stage", "stage", "id"),
        Column("families", "families", "count"),
        Column("of", "of", "count"),
        Column("share", "share", "share"),
    )
    labels = {stage.stage_id: stage.name for stage in stages}
    pivot = Pivot("line", by, "stage", "share", "", labels, "share")
    told = Disclosure(
        (Measure("families", ("of",), "share"), Measure("lacking"), Measure("counted")),
        sums=(
            Sum("of", ("families",), ("group", "when")),
            Sum("counted", ("of", "lacking"), ()),
        ),
        shared={"of": ("group",), "lacking": (), "counted": ()},
        names={"counted": COUNTED["counted"]},
        unprinted=tuple(COUNTED),
    )
    return Table(
        "star-stages", title, columns, tuple(rows), basis, tuple(notes), pivot, disclosure=told
    )


def _cell(count: SpanCount) -> tuple[str, str]:
    return count.domain, count.group


def _groups(counts: Iterable[SpanCount]) -> list[str]:
    return sorted({count.group for count in counts}, key=lambda name: (name == NO_GROUP, name))
