"""A simulated researcher: how many decisions until the top fives are the final ones.

The gold narratives and interviews are coded by the machine; her decisions are the gold
codes: a coding is accepted where the gold segment has its code, else rejected. After
each ten decisions the top fives, in which undecided codings count, are compared with
those when all is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from qualkit import Project
from qualkit.analysis.priorities import TOP, Material, Ranking
from qualkit.importers.codedcases import read_coded_cases
from qualkit.model import CodedCase, ParsedSource, ReviewFilter
from qualkit.project.learning import LearningOptions
from qualkit.store import priorities
from qualkit.store.sources import save_source

STEP = 10
WANTED = 0.95
SEEDS = range(5)
FILES = ("msc_a.jsonl", "interviews_c.jsonl")
ORDERS = ("case", "doubtful", "influential")


def gold_cases(path: Path) -> list[CodedCase]:
    """Return the cases of a gold file."""
    return [own for own in read_coded_cases(path) if isinstance(own, CodedCase)]


def save_cases(project: Project, path: Path, cases: Sequence[CodedCase]) -> None:
    """Bring the texts of gold cases into a project."""
    texts = [own.case for own in cases]
    source = ParsedSource(path.name, texts[0].kind, str(path), path.name, "", texts)
    save_source(project.connection, source, lambda rejection: None)


def right_codings(project: Project, truth: set[tuple[str, int, str]]) -> set[int]:
    """Return the machine's codings that the gold has too."""
    rows = project.connection.execute(
        "SELECT g.id, c.case_id, s.n, k.code FROM codings g JOIN segments s ON s.id ="
        " g.segment_key JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
    )
    return {key for key, *place in rows if tuple(place) in truth}


def top_five(ranking: Ranking, there: Any) -> set[int]:
    """Return the codes on the first five ranks, ties at the cut included."""
    counts = numpy.bincount(ranking.codes, weights=there[ranking.pairs], minlength=ranking.n_codes)
    if not counts.any():
        return set()
    cut = numpy.sort(counts)[-min(TOP, len(counts))]
    return set(numpy.flatnonzero(counts >= max(cut, 1)).tolist())


class Walk:
    """The rankings of a project while somebody decides."""

    def __init__(self, material: Material, right: Any) -> None:
        self.material = material
        self.right = right
        self.final = [self._top(ranking, right) for ranking in material.rankings]

    def _top(self, ranking: Ranking, counted: Any) -> set[int]:
        there = self.material.sure.copy()
        there[self.material.pair_of[counted]] = True
        return top_five(ranking, there)

    def overlap(self, decided: Any) -> float:
        """Return the mean share of the final top fives that stand in those of now."""
        counted = ~decided | self.right
        shares = [
            len(self._top(ranking, counted) & final) / len(final)
            for ranking, final in zip(self.material.rankings, self.final, strict=True)
            if final
        ]
        return float(numpy.mean(shares))

    def needed(self, order: Sequence[int]) -> int:
        """Return after how many decisions the overlap is 95% and stays so."""
        decided = numpy.zeros(len(order), dtype=bool)
        needed = 0
        for done in range(0, len(order) + 1, STEP):
            decided[list(order[max(0, done - STEP) : done])] = True
            if self.overlap(decided) < WANTED:
                needed = done + STEP
        return min(needed, len(order))


def orders_of(project: Project, material: Material) -> dict[str, list[int]]:
    """Return the review's orders, as positions among the open codings."""
    at = {row: number for number, row in enumerate(material.rows.tolist())}
    found = {}
    for order in ORDERS:
        review = project.review("Researcher", ReviewFilter(order=order))
        found[order] = [at[item.coding] for item in review.items if item.coding in at]
    return found


def deciding(folder: Path, gold: Path, *, semantic: bool = False) -> list[str]:
    """Return the section on how many decisions are needed."""
    rows = [
        "| texts | coded by | codings | by case | most doubtful | most influential | at random |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name in FILES:
        cases = gold_cases(gold / name)
        truth = {(own.case.case_id, n, code) for own in cases for n, _, code, _ in own.marks}
        with Project(folder / f"{name}.db", create=True) as project:
            save_cases(project, gold / name, cases)
            project.load_shipped_codebooks()
            for way in ("rules", "both"):
                if way == "both":
                    project.learn(LearningOptions(semantic=semantic, tune=False))
                project.code(method=way)
                material = Material(
                    priorities.iterate_counted(project.connection),
                    priorities.fetch_declared_domains(project.connection),
                )
                right = right_codings(project, truth)
                walk = Walk(material, numpy.array([row in right for row in material.rows.tolist()]))
                needed = {
                    order: walk.needed(places)
                    for order, places in orders_of(project, material).items()
                }
                drawn = [
                    walk.needed(
                        numpy.random.default_rng(seed).permutation(len(walk.right)).tolist()
                    )
                    for seed in SEEDS
                ]
                cells = [name, "rules" if way == "rules" else "rules and words"]
                cells += [f"{len(walk.right):,}", *(f"{needed[order]:,}" for order in ORDERS)]
                rows.append("| " + " | ".join([*cells, f"{numpy.mean(drawn):,.0f}"]) + " |")
    return [
        "## How many decisions are needed",
        "",
        "A simulated researcher decides as the gold codes say. Decisions until the top fives"
        " (every category, over all and in each declared domain) hold 95% of the final ones,"
        " on average, and stay so; undecided codings count as they do in tables. At random:"
        f" mean of {len(SEEDS)} draws.",
        "",
        *rows,
        "",
    ]
