"""Trees: those of the package CHAID, those of SciPy, and what corrections do."""

from __future__ import annotations

import warnings

import numpy
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.chaid import Correction, Growing, grow_tree, leaf_of, load_package
from qualkit.analysis.chaidresamples import Counter, draw_again, grow_quickly
from qualkit.analysis.chaidrows import FamilyRows
from qualkit.model import FamilyTree, Predictor

PLAIN = Correction.NONE


def nominal(name: str, *categories: str) -> Predictor:
    return Predictor(name, name, "attribute", categories)


def ordered(name: str, n: int) -> Predictor:
    bounds = tuple((float(at), float(at)) for at in range(n))
    return Predictor(name, name, "attribute", tuple(map(str, range(n))), bounds)


def from_cells(
    predictors: tuple[Predictor, ...],
    levels: tuple[str, ...],
    cells: dict[tuple[int, ...], tuple[int, ...]],
) -> FamilyRows:
    """Return rows from counts by level of each combination of codes."""
    codes, target = [], []
    for combination, counts in cells.items():
        for level, n in enumerate(counts):
            codes += [combination] * n
            target += [level] * n
    return FamilyRows(
        predictors, numpy.array(codes, dtype=numpy.uint8), numpy.array(target), levels
    )


def test_the_packages_first_example() -> None:
    # From the README of CHAID: p = 0.001565402258, score 10.
    codes = numpy.array(([1, 0, 0] * 5) + ([0, 0, 0] * 5), dtype=numpy.uint8).reshape(10, 3)
    rows = FamilyRows(
        tuple(nominal(name, "x", "y") for name in "abc"),
        codes,
        numpy.array([0] * 5 + [1] * 5),
        ("1", "2"),
    )
    tree = grow_tree(rows, Growing(min_node=5, min_split=6, correction=PLAIN), "d")
    split = tree.root.split
    assert split is not None
    assert (split.predictor, split.degrees) == (0, 1)
    assert split.chi_square == pytest.approx(10)
    assert split.p == pytest.approx(0.001565402258, rel=1e-9)
    assert {node.counts for node in tree.leaves} == {(5, 0), (0, 5)}


TITANIC = from_cells(
    (nominal("sex", "female", "male"), nominal("embarked", "C", "Q", "S")),
    ("0", "1"),
    {
        # Passengers by sex and port (3: not known), drowned and saved.
        (0, 0): (11, 102),
        (0, 3): (0, 2),
        (0, 1): (23, 37),
        (0, 2): (93, 198),
        (1, 0): (109, 48),
        (1, 1): (56, 7),
        (1, 2): (517, 106),
    },
)


@pytest.mark.parametrize("correction", list(Correction))
def test_the_packages_published_tree_of_the_titanic(correction: Correction) -> None:
    # README of CHAID: nodes, groups, chi-square and p of `survived` by sex and port.
    growing = Growing(min_node=2, min_split=3, depth=4, correction=correction)
    tree = grow_tree(TITANIC, growing, "survived")
    counts = [node.counts for node in tree.nodes]
    assert counts == [
        *((809, 500), (127, 339), (11, 104), (116, 235), (682, 161), (109, 48), (573, 113)),
    ]
    root, women, men = (tree.nodes[at].split for at in (0, 1, 4))
    assert root is not None
    assert women is not None
    assert men is not None
    assert root.chi_square == pytest.approx(365.886947811)
    assert root.p == pytest.approx(1.47145310169e-81)
    assert women.groups == ((0, 3), (1, 2))
    assert (women.chi_square, women.p) == (
        pytest.approx(24.0936494474),
        pytest.approx(9.17624191599e-07),
    )
    assert men.groups == ((0,), (1, 2))
    assert men.p == pytest.approx(5.017855245e-05)
    if correction is Correction.CATEGORIES:
        # Ports of women: 4 categories in 2 groups, 7 ways; of men 3 in 2, 3 ways.
        assert women.p_adjusted == pytest.approx(7 * 9.17624191599e-07)
        assert men.p_adjusted == pytest.approx(3 * 5.017855245e-05)
    if correction is Correction.NODE:
        # Within one sex only the port can split.
        assert women.tested == 1
        assert root.p_adjusted == pytest.approx(2 * 1.47145310169e-81)


# Statlog (German Credit Data), UCI Machine Learning Repository (H. Hofmann, CC BY 4.0): 1,000
# loans, good and bad, by property (A121 to A124) and by personal status (A91 to A94).
CREDIT = from_cells(
    (nominal("property", "1", "2", "3", "4"), nominal("status", "1", "2", "3", "4")),
    ("good", "bad"),
    {
        (0, 0): (12, 5),
        (0, 1): (61, 28),
        (0, 2): (113, 20),
        (0, 3): (36, 7),
        (1, 0): (5, 5),
        (1, 1): (52, 27),
        (1, 2): (92, 32),
        (1, 3): (12, 7),
        (2, 0): (11, 7),
        (2, 1): (72, 37),
        (2, 2): (129, 48),
        (2, 3): (18, 10),
        (3, 0): (2, 3),
        (3, 1): (16, 17),
        (3, 2): (68, 46),
        (3, 3): (1, 1),
    },
)


def leaves_of(tree: FamilyTree) -> dict[tuple[int, ...], tuple[int, float]]:
    """Return n and the share of bad loans, in percent, of each segment, by its last codes."""
    return {node.choices: (node.n, round(100 * node.counts[1] / node.n, 1)) for node in tree.leaves}


@pytest.mark.parametrize("correction", [Correction.CATEGORIES, Correction.NODE])
def test_the_tree_of_loans_that_spss_grows(correction: Correction) -> None:
    # The R package CHAID (Hothorn and others, R-Forge) keeps these trees among its tests
    # (regtest_SPSS, "verm + famges" and "verm") and notes that SPSS gives the same. Its smallest
    # node is 7, its smallest that is split 20; SPSS's own defaults, 50 and 100, change nothing.
    for least in ({"min_node": 7, "min_split": 20}, {"min_node": 50, "min_split": 100}):
        growing = Growing(**least, depth=9, correction=correction)
        tree = grow_tree(CREDIT, growing, "credit")
        assert tree.root.split is not None
        assert tree.root.split.predictor == 0
        assert tree.root.split.groups == ((0,), (1, 2), (3,))
        property_one = next(node for node in tree.nodes if node.choices == (0,))
        assert (property_one.n, property_one.counts[1]) == (282, 60)
        assert property_one.split is not None
        assert property_one.split.predictor == 1
        assert leaves_of(tree) == {
            (0, 1): (106, 31.1),
            (2, 3): (176, 15.3),
            (1, 2): (564, 30.7),
            (3,): (154, 43.5),
        }


def test_loans_by_property_alone_and_by_status_alone_as_spss_splits_them() -> None:
    growing = Growing(min_node=7, min_split=20, correction=Correction.CATEGORIES)

    def alone(at: int) -> FamilyTree:
        rows = FamilyRows(
            (CREDIT.predictors[at],), CREDIT.codes[:, [at]], CREDIT.target, CREDIT.levels
        )
        return grow_tree(rows, growing, "credit")

    assert leaves_of(alone(0)) == {(0,): (282, 21.3), (1, 2): (564, 30.7), (3,): (154, 43.5)}
    assert leaves_of(alone(1)) == {(0, 1): (360, 35.8), (2, 3): (640, 26.7)}


def test_a_tree_of_two_levels_beside_scipy() -> None:
    # Made-up counts; SciPy says what the statistics are.
    rows = from_cells(
        (ordered("income", 3), nominal("cards", "5 or more", "less than 5")),
        ("bad", "good"),
        {
            (0, 0): (454, 99),
            (1, 0): (422, 322),
            (1, 1): (54, 336),
            (2, 0): (90, 687),
        },
    )
    growing = Growing(min_node=50, min_split=100, correction=Correction.CATEGORIES)
    tree = grow_tree(rows, growing, "credit rating")
    root = tree.root.split
    assert root is not None
    assert root.predictor == 0
    assert root.groups == ((0,), (1,), (2,))
    first = scipy.stats.chi2_contingency([[454, 99], [476, 658], [90, 687]], correction=False)
    assert (root.chi_square, root.degrees) == (pytest.approx(first.statistic), first.dof)
    assert root.p == pytest.approx(first.pvalue)
    # Three ordered categories in three groups: one way, so nothing is adjusted.
    assert root.p_adjusted == root.p
    medium = next(node for node in tree.nodes if node.choices == (1,) and node.depth == 1)
    assert medium.counts == (476, 658)
    assert medium.split is not None
    second = scipy.stats.chi2_contingency([[422, 322], [54, 336]], correction=False)
    assert medium.split.chi_square == pytest.approx(second.statistic)
    assert medium.split.degrees == second.dof
    assert sorted(node.n for node in tree.leaves) == [390, 553, 744, 777]


# --- the same as the package, and as itself ----------------------------------------------


@st.composite
def made_rows(draw: st.DrawFn) -> FamilyRows:
    generator = numpy.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(150, 400))
    predictors, columns = [], []
    for at in range(draw(st.integers(1, 6))):
        width = draw(st.integers(2, 6))
        by_order, missing = draw(st.booleans()), draw(st.booleans())
        predictors.append(
            ordered(f"o{at}", width)
            if by_order
            else nominal(f"n{at}", *(f"v{place}" for place in range(width)))
        )
        columns.append(generator.integers(0, width + missing, n))
    codes = numpy.stack(columns, axis=1).astype(numpy.uint8)
    lean = 0.15 + 0.6 * (codes[:, 0] > 1) * draw(st.floats(0, 1))
    n_levels = draw(st.integers(2, 3))
    target = numpy.where(generator.random(n) < lean, 0, generator.integers(1, n_levels, n))
    return FamilyRows(
        tuple(predictors), codes, target, tuple(f"level{at}" for at in range(n_levels))
    )


@settings(max_examples=30, deadline=None)
@given(made_rows())
def test_without_correction_the_tree_is_the_packages(rows: FamilyRows) -> None:
    package = load_package()
    tree = grow_tree(rows, Growing(min_node=20, min_split=40, correction=PLAIN), "x")
    values = rows.codes.astype(float)
    values[values == [predictor.missing for predictor in rows.predictors]] = numpy.nan
    told = package.Tree.from_numpy(
        values,
        rows.target,
        max_depth=3,
        min_parent_node_size=39,
        min_child_node_size=20,
        variable_types=["ordinal" if own.ordered else "nominal" for own in rows.predictors],
    )
    nodes = list(told)
    assert len(nodes) == len(tree.nodes)
    for own, node in zip(tree.nodes, nodes, strict=True):
        assert own.n == len(node.indices)
        assert own.parent == node.parent
        assert (own.split is not None) == node.split.valid()
        if own.split is not None:
            assert own.split.predictor == node.split.column_id
            assert own.split.chi_square == pytest.approx(node.split.score)
            assert own.split.p == pytest.approx(node.split.p)


@settings(max_examples=60, deadline=None)
@given(made_rows(), st.sampled_from([Correction.NODE, Correction.CATEGORIES]))
def test_counting_grows_the_same_tree(rows: FamilyRows, correction: Correction) -> None:
    growing = Growing(alpha=0.2, min_node=15, min_split=30, correction=correction)
    tree = grow_tree(rows, growing, "x")
    quick = list(grow_quickly(Counter(rows), growing, numpy.ones(len(rows.target))))

    def sorted_groups(split: tuple[int, tuple[tuple[int, ...], ...]]) -> object:
        return split[0], sorted(tuple(sorted(group)) for group in split[1])

    told = [
        (node.n, sorted_groups((node.split.predictor, node.split.groups)))
        for node in tree.nodes
        if node.split
    ]
    found = [(len(node.rows), sorted_groups(node.split)) for node in quick if node.split]
    assert sorted(map(str, found)) == sorted(map(str, told))


@settings(max_examples=40, deadline=None)
@given(made_rows(), st.sampled_from(list(Correction)))
def test_leaves_part_the_families(rows: FamilyRows, correction: Correction) -> None:
    growing = Growing(alpha=0.3, min_node=15, min_split=30, correction=correction)
    tree = grow_tree(rows, growing, "x")
    assert sum(leaf.n for leaf in tree.leaves) == len(rows.target)
    where = leaf_of(tree, rows.codes)
    for leaf in tree.leaves:
        own = numpy.bincount(rows.target[where == leaf.number], minlength=len(rows.levels))
        assert tuple(own) == leaf.counts
        if correction is not PLAIN and leaf.parent is not None:
            # The package alone looks at the size of its last two groups only.
            assert leaf.n >= 15
    for node in tree.nodes:
        if node.split:
            assert node.n >= 30
            # So does the test of all groups that the package does not look at.
            assert correction is PLAIN or node.split.p_adjusted < 0.3


def test_ordered_categories_with_a_gap_are_still_merged() -> None:
    # In the part with need, nobody has the middle category: 0 and 2 are neighbours there.
    cells = {
        (1, 0): (40, 10),
        (1, 2): (10, 40),
        (0, 0): (100, 100),
        (0, 1): (100, 100),
        (0, 2): (100, 100),
    }
    rows = from_cells((nominal("need", "without", "with"), ordered("age", 3)), ("a", "b"), cells)
    only = rows.codes[:, 0] == 1
    part = FamilyRows(rows.predictors, rows.codes[only], rows.target[only], rows.levels)
    tree = grow_tree(part, Growing(), "x")
    assert tree.root.split is not None
    assert tree.root.split.groups == ((0,), (2,))


def test_a_tree_of_too_few_or_of_one_level_has_one_node() -> None:
    rows = from_cells(
        (nominal("need", "without", "with"),), ("a", "b"), {(0,): (9, 9), (1,): (9, 9)}
    )
    assert len(grow_tree(rows, Growing(), "x").nodes) == 1
    rows = from_cells(
        (nominal("need", "without", "with"),), ("a", "b"), {(0,): (90, 0), (1,): (90, 0)}
    )
    assert len(grow_tree(rows, Growing(), "x").nodes) == 1


def test_conditions_in_words() -> None:
    tree = grow_tree(TITANIC, Growing(min_node=2, min_split=3), "survived")
    assert tree.root.segment == "all families"
    assert [leaf.segment for leaf in tree.leaves] == [
        "sex female, and embarked C or not known",
        "sex female, and embarked Q or S",
        "sex male, and embarked C",
        "sex male, and embarked Q or S",
    ]


def test_importing_the_package_warns_of_nothing() -> None:
    load_package.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_package().Tree


# --- chance -----------------------------------------------------------------------------------


def of_chance(generator: numpy.random.Generator, n: int, needs: int, rare: float) -> FamilyRows:
    codes = generator.random((n, needs)) < generator.uniform(0.06, 0.6, needs)
    target = (generator.random(n) < rare).astype(int)
    predictors = tuple(nominal(f"n{at}", "without", "with") for at in range(needs))
    return FamilyRows(predictors, codes.astype(numpy.uint8), target, ("no", "yes"))


@pytest.mark.parametrize("rare", [0.5, 0.05])
def test_trees_of_chance_split_at_the_level_only(rare: float) -> None:
    generator = numpy.random.default_rng(7)
    split = {Correction.NODE: 0, Correction.CATEGORIES: 0}
    for _ in range(200):
        rows = of_chance(generator, 400, 40, rare)
        counter = Counter(rows)
        for correction in split:
            growing = Growing(depth=1, correction=correction)
            nodes = list(grow_quickly(counter, growing, numpy.ones(400)))
            split[correction] += nodes[0].split is not None
    # 0.05 and three standard errors, √(0.05 × 0.95 ÷ 200) = 0.0154, of chance: 0.096 of 200 are 19.
    assert split[Correction.NODE] <= 19
    # Forty tests of which each splits one in twenty: far more.
    assert split[Correction.CATEGORIES] > 100


def test_what_is_plain_holds_and_what_is_not_told_again_does_not() -> None:
    cells = {(0, 0): (20, 180), (0, 1): (20, 180), (1, 0): (80, 20), (1, 1): (80, 20)}
    rows = from_cells(
        (nominal("a", "without", "with"), nominal("b", "without", "with")), ("yes", "no"), cells
    )
    segments = [numpy.flatnonzero(rows.codes[:, 0] == 1), numpy.flatnonzero(rows.codes[:, 1] == 1)]
    held = draw_again(rows, Growing(), segments, 20)
    # Half of b are as all: no difference to be lost, whatever side it falls on.
    assert held[0].tolist() == [1.0, 1.0]
    assert held.shape == (2, 2)


def test_resamples_are_the_same_each_time() -> None:
    rows = of_chance(numpy.random.default_rng(3), 300, 5, 0.3)
    segments = [numpy.arange(60)]
    told: list[tuple[int, int]] = []
    first = draw_again(rows, Growing(), segments, 5, lambda *done: told.append(done))
    assert first.tolist() == draw_again(rows, Growing(), segments, 5).tolist()
    assert told == [(at, 5) for at in range(1, 6)]
