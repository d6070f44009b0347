"""A family's journey: themes at each phase, how it stands there, its high and low points.

phased segments and counted codings -> themes by phase, a score a phase, points, ties -> a map

The score of a phase is (outcomes + enablers - barriers) / (outcomes + enablers + barriers),
a theme once a segment: 1 where only what helped or came of it was told, -1 where only
barriers were. It counts what was told, and measures nobody's wellbeing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from qualkit.analysis.journeylinks import find_links
from qualkit.model import (
    STORY,
    JourneyCoding,
    JourneyMap,
    JourneyPhase,
    JourneyPoint,
    JourneyTheme,
    Phase,
    PhasedSegment,
)

GOOD = ("outcome", "enabler")
BAD = ("barrier",)
ORDER = ("barrier", "enabler", "activity", "outcome", "agency")
MOST_POINTS = 3
SCORE_RULE = (
    "score of a phase = (outcomes + enablers - barriers) / (outcomes + enablers + barriers), each"
    " theme once a segment: 1 only helpful, -1 only hindering; it counts what was told"
)
POINT_RULE = (
    f"high and low points: the segments (of long ones, stretches), up to {MOST_POINTS} each, with"
    " most outcomes and enablers over barriers, and the reverse; ties in the order of the story"
)


def map_journey(
    title: str, turns: Sequence[PhasedSegment], codings: Sequence[JourneyCoding]
) -> JourneyMap:
    """Return a journey of the segments in the order in which they were told.

    Parameters
    ----------
    turns : sequence of PhasedSegment
        Case by case; those of phase `none` stand in the map's turns alone. A long segment may
        be several, its stretches.
    codings : sequence of JourneyCoding
        Those that count, of these segments, in any order.
    """
    by_segment: dict[int, list[JourneyCoding]] = defaultdict(list)
    for coding in sorted(codings, key=lambda c: (c.start, c.end, c.category, c.code)):
        by_segment[coding.segment_key].append(coding)
    phases = tuple(_phase(phase, turns, by_segment) for phase in STORY)
    return JourneyMap(
        title,
        phases,
        tuple(find_points(turns, by_segment)),
        tuple(find_links(turns, by_segment)),
        tuple(turns),
    )


def balance(codings: Sequence[JourneyCoding]) -> tuple[int, int]:
    """Return how many different themes of a segment are good, and how many bad."""
    good = {(c.category, c.code) for c in codings if c.category in GOOD}
    bad = {(c.category, c.code) for c in codings if c.category in BAD}
    return len(good), len(bad)


def codings_at(
    turn: PhasedSegment, by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> list[JourneyCoding]:
    """Return the codings of a segment, or of the stretch of one."""
    return [c for c in by_segment.get(turn.segment.segment_key, ()) if turn.holds(c)]


def said_in(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> list[tuple[PhasedSegment, list[JourneyCoding]]]:
    """Return each segment of these turns once, with its codings there; stretches are joined."""
    found: dict[int, tuple[PhasedSegment, list[JourneyCoding]]] = {}
    for turn in turns:
        own = found.setdefault(turn.segment.segment_key, (turn, []))
        own[1].extend(codings_at(turn, by_segment))
    return list(found.values())


def score(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> float | None:
    """Return the score of segments, -1 to 1; None where nothing speaks for or against."""
    good = bad = 0
    for _, codings in said_in(turns, by_segment):
        own_good, own_bad = balance(codings)
        good, bad = good + own_good, bad + own_bad
    return (good - bad) / (good + bad) if good + bad else None


def find_points(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> list[JourneyPoint]:
    """Return the high and the low points, in the order of the story."""
    told = in_story_order(turns)
    valued = []
    for number, turn in enumerate(told):
        codings = codings_at(turn, by_segment)
        good, bad = balance(codings)
        valued.append((good - bad, number, turn, codings))
    high = sorted((own for own in valued if own[0] > 0), key=lambda own: (-own[0], own[1]))
    low = sorted((own for own in valued if own[0] < 0), key=lambda own: (own[0], own[1]))
    chosen = sorted([*high[:MOST_POINTS], *low[:MOST_POINTS]], key=lambda own: own[1])
    return [
        JourneyPoint(
            value > 0,
            value,
            turn.phase,
            turn.segment.case_id,
            turn.segment.n,
            (number + 0.5) / len(told),
            _said(codings, GOOD if value > 0 else BAD),
            turn.place,
        )
        for value, number, turn, codings in chosen
    ]


def in_story_order(turns: Sequence[PhasedSegment]) -> list[PhasedSegment]:
    """Return the segments of a story by phase, within a phase as they were told."""
    return [turn for phase in STORY for turn in turns if turn.phase is phase]


def _said(
    codings: Sequence[JourneyCoding], categories: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for coding in codings:
        if coding.category in categories:
            first.setdefault(coding.name, coding.quote)
    return tuple(first.items())


def _phase(
    phase: Phase,
    turns: Sequence[PhasedSegment],
    by_segment: Mapping[int, Sequence[JourneyCoding]],
) -> JourneyPhase:
    own = [turn for turn in turns if turn.phase is phase]
    found: dict[tuple[str, str, str], list[tuple[PhasedSegment, JourneyCoding]]] = {}
    told = said_in(own, by_segment)
    for turn, codings in told:
        seen = set()
        for coding in codings:
            key = (coding.category, coding.code, coding.name)
            if key not in seen:
                seen.add(key)
                found.setdefault(key, []).append((turn, coding))
    themes = [
        JourneyTheme(
            *key,
            len(places),
            places[0][1].quote,
            places[0][0].segment.case_id,
            places[0][0].segment.n,
        )
        for key, places in found.items()
    ]
    themes.sort(key=lambda theme: (_rank(theme.category), -theme.segments, theme.name.casefold()))
    by_hand = len({turn.segment.segment_key for turn in own if turn.by})
    return JourneyPhase(phase, len(told), by_hand, score(own, by_segment), tuple(themes))


def _rank(category: str) -> tuple[int, str]:
    return (ORDER.index(category) if category in ORDER else len(ORDER), category)
