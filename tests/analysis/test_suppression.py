"""Suppressed numbers: small cases by hand, and an attacker who solves for them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.suppression import Cells, Hidden, Line, suppress

LIMIT = 5


def shown_values(cells: Cells, hidden: Hidden) -> dict[Hashable, int]:
    """What is printed: all the attacker has."""
    return {cell: value for cell, value in cells.values.items() if cell not in hidden}


def worlds(cells: Cells, hidden: Hidden, most: int) -> Iterable[dict[Hashable, int]]:
    """Every way in which the hidden numbers could be, up to `most`, by trying all of them."""
    shown = shown_values(cells, hidden)
    unknown = [cell for cell in cells.values if cell in hidden]
    for guess in product(range(1, most + 1), repeat=len(unknown)):
        world = shown | dict(zip(unknown, guess, strict=True))
        sums = all(
            sum(world[p] for p in line.parts) == world[line.total]
            if line.exact
            else max(world[p] for p in line.parts)
            <= world[line.total]
            <= sum(world[p] for p in line.parts)
            for line in cells.lines
        )
        if sums and all(world[count] <= world[of] for count, of in cells.within):
            yield world


def row(*parts: int) -> Cells:
    names = [f"part {number}" for number in range(len(parts))]
    values = dict(zip(names, parts, strict=True)) | {"total": sum(parts)}
    return Cells(dict(values), lines=[Line("total", tuple(names))])


def test_a_small_part_takes_the_smallest_other_with_it() -> None:
    # 30 - 7 - 20 = 3 would give it back; 7 hidden too, 10 is left for two.
    hidden = suppress(row(3, 7, 20), LIMIT)
    assert hidden.primary == {"part 0"}
    assert hidden.secondary == {"part 1"}


def test_two_small_parts_that_add_up_to_little_take_a_third() -> None:
    # 1 + 3 = 4: each would be known to be under 5.
    hidden = suppress(row(1, 3, 9, 30), LIMIT)
    assert hidden.primary == {"part 0", "part 1"}
    assert hidden.secondary == {"part 2"}


def test_small_parts_with_room_between_them_are_enough() -> None:
    # 4 + 4 = 8, neither 0: each could be 1 to 7.
    assert suppress(row(4, 4, 30), LIMIT).secondary == frozenset()


def test_two_small_ones_of_a_column_close_a_rectangle() -> None:
    # With all margins printed, 4 and 3 are read off their rows. One more in each row, both in
    # one other column, is enough: 4 + 3 = 7, so each could be 1 to 6.
    rows = {
        "A": (50, 74, 10),
        "B": (14, 24, 4),
        "C": (17, 82, 8),
        "D": (24, 41, 3),
        "E": (19, 36, 10),
    }
    cells = Cells()
    for name, parts in rows.items():
        cells.values |= {(name, at): part for at, part in enumerate(parts)}
        cells.values[name, "all"] = sum(parts)
        cells.lines.append(Line((name, "all"), tuple((name, at) for at in range(3))))
    for at in range(3):
        cells.values["all", at] = sum(parts[at] for parts in rows.values())
        cells.lines.append(Line(("all", at), tuple((name, at) for name in rows)))
    hidden = suppress(cells, LIMIT)
    assert hidden.primary == {("B", 2), ("D", 2)}
    assert hidden.secondary == {("B", 0), ("D", 0)}


def test_the_total_goes_where_nothing_else_is_left() -> None:
    # 2 + 3 = 5 and zeros are shown: neither could be 5.
    hidden = suppress(row(2, 3, 0), LIMIT)
    assert hidden.secondary == {"total"}


def test_nothing_small_hides_nothing() -> None:
    hidden = suppress(row(5, 0, 20), LIMIT)
    assert not hidden.primary
    assert not hidden.secondary


@pytest.mark.parametrize(("count", "of", "gone"), [(16, 20, True), (15, 20, False), (20, 20, True)])
def test_all_but_few_is_hidden(count: int, of: int, gone: bool) -> None:
    cells = Cells({"count": count, "of": of}, within=[("count", "of")])
    assert ("count" in suppress(cells, LIMIT)) == gone
    assert "count" not in suppress(cells, LIMIT, high=False)


def test_few_families_behind_many_cases_are_hidden() -> None:
    # Twelve stories, told by two families.
    cells = Cells({"count": 12, "of": 60}, people={"count": 2}, within=[("count", "of")])
    assert suppress(cells, LIMIT).primary == {"count"}


def test_overlapping_groups_are_bounded_by_their_total_too() -> None:
    # At most 9 in all and at least 9 - 8 = 1 in the small group: it could be 1 to 9.
    values: dict[Hashable, int] = {"a": 3, "b": 8, "total": 9}
    cells = Cells(values, lines=[Line("total", ("a", "b"), exact=False)])
    assert not suppress(cells, LIMIT).secondary
    # At least 9 - 6 = 3: so more must be hidden.
    values = {"a": 3, "b": 6, "total": 9}
    assert suppress(
        Cells(values, lines=[Line("total", ("a", "b"), exact=False)]), LIMIT
    ).secondary == {"b"}


@st.composite
def crossed(draw: st.DrawFn) -> Cells:
    """A table of counts with both its margins, of a size that can be tried out."""
    n_rows, n_columns = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    number = st.integers(0, 12)
    values: dict[Hashable, int] = {}
    lines = []
    for i in range(n_rows):
        for j in range(n_columns):
            values[i, j] = draw(number)
    for i in range(n_rows):
        values[i, "all"] = sum(values[i, j] for j in range(n_columns))
        lines.append(Line((i, "all"), tuple((i, j) for j in range(n_columns))))
    for j in (*range(n_columns), "all"):
        values["all", j] = sum(values[i, j] for i in range(n_rows))
        lines.append(Line(("all", j), tuple((i, j) for i in range(n_rows))))
    return Cells(values, lines=lines)


@given(crossed())
@settings(max_examples=40, deadline=None)
def test_an_attacker_cannot_solve_for_a_crossed_table(cells: Cells) -> None:
    hidden = suppress(cells, LIMIT)
    everything = Hidden(frozenset(c for c, value in cells.values.items() if value), frozenset())
    for cell in cells.values:
        if cell in hidden:
            least, most = attack(cells, hidden, cell)
            assert least < most
            if cell in hidden.primary:
                # A total is at least as many as it has parts that are not 0, come what may.
                assert least <= 1 or least <= attack(cells, everything, cell)[0]
                assert most >= LIMIT
        else:
            assert not 0 < cells.values[cell] < LIMIT


def attack(cells: Cells, hidden: Hidden, cell: Hashable) -> tuple[float, float]:
    """Least and greatest value of a hidden cell, by a linear programme of the attacker's own."""
    import numpy as np
    from scipy.optimize import linprog

    shown = shown_values(cells, hidden)
    names = list(cells.values)
    equations, right = [], []
    for line in cells.lines:
        terms = np.zeros(len(names))
        terms[names.index(line.total)] -= 1
        for part in line.parts:
            terms[names.index(part)] += 1
        equations.append(terms)
        right.append(0)
    bounds = [(shown[n], shown[n]) if n in shown else (1, 10_000) for n in names]
    found = []
    for sign in (1, -1):
        aim = np.zeros(len(names))
        aim[names.index(cell)] = sign
        # Whole numbers only: more than any linear programme over reals could tell.
        solved = linprog(aim, A_eq=equations, b_eq=right, bounds=bounds, integrality=1)
        assert solved.status == 0
        found.append(sign * round(solved.fun))
    return found[0], found[1]


@given(
    st.lists(st.integers(0, 8), min_size=2, max_size=4),
    st.lists(st.integers(0, 6), min_size=4, max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_trying_all_numbers_finds_no_hidden_one(counts: list[int], more: list[int]) -> None:
    """Counts of groups, their sizes, and both over all, as links have them."""
    values: dict[Hashable, int] = {}
    for number, count in enumerate(counts):
        values["count", number] = count
        values["of", number] = count + more[number]
    groups = range(len(counts))
    values["count"] = sum(counts)
    values["of"] = sum(values["of", g] for g in groups)
    cells = Cells(
        values,
        lines=[Line(key, tuple((key, group) for group in groups)) for key in ("count", "of")],
        within=[*((("count", g), ("of", g)) for g in groups), ("count", "of")],
    )
    hidden = suppress(cells, LIMIT)
    # Only worlds of small numbers are tried, so the true one must be among them.
    left_out = [value for cell, value in values.items() if cell in hidden]
    if len(left_out) > 4 or max(left_out, default=0) > 9:
        return
    found: dict[Hashable, set[int]] = {cell: set() for cell in values}
    for world in worlds(cells, hidden, most=9):
        for cell, value in world.items():
            found[cell].add(value)
    for cell in values:
        if cell in hidden and values[cell] <= 9:
            assert len(found[cell]) > 1
