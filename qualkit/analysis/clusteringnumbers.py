"""How many groups by need there are: criteria and stability of each number, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualkit.analysis.clusteringgrid import Fit, Stability
from qualkit.analysis.clusteringtables import UNSTABLE
from qualkit.model import Basis, Column, Disclosure, Table

CRITERION = (
    "the number of groups is that with the lowest hierarchical BIC, which charges each class by its"
    " own size, at least twenty families; BIC charges every class as if all families were in it,"
    " and finds fewer groups where families are few; stable: mean adjusted Rand index of resamples"
    " with the groups of all"
)


def numbers_table(
    fits: Sequence[Fit],
    sizes: Mapping[int, Sequence[int]],
    stable: Mapping[int, Stability | None],
    chosen: int,
    basis: Basis,
    *,
    asked: bool,
    notes: Sequence[str] = (),
) -> Table:
    """Return a row for each number of groups: criteria, stability, the smallest group.

    Parameters
    ----------
    asked : bool
        Whether the user named the number; else the lowest criterion chose it.
    """
    rows = []
    for fit in fits:
        own = stable.get(fit.n_groups)
        rows.append(
            {
                "groups": fit.n_groups,
                "bic": round(fit.bic),
                "hbic": round(fit.hbic),
                "stability": own.rand if own else None,
                "stability_low": own.rand_low if own else None,
                "smallest": min(sizes[fit.n_groups]),
                "chosen": ("asked for" if asked else "chosen") if fit.n_groups == chosen else "",
            }
        )
    said = [*notes, *_number_notes(fits, chosen, asked, stable)]
    computed = ("groups", "bic", "hbic", "stability", "stability_low")
    return Table(
        "cluster-numbers",
        "How many groups",
        NUMBER_COLUMNS,
        tuple(rows),
        basis,
        tuple(said),
        # The smallest group stands in the next table, where it is looked at.
        disclosure=Disclosure(free=computed, private=("smallest",)),
    )


def _number_notes(
    fits: Sequence[Fit], chosen: int, asked: bool, stable: Mapping[int, Stability | None]
) -> list[str]:
    said = []
    by_hbic = min(fits, key=lambda fit: (fit.hbic, fit.n_groups)).n_groups
    by_bic = min(fits, key=lambda fit: (fit.bic, fit.n_groups)).n_groups
    if asked and len(fits) > 1 and by_hbic != chosen:
        said.append(f"hierarchical BIC would choose {by_hbic}")
    if by_bic != chosen and len(fits) > 1:
        said.append(f"BIC would choose {by_bic}")
    if not asked and len(fits) > 1 and chosen == fits[-1].n_groups:
        said.append(
            f"{chosen} is the highest number tried, so there may be more groups:"
            f" --groups 1-{chosen * 2}"
        )
    own = stable.get(chosen)
    if own and own.rand < UNSTABLE:
        said.append(
            "these groups hang on which families happened to be there: resamples agree with them"
            f" to {own.rand:.2f} only (adjusted Rand index)"
        )
    if chosen == 1:
        said.append("one group only: by these criteria needs do not fall into groups")
    return said


NUMBER_COLUMNS = (
    Column("groups", "groups", "count"),
    Column("hbic", "hierarchical BIC", "count"),
    Column("bic", "BIC", "count"),
    Column("stability", "stable", "score"),
    Column("stability_low", "stable, 5th percentile", "score", spare=2),
    Column("smallest", "smallest group", "count", spare=1),
    Column("chosen", "number taken"),
)
