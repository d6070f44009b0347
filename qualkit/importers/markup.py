"""XML from elsewhere, looked through before any library builds a tree of it.

Expat tells of each tag as it comes, so nothing is kept: a file that declares
entities, nests absurdly or has millions of tags is refused in flat memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from qualkit.errors import SourceFormatError

if TYPE_CHECKING:
    from lxml.etree import _Element

# Tables in tables and text boxes nest some 30 deep; the readers of Word files, which call
# themselves at each level, stop at about 130.
MOST_DEPTH = 100
# A transcript of a day, or a report of five hundred pages, has some 100,000 tags; a tree of a
# million would take 1 GB and a minute.
MOST_TAGS = 200_000
MOST_ATTRIBUTES = 500_000
# The words of a very long book are 5 MB.
MOST_TEXT = 50_000_000

_TEXT = "save the text as .txt, or split the file"


class _Scan:
    """Counts the tags of one part, and stops at what no document has."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.depth = self.tags = self.attributes = 0

    def begin(self, _name: str, attributes: list[str]) -> None:
        """Count a start tag; `attributes` alternates names and values."""
        self.depth += 1
        self.tags += 1
        self.attributes += len(attributes) // 2
        if self.depth > MOST_DEPTH:
            self._refuse("nests deeper", f"{MOST_DEPTH} tags within each other", "open it in Office"
                         " or LibreOffice and save its text as .txt")  # fmt: skip
        if self.tags > MOST_TAGS:
            self._refuse("is larger", f"{MOST_TAGS:,} tags", _TEXT)
        if self.attributes > MOST_ATTRIBUTES:
            self._refuse("is larger", f"{MOST_ATTRIBUTES:,} attributes", _TEXT)

    def end(self, _name: str) -> None:
        """Count an end tag."""
        self.depth -= 1

    def doctype(self, *_: object) -> None:
        """Refuse a document type declaration, before any entity is read."""
        raise SourceFormatError(
            "the file declares XML entities, which no word processor or spreadsheet does",
            where=self.where,
            found="a document type declaration",
            to_do="do not trust it; ask its sender for the text, or save it anew in Office",
        )

    def _refuse(self, how: str, most: str, to_do: str) -> None:
        raise SourceFormatError(
            f"the file {how} than any document",
            where=self.where,
            found=f"more than {most}",
            expected=f"at most {most}",
            to_do=to_do,
        )


def check_xml(path: Path, name: str, data: bytes) -> None:
    """Check that a part is sound XML of a document's size, without entities.

    Raises
    ------
    SourceFormatError
        It is not.
    """
    where = f"{path}, part {name[:80]}"
    if len(data) > MOST_TEXT:
        raise SourceFormatError(
            "the file is larger than any document",
            where=where,
            found=f"{len(data) // 1_000_000} MB of text",
            expected=f"at most {MOST_TEXT // 1_000_000} MB",
            to_do=_TEXT,
        )
    scan = _Scan(where)
    # With a separator names must be of a declared namespace, as the readers need them.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = scan.doctype
    parser.StartElementHandler = scan.begin
    parser.EndElementHandler = scan.end
    try:
        parser.Parse(data, True)
    except SourceFormatError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding unheard of
        raise faulty_part(path, name) from error


def parse_xml(path: Path, name: str, data: bytes) -> _Element:
    """Return the tree of a part that `check_xml` finds sound.

    Raises
    ------
    SourceFormatError
        See `check_xml`.
    """
    from lxml import etree

    check_xml(path, name, data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise faulty_part(path, name) from error


def join_chunks(chunks: Iterable[bytes]) -> bytes:
    """Return a part's bytes, and no more of an overlong one than shows that it is so."""
    out = bytearray()
    for chunk in chunks:
        out += chunk
        if len(out) > MOST_TEXT:
            break
    return bytes(out)


def faulty_part(path: Path, name: str) -> SourceFormatError:
    """Return the refusal of a part that is no sound XML."""
    return SourceFormatError(
        "the file is damaged",
        where=str(path),
        found=f"faulty XML in its part {name[:80]}",
        to_do="open it in Word or LibreOffice and save it again, without a password",
    )
