"""Long segments in stretches: people's words laid over what cues found, sentence by sentence.

parts of a segment with phases by cues, phases that people set -> sentences with the phase
that holds -> neighbours of one phase and one person joined to stretches
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from qualkit.errors import QualkitError
from qualkit.model import FoundPart, JourneySegment, Phase, PhasedSegment, SetPhase
from qualkit.store.phases import phase_at

Sentences = tuple[int, int]
"""First and last, from 1."""


def lay_over(
    segment: JourneySegment, parts: Sequence[FoundPart], standing: Sequence[SetPhase]
) -> list[PhasedSegment]:
    """Return a segment whole, or its sentences where it was read or set by sentence."""
    from qualkit.coding.phasestretches import tile

    if len(parts) == 1 and any(own.start is not None for own in standing):
        spans = tile(segment.text)
        parts = [FoundPart(*span, n, parts[0].found) for n, span in enumerate(spans, start=1)]
    units = []
    for part in parts:
        said = phase_at(standing, part.start, part.end)
        phase, by, margin, why = part.found.phase, "", part.found.margin, part.found.why
        if said is not None:
            units.append(PhasedSegment(segment, Phase(said.phase), said.coder, None, ""))
        else:
            units.append(PhasedSegment(segment, phase, by, margin, why))
        if len(parts) > 1:
            stretch = ((part.n, part.n), part.start, part.end)
            units[-1] = replace(units[-1], sentences=stretch[0], start=stretch[1], end=stretch[2])
    return units


def join(units: Iterable[PhasedSegment]) -> list[PhasedSegment]:
    """Return sentences of one phase and one person joined; a segment of only one is whole.

    The margin of a stretch is the least of its sentences', its reason the most frequent.
    """
    joined = []
    for _, group in groupby(units, key=lambda unit: unit.segment.segment_key):
        own = list(group)
        runs = [list(run) for _, run in groupby(own, key=lambda unit: (unit.phase, unit.by))]
        for run in runs:
            first, last = run[0], run[-1]
            if len(run) > 1:
                margins = [unit.margin for unit in run if unit.margin is not None]
                why = Counter(unit.why for unit in run).most_common(1)[0][0]
                first = replace(first, margin=min(margins, default=None), why=why, end=last.end)
            if len(runs) == 1:
                first = replace(first, sentences=None, start=0, end=0)
            elif first.sentences and last.sentences:
                first = replace(first, sentences=(first.sentences[0], last.sentences[1]))
            joined.append(first)
    return joined


def bounds(
    segment: JourneySegment, sentences: Sentences | None, where: str
) -> tuple[int | None, int | None]:
    """Return the offsets of sentences in their segment; None twice for the whole.

    Raises
    ------
    QualkitError
        The segment has no such sentences.
    """
    from qualkit.coding.phasestretches import tile

    if sentences is None:
        return None, None
    spans = tile(segment.text)
    first, last = sentences
    if not 1 <= first <= last <= len(spans):
        raise QualkitError(
            "the segment has no such sentences",
            where=where,
            found=f"{segment.case_id}, segment {segment.n}, sentences {first} to {last}",
            expected=f"1 to {len(spans)}",
        )
    return spans[first - 1][0], spans[last - 1][1]


def within(units: Sequence[PhasedSegment], sentences: Sentences | None) -> list[PhasedSegment]:
    """Return the units of a segment that these sentences are."""
    if sentences is None:
        return list(units)
    first, last = sentences
    return [u for u in units if u.sentences is None or first <= u.sentences[0] <= last]


def number_sentences(turn: PhasedSegment) -> str:
    """Return the words of a stretch with the number of each sentence before it, in brackets."""
    from qualkit.coding.phasestretches import tile

    if turn.sentences is None:
        return turn.text
    first, last = turn.sentences
    spans = tile(turn.segment.text)[first - 1 : last]
    return " ".join(
        f"[{n}] {turn.segment.text[start:end].strip()}"
        for n, (start, end) in enumerate(spans, start=first)
    )
