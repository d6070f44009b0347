"""Which decisions could change a top five: what each open coding weighs.

codings that count -> units of ranking, code and case -> weight of each open coding

The rankings are those that `top` and `matrix` print by case: of each kind's cases a
category's themes, over all and in each domain. Scores are taken as the chances that a
person would accept; those of rules alone are not calibrated, so what comes out is a guide
to where to look, not a promise.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import CountedCoding

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

TOP = 5
_SURELY = 0.99
_HARDLY = 0.01
_DEFAULT = 0.5
"""Chance where a coding has no score."""
_PRESENT = 0.5
"""The count between none and one: a theme below it is in no ranking."""


@dataclass(frozen=True)
class Ranking:
    """One ranking: of a kind's cases, a category's themes, in a domain or over all.

    Attributes
    ----------
    kind, category, domain : str
        Domain is empty over all cases.
    units : slice
        Which units of `Material` are its own.
    entries : slice
        Which entries of `Material` are its own.
    codes : array of int, shape (n_units,)
        For each of its units, which of its codes.
    code_keys : array of int, shape (n_codes,)
        The rows of its codes.
    """

    kind: str
    category: str
    domain: str
    units: slice
    entries: slice
    codes: Array
    code_keys: Array


class Material:
    """Codings that count, laid out as arrays.

    A unit is a case with a code in a ranking: it counts once, however many codings it has.
    In a domain its codings may be fewer than over all, where the case declares no relevance.

    Parameters
    ----------
    codings : iterable of CountedCoding

    Attributes
    ----------
    rows : array of int, shape (n_open,)
        The open codings.
    chance : array, shape (n_open,)
        That each would be accepted, 0.01 to 0.99.
    sure : array of bool, shape (n_units,)
        Units of which a coding is accepted, or a person's own.
    open_of, unit_of : array of int, shape (n_entries,)
        An open coding and a unit that it belongs to, in order of units.
    rankings : list of Ranking
    """

    def __init__(self, codings: Iterable[CountedCoding]) -> None:
        import numpy

        # Few combinations of kind, category and domains: they are spread over the rankings below.
        places: dict[tuple[str, str, tuple[str, ...]], int] = {}
        rows, scores = array("q"), array("d")
        columns = (array("q"), array("q"), array("q"), array("q"))
        of_place, of_code, of_case, of_open = columns
        for coding, case, kind, category, code, is_open, score, domains in codings:
            of_place.append(places.setdefault((kind, category, domains), len(places)))
            of_code.append(code)
            of_case.append(case)
            if is_open:
                of_open.append(len(rows))
                rows.append(coding)
                scores.append(_DEFAULT if score is None else score)
            else:
                of_open.append(-1)
        self.rows = numpy.array(rows, dtype=numpy.int64)
        self.chance = numpy.clip(numpy.array(scores, dtype=float), _HARDLY, _SURELY)
        names, rank_of, coding_of = _spread(places, numpy.array(of_place, dtype=numpy.int64))
        cases, case_of = _numbered(of_case)
        codes, code_of = _numbered(of_code)
        keys, unit_of = numpy.unique(
            (rank_of * len(codes) + code_of[coding_of]) * len(cases) + case_of[coding_of],
            return_inverse=True,
        )
        unit_of = unit_of.reshape(-1)
        open_of = numpy.array(of_open, dtype=numpy.int64)[coding_of]
        self.sure = numpy.zeros(len(keys), dtype=bool)
        self.sure[unit_of[open_of < 0]] = True
        order = numpy.argsort(unit_of, kind="stable")
        order = order[open_of[order] >= 0]
        self.open_of, self.unit_of = open_of[order], unit_of[order]
        themes = keys // max(1, len(cases))
        self.rankings = self._rankings(names, themes, codes)

    def _rankings(
        self, names: list[tuple[str, str, str]], themes: Array, codes: Array
    ) -> list[Ranking]:
        import numpy

        edges = numpy.arange(len(names) + 1) * len(codes)
        units = numpy.searchsorted(themes, edges).tolist()
        entries = numpy.searchsorted(self.unit_of, units).tolist()
        found = []
        for number, name in enumerate(names):
            own = slice(units[number], units[number + 1])
            present, index = numpy.unique(themes[own] % len(codes), return_inverse=True)
            held = slice(entries[number], entries[number + 1])
            found.append(Ranking(*name, own, held, index.reshape(-1), codes[present]))
        return found

    def none_right(self) -> Array:
        """Return the chance that each unit's theme drops out: 0 where a coding is sure."""
        import numpy

        logs = numpy.bincount(
            self.unit_of,
            weights=numpy.log1p(-self.chance[self.open_of]),
            minlength=len(self.sure),
        )
        return numpy.where(self.sure, 0.0, numpy.exp(logs))


def _spread(
    places: Mapping[tuple[str, str, tuple[str, ...]], int], place_of: Array
) -> tuple[list[tuple[str, str, str]], Array, Array]:
    """Return the rankings' names, and by entry the ranking and the coding in it."""
    import numpy

    each = [
        [(kind, category, domain) for domain in ("", *domains)]
        for kind, category, domains in places
    ]
    names = sorted({name for own in each for name in own})
    number = {name: at for at, name in enumerate(names)}
    flat = numpy.array([number[name] for own in each for name in own], dtype=numpy.int64)
    sizes = numpy.array([len(own) for own in each], dtype=numpy.int64)
    firsts = numpy.cumsum(sizes) - sizes
    lengths = sizes[place_of]
    coding_of = numpy.repeat(numpy.arange(len(place_of)), lengths)
    nth = numpy.arange(len(coding_of)) - numpy.repeat(numpy.cumsum(lengths) - lengths, lengths)
    return names, flat[firsts[place_of[coding_of]] + nth], coding_of


def _numbered(values: array[int]) -> tuple[Array, Array]:
    """Return the values there are, sorted, and which of them each is."""
    import numpy

    present, index = numpy.unique(numpy.array(values, dtype=numpy.int64), return_inverse=True)
    return present, index.reshape(-1)


def influence(material: Material, top: int = TOP) -> dict[int, float]:
    r"""Return how much deciding each open coding could change who is in a top five.

    Let p be the coding's chance and q the chance that no other coding of the same theme in
    the same case is right (0 where a person has found the theme there). A decision moves the
    chance that the theme counts for the case, :math:`1 - \prod (1 - p_j)` before it, by q(1 - p)
    upwards with chance p, or by qp downwards with chance 1 - p: on average by 2p(1 - p)q. So
    codings of one case share its weight, and what is nearly certain weighs little.

    What a case more means to a ranking depends on how near its theme is to the cut. The
    expected count E of a theme is the sum of its cases' chances c, its variance V the sum of
    c(1 - c). It is compared with the theme just across the cut, rank `top` + 1 for those
    inside and rank `top` for those outside. With the difference of the two counts taken as
    normal (a sum of independent Bernoulli counts, Lyapunov's theorem), the chance to be ahead
    is :math:`\Phi(z)`, z = (E - E') / s, s² = V + V', and a case more changes it by the slope
    :math:`\varphi(z) / s`. Where fewer themes than places are there, the cut lies
    between no case and one.

    The weight is 2p(1 - p)q times the slope, summed over the rankings that the coding stands in.

    Returns
    -------
    dict of coding row to float
        For the open codings; at least 0, comparable only with one another.

    References
    ----------
    Howard (1966), Information value theory: what knowing is worth is what could change by it.
    """
    import numpy

    none = material.none_right()
    slope = numpy.zeros(len(none))
    for ranking in material.rankings:
        counts = 1 - none[ranking.units]
        size = len(ranking.code_keys)
        expected = numpy.bincount(ranking.codes, weights=counts, minlength=size)
        variance = numpy.bincount(ranking.codes, weights=counts * (1 - counts), minlength=size)
        slope[ranking.units] = _slopes(expected, variance, top)[ranking.codes]
    p = material.chance[material.open_of]
    others = none[material.unit_of] / (1 - p)
    weights = numpy.bincount(
        material.open_of,
        weights=2 * p * (1 - p) * others * slope[material.unit_of],
        minlength=len(material.rows),
    )
    return dict(zip(material.rows.tolist(), weights.tolist(), strict=True))


def _slopes(expected: Array, variance: Array, top: int) -> Array:
    """Return for each code how much one case more changes its chance to be in the top."""
    import numpy

    # Empty places, so that there always is somebody across the cut.
    padded = numpy.concatenate([expected, numpy.full(top + 1, _PRESENT)])
    spreads = numpy.concatenate([variance, numpy.zeros(top + 1)])
    order = numpy.argsort(-padded, kind="stable")
    inside = numpy.zeros(len(padded), dtype=bool)
    inside[order[:top]] = True
    rival = numpy.where(inside, order[top], order[top - 1])[: len(expected)]
    spread = numpy.sqrt(variance + spreads[rival])
    safe = numpy.where(spread > 0, spread, 1.0)
    z = (expected - padded[rival]) / safe
    density = numpy.exp(-z * z / 2) / numpy.sqrt(2 * numpy.pi) / safe
    return numpy.where(spread > 0, density, 0.0)
