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
class FoundPart:
    """A whole turn (`n` 0), or one sentence of a long one (`n` from 1), with its phase.

    Offsets in code points of the turn's text; the parts of a turn tile it.
    """

    start: int
    end: int
    n: int
    found: FoundPhase


@dataclass(frozen=True, slots=True)
class SetPhase:
    """A phase that a person gave to a segment; an empty `phase` gives it back to the cues.

    `start` and `end` bound a stretch of its text, in code points; both None mean the whole.
    """

    segment_key: int
    phase: str
    coder: str
    set_at: str
    start: int | None = None
    end: int | None = None

    def covers(self, start: int, end: int) -> bool:
        """Whether more than half of a stretch stands in this one."""
        if self.start is None or self.end is None:
            return True
        return 2 * (min(end, self.end) - max(start, self.start)) > end - start


@dataclass(frozen=True, slots=True)
class PhaseWish:
    """A phase to be given to a segment, or to a stretch of it; fields as in `SetPhase`."""

    segment_key: int
    phase: str
    start: int | None = None
    end: int | None = None


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
    """One counted coding of a family's texts; offsets in its segment's text.

    `cores` are where, within it, the words stand that a rule found; none of a person's.
    """

    segment_key: int
    category: str
    code: str
    name: str
    start: int
    end: int
    quote: str
    status: str
    cores: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PhasedSegment:
    """A segment, or a stretch of sentences of one, with its phase and who gave it that.

    Attributes
    ----------
    by : str
        The person who set the phase; empty where cues gave it.
    sentences : (int, int) or None
        First and last sentence of a stretch, from 1; None for a whole segment.
    start, end : int
        A stretch's offsets in the segment's text, code points; a segment's stretches tile
        it. `end` 0 for a whole segment.
    """

    segment: JourneySegment
    phase: Phase
    by: str
    margin: float | None
    why: str
    sentences: tuple[int, int] | None = None
    start: int = 0
    end: int = 0

    @property
    def text(self) -> str:
        """The words of the stretch, or of the whole segment."""
        return self.segment.text[self.start : self.end].strip() if self.end else self.segment.text

    @property
    def place(self) -> str:
        """Sentences as they are written in tables and taken back: "3 to 5", "3" or ""."""
        if self.sentences is None:
            return ""
        first, last = self.sentences
        return str(first) if first == last else f"{first} to {last}"

    def holds(self, coding: JourneyCoding) -> bool:
        """Whether a coding of the segment stands here: its middle does."""
        return not self.end or self.start <= (coding.start + coding.end) // 2 < self.end


@dataclass(frozen=True, slots=True)
class JourneyTheme:
    """A theme at a phase: the segments with it, and one quotation of it.

    `category` agency also holds agencies that a text names and nobody coded.
    """

    category: str
    code: str
    name: str
    segments: int
    quote: str
    case_id: str
    segment_n: int


@dataclass(frozen=True, slots=True)
class JourneyPhase:
    """One phase of a journey.

    Attributes
    ----------
    segments, by_hand : int
        Its segments, and those whose phase a person set.
    score : float or None
        -1 to 1, see `analysis.journey`; None without any barrier, enabler or outcome.
    themes : tuple of JourneyTheme
        By category, the most frequent first.
    """

    phase: Phase
    segments: int
    by_hand: int
    score: float | None
    themes: tuple[JourneyTheme, ...]

    def of(self, *categories: str) -> tuple[JourneyTheme, ...]:
        """Return the themes of some categories."""
        return tuple(theme for theme in self.themes if theme.category in categories)


@dataclass(frozen=True, slots=True)
class JourneyPoint:
    """A high or low point: one segment, and what was said there.

    `value` is outcomes and enablers less barriers of the segment; `said` holds theme and
    quotation; `place` is where in the whole journey it stands, 0 to 1;
    `sentences` are those of a stretch of a long segment.
    """

    high: bool
    value: int
    phase: Phase
    case_id: str
    segment_n: int
    place: float
    said: tuple[tuple[str, str], ...]
    sentences: str = ""


@dataclass(frozen=True, slots=True)
class JourneyLink:
    """One theme that the telling ties to another, with the words of both.

    `words` is what ties them ("because of"), or empty where one is only told before the
    other; `times` counts the places, of which this is the first. Of words that nobody coded
    category and name are empty.
    """

    words: str
    phase: Phase
    from_category: str
    from_name: str
    to_category: str
    to_name: str
    case_id: str
    segment_n: int
    from_quote: str
    to_quote: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A journey whole: phases in order, points and ties; `title` names family or case."""

    title: str
    phases: tuple[JourneyPhase, ...]
    points: tuple[JourneyPoint, ...]
    links: tuple[JourneyLink, ...]
    turns: tuple[PhasedSegment, ...]
