"""Is a file there, may it be read, and are its bytes of the format that its ending says."""

from __future__ import annotations

import codecs
from pathlib import Path

from qualkit.errors import SourceFormatError, near_matches
from qualkit.importers.archives import open_archive

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADS = (
    (_OLE, "ole"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"SQLite format 3\x00", "sqlite"),
)
_FOUND = {
    "ole": "an Office file of the old kind (before 2007), or one with a password",
    "zip": "a zip archive (as .xlsx, .docx and .odt files are)",
    "pdf": "a PDF",
    "rtf": "rich text (RTF)",
    "gzip": "a compressed file",
    "picture": "a picture",
    "sqlite": "a SQLite database",
    "html": "a web page",
    "text": "plain text",
}
_TEXT_ENDINGS = frozenset(
    {".csv", ".tsv", ".txt", ".md", ".jsonl", ".ndjson", ".json", ".vtt", ".srt"}
)
_ZIP_ENDINGS = {
    ".xlsx": ("xl/", "an Excel workbook"),
    ".xlsm": ("xl/", "an Excel workbook"),
    ".docx": ("word/", "a Word document"),
    ".odt": ("content.xml", "an OpenDocument text"),
}


def check_readable(path: Path) -> None:
    """Check that `path` is a file that can be read and is of the format its ending says.

    Raises
    ------
    SourceFormatError
        It is missing, a folder, empty, not permitted, of an old Office format,
        or its bytes are of another format than its ending.
    """
    check_name(str(path))
    _require_file(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except PermissionError as error:
        raise SourceFormatError(
            "the file may not be read",
            where=str(path),
            found="no permission to read it",
            to_do="close it in other programs, or ask its owner for the right to read it",
        ) from error
    except OSError as error:
        raise SourceFormatError(
            "the file cannot be read",
            where=str(path),
            found=error.strerror or type(error).__name__,
            to_do="copy it to a folder on this computer and name the copy",
        ) from error
    if not head:
        raise SourceFormatError(
            "the file is empty",
            where=str(path),
            found="0 bytes",
            to_do="export or save it again",
        )
    _check_format(path, _format_of_head(head))


def check_name(name: str) -> None:
    """Refuse a name of a file or source that is not text: it could be neither kept nor shown.

    Raises
    ------
    SourceFormatError
        It holds bytes of another encoding than the computer's.
    """
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise SourceFormatError(
            "the name of the file cannot be read as text",
            where=name.encode(errors="replace").decode(),
            found="bytes that are not UTF-8, shown as ?",
            to_do="give the file another name",
        ) from error


def _require_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise SourceFormatError(
            "this is a folder, not a file",
            where=str(path),
            to_do="name the files in it, for example with *.csv",
        )
    if path.exists():
        raise SourceFormatError("this is not a plain file", where=str(path), to_do="name a file")
    folder = path.parent
    if not folder.is_dir():
        raise SourceFormatError(
            "there is no such folder", where=str(folder), to_do="check the path of the file"
        )
    near = near_matches(path.name, [entry.name for entry in folder.iterdir()])
    raise SourceFormatError(
        "there is no such file",
        where=str(path),
        to_do="did you mean " + " or ".join(near) + "?" if near else "check the name of the file",
    )


def _format_of_head(head: bytes) -> str:
    for mark, name in _HEADS:
        if head.startswith(mark):
            return name
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text"


def _check_format(path: Path, found: str) -> None:
    ending = path.suffix.lower()
    if ending in {".xls", ".doc"}:
        _refuse_old_office(path, ending, found)
    if ending in _ZIP_ENDINGS:
        if found != "zip":
            _refuse_format(path, found, _ZIP_ENDINGS[ending][1], _way_out_for_zip(ending, found))
        _check_archive(path, *_ZIP_ENDINGS[ending])
    elif ending == ".rtf" and found != "rtf":
        _refuse_format(path, found, "rich text (RTF)", "give the file its right ending")
    elif ending in _TEXT_ENDINGS and found != "text":
        ways = {
            "zip": "give it its right ending (.xlsx or .docx), or save it as CSV",
            "ole": "open it in Office and save it as .xlsx or .docx",
            "rtf": "give it the ending .rtf",
            "html": "copy the table into a spreadsheet and save that as .xlsx",
        }
        to_do = ways.get(found, "export it as text (UTF-8)")
        _refuse_format(path, found, f"text, as the ending {ending} says", to_do)


def _refuse_old_office(path: Path, ending: str, found: str) -> None:
    new, program = (".xlsx", "Excel") if ending == ".xls" else (".docx", "Word")
    ways = {"rtf": "give it the ending .rtf", "zip": f"give it the ending {new}"}
    if found == "text" and ending == ".xls":
        ways["text"] = "it is plain text: give it the ending .csv or .tsv"
    to_do = ways.get(found, f"open it in {program} or LibreOffice and save it as {new}")
    raise SourceFormatError(
        f"files of the old {program} format {ending} are not read",
        where=str(path),
        found=_FOUND[found],
        expected=f"a {new} file",
        to_do=to_do,
    )


def _way_out_for_zip(ending: str, found: str) -> str:
    if found == "pdf" and ending in {".docx", ".odt"}:
        return "PDFs are not read: open it in Word, save it as .docx and look it through"
    if found == "pdf":
        return "PDFs are not read: ask for the table as .xlsx or .csv"
    if found == "ole":
        return f"take the password off, or save it as {ending} in Office"
    if found == "text":
        return "it is plain text: give it the ending .csv, .tsv or .txt"
    return "give the file its right ending"


def _check_archive(path: Path, part: str, expected: str) -> None:
    """Check that the archive holds the part that makes it what its ending says."""
    with open_archive(path, expected) as archive:
        names = set(archive.namelist())
    binary = "xl/workbook.bin" in names
    if not binary and any(name.startswith(part) for name in names):
        return
    found = "a binary Excel workbook (.xlsb)" if binary else "a zip archive of another kind"
    for other_part, other_name in () if binary else _ZIP_ENDINGS.values():
        if any(name.startswith(other_part) for name in names):
            found = other_name
            break
    raise SourceFormatError(
        "the file is of another format than its ending says",
        where=str(path),
        found=found,
        expected=expected,
        to_do=f"give it its right ending, or open it and save it as {path.suffix.lower()}",
    )


def _refuse_format(path: Path, found: str, expected: str, to_do: str) -> None:
    raise SourceFormatError(
        "the file is of another format than its ending says",
        where=str(path),
        found=_FOUND[found],
        expected=expected,
        to_do=to_do,
    )
