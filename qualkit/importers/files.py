"""What every importer needs of a file: is it what it says, its hash, its encoding, its text.

The first room a file passes. Everything works in chunks, so that a long file
takes no more memory than a short one (but for `read_text`, which returns it).
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.formats import check_readable

__all__ = [
    "check_lines",
    "check_readable",
    "check_size",
    "detect_encoding",
    "hash_file",
    "read_text",
]

# The words of a very long book are 5 MB.
MOST_TEXT = 50_000_000
# A hearing of a whole day has some 20,000 lines, a book of a thousand pages 50,000.
MOST_LINES = 75_000

_CHUNK = 1 << 20
_SAMPLE = 1 << 18

_BOMS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Curly apostrophes and quotation marks as old Macintosh programs and as Windows write them.
_MAC_MARKS = re.compile(rb"[a-z]\xd5[a-z]|[ \r\n,]\xd2[A-Za-z]|[a-z.,!?]\xd3[ \r\n,]")
_WINDOWS_MARKS = re.compile(rb"[\x91-\x96]")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    for chunk in _read_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def detect_encoding(path: Path) -> str:
    """Return the name of the file's encoding, as Python's `open` takes it.

    A byte order mark decides; else strict UTF-8; else UTF-16 by its pattern of
    NUL bytes; else Windows-1252 (or Mac Roman) where it reads sensibly.

    Raises
    ------
    SourceFormatError
        The file holds NUL bytes, is binary, mixes encodings, or its encoding
        cannot be told.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            _require_decodes(path, encoding)
            return encoding
    wide = _wide_encoding(sample)
    if wide:
        _require_decodes(path, wide)
        return wide
    _refuse_nul_bytes(path)
    fault = _first_fault(path, "utf-8")
    if fault is None:
        return "utf-8"
    return _eight_bit_encoding(path, fault)


def read_text(path: Path) -> str:
    r"""Return the file's text: decoded, line ends \n, no byte order mark.

    Raises
    ------
    SourceFormatError
        See `detect_encoding`; or the text is longer than any book.
    """
    check_size(path, MOST_TEXT)
    with path.open(encoding=detect_encoding(path), newline=None) as stream:
        text = stream.read().removeprefix("\ufeff")
    # Blank lines cost little; who reads the text counts the others.
    check_lines(path, text.count("\n") // 4)
    return text


def check_size(path: Path, most: int, size: int | None = None) -> None:
    """Refuse a text of more than `most` bytes; `size` is the file's where it is not given.

    Raises
    ------
    SourceFormatError
        It is longer.
    """
    size = path.stat().st_size if size is None else size
    if size > most:
        raise SourceFormatError(
            "the file is longer than any text",
            where=str(path),
            found=f"{size / 1_000_000:,.1f} MB",
            expected=f"at most {most // 1_000_000} MB",
            to_do="split it into several files; if it is a table, give it the ending .csv",
        )


def check_lines(path: Path, lines: int) -> None:
    """Refuse a text of more than `MOST_LINES` lines.

    Raises
    ------
    SourceFormatError
        It has more.
    """
    if lines > MOST_LINES:
        raise SourceFormatError(
            "the file has more lines than any text",
            where=str(path),
            found=f"more than {MOST_LINES:,} lines",
            expected=f"at most {MOST_LINES:,}",
            to_do="split it into several files; if it is a table, give it the ending .csv",
        )


# --- bytes --------------------------------------------------------------------


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _first_fault(path: Path, encoding: str) -> int | None:
    """Return the offset of the first byte that `encoding` cannot read, or None."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset = 0
    for chunk in _read_chunks(path):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return offset - held + error.start
        except UnicodeError:  # UTF-16 and UTF-32 may say so without a place
            return offset
        offset += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return offset
    return None


def _require_decodes(path: Path, encoding: str) -> None:
    fault = _first_fault(path, encoding)
    if fault is not None:
        name = encoding.removesuffix("-sig").upper()
        raise SourceFormatError(
            f"the file begins as {name} but does not go on so",
            where=_line_of(path, fault),
            found=f"a byte that is not {name}",
            expected=f"{name} throughout",
            to_do="save it again as UTF-8 (in Excel: 'CSV UTF-8') from where it was made",
        )


def _wide_encoding(sample: bytes) -> str:
    """Name UTF-16 without a mark by its NUL bytes, which stand at every other place."""
    sample = sample[: len(sample) // 2 * 2]
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    half = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if second > 0.4 * half and first < 0.05 * half:
        return "utf-16-le"
    if first > 0.4 * half and second < 0.05 * half:
        return "utf-16-be"
    return ""


def _refuse_nul_bytes(path: Path) -> None:
    offset = 0
    for chunk in _read_chunks(path):
        at = chunk.find(b"\0")
        if at >= 0:
            raise SourceFormatError(
                "the file holds a NUL byte, which text does not",
                where=_line_of(path, offset + at),
                found="byte 00",
                expected="a text file (UTF-8, UTF-16 or Windows-1252)",
                to_do="export it again; if it is no text file, give it its right ending",
            )
        offset += len(chunk)


def _eight_bit_encoding(path: Path, fault: int) -> str:
    """Choose an encoding of one byte a character for a file that is not UTF-8."""
    sequences = lone = mac = windows = 0
    undefined = control = False
    for chunk in _read_chunks(path):
        rest, found = _UTF8_SEQUENCE.subn(b"", chunk)
        sequences += found
        lone += len(_HIGH_BYTE.findall(rest))
        mac += len(_MAC_MARKS.findall(chunk))
        windows += len(_WINDOWS_MARKS.findall(chunk))
        undefined = undefined or _NOT_IN_CP1252.search(chunk) is not None
        control = control or _CONTROLS.search(chunk) is not None
    if control:
        raise SourceFormatError(
            "the file is not text",
            where=str(path),
            found="control bytes",
            to_do="give the file its right ending, or export it as CSV (UTF-8)",
        )
    if sequences > lone:
        # Read as Windows-1252, every curly quotation mark would turn into three odd letters.
        raise SourceFormatError(
            "the file is UTF-8 for the most part but not throughout",
            where=_line_of(path, fault),
            found=f"{lone} bytes of another encoding beside {sequences} characters of UTF-8",
            to_do="mend the line named, or export the file again as UTF-8",
        )
    if mac > windows:
        return "mac-roman"
    if not undefined:
        return "cp1252"
    return _guess_encoding(path, fault)


def _guess_encoding(path: Path, fault: int) -> str:
    from charset_normalizer import from_bytes

    with path.open("rb") as stream:
        best = from_bytes(stream.read(_SAMPLE)).best()
    if best is not None and _first_fault(path, best.encoding) is None:
        return best.encoding
    raise SourceFormatError(
        "the encoding of the file cannot be told",
        where=_line_of(path, fault),
        found="bytes that are neither UTF-8 nor Windows-1252",
        to_do="save it again as UTF-8 (in Excel: 'CSV UTF-8') from where it was made",
    )


def _line_of(path: Path, offset: int) -> str:
    """Name the line in which a byte stands."""
    line, left, last = 1, offset, b""
    for chunk in _read_chunks(path):
        part = chunk[:left]
        line += part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
        if last == b"\r" and part.startswith(b"\n"):
            line -= 1
        last, left = part[-1:], left - len(part)
        if left <= 0:
            break
    return f"{path}, line {line}"
