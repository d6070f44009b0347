"""Speaker turns out of lines of text; what a turn is, also for `cueturns`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from qualkit.importers.labels import (
    Label,
    Line,
    is_front_line,
    is_numbered_heading,
    time_alone,
)
from qualkit.importers.roles import is_role_name
from qualkit.importers.speakers import Convention, find_convention
from qualkit.importers.subtitles import to_seconds
from qualkit.importers.texts import Paragraph, count

_END = re.compile(
    r"\W*(?:end of (?:the )?(?:recording|interview|transcript|transcription|tape|audio)"
    r"|(?:interview|recording|transcript|audio|tape) ends(?: here)?|ends)\W*",
    re.IGNORECASE,
)
_HEADER_REACH = 5
_LONGEST_NAMES = 500
_GREETINGS = frozenset({"hello", "hi", "hiya", "yes", "yeah", "no", "ok", "okay", "thanks", "good"})


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says until the next speaks; `label` is the heading above it."""

    speaker: str
    text: str
    place: str
    label: str = ""
    start_s: float | None = None
    end_s: float | None = None


@dataclass(slots=True)
class Turns:
    """The turns of a file, what stood before them, and signs of who interviewed.

    `interviewers` are (name, how it is known).
    """

    items: list[Turn] = field(default_factory=list)
    front: list[str] = field(default_factory=list)
    interviewers: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lines_of(paragraphs: Iterable[Paragraph]) -> list[Line]:
    """Return the lines of paragraphs; the row of a table is one line."""
    lines = []
    for paragraph in paragraphs:
        texts = [paragraph.text] if paragraph.cells else paragraph.text.split("\n")
        for n, text in enumerate(texts):
            if text.strip():
                lines.append(
                    Line(
                        text.strip(),
                        paragraph.place,
                        paragraph.heading,
                        paragraph.lead if n == 0 else "",
                        paragraph.gap and n == 0,
                    )
                )
    return lines


def turns_of_lines(lines: Sequence[Line], told: Iterable[str] = ()) -> Turns | None:
    """Return the turns of a text, or None if no speaker is marked in it."""
    convention = find_convention(lines, told)
    if convention is None:
        return None
    labels = _labels_of(lines, convention)
    first = _first_turn(lines, labels, convention)
    if first is None:
        return None
    gather = _Gatherer(convention)
    front = [line.text for line in lines[:first]]
    if front and time_alone(front[-1]):
        gather.time = time_alone(front.pop())
    at = first
    while at < len(lines):
        if at in labels:
            gather.begin(labels[at], lines[at])
            at += labels[at].n_lines
        else:
            gather.add(lines[at])
            at += 1
    gather.close()
    return Turns(gather.turns, front, _interviewers(labels, first), gather.notes())


def _interviewers(labels: dict[int, Label], first: int) -> list[tuple[str, str]]:
    """Return who interviewed, as the lines above the first turn or numbered questions say."""
    found = []
    for at, label in labels.items():
        if at < first and "interviewer" in label.key:
            for name in re.split(r"[,;&]|\sand\s", label.text[:_LONGEST_NAMES]):
                found.append((name.strip(), "so says the front matter"))
        elif at >= first and label.asks:
            found.append((label.name, "the numbered questions are theirs"))
    return found


class _Gatherer:
    """Gathers the lines of a turn until the next speaker begins."""

    def __init__(self, convention: Convention) -> None:
        self.turns: list[Turn] = []
        self.parts: list[str] = []
        self.heading = self.time = ""
        self.n_headings = self.n_ends = self.n_empty = 0
        self._names = convention.names
        self._open: tuple[Label, Line, str] | None = None

    def begin(self, label: Label, line: Line) -> None:
        """End the turn before and begin that of `label`."""
        self.close()
        # A time on a line of its own is that of the turn below it.
        self._open = (replace(label, start=label.start or self.time), line, self.heading)
        self.time = ""
        self.parts = [label.text]

    def add(self, line: Line) -> None:
        """Take a line that begins no turn."""
        if line.heading or is_numbered_heading(line.text):
            self.heading = line.text.strip("*_# ")
            self.n_headings += 1
        elif _END.fullmatch(line.text):
            self.n_ends += 1
        elif time_alone(line.text):
            self.time = time_alone(line.text)
        else:
            self.parts.append(line.text)

    def close(self) -> None:
        """End the turn that is open; one without words is not counted."""
        if self._open is None:
            return
        label, line, heading = self._open
        text = "\n".join(part.strip() for part in self.parts if part.strip())
        if text:
            start_s = to_seconds(label.start) if label.start else None
            speaker = self._names[label.key]
            self.turns.append(Turn(speaker, text, line.place, heading, start_s))
        else:
            self.n_empty += 1
        self._open = None

    def notes(self) -> list[str]:
        """Return what was left aside."""
        notes = []
        if self.n_headings:
            notes.append(f"{count(self.n_headings, 'heading')} kept as the label of what follows")
        if self.n_empty:
            notes.append(f"{count(self.n_empty, 'turn')} without words not counted")
        if self.n_ends:
            notes.append("the line that marks the end left out")
        return notes


def _labels_of(lines: Sequence[Line], convention: Convention) -> dict[int, Label]:
    labels: dict[int, Label] = {}
    at = 0
    while at < len(lines):
        label = convention.label_at(lines, at)
        if label:
            labels[at] = label
            at += label.n_lines
        else:
            at += 1
    return labels


def _first_turn(
    lines: Sequence[Line], labels: dict[int, Label], convention: Convention
) -> int | None:
    """Return the line of the first turn; "Interviewer: A. Name" above the date is none."""
    others_recur = any(number > 1 for number in convention.counts.values())
    past_block = _end_of_cast(lines, labels)
    ats = list(labels)
    for n, at in enumerate(ats):
        label = labels[at]
        if at < past_block:
            continue
        if not _looks_like_name(label.text) or label.n_lines > 1:
            return at
        after = lines[at + 1 : at + 1 + _HEADER_REACH]
        in_header = any(is_front_line(line.text) for line in after)
        said_once = convention.counts.get(label.key, 0) == 1 and is_role_name(label.name)
        # "Interviewer: Ann Hill", then the interviewer's first words under the same label.
        alone = n + 1 < len(ats) and labels[ats[n + 1]].key == label.key
        named = is_role_name(label.name) and len(label.text.split()) > 1 and alone
        if not (in_header or named or (said_once and others_recur)):
            return at
    return None


def _end_of_cast(lines: Sequence[Line], labels: dict[int, Label]) -> int:
    """Return the end of a list of who takes part ("Interviewer: Ann Hill", "Mum: Kerry").

    It is the first lines with a label up to a blank line, two or more, each a
    label with a name and nothing else. Without such a list the end is 0.
    """
    first = min(labels, default=0)
    end = first
    while end < len(lines) and (end == first or not lines[end].gap):
        label = labels.get(end)
        if not is_front_line(lines[end].text) and not (label and _looks_like_name(label.text)):
            return 0
        end += 1
    by_role = any(is_role_name(label.name) for at, label in labels.items() if at < end)
    return end if end - first > 1 and by_role and any(at >= end for at in labels) else 0


def _looks_like_name(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 8
        and text[-1] not in ".?!…"
        and words[0].strip(",").lower() not in _GREETINGS
        and all(word[0].isupper() or not word[0].isalpha() or word == "and" for word in words)
    )
