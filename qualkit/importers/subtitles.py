"""Reads subtitle files (.vtt, .srt, .sbv) into cues, the faulty ones set aside.

WebVTT, SubRip and YouTube's format are all blocks of a time line and words, so
one reader takes them all, and takes what strict readers refuse or drop without
a word: a missing WEBVTT line, Teams' negative times, a comma for a point, a
cue without a time. What is set aside keeps its line, so nothing is lost unseen.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_readable, read_text
from qualkit.importers.texts import count
from qualkit.model import Rejection

SUBTITLE_ENDINGS = (".vtt", ".srt", ".sbv")

_NUMBER = r"-?\d+"
_STAMP = rf"(?:{_NUMBER}:)?{_NUMBER}:{_NUMBER}(?:[.,]{_NUMBER})?"
_ARROW = re.compile(rf"\s*(?P<start>{_STAMP})\s*-->\s*(?P<end>{_STAMP})(?:\s.*)?")
_COMMA = re.compile(rf"\s*(?P<start>{_STAMP}),(?P<end>{_STAMP})\s*")
_PARTS = re.compile(
    r"(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2})(?:[.,](?P<fraction>\d+))?"
)
# A line that means to be a time but is none, as 0:00:13.f89,0:00:15.489.
_BROKEN_COMMA = re.compile(r"\d+:\d+:[\da-zA-Z.]*,\d+:\d+:[\da-zA-Z.]*")
_VOICE = re.compile(r"<v(?:\.[^\s<>.]+)*[ \t]+(?P<name>[^<>]*)>")
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?/?>|<(?:\d+:)?\d+:\d+[.,]\d+>",
    re.IGNORECASE,
)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_ROLLING = re.compile(r"<(?:\d+:)?\d\d:\d\d\.\d{3}><c[.>]")


@dataclass(frozen=True, slots=True)
class Cue:
    r"""One cue: its words with their tags, lines parted by \n; times in seconds."""

    text: str
    place: str
    ident: str = ""
    start_s: float | None = None
    end_s: float | None = None


@dataclass(slots=True)
class Subtitles:
    """The cues of a file, those set aside, what stood above them, and notes."""

    cues: list[Cue] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    header: str = ""
    notes: list[str] = field(default_factory=list)


def read_subtitles(path: Path) -> Subtitles:
    """Return the cues of a subtitle file.

    Raises
    ------
    SourceFormatError
        The file has no cue with words and a time.
    """
    check_readable(path)
    text = read_text(path)
    found = parse_subtitles(text, path.suffix.lower())
    if not found.cues:
        faults = len(found.rejections)
        raise SourceFormatError(
            "the file holds no subtitles that can be read",
            where=str(path),
            found=f"{count(faults, 'part')} without words or without a time that can be read"
            if faults
            else "no cue with words",
            expected="lines such as 00:00:01.000 --> 00:00:04.000, each with words below",
            to_do="export the transcript again, or save its words as .txt and import that",
        )
    return found


def parse_subtitles(text: str, ending: str) -> Subtitles:
    """Return the cues of a subtitle file's text; `ending` is ".vtt", ".srt" or ".sbv"."""
    found = Subtitles()
    lines = text.split("\n")
    start = 0
    if ending == ".vtt":
        start = _skip_header(lines, found)
    reader = _CueReader(ending, found)
    for at, block in _blocks(lines, start):
        reader.take(at, block)
    reader.finish()
    if _ROLLING.search(text):
        _drop_repeats(found)
    return found


def strip_tags(text: str) -> str:
    """Return the words of a cue: markup removed, entities decoded, lines stripped."""
    plain = _OVERRIDE.sub("", _TAG.sub("", text))
    return "\n".join(line.strip() for line in html.unescape(plain).split("\n")).strip()


def voice_spans(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield (speaker, words) of a cue by its voice tags; None before the first of them."""
    found = list(_VOICE.finditer(text))
    before = text[: found[0].start()] if found else text
    if strip_tags(before):
        yield None, strip_tags(before)
    for n, voice in enumerate(found):
        end = found[n + 1].start() if n + 1 < len(found) else len(text)
        name = " ".join(html.unescape(voice["name"]).split())
        yield name or None, strip_tags(text[voice.end() : end])


def to_seconds(stamp: str) -> float | None:
    """Return a time of a subtitle file in seconds; None for a negative or impossible one.

    Teams wrote milliseconds without their zeros (0:0:10.20 is 10.020), which
    shows by an hour and a minute or second of one digit, or an hour of one
    digit and fewer than three decimals.
    """
    parts = _PARTS.fullmatch(stamp.strip())
    if not parts:
        return None
    hours, minutes, seconds = (int(parts[name] or 0) for name in ("hours", "minutes", "seconds"))
    if seconds > 59 or (parts["hours"] is not None and minutes > 59):
        return None
    fraction = parts["fraction"] or ""
    unpadded = len(parts["hours"] or "") == 1 and len(fraction) < 3
    thousandths = int(fraction or 0) if unpadded else int(fraction[:3].ljust(3, "0"))
    # Whole thousandths are added first, so that the same time is the same number.
    return ((hours * 60 + minutes) * 60 * 1000 + seconds * 1000 + thousandths) / 1000


# --- blocks ----------------------------------------------------------------------------


def _skip_header(lines: list[str], found: Subtitles) -> int:
    """Set the header of a WebVTT file aside; return where the cues begin."""
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at == len(lines) or not lines[at].strip().startswith("WEBVTT"):
        found.notes.append("the line WEBVTT is missing; read as WebVTT all the same")
        return at
    end = at
    while end < len(lines) and lines[end].strip() and "-->" not in lines[end]:
        end += 1
    found.header = "\n".join(lines[at:end]).removeprefix("WEBVTT").strip(" -\t\n")
    return end


def _blocks(lines: list[str], start: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the stretches between blank lines, each with the number of its first line."""
    block: list[str] = []
    for at in range(start, len(lines)):
        if lines[at].strip():
            block.append(lines[at])
        elif block:
            yield at - len(block) + 1, block
            block = []
    if block:
        yield len(lines) - len(block) + 1, block


class _CueReader:
    """Takes blocks in order and makes cues of them."""

    def __init__(self, ending: str, found: Subtitles) -> None:
        self.found = found
        self.ending = ending
        self.time_line = _COMMA if ending == ".sbv" else _ARROW
        self.n_cues = self.n_empty = self.n_odd_times = 0
        self.n_comments = 0

    def take(self, at: int, block: list[str]) -> None:
        """Read one block, whose first line is line `at` of the file."""
        if self.ending == ".vtt" and re.match(r"(?:NOTE|STYLE|REGION)(?:\s|$)", block[0]):
            self.n_comments += block[0].startswith("NOTE")
            return
        times = [n for n, line in enumerate(block) if self._is_time(line)]
        if not times:
            self._take_without_time(at, block)
            return
        # Before the first time stands the cue's id; before a later one, where no
        # blank line parts the cues, the words of the cue before.
        ident = block[0].strip() if times[0] == 1 else ""
        if times[0] > 1:
            self._take_without_time(at, block[: times[0]])
        for n, here in enumerate(times):
            end = times[n + 1] if n + 1 < len(times) else len(block)
            words = block[here + 1 : end]
            number = ""
            followed = n + 1 < len(times) and self.ending == ".srt"
            if followed and words and words[-1].strip().isdigit():
                number = words.pop().strip()
            self._add(at + here, block[here], ident, words)
            ident = number

    def finish(self) -> None:
        """Say what was left aside."""
        notes = self.found.notes
        if self.n_empty:
            notes.append(f"{count(self.n_empty, 'cue')} without words left out")
        if self.n_odd_times:
            notes.append(f"{count(self.n_odd_times, 'negative or impossible time')} left blank")
        if self.n_comments:
            notes.append(f"{count(self.n_comments, 'comment')} (NOTE) left out")

    def _is_time(self, line: str) -> bool:
        if self.ending == ".sbv":
            return bool(_COMMA.fullmatch(line) or _BROKEN_COMMA.fullmatch(line.strip()))
        return "-->" in line

    def _add(self, at: int, time_line: str, ident: str, words: list[str]) -> None:
        text = "\n".join(line.strip() for line in words)
        self.n_cues += 1
        place = f"cue {self.n_cues}, line {at}"
        stamps = self.time_line.fullmatch(time_line)
        if not strip_tags(text):
            self.n_empty += 1
            return
        if not stamps:
            fields = {"time": time_line.strip(), "text": text}
            self.found.rejections.append(
                Rejection(place, "the time of the cue cannot be read", fields)
            )
            return
        start_s, end_s = to_seconds(stamps["start"]), to_seconds(stamps["end"])
        self.n_odd_times += (start_s is None) + (end_s is None)
        self.found.cues.append(Cue(text, place, ident, start_s, end_s))

    def _take_without_time(self, at: int, block: list[str]) -> None:
        cues = self.found.cues
        numbered = block[0].strip().isdigit()
        if self.ending == ".srt" and cues and not numbered:
            # SubRip lets a blank line stand within the words of a cue.
            last = cues[-1]
            text = "\n".join([last.text, *(line.strip() for line in block)])
            cues[-1] = Cue(text, last.place, last.ident, last.start_s, last.end_s)
            return
        if len(block) == 1 and numbered:
            return  # a number without a cue
        self.found.rejections.append(
            Rejection(f"line {at}", "words without a time", {"text": "\n".join(block)})
        )


def _drop_repeats(found: Subtitles) -> None:
    """Drop the line that a rolling caption (YouTube) repeats from the cue before."""
    kept: list[Cue] = []
    last = ""
    dropped = 0
    for cue in found.cues:
        lines = [line for line in cue.text.split("\n") if strip_tags(line)]
        plain = [strip_tags(line) for line in lines]
        if plain[0] == last:
            lines = lines[1:]
            dropped += 1
        last = plain[-1]
        if lines:
            kept.append(Cue("\n".join(lines), cue.place, cue.ident, cue.start_s, cue.end_s))
    found.cues[:] = kept
    if dropped:
        found.notes.append(f"{count(dropped, 'line')} that rolling captions repeat left out")
