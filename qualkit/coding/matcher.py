"""From the places of forms to matches of whole rules.

Several parts are joined in order, within a sentence and with at most so many
words between; `needs` and `unless` are looked up in the same sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from qualkit.coding.automaton import Hit
from qualkit.coding.forms import FormIndex
from qualkit.coding.tokens import TokenRules
from qualkit.coding.view import TextView
from qualkit.model import CompiledCodebook, CompiledRule

Place: TypeAlias = tuple[int, int]

NO_SET = -1
# No word, with its punctuation, is longer than this.
MOST_LETTERS = 60
# So many parts of a rule are asked for before its places are looked at.
PARTS_SEEN = 3


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A compiled rule with what matching and judging need at hand.

    `key` numbers the code (category and id), `book` the codebook; `sets` are
    the numbers of the parts' forms in the form index. `conditional` rules have
    `needs` or `unless`; a denial drops the matches of `judged_for_denial` ones.
    """

    rule_id: str
    key: int
    book: int
    category: str
    about: str
    score: float
    negation: str
    checks: tuple[str, ...]
    sets: tuple[int, ...]
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


# What a bundle of forms leads to: rules of one part, its bits (by part, a bit for each
# rule of several parts), and the sets that hold it.
_Lead: TypeAlias = tuple[tuple[Rule, ...], tuple[int, ...], frozenset[int]]
_LedHit: TypeAlias = tuple[Hit, _Lead]


class RuleMatcher:
    """All rules of all codebooks, matched together.

    Rules of one part follow at once from the forms found. For those of several
    parts every form has a bit for each (part, rule) it belongs to, so that a few
    operations on long integers tell which rules have all parts in a sentence in
    their order; these alone are joined place by place.

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
        self._index = FormIndex()
        self._tokens = TokenRules(spacy_model)
        self._n_books = len(codebooks)
        rules: list[Rule] = []
        numbers: dict[tuple[str, str], int] = {}
        for book, codebook in enumerate(codebooks):
            for compiled in codebook.rules:
                code = codebook.codes[compiled.code]
                name = (code.category, code.code_id)
                key = numbers.setdefault(name, len(numbers))
                rules.append(_rule(self._index, compiled, code.category, code.about, key, book))
        self.keys: list[tuple[str, str]] = list(numbers)
        self._alone: dict[int, list[Rule]] = {}
        for rule in rules:
            if len(rule.sets) == 1:
                self._alone.setdefault(rule.sets[0], []).append(rule)
        self._several = [rule for rule in rules if len(rule.sets) > 1]
        self._bits = _bits_of_sets(self._several)
        self._of_two = sum(1 << i for i, rule in enumerate(self._several) if len(rule.sets) == 2)
        # Worked out when a bundle is first met; few of them ever are.
        self._leads: dict[int, _Lead] = {}
        self._index.build()

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
        hits = self._index.find(view)
        if not hits:
            return []
        wanted = None if len(books) == self._n_books else books
        matches, anchored, several = self._follow(hits, wanted)
        if several and len(hits) > 1:
            for rule, near in self._complete(hits, view):
                if wanted is None or rule.book in wanted:
                    matches += _joined(rule, near, view)
        if anchored:
            for rule, start, end in self._tokens.find(anchored, view):
                matches.append(Match(rule, start, end, ((start, end),)))
        if any(match.rule.conditional for match in matches):
            led = self._led(hits)
            matches = [match for match in matches if _conditions_hold(match, led, view)]
        return matches

    def _follow(
        self, hits: Sequence[Hit], books: Collection[int] | None
    ) -> tuple[list[Match], list[Rule], bool]:
        """Return what follows from single hits.

        Returns
        -------
        list of Match, list of Rule, bool
            The matches of rules of one part; the token rules of which a word stands;
            whether any hit is part of a rule of several.
        """
        n_plain = self._index.n_plain
        matches: list[Match] = []
        anchored: list[Rule] = []
        several = False
        for start, end, bundle in hits:
            alone, by_part, _ = self._leads.get(bundle) or self._lead(bundle)
            several = several or bool(by_part)
            for rule in alone:
                if books is not None and rule.book not in books:
                    continue
                if rule.token:
                    if rule not in anchored:
                        anchored.append(rule)
                elif bundle < n_plain or not _is_among(matches, rule, start, end):
                    matches.append(Match(rule, start, end, ((start, end),)))
        return matches, anchored, several

    def _lead(self, bundle: int) -> _Lead:
        """Return what a bundle leads to."""
        alone: list[Rule] = []
        by_part = [0] * PARTS_SEEN
        sets = self._index.bundles[bundle]
        for number in sets:
            alone += self._alone.get(number, ())
            for part, bits in enumerate(self._bits.get(number, ())):
                by_part[part] |= bits
        lead = tuple(alone), tuple(by_part) if any(by_part) else (), frozenset(sets)
        self._leads[bundle] = lead
        return lead

    def _led(self, hits: Sequence[Hit]) -> list[_LedHit]:
        """Return hits that have all been met, each with what it leads to."""
        return [(hit, self._leads[hit[2]]) for hit in hits]

    def _complete(
        self, hits: Sequence[Hit], view: TextView
    ) -> Iterator[tuple[Rule, Sequence[_LedHit]]]:
        """Yield rules of which the parts seen stand in a sentence in order, with its hits."""
        leads = self._leads
        ends = iter(view.sentence_ends)
        end = next(ends)
        # Of which rules the first part, the first two and the first three have been met.
        one = two = three = begun = 0
        for i, (start, _, bundle) in enumerate(hits):
            if start >= end:
                if two:
                    yield from self._named(two, three, hits[begun:i])
                one = two = three = 0
                begun = i
                while start >= end:
                    end = next(ends)
            by_part = leads[bundle][1]
            if by_part:
                first, second, third = by_part
                if two:
                    three |= two & third
                if one:
                    two |= one & second
                one |= first
        if two:
            yield from self._named(two, three, hits[begun:])

    def _named(
        self, two: int, three: int, hits: Sequence[Hit]
    ) -> Iterator[tuple[Rule, Sequence[_LedHit]]]:
        complete = three | (two & self._of_two)
        near = self._led(hits) if complete else []
        while complete:
            number = complete.bit_length() - 1
            complete ^= 1 << number
            yield self._several[number], near


def _rule(
    index: FormIndex, compiled: CompiledRule, category: str, about: str, key: int, book: int
) -> Rule:
    return Rule(
        rule_id=compiled.rule_id,
        key=key,
        book=book,
        category=category,
        about=about,
        score=compiled.score,
        negation=compiled.negation,
        checks=tuple(sorted(compiled.checks)),
        sets=tuple(map(index.add, compiled.parts)),
        gaps=compiled.gaps,
        token=compiled.token,
        needs=index.add(compiled.needs) if compiled.needs else NO_SET,
        unless=index.add(compiled.unless) if compiled.unless else NO_SET,
        conditional=bool(compiled.needs or compiled.unless),
        judged_for_denial=compiled.negation == "drop" and "negation" in compiled.checks,
    )


def _bits_of_sets(rules: Sequence[Rule]) -> dict[int, list[int]]:
    """Return for each set, by part, the bits of the rules that have it as that part."""
    bits: dict[int, list[int]] = {}
    for i, rule in enumerate(rules):
        for part, number in enumerate(rule.sets[:PARTS_SEEN]):
            bits.setdefault(number, [0] * PARTS_SEEN)[part] |= 1 << i
    return bits


def _is_among(matches: Sequence[Match], rule: Rule, start: int, end: int) -> bool:
    """Whether another form has led to this match already; hits come by their start."""
    for match in reversed(matches):
        if match.start < start:
            return False
        if match.rule is rule and match.start == start and match.end == end:
            return True
    return False


def _joined(rule: Rule, near: Sequence[_LedHit], view: TextView) -> Iterator[Match]:
    """Join the parts in order; of the ways to one last part, the shortest."""
    chains: list[tuple[Place, ...]] = [(place,) for place in _places(rule.sets[0], near)]
    for number, gap in zip(rule.sets[1:], rule.gaps, strict=True):
        longer: dict[Place, tuple[Place, ...]] = {}
        # What is plainly too far need not be counted.
        most = MOST_LETTERS * (gap + 1)
        for place in _places(number, near):
            for chain in chains:
                end = chain[-1][1]
                if 0 <= place[0] - end <= most and _is_near(view, end, place[0], gap):
                    known = longer.get(place)
                    # The latest start is the shortest way.
                    if known is None or chain > known[:-1]:
                        longer[place] = (*chain, place)
        chains = list(longer.values())
    for chain in chains:
        yield Match(rule, chain[0][0], chain[-1][1], chain)


def _places(number: int, near: Sequence[_LedHit]) -> list[Place]:
    """Return where the forms of a set stand among some hits."""
    return [(start, end) for (start, end, _), lead in near if number in lead[2]]


def _is_near(view: TextView, end: int, start: int, gap: int) -> bool:
    """Whether at most so many words stand between; so few spaces cannot part more."""
    return view.plain.count(" ", end, start) < gap or view.words_between(end, start) <= gap


def _conditions_hold(match: Match, led: Sequence[_LedHit], view: TextView) -> bool:
    """Whether what the rule needs stands in the match's sentence, and nothing it rules out."""
    rule = match.rule
    if not rule.conditional:
        return True
    start = view.sentence_bounds(view.sentence_of(match.start))[0]
    end = view.sentence_bounds(view.sentence_of(match.end - 1))[1]
    # Hits come by their start; those of other sentences may be many.
    near = led[bisect_left(led, start, key=_start) : bisect_left(led, end, key=_start)]

    def stands(number: int) -> bool:
        return any(place[1] <= end for place in _places(number, near))

    return (rule.needs == NO_SET or stands(rule.needs)) and (
        rule.unless == NO_SET or not stands(rule.unless)
    )


def _start(hit: _LedHit) -> int:
    return hit[0][0]
