"""Word (.docx) and OpenDocument (.odt) files as paragraphs.

Word files go through mammoth, which knows styles, lists, text boxes and strict
OOXML. Both formats are zip archives of XML from elsewhere, so `check_archive`
looks first: no zip bombs, no entities, nothing fetched from the network.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import SourceFormatError
from qualkit.importers.texts import Paragraph, Paragraphs

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_BYTES = 500_000_000
MOST_RATIO = 200
# Small parts of a few thousand equal bytes are packed very tightly and harmless.
_RATIO_FROM = 20_000_000

_HEADINGS = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"


def check_archive(path: Path) -> dict[str, _Element]:
    """Check a zip archive of XML before it is read; return the parts with its text.

    Returns
    -------
    dict of str to element
        The parsed content.xml, word/comments.xml and document part, as present.

    Raises
    ------
    SourceFormatError
        It unpacks to more than 500 MB or 200 times its size, declares XML
        entities, is locked with a password, or is damaged.
    """
    kept: dict[str, _Element] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            ratio = unpacked / packed
            if unpacked > MOST_BYTES or (unpacked > _RATIO_FROM and ratio > MOST_RATIO):
                raise SourceFormatError(
                    "the file unpacks to far more than a text needs",
                    where=str(path),
                    found=f"{unpacked // 1_000_000} MB, {ratio:.0f} times its size",
                    expected=f"under {MOST_BYTES // 1_000_000} MB and {MOST_RATIO} times",
                    to_do="take the pictures out, or save the text as .txt",
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    root = _parse_part(path, part.filename, archive.read(part))
                    if part.filename in {"content.xml", "word/comments.xml"}:
                        kept[part.filename] = root
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise _damaged(path, "an archive that cannot be unpacked or has a password") from error
    return kept


def _parse_part(path: Path, name: str, data: bytes) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _damaged(path, f"faulty XML in its part {name}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceFormatError(
            "the file declares XML entities, which no word processor does",
            where=f"{path}, part {name}",
            found="a document type declaration",
            to_do="do not trust it; ask its sender for the text, or save it anew in Word",
        )
    return root


def _damaged(path: Path, found: str) -> SourceFormatError:
    return SourceFormatError(
        "the file is damaged",
        where=str(path),
        found=found,
        to_do="open it in Word or LibreOffice and save it again, without a password",
    )


# --- Word -----------------------------------------------------------------------------


def read_docx(path: Path) -> Paragraphs:
    """Return the paragraphs of a Word file: text, lists, tables, text boxes, then notes."""
    import mammoth
    from lxml import html

    parts = check_archive(path)
    try:
        with path.open("rb") as stream:
            result = mammoth.convert_to_html(
                stream, style_map=_HEADINGS, convert_image=lambda _image: []
            )
    except (KeyError, ValueError, OSError, AttributeError, TypeError, IndexError) as error:
        raise _damaged(path, "a Word file without some of its parts") from error
    found = Paragraphs()
    if "word/comments.xml" in parts:
        comments = parts["word/comments.xml"]
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
                level = int(block.get(f"{_TEXT}outline-level", "1")) if tag.endswith("}h") else 0
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
                parts.append((" " * min(int(child.get(f"{_TEXT}c", "1")), 1000), bold))
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
    root = check_archive(path).get("content.xml")
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


def _one_line(text: str | None) -> str:
    """Return XML text as OpenDocument means it: runs of white space are one space."""
    if not text:
        return ""
    for char in "\t\r\n":
        text = text.replace(char, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text
