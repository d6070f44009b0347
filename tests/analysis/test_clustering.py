"""Latent classes: EM, missing answers, starts; against StepMix and by hand."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.clustering import (
    PRIOR,
    Classes,
    Material,
    collect_answers,
    improve,
    log_likelihood,
    memberships,
)


def test_collect_answers_counts_equal_rows_and_leaves_out_empty_ones() -> None:
    answers = collect_answers(numpy.array([[1, 0], [-1, -1], [1, 0], [0, -1]]))
    assert answers.patterns.tolist() == [[0, -1], [1, 0]]
    assert answers.weights.tolist() == [1, 2]
    assert answers.which.tolist() == [1, -1, 1, 0]
    assert answers.families == 3


def test_collect_answers_refuses_other_numbers() -> None:
    with pytest.raises(ValueError, match="1, 0 or -1"):
        collect_answers(numpy.array([[2, 0]]))


def test_log_likelihood_by_hand_leaves_out_what_is_not_known() -> None:
    # Two classes, shares 1/4 and 3/4. Row (yes, not known): 1/4 × 0.8 + 3/4 × 0.4 = 0.5;
    # row (no, yes): 1/4 × 0.2 × 0.5 + 3/4 × 0.6 × 0.1 = 0.025 + 0.045 = 0.07.
    classes = Classes(numpy.array([[0.8, 0.5], [0.4, 0.1]]), numpy.array([0.25, 0.75]))
    answers = collect_answers(numpy.array([[1, -1], [0, 1], [0, 1]]))
    assert log_likelihood(answers, classes) == pytest.approx(math.log(0.5) + 2 * math.log(0.07))
    groups, certain = memberships(answers, classes)
    # In the order of rows: (no, yes) first. 0.045 of 0.07; 0.3 of 0.5.
    assert groups.tolist() == [1, 1]
    assert certain.tolist() == pytest.approx([0.045 / 0.07, 0.6])


def test_one_class_has_the_shares_of_all_drawn_to_themselves() -> None:
    # Three families, two with the need: overall (2 + 1/2) / (3 + 1) = 0.625;
    # with the prior (2 + 0.625) / (3 + 1) = 0.65625.
    answers = collect_answers(numpy.array([[1], [1], [0]]))
    found = improve(Material(answers), Classes(numpy.array([[[0.3]]]), numpy.array([[1.0]])))
    assert PRIOR == 1
    assert found.classes.chances[0, 0, 0] == pytest.approx(0.65625)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([0, 1, -1]), min_size=4, max_size=4), min_size=4, max_size=40)
)
def test_em_never_loses_what_it_grows(rows: list[list[int]]) -> None:
    answers = collect_answers(numpy.array(rows))
    if not len(answers.patterns):
        return
    start = Classes(
        numpy.array([[[0.2, 0.4, 0.6, 0.8], [0.7, 0.3, 0.6, 0.1]]]), numpy.array([[0.5, 0.5]])
    )
    grown = [
        float(improve(Material(answers), start, rounds=rounds, still=0.0).objective[0])
        for rounds in (1, 2, 5, 10)
    ]
    assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(grown))


@pytest.mark.parametrize("missing", [0.0, 0.2], ids=["complete", "some not known"])
@pytest.mark.filterwarnings("ignore")
def test_likelihood_is_that_of_stepmix(missing: float) -> None:
    """StepMix's score of its own classes is our likelihood of them, a family."""
    from stepmix import StepMix

    generator = numpy.random.default_rng(3)
    own = generator.choice(2, 300)
    cells = (generator.random((300, 6)) < numpy.where(own[:, None] == 0, 0.8, 0.25)).astype(float)
    cells[generator.random(cells.shape) < missing] = numpy.nan
    cells = cells[~numpy.isnan(cells).all(axis=1)]
    measurement = "binary_nan" if missing else "binary"
    model = StepMix(2, measurement=measurement, n_init=3, random_state=1, progress_bar=0)
    model.fit(cells)
    found = model.get_parameters()
    classes = Classes(numpy.asarray(found["measurement"]["pis"]), numpy.asarray(found["weights"]))
    answers = collect_answers(numpy.nan_to_num(cells, nan=-1).astype(int))
    assert log_likelihood(answers, classes) == pytest.approx(model.score(cells) * len(cells))
    # Begun at its classes, ours stays near them: the prior is worth one family a class.
    begun = improve(Material(answers), Classes(classes.chances[None], classes.shares[None]))
    assert numpy.abs(begun.classes.chances[0] - classes.chances).max() < 0.02
