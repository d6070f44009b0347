"""Pairs of eight themes as published, attacked with all that they say of each other at once.

The unknowns are the units with each set of themes, 2 to the 8th: what is printed are sums of
them, so that nothing that holds between three, four or more themes is overlooked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from qualkit.analysis.cooccurrence import cooccurrence_table
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish
from qualkit.model import Basis, Meeting
from qualkit.report.files import render

THEMES, LIMIT, MOST_LOOKED_AT = 8, 5, 6
SETS = np.array(list(product((0, 1), repeat=THEMES)), dtype=float)


def on_a_line(draw: random.Random, n: int) -> Iterator[tuple[int, ...]]:
    """Units along a line, themes from one end or the other: pairs that nearly shut each other out.

    Of such themes pairs tell most of each other.
    """
    cuts = [draw.random() for _ in range(THEMES)]
    for _ in range(n):
        place = draw.random()
        inside = [(place < cut) if at % 2 else (place > cut) for at, cut in enumerate(cuts)]
        yield tuple(int(own != (draw.random() < 0.04)) for own in inside)


def in_sorts(draw: random.Random, n: int) -> Iterator[tuple[int, ...]]:
    """Units of up to three sorts, each with its own chance of every theme."""
    odds = [0.05, 0.1, 0.3, 0.6, 0.9]
    sorts = [[draw.choice(odds) for _ in range(THEMES)] for _ in range(draw.choice([1, 2, 3]))]
    for _ in range(n):
        yield tuple(int(draw.random() < chance) for chance in draw.choice(sorts))


def meetings_of(units: list[tuple[int, ...]]) -> list[Meeting]:
    """Pairs as a project gives them: themes of at least ten units."""
    table = np.array(units)
    both, n = table.T @ table, len(units)
    there = [at for at in range(THEMES) if both[at, at] >= 2 * LIMIT]
    return [
        Meeting(f"x.{a}", f"x.{b}", int(both[a, b]), int(both[a, a]), int(both[b, b]), n)
        for a, b in combinations(there, 2)
    ]


def published_rows(pairs: list[Meeting], top: int) -> list[dict[str, Any]]:
    names = {key: key for pair in pairs for key in (pair.one, pair.other)}
    table = cooccurrence_table(pairs, names, Basis(), title="T", by_count=True, top=top)
    rows: list[dict[str, Any]] = json.loads(render(publish([table], Rules())[0], "json"))["rows"]
    return rows


def themes_of(pair: Any) -> tuple[int, int]:
    one, other = (pair["one"], pair["other"]) if isinstance(pair, dict) else (pair.one, pair.other)
    return int(one.removeprefix("x.")), int(other.removeprefix("x."))


class Attacker:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        seen: dict[tuple[int, ...], Any] = {}
        for row in rows:
            a, b = themes_of(row)
            seen |= {(): row["n"], (a,): row["n_one"], (b,): row["n_other"], (a, b): row["both"]}
        self.most = max((v for v in seen.values() if isinstance(v, int)), default=500)
        # 0 is shown, so what is left out is at least 1.
        low = [value if isinstance(value, int) else 1 for value in seen.values()]
        high = [value if isinstance(value, int) else np.inf for value in seen.values()]
        matrix = np.array([SETS[:, list(own)].prod(axis=1) for own in seen])
        self.said = LinearConstraint(csr_matrix(matrix), low, high)

    def range_of(self, terms: np.ndarray) -> tuple[int, int]:
        found = []
        for sign in (1, -1):
            solved = milp(
                sign * terms,
                constraints=self.said,
                bounds=Bounds(0, self.most),
                integrality=np.ones(len(SETS)),
            )
            assert solved.status == 0
            found.append(sign * round(solved.fun))
        return found[0], found[1]


def secrets(pair: Meeting) -> Iterator[tuple[np.ndarray, int, tuple[int, int]]]:
    """Yield units with both, either alone, neither: who they are, how many, what a row allows."""
    a, b = (SETS[:, at] for at in themes_of(pair))
    low, high = max(1, pair.n_one + pair.n_other - pair.n), min(pair.n_one, pair.n_other)
    neither = pair.n - pair.n_one - pair.n_other
    yield a * b, pair.both, (low, high)
    yield a * (1 - b), pair.n_one - pair.both, (pair.n_one - high, pair.n_one - low)
    yield b * (1 - a), pair.n_other - pair.both, (pair.n_other - high, pair.n_other - low)
    yield (1 - a) * (1 - b), neither + pair.both, (neither + low, neither + high)


@pytest.mark.parametrize(
    ("make", "seed", "top"),
    [(on_a_line, 0, 0), (on_a_line, 1, 12), (in_sorts, 0, 0), (in_sorts, 1, 12)],
)
def test_eight_themes_together_do_not_give_back_what_is_left_out(
    make: Any, seed: int, top: int
) -> None:
    draw = random.Random(seed)
    pairs = meetings_of(list(make(draw, 60)))
    attacker = Attacker(published_rows(pairs, top))
    small = [(pair, *secret) for pair in pairs for secret in secrets(pair) if 0 < secret[1] < LIMIT]
    assert small
    for pair, terms, value, (low, high) in draw.sample(small, min(MOST_LOOKED_AT, len(small))):
        least, most = attacker.range_of(terms)
        assert least <= value <= most
        # As by the pair's own row, whatever the other pairs say.
        assert least <= max(1, low), pair
        assert most >= min(LIMIT, high), pair


def test_a_row_that_is_listed_tells_nothing_of_what_is_left_out() -> None:
    # 10 of 13: all but 3, so it is left out. Among the first two it would be known to be
    # at least as many as the last of them, 9: it is not listed.
    pairs = [
        Meeting("x.0", "x.1", 20, 40, 50, 200),
        Meeting("x.2", "x.3", 10, 13, 30, 200),
        Meeting("x.4", "x.5", 9, 40, 50, 200),
        Meeting("x.6", "x.7", 2, 40, 50, 200),
    ]
    assert [row["both"] for row in published_rows(pairs, 2)] == [20, 9]
    rows = published_rows(pairs, 0)
    assert [row["both"] for row in rows] == [20, 9, LEFT_OUT, LEFT_OUT]
