"""Learning: lessons gathered, benches fitted and kept; texts coded with what was learned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualkit.analysis.learned import trials_table
from qualkit.errors import QualkitError
from qualkit.model import ProposedCoding, Table
from qualkit.project.models import ModelPart
from qualkit.store import codebooks
from qualkit.store.connection import transaction

if TYPE_CHECKING:
    import numpy

    from qualkit.coding.combining import CodeTrial
    from qualkit.coding.encoder import Encoder
    from qualkit.coding.learned import Bench
    from qualkit.coding.lessons import Lesson
    from qualkit.project.lessons import Gathered

    Array = numpy.ndarray[Any, Any]

Progress = Callable[[int, int], None]
Say = Callable[[str], None]

TUNING_PAYS = 1000
"""Coded segments of one's own from which fine-tuning the encoder is worth its minutes."""
TUNING_FOLDS = 2


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How to learn.

    Attributes
    ----------
    min_precision : float
        A code is proposed only if its precision on held-out cases is above this
        with 95% confidence; 0 proposes every code.
    coders : tuple of str
        People to learn from; all if empty.
    semantic : bool or None
        Whether to use sentence vectors; None where the extra is installed.
    encoder : str
        Name or folder of the sentence encoder; the default one if empty.
    tune : bool or None
        Whether to fine-tune the encoder on the project's coded cases; None where
        torch is installed and there are 1,000 coded segments of a category.
    shipped : bool
        Whether to learn from the examples and coded cases that come with qualkit too.
    cases : bool
        Whether the coded ones among them count.
    seed : int
        Of all chance.
    """

    min_precision: float = 0.5
    coders: tuple[str, ...] = ()
    semantic: bool | None = None
    encoder: str = ""
    tune: bool | None = None
    shipped: bool = True
    cases: bool = True
    seed: int = 0


class LearningPart(ModelPart):
    """Fits the learned layer and brings it to bear."""

    def learn(
        self,
        options: LearningOptions | None = None,
        *,
        progress: Progress | None = None,
        say: Say | None = None,
    ) -> Table:
        """Learn from examples and from people's codings and decisions; keep the model.

        Parameters
        ----------
        options : LearningOptions, optional
        progress : callable, optional
            Told (steps done, steps in all).
        say : callable, optional
            Told in words what is being done.

        Returns
        -------
        Table
            One row a code: what it could do on cases held out, and whether it will
            be proposed.

        Raises
        ------
        QualkitError
            No codebook is loaded, or there is nothing to learn from.
        ModelMissingError
            Sentence vectors or fine-tuning were asked for and cannot be had.
        """
        from qualkit.project.lessons import gather

        options = options or LearningOptions()
        say = say or (lambda text: None)
        if not 0 <= options.min_precision < 1:
            raise QualkitError(
                "the least precision must be at least 0 and below 1",
                found=str(options.min_precision),
            )
        self._refuse_unknown_coders(options.coders)
        if not codebooks.fetch_codebooks(self._connection):
            self.load_shipped_codebooks()
        gathered = gather(
            self._connection,
            options.coders,
            sets=options.shipped,
            cases=options.shipped and options.cases,
        )
        own = [case for case in gathered.cases if case.own]
        say(
            f"learning {len(gathered.codes)} codes from"
            f" {sum(len(s.examples) for s in gathered.sets):,} examples,"
            f" {len(gathered.cases) - len(own):,} shipped coded cases and"
            f" {len(own):,} of your own"
        )
        with self._plainly(), transaction(self._connection):
            benches, trials, encoder = self._benches(gathered, options, progress, say)
            key = self._keep(benches, trials, encoder, options, gathered)
        return trials_table(
            trials,
            self._code_names(),
            min_precision=options.min_precision,
            encoder=encoder.id if encoder else "",
            model=key,
        )

    def _refuse_unknown_coders(self, names: Sequence[str]) -> None:
        for name in names:
            self._coder(name)

    # --- fitting ---------------------------------------------------------------------

    def _benches(
        self,
        gathered: Gathered,
        options: LearningOptions,
        progress: Progress | None,
        say: Say,
    ) -> tuple[list[Bench], list[CodeTrial], Encoder | None]:
        import numpy

        from qualkit.coding.learner import BenchLearner

        whole_categories = gathered.whole_categories()
        categories = frozenset(category for category, _ in gathered.codes)
        parts = [
            (whole, own, gathered.lessons(whole, own))
            for whole, own in (
                (False, categories - whole_categories),
                (True, categories & whole_categories),
            )
            if own
        ]
        encoder = self._encoder(options)
        held_out: list[Array | None] = [None] * len(parts)
        if encoder is not None and _tunes(gathered, options):
            encoder, held_out = self._tuned(encoder, gathered, parts, options, progress, say)
        rules = self._rule_hits(case.segments for case in gathered.cases)
        benches, trials = [], []
        if encoder is not None:
            # By sentence and as wholes in one go: the same words are read once.
            passages = [lesson.passage for _, _, lessons in parts for lesson in lessons]
            say(f"reading {sum(len(own.spans) for own in passages):,} stretches")
            self._vectors(encoder, passages, progress)
        for (whole, own, lessons), held in zip(parts, held_out, strict=True):
            codes = [code for code in gathered.codes if code[0] in own]
            if not any(lesson.given for lesson in lessons):
                continue
            vectors = None
            if encoder is not None:
                own_passages = [lesson.passage for lesson in lessons]
                vectors = numpy.concatenate(self._vectors(encoder, own_passages))
            sort = "whole segments" if whole else "sentences"
            say(f"learning by {sort}, and trying it on cases held out")
            learner = BenchLearner(
                whole=whole,
                codes=codes,
                lessons=lessons,
                rules=_rule_table(lessons, codes, rules),
                vectors=vectors,
                held_out=held,
                min_precision=options.min_precision,
                seed=options.seed,
            )
            bench, tried = learner.learn(progress)
            benches.append(bench)
            trials += tried
        if not benches:
            raise QualkitError(
                "there is nothing to learn from: no examples, and no coded case",
                where=str(self.path),
                to_do="give the codes examples (docs/codebooks.md), or import codings:"
                " qualkit import codings FILE --coder NAME",
            )
        return benches, trials, encoder

    def _tuned(
        self,
        encoder: Encoder,
        gathered: Gathered,
        parts: Sequence[tuple[bool, frozenset[str], list[Lesson]]],
        options: LearningOptions,
        progress: Progress | None,
        say: Say,
    ) -> tuple[Encoder, list[Array | None]]:
        """Return the encoder fine-tuned on one's own cases, and scores held out from it."""
        from qualkit.coding.encoder import Encoder, apply_change
        from qualkit.coding.tuning import held_out_scores, tune_encoder

        categories = _own_categories(gathered)
        held: list[Array | None] = []
        taught: list[Lesson] = []
        for _, own, lessons in parts:
            shared = own & categories
            rows = [lesson for lesson in lessons if _teaches(lesson, shared)] if shared else []
            taught += rows
            held.append(None)
        codes = [code for code in gathered.codes if code[0] in categories]
        n_steps = sum(len(lesson.passage.spans) for lesson in taught)
        say(
            f"fine-tuning the encoder on {n_steps:,} stretches, {TUNING_FOLDS + 1} times"
            " (some minutes; --no-tune leaves it out)"
        )
        for number, (_, own, lessons) in enumerate(parts):
            if own & categories:
                held[number] = held_out_scores(
                    encoder.folder,
                    encoder.config,
                    lessons,
                    [code for code in gathered.codes if code[0] in own],
                    frozenset(own & categories),
                    folds=TUNING_FOLDS,
                    seed=options.seed,
                    progress=progress,
                )
        change = tune_encoder(
            encoder.folder, encoder.config, taught, codes, seed=options.seed, progress=progress
        )
        digest = hashlib.sha256(b"".join(change[name].tobytes() for name in sorted(change)))
        tuned = Encoder(
            encoder.folder,
            encoder.name,
            lambda weights: apply_change(weights, change),
            digest.hexdigest()[:16],
        )
        tuned.change_arrays = change
        return tuned, held

    def _code_names(self) -> dict[tuple[str, str], str]:
        return {
            (code.category, code.code): code.name
            for code in codebooks.fetch_codes(self._connection)
        }


def _own_categories(gathered: Gathered) -> frozenset[str]:
    """Return the categories of which people coded so many segments that fine-tuning pays."""
    counts: dict[str, set[int]] = {}
    for case in gathered.cases:
        if case.own:
            for segment_id, (category, _), _, _ in case.given:
                counts.setdefault(category, set()).add(segment_id)
    return frozenset(category for category, own in counts.items() if len(own) >= TUNING_PAYS)


def _tunes(gathered: Gathered, options: LearningOptions) -> bool:
    from qualkit.coding.tuning import tuning_installed

    if options.tune is None:
        return tuning_installed() and bool(_own_categories(gathered))
    if options.tune and not _own_categories(gathered):
        raise QualkitError(
            "there are too few coded segments to fine-tune the encoder on",
            expected=f"{TUNING_PAYS:,} segments of one category, coded by people",
            to_do="leave out --tune",
        )
    return options.tune


def _teaches(lesson: Lesson, categories: frozenset[str]) -> bool:
    return bool(lesson.complete & categories) or any(
        code[0] in categories for given in lesson.given for code in given
    )


def _rule_table(
    lessons: Sequence[Lesson],
    codes: Sequence[tuple[str, str]],
    hits: Mapping[tuple[int, tuple[str, str]], Sequence[ProposedCoding]],
) -> Array:
    from qualkit.coding.learned import rule_scores

    scores, _ = rule_scores([lesson.passage for lesson in lessons], codes, hits)
    return scores
