"""CHAID trees of chance, and trees of many families: what splits, what holds, how long.

    python benchmarks/chaid.py [TREES]

Families get needs, attributes and outcomes that hang on nothing: every split is then false.

- The share of trees that split their root stays at the level, with the correction for the
  number of predictors; beside it stands what the others come to.
- Of findings of made-up trees in which one need does matter, how many hold on resamples; of
  the false splits, how many do.
- The time and memory of a tree of 100,000 families by 67 predictors, and of a resample.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Sequence

import numpy
from measure import Result, as_text

from qualkit.analysis.chaid import Correction, Growing, grow_tree
from qualkit.analysis.chaidresamples import HOLDS, Counter, draw_again, grow_quickly
from qualkit.analysis.chaidrows import FamilyRows
from qualkit.model import Predictor

SEED = 1980
TREES = 3000
FAMILIES = 787
MANY = 100_000
NEEDS = 57
SHARES = (0.535, 0.389, 0.076)
"""Higher, same, lower: those of physical health in the evaluation."""
TOLD_APART = {
    "three levels": SHARES,
    "7.6% or not": (0.076, 0.924),
    "nine levels of like size": (0.17, 0.18, 0.13, 0.05, 0.14, 0.09, 0.09, 0.08, 0.07),
    "seven levels, some of 1%": (0.5, 0.3, 0.1, 0.05, 0.03, 0.01, 0.01),
}
_ATTRIBUTES = ((9, False), (6, False), (3, False), (2, False), (10, True), (10, True))
"""Categories, and whether they are ordered; the last has families whose value is missing."""


def make_rows(
    generator: numpy.random.Generator,
    families: int,
    *,
    shares: Sequence[float] = SHARES,
    effect: float = 0.0,
) -> FamilyRows:
    """Return made-up families; with an effect those with the first need have the last level more.

    Needs go together in each family, as they do in life.
    """
    burden = generator.normal(0, 0.7, families)
    columns, predictors = [], []
    for number in range(NEEDS):
        base = math.log(1 / generator.uniform(0.04, 0.6) - 1)
        has = generator.random(families) < 1 / (1 + numpy.exp(base - burden))
        columns.append(has.astype(numpy.uint8))
        predictors.append(Predictor(f"need.n{number}", f"n{number}", "need", ("without", "with")))
    for number, (n_categories, ordered) in enumerate(_ATTRIBUTES):
        missing = number == len(_ATTRIBUTES) - 1
        columns.append(generator.integers(0, n_categories + missing, families).astype(numpy.uint8))
        names = tuple(map(str, range(n_categories)))
        bounds = tuple((float(at), float(at)) for at in range(n_categories)) if ordered else ()
        predictors.append(Predictor(f"family.a{number}", f"a{number}", "attribute", names, bounds))
    target = generator.choice(len(shares), families, p=shares)
    if effect:
        turned = (columns[0] == 1) & (generator.random(families) < effect)
        target[turned] = len(shares) - 1
    levels = tuple(f"level {number}" for number in range(len(shares)))
    return FamilyRows(tuple(predictors), numpy.stack(columns, axis=1), target, levels)


def split_share(correction: Correction, trees: int, shares: Sequence[float]) -> float:
    """Return the share of trees of chance whose root is split."""
    generator = numpy.random.default_rng([SEED, len(shares)])
    growing = Growing(depth=1, correction=correction)
    found = 0
    for _ in range(trees):
        rows = make_rows(generator, FAMILIES, shares=shares)
        nodes = list(grow_quickly(Counter(rows), growing, numpy.ones(FAMILIES)))
        found += nodes[0].split is not None
    return found / trees


def holding(trees: int, effect: float) -> tuple[float, int]:
    """Return the share of trees' first segments that hold, and how many trees split."""
    generator = numpy.random.default_rng([SEED, 2, int(effect * 100)])
    held, n = 0, 0
    while n < trees:
        rows = make_rows(generator, FAMILIES, effect=effect)
        first = next(grow_quickly(Counter(rows), Growing(), numpy.ones(FAMILIES)))
        if first.split is None:
            continue
        n += 1
        predictor, groups = first.split
        segment = numpy.flatnonzero(numpy.isin(rows.codes[:, predictor], groups[-1]))
        shares = draw_again(rows, Growing(), [segment], 25)
        held += shares[0, -1] >= HOLDS
    return held / n, n


def measure_chaid(trees: int = TREES) -> list[Result]:
    """Return the shares of false splits, what holds, and the times."""
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / trees)
    results = []
    for what, shares in TOLD_APART.items():
        share = split_share(Correction.NODE, trees, shares)
        results.append(
            Result(
                f"trees of chance that split, {what}: --correction node",
                *(100 * share, 100 * limit),
                unit="%",
                note=f"{trees:,} trees of {FAMILIES} families, 63 predictors, level 0.05",
            )
        )
    for correction in (Correction.CATEGORIES, Correction.NONE):
        share = split_share(correction, max(20, trees // 30), SHARES)
        name = f"trees of chance that split, three levels: --correction {correction}"
        note = f"{max(20, trees // 30):,} trees; no promise"
        results.append(Result(name, 100 * share, None, unit="%", note=note))
    for effect in (0.15, 0.0):
        share, n = holding(30, effect)
        what = f"one need raises the last level by {effect:.0%}" if effect else "chance"
        name = f"first segments that hold on resamples, {what}"
        results.append(Result(name, 100 * share, None, unit="%", note=f"{n} trees that split"))
    return results + _times()


def _times() -> list[Result]:
    rows = make_rows(numpy.random.default_rng(SEED), MANY, effect=0.15)
    started = time.perf_counter()
    grow_tree(rows, Growing(), "x")
    grown = time.perf_counter() - started
    started = time.perf_counter()
    draw_again(rows, Growing(), [numpy.arange(10)], 2)
    drawn = (time.perf_counter() - started) / 2
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    note = f"{MANY:,} families, 63 predictors"
    return [
        Result("a tree", grown, 120.0, unit="s", note=note),
        Result("a resample", drawn, 10.0, unit="s", note=note),
        Result("memory at most", memory, 2.0, unit="GB", note=note),
    ]


if __name__ == "__main__":
    found = measure_chaid(int(sys.argv[1]) if len(sys.argv) > 1 else TREES)
    print(as_text("Trees of chance", found))
    sys.exit(any(result.kept is False for result in found))
