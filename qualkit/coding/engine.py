"""The rule coder: the segments of a case in, the codings that rules propose out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualkit.coding.context import Judge, Reason, is_short_denial
from qualkit.coding.cues import asks_whether, is_short_assent
from qualkit.coding.landmarks import Layout
from qualkit.coding.longest import longest_standing
from qualkit.coding.matcher import Match, Place, RuleMatcher
from qualkit.coding.people import DONE, People, Referents, done_by_another, named_people
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
        # Only what decides where each applies: the forms need not be kept twice.
        self._scopes = [(codebook.kinds, codebook.roles) for codebook in codebooks]
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
            told = case.told(i)
            found = self._matcher.match(told.view, books)
            kept, fallen = longest_standing(found, told.fault)
            judged += [self._judged(told, match) for match in (*kept, *fallen)]
        numbers = {segment.segment_id: segment.n for segment in segments}
        judged.sort(key=lambda j: (numbers[j.segment_id], j.start, j.end, j.category, j.rule))
        return judged

    def _judged(self, told: _Told, match: Match) -> Judged:
        category, code_id = self._matcher.keys[match.rule.key]
        start, end = told.view.original(match.start, match.end)
        segment_id, rule_id = told.segment.segment_id, match.rule.rule_id
        reasons = told.reasons(match)
        return Judged(segment_id, category, code_id, rule_id, start, end, reasons)

    def _code(self, segments: Sequence[Segment], *, limited: bool) -> list[ProposedCoding]:
        case = _Case(segments)
        codings: list[tuple[int, ProposedCoding]] = []
        for i, segment in enumerate(segments):
            books = self._applying(segment) if limited else self._all
            if not books or not segment.text:
                continue
            view = TextView(segment.text)
            matches = self._matcher.match(view, books)
            if matches:
                told = case.told(i, view)
                matches, _ = longest_standing(matches, told.fault)
                if matches:
                    self._quote(told, matches, codings)
            if i and segments[i - 1].role == Role.INTERVIEWER:
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
                for i, (kinds, roles) in enumerate(self._scopes)
                if covers(kinds, roles, segment.kind, segment.role)
            )
            self._books[key] = books
        return books

    def _quote(
        self, told: _Told, matches: Sequence[Match], codings: list[tuple[int, ProposedCoding]]
    ) -> None:
        """Make one coding of the matches of a code in one clause."""
        segment_id, n = told.segment.segment_id, told.segment.n
        for of_code in _by_code(matches):
            category, code_id = self._matcher.keys[of_code[0].rule.key]
            for start, end, in_quote in _quotes(told.layout, of_code):
                start, end = told.view.original(start, end)
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
        """Give a short answer without subject the subjects of the question before it.

        One that only assents asserts what a question asked that yes or no can answer.
        """
        segment = case.segments[i]
        view = case.told(i).view
        assents = is_short_assent(view.plain)
        wanted = books if assents else self._inheriting & books
        wanted -= {match.rule.book for match in matches}
        if not wanted:
            return
        n_words = view.words_between(0, len(view.plain))
        if not 1 <= n_words <= SHORT_ANSWER_WORDS:
            return
        best: dict[int, Match] = {}
        question = case.told(i - 1)
        found = self._matcher.match(question.view, wanted)
        denied = case.told(i).is_short_denial
        if assents:
            found = [m for m in found if m.rule.book in self._inheriting or question.asks(m)]
        asked, _ = longest_standing(found, lambda match: question.fault_as_question(match, denied))
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


def _by_code(matches: Sequence[Match]) -> Iterable[Sequence[Match]]:
    if len(matches) == 1:
        return (matches,)
    by_key: dict[int, list[Match]] = {}
    for match in matches:
        by_key.setdefault(match.rule.key, []).append(match)
    return by_key.values()


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

    __slots__ = ("_names", "_people", "_told", "segments")

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self._told: dict[int, _Told] = {}
        self._people: list[People] = []
        self._names: dict[str, Person] | None = None

    def told(self, i: int, view: TextView | None = None) -> _Told:
        """Return segment `i` with its text as it is matched; `view` where there is one."""
        told = self._told.get(i)
        if told is None:
            view = view or TextView(self.segments[i].text)
            told = self._told[i] = _Told(self, i, view)
        return told

    def people(self, i: int) -> People:
        """Return who is named in segment `i`; pronouns may go back to earlier segments."""
        if self._names is None:
            self._names = named_people([self.told(j).layout for j in range(len(self.segments))])
        while len(self._people) <= i:
            told = self.told(len(self._people))
            before = self._people[-1].after if self._people else Referents()
            self._people.append(People(told.layout, told.segment, self._names, before))
        return self._people[i]


class _Told:
    """One segment of a case, and what speaks against the matches in it."""

    __slots__ = ("_case", "_i", "_judge", "_layout", "segment", "view")

    def __init__(self, case: _Case, i: int, view: TextView) -> None:
        self._case = case
        self._i = i
        self._judge: Judge | None = None
        self._layout: Layout | None = None
        self.segment = case.segments[i]
        self.view = view

    @property
    def layout(self) -> Layout:
        """The text's sentences and people."""
        if self._layout is None:
            self._layout = Layout(self.view)
        return self._layout

    @property
    def judge(self) -> Judge:
        """What checks matches against the words around them."""
        if self._judge is None:
            self._judge = Judge(self.layout, self.segment.role)
        return self._judge

    @property
    def is_short_denial(self) -> bool:
        """Whether the text does no more than deny."""
        return is_short_denial(self.view.plain)

    def fault(self, match: Match) -> Place | None:
        """Return where the words stand that speak against a match, or None."""
        rule = match.rule
        if rule.checks or rule.negation == "require":
            reason = self.judge.first_reason(match)
            if reason is not None:
                return reason.start, reason.end
        if rule.judged_for_denial and self._only_denies():
            return NO_PLACE
        if rule.about in _NAMED_IN_TEXT and not self._case.people(self._i).allows(match):
            return match.start, match.end
        if rule.category in DONE and done_by_another(self.layout, match, self.segment):
            return match.start, match.end
        return None

    def fault_as_question(self, match: Match, denied: bool) -> Place | None:
        """Return what keeps this question from giving its answer, denied or not, a subject."""
        if denied and match.rule.judged_for_denial:
            return NO_PLACE
        for reason in self.judge.reasons(match):
            if reason.check != "question":
                return reason.start, reason.end
        return None

    def asks(self, match: Match) -> bool:
        """Whether this text ends by asking whether a match is so."""
        start, end = self.view.sentence_bounds(len(self.view.sentence_ends) - 1)
        return start <= match.start and asks_whether(self.view.plain[start:end])

    def reasons(self, match: Match) -> tuple[Reason, ...]:
        """Return all that speaks against a match."""
        reasons = list(self.judge.reasons(match))
        view = self.view
        if match.rule.judged_for_denial and self._only_denies():
            reasons.append(Reason("negation", 0, len(view.plain)))
        if not self._case.people(self._i).allows(match) or done_by_another(
            self.layout, match, self.segment
        ):
            reasons.append(Reason("about", match.start, match.end))
        return tuple(
            Reason(reason.check, *view.original(reason.start, max(reason.end, reason.start + 1)))
            for reason in reasons
        )

    def _only_denies(self) -> bool:
        """Whether the segment is an answer that does no more than deny."""
        i = self._i
        asked = i > 0 and self._case.segments[i - 1].role == Role.INTERVIEWER
        return asked and self.is_short_denial


def _best_first(match: Match) -> tuple[float, int, int, str]:
    rule = match.rule
    return -rule.score, match.start - match.end, match.start, rule.rule_id


def _in_order(numbered: tuple[int, ProposedCoding]) -> tuple[int, int, int, str, str, str]:
    n, coding = numbered
    return n, coding.start, coding.end, coding.category, coding.code_id, coding.rule
