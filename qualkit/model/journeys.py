"""A family's story in phases: turns, what is said at each, and what hung on what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The time of a story that a turn tells of; `NONE` where it tells nothing of it."""

    BEFORE = "before"
    REFERRAL = "referral"
    DURING = "during"
    ENDING = "ending"
    AFTER = "after"
    NONE = "none"


STORY = (Phase.BEFORE, Phase.REFERRAL, Phase.DURING, Phase.ENDING, Phase.AFTER)
"""The phases in the order in which they are lived."""


@dataclass(frozen=True, slots=True)
class PhaseTurn:
    """One segment as the phase cues see it.

    `asks` marks an interviewer's turn; `label` is the column of a form; `dated` the phase
    that a date in the text gives, where the project knows when the family was open.
    """

    text: str
    asks: bool = False
    label: str = ""
    dated: Phase | None = None


@dataclass(frozen=True, slots=True)
class FoundPhase:
    """The phase of a turn as cues give it.

    Attributes
    ----------
    phase : Phase
    margin : float
        By how much the story scores lower if this turn had the next best phase; 0 or more.
    why : str
        What spoke for it most: form, date, question, words, tense or order.
    """

    phase: Phase
    margin: float
    why: str


@dataclass(frozen=True, slots=True)
class SetPhase:
    """A phase that a person gave to a segment; an empty `phase` gives it back to the cues."""

    segment_key: int
    phase: str
    coder: str
    set_at: str


@dataclass(frozen=True, slots=True)
class JourneySegment:
    """One segment of a family's texts, as stored, in the order of the story's telling."""

    segment_key: int
    case_id: str
    kind: str
    n: int
    label: str
    speaker: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class JourneyCoding:
    """One counted coding of a family's texts; offsets in its segment's text."""

    segment_key: int
    category: str
    code: str
    name: str
    start: int
    end: int
    quote: str
    status: str


@dataclass(frozen=True, slots=True)
class PhasedSegment:
    """A segment with its phase, and who or what gave it that."""

    segment: JourneySegment
    phase: Phase
    by: str
    margin: float | None
    why: str
