"""Whether a top five is likely to stay as it is, and how many decisions it still needs.

units of ranking, code and case, and an order of deciding -> draws of what is right ->
chance that the table as shown is the final one, now and after so many decisions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.priorities import TOP, Material, Ranking, influence

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

REPLICATES = 200
LIKELY = 0.95
"""A top five that stays the same with this chance is said to be unlikely to change."""
_STEPS = 64
"""Into so many parts the decisions are cut in each round of the search."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is left to decide for one ranking.

    Attributes
    ----------
    kind, category : str
    open : int
        Codings of the ranking that nobody has decided on.
    stays : float
        Chance that the top five as it stands is the one when all is decided, 0 to 1.
    left : int
        Decisions on these codings, most influential first, until that chance is 0.95.
    queue : int
        The same when all kinds and categories are decided in one queue.
    """

    kind: str
    category: str
    open: int
    stays: float
    left: int
    queue: int


def outlooks(
    material: Material,
    weights: Mapping[int, float] | None = None,
    *,
    top: int = TOP,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Outlook]:
    """Return for each ranking over all cases whether its top five stays, and what is left.

    A parametric bootstrap (Efron and Tibshirani 1993, section 6.5): in each replicate every
    open coding is right with its chance, independently of the others; what is decided is
    fixed. A theme drops out of a case when none of its codings is right, and from the table
    as shown once the last of them is decided; until then it counts, as undecided codings do.
    After so many decisions a top five stays if the themes that the table shows (ranks 1 to 5,
    a tie at the cut whole) are those of the table when all is decided. Each replicate is
    drawn once, so that one number of decisions is compared with another on the same draws.

    The number left is the least after which the chance is 0.95. It is found by cutting the
    decisions into parts, and then the first part at whose end it is. The chance need not grow
    all the way: while only themes near the cut are decided, those lose their wrong codings and
    others keep theirs, so a table half decided may be farther from the final one.

    Parameters
    ----------
    weights : mapping of coding row to float, optional
        The order of deciding, highest first; `influence` if left out.
    replicates : int
        Memory does not grow with them. The standard error of a chance near 0.95 is
        sqrt(0.95 x 0.05 / replicates), 0.015 with 200.

    Returns
    -------
    list of Outlook
        By kind and category; where nothing is open it stays, and none are left.
    """
    import numpy

    if weights is None:
        weights = influence(material, top)
    order = numpy.argsort([-weights[row] for row in material.rows.tolist()], kind="stable")
    place = numpy.empty(len(order), dtype=numpy.int64)
    place[order] = numpy.arange(len(order))
    none = material.none_right()
    found = []
    for ranking in material.rankings:
        if ranking.domain:
            continue
        queue = numpy.sort(place[material.open_of[ranking.entries]])
        trial = _trial(material, ranking, place, queue, none, top)
        stays, left = trial.search(replicates, seed)
        reached = int(queue[left - 1]) + 1 if left else 0
        found.append(Outlook(ranking.kind, ranking.category, len(queue), stays, left, reached))
    return found


def _trial(
    material: Material, ranking: Ranking, place: Array, queue: Array, none: Array, top: int
) -> _Trial:
    import numpy

    # A unit is settled with the last of its open codings.
    units = material.unit_of[ranking.entries] - ranking.units.start
    settled = numpy.full(len(ranking.codes), -1)
    own = numpy.searchsorted(queue, place[material.open_of[ranking.entries]])
    numpy.maximum.at(settled, units, own)
    return _Trial(
        codes=ranking.codes,
        n_codes=len(ranking.code_keys),
        none=none[ranking.units],
        settled=settled,
        n_open=len(queue),
        top=top,
    )


@dataclass(frozen=True)
class _Trial:
    """Draws of what drops out of one ranking, and when.

    `none`: chance that each unit drops out; `settled`: which decision, from 0, settles it.
    """

    codes: Array
    n_codes: int
    none: Array
    settled: Array
    n_open: int
    top: int

    def search(self, replicates: int, seed: int) -> tuple[float, int]:
        """Return the chance to stay now, and the decisions left until it is 0.95."""
        first, last = 0, self.n_open
        chances = self.chances(edges := _edges(first, last), replicates, seed)
        stays = chances[0]
        while True:
            # At the last edge it does: all is decided, or it was found to.
            at = next(n for n, own in enumerate(chances) if own >= LIKELY)
            if at == 0 or edges[at] - edges[at - 1] <= 1:
                return stays, edges[at]
            edges = _edges(edges[at - 1], edges[at])
            chances = self.chances(edges, replicates, seed)

    def chances(self, edges: Sequence[int], replicates: int, seed: int) -> list[float]:
        """Return how often the table after so many decisions has the final top five."""
        import numpy

        rng = numpy.random.default_rng(seed)
        size = len(edges)
        full = numpy.bincount(self.codes, minlength=self.n_codes)
        # Which edge is the first at which the unit is settled; one more for later than all.
        since = numpy.searchsorted(edges, self.settled + 1)
        cells = self.codes * (size + 1) + since
        same = numpy.zeros(size, dtype=numpy.int64)
        for _ in range(replicates):
            gone = rng.random(len(self.none)) < self.none
            dropped = numpy.bincount(cells[gone], minlength=self.n_codes * (size + 1))
            by_edge = dropped.reshape(self.n_codes, size + 1).cumsum(axis=1)
            shown = full[:, None] - by_edge
            inside = self._inside(shown)
            same += (inside[:, :-1] == inside[:, -1:]).all(axis=0)
        return [float(own) / replicates for own in same]

    def _inside(self, counts: Array) -> Array:
        """Return which codes, in rows, are on the first ranks of each table, in columns."""
        import numpy

        if self.n_codes <= self.top:
            every: Array = counts > 0
            return every
        # Ranks are shared, so who has as many as the last place is in; who has none is not.
        cut = numpy.partition(counts, -self.top, axis=0)[-self.top]
        inside: Array = counts >= numpy.maximum(cut, 1)
        return inside


def _edges(first: int, last: int) -> list[int]:
    steps = min(_STEPS, last - first)
    return [first + (last - first) * n // max(1, steps) for n in range(steps + 1)]
