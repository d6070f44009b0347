"""Merging what was taken back of work that is not here: a third project may still hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from qualkit.store.history import Line
from qualkit.store.lastwords import LastWords, Word
from qualkit.store.mergestate import MergeState

_LINE = (
    "SELECT h.action, h.case_key, h.segment_key, h.code_key, h.start_char, h.end_char, h.about_key,"
    " h.guid, h.verdict, h.consensus, p.name FROM history h JOIN coders p ON p.id = h.coder_key"
    " WHERE h.id = ?"
)
_STANDS = {
    "remove": "SELECT 1 FROM codings WHERE guid = ?",
    "unmemo": "SELECT 1 FROM memos WHERE guid = ?",
    "retract": (
        "SELECT 1 FROM decisions WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND consensus = ? AND coder_key = ?"
    ),
    "reopen": (
        "SELECT 1 FROM done_cases WHERE codebook_key = ? AND case_key = ? AND coder_key = ?"
    ),
}


def carry_taken_back(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Have the history tell what was taken back there, later than anything it tells here."""
    told = {(who, _thing(line)) for who, lines in state.lines.items() for _, line in lines}
    for word in (
        *_unknown(ours.codings, theirs.codings),
        *_unknown(ours.memos, theirs.memos),
        *_unknown(ours.decisions, theirs.decisions),
        *_unknown(ours.done, theirs.done),
    ):
        for *values, coder in state.other.rows(_LINE, word.line):
            line = _place(state, Line(*values))
            if line is None:
                continue
            who, thing = state.person(coder), _thing(line)
            values = thing if line.guid else (*thing, who)
            stands = state.ours.execute(_STANDS[line.action], values).fetchone()
            if not stands and (who, thing) not in told:
                state.tell(who, word.at, line)


def _unknown(ours: Mapping[Any, Word], theirs: Mapping[Any, Word]) -> Iterable[Word]:
    for key, word in theirs.items():
        if word.gone and (key not in ours or ours[key].at < word.at):
            yield word


def _place(state: MergeState, line: Line) -> Line | None:
    """Return a line there with the rows here; None where they say nothing here."""
    case = state.cases.get(line.case_key or 0)
    segment = state.segments.get(line.segment_key or 0)
    code = state.codes.get(line.code_key or 0)
    if line.action in ("remove", "unmemo"):
        about = None
    elif line.action == "retract":
        about = None
        if segment is None or code is None:
            return None
    else:
        about = state.books.get(line.about_key or 0)
        if about is None or line.case_key not in state.whole:
            return None
    return replace(line, case_key=case, segment_key=segment, code_key=code, about_key=about)


def _thing(line: Line) -> tuple[object, ...]:
    """Return what a line takes back: a guid or a place, in the order of `_STANDS`."""
    if line.guid:
        return (line.guid,)
    if line.about_key is not None and line.segment_key is None:
        return line.about_key, line.case_key
    return line.segment_key, line.code_key, line.start, line.end, line.consensus
