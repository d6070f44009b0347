"""Phases of a story: each turn scored by cues, then the likeliest order of phases over all.

turns -> cues of the form, of dates, of the question, of the answer and its tense -> scores
-> the best path through the phases (Viterbi 1967): a story mostly moves forward; going
back costs more, and within one question and its answer any change costs more.

What was coded in the texts is no cue: that barriers lie before and outcomes after is for
the journey to find, not to assume.
"""

from __future__ import annotations

from collections.abc import Sequence

from qualkit.coding.phasecues import Entries, load_cues
from qualkit.model import FoundPhase, Phase, PhaseTurn

_STATES = tuple(Phase)
_N = len(_STATES)
_NONE = _STATES.index(Phase.NONE)
_DATED = 3.0
"""What a date counts for."""
_CARRIED = 0.7
"""What the cues of a question count for in its answers."""
_MOST = 4.0
"""Of one sort of cue, the most that a turn's phase can have."""
_TENSE = 1.4
_PLACE = 0.8
_WHERE = {
    Phase.BEFORE: (0.15, 0.22),
    Phase.REFERRAL: (0.25, 0.18),
    Phase.DURING: (0.5, 0.25),
    Phase.ENDING: (0.85, 0.15),
    Phase.AFTER: (0.9, 0.28),
    Phase.NONE: (0.0, 0.05),
}
"""Where in a telling a phase is expected, 0 to 1, and how far about it."""
_FIRST = {
    Phase.BEFORE: 0.0,
    Phase.REFERRAL: 0.5,
    Phase.DURING: 1.5,
    Phase.ENDING: 3.0,
    Phase.AFTER: 2.0,
    Phase.NONE: 0.5,
}
"""What it costs to begin with a phase."""
_WITHIN = 1.8
"""How much more a change costs within a question and its answer."""


def find_phases(
    turns: Sequence[PhaseTurn], begins: Sequence[bool] | None = None
) -> list[FoundPhase]:
    """Return the phase of each turn of one telling, in the order in which it was told.

    Ties go to the earlier phase. No turns, no phases.

    Parameters
    ----------
    turns : sequence of PhaseTurn
        Turns, or the sentences of a long one.
    begins : sequence of bool, optional
        Whether a turn begins there; all do if left out. Between sentences of one turn any
        change of phase costs what it costs between a question and its answer.

    References
    ----------
    Viterbi (1967), Error bounds for convolutional codes.
    """
    if not turns:
        return []
    sorts = _score(turns)
    scores = [[sum(own[state] for own in turn.values()) for state in range(_N)] for turn in sorts]
    opens = [turn.asks or bool(turn.label) for turn in turns]
    if begins is not None:
        opens = [own and new for own, new in zip(opens, begins, strict=True)]
    path, margins = _best_path(scores, opens)
    return [
        FoundPhase(_STATES[state], margin, _why(own, state))
        for state, margin, own in zip(path, margins, sorts, strict=True)
    ]


def _score(turns: Sequence[PhaseTurn]) -> list[dict[str, list[float]]]:
    """Return for every turn the sorts of cue with a score for each phase."""
    scored = []
    cues = load_cues().sorts
    asked: list[float] | None = None
    asking = any(turn.asks for turn in turns)
    formed = any(turn.label for turn in turns)
    for number, turn in enumerate(turns):
        sorts: dict[str, list[float]] = {}
        if turn.label:
            sorts["form"] = _find(cues["form"], turn.label, most=8.0)
        if turn.dated is not None:
            sorts["date"] = [_DATED * (state is turn.dated) for state in _STATES]
        if turn.asks:
            sorts["question"] = asked = _find(cues["question"], turn.text)
        else:
            if asked is not None:
                sorts["question"] = [_CARRIED * own for own in asked]
            sorts["words"] = _find(cues["answer"], turn.text)
            sorts["tense"] = _tense(turn.text)
        if not formed:
            place = number / (len(turns) - 1) if len(turns) > 1 else 0.5
            sorts["order"] = [_placed(state, place) for state in _STATES]
        if not asking and number:
            # Only what an interviewer says first is small talk.
            sorts.setdefault("order", [0.0] * _N)[_NONE] -= 2.0
        scored.append(sorts)
    return scored


def _find(entries: Entries, text: str, most: float = _MOST) -> list[float]:
    found = [0.0] * _N
    plain = text.replace("\u2019", "'")
    for phase, weight, pattern in entries:
        n_hits = min(2, sum(1 for _ in pattern.finditer(plain)))
        if n_hits:
            state = _STATES.index(phase)
            found[state] = min(most, found[state] + weight * (1.0 if n_hits == 1 else 1.5))
    return found


def _tense(text: str) -> list[float]:
    """Return scores by the balance of present and past: the present speaks of after."""
    plain = text.replace("\u2019", "'")
    present, past = (len(load_cues().tenses[tense].findall(plain)) for tense in ("present", "past"))
    balance = (present - past) / (present + past + 1)
    scores = [-0.5 * _TENSE * balance] * _N
    scores[_STATES.index(Phase.AFTER)] = _TENSE * balance
    scores[_NONE] = -0.4
    return scores


def _placed(phase: Phase, place: float) -> float:
    centre, spread = _WHERE[phase]
    return -_PLACE * min(4.0, ((place - centre) / spread) ** 2 / 2)


def _cost(from_state: int, to_state: int) -> float:
    if from_state == to_state:
        return 0.0
    if to_state == _NONE:
        return 3.0
    if from_state == _NONE:
        return 0.4
    steps = to_state - from_state
    if steps > 0:
        return 0.8 if steps == 1 else 1.1
    # Interviews go topic by topic: from how it is now back to what was done.
    return 1.4 if steps >= -2 else 2.0


def _best_path(
    scores: Sequence[Sequence[float]], opens: Sequence[bool]
) -> tuple[list[int], list[float]]:
    """Return the best path and, for each turn, by how much any other phase there is worse."""
    states = range(_N)

    def step(turn: int, a: int, b: int) -> float:
        return _cost(a, b) * (1.0 if opens[turn] else _WITHIN)

    ahead = [[own - _FIRST[_STATES[s]] for s, own in enumerate(scores[0])]]
    for turn in range(1, len(scores)):
        last = ahead[-1]
        ahead.append(
            [max(last[a] - step(turn, a, b) for a in states) + scores[turn][b] for b in states]
        )
    behind = [[0.0] * _N]
    for turn in range(len(scores) - 1, 0, -1):
        rest = behind[0]
        behind.insert(
            0,
            [max(rest[b] + scores[turn][b] - step(turn, a, b) for b in states) for a in states],
        )
    path = [max(states, key=lambda s: ahead[-1][s])]
    for turn in range(len(scores) - 1, 0, -1):
        to = path[0]
        path.insert(0, max(states, key=lambda a: ahead[turn - 1][a] - step(turn, a, to)))
    margins = []
    for turn, state in enumerate(path):
        through = [a + b for a, b in zip(ahead[turn], behind[turn], strict=True)]
        other = max(own for s, own in enumerate(through) if s != state)
        margins.append(max(0.0, through[state] - other))
    return path, margins


def _why(sorts: dict[str, list[float]], state: int) -> str:
    """Return the sort of cue that speaks most for a phase against the mean of all."""
    speaks = {
        sort: own[state] - sum(own) / _N for sort, own in sorts.items() if sort not in ("order",)
    }
    best = max(speaks, key=lambda sort: speaks[sort], default="order")
    return best if speaks and speaks[best] > 0.25 else "order"
