"""Word (.docx) and OpenDocument (.odt) files as paragraphs.

Word files go through mammoth, which knows styles, lists, text boxes and strict
OOXML. Both formats are zip archives of XML from elsewhere, so `read_parts`
looks first: no zip bombs, no entities, nothing fetched from the network.
"""

from __future__ import annotations

import gc
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import SourceFormatError
from qualkit.importers.archives import open_archive, unpack
from qualkit.importers.markup import check_xml, join_chunks, parse_xml
from qualkit.importers.texts import Paragraph, Paragraphs

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADINGS = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"


def read_parts(path: Path) -> dict[str, bytes]:
    """Return the XML parts of a zip archive by name, each looked through (see `markup`).

    Raises
    ------
    SourceFormatError
        The archive or a part is damaged, or is what no word processor writes.
    """
    parts: dict[str, bytes] = {}
    with open_archive(path) as archive:
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels")):
                data = join_chunks(unpack(path, archive, part))
                check_xml(path, part.filename, data)
                parts[part.filename] = data
    return parts


def _damaged(path: Path, found: str) -> SourceFormatError:
    return SourceFormatError(
        "the file is damaged",
        where=str(path),
        found=found,
        to_do="open it in Word or LibreOffice and save it again, without a password",
    )


@contextmanager
def _keeping_all() -> Iterator[None]:
    """Put off the collection of what nobody needs: mammoth keeps all it makes until it is done.

    That halves the time of a long file.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _archive_of(parts: Mapping[str, bytes]) -> io.BytesIO:
    """Return an archive of the parts looked through: mammoth is to see nothing else."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    packed.seek(0)
    return packed


# --- Word -----------------------------------------------------------------------------


def read_docx(path: Path) -> Paragraphs:
    """Return the paragraphs of a Word file: text, lists, tables, text boxes, then notes."""
    import mammoth
    from lxml import html

    parts = read_parts(path)
    try:
        with _keeping_all():
            result = mammoth.convert_to_html(
                _archive_of(parts), style_map=_HEADINGS, convert_image=lambda _image: []
            )
    except (KeyError, ValueError, OSError, AttributeError, TypeError, IndexError) as error:
        raise _damaged(path, "a Word file without some of its parts") from error
    found = Paragraphs()
    if "word/comments.xml" in parts:
        comments = parse_xml(path, "word/comments.xml", parts["word/comments.xml"])
        found.comments = sum(
            len(comments.findall(f"{prefix}comment")) for prefix in (_WORD, _STRICT_WORD)
        )
    walker = _Walker(found.items)
    if result.value:
        walker.html_blocks(html.fragment_fromstring(result.value, create_parent="div"))
    return found


class _Walker:
    """Collects paragraphs in order and counts them for their places."""

    def __init__(
        self,
        items: list[Paragraph],
        bold: frozenset[str] = frozenset(),
        parents: Mapping[str, str] | None = None,
    ) -> None:
        self.items = items
        self.bold = bold
        self.parents = parents or {}
        self.n = 0

    def add(self, text: str, lead: str = "", heading: int = 0, *, note: bool = False) -> None:
        """Add one paragraph if it has words."""
        self.n += 1
        if text.strip():
            place = f"note {self.n}" if note else f"paragraph {self.n}"
            self.items.append(
                Paragraph(text.strip(), place, heading, lead.strip(), note=note, gap=True)
            )

    def add_row(self, cells: list[str]) -> None:
        """Add one row of a table."""
        self.n += 1
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            text = "\t".join(cell for cell in stripped if cell)
            self.items.append(Paragraph(text, f"paragraph {self.n}", cells=stripped, gap=True))

    def html_blocks(self, parent: _Element) -> None:
        """Walk the blocks of mammoth's HTML."""
        for block in parent:
            tag = str(block.tag)
            if tag in {"ul", "ol"}:
                for item in block:
                    note = "note-" in item.get("id", "")
                    # A list within an item is its own paragraphs.
                    self.add(_html_text(item, deep=note), note=note)
                    if not note:
                        inner = [child for child in item if child.tag in {"ul", "ol", "table"}]
                        self._html_children(inner)
            elif tag == "table":
                for row in block.iter("tr"):
                    if next(row.iterancestors("table")) is block:
                        self.add_row([_html_text(cell, deep=True) for cell in row])
            elif tag == "div":
                self.html_blocks(block)
            else:
                level = int(tag[1]) if tag[:1] == "h" and tag[1:].isdigit() else 0
                self.add(_html_text(block), _html_lead(block), level)

    def _html_children(self, blocks: list[_Element]) -> None:
        from lxml import etree

        holder = etree.Element("div")
        holder.extend(blocks)
        self.html_blocks(holder)

    # --- OpenDocument -------------------------------------------------------------------

    def odt_blocks(self, parent: _Element, notes: list[str]) -> None:
        """Walk the blocks of an OpenDocument text."""
        for block in parent:
            tag = str(block.tag)
            if tag in {f"{_TEXT}p", f"{_TEXT}h"}:
                level = _whole(block.get(f"{_TEXT}outline-level")) if tag.endswith("}h") else 0
                text, lead = self._odt_text(block, notes)
                style = block.get(f"{_TEXT}style-name", "")
                named = self.parents.get(style, style)
                if not level and named in {"Title", "Subtitle"}:
                    level = 1 if named == "Title" else 2
                self.add(text, text if style in self.bold else lead, level)
            elif tag == f"{_TABLE}table":
                for row in block.iter(f"{_TABLE}table-row"):
                    if next(row.iterancestors(f"{_TABLE}table")) is block:
                        cells = row.findall(f"{_TABLE}table-cell")
                        self.add_row([self._odt_cell(cell, notes) for cell in cells])
            elif not tag.startswith("{") or tag in {
                f"{_TEXT}tracked-changes",
                f"{_TEXT}sequence-decls",
                f"{_OFFICE}forms",
            }:
                continue
            else:
                self.odt_blocks(block, notes)

    def _odt_cell(self, cell: _Element, notes: list[str]) -> str:
        paragraphs = cell.iter(f"{_TEXT}p", f"{_TEXT}h")
        return "\n".join(self._odt_text(child, notes)[0].strip() for child in paragraphs).strip()

    def _odt_text(self, block: _Element, notes: list[str]) -> tuple[str, str]:
        """Return the words of a paragraph, and those that begin it in bold."""
        parts: list[tuple[str, bool]] = []
        self._odt_inline(block, parts, notes, bold=False)
        lead = ""
        for text, bold in parts:
            if text.strip() and not bold:
                break
            lead += text
        return "".join(text for text, _ in parts), lead

    def _odt_inline(
        self, node: _Element, parts: list[tuple[str, bool]], notes: list[str], *, bold: bool
    ) -> None:
        parts.append((_one_line(node.text), bold))
        for child in node:
            tag = str(child.tag)
            if tag == f"{_TEXT}s":
                parts.append((" " * min(_whole(child.get(f"{_TEXT}c")), 1000), bold))
            elif tag == f"{_TEXT}tab":
                parts.append(("\t", bold))
            elif tag == f"{_TEXT}line-break":
                parts.append(("\n", bold))
            elif tag == f"{_TEXT}note":
                body = child.find(f"{_TEXT}note-body")
                if body is not None:
                    notes.append(self._odt_cell(body, []))
            elif not (tag.startswith(_OFFICE) and "annotation" in tag):
                inner = bold or child.get(f"{_TEXT}style-name", "") in self.bold
                self._odt_inline(child, parts, notes, bold=inner)
            parts.append((_one_line(child.tail), bold))


def _html_text(node: _Element, *, deep: bool = False) -> str:
    """Return the words of a block; with `deep` the blocks within it on lines of their own."""
    parts = [node.text or ""]
    for child in node:
        tag = str(child.tag)
        blocks = tag in {"p", "ul", "ol", "li", "table", "tr", "td", "th"}
        if tag == "br":
            parts.append("\n")
        elif _is_note_mark(child) or (blocks and not deep):
            pass
        elif blocks:
            inner = _html_text(child, deep=True)
            parts.append(f"\n{inner}" if inner.strip() else "")
        else:
            parts.append(_html_text(child, deep=deep))
        parts.append(child.tail or "")
    return "".join(parts).strip("\n") if deep else "".join(parts)


def _is_note_mark(node: _Element) -> bool:
    """Tell the raised number of a footnote, and the arrow back from it."""
    if node.tag == "sup":
        return any("note-ref" in link.get("id", "") for link in node.iter("a"))
    return node.tag == "a" and "note-ref" in node.get("href", "")


def _html_lead(block: _Element) -> str:
    """Return the words in bold that begin a paragraph."""
    if (block.text or "").strip():
        return ""
    lead = ""
    for child in block:
        if child.tag != "strong":
            break
        lead += _html_text(child)
        if (child.tail or "").strip():
            break
        lead += child.tail or ""
    return lead


# --- OpenDocument -----------------------------------------------------------------------

# lxml, not odfpy: its text keeps the file's own line breaks and runs of spaces and takes
# comments in, so the same walk would be needed over its tree; it refuses files without a
# manifest, prints a part's words where its parser fails, and had its last release in 2020.


def read_odt(path: Path) -> Paragraphs:
    """Return the paragraphs of an OpenDocument text: text, lists, tables, then notes."""
    content = read_parts(path).get("content.xml")
    root = None if content is None else parse_xml(path, "content.xml", content)
    body = root.find(f"{_OFFICE}body/{_OFFICE}text") if root is not None else None
    if root is None or body is None:
        raise _damaged(path, "an OpenDocument file without a text (a spreadsheet perhaps)")
    bold = {
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        for text in style.iter(f"{_STYLE}text-properties")
        if text.get(f"{_FO}font-weight") == "bold"
    }
    found = Paragraphs(comments=sum(1 for _ in root.iter(f"{_OFFICE}annotation")))
    # A paragraph changed by hand has a style of its own, whose parent is the one it was given.
    parents = {
        style.get(f"{_STYLE}name", ""): style.get(f"{_STYLE}parent-style-name", "")
        for style in root.iter(f"{_STYLE}style")
    }
    walker = _Walker(found.items, frozenset(bold - {""}), parents)
    notes: list[str] = []
    walker.odt_blocks(body, notes)
    for text in notes:
        walker.add(text, note=True)
    return found


def _whole(number: str | None) -> int:
    """Return a small whole number as an attribute gives it; 1 where it gives none."""
    return int(number) if number and number.isdecimal() and len(number) < 7 else 1


def _one_line(text: str | None) -> str:
    """Return XML text as OpenDocument means it: runs of white space are one space."""
    if not text:
        return ""
    for char in "\t\r\n":
        text = text.replace(char, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text
