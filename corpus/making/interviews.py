"""The interviews: from marked source texts to seven file formats and planted codings."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from making.narratives import Planted
from making.words import CORPUS

SOURCES = CORPUS / "interviews_source"
FORMATS = (".txt", ".docx", ".vtt", ".odt", ".md", ".srt", ".rtf")
_MARK = re.compile(r"\[\[([a-z+\- ]+): (.*?)\]\]")
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
SECONDS_A_CUE = 5


@dataclass(frozen=True)
class Turn:
    """One speaker turn; spans are (code, start, end) in code points, end-exclusive."""

    speaker: str
    words: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Interview:
    """One interview, its marks taken out of the text."""

    stem: str
    cluster: str
    service: str
    date: str
    turns: tuple[Turn, ...]


@cache
def categories() -> dict[str, str]:
    """Return the category of each of the 74 codes, by the files of the word bank."""
    from making.words import CATEGORIES, load

    return {code: category for category, name in CATEGORIES.items() for code in load(name)}


def read_interviews() -> list[Interview]:
    """Return the interviews in order of file name."""
    return [_read(path) for path in sorted(SOURCES.glob("int*.txt"))]


def _read(path: Path) -> Interview:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    front = dict(line.split(": ", 1) for line in head.splitlines())
    turns = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        speaker, _, marked = paragraph.strip().partition(": ")
        turns.append(_turn(speaker, marked))
    return Interview(path.stem, front["cluster"], front["service"], front["date"], tuple(turns))


def _turn(speaker: str, marked: str) -> Turn:
    words = ""
    spans = []
    at = 0
    for mark in _MARK.finditer(marked):
        words += marked[at : mark.start()]
        start = len(words)
        words += mark[2]
        spans += [(code.strip(), start, len(words)) for code in mark[1].split("+")]
        at = mark.end()
    words += marked[at:]
    if "[[" in words or "]]" in words:
        raise ValueError(f"a mark is not well formed in a turn of {speaker}")
    return Turn(speaker, words, tuple(spans))


def planted_codings(interview: Interview) -> list[Planted]:
    """Return the codings that the marks mean."""
    return [
        Planted(
            interview.stem,
            n,
            f"{categories()[code]}.{code}",
            start,
            end,
            turn.words[start:end],
        )
        for n, turn in enumerate(interview.turns, start=1)
        for code, start, end in turn.spans
    ]


def write_interview(interview: Interview, folder: Path, ending: str) -> None:
    """Write an interview in one of the formats."""
    target = folder / f"{interview.stem}{ending}"
    if ending in (".txt", ".md"):
        bold = "**" if ending == ".md" else ""
        lines = [f"{bold}{turn.speaker}:{bold} {turn.words}" for turn in interview.turns]
        front = f"Interview on {interview.date}"
        target.write_text("\n\n".join([front, *lines]) + "\n", encoding="utf-8")
    elif ending in (".vtt", ".srt"):
        target.write_text(_subtitles(interview, ending), encoding="utf-8")
    elif ending == ".rtf":
        target.write_text(_rtf(interview), encoding="ascii")
    else:
        made = _docx(interview) if ending == ".docx" else _odt(interview)
        target.write_bytes(_without_dates(made))


def _subtitles(interview: Interview, ending: str) -> str:
    """Return the turns as cues, a sentence each."""
    is_vtt = ending == ".vtt"
    blocks = ["WEBVTT"] if is_vtt else []
    number = 0
    for turn in interview.turns:
        for sentence in _SENTENCE_END.split(turn.words):
            start, end = number * SECONDS_A_CUE, (number + 1) * SECONDS_A_CUE
            number += 1
            times = f"{_clock(start, is_vtt)} --> {_clock(end, is_vtt)}"
            if is_vtt:
                blocks.append(f"{times}\n<v {turn.speaker}>{sentence}</v>")
            else:
                blocks.append(f"{number}\n{times}\n{turn.speaker}: {sentence}")
    return "\n\n".join(blocks) + "\n"


def _clock(seconds: int, is_vtt: bool) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}{'.' if is_vtt else ','}000"


def _rtf(interview: Interview) -> str:
    """Return the turns as rich text, speakers in bold."""
    lines = [r"{\rtf1\ansi\deff0{\fonttbl{\f0 Calibri;}}"]
    lines += [
        rf"{{\b {_rtf_words(turn.speaker)}:}} {_rtf_words(turn.words)}\par"
        for turn in interview.turns
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _rtf_words(words: str) -> str:
    plain = words.replace("\\", r"\\").replace("{", r"\{").replace("}", r"\}")
    return "".join(c if ord(c) < 128 else rf"\u{ord(c)}?" for c in plain)


def _docx(interview: Interview) -> bytes:
    """Return the turns as a Word file, speakers in bold."""
    import docx

    document = docx.Document()
    _slim(document)
    for turn in interview.turns:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{turn.speaker}: ").bold = True
        paragraph.add_run(turn.words)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _slim(document: Any) -> None:
    """Take out what the template of the library brings: it would be most of the file."""
    for relations in (document.part.rels, document.part.package.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail", "/customXml")):
                del relations[key]
    styles = document.styles.element
    for style in styles.style_lst:
        if not style.default:
            styles.remove(style)


def _odt(interview: Interview) -> bytes:
    """Return the turns as OpenDocument text."""
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    for turn in interview.turns:
        document.text.addElement(P(text=f"{turn.speaker}: {turn.words}"))
    made = io.BytesIO()
    document.write(made)
    return made.getvalue()


def _without_dates(archive: bytes) -> bytes:
    """Return an archive with fixed dates and no compression: the same bytes everywhere."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            words = old.read(entry)
            if entry.filename == "meta.xml":
                words = re.sub(rb"<(dc:date|meta:creation-date)>.*?</\1>", b"", words)
            new.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), words)
    return made.getvalue()


def write_planted(path: Path, planted: list[Planted]) -> None:
    """Write planted codings as a table that `import codings` can read."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["case_id", "segment_n", "code", "start", "end", "quote"])
        writer.writerows(
            (each.case_id, each.segment_n, each.code, each.start, each.end, each.quote)
            for each in planted
        )
