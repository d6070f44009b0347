"""A simulated researcher: how many decisions until the top fives are the final ones.

The gold narratives and interviews are coded by the machine; her decisions are the gold
codes: a coding is accepted where the gold segment has its code, else rejected. After
each decision the top fives, in which undecided codings count, are compared with those
when all is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy

from qualkit import Project
from qualkit.analysis.priorities import TOP, Material, influence
from qualkit.analysis.stability import outlooks
from qualkit.importers.codedcases import read_coded_cases
from qualkit.model import CodedCase, CountedCoding, ParsedSource, ReviewFilter
from qualkit.project.learning import LearningOptions
from qualkit.store import priorities
from qualkit.store.sources import save_source

EVERY, OFTEN = 50, 10
WANTED = 0.95
SEEDS = range(5)
BANDS = (0.0, 0.25, 0.5, 0.75, 0.95, 1.01)
PARTS = (0, 0.25, 0.5, 0.75)
FILES = {"narratives": "msc_a.jsonl", "interviews": "interviews_c.jsonl"}
ORDERS = {
    "case": "case by case",
    "doubtful": "most doubtful",
    "influential": "most influential",
}


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


def top_fives(material: Material, dropped: Any) -> list[Any]:
    """Return for each ranking and each column of `dropped` who is on the first five ranks.

    `dropped`: which units are gone, shape (n_units, n_tables). Ties at the cut are in.
    """
    found = []
    for ranking in material.rankings:
        counts = numpy.zeros((len(ranking.code_keys), dropped.shape[1]), dtype=int)
        numpy.add.at(counts, ranking.codes, ~dropped[ranking.units])
        cut = numpy.sort(counts, axis=0)[-min(TOP, len(counts))]
        found.append(counts >= numpy.maximum(cut, 1))
    return found


def overlaps(material: Material, right: Any, order: Sequence[int]) -> Any:
    """Return after no, one, ... all decisions how like the final top fives the tables are.

    The themes in both ÷ the themes in the longer of the two, on average over rankings.
    """
    place = numpy.empty(len(order), dtype=int)
    place[list(order)] = numpy.arange(len(order))
    wrong = ~material.sure
    wrong[material.unit_of[right[material.open_of]]] = False
    settled = numpy.full(len(wrong), -1)
    numpy.maximum.at(settled, material.unit_of, place[material.open_of])
    after = numpy.arange(len(order) + 1)
    dropped = wrong[:, None] & (settled[:, None] < after)
    shares = []
    for inside in top_fives(material, dropped):
        both = (inside & inside[:, -1:]).sum(axis=0)
        longer = numpy.maximum(inside.sum(axis=0), inside[:, -1].sum())
        shares.append(numpy.where(longer > 0, both / numpy.maximum(longer, 1), 1.0))
    return numpy.mean(shares, axis=0)


def needed(found: Any) -> int:
    """Return after how many decisions the overlap is 95% and stays so."""
    below = numpy.flatnonzero(found < WANTED - 1e-9)
    return int(below[-1]) + 1 if len(below) else 0


def review_order(project: Project, material: Material, order: str) -> list[int]:
    """Return an order of the review, as positions among the open codings."""
    at = {row: number for number, row in enumerate(material.rows.tolist())}
    review = project.review("Researcher", ReviewFilter(order=order))
    return [at[item.coding] for item in review.items if item.coding in at]


def walk(
    codings: Sequence[CountedCoding], right: set[int], every: int
) -> Iterator[tuple[Material, list[int]]]:
    """Decide most influential first, weighed anew after each so many.

    Yields what stands before each such lot, and the rows of the lot; an empty one at the end.
    """
    said: set[int] = set()
    while True:
        material = Material(
            own._replace(open=own.open and own.coding not in said)
            for own in codings
            if own.coding not in said or own.coding in right
        )
        weights = influence(material)
        lot = sorted(weights, key=lambda row: -weights[row])[:every]
        yield material, lot
        said.update(lot)
        if not lot:
            return


def shown(material: Material) -> dict[tuple[str, str], set[int]]:
    """Return the top five over all cases of each kind and category, as the table has it."""
    nothing = numpy.zeros((len(material.sure), 1), dtype=bool)
    pairs = zip(material.rankings, top_fives(material, nothing), strict=True)
    return {
        (own.kind, own.category): set(own.code_keys[inside[:, 0]].tolist())
        for own, inside in pairs
        if not own.domain
    }


def promises(codings: Sequence[CountedCoding], right: set[int]) -> list[tuple[float, bool]]:
    """Return how likely a top five was said to stay, every ten decisions, and whether it did."""
    final = shown(Material(own for own in codings if not own.open or own.coding in right))
    return [
        (own.stays, shown(material).get((own.kind, own.category)) == final.get(key, set()))
        for material, _ in walk(codings, right, OFTEN)
        for own in outlooks(material)
        if own.open and (key := (own.kind, own.category))
    ]


def orders_of(
    project: Project, codings: Sequence[CountedCoding], material: Material, right: set[int]
) -> list[tuple[str, list[list[int]]]]:
    """Return the orders of deciding by name, each once or for the random one several times."""
    orders = [(name, [review_order(project, material, order)]) for order, name in ORDERS.items()]
    at = {row: number for number, row in enumerate(material.rows.tolist())}
    for every in (EVERY, OFTEN):
        anew = [at[row] for _, lot in walk(codings, right, every) for row in lot]
        orders.append((f"most influential, weighed anew every {every}", [anew]))
    draws = [numpy.random.default_rng(seed).permutation(len(at)).tolist() for seed in SEEDS]
    return [*orders, (f"random, mean of {len(draws)}", draws)]


def measured(
    project: Project, texts: str, way: str, truth: set[tuple[str, int, str]]
) -> tuple[list[str], list[str]]:
    """Return a row for each order, and one for each chance that was said."""
    codings = list(priorities.iterate_counted(project.connection))
    material = Material(codings)
    correct = right_codings(project, truth)
    right = numpy.array([row in correct for row in material.rows.tolist()])
    about = f"{texts} | {way}: {len(right):,} codings, {right.mean():.0%} right"
    rows = []
    for name, orders in orders_of(project, codings, material, correct):
        found = [overlaps(material, right, order) for order in orders]
        cells = [f"{numpy.mean([needed(one) for one in found]):,.0f}"]
        for part in PARTS:
            alike = numpy.mean([one[int(part * (len(one) - 1))] for one in found])
            cells.append(f"{alike:.0%}")
        rows.append(f"| {about} | {name} | " + " | ".join(cells) + " |")
    said = promises(codings, correct)
    kept = []
    for low, high in pairwise(BANDS):
        own = [(stays, true) for stays, true in said if low <= stays < high]
        if own:
            mean, came = numpy.mean(numpy.array(own, dtype=float), axis=0)
            band = f"{low:.0%} to {min(high, 1):.0%}"
            kept.append(f"| {texts} | {way} | {band} | {len(own)} | {mean:.0%} | {came:.0%} |")
    return rows, kept


def deciding(folder: Path, gold: Path, *, semantic: bool = False) -> list[str]:
    """Return the section on how many decisions are needed."""
    rows = [
        "| texts | coded by | order | decisions needed | alike at first"
        " | after a quarter | after half | after three quarters |",
        "|---|---|---|" + "---:|" * 5,
    ]
    said = [
        "| texts | coded by | said to stay | times | said on average | stayed |",
        "|---|---|---|---:|---:|---:|",
    ]
    for texts, name in FILES.items():
        cases = gold_cases(gold / name)
        truth = {(own.case.case_id, n, code) for own in cases for n, _, code, _ in own.marks}
        with Project(folder / f"{name}.db", create=True) as project:
            save_cases(project, gold / name, cases)
            project.load_shipped_codebooks()
            for method, way in (("rules", "rules"), ("both", "rules and words")):
                if method == "both":
                    project.learn(LearningOptions(semantic=semantic, tune=False))
                project.code(method=method)
                orders, kept = measured(project, texts, way, truth)
                rows += orders
                said += kept
    return [
        "## How many decisions are needed",
        "",
        "A simulated researcher decides as the gold codes say: a coding is accepted where the gold"
        " segment has its code, else rejected; what she would add does not count here. *Alike*:"
        " the themes that stand both in a top five as the table shows it then, with undecided"
        " codings counted, and in the one when all is decided, ÷ the themes in the longer of the"
        " two, on average over every category, over all cases and in each domain. *Decisions"
        " needed*: until that is 95% and stays so. Codings of domains are not decided on.",
        "",
        *rows,
        "",
        "What `qualkit status` says of a top five, and what came of it: she decides most"
        f" influential first, and after every {OFTEN} decisions the chance that each kind and"
        " category's top five stays is noted, as long as codings of it are open. The times are of"
        " one walk and far from independent.",
        "",
        *said,
        "",
    ]
