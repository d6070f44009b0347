"""Learning on toy sets that are easily told apart, and what held-out cases show."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

from qualkit.coding.combining import (
    UNTRIED_MIX,
    UNTRIED_MIX_WITH_MEANING,
    UNTRIED_THRESHOLD,
    CodeTrial,
    wilson_low,
)
from qualkit.coding.keeping import bench_arrays, bench_settings
from qualkit.coding.learned import SPREAD, Bench, LearnedCoder
from qualkit.coding.learner import RIDGE, BenchLearner, fit_kernel
from qualkit.coding.lessons import UNKNOWN, Lesson
from qualkit.coding.passages import Passage
from qualkit.coding.words import WordFeatures
from qualkit.model import CodeKey

DEBT: CodeKey = ("story", "debt")
CALM: CodeKey = ("story", "calm")
ALONE: CodeKey = ("story", "alone")
STORY = frozenset({"story"})
NOTHING: frozenset[CodeKey] = frozenset()

WHO = ("Mum", "Dad", "She", "He", "Gran", "Uncle", "Tom", "Ann", "They", "We")
SAYINGS = {
    DEBT: ("{} owed rent to the landlord", "{} borrowed money and owed rent", "rent {} owed"),
    CALM: ("{} slept well and felt calm", "{} felt calm at night", "calm {} slept well"),
}


def lesson(
    text: str,
    *given: CodeKey,
    denied: frozenset[CodeKey] = NOTHING,
    complete: frozenset[str] = STORY,
    group: str = "g",
    natural: bool = True,
) -> Lesson:
    """A lesson of one stretch."""
    passage = Passage("", text, ((0, len(text)),))
    return Lesson(passage, (frozenset(given),), (denied,), complete, group, natural)


def toy(complete: frozenset[str] = STORY) -> list[Lesson]:
    """Sixty lessons of ten cases: each has three stretches of debt and three of calm."""
    return [
        lesson(saying.format(who), code, complete=complete, group=who)
        for who in WHO
        for code, sayings in SAYINGS.items()
        for saying in sayings
    ]


def learner(lessons: list[Lesson], codes: tuple[CodeKey, ...] = (DEBT, CALM), **options):
    n = sum(len(one.passage.spans) for one in lessons)
    rules = numpy.zeros((n, len(codes)), numpy.float32)
    return BenchLearner(whole=False, codes=codes, lessons=lessons, rules=rules, **options)


def learn(
    lessons: list[Lesson], codes: tuple[CodeKey, ...] = (DEBT, CALM), **options
) -> tuple[Bench, dict[CodeKey, CodeTrial]]:
    bench, trials = learner(lessons, codes, **options).learn()
    return bench, {trial.code: trial for trial in trials}


@pytest.fixture(scope="module")
def learned() -> tuple[Bench, dict[CodeKey, CodeTrial]]:
    """What is learned of the sixty lessons, and of twenty stretches that carry nothing."""
    nothing = ("drove past", "saw a bus")
    plain = [lesson(f"{who} {did}", group=who) for who in WHO for did in nothing]
    return learn([*toy(), *plain])


def proposed(bench: Bench, build, text: str) -> list[str]:
    coder = LearnedCoder([bench], "model", None, lambda segment: STORY)
    return build.names(coder.code_cases([[build.segment(text)]], []))


# --- Wilson's interval ----------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_lower_bound_is_scipys(counts: tuple[int, int]) -> None:
    right, found = counts
    expected = binomtest(right, found).proportion_ci(0.95, method="wilson").low
    assert wilson_low(right, found) == pytest.approx(expected, abs=1e-9)


def test_lower_bound_of_all_right_is_worked_by_hand() -> None:
    # With p = 1 it is n / (n + z²): 10 / (10 + 3.8415) = 0.7225.
    assert wilson_low(10, 10) == pytest.approx(0.7225, abs=1e-4)


def test_nothing_found_shows_nothing() -> None:
    assert wilson_low(0, 0) == 0.0


# --- learning ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Nina owed rent.", ["story.debt"]),
        ("Nina slept well and felt calm.", ["story.calm"]),
        ("A blue bus drove past.", []),
        ("Nina owed rent to the landlord. Ben felt calm.", ["story.debt", "story.calm"]),
    ],
    ids=["debt", "calm", "neither", "both"],
)
def test_new_sentences_are_coded_rightly(learned, build, text: str, codes: list[str]) -> None:
    assert proposed(learned[0], build, text) == codes


def test_all_that_is_held_out_is_found(learned) -> None:
    # Thirty segments carry each code; the words of one do not stand in the other's.
    for code in (DEBT, CALM):
        trial = learned[1][code]
        assert (trial.examples, trial.coded, trial.found, trial.right) == (0, 30, 30, 30)
        assert (trial.precision, trial.recall, trial.f1) == (1.0, 1.0, 1.0)
        # 30 / (30 + 3.8415)
        assert trial.precision_low == pytest.approx(0.8865, abs=1e-4)
        assert trial.threshold is not None
        assert 0 < trial.threshold < 1


@pytest.mark.parametrize(("least", "proposes"), [(0.88, True), (0.89, False)])
def test_code_is_proposed_only_if_its_precision_is_shown(build, least: float, proposes) -> None:
    # All thirty are right, and the lower bound is 0.8865 whatever the threshold.
    bench, trials = learn(toy(), min_precision=least)
    assert (trials[DEBT].threshold is not None) is proposes
    assert numpy.isfinite(bench.thresholds["model"]).tolist() == [proposes, proposes]
    assert bool(proposed(bench, build, "Nina owed rent.")) is proposes


def test_unproposed_code_has_no_precision(learned) -> None:
    trial = learn(toy(), min_precision=0.95)[1][DEBT]
    assert (trial.found, trial.precision, trial.precision_low) == (0, None, None)
    assert (trial.coded, trial.recall, trial.f1) == (30, 0.0, 0.0)


def by_hits(more: list[Lesson], hits: list[float]) -> tuple[Bench, CodeTrial]:
    """Learn sixty lessons of one text, of which every second carries debt, and some more.

    Words tell nothing: only the rule does, which hits where debt is, and where `hits` say so.
    """
    lessons = [lesson(SAME, *([DEBT] if n % 2 else []), group=str(n // 6)) for n in range(60)]
    own = learner([*lessons, *more], (DEBT,), min_precision=0.5)
    own.rules = numpy.array([[n % 2] for n in range(60)] + [[hit] for hit in hits], numpy.float32)
    bench, (trial,) = own.learn()
    return bench, trial


SAME = "the same words"


def test_rules_that_hit_rightly_make_up_for_words_that_tell_nothing() -> None:
    bench, trial = by_hits([], [])
    assert (trial.found, trial.right) == (30, 30)
    # Without rules half of what is found would be wrong: too few to be shown.
    assert numpy.isinf(bench.thresholds["model"][0])


# --- trials --------------------------------------------------------------------------------------


def test_no_case_is_divided_between_kept_and_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = [*toy(), lesson("she owed rent", DEBT, group="Mum", natural=False)]
    groups = numpy.array([one.group for one in lessons])
    natural = numpy.array([one.natural for one in lessons])
    own = learner(lessons)
    folds = []
    planes, parts = own._planes, own._parts

    def spy(columns, kept):
        folds.append(kept)
        return planes(columns, kept)

    monkeypatch.setattr(own, "_planes", spy)
    own.learn()
    assert folds.pop() is None  # at last, from all
    assert len(folds) == len(parts) == 5
    for kept in folds:
        assert not set(groups[~kept]) & set(groups[kept & natural])
        assert kept[~natural].all()
    # Each natural stretch is held out once.
    assert sum(~kept for kept in folds).tolist() == natural.astype(int).tolist()


def test_as_many_parts_as_cases_where_these_are_few() -> None:
    lessons = [replace(one, group=str(n % 3)) for n, one in enumerate(toy())]
    assert len(learner(lessons)._parts) == 3


def test_examples_are_counted_apart_and_not_tried() -> None:
    examples = [lesson(f"Kim owed rent {n}", DEBT, natural=False, group=str(n)) for n in range(7)]
    trial = learn([*toy(), *examples])[1][DEBT]
    assert (trial.examples, trial.coded, trial.found) == (7, 30, 30)


def test_unknown_does_not_count_as_no() -> None:
    # The rule hits in three segments more, of which nobody has said anything.
    unsaid = [lesson(SAME, complete=NOTHING, group=str(n)) for n in range(3)]
    _, trial = by_hits(unsaid, [1.0] * 3)
    assert (trial.coded, trial.found, trial.right) == (30, 30, 30)


def test_denied_counts_as_no() -> None:
    # The same, but somebody has rejected them: they score as those rightly hit beside them.
    denied = [
        lesson(SAME, complete=NOTHING, denied=frozenset({DEBT}), group=str(n)) for n in range(3)
    ]
    _, trial = by_hits(denied, [1.0] * 3)
    assert (trial.coded, trial.found, trial.right) == (30, 33, 30)


def test_unknown_stretch_beside_a_denied_one_does_not_count_as_no() -> None:
    # One stretch without a hit is rejected; of the other, where the rule hits, nobody spoke.
    passage = Passage("", f"{SAME}. {SAME}", ((0, 14), (16, 30)))
    denied = (frozenset({DEBT}), NOTHING)
    mixed = [Lesson(passage, (NOTHING, NOTHING), denied, NOTHING, str(n), True) for n in range(3)]
    _, trial = by_hits(mixed, [0.0, 1.0] * 3)
    assert (trial.coded, trial.found, trial.right) == (30, 30, 30)


def test_segment_counts_once_however_many_stretches_carry_the_code() -> None:
    def twice(one: Lesson) -> Lesson:
        text = one.passage.text
        spans = ((0, len(text)), (len(text) + 2, 2 * len(text) + 2))
        passage = Passage("", f"{text}. {text}", spans)
        return replace(one, passage=passage, given=one.given * 2, denied=one.denied * 2)

    trial = learn([twice(one) for one in toy()])[1][DEBT]
    assert (trial.coded, trial.found, trial.right) == (30, 30, 30)


def test_untried_code_has_a_threshold_and_no_precision() -> None:
    other: CodeKey = ("other", "alone")
    examples = [
        lesson(f"Kim knew nobody {n}", other, complete=NOTHING, natural=False, group=str(n))
        for n in range(5)
    ]
    bench, trials = learn([*toy(), *examples], (DEBT, CALM, other))
    assert trials[other] == CodeTrial(other, 5, 0, 0, 0, None, None, None, None, UNTRIED_THRESHOLD)
    assert bench.thresholds["both"][2] == UNTRIED_THRESHOLD


def test_untried_code_has_a_threshold_of_its_own() -> None:
    own = learner([*toy(), *of_alone(3, natural=False)], (DEBT, CALM, ALONE), min_precision=0)
    probability = numpy.array([[0.9, 0.7, 0], [0.8, 0.3, 0], [0.5, 0.2, 0], [0.1, 0.1, 0]])
    truth = numpy.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]])
    limits, trials = own.combination.limits(probability, truth)
    # Together 0.9, 0.8 and 0.7 are right and 0.5 is wrong: 0.6. Of its own debt would have
    # (0.8 + 0.5) / 2 = 0.65 and calm (0.7 + 0.3) / 2 = 0.5, which count as 2 codings and 1,
    # the category's as 10: (2 * 0.65 + 10 * 0.6) / 12 and (0.5 + 10 * 0.6) / 11.
    assert limits == pytest.approx([7.3 / 12, 6.5 / 11, UNTRIED_THRESHOLD])
    assert (trials[2].examples, trials[2].coded, trials[2].precision) == (3, 0, None)
    assert trials[2].threshold == pytest.approx(UNTRIED_THRESHOLD)


def of_alone(n: int, *, natural: bool) -> list[Lesson]:
    """Lessons of a third code: of cases of their own, or written for it."""
    complete = STORY if natural else NOTHING
    return [
        lesson(f"Kim{k} knew nobody", ALONE, complete=complete, natural=natural, group=f"a{k}")
        for k in range(n)
    ]


@pytest.mark.parametrize("natural", [True, False], ids=["coded", "written"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_code_with_fewer_than_three_stretches_is_left_to_the_rules(n: int, natural: bool) -> None:
    lessons = [*toy(), *of_alone(n, natural=natural)]
    bench, trials = learn(lessons, (DEBT, CALM, ALONE), min_precision=0)
    left = n < 3
    assert (trials[ALONE].threshold is None) is left
    for method in ("model", "both"):
        assert numpy.isinf(bench.thresholds[method]).tolist() == [False, False, left]
    assert trials[ALONE].coded == (n if natural else 0)
    assert [bench.is_untried(column) for column in range(3)] == [False, False, not natural]


def test_progress_is_told_for_each_part_and_the_whole() -> None:
    told = []
    learner(toy()).learn(lambda done, total: told.append((done, total)))
    assert told == [(n, 6) for n in range(1, 7)]


# --- defects ----------------------------------------------------------------------------------


def test_hundred_codings_and_not_one_no_can_be_learned_from() -> None:
    lessons = [
        lesson(f"they owed rent {n}", DEBT, complete=NOTHING, group=str(n)) for n in range(100)
    ]
    _, trials = learn(lessons, (DEBT,))
    assert trials[DEBT].coded == 100


def test_single_case_shows_no_precision() -> None:
    lessons = [lesson("he owed rent", DEBT, group="only") for _ in range(10)]
    assert learn(lessons, (DEBT,))[1][DEBT].precision is None


# --- combination with few codings ---------------------------------------------------------------


def spread(own: BenchLearner, mix: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Mean and standard deviation of what the mix makes of held-out scores, without rules."""
    columns = WordFeatures.fit([one.passage for one in own.lessons])
    table = columns.transform([one.passage for one in own.lessons])
    words, meaning = own.held_scores(table, lambda done: None)
    rows = numpy.flatnonzero(own.combination.held)
    weighed = (mix[0] * words + mix[1] * meaning + mix[4])[rows]
    return weighed.mean(axis=0), weighed.std(axis=0)


@pytest.mark.parametrize("natural", [True, False], ids=["coded", "written"])
def test_scores_of_few_codings_are_counted_in_standard_deviations(natural: bool) -> None:
    # Sixty codings are fewer than the hundred that it takes to fit a combination. Scores that
    # have mean 0 and standard deviation 1 are weighed: constant and weight are left.
    own = learner([replace(one, natural=natural, group=str(n)) for n, one in enumerate(toy())])
    bench, _ = own.learn()
    mean, deviation = spread(own, bench.mixes["both"])
    assert mean == pytest.approx([UNTRIED_MIX[4]] * 2, abs=1e-4)
    assert deviation == pytest.approx([UNTRIED_MIX[0]] * 2, abs=1e-4)
    assert pytest.approx(numpy.tile(UNTRIED_MIX[2:4], (2, 1))) == bench.mixes["both"][2:4].T
    # Without rules nothing is weighed for them.
    assert not bench.mixes["model"][2:4].any()


def test_scores_that_are_all_alike_say_nothing() -> None:
    own = learner(toy(), vectors=numpy.ones((60, 1), numpy.float32))
    bench, _ = own.learn()
    assert not bench.mixes["both"][1].any()
    mean, deviation = spread(own, bench.mixes["both"])
    assert mean == pytest.approx([UNTRIED_MIX_WITH_MEANING[4]] * 2, abs=1e-4)
    assert deviation == pytest.approx([UNTRIED_MIX_WITH_MEANING[0]] * 2, abs=1e-4)


# --- meaning -----------------------------------------------------------------------------------


def test_kernel_is_ridge_regression_on_likeness() -> None:
    # With every vector in the sample the Nyström features have the kernel matrix K as inner
    # products; ridge regression on any other root of K gives the same values.
    random = numpy.random.default_rng(3)
    vectors = random.normal(size=(12, 4))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    truth = random.integers(UNKNOWN, 2, size=(12, 2)).astype(numpy.int8)
    kernel = rbf_kernel(vectors, gamma=SPREAD)
    values, axes = numpy.linalg.eigh(kernel)
    seen = axes * numpy.sqrt(values)
    expected = Ridge(alpha=RIDGE).fit(seen, numpy.where(truth == 1, 1.0, -1.0)).predict(seen)
    found = fit_kernel(vectors, truth, 0).scores(vectors)
    assert found == pytest.approx(expected, abs=1e-4)


def test_sentence_vectors_alone_tell_codes_apart() -> None:
    # Every text is the same; vectors of debt and of others stand at right angles.
    lessons = [
        lesson("the same words", *([DEBT] if n % 2 else []), group=str(n % 10)) for n in range(60)
    ]
    vectors = numpy.eye(2, dtype=numpy.float32)[[n % 2 for n in range(60)]]
    bench, trials = learn(lessons, (DEBT,), vectors=vectors)
    assert (trials[DEBT].found, trials[DEBT].right) == (30, 30)
    scores = bench.evidence([lessons[0].passage] * 2, numpy.eye(2, dtype=numpy.float32))[1]
    assert scores[0, 0] < 0 < scores[1, 0]


def test_held_out_scores_stand_in_for_those_of_the_tuned_encoder() -> None:
    lessons = toy()
    same = numpy.ones((60, 1), numpy.float32)
    held = numpy.full((60, 2), numpy.nan, numpy.float32)
    held[:3] = 5.0
    own = learner(lessons, vectors=same, held_out=held)
    columns = numpy.zeros((60, 1))
    own._planes = lambda *_: (numpy.zeros((1, 2)), numpy.zeros(2))  # type: ignore[method-assign]
    _, meaning = own.held_scores(columns, lambda done: None)
    assert (meaning[:3] == 5.0).all()
    assert (numpy.abs(meaning[3:]) < 1.01).all()


# --- the same again ---------------------------------------------------------------------------


def test_same_lessons_and_seed_give_the_same_bytes() -> None:
    vectors = numpy.random.default_rng(0).normal(size=(60, 8)).astype(numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    one, two = (learner(toy(), vectors=vectors, seed=7).learn()[0] for _ in range(2))
    assert bench_settings(one) == bench_settings(two)
    first, second = bench_arrays(one), bench_arrays(two)
    assert {name: a.tobytes() for name, a in first.items()} == {
        name: a.tobytes() for name, a in second.items()
    }
