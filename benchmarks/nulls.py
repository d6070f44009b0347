"""False findings where groups do not differ: tables of chance through the tests of `link`.

    python benchmarks/nulls.py [TABLES]

Families get themes by chance, the same chance in every group; every finding is then false.
Three promises are measured, over many made-up tables:

- The p-values of themes are uniform where groups are large (the largest distance of their
  distribution from the straight line, Kolmogorov's), and never too small more often than they
  say where groups are small and tests are exact.
- A table has a false finding, among its cells or its themes, in at most 5 of 100 tables.
- Where some themes do differ, at most 5% of what is found is false, on average.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy
from measure import Result, as_text

from qualkit.analysis.findings import Compared, compare_cells, compare_themes
from qualkit.analysis.statistics import FALSE_DISCOVERIES

SEED = 1995
TABLES = 400
THEMES = 20
LARGE = (400, 350, 300, 250, 200)
SMALL = (39, 34, 30, 33, 19, 16, 15, 14, 13)
"""The groups of the demonstration, near those of the evaluation."""
_COMMON, _RARE = (0.1, 0.5), (0.02, 0.3)
_DIFFERENT = 5
"""Themes that differ, in the tables where some do: 30 points more in the first group."""


@dataclass
class Tally:
    """What the tests found in tables of chance."""

    theme_p: list[float] = field(default_factory=list)
    cell_p: list[float] = field(default_factory=list)
    false_themes: list[float] = field(default_factory=list)
    false_cells: list[float] = field(default_factory=list)

    def add(self, tested: Compared, codes: Sequence[str], differing: Sequence[str] = ()) -> None:
        """Test a table; a finding is false where the theme does not differ.

        Of a theme that differs no cell counts as false: the others differ from the first group.
        """
        themes, cells = compare_themes(codes, tested), compare_cells(codes, tested)
        same = [code for code in codes if code not in differing]
        self.theme_p += [themes[c].test.p for c in same if themes[c].test is not None]
        self.cell_p += [
            cell.test.p
            for (_, code), cell in cells.items()
            if code in same and cell.test is not None
        ]
        found_themes = [c for c in codes if _found(themes[c].adjusted)]
        found_cells = [code for (_, code), cell in cells.items() if _found(cell.adjusted)]
        for found, shares in (
            (found_themes, self.false_themes),
            (found_cells, self.false_cells),
        ):
            false = sum(code in same for code in found)
            shares.append(false / len(found) if found else 0.0)


def _found(adjusted: float | None) -> bool:
    return adjusted is not None and adjusted <= FALSE_DISCOVERIES


def make_table(
    generator: numpy.random.Generator,
    sizes: Sequence[int],
    chances: tuple[float, float],
    n_different: int = 0,
) -> tuple[Compared, list[str], list[str]]:
    """Return a table, its themes, and those of them that differ.

    The first themes differ. The themes of a family are drawn one by one, but a third of the
    families has half as many of all and another third half as many again, so that themes go
    together, as they do in texts of different length.
    """
    codes = [f"theme-{number}" for number in range(THEMES)]
    share = generator.uniform(*chances, THEMES)
    counts = {}
    for at, size in enumerate(sizes):
        length = generator.choice([0.5, 1.0, 1.5], (size, 1))
        own = share[None, :] + (0.3 if at == 0 else 0.0) * (numpy.arange(THEMES) < n_different)
        drawn = (generator.random((size, THEMES)) < length * own).sum(axis=0)
        counts |= {(f"group-{at}", code): int(n) for code, n in zip(codes, drawn, strict=True)}
    named = {f"group-{at}": size for at, size in enumerate(sizes)}
    return Compared(counts, named), codes, codes[:n_different]


def simulate(
    sizes: Sequence[int], chances: tuple[float, float], tables: int, n_different: int = 0
) -> Tally:
    """Return what was found in so many tables, the same each time."""
    generator = numpy.random.default_rng([SEED, n_different, *sizes])
    tally = Tally()
    for _ in range(tables):
        tally.add(*make_table(generator, sizes, chances, n_different))
    return tally


def distance(p_values: Sequence[float]) -> float:
    """Return Kolmogorov's distance of p-values from the uniform distribution."""
    ordered = numpy.sort(p_values)
    n = len(ordered)
    steps = numpy.arange(1, n + 1) / n
    return float(max((steps - ordered).max(), (ordered - steps + 1 / n).max()))


def _at_most(share: float, n: int) -> float:
    """Return the limit for a share that is promised: three standard errors of chance above."""
    return share + 3 * math.sqrt(share * (1 - share) / n)


def measure_nulls(tables: int = TABLES) -> list[Result]:
    """Return the distances, the shares under 0.05 and the rates of false findings."""
    results = []
    for name, sizes, chances in (("large", LARGE, _COMMON), ("small", SMALL, _RARE)):
        tally = simulate(sizes, chances, tables)
        what = f"{name} groups, no difference"
        # Themes of one table go together: a table is taken for one trial, which is cautious.
        limit = _at_most(0.05, tables)
        if name == "large":
            results.append(
                Result(
                    f"{what}: distance of themes' p from uniform",
                    distance(tally.theme_p),
                    1.63 / math.sqrt(tables),
                    unit="",
                    note=f"{len(tally.theme_p):,} p-values",
                )
            )
        for subject, p_values in (("themes", tally.theme_p), ("cells", tally.cell_p)):
            under = sum(p <= 0.05 for p in p_values) / len(p_values)
            note = f"{len(p_values):,} p-values"
            results.append(
                Result(f"{what}: {subject}' p under 0.05", under, limit, unit="", note=note)
            )
        results += _rates(what, "tables with a false finding among", tally, tables)
    tally = simulate(LARGE, _COMMON, tables, _DIFFERENT)
    what = f"large groups, {_DIFFERENT} of {THEMES} themes differ"
    results += _rates(what, "false share of what is found among", tally, tables)
    return results


def _rates(what: str, subject: str, tally: Tally, tables: int) -> list[Result]:
    limit = _at_most(FALSE_DISCOVERIES, tables)
    return [
        Result(
            f"{what}: {subject} {name}",
            sum(false) / len(false),
            limit,
            unit="",
            note=f"{tables:,} tables",
        )
        for name, false in (("themes", tally.false_themes), ("cells", tally.false_cells))
    ]


if __name__ == "__main__":
    found = measure_nulls(int(sys.argv[1]) if len(sys.argv) > 1 else TABLES)
    print(as_text("Findings by chance", found))
    sys.exit(any(result.kept is False for result in found))
