"""Words as numbers: tf-idf worked by hand, sorts of feature at their weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.coding.passages import Passage
from qualkit.coding.words import LEAST_SEEN, N_FEATURES, SORTS, WordFeatures, terms


def passages(*texts: str, question: str = "", role: str = "") -> list[Passage]:
    """One passage of one stretch for each text."""
    return [Passage(question, text, ((0, len(text)),), role) for text in texts]


def part(row: numpy.ndarray, sort: str) -> numpy.ndarray:
    """The columns of one sort in a row of features."""
    first = 0
    for name, own in SORTS.items():
        if name == sort:
            return row[first : first + own.size]
        first += own.size
    raise KeyError(sort)


def columns_of(texts: Sequence[str]) -> dict[str, int]:
    """The column of each word and pair of words of some texts."""
    return {term: column for text in texts for term, column in terms(text).items()}


@pytest.fixture(scope="module")
def every() -> WordFeatures:
    """Features that all weigh 1."""
    return WordFeatures(numpy.ones(N_FEATURES, numpy.float32))


# --- tf-idf by hand ----------------------------------------------------------------------

TINY = ("debt debt calm", "debt", "calm home debt")
"""Three stretches: debt in all, calm in two, home and every pair of words in one."""


def test_idf_is_as_published() -> None:
    # Smoothed idf, ln((1 + n) / (1 + df)) + 1 with n = 3: debt ln(4/4) + 1, calm ln(4/3) + 1.
    weights = WordFeatures.fit(passages(*TINY)).weights
    at = columns_of(TINY)
    assert weights[at["debt"]] == pytest.approx(1.0)
    assert weights[at["calm"]] == pytest.approx(math.log(4 / 3) + 1)


def test_what_is_seen_in_one_stretch_counts_nothing() -> None:
    assert LEAST_SEEN == 2
    weights = WordFeatures.fit(passages(*TINY)).weights
    at = columns_of(TINY)
    once = ("home", "debt debt", "debt calm", "calm home", "home debt")
    assert [float(weights[at[term]]) for term in once] == [0.0] * 5


def test_row_is_tf_idf_of_length_one() -> None:
    made = passages(*TINY)
    row = WordFeatures.fit(made).transform(made).toarray()[0]
    # debt twice: (1 + ln 2) * 1 = 1.693147; calm once: 1 * 1.287682.
    # Length: sqrt(2.866747 + 1.658125) = 2.127175.
    words = part(row, "words")
    at = columns_of(TINY)
    assert words[at["debt"]] == pytest.approx(1.693147 / 2.127175, abs=1e-6)
    assert words[at["calm"]] == pytest.approx(1.287682 / 2.127175, abs=1e-6)
    assert numpy.count_nonzero(words) == 2


def test_stretches_of_a_passage_are_rows_of_their_own() -> None:
    text = "debt calm debt"
    made = [Passage("", text, ((0, 4), (5, 9), (10, 14)))]
    rows = WordFeatures.fit(made).transform(made)
    assert rows.shape == (3, N_FEATURES)
    dense = rows.toarray()
    assert (dense[0] == dense[2]).all()
    # Only its role is seen in other stretches too; calm itself stands in one.
    assert part(dense[1], "words").max() == 0
    assert part(dense[0], "words").max() == pytest.approx(1)


# --- sorts ------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["they", "had", "debts", "he's", "calm", "home"]), min_size=1).map(
    " ".join
)


@settings(max_examples=25, deadline=None)
@given(WORDS, WORDS, st.sampled_from(["", "parent"]))
def test_part_of_each_sort_has_its_weight_as_length(
    every: WordFeatures, text: str, question: str, role: str
) -> None:
    row = every.transform(passages(text, question=question, role=role)).toarray()[0]
    for name, sort in SORTS.items():
        assert numpy.linalg.norm(part(row, name)) == pytest.approx(sort.weight, rel=1e-5)


def test_stretch_says_most_then_the_question_then_who_speaks() -> None:
    weights = [SORTS[name].weight for name in ("words", "parts", "question", "role")]
    assert weights == [1.0, 1.0, 0.4, 0.3]


def test_nothing_is_there_without_a_question(every: WordFeatures) -> None:
    row = every.transform(passages("debt")).toarray()[0]
    assert not part(row, "question").any()


def test_unknown_words_leave_their_part_empty() -> None:
    features = WordFeatures.fit(passages("debt", "debt"))
    row = features.transform(passages("zzz")).toarray()[0]
    assert not part(row, "words").any()
    assert not part(row, "parts").any()


def test_who_speaks_tells_rows_apart(every: WordFeatures) -> None:
    rows = [every.transform(passages("debt", role=role)).toarray()[0] for role in ("parent", "")]
    assert (part(rows[0], "role") != part(rows[1], "role")).any()
    assert (part(rows[0], "words") == part(rows[1], "words")).all()


def test_fewer_passages_give_the_same_rows(every: WordFeatures) -> None:
    made = passages("they had debts", "he is calm")
    both = every.transform(made).toarray()
    assert (every.transform(made[1:]).toarray()[0] == both[1]).all()


# --- terms ------------------------------------------------------------------------------------


def test_terms_are_the_words_and_pairs_in_lower_case() -> None:
    assert set(terms("He's IN debt.")) == {"he's", "in", "debt", "he's in", "in debt"}


@settings(max_examples=25, deadline=None)
@given(WORDS)
def test_terms_columns_are_those_of_the_row(every: WordFeatures, text: str) -> None:
    row = every.transform(passages(text)).toarray()[0]
    assert set(terms(text).values()) == set(numpy.flatnonzero(part(row, "words")).tolist())


def test_kind_of_apostrophe_makes_no_difference() -> None:
    assert terms("can’t cope") == terms("can't cope")
