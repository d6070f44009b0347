"""Merging decisions: a person's later verdict stands, and the order in time is kept.

What decisions make of a coding hangs on which came last, and that is read from their
rows. A verdict that comes in must therefore stand before those that were given after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any

from qualkit.store.codings import Verdict, resolve
from qualkit.store.lastwords import DecisionKey, LastWords, took_back
from qualkit.store.mergestate import Finding, MergeState
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.stretches import Stretch, make_line

_DECISIONS = (
    "SELECT d.id, d.segment_key, d.code_key, d.start_char, d.end_char, p.name, d.consensus,"
    " d.verdict, d.decided_at, s.case_key, c.case_id, s.n, k.category, k.code"
    " FROM decisions d JOIN coders p ON p.id = d.coder_key JOIN segments s ON s.id = d.segment_key"
    " JOIN cases c ON c.id = s.case_key JOIN codes k ON k.id = d.code_key ORDER BY d.id"
)
_Place = tuple[int, int, int, int, str, int]
"""Segment, code, start, end, coder, consensus."""
_WHY_SAME = "{coder}: {here} here, {there} there; the later one stands"


@dataclass(frozen=True, slots=True)
class _Decision:
    """A decision: its row, where it stands (rows of its own project), and its words.

    `since` is when it was taken as its row tells: one that was taken back and done again
    has a new time but its old row, and what followed that row still overrules it.
    """

    key: int
    place: _Place
    verdict: str
    at: str
    case: int
    words: DecisionKey
    since: str = ""

    @property
    def order(self) -> tuple[str, str]:
        """Which of two counts as the later; at the same second, a rejection."""
        return self.since, self.verdict

    def finding(self, came_to: str, why: str) -> Finding:
        coder, case_id, n, category, code, start, end, _ = self.words
        return Finding(
            "decisions", came_to, why, case_id, n, f"{category}.{code}", start, end, coder
        )


def _decision(row: Any) -> _Decision:
    key, segment, code, start, end, coder, consensus, verdict, at, case = row[:10]
    case_id, n, category, name = row[10:]
    return _Decision(
        key,
        (segment, code, start, end, coder, consensus),
        verdict,
        at,
        case,
        (coder, case_id, n, category, name, start, end, consensus),
    )


def _read(rows: Sequence[Any]) -> list[_Decision]:
    """Return decisions of a project, in the order of their rows."""
    found = []
    first: dict[tuple[int, int], str] = {}
    for row in reversed(rows):
        decision = _decision(row)
        group = decision.place[:2]
        first[group] = min(decision.at, first.get(group, decision.at))
        found.append(replace(decision, since=first[group]))
    return found[::-1]


def join_decisions(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Bring in people's verdicts; of two by one person on one stretch the later stands."""
    # Of several by one person on the very stretch the last holds.
    here = {d.place: d for d in _read(state.ours.execute(_DECISIONS).fetchall())}
    there = {d.place: d for d in _read(state.other.rows(_DECISIONS))}
    met: set[_Place] = set()
    new: dict[tuple[int, int], list[_Decision]] = defaultdict(list)
    for decision in there.values():
        segment, code, start, end, coder, consensus = decision.place
        if segment not in state.segments:
            why = "its words do not stand here as they are"
            state.find(decision.finding("not placed", why))
            continue
        place = (state.segments[segment], state.codes[code], start, end, coder, consensus)
        met.add(place)
        if _comes(state, decision, here.get(place), ours):
            new[place[:2]].append(replace(decision, key=0, place=place))
    known = set(state.segments.values())
    for place, decision in here.items():
        if place[0] in known and place not in met:
            word = theirs.decisions.get(decision.words)
            if took_back(word, decision.at):
                _delete(state, decision)
                state.find(decision.finding("taken back", "taken back there since"))
    standing: dict[tuple[int, int], list[_Decision]] = defaultdict(list)
    for decision in _read(state.ours.execute(_DECISIONS).fetchall()):
        standing[decision.place[:2]].append(decision)
    for group, decisions in new.items():
        _lay(state, standing[group], sorted(decisions, key=lambda d: d.order))
    _find_disagreements(state, met)


def _comes(state: MergeState, decision: _Decision, own: _Decision | None, ours: LastWords) -> bool:
    """Say whether a verdict comes in; one of the same person here makes way if it is earlier."""
    tally = state.tallies["decisions"]
    if own is None:
        if took_back(ours.decisions.get(decision.words), decision.at):
            state.find(decision.finding("taken back", "taken back here since"))
            return False
        tally.new += 1
        return True
    later = (decision.at, decision.verdict) > (own.at, own.verdict)
    if own.verdict == decision.verdict:
        tally.same += 1
        if later:
            # Said anew there, perhaps since something else had overruled it.
            _delete(state, own)
        return later
    why = _WHY_SAME.format(coder=own.place[4], here=own.verdict, there=decision.verdict)
    state.find(decision.finding("contradictory", why))
    if not later:
        tally.same += 1
        return False
    tally.new += 1
    _delete(state, own)
    return True


def _delete(state: MergeState, decision: _Decision) -> None:
    segment, code, start, end, coder, consensus = decision.place
    state.ours.execute(
        "DELETE FROM decisions WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? AND consensus = ? AND coder_key = ?",
        (segment, code, start, end, consensus, state.person(coder)),
    )
    line = make_line(
        "retract",
        Stretch(decision.case, segment, code, start, end),
        verdict=decision.verdict,
        consensus=consensus,
        about_key=decision.key,
    )
    state.lines[state.person(coder)].append(line)
    state.touched.add((segment, code))


# --- the order in time -----------------------------------------------------------------------


def _lay(state: MergeState, standing: Sequence[_Decision], decisions: Sequence[_Decision]) -> None:
    """Put decisions among those here on the same segment and code.

    They come last where nothing hangs on the order. Otherwise all stand in the order of
    time, and those here that were taken later get new rows, after them.
    """
    first, laid = len(standing), [*standing, *decisions]
    if any(_hangs(decision, later) for decision in decisions for later in standing):
        laid = list(merge(standing, decisions, key=lambda own: own.order))
        first = next(i for i, own in enumerate(laid) if not own.key)
    anew = laid[first:]
    state.ours.executemany("DELETE FROM decisions WHERE id = ?", [(d.key,) for d in anew if d.key])
    state.ours.executemany(
        "INSERT INTO decisions (segment_key, code_key, start_char, end_char, coder_key,"
        " consensus, verdict, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*d.place[:4], state.person(d.place[4]), d.place[5], d.verdict, d.at) for d in anew],
    )
    state.touched.add(decisions[0].place[:2])


def _hangs(decision: _Decision, later: _Decision) -> bool:
    """Say whether a decision was taken before another that may overrule it.

    Also where the two share no word: one coding can touch both.
    """
    same_person = decision.place[4] == later.place[4]
    agreed = decision.place[5] and later.place[5]
    return bool((same_person or agreed) and decision.order < later.order)


# --- who disagrees ---------------------------------------------------------------------------


def _find_disagreements(state: MergeState, met: set[_Place]) -> None:
    """List the stretches on which people disagree, among those that the other project decides."""
    groups = {place[:2] for place in met}
    decisions: dict[tuple[int, int], list[_Decision]] = defaultdict(list)
    for row in state.ours.execute(_DECISIONS).fetchall():
        if row[1:3] in groups:
            decisions[row[1:3]].append(_decision(row))
    spans = {place[:4] for place in met}
    # Verdicts on words of their own can disagree on a coding that touches both.
    spans |= {
        row
        for row in state.ours.execute(
            "SELECT segment_key, code_key, start_char, end_char FROM codings WHERE coder_key = ?",
            (MACHINE_KEY,),
        )
        if row[:2] in groups
    }
    for segment, code, start, end in sorted(spans):
        own = decisions[segment, code]
        verdicts = [
            Verdict(d.place[2], d.place[3], state.person(d.place[4]), d.verdict, d.place[5])
            for d in own
        ]
        if not resolve(verdicts, (start, end))[1]:
            continue
        latest = {d.place[4]: d.verdict for d in own if d.place[2] < end and start < d.place[3]}
        why = ", ".join(f"{coder}: {verdict}" for coder, verdict in sorted(latest.items()))
        _, case_id, n, category, name, *_ = own[0].words
        state.find(
            Finding("decisions", "contradictory", why, case_id, n, f"{category}.{name}", start, end)
        )
