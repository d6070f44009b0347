"""Which decisions could change a top five, and how many are left until none is likely to.

codings that count -> pairs of case and code -> rankings by kind, category and domain
-> weight of each open coding; chance that a ranking stays as it is

A theme counts once per case, so a second coding of the same code in a case matters only if
the first is rejected. Scores are taken as the chances that a person would accept; those of
rules alone are not calibrated, so what comes out is a guide to where to look, not a promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import CountedCoding

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

TOP = 5
REPLICATES = 100
LIKELY = 0.95
"""A top five that stays the same with this chance is said to be unlikely to change."""
_SURELY = 0.99
_HARDLY = 0.01
_DEFAULT = 0.5
"""Chance where a coding has no score."""


@dataclass(frozen=True)
class Ranking:
    """One ranking: of a kind's cases, a category's codes, in a domain or over all.

    Attributes
    ----------
    kind, category, domain : str
        Domain is empty over all cases.
    codes : array of int, shape (n_pairs,)
        For each of its pairs of case and code, which of its codes.
    pairs : array of int, shape (n_pairs,)
        Which pairs of `Material` these are.
    n_codes : int
    """

    kind: str
    category: str
    domain: str
    codes: Array
    pairs: Array
    n_codes: int


class Material:
    """Codings that count, laid out as arrays.

    Parameters
    ----------
    codings : iterable of CountedCoding
    domains : mapping of case row to its relevant domains
        For rankings by domain; none if left out.

    Attributes
    ----------
    rows : array of int, shape (n_open,)
        The open codings.
    chance : array, shape (n_open,)
        That each would be accepted, 0.01 to 0.99.
    pair_of : array of int, shape (n_open,)
        The pair of case and code of each.
    sure : array of bool, shape (n_pairs,)
        Pairs of which a coding is accepted, or a person's own.
    rankings : list of Ranking
    """

    def __init__(
        self,
        codings: Iterable[CountedCoding],
        domains: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        import numpy

        number: dict[tuple[int, int], int] = {}
        members: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        rows: list[int] = []
        chance: list[float] = []
        pair_of: list[int] = []
        sure: list[bool] = []
        for coding, case, kind, category, code, is_open, score in codings:
            pair = number.setdefault((case, code), len(number))
            if pair == len(sure):
                sure.append(False)
                for domain in ("", *(domains or {}).get(case, ())):
                    members.setdefault((kind, category, domain), []).append((pair, code))
            if is_open:
                rows.append(coding)
                chance.append(_DEFAULT if score is None else score)
                pair_of.append(pair)
            else:
                sure[pair] = True
        self.rows = numpy.array(rows, dtype=numpy.int64)
        self.chance = numpy.clip(numpy.array(chance, dtype=float), _HARDLY, _SURELY)
        self.pair_of = numpy.array(pair_of, dtype=numpy.int64)
        self.sure = numpy.array(sure, dtype=bool)
        self.rankings = [_ranking(key, own) for key, own in sorted(members.items())]

    def none_right(self) -> Array:
        """Return the chance that no open coding of each pair is right."""
        import numpy

        logs = numpy.bincount(
            self.pair_of, weights=numpy.log1p(-self.chance), minlength=len(self.sure)
        )
        return numpy.exp(logs)


def _ranking(key: tuple[str, str, str], members: Sequence[tuple[int, int]]) -> Ranking:
    import numpy

    pairs = numpy.array([pair for pair, _ in members], dtype=numpy.int64)
    codes, index = numpy.unique([code for _, code in members], return_inverse=True)
    return Ranking(*key, index.reshape(-1), pairs, len(codes))


def influence(material: Material, top: int = TOP) -> dict[int, float]:
    """Return how much deciding each open coding could change who is in a top five.

    A decision moves the chance that its theme counts for the case by
    2 p (1 - p) q on average, where p is the coding's chance and q that no other open
    coding of the pair is right (0 where the pair is sure). A theme's expected count is
    compared with the count at the other side of the cut: with the difference taken as
    normal, with the variance of both sums of Bernoulli counts, one case more changes the
    chance to be in the top by the normal density of the difference over its standard
    deviation. The weight is the product, summed over the rankings that the case is in.

    Returns
    -------
    dict of coding row to float
        At least 0; comparable only with one another.
    """
    import numpy

    none = numpy.where(material.sure, 0.0, material.none_right())
    counts_chance = 1 - none
    slope = numpy.zeros(len(material.sure))
    for ranking in material.rankings:
        own = counts_chance[ranking.pairs]
        expected = numpy.bincount(ranking.codes, weights=own, minlength=ranking.n_codes)
        variance = numpy.bincount(ranking.codes, weights=own * (1 - own), minlength=ranking.n_codes)
        slope[ranking.pairs] += _slopes(expected, variance, top)[ranking.codes]
    p = material.chance
    others = none[material.pair_of] / (1 - p)
    weights = 2 * p * (1 - p) * others * slope[material.pair_of]
    return dict(zip(material.rows.tolist(), weights.tolist(), strict=True))


def _slopes(expected: Array, variance: Array, top: int) -> Array:
    """Return for each code how much one case more changes its chance to be in the top."""
    import numpy

    if len(expected) <= top:
        # Everybody is in it, whatever is decided.
        return numpy.zeros(len(expected))
    order = numpy.argsort(-expected, kind="stable")
    inside = numpy.zeros(len(expected), dtype=bool)
    inside[order[:top]] = True
    rival = numpy.where(inside, order[top], order[top - 1])
    spread = numpy.sqrt(variance + variance[rival])
    with numpy.errstate(divide="ignore", invalid="ignore"):
        z = (expected - expected[rival]) / spread
        density = numpy.exp(-z * z / 2) / numpy.sqrt(2 * numpy.pi) / spread
    return numpy.where(spread > 0, density, 0.0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is left to decide for one ranking.

    Attributes
    ----------
    kind, category, domain : str
    open : int
        Codings that nobody has decided on.
    stays : float
        Chance that the top five as it stands is the one when all is decided, 0 to 1.
    left : int
        Decisions, most influential first, until that chance is 0.95.
    """

    kind: str
    category: str
    domain: str
    open: int
    stays: float
    left: int


def outlooks(
    material: Material, *, top: int = TOP, replicates: int = REPLICATES, seed: int = 0
) -> list[Outlook]:
    """Return for each ranking whether its top five is likely to stay, and what is left to do.

    By simulation: every open coding is right with its chance, independently. The table
    after so many decisions counts those that were decided by what they are, the others as
    they are counted now, and is compared with the table when all is decided: the same
    themes on the first five ranks, ties included. How many decisions are needed is
    found by halving, since more of them bring the tables nearer to one another.

    Parameters
    ----------
    replicates : int
        Draws; the same ones for every number of decisions.
    """
    import numpy

    weights = influence(material, top)
    found = []
    for ranking in material.rankings:
        inside = numpy.full(len(material.sure), -1)
        inside[ranking.pairs] = numpy.arange(len(ranking.pairs))
        own = inside[material.pair_of] if len(material.pair_of) else material.pair_of
        open_ = numpy.flatnonzero(own >= 0)
        order = numpy.argsort(
            [-weights[row] for row in material.rows[open_].tolist()], kind="stable"
        )
        trial = _Trial(
            ranking,
            material.sure[ranking.pairs],
            own[open_][order],
            material.chance[open_][order],
            top,
            replicates,
            seed,
        )
        stays = trial.agreeing(0)
        left = 0 if stays >= LIKELY else _least(trial, len(open_))
        found.append(
            Outlook(ranking.kind, ranking.category, ranking.domain, len(open_), stays, left)
        )
    return found


def _least(trial: _Trial, most: int) -> int:
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if trial.agreeing(middle) >= LIKELY:
            high = middle
        else:
            low = middle
    return high


class _Trial:
    """Draws of what is right, for one ranking; codings in the order of deciding."""

    def __init__(
        self,
        ranking: Ranking,
        sure: Array,
        pair_of: Array,
        chance: Array,
        top: int,
        replicates: int,
        seed: int,
    ) -> None:
        self.ranking = ranking
        self.sure = sure
        self.pair_of = pair_of
        self.chance = chance
        self.top = top
        self.replicates = replicates
        self.seed = seed

    def agreeing(self, decided: int) -> float:
        """Return how often the table after so many decisions has the final top five."""
        import numpy

        rng = numpy.random.default_rng(self.seed)
        same = 0
        for _ in range(self.replicates):
            right = rng.random(len(self.chance)) < self.chance
            final = self._top(right)
            right[decided:] = True
            same += bool((self._top(right) == final).all())
        return same / self.replicates

    def _top(self, counted: Array) -> Array:
        import numpy

        there = self.sure.copy()
        there[self.pair_of[counted]] = True
        counts = numpy.bincount(self.ranking.codes, weights=there, minlength=self.ranking.n_codes)
        if self.ranking.n_codes <= self.top:
            every: Array = counts > 0
            return every
        # A tie at the cut is shown, so all that share the rank are in.
        cut = numpy.partition(counts, -self.top)[-self.top]
        inside: Array = counts >= max(cut, 1)
        return inside
