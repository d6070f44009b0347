"""A journey as tables for reading, and its segments as a table to be corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualkit.analysis.journey import POINT_RULE, SCORE_RULE, codings_at
from qualkit.analysis.journeylinks import LINK_RULE
from qualkit.model import (
    Basis,
    Column,
    JourneyCoding,
    JourneyLink,
    JourneyMap,
    JourneyTheme,
    Page,
    PhasedSegment,
    Table,
)

PHASES_COLUMNS = (
    Column("case_id", "case", "id", spare=1),
    Column("segment_n", "segment", "count"),
    Column("sentences", "sentences", spare=1),
    Column("phase", "phase"),
    Column("set_by", "set by"),
    Column("margin", "margin", "score", spare=3),
    Column("why", "spoken for by", spare=2),
    Column("label", "question of the form", detail=True),
    Column("speaker", "who", detail=True),
    Column("role", "role", detail=True),
    Column("themes", "themes", "list", spare=1),
    Column("text", "text", "quote"),
)
_JOURNEY_COLUMNS = (
    Column("phase", "phase"),
    Column("segments", "segments", "count"),
    Column("by_hand", "set by hand", "count", spare=3),
    Column("score", "score", "score"),
    Column("barriers", "barriers", "list"),
    Column("helped", "enablers and activities", "list"),
    Column("outcomes", "outcomes", "list"),
    Column("agencies", "agencies", "list", spare=1),
    Column("others", "other themes", "list", detail=True),
)
_POINT_COLUMNS = (
    Column("point", "point"),
    Column("value", "value", "count", spare=2),
    Column("phase", "phase"),
    Column("case_id", "case", "id", spare=1),
    Column("segment_n", "segment", "count"),
    Column("sentences", "sentences", detail=True),
    Column("theme", "theme"),
    Column("quote", "words", "quote"),
)
_LINK_COLUMNS = (
    Column("from_theme", "this"),
    Column("tie", "tied by"),
    Column("to_theme", "with this"),
    Column("times", "times", "count", spare=2),
    Column("phase", "phase", spare=3),
    Column("case_id", "case", "id", spare=2),
    Column("segment_n", "segment", "count"),
    Column("from_category", "category of this", detail=True),
    Column("to_category", "category of that", detail=True),
    Column("from_quote", "words on this", "quote", spare=1),
    Column("to_quote", "words on that", "quote", spare=1),
)
_KNOWN = ("barrier", "enabler", "activity", "outcome", "agency")
TOLD_BEFORE = "told before"
MOST_LINKS = 12


def journey_page(
    journey: JourneyMap,
    *,
    top: int,
    basis: Basis,
    notes: Sequence[str] = (),
    all_links: bool = False,
) -> Page:
    """Return the tables of a journey: phases, high and low points, what is tied to what.

    Parameters
    ----------
    top : int
        Themes named at a phase, of each sort.
    basis : Basis
        Whose rule is completed by what scores, points and ties are.
    all_links : bool
        All ties, not only the first ones.
    """
    links = journey.links if all_links else journey.links[:MOST_LINKS]
    said = []
    if len(links) < len(journey.links):
        said.append(f"the first {len(links)} of {len(journey.links)} ties; all of them in JSON")
    tables = (
        Table(
            "journey",
            "Phases",
            _JOURNEY_COLUMNS,
            tuple(_phase_rows(journey, top)),
            Basis(
                basis.n_by_kind,
                None,
                "segments",
                f"{basis.rule}; {SCORE_RULE}; a theme with its segments in brackets",
                basis.runs,
                basis.confirmed,
            ),
            tuple(notes),
        ),
        Table(
            "journey-points",
            "High and low points",
            _POINT_COLUMNS,
            tuple(_point_rows(journey)),
            Basis(rule=POINT_RULE),
        ),
        Table(
            "journey-ties",
            "What the telling ties to what",
            _LINK_COLUMNS,
            tuple(_link_rows(links)),
            Basis(rule=LINK_RULE),
            tuple(said),
        ),
    )
    return Page("journey", f"Journey of {journey.title}", tables)


def phases_table(
    journey: JourneyMap,
    codings: Iterable[JourneyCoding],
    notes: Sequence[str] = (),
    machine: str = "",
    numbered: Mapping[PhasedSegment, str] | None = None,
) -> Table:
    """Return one row a segment with its phase, or a stretch of a long one, to be corrected.

    `numbered` gives the words of stretches with the numbers of their sentences.
    `set_by` names the person whose word the phase is; `machine` stands there otherwise.
    """
    by_segment: dict[int, list[JourneyCoding]] = {}
    for coding in codings:
        by_segment.setdefault(coding.segment_key, []).append(coding)
    rows = tuple(
        {
            "case_id": turn.segment.case_id,
            "segment_n": turn.segment.n,
            "sentences": turn.place,
            "phase": str(turn.phase),
            "set_by": turn.by or machine,
            "margin": turn.margin,
            "why": turn.why,
            "label": turn.segment.label,
            "speaker": turn.segment.speaker,
            "role": turn.segment.role,
            "themes": tuple(
                dict.fromkeys(f"{c.category}: {c.name}" for c in codings_at(turn, by_segment))
            ),
            "text": (numbered or {}).get(turn, turn.text),
        }
        for turn in journey.turns
    )
    return Table(
        "phases",
        f"Phases of {journey.title}",
        PHASES_COLUMNS,
        rows,
        Basis(
            denominator=len(rows),
            unit="segments",
            rule="a person's phase, else the one that cues give; margin: by how much the whole"
            " story speaks less for any other phase there, so look at small ones first",
        ),
        tuple(notes),
    )


def tie_name(words: str) -> str:
    """Return how a tie is named: by its words, or told before."""
    return f"“{words}”" if words else TOLD_BEFORE


def _named(themes: Sequence[JourneyTheme], top: int) -> tuple[str, ...]:
    shown = [f"{theme.name} ({theme.segments})" for theme in themes[:top]]
    if len(themes) > top:
        shown.append(f"and {len(themes) - top} more")
    return tuple(shown)


def _phase_rows(journey: JourneyMap, top: int) -> Iterable[Mapping[str, Any]]:
    for own in journey.phases:
        helped = sorted(
            own.of("enabler", "activity"), key=lambda t: (-t.segments, t.name.casefold())
        )
        others = [theme for theme in own.themes if theme.category not in _KNOWN]
        yield {
            "phase": str(own.phase),
            "segments": own.segments,
            "by_hand": own.by_hand,
            "score": own.score,
            "barriers": _named(own.of("barrier"), top),
            "helped": _named(helped, top),
            "outcomes": _named(own.of("outcome"), top),
            "agencies": _named(own.of("agency"), top),
            "others": _named(others, top),
        }


def _point_rows(journey: JourneyMap) -> Iterable[Mapping[str, Any]]:
    for point in journey.points:
        for theme, quote in point.said:
            yield {
                "point": "high" if point.high else "low",
                "value": point.value,
                "phase": str(point.phase),
                "case_id": point.case_id,
                "segment_n": point.segment_n,
                "sentences": point.sentences,
                "theme": theme,
                "quote": quote,
            }


def _link_rows(links: Iterable[JourneyLink]) -> Iterable[Mapping[str, Any]]:
    """Yield rows; where words are not coded, they themselves stand in place of a theme."""
    for link in links:
        yield {
            "from_theme": link.from_name or f"“{link.from_quote}”",
            "tie": tie_name(link.words),
            "to_theme": link.to_name or f"“{link.to_quote}”",
            "times": link.times,
            "phase": str(link.phase),
            "case_id": link.case_id,
            "segment_n": link.segment_n,
            "from_category": link.from_category,
            "to_category": link.to_category,
            "from_quote": link.from_quote if link.from_name else "",
            "to_quote": link.to_quote if link.to_name else "",
        }
