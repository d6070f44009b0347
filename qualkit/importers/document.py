"""Imports documents: running text without speakers, one segment a paragraph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualkit.importers.files import hash_file
from qualkit.importers.labels import is_front_line
from qualkit.importers.texts import Paragraph, count, join_wrapped, read_paragraphs
from qualkit.importers.transcript import case_id_of
from qualkit.importers.ufrn import find_ufrn, ufrn_of_line
from qualkit.model import Kind, ParsedCase, ParsedSegment, ParsedSource

_LONGEST_FIELD = 60
_LONGEST_TITLE_WORDS = 10
_MOST_FRONT = 15


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """What the user says of a document; see `transcript.TranscriptOptions`."""

    family: str | None = None
    family_from: str | None = None


def read_document(path: Path, options: DocumentOptions, name: str = "") -> ParsedSource:
    """Read one document; headings are the labels of the paragraphs below them.

    Table cells and footnotes are segments of their own. Lines such as "Date:
    3 May" at the top are front matter.

    Raises
    ------
    SourceFormatError
        The file cannot be read as what its ending says, or holds no text.
    """
    found = read_paragraphs(path)
    plain = path.suffix.lower() in {".txt", ".md"}
    items = join_front(found.items) if plain else list(found.items)
    front, body = split_front(items)
    front = [*(found.header.split("\n") if found.header else ()), *front]
    notes = list(found.notes)
    ufrn = find_ufrn(options.family, options.family_from, path.name, front, notes)
    segments = tuple(_segments(body))
    footnotes = sum(segment.label == "footnote" for segment in segments)
    if footnotes:
        notes.append(f"{count(footnotes, 'footnote')} at the end, labelled so")
    case = ParsedCase(case_id_of(path, name), Kind.DOCUMENT, segments, ufrn=ufrn, place=path.name)
    return ParsedSource(
        name=name or path.name,
        kind=Kind.DOCUMENT,
        path=str(path),
        content_hash=hash_file(path),
        options=f"document; family={options.family or ''}; family-from={options.family_from or ''}",
        items=(case,),
        notes=notes,
        front_matter="\n".join(front),
    )


def join_front(items: list[Paragraph]) -> list[Paragraph]:
    """Join the wrapped lines of a text file, but leave the fields at its top line by line."""
    at = _front_end(items)
    return [*items[:at], *join_wrapped(items[at:])]


def split_front(items: list[Paragraph]) -> tuple[list[str], list[Paragraph]]:
    """Part the fields at the top of a document from the rest; headings stay."""
    end = _front_end(items)
    front = [item.text for item in items[:end] if not item.heading]
    return front, [item for item in items[:end] if item.heading] + items[end:]


def _front_end(items: list[Paragraph]) -> int:
    """Return how many items at the top are fields, or titles above a field."""
    end = 0
    for at, item in enumerate(items[:_MOST_FRONT]):
        if _is_field(item):
            end = at + 1
        elif not (item.heading or _is_title(item)):
            break
    return end


def _is_title(item: Paragraph) -> bool:
    text = item.text.strip()
    return len(text.split()) <= _LONGEST_TITLE_WORDS and text[-1:] not in ".?!,;"


def _is_field(item: Paragraph) -> bool:
    if ufrn_of_line(item.text):
        return True
    return (
        "\n" not in item.text
        and is_front_line(item.text)
        and len(item.text.partition(":")[2]) <= _LONGEST_FIELD
        and not item.text.endswith(".")
    )


def _segments(items: list[Paragraph]) -> list[ParsedSegment]:
    segments: list[ParsedSegment] = []
    heading = ""
    for item in items:
        if item.heading:
            heading = item.text
            continue
        label = "footnote" if item.note else heading
        texts = [(cell, f", cell {n}") for n, cell in enumerate(item.cells, start=1) if cell]
        for text, cell in texts or [(item.text, "")]:
            n = len(segments) + 1
            segments.append(ParsedSegment(n, text, label=label, place=f"{item.place}{cell}"))
    return segments
