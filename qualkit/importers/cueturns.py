"""Speaker turns out of the cues of a subtitle file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qualkit.importers.labels import Line
from qualkit.importers.speakers import find_convention
from qualkit.importers.subtitles import Cue, strip_tags, voice_spans
from qualkit.importers.texts import count
from qualkit.importers.turns import Turn, Turns

# Teams: cues of one utterance share the id but for the number after the last hyphen.
_UTTERANCE = re.compile(r"(?P<stem>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/\d+)?)-\d+")


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
    runs: list[_Run] = []
    carried = _names_carry_on(spans)
    speaker, last = "", None
    for span in spans:
        named = span.speaker if span.speaker is not None else (speaker if carried else "")
        text = span.text.strip()
        if not text:
            speaker = named
            continue
        if runs and last == named:
            runs[-1].add(text, span.cue)
        else:
            runs.append(_Run(named, [text], [span.cue]))
        speaker = last = named
    found = Turns([run.turn() for run in runs])
    unnamed = sum(not turn.speaker for turn in found.items)
    if unnamed:
        found.notes.append(f"{count(unnamed, 'turn')} without a speaker's name")
    return found


@dataclass(slots=True)
class _Run:
    """Cues that make one turn."""

    speaker: str
    texts: list[str]
    cues: list[Cue]

    def add(self, text: str, cue: Cue) -> None:
        """Take one more cue."""
        self.texts.append(text)
        self.cues.append(cue)

    def turn(self) -> Turn:
        """Return the turn, from the first known start to the last known end."""
        starts = (cue.start_s for cue in self.cues if cue.start_s is not None)
        ends = (cue.end_s for cue in reversed(self.cues) if cue.end_s is not None)
        text, place = " ".join(self.texts), self.cues[0].place
        return Turn(self.speaker, text, place, "", next(starts, None), next(ends, None))


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
    convention = find_convention(lines, told, least_share=0.0)
    if convention is None or convention.form == "header":
        return None
    found: list[tuple[str | None, list[str], int]] = []
    for at, line in enumerate(lines):
        label = convention.label_at(lines, at)
        owner = owners[at]
        if label:
            found.append((convention.names[label.key], [label.text], owner))
        elif at and owners[at - 1] == owner:
            found[-1][1].append(line.text)
        else:
            found.append((None, [line.text], owner))
    return [_Span(name, " ".join(texts).strip(), cues[at], at) for name, texts, at in found]


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
    runs: list[_Run] = []
    last = ""
    for cue in cues:
        text = " ".join(strip_tags(cue.text).split("\n")).strip()
        utterance = _UTTERANCE.fullmatch(cue.ident)
        stem = utterance["stem"] if utterance else ""
        if not text:
            continue
        if stem and stem == last:
            runs[-1].add(text, cue)
        else:
            runs.append(_Run("", [text], [cue]))
        last = stem
    note = "no speaker is named: every turn counts as a participant's"
    return Turns([run.turn() for run in runs], notes=[note])
