"""Codings that people made elsewhere come in, each at its place or set aside with a reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import ColumnError, QualkitError
from qualkit.project import Project
from qualkit.project.codings_in import find_span
from qualkit.store.sources import save_source

BOOK = """
codebook: small
version: "1"
checks: [negation]
codes:
  - {id: debt, category: barrier, patterns: [debt]}
  - {id: debt, category: money, patterns: [owes]}
  - {id: calm, category: outcome, patterns: [calm]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "p.db", create=True) as opened:
        cases = [case("m1", "The debt grew. The debt went.", "Now they are calm."), case("m2", "")]
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        book = tmp_path / "book.yaml"
        book.write_text(BOOK, encoding="utf-8")
        opened.load_codebook(book)
        yield opened


def _write(folder: Path, *lines: str) -> Path:
    path = folder / "codings.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows_stand_where_they_say(project: Project, tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "case_id,segment_n,code,start,end,quote",
        "m1,1,barrier.debt,4,8,debt",
        "m1,2,calm,,,they are calm",
        "m1,2,outcome.calm,,,",
    )
    result = project.import_codings(path, "Ann")
    assert (result.new, result.there, result.rejected) == (3, 0, 0)
    rows = project.connection.execute(
        "SELECT k.category, s.n, g.start_char, g.end_char, g.quote, g.status FROM codings g"
        " JOIN codes k ON k.id = g.code_key JOIN segments s ON s.id = g.segment_key ORDER BY g.id"
    ).fetchall()
    assert rows == [
        ("barrier", 1, 4, 8, "debt", "added"),
        ("outcome", 2, 4, 17, "they are calm", "added"),
        ("outcome", 2, 0, 18, "Now they are calm.", "added"),
    ]


def test_the_same_file_twice_adds_nothing(project: Project, tmp_path: Path) -> None:
    path = _write(tmp_path, "case_id,segment_n,code", "m1,1,barrier.debt")
    assert project.import_codings(path, "Ann").new == 1
    again = project.import_codings(path, "Ann")
    assert (again.new, again.there) == (0, 1)
    # Another coder's say is another coding.
    assert project.import_codings(path, "Bob").new == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("m1,1,debt,,,", "several categories have a code of this name: write category.code"),
        ("m1,1,isolation,,,", "no loaded codebook has this code"),
        ("m9,1,calm,,,", "the project has no such case or segment with text"),
        ("m2,1,calm,,,", "the project has no such case or segment with text"),
        ("m1,1,calm,0,99,", "start and end are not within the text"),
        ("m1,1,calm,,,mortgage", "the words of quote do not stand in the text"),
        (
            "m1,1,calm,,,The debt",
            "the words of quote stand in the text more than once: give start and end",
        ),
        ("m1,one,calm,,,", "segment_n is no whole number"),
        ("m1,1,calm,3,,", "start and end must both be there, or neither"),
        (",1,calm,,,", "the row names no case or no code"),
    ],
)
def test_rows_without_a_place_are_set_aside(
    project: Project, tmp_path: Path, row: str, reason: str
) -> None:
    path = _write(tmp_path, "case_id,segment_n,code,start,end,quote", row, "m1,2,calm,,,")
    result = project.import_codings(path, "Ann")
    assert (result.new, result.rejected) == (1, 1)
    with Path(result.rejects_file).open(encoding="utf-8", newline="") as lines:
        (rejected,) = csv.DictReader(lines)
    assert rejected["place"] == "row 2"
    assert rejected["reason"] == reason


def test_another_table_is_refused_by_its_columns(project: Project, tmp_path: Path) -> None:
    path = _write(tmp_path, "case,theme", "m1,calm")
    with pytest.raises(ColumnError) as caught:
        project.import_codings(path, "Ann")
    assert "case_id, segment_n, code" in caught.value.message
    assert project.connection.execute("SELECT count(*) FROM codings").fetchone() == (0,)


def test_moved_words_are_found_by_the_quotation() -> None:
    # The offsets are of an older text; the words stand once.
    assert find_span("So now they are calm.", 4, 17, "they are calm") == (7, 20)


def test_comparison_needs_known_cases_and_categories(project: Project, tmp_path: Path) -> None:
    path = _write(tmp_path, "case_id,segment_n,code", "m9,1,outcome.calm")
    with pytest.raises(QualkitError) as caught:
        project.compare_codings([path])
    assert "row 2" in caught.value.message
