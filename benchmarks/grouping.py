"""Families drawn from nine known classes: are the classes found again, how well, how fast?

    python benchmarks/grouping.py [--sizes 378,787,1118,100000]

The classes have the sizes of the evaluation's nine clusters. Their needs are made up: each
need leans to the group of clusters that corpus/plan_needs.csv names, rises with the level of
need, and differs by lot from class to class; the shares over all families are those of the
plan, so the published ones hold. Two strengths: classes told apart clearly, and blurred. All is
compared with the truth by the adjusted Rand index. What can be had at best is told by the true
chances themselves: each family to the class of which it is likeliest. No fit knows them, so what
a fit loses that is begun at the true chances stands beside it.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from measure import Result, Timing, as_text, in_child, say

from qualkit.analysis.clustering import (
    Classes,
    Material,
    collect_answers,
    improve,
    memberships,
)
from qualkit.analysis.clusteringgrid import (
    choose_number,
    cross,
    fit_classes,
    measure_stability,
    rand_of,
)

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
SIZES = (378, 787, 1_118, 100_000)
NUMBERS = range(1, 13)
WITHIN = 0.02
DRAWS = 10
_LARGE = 10_000
_LEVELS = {"Low": -1.0, "Mid": 0.0, "High": 1.0}


@dataclass(frozen=True, slots=True)
class Strength:
    """How far classes are apart, in logits: by group, by level of need, and by lot."""

    name: str
    lean: float
    level: float
    lot: float


STRENGTHS = (Strength("clear", 2.5, 1.0, 1.0), Strength("blurred", 2.0, 0.8, 0.8))


def rows_of(name: str) -> list[dict[str, str]]:
    """Return a table of the plan."""
    with (CORPUS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def true_classes(strength: Strength) -> Classes:
    """Return nine classes whose weighted shares of needs are those of the plan."""
    clusters, plan = rows_of("plan_clusters.csv"), rows_of("plan_needs.csv")
    sizes = numpy.array([float(row["families_in_evaluation"]) for row in clusters])
    shares = sizes / sizes.sum()
    level = numpy.array([_LEVELS[row["need_level"]] for row in clusters])
    lower = numpy.array([row["group"] == "Lower needs families" for row in clusters])
    generator = numpy.random.default_rng(1)
    chances = numpy.empty((len(clusters), len(plan)))
    for column, need in enumerate(plan):
        leaning = numpy.array([row["group"] == need["mostly_of"] for row in clusters])
        own = strength.lean * leaning - lower + generator.normal(0, strength.lot, len(clusters))
        own = own + strength.level * level * generator.uniform(0.5, 1.5)
        chances[:, column] = _shifted(own, shares, int(need["families_pct"]) / 100)
    return Classes(chances, shares)


def _shifted(logits: Any, shares: Any, wanted: float) -> Any:
    """Return chances with these differences of logits and this share over all, by halving."""
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        chances = 1 / (1 + numpy.exp(-(logits + middle)))
        low, high = (middle, high) if shares @ chances < wanted else (low, middle)
    return chances


def draw(classes: Classes, n: int, seed: int) -> tuple[Any, Any]:
    """Return the answers of n families and the class of each."""
    generator = numpy.random.default_rng([seed, n])
    own = generator.choice(len(classes.shares), n, p=classes.shares)
    answers = generator.random((n, classes.chances.shape[1])) < classes.chances[own]
    return answers.astype(numpy.int8), own


def measure_one(strength: Strength, n: int, seed: int) -> Timing:
    """Group one draw; time it.

    The value is (number found, that by BIC, adjusted Rand index, that at best, that of nine
    groups, stability, index of nine groups fitted from the true chances on).
    """
    classes = true_classes(strength)
    cells, truth = draw(classes, n, seed)
    began, cpu = time.perf_counter(), time.process_time()
    answers = collect_answers(cells)
    fits = fit_classes(answers, NUMBERS)
    own = choose_number(fits)
    stable = measure_stability(answers, own)
    wall, spent = time.perf_counter() - began, time.process_time() - cpu

    def index(groups: Any, n_groups: int) -> float:
        ones = numpy.ones(n)
        k = len(classes.shares)
        return rand_of(cross(truth, groups[answers.which], ones, k, n_groups))

    best, _ = memberships(answers, classes)
    begun = improve(Material(answers), Classes(classes.chances[None], classes.shares[None]))
    from_truth, _ = memberships(answers, begun.classes.pick(0))
    nine = next(fit for fit in fits if fit.n_groups == len(classes.shares))
    value = (
        own.n_groups,
        min(fits, key=lambda fit: fit.bic).n_groups,
        index(own.groups, own.n_groups),
        index(best, len(classes.shares)),
        index(nine.groups, nine.n_groups),
        stable.rand if stable else 0.0,
        index(from_truth, len(classes.shares)),
    )
    return Timing(wall, spent, 0.0, value)


def measure_grouping(sizes: Sequence[int] = SIZES, draws: int = DRAWS) -> list[Result]:
    """Return, for each strength and number of families, what was found of the classes."""
    results = []
    for strength in STRENGTHS:
        for n in sizes:
            times = 1 if n >= _LARGE else draws
            runs = []
            for seed in range(times):
                runs.append(in_child(measure_one, strength, n, seed))
                say(f"  {strength.name}, {n:,} families, draw {seed + 1}: {runs[-1].wall_s:.1f} s")
            results += _results(f"{strength.name} classes, {n:,} families", runs)
    return results


def _results(what: str, runs: Sequence[Timing]) -> list[Result]:
    found = [run.value for run in runs]
    right = [own[0] == 9 for own in found]
    numbers = ", ".join(str(own[0]) for own in found)
    by_bic = ", ".join(str(own[1]) for own in found)
    lost = statistics.mean(own[3] - own[2] for own in found)
    lost_nine = statistics.mean(own[3] - own[4] for own in found)
    index, best, begun = (statistics.mean(own[at] for own in found) for at in (2, 3, 6))
    spread = statistics.stdev(own[3] - own[2] for own in found) if len(found) > 1 else 0.0
    return [
        Result(
            f"{what}: draws in which nine are found",
            sum(right) / len(right),
            1.0,
            least=True,
            unit="",
            note=f"found {numbers}; by plain BIC {by_bic}; {_draws(runs)}",
        ),
        Result(
            f"{what}: adjusted Rand index lost to the true chances",
            100 * lost,
            100 * WITHIN,
            unit="hundredths",
            note=f"{index:.3f}, at best {best:.3f}; with nine groups {100 * lost_nine:.2f} lost;"
            f" of single draws the standard deviation is {100 * spread:.2f}",
        ),
        Result(
            f"{what}: adjusted Rand index lost to a fit begun at the true chances",
            100 * (begun - index),
            100 * WITHIN,
            unit="hundredths",
            note=f"{index:.3f}; that fit {begun:.3f}, so {100 * (best - begun):.2f} of what is lost"
            " to the true chances is lost by anybody who does not know them",
        ),
        Result(
            f"{what}: time",
            statistics.median(run.wall_s for run in runs),
            unit="s",
            note=f"processor {statistics.median(run.cpu_s for run in runs):.1f} s;"
            f" peak memory {max(run.peak_mb for run in runs):.0f} MB;"
            f" stable {statistics.mean(own[5] for own in found):.2f}",
        ),
    ]


def _draws(runs: Sequence[Timing]) -> str:
    return f"{len(runs)} draws" if len(runs) > 1 else "one draw"


if __name__ == "__main__":
    wanted = sys.argv[2] if len(sys.argv) > 2 else ",".join(map(str, SIZES))
    found = measure_grouping(tuple(map(int, wanted.split(","))))
    print(as_text("Families grouped by needs", found))
    sys.exit(any(result.kept is False for result in found))
