"""What the telling ties to what: themes on the two sides of "because of", "so", "without".

The words of a participant are taken as she put them: that she says "because of" makes no
cause. Weaker still, and kept apart: something that helped is told, then what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, permutations

from qualkit.model import JourneyCoding, JourneyLink, PhasedSegment

LINK_RULE = (
    "tied by words: a theme stands in the clause on one side of words such as because of, thanks"
    " to, so, which meant, and on the other side another theme, or words that are not coded;"
    " without and until only where would, could or not is said; of two themes on the same words,"
    " marked by a person around such a word, something that helped and an outcome; told before:"
    " an activity or enabler is told in the same answer before an outcome, or in the answer"
    " before; neither shows a cause"
)
_BACKWARD = re.compile(
    r"\b(?:because(?: of)?|cos(?: of)?|'cause|thanks to|due to|owing to|down to|on account of|"
    r"without|as a result of|until|ever since|only (?:when|once|after|because)|"
    r"if it (?:wasn'?t|weren'?t|hadn'?t been|had not been) for)\b",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\b(?:so that\b|so(?= (?:then |now )?(?:i|we|he|she|they|it|that|the|my|our|his|her|you|there|"
    r"nobody|everybody|everyone)\b)|meant (?:that|i|we|he|she|they)|meaning that|"
    r"that'?s (?:why|how|when)|which is (?:why|when)|as a result(?! of)|therefore|led to|"
    r"resulted in|(?:and )?(?:this|that|which) (?:has |have |had )?(?:got|made|let|helped|meant|"
    r"gave|given|enabled|allowed|led to|resulted in)(?: that)?)\b",
    re.IGNORECASE,
)
_AT_TIMES = ("without", "until", "down to")
"""What ties only at times, and so bounds no other tie."""
_UNREAL = re.compile(
    r"(?:n't|'d)\b|\b(?:would|could|might|not|never|no|nobody|nothing|none|cannot)\b", re.IGNORECASE
)
"""What must stand in the other clause for without and until to tie."""
_DOWN_TO = re.compile(r"(?:\b(?:is|was|all|it|be)|'s)\s+$", re.IGNORECASE)
"""What must stand before down to."""
_TIMELY = re.compile(r"(?:until|ever since|without|only (?:when|once|after)|.*\bwhen$)")
"""What ties two themes, but too loosely to tie one to words that nobody coded."""
_CLAUSE = re.compile(
    r"[,;:()\u2013\u2014]|\s-\s|\bbut\b|\band (?=(?:then )?(?:i|we|he|she|they)\b)", re.IGNORECASE
)
_JOINED = re.compile(r"\b(?:and|but)\s*$", re.IGNORECASE)
_FEWEST_WORDS = 3
"""So many words make a clause; a shorter piece goes with the next."""
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")
_LEAD = re.compile(
    r"\W*(?:(?:and|but|well|oh|yeah|yes|no|um|erm|then|just|only|mainly|mostly|maybe|honestly|"
    r"basically|really|it'?s|it was|that'?s|that was|this is|all)\W+)*",
    re.IGNORECASE,
)
"""Words before a connective that still let it begin its sentence."""
_WITHIN = 0.6
"""Of a coding's words, how much must stand on a side."""
_HELPED = ("activity", "enabler")
Span = tuple[int, int]


def find_links(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> list[JourneyLink]:
    """Return the ties, those by words first, each pair of themes once with its first place."""
    found: dict[tuple[bool, str, str, str, str, str], JourneyLink] = {}
    for link in (*_by_words(turns, by_segment), *_told_before(turns, by_segment)):
        pair = (link.from_category, link.from_name, link.to_category, link.to_name)
        # Words that are not coded are never twice the same.
        whose = "" if link.from_name and link.to_name else link.from_quote + link.to_quote
        key = (bool(link.words), *pair, whose)
        if not link.words and (True, *pair, "") in found:
            continue
        there = found.get(key)
        found[key] = link if there is None else replace(there, times=there.times + 1)
    return sorted(
        found.values(),
        key=lambda link: (
            not link.words,
            not (link.from_name and link.to_name),
            -link.times,
            link.from_name,
            link.to_name,
        ),
    )


def _by_words(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> Iterator[JourneyLink]:
    for answer in _answers(turns):
        segment = answer[0].segment
        codings = by_segment.get(segment.segment_key, ())
        if not codings or segment.role == "interviewer":
            continue
        seen: set[tuple[str, str, str, str]] = set()
        for words, cause, effect in find_sides(segment.text):
            before = len(seen)
            for one, other in permutations(codings, 2):
                pair = (one.category, one.code, other.category, other.code)
                if pair[:2] == pair[2:] or pair in seen or other.category == "agency":
                    continue
                if _tied(one, other, cause, effect):
                    seen.add(pair)
                    yield _link(words, answer, one, other)
            if len(seen) == before and not _TIMELY.match(words):
                yield from _one_sided(words, answer, codings, cause, effect)


def _one_sided(
    words: str,
    answer: Sequence[PhasedSegment],
    codings: Sequence[JourneyCoding],
    cause: Span,
    effect: Span,
) -> Iterator[JourneyLink]:
    """Yield ties of a theme in one clause to the words of the other, where nothing is coded."""
    text = answer[0].segment.text
    for side, opposite, forth in ((cause, effect, True), (effect, cause, False)):
        plain = _plain(text, opposite)
        if plain is None or any(
            _stands(own, opposite) or (_touches(own, opposite) and not _touches(own, side))
            for own in codings
        ):
            continue
        first = {
            (own.category, own.code): own
            for own in reversed(codings)
            if own.category != "agency" and _stands(own, side)
        }
        for own in first.values():
            yield _link(words, answer, *((own, plain) if forth else (plain, own)))


def _plain(text: str, side: Span) -> JourneyCoding | None:
    """Return words that nobody coded, as one end of a tie; None for a mere scrap."""
    said = text[slice(*side)].strip(" ,;:.?!\n\u2013\u2014-")
    if len(said.split()) < _FEWEST_WORDS:
        return None
    return JourneyCoding(0, "", "", "", *side, said, "")


def _tied(one: JourneyCoding, other: JourneyCoding, cause: Span, effect: Span) -> bool:
    """Whether a connective with these sides ties one coding to another."""
    apart = one.end <= other.start or other.end <= one.start
    if apart or one.cores or other.cores:
        return _stands(one, cause) and _stands(other, effect)
    # Of two themes on the same words neither hangs on the other, but for help and outcome.
    if one.category not in _HELPED or other.category != "outcome":
        return False
    return all(
        (_touches(coding, cause) and _touches(coding, effect)) or _stands(coding, side)
        for coding, side in ((one, cause), (other, effect))
    )


def find_sides(text: str) -> Iterator[tuple[str, Span, Span]]:
    """Yield each connective of a text in lower case, with the span of cause and of effect."""
    plain = text.replace("\u2019", "'")
    sentences = list(_sentences(plain))
    for number, (start, end) in enumerate(sentences):
        before = sentences[number - 1] if number else (start, start)
        hits = [(m, False) for m in _BACKWARD.finditer(plain, start, end)]
        hits += [(m, True) for m in _FORWARD.finditer(plain, start, end)]
        hits.sort(key=lambda hit: hit[0].start())
        left_edge = start
        for place, (hit, forward) in enumerate(hits):
            others = (
                own.start() for own, _ in hits[place + 1 :] if own[0].lower() not in _AT_TIMES
            )
            right_edge = next(others, end)
            left, right = (left_edge, hit.start()), (hit.end(), right_edge)
            leads = not place and _LEAD.fullmatch(plain, start, hit.start())
            joined = not forward and _JOINED.search(plain[left_edge : hit.start()])
            if hit[0].lower() not in _AT_TIMES:
                left_edge = hit.end()
            if leads or joined:
                comma = plain.find(",", hit.end(), right_edge)
                if not forward and comma >= 0:
                    left, right = (comma + 1, right_edge), (hit.end(), comma)
                elif joined:
                    # "and because I am calm they are": where the cause ends is not to be seen.
                    continue
                else:
                    left, right = before, _next_clause(plain, *right)
            else:
                left, right = _last_clause(plain, *left), _next_clause(plain, *right)
            cause, effect = (left, right) if forward else (right, left)
            if not _means_it(plain, hit, effect):
                continue
            yield hit.group().lower(), cause, effect


def _means_it(text: str, hit: re.Match[str], effect: Span) -> bool:
    """Whether a word that ties only at times does so here."""
    word = hit.group().lower()
    if word in _AT_TIMES[:2]:
        return _UNREAL.search(text, *effect) is not None
    if word == "down to":
        return _DOWN_TO.search(text[: hit.start()]) is not None
    return True


def _last_clause(text: str, start: int, end: int) -> Span:
    """Return the clause that ends a stretch."""
    for mark in reversed(list(_CLAUSE.finditer(text, start, end))):
        if len(text[mark.end() : end].split()) >= _FEWEST_WORDS:
            return mark.end(), end
    return start, end


def _next_clause(text: str, start: int, end: int) -> Span:
    """Return the clause that begins a stretch."""
    for mark in _CLAUSE.finditer(text, start, end):
        if len(text[start : mark.start()].split()) >= _FEWEST_WORDS:
            return start, mark.start()
    return start, end


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _stands(coding: JourneyCoding, side: Span) -> bool:
    """Whether most of a coding stands on a side, and all words that a rule found on none else."""
    if coding.cores:
        return all(side[0] <= start and end <= side[1] for start, end in coding.cores)
    common = min(coding.end, side[1]) - max(coding.start, side[0])
    return common > 0 and common >= _WITHIN * (coding.end - coding.start)


def _touches(coding: JourneyCoding, side: Span) -> bool:
    return min(coding.end, side[1]) > max(coding.start, side[0])


def _told_before(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> Iterator[JourneyLink]:
    before: PhasedSegment | None = None
    for answer in _answers(turns):
        turn = answer[0]
        if turn.segment.role == "interviewer":
            continue
        if before is not None and before.segment.case_id != turn.segment.case_id:
            before = None
        earlier = by_segment.get(before.segment.segment_key, ()) if before else ()
        own = by_segment.get(turn.segment.segment_key, ())
        seen = set()
        for other in own:
            if other.category != "outcome":
                continue
            for one in (*earlier, *(c for c in own if c.end <= other.start)):
                pair = (one.category, one.code, other.code)
                if one.category in _HELPED and pair not in seen:
                    seen.add(pair)
                    yield _link("", answer, one, other)
        before = turn


def _answers(turns: Sequence[PhasedSegment]) -> Iterator[list[PhasedSegment]]:
    """Yield segments whole, each as its stretches."""
    for _, stretches in groupby(turns, key=lambda turn: turn.segment.segment_key):
        yield list(stretches)


def _link(
    words: str, answer: Sequence[PhasedSegment], one: JourneyCoding, other: JourneyCoding
) -> JourneyLink:
    """Return a tie, at the phase in which what it leads to is told."""
    turn = next((own for own in answer if own.holds(other)), answer[0])
    return JourneyLink(
        words,
        turn.phase,
        *(one.category, one.name),
        *(other.category, other.name),
        *(turn.segment.case_id, turn.segment.n),
        *(one.quote, other.quote),
    )
