"""Files made to hurt: bombs, absurd sizes and depths, damage; each is refused or read rightly."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.file_bases import (
    HEAD,
    SHEET,
    W,
    docx,
    links,
    odt,
    paragraph,
    row,
    sheet,
    sound_files,
    workbook,
)
from faults.file_runs import new_project, run_import

from qualkit.errors import QualkitError, SourceFormatError
from qualkit.importers import archives, files, jsonlines
from qualkit.model import ImportResult
from qualkit.project import Project

TURNS = "Interviewer: How?\n\nMum: Well.\n\nInterviewer: Why?\n\nMum: So.\n"
WORDS = "a few words of somebody about it"
HEADER = row(1, "id", "family reference", "What changed?")
ONE_ROW = row(2, "1", "F1", WORDS)
TEXT_TURNS = "".join(f"<text:p>{line}</text:p>" for line in TURNS.split("\n") if line)
WORD_TURNS = "".join(paragraph(line) for line in TURNS.split("\n") if line)

Importer = Callable[[str, str, bytes], ImportResult]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(new_project(tmp_path)) as opened:
        yield opened


@pytest.fixture
def take(project: Project, tmp_path: Path) -> Importer:
    """Import bytes under a name as a command does."""

    def run(command: str, name: str, data: bytes) -> ImportResult:
        path = tmp_path / name
        path.write_bytes(data)
        return run_import(project, command, path)[0]

    return run


@pytest.fixture
def refuse(take: Importer, project: Project) -> Callable[..., SourceFormatError]:
    """Import bytes that must be refused; the refusal says all, and the project is unharmed."""

    def run(command: str, name: str, data: bytes, match: str) -> SourceFormatError:
        before = project.connection.execute("SELECT count(*) FROM segments").fetchone()
        with pytest.raises(SourceFormatError, match=match) as caught:
            take(command, name, data)
        assert name in caught.value.where
        assert caught.value.found
        assert caught.value.to_do
        after = project.connection.execute("SELECT count(*) FROM segments").fetchone()
        assert after == before
        assert project.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return caught.value

    return run


Refuse = Callable[[str, str, bytes, str], SourceFormatError]


def _texts(project: Project) -> list[str]:
    """The texts of all segments but the four that were there before."""
    rows = project.connection.execute("SELECT text FROM segments ORDER BY id").fetchall()
    return [text for (text,) in rows[4:]]


# --- zip archives -----------------------------------------------------------------


def _zip(parts: list[tuple[str, bytes]]) -> bytearray:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts:
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return bytearray(out.getvalue())


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.odt"])
def test_bomb_of_one_letter(refuse: Refuse, name: str) -> None:
    bomb = _zip([("xl/a.xml", b""), ("word/a.xml", b""), ("content.xml", b" " * 60_000_000)])
    error = refuse("document" if name != "a.xlsx" else "msc", name, bytes(bomb), "unpacks to far")
    assert "60 MB" in error.found


def test_bomb_that_declares_less_than_it_holds(refuse: Refuse) -> None:
    # 30 MB that the table of contents calls 100 bytes.
    data = _zip([("xl/workbook.xml", b"<a/>"), ("xl/worksheets/sheet1.xml", b" " * 30_000_000)])
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    error = refuse("msc", "a.xlsx", bytes(data), "more than it declares")
    assert error.found == "more than 100 bytes"


def test_parts_that_lie_within_each_other(refuse: Refuse) -> None:
    data = _zip([("xl/workbook.xml", b"<a/>" * 10), ("xl/worksheets/sheet1.xml", b"<b/>" * 10)])
    # The second entry is made to point at the first one's data.
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 42, 0)
    error = refuse("msc", "a.xlsx", bytes(data), "as no program does")
    assert error.found == "parts that lie within each other"


@pytest.mark.parametrize("name", ["../../evil.xml", "xl\\..\\..\\evil.xml"])
def test_part_whose_name_leads_out(refuse: Refuse, tmp_path: Path, name: str) -> None:
    parts = [("xl/workbook.xml", b"<a/>"), (name, b"<a/>")]
    error = refuse("msc", "a.xlsx", bytes(_zip(parts)), "as no program does")
    assert error.found == "a part whose name leads out of the archive"
    assert not list(tmp_path.parent.glob("evil*"))


def test_too_many_parts(refuse: Refuse) -> None:
    parts = [(f"word/{n}", b"") for n in range(archives.MOST_PARTS + 1)]
    assert "10,001 parts" in refuse("document", "a.docx", bytes(_zip(parts)), "more parts").found


def test_table_of_contents_is_measured_before_it_is_read(refuse: Refuse) -> None:
    data = _zip([("word/document.xml", b"<a/>")])
    struct.pack_into("<I", data, data.rfind(b"PK\x05\x06") + 12, archives.MOST_DIRECTORY + 1)
    refuse("document", "a.docx", bytes(data), "more parts")


@pytest.mark.parametrize("cut", [1, 30, 200, 600])
def test_archives_cut_short(refuse: Refuse, cut: int) -> None:
    refuse("document", "a.docx", docx(WORD_TURNS)[:-cut], "damaged")


def test_archive_with_a_password(refuse: Refuse) -> None:
    data = bytearray(docx(WORD_TURNS))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    error = refuse("document", "a.docx", bytes(data), "damaged")
    assert "password" in error.found


def test_blank_picture_in_a_word_file_is_no_bomb(take: Importer) -> None:
    data = docx(WORD_TURNS)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = [(name, packed.read(name)) for name in packed.namelist()]
    parts.append(("word/media/image1.bmp", bytes(25_000_000)))
    assert take("transcript", "a.docx", bytes(_zip(parts))).segments == 4


# --- XML --------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY c SYSTEM "file:///etc/hostname">]>'
ELSEWHERE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">'


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE, ELSEWHERE])
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "_rels/.rels"])
def test_entities_in_word_files(refuse: Refuse, doctype: str, part: str) -> None:
    empty = f'<w:styles xmlns:w="{W}"/>'
    data = docx(WORD_TURNS, styles=HEAD + empty)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = [(name, packed.read(name)) for name in packed.namelist()]
    parts = [
        (n, d.replace(b"?>\n", b"?>" + doctype.encode()) if n == part else d) for n, d in parts
    ]
    error = refuse("document", "a.docx", bytes(_zip(parts)), "XML entities")
    assert part in error.where


def test_part_that_nobody_looked_through_is_not_read(refuse: Refuse) -> None:
    # The links may call any part the document, also one that is called no XML.
    document = HEAD + LAUGHS + f'<w:document xmlns:w="{W}"><w:body/></w:document>'
    parts = [
        ("_rels/.rels", links(("officeDocument", "word/a.bin")).encode()),
        ("word/a.bin", document.encode()),
    ]
    refuse("document", "a.docx", bytes(_zip(parts)), "damaged")


def test_entities_in_opendocument_and_excel(refuse: Refuse) -> None:
    data = odt(TEXT_TURNS)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = [
            (n, packed.read(n).replace(HEAD.encode(), LAUGHS.encode())) for n in packed.namelist()
        ]
    refuse("document", "a.odt", bytes(_zip(parts)), "XML entities")
    book = [
        ("xl/workbook.xml", LAUGHS.encode() + b"<a>&c;</a>"),
        ("xl/_rels/workbook.xml.rels", b"<a/>"),
    ]
    refuse("msc", "a.xlsx", bytes(_zip(book)), "XML entities")


def test_deep_nesting(refuse: Refuse, take: Importer, project: Project) -> None:
    deep = "<text:p>within</text:p>"
    for _ in range(90):
        deep = f"<text:section>{deep}</text:section>"
    assert take("document", "a deep one.odt", odt(deep)).segments == 1
    deeper = f"<text:section>{deep}</text:section>" * 1
    for _ in range(20):
        deeper = f"<text:section>{deeper}</text:section>"
    assert "more than 100" in refuse("document", "a.odt", odt(deeper), "nests deeper").found
    table = paragraph("within")
    for _ in range(30):
        table = f"<w:tbl><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>"
    assert take("document", "deep.docx", docx(table)).segments == 1
    for _ in range(2000):
        table = f"<w:tbl><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>"
    refuse("document", "a.docx", docx(table), "nests deeper")
    assert _texts(project) == ["within", "within"]


def test_millions_of_tags(refuse: Refuse) -> None:
    error = refuse("document", "a.docx", docx(WORD_TURNS + "<w:p/>" * 300_000), "larger than any")
    assert error.found == "more than 200,000 tags"
    spans = "<text:p " + " ".join(f'text:a{n}="1"' for n in range(100)) + "/>"
    error = refuse("document", "a.odt", odt(TEXT_TURNS + spans * 6_000), "larger than any")
    assert error.found == "more than 500,000 attributes"


def test_styles_that_lead_to_each_other(take: Importer, project: Project) -> None:
    styles = '<style:style style:name="A" style:parent-style-name="B"/>'
    styles += '<style:style style:name="B" style:parent-style-name="A"/>'
    take("document", "a.odt", odt('<text:p text:style-name="A">One</text:p>', styles))
    based = "".join(
        f'<w:style w:type="{kind}" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="{other}"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for kind, name, other in (
            ("paragraph", "A", "B"),
            ("paragraph", "B", "A"),
            ("numbering", "N", "N"),
        )
    )
    numbers = '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="N"/></w:abstractNum>'
    numbers += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    listed = '<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/>'
    take(
        "document",
        "b.docx",
        docx(
            listed + "</w:numPr></w:pPr><w:r><w:t>Two</w:t></w:r></w:p>",
            styles=f'{HEAD}<w:styles xmlns:w="{W}">{based}</w:styles>',
            numbering=f'{HEAD}<w:numbering xmlns:w="{W}">{numbers}</w:numbering>',
        ),
    )
    assert _texts(project) == ["One", "Two"]


@pytest.mark.parametrize("number", ["abc", "-5", "", "9" * 50, "1e308"])
def test_odd_numbers_in_opendocument(take: Importer, project: Project, number: str) -> None:
    body = f'<text:h text:outline-level="{number}">Head</text:h>'
    take("document", "a.odt", odt(f'{body}<text:p>a<text:s text:c="{number}"/>b</text:p>'))
    assert _texts(project) == ["a b"]


# --- workbooks --------------------------------------------------------------------

FAR = '<c r="XFD1048576"><v>1</v></c>'


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1048576">{FAR}</row>',
        f"<row r='1048576'>{FAR.replace(chr(34), chr(39))}</row>",
        f'<row r="1048576">{FAR.replace(" r=", chr(10) + "r = ")}</row>',
        f'<row r="1048576">{FAR.replace(" r=", " a=" + chr(34) + ">" + chr(34) + " r=")}</row>',
        '<row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>",
        '<row r="2147483648"><c r="B2147483648"><v>1</v></c></row>',
        f'<row r="{"9" * 5000}"><c r="ZZZZZZZZ{"9" * 30}"><v>1</v></c></row>',
        '<row r="2"><c r="ZZZZ2"><v>1</v></c></row>',
    ],
)
def test_stray_cells_however_they_are_written(refuse: Refuse, rows: str) -> None:
    data = workbook(sheet(HEADER + ONE_ROW + rows))
    refuse("msc", "a.xlsx", data, "too large to be a table")


def test_sheet_under_another_name_is_looked_through(refuse: Refuse) -> None:
    data = workbook(sheet(HEADER + f'<row r="1048576">{FAR}</row>'))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = [
            (
                n.replace("worksheets/sheet1.xml", "other.bin"),
                packed.read(n).replace(b"worksheets/sheet1.xml", b"other.bin"),
            )
            for n in packed.namelist()
        ]
    refuse("msc", "a.xlsx", bytes(_zip(parts)), "too large to be a table")


def test_dimension_of_a_whole_sheet_means_nothing(take: Importer) -> None:
    data = workbook(sheet(HEADER + ONE_ROW, before='<dimension ref="A1:XFD1048576"/>'))
    assert take("msc", "a.xlsx", data).cases == 1


def test_merged_cells_of_a_whole_sheet(take: Importer, refuse: Refuse) -> None:
    merge = '<mergeCell ref="A1:XFD1048576"/>'
    data = workbook(sheet(HEADER + ONE_ROW, after=f"<mergeCells>{merge}</mergeCells>"))
    assert take("msc", "one.xlsx", data).cases == 1
    data = workbook(sheet(HEADER + ONE_ROW, after=f"<mergeCells>{merge * 200_001}</mergeCells>"))
    assert "merged cells" in refuse("msc", "a.xlsx", data, "too large").found


def test_thousands_of_sheets(refuse: Refuse) -> None:
    data = workbook(*[sheet(row(1, "a"))] * 1_001)
    assert refuse("msc", "a.xlsx", data, "more sheets than").found == "1,001 sheets"


def test_cell_of_megabytes(refuse: Refuse) -> None:
    words = os.urandom(3_000_000).hex()
    data = workbook(sheet(HEADER + row(2, "1", "F1", words)))
    assert "4,194,304" in refuse("msc", "a.xlsx", data, "longer than any text").found


def test_dates_out_of_range(take: Importer, refuse: Refuse, project: Project) -> None:
    styles = f'<styleSheet xmlns="{SHEET}"><cellXfs count="2"><xf numFmtId="0"/>'
    styles += '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'

    def book(number: str) -> bytes:
        dated = (
            f'<row r="3"><c r="A3" s="1"><v>{number}</v></c><c r="C3" t="str"><v>{WORDS}</v></c>'
        )
        return workbook(sheet(HEADER + ONE_ROW + dated + "</row>"), styles=styles)

    for n, number in enumerate(("1e308", "-1", "2958466", "NaN", "1e-320")):
        assert take("survey", f"{n}.xlsx", book(number).replace(b"F1", b"F2")).cases == 2, number
        project.connection.execute("DELETE FROM segments WHERE id > 4")
        project.connection.execute("DELETE FROM cases WHERE id > 1")
    refuse("survey", "a.xlsx", book("-1e308"), "cannot be read")


# --- delimited text and JSON ------------------------------------------------------

CSV = "id,family reference,What changed?\n"


@pytest.mark.parametrize(
    ("name", "text", "match", "found"),
    [
        (
            "columns.csv",
            ",".join(f"c{n}" for n in range(1_000_000)),
            "longer than any row",
            "cells",
        ),
        ("line.csv", CSV + "ab," * 3_000_000, "longer than any row", "without an end"),
        ("cell.csv", CSV + "1,F1," + "x" * 2_000_000, "cannot be read", ""),
        ("open.csv", CSV + '1,F1,"' + "x y\n" * 500_000, "cannot be read", ""),
        ("nul.csv", CSV + "1,F1,a\0b", "NUL byte", "byte 00"),
        ("half.csv", CSV + "1,F1,“”\udcff", "not throughout", "1 bytes"),
        (
            "blank.csv",
            CSV + "1,F1,words\n" + "\n" * 1_200_000,
            "blank for the most part",
            "1,100,000",
        ),
    ],
)
def test_absurd_tables(
    take: Importer, tmp_path: Path, name: str, text: str, match: str, found: str
) -> None:
    with pytest.raises(SourceFormatError, match=match) as caught:
        take("msc", name, text.encode("utf-8", "surrogateescape"))
    assert name in caught.value.where
    assert found in caught.value.found


def test_what_the_limits_leave_alone(take: Importer) -> None:
    words = "word " * 100_000
    rows = "".join(f'{n},F{n},"{words}{n}"\n' for n in range(4))
    assert take("msc", "long.csv", (CSV + rows).encode()).cases == 4
    wide = ",".join(["id", "What changed?", *(f"c{n}" for n in range(5_000))])
    wide += "".join(f"\nw{n},{WORDS} {n}," + ",".join("ab"[n % 2] * 5_000) for n in range(3))
    assert take("survey", "wide.csv", wide.encode()).cases == 3
    semicolons = "sep=;\r\nid;What changed?\r\n" + "".join(
        f"s{n};“{WORDS}” {n}\r\n" for n in range(3)
    )
    assert take("survey", "semicolons.csv", semicolons.encode("cp1252")).cases == 3


def test_deep_json(take: Importer, project: Project) -> None:
    deep = '{"id": "a", "What changed?": "' + WORDS + '", "x": ' + '{"y": ' * 900 + "1" + "}" * 901
    lists = '{"id": "b", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    sound = f'{{"id": "c", "What changed?": "{WORDS}", "x": ' + '{"y": ' * 40 + "1" + "}" * 41
    result = take("msc", "a.jsonl", f"{deep}\n{lists}\n{sound}\n".encode())
    assert (result.cases, result.rejected) == (1, 2)
    assert _texts(project) == [WORDS]


def test_endless_json_line(refuse: Refuse) -> None:
    data = b'{"id": "' + b"x" * jsonlines.LONGEST_LINE + b'"}'
    assert "line 1" in refuse("msc", "a.jsonl", data, "longer than any case").where


def test_json_lines_without_common_keys(refuse: Refuse) -> None:
    lines = "".join(f'{{"k{n}": "{WORDS}"}}\n' for n in range(4_000))
    error = refuse("msc", "a.jsonl", lines.encode(), "hardly any keys in common")
    assert error.found == "4,000 different keys in 4,000 lines"


def test_halves_of_characters_and_huge_numbers_in_json(take: Importer) -> None:
    case = (
        '{"id": "%s", "kind": "msc", "segments": [{"text": %s}], "meta": {"ratings": {"a": %s}}}\n'
    )
    lines = case % ("a", '"x\\ud800"', "1") + case % ("b", '"x"', "9" * 5_000)
    lines += case % ("c", '"x \\ud83d\\ude00"', "1e999")
    result = take("msc", "a.jsonl", lines.encode())
    assert (result.cases, result.rejected) == (1, 2)


# --- text -------------------------------------------------------------------------


@pytest.mark.parametrize("between", [" ", "\t", "*", "(", "[ ", "a ", "- ", ": ", "00:", "\u00a0"])
def test_endless_lines_take_no_time(take: Importer, between: str) -> None:
    line = between * (1_000_000 // len(between))
    text = f"{TURNS}\nMum{line}x\n\nUFRN{line},\n\n# a{line}b\n\nMum: Yes.\n"
    assert take("transcript", "a.txt", text.encode()).segments >= 4
    assert take("document", "b.md", text.encode()).segments >= 4


def test_more_lines_than_any_text(refuse: Refuse) -> None:
    text = TURNS + "Mum: a\n" * (files.MOST_LINES + 1)
    assert "75,000" in refuse("transcript", "a.txt", text.encode(), "more lines").found


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_bad_encodings(refuse: Refuse, encoding: str) -> None:
    half = "\ud800".encode(encoding, "surrogatepass").removeprefix(b"\xff\xfe")
    data = ("“”" + TURNS).encode(encoding) + half
    refuse("transcript", "a.txt", data, "does not go on so|not throughout")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_name_that_is_no_text(project: Project, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text(TURNS)
    for given in (path, tmp_path):
        with pytest.raises(SourceFormatError, match="name of the file") as caught:
            project.import_transcript(given)
        assert "caf?.txt" in caught.value.where
        caught.value.message.encode()


# --- subtitles --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "arrow", "comma"), [("srt", " --> ", ","), ("vtt", " --> ", ".")]
)
def test_absurd_times(
    take: Importer, project: Project, ending: str, arrow: str, comma: str
) -> None:
    times = [
        (f"{'9' * 30}:99:99{comma}999", "00:00:01,000"),
        ("9999:59:59,999", "-1:-1:-1.0"),
        (f"00:00:01{comma}{'9' * 5000}", f"00:00:02{comma}000"),
    ]
    cues = "".join(
        f"{start}{arrow}{end}\nMum: words {n}\n\n" for n, (start, end) in enumerate(times)
    )
    head = "WEBVTT\n\n" if ending == "vtt" else ""
    take("transcript", f"a.{ending}", (head + cues).encode())
    assert _texts(project) == ["words 0 words 1 words 2"]
    stored = project.connection.execute(
        "SELECT start_s, end_s FROM segments WHERE id > 4"
    ).fetchall()
    assert stored == [(35999999.999, 2.0)]


def test_entity_of_thousands_of_digits(take: Importer, project: Project) -> None:
    huge = f"&#{'9' * 6000};"
    cue = f"00:01.000 --> 00:02.000\n<v Mum {huge}>a {huge} &#x{'F' * 5000}; b</v>\n"
    take("transcript", "a.vtt", f"WEBVTT\n\n{cue}".encode())
    assert _texts(project) == ["a \ufffd \ufffd b"]


def test_odd_line_ends_lose_no_words(take: Importer, project: Project) -> None:
    cue = "00:01.000 --> 00:02.000\nMum: one\u2028\u2028two\x85\x0bthree\n\n"
    take("transcript", "a.vtt", f"WEBVTT\n\n{cue}{cue}".encode())
    assert _texts(project) == ["one two three one two three"]


# --- rich text --------------------------------------------------------------------


def _rtf(codes: str) -> bytes:
    turns = "\\par ".join(line for line in TURNS.split("\n") if line)
    return f"{{\\rtf1\\ansi {turns}\\par {codes}}}".encode()


def test_binary_data_in_rich_text(take: Importer, refuse: Refuse, project: Project) -> None:
    error = refuse(
        "transcript", "a.rtf", _rtf("{\\pict\\bin9999999999 ab}"), "more data than it has"
    )
    assert error.found.startswith("9,999,999,999 bytes announced")
    take("transcript", "b.rtf", _rtf("{\\pict\\bin5 a}}{b}Mum: C:\\\\bin64 too"))
    assert _texts(project)[-1] == "C:\\bin64 too"


def test_letters_of_rich_text(take: Importer, refuse: Refuse, project: Project) -> None:
    refuse("transcript", "a.rtf", _rtf("Mum: \\u9999999999?"), "cannot be read")
    # A smile in two halves, and a half alone.
    take("transcript", "b.rtf", _rtf("Mum: \\u-10179?\\u-8704?, \\u55357?."))
    assert _texts(project)[-1].endswith("\U0001f600, \ufffd.")


@pytest.mark.parametrize(
    "codes",
    [
        "{" * 1_000_000 + "}" * 1_000_000,
        "{\\*\\annotation " * 100_000,
        '{\\field{\\*\\fldinst{HYPERLINK "' * 50_000,
        "{\\field{\\*\\fldinst{" + 'HYPERLINK ""}}{ ' * 50_000,
        "{\\pict " + "0123456789abcdef" * 1_000_000 + "}",
    ],
)
def test_rich_text_takes_no_time(take: Importer, codes: str) -> None:
    assert take("transcript", "a.rtf", _rtf(codes)).segments >= 4


@pytest.mark.parametrize("fonts", ["\\f1" * 300_000, "{\\f1\\fcharset1 " * 50_000])
def test_endless_list_of_fonts(refuse: Refuse, fonts: str) -> None:
    refuse("transcript", "a.rtf", _rtf(f"{{\\fonttbl{fonts}}}"), "list of fonts")


# --- endings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending", [".csv", ".txt", ".vtt", ".rtf", ".docx", ".xlsx", ".odt", ".jsonl"]
)
def test_wrong_endings(project: Project, tmp_path: Path, ending: str) -> None:
    """Each sound file under each other ending: an error that can be mended, or its words."""
    command = {".docx": "document", ".odt": "document", ".rtf": "document"}.get(ending, "msc")
    command = {".txt": "document", ".vtt": "transcript"}.get(ending, command)
    for n, base in enumerate(sound_files()):
        path = tmp_path / f"{n}{ending}"
        path.write_bytes(base.data)
        binary = base.data[:2] == b"PK"
        if binary and ending != base.ending:
            with pytest.raises(SourceFormatError, match="another format"):
                run_import(project, command, path)
        else:
            with contextlib.suppress(QualkitError):
                run_import(project, command, path)
