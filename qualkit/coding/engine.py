"""The rule coder: the segments of a case in, the codings that rules propose out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qualkit.coding.automaton import Place
from qualkit.coding.context import Judge, Reason, is_short_denial
from qualkit.coding.landmarks import Layout, lay_out
from qualkit.coding.matcher import Match, RuleMatcher, longest_standing
from qualkit.coding.people import People, Referents, named_people
from qualkit.coding.people_words import Person
from qualkit.coding.quoting import quotation
from qualkit.coding.view import TextView
from qualkit.model import CompiledCodebook, Kind, ProposedCoding, Role, Segment, covers

BONUS_PER_HIT = 0.02
MOST_SCORE = 0.99
SHORT_ANSWER_WORDS = 8
INHERITED_SHARE = 0.75
INHERITED_RULE = "@question"
# Of the others, no text says plainly enough that a match is not about them.
_NAMED_IN_TEXT = ("parent", "child")
# Where no words of the text speak against a match.
NO_PLACE: Place = (0, 0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A match with what was found against it; it counts when `reasons` is empty."""

    segment_id: int
    category: str
    code_id: str
    rule: str
    start: int
    end: int
    reasons: tuple[Reason, ...]


class RuleCoder:
    """Codes cases with the rules of several codebooks at once.

    Parameters
    ----------
    codebooks : sequence of CompiledCodebook
        In any order; the order changes no coding.
    spacy_model : str, optional
        A trained spaCy pipeline for token rules; the blank English one otherwise.

    Raises
    ------
    ModelMissingError
        When `spacy_model` is not installed.
    """

    def __init__(
        self, codebooks: Sequence[CompiledCodebook], *, spacy_model: str | None = None
    ) -> None:
        self._matcher = RuleMatcher(codebooks, spacy_model=spacy_model)
        self._codebooks = tuple(codebooks)
        self._all = frozenset(range(len(codebooks)))
        self._inheriting = frozenset(
            i for i, codebook in enumerate(codebooks) if codebook.inherit_question
        )
        self._books: dict[tuple[str, str], frozenset[int]] = {}

    def code_case(self, segments: Sequence[Segment]) -> list[ProposedCoding]:
        """Return the codings of one case.

        Parameters
        ----------
        segments : sequence of Segment
            The case's segments in order, the interviewer's turns too.

        Returns
        -------
        list of ProposedCoding
            By segment, start, end, category and code; one a code and clause.
        """
        return self._code(segments, limited=True)

    def find(self, texts: Sequence[str], role: str = Role.WORKER) -> list[set[tuple[str, str]]]:
        """Return the codes (category, id) found in each text, for checking a codebook.

        Each text counts as a case of one segment told by somebody in `role`; the
        kinds and roles to which codebooks are limited do not matter.
        """
        found = []
        for text in texts:
            segment = Segment(0, 0, 1, Kind.MSC, role, text)
            codings = self._code([segment], limited=False)
            found.append({(coding.category, coding.code_id) for coding in codings})
        return found

    def judge_case(self, segments: Sequence[Segment]) -> list[Judged]:
        """Return the matches of one case with the checks that they fail, dropped ones too.

        A match about somebody else has the reason `about`; one that only denies
        what the interviewer asked, `negation`. Left out is what a longer match of
        its code hides: one that stands, or one that was dropped like itself.
        """
        case = _Case(segments)
        judged = []
        for i, segment in enumerate(segments):
            books = self._applying(segment)
            if not books:
                continue
            found = self._matcher.match(case.view(i), books)
            kept, fallen = case.standing(i, found)
            judged += [self._judged(case, i, match) for match in (*kept, *fallen)]
        numbers = {segment.segment_id: segment.n for segment in segments}
        judged.sort(key=lambda j: (numbers[j.segment_id], j.start, j.end, j.category, j.rule))
        return judged

    def _judged(self, case: _Case, i: int, match: Match) -> Judged:
        category, code_id = self._matcher.keys[match.rule.key]
        start, end = case.view(i).original(match.start, match.end)
        segment_id, rule_id = case.segments[i].segment_id, match.rule.rule_id
        reasons = case.reasons(i, match)
        return Judged(segment_id, category, code_id, rule_id, start, end, reasons)

    def _code(self, segments: Sequence[Segment], *, limited: bool) -> list[ProposedCoding]:
        case = _Case(segments)
        codings: list[tuple[int, ProposedCoding]] = []
        for i, segment in enumerate(segments):
            books = self._applying(segment) if limited else self._all
            if not books or not segment.text:
                continue
            matches = self._matcher.match(case.view(i), books)
            if matches:
                matches, _ = case.standing(i, matches)
            if matches:
                self._quote(case, i, matches, codings)
            if self._inheriting and i and segments[i - 1].role == Role.INTERVIEWER:
                self._inherit(case, i, matches, books, codings)
        if len(codings) > 1:
            codings.sort(key=_in_order)
        return [coding for _, coding in codings]

    def _applying(self, segment: Segment) -> frozenset[int]:
        """Return the codebooks that apply to a segment's kind and role."""
        key = (segment.kind, segment.role)
        books = self._books.get(key)
        if books is None:
            books = frozenset(
                i
                for i, codebook in enumerate(self._codebooks)
                if covers(codebook.kinds, codebook.roles, segment.kind, segment.role)
            )
            self._books[key] = books
        return books

    def _quote(
        self,
        case: _Case,
        i: int,
        matches: Sequence[Match],
        codings: list[tuple[int, ProposedCoding]],
    ) -> None:
        """Make one coding of the matches of a code in one clause."""
        layout = case.layout(i)
        by_key: dict[int, list[Match]] = {}
        for match in matches:
            by_key.setdefault(match.rule.key, []).append(match)
        segment_id, n = case.segments[i].segment_id, case.segments[i].n
        for key, of_code in by_key.items():
            category, code_id = self._matcher.keys[key]
            for start, end, in_quote in _quotes(layout, of_code):
                start, end = layout.view.original(start, end)
                score, rule_id = _score_and_rule(in_quote)
                coding = ProposedCoding(segment_id, category, code_id, start, end, score, rule_id)
                codings.append((n, coding))

    def _inherit(
        self,
        case: _Case,
        i: int,
        matches: Sequence[Match],
        books: frozenset[int],
        codings: list[tuple[int, ProposedCoding]],
    ) -> None:
        """Give a short answer without subject the subjects of the question before it."""
        segment = case.segments[i]
        wanted = (self._inheriting & books) - {match.rule.book for match in matches}
        if not wanted:
            return
        n_words = case.view(i).words_between(0, len(case.view(i).plain))
        if not 1 <= n_words <= SHORT_ANSWER_WORDS:
            return
        best: dict[int, Match] = {}
        found = self._matcher.match(case.view(i - 1), wanted)
        asked, _ = longest_standing(found, lambda match: case.fault_of_question(i, match))
        for match in asked:
            known = best.get(match.rule.key)
            if known is None or _best_first(match) < _best_first(known):
                best[match.rule.key] = match
        for key, match in best.items():
            category, code_id = self._matcher.keys[key]
            coding = ProposedCoding(
                segment.segment_id,
                category,
                code_id,
                0,
                len(segment.text),
                round(match.rule.score * INHERITED_SHARE, 4),
                match.rule.rule_id + INHERITED_RULE,
            )
            codings.append((segment.n, coding))


def _quotes(layout: Layout, matches: Sequence[Match]) -> list[tuple[int, int, list[Match]]]:
    """Return the stretches that matches of one code quote, overlapping ones joined."""
    if len(matches) == 1:
        return [(*quotation(layout, matches[0]), [matches[0]])]
    quotes: list[tuple[int, int, list[Match]]] = []
    for start, end, match in sorted(
        ((*quotation(layout, match), match) for match in matches), key=_by_place
    ):
        if quotes and start < quotes[-1][1]:
            last_start, last_end, joined = quotes[-1]
            quotes[-1] = (last_start, max(last_end, end), [*joined, match])
        else:
            quotes.append((start, end, [match]))
    return quotes


def _by_place(quote: tuple[int, int, Match]) -> tuple[int, int]:
    return quote[0], quote[1]


def _score_and_rule(matches: Sequence[Match]) -> tuple[float, str]:
    """Return the best match's score, a little higher for further places, and its rule."""
    if len(matches) == 1:
        return matches[0].rule.score, matches[0].rule.rule_id
    best = min(matches, key=_best_first).rule
    further = len({(match.start, match.end) for match in matches}) - 1
    if not further or best.score >= MOST_SCORE:
        return best.score, best.rule_id
    return round(min(MOST_SCORE, best.score + BONUS_PER_HIT * further), 4), best.rule_id


class _Case:
    """The segments of a case, with what is worked out of their texts only where needed."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self._views: dict[int, TextView] = {}
        self._layouts: dict[int, Layout] = {}
        self._judges: dict[int, Judge] = {}
        self._people: list[People] = []
        self._names: dict[str, Person] | None = None

    def view(self, i: int) -> TextView:
        view = self._views.get(i)
        if view is None:
            view = self._views[i] = TextView(self.segments[i].text)
        return view

    def layout(self, i: int) -> Layout:
        layout = self._layouts.get(i)
        if layout is None:
            layout = self._layouts[i] = lay_out(self.view(i))
        return layout

    def standing(self, i: int, matches: Sequence[Match]) -> tuple[list[Match], list[Match]]:
        """Return those of the matches in segment `i` that count, and those that do not."""
        judge = self._judge(i)
        denies = self._only_denies(i)

        def fault(match: Match) -> Place | None:
            rule = match.rule
            if rule.checks or rule.negation == "require":
                reason = judge.first_reason(match)
                if reason is not None:
                    return reason.start, reason.end
            if denies and rule.judged_for_denial:
                return NO_PLACE
            if rule.about in _NAMED_IN_TEXT and not self._people_of(i).allows(match):
                return match.start, match.end
            return None

        return longest_standing(matches, fault)

    def reasons(self, i: int, match: Match) -> tuple[Reason, ...]:
        """Return all that speaks against a match in segment `i`."""
        reasons = list(self._judge(i).reasons(match))
        if match.rule.judged_for_denial and self._only_denies(i):
            reasons.append(Reason("negation", 0, len(self.view(i).plain)))
        if not self._people_of(i).allows(match):
            reasons.append(Reason("about", match.start, match.end))
        view = self.view(i)
        return tuple(
            Reason(reason.check, *view.original(reason.start, max(reason.end, reason.start + 1)))
            for reason in reasons
        )

    def fault_of_question(self, i: int, match: Match) -> Place | None:
        """Return what keeps the question before segment `i` from giving it a subject."""
        if match.rule.judged_for_denial and is_short_denial(self.view(i).plain):
            return NO_PLACE
        for reason in self._judge(i - 1).reasons(match):
            if reason.check != "question":
                return reason.start, reason.end
        return None

    def _only_denies(self, i: int) -> bool:
        """Whether segment `i` is an answer that does no more than deny."""
        asked = i > 0 and self.segments[i - 1].role == Role.INTERVIEWER
        return asked and is_short_denial(self.view(i).plain)

    def _judge(self, i: int) -> Judge:
        judge = self._judges.get(i)
        if judge is None:
            judge = self._judges[i] = Judge(self.layout(i), self.segments[i].role)
        return judge

    def _people_of(self, i: int) -> People:
        """Return who is named in segment `i`; pronouns may go back to earlier segments."""
        if self._names is None:
            self._names = named_people(self.layout(j) for j in range(len(self.segments)))
        while len(self._people) <= i:
            j = len(self._people)
            before = self._people[-1].after if self._people else Referents()
            self._people.append(People(self.layout(j), self.segments[j], self._names, before))
        return self._people[i]


def _best_first(match: Match) -> tuple[float, int, int, str]:
    rule = match.rule
    return -rule.score, match.start - match.end, match.start, rule.rule_id


def _in_order(numbered: tuple[int, ProposedCoding]) -> tuple[int, int, int, str, str, str]:
    n, coding = numbered
    return n, coding.start, coding.end, coding.category, coding.code_id, coding.rule
