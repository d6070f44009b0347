"""Phases within long texts: a story that stands in one cell is read sentence by sentence.

turns -> the long ones cut into sentences -> the cues and order of `coding.phases` over all
of them -> for each turn its parts, each with offsets, sentence number and phase

A long turn is one of more than `MOST_SENTENCES` sentences, or the only turn of its telling
with `LEAST_SENTENCES` or more. Everything else has one part: the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qualkit.coding.passages import Span, sentences
from qualkit.coding.phasecues import load_cues
from qualkit.coding.phases import find_phases
from qualkit.model import FoundPart, PhaseTurn

MOST_SENTENCES = 8
"""So many a spoken turn may have and be of one phase."""
LEAST_SENTENCES = 3


def find_parts(turns: Sequence[PhaseTurn]) -> list[list[FoundPart]]:
    """Return the parts of each turn of one telling, in order, with their phases.

    The parts of a turn tile its text: each begins where the one before it ends, white space
    with the part before. A part of number 0 is a whole turn that was not cut.
    """
    cut = [_cut(turn, alone=len(turns) == 1) for turn in turns]
    units = []
    for turn, spans in zip(turns, cut, strict=True):
        if len(spans) == 1:
            units.append(turn)
            continue
        # A column's name that says no phase, or the only column's ("what changed"), must not
        # pass for a form that asks by phase.
        label = turn.label if len(turns) > 1 and _tells_phase(turn.label) else ""
        units += [replace(turn, text=turn.text[a:b], label=label) for a, b in spans]
    found = iter(find_phases(units, _begins(cut)))
    return [
        [
            FoundPart(start, end, number if len(spans) > 1 else 0, next(found))
            for number, (start, end) in enumerate(spans, start=1)
        ]
        for spans in cut
    ]


def tile(text: str) -> list[Span]:
    """Return the sentences of a text, each up to the next; the whole where there is but one."""
    found = sentences(text)
    starts = [0, *(start for start, _ in found[1:])]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _cut(turn: PhaseTurn, *, alone: bool) -> list[Span]:
    spans = tile(turn.text)
    long = len(spans) > MOST_SENTENCES or (alone and len(spans) >= LEAST_SENTENCES)
    return spans if long and not turn.asks else [(0, len(turn.text))]


def _tells_phase(label: str) -> bool:
    return any(pattern.search(label) for _, _, pattern in load_cues().sorts["form"])


def _begins(cut: Sequence[Sequence[Span]]) -> list[bool]:
    """Return for each unit whether a turn begins with it."""
    return [number == 0 for spans in cut for number in range(len(spans))]
