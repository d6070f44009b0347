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
    "tied by words: the two themes stand on the two sides of words such as because of, thanks to,"
    " without, so, that meant, in one sentence or the next, or, coded on the same words around"
    " such a word, something that helped and an outcome; told before: an activity or enabler is"
    " told in the same answer before an outcome, or in the answer before; neither shows a cause"
)
_BACKWARD = re.compile(
    r"\b(?:because(?: of)?|cos(?: of)?|'cause|thanks to|due to|down to|on account of|without|"
    r"as a result of|if it (?:wasn'?t|weren'?t|hadn'?t been|had not been) for)\b",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\b(?:so(?= (?:that |then |now )?(?:i|we|he|she|they|it|that|the|my|our|his|her|you|there|"
    r"nobody|everybody|everyone)\b)|that meant|which meant|meant (?:that|i|we|he|she|they)|"
    r"that'?s (?:why|how)|which is why|as a result(?! of)|therefore|"
    r"(?:and )?(?:that|which) (?:got|made|let|helped))\b",
    re.IGNORECASE,
)
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
    found: dict[tuple[bool, str, str, str, str], JourneyLink] = {}
    for link in (*_by_words(turns, by_segment), *_told_before(turns, by_segment)):
        pair = (link.from_category, link.from_name, link.to_category, link.to_name)
        key = (bool(link.words), *pair)
        if not link.words and (True, *pair) in found:
            continue
        there = found.get(key)
        found[key] = link if there is None else replace(there, times=there.times + 1)
    return sorted(
        found.values(), key=lambda link: (not link.words, -link.times, link.from_name, link.to_name)
    )


def _by_words(
    turns: Sequence[PhasedSegment], by_segment: Mapping[int, Sequence[JourneyCoding]]
) -> Iterator[JourneyLink]:
    for answer in _answers(turns):
        codings = by_segment.get(answer[0].segment.segment_key, ())
        if len(codings) < 2:
            continue
        seen = set()
        for words, cause, effect in find_sides(answer[0].segment.text):
            for one, other in permutations(codings, 2):
                pair = (one.category, one.code, other.category, other.code)
                if pair[:2] == pair[2:] or pair in seen:
                    continue
                if _tied(one, other, cause, effect):
                    seen.add(pair)
                    yield _link(words, answer, one, other)


def _tied(one: JourneyCoding, other: JourneyCoding, cause: Span, effect: Span) -> bool:
    """Whether a connective with these sides ties one coding to another."""
    if one.end <= other.start or other.end <= one.start:
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
            right_edge = hits[place + 1][0].start() if place + 1 < len(hits) else end
            left, right = (left_edge, hit.start()), (hit.end(), right_edge)
            if not place and _LEAD.fullmatch(plain, start, hit.start()):
                left = before
                comma = plain.find(",", hit.end(), right_edge)
                if not forward and comma >= 0:
                    left, right = (comma + 1, right_edge), (hit.end(), comma)
            cause, effect = (left, right) if forward else (right, left)
            yield hit.group().lower(), cause, effect
            left_edge = hit.end()


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _stands(coding: JourneyCoding, side: Span) -> bool:
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
