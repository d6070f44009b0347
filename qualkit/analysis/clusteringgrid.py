"""How many groups: classes of every number in a range, criteria, and stability.

distinct rows -> classes of each number, each begun from its neighbours too -> BIC -> resamples

References
----------
Schwarz, G. (1978). Estimating the dimension of a model.
Zhao, J., Jin, L. and Shi, L. (2015). Mixture model selection via hierarchical BIC.
Hennig, C. (2007). Cluster-wise assessment of cluster stability.
Hubert, L. and Arabie, P. (1985). Comparing partitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.clustering import (
    Answers,
    Classes,
    Material,
    best_of,
    joined,
    log_likelihood,
    memberships,
    merge_starts,
    one_thread,
    random_starts,
    split_starts,
    thin_out,
)

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

STARTS = 12
RESAMPLES = 20
LEAST_CHARGED = 20
"""A class is charged as if it had so many families: handfuls must not come cheap."""
MOST_RESAMPLED = 2_000
"""Of more families than this, so many are drawn for a resample."""
MOST_COMPARED = 10_000
"""Of more distinct rows than this, so many drawn by lot are put into the new groups."""
_RESAMPLE_STARTS, _RESAMPLE_ROUNDS = 4, 60

Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """Families in a number of groups, the largest group first.

    Attributes
    ----------
    groups : ndarray of int, shape (n_patterns,)
        The group of each distinct row of answers, from 0.
    certain : ndarray, shape (n_patterns,)
        How likely the row is to be of that group, 0 to 1; 1 where a method says nothing of it.
    classes : Classes
        Chances and shares; of k-modes those of its groups.
    bic, hbic : float
        Criteria; lower is better. BIC charges each chance of a need the logarithm of all
        families, hierarchical BIC that of the families of its own class.
    modes : ndarray of int, optional
        Of k-modes the most frequent answers of each group.
    """

    groups: Array
    certain: Array
    classes: Classes
    bic: float
    hbic: float
    modes: Array | None = None

    @property
    def n_groups(self) -> int:
        """How many groups were asked for."""
        return len(self.classes.shares)


@dataclass(frozen=True, slots=True)
class Stability:
    """How alike groupings of resamples are to that of all families, 0 to 1.

    Attributes
    ----------
    rand : float
        Mean adjusted Rand index (1 alike, 0 as by chance).
    rand_low : float
        Its 5th percentile.
    kept : tuple of float
        Of each group the mean, over resamples, of the share (Jaccard) that it has in common
        with the group most like it (Hennig 2007).
    """

    rand: float
    rand_low: float
    kept: tuple[float, ...]


def fit_classes(
    answers: Answers,
    numbers: Sequence[int],
    *,
    asked: Sequence[int] | None = None,
    seed: int = 0,
    starts: int = STARTS,
    progress: Progress | None = None,
) -> list[Fit]:
    """Return latent classes of each number of a range.

    Each number is tried from starts by lot, from the classes of one number less with each
    class split, and from those of one more with the likest pairs merged. The best by the
    likelihood with the prior is kept, and fitted to all families.

    Parameters
    ----------
    numbers : sequence of int
        One after the other, each at most the number of distinct rows.
    asked : sequence of int, optional
        Those of them to return; all if left out. The others only help to find good starts.
    """
    import numpy

    generator = numpy.random.default_rng(seed)
    few = thin_out(answers, generator)
    small, material = Material(few), Material(answers)
    found: dict[int, tuple[Classes, float]] = {}
    with one_thread():
        before: Classes | None = None
        for done, number in enumerate(numbers):
            split = split_starts(small, few, before, generator) if before is not None else None
            begin = joined(random_starts(small, number, starts, generator), split)
            found[number] = best_of(small, begin)
            before = found[number][0]
            if progress:
                progress(done + 1, 2 * len(numbers))
        for number in list(numbers)[-2::-1]:
            merged = best_of(small, merge_starts(found[number + 1][0]))
            if merged[1] > found[number][1]:
                found[number] = merged
        fits = []
        for done, number in enumerate(numbers):
            if asked is not None and number not in asked:
                continue
            classes = found[number][0]
            if few is not answers:
                begin = Classes(classes.chances[None], classes.shares[None])
                classes = best_of(material, begin)[0]
            fits.append(make_fit(answers, classes))
            if progress:
                progress(len(numbers) + done + 1, 2 * len(numbers))
    return fits


def make_fit(answers: Answers, classes: Classes) -> Fit:
    """Return families in the classes they are likeliest of, with criteria."""
    groups, certain = memberships(answers, classes)
    return in_order(answers, with_criteria(answers, classes, groups, certain))


def with_criteria(answers: Answers, classes: Classes, groups: Array, certain: Array) -> Fit:
    """Return a fit with BIC (Schwarz 1978) and hierarchical BIC (Zhao, Jin and Shi 2015).

    BIC = -2 l + (g - 1 + g m) log n; hierarchical BIC = -2 l + (g - 1) log n + m Σ log(n × share
    of the class), for g classes, m needs and n families. A class under twenty families is
    charged for twenty: its own logarithm is so small that a handful of families whose answers
    are learned by heart would always pay.
    """
    n, (g, m) = answers.families, classes.chances.shape
    lost = -2 * log_likelihood(answers, classes)
    own = sum(math.log(max(n * share, LEAST_CHARGED)) for share in classes.shares.tolist())
    return Fit(
        groups,
        certain,
        classes,
        lost + (g - 1 + g * m) * math.log(n),
        lost + (g - 1) * math.log(n) + m * own,
    )


def in_order(answers: Answers, fit: Fit) -> Fit:
    """Return the same groups, the largest first; of equals that with the higher first chances."""
    import numpy

    sizes = numpy.bincount(fit.groups, weights=answers.weights, minlength=fit.n_groups)
    order = numpy.lexsort((*-fit.classes.chances.T[::-1], -sizes))
    place = numpy.empty(len(order), dtype=numpy.int64)
    place[order] = numpy.arange(len(order))
    modes = None if fit.modes is None else fit.modes[order]
    return replace(fit, groups=place[fit.groups], classes=fit.classes.pick(order), modes=modes)


def choose_number(fits: Sequence[Fit]) -> Fit:
    """Return the fit with the lowest hierarchical BIC; of equals that with fewer groups."""
    return min(fits, key=lambda fit: (fit.hbic, fit.n_groups))


# --- stability ------------------------------------------------------------------


Refit: TypeAlias = Callable[[Answers, Fit, "numpy.random.Generator"], Fit]


def measure_stability(
    answers: Answers,
    fit: Fit,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    refit: Refit | None = None,
) -> Stability | None:
    """Return how far groups hang on which families happened to be there.

    Families are drawn with replacement as often as there are (of more than 2,000 families that
    many), grouped anew from starts by lot and from the classes of all, and every family (of very
    many a sample) is put into the new groups. None for one group or without resamples.
    """
    import numpy

    if fit.n_groups < 2 or resamples < 1:
        return None
    generator = numpy.random.default_rng([seed, fit.n_groups])
    odds, n = answers.weights / answers.families, int(min(answers.families, MOST_RESAMPLED))
    compared, own = answers, fit.groups
    if len(odds) > MOST_COMPARED:
        some = numpy.sort(generator.choice(len(odds), MOST_COMPARED, replace=False))
        compared = Answers(answers.patterns[some], answers.weights[some], answers.which[:0])
        own = fit.groups[some]
    rand, kept = [], []
    with one_thread():
        for _ in range(resamples):
            drawn = generator.multinomial(n, odds)
            there = drawn > 0
            part = Answers(answers.patterns[there], drawn[there].astype(float), answers.which[:0])
            if len(part.patterns) < fit.n_groups:
                continue
            new = (refit or _refit)(part, fit, generator)
            anew = assign(compared, new)
            table = cross(own, anew, compared.weights, fit.n_groups, new.n_groups)
            rand.append(rand_of(table))
            kept.append(_most_alike(table))
    if not rand:
        return None
    return Stability(
        float(numpy.mean(rand)),
        float(numpy.percentile(rand, 5)),
        tuple(numpy.mean(kept, axis=0).tolist()),
    )


def _refit(answers: Answers, fit: Fit, generator: numpy.random.Generator) -> Fit:
    material = Material(answers)
    own = Classes(fit.classes.chances[None], fit.classes.shares[None])
    begin = joined(random_starts(material, fit.n_groups, _RESAMPLE_STARTS, generator), own)
    classes, _ = best_of(material, begin, kept=2, rounds=_RESAMPLE_ROUNDS)
    groups, certain = memberships(answers, classes)
    return Fit(groups, certain, classes, 0.0, 0.0)


def assign(answers: Answers, fit: Fit) -> Array:
    """Return the group of each row of answers, which need not be those of the fit."""
    if fit.modes is not None:
        return nearest_modes(answers.patterns, fit.modes)
    return memberships(answers, fit.classes)[0]


def nearest_modes(patterns: Array, modes: Array) -> Array:
    """Return the mode that each row differs from in fewest known answers; the first of equals."""
    import numpy

    yes, known = (patterns == 1).astype(float), (patterns >= 0).astype(float)
    differing = known @ modes.T - 2 * yes @ modes.T
    return numpy.asarray(differing.argmin(axis=1))


def cross(one: Array, other: Array, weights: Array, n_one: int, n_other: int) -> Array:
    """Return how many families are in each pair of groups, shape (n_one, n_other)."""
    import numpy

    return numpy.bincount(
        one * n_other + other, weights=weights, minlength=n_one * n_other
    ).reshape(n_one, n_other)


def rand_of(table: Array) -> float:
    """Return the adjusted Rand index of a crosswalk (Hubert and Arabie 1985, equation 5).

    1 where both put all into one group or each family into its own.
    """

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1) / 2).sum())

    first, second = pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    everything = pairs(table.sum(keepdims=True))
    expected = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else (pairs(table) - expected) / (most - expected)


def _most_alike(table: Array) -> Array:
    """Return for each row the highest Jaccard index with a column."""
    import numpy

    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0) - table
    return numpy.asarray((table / numpy.maximum(union, 1e-12)).max(axis=1))
