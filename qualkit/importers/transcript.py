"""Imports transcripts: one case a file, one segment a speaker turn.

`read_transcript` chooses the reader by the file's ending, finds the speakers,
their roles and the family reference, and says in the notes what it found.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.caseform import read_cases
from qualkit.importers.cueturns import turns_of_cues
from qualkit.importers.files import check_readable, hash_file
from qualkit.importers.roles import Cast, assign_roles
from qualkit.importers.subtitles import SUBTITLE_ENDINGS, read_subtitles
from qualkit.importers.texts import TEXT_ENDINGS, read_paragraphs
from qualkit.importers.turns import Turns, lines_of, turns_of_lines
from qualkit.importers.ufrn import find_ufrn
from qualkit.model import Kind, ParsedCase, ParsedSegment, ParsedSource, Rejection

TRANSCRIPT_ENDINGS = (*TEXT_ENDINGS, *SUBTITLE_ENDINGS, ".jsonl")


@dataclass(frozen=True, slots=True)
class TranscriptOptions:
    """What the user says of a transcript.

    Attributes
    ----------
    family : str or None
        The family reference.
    family_from : str or None
        A pattern with one group for it, searched in the file name, then in
        the front matter.
    interviewer : tuple of str
        Names of the speakers who ask.
    kind : Kind
        Kind of the case.
    """

    family: str | None = None
    family_from: str | None = None
    interviewer: tuple[str, ...] = ()
    kind: Kind = Kind.INTERVIEW


def read_transcript(path: Path, options: TranscriptOptions, name: str = "") -> ParsedSource:
    """Read one transcript.

    Parameters
    ----------
    path : Path
        A .docx, .odt, .rtf, .txt, .md, .vtt, .srt, .sbv or .jsonl file.
    options : TranscriptOptions
        What the user says of it.
    name : str
        Name of the source; the file's name without it.

    Raises
    ------
    SourceFormatError
        The file cannot be read as what its ending says, or no speaker is found.
    UnknownNameError
        A name given as the interviewer's is not a speaker.
    """
    check_readable(path)
    ending = path.suffix.lower()
    if ending == ".jsonl":
        return read_cases(path, name, options.kind)
    notes: list[str] = []
    rejections: list[Rejection] = []
    if ending in SUBTITLE_ENDINGS:
        turns = _subtitle_turns(path, options, notes, rejections)
    elif ending in TEXT_ENDINGS:
        turns = _text_turns(path, options, notes)
    else:
        raise SourceFormatError(
            "files of this kind are not read as transcripts",
            where=str(path),
            found=ending or "no ending",
            expected=", ".join(TRANSCRIPT_ENDINGS),
            to_do="export the transcript as .docx, .txt or .vtt",
        )
    said = [(turn.speaker, turn.text) for turn in turns.items]
    cast = assign_roles(said, options.interviewer, turns.interviewers, where=str(path))
    ufrn = find_ufrn(options.family, options.family_from, path.name, turns.front, notes)
    segments = _segments(turns, cast)
    case = ParsedCase(case_id_of(path, name), options.kind, segments, ufrn=ufrn, place=path.name)
    return ParsedSource(
        name=name or path.name,
        kind=options.kind,
        path=str(path),
        content_hash=hash_file(path),
        options=_options_line(options),
        items=(case, *rejections),
        notes=[*notes, *turns.notes, *cast.notes],
        front_matter="\n".join(turns.front),
    )


def case_id_of(path: Path, name: str = "") -> str:
    """Return the case id of a file: its stem, or that of the source's name."""
    if not name:
        return path.stem
    # A name is no file name: "visit 2.3" keeps its end.
    known = (*TRANSCRIPT_ENDINGS, path.suffix.lower())
    ending = Path(name).suffix
    return name[: -len(ending)] if ending and ending.lower() in known else name


def _segments(turns: Turns, cast: Cast) -> tuple[ParsedSegment, ...]:
    return tuple(
        ParsedSegment(
            n,
            turn.text,
            label=turn.label,
            speaker=turn.speaker,
            role=str(cast.roles[turn.speaker]),
            start_s=turn.start_s,
            end_s=turn.end_s,
            place=turn.place,
        )
        for n, turn in enumerate(turns.items, start=1)
    )


def _text_turns(path: Path, options: TranscriptOptions, notes: list[str]) -> Turns:
    found = read_paragraphs(path)
    lines = lines_of(found.body())
    turns = turns_of_lines(lines, options.interviewer)
    if turns is None or not turns.items:
        raise SourceFormatError(
            "no speaker was found in the transcript",
            where=str(path),
            found=f"{len(lines)} lines, none of which begins with a speaker",
            expected="speakers written as 'Interviewer: ...' and 'Mum: ...', or in a like way",
            to_do="for text without speakers use `qualkit import document`; otherwise write "
            "each speaker's name and a colon before what they say",
        )
    if found.header:
        turns.front[:0] = found.header.split("\n")
    notes += found.notes
    return turns


def _subtitle_turns(
    path: Path, options: TranscriptOptions, notes: list[str], rejections: list[Rejection]
) -> Turns:
    found = read_subtitles(path)
    turns = turns_of_cues(found.cues, options.interviewer)
    if found.header:
        turns.front[:0] = found.header.split("\n")
    notes += found.notes
    rejections += found.rejections
    if rejections:
        places = ", ".join(rejection.place for rejection in rejections[:5])
        more = ", …" if len(rejections) > 5 else ""
        notes.append(f"{len(rejections)} set aside ({places}{more}): see the rejects")
    return turns


def _options_line(options: TranscriptOptions) -> str:
    interviewers = "|".join(options.interviewer)
    return (
        f"transcript; kind={options.kind}; family={options.family or ''}; "
        f"family-from={options.family_from or ''}; interviewer={interviewers}"
    )
