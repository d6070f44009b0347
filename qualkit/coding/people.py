"""Who a match is about: the nearest person named, with pronouns led back to nouns.

A code about a child needs a child as the nearest person named, or as the
subject of its sentence. A code about a parent is dropped only where the nearest
person is a child. Codes about a family, a worker or anybody always stand: who
acts is rarely said in notes, and the codes' own words name the worker's doings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qualkit.coding.landmarks import FoundPerson, Layout
from qualkit.coding.matcher import Match
from qualkit.coding.people_words import (
    CHILD,
    DOINGS,
    ELDER,
    ELIDED,
    NOT_NAMES,
    NUMBERS,
    OTHER,
    PARENT,
    POSSESSIVES,
    SERVICES,
    WITNESSING,
    WORKER,
    WORKERS,
    Person,
)
from qualkit.model import Kind, Role, Segment

ADULT_YEARS = 18
ACTIVITY = "activity"
DONE = frozenset((ACTIVITY, "enabler", "outcome"))
"""The categories of what somebody does: the worker the first, others and the family the rest."""
# Most words between a word that owns and what it owns ("her two older boys").
MOST_BETWEEN = 3

_NAME = r"[A-Z][a-z]+(?:-[A-Z][a-z]+)?"
_LETTER = "[B-HJ-Z]"
"""Notes often call a child by one letter; A and I are words."""

_NUMBER = "|".join(NUMBERS)
_NUMBERS = tuple(f" {word}" for word in NUMBERS if not word.endswith("teen"))
_UNIT = r"(?: ?(months?|mths?|mos?|weeks?|wks?|days?))?"
_AGED = re.compile(
    rf"\b({_NAME}|{_LETTER})"
    r"(?: ?\( ?|,? (?:who is |who's |is |was )?aged? |, (?=\d{1,2}[,)])"
    r"| (?=\d{1,2}(?:[,.;)]| [&+])))"
    rf"(\d{{1,2}}){_UNIT}\b"
)
# "Ellie, seven, hid": so written only in full sentences.
_AGED_IN_WORDS = re.compile(
    rf"\b({_NAME})(?:, (?:who is |who was |aged |is )?|,? (?:is|was|aged) |['’]s )"
    rf"({_NUMBER}){_UNIT}(?=[,.;)]| and\b)"
)
# A letter alone, as notes call a child; not in "Ms P", "plan B", "Triple P", "B&B" or "T-shirt".
_INITIAL = re.compile(
    rf"{_LETTER}(?=[ ,;:)'’]|$)(?=(?:['’]s)?(?: (?!of )|[,;:)]|$))(?<![\w&/.'’£-].)"
    + "".join(rf"(?<!{word} .)" for word in ("Mr", "Ms", "Mrs", "Miss", "Dr", "lan", "ear", "ple"))
)
_DIGIT = re.compile(r"\d")
# What may stand between "son" or "mum" and the name, and further names of children.
_NAMED = re.compile(rf",? \(?({_NAME}|{_LETTER}\b(?!['’.&/-]))")
_FURTHER = re.compile(rf"(?:, ({_NAME}))?,? (?:and|&) ({_NAME})")
_CAPITALISED = re.compile(rf"{_NAME}|\b{_LETTER}\b")
# "The OT at the Wharf gave us a weighted blanket": a service, at some place, does something.
_BY_SERVICE = re.compile(
    r"\W*(?:(?:and|then|so|but|also|later|when|while|because|once) )?"
    r"(?:(?:the|a|an|her|his|their|our|my|this|that|both|\w+'s) )?(?:\w+ ){0,2}?"
    rf"(?:{SERVICES})(?: \(?(?:at|from|in) (?:the )?\w+\)?)? {DOINGS}"
)
_SERVICE_WORDS = frozenset(service.split(" ")[0] for service in SERVICES.split("|"))
_MOST_BEFORE_VERB = 60
_BY_WORKER = re.compile(
    r"\W*(?:(?:and|then|so|but|also|later|when|while|because|once) )?"
    rf"(?:(?:i|we|(?:(?:the|her|their|our) )?(?:{WORKERS})) (?!{WITNESSING}){DOINGS}|{ELIDED})"
)


def done_by_another(layout: Layout, match: Match, segment: Segment) -> bool:
    """Whether the subject of a match's clause is plainly not whose doing its code is.

    What workers do is not done by another service; what helps or comes about in
    a family is not what the worker, in her own words, does.
    """
    doer = _BY_SERVICE
    if match.rule.category != ACTIVITY:
        if match.rule.category not in DONE or _speaker(segment) != WORKER:
            return False
        doer = _BY_WORKER
    plain = layout.view.plain
    start, end = layout.sentence(match.start).clause(match.start)
    if start >= match.start:
        return False
    if doer is _BY_SERVICE:
        # Most clauses begin with no service, which is seen quickly.
        begins = plain[start : min(start + _MOST_BEFORE_VERB, match.start)].split(" ")
        return not _SERVICE_WORDS.isdisjoint(begins) and doer.match(plain, start, end) is not None
    return doer.match(plain, start, end) is not None and not layout.view.quoted(match.start)


@dataclass(slots=True)
class Mention:
    """A stretch of text that names somebody, and who that is."""

    start: int
    end: int
    who: str
    noun: bool


@dataclass(slots=True)
class Referents:
    """Whom she, he and they last stood for, carried from segment to segment.

    `f_firm` and `m_firm` say that the word left no doubt of it: "mum", or a name.
    """

    f: str = ""
    m: str = ""
    plural: str = ""
    f_firm: bool = False
    m_firm: bool = False

    def copy(self) -> Referents:
        """Return another with the same content."""
        return Referents(self.f, self.m, self.plural, self.f_firm, self.m_firm)


def named_people(layouts: Sequence[Layout]) -> dict[str, Person]:
    """Return the names that texts introduce as a child's or a parent's.

    A name after "son", "daughter" and the like, or with an age of under 18
    years, is a child's ("her son Jake", "Ellie (7)", "Ellie, seven,"); after
    "mum" or "dad", or with a higher age, a parent's. Where a text names a
    parent, other single letters are children's ("direct work with T").
    """
    names: dict[str, Person] = {}
    of_parents: list[str] = []
    for layout in layouts:
        if _name_beside_nouns(names, layout):
            of_parents.append(layout.view.cased)
        _name_by_age(names, layout)
    # Who writes "Mum" calls children by a letter.
    for cased in of_parents:
        for name in _INITIAL.findall(cased):
            _name(names, name, Person(CHILD))
    return names


def _name_beside_nouns(names: dict[str, Person], layout: Layout) -> bool:
    """Take in the names after "son" or "mum"; return whether a parent is named at all."""
    cased = layout.view.cased
    parent = False
    for found in layout.people:
        person = found.person
        parent = parent or person.who == PARENT
        # "our Jake" is how a parent speaks of a child.
        ours = person.pronoun == "we" and layout.view.plain[found.start : found.end] == "our"
        if not (ours or person.who in (PARENT, CHILD)):
            continue
        named = _NAMED.match(cased, found.end)
        if named is None:
            continue
        known = Person(CHILD) if ours else Person(person.who, person.gender)
        _name(names, named.group(1), known)
        further = _FURTHER.match(cased, named.end()) if person.plural else None
        for name in further.groups() if further else ():
            _name(names, name, known)
    return parent


def _name_by_age(names: dict[str, Person], layout: Layout) -> None:
    """Take in the names that stand with an age."""
    cased = layout.view.cased
    if _has_digit(cased):
        for name, age, unit in _AGED.findall(cased):
            child = bool(unit) or int(age) < ADULT_YEARS
            _name(names, name, Person(CHILD if child else PARENT))
    if any(map(layout.view.plain.__contains__, _NUMBERS)):
        for name, _, _ in _AGED_IN_WORDS.findall(cased):
            _name(names, name, Person(CHILD))


def _has_digit(text: str) -> bool:
    if text.isascii():
        # Much quicker than to look at each letter.
        return any(map(text.__contains__, "0123456789"))
    return _DIGIT.search(text) is not None


def _name(names: dict[str, Person], name: str | None, person: Person) -> None:
    if name and name not in NOT_NAMES:
        names.setdefault(name, person)


class People:
    """Who is named in one segment.

    Parameters
    ----------
    layout : Layout
        The segment's text with its landmarks.
    segment : Segment
        For the speaker's role.
    names : mapping of str to Person
        The names that the case introduces.
    before : Referents
        Whom pronouns stood for at the end of the segment before.
    """

    def __init__(
        self, layout: Layout, segment: Segment, names: dict[str, Person], before: Referents
    ) -> None:
        self._layout = layout
        self._speaker = _speaker(segment)
        self.after = before.copy()
        self.mentions = self._resolve(self._with_names(names))
        self._names_child = any(mention.who == CHILD for mention in self.mentions)

    def allows(self, match: Match) -> bool:
        """Whether the match can be about whom its code is about."""
        about = match.rule.about
        if about not in (PARENT, CHILD) or (about == PARENT and not self._names_child):
            return True
        inside = {
            mention.who
            for mention in self.mentions
            if mention.noun and match.start <= mention.start and mention.end <= match.end
        }
        if inside & {PARENT, CHILD}:
            return about in inside
        nearest, subject = self._around(match)
        if about == PARENT:
            return nearest != CHILD
        return CHILD in (nearest, subject)

    def _around(self, match: Match) -> tuple[str | None, str | None]:
        """Return the nearest person and the subject, of the clause, the sentence or before."""
        sentence = self._layout.sentence(match.start)
        clause = sentence.clause(match.start)
        for start, end in (clause, (sentence.start, sentence.end)):
            near = [m for m in self.mentions if start <= m.start and m.end <= end]
            if near:
                # Of two as near as each other, the one before.
                nearest = min(near, key=lambda m: (_distance(m, match), m.start))
                return nearest.who, near[0].who
        earlier = [m for m in self.mentions if m.end <= sentence.start]
        if earlier:
            last = self._layout.sentence(earlier[-1].start).start
            salient = next(m for m in earlier if m.start >= last)
            return salient.who, salient.who
        return None, None

    def _with_names(self, names: dict[str, Person]) -> list[FoundPerson]:
        found = list(self._layout.people)
        if names:
            taken = {person.start for person in found}
            for word in _CAPITALISED.finditer(self._layout.view.cased):
                person = names.get(word.group())
                if person is not None and word.start() not in taken:
                    found.append(FoundPerson(word.start(), word.end(), person, named=True))
            found.sort(key=lambda person: person.start)
        return found

    def _resolve(self, found: list[FoundPerson]) -> list[Mention]:
        mentions: list[Mention] = []
        for i, here in enumerate(found):
            following = found[i + 1] if i + 1 < len(found) else None
            if following is not None and self._owns(here, following):
                # In "mum's eldest" and "her son" the second word is the person meant;
                # but "she" may yet go back to mum.
                if not here.person.pronoun:
                    self._remember(here.person, self._who(here), here.named)
                continue
            who = self._who(here)
            self._remember(here.person, who, here.named)
            if who:
                mentions.append(Mention(here.start, here.end, who, not here.person.pronoun))
        return mentions

    def _owns(self, here: FoundPerson, following: FoundPerson) -> bool:
        if following.person.pronoun:
            return False
        plain = self._layout.view.plain
        if here.person.pronoun:
            if plain[here.start : here.end] not in POSSESSIVES:
                return False
            between = plain[here.end : following.start]
            return (
                not any(char in between for char in ",.;:&")
                and (" and " not in between)
                and len(between.split()) <= MOST_BETWEEN
            )
        between = plain[here.end : following.start]
        return between.startswith(("'s ", "' ")) and len(between.split()) <= MOST_BETWEEN

    def _who(self, here: FoundPerson) -> str:
        person = here.person
        if person.who == ELDER:
            return OTHER if self._speaker == PARENT and not self._quoted(here) else PARENT
        if person.who:
            return person.who
        if person.pronoun in ("i", "we"):
            if self._speaker == WORKER and self._quoted(here):
                return PARENT
            return self._speaker
        if person.pronoun == "you":
            return PARENT if self._speaker == WORKER else ""
        if person.plural:
            return self.after.plural
        return self.after.f if person.gender == "f" else self.after.m

    def _quoted(self, here: FoundPerson) -> bool:
        return self._layout.view.quoted(here.start)

    def _remember(self, person: Person, who: str, named: bool) -> None:
        if person.pronoun or not who:
            return
        if person.plural:
            self.after.plural = who
            return
        firm = bool(person.gender) or named
        # "the baby" takes "she" away from nobody who is plainly meant by it.
        if person.gender != "m" and (firm or not self.after.f_firm):
            self.after.f, self.after.f_firm = who, firm
        if person.gender != "f" and (firm or not self.after.m_firm):
            self.after.m, self.after.m_firm = who, firm


def _speaker(segment: Segment) -> str:
    """Return whom "I" means."""
    role = segment.role
    if role in (Role.PARENT, Role.PARTICIPANT):
        return PARENT
    if role == Role.CHILD:
        return CHILD
    if not role and segment.kind == Kind.INTERVIEW:
        return PARENT
    return WORKER


def _distance(mention: Mention, match: Match) -> int:
    if mention.end <= match.start:
        return match.start - mention.end
    return max(0, mention.start - match.end)
