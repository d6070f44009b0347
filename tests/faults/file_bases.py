"""Small sound files of every format that the importers read, and how each is imported.

They are written here, so that the mutations do not depend on files from elsewhere; where
the folder of real files lies beside the repository, those are mutated too.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

TABLES = ("msc", "survey", "families")
TEXTS = ("transcript", "document")
COMMANDS = {
    ".csv": TABLES,
    ".tsv": TABLES,
    ".xlsx": TABLES,
    ".jsonl": ("msc", "survey", "families", "transcript"),
    ".docx": ("msc", "transcript", "document"),
    ".odt": ("msc", "transcript", "document"),
    ".rtf": TEXTS,
    ".txt": (*TEXTS, "families"),
    ".md": TEXTS,
    ".vtt": ("transcript",),
    ".srt": ("transcript",),
    ".sbv": ("transcript",),
}
"""Ending to the commands that read it; a delimited .txt is read as a table of families only."""

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ODF = "urn:oasis:names:tc:opendocument:xmlns"


@dataclass(frozen=True, slots=True)
class Base:
    """One sound file: its ending and bytes."""

    ending: str
    data: bytes


def archive(parts: dict[str, str | bytes]) -> bytes:
    """Return a zip archive of the parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            packed.writestr(part, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def links(*targets: tuple[str, str]) -> str:
    """Return a part of relationships: (kind, target), numbered rId1, rId2 ..."""
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{R}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


# --- workbooks ------------------------------------------------------------------


def workbook(*sheets: str, strings: str = "", styles: str = "") -> bytes:
    """Return an .xlsx file of the sheets, each given as the XML of its worksheet."""
    names = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in names)
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in names]
    targets += [("styles", "styles.xml")] * bool(styles)
    targets += [("sharedStrings", "sharedStrings.xml")] * bool(strings)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SHEET}" xmlns:r="{R}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": links(*targets),
        **{f"xl/worksheets/sheet{n}.xml": xml for n, xml in zip(names, sheets, strict=True)},
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
    if styles:
        parts["xl/styles.xml"] = styles
    return archive(parts)


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """Return the XML of a worksheet."""
    inside = f"{before}<sheetData>{rows}</sheetData>{after}"
    return f'{HEAD}<worksheet xmlns="{SHEET}">{inside}</worksheet>'


def row(number: int, *cells: str) -> str:
    """Return the XML of a row of words."""
    inside = "".join(
        f'<c r="{chr(64 + column)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for column, cell in enumerate(cells, start=1)
    )
    return f'<row r="{number}">{inside}</row>'


def _xlsx() -> bytes:
    words = [*_HEADER, *(cell for line in _ROWS for cell in line[:4])]
    strings = "".join(f"<si><t>{word}</t></si>" for word in words)
    count = len(_HEADER)
    rows = '<row r="1">' + "".join(
        f'<c r="{chr(65 + n)}1" t="s"><v>{n}</v></c>' for n in range(count)
    )
    rows += "</row>"
    for number, line in enumerate(_ROWS, start=2):
        at = count + 4 * (number - 2)
        cells = "".join(f'<c r="{chr(65 + n)}{number}" t="s"><v>{at + n}</v></c>' for n in range(4))
        cells += f'<c r="E{number}"><v>{line[4]}</v></c><c r="F{number}" s="1"><v>45292.5</v></c>'
        rows += f'<row r="{number}" spans="1:6">{cells}</row>'
    rows += '<row r="7"><c r="A7" t="e"><v>#N/A</v></c><c r="B7" t="b"><v>1</v></c></row>'
    formats = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    return workbook(
        sheet(
            rows, '<dimension ref="A1:F7"/>', '<mergeCells><mergeCell ref="C7:D7"/></mergeCells>'
        ),
        sheet(row(1, "Notes")),
        strings=f'{HEAD}<sst xmlns="{SHEET}" count="{len(words)}">{strings}</sst>',
        styles=f'{HEAD}<styleSheet xmlns="{SHEET}">{formats}</cellXfs></styleSheet>',
    )


# --- word processors ------------------------------------------------------------


def docx(body: str, **parts: str) -> bytes:
    """Return a Word file; further parts by name, such as styles="..."."""
    kinds = [(name, f"{name}.xml") for name in parts]
    return archive(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": links(("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": links(*kinds),
            "word/document.xml": f'{HEAD}<w:document xmlns:w="{W}"><w:body>{body}</w:body>'
            "</w:document>",
            **{f"word/{name}.xml": xml for name, xml in parts.items()},
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of a Word file."""
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{styled}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def _docx() -> bytes:
    body = paragraph("What changed?", "Heading1") + paragraph(_LONG)
    body += paragraph("Interviewer: How was it?") + paragraph("Mum: It was hard at first.")
    body += paragraph("Interviewer: And now?") + paragraph("Mum: Better than it was.")
    body += "<w:tbl><w:tr>" + 2 * f"<w:tc>{paragraph('Cell')}</w:tc>" + "</w:tr></w:tbl>"
    body += '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    body += '<w:r><w:rPr><w:b/></w:rPr><w:t>Item</w:t><w:footnoteReference w:id="1"/></w:r></w:p>'
    style = '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    style += '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style>'
    level = '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    number = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
    number += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return docx(
        body,
        styles=f'{HEAD}<w:styles xmlns:w="{W}">{style}</w:styles>',
        numbering=f'{HEAD}<w:numbering xmlns:w="{W}">{number}</w:numbering>',
        footnotes=f'{HEAD}<w:footnotes xmlns:w="{W}"><w:footnote w:id="1">{paragraph("Below.")}'
        "</w:footnote></w:footnotes>",
        comments=f'{HEAD}<w:comments xmlns:w="{W}"><w:comment w:id="0">{paragraph("Margin.")}'
        "</w:comment></w:comments>",
    )


def odt(body: str, styles: str = "") -> bytes:
    """Return an OpenDocument text."""
    spaces = " ".join(
        f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table", "style")
    )
    spaces += f' xmlns:fo="{ODF}:xsl-fo-compatible:1.0"'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"{HEAD}<office:document-content {spaces}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "META-INF/manifest.xml": f'{HEAD}<manifest xmlns="{ODF}:manifest:1.0"/>',
        }
    )


def _odt() -> bytes:
    styles = '<style:style style:name="B" style:parent-style-name="Title">'
    styles += '<style:text-properties fo:font-weight="bold"/></style:style>'
    body = '<text:h text:outline-level="2">What changed?</text:h>'
    body += f'<text:p text:style-name="P1">{_LONG}<text:s text:c="2"/>and<text:tab/>so</text:p>'
    body += "<text:p>Interviewer: How was it?</text:p><text:p>Mum: Hard<text:line-break/>at first."
    body += '</text:p><text:p><text:span text:style-name="B">Interviewer:</text:span> And now?'
    body += "<text:note><text:note-body><text:p>Below.</text:p></text:note-body></text:note>"
    body += "</text:p><text:p>Mum: Better.</text:p><text:list><text:list-item><text:p>One</text:p>"
    body += "</text:list-item></text:list><table:table><table:table-row><table:table-cell>"
    body += "<text:p>A</text:p></table:table-cell><table:table-cell><text:p>B</text:p>"
    body += "</table:table-cell></table:table-row></table:table>"
    return odt(body, styles)


# --- text -----------------------------------------------------------------------

_LONG = "They came every week, and we sat down together. She said that it would get better."
_HEADER = ("Case ID", "Family reference", "What changed?", "Service", "Rating", "Date")
_ROWS = [
    ("c1", "F1001", _LONG, "North", "7", "2024-01-01"),
    (
        "c2",
        "F1002",
        "He goes to school every day now, and she has got “friends”.",
        "South",
        "3",
        "",
    ),
    (
        "c3",
        "F-1003",
        "Nothing much, to be honest; we waited a long time for it.",
        "North",
        "10",
        "",
    ),
    ("c4", "", "The money was sorted out\nand the landlord left us alone.", "West", "5", "x"),
    ("c5", "F1005", "It was good to have somebody to ring when it got too much.", "West", "9", ""),
]
_TURNS = [
    ("Interviewer", "How was it at the start?"),
    ("Mum", "It was hard. I did not know: who could I ask?"),
    ("Interviewer", "And what changed?"),
    ("Mum", "They helped us with the debts, and I got out more."),
]


def _delimited(delimiter: str) -> str:
    lines = [_HEADER, *_ROWS]
    return "".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n"
        for line in lines
    )


def _case_form() -> str:
    case = {
        "id": "i1",
        "kind": "interview",
        "ufrn": "F1001",
        "meta": {"quarter": "Q1", "ratings": {"ease": 4}, "relevance": {"family-routine": "very"}},
        "segments": [
            {"n": n, "speaker": who, "role": "parent", "text": text, "start_s": n * 2.5}
            for n, (who, text) in enumerate(_TURNS, start=1)
        ],
    }
    return "".join(json.dumps(case | {"id": f"i{n}"}) + "\n" for n in range(3))


def _rows_as_json() -> str:
    return "".join(json.dumps(dict(zip(_HEADER, row, strict=True))) + "\n" for row in _ROWS)


def _transcript(bold: str = "") -> str:
    turns = "\n\n".join(f"{bold}{who}:{bold} {text}" for who, text in _TURNS)
    return f"UFRN: F1001\nDate: 3 May 2024\n\n{turns}\n"


def _rtf() -> str:
    turns = "\\par\n".join(f"{{\\b {who}:}} {text}" for who, text in _TURNS)
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil\\fcharset0 Arial;}}"
        "{\\colortbl;\\red0\\green0\\blue0;}\\f0\\uc1 UFRN: F1001\\par\n"
        f"{turns}\\par caf\\'e9 \\u8217? {{\\*\\annotation a remark}}"
        '{\\field{\\*\\fldinst{HYPERLINK "http://example.org"}}{\\fldrslt{ a link}}}'
        "{\\pict\\wmetafile8 0102030405}\\trowd\\cellx1 a\\cell b\\cell\\row}"
    )


def _cues(arrow: str, comma: str) -> str:
    out = ""
    for n, (who, text) in enumerate(_TURNS, start=1):
        times = f"00:00:{n:02}{comma}000{arrow}00:00:{n + 1:02}{comma}500"
        ident = f"{n}\n" if arrow != "," else ""
        out += f"{ident}{times}\n{who}: {text}\n\n"
    return out


def _vtt() -> str:
    voices = "".join(
        f"00:0{n}.000 --> 00:0{n + 1}.500 align:start\n<v {who}>{text}</v>\n\n"
        for n, (who, text) in enumerate(_TURNS, start=1)
    )
    return f"WEBVTT - a title\n\nNOTE a remark\n\nSTYLE\n::cue {{}}\n\n{voices}"


def sound_files() -> list[Base]:
    """Return the sound files, the same at every call."""
    texts = [
        (".csv", _delimited(",")),
        (".csv", "sep=;\r\n" + _delimited(";")),
        (".tsv", _delimited("\t")),
        (".jsonl", _case_form()),
        (".jsonl", _rows_as_json()),
        (".txt", _transcript()),
        (".txt", _delimited("|")),
        (".md", "---\ntitle: A visit\n---\n# A visit\n\n" + _transcript("**")),
        (".vtt", _vtt()),
        (".vtt", "WEBVTT\n\n" + _cues(" --> ", ".")),
        (".srt", _cues(" --> ", ",")),
        (".sbv", _cues(",", ".")),
        (".rtf", _rtf()),
    ]
    files = [Base(ending, text.encode()) for ending, text in texts]
    files += [
        Base(".csv", _delimited(",").encode("utf-16")),
        Base(".csv", _delimited(";").encode("cp1252")),
        Base(".xlsx", _xlsx()),
        Base(".docx", _docx()),
        Base(".odt", _odt()),
    ]
    return files


def real_files(folder: Path) -> list[Base]:
    """Return the real files in a folder, those that the importers read."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in COMMANDS)
    return [Base(path.suffix.lower(), path.read_bytes()) for path in found]
