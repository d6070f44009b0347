"""What can be said of themes in groups: tests, adjusted for their number, and words for it.

Units by group, those with each theme -> a finding for each theme, and for each cell
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.analysis.statistics import (
    FALSE_DISCOVERIES,
    SIMULATED,
    SMALL_GROUP,
    GroupTest,
    adjust_p,
    adjusted_residuals,
    compare_groups,
    compare_one,
    too_little,
)
from qualkit.model import Column

NO_SAMPLE = "cases chosen by staff are no sample: this describes the material"
TOO_LITTLE = "too little material to say"
NO_DIFFERENCE = "no difference shown"
HIGHER, LOWER, DIFFERS = "higher", "lower", "groups differ"
MARKS = {HIGHER: "▲", LOWER: "▼", TOO_LITTLE: "?"}


def finding_of(test: GroupTest | None, adjusted: float | None, differs: str) -> str:
    """Return what can be said by a test and its adjusted p; `differs` where there is a difference.

    Without a test there is too little material to say.
    """
    if test is None or adjusted is None:
        return TOO_LITTLE
    return differs if adjusted <= FALSE_DISCOVERIES else NO_DIFFERENCE


@dataclass(frozen=True, slots=True)
class Compared:
    """What the tests are made of.

    Attributes
    ----------
    counts : mapping of (group, code) to int
        Units with the theme; none where it is missing.
    sizes : mapping of group to int
        Units of each group; every unit is in one group.
    several : int
        Units in more than one group, and so in no test.
    """

    counts: Mapping[tuple[str, str], int]
    sizes: Mapping[str, int]
    several: int = 0

    def groups(self) -> list[str]:
        """Return the groups that are large enough to be compared."""
        return [group for group, size in self.sizes.items() if size >= SMALL_GROUP]


@dataclass(frozen=True, slots=True)
class CellFinding:
    """A group against the other groups: residual, test, adjusted p; None where too little."""

    residual: float | None = None
    test: GroupTest | None = None
    adjusted: float | None = None

    @property
    def finding(self) -> str:
        """What can be said of the group, in words."""
        differs = HIGHER if (self.residual or 0.0) > 0 else LOWER
        return finding_of(self.test, self.adjusted, differs)


@dataclass(frozen=True, slots=True)
class ThemeFinding:
    """All groups together: test and adjusted p; None where too little."""

    test: GroupTest | None = None
    adjusted: float | None = None

    @property
    def finding(self) -> str:
        """What can be said of the theme, in words."""
        return finding_of(self.test, self.adjusted, DIFFERS)


def compare_themes(codes: Sequence[str], tested: Compared) -> dict[str, ThemeFinding]:
    """Test each theme over the groups, adjusted over the themes.

    Groups of fewer than five units are left out; no test is made with fewer than two groups
    left, or where in all of them too little is to be expected.
    """
    groups = tested.groups()
    sizes = [tested.sizes[group] for group in groups]
    tests: list[GroupTest | None] = []
    for code in codes:
        counts = [tested.counts.get((group, code), 0) for group in groups]
        found, n = sum(counts), sum(sizes)
        enough = len(groups) > 1 and not all(too_little(found, n, size) for size in sizes)
        tests.append(compare_groups(counts, sizes) if enough else None)
    adjusted = adjust_p([None if test is None else test.p for test in tests])
    return {
        code: ThemeFinding(test, own)
        for code, test, own in zip(codes, tests, adjusted, strict=True)
    }


def compare_cells(codes: Sequence[str], tested: Compared) -> dict[tuple[str, str], CellFinding]:
    """Test each group against the others together, theme by theme, adjusted over all cells."""
    groups = tested.groups()
    sizes = [tested.sizes[group] for group in groups]
    n = sum(sizes)
    found: dict[tuple[str, str], tuple[float | None, GroupTest]] = {}
    for code in codes if len(groups) > 1 else ():
        counts = [tested.counts.get((group, code), 0) for group in groups]
        residuals = adjusted_residuals(counts, sizes)
        for group, count, size, residual in zip(groups, counts, sizes, residuals, strict=True):
            if not too_little(sum(counts), n, size):
                found[group, code] = residual, compare_one(count, size, sum(counts), n)
    adjusted = adjust_p([test.p for _, test in found.values()])
    return {
        cell: CellFinding(residual, test, own)
        for (cell, (residual, test)), own in zip(found.items(), adjusted, strict=True)
    }


THEME_COLUMNS = (
    Column("theme_test", "test over all groups", detail=True),
    Column("theme_p", "p, all groups", "score", detail=True),
    Column("theme_p_adjusted", "adjusted p, all groups", "score", detail=True),
    Column("cramers_v", "Cramér's V", "score", detail=True),
    Column("theme_finding", "all groups", detail=True),
)


def theme_values(theme: ThemeFinding) -> dict[str, object]:
    """Return the cells of a theme's test over all groups."""
    return {
        "theme_test": theme.test.name if theme.test else "",
        "theme_p": theme.test.p if theme.test else None,
        "theme_p_adjusted": theme.adjusted,
        "cramers_v": theme.test.effect if theme.test else None,
        "theme_finding": theme.finding,
    }


def simulation_notes(themes: Iterable[ThemeFinding]) -> list[str]:
    """Say how many p-values were found by lot, if any."""
    drawn = sum(theme.test is not None and theme.test.name == SIMULATED for theme in themes)
    if not drawn:
        return []
    return [
        f"{drawn} exact tests have too many tables to go through: those are drawn by lot, the"
        " same each time"
    ]
