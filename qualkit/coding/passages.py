"""What the learned layer reads: the sentences of a segment, with what was asked before.

segments of a case -> passages: question, text, the stretches to be judged
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from qualkit.coding.view import TextView
from qualkit.model import Role, Segment

Span: TypeAlias = tuple[int, int]

LONGEST_QUESTION = 300
"""Characters; of a longer one the end is read, where the question usually stands."""
LEAST_SHARED = 0.3
"""A coding stands in each sentence that holds this share of it, or is held by it so far."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One segment as the learned layer reads it.

    Attributes
    ----------
    question : str
        What was asked: the interviewer's turn before, or the form's column.
    text : str
        The segment's text.
    spans : tuple of Span
        The stretches to be judged, offsets in `text`, in order.
    role : str
        Who speaks.
    segment_id : int
        The segment's row; 0 for texts that are in no project.
    """

    question: str
    text: str
    spans: tuple[Span, ...]
    role: str = ""
    segment_id: int = 0

    def stretch(self, number: int) -> str:
        """Return the words of one stretch."""
        start, end = self.spans[number]
        return self.text[start:end]


def sentences(text: str) -> tuple[Span, ...]:
    """Return where the sentences of a text stand, white space left out; none of a blank text."""
    view = TextView(text)
    found = []
    start = 0
    for end in view.sentence_ends:
        stretch = view.plain[start:end]
        lead = len(stretch) - len(stretch.lstrip())
        inner = stretch.strip()
        if any(map(str.isalnum, inner)):
            found.append(view.original(start + lead, start + lead + len(inner)))
        start = end
    return tuple(found)


def read_passages(
    segments: Sequence[Segment], *, whole: bool = False, covered: frozenset[int] | None = None
) -> Iterator[Passage]:
    """Yield the passages of one case, in order; interviewers' turns are only questions.

    Parameters
    ----------
    segments : sequence of Segment
        All segments of the case.
    whole : bool
        Judge each segment as a whole, not by sentence.
    covered : frozenset of int, optional
        Rows of the segments to yield; all if left out.
    """
    asked = ""
    for segment in segments:
        if segment.role == Role.INTERVIEWER:
            asked = segment.text
            continue
        question, asked = asked or segment.label, ""
        if covered is not None and segment.segment_id not in covered:
            continue
        spans: tuple[Span, ...] = sentences(segment.text)
        if not spans:
            continue
        if whole:
            spans = ((spans[0][0], spans[-1][1]),)
        yield Passage(
            question[-LONGEST_QUESTION:], segment.text, spans, segment.role, segment.segment_id
        )


def sentences_of(start: int, end: int, spans: Sequence[Span]) -> list[int]:
    """Return which of the stretches a coding from `start` to `end` stands in; at least one.

    A stretch counts where it shares three tenths of the coding's characters or of its
    own; if none does, the one that shares most.
    """
    shares = []
    for own_start, own_end in spans:
        common = min(end, own_end) - max(start, own_start)
        shares.append(common / max(1, min(end - start, own_end - own_start)) if common > 0 else 0.0)
    found = [i for i, share in enumerate(shares) if share >= LEAST_SHARED]
    if found or not shares:
        return found
    return [max(range(len(shares)), key=shares.__getitem__)]
