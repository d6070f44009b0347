from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qualkit.model import Column, Table
from qualkit.normalise import guarded, is_formula, unguarded
from qualkit.report.cells import visible
from qualkit.report.files import render

# Any sign that a file can hold, and many of those that matter.
SIGNS = st.sampled_from("=+-@＝'\t\r\n \ufeff\"|;,")
TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), SIGNS))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+44 7700 900123",
        "-5",
        "- not a formula, but begins as one",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n=1",
        "  =1+1",
        "\u00a0=1",
        "\ufeff=1",
        "\u200b\x1b=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        " ＝1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_text_that_a_spreadsheet_could_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded("'" + text) == text


@pytest.mark.parametrize("text", ["", "'tis", "1-1", "a=b", "she said -", "'", "''", " a", "“=1”"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_text_with_an_apostrophe_of_its_own_can_be_told_apart() -> None:
    assert guarded("'=1") == "''=1"
    assert unguarded("''=1") == "'=1"


@given(TEXTS)
@example("'")
@example("''＝")
def test_every_text_comes_back_and_none_begins_as_a_formula(text: str) -> None:
    cell = guarded(text)
    assert not is_formula(cell)
    # The rule of the common advice against such cells, in its own words.
    assert not cell.strip().startswith(("=", "+", "-", "@"))
    assert not cell.startswith(("\t", "\r"))
    assert unguarded(cell) == text


@given(TEXTS, TEXTS)
def test_every_text_comes_back_from_csv(header: str, text: str) -> None:
    table = Table("t", "t", (Column(header, "h"), Column("n", "n")), ({header: text, "n": -5},))
    # Signs that are no line ends of CSV (such as U+2028) must not end a line either.
    rows = list(csv.reader(io.StringIO(render(table, "csv"), newline="")))
    if header == "n":
        return
    assert [[unguarded(cell) for cell in row[:1]] for row in rows] == [[header], [text]]
    # A negative number is no text.
    assert [row[1] for row in rows] == ["n", "-5"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 👪 ‏עברית", "plain é 👪 ‏עברית"),
        ("a\nb\tc\r\nd", "a\nb\tc\nd"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\x08\x7f\rb", "a␈␡␍b"),
        ("\x9b2J\x85", "�2J�"),
        ("\u202egnp.exe\u2066", "�gnp.exe�"),
        ("a\u2028b", "a b"),
        ("\ud800", "?"),
    ],
)
def test_control_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_visible_is_a_command(text: str) -> None:
    controls = {char for char in visible(text) if unicodedata.category(char) in ("Cc", "Cs")}
    assert controls <= {"\n", "\t"}
