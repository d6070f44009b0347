"""Agreement of coders beyond chance: percent agreement, kappa, alpha and AC1, with intervals.

coders × units -> distinct columns, counted by group (patterns.py) -> measures, intervals

References
----------
Cohen, J. (1960). A coefficient of agreement for nominal scales, equation 1.
Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters, equations 2 to 7.
Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability, sections B and C.
Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of
high agreement; missing ratings as in his Handbook of Inter-Rater Reliability (2014).
Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13
(percentile intervals), over groups as clusters.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.patterns import (
    CONFIDENCE,
    Measurer,
    Patterns,
    draw_groups,
    draw_units,
    percentile_interval,
)
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

Ratings: TypeAlias = Sequence[Sequence[Hashable | None]]
"""Shape (n_coders, n_units); None (or nan) where a coder is missing."""


class RatingsError(QualkitError, ValueError):
    """A table of ratings has not the shape that a measure needs."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A measure of agreement.

    Attributes
    ----------
    value : float or None
        None where the measure is not defined.
    interval : (float, float) or None
        Bootstrap interval; None without replicates, or with fewer than two groups of units.
    n : int
        Units that the measure uses.
    notes : tuple of str
        Units left out, samples without a value.
    """

    value: float | None
    interval: tuple[float, float] | None
    n: int
    notes: tuple[str, ...] = ()


# --- tables of ratings ----------------------------------------------------------------


def _numbered(ratings: Ratings) -> tuple[Array, int]:
    """Return the ratings as numbers, shape (n_coders, n_units), -1 missing; and how many values."""
    import numpy

    if len(ratings) < 2:
        raise RatingsError(
            "agreement needs at least two coders",
            found=str(len(ratings)),
            expected="one row of values for each coder",
        )
    lengths = [len(row) for row in ratings]
    if len(set(lengths)) > 1:
        raise RatingsError(
            "the coders have not the same number of units",
            found=", ".join(map(str, lengths[:12])),
            expected="one value for each unit from each coder, None where there is none",
        )
    seen: dict[Hashable, int] = {}
    rows = [[seen.setdefault(value, len(seen)) for value in row] for row in ratings]
    places = numpy.empty(len(seen), dtype=numpy.int64)
    n_values = 0
    for value, place in seen.items():
        missing = value is None or (isinstance(value, float) and value != value)
        places[place] = -1 if missing else n_values
        n_values += not missing
    numbers = numpy.array(rows, dtype=numpy.int64).reshape(len(ratings), -1)
    return places[numbers], n_values


def _distinct(ratings: Array, n_values: int) -> tuple[Array, Array]:
    """Return the distinct columns of numbered ratings, and which of them each unit has."""
    import numpy

    key = numpy.zeros(ratings.shape[1], dtype=numpy.int64)
    first = numpy.zeros(0, dtype=numpy.int64)
    for row in ratings:
        # Made small again after each coder, so that many coders do not overflow.
        _, first, key = numpy.unique(
            key * (n_values + 1) + row + 1, return_index=True, return_inverse=True
        )
    return ratings[:, first], key


def _measure(
    name: str,
    ratings: Ratings,
    *,
    replicates: int,
    seed: int,
    groups: Sequence[Hashable] | None,
    confidence: float,
    n_values: int = 0,
) -> Agreement:
    import numpy

    numbers, found = _numbered(ratings)
    n_units = numbers.shape[1]
    _check_options(n_units, replicates, groups, confidence)
    columns, unit_patterns = _distinct(numbers, found)
    patterns = Patterns(columns, max(found, n_values))
    measurer = Measurer(name, patterns)
    whole = numpy.bincount(unit_patterns, minlength=columns.shape[1]).astype(float)
    (value,) = measurer.values(whole[None])
    n = int(whole[measurer.used].sum())
    notes = [f"units without the ratings that it needs, left out: {n_units - n}"] * (n < n_units)
    if numpy.isnan(value):
        return Agreement(None, None, n, tuple(notes))
    interval = None
    if replicates:
        labels = None if groups is None else _labels(groups)
        used = measurer.used[unit_patterns]
        apart = n if labels is None else len(numpy.unique(labels[used]))
        draws = _draws(labels, unit_patterns, whole, replicates, seed) if apart > 1 else ()
        pieces = [measurer.values(counts) for counts in draws]
        if pieces:
            drawn = numpy.concatenate(pieces)
            interval = percentile_interval(value, drawn, confidence)
            undefined = int(numpy.isnan(drawn).sum())
            if undefined:
                notes.append(f"bootstrap samples without a value, left out: {undefined}")
        else:
            notes.append("units of one group only, so there is no interval")
    return Agreement(float(value), interval, n, tuple(notes))


def _labels(groups: Sequence[Hashable]) -> Array:
    import numpy

    seen: dict[Hashable, int] = {}
    return numpy.array([seen.setdefault(label, len(seen)) for label in groups], dtype=numpy.int64)


def _draws(
    labels: Array | None, unit_patterns: Array, whole: Array, replicates: int, seed: int
) -> Iterator[Array]:
    """Yield counts of patterns of bootstrap samples, of groups or of single units."""
    import numpy
    from scipy.sparse import csr_array

    if labels is None:
        yield from draw_units(whole, replicates, seed)
        return
    n_groups = int(labels.max()) + 1
    ones = numpy.ones(len(labels))
    by_group = csr_array((ones, (labels, unit_patterns)), shape=(n_groups, len(whole)))
    for weights in draw_groups(n_groups, replicates, seed):
        yield weights @ by_group


def _check_options(
    n_units: int, replicates: int, groups: Sequence[Hashable] | None, confidence: float
) -> None:
    if groups is not None and len(groups) != n_units:
        raise RatingsError(
            "there must be one group for each unit", found=f"{len(groups)} for {n_units} units"
        )
    if replicates < 0 or not 0 < confidence < 1:
        raise RatingsError(
            "the bootstrap cannot be done so",
            found=f"{replicates} replicates, confidence {confidence}",
            expected="0 replicates or more, confidence between 0 and 1",
        )


def percent_agreement(
    ratings: Ratings,
    *,
    replicates: int = 0,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
    confidence: float = CONFIDENCE,
) -> Agreement:
    """Return the share of pairs of coders who agree, mean over units, 0 to 1.

    Parameters
    ----------
    ratings : sequence of sequences, shape (n_coders, n_units)
        Any hashable values; None (or nan) where a coder is missing. A unit with
        fewer than two ratings is left out.
    replicates : int
        Bootstrap samples for the interval; 0 for no interval.
    seed : int
        Of the bootstrap; the same seed gives the same interval.
    groups : sequence, shape (n_units,), optional
        Label of the group of each unit, such as its case. Whole groups are drawn;
        single units if left out.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Agreement
        `value` is None where no unit has two ratings.

    Raises
    ------
    RatingsError
        Fewer than two coders, or rows of different length.

    References
    ----------
    Fleiss (1971), equation 2, its mean over units (equation 3).

    Examples
    --------
    >>> percent_agreement([[1, 0, 0, 1], [1, 0, 1, 1]]).value
    0.75
    """
    return _measure(
        "percent",
        ratings,
        replicates=replicates,
        seed=seed,
        groups=groups,
        confidence=confidence,
    )


def cohen_kappa(
    ratings: Ratings,
    *,
    replicates: int = 0,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
    confidence: float = CONFIDENCE,
) -> Agreement:
    """Return Cohen's kappa of two coders, -1 to 1.

    kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of units on which they
    agree and p_e the sum over values of the product of both coders' shares of it.
    1 is full agreement, 0 what chance gives with these shares.

    Parameters
    ----------
    ratings : sequence of sequences, shape (2, n_units)
        See `percent_agreement`; a unit without both ratings is left out.
    replicates, seed, groups, confidence
        See `percent_agreement`.

    Returns
    -------
    Agreement
        `value` is None where both coders give every unit the same one value (p_e is 1).

    Raises
    ------
    RatingsError
        Other than two coders; use `fleiss_kappa` or `krippendorff_alpha` for more.

    References
    ----------
    Cohen (1960), equation 1.

    Examples
    --------
    >>> cohen_kappa([[1, 1, 0, 0], [1, 0, 0, 0]]).value
    0.5
    """
    if len(ratings) != 2:
        raise RatingsError(
            "Cohen's kappa is of two coders",
            found=str(len(ratings)),
            to_do="for more coders take Fleiss' kappa or Krippendorff's alpha",
        )
    return _measure(
        "cohen",
        ratings,
        replicates=replicates,
        seed=seed,
        groups=groups,
        confidence=confidence,
    )


def fleiss_kappa(
    ratings: Ratings,
    *,
    replicates: int = 0,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
    confidence: float = CONFIDENCE,
) -> Agreement:
    """Return Fleiss' kappa of any number of coders, -1 / (n_coders - 1) to 1.

    kappa = (P - P_e) / (1 - P_e), where P is the mean over units of the share of
    agreeing pairs of coders, and P_e the sum of squared shares of each value among
    all ratings. It needs equally many ratings of every unit: a unit that any coder
    has not rated is left out. Take `krippendorff_alpha` to keep such units.

    Parameters
    ----------
    ratings : sequence of sequences, shape (n_coders, n_units)
        See `percent_agreement`.
    replicates, seed, groups, confidence
        See `percent_agreement`.

    Returns
    -------
    Agreement
        `value` is None where all ratings are the same one value, or no unit is whole.

    References
    ----------
    Fleiss (1971), equations 1 to 7.

    Examples
    --------
    >>> round(fleiss_kappa([[1, 1, 0], [1, 0, 0], [1, 1, 0]]).value, 2)
    0.55
    """
    return _measure(
        "fleiss",
        ratings,
        replicates=replicates,
        seed=seed,
        groups=groups,
        confidence=confidence,
    )


def krippendorff_alpha(
    ratings: Ratings,
    *,
    replicates: int = 0,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
    confidence: float = CONFIDENCE,
) -> Agreement:
    """Return Krippendorff's alpha for nominal values, any number of coders, at most 1.

    alpha = 1 - D_o / D_e = 1 - (n - 1) (n - Σ o_cc) / (n² - Σ n_c²), where n is the
    number of pairable ratings, n_c those of value c, and o_cc the coincidences: in a
    unit with m ratings each ordered pair of equal ones counts 1 / (m - 1). Missing
    ratings need nothing special: a unit counts with the ratings that it has, and not
    at all if there is only one.

    Parameters
    ----------
    ratings : sequence of sequences, shape (n_coders, n_units)
        See `percent_agreement`.
    replicates, seed, groups, confidence
        See `percent_agreement`. Krippendorff draws pairs of ratings instead; whole
        groups keep together what belongs together.

    Returns
    -------
    Agreement
        `value` is None where all pairable ratings are the same one value, or there are none.

    References
    ----------
    Krippendorff (2011), section C (nominal data, any number of observers, missing data).

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1, 0, None], [1, 0, 0, 1]]).value, 3)
    0.444
    """
    return _measure(
        "alpha",
        ratings,
        replicates=replicates,
        seed=seed,
        groups=groups,
        confidence=confidence,
    )


def gwet_ac1(
    ratings: Ratings,
    *,
    n_values: int = 0,
    replicates: int = 0,
    seed: int = 0,
    groups: Sequence[Hashable] | None = None,
    confidence: float = CONFIDENCE,
) -> Agreement:
    """Return Gwet's AC1 of any number of coders, -1 to 1; it stays sensible where values are rare.

    AC1 = (p_a - p_e) / (1 - p_e), where p_a is `percent_agreement` and p_e =
    Σ π_k (1 - π_k) / (q - 1), with π_k the mean over units of the share of a unit's
    ratings that are k, and q the number of values. With missing ratings, p_a is over
    units with two ratings or more, π_k over units with one or more.

    Parameters
    ----------
    ratings : sequence of sequences, shape (n_coders, n_units)
        See `percent_agreement`.
    n_values : int
        How many values could have been given, if more than occur.
    replicates, seed, groups, confidence
        See `percent_agreement`.

    Returns
    -------
    Agreement
        `value` is None where no unit has two ratings, or there is only one value.

    References
    ----------
    Gwet (2008), for two coders and for more; missing ratings: Gwet (2014).

    Examples
    --------
    >>> round(gwet_ac1([[1, 1, 0, 0], [1, 0, 0, 0]]).value, 3)
    0.529
    """
    return _measure(
        "ac1",
        ratings,
        replicates=replicates,
        seed=seed,
        groups=groups,
        confidence=confidence,
        n_values=n_values,
    )
