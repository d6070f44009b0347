"""What each sort of evidence weighs, and from which probability on a code is proposed.

held-out evidence -> logistic combination -> calibration by segment -> threshold -> trial

References
----------
Wolpert, D. H. (1992). Stacked generalization (combination fitted on what was held out).
Platt, J. (1999). Probabilistic outputs for support vector machines (calibration).
Wilson, E. B. (1927). Probable inference: the interval of a precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.learned import METHODS, Bench, combined, sigmoid
from qualkit.coding.lessons import UNKNOWN, Lesson
from qualkit.model import CodeKey

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

MIN_PRECISION = 0.5
OWN_WEIGHT = 0.3
"""How freely a code's constant may leave that of its category in the combination."""
FEW_POSITIVE = 100
"""A category with fewer held-out codings is combined as all categories together are."""
FEW_TO_CALIBRATE = 10
"""With fewer held-out codings log-odds are not calibrated."""
SHRINK = 10
"""A code's own best threshold counts as its n codings, the category's as this many."""
_Z = 1.959963984540054
"""Of a 95% interval."""

UNTRIED_MIX = (0.72, 0.0, 1.0, 0.8, -4.94)
UNTRIED_MIX_WITH_MEANING = (0.57, 0.44, 1.2, 1.0, -5.02)
"""Combination for a code that no coded case carries. Scores by words and meaning are counted in
standard deviations from the code's mean over texts; their weights, the constant and the threshold
were fitted by leaving shipped codes out (`benchmarks/untried.py`)."""
UNTRIED_THRESHOLD = 0.08
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class CodeTrial:
    """What a code could do on cases held out, by segment.

    Attributes
    ----------
    code : CodeKey
    examples, coded : int
        Texts written for it, and segments of whole cases that carry it.
    found, right : int
        Held-out segments in which it was proposed, and rightly.
    precision, recall, f1 : float or None
    precision_low : float or None
        Lower end of Wilson's 95% interval.
    threshold : float or None
        Least probability at which it is proposed; None where it never is.
    """

    code: CodeKey
    examples: int
    coded: int
    found: int
    right: int
    precision: float | None
    precision_low: float | None
    recall: float | None
    f1: float | None
    threshold: float | None


def wilson_low(right: int, found: int) -> float:
    """Return the lower end of Wilson's 95% interval of right / found, 0 to 1.

    Wilson (1927); 0 where nothing was found.
    """
    if not found:
        return 0.0
    share = right / found
    square = _Z * _Z
    centre = share + square / (2 * found)
    spread = _Z * math.sqrt(share * (1 - share) / found + square / (4 * found * found))
    return max(0.0, (centre - spread) / (1 + square / found))


class Combination:
    """Fits how evidence is combined, on stretches that the evidence had not seen.

    Parameters
    ----------
    codes : sequence of CodeKey
    lessons : sequence of Lesson
    truth : array, shape (n_stretches, n_codes)
        See `truth_of`.
    natural : array of bool, shape (n_stretches,)
        Which are of whole texts.
    held : array of bool, shape (n_stretches,)
        Which are held out once, so that their scores are those of new texts.
    learnable : array of bool, shape (n_codes,)
        Codes of which anything could be learned.
    with_meaning : bool
        Whether there are scores by meaning.
    min_precision : float
        Codes whose precision is not above this with 95% confidence are not proposed.
    """

    def __init__(
        self,
        codes: Sequence[CodeKey],
        lessons: Sequence[Lesson],
        truth: Array,
        *,
        natural: Array,
        held: Array,
        learnable: Array,
        with_meaning: bool,
        min_precision: float,
    ) -> None:
        self.codes = codes
        self.lessons = lessons
        self.truth = truth
        self.natural = natural
        self.held = held
        self.tried = held & natural
        """Stretches on which codes can be tried: an example shows nothing about texts."""
        self.learnable = learnable
        self.with_meaning = with_meaning
        self.min_precision = min_precision

    def fit(
        self, bench: Bench, words: Array, meaning: Array, rules: Array
    ) -> tuple[Bench, list[CodeTrial]]:
        """Return the bench with its combination, and what each code could do.

        Parameters
        ----------
        bench : Bench
        words, meaning, rules : array, shape (n_stretches, n_codes)
            Evidence; by words and meaning of stretches that are held out, from
            machines that had not seen them.
        """
        import numpy

        mixes, calibrations, thresholds = {}, {}, {}
        trials: list[CodeTrial] = []
        for method in METHODS:
            hits = rules if method == "both" else numpy.zeros_like(rules)
            mix = self._mix(method, words, meaning, hits)
            log_odds = combined(mix, words, meaning, hits)
            best, truth = self._by_segment(log_odds)
            calibration = self._calibration(best, truth)
            probability = sigmoid(calibration[0] + calibration[1] * best)
            limits, trials = self.limits(probability, truth)
            mixes[method], calibrations[method], thresholds[method] = mix, calibration, limits
        done = replace(
            bench,
            mixes=mixes,
            calibrations=calibrations,
            thresholds=thresholds,
            untried=numpy.array([not trial.coded for trial in trials]),
        )
        return done, trials

    def _categories(self) -> list[list[int]]:
        found: dict[str, list[int]] = {}
        for column, (category, _) in enumerate(self.codes):
            found.setdefault(category, []).append(column)
        return list(found.values())

    def _mix(self, method: str, words: Array, meaning: Array, rules: Array) -> Array:
        """Return what each sort of evidence weighs for each code, fitted on held-out stretches."""
        import numpy

        truth = numpy.where(self.tried[:, None], self.truth, UNKNOWN)
        every = list(range(len(self.codes)))
        mix = self._untried_mix(words, meaning)
        if method == "model":
            mix[2:4] = 0.0
        tried = self._tried_codes()
        if _can_be_fitted(truth):
            mix[:, tried] = self._fitted(every, truth, words, meaning, rules)[:, tried]
        for columns in self._categories():
            if len(columns) < len(every) and _can_be_fitted(truth[:, columns]):
                fitted = self._fitted(columns, truth, words, meaning, rules)
                own = tried[columns]
                mix[:, numpy.asarray(columns)[own]] = fitted[:, own]
        return mix.astype(numpy.float32)

    def _tried_codes(self) -> Array:
        """Say of each code whether a stretch on which codes are tried carries it."""
        return (self.truth[self.tried] == 1).any(axis=0)  # type: ignore[no-any-return]

    def _untried_mix(self, words: Array, meaning: Array) -> Array:
        """Return the combination of codes that cannot be tried, from how their scores spread."""
        import numpy

        untried = UNTRIED_MIX_WITH_MEANING if self.with_meaning else UNTRIED_MIX
        mix = numpy.repeat(numpy.array(untried)[:, None], len(self.codes), axis=1)
        if not self.held.any():
            return mix
        for row, scores in enumerate((words[self.held], meaning[self.held])):
            spread = scores.std(axis=0)
            mix[row] /= numpy.maximum(spread, _LEAST_SPREAD)
            mix[row, spread < _LEAST_SPREAD] = 0.0
            mix[4] -= mix[row] * scores.mean(axis=0)
        return mix

    def _fitted(
        self, columns: Sequence[int], truth: Array, words: Array, meaning: Array, rules: Array
    ) -> Array:
        import numpy
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression

        own = truth[:, columns]
        rows, codes = numpy.nonzero(own != UNKNOWN)
        at = (rows, numpy.asarray(columns)[codes])
        evidence = numpy.stack([words[at], meaning[at], rules[at] > 0, rules[at]], axis=1)
        single = sparse.csr_matrix(
            (numpy.full(len(rows), OWN_WEIGHT), (numpy.arange(len(rows)), codes)),
            shape=(len(rows), len(columns)),
        )
        table = sparse.hstack([sparse.csr_matrix(evidence.astype(float)), single], format="csr")
        machine = LogisticRegression(C=1.0, max_iter=1000)
        machine.fit(table, (own[rows, codes] == 1).astype(int))
        weights = machine.coef_[0]
        mix = numpy.repeat(weights[:4, None], len(columns), axis=1)
        offset = machine.intercept_[0] + OWN_WEIGHT * weights[4:]
        return numpy.vstack([mix, offset[None, :]])

    def _by_segment(self, log_odds: Array) -> tuple[Array, Array]:
        """Return the best log-odds and what is known of each natural segment and code."""
        import numpy

        best, truth = [], []
        row = 0
        for lesson in self.lessons:
            n = len(lesson.passage.spans)
            if self.tried[row]:
                own = self.truth[row : row + n]
                # Where one stretch is unknown, that the others lack a code does not settle it.
                unsettled = (own == UNKNOWN).any(axis=0) & (own != 1).all(axis=0)
                best.append(log_odds[row : row + n].max(axis=0))
                truth.append(numpy.where(unsettled, UNKNOWN, own.max(axis=0)))
            row += n
        if not best:
            empty = numpy.zeros((0, len(self.codes)))
            return empty, empty
        return numpy.stack(best), numpy.stack(truth)

    def _calibration(self, best: Array, truth: Array) -> Array:
        """Return offset and slope from log-odds to log-odds, for each category's codes."""
        import numpy
        from sklearn.linear_model import LogisticRegression

        calibration = numpy.repeat(numpy.array([[0.0], [1.0]]), len(self.codes), axis=1)
        for columns in (list(range(len(self.codes))), *self._categories()):
            known = truth[:, columns] != UNKNOWN
            labels = truth[:, columns][known] == 1
            if not _can_be_fitted(truth[:, columns], FEW_TO_CALIBRATE):
                continue
            machine = LogisticRegression().fit(best[:, columns][known][:, None], labels)
            calibration[0, columns] = machine.intercept_[0]
            calibration[1, columns] = machine.coef_[0, 0]
        untried = ~self._tried_codes()
        calibration[0, untried], calibration[1, untried] = 0.0, 1.0
        return calibration.astype(numpy.float32)

    def limits(self, probability: Array, truth: Array) -> tuple[Array, list[CodeTrial]]:
        """Return each code's threshold, infinite where it is not proposed, and its trial."""
        import numpy

        limits = numpy.full(len(self.codes), UNTRIED_THRESHOLD)
        for columns in self._categories():
            known = truth[:, columns] != UNKNOWN
            labels = (truth[:, columns] == 1) & known
            if not labels.any():
                continue
            common, _ = best_threshold(probability[:, columns][known], labels[known])
            for column in columns:
                rows = truth[:, column] != UNKNOWN
                n = int((truth[rows, column] == 1).sum())
                if n:
                    own, _ = best_threshold(probability[rows, column], truth[rows, column] == 1)
                    limits[column] = (n * own + SHRINK * common) / (n + SHRINK)
        trials = []
        for column, code in enumerate(self.codes):
            rows = truth[:, column] != UNKNOWN
            labels = truth[rows, column] == 1
            if not self.learnable[column]:
                # Nothing was learned of it: it is left to the rules.
                limits[column] = math.inf
            limits[column] = self._proven(limits[column], probability[rows, column], labels)
            found = probability[rows, column] >= limits[column]
            trials.append(self._trial(code, column, found, labels, limits[column]))
        return limits, trials

    def _proven(self, limit: float, probability: Array, labels: Array) -> float:
        """Return the threshold, higher where precision is not shown there; infinite if nowhere."""
        import numpy

        if not labels.any() or self.min_precision <= 0:
            return limit
        order = numpy.argsort(-probability, kind="stable")
        right = numpy.cumsum(labels[order])
        values = probability[order]
        most = int((values >= limit).sum())
        for found in range(most, 0, -1):
            if found < len(values) and values[found] == values[found - 1]:
                continue
            if wilson_low(int(right[found - 1]), found) > self.min_precision:
                return limit if found == most else float(values[found - 1])
        return math.inf

    def _trial(
        self, code: CodeKey, column: int, found: Array, labels: Array, limit: float
    ) -> CodeTrial:
        n_found, n_right, n_true = int(found.sum()), int((found & labels).sum()), int(labels.sum())
        written = (self.truth[:, column] == 1) & ~self.natural
        return CodeTrial(
            code=code,
            examples=int(written.sum()),
            coded=n_true,
            found=n_found,
            right=n_right,
            precision=n_right / n_found if n_found else None,
            precision_low=wilson_low(n_right, n_found) if n_found else None,
            recall=n_right / n_true if n_true else None,
            f1=2 * n_right / (n_found + n_true) if n_true else None,
            threshold=limit if math.isfinite(limit) else None,
        )


def best_threshold(probability: Array, labels: Array) -> tuple[float, float]:
    """Return the threshold with the best F1, halfway to the next value below, and that F1."""
    import numpy

    order = numpy.argsort(-probability, kind="stable")
    values = probability[order]
    right = numpy.cumsum(labels[order])
    found = numpy.arange(1, len(values) + 1)
    scores = 2 * right / (found + labels.sum())
    last = numpy.append(values[1:] != values[:-1], True)
    at = int(numpy.argmax(numpy.where(last, scores, -1.0)))
    below = float(values[at + 1]) if at + 1 < len(values) else 0.0
    return (float(values[at]) + below) / 2, float(scores[at])


def _can_be_fitted(truth: Array, least: int = FEW_POSITIVE) -> bool:
    """Say whether there are codings enough, and anything known not to be there."""
    return bool((truth == 1).sum() >= least and (truth == 0).any())
