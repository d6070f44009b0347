"""Narratives in Word: questions, fields, relevance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qualkit.errors import SourceFormatError
from qualkit.importers.mscfields import field_of, relevance_of_line
from qualkit.importers.word_msc import WordMscOptions, read_word_msc
from qualkit.model import Kind, ParsedCase, ParsedSource, Relevance

docx = pytest.importorskip("docx")

VERY, FAIRLY, NOT = Relevance.VERY, Relevance.FAIRLY, Relevance.NOT


def _read(path: Path, fill: Callable[[Any], None]) -> ParsedSource:
    document = docx.Document()
    fill(document)
    document.save(str(path))
    return read_word_msc(path, WordMscOptions())


def _case(source: ParsedSource) -> ParsedCase:
    (case,) = source.items
    assert isinstance(case, ParsedCase)
    return case


def _answers(source: ParsedSource) -> list[tuple[int, str, str]]:
    return [(s.n, s.label, s.text) for s in _case(source).segments]


def _bold(document: Any, text: str, rest: str = "") -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(text).bold = True
    paragraph.add_run(rest)


def _table(document: Any, *rows: tuple[str, ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def test_headings_are_the_questions_and_fields_the_attributes(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Story form", 0)
        document.add_paragraph("UFRN: F1001")
        document.add_paragraph("Quarter: 2017Q2")
        document.add_paragraph("Direction of change: positive")
        document.add_heading("What was it like before?", 1)
        document.add_paragraph("Hard. Note: very.")
        document.add_paragraph("And long.")
        document.add_heading("What changed?", 1)
        document.add_heading("Why does it matter?", 1)
        document.add_paragraph("They sleep.")

    source = _read(tmp_path / "story 4.docx", fill)
    case = _case(source)
    assert (case.case_id, case.kind, case.ufrn) == ("story 4", Kind.MSC, "F1001")
    assert case.attributes == {"quarter": "2017Q2", "direction": "positive"}
    # The second question has no answer and leaves a gap.
    assert _answers(source) == [
        (1, "What was it like before?", "Hard. Note: very.\nAnd long."),
        (3, "Why does it matter?", "They sleep."),
    ]
    assert {s.role for s in case.segments} == {"worker"}
    assert "1 question without an answer" in source.notes


def test_bold_lines_are_questions_where_there_are_no_headings(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        _bold(document, "UFRN: ", "F2")
        _bold(document, "What changed?")
        document.add_paragraph("A lot.")
        _bold(document, "How do you know? ", "I was there.")
        _bold(document, "Really", " so.")

    source = _read(tmp_path / "a.docx", fill)
    assert _case(source).ufrn == "F2"
    assert _answers(source) == [
        (1, "What changed?", "A lot."),
        (2, "How do you know?", "I was there.\nReally so."),
    ]


def test_table_of_questions_and_answers(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        _table(
            document,
            ("Family reference number", "F 3"),
            ("Service", "SLF"),
            ("Person or family", "family"),
            ("Question", "Answer"),
            ("What changed?", "A lot.\nReally."),
            ("Why?", ""),
            ("Who helped?", "The worker."),
        )

    source = _read(tmp_path / "a.docx", fill)
    case = _case(source)
    assert case.ufrn == "F 3"
    assert case.attributes == {"service": "SLF", "person-or-family": "family"}
    assert _answers(source) == [
        (1, "What changed?", "A lot.\nReally."),
        (3, "Who helped?", "The worker."),
    ]


def test_fields_side_by_side_in_a_table(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        _table(document, ("UFRN", "F4", "Quarter", "2017Q1"), ("Locality", "North", "Service", ""))
        document.add_heading("Story", 1)
        document.add_paragraph("Words.")

    source = _read(tmp_path / "a.docx", fill)
    case = _case(source)
    assert (case.ufrn, dict(case.attributes)) == ("F4", {"quarter": "2017Q1", "locality": "North"})
    assert _answers(source) == [(1, "Story", "Words.")]


def test_relevance_in_a_table_of_two_columns(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Story", 1)
        document.add_paragraph("Words.")
        document.add_heading("How relevant was each domain?", 1)
        _table(
            document,
            ("Domain", "Relevance"),
            ("Home & money", "very"),
            ("Keeping children safe", "Fairly relevant"),
            ("Adult well-being", "Not relevant"),
            ("Social networks", ""),
        )

    source = _read(tmp_path / "a.docx", fill)
    assert _case(source).relevance == {
        "home-and-money": VERY,
        "keeping-children-safe": FAIRLY,
        "adult-wellbeing": NOT,
    }
    assert _answers(source) == [(1, "Story", "Words.")]


def test_relevance_ticked_in_a_grid(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Story", 1)
        document.add_paragraph("Words.")
        _table(
            document,
            ("", "Not", "Fairly", "Very"),
            ("Physical health", "", "x", ""),
            ("Progress to work", "✓", "", ""),
            ("Family routine", "", "X", "X"),
        )

    source = _read(tmp_path / "a.docx", fill)
    assert _case(source).relevance == {"physical-health": FAIRLY, "progress-to-work": NOT}
    assert "1 domain with no clear tick taken as not declared" in source.notes


def test_relevance_in_lines(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Story", 1)
        document.add_paragraph("Home and money: bad then.")
        document.add_paragraph("Home and money: very")
        document.add_paragraph("Boundaries and behaviour - fairly")

    source = _read(tmp_path / "a.docx", fill)
    assert _case(source).relevance == {
        "home-and-money": VERY,
        "boundaries-and-behaviour": FAIRLY,
    }
    assert _answers(source) == [(1, "Story", "Home and money: bad then.")]


def test_text_without_questions_is_one_segment(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("UFRN: F5")
        document.add_paragraph("One.")
        document.add_paragraph("Two.")

    source = _read(tmp_path / "a.docx", fill)
    assert _answers(source) == [(1, "", "One.\nTwo.")]
    assert (source.front_matter, _case(source).ufrn) == ("", "F5")


def test_text_above_the_first_question_is_kept_with_the_source(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Please fill in every box.")
        document.add_heading("What changed?", 1)
        document.add_paragraph("A lot.")

    source = _read(tmp_path / "a.docx", fill)
    assert source.front_matter == "Please fill in every box."
    assert any("above the first question" in note for note in source.notes)


def test_bold_words_in_an_answer_under_headings_are_no_question(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Before", 1)
        document.add_paragraph("Hard.")
        document.add_heading("After", 1)
        _bold(document, "Much better")
        document.add_paragraph("Good.")

    assert _answers(_read(tmp_path / "a.docx", fill)) == [
        (1, "Before", "Hard."),
        (2, "After", "Much better\nGood."),
    ]


def test_heading_over_other_headings_is_no_question(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Form", 1)
        document.add_heading("Part one", 1)
        document.add_heading("Before", 2)
        document.add_paragraph("Hard.")

    assert _answers(_read(tmp_path / "a.docx", fill)) == [(1, "Before", "Hard.")]


def test_odt_is_read_alike(tmp_path: Path) -> None:
    opendocument = pytest.importorskip("odf.opendocument")
    from odf.text import H, P

    document = opendocument.OpenDocumentText()
    document.text.addElement(P(text="UFRN: F6"))
    document.text.addElement(H(outlinelevel=1, text="What changed?"))
    document.text.addElement(P(text="A lot."))
    document.save(str(tmp_path / "a.odt"))
    source = read_word_msc(tmp_path / "a.odt", WordMscOptions(), "story")
    assert (_case(source).case_id, _case(source).ufrn) == ("story", "F6")
    assert _answers(source) == [(1, "What changed?", "A lot.")]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words", encoding="utf-8")
    with pytest.raises(SourceFormatError, match=r"\.docx or \.odt"):
        read_word_msc(path, WordMscOptions())


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("UFRN", "F1", ("ufrn", "F1")),
        ("Reporting quarter", "Q2", ("quarter", "Q2")),
        ("Type of change", "negative", ("direction", "negative")),
        ("Told by", "partner", ("staff-or-partner", "partner")),
        ("What changed?", "a lot", None),
        ("Service", "x" * 101, None),
    ],
)
def test_fields_by_their_spellings(key: str, value: str, field: tuple[str, str] | None) -> None:
    assert field_of(key, value) == field


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Meeting children's emotional needs: very", ("childrens-emotional-needs", VERY)),
        ("Education and learning – not relevant", ("education-and-learning", NOT)),
        ("Physical health: it was very bad", None),
        ("What of physical health? - very", None),
        ("very", None),
    ],
)
def test_relevance_of_a_line(line: str, found: tuple[str, Relevance] | None) -> None:
    assert relevance_of_line(line) == found


def test_unknown_rows_of_a_table_of_fields_are_fields_too(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_heading("Story", 1)
        _table(
            document,
            ("Story no", "S101"),
            ("Family reference", "F1032"),
            ("Worker", "KT"),
            ("Locality", "Melton"),
        )
        document.add_heading("What changed?", 2)
        document.add_paragraph("They swim on Saturdays.")

    source = _read(tmp_path / "a.docx", fill)
    assert _case(source).ufrn == "F1032"
    assert _case(source).attributes == {"story-no": "S101", "worker": "KT", "locality": "Melton"}
    assert _answers(source) == [(1, "What changed?", "They swim on Saturdays.")]


def test_questions_in_a_table_with_fields_stay_questions(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        _table(
            document,
            ("Family reference", "F1032"),
            ("Locality", "Melton"),
            ("What changed", "They sleep now."),
        )
        document.add_heading("What helped?", 2)
        document.add_paragraph("A routine.")

    assert [(label, text) for _, label, text in _answers(_read(tmp_path / "a.docx", fill))] == [
        ("What changed", "They sleep now."),
        ("What helped?", "A routine."),
    ]
