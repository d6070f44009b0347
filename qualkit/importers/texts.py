"""Text files and word processor files as plain paragraphs.

The transcript, document and Word narrative importers read .docx, .odt, .rtf,
.txt and .md through `read_paragraphs`; what a paragraph means is theirs to say.
Comments, tracked deletions, pictures, page heads and feet are not the text.
Footnotes come last, marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_lines, check_readable, read_text

TEXT_ENDINGS = (".docx", ".odt", ".rtf", ".txt", ".md")

_UNDERLINE = re.compile(r"\s*(={3,}|-{3,})\s*")
_HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
_BOLD_LEAD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_WRAPPED_AT = 100


@dataclass(frozen=True, slots=True)
class Paragraph:
    r"""One paragraph, list item, table row or note of a file.

    Attributes
    ----------
    text : str
        Stripped; a line break within the paragraph is \n. The cells of a table
        row are joined with tabs.
    place : str
        Where it stands, for people: "line 3", "paragraph 12".
    heading : int
        Level of a heading, 0 for other text.
    lead : str
        The words at the beginning that are bold, if any.
    cells : tuple of str
        The cells, where the paragraph is a row of a table.
    note : bool
        True for a footnote or endnote.
    gap : bool
        True if a blank line stands before it; always in Word and OpenDocument files.
    """

    text: str
    place: str
    heading: int = 0
    lead: str = ""
    cells: tuple[str, ...] = ()
    note: bool = False
    gap: bool = False


@dataclass(slots=True)
class Paragraphs:
    """What a file holds: its paragraphs, what stood above them, what was left out."""

    items: list[Paragraph] = field(default_factory=list)
    header: str = ""
    notes: list[str] = field(default_factory=list)
    comments: int = 0

    def body(self) -> list[Paragraph]:
        """Return the paragraphs without footnotes; their number goes to `notes`."""
        left_out = sum(item.note for item in self.items)
        if left_out:
            self.notes.append(f"{count(left_out, 'footnote')} left out")
        return [item for item in self.items if not item.note]


def read_paragraphs(path: Path) -> Paragraphs:
    """Return the paragraphs of a text or word processor file, in order.

    Raises
    ------
    SourceFormatError
        The ending is not one of `TEXT_ENDINGS`, or the file is not what its
        ending says, is damaged, or holds no text.
    """
    readers: dict[str, Callable[[Path], Paragraphs]] = {
        ".docx": _read_docx,
        ".odt": _read_odt,
        ".rtf": _read_rtf,
        ".txt": _read_plain,
        ".md": _read_markdown,
    }
    ending = path.suffix.lower()
    if ending not in readers:
        raise SourceFormatError(
            "files of this kind are not read as text",
            where=str(path),
            found=ending or "no ending",
            expected=", ".join(readers),
            to_do="save it as .docx or .txt",
        )
    check_readable(path)
    found = readers[ending](path)
    check_lines(path, len(found.items))
    if found.comments:
        found.notes.append(f"{count(found.comments, 'comment')} of the margin left out")
    if not any(item.text for item in found.items):
        raise SourceFormatError(
            "the file holds no text",
            where=str(path),
            found="no words" + (", a picture perhaps" if ending in {".docx", ".odt"} else ""),
            to_do="if it is a scan, have its text recognised first; otherwise leave it out",
        )
    return found


def count(number: int, noun: str) -> str:
    """Return "1 cue", "2 cues": a number and its noun."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def join_wrapped(items: Iterable[Paragraph]) -> list[Paragraph]:
    """Join the wrapped lines of a plain text file whose paragraphs blank lines set apart.

    Where no line is longer than 100 characters and blank lines stand between
    some, the lines between two blank ones are one paragraph; its line breaks
    stay. Elsewhere every line is a paragraph.
    """
    lines = list(items)
    longest = max((len(line.text) for line in lines), default=0)
    if longest > _WRAPPED_AT or not any(line.gap for line in lines[1:]):
        return lines
    blocks: list[list[Paragraph]] = []
    for line in lines:
        if blocks and not (line.gap or line.heading or blocks[-1][-1].heading):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [
        replace(block[0], text="\n".join(line.text for line in block)) if block[1:] else block[0]
        for block in blocks
    ]


# --- word processors ----------------------------------------------------------------


def _read_docx(path: Path) -> Paragraphs:
    from qualkit.importers.officefiles import read_docx

    return read_docx(path)


def _read_odt(path: Path) -> Paragraphs:
    from qualkit.importers.officefiles import read_odt

    return read_odt(path)


def _read_rtf(path: Path) -> Paragraphs:
    from qualkit.importers.richtext import read_rtf

    return read_rtf(path)


# --- plain text ---------------------------------------------------------------------


def _read_plain(path: Path) -> Paragraphs:
    return _lines_of(read_text(path), markdown=False)


def _read_markdown(path: Path) -> Paragraphs:
    text = read_text(path)
    # A block of "key: value" lines between two rules is the header of a Markdown file.
    header = re.match(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    skipped = text[: header.end()].count("\n") if header else 0
    found = _lines_of(text[header.end() :] if header else text, markdown=True, skipped=skipped)
    found.header = header.group(1).strip() if header else ""
    return found


def _lines_of(text: str, *, markdown: bool, skipped: int = 0) -> Paragraphs:
    found = Paragraphs()
    blank = False
    for n, line in enumerate(text.split("\n"), start=1 + skipped):
        shown = line.strip()
        underline = _UNDERLINE.fullmatch(line)
        above = found.items[-1] if found.items and not blank else None
        if underline and above and not above.heading and (markdown or "=" in line):
            found.items[-1] = replace(above, heading=1 if "=" in line else 2)
        elif shown and not underline:
            found.items.append(_line(shown, f"line {n}", gap=blank, markdown=markdown))
        blank = not shown or bool(underline)
    return found


def _line(shown: str, place: str, *, gap: bool, markdown: bool) -> Paragraph:
    hashes = _HASHES.match(shown) if markdown else None
    words = shown[hashes.end() :] if hashes else ""
    # Hashes may close a heading as well.
    words = words[0] + words[1:].rstrip().rstrip("#") if words else ""
    if hashes:
        return Paragraph(words.strip().strip("*_ "), place, heading=len(hashes[1]), gap=gap)
    bold = _BOLD_LEAD.match(shown)
    return Paragraph(shown, place, lead=bold[2] if bold else "", gap=gap)
