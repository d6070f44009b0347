"""Files: hash, encoding, text, and whether they are what they say."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_readable, detect_encoding, hash_file, read_text

TEXT = "Mum said ‘enough’ – café, £5\n"


def test_hash_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    # The published test vector of FIPS 180 for "abc".
    assert hash_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_hash_goes_on_past_one_chunk(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    data = b"x" * (3 * (1 << 20) + 1)
    path.write_bytes(data)
    assert hash_file(path) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("written_as", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encoding_is_found_and_read(tmp_path: Path, written_as: str, found: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode(written_as))
    assert detect_encoding(path) == found
    assert read_text(path) == TEXT


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_encoding_of_marked_utf16_both_ways(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(("\ufeff" + TEXT).encode(mark))
    assert read_text(path) == TEXT


def test_encoding_of_old_macintosh_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "she didn’t know, “not now” he said\n"
    path.write_bytes(text.encode("mac-roman"))
    assert read_text(path) == text


def test_encoding_finds_utf8_across_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    # The two bytes of é stand on either side of the first mebibyte.
    text = "x" * ((1 << 20) - 1) + "é"
    path.write_text(text, encoding="utf-8")
    assert detect_encoding(path) == "utf-8"


def test_encoding_refuses_a_nul_byte_and_names_the_line(realdata: Path) -> None:
    with pytest.raises(SourceFormatError, match="NUL") as caught:
        detect_encoding(realdata / "awkward/tables/null_byte.csv")
    assert "line 2" in caught.value.where


def test_encoding_refuses_utf8_with_stray_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("é\nü\nö ".encode() + b"\xe9 x\n")
    with pytest.raises(SourceFormatError, match="not throughout") as caught:
        detect_encoding(path)
    assert "line 3" in caught.value.where


def test_encoding_refuses_control_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x01\x02\xff\xfe\x03")
    with pytest.raises(SourceFormatError, match="not text"):
        detect_encoding(path)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\r")))
@settings(max_examples=50)
def test_text_survives_utf8(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(text.encode())
    if not text.startswith("\ufeff"):
        assert read_text(path) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"], ids=["windows", "old-mac", "unix"])
def test_text_has_one_kind_of_line_end(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"one{end}two{end}".encode())
    assert read_text(path) == "one\ntwo\n"


# --- check_readable -----------------------------------------------------------


def test_missing_file_names_near_ones(tmp_path: Path) -> None:
    (tmp_path / "stories.csv").write_text("a\n")
    with pytest.raises(SourceFormatError, match="no such file") as caught:
        check_readable(tmp_path / "storeis.csv")
    assert caught.value.to_do == "did you mean stories.csv?"


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="no such folder"):
        check_readable(tmp_path / "nowhere" / "a.csv")


def test_folder_and_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="folder"):
        check_readable(tmp_path)
    (tmp_path / "a.csv").touch()
    with pytest.raises(SourceFormatError, match="empty"):
        check_readable(tmp_path / "a.csv")


def test_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceFormatError, match="may not be read"):
        check_readable(path)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100


@pytest.mark.parametrize(
    ("name", "data", "to_do"),
    [
        ("a.xls", OLE, "save it as .xlsx"),
        ("a.xls", b"id\ttext\n", ".csv or .tsv"),
        ("a.doc", OLE, "save it as .docx"),
        ("a.doc", b"{\\rtf1", "ending .rtf"),
        ("a.xlsx", OLE, "password"),
        ("a.xlsx", b"id,text\n", "plain text"),
        ("a.csv", b"PK\x03\x04rest", "right ending"),
        ("a.csv", b"%PDF-1.7", "export it"),
        ("a.csv", b"<!DOCTYPE html><table>", "spreadsheet"),
        ("a.rtf", b"plain", "right ending"),
        ("a.docx", b"%PDF-1.7", "open it in Word, save it as .docx"),
        ("a.xlsx", b"%PDF-1.7", "ask for the table as .xlsx or .csv"),
    ],
)
def test_wrong_format_is_refused_with_the_way_out(
    tmp_path: Path, name: str, data: bytes, to_do: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceFormatError) as caught:
        check_readable(path)
    assert to_do in caught.value.to_do


def test_zip_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(SourceFormatError) as caught:
        check_readable(path)
    assert caught.value.found == "a Word document"


def test_zip_cut_short_is_damaged(tmp_path: Path, realdata: Path) -> None:
    whole = (realdata / "awkward/tables/sheets.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceFormatError, match="damaged"):
        check_readable(path)


def test_every_real_file_passes(realdata: Path) -> None:
    paths = [path for path in realdata.rglob("*.*") if path.suffix in {".csv", ".xlsx", ".docx"}]
    assert len(paths) > 30
    for path in paths:
        check_readable(path)
