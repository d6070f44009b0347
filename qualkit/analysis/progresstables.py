"""Tables of progress: the matrix, shares by group of families, centres, stability."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from qualkit.analysis.basis import share
from qualkit.analysis.grouping import GROUPS
from qualkit.analysis.linkage import NO_GROUP
from qualkit.analysis.progress import LABELS, Progress, Stability
from qualkit.analysis.statistics import SMALL_GROUP
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis, Column, Disclosure, Measure, Pivot, Sum, Table

_TOTAL, _OVERALL = "total", "overall"
LEAST_FOR_MEANS = 20
"""Mean readings of smaller groups are not published."""


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
