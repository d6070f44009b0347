"""Domains whose changes go together: families and cases counted by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qualkit.analysis.association import MORE
from qualkit.analysis.dependencies import (
    PROGRESS,
    RELEVANCE,
    dependencies_table,
    dependency_graphs,
    progress_meetings,
    relevance_meetings,
)
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish
from qualkit.model import Basis, Meeting, Stage, Table
from qualkit.report.files import render

STAGES = [
    Stage(name, name, low, low + 1) for name, low in zip("abcde", range(1, 10, 2), strict=True)
]
NAMES = {"home": "Home", "health": "Health", "work": "Work"}


def test_families_who_moved_up_in_both_by_hand() -> None:
    start = np.array(
        [
            [1, 1, 1],  # up, up, up
            [1, 1, 0],  # up, same stage (1 to 2), no first reading
            [9, 1, 1],  # highest to highest: could not; up; up
            [9, 3, 5],  # highest to lower: could; down; up
            [3, 3, 3],  # up; up; no last reading
        ]
    )
    end = np.array([[3, 3, 3], [3, 2, 5], [10, 3, 4], [7, 1, 9], [10, 5, 0]])
    found = {
        (pair.one, pair.other): (pair.both, pair.n_one, pair.n_other, pair.n)
        for pair in progress_meetings(start, end, list(NAMES), STAGES)
    }
    # home and health: families 1, 2, 4, 5; home up in 1, 2, 5, health in 1, 5.
    assert found["home", "health"] == (2, 3, 2, 4)
    # home and work: 1 and 4; home up in 1, work in both.
    assert found["home", "work"] == (1, 1, 2, 2)
    # health and work: 1, 3, 4; health up in 1 and 3, work in all.
    assert found["health", "work"] == (2, 2, 3, 3)


def test_relevance_counts_each_two_domains() -> None:
    counts, people = np.array([[20, 12], [12, 30]]), np.array([[18, 9], [9, 25]])
    (found,) = relevance_meetings(counts, ["home", "health"], 100, people)
    assert found == Meeting("home", "health", 12, 20, 30, 100, RELEVANCE, (9, 18, 25))


def both() -> list[Meeting]:
    return [
        Meeting("home", "health", 40, 50, 60, 120, RELEVANCE),
        Meeting("home", "work", 25, 50, 60, 120, RELEVANCE),
        Meeting("health", "work", 30, 60, 60, 120, RELEVANCE),
        Meeting("home", "health", 90, 100, 110, 200, PROGRESS),
        Meeting("home", "work", 2, 90, 100, 190, PROGRESS),
        Meeting("health", "work", 50, 90, 100, 180, PROGRESS),
    ]


def table(top: int = 0) -> Table:
    return dependencies_table(both(), NAMES, Basis({"msc": 120}), top=top)


def test_each_sort_is_ordered_adjusted_and_cut_apart() -> None:
    assert [(row["by"], row["both"]) for row in table(1).rows] == [(RELEVANCE, 40), (PROGRESS, 2)]
    alone = dependencies_table(both()[:3], NAMES, Basis())
    own = [row["p_adjusted"] for row in table().rows if row["by"] == RELEVANCE]
    assert own == [row["p_adjusted"] for row in alone.rows]


def test_graphs_have_all_domains_in_their_order_and_lines_for_what_stands() -> None:
    declared, moved = dependency_graphs(table(), NAMES)
    assert declared.nodes == moved.nodes == ("Home", "Health", "Work")
    # 40 of 25 expected stands; 25 of 25 and 30 of 30 do not.
    assert [(edge.one, edge.other, edge.fewer) for edge in declared.edges] == [(0, 1, False)]
    assert {(edge.one, edge.other): edge.fewer for edge in moved.edges} == {
        (0, 1): False,
        (0, 2): True,
    }


def published(result: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(render(publish([result], Rules())[0], "json"))["rows"]
    return rows


def test_published_small_counts_and_differences_are_left_out() -> None:
    rows = {(row["by"], row["one"], row["other"]): row for row in published(table())}
    hidden = rows[PROGRESS, "home", "work"]
    assert {hidden[key] for key in ("both", "lift", "interval", "phi", "p", "finding")} == {
        LEFT_OUT
    }
    # Families with both readings in two domains are a number of their own in each pair.
    assert (hidden["n_one"], hidden["n_other"], hidden["n"]) == (90, 100, 190)
    assert rows[PROGRESS, "home", "health"]["finding"] == MORE
    assert rows[RELEVANCE, "home", "health"]["both"] == 40


def test_published_graph_leaves_out_what_the_table_does() -> None:
    shown = publish([table()], Rules())[0]
    _, moved = dependency_graphs(shown, NAMES)
    assert [(edge.one, edge.other) for edge in moved.edges] == [(0, 1)]


@pytest.mark.parametrize("by", [RELEVANCE, PROGRESS])
def test_a_hidden_margin_hides_what_would_give_it_back(by: str) -> None:
    # Two families moved up in work, or two cases have it.
    pairs = [
        Meeting("home", "health", 40, 50, 60, 120, by),
        Meeting("home", "work", 1, 50, 2, 120, by),
    ]
    rows = published(dependencies_table(pairs, NAMES, Basis()))
    (row,) = [row for row in rows if row["other"] == "work"]
    assert {row[key] for key in ("both", "n_other", "expected", "lift")} == {LEFT_OUT}
