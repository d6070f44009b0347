"""How many groups: criteria by hand, the adjusted Rand index, classes found again."""

from __future__ import annotations

import math

import numpy
import pytest
from sklearn.metrics import adjusted_rand_score

from qualkit.analysis.clustering import Classes, collect_answers
from qualkit.analysis.clusteringgrid import (
    choose_number,
    cross,
    fit_classes,
    make_fit,
    measure_stability,
    nearest_modes,
    rand_of,
)
from qualkit.analysis.clusteringother import fit_kmodes, fit_stepmix, refit_modes

HIGH, LOW = 0.9, 0.1
THREE = numpy.array([[HIGH] * 6 + [LOW] * 6, [LOW] * 6 + [HIGH] * 6, [LOW] * 12])
SHARES = numpy.array([0.5, 0.3, 0.2])


def drawn(n: int, seed: int = 1) -> tuple[numpy.ndarray, numpy.ndarray]:
    generator = numpy.random.default_rng(seed)
    own = generator.choice(3, n, p=SHARES)
    return (generator.random((n, 12)) < THREE[own]).astype(int), own


@pytest.mark.parametrize(
    ("share", "charged"),
    [(0.4, 40 * 60), (0.1, 20 * 90)],
    ids=["each its own", "ten families charged as twenty"],
)
def test_criteria_by_hand(share: float, charged: int) -> None:
    # A hundred families, one need with chance 1/2 in both classes: l = 100 log 0.5.
    # BIC: (2 - 1 + 2 × 1) log 100; hierarchical: 1 log 100 + log of the two sizes.
    classes = Classes(numpy.array([[0.5], [0.5]]), numpy.array([share, 1 - share]))
    fit = make_fit(collect_answers(numpy.array([[1], [0]] * 50)), classes)
    lost = 200 * math.log(2)
    assert fit.bic == pytest.approx(lost + 3 * math.log(100))
    assert fit.hbic == pytest.approx(lost + math.log(100) + math.log(charged))


def test_one_class_has_one_criterion() -> None:
    # (1 - 1 + 1 × 12) log n is 12 log n both ways.
    fit = fit_classes(collect_answers(drawn(100)[0]), [1])[0]
    assert fit.bic == pytest.approx(fit.hbic)


@pytest.mark.parametrize("method", [fit_classes, fit_stepmix], ids=["lca", "stepmix"])
def test_three_classes_are_found_the_largest_first(method: object) -> None:
    cells, own = drawn(400)
    answers = collect_answers(cells)
    fit = choose_number(method(answers, range(1, 6)))  # type: ignore[operator]
    assert fit.n_groups == 3
    groups = fit.groups[answers.which]
    sizes = numpy.bincount(groups)
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert adjusted_rand_score(own, groups) > 0.9


def test_kmodes_finds_three_modes() -> None:
    cells, own = drawn(300)
    answers = collect_answers(cells)
    fit = fit_kmodes(answers, [3])[0]
    assert adjusted_rand_score(own, fit.groups[answers.which]) > 0.85
    assert fit.certain.tolist() == [1.0] * len(answers.patterns)
    stable = measure_stability(answers, fit, resamples=3, refit=refit_modes)
    assert stable is not None
    assert stable.rand > 0.8


def test_needs_that_do_not_go_together_are_one_group() -> None:
    cells = (numpy.random.default_rng(2).random((500, 12)) < 0.4).astype(int)
    assert choose_number(fit_classes(collect_answers(cells), range(1, 5))).n_groups == 1


def test_groups_do_not_hang_on_the_order_of_families() -> None:
    cells, _ = drawn(200)
    order = numpy.random.default_rng(4).permutation(len(cells))
    one, other = collect_answers(cells), collect_answers(cells[order])
    first, second = fit_classes(one, range(2, 5))[1], fit_classes(other, range(2, 5))[1]
    assert first.groups[one.which][order].tolist() == second.groups[other.which].tolist()


def test_same_seed_gives_the_same_stability() -> None:
    answers = collect_answers(drawn(150)[0])
    fit = fit_classes(answers, range(2, 4))[1]
    assert measure_stability(answers, fit, resamples=4) == measure_stability(
        answers, fit, resamples=4
    )
    assert measure_stability(answers, fit, resamples=0) is None


def test_missing_answers_count_for_nothing() -> None:
    cells, own = drawn(500, seed=5)
    cells = cells.copy()
    cells[numpy.random.default_rng(6).random(cells.shape) < 0.2] = -1
    answers = collect_answers(cells)
    fit = choose_number(fit_classes(answers, range(1, 6)))
    assert fit.n_groups == 3
    assert adjusted_rand_score(own, fit.groups[answers.which]) > 0.8


def test_nearest_mode_leaves_out_what_is_not_known_and_takes_the_first_of_equals() -> None:
    modes = numpy.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    # (1, ?, ?) differs from the second only; (?, 1, ?) from neither; (0, 0, 1) from the first
    # in three and from the second in one.
    rows = numpy.array([[1, -1, -1], [-1, 1, -1], [0, 0, 1]])
    assert nearest_modes(rows, modes).tolist() == [0, 0, 1]


def test_adjusted_rand_is_that_of_sklearn() -> None:
    generator = numpy.random.default_rng(7)
    for _ in range(20):
        one, other = generator.integers(4, size=50), generator.integers(3, size=50)
        table = cross(one, other, numpy.ones(50), 4, 3)
        assert rand_of(table) == pytest.approx(adjusted_rand_score(one, other))


def test_adjusted_rand_by_hand() -> None:
    # Pairs together in both 1 + 1 = 2 of 6; in one 2, in the other 2; expected 2 × 2 / 6.
    assert rand_of(numpy.array([[2, 0], [0, 2]])) == pytest.approx(1)
    # Both 0: (0 - 4/6) / (2 - 4/6) = -1/2.
    assert rand_of(numpy.array([[1, 1], [1, 1]])) == pytest.approx(-0.5)
    assert rand_of(numpy.array([[4]])) == 1
