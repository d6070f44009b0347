"""Speaker turns out of lines of text, or out of the cues of a subtitle file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from qualkit.importers.roles import is_role_name
from qualkit.importers.speakers import (
    Convention,
    Label,
    Line,
    find_convention,
    is_front_line,
    is_numbered_heading,
)
from qualkit.importers.subtitles import Cue, strip_tags, to_seconds, voice_spans
from qualkit.importers.texts import Paragraph, count

_END = re.compile(
    r"\W*(?:end of (?:the )?(?:recording|interview|transcript|transcription|tape|audio)"
    r"|(?:interview|recording|transcript|audio|tape) ends(?: here)?|ends)\W*",
    re.IGNORECASE,
)
_UTTERANCE = re.compile(r"(?P<stem>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/\d+)?)-\d+")
_HEADER_REACH = 5
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


# --- text ------------------------------------------------------------------------------


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
    found = Turns(front=[line.text for line in lines[:first]])
    for at, label in labels.items():
        if at < first and "interviewer" in label.key:
            for name in re.split(r"\s*[,;&]\s*|\s+and\s+", label.text):
                found.interviewers.append((name, "so says the front matter"))
        elif at >= first and label.asks:
            found.interviewers.append((label.name, "the numbered questions are theirs"))
    gather = _Gatherer(convention)
    at = first
    while at < len(lines):
        line = lines[at]
        if at in labels:
            gather.begin(labels[at], line)
            at += labels[at].n_lines
            continue
        if line.heading or is_numbered_heading(line.text):
            gather.heading = line.text.strip("*_# ")
            gather.n_headings += 1
        elif _END.fullmatch(line.text):
            gather.n_ends += 1
        else:
            gather.parts.append(line.text)
        at += 1
    gather.close()
    found.items = gather.turns
    found.notes = gather.notes()
    return found


class _Gatherer:
    """Gathers the lines of a turn until the next speaker begins."""

    def __init__(self, convention: Convention) -> None:
        self.turns: list[Turn] = []
        self.parts: list[str] = []
        self.heading = ""
        self.n_headings = self.n_ends = self.n_empty = 0
        self._names = convention.names
        self._open: tuple[Label, Line, str] | None = None

    def begin(self, label: Label, line: Line) -> None:
        """End the turn before and begin that of `label`."""
        self.close()
        self._open = (label, line, self.heading)
        self.parts = [label.text]

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
    ats = list(labels)
    for n, at in enumerate(ats):
        label = labels[at]
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


def _looks_like_name(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 8
        and text[-1] not in ".?!…"
        and words[0].strip(",").lower() not in _GREETINGS
        and all(word[0].isupper() or not word[0].isalpha() or word == "and" for word in words)
    )


# --- cues ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of a cue by one speaker; `speaker` is None where the cue names none."""

    speaker: str | None
    text: str
    cue: Cue
    at: int


def turns_of_cues(cues: Sequence[Cue], told: Iterable[str] = ()) -> Turns:
    """Return the turns of a subtitle file: consecutive cues of one speaker are one turn.

    Where no speaker is named in the whole file every cue is a turn, or every
    utterance where the cues' ids say which belong together (Teams).
    """
    spans = _voiced_spans(cues)
    if spans is None:
        spans = _labelled_spans(cues, told)
    if spans is None:
        return _unnamed_turns(cues)
    found = Turns()
    carried = _names_carry_on(spans)
    speaker, last = "", None
    for span in spans:
        named = span.speaker if span.speaker is not None else (speaker if carried else "")
        text = span.text.strip()
        if not text:
            speaker = named
            continue
        if found.items and last == named:
            found.items[-1] = _joined(found.items[-1], text, span.cue)
        else:
            found.items.append(
                Turn(named, text, span.cue.place, "", span.cue.start_s, span.cue.end_s)
            )
        speaker = last = named
    unnamed = sum(not turn.speaker for turn in found.items)
    if unnamed:
        found.notes.append(f"{count(unnamed, 'turn')} without a speaker's name")
    return found


def _joined(turn: Turn, text: str, cue: Cue) -> Turn:
    end_s = cue.end_s if cue.end_s is not None else turn.end_s
    start_s = turn.start_s if turn.start_s is not None else cue.start_s
    joined = f"{turn.text} {text}"
    return Turn(turn.speaker, joined, turn.place, turn.label, start_s, end_s)


def _voiced_spans(cues: Sequence[Cue]) -> list[_Span] | None:
    """Read the voice tags of WebVTT; None if the file has none."""
    spans = []
    voiced = False
    for at, cue in enumerate(cues):
        for speaker, text in voice_spans(cue.text):
            voiced = voiced or bool(speaker)
            if speaker or text.strip():
                spans.append(_Span(speaker, " ".join(text.split("\n")), cue, at))
    return spans if voiced else None


def _labelled_spans(cues: Sequence[Cue], told: Iterable[str]) -> list[_Span] | None:
    """Read the names that cues begin with ("Name: ..."); None if there are none."""
    lines: list[Line] = []
    owners: list[int] = []
    for at, cue in enumerate(cues):
        for text in strip_tags(cue.text).split("\n"):
            if text.strip():
                lines.append(Line(text.strip(), cue.place))
                owners.append(at)
    convention = find_convention(lines, told)
    if convention is None or convention.form == "header":
        return None
    spans: list[_Span] = []
    for at, line in enumerate(lines):
        label = convention.label_at(lines, at)
        owner = owners[at]
        if label:
            spans.append(_Span(convention.names[label.key], label.text, cues[owner], owner))
        elif at and owners[at - 1] == owner:
            spans[-1] = _Span(
                spans[-1].speaker, f"{spans[-1].text} {line.text}".strip(), cues[owner], owner
            )
        else:
            spans.append(_Span(None, line.text, cues[owner], owner))
    return spans


def _names_carry_on(spans: Sequence[_Span]) -> bool:
    """Tell whether a cue without a name goes on with the speaker before.

    Some programs name the speaker on the first cue of a run only, others on
    every cue, where a cue without a name is of somebody unknown. The latter
    show by naming the same speaker on cues that follow each other.
    """
    unnamed = sum(span.speaker is None for span in spans)
    repeats = sum(
        one.speaker is not None and one.speaker == two.speaker and one.at != two.at
        for one, two in pairwise(spans)
    )
    return repeats < unnamed


def _unnamed_turns(cues: Sequence[Cue]) -> Turns:
    found = Turns(notes=["no speaker is named: every turn counts as a participant's"])
    last = ""
    for cue in cues:
        text = " ".join(strip_tags(cue.text).split("\n")).strip()
        utterance = _UTTERANCE.fullmatch(cue.ident)
        stem = utterance["stem"] if utterance else ""
        if not text:
            continue
        if stem and stem == last:
            found.items[-1] = _joined(found.items[-1], text, cue)
        else:
            found.items.append(Turn("", text, cue.place, "", cue.start_s, cue.end_s))
        last = stem
    return found
