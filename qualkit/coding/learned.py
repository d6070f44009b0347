"""The learned layer in use: passages and rule hits in, one calibrated score a stretch and code out.

words, sentence vectors, rule hits -> evidence -> logistic combination -> calibration -> threshold

Two benches stand side by side: one judges sentences, one whole segments; each code
belongs to one of them.

References
----------
Platt, J. (1999). Probabilistic outputs for support vector machines, equation 1 (calibration).
Wolpert, D. H. (1992). Stacked generalization (combination fitted on what was held out).
Williams, C. and Seeger, M. (2001). Using the Nyström method to speed up kernel machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.passages import Passage, read_passages, sentences_of
from qualkit.coding.words import WordFeatures
from qualkit.model import CodeKey, ProposedCoding, Segment

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

METHODS = ("model", "both")
EVIDENCE = ("words", "meaning", "hit", "rule", "offset")
"""What is combined: two scores, whether a rule hit, the rule's score, and a constant."""
SPREAD = 1.0
"""Of the radial kernel: exp(-SPREAD * squared distance)."""
MODEL_RULE = "model"
BOTH_RULE = "+model"

Encode: TypeAlias = Callable[[Sequence[Passage]], "list[Array]"]
"""Gives the vectors of each passage's stretches."""


@dataclass(frozen=True)
class Kernel:
    """What likeness to stretches learned from says for each code.

    Attributes
    ----------
    basis : array, shape (n_basis, vector size)
        Sentence vectors of some of them, rows of length 1.
    weights : array, shape (n_basis, n_codes)
    offsets : array, shape (n_codes,)
    """

    basis: Array
    weights: Array
    offsets: Array

    def scores(self, vectors: Array) -> Array:
        """Return the scores of vectors, shape (n_vectors, n_codes): likeness times weight.

        Likeness is the radial kernel, 0 to 1; between vectors of length 1 the squared
        distance is 2 - 2 x'y.
        """
        import numpy

        like = numpy.exp(2 * SPREAD * (vectors @ self.basis.T - 1))
        return like @ self.weights + self.offsets


@dataclass(frozen=True)
class Bench:
    """Everything learned for the codes that are judged by one sort of stretch.

    Attributes
    ----------
    whole : bool
        Whether segments are judged as wholes, not by sentence.
    codes : tuple of CodeKey
    features : WordFeatures
    words : array, shape (N_FEATURES, n_codes)
    words_offset : array, shape (n_codes,)
        Separating planes in the space of words.
    kernel : Kernel or None
        What sentence vectors say; None without an encoder.
    mixes : mapping of str to array, shape (5, n_codes)
        By method: what each sort of evidence weighs for each code, in order of
        `EVIDENCE`; their sum is a log-odds.
    calibrations : mapping of str to array, shape (2, n_codes)
        By method: offset and slope from the best log-odds of a segment to the
        log-odds that the segment carries the code.
    thresholds : mapping of str to array, shape (n_codes,)
        By method: least probability at which a code is proposed; infinite where
        it is not.
    untried : array of bool, shape (n_codes,)
        Codes that no held-out case carries: what rules find of them is never dropped.
    """

    whole: bool
    codes: tuple[CodeKey, ...]
    features: WordFeatures
    words: Array
    words_offset: Array
    kernel: Kernel | None
    mixes: Mapping[str, Array] = field(default_factory=dict)
    calibrations: Mapping[str, Array] = field(default_factory=dict)
    thresholds: Mapping[str, Array] = field(default_factory=dict)
    untried: Array | None = None

    def is_untried(self, column: int) -> bool:
        """Say whether a code was never tried on a case that carries it."""
        return self.untried is not None and bool(self.untried[column])

    def evidence(self, passages: Sequence[Passage], vectors: Array | None) -> tuple[Array, Array]:
        """Return the scores by words and by meaning, each of shape (n_stretches, n_codes)."""
        import numpy

        by_words = self.features.transform(passages) @ self.words + self.words_offset
        by_words = numpy.asarray(by_words, dtype=numpy.float32)
        if self.kernel is None or vectors is None:
            return by_words, numpy.zeros_like(by_words)
        return by_words, self.kernel.scores(vectors)

    def log_odds(self, method: str, words: Array, meaning: Array, rules: Array) -> Array:
        """Return the combined evidence, shape (n_stretches, n_codes)."""
        return combined(self.mixes[method], words, meaning, rules)

    def probability(self, method: str, log_odds: Array) -> Array:
        """Return how probable it is that a researcher would give the code, 0 to 1."""
        offset, slope = self.calibrations[method]
        return sigmoid(offset + slope * log_odds)


def combined(mix: Array, words: Array, meaning: Array, rules: Array) -> Array:
    """Return the weighted sum of the evidence; `rules` holds scores, 0 where no rule hit."""
    by_words, by_meaning, by_hit, by_rule, offset = mix
    total = by_words * words + by_meaning * meaning
    return total + by_hit * (rules > 0) + by_rule * rules + offset  # type: ignore[no-any-return]


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow."""
    import numpy

    return 0.5 * (1 + numpy.tanh(0.5 * x))


class LearnedCoder:
    """Codes cases with a learned model, alone or together with what rules proposed.

    Parameters
    ----------
    benches : sequence of Bench
    method : {"model", "both"}
    encode : callable, optional
        Gives sentence vectors; needed where a bench has learned from them.
    covered : callable
        Given a segment, the categories that may be coded in it.
    wanted : collection of CodeKey, optional
        Codes to propose; all that were learned if left out.
    """

    def __init__(
        self,
        benches: Sequence[Bench],
        method: str,
        encode: Encode | None,
        covered: Callable[[Segment], frozenset[str]],
        wanted: Iterable[CodeKey] | None = None,
    ) -> None:
        import numpy

        self._benches = benches
        self._method = method
        self._encode = encode
        self._covered = covered
        keep = None if wanted is None else set(wanted)
        self._columns = [
            [i for i, code in enumerate(bench.codes) if keep is None or code in keep]
            for bench in benches
        ]
        self._weighed = {
            code
            for bench in benches
            for i, code in enumerate(bench.codes)
            if numpy.isfinite(bench.thresholds[method][i]) and not bench.is_untried(i)
        }

    def code_cases(
        self, cases: Sequence[Sequence[Segment]], proposed: Sequence[ProposedCoding]
    ) -> list[ProposedCoding]:
        """Return the codings of some cases.

        Parameters
        ----------
        cases : sequence of sequences of Segment
            Each case's segments in order, the interviewer's turns too.
        proposed : sequence of ProposedCoding
            What the rules propose for them. With "both", those of a code that was
            not learned, or never tried, stay as they are; the others are weighed
            with the rest. With "model" they do not matter.

        Returns
        -------
        list of ProposedCoding
            By segment, start, end, category and code. Scores are probabilities,
            but for codes that only rules propose.
        """
        hits: dict[tuple[int, CodeKey], list[ProposedCoding]] = {}
        for coding in proposed if self._method == "both" else ():
            hits.setdefault((coding.segment_id, (coding.category, coding.code_id)), []).append(
                coding
            )
        found: list[ProposedCoding] = []
        if self._method == "both":
            found += [c for c in proposed if (c.category, c.code_id) not in self._weighed]
        open_to = {s.segment_id: self._covered(s) for case in cases for s in case}
        to_judge = [
            self._passages(bench, columns, cases, open_to)
            for bench, columns in zip(self._benches, self._columns, strict=True)
        ]
        all_vectors = self._read(to_judge)
        for bench, columns, passages, vectors in zip(
            self._benches, self._columns, to_judge, all_vectors, strict=True
        ):
            if passages:
                found += self._judged(bench, columns, passages, vectors, hits, open_to)
        order = {s.segment_id: i for i, s in enumerate(s for case in cases for s in case)}
        found.sort(key=lambda c: (order[c.segment_id], c.start, c.end, c.category, c.code_id))
        return found

    def _passages(
        self,
        bench: Bench,
        columns: Sequence[int],
        cases: Sequence[Sequence[Segment]],
        open_to: Mapping[int, frozenset[str]],
    ) -> list[Passage]:
        """Return what some code of the bench may stand in: reading for meaning is slow."""
        categories = {bench.codes[column][0] for column in columns}
        return [
            passage
            for case in cases
            for passage in read_passages(case, whole=bench.whole)
            if not categories.isdisjoint(open_to[passage.segment_id])
        ]

    def _read(self, to_judge: Sequence[Sequence[Passage]]) -> list[Array | None]:
        """Return each bench's vectors, one row a stretch, in one go over all the texts."""
        import numpy

        reading = [
            passages if bench.kernel is not None and self._encode is not None else ()
            for bench, passages in zip(self._benches, to_judge, strict=True)
        ]
        together = [passage for passages in reading for passage in passages]
        vectors = (
            iter(self._encode(together)) if together and self._encode is not None else iter(())
        )
        return [
            numpy.concatenate(list(islice(vectors, len(passages)))) if passages else None
            for passages in reading
        ]

    def _judged(
        self,
        bench: Bench,
        columns: Sequence[int],
        passages: Sequence[Passage],
        vectors: Array | None,
        hits: Mapping[tuple[int, CodeKey], Sequence[ProposedCoding]],
        open_to: Mapping[int, frozenset[str]],
    ) -> list[ProposedCoding]:
        import numpy

        words, meaning = bench.evidence(passages, vectors)
        rules, places = rule_scores(passages, bench.codes, hits)
        log_odds = bench.log_odds(self._method, words, meaning, rules)
        probability = bench.probability(self._method, log_odds)
        passing = probability >= bench.thresholds[self._method]
        stretches = [(passage, k) for passage in passages for k in range(len(passage.spans))]
        found: list[ProposedCoding] = []
        for row, at in zip(
            *(each.tolist() for each in numpy.nonzero(passing[:, columns])), strict=True
        ):
            passage, k = stretches[row]
            column = columns[at]
            code = bench.codes[column]
            own = places.get((row, column), ())
            if code[0] not in open_to[passage.segment_id] or (own and code not in self._weighed):
                continue
            found += _codings(passage, k, code, round(float(probability[row, column]), 4), own)
        return _without_twins(found)


def rule_scores(
    passages: Sequence[Passage],
    codes: Sequence[CodeKey],
    hits: Mapping[tuple[int, CodeKey], Sequence[ProposedCoding]],
) -> tuple[Array, dict[tuple[int, int], list[ProposedCoding]]]:
    """Return the best rule score of each stretch and code, 0 without one, and the hits there."""
    import numpy

    at = {code: i for i, code in enumerate(codes)}
    by_segment: dict[int, list[ProposedCoding]] = {}
    for (segment_id, code), own in hits.items():
        if code in at:
            by_segment.setdefault(segment_id, []).extend(own)
    scores = numpy.zeros((sum(len(p.spans) for p in passages), len(codes)), numpy.float32)
    places: dict[tuple[int, int], list[ProposedCoding]] = {}
    row = 0
    for passage in passages:
        for hit in by_segment.get(passage.segment_id, ()):
            column = at[hit.category, hit.code_id]
            for k in sentences_of(hit.start, hit.end, passage.spans):
                scores[row + k, column] = max(scores[row + k, column], hit.score)
                places.setdefault((row + k, column), []).append(hit)
        row += len(passage.spans)
    return scores, places


def _codings(
    passage: Passage, k: int, code: CodeKey, score: float, hits: Sequence[ProposedCoding]
) -> list[ProposedCoding]:
    """Return a stretch's codings of a code: on the clauses where rules hit, else on the whole."""
    if not hits:
        return [ProposedCoding(passage.segment_id, *code, *passage.spans[k], score, MODEL_RULE)]
    return [
        ProposedCoding(passage.segment_id, *code, hit.start, hit.end, score, hit.rule + BOTH_RULE)
        for hit in hits
    ]


def _without_twins(codings: Iterable[ProposedCoding]) -> list[ProposedCoding]:
    """Return the codings with each place once, the surest: a hit may lie in two sentences."""
    best: dict[tuple[int, str, str, int, int], ProposedCoding] = {}
    for coding in codings:
        place = (coding.segment_id, coding.category, coding.code_id, coding.start, coding.end)
        known = best.get(place)
        if known is None or known.score < coding.score:
            best[place] = coding
    return list(best.values())
