"""Fitting the learned layer: lessons in, benches out, each code tried on cases held out.

lessons -> evidence, in folds over cases -> combination (combining.py) -> Bench

References
----------
Fan, R.-E., et al. (2008). LIBLINEAR: linear support vector machines on words.
Williams, C. and Seeger, M. (2001). Using the Nyström method to speed up kernel
machines: regression on likeness to a sample of the sentence vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.combining import MIN_PRECISION, CodeTrial, Combination
from qualkit.coding.learned import SPREAD, Bench, Kernel
from qualkit.coding.lessons import UNKNOWN, Lesson, groups_of, truth_of
from qualkit.coding.words import N_FEATURES, WordFeatures
from qualkit.model import CodeKey

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

Progress: TypeAlias = Callable[[int, int], None]

FOLDS = 5
N_BASIS = 1500
RIDGE = 0.3
PENALTY = 0.3
"""C of the support vector machines: how little a plane may bend to single examples."""
MANY_STRETCHES = 2000
"""From so many on processes are worth their start."""
LEAST_POSITIVE = 3
LEAST_NEGATIVE = 1000
"""With fewer known noes the unknown count as no: few cases show little of what a code is not."""
RARE = 30
"""An example of a code with n of them weighs 1 + RARE / n: what is seen seldom is else drowned."""


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
        self.folds = folds
        self.seed = seed
        self._presumed = _presumed(self.truth)
        self._parts = self._divided()
        held = numpy.zeros_like(self.natural)
        for part in self._parts:
            held[part] = True
        self.combination = Combination(
            self.codes,
            self.lessons,
            self.truth,
            natural=self.natural,
            held=held,
            learnable=(self._presumed == 1).sum(axis=0) >= LEAST_POSITIVE,
            with_meaning=vectors is not None,
            min_precision=min_precision,
        )

    def learn(self, progress: Progress | None = None) -> tuple[Bench, list[CodeTrial]]:
        """Return the bench, and what each code could do on held-out cases."""
        passages = [lesson.passage for lesson in self.lessons]
        features = WordFeatures.fit(passages)
        columns = features.transform(passages)
        n_steps = len(self._parts) + 1
        words, meaning = self.held_scores(columns, lambda done: _tell(progress, done, n_steps))
        planes, offsets = self._planes(columns, None)
        if len(self.truth) >= MANY_STRETCHES:
            _end_processes()
        _tell(progress, n_steps, n_steps)
        bench = Bench(
            whole=self.whole,
            codes=self.codes,
            features=features,
            words=planes,
            words_offset=offsets,
            kernel=self._kernel(None),
        )
        return self.combination.fit(bench, words, meaning, self.rules)

    # --- evidence, held out ----------------------------------------------------------

    def _divided(self) -> list[Array]:
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

    def held_scores(self, columns: Any, done: Callable[[int], None]) -> tuple[Array, Array]:
        """Return the scores by words and meaning of every stretch that is held out once.

        `columns` are the features of all stretches; `done` is told after each part.
        """
        import numpy

        words = numpy.zeros(self.truth.shape, numpy.float32)
        meaning = numpy.zeros(self.truth.shape, numpy.float32)
        for number, held in enumerate(self._parts):
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


def _end_processes() -> None:
    """End the processes that fitted planes: idle ones keep memory, and a parent that exits waits.

    A program that is itself a child of multiprocessing would wait five minutes for them.
    """
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


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


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)
