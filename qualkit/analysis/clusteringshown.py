"""What tables of groups, as they are published, say of each other: worked out from what is shown.

published profile -> residuals of shown counts -> what sets groups apart; crosswalk -> index
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.clusteringcrosswalk import made_of_one, rand_note
from qualkit.analysis.clusteringtables import (
    ALL,
    LESS,
    LIST_COLUMNS,
    MORE,
    MOST_NAMED,
    sets_apart,
    small_note,
)
from qualkit.analysis.disclosure import LEFT_OUT
from qualkit.analysis.linkage import NO_GROUP
from qualkit.analysis.statistics import adjusted_residuals
from qualkit.model import Table

FROM_SHOWN = "what sets groups apart is worked out from the numbers that the profile shows"
NO_INDEX = (
    "adjusted Rand index: none, since numbers of the crosswalk are left out, and it could give"
    " them back"
)


def from_shown(tables: Sequence[Table]) -> list[Table]:
    """Return published tables with lists, notes and an index made of what they show."""
    profile = next((table for table in tables if table.name == "cluster-profile"), None)
    made = []
    for table in tables:
        if table.name == "cluster-groups" and profile is not None:
            made.append(_with_lists(table, profile))
        elif table.name == "cluster-crosswalk":
            made.append(replace(table, notes=(*_crosswalk_notes(table), *table.notes)))
        else:
            made.append(table)
    return made


def _with_lists(groups: Table, profile: Table) -> Table:
    """Return the groups with the needs that set each apart, of those that the profile shows."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for row in profile.rows:
        if row["sets_apart"] in (MORE, LESS) and isinstance(row["residual"], float):
            place = (str(row["group"]), str(row["sets_apart"]))
            found.setdefault(place, []).append((-abs(row["residual"]), str(row["need"])))
    rows = []
    for row in groups.rows:
        lists = {
            which: tuple(
                name for _, name in sorted(found.get((str(row["group"]), which), []))[:MOST_NAMED]
            )
            for which in (MORE, LESS)
        }
        rows.append({**row, **lists})
    sizes = {
        str(row["group"]): row["families"]
        for row in groups.rows
        if row["group"] != ALL and isinstance(row["families"], int)
    }
    notes = (*groups.notes, FROM_SHOWN, *small_note(sizes))
    return replace(groups, columns=(*groups.columns, *LIST_COLUMNS), rows=tuple(rows), notes=notes)


def _crosswalk_notes(table: Table) -> list[str]:
    """Return the index where every number that it is made of is shown, and what is mostly one."""
    groups = list(dict.fromkeys(row["group"] for row in table.rows if row["group"] != ALL))
    given = list(dict.fromkeys(row["given"] for row in table.rows if row["given"] != ALL))
    named = [name for name in given if name != NO_GROUP]
    cells = {(row["group"], row["given"]): row["families"] for row in table.rows}
    by = table.title.removeprefix("New groups and ")
    counts = [[cells.get((group, name)) for name in named] for group in groups]
    whole = [[count for count in line if isinstance(count, int)] for line in counts]
    said: list[str] = []
    if not named:
        return said
    if all(len(line) == len(named) for line in whole):
        rounded = table.suppressed is not None and table.suppressed.rounded_to
        said.append(rand_note(whole, by) + (", of the rounded numbers" if rounded else ""))
    else:
        said.append(NO_INDEX)
    return [*said, *made_of_one(table.rows)]


def profile_anew(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the residual of each published row, of shown counts alone; without them none."""
    of_all = {row["need"]: (row["yes"], row["answered"]) for row in rows if row["group"] == ALL}
    computed: list[dict[str, Any]] = []
    for row in rows:
        own, known = row["yes"], row["answered"]
        yes, answered = of_all.get(row["need"], (None, None))
        if row["group"] == ALL:
            computed.append({"residual": None, "sets_apart": ""})
        elif not all(isinstance(number, int) for number in (own, known, yes, answered)):
            computed.append({"residual": LEFT_OUT, "sets_apart": LEFT_OUT})
        else:
            rest = yes - own, answered - known
            residual = None
            # Rounded counts may be more than what they are part of.
            if 0 <= own <= known and 0 <= rest[0] <= rest[1]:
                residual = adjusted_residuals([own, rest[0]], [known, rest[1]])[0]
            apart = sets_apart(residual, share(own, known), share(yes, answered))
            computed.append({"residual": residual, "sets_apart": apart})
    return computed
