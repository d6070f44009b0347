"""P-values where few are expected: beside exact tests, and tables drawn by lot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from qualkit.analysis.chaidcareful import cautious_p
from qualkit.analysis.chaidgroups import chi_square


def careful(table: Sequence[Sequence[int]]) -> float:
    """Return the careful p-value alone."""
    return cautious_p(table, chi_square(table)[0], 0.0)


@settings(max_examples=50)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(100, 200))
def test_few_expected_take_no_less_than_fishers_exact_test(a: int, b: int, n: int) -> None:
    if a + b == 0 or (a + b) * 30 >= 5 * (n + 30):
        return
    table = [[a, 30 - a], [b, n - b]]
    score, p, _ = chi_square(table)
    assert cautious_p(table, score, p) == pytest.approx(max(p, fisher_exact(table)[1]), rel=1e-6)


def test_exact_test_of_three_levels_counts_tables_no_likelier() -> None:
    # Margins 3 and 5, 2 and 3 and 3: all first rows with their ways, of 56 in all.
    ways = {
        (a, b, 3 - a - b): math.comb(2, a) * math.comb(3, b) * math.comb(3, 3 - a - b)
        for a in range(3)
        for b in range(4)
        if 0 <= 3 - a - b <= 3
    }
    assert sum(ways.values()) == 56
    # (0, 0, 3) has 1 way; no likelier is only (0, 3, 0), with 1 too: 2 of 56.
    assert careful([[0, 0, 3], [2, 3, 0]]) == pytest.approx(2 / 56)


def test_enough_expected_keep_the_chi_square() -> None:
    assert cautious_p([[50, 50], [60, 40]], 2.0, 0.123) == 0.123
    assert cautious_p([[50, 50], [60, 40], [70, 90]], 2.0, 0.123) == 0.123


def _rows_of(n: int, columns: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(columns) == 1:
        if n <= columns[0]:
            yield (n,)
        return
    for own in range(min(n, columns[0]) + 1):
        for rest in _rows_of(n - own, columns[1:]):
            yield own, *rest


def counted_out(table: list[list[int]]) -> float:
    """Return the share of all tables of three rows whose chi-square is as large, one by one."""
    first, second, _ = map(sum, table)
    columns = tuple(map(sum, zip(*table, strict=True)))
    told = chi_square(table)[0]
    ways, found = 0, 0
    for one in _rows_of(first, columns):
        left = tuple(map(int.__sub__, columns, one))
        for two in _rows_of(second, left):
            rest = tuple(map(int.__sub__, left, two))
            own = math.prod(map(math.comb, columns, one)) * math.prod(map(math.comb, left, two))
            ways += own
            found += own * (chi_square([one, two, rest])[0] >= told - 1e-9)
    return found / ways


@pytest.mark.parametrize(
    "table",
    [
        [[3, 9], [2, 28], [0, 60]],
        [[4, 8], [1, 29], [1, 140]],
        [[6, 9], [1, 29], [1, 199]],
        [[3, 4, 3], [1, 20, 9], [0, 30, 20]],
    ],
)
def test_three_groups_with_few_expected_come_near_the_exact_test(table: list[list[int]]) -> None:
    exact = counted_out(table)
    # On the side of too large: of the last but one chi-square is 10^8 times too small.
    assert exact <= careful(table) < 2.5 * exact


def drawn(table: list[list[int]], times: int) -> float:
    """Return the share of tables by lot, margins kept, whose chi-square is as large."""
    generator = numpy.random.default_rng(5)
    rows, columns = (numpy.array(table).sum(axis=axis) for axis in (1, 0))
    row_of = numpy.repeat(numpy.arange(len(rows)), rows)
    level_of = numpy.repeat(numpy.arange(len(columns)), columns)
    told, cells, found = chi_square(table)[0], len(rows) * len(columns), 0
    for _ in range(times):
        both = generator.permutation(row_of) * len(columns) + level_of
        counts = numpy.bincount(both, minlength=cells).reshape(len(rows), -1)
        found += chi_square(counts.tolist())[0] >= told - 1e-9
    return found / times


@pytest.mark.parametrize(
    "table",
    [
        # Nine levels, many of them rare: too many tables to count.
        [[12, 6, 4, 3, 2, 2, 2, 2, 1], [300, 200, 80, 40, 25, 15, 12, 10, 8]],
        [[14, 8, 4, 3, 2, 2, 1], [380, 228, 74, 36, 22, 6, 7]],
        [[15, 8, 4, 1, 2, 2, 1], [38, 24, 9, 5, 3, 0, 4], [334, 202, 66, 34, 20, 6, 5]],
    ],
)
def test_many_levels_come_near_tables_by_lot(table: list[list[int]]) -> None:
    share = drawn(table, 4000)
    # Four standard errors, and a tenth for the steps.
    error = 4 * math.sqrt(share * (1 - share) / 4000)
    assert share - error <= careful(table) <= 1.1 * share + error


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=2, max_size=4),
    st.permutations(range(4)),
)
def test_the_order_of_groups_and_levels_does_not_matter(
    table: list[list[int]], levels: list[int]
) -> None:
    table = [row for row in table if sum(row)]
    if len(table) < 2:
        return
    turned = [[row[at] for at in levels] for row in reversed(table)]
    p = careful(table)
    assert 0 <= p <= 1
    assert careful(turned) == pytest.approx(p, rel=1e-6, abs=1e-12)


def test_the_last_step_beyond_the_score_by_a_hair_is_no_loss() -> None:
    # The same table upside down; the sum of its chi-square differs in the last digit.
    table = [[1, 0, 0], [9, 6, 22], [13, 19, 21]]
    assert careful(table) == pytest.approx(careful(table[::-1]))
    assert careful(table) < 0.1


def test_no_difference_at_all_has_the_greatest_p() -> None:
    assert careful([[1, 9], [2, 18], [3, 27]]) == 1.0
