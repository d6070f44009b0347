"""Codes of which nothing is known but definition and examples: shipped ones, left out.

    python benchmarks/untried.py            fits the constants of `qualkit.coding.combining`

Leaves shipped codes out, a third at a time: they come back under a category of their
own with nothing but their definition and the five to ten examples of their codebook's
file, as a user's code would. `measure` says how well they are found, and how that grows
with coded cases; used by `accuracy.py`. Some minutes on two cores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
from sklearn.linear_model import LogisticRegression

from qualkit import Project
from qualkit.coding.combining import best_threshold
from qualkit.coding.encoder import DEFAULT, Encoder, find_encoder
from qualkit.coding.learned import LearnedCoder
from qualkit.coding.learner import BenchLearner
from qualkit.coding.passages import Passage
from qualkit.coding.words import WordFeatures
from qualkit.importers.codedcases import read_coded_cases
from qualkit.model import CodedCase, CodeKey, Segment
from qualkit.project.lessons import Gathered, gather

OWN = "own"
THIRDS = 3
Read = Callable[[Sequence[Passage]], list[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """How well left-out codes were found, over all of them."""

    precision: float
    recall: float
    micro_f1: float
    macro_f1: float


def gathered_shipped(folder: Path) -> Gathered:
    """Return what is shipped to learn from."""
    with Project(folder / "shipped.db", create=True) as project:
        project.load_shipped_codebooks()
        return gather(project.connection)


def frame_codes(gathered: Gathered) -> list[CodeKey]:
    """Return the codes that are judged by sentence: the frame's 74."""
    whole = gathered.whole_categories()
    return [code for code in gathered.codes if code[0] not in whole]


def vector_reader() -> Read:
    """Return what gives passages their vectors; each passage is read once."""
    encoder = Encoder(find_encoder(""), DEFAULT)
    known: dict[Passage, Any] = {}

    def read(passages: Sequence[Passage]) -> list[Any]:
        plain = [replace(passage, segment_id=0) for passage in passages]
        new = list(dict.fromkeys(passage for passage in plain if passage not in known))
        known.update(zip(new, encoder.encode(new), strict=True))
        return [known[passage] for passage in plain]

    return read


def left_out(gathered: Gathered, left: Sequence[CodeKey], n_cases: int) -> Gathered:
    """Return what is known when the codes are a user's: of their cases, so many coded."""
    own = {code: (OWN, f"{code[0]}_{code[1]}") for code in left}

    def renamed(codes: Sequence[CodeKey]) -> tuple[CodeKey, ...]:
        return tuple(own.get(code, code) for code in codes)

    sets = []
    for one in gathered.sets:
        examples = one.examples
        if Path(one.file).suffix == ".jsonl":
            examples = tuple(
                replace(example, near=tuple(code for code in example.near if code not in own))
                for example in examples
                if not own.keys() & set(example.given)
            )
        else:
            examples = tuple(
                replace(example, given=renamed(example.given), near=renamed(example.near))
                for example in examples
            )
        sets.append(replace(one, examples=examples))
    cases = []
    for number, case in enumerate(case for case in gathered.cases if case.segments):
        coded = number % max(1, len(gathered.cases) // max(1, n_cases)) == 0 and n_cases > 0
        given = [
            (segment_id, own.get(code, code), start, end)
            for segment_id, code, start, end in case.given
            if coded or code not in own
        ]
        complete = case.complete | {OWN} if coded else case.complete
        cases.append(replace(case, given=given, denied=[], complete=complete))
    codes = [own.get(code, code) for code in gathered.codes]
    definitions = {own.get(code, code): text for code, text in gathered.definitions.items()}
    return Gathered(codes, sets, cases, definitions)


def thirds(codes: Sequence[CodeKey]) -> Iterator[list[CodeKey]]:
    """Yield the codes in parts, each with codes of every category."""
    for number in range(THIRDS):
        yield list(codes[number::THIRDS])


def learner_of(known: Gathered, frame: Sequence[CodeKey], read: Read | None) -> BenchLearner:
    """Return the learner of sentences with the left-out codes among the others."""
    categories = frozenset({OWN, *(category for category, _ in frame)})
    codes = [code for code in known.codes if code[0] in categories]
    lessons = known.lessons(False, categories)
    n = sum(len(lesson.passage.spans) for lesson in lessons)
    vectors = numpy.concatenate(read([x.passage for x in lessons])) if read else None
    rules = numpy.zeros((n, len(codes)), numpy.float32)
    return BenchLearner(
        whole=False, codes=codes, lessons=lessons, rules=rules, vectors=vectors, min_precision=0.0
    )


def measure(
    gathered: Gathered, gold: Path, n_cases: int, read: Read | None, *, method: str = "model"
) -> Found:
    """Return how well left-out codes are found in the segments of a gold file."""
    cases = [own for own in read_coded_cases(gold) if isinstance(own, CodedCase)]
    frame = frame_codes(gathered)
    counts: dict[CodeKey, list[int]] = {code: [0, 0, 0] for code in frame}
    for left in thirds(frame):
        known = left_out(gathered, left, n_cases)
        bench, _ = learner_of(known, frame, read).learn()
        wanted = [code for code in bench.codes if code[0] == OWN]
        origin = {f"{category}_{code}": (category, code) for category, code in left}
        # The gold texts name codes without their category.
        by_name = {code: (category, code) for category, code in left}
        coder = LearnedCoder([bench], method, read, lambda segment: frozenset({OWN}), wanted)
        for case in cases:
            segments = [
                Segment(n + 1, 1, own.n, case.case.kind, own.role, own.text, own.speaker, own.label)
                for n, own in enumerate(case.case.segments)
            ]
            place = {segment.n: segment.segment_id for segment in segments}
            truth = {(place[n], by_name[code]) for n, _, code, _ in case.marks if code in by_name}
            found = {(c.segment_id, origin[c.code_id]) for c in coder.code_cases([segments], [])}
            for pairs, at in ((truth & found, 0), (found, 1), (truth, 2)):
                for _, code in pairs:
                    counts[code][at] += 1
    both, found_n, truth_n = (sum(own[at] for own in counts.values()) for at in range(3))
    each = [2 * own[0] / (own[1] + own[2]) for own in counts.values() if own[2]]
    return Found(
        both / max(1, found_n),
        both / max(1, truth_n),
        2 * both / max(1, found_n + truth_n),
        sum(each) / max(1, len(each)),
    )


def fit(gathered: Gathered, read: Read | None) -> tuple[list[float], float]:
    """Return weights of words and meaning with the constant, and the threshold.

    Held-out scores of left-out codes, in standard deviations from each code's mean, are
    laid against what the shipped cases say of them.
    """
    frame = frame_codes(gathered)
    evidence, labels = [], []
    for left in thirds(frame):
        learner = learner_of(left_out(gathered, left, 0), frame, read)
        passages = [lesson.passage for lesson in learner.lessons]
        table = WordFeatures.fit(passages).transform(passages)
        words, meaning = learner.held_scores(table, lambda done: None)
        truth = _case_truth(gathered, learner)
        rows = numpy.flatnonzero(learner.combination.tried)
        for column, code in enumerate(learner.codes):
            if code[0] == OWN:
                own = truth[code[1]]
                scores = numpy.stack([words[rows, column], meaning[rows, column]], axis=1)
                spread = scores.std(axis=0)
                evidence.append((scores - scores.mean(axis=0)) / numpy.where(spread, spread, 1))
                labels.append(own)
    table, right = numpy.concatenate(evidence), numpy.concatenate(labels)
    machine = LogisticRegression(C=1000).fit(table, right)
    threshold, _ = best_threshold(machine.predict_proba(table)[:, 1], right)
    return [*machine.coef_[0].tolist(), float(machine.intercept_[0])], threshold


def _case_truth(gathered: Gathered, learner: BenchLearner) -> dict[str, Any]:
    """Return for each left-out code which of the tried stretches carry it."""
    from qualkit.coding.lessons import truth_of

    frame = frame_codes(gathered)
    categories = frozenset(category for category, _ in frame)
    lessons = [lesson for lesson in gathered.lessons(False, categories) if lesson.natural]
    known = truth_of(lessons, frame) == 1
    if len(known) != int(learner.combination.tried.sum()):
        raise AssertionError("the stretches of the cases do not meet")
    return {f"{c}_{code}": known[:, at] for at, (c, code) in enumerate(frame)}


def main() -> None:
    """Print the constants."""
    with tempfile.TemporaryDirectory() as folder:
        gathered = gathered_shipped(Path(folder))
    for name, read in (("words", None), ("words and meaning", vector_reader())):
        weights, threshold = fit(gathered, read)
        shown = ", ".join(f"{weight:.2f}" for weight in weights)
        print(f"{name}: words, meaning, constant {shown}; threshold {threshold:.3f}")


if __name__ == "__main__":
    main()
