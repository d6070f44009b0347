"""How a transcript writes its speakers, found from evidence over the whole file.

A word with a colon is no speaker yet ("He said: ..."). `find_convention` reads
every line in each usual way of writing a speaker and keeps the way, and the
names, that the file as a whole bears out: roles and unmistakable marks count at
once, other labels when they recur or when nearly every paragraph has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qualkit.importers.labels import (
    ASKED,
    FORMS,
    Label,
    Line,
    may_begin,
    read_label,
    time_alone,
    without_remark,
)
from qualkit.importers.roles import is_role_name
from qualkit.normalise import normalise_name

# Of the paragraphs, this share must begin with a label before one said once is believed.
SHARE_FOR_ONCE = 0.75
SHARE_FOR_WEAK = 0.5
# Names that only recur ("Tel:" in a report) must begin at least this share.
LEAST_SHARE = 0.05
# What stands before the first speaker and is searched for names: some pages.
_LONGEST_FRONT = 20_000
# In so few cues a speaker who is named once only is believed.
_FEW_CUES = 12


@dataclass(frozen=True)
class Convention:
    """How one file writes its speakers; `names` maps a key to the name as first written."""

    form: str
    names: Mapping[str, str]
    n_lines: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def label_at(self, lines: Sequence[Line], at: int) -> Label | None:
        """Return the speaker that line `at` begins with, or None."""
        label = read_label(FORMS[self.form], lines, at)
        return label if label and label.key in self.names else None


def find_convention(
    lines: Sequence[Line], told: Iterable[str] = (), least_share: float = LEAST_SHARE
) -> Convention | None:
    """Return how the file writes its speakers, or None if none is marked.

    Parameters
    ----------
    lines : sequence of Line
        All lines, or the cues of a subtitle file.
    told : iterable of str
        Names known to be speakers.
    least_share : float
        Share of the paragraphs that names must begin which only their
        recurrence speaks for; none in subtitles, where one name may stand
        before a hundred cues.
    """
    known = frozenset(normalise_name(name) for name in told)
    best: Convention | None = None
    open_ats = [at for at, line in enumerate(lines) if may_begin(line)]
    for form, read in FORMS.items():
        labels = {at: label for at in open_ats if (label := read(lines, at))}
        found = _judge(form, labels, lines, known, least_share)
        # The forms stand in order of trust: a later one must explain far more.
        if found and (best is None or found.n_lines > 1.5 * best.n_lines):
            best = found
    return best


def _judge(
    form: str,
    found: Mapping[int, Label],
    lines: Sequence[Line],
    told: frozenset[str],
    least_share: float,
) -> Convention | None:
    """Return what speaks for one way of writing, or None if too little does.

    `found` holds the label that each line would have in it.
    """
    # "Kerry:We had" is loose beside "Kerry: We had", but some files write no spaces at all.
    firm = {at: label for at, label in found.items() if not label.loose} or found
    counts = Counter(label.key for label in firm.values())
    sure = _sure_names(firm.values(), counts, told)
    if form == "header" and len(firm) >= 2:
        sure = set(counts)
    if form == "colon" and not least_share and len(lines) <= _FEW_CUES and 0 in firm:
        # A short extract whose first cue names a speaker: nobody need recur in it.
        named = {label.key for label in firm.values() if label.name[:1].isupper()}
        sure |= named if len(named) > 1 else set()
    if not sure:
        return None
    first = min(at for at, label in found.items() if label.key in sure)
    starts = _starts(lines, firm, first)
    share = sum(at in firm for at in starts) / len(starts)
    weak = form not in {"colon", "header"}
    needs_two = weak or not any(
        label.strong or label.key in told or is_role_name(label.name) for label in firm.values()
    )
    if share < (SHARE_FOR_WEAK if weak else least_share if needs_two else 0.0):
        return None
    if needs_two and len(sure) < 2 and share < SHARE_FOR_ONCE:
        return None
    front = " ".join(line.text for line in lines[:first])[:_LONGEST_FRONT]
    sure |= _names_said_once([firm[at] for at in starts if at in firm], share, front)
    if needs_two and len(sure) < 2:
        return None
    names: dict[str, str] = {}
    for label in found.values():
        if label.key in sure:
            names.setdefault(label.key, label.name)
    _join_remarks(names)
    n_lines = sum(label.key in sure for label in found.values())
    return Convention(form, names, n_lines, counts)


def _names_said_once(labels: Iterable[Label], share: float, front: str) -> set[str]:
    """Return the names to believe though they begin one paragraph only.

    Either nearly every paragraph begins with a name, or the front matter names them.
    """
    plain = f" {normalise_name(front)} "
    return {
        label.key
        for label in labels
        if label.name[:1].isupper()
        and (share >= SHARE_FOR_ONCE or (" " in label.name and f" {label.key} " in plain))
    }


def _join_remarks(names: dict[str, str]) -> None:
    """Make "Kerry" and "Kerry (mum)" one speaker, unless two remarks tell two apart."""
    by_base: dict[str, set[str]] = {}
    for name in names.values():
        base = without_remark(name)
        if base != name:
            by_base.setdefault(normalise_name(base), set()).add(name)
    for key, remarked in by_base.items():
        if key in names and len(remarked) == 1:
            names[key] = next(iter(remarked))


def _sure_names(
    labels: Iterable[Label], counts: Mapping[str, int], told: frozenset[str]
) -> set[str]:
    sure = set()
    both = set(ASKED) <= set(counts)
    for label in labels:
        if label.key in ASKED and not both:
            continue  # "Question:" alone is a heading
        recurs = counts[label.key] >= (2 if label.name[:1].isupper() else 3)
        if label.strong or label.key in told or recurs or is_role_name(label.name):
            sure.add(label.key)
    return sure


def _starts(lines: Sequence[Line], found: Mapping[int, Label], first: int) -> list[int]:
    """Return where paragraphs begin, from the line of the first speaker on."""
    starts = [
        at
        for at in range(first, len(lines))
        if at == first or not (lines[at].heading or time_alone(lines[at].text))
    ]
    # Where blank lines part the paragraphs, only what follows one is a beginning.
    after_gap = [at for at in starts if lines[at].gap or at == first]
    if sum(at in found for at in after_gap) >= 0.8 * sum(at in found for at in starts):
        return after_gap
    return starts
