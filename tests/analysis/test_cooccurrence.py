"""Pairs of themes as a table, as pictures, and published: an attacker who knows all of it."""

from __future__ import annotations

import json
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from qualkit.analysis.association import LESS, MORE
from qualkit.analysis.cooccurrence import cooccurrence_table, theme_graph, theme_grid
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish
from qualkit.model import Basis, Meeting, Table
from qualkit.report.files import render

LIMIT = 5


def table_of(*pairs: Meeting, **options: Any) -> Table:
    names = {key: key.upper() for pair in pairs for key in (pair.one, pair.other)}
    return cooccurrence_table(pairs, names, Basis({"msc": 200}, 200), title="T", **options)


STRONG = Meeting("x.a", "x.b", 20, 40, 50, 200)
WEAK = Meeting("x.a", "x.c", 12, 40, 50, 200)
FEWER = Meeting("x.b", "x.c", 2, 50, 50, 200)
LITTLE = Meeting("x.c", "x.d", 2, 50, 3, 200)


def test_pairs_furthest_from_chance_are_shown_and_the_rest_is_said() -> None:
    table = table_of(WEAK, STRONG, FEWER, LITTLE, top=2)
    # 20 of 10 expected, 2 of 12.5 expected, 12 of 10 expected.
    assert [row["both"] for row in table.rows] == [20, 2]
    assert any("2 of 4 pairs" in note for note in table.notes)
    assert any("3 of 4 pairs tested" in note for note in table.notes)


def test_tests_do_not_change_with_what_is_shown() -> None:
    all_ = {row["pair"]: row["p_adjusted"] for row in table_of(WEAK, STRONG, FEWER).rows}
    few = table_of(WEAK, STRONG, FEWER, top=1, least=5).rows
    assert [row["p_adjusted"] for row in few] == [all_[row["pair"]] for row in few]


def test_ties_at_the_cut_are_shown() -> None:
    twin = Meeting("x.c", "x.d", 20, 40, 50, 200)
    assert len(table_of(STRONG, twin, FEWER, top=1).rows) == 2


def test_least_leaves_out_pairs_that_meet_more_rarely() -> None:
    assert [row["both"] for row in table_of(STRONG, FEWER, least=3).rows] == [20]


def test_pairs_of_each_domain_are_cut_apart() -> None:
    pairs = [
        Meeting(pair.one, pair.other, pair.both, pair.n_one, pair.n_other, pair.n, cell)
        for cell in ("home", "health")
        for pair in (STRONG, WEAK)
    ]
    table = table_of(*pairs, top=1, domains={"home": "Home", "health": "Health"})
    assert [(row["domain_name"], row["both"]) for row in table.rows] == [
        ("Home", 20),
        ("Health", 20),
    ]


def test_graph_has_a_line_for_what_stands_and_dashes_for_fewer() -> None:
    graph = theme_graph(table_of(STRONG, WEAK, FEWER, LITTLE))
    assert graph.nodes == ("X.A", "X.B", "X.C")
    assert [(edge.one, edge.other, edge.fewer) for edge in graph.edges] == [
        (0, 1, False),
        (1, 2, True),
    ]
    # Width from 2 (thin) to 20 (wide).
    assert [edge.strength for edge in graph.edges] == [1.0, 0.0]
    assert graph.edges[0].said.startswith("2.00 (")
    assert graph.edges[0].said.endswith("; 20")


def test_graph_of_what_does_not_stand_is_dotted_and_says_so() -> None:
    # 12 of 10 expected: lift 1.2.
    graph = theme_graph(table_of(WEAK, LITTLE))
    assert [(edge.stands, edge.fewer) for edge in graph.edges] == [(False, False)]
    assert graph.edges[0].said.startswith("1.20 (")
    assert graph.notes[0].startswith("No pair stands after correction. Dotted: the 1 furthest")


def test_graph_of_nothing_is_empty_and_says_so() -> None:
    graph = theme_graph(table_of(LITTLE))
    assert graph.edges == ()
    assert "No line" in graph.notes[0]


def test_graph_has_nothing_dotted_beside_what_stands() -> None:
    assert all(edge.stands for edge in theme_graph(table_of(STRONG, WEAK, FEWER)).edges)


def test_graph_holds_no_more_themes_than_can_be_read() -> None:
    pairs = [Meeting(f"x.{n}", f"y.{n}", 30, 40, 50, 200) for n in range(15)]
    graph = theme_graph(table_of(*pairs))
    assert len(graph.nodes) == 24
    assert any("3 further pairs" in note for note in graph.notes)


def test_matrix_shows_each_pair_once_with_marks() -> None:
    grid = theme_grid(table_of(STRONG, WEAK, FEWER))
    # b and c have 50 each, a 40: b, c, a.
    assert grid.rows == ("X.C", "X.A")
    assert grid.columns == ("X.B", "X.C")
    # 2 × 200 / (50 × 50) = 0.16: further than a quarter, the darkest; lift 2: one of two doublings.
    assert grid.cells[0] == ((1.0, "▼0.2", True), None)
    assert grid.cells[1][0] == (pytest.approx(0.5), "▲2.0", False)


def test_matrix_of_two_categories_has_one_in_rows_and_one_in_columns() -> None:
    grid = theme_grid(table_of(Meeting("x.a", "y.b", 20, 40, 50, 200), LITTLE_CROSSED))
    assert (grid.rows, grid.columns) == (("X.A",), ("Y.B", "Y.C"))
    assert grid.cells[0][1] == (0.0, "?", False)


LITTLE_CROSSED = Meeting("x.a", "y.c", 2, 40, 3, 200)


# --- published ------------------------------------------------------------------------------


def published(table: Table) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(render(publish([table], Rules())[0], "json"))
    return told


def test_pictures_of_a_published_table_show_nothing_left_out() -> None:
    table = publish([table_of(STRONG, FEWER, by_count=True)], Rules())[0]
    assert [edge.fewer for edge in theme_graph(table).edges] == [False]
    grid = theme_grid(table)
    words = [cell[1] for cells in grid.cells for cell in cells if cell]
    assert any(LEFT_OUT in note for note in grid.notes)
    assert LEFT_OUT in words
    assert "▼0.2" not in words


def test_few_families_behind_many_cases_hide_a_pair() -> None:
    pair = Meeting("x.a", "x.b", 20, 40, 50, 200, people=(3, 30, 40))
    (row,) = published(table_of(pair))["rows"]
    assert row["both"] == LEFT_OUT
    assert (row["n_one"], row["n_other"], row["n"]) == (40, 50, 200)
    assert {row[key] for key in ("lift", "interval", "lift_low", "phi", "p", "finding")} == {
        LEFT_OUT
    }
    assert "p_adjusted" not in row


@pytest.mark.parametrize(
    ("both", "one", "other", "n"),
    [
        pytest.param(37, 40, 60, 200, id="all but 3 of the first have the second"),
        pytest.param(40, 60, 43, 200, id="all but 3 of the second have the first"),
        pytest.param(40, 40, 60, 200, id="all of the first"),
        # 100 - 60 - 58 + 20 = 2 have neither.
        pytest.param(20, 60, 58, 100, id="all but 2 have either"),
    ],
)
def test_differences_of_few_are_left_out_too(both: int, one: int, other: int, n: int) -> None:
    (row,) = published(table_of(Meeting("x.a", "x.b", both, one, other, n)))["rows"]
    assert row["both"] == LEFT_OUT


def test_nothing_small_leaves_nothing_out() -> None:
    told = published(table_of(STRONG, WEAK))
    assert told["suppressed"]["numbers"] == 0
    assert [row["both"] for row in told["rows"]] == [20, 12]


Atoms = dict[tuple[int, ...], int]


@st.composite
def materials(draw: st.DrawFn) -> Atoms:
    """How many units have which of three themes: all that there is to know."""
    sizes = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40))
    return {own: draw(sizes) for own in product((0, 1), repeat=3)}


def pairs_of(atoms: Atoms) -> list[Meeting]:
    n = sum(atoms.values())
    have = [sum(count for own, count in atoms.items() if own[t]) for t in range(3)]
    return [
        Meeting(
            f"x.{one}",
            f"x.{other}",
            sum(count for own, count in atoms.items() if own[one] and own[other]),
            have[one],
            have[other],
            n,
        )
        for one, other in combinations(range(3), 2)
        if have[one] and have[other]
    ]


class Attacker:
    """Looks for all materials that would have been published in these words.

    The unknowns are the units with each set of themes, so that nothing which holds between
    pairs is overlooked; what is printed are sums of them, and what is left out is no 0.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.sets = list(product((0, 1), repeat=3))
        self.lines: list[tuple[np.ndarray, float, float]] = []
        for row in rows:
            one, other = (int(row[key].split(".")[1]) for key in ("one", "other"))
            # Of a handful, and for the sake of another pair, 0 is left out too.
            self.see(self.sum(one, other), row["both"], 0)
            few = LEFT_OUT in (row["n_one"], row["n_other"], row["n"])
            self.see(self.sum(one), row["n_one"])
            self.see(self.sum(other), row["n_other"])
            self.see(self.sum(), row["n"])
            # A lift or what is expected would tell of what is left out beside it.
            if few:
                assert row["expected"] == LEFT_OUT
            if LEFT_OUT in (row["both"], row["n_one"], row["n_other"]):
                assert {row[key] for key in ("lift", "interval", "phi", "p")} == {LEFT_OUT}

    def sum(self, *themes: int) -> np.ndarray:
        return np.array([float(all(own[theme] for theme in themes)) for own in self.sets])

    def see(self, terms: np.ndarray, value: Any, least: int = 1) -> None:
        low, high = (value, value) if isinstance(value, int) else (least, np.inf)
        self.lines.append((terms, low, high))

    def bounds(self, terms: np.ndarray) -> tuple[float, float]:
        matrix = np.array([line[0] for line in self.lines])
        limits = LinearConstraint(
            matrix, [line[1] for line in self.lines], [line[2] for line in self.lines]
        )
        found = []
        for sign in (1, -1):
            solved = milp(
                sign * terms, constraints=limits, bounds=Bounds(0, 500), integrality=np.ones(8)
            )
            assert solved.status == 0
            found.append(sign * round(solved.fun))
        return found[0], found[1]


@given(materials())
@settings(max_examples=60, deadline=None)
def test_an_attacker_cannot_work_out_a_pair(atoms: Atoms) -> None:
    pairs = pairs_of(atoms)
    if not pairs:
        return
    rows = published(table_of(*pairs, by_count=True))["rows"]
    attacker = Attacker(rows)
    for row in rows:
        if row["both"] != LEFT_OUT:
            continue
        one, other = (int(row[key].split(".")[1]) for key in ("one", "other"))
        least, most = attacker.bounds(attacker.sum(one, other))
        (truth,) = [p for p in pairs if (p.one, p.other) == (row["one"], row["other"])]
        assert least <= truth.both <= most
        assert least < most
        if truth.both < LIMIT:
            # It could be as many as is allowed to be shown, or all of a small theme.
            assert most >= min(LIMIT, truth.n_one, truth.n_other)


def test_three_themes_do_not_give_a_pair_back() -> None:
    # a and b are never together, nor b and c; all 59 have one of them, 28 have b. So a and c are
    # among the other 31, and as 31 have c, all 24 of a do.
    pairs = [
        Meeting("x.a", "x.b", 0, 24, 28, 59),
        Meeting("x.a", "x.c", 24, 24, 31, 59),
        Meeting("x.b", "x.c", 0, 28, 31, 59),
    ]
    told = {row["pair"]: row["both"] for row in published(table_of(*pairs, by_count=True))["rows"]}
    assert told["x.a + x.c"] == LEFT_OUT
    assert LEFT_OUT in (told["x.a + x.b"], told["x.b + x.c"])


def test_marks_are_words_that_pictures_know() -> None:
    assert (MORE, LESS) == ("more often", "less often")
