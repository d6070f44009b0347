"""From the places of forms to matches of whole rules.

Several parts are joined in order, within a sentence and with at most so many
words between; `needs` and `unless` are looked up in the same sentence. A longer
match of a code that stands hides shorter ones at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from qualkit.coding.automaton import Found, PhraseIndex, Place
from qualkit.coding.frequency import commonness
from qualkit.coding.tokens import TokenRules
from qualkit.coding.view import TextView
from qualkit.model import CompiledCodebook, CompiledRule

NO_SET = -1
# No word, with its punctuation, is longer than this.
MOST_LETTERS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A compiled rule with what matching and judging need at hand.

    `key` numbers the code (category and id), `book` the codebook; `sets` are
    the numbers of the parts' forms in the phrase index, `others` those of all but
    the rarest, by which the rule is looked up. `conditional` rules have
    `needs` or `unless`; a denial drops the matches of `judged_for_denial` ones.
    """

    number: int
    rule_id: str
    key: int
    book: int
    category: str
    about: str
    score: float
    negation: str
    checks: tuple[str, ...]
    sets: tuple[int, ...]
    others: tuple[int, ...]
    gaps: tuple[int, ...]
    token: str
    needs: int
    unless: int
    conditional: bool
    judged_for_denial: bool


@dataclass(slots=True)
class Match:
    """A rule's words in a text: the places of its parts, in order; not to be changed."""

    rule: Rule
    start: int
    end: int
    parts: tuple[Place, ...]


class RuleMatcher:
    """All rules of all codebooks, matched together.

    Parameters
    ----------
    codebooks : sequence of CompiledCodebook
        In any order; the order changes no result.
    spacy_model : str, optional
        A trained pipeline for the token rules; the blank English one otherwise.

    Raises
    ------
    ModelMissingError
        When `spacy_model` is not installed.
    """

    def __init__(
        self, codebooks: Sequence[CompiledCodebook], *, spacy_model: str | None = None
    ) -> None:
        self._index = PhraseIndex()
        self.keys: list[tuple[str, str]] = []
        self.rules: list[Rule] = []
        self._triggers: dict[int, list[Rule]] = {}
        self._tokens = TokenRules(spacy_model)
        self._n_books = len(codebooks)
        numbers: dict[tuple[str, str], int] = {}
        for book, codebook in enumerate(codebooks):
            for compiled in codebook.rules:
                code = codebook.codes[compiled.code]
                name = (code.category, code.code_id)
                key = numbers.setdefault(name, len(numbers))
                self._add(compiled, code.category, code.about, key, book)
        self.keys = list(numbers)
        self._index.build()

    def _add(self, compiled: CompiledRule, category: str, about: str, key: int, book: int) -> None:
        add = self._index.add
        sets = tuple(add(part) for part in compiled.parts)
        rarest = _rarest_first(compiled.parts)
        rule = Rule(
            number=len(self.rules),
            rule_id=compiled.rule_id,
            key=key,
            book=book,
            category=category,
            about=about,
            score=compiled.score,
            negation=compiled.negation,
            checks=tuple(sorted(compiled.checks)),
            sets=sets,
            others=tuple(sets[i] for i in rarest[1:]),
            gaps=compiled.gaps,
            token=compiled.token,
            needs=add(compiled.needs) if compiled.needs else NO_SET,
            unless=add(compiled.unless) if compiled.unless else NO_SET,
            conditional=bool(compiled.needs or compiled.unless),
            judged_for_denial=compiled.negation == "drop" and "negation" in compiled.checks,
        )
        self.rules.append(rule)
        if rarest:
            trigger = sets[rarest[0]]
            self._index.watch(trigger)
            self._index.require(rule.others)
            self._triggers.setdefault(trigger, []).append(rule)

    def match(self, view: TextView, books: Collection[int]) -> list[Match]:
        """Return the matches of the rules of some codebooks in a text.

        Parameters
        ----------
        view : TextView
            The text.
        books : collection of int
            Numbers of the codebooks that apply to it.

        Returns
        -------
        list of Match
            All of them, in no order to rely on; see `longest_standing`.
        """
        found = self._index.find(view)
        if not found.by_form:
            return []
        matches: list[Match] = []
        anchored: list[Rule] = []
        conditional = False
        for rule in self._triggered(found, books):
            conditional = conditional or rule.conditional
            if rule.token:
                anchored.append(rule)
            elif len(rule.sets) > 1:
                matches.extend(_joined(rule, found, view))
            else:
                for place in found.places(rule.sets[0]):
                    matches.append(Match(rule, place[0], place[1], (place,)))
        if anchored:
            for rule, start, end in self._tokens.find(anchored, view):
                matches.append(Match(rule, start, end, ((start, end),)))
        if conditional:
            matches = [match for match in matches if _conditions_hold(match, found, view)]
        return matches

    def _triggered(self, found: Found, books: Collection[int]) -> list[Rule]:
        """Return the rules all parts of which stand in the text, wherever."""
        rules: list[Rule] = []
        limited = len(books) < self._n_books
        standing: set[int] | None = None
        for number in found.watched():
            for rule in self._triggers[number]:
                if limited and rule.book not in books:
                    continue
                if rule.others:
                    if standing is None:
                        standing = found.standing()
                    if not standing.issuperset(rule.others):
                        continue
                rules.append(rule)
        return rules


def _rarest_first(parts: Sequence[Collection[str]]) -> list[int]:
    """Return the parts' numbers, the part that is likely to be the rarest in a text first."""
    if len(parts) == 1:
        return [0]
    return sorted(range(len(parts)), key=lambda i: (sum(map(commonness, parts[i])), i))


def _joined(rule: Rule, found: Found, view: TextView) -> list[Match]:
    """Join the parts in order; of the ways to one last part, the shortest."""
    chains: list[tuple[Place, ...]] = [(place,) for place in found.places(rule.sets[0])]
    for number, gap in zip(rule.sets[1:], rule.gaps, strict=True):
        longer: dict[Place, tuple[Place, ...]] = {}
        # What is plainly too far need not be counted.
        most = MOST_LETTERS * (gap + 1)
        for place in found.places(number):
            start = place[0]
            for chain in chains:
                if 0 <= start - chain[-1][1] <= most and _follows(chain, start, gap, view):
                    known = longer.get(place)
                    # The latest start is the shortest way.
                    if known is None or chain > known[:-1]:
                        longer[place] = (*chain, place)
        if not longer:
            return []
        chains = list(longer.values())
    return [Match(rule, chain[0][0], chain[-1][1], chain) for chain in chains]


def _follows(chain: tuple[Place, ...], start: int, gap: int, view: TextView) -> bool:
    """Whether a place goes on a chain before it: near enough, in the same sentence."""
    end = chain[-1][1]
    # So few spaces cannot part more words.
    return (
        view.plain.count(" ", end, start) < gap or view.words_between(end, start) <= gap
    ) and view.sentence_of(chain[0][0]) == view.sentence_of(start)


def _conditions_hold(match: Match, found: Found, view: TextView) -> bool:
    rule = match.rule
    if not rule.conditional:
        return True
    start = view.sentence_bounds(view.sentence_of(match.start))[0]
    end = view.sentence_bounds(view.sentence_of(match.end - 1))[1]

    def stands(number: int) -> bool:
        return any(start <= s and e <= end for s, e in found.places(number))

    return (rule.needs == NO_SET or stands(rule.needs)) and (
        rule.unless == NO_SET or not stands(rule.unless)
    )


def longest_standing(
    matches: Sequence[Match], fault: Callable[[Match], Place | None]
) -> tuple[list[Match], list[Match]]:
    """Return the matches that count and, of the others, the longest at each place.

    Where a longer match of a code falls, a shorter one may still count; not so
    if what speaks against the longer stands within either, since "CAMHS did not
    help" is no "CAMHS".

    Parameters
    ----------
    matches : sequence of Match
        Of any codes.
    fault : callable
        Where the words stand that speak against a match: None when it stands, an
        empty place when no words do. Not asked of what a longer match hides.

    Returns
    -------
    list of Match, list of Match
        Of each code, standing matches that overlap no longer standing one; then
        fallen ones that overlap no longer one. Equally placed ones stay beside
        each other.
    """
    kept: list[Match] = []
    fallen: list[Match] = []
    if len({match.rule.key for match in matches}) == len(matches):
        for match in matches:
            (kept if fault(match) is None else fallen).append(match)
        return kept, fallen
    of_code: dict[int, list[Match]] = {}
    for match in matches:
        of_code.setdefault(match.rule.key, []).append(match)
    for group in of_code.values():
        standing, dropped = _standing_of_code(group, fault)
        kept += standing
        fallen += dropped
    return kept, fallen


def _standing_of_code(
    matches: list[Match], fault: Callable[[Match], Place | None]
) -> tuple[list[Match], list[Match]]:
    """Do what `longest_standing` says for the matches of one code."""
    matches.sort(key=_length_first)
    standing: list[Match] = []
    dropped: list[tuple[Match, Place]] = []
    for match in matches:
        if any(_shares_words(match, other) for other in standing):
            continue
        longer = [(other, cue) for other, cue in dropped if _shares_words(match, other)]
        if any(_stands_in(cue, other) or _stands_in(cue, match) for other, cue in longer):
            continue
        place = fault(match)
        if place is None:
            standing.append(match)
        elif not longer:
            dropped.append((match, place))
    return standing, [match for match, _ in dropped]


def _shares_words(match: Match, other: Match) -> bool:
    """Whether two matches overlap, but are not at the very same place."""
    return (
        match.start < other.end
        and other.start < match.end
        and (match.start != other.start or match.end != other.end)
    )


def _stands_in(cue: Place, match: Match) -> bool:
    return cue[0] < cue[1] and cue[0] < match.end and match.start < cue[1]


def _length_first(match: Match) -> tuple[int, int, float, str, tuple[Place, ...]]:
    rule = match.rule
    return match.start - match.end, match.start, -rule.score, rule.rule_id, match.parts
