"""Documents: paragraphs as segments, headings as their labels, fields aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.importers.document import DocumentOptions, read_document
from qualkit.model import Kind, ParsedCase, ParsedSource


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _case(source: ParsedSource) -> ParsedCase:
    (case,) = source.items
    assert isinstance(case, ParsedCase)
    return case


def test_markdown_headings_label_the_paragraphs_below(tmp_path: Path) -> None:
    text = (
        "UFRN: F1001\nDate: 3 May\n\n# Case study\n\nOne: a start.\nStill one.\n\n"
        "## What changed\n\nTwo.\n\n- Three\n"
    )
    source = read_document(_write(tmp_path, "study.md", text), DocumentOptions())
    case = _case(source)
    assert (source.kind, case.kind, case.case_id, case.ufrn) == (
        Kind.DOCUMENT,
        Kind.DOCUMENT,
        "study",
        "F1001",
    )
    assert source.front_matter == "UFRN: F1001\nDate: 3 May"
    assert [(s.n, s.label, s.text, s.place) for s in case.segments] == [
        (1, "Case study", "One: a start.\nStill one.", "line 6"),
        (2, "What changed", "Two.", "line 11"),
        (3, "What changed", "- Three", "line 13"),
    ]
    assert {(s.speaker, s.role) for s in case.segments} == {("", "")}


def test_text_headings_are_underlined_lines(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt", "Start\n=====\nOne\n\n# no heading\n")
    segments = _case(read_document(path, DocumentOptions())).segments
    assert [(s.label, s.text) for s in segments] == [("Start", "One"), ("Start", "# no heading")]


def test_a_long_line_after_a_key_is_text(tmp_path: Path) -> None:
    text = "Summary: the family was seen by many services over a long time in those years.\nEnd"
    case = _case(read_document(_write(tmp_path, "a.txt", text), DocumentOptions()))
    assert [s.text for s in case.segments] == text.split("\n")


def test_table_cells_are_segments(realdata: Path) -> None:
    path = realdata / "awkward" / "word" / "tables.docx"
    segments = _case(read_document(path, DocumentOptions())).segments
    assert [s.place for s in segments] == [
        "paragraph 1",
        "paragraph 2, cell 1",
        "paragraph 2, cell 2",
        "paragraph 3, cell 1",
        "paragraph 3, cell 2",
        "paragraph 4",
    ]
    assert not any("\t" in s.text for s in segments)


def test_footnotes_come_last_with_their_label(realdata: Path) -> None:
    path = realdata / "awkward" / "word" / "footnotes.docx"
    source = read_document(path, DocumentOptions())
    assert [s.label for s in _case(source).segments] == ["", "footnote", "footnote"]
    assert "2 footnotes at the end, labelled so" in source.notes


def test_word_headings_are_known_by_their_style(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("Family reference: F7")
    document.add_heading("Background", 1)
    document.add_paragraph("One.")
    document.save(str(tmp_path / "a.docx"))
    case = _case(read_document(tmp_path / "a.docx", DocumentOptions(), "note 3"))
    assert (case.case_id, case.ufrn) == ("note 3", "F7")
    assert [(s.label, s.text) for s in case.segments] == [("Background", "One.")]


def test_family_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path, "F1 note.txt", "Words.")
    assert _case(read_document(path, DocumentOptions(family="F9"))).ufrn == "F9"
    told = read_document(path, DocumentOptions(family_from=r"(F\d)"))
    assert _case(told).ufrn == "F1"
    assert told.options != read_document(path, DocumentOptions()).options


def test_reference_below_a_title_is_found(tmp_path: Path) -> None:
    path = tmp_path / "study.txt"
    path.write_text(
        "Case study\nFamily reference: F2016\n\nThey moved in May.\n\nIt went well.\n",
        encoding="utf-8",
    )
    parsed = read_document(path, DocumentOptions())
    (found,) = parsed.items
    assert isinstance(found, ParsedCase)
    assert found.ufrn == "F2016"
    assert [segment.text for segment in found.segments] == ["They moved in May.", "It went well."]
