"""What is known of families, as codes that a tree is grown from; and conditions in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import Predictor

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

MOST_VALUES = 12
"""An attribute in words with more values than this is no predictor."""
BANDS = 10
"""Numbers with more values than this are cut into so many bands of about equal size."""
MOST_LEVELS = 12
"""An attribute in words with more values than this is not told apart."""
MOST_NUMBERS, QUARTERS = 5, 4
"""Numbers that are told apart: with more values than the first they are cut into quarters."""


@dataclass(frozen=True, slots=True)
class FamilyRows:
    """Families, one row each.

    Attributes
    ----------
    codes : ndarray of uint8, shape (n_families, n_predictors)
        The category of each predictor, `Predictor.missing` where it is not known.
    target : ndarray of int64, shape (n_families,)
        Places in `levels`.
    """

    predictors: tuple[Predictor, ...]
    codes: Array
    target: Array
    levels: tuple[str, ...]


def encode(
    name: str, label: str, kind: str, values: Sequence[str], unknown: str = "not known"
) -> tuple[Predictor, Array] | str:
    """Return a predictor and the families' codes; or in words why it is none.

    Parameters
    ----------
    values : sequence of str
        One a family; empty where it is not known. Numbers are ordered, and cut into
        `BANDS` bands where they are many.
    """
    import numpy

    there = sorted({value for value in values if value})
    if len(there) + any(not value for value in values) < 2:
        return "all alike"
    numbers = _numbers(there)
    if numbers is not None and len(set(numbers.values())) > 1:
        bounds = _bands(numpy.array([numbers[value] for value in values if value]), BANDS, BANDS)
        tops = [high for _, high in bounds]
        place = {v: int(numpy.searchsorted(tops, number)) for v, number in numbers.items()}
        words = tuple(_span([pair]) for pair in bounds)
        predictor = Predictor(name, label, kind, words, tuple(bounds), unknown)
    elif len(there) > MOST_VALUES:
        return f"more than {MOST_VALUES} values"
    else:
        place = {value: at for at, value in enumerate(there)}
        predictor = Predictor(name, label, kind, tuple(there), unknown=unknown)
    codes = [place.get(value, predictor.missing) for value in values]
    return predictor, numpy.array(codes, dtype=numpy.uint8)


def name_levels(values: Sequence[str]) -> tuple[tuple[str, ...], list[str], bool]:
    """Return the levels of what is told apart, each family's level, and whether they are bands.

    Numbers stand in their order. With more than `MOST_NUMBERS` values they are cut into
    quarters of about equal size: with more levels few families are expected of each, and a
    tree finds less. The ends are open, so that nobody's greatest number is told.

    Parameters
    ----------
    values : sequence of str
        One a family; empty where it is not known.

    Examples
    --------
    >>> name_levels(["10", "9", "", "2"])
    (('2', '9', '10'), ['10', '9', '', '2'], False)
    >>> name_levels(["1", "2", "3", "4", "5", "6", "7", ""])[0]
    ('up to 2', '3 to 4', '5', '6 or more')
    """
    import numpy

    there = sorted({value for value in values if value})
    numbers = _numbers(there)
    if not there or numbers is None:
        return tuple(there), list(values), False
    if len(there) <= MOST_NUMBERS:
        return tuple(sorted(there, key=lambda value: (numbers[value], value))), list(values), False
    known = numpy.array([numbers[value] for value in values if value])
    bounds = _bands(known, MOST_NUMBERS, QUARTERS)
    words = tuple(_open_ended(bounds, at) for at in range(len(bounds)))
    tops = [high for _, high in bounds]
    told = [words[int(numpy.searchsorted(tops, numbers[own]))] if own else "" for own in values]
    return words, told, True


def _open_ended(bounds: Sequence[tuple[float, float]], at: int) -> str:
    """Return a band in words; the first and the last are open."""
    low, high = bounds[at]
    if at == 0:
        return f"up to {_plain(high)}"
    return f"{_plain(low)} or more" if at == len(bounds) - 1 else _span([(low, high)])


def _numbers(values: Sequence[str]) -> dict[str, float] | None:
    found = {}
    for value in values:
        try:
            found[value] = float(value)
        except ValueError:
            return None
    return found if all(map(math.isfinite, found.values())) else None


def _bands(numbers: Array, most: int, bands: int) -> list[tuple[float, float]]:
    """Return the least and greatest number of each band; of `most` numbers each is one."""
    import numpy

    own = numpy.unique(numbers)
    if len(own) <= most:
        return [(float(number), float(number)) for number in own]
    edges = numpy.unique(numpy.quantile(numbers, numpy.arange(1, bands + 1) / bands))
    place = numpy.searchsorted(edges, own)
    return [
        (float(own[place == at].min()), float(own[place == at].max()))
        for at in range(len(edges))
        if (place == at).any()
    ]


# --- conditions in words ------------------------------------------------------------------


def condition(predictor: Predictor, codes: Sequence[int]) -> str:
    """Return in words which families have one of these codes.

    >>> condition(Predictor("need.debt", "Debt", "need", ("without", "with")), [1])
    'with Debt'
    >>> condition(Predictor("family.cluster", "cluster", "attribute", ("A", "B", "C")), [0, 2])
    'cluster A or C'
    """
    known = sorted(code for code in codes if code != predictor.missing)
    if predictor.kind in ("need", "theme"):
        parts = [f"{predictor.categories[code]} {predictor.label}" for code in known]
        if predictor.missing in codes:
            unknown = predictor.unknown
            parts.append(unknown if predictor.kind == "theme" else f"{predictor.label} {unknown}")
        return " or ".join(parts)
    if predictor.ordered:
        parts = [_run(predictor, run) for run in _runs(known)]
    else:
        parts = [predictor.categories[code] for code in known]
    if predictor.missing in codes:
        parts.append(predictor.unknown)
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
    return f"{predictor.label} {listed}"


def conjunction(conditions: Mapping[int, str]) -> str:
    """Return several conditions as one."""
    return ", and ".join(conditions.values())


def _runs(codes: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][-1] == code - 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return runs


def _run(predictor: Predictor, codes: Sequence[int]) -> str:
    """Return numbers in words; ends are open, so that nobody's greatest number is told."""
    low, high = predictor.bounds[codes[0]][0], predictor.bounds[codes[-1]][1]
    first, last = codes[0] == 0, codes[-1] == len(predictor.categories) - 1
    if first and last:
        return "any number"
    if len(predictor.categories) == 2:
        return _span([(low, high)])
    if first:
        return f"up to {_plain(high)}"
    return f"{_plain(low)} or more" if last else _span([(low, high)])


def _span(bounds: Sequence[tuple[float, float]]) -> str:
    low, high = bounds[0][0], bounds[-1][1]
    return _plain(low) if low == high else f"{_plain(low)} to {_plain(high)}"


def _plain(number: float) -> str:
    return f"{number:.10g}"
