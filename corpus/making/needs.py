"""Needs found at assessment, as often as corpus/plan_needs.csv says."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from datetime import timedelta

from making.families import Family
from making.stars import Involvement, Readings
from making.words import CORPUS

LEVELS = {"Low": -0.5, "Mid": 0.3, "High": 1.0}
LOWER_NEEDS = "Lower needs families"
LEANING = 1.2
"""How far, in standard deviations of chance, a need leans to the families it is mostly of."""
TWO_ADULTS_SHARE, TWO_CHILDREN_SHARE = 0.35, 0.55


def _rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def make_needs(
    generator: random.Random,
    families: list[Family],
    involvements: Mapping[str, Involvement],
    readings: Mapping[str, Readings],
) -> list[dict[str, str]]:
    """Return the rows of needs.csv: one assessment of an adult, a child or the family each."""
    plan = _rows("plan_needs.csv")
    present = _present(generator, families, readings, plan)
    rows = []
    for family in families:
        has = present[family.reference]
        when = involvements[family.reference].opened + timedelta(generator.randint(7, 42))
        sizes = {
            "adult": 1 + (generator.random() < TWO_ADULTS_SHARE),
            "child": 1 + (generator.random() < TWO_CHILDREN_SHARE),
            "family": 1,
        }
        # A need of the family is that of one of those whom it may be of, or of more.
        whose = {row["need"]: generator.randrange(sizes[row["about"]]) for row in plan}
        for about, size in sizes.items():
            for n in range(size):
                cells = {
                    "UFRN": family.reference,
                    "About": about,
                    "Person": "" if about == "family" else f"{about} {n + 1}",
                    "Date": when.isoformat(),
                }
                for row in plan:
                    need = row["need"]
                    own = need in has and (n == whose[need] or generator.random() < 1 / 3)
                    cells[need] = str(int(own)) if row["about"] == about else ""
                rows.append(cells)
    return rows


def _present(
    generator: random.Random,
    families: list[Family],
    readings: Mapping[str, Readings],
    plan: list[dict[str, str]],
) -> dict[str, set[str]]:
    """Return the needs of each family, by reference.

    Each need goes to as many families as planned, to those with the highest leaning: by
    the level and group of their cluster, low readings at the start, and chance.
    """
    clusters = {row["cluster"]: row for row in _rows("plan_clusters.csv")}
    burden = {}
    for family in families:
        cluster = clusters[family.cluster]
        known = [value for value in readings[family.reference]["start"].values() if value]
        burden[family.reference] = (
            LEVELS[cluster["need_level"]]
            - (LEANING if cluster["group"] == LOWER_NEEDS else 0.0)
            - 0.15 * (sum(known) / len(known) - 5.5)
            + generator.gauss(0, 0.4)
        )
    present: dict[str, set[str]] = {family.reference: set() for family in families}
    for row in plan:
        leaning = {
            family.reference: burden[family.reference]
            + (LEANING if clusters[family.cluster]["group"] == row["mostly_of"] else 0.0)
            + generator.gauss(0, 1)
            for family in families
        }
        chosen = sorted(leaning, key=lambda reference: -leaning[reference])
        for reference in chosen[: round(len(families) * int(row["families_pct"]) / 100)]:
            present[reference].add(row["need"])
    return present
