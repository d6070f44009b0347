"""New groups of families beside given ones: a crosswalk and the adjusted Rand index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.basis import share
from qualkit.analysis.clusteringgrid import rand_of
from qualkit.analysis.clusteringtables import ALL, SIZE_OF_GROUP, group_name
from qualkit.analysis.linkage import NO_GROUP
from qualkit.model import Basis, Column, Disclosure, Measure, Pivot, Sum, Table

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


def crosswalk_table(
    groups: Array,
    n_groups: int,
    others: Sequence[str],
    basis: Basis,
    *,
    by: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return families by new group and by a given one, with the adjusted Rand index.

    Parameters
    ----------
    groups : ndarray of int, shape (n_families,)
        -1 for a family in no group; it is left out.
    others : sequence of str
        The given group of each, '' where it has none; these are shown, and in no index.
    """
    import numpy

    there = [at for at, group in enumerate(groups.tolist()) if group >= 0]
    given = [others[at] or NO_GROUP for at in there]
    heads = sorted(set(given), key=lambda name: (name == NO_GROUP, name))
    place = {name: at for at, name in enumerate(heads)}
    table = numpy.zeros((n_groups, len(heads)), dtype=int)
    columns = numpy.array([place[name] for name in given], dtype=int)
    numpy.add.at(table, (groups[there], columns), 1)
    named = [at for at, name in enumerate(heads) if name != NO_GROUP]
    rows = []
    for group in (*range(n_groups), None):
        for column in (*range(len(heads)), None):
            part = table if group is None else table[group : group + 1]
            count = int(part.sum() if column is None else part[:, column].sum())
            size = int(part.sum())
            rows.append(
                {
                    "group": ALL if group is None else group_name(group),
                    "given": ALL if column is None else heads[column],
                    "families": count,
                    "denominator": size,
                    "share": share(count, size),
                    "dark": None if group is None or column is None else share(count, size),
                }
            )
    said = [*notes, *([f"{NO_GROUP}: families without {by}"] if NO_GROUP in heads else [])]
    known = table[:, named]
    if known.sum():
        said += [rand_note(known.tolist(), by), *made_of_one(rows)]
    else:
        said.append(f"no family in a group has {by}, so there is no index")
    return Table(
        "cluster-crosswalk",
        f"New groups and {by}",
        CROSSWALK_COLUMNS,
        tuple(rows),
        basis,
        tuple(said),
        Pivot("group", f"new ↓ {by} →", "given", "families", "", {}, "dark"),
        disclosure=_CROSSWALK_DISCLOSURE,
    )


def rand_note(table: Sequence[Sequence[int]], by: str) -> str:
    """Return the adjusted Rand index of families by new and by given group, in words."""
    import numpy

    counts = numpy.array(table)
    return (
        f"adjusted Rand index of the new groups with {by}: {rand_of(counts):.3f}"
        f" (1 the same groups, 0 as alike as by chance), over {int(counts.sum())} families"
    )


def made_of_one(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say which new groups are mostly of one given group, as far as the numbers are shown."""
    found = [
        f"{row['group']} of {row['given']} ({math.floor(row['share'] * 100 + 0.5)}%)"
        for row in rows
        if row["group"] != ALL
        and row["given"] not in (ALL, NO_GROUP)
        and isinstance(row["share"], float)
        and row["share"] > 0.5
    ]
    if not found:
        return []
    return [f"more than half of a new group is of one given group: {', '.join(found)}"]


CROSSWALK_COLUMNS = (
    Column("group", "new group"),
    Column("given", "given group"),
    Column("families", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
)
_CROSSWALK_DISCLOSURE = Disclosure(
    measures=(Measure("families", ("denominator",), "share"), Measure("denominator")),
    sums=(
        Sum("families", ("families",), ("group",), {"given": ALL}),
        Sum("families", ("families",), ("given",), {"group": ALL}),
        Sum("denominator", ("families",), ("group",), {"given": ALL}),
    ),
    shared={"denominator": ("group",)},
    names={"denominator": SIZE_OF_GROUP},
)
