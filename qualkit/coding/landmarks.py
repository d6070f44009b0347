"""Where a text holds cues, ends of clauses and mentions of people.

Looked for only around hits, and laid out sentence by sentence for `context`,
`people` and the quotation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from qualkit.coding.breaks import GIVEN_BREAKS, HARD_BREAKS, NOTE_BREAKS, SOFT_BREAKS
from qualkit.coding.cues import CUES
from qualkit.coding.notation import CONDITION, HABIT, HIDES, spell
from qualkit.coding.people_words import OWN_ELDERS, PEOPLE, Person
from qualkit.coding.spotting import Spotter, Tails
from qualkit.coding.view import LINE_ENDS, TextView


@dataclass(slots=True)
class FoundCue:
    """One cue in a text; see `cues.Cue` for what the fields mean."""

    start: int
    end: int
    after: bool
    reach: int
    flag: str


@dataclass(slots=True)
class FoundPerson:
    """One word for a person in a text, or a name that the case introduced."""

    start: int
    end: int
    person: Person
    named: bool = False


class Sentence:
    """One sentence with its landmarks; positions are those of the view's `plain`."""

    # Most sentences hold few of these, so each has them only once it needs them.
    cues: Mapping[str, Sequence[FoundCue]] = MappingProxyType({})
    # Where clauses and scopes end; see `breaks`.
    hard: Sequence[int] = ()
    notes: Sequence[int] = ()
    soft: Sequence[int] = ()
    given: Sequence[int] = ()
    conditional = False
    habitual = False

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def clause(self, position: int) -> tuple[int, int]:
        """Return where the clause that holds `position` starts and ends."""
        start, end = self.start, self.end
        if not self.hard and not self.notes:
            return start, end
        for breaks in (self.hard, self.notes):
            i = bisect_right(breaks, position)
            if i:
                start = max(start, breaks[i - 1])
            if i < len(breaks):
                end = min(end, breaks[i])
        return start, end

    def broken(self, start: int, end: int, *, note: bool = True, given: bool = False) -> bool:
        """Whether a scope from `start` is ended before `end` (start <= break < end)."""
        return (
            _any_within(self.hard, start, end)
            or _any_within(self.soft, start, end)
            or (note and _any_within(self.notes, start, end))
            or (given and _any_within(self.given, start, end))
        )


# What a phrase stands for: a kind, and the cue's direction, reach and flag.
_Mark: TypeAlias = tuple[str, bool, int, str]
# An entry is: whether it hides, its marks, and the kinds of breaks.
_Entry: TypeAlias = tuple[bool, tuple[_Mark, ...], tuple[str, ...]]

_BREAKS = {
    "hard": HARD_BREAKS,
    "notes": NOTE_BREAKS,
    "soft": SOFT_BREAKS,
    "given": GIVEN_BREAKS,
}


class Layout:
    """A text's sentences, and the people it names; each is looked at once it is asked for.

    Parameters
    ----------
    view : TextView
        The text.
    """

    __slots__ = ("_people", "_sentences", "ends", "view")

    def __init__(self, view: TextView) -> None:
        self.view = view
        self.ends = view.sentence_ends
        self._sentences: list[Sentence | None] = [None] * len(self.ends)
        self._people: list[FoundPerson] | None = None

    def sentence(self, position: int) -> Sentence:
        """Return the sentence that holds `position`."""
        ends = self.ends
        number = bisect_right(ends, position, 0, len(ends) - 1)
        return self._sentences[number] or self._laid_out(number)

    @property
    def people(self) -> Sequence[FoundPerson]:
        """The people that the text names, in order."""
        if self._people is None:
            plain = self.view.plain
            self._people = []
            person_end = 0
            for start, minus_end, person in _people_spotter().spot(plain, 0, len(plain)):
                # A longer phrase hides those inside it.
                if -minus_end > person_end:
                    person_end = -minus_end
                    self._people.append(FoundPerson(start, person_end, person))
        return self._people

    def _laid_out(self, number: int) -> Sentence:
        """Lay out a sentence, together with those that only line ends part from it.

        Phrases run over the end of a line, but over no stop.
        """
        ends, view = self.ends, self.view
        cased = view.cased
        first, last = number, number + 1
        while first and cased[ends[first - 1] - 1] in LINE_ENDS:
            first -= 1
        while last < len(ends) and cased[ends[last - 1] - 1] in LINE_ENDS:
            last += 1
        begin = start = ends[first - 1] if first else 0
        sentences = []
        for end in ends[first:last]:
            sentences.append(Sentence(begin, end))
            begin = end
        self._sentences[first:last] = sentences
        found = _cue_spotter().spot(view.plain, start, begin)
        if found:
            _place(found, sentences)
        return sentences[number - first]


def _place(found: Sequence[tuple[int, int, _Entry]], sentences: Sequence[Sentence]) -> None:
    """Hand the phrases out to their sentences; longer phrases hide those inside them."""
    cue_end = hider_end = 0
    following = iter(sentences)
    sentence = next(following)
    for start, minus_end, (hides, marks, breaks) in found:
        end = -minus_end
        while start >= sentence.end:
            sentence = next(following)
        if end > hider_end:
            for kind in breaks:
                setattr(sentence, kind, (*getattr(sentence, kind), start))
        if (marks or hides) and end > cue_end:
            cue_end = end
            if hides:
                hider_end = end
            for mark in marks:
                _mark(sentence, start, end, mark)


def _mark(sentence: Sentence, start: int, end: int, mark: _Mark) -> None:
    kind, after, reach, flag = mark
    if kind == CONDITION:
        sentence.conditional = True
    elif kind == HABIT:
        sentence.habitual = True
    else:
        cue = FoundCue(start, end, after, reach, flag)
        sentence.cues = {**sentence.cues, kind: (*sentence.cues.get(kind, ()), cue)}


def _any_within(breaks: Sequence[int], start: int, end: int) -> bool:
    if not breaks:
        return False
    i = bisect_left(breaks, start)
    return i < len(breaks) and breaks[i] < end


@cache
def _people_spotter() -> Spotter[Person]:
    """Make what finds people, once a process."""
    persons: dict[str, Person] = {}
    for person, pattern in (*PEOPLE, *OWN_ELDERS):
        for phrase in spell(pattern):
            persons.setdefault(phrase, person)
    return Spotter(persons)


@cache
def _cue_spotter() -> Spotter[_Entry]:
    """Make what finds cues and breaks, once a process."""
    marks: dict[str, list[_Mark]] = {}
    hiding: set[str] = set()
    breaks: dict[str, list[str]] = {}
    tails: dict[str, Tails[_Entry]] = {}
    for cue in CUES:
        mark = (cue.kind, cue.after, cue.reach, cue.flag)
        phrases = _spellings(cue.phrases)
        if cue.tail:
            longest_first = sorted(spell(cue.tail), key=len, reverse=True)
            tails.update(dict.fromkeys(phrases, (longest_first, (False, (mark,), ()))))
        elif cue.kind == HIDES:
            hiding.update(phrases)
        else:
            for phrase in phrases:
                marks.setdefault(phrase, []).append(mark)
    for kind, patterns in _BREAKS.items():
        for phrase in _spellings(patterns):
            breaks.setdefault(phrase, []).append(kind)
    # Equal entries are shared: there are thousands of phrases.
    shared: dict[_Entry, _Entry] = {}
    entries = {}
    for phrase in sorted({*marks, *hiding, *breaks}):
        entry = phrase in hiding, tuple(marks.get(phrase, ())), tuple(breaks.get(phrase, ()))
        entries[phrase] = shared.setdefault(entry, entry)
    return Spotter(entries, tails)


def _spellings(patterns: tuple[str, ...]) -> list[str]:
    """Return all spellings of several patterns, denials without apostrophe among them."""
    phrases: dict[str, None] = {}
    for pattern in patterns:
        for phrase in spell(pattern):
            phrases[phrase] = None
            if "n't" in phrase:
                phrases[phrase.replace("n't", "nt")] = None
    return list(phrases)
