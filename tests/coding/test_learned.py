"""The learned layer in use: evidence combined by hand, and codings from a bench made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import rbf_kernel

from qualkit.coding.learned import (
    SPREAD,
    Bench,
    Kernel,
    LearnedCoder,
    combined,
    rule_scores,
    sigmoid,
)
from qualkit.coding.passages import Passage, read_passages
from qualkit.coding.words import N_FEATURES, WordFeatures, terms
from qualkit.model import CodeKey, ProposedCoding, Segment

DEBT: CodeKey = ("barrier", "debt")
CALM: CodeKey = ("outcome", "calm")

# --- arithmetic ---------------------------------------------------------------------------


def test_evidence_is_weighed_and_added() -> None:
    # One stretch, two codes. First: 2 * 0.5 + 3 * 0.2 + 1 (a hit) + 4 * 0.8 - 1 = 4.8;
    # second, without a hit: 2 * -1 + 3 * 0.1 + 0 + 0 + 0.5 = -1.2.
    mix = numpy.array([[2.0, 2.0], [3.0, 3.0], [1.0, 1.0], [4.0, 4.0], [-1.0, 0.5]])
    words, meaning = numpy.array([[0.5, -1.0]]), numpy.array([[0.2, 0.1]])
    rules = numpy.array([[0.8, 0.0]])
    assert combined(mix, words, meaning, rules) == pytest.approx(numpy.array([[4.8, -1.2]]))


def test_sigmoid_turns_log_odds_into_probabilities() -> None:
    # Odds 1:1, 3:1 and 1:4.
    found = sigmoid(numpy.array([0.0, math.log(3), -math.log(4)]))
    assert found == pytest.approx([0.5, 0.75, 0.2])


def test_sigmoid_does_not_overflow() -> None:
    assert sigmoid(numpy.array([-1e4, 1e4])).tolist() == [0.0, 1.0]


@given(st.floats(-30, 30))
def test_sigmoid_of_yes_and_no_add_up_to_one(x: float) -> None:
    both = sigmoid(numpy.array([x, -x]))
    assert both.sum() == pytest.approx(1)


def test_kernels_scores_are_those_of_the_radial_kernel() -> None:
    random = numpy.random.default_rng(1)

    def rows(n: int) -> numpy.ndarray:
        made = random.normal(size=(n, 5))
        return made / numpy.linalg.norm(made, axis=1, keepdims=True)

    basis, vectors = rows(4), rows(6)
    weights, offsets = random.normal(size=(4, 3)), random.normal(size=3)
    expected = rbf_kernel(vectors, basis, gamma=SPREAD) @ weights + offsets
    assert Kernel(basis, weights, offsets).scores(vectors) == pytest.approx(expected)


# --- a bench by hand ----------------------------------------------------------------------


def make_bench(*, whole: bool = False, limit: tuple[float, float] = (0.5, 0.5)) -> Bench:
    """A bench that looks for the words "debt" and "calm" and nothing else.

    The score by words is 1 where the word stands, else 0. Log-odds of "both":
    4 for the word, 2 for a rule's hit, -2 always; of "model": the same without rules.

    | word | hit | both | probability | model | probability |
    |---|---|---|---|---|---|
    | yes | yes | 4 | 0.9820 | 2 | 0.8808 |
    | yes | no | 2 | 0.8808 | 2 | 0.8808 |
    | no | yes | 0 | 0.5 | -2 | 0.1192 |
    | no | no | -2 | 0.1192 | -2 | 0.1192 |
    """
    at = [terms(word)[word] for word in ("debt", "calm")]
    weights = numpy.zeros(N_FEATURES, numpy.float32)
    weights[at] = 1.0
    words = numpy.zeros((N_FEATURES, 2), numpy.float32)
    words[at, [0, 1]] = 1.0

    def column(*values: float) -> numpy.ndarray:
        return numpy.repeat(numpy.array(values)[:, None], 2, axis=1)

    return Bench(
        whole,
        (DEBT, CALM),
        WordFeatures(weights),
        words,
        numpy.zeros(2, numpy.float32),
        None,
        {"both": column(4, 0, 2, 0, -2), "model": column(4, 0, 0, 0, -2)},
        {"both": column(0, 1), "model": column(0, 1)},
        {"both": numpy.array(limit), "model": numpy.array(limit)},
    )


def hit(segment: Segment, quote: str, code: CodeKey = DEBT, score: float = 0.7) -> ProposedCoding:
    """What a rule proposes on these words."""
    start = segment.text.index(quote)
    return ProposedCoding(segment.segment_id, *code, start, start + len(quote), score, "r#1")


def everything(segment: Segment) -> frozenset[str]:
    return frozenset({"barrier", "outcome"})


def code(
    segments: list[Segment],
    *hits: ProposedCoding,
    method: str = "both",
    bench: Bench | None = None,
    covered=everything,
    wanted=None,
) -> list[ProposedCoding]:
    coder = LearnedCoder([bench or make_bench()], method, None, covered, wanted)
    return coder.code_cases([segments], hits)


def test_sentence_is_quoted_where_only_the_model_speaks(build) -> None:
    segment = build.segment("All went well. The debt grew. He left.")
    # sigmoid(2) = 1 / (1 + e^-2) = 0.8808
    assert code([segment]) == [ProposedCoding(10, *DEBT, 15, 29, 0.8808, "model")]


def test_rules_quotation_is_kept_where_both_speak(build) -> None:
    segment = build.segment("All went well. The debt grew. He left.")
    # sigmoid(4) = 0.9820; "The debt" is 15 to 23.
    assert code([segment], hit(segment, "The debt")) == [
        ProposedCoding(10, *DEBT, 15, 23, 0.9820, "r#1+model")
    ]


def test_two_hits_in_a_sentence_keep_both_quotations(build) -> None:
    segment = build.segment("The debt grew and grew.")
    found = code([segment], hit(segment, "debt grew"), hit(segment, "debt"))
    assert [(c.start, c.end, c.rule) for c in found] == [
        (4, 8, "r#1+model"),
        (4, 13, "r#1+model"),
    ]


def test_hit_over_two_sentences_is_proposed_once_at_the_surer_score(build) -> None:
    segment = build.segment("Money went. The debt grew.")
    found = code([segment], hit(segment, "Money went. The debt grew."))
    # The first sentence alone: sigmoid(0) = 0.5; the second: sigmoid(4) = 0.9820.
    assert found == [ProposedCoding(10, *DEBT, 0, 26, 0.9820, "r#1+model")]


def test_hit_alone_is_proposed_where_its_probability_is_the_threshold(build) -> None:
    segment = build.segment("Bills came.")
    assert [c.score for c in code([segment], hit(segment, "Bills"))] == [0.5]


def test_hit_alone_is_not_proposed_below_the_threshold(build) -> None:
    segment = build.segment("Bills came.")
    assert code([segment], hit(segment, "Bills"), bench=make_bench(limit=(0.51, 0.5))) == []


def test_model_alone_does_not_weigh_hits(build) -> None:
    segment = build.segment("Bills came. The debt grew.")
    found = code([segment], hit(segment, "Bills"), method="model")
    assert found == [ProposedCoding(10, *DEBT, 12, 26, 0.8808, "model")]


def test_model_alone_quotes_the_sentence_where_a_rule_hits_too(build) -> None:
    segment = build.segment("All went well. The debt grew. He left.")
    assert code([segment], hit(segment, "The debt"), method="model") == [
        ProposedCoding(10, *DEBT, 15, 29, 0.8808, "model")
    ]


def test_rules_codings_of_an_untried_code_stay_and_the_model_adds_others(build) -> None:
    bench = replace(make_bench(limit=(0.51, 0.5)), untried=numpy.array([True, False]))
    segment = build.segment("The debt grew. A debt fell. Bills came. All calm.")
    weighed = hit(segment, "calm", CALM)
    both, alone = hit(segment, "debt"), hit(segment, "Bills")
    assert code([segment], both, alone, weighed, bench=bench) == [
        both,
        ProposedCoding(10, *DEBT, 15, 27, 0.8808, "model"),
        # Its probability would be 0.5, below the threshold.
        alone,
        ProposedCoding(10, *CALM, 44, 48, 0.9820, "r#1+model"),
    ]
    # Without rules all that stays is what the model sees.
    found = code([segment], both, alone, bench=bench, wanted=[DEBT], method="model")
    assert [(c.start, c.end, c.rule) for c in found] == [(0, 14, "model"), (15, 27, "model")]


@pytest.mark.parametrize(
    ("bench", "key"),
    [(make_bench(limit=(math.inf, 0.5)), DEBT), (make_bench(), ("barrier", "other"))],
    ids=["never proposed by the model", "on no bench"],
)
def test_rules_of_unlearned_codes_stay_with_both_and_go_with_model(build, bench, key) -> None:
    segment = build.segment("The debt grew.")
    own = hit(segment, "debt", key)
    found = code([segment], own, bench=bench, wanted=[key])
    assert found == [own]
    assert code([segment], own, bench=bench, wanted=[key], method="model") == []


def test_categories_not_open_in_a_segment_are_never_proposed(build) -> None:
    segments = [
        build.segment("Debt, and calm.", 1, role="parent"),
        build.segment("Debt, and calm.", 2, role="staff"),
    ]

    def covered(segment: Segment) -> frozenset[str]:
        return frozenset({"barrier"} if segment.role == "staff" else {"outcome"})

    # Two words share the length of a row: 1 / sqrt(2) each, log-odds 4 * 0.7071 - 2 > 0.
    found = code(segments, covered=covered)
    assert [(c.segment_id, c.category) for c in found] == [(10, "outcome"), (20, "barrier")]


def test_only_wanted_codes_are_proposed(build) -> None:
    found = code([build.segment("Debt. All calm.")], wanted=[CALM])
    assert build.names(found) == ["outcome.calm"]


def test_interviewers_words_are_not_coded(build) -> None:
    turns = build.interview(("interviewer", "Any debt?"), ("parent", "No."))
    assert code(turns) == []


def test_whole_segments_are_quoted_by_a_bench_that_judges_wholes(build) -> None:
    segment = build.segment(" All went well. The debt grew. ")
    (found,) = code([segment], bench=make_bench(whole=True))
    assert segment.text[found.start : found.end] == "All went well. The debt grew."


def test_codings_come_in_order_of_text_then_code(build) -> None:
    first = build.segment("Calm. Debt and calm.", 2)
    second = build.segment("Debt.", 1)
    found = LearnedCoder([make_bench()], "both", None, everything).code_cases(
        [[first], [second]], [hit(second, "Debt", ("barrier", "other"))]
    )
    # Segments in the order given, then start, end, category and code.
    assert [(c.segment_id, c.start, c.category, c.code_id) for c in found] == [
        (20, 0, "outcome", "calm"),
        (20, 6, "barrier", "debt"),
        (20, 6, "outcome", "calm"),
        (10, 0, "barrier", "other"),
        (10, 0, "barrier", "debt"),
    ]


def test_two_benches_stand_side_by_side(build) -> None:
    by_sentence, by_whole = make_bench(limit=(0.5, math.inf)), make_bench(whole=True)
    benches = [by_sentence, by_whole]
    segment = build.segment("Well. The debt grew.")
    found = LearnedCoder(benches, "both", None, everything, [DEBT]).code_cases([[segment]], [])
    assert [(c.start, c.end) for c in found] == [(0, 20), (6, 20)]


# --- rule hits as scores --------------------------------------------------------------------


def test_best_hit_of_a_stretch_counts(build) -> None:
    segment = build.segment("The debt grew. The debt went.")
    low, high = hit(segment, "The debt grew", score=0.4), hit(segment, "debt", score=0.9)
    passages = list(read_passages([segment]))
    scores, places = rule_scores(passages, (DEBT, CALM), {(10, DEBT): [low, high]})
    assert scores == pytest.approx(numpy.array([[0.9, 0.0], [0.0, 0.0]], numpy.float32))
    assert places == {(0, 0): [low, high]}


def test_hits_of_other_codes_and_segments_do_not_count(build) -> None:
    segment = build.segment("The debt grew.")
    own = hit(segment, "debt")
    passage = Passage("", segment.text, ((0, 14),), segment_id=99)
    scores, places = rule_scores([passage], (DEBT,), {(10, DEBT): [own], (99, CALM): [own]})
    assert not scores.any()
    assert places == {}
