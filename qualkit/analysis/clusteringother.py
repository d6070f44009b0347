"""Other ways to group families by needs: latent classes by StepMix, and k-modes.

References
----------
Morin, S. et al. (2025). StepMix: a Python package for pseudo-likelihood estimation of
generalized mixture models with external variables.
Huang, Z. (1998). Extensions to the k-means algorithm for clustering large data sets with
categorical values.
Cao, F., Liang, J. and Bai, L. (2009). A new initialization method for categorical data.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.clustering import (
    UNKNOWN,
    Answers,
    Classes,
    Material,
    one_thread,
    thin_out,
)
from qualkit.analysis.clusteringgrid import (
    Fit,
    Progress,
    in_order,
    make_fit,
    nearest_modes,
    with_criteria,
)

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_STEPMIX_STARTS, _STEPMIX_ROUNDS = 10, 500
_EDGE = 1e-6


def fit_stepmix(
    answers: Answers, numbers: Sequence[int], *, seed: int = 0, progress: Progress | None = None
) -> list[Fit]:
    """Return latent classes as StepMix finds them, by maximum likelihood from starts by lot.

    Of more than 3,000 different rows of answers that many are drawn for the fit.
    """
    import numpy
    from stepmix import StepMix

    few = thin_out(answers, numpy.random.default_rng(seed))
    cells = few.patterns.astype(float)
    complete = bool((few.patterns != UNKNOWN).all())
    cells[few.patterns == UNKNOWN] = numpy.nan
    fits = []
    for done, number in enumerate(numbers):
        model = StepMix(
            number,
            measurement="binary" if complete else "binary_nan",
            n_init=_STEPMIX_STARTS,
            max_iter=_STEPMIX_ROUNDS,
            abs_tol=1e-6,
            random_state=seed,
            progress_bar=0,
        )
        with one_thread(), warnings.catch_warnings():
            # That a start has not come to rest is no matter: the best of them counts.
            warnings.simplefilter("ignore")
            model.fit(cells, sample_weight=few.weights)
        found = model.get_parameters()
        chances = numpy.clip(numpy.asarray(found["measurement"]["pis"]), _EDGE, 1 - _EDGE)
        fits.append(make_fit(answers, Classes(chances, numpy.asarray(found["weights"]))))
        if progress:
            progress(done + 1, len(numbers))
    return fits


def fit_kmodes(
    answers: Answers, numbers: Sequence[int], *, seed: int = 0, progress: Progress | None = None
) -> list[Fit]:
    """Return groups by k-modes: each family with the mode from which it differs least.

    k-modes has no likelihood: criteria are those of its groups taken for classes. An answer
    that is not known is taken for the need's most frequent one while modes are sought.
    """
    import numpy

    few = thin_out(answers, numpy.random.default_rng(seed))
    fits = []
    for done, number in enumerate(numbers):
        modes = _find_modes(few, number, seed=seed)
        fits.append(_of_modes(answers, modes))
        if progress:
            progress(done + 1, len(numbers))
    return fits


def refit_modes(answers: Answers, fit: Fit, generator: numpy.random.Generator) -> Fit:
    """Return groups of a resample by k-modes, begun from the modes of all families."""
    modes = _find_modes(answers, fit.n_groups, seed=0, start=fit.modes)
    return replace(fit, modes=modes)


def _find_modes(answers: Answers, number: int, *, seed: int, start: Array | None = None) -> Array:
    import numpy
    from kmodes.kmodes import KModes

    filled = answers.patterns.copy()
    overall = (Material(answers).overall > 0.5).astype(filled.dtype)
    filled = numpy.where(filled == UNKNOWN, overall, filled)
    rows = numpy.repeat(filled, answers.weights.astype(int), axis=0)
    model = KModes(
        number,
        init="Cao" if start is None else start,
        n_init=1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows)
    return numpy.asarray(model.cluster_centroids_, dtype=float)


def _of_modes(answers: Answers, modes: Array) -> Fit:
    import numpy

    groups = nearest_modes(answers.patterns, modes)
    member = (groups[:, None] == numpy.arange(len(modes))) * answers.weights[:, None]
    overall = Material(answers).overall
    yes, known = member.T @ (answers.patterns == 1), member.T @ (answers.patterns != UNKNOWN)
    chances = numpy.clip((yes + overall) / (known + 1), _EDGE, 1 - _EDGE)
    shares = numpy.maximum(member.sum(axis=0), _EDGE) / answers.families
    fit = with_criteria(answers, Classes(chances, shares), groups, numpy.ones(len(groups)))
    return in_order(answers, replace(fit, modes=modes))
