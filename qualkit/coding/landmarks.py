"""Where a text holds cues, ends of clauses and mentions of people.

Looked for only in segments that hold a hit, all in one automaton pass, and
laid out sentence by sentence for `context`, `people` and the quotation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from qualkit.coding.breaks import GIVEN_BREAKS, HARD_BREAKS, NOTE_BREAKS, SOFT_BREAKS
from qualkit.coding.cues import CUES
from qualkit.coding.notation import CONDITION, HABIT, HIDES, spell
from qualkit.coding.people_words import OWN_ELDERS, PEOPLE, Person
from qualkit.coding.view import TextView


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

    def add_cue(self, check: str, cue: FoundCue) -> None:
        """Take in a cue, after those that start before it."""
        self.cues = {**self.cues, check: (*self.cues.get(check, ()), cue)}

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


@dataclass(slots=True)
class Layout:
    """A text's sentences, and the people it names in order."""

    view: TextView
    ends: Sequence[int]
    sentences: Sequence[Sentence]
    people: Sequence[FoundPerson]

    def sentence(self, position: int) -> Sentence:
        """Return the sentence that holds `position`."""
        ends = self.ends
        return self.sentences[bisect_right(ends, position, 0, len(ends) - 1)]


# What a phrase stands for: a kind, and the cue's direction, reach and flag, or a person.
_Mark: TypeAlias = tuple[str, bool, int, str]
# An entry is: whether it hides, its marks, the person and the kinds of breaks.
_Entry: TypeAlias = tuple[bool, tuple[_Mark, ...], Person | None, tuple[str, ...]]
# For each key: how far its start lies before its last character, its length without
# the added space, and whether what follows must still be looked at.
_Key: TypeAlias = tuple[int, int, bool, _Entry]

_BREAKS = {
    "hard": HARD_BREAKS,
    "notes": NOTE_BREAKS,
    "soft": SOFT_BREAKS,
    "given": GIVEN_BREAKS,
}
# Marks in which no phrase has a part, and that stand before or after words.
_BLANKS = str.maketrans(dict.fromkeys('"()[]{}.?!/*_<>\u2026', " "))
# Words up to this length begin too many others to be looked at each time.
_SHORT = 4
_AFTER_SHORT = (" ", ",", ";", ":", "'s", "'r", "'m", "'v", "'l", "'d", "' ", "-")


def lay_out(view: TextView) -> Layout:
    """Return the sentences of a text with their cues and breaks, and its people."""
    ends = view.sentence_ends
    sentences = []
    start = 0
    for end in ends:
        sentences.append(Sentence(start, end))
        start = end
    people: list[FoundPerson] = []
    _place(_found(view.plain), sentences, ends, people)
    return Layout(view, ends, sentences, people)


def _found(plain: str) -> list[tuple[int, int, _Entry]]:
    """Return the phrases in the text: (start, minus end, entry), sorted, longest first."""
    found = []
    # A space before each word, and after the last, so that the automaton itself sees
    # where words begin, and where short ones end. An opening quotation mark is a blank.
    text = f" {plain.translate(_BLANKS)} ".replace(" '", "  ")
    for last, (back, size, checks_end, entry) in _iterator()(text):
        start = last - back
        end = start + size
        if checks_end:
            after = text[end + 1]
            if after.isalnum() or (after == "'" and text[end + 1 : end + 3] == "'t"):
                continue
        found.append((start, -end, entry))
    # No two have both start and end in common, so entries are never compared.
    found.sort()
    return found


def _place(
    found: list[tuple[int, int, _Entry]],
    sentences: list[Sentence],
    ends: list[int],
    people: list[FoundPerson],
) -> None:
    """Hand the phrases out to their sentences; longer phrases hide those inside them."""
    cue_end = hider_end = person_end = 0
    number = 0
    for start, minus_end, (hides, marks, person, breaks) in found:
        end = -minus_end
        while start >= ends[number]:
            number += 1
        sentence = sentences[number]
        if end > hider_end:
            for kind in breaks:
                setattr(sentence, kind, (*getattr(sentence, kind), start))
        if person is not None and end > person_end:
            person_end = end
            people.append(FoundPerson(start, end, person))
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
        sentence.add_cue(kind, FoundCue(start, end, after, reach, flag))


def _any_within(breaks: Sequence[int], start: int, end: int) -> bool:
    if not breaks:
        return False
    i = bisect_left(breaks, start)
    return i < len(breaks) and breaks[i] < end


@cache
def _iterator() -> Callable[[str], Iterator[tuple[int, _Key]]]:
    """Make the automaton of all landmarks, once a process."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for phrase, entry in _entries().items():
        size = len(phrase)
        key = f" {phrase}" if phrase[0].isalnum() else phrase
        if size <= _SHORT and phrase.isalnum():
            for after in _AFTER_SHORT:
                automaton.add_word(key + after, (size + len(after), size, False, entry))
        else:
            # The text begins with an added space, so positions in it are one higher.
            automaton.add_word(key, (size, size, phrase[-1].isalnum(), entry))
    automaton.make_automaton()
    iterate: Callable[[str], Iterator[tuple[int, _Key]]] = automaton.iter
    return iterate


def _entries() -> dict[str, _Entry]:
    """Return every phrase with all that it stands for."""
    marks: dict[str, list[_Mark]] = {}
    hiding: set[str] = set()
    for cue in CUES:
        for phrase in _spellings(cue.phrases):
            if cue.kind == HIDES:
                hiding.add(phrase)
            else:
                marks.setdefault(phrase, []).append((cue.kind, cue.after, cue.reach, cue.flag))
    persons: dict[str, Person] = {}
    for person, pattern in (*PEOPLE, *OWN_ELDERS):
        for phrase in spell(pattern):
            persons.setdefault(phrase, person)
    breaks: dict[str, list[str]] = {}
    for kind, patterns in _BREAKS.items():
        for phrase in _spellings(patterns):
            breaks.setdefault(phrase, []).append(kind)
    return {
        phrase: (
            phrase in hiding,
            tuple(marks.get(phrase, ())),
            persons.get(phrase),
            tuple(breaks.get(phrase, ())),
        )
        for phrase in sorted({*marks, *hiding, *persons, *breaks})
    }


def _spellings(patterns: tuple[str, ...]) -> list[str]:
    """Return all spellings of several patterns, denials without apostrophe among them."""
    phrases: dict[str, None] = {}
    for pattern in patterns:
        for phrase in spell(pattern):
            phrases[phrase] = None
            if "n't" in phrase:
                phrases[phrase.replace("n't", "nt")] = None
    return list(phrases)
