"""Family Star progress: from families by first and last reading to shares.

families by (domain, start, end) -> stages -> moves up, down, none -> shares; tables in
`starstables` and `starsgroups`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.analysis.basis import share
from qualkit.model import SpanCount, Stage

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
