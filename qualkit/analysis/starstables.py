"""Tables of Family Star progress: by domain, the matrix of one, and who counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qualkit.analysis.basis import share
from qualkit.analysis.stars import Moves, count_moves
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


COUNTED = {"lacking": "families lacking readings", "counted": "families that count"}


MOVED = Disclosure(
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
    names=COUNTED,
    unprinted=tuple(COUNTED),
    at_most=(("at_highest", "n_same"), ("n_higher", "progress_of")),
    private=("extreme",),
)


_COUNTS = ("n", "n_higher", "n_lower", "n_same", "at_highest")


# On a page these are totals of the domain's matrix.
MOVED_OVERALL = replace(
    MOVED,
    shared={**MOVED.shared, **dict.fromkeys(_COUNTS, ("domain",))},
    names=COUNTED | {key: f"star {key}" for key in _COUNTS},
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


def lacking_cells(basis: Basis, n: int) -> dict[str, int]:
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
        | lacking_cells(basis, moves.n)
        for domain, name in names.items()
    )
    return Table(
        "stars",
        "Family Star progress",
        STAR_COLUMNS,
        rows,
        basis,
        tuple(notes),
        disclosure=MOVED_OVERALL,
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
            **lacking_cells(basis, n),
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
        shared={**MOVED.shared, **dict.fromkeys(("of", *_COUNTS), ("domain",))},
        names=COUNTED | {"of": "star n"} | {key: f"star {key}" for key in _COUNTS},
        unprinted=tuple(COUNTED),
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


def _by(counts: Iterable[SpanCount], key: str) -> dict[str, list[SpanCount]]:
    found: dict[str, list[SpanCount]] = {}
    for count in counts:
        found.setdefault(getattr(count, key), []).append(count)
    return found


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
            "counted": COUNTED["counted"],
        },
        unprinted=("counted",),
    )
    basis = Basis(rule=rule)
    return Table(
        "star-flow", "Who counts", columns, tuple(rows), basis, tuple(notes), disclosure=told
    )
