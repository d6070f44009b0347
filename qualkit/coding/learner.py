"""Fitting the learned layer: lessons in, benches out, each code tried on cases held out.

lessons -> evidence, in folds over cases -> combination, calibration, thresholds -> Bench

References
----------
Fan, R.-E., et al. (2008). LIBLINEAR: linear support vector machines on words.
Williams, C. and Seeger, M. (2001). Using the Nyström method to speed up kernel
machines: regression on likeness to a sample of the sentence vectors.
Wolpert, D. H. (1992). Stacked generalization.
Platt, J. (1999). Probabilistic outputs for support vector machines.
Wilson, E. B. (1927). Probable inference: the interval of a precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.learned import METHODS, SPREAD, Bench, Kernel, combined, sigmoid
from qualkit.coding.lessons import UNKNOWN, Lesson, groups_of, truth_of
from qualkit.coding.words import N_FEATURES, WordFeatures
from qualkit.model import CodeKey

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

Progress: TypeAlias = Callable[[int, int], None]

FOLDS = 5
MIN_PRECISION = 0.5
N_BASIS = 1500
RIDGE = 0.3
PENALTY = 0.3
"""C of the support vector machines: how little a plane may bend to single examples."""
OWN_WEIGHT = 0.3
"""How freely a code's constant may leave that of its category in the combination."""
FEW_POSITIVE = 100
"""A category with fewer held-out codings is combined as all categories together are."""
FEW_TO_CALIBRATE = 10
"""With fewer held-out codings log-odds are not calibrated."""
MANY_STRETCHES = 2000
"""From so many on processes are worth their start."""
LEAST_POSITIVE = 3
LEAST_NEGATIVE = 20
RARE = 30
"""An example of a code with n of them weighs 1 + RARE / n: what is seen seldom is else drowned."""
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


class BenchLearner:
    """Learns the codes that are judged by one sort of stretch.

    Parameters
    ----------
    whole : bool
        Whether the lessons' stretches are whole segments.
    codes : sequence of CodeKey
    lessons : sequence of Lesson
    rules : array, shape (n_stretches, n_codes)
        The best rule score of each stretch and code, 0 without one; only those of
        natural lessons are looked at.
    vectors : array, shape (n_stretches, size), optional
        Sentence vectors, if there is an encoder.
    held_out : array, shape (n_stretches, n_codes), optional
        Scores by meaning of natural stretches by an encoder that was not tuned on
        them; nan where it was not tuned at all. Needed where `vectors` are by an
        encoder tuned on these lessons.
    min_precision : float
        Codes whose precision is not above this with 95% confidence are not proposed.
    folds : int
        In how many parts natural lessons are divided, by group.
    """

    def __init__(
        self,
        *,
        whole: bool,
        codes: Sequence[CodeKey],
        lessons: Sequence[Lesson],
        rules: Array,
        vectors: Array | None = None,
        held_out: Array | None = None,
        min_precision: float = MIN_PRECISION,
        folds: int = FOLDS,
        seed: int = 0,
    ) -> None:
        import numpy

        self.whole = whole
        self.codes = tuple(codes)
        self.lessons = tuple(lessons)
        self.truth = truth_of(lessons, codes)
        self.natural = numpy.array(
            [lesson.natural for lesson in lessons for _ in lesson.passage.spans], dtype=bool
        )
        self.rules = rules
        self.vectors = vectors
        self.held_out = held_out
        self.min_precision = min_precision
        self.folds = folds
        self.seed = seed
        self._presumed = _presumed(self.truth)
        self._held = self._parts()
        self.held = numpy.zeros_like(self.natural)
        """Which stretches are held out once, so that their scores are those of new texts."""
        for held in self._held:
            self.held[held] = True
        self.tried = self.held & self.natural
        """Those of them on which codes can be tried: an example shows nothing about texts."""

    def learn(self, progress: Progress | None = None) -> tuple[Bench, list[CodeTrial]]:
        """Return the bench, and what each code could do on held-out cases."""
        passages = [lesson.passage for lesson in self.lessons]
        features = WordFeatures.fit(passages)
        columns = features.transform(passages)
        parts = self._held
        n_steps = len(parts) + 1
        words, meaning = self._tried(columns, parts, lambda done: _tell(progress, done, n_steps))
        planes, offsets = self._planes(columns, None)
        _tell(progress, n_steps, n_steps)
        bench = Bench(
            whole=self.whole,
            codes=self.codes,
            features=features,
            words=planes,
            words_offset=offsets,
            kernel=self._kernel(None),
        )
        return self._combine(bench, words, meaning)

    # --- evidence, held out ----------------------------------------------------------

    def _parts(self) -> list[Array]:
        """Return which stretches each fold holds out: whole groups of natural lessons.

        Of examples where there are no natural lessons in two groups.
        """
        import numpy
        from sklearn.model_selection import GroupKFold

        groups = numpy.array(groups_of(self.lessons), dtype=object)
        for rows in (numpy.flatnonzero(self.natural), numpy.flatnonzero(~self.natural)):
            n_groups = len(set(groups[rows].tolist()))
            if n_groups > 1:
                break
        else:
            return []
        split = GroupKFold(min(self.folds, n_groups)).split(rows, groups=groups[rows])
        return [rows[held] for _, held in split]

    def _tried(
        self, columns: Any, parts: Sequence[Array], done: Callable[[int], None]
    ) -> tuple[Array, Array]:
        """Return the scores by words and meaning of every stretch that is held out once."""
        import numpy

        words = numpy.zeros(self.truth.shape, numpy.float32)
        meaning = numpy.zeros(self.truth.shape, numpy.float32)
        for number, held in enumerate(parts):
            kept = numpy.ones(len(self.truth), dtype=bool)
            kept[held] = False
            planes, offsets = self._planes(columns, kept)
            words[held] = columns[held] @ planes + offsets
            kernel = self._kernel(kept)
            if kernel is not None and self.vectors is not None:
                meaning[held] = kernel.scores(self.vectors[held])
            done(number + 1)
        if self.held_out is not None:
            given = ~numpy.isnan(self.held_out)
            meaning[given] = self.held_out[given]
        return words, meaning

    def _planes(self, columns: Any, kept: Array | None) -> tuple[Array, Array]:
        """Return a support vector machine's plane for each code."""
        import numpy
        from joblib import Parallel, delayed

        rows = numpy.ones(len(self.truth), dtype=bool) if kept is None else kept
        table, labels = columns[rows], self._presumed[rows]
        # Processes, not threads: liblinear has one source of chance for all its threads,
        # and the same lessons would not give the same model.
        processes = -1 if len(labels) >= MANY_STRETCHES else 1
        found = Parallel(n_jobs=processes)(
            delayed(_plane)(table, labels[:, code], self.seed) for code in range(len(self.codes))
        )
        planes = numpy.zeros((N_FEATURES, len(self.codes)), numpy.float32)
        offsets = numpy.zeros(len(self.codes), numpy.float32)
        for code, (own, offset) in enumerate(found):
            offsets[code] = offset
            if own is not None:
                planes[:, code] = own
        return planes, offsets

    def _kernel(self, kept: Array | None) -> Kernel | None:
        if self.vectors is None:
            return None
        rows = slice(None) if kept is None else kept
        return fit_kernel(self.vectors[rows], self.truth[rows], self.seed)

    # --- combination -------------------------------------------------------------------

    def _combine(self, bench: Bench, words: Array, meaning: Array) -> tuple[Bench, list[CodeTrial]]:
        import numpy

        mixes, calibrations, thresholds = {}, {}, {}
        trials: list[CodeTrial] = []
        for method in METHODS:
            rules = self.rules if method == "both" else numpy.zeros_like(self.rules)
            mix = self._mix(method, words, meaning, rules)
            log_odds = combined(mix, words, meaning, rules)
            best, truth = self._by_segment(log_odds)
            calibration = self._calibration(best, truth)
            probability = sigmoid(calibration[0] + calibration[1] * best)
            limits, trials = self._limits(probability, truth)
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

        untried = UNTRIED_MIX if self.vectors is None else UNTRIED_MIX_WITH_MEANING
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

    def _limits(self, probability: Array, truth: Array) -> tuple[Array, list[CodeTrial]]:
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
            if (self._presumed[:, column] == 1).sum() < LEAST_POSITIVE:
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


def _plane(table: Any, labels: Array, seed: int) -> tuple[Array | None, float]:
    """Return the plane between the stretches that carry a code and the others, and its offset."""
    import numpy
    from sklearn.svm import LinearSVC

    rows = labels != UNKNOWN
    own = labels[rows]
    positive = int((own == 1).sum())
    if positive < LEAST_POSITIVE or len(own) - positive < LEAST_POSITIVE:
        return None, -1.0
    weights = {1: 1 + RARE / positive}
    machine = LinearSVC(C=PENALTY, class_weight=weights, random_state=seed)
    machine.fit(table[rows], own)
    return machine.coef_[0].astype(numpy.float32), float(machine.intercept_[0])


def fit_kernel(vectors: Array, truth: Array, seed: int) -> Kernel:
    """Return what likeness to a sample of the vectors says for each code, by ridge regression.

    Parameters
    ----------
    vectors : array, shape (n_stretches, size)
        Rows of length 1.
    truth : array, shape (n_stretches, n_codes)
        See `truth_of`; what is unknown counts as not there.
    """
    import numpy
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import Ridge

    sample = Nystroem(gamma=SPREAD, n_components=min(N_BASIS, len(vectors)), random_state=seed)
    seen = sample.fit_transform(vectors)
    ridge = Ridge(alpha=RIDGE).fit(seen, numpy.where(truth == 1, 1.0, -1.0))
    weights = sample.normalization_.T @ ridge.coef_.reshape(truth.shape[1], -1).T
    offsets = numpy.broadcast_to(ridge.intercept_, truth.shape[1])
    return Kernel(
        sample.components_.astype(numpy.float32),
        weights.astype(numpy.float32),
        offsets.astype(numpy.float32),
    )


def _presumed(truth: Array) -> Array:
    """Return the truth with unknowns taken as no for codes of which hardly a no is known."""
    few = (truth == 0).sum(axis=0) < LEAST_NEGATIVE
    presumed = truth.copy()
    for column in few.nonzero()[0]:
        own = presumed[:, column]
        own[own == UNKNOWN] = 0
    return presumed


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


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)
