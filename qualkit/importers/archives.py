"""Zip archives (.xlsx, .docx, .odt) looked through before any library unpacks them.

The sizes that an archive declares are checked first, then held to while it is
unpacked, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from qualkit.errors import SourceFormatError

# What reading a damaged zip archive may raise; RuntimeError where a part is encrypted,
# ValueError where a place in the file is negative, RecursionError never.
ZIP_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)

# A Word file has a dozen parts and one for each picture; a workbook some for each sheet.
MOST_PARTS = 10_000
# The table of contents takes some 100 bytes a part.
MOST_DIRECTORY = 4_000_000
# A million rows of thirty columns are some 1,500 MB as a sheet.
MOST_BYTES = 2 << 30
# Sheets and texts pack to a tenth or a thirtieth; only repetition packs to less than a 200th.
MOST_RATIO = 200
# Small parts of a few thousand equal bytes are packed very tightly and harmless.
RATIO_FROM = 20_000_000

_CHUNK = 1 << 18
_END = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 1 << 16
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_LOCATOR_64_SIZE, _END_64_SIZE = 20, 56
_LOCAL = b"PK\x03\x04"
_LOCAL_SIZE = 30


@contextmanager
def open_archive(path: Path, expected: str = "") -> Iterator[zipfile.ZipFile]:
    """Open an archive whose table of contents is sound; whatever reading raises is a refusal.

    Raises
    ------
    SourceFormatError
        The archive is damaged or locked, has too many parts, parts that lie in
        each other or outside, or unpacks to far more than a document.
    """
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            _check_parts(path, archive)
            yield archive
    except SourceFormatError:
        raise
    except ZIP_DAMAGE as error:
        raise SourceFormatError(
            "the file is damaged",
            where=str(path),
            found="a zip archive that cannot be opened or unpacked; it is cut short perhaps, or"
            " has a password",
            expected=expected,
            to_do="copy or download it again, or open it in Office and save it again, without"
            " a password",
        ) from error


def unpack(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part's bytes in chunks, never more than the archive declares.

    Not by `ZipFile.open`, which stops at the declared size without a word,
    where other libraries would go on.
    """
    if part.flag_bits & 1:
        raise RuntimeError("the part has a password")
    stream = archive.fp
    if stream is None or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotImplementedError("another way of packing")
    stream.seek(part.header_offset)
    head = stream.read(_LOCAL_SIZE)
    if len(head) < _LOCAL_SIZE or head[:4] != _LOCAL:
        raise zipfile.BadZipFile("no part begins there")
    stream.seek(sum(struct.unpack("<HH", head[26:30])), 1)
    size = 0
    for chunk in _inflate(stream, part):
        size += len(chunk)
        if size > part.file_size:
            raise SourceFormatError(
                "the file unpacks to more than it declares",
                where=f"{path}, part {part.filename[:80]}",
                found=f"more than {part.file_size:,} bytes",
                to_do="do not trust it; ask its sender for another copy",
            )
        yield chunk
    if size < part.file_size:
        raise EOFError("the part is cut short")


def _inflate(stream: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    left = part.compress_size
    packed = part.compress_type == zipfile.ZIP_DEFLATED
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        data = stream.read(min(left, _CHUNK))
        if not data:
            raise EOFError("the part is cut short")
        left -= len(data)
        if not packed:
            yield data
            continue
        while data and not inflater.eof:
            yield inflater.decompress(data, _CHUNK)
            data = inflater.unconsumed_tail
        if inflater.eof:
            return


def _check_directory(path: Path) -> None:
    """Refuse a table of contents so long that reading it would fill the memory."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _LONGEST_COMMENT - _END_SIZE - _LOCATOR_64_SIZE - _END_64_SIZE))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise zipfile.BadZipFile("no table of contents")
    parts, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    locator = tail[max(0, at - _LOCATOR_64_SIZE) : at]
    if locator.startswith(_LOCATOR_64):
        end = tail[at - _LOCATOR_64_SIZE - _END_64_SIZE : at - _LOCATOR_64_SIZE]
        if len(end) < _END_64_SIZE or not end.startswith(_END_64):
            raise zipfile.BadZipFile("no table of contents")
        parts, length = struct.unpack("<QQ", end[32:48])
    if parts > MOST_PARTS or length > MOST_DIRECTORY:
        _refuse_parts(path, parts)


def _refuse_parts(path: Path, parts: int) -> None:
    raise SourceFormatError(
        "the file has more parts than a document needs",
        where=str(path),
        found=f"{parts:,} parts",
        expected=f"at most {MOST_PARTS:,}",
        to_do="open it in Office and save it again; if it is no document, leave it out",
    )


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        _refuse_parts(path, len(parts))
    if _END in archive.comment:
        raise zipfile.BadZipFile("two tables of contents")
    _check_sizes(path, parts)
    end = 0
    for part in sorted(parts, key=lambda each: each.header_offset):
        if part.header_offset < end:
            _refuse_structure(path, "parts that lie within each other")
        end = part.header_offset + _LOCAL_SIZE + part.compress_size
        if ".." in PurePosixPath(part.filename.replace("\\", "/")).parts:
            _refuse_structure(path, "a part whose name leads out of the archive")


def _check_sizes(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    tight = [
        part
        for part in parts
        if part.file_size > RATIO_FROM
        and part.file_size > MOST_RATIO * part.compress_size
        # Pictures are not unpacked, and a blank one packs tightly.
        and "/media/" not in part.filename
    ]
    if unpacked <= MOST_BYTES and not tight:
        return
    found = f"{unpacked // 1_000_000:,} MB"
    if tight:
        ratio = tight[0].file_size // max(1, tight[0].compress_size)
        found = f"a part of {tight[0].file_size // 1_000_000:,} MB, {ratio:,} times its packed size"
    raise SourceFormatError(
        "the file unpacks to far more than a document needs",
        where=str(path),
        found=found,
        expected=f"under {MOST_BYTES // 1_000_000:,} MB and {MOST_RATIO} times",
        to_do="do not trust it if it came from elsewhere; otherwise save its text as .txt, or its"
        " table as .csv",
    )


def _refuse_structure(path: Path, found: str) -> None:
    raise SourceFormatError(
        "the file is put together as no program does",
        where=str(path),
        found=found,
        expected="a zip archive with its parts one after another",
        to_do="do not trust it; ask its sender for the text, or save it anew in Office",
    )
