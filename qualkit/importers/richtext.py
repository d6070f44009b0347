"""Rich text (.rtf) as paragraphs, by striprtf.

Pictures and other binary data go first, and lines are broken where that
changes nothing, since some of striprtf's patterns take very long over long
lines.
"""

from __future__ import annotations

import re
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_size
from qualkit.importers.texts import Paragraph, Paragraphs

# With a hundred photographs; they are left out before anything is read.
MOST_BYTES = 100_000_000
# A book of a thousand pages with its formatting.
MOST_CHARS = 10_000_000
# Word lists some fifty fonts in 10,000 characters.
LONGEST_FONTS = 200_000
LONGEST_FONT = 2_000
# Beyond these a link is read as its words alone.
LONGEST_LINK = 1_000
MOST_LINKS = 2_000

_BINARY = re.compile(rb"\\(?:bin(\d{1,10})[ ]?|.)", re.DOTALL)
# A picture in hexadecimal; no words are made of these for so long.
_HEX = re.compile(rb"(?<![0-9A-Fa-f\s])[0-9A-Fa-f\s]{500,}")
_FONTS = re.compile(r"{[^{}]*\\fonttbl")
_FIELD = re.compile(r"(?<!\\)(?=\{\\field)")
_COMMENT = re.compile(r"\{\\\*\\(?:annotation|atnid|atnauthor)\b")


def read_rtf(path: Path) -> Paragraphs:
    """Return the paragraphs of a rich text file; comments are counted, not read.

    Raises
    ------
    SourceFormatError
        The codes are not RTF, or the file is larger than any text.
    """
    from striprtf.striprtf import rtf_to_text

    check_size(path, MOST_BYTES)
    data = _HEX.sub(b"", _without_binary(path, path.read_bytes()))
    check_size(path, MOST_CHARS, len(data))
    # RTF is ASCII; other letters are escapes, but some programs write them as Windows-1252.
    source, comments = _without_comments(data.decode("cp1252", errors="replace"))
    source = _with_short_lines(path, source)
    try:
        text = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise SourceFormatError(
            "the rich text (RTF) cannot be read",
            where=str(path),
            found="codes that are not RTF",
            to_do="open it in Word or LibreOffice and save it as .docx",
        ) from error
    # Letters beyond the first 65,536 are written as two halves; a lone half is no letter.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    found = Paragraphs(comments=comments)
    blank = False
    for n, line in enumerate(text.split("\n"), start=1):
        cells = tuple(cell.strip() for cell in line.split("|")[:-1]) if _is_row(line) else ()
        shown = "\t".join(cells) if cells else line.strip()
        if shown:
            found.items.append(Paragraph(shown, f"paragraph {n}", cells=cells, gap=blank))
        blank = not shown
    return found


def _is_row(line: str) -> bool:
    """Tell a row of a table, whose cells striprtf ends with a bar each."""
    return line.rstrip().endswith("|") and line.count("|") >= 2


def _without_binary(path: Path, data: bytes) -> bytes:
    r"""Return the RTF without the bytes that each \binN announces."""
    if b"\\bin" not in data:
        return data
    parts, start, at = [], 0, 0
    while found := _BINARY.search(data, at):
        at = found.end()
        if found[1] is None:
            continue
        if int(found[1]) > len(data) - at:
            raise SourceFormatError(
                "the rich text (RTF) announces more data than it has",
                where=f"{path}, byte {found.start():,}",
                found=f"{int(found[1]):,} bytes announced, {len(data) - at:,} left",
                to_do="the file is cut short or damaged: copy it again, or save it as .docx",
            )
        parts.append(data[start : found.start()])
        start = at = at + int(found[1])
    return b"".join(parts) + data[start:]


def _with_short_lines(path: Path, source: str) -> str:
    """Return the RTF with line breaks, which mean nothing in it, before fields and fonts."""
    fonts = _FONTS.search(source)
    if fonts:
        end = _group_end(source, fonts.start())
        table = source[fonts.start() : end].replace("{", "\n{")
        if len(table) > LONGEST_FONTS or max(map(len, table.split("\n"))) > LONGEST_FONT:
            raise SourceFormatError(
                "the rich text (RTF) has a list of fonts longer than any program writes",
                where=f"{path}, character {fonts.start():,}",
                found=f"{len(table):,} characters",
                expected=f"at most {LONGEST_FONTS:,}, and {LONGEST_FONT:,} a font",
                to_do="open it in Word or LibreOffice and save it as .docx",
            )
        source = f"{source[: fonts.start()]}{table}{source[end:]}"
    if "HYPERLINK" not in source:
        return source
    links = source.count("HYPERLINK") <= MOST_LINKS
    lines = _FIELD.sub("\n", source).replace("}}}", "}}}\n").split("\n")
    return "\n".join(
        line if links and len(line) <= LONGEST_LINK else line.replace("HYPERLINK", "Hyperlink")
        for line in lines
    )


def _without_comments(source: str) -> tuple[str, int]:
    r"""Return the RTF without its {\*\annotation} groups, and how many there were."""
    parts, start, comments = [], 0, 0
    for found in _COMMENT.finditer(source):
        if found.start() < start:
            continue
        parts.append(source[start : found.start()])
        start = _group_end(source, found.start())
        comments += found.group().endswith("annotation")
    return "".join(parts) + source[start:], comments


def _group_end(source: str, at: int) -> int:
    """Return where the group that begins at `at` has ended."""
    depth = 0
    while at < len(source):
        if source[at] == "\\":
            at += 1
        elif source[at] == "{":
            depth += 1
        elif source[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(source)
