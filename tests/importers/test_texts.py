"""Word processor and text files as paragraphs, and the guard before the archives."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from qualkit.errors import SourceFormatError
from qualkit.importers import archives
from qualkit.importers.texts import Paragraph, join_wrapped, read_paragraphs


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _texts(path: Path) -> list[str]:
    return [item.text for item in read_paragraphs(path).items]


# --- Word --------------------------------------------------------------------------------

# Every sample file: how many paragraphs and notes it has, and what is noted.
WORD: dict[str, tuple[int, int, list[str]]] = {
    "comments.docx": (1, 0, ["2 comments of the margin left out"]),
    "endnotes.docx": (1, 2, []),
    "footnotes.docx": (1, 2, []),
    "footnote-hyperlink.docx": (0, 1, []),
    "simple-list.docx": (2, 0, []),
    "strict-format.docx": (1, 0, []),
    "tables.docx": (4, 0, []),
    "text-box.docx": (1, 0, []),
    "utf8-bom.docx": (1, 0, []),
}


def _letters(path: Path, *parts: str) -> str:
    """Return the letters of the texts in the parts of a Word file, read without any library."""
    with zipfile.ZipFile(path) as archive:
        xml = "".join(
            archive.read(f"word/{part}.xml").decode("utf-8-sig")
            for part in parts
            if f"word/{part}.xml" in archive.namelist()
        )
    # Word writes a text box a second time for older programs.
    xml = re.sub(r"<mc:Fallback>.*?</mc:Fallback>", "", xml, flags=re.DOTALL)
    return "".join("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)).split())


@pytest.mark.parametrize("name", WORD)
def test_word_samples_give_their_text(realdata: Path, name: str) -> None:
    n_paragraphs, n_notes, notes = WORD[name]
    path = realdata / "awkward" / "word" / name
    found = read_paragraphs(path)
    assert [item.note for item in found.items] == [False] * n_paragraphs + [True] * n_notes
    body = "".join(item.text for item in found.items if not item.note)
    below = "".join(item.text for item in found.items if item.note)
    assert "".join(body.split()) == _letters(path, "document")
    assert "".join(below.split()) == _letters(path, "footnotes", "endnotes")
    assert found.notes == notes


def test_rows_of_a_table_keep_their_cells(realdata: Path) -> None:
    items = read_paragraphs(realdata / "awkward" / "word" / "tables.docx").items
    assert [len(item.cells) for item in items] == [0, 2, 2, 0]
    assert all(item.text == "\t".join(item.cells) for item in items if item.cells)


def test_empty_word_file_is_refused(realdata: Path) -> None:
    with pytest.raises(SourceFormatError, match="holds no text"):
        read_paragraphs(realdata / "awkward" / "word" / "empty.docx")


def test_every_word_sample_is_decided(realdata: Path) -> None:
    names = {path.name for path in (realdata / "awkward" / "word").glob("*.docx")}
    assert names == {*WORD, "empty.docx"}


def test_word_headings_bold_and_line_breaks(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("The title", 0)
    document.add_heading("First", 2)
    paragraph = document.add_paragraph()
    paragraph.add_run("Bold").bold = True
    paragraph.add_run(" plain\nnext line")
    document.add_paragraph("item", style="List Bullet")
    document.save(str(tmp_path / "a.docx"))
    title, first, text, item = read_paragraphs(tmp_path / "a.docx").items
    assert (title.text, title.heading, first.text, first.heading) == ("The title", 1, "First", 2)
    assert (text.text, text.lead, text.heading) == ("Bold plain\nnext line", "Bold", 0)
    assert item.text == "item"


def test_footnotes_leave_the_body(realdata: Path) -> None:
    found = read_paragraphs(realdata / "awkward" / "word" / "footnotes.docx")
    assert [item.place for item in found.body()] == ["paragraph 1"]
    assert found.notes == ["2 footnotes left out"]


# --- OpenDocument ------------------------------------------------------------------------


def test_odt_headings_lists_tables_notes_and_spaces(tmp_path: Path) -> None:
    opendocument = pytest.importorskip("odf.opendocument")
    from odf import office, style, table, text

    document = opendocument.OpenDocumentText()
    bold = style.Style(name="B", family="text")
    bold.addElement(style.TextProperties(fontweight="bold"))
    document.automaticstyles.addElement(bold)
    document.text.addElement(text.H(outlinelevel=2, text="Head"))
    paragraph = text.P()
    paragraph.addElement(text.Span(stylename=bold, text="Bold"))
    paragraph.addText(" a")
    paragraph.addElement(text.S(c=2))
    paragraph.addText("b")
    paragraph.addElement(text.LineBreak())
    paragraph.addText("c")
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="Below."))
    note.addElement(body)
    paragraph.addElement(note)
    remark = office.Annotation()
    remark.addElement(text.P(text="Margin."))
    paragraph.addElement(remark)
    document.text.addElement(paragraph)
    items = text.List()
    item = text.ListItem()
    item.addElement(text.P(text="Apple"))
    items.addElement(item)
    document.text.addElement(items)
    grid = table.Table(name="T")
    row = table.TableRow()
    for words in ("Left", "Right"):
        cell = table.TableCell()
        cell.addElement(text.P(text=words))
        row.addElement(cell)
    grid.addElement(row)
    document.text.addElement(grid)
    document.save(str(tmp_path / "a.odt"))

    found = read_paragraphs(tmp_path / "a.odt")
    assert [
        (item.text, item.heading, item.lead, item.cells, item.note) for item in found.items
    ] == [
        ("Head", 2, "", (), False),
        ("Bold a  b\nc", 0, "Bold", (), False),
        ("Apple", 0, "", (), False),
        ("Left\tRight", 0, "", ("Left", "Right"), False),
        ("Below.", 0, "", (), True),
    ]
    assert found.notes == ["1 comment of the margin left out"]


# --- RTF ---------------------------------------------------------------------------------


def test_rtf_letters_tables_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_text(
        r"{\rtf1\ansi\ansicpg1252 Caf\'e9 \u8220?so\u8221? \{x\}\par "
        r"Two{\*\annotation\pard Margin {\b note}.}\par "
        r"\trowd\cellx1\cellx2 Left\cell Right\cell\row }",
        encoding="ascii",
    )
    found = read_paragraphs(path)
    assert [item.text for item in found.items] == ["Café “so” {x}", "Two", "Left\tRight"]
    assert found.items[2].cells == ("Left", "Right")
    assert found.notes == ["1 comment of the margin left out"]


def test_rtf_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="another format"):
        read_paragraphs(_write(tmp_path, "a.rtf", "plain words"))


# --- plain text and Markdown ---------------------------------------------------------------


def test_lines_of_text_keep_their_numbers_and_gaps(tmp_path: Path) -> None:
    found = read_paragraphs(_write(tmp_path, "a.txt", "One\ntwo\n\n  three \n"))
    assert found.items == [
        Paragraph("One", "line 1"),
        Paragraph("two", "line 2"),
        Paragraph("three", "line 4", gap=True),
    ]


def test_headings_of_text_are_underlined(tmp_path: Path) -> None:
    found = read_paragraphs(_write(tmp_path, "a.txt", "Head\n====\n# not one\nText\n----\n"))
    assert [(item.text, item.heading) for item in found.items] == [
        ("Head", 1),
        ("# not one", 0),
        ("Text", 0),
    ]


def test_headings_of_markdown(tmp_path: Path) -> None:
    text = "---\nufrn: F1\n---\n# One\n\nText *so*\n\nTwo\n---\n### Three ###\n**Bold** text"
    found = read_paragraphs(_write(tmp_path, "a.md", text))
    assert found.header == "ufrn: F1"
    assert [(item.text, item.heading, item.lead, item.place) for item in found.items] == [
        ("One", 1, "", "line 4"),
        ("Text *so*", 0, "", "line 6"),
        ("Two", 2, "", "line 8"),
        ("Three", 3, "", "line 10"),
        ("**Bold** text", 0, "Bold", "line 11"),
    ]


def test_wrapped_lines_join_where_blank_lines_part_paragraphs() -> None:
    lines = [Paragraph("a", "1"), Paragraph("b", "2"), Paragraph("c", "3", gap=True)]
    assert [item.text for item in join_wrapped(lines)] == ["a\nb", "c"]
    assert join_wrapped(lines[:2]) == lines[:2]
    long = [Paragraph("x" * 101, "1"), Paragraph("b", "2"), Paragraph("c", "3", gap=True)]
    assert join_wrapped(long) == long


def test_blank_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="holds no text"):
        read_paragraphs(_write(tmp_path, "a.txt", "\n \n"))


def test_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match=r"expected: \.docx"):
        read_paragraphs(_write(tmp_path, "a.tex", "words"))


# --- the guard -----------------------------------------------------------------------------


def _docx(path: Path, document: str, **parts: str) -> Path:
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", document)
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return path


def _document(words: str) -> str:
    return (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>"
    )


def test_small_word_file_is_read(tmp_path: Path) -> None:
    assert _texts(_docx(tmp_path / "a.docx", _document("Hello"))) == ["Hello"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "bb">]>'
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", (bomb + _document("&b;")).encode(encoding))
    with pytest.raises(SourceFormatError, match="XML entities"):
        read_paragraphs(path)


def test_zip_bomb_is_refused(tmp_path: Path) -> None:
    # 30 MB of one letter pack into some 30 kB: a thousand times.
    path = _docx(tmp_path / "a.docx", _document("x"), huge="x" * 30_000_000)
    with pytest.raises(SourceFormatError, match="unpacks to far more") as caught:
        read_paragraphs(path)
    assert "30 MB" in caught.value.found


def test_file_that_unpacks_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 300)
    with pytest.raises(SourceFormatError, match="unpacks to far more"):
        read_paragraphs(_docx(tmp_path / "a.docx", _document("x" * 300)))


@pytest.mark.parametrize(
    ("name", "document"), [("faulty", "<w:document>"), ("another", "<other/>")]
)
def test_damaged_word_files_are_refused(tmp_path: Path, name: str, document: str) -> None:
    with pytest.raises(SourceFormatError):
        read_paragraphs(_docx(tmp_path / f"{name}.docx", document))


def test_word_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = _docx(tmp_path / "a.docx", _document("Hello"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceFormatError, match="damaged"):
        read_paragraphs(path)


@pytest.mark.parametrize("name", ["a.docx", "a.odt", "a.rtf"])
def test_text_under_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceFormatError, match="another format"):
        read_paragraphs(_write(tmp_path, name, "Kerry: private words"))
