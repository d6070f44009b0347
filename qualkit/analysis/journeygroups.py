"""Journeys of many families laid over each other: themes and mean scores, phase by phase.

journeys of families, one by one, each with its group -> counts of families by group and phase ->
shares with a theme, by group and overall; mean scores a phase -> tables
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.journey import SCORE_RULE, said_in, score
from qualkit.analysis.linkage import NO_GROUP
from qualkit.model import (
    STORY,
    Basis,
    Column,
    Disclosure,
    JourneyCoding,
    Measure,
    Order,
    Page,
    Phase,
    PhasedSegment,
    Pivot,
    Sum,
    Table,
)

ALL = "all"
MOST_AGENCIES = 3
LEAST_FAMILIES = 2
"""A theme of fewer is nobody's but one family's, and stands in its own journey."""
_AGENCY = "agency"
_WITH_THEME = "families with a theme at a phase"
Theme = tuple[str, str, str]
"""Category, code, name."""


@dataclass(frozen=True, slots=True)
class FamilyJourney:
    """One family's journey as groups need it: themes and score by phase.

    Only phases at which something is coded for it, agencies aside. With neither barriers nor
    help there, its score is 0: even.
    """

    group: str
    themes: Mapping[Phase, frozenset[Theme]]
    scores: Mapping[Phase, float] = field(default_factory=dict)


def family_journey(
    group: str, turns: Sequence[PhasedSegment], codings: Iterable[JourneyCoding]
) -> FamilyJourney:
    """Return what groups need of a family's phased segments and counted codings."""
    by_segment: dict[int, list[JourneyCoding]] = defaultdict(list)
    for coding in codings:
        by_segment[coding.segment_key].append(coding)
    themes, scores = {}, {}
    for phase in STORY:
        own = [turn for turn in turns if turn.phase is phase]
        found = frozenset(
            (c.category, c.code, c.name) for _, said in said_in(own, by_segment) for c in said
        )
        if any(category != _AGENCY for category, *_ in found):
            themes[phase] = found
            scores[phase] = score(own, by_segment) or 0.0
    return FamilyJourney(group or NO_GROUP, themes, scores)


@dataclass(slots=True)
class GroupTally:
    """Families counted by group and phase; no family is kept.

    Attributes
    ----------
    families : Counter
        Of each group, with or without themes.
    telling : Counter
        By (group, phase): families with any theme there.
    themes : Counter
        By (group, phase, theme): families with it.
    scores : dict
        By (group, phase): the sum of the families' scores.
    """

    families: Counter[str] = field(default_factory=Counter)
    telling: Counter[tuple[str, Phase]] = field(default_factory=Counter)
    themes: Counter[tuple[str, Phase, Theme]] = field(default_factory=Counter)
    scores: dict[tuple[str, Phase], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, family: FamilyJourney) -> None:
        """Count a family."""
        group = family.group
        self.families[group] += 1
        for phase, themes in family.themes.items():
            self.telling[group, phase] += 1
            self.themes.update((group, phase, theme) for theme in themes)
            self.scores[group, phase] += family.scores.get(phase, 0.0)


def tally_families(families: Iterable[FamilyJourney]) -> GroupTally:
    """Return families counted by group and phase."""
    tally = GroupTally()
    for family in families:
        tally.add(family)
    return tally


def groups_page(
    tally: GroupTally,
    *,
    by: str,
    top: int,
    basis: Basis,
    notes: Sequence[str] = (),
) -> Page:
    """Return mean scores by phase and group, and the leading themes of each phase.

    Parameters
    ----------
    top : int
        So many themes of a phase, by families of all groups, and three agencies beside them;
        a tie at the cut is shown.

    Returns
    -------
    Page
        journey-scores: group, phase, families (with a theme there), score (the mean, -1 to
        1); the group `all` first. journey-themes: phase, sort, category, code, name,
        group, count, denominator (families of the group with any theme there), share,
        and the same of all groups.
    """
    groups = sorted(tally.families, key=lambda name: (name == NO_GROUP, name))
    n = tally.families.total()
    tables = (
        Table(
            "journey-scores",
            f"Mean score of a phase by {by}",
            _SCORE_COLUMNS,
            tuple(_score_rows(tally, groups)),
            Basis(
                basis.n_by_kind,
                n,
                "families",
                f"{basis.rule}; mean over the families with any theme at the phase, of their own"
                f" scores, 0 for one with neither barriers nor help there; {SCORE_RULE}",
            ),
            tuple(notes),
            Pivot("group", by, "phase", "score"),
            disclosure=_SCORES_TELL,
        ),
        Table(
            "journey-themes",
            f"Themes of each phase by {by}: share of families with any theme there",
            _THEME_COLUMNS,
            tuple(_theme_rows(tally, groups, top)),
            Basis(
                basis.n_by_kind,
                n,
                "families",
                "families with the theme at the phase / families of the group with any theme there;"
                f" the {top} themes and {MOST_AGENCIES} agencies of a phase that most families"
                f" have, {LEAST_FAMILIES} at least; ties at the cut are shown",
                basis.runs,
                basis.confirmed,
            ),
            (),
            Pivot("theme", "phase: theme", "group", "share"),
            disclosure=_THEMES_TELL,
        ),
    )
    return Page("journeys", f"Journeys of families by {by}", tables)


def _score_rows(tally: GroupTally, groups: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for group in (ALL, *groups):
        own = groups if group == ALL else (group,)
        for phase in STORY:
            n = sum(tally.telling[name, phase] for name in own)
            total = sum(tally.scores.get((name, phase), 0.0) for name in own)
            yield {
                "group": group,
                "phase": str(phase),
                "families": n,
                "score": total / n if n else None,
            }


def _theme_rows(tally: GroupTally, groups: Sequence[str], top: int) -> Iterator[Mapping[str, Any]]:
    overall_at: dict[Phase, Counter[Theme]] = defaultdict(Counter)
    for (_, at, theme), count in tally.themes.items():
        overall_at[at][theme] += count
    for phase in STORY:
        overall = overall_at[phase]
        telling = {group: tally.telling[group, phase] for group in groups}
        everybody = sum(telling.values())
        for theme in (
            *_leading(overall, top, agencies=False),
            *_leading(overall, MOST_AGENCIES, agencies=True),
        ):
            category, code, name = theme
            for group in groups:
                yield {
                    "phase": str(phase),
                    "sort": _AGENCY if category == _AGENCY else "theme",
                    "category": category,
                    "code": code,
                    "name": name,
                    "theme": f"{phase}: {name} ({category})",
                    "group": group,
                    "count": tally.themes[group, phase, theme],
                    "denominator": telling[group],
                    "share": share(tally.themes[group, phase, theme], telling[group]),
                    "overall_count": overall[theme],
                    "overall_denominator": everybody,
                    "overall_share": share(overall[theme], everybody),
                }


def _leading(overall: Counter[Theme], top: int, *, agencies: bool) -> list[Theme]:
    """Return the themes, or agencies, of most families, of two at least; ties are kept."""
    own = [
        theme
        for theme, count in overall.items()
        if count >= LEAST_FAMILIES and (theme[0] == _AGENCY) is agencies
    ]
    own.sort(key=lambda theme: (-overall[theme], theme[2].casefold(), theme))
    if len(own) > top:
        own = [theme for theme in own if overall[theme] >= overall[own[top - 1]]]
    return own


_SCORE_COLUMNS = (
    Column("group", "group"),
    Column("phase", "phase"),
    Column("families", "families", "count"),
    Column("score", "mean score", "score"),
)
_THEME_COLUMNS = (
    Column("theme", "phase: theme"),
    Column("phase", "phase", detail=True),
    Column("sort", "theme or agency", detail=True),
    Column("category", "category", detail=True),
    Column("code", "code", "id", detail=True),
    Column("name", "name", detail=True),
    Column("group", "group"),
    Column("count", "families", "count"),
    Column("denominator", "of", "count"),
    Column("share", "share", "share"),
    Column("overall_count", "all families", "count"),
    Column("overall_denominator", "of all", "count"),
    Column("overall_share", "overall", "share"),
)
_OVER_ALL = {"group": ALL}
_SCORES_TELL = Disclosure(
    measures=(Measure("families", derived=("score",)),),
    sums=(Sum("families", ("families",), ("phase",), _OVER_ALL),),
    shared={"families": ("phase", "group")},
    names={"families": _WITH_THEME},
)
_THEMES_TELL = Disclosure(
    measures=(
        Measure("count", ("denominator",), "share"),
        Measure("overall_count", ("overall_denominator",), "overall_share"),
    ),
    sums=(
        Sum("overall_count", ("count",), ("theme",)),
        Sum("overall_denominator", ("denominator",), ("phase", "theme")),
    ),
    shared={
        "denominator": ("phase", "group"),
        "overall_count": ("theme",),
        "overall_denominator": ("phase",),
        "overall_share": ("theme",),
    },
    names={"denominator": _WITH_THEME},
    order=Order("theme", "overall_count", apart=("phase", "sort")),
)
