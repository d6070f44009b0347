"""Reads subtitle files (.vtt, .srt, .sbv) into cues, the faulty ones set aside.

webvtt-py reads WebVTT, srt reads SubRip and YouTube's format. Both refuse, or
drop without a word, what programs do write: a missing WEBVTT line, Teams'
negative times, a comma for a point, words without a time. So the text is mended
line by line before, and what cannot be read is set aside with its line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_lines, check_readable, read_text
from qualkit.importers.texts import count
from qualkit.model import Rejection

SUBTITLE_ENDINGS = (".vtt", ".srt", ".sbv")

_NUMBER = r"-?\d+"
_STAMP = rf"(?:{_NUMBER}:)?{_NUMBER}:{_NUMBER}(?:[.,]{_NUMBER})?"
_TIMES = re.compile(rf"\s*(?P<start>{_STAMP})\s*(?:-->\s*|,)(?P<end>{_STAMP})(?:\s.*)?")
# A line of .sbv that means to be a time, also where it is none, as 0:00:13.f89,0:00:15.489.
_COMMA = re.compile(r"(-?\d+:-?\d+[-:.\da-zA-Z]*),(-?\d+:-?\d+[-:.\da-zA-Z]*)")
_PARTS = re.compile(
    r"(?:(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2})(?:[.,](?P<fraction>\d+))?"
)
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>.]+)*[ \t](?P<name>[^<>]*)>")
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?/?>|<(?:\d+:)?\d+:\d+[.,]\d+>",
    re.IGNORECASE,
)
_NO_CHARACTER = re.compile(r"&#(?:\d{8,}|[xX][0-9A-Fa-f]{8,});?")
# webvtt-py ends a line at each of these, which are no line ends in a file.
_ODD_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
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
    words = (line for line in text.split("\n") if line.strip() and "-->" not in line)
    check_lines(path, sum(not line.strip().isdigit() for line in words))
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
    lines = _ODD_BREAKS.sub(" ", text).split("\n")
    if ending == ".vtt":
        _take_header(lines, found)
    mended, marks = _mend(lines, ending, found)
    n_empty = 0
    for line, start_s, end_s, raw in _read_mended(mended, ending):
        mark = marks[line]
        words = "\n".join(filter(None, map(str.strip, raw.split("\n"))))
        if not strip_tags(words):
            n_empty += 1
        elif isinstance(mark, Rejection):
            found.rejections.append(replace(mark, fields={**mark.fields, "text": words}))
        else:
            # A time that could not be mended was written as 0 and stays blank.
            known = mark.start_s and start_s, mark.end_s and end_s
            found.cues.append(replace(mark, text=words, start_s=known[0], end_s=known[1]))
    n_odd = sum((cue.start_s is None) + (cue.end_s is None) for cue in found.cues)
    if n_empty:
        found.notes.append(f"{count(n_empty, 'cue')} without words left out")
    if n_odd:
        found.notes.append(f"{count(n_odd, 'negative or impossible time')} left blank")
    if _ROLLING.search(text):
        _drop_repeats(found)
    return found


def strip_tags(text: str) -> str:
    """Return the words of a cue: markup removed, entities decoded, lines stripped."""
    plain = _OVERRIDE.sub("", _TAG.sub("", text))
    return "\n".join(line.strip() for line in _decoded(plain).split("\n")).strip()


def _decoded(text: str) -> str:
    """Return text with its HTML entities as characters."""
    # Python reads no number of thousands of digits; no character has more than seven.
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text) if "&#" in text else text)


def voice_spans(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield (speaker, words) of a cue by its voice tags; None before the first of them."""
    found = list(_VOICE.finditer(text))
    before = text[: found[0].start()] if found else text
    if strip_tags(before):
        yield None, strip_tags(before)
    for n, voice in enumerate(found):
        end = found[n + 1].start() if n + 1 < len(found) else len(text)
        name = " ".join(_decoded(voice["name"]).split())
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


# --- before and after the readers ---------------------------------------------------------


def _take_header(lines: list[str], found: Subtitles) -> None:
    """Set the header of a WebVTT file aside and blank its lines."""
    start = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines[start].strip().startswith("WEBVTT"):
        found.notes.append("the line WEBVTT is missing; read as WebVTT all the same")
        return
    end = start
    while end < len(lines) and lines[end].strip() and "-->" not in lines[end]:
        end += 1
    found.header = "\n".join(lines[start:end]).removeprefix("WEBVTT").strip(" -\t\n")
    lines[:end] = [""] * end


def _mend(
    lines: list[str], ending: str, found: Subtitles
) -> tuple[str, dict[int, Cue | Rejection]]:
    """Return the text made sound, and what each line with a time comes to.

    The line is written as the number of its cue, by which the words are joined
    to it when they are read. Words without a time are given one for as long.
    """
    mended: list[str] = []
    marks: dict[int, Cue | Rejection] = {}
    before = ident = ""
    n_cues = n_comments = 0
    aside = noted = False
    front = [found.header]
    for at, (line, after) in enumerate(zip(lines, [*lines[1:], ""], strict=True), start=1):
        words = line.strip()
        first, numbered, timed = not before, words.isdigit(), _is_time(line, ending)
        before = words
        aside = aside and not timed and bool(words)
        if first and ending == ".vtt" and _ASIDE.match(words):
            aside = True
            n_comments += words.startswith("NOTE")
            noted = words.startswith("NOTE") and not marks
            front += [words.removeprefix("NOTE").strip()] if noted else []
        elif timed:
            n_cues += 1
            marks[at] = _mark(line, f"cue {n_cues}, line {at}", ident)
            mended += _cue_head(at, marks[at])
            ident = ""
        elif (first or (numbered and ending == ".srt")) and _is_time(after, ending):
            ident = words
        elif not words or aside or (first and numbered and not after.strip()):
            front += [words] if aside and noted else []
            if mended and mended[-1]:
                mended.append("")
        else:
            # SubRip lets a blank line stand within the words of a cue.
            if first and (numbered or ending != ".srt" or not marks):
                marks[at] = Rejection(f"line {at}", "words without a time")
                mended += _cue_head(at, marks[at])
            # Behind a space no words are taken for a number or a time.
            mended.append(f" {words}")
    # Comments above the first cue are front matter: the family's reference may stand there.
    found.header = "\n".join(filter(None, front))
    if n_comments:
        found.notes.append(f"{count(n_comments, 'comment')} (NOTE) left out")
    return "\n".join(mended), marks


def _is_time(line: str, ending: str) -> bool:
    return bool(_COMMA.fullmatch(line.strip())) if ending == ".sbv" else "-->" in line


def _mark(line: str, place: str, ident: str) -> Cue | Rejection:
    stamps = _TIMES.fullmatch(line)
    if not stamps:
        return Rejection(place, "the time of the cue cannot be read", {"time": line.strip()})
    return Cue("", place, ident, to_seconds(stamps["start"]), to_seconds(stamps["end"]))


def _cue_head(line: int, mark: Cue | Rejection) -> list[str]:
    """Return the lines that begin a cue; without a time, at 0."""
    from srt import timedelta_to_srt_timestamp

    times = (mark.start_s, mark.end_s) if isinstance(mark, Cue) else (0, 0)
    start, end = (timedelta_to_srt_timestamp(timedelta(seconds=time or 0)) for time in times)
    return ["", str(line), f"{start} --> {end}".replace(",", ".")]


def _read_mended(text: str, ending: str) -> Iterator[tuple[int, float, float, str]]:
    """Yield number, start, end and words of each cue, as webvtt-py or srt reads them."""
    if ending == ".vtt":
        from webvtt import WebVTT

        for caption in WebVTT.from_string(f"WEBVTT\n\n{text}").captions:
            start, end = caption.start_time, caption.end_time
            times = start.in_milliseconds() / 1000, end.in_milliseconds() / 1000
            yield int(caption.identifier or 0), *times, caption.raw_text
    else:
        import srt

        # A cue of .sbv differs from one of .srt by its time line alone, mended by now.
        for cue in srt.parse(text):
            yield cue.index, cue.start.total_seconds(), cue.end.total_seconds(), cue.content


def _drop_repeats(found: Subtitles) -> None:
    """Drop the line that a rolling caption (YouTube) repeats from the cue before."""
    kept: list[Cue] = []
    last = ""
    dropped = 0
    for cue in found.cues:
        lines = [line for line in cue.text.split("\n") if strip_tags(line)]
        repeats = strip_tags(lines[0]) == last
        last = strip_tags(lines[-1])
        dropped += repeats
        if lines[repeats:]:
            kept.append(replace(cue, text="\n".join(lines[repeats:])))
    found.cues[:] = kept
    if dropped:
        found.notes.append(f"{count(dropped, 'line')} that rolling captions repeat left out")
