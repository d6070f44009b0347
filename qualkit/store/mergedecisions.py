"""Merging decisions: a person's later verdict stands, and the order in time is kept.

What decisions make of a coding hangs on which came last, and that is read from their
rows. A verdict that comes in must therefore stand before those that were given after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import chain, groupby
from operator import itemgetter
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
    " JOIN cases c ON c.id = s.case_key JOIN codes k ON k.id = d.code_key"
)
_Place = tuple[int, int, int, int, str, int]
"""Segment, code, start, end, coder, consensus."""
_Group = tuple[int, int]
"""Segment and code."""
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
    def order(self) -> tuple[str, bool, str, DecisionKey]:
        """Which of two of two projects counts as the later; at the same second, a rejection."""
        # One with a time of its own later than `since` came before the one of that time.
        return self.since, self.at == self.since, self.verdict, self.words

    @property
    def chains(self) -> tuple[str, ...]:
        """In which successions it stands: a person's verdicts, and what coders agreed on."""
        own = "by " + self.place[4]
        return (own, "agreed") if self.place[5] else (own,)

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
    first: dict[tuple[_Group, str], str] = {}
    for row in reversed(rows):
        decision = _decision(row)
        chains = [(decision.place[:2], own) for own in decision.chains]
        since = min([decision.at, *(first[own] for own in chains if own in first)])
        first |= dict.fromkeys(chains, since)
        found.append(replace(decision, since=since))
    return found[::-1]


def _latest(decisions: Sequence[_Decision]) -> dict[_Place, _Decision]:
    """Return by place what stands, in the order of rows: the last by one person holds."""
    found: dict[_Place, _Decision] = {}
    for decision in decisions:
        found.pop(decision.place, None)
        found[decision.place] = decision
    return found


def join_decisions(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Bring in people's verdicts; of two by one person on one stretch the later stands."""
    left = _find_taken_back(state, theirs)
    rows = state.other.each(f"{_DECISIONS} ORDER BY d.segment_key, d.id")
    for segment, group in groupby(rows, key=itemgetter(1)):
        there = list(_latest(_read(list(group))).values())
        own = state.segments.get(segment)
        if own is None:
            for decision in there:
                why = "its words do not stand here as they are"
                state.find(decision.finding("not placed", why))
            continue
        left.discard(own)
        _join_segment(state, own, there, ours, theirs)
    for own in sorted(left):
        _join_segment(state, own, [], ours, theirs)


def _find_taken_back(state: MergeState, theirs: LastWords) -> set[int]:
    """Return the segments here on which verdicts were taken back there."""
    places = {words[1:3] for words, word in theirs.decisions.items() if word.gone}
    sql = (
        "SELECT s.id FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.case_id = ? AND s.n = ?"
    )
    found = {key for place in places for (key,) in state.ours.execute(sql, place)}
    return found.intersection(state.segments.values())


def _join_segment(
    state: MergeState,
    segment: int,
    decisions: Sequence[_Decision],
    ours: LastWords,
    theirs: LastWords,
) -> None:
    """Join the verdicts there on the words of a segment here."""
    here = _latest(_fetch(state, segment))
    met: set[_Place] = set()
    there: dict[_Group, list[_Decision]] = defaultdict(list)
    for decision in decisions:
        place = (segment, state.codes[decision.place[1]], *decision.place[2:])
        met.add(place)
        own = here.get(place)
        if _comes(state, decision, own, ours):
            if own is not None:
                _delete(state, own, decision.at, decision.verdict)
                del here[place]
            there[place[:2]].append(replace(decision, key=0, place=place))
        elif own is not None and (own.at, own.verdict) == (decision.at, decision.verdict):
            there[place[:2]].append(replace(decision, key=own.key, place=place))
    for decision in [own for place, own in here.items() if place not in met]:
        word = theirs.decisions.get(decision.words)
        if word and took_back(word, decision.at):
            _delete(state, decision, word.at)
            del here[decision.place]
            state.find(decision.finding("taken back", "taken back there since"))
    for group, those in there.items():
        if not all(decision.key for decision in those):
            _lay(state, [own for own in here.values() if own.place[:2] == group], those)
    _find_disagreements(state, segment, met)


def _fetch(state: MergeState, segment: int) -> list[_Decision]:
    sql = f"{_DECISIONS} WHERE d.segment_key = ? ORDER BY d.id"
    return _read(state.ours.execute(sql, (segment,)).fetchall())


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
        # Later: said anew there, perhaps since something else had overruled it.
        return later
    why = _WHY_SAME.format(coder=own.place[4], here=own.verdict, there=decision.verdict)
    state.find(decision.finding("contradictory", why))
    if later:
        tally.new += 1
    else:
        tally.same += 1
    return later


def _delete(state: MergeState, decision: _Decision, at: str, verdict: str = "") -> None:
    """Take a decision out, which was taken back at that time, or replaced by a verdict."""
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
    state.tell(state.person(coder), at, line)
    if verdict:
        state.tell(
            state.person(coder),
            at,
            replace(line, action="decide", verdict=verdict, about_key=None),
        )
    state.touched.add((segment, code))


# --- the order in time -----------------------------------------------------------------------


def _lay(state: MergeState, here: Sequence[_Decision], there: Sequence[_Decision]) -> None:
    """Put decisions among those here on the same segment and code.

    They come last where nothing hangs on the order. Otherwise all stand in the order of
    time, and those here that were taken later get new rows, after them.
    """
    laid = _interleave(here, there)
    overruled = {own for decision in here for own in decision.chains}
    since: set[str] = set()
    hangs = False
    for decision in laid:
        if not decision.key:
            since |= overruled.intersection(decision.chains)
        else:
            hangs = hangs or not since.isdisjoint(decision.chains)
    if not hangs:
        laid = [*here, *(decision for decision in laid if not decision.key)]
    first, last = 0, 0
    while laid[first].key > last:
        first, last = first + 1, laid[first].key
    anew = laid[first:]
    state.ours.executemany("DELETE FROM decisions WHERE id = ?", [(d.key,) for d in anew if d.key])
    state.ours.executemany(
        "INSERT INTO decisions (segment_key, code_key, start_char, end_char, coder_key,"
        " consensus, verdict, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*d.place[:4], state.person(d.place[4]), d.place[5], d.verdict, d.at) for d in anew],
    )
    state.touched.add(laid[first].place[:2])


def _interleave(here: Sequence[_Decision], there: Sequence[_Decision]) -> list[_Decision]:
    """Return the decisions of both in the order of time, the same whichever is `here`.

    Each succession keeps the order that it has in either project: within a second only
    the rows tell.
    """
    nodes = {decision.place: decision for decision in there}
    for own in here:
        other = nodes.get(own.place)
        nodes[own.place] = replace(own, since=min(own.since, other.since)) if other else own
    follow = _successions(here), _successions(there)
    waits = dict.fromkeys(nodes, 0)
    for later in chain.from_iterable(chain.from_iterable(own.values()) for own in follow):
        waits[later] += 1
    free = [(nodes[place].order, place) for place, n in waits.items() if not n]
    heapify(free)
    laid: list[_Decision] = []
    while waits:
        # Where the two tell opposite orders of the same, the earlier by its own time.
        place = heappop(free)[1] if free else min(waits, key=lambda place: nodes[place].order)
        del waits[place]
        laid.append(nodes[place])
        for later in (*follow[0][place], *follow[1][place]):
            if later in waits:
                waits[later] -= 1
                if not waits[later]:
                    heappush(free, (nodes[later].order, later))
    return laid


def _successions(decisions: Sequence[_Decision]) -> dict[_Place, list[_Place]]:
    """Return which decisions come next after each one in the successions that it stands in."""
    follow: dict[_Place, list[_Place]] = defaultdict(list)
    before: dict[str, _Place] = {}
    for decision in decisions:
        for succession in decision.chains:
            if succession in before:
                follow[before[succession]].append(decision.place)
            before[succession] = decision.place
    return follow


# --- who disagrees ---------------------------------------------------------------------------


def _find_disagreements(state: MergeState, segment: int, met: set[_Place]) -> None:
    """List the stretches on which people disagree, among those that the other project decides."""
    decisions: dict[_Group, list[_Decision]] = defaultdict(list)
    for decision in _fetch(state, segment):
        decisions[decision.place[:2]].append(decision)
    for group in sorted({place[:2] for place in met}):
        if len({decision.verdict for decision in decisions[group]}) < 2:
            continue
        spans = {place[2:4] for place in met if place[:2] == group}
        # Verdicts on words of their own can disagree on a coding that touches both.
        spans.update(
            state.ours.execute(
                "SELECT start_char, end_char FROM codings WHERE segment_key = ? AND code_key = ?"
                " AND coder_key = ?",
                (*group, MACHINE_KEY),
            )
        )
        for span in sorted(spans):
            _find_disagreement(state, decisions[group], span)


def _find_disagreement(
    state: MergeState, decisions: Sequence[_Decision], span: tuple[int, int]
) -> None:
    start, end = span
    verdicts = [
        Verdict(*d.place[2:4], state.person(d.place[4]), d.verdict, d.place[5]) for d in decisions
    ]
    if resolve(verdicts, span)[1]:
        touching = [d for d in decisions if d.place[2] < end and start < d.place[3]]
        latest = {d.place[4]: d.verdict for d in touching}
        why = ", ".join(f"{coder}: {verdict}" for coder, verdict in sorted(latest.items()))
        _, case_id, n, category, name, *_ = decisions[0].words
        code = f"{category}.{name}"
        state.find(
            Finding("decisions", "contradictory", why, case_id, n, code, start=start, end=end)
        )
