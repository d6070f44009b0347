"""What groups by need are like: how many, their needs, their level, and beside other groups."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.basis import share
from qualkit.analysis.clusteringgrid import Stability
from qualkit.analysis.statistics import adjusted_residuals
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis, Column, Disclosure, Measure, Pivot, Sum, Table

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

MORE, LESS = "more", "less"
SIGNS = {MORE: "▲", LESS: "▼"}
LEAST_RESIDUAL = 3.0
LEAST_DIFFERENCE = 0.1
"""A need sets a group apart with this residual, and this far from the share of all families."""
SMALL_GROUP = 20
"""Of fewer families a share is uncertain by 20 points and more either way."""
UNSTABLE = 0.6
"""Groups that resamples keep less of are no finding (Hennig 2007)."""
ALL = "all"
"""The row of all groups together."""
SIZE_OF_GROUP = "families of the group"
MOST_NAMED = 6
_HALF = 0.5
LEVEL_NOTES = (
    "groups are named by size, 1 the largest; level: the mean number of needs is more than half"
    " a standard deviation of all families below (low) or above (high) the mean of all",
    f"more and less often: the needs that set a group apart most, at most {MOST_NAMED};"
    " all are in the profile",
    "certain: mean chance of a family to be of its group; kept: what a group has in common"
    " with the one most like it in resamples (Jaccard)",
)


@dataclass(frozen=True, slots=True)
class GroupedNeeds:
    """Families in groups, and their answers.

    Attributes
    ----------
    groups : ndarray of int, shape (n_families,)
        From 0, the largest group first; -1 for a family in none.
    certain : ndarray, shape (n_families,)
        How likely each is to be of its group.
    answers : ndarray, shape (n_families, n_needs)
        1, 0 or -1 for not known.
    names : sequence of str
        What needs are called.
    n_groups : int
    """

    groups: Array
    certain: Array
    answers: Array
    names: Sequence[str]
    n_groups: int

    @property
    def sizes(self) -> list[int]:
        """Families of each group."""
        import numpy

        counts = numpy.bincount(self.groups[self.groups >= 0], minlength=self.n_groups)
        return [int(count) for count in counts]

    def needs(self) -> Array:
        """Return each family's number of needs; where some are not known, as of the known ones."""
        import numpy

        known = (self.answers >= 0).sum(axis=1)
        yes = (self.answers == 1).sum(axis=1)
        share_of_known = numpy.where(known > 0, yes / numpy.maximum(known, 1), 0)
        return numpy.asarray(share_of_known * self.answers.shape[1])


def group_name(group: int) -> str:
    """Return the name of a group: 1 for the largest."""
    return str(group + 1)


def profile_table(grouped: GroupedNeeds, basis: Basis, *, notes: Sequence[str] = ()) -> Table:
    """Return the share of families with each need, by group and overall.

    Returns
    -------
    Table
        Long: need by group with `yes`, `answered`, `share`, `overall_share`, the adjusted
        `residual` (Haberman 1973) and `sets_apart`: more, less or nothing. Needs that most
        families have first.
    """
    counts = _counts(grouped)
    order = sorted(
        range(len(grouped.names)),
        key=lambda at: (-(share(*counts[at][-1]) or 0), grouped.names[at].casefold()),
    )
    sizes, rows = grouped.sizes, []
    for at in order:
        yes, answered = counts[at][-1]
        overall = share(yes, answered)
        residuals = _residuals(counts[at][:-1])
        for group, (own, known) in enumerate([counts[at][-1], *counts[at][:-1]], start=-1):
            residual = residuals[group] if group >= 0 else None
            part = share(own, known)
            rows.append(
                {
                    "need": grouped.names[at],
                    "group": group_name(group) if group >= 0 else ALL,
                    "yes": own,
                    "answered": known,
                    "size": sizes[group] if group >= 0 else sum(sizes),
                    "share": part,
                    "overall_share": overall,
                    "residual": residual,
                    "sets_apart": sets_apart(residual, part, overall),
                }
            )
    heads = {group_name(group): group_name(group) for group in range(grouped.n_groups)}
    said = [
        *notes,
        f"▲ ▼ set a group apart: adjusted residual of {LEAST_RESIDUAL:g} or more either way and"
        f" {LEAST_DIFFERENCE * 100:g} points or more from the share overall",
        "the groups were made from these needs, so residuals describe them and test nothing",
    ]
    return Table(
        "cluster-profile",
        "Needs of the groups",
        PROFILE_COLUMNS,
        tuple(rows),
        basis,
        tuple(said),
        Pivot("need", "need", "group", "share", "", heads, "share", "sets_apart", SIGNS),
        disclosure=_profile_disclosure(
            complete=all(r["answered"] == r["size"] for r in rows), said=tuple(said[-2:])
        ),
    )


PROFILE_COLUMNS = (
    Column("need", "need"),
    Column("group", "group"),
    Column("yes", "families with it", "count"),
    Column("answered", "of", "count"),
    Column("share", "share", "share"),
    Column("overall_share", "overall", "share"),
    Column("residual", "adjusted residual", "score"),
    Column("sets_apart", "sets apart"),
)


def _profile_disclosure(*, complete: bool, said: tuple[str, ...]) -> Disclosure:
    """Return what the profile tells of; the sizes of groups stand in other tables too."""
    from qualkit.analysis.clusteringshown import profile_anew

    names = {"size": SIZE_OF_GROUP} | ({"answered": SIZE_OF_GROUP} if complete else {})
    return Disclosure(
        measures=(
            # Residuals and signs are worked out anew, from what is shown.
            Measure("yes", ("answered",), "share"),
            Measure("answered"),
            Measure("size"),
        ),
        sums=(
            Sum("yes", ("yes",), ("need",), {"group": ALL}),
            Sum("answered", ("answered",), ("need",), {"group": ALL}),
        ),
        at_most=() if complete else (("answered", "size"),),
        shared=dict.fromkeys(names, ("group",)),
        names=names,
        # The share overall stands in a row of its own, and goes with it.
        private=("overall_share",),
        free=("residual",),
        anew=profile_anew,
        said_anew="",
        said=said,
    )


def _counts(grouped: GroupedNeeds) -> list[list[tuple[int, int]]]:
    """Return for each need (yes, answered) of each group, and last of all."""
    import numpy

    member = (grouped.groups[:, None] == numpy.arange(grouped.n_groups)).astype(float)
    yes = (member.T @ (grouped.answers == 1)).round().astype(int)
    known = (member.T @ (grouped.answers >= 0)).round().astype(int)
    found = []
    for at in range(grouped.answers.shape[1]):
        own = list(zip(yes[:, at].tolist(), known[:, at].tolist(), strict=True))
        found.append([*own, (sum(y for y, _ in own), sum(n for _, n in own))])
    return found


def _residuals(counts: Sequence[tuple[int, int]]) -> list[float | None]:
    return adjusted_residuals([yes for yes, _ in counts], [known for _, known in counts])


def sets_apart(residual: float | None, own: float | None, overall: float | None) -> str:
    """Return more, less, or nothing where a need does not tell a group from the others.

    >>> sets_apart(3.2, 0.61, 0.40), sets_apart(9.0, 0.45, 0.40), sets_apart(None, 0.5, 0.5)
    ('more', '', '')
    """
    if residual is None or own is None or overall is None:
        return ""
    # A point from the limit is not lost by rounding.
    if abs(residual) < LEAST_RESIDUAL or abs(own - overall) < LEAST_DIFFERENCE - 1e-9:
        return ""
    return MORE if residual > 0 else LESS


def groups_table(
    grouped: GroupedNeeds,
    basis: Basis,
    *,
    stable: Stability | None = None,
    for_publishing: bool = False,
    notes: Sequence[str] = (),
) -> Table:
    """Return a row a group: size, level of need, what sets it apart, how sure it is.

    With `for_publishing` mean numbers of needs are whole, and none for small groups: with the
    exact mean and all needs but one, that one could be worked out. What sets a group apart
    then comes from the profile as it is published: see `clusteringshown`.

    Warns
    -----
    SmallSampleWarning
        A group has fewer than twenty families.
    """
    import numpy

    needs, counts, sizes = grouped.needs(), _counts(grouped), grouped.sizes
    inside = grouped.groups >= 0
    mean, spread = float(needs[inside].mean()), float(needs[inside].std())
    rows = []
    for group, size in enumerate(sizes):
        own = grouped.groups == group
        level = float(needs[own].mean()) if size else None
        said_level = level
        if for_publishing:
            said_level = None if level is None or size < SMALL_GROUP else float(round(level))
        more, less = _distinct_needs(grouped.names, counts, group)
        rows.append(
            {
                "group": group_name(group),
                "families": size,
                "denominator": int(inside.sum()),
                "share": share(size, int(inside.sum())),
                "mean_needs": said_level,
                "level": level_of_need(level, mean, spread),
                "certain": float(numpy.mean(grouped.certain[own])) if size else None,
                "kept": stable.kept[group] if stable else None,
                "more": more,
                "less": less,
            }
        )
    rows.append(
        {
            "group": ALL,
            "families": int(inside.sum()),
            "denominator": int(inside.sum()),
            "share": 1.0,
            "mean_needs": float(round(mean)) if for_publishing else mean,
            "level": "",
            "certain": float(numpy.mean(grouped.certain[inside])),
            "kept": None,
            "more": (),
            "less": (),
        }
    )
    said = [*notes, *_size_notes(sizes, stable), *LEVEL_NOTES]
    without = [row["group"] for row in rows[:-1] if not row["more"] and not row["less"]]
    if without and len(rows) > 2:
        said.append(f"no need sets apart: {', '.join(map(str, without))}")
    columns = GROUP_COLUMNS if for_publishing else (*GROUP_COLUMNS, *LIST_COLUMNS)
    return Table(
        "cluster-groups",
        "The groups",
        columns,
        tuple(rows),
        basis,
        tuple(said),
        disclosure=_GROUP_DISCLOSURE,
    )


GROUP_COLUMNS = (
    Column("group", "group"),
    Column("families", "families", "count"),
    Column("denominator", "of", "count", detail=True),
    Column("share", "share", "share", spare=3),
    Column("mean_needs", "mean needs", "score"),
    Column("level", "level"),
    Column("certain", "certain", "score", spare=2),
    Column("kept", "kept", "score", spare=1),
)
LIST_COLUMNS = (
    Column("more", "more often", "list"),
    Column("less", "less often", "list", spare=4),
)
_GROUP_DISCLOSURE = Disclosure(
    measures=(Measure("families", ("denominator",), "share", ("mean_needs", "certain", "kept")),),
    sums=(Sum("families", ("families",), (), {"group": ALL}),),
    shared={"families": ("group",), "denominator": ()},
    names={"families": SIZE_OF_GROUP},
    said=LEVEL_NOTES,
    # What sets a group apart tells of counts that the profile may leave out.
    private=("more", "less"),
)


def level_of_need(own: float | None, mean: float, spread: float) -> str:
    """Return low, mid or high: within half a standard deviation of all families is mid.

    >>> level_of_need(12.0, 15.0, 5.0), level_of_need(17.5, 15.0, 5.0)
    ('low', 'mid')
    """
    if own is None:
        return ""
    if abs(own - mean) <= _HALF * spread:
        return "mid"
    return "high" if own > mean else "low"


def _distinct_needs(
    names: Sequence[str], counts: Sequence[Sequence[tuple[int, int]]], group: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: dict[str, list[tuple[float, str]]] = {MORE: [], LESS: []}
    for name, own in zip(names, counts, strict=True):
        residual = _residuals(own[:-1])[group]
        which = sets_apart(residual, share(*own[group]), share(*own[-1]))
        if which and residual is not None:
            found[which].append((-abs(residual), name))
    return tuple(
        tuple(name for _, name in sorted(found[which])[:MOST_NAMED]) for which in (MORE, LESS)
    )  # type: ignore[return-value]


def small_note(sizes: Mapping[str, int]) -> list[str]:
    """Say which groups have too few families to say much; nothing where none has."""
    small = [group for group, size in sizes.items() if size < SMALL_GROUP]
    if not small:
        return []
    return [f"too few families to say much (under {SMALL_GROUP}): group {', '.join(small)}"]


def _size_notes(sizes: Sequence[int], stable: Stability | None) -> list[str]:
    said: list[str] = []
    for text in small_note({group_name(group): size for group, size in enumerate(sizes)}):
        warnings.warn(text, SmallSampleWarning, stacklevel=3)
        said.append(text)
    if stable:
        loose = [group_name(at) for at, kept in enumerate(stable.kept) if kept < UNSTABLE]
        if loose:
            said.append(
                f"not stable, resamples keep less than {UNSTABLE:g}: group {', '.join(loose)}"
            )
    return said
