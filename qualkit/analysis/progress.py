"""Progress beyond one domain: start group by end group, who moved up, and how stable that is.

readings at start and end -> three groups each (see `grouping`) -> matrix, shares by group of
families, agreement under resampling -> tables
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.basis import share
from qualkit.analysis.grouping import (
    GROUPS,
    STARTS,
    Grouping,
    as_digits,
    assign_groups,
    group_readings,
    row_numbers,
)
from qualkit.analysis.linkage import NO_GROUP
from qualkit.analysis.statistics import SMALL_GROUP
from qualkit.errors import QualkitError, SmallSampleWarning
from qualkit.model import Basis, Column, Disclosure, Measure, Pivot, Sum, Table

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

LABELS = ("higher", "same", "lower")
"""What a family's progress is called: its end group lies above, level with or below its start."""
NOT_GROUPED = ""
RESAMPLES = 100
RESAMPLE_STARTS = 5
LEAST_FOR_MEANS = 20
"""Mean readings of smaller groups are not published."""
MOST_RESAMPLED = 2_000
"""Of more families than this, a sample is resampled."""
_TOTAL, _OVERALL = "total", "overall"

RULE = (
    "families grouped by k-means (k = 3) by their start readings, and again by their end readings;"
    " a missing reading counts for nothing; higher than average progress: the end group lies above"
    " the start group, lower: below it"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Start and end groups of families; -1 in both for a family that lacks either."""

    start: Grouping
    end: Grouping

    @property
    def labels(self) -> list[str]:
        """Each family's progress: higher, same, lower, or '' where it has no groups."""
        steps = self.end.groups.astype(int) - self.start.groups
        named = {1: LABELS[0], 2: LABELS[0], 0: LABELS[1], -1: LABELS[2], -2: LABELS[2]}
        return [
            named[step] if group >= 0 else NOT_GROUPED
            for step, group in zip(steps.tolist(), self.start.groups.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Stability:
    """How alike groups from resamples are to the groups of all families, each 0 to 1.

    Attributes
    ----------
    what : str
        start, end (the three groups) or progress (higher, same, lower).
    kept : tuple of float
        Mean and 5th percentile, over resamples, of the share of families in the same group.
    rand : tuple of float
        The same of the adjusted Rand index (1 alike, 0 as by chance).
    """

    what: str
    kept: tuple[float, float]
    rand: tuple[float, float]


def measure_progress(start: Array, end: Array, *, seed: int = 0, starts: int = STARTS) -> Progress:
    """Group families by start and, apart from that, by end readings (see `group_readings`).

    Parameters
    ----------
    start, end : ndarray, shape (n_families, n_domains)
        Readings 1 to 10; NaN where there is none. A family without any reading at one of
        the two has no group in either.
    """
    import numpy

    without = numpy.isnan(start).all(axis=1) | numpy.isnan(end).all(axis=1)
    both = numpy.asarray(~without)
    return Progress(
        _spread(group_readings(start[both], seed=seed, starts=starts), both),
        _spread(group_readings(end[both], seed=seed, starts=starts), both),
    )


def _spread(grouping: Grouping, among: Array) -> Grouping:
    import numpy

    groups = numpy.full(len(among), -1, dtype=numpy.int8)
    groups[among] = grouping.groups
    return Grouping(groups, grouping.centres)


def measure_stability(
    start: Array,
    end: Array,
    progress: Progress,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    starts: int = RESAMPLE_STARTS,
) -> list[Stability]:
    """Return how far groups hang on which families happened to be there.

    Families are drawn with replacement as often as there are, with all their readings; the
    draw is grouped as the whole was, and every family put to the nearest centre (bootstrap of
    cluster analyses, Dolnicar and Leisch 2010). Its groups are compared with those of all
    families by name, and by the adjusted Rand index (Hubert and Arabie 1985). Of more than
    2,000 families a sample stands for all: what it shows is less stable than the whole.

    Returns
    -------
    list of Stability
        Of start groups, end groups and progress. A draw with fewer than three different
        families is left out.
    """
    import numpy

    generator = numpy.random.default_rng(seed)
    grouped = numpy.flatnonzero(progress.start.groups >= 0)
    digits = [as_digits(start[grouped]), as_digits(end[grouped])]
    # In the order of readings, so that the draws do not hang on the order of families.
    order = numpy.lexsort([row_numbers(part) for part in digits])
    if len(order) > MOST_RESAMPLED:
        order = order[numpy.sort(generator.choice(len(order), MOST_RESAMPLED, replace=False))]
    rows = grouped[order]
    whole = [part.groups[rows].astype(int) for part in (progress.start, progress.end)]
    found: dict[str, list[tuple[float, float]]] = {"start": [], "end": [], "progress": []}
    for _ in range(resamples):
        drawn = rows[generator.integers(len(rows), size=len(rows))]
        anew = []
        try:
            for part, own in ((start, digits[0]), (end, digits[1])):
                centres = group_readings(part[drawn], seed=seed, starts=starts).centres
                anew.append(assign_groups(own[order], centres).astype(int))
        except QualkitError:
            continue
        pairs = {
            "start": (whole[0], anew[0]),
            "end": (whole[1], anew[1]),
            "progress": (numpy.sign(whole[1] - whole[0]), numpy.sign(anew[1] - anew[0])),
        }
        for what, (one, other) in pairs.items():
            found[what].append((float((one == other).mean()), adjusted_rand(one, other)))
    return [_summary(what, values) for what, values in found.items() if values]


def _summary(what: str, values: Sequence[tuple[float, float]]) -> Stability:
    import numpy

    kept, rand = numpy.array(values).T
    return Stability(
        what,
        (float(kept.mean()), float(numpy.percentile(kept, 5))),
        (float(rand.mean()), float(numpy.percentile(rand, 5))),
    )


def adjusted_rand(one: Array, other: Array) -> float:
    """Return the adjusted Rand index of two partitions (Hubert and Arabie 1985, equation 5).

    1 where both put all into one group or each into its own; undefined cases are 1 too.
    """
    pairs = Counter(zip(one.tolist(), other.tolist(), strict=True))
    together = sum(n * (n - 1) / 2 for n in pairs.values())
    first = sum(n * (n - 1) / 2 for n in Counter(one.tolist()).values())
    second = sum(n * (n - 1) / 2 for n in Counter(other.tolist()).values())
    everything = len(one) * (len(one) - 1) / 2
    expected = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


# --- tables -------------------------------------------------------------------


def matrix_table(progress: Progress, basis: Basis, *, notes: Sequence[str] = ()) -> Table:
    """Return the three by three matrix with its totals, as shares of all grouped families."""
    pairs = Counter(
        (start, end)
        for start, end in zip(
            progress.start.groups.tolist(), progress.end.groups.tolist(), strict=True
        )
        if start >= 0
    )
    everybody = sum(pairs.values())
    labels = Counter[str]()
    for (start, end), n in pairs.items():
        labels[_label(start, end)] += n
    rows = []
    for start in (*range(3), None):
        for end in (*range(3), None):
            families = sum(
                n for (a, b), n in pairs.items() if start in (a, None) and end in (b, None)
            )
            rows.append(
                {
                    "start": _TOTAL if start is None else GROUPS[start],
                    "end": _TOTAL if end is None else GROUPS[end],
                    "progress": _label(start, end),
                    "families": families,
                    "denominator": everybody,
                    "share": share(families, everybody),
                    **({"of_label": labels[own]} if (own := _label(start, end)) else {}),
                    **_size(start, end, families),
                }
            )
    ends = {name: f"end {name}" for name in GROUPS} | {_TOTAL: _TOTAL}
    pivot = Pivot("start", "start readings", "end", "share", "", ends)
    title = "Families by start and end readings"
    return Table(
        "progress-matrix",
        title,
        MATRIX_COLUMNS,
        tuple(rows),
        basis,
        tuple(notes),
        pivot,
        disclosure=_MATRIX_DISCLOSURE,
    )


_ON_PAGE = {
    "of_label": "families by progress",
    "everybody": "families grouped",
    "size": "families of a group",
}
_MATRIX_DISCLOSURE = Disclosure(
    measures=(Measure("families", ("denominator",), "share"),),
    sums=(
        Sum("families", ("families",), ("start",), {"end": _TOTAL}),
        Sum("families", ("families",), ("end",), {"start": _TOTAL}),
        # Those with higher progress, on the same page.
        Sum("of_label", ("families",), ("progress",)),
        Sum("size", ("families",), None),
    ),
    shared={"denominator": (), "of_label": ("progress",), "size": ("size_of",)},
    names=_ON_PAGE | {"denominator": _ON_PAGE["everybody"]},
)


def _size(start: int | None, end: int | None, families: int) -> dict[str, object]:
    """Return what a total says of how large a group is; no columns."""
    if (start is None) == (end is None):
        return {}
    group = end if start is None else start
    when = "end" if start is None else "start"
    return {"size": families, "size_of": f"{when} {GROUPS[group or 0]}"}


def _label(start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return ""
    return LABELS[1 - (end > start) + (end < start)]


MATRIX_COLUMNS = (
    Column("start", "start"),
    Column("end", "end"),
    Column("progress", "progress", detail=True),
    Column("families", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
)


def shares_table(
    labels: Sequence[str],
    groups: Sequence[str] | None,
    basis: Basis,
    *,
    by: str = "",
    notes: Sequence[str] = (),
) -> Table:
    """Return the shares with higher, same and lower progress, overall and by group.

    Parameters
    ----------
    labels : sequence of str
        As `Progress.labels` gives them.
    groups : sequence of str, optional
        Each family's group, '' where it has none; None for overall only.

    Warns
    -----
    SmallSampleWarning
        A group has fewer than five families.
    """
    pairs = Counter(
        (group or NO_GROUP, label)
        for group, label in zip(groups or [""] * len(labels), labels, strict=True)
        if label
    )
    whole = {label: sum(n for (_, own), n in pairs.items() if own == label) for label in LABELS}
    everybody = sum(whole.values())
    sizes = Counter({"": everybody})
    if groups is not None:
        for (group, _), n in pairs.items():
            sizes[group] += n
    rows = [
        {
            "group": group or _OVERALL,
            "progress": label,
            "families": (count := pairs[group, label] if group else whole[label]),
            "denominator": sizes[group],
            "share": share(count, sizes[group]),
            **({} if group else {"of_label": count, "everybody": everybody}),
        }
        for group in sorted(sizes, key=lambda name: (name != "", name == NO_GROUP, name))
        for label in LABELS
    ]
    said = list(notes)
    if groups is not None:
        named = ", ".join(f"{group}: {sizes[group]}" for group in sorted(sizes) if group)
        said.append(f"families by {by}: {named}")
        small = sorted(name for name, n in sizes.items() if n < SMALL_GROUP and name)
        if small:
            text = f"too few families to say much (under {SMALL_GROUP}): {', '.join(small)}"
            warnings.warn(text, SmallSampleWarning, stacklevel=2)
            said.append(text)
    heads = {label: f"{label} than average" if label != "same" else "same" for label in LABELS}
    return Table(
        "progress",
        f"Progress by {by}" if by else "Progress",
        SHARE_COLUMNS,
        tuple(rows),
        basis,
        tuple(said),
        Pivot("group", by or "families", "progress", "share", "", heads),
        disclosure=_SHARES_DISCLOSURE,
    )


SHARE_COLUMNS = (
    Column("group", "group"),
    Column("progress", "progress"),
    Column("families", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
)
_SHARES_DISCLOSURE = Disclosure(
    measures=(
        Measure("families", ("denominator",), "share"),
        Measure("denominator"),
        # The matrix on the same page adds up to these.
        Measure("of_label"),
        Measure("everybody"),
    ),
    sums=(
        Sum("families", ("families",), ("progress",), {"group": _OVERALL}),
        Sum("denominator", ("families",), ("group",)),
        Sum("of_label", ("families",), None),
        Sum("everybody", ("denominator",), None),
    ),
    shared={"denominator": ("group",), "of_label": ("progress",), "everybody": ()},
    names=_ON_PAGE,
)


def centres_table(
    progress: Progress, domains: Sequence[str], names: Mapping[str, str], basis: Basis
) -> Table:
    """Return the mean reading of each group in each domain: what lower and higher stand for.

    Parameters
    ----------
    domains : sequence of str
        What the columns of the readings stand for.
    names : mapping
        Domain id to name, in the order to show.
    """
    rows = []
    for domain, name in names.items():
        column = list(domains).index(domain)
        row: dict[str, object] = {"domain": domain, "name": name}
        for when, part in (("start", progress.start), ("end", progress.end)):
            for group, value in zip(GROUPS, part.centres[:, column].tolist(), strict=True):
                row[f"{when}_{group}"] = None if value != value else value
            for number, name_of in enumerate(GROUPS):
                row[f"size_{when}_{name_of}"] = int((part.groups == number).sum())
                row[f"size_of_{when}_{name_of}"] = f"{when} {name_of}"
        rows.append(row)
    notes = [
        f"the groups by {when} readings are no plain levels: in these domains their means are"
        f" not in order: {', '.join(crossed)}"
        for when in ("start", "end")
        if (crossed := list(_crossed(rows, when)))
    ]
    sizes = [
        (part.groups == group).sum()
        for part in (progress.start, progress.end)
        for group in range(3)
    ]
    means = tuple(column.key for column in CENTRE_COLUMNS if column.form == "score")
    return Table(
        "progress-groups",
        "Mean readings of the groups",
        CENTRE_COLUMNS,
        tuple(rows),
        basis,
        tuple(notes),
        # The mean of a handful is nearly the reading of each.
        disclosure=_means_disclosure(means)
        if min(sizes) >= LEAST_FOR_MEANS
        else Disclosure(private=means),
    )


def _means_disclosure(means: Sequence[str]) -> Disclosure:
    """Return what means tell: of how many they are, where that is left out in the matrix."""
    return Disclosure(
        measures=tuple(Measure(f"size_{mean}", derived=(mean,)) for mean in means),
        shared={f"size_{mean}": (f"size_of_{mean}",) for mean in means},
        names={f"size_{mean}": _ON_PAGE["size"] for mean in means},
        coarse=tuple(means),
    )


def _crossed(rows: Sequence[Mapping[str, object]], when: str) -> Iterator[str]:
    for row in rows:
        means = [row[f"{when}_{group}"] for group in GROUPS]
        if None not in means and means != sorted(means, key=lambda mean: float(str(mean))):
            yield str(row["name"])


CENTRE_COLUMNS = (
    Column("domain", "domain", "id", detail=True),
    Column("name", "domain"),
    *(
        Column(f"{when}_{group}", f"{when} {group}", "score")
        for when in ("start", "end")
        for group in GROUPS
    ),
)


def stability_table(found: Sequence[Stability], resamples: int, basis: Basis) -> Table:
    """Return how many families keep their group when families are drawn anew."""
    whats = {"start": "start groups", "end": "end groups", "progress": "higher, same, lower"}
    rows = tuple(
        {
            "what": each.what,
            "name": whats[each.what],
            "kept": each.kept[0],
            "kept_5th": each.kept[1],
            "rand": each.rand[0],
            "rand_5th": each.rand[1],
        }
        for each in found
    )
    notes = (
        f"{resamples} bootstrap resamples of families, each grouped anew; the second figure is"
        " undercut by one resample in twenty",
    )
    title = "How stable the groups are"
    return Table(
        "progress-stability",
        title,
        STABILITY_COLUMNS,
        rows,
        basis,
        notes,
        disclosure=Disclosure(harmless=True),
    )


STABILITY_COLUMNS = (
    Column("what", "what", detail=True),
    Column("name", "grouping"),
    Column("kept", "families in the same group", "share"),
    Column("kept_5th", "5th percentile", "share"),
    Column("rand", "adjusted Rand", "score"),
    Column("rand_5th", "5th percentile", "score"),
)
