"""Family Star progress: from families by first and last reading to shares, matrices and groups.

families by (domain, start, end) -> stages -> moves up, down, none -> shares
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from qualkit.analysis.basis import share
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    FlowStep,
    Measure,
    Pivot,
    SpanCount,
    Stage,
    Sum,
    Table,
)

SMALL_GROUP = 5
"""Groups with fewer families than this are not named as those with most or least progress."""
NO_GROUP = "(none)"
PROGRESS_RULE = (
    "progress: families who moved up at least one stage ÷ families with both readings in the"
    " domain, without those who started and ended at the highest stage; higher and lower: ÷ all"
    " families with both readings"
)


@dataclass(frozen=True, slots=True)
class Moves:
    """What became of the families with both readings in a domain.

    Attributes
    ----------
    n : int
        All of them.
    higher, lower, same : int
        Those that ended at a higher, a lower or the same stage.
    at_highest : int
        Of the same, those who started and ended at the highest stage: they could not move up.
    """

    n: int
    higher: int
    lower: int
    same: int
    at_highest: int

    @property
    def could_progress(self) -> int:
        """Families that progress is a share of."""
        return self.n - self.at_highest

    @property
    def progress(self) -> float | None:
        """Share, 0 to 1, of those who could move up that did; None if nobody could."""
        return share(self.higher, self.could_progress)


def to_stages(counts: Iterable[SpanCount], stages: Sequence[Stage]) -> list[SpanCount]:
    """Return counts by reading (1 to 10) as counts by stage (from 0), summed."""
    of = {
        reading: index
        for index, stage in enumerate(stages)
        for reading in range(stage.lowest, stage.highest + 1)
    }
    sums: dict[tuple[str, str, int, int], int] = {}
    for domain, start, end, families, group in counts:
        key = domain, group, of[start], of[end]
        sums[key] = sums.get(key, 0) + families
    return [
        SpanCount(domain, start, end, families, group)
        for (domain, group, start, end), families in sums.items()
    ]


def count_moves(counts: Iterable[SpanCount], highest: int) -> Moves:
    """Return the moves in counts by stage; `highest` is the number of the highest stage."""
    n = higher = lower = at_highest = 0
    for _, start, end, families, _ in counts:
        n += families
        higher += families * (end > start)
        lower += families * (end < start)
        at_highest += families * (start == end == highest)
    return Moves(n, higher, lower, n - higher - lower, at_highest)


_MOVES = (
    Column("n", "families", "count"),
    Column("progress", "progress", "share"),
    Column("higher", "higher", "share"),
    Column("lower", "lower", "share"),
    Column("same", "same", "share", spare=2),
    Column("n_higher", "n higher", "count", detail=True),
    Column("n_lower", "n lower", "count", detail=True),
    Column("n_same", "n same", "count", detail=True),
    Column("at_highest", "stayed highest", "count", spare=5),
    Column("progress_of", "progress of", "count", spare=1),
)
_COUNTED = {"lacking": "families lacking readings", "counted": "families that count"}
_MOVED = Disclosure(
    measures=(
        Measure("n"),
        Measure("n_higher", ("n",), "higher", ("progress",)),
        Measure("n_lower", ("n",), "lower"),
        Measure("n_same", ("n",), "same"),
        Measure("at_highest", ("n",)),
        Measure("progress_of", derived=("progress",)),
        Measure("lacking"),
        Measure("counted"),
    ),
    sums=(
        Sum("n", ("n_higher", "n_lower", "n_same")),
        Sum("n", ("progress_of", "at_highest")),
        # Of all families that count some lack readings in the domain.
        Sum("counted", ("n", "lacking"), ("domain",)),
    ),
    shared={"lacking": ("domain",), "counted": ()},
    names=_COUNTED,
    unprinted=tuple(_COUNTED),
    at_most=(("at_highest", "n_same"), ("n_higher", "progress_of")),
    private=("extreme",),
)
_COUNTS = ("n", "n_higher", "n_lower", "n_same", "at_highest")
# On a page these are totals of the domain's matrix.
_MOVED_OVERALL = replace(
    _MOVED,
    shared={**_MOVED.shared, **dict.fromkeys(_COUNTS, ("domain",))},
    names=_COUNTED | {key: f"star {key}" for key in _COUNTS},
)
STAR_COLUMNS = (Column("domain", "domain", "id", detail=True), Column("name", "domain"), *_MOVES)


def move_cells(moves: Moves) -> dict[str, object]:
    """Return the cells of a row for the moves; shares 0 to 1."""
    return {
        "n": moves.n,
        "progress": moves.progress,
        "higher": share(moves.higher, moves.n),
        "lower": share(moves.lower, moves.n),
        "same": share(moves.same, moves.n),
        "n_higher": moves.higher,
        "n_lower": moves.lower,
        "n_same": moves.same,
        "at_highest": moves.at_highest,
        "progress_of": moves.could_progress,
    }


def _lacking(basis: Basis, n: int) -> dict[str, int]:
    """Return all families that count, and those without both readings; no columns."""
    if basis.denominator is None:
        return {}
    return {"counted": basis.denominator, "lacking": basis.denominator - n}


def stars_table(
    counts: Sequence[SpanCount],
    names: Mapping[str, str],
    stages: Sequence[Stage],
    basis: Basis,
    notes: Sequence[str] = (),
) -> Table:
    """Return one row a domain, in the order of `names`.

    Parameters
    ----------
    counts : sequence of SpanCount
        By stage, as `to_stages` gives them; groups are summed.
    """
    by_domain = _by(counts, "domain")
    rows = tuple(
        {"domain": domain, "name": name}
        | move_cells(moves := count_moves(by_domain.get(domain, ()), len(stages) - 1))
        | _lacking(basis, moves.n)
        for domain, name in names.items()
    )
    return Table(
        "stars",
        "Family Star progress",
        STAR_COLUMNS,
        rows,
        basis,
        tuple(notes),
        disclosure=_MOVED_OVERALL,
    )


def matrix_table(
    counts: Sequence[SpanCount],
    stages: Sequence[Stage],
    basis: Basis,
    *,
    title: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return the families of one domain by start and end stage; long, laid out as a matrix.

    `share` is of all families with both readings in the domain.
    """
    cells: dict[tuple[int, int], int] = {}
    for count in counts:
        key = count.start, count.end
        cells[key] = cells.get(key, 0) + count.families
    n = sum(cells.values())
    moves = count_moves(counts, len(stages) - 1)
    domain = counts[0].domain if counts else ""
    rows = tuple(
        {
            "domain": domain,
            "start_stage": start.stage_id,
            "start_name": start.name,
            "end_stage": end.stage_id,
            "families": cells.get((i, j), 0),
            "of": n,
            "share": share(cells.get((i, j), 0), n),
            **_totals_of(moves, i, j, len(stages) - 1),
            **_lacking(basis, n),
        }
        for i, start in enumerate(stages)
        for j, end in enumerate(stages)
    )
    columns = (
        Column("start_stage", "start", "id"),
        Column("start_name", "start", detail=True),
        Column("end_stage", "end", "id"),
        Column("families", "families", "count"),
        Column("of", "of", "count"),
        Column("share", "share", "share"),
    )
    labels = {stage.stage_id: stage.name for stage in stages}
    pivot = Pivot("start_name", "start ↓ end →", "end_stage", "families", "", labels, "share")
    said = [_moves_line(moves), *notes] if n else list(notes)
    told = Disclosure(
        (Measure("families", ("of",), "share"), Measure("lacking"), Measure("counted")),
        sums=(
            Sum("of", ("families",), ()),
            Sum("counted", ("of", "lacking"), ()),
            *(Sum(key, ("families",), ("moved",)) for key in _COUNTS[1:4]),
            Sum("at_highest", ("families",), None),
        ),
        shared={**_MOVED.shared, **dict.fromkeys(("of", *_COUNTS), ("domain",))},
        names=_COUNTED | {"of": "star n"} | {key: f"star {key}" for key in _COUNTS},
        unprinted=tuple(_COUNTED),
    )
    return Table("star-matrix", title, columns, rows, basis, tuple(said), pivot, disclosure=told)


def _totals_of(moves: Moves, start: int, end: int, highest: int) -> dict[str, object]:
    """Return what of the domain's row a cell of its matrix is part of; no columns."""
    moved = _COUNTS[1 + (end < start) + 2 * (end == start)]
    total = {"n_higher": moves.higher, "n_lower": moves.lower, "n_same": moves.same}[moved]
    at_highest = {"at_highest": moves.at_highest} if start == end == highest else {}
    return {"moved": moved, moved: total, **at_highest}


def _moves_line(moves: Moves) -> str:
    return (
        f"of {moves.n} families with both readings {moves.higher} ended higher, {moves.lower} lower"
        f" and {moves.same} at the same stage, {moves.at_highest} of them at the highest"
    )


# --- by group --------------------------------------------------------------------------------


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
            | _lacking(basis, sum(own.n for own in moves.values()))
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
    return Table(
        "stars", title, columns, tuple(rows), basis, tuple(notes), pivot, disclosure=_MOVED
    )


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


def find_extremes(moves: Mapping[str, Moves]) -> dict[str, str]:
    """Return group to "most" or "least"; nothing where all are alike or fewer than two count."""
    shares = {
        group: own.progress
        for group, own in moves.items()
        if own.progress is not None and own.could_progress >= SMALL_GROUP and group != NO_GROUP
    }
    if len(set(shares.values())) < 2:
        return {}
    # Quotients of whole numbers that are equal are the same float.
    ends = {max(shares.values()): "most", min(shares.values()): "least"}
    return {group: ends[own] for group, own in shares.items() if own in ends}


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
                    **_lacking(basis, sum(count.families for count in counts)),
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
        names={"counted": _COUNTED["counted"]},
        unprinted=tuple(_COUNTED),
    )
    return Table(
        "star-stages", title, columns, tuple(rows), basis, tuple(notes), pivot, disclosure=told
    )


def _cell(count: SpanCount) -> tuple[str, str]:
    return count.domain, count.group


def _groups(counts: Iterable[SpanCount]) -> list[str]:
    return sorted({count.group for count in counts}, key=lambda name: (name == NO_GROUP, name))


def _by(counts: Iterable[SpanCount], key: str) -> dict[str, list[SpanCount]]:
    found: dict[str, list[SpanCount]] = {}
    for count in counts:
        found.setdefault(getattr(count, key), []).append(count)
    return found


# --- who counts ------------------------------------------------------------------------------


def flow_table(families: int, steps: Sequence[FlowStep], notes: Sequence[str] = ()) -> Table:
    """Return how the families that count come about: in, out with reasons, left.

    Parameters
    ----------
    families : int
        Families in the project.
    """
    rows: list[dict[str, object]]
    rows = [{"step": "families in the project", "out": None, "left": families, "at": 0}]
    left = families
    for number, step in enumerate(steps, start=1):
        # What was left before is no column: it says for publishing what adds up.
        before = {"before": left, "before_at": number - 1}
        left -= step.out
        rows.append({"step": step.reason, "out": step.out, "left": left, "at": number, **before})
    rows.append({"step": "counted", "out": None, "left": left, "at": len(steps), "counted": left})
    columns = (
        Column("step", "families"),
        Column("out", "out", "count"),
        Column("left", "left", "count"),
    )
    rule = "each family goes out at the first reason that holds"
    told = Disclosure(
        (Measure("out"), Measure("left"), Measure("before"), Measure("counted")),
        sums=(Sum("before", ("out", "left")), Sum("counted", ("left",))),
        shared={"left": ("at",), "before": ("before_at",), "counted": ()},
        names={
            "left": "families left",
            "before": "families left",
            "counted": _COUNTED["counted"],
        },
        unprinted=("counted",),
    )
    basis = Basis(rule=rule)
    return Table(
        "star-flow", "Who counts", columns, tuple(rows), basis, tuple(notes), disclosure=told
    )
