"""Tables of needs: whom a row is about, which columns are needs, and what is set aside and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest

from qualkit.errors import ColumnError
from qualkit.importers.needs import NeedsOptions, read_about, read_needs
from qualkit.model import ParsedNeeds, Rejection
from qualkit.project import Project
from qualkit.store.needs import TWICE

HEADER = ["UFRN", "Assessment of", "Person", "Date", "Debt", "Poor housing"]


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read(
    path: Path, options: NeedsOptions | None = None
) -> tuple[list[ParsedNeeds], list[tuple[str, str]], list[str]]:
    """Return what was read, (place, reason) of what was set aside, and the notes."""
    table = read_needs(path, options)
    items = list(table.items)
    found = [item for item in items if isinstance(item, ParsedNeeds)]
    aside = [(item.place, item.reason) for item in items if isinstance(item, Rejection)]
    return found, aside, table.notes


def test_an_assessment_a_row(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["F1", "Adult", "P1", "01/02/2017", "yes", "0"],
        ["F1", "child", "P2", "2017-02-03", "", "x"],
        ["F1", "Whole family", "", "", "No", ""],
    ]
    found, aside, notes = read(write_rows(tmp_path / "n.csv", rows))
    assert [(item.about, item.person, item.assessed_on, item.needs) for item in found] == [
        (("adult",), "P1", "2017-02-01", {"debt": True, "poor-housing": False}),
        (("child",), "P2", "2017-02-03", {"poor-housing": True}),
        (("family",), "", "", {"debt": False}),
    ]
    assert aside == []
    assert any("'Assessment of'" in note for note in notes)


def test_without_a_word_on_whom_a_row_is_a_family_wholly_assessed(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "n.csv", [["UFRN", "Debt"], ["F1", "1"], ["F2", "0"]])
    found, _, _ = read(path)
    assert {item.about for item in found} == {("adult", "child", "family")}
    found, _, _ = read(path, NeedsOptions(about="child"))
    assert {item.about for item in found} == {("child",)}


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        (
            ["F1", "adult", "P1", "", "perhaps", "1"],
            "row 2, column 'Debt'",
            "the need is neither yes nor no",
        ),
        (["", "adult", "P1", "", "1", "1"], "row 2", "the row has no family reference"),
        (["n/a", "adult", "P1", "", "1", "1"], "row 2", "the row has no family reference"),
        (
            ["F1", "grandparents' dog", "P1", "", "1", "1"],
            "row 2, column 'Assessment of'",
            "it says neither adult nor child nor family",
        ),
        (
            ["F1", "adult and child", "P1", "", "1", "1"],
            "row 2, column 'Assessment of'",
            "it says neither adult nor child nor family",
        ),
        (
            ["F1", "adult", "P1", "last summer", "1", "1"],
            "row 2, column 'Date'",
            "the date cannot be read",
        ),
    ],
    ids=["neither yes nor no", "blank reference", "no reference", "nobody", "two", "no date"],
)
def test_what_cannot_be_read_is_set_aside_with_the_reason(
    tmp_path: Path, row: list[str], place: str, reason: str
) -> None:
    good = [["F2", "adult", "P3", "2017-01-01", "1", "0"], ["F3", "child", "P4", "", "0", "1"]]
    found, aside, _ = read(write_rows(tmp_path / "n.csv", [HEADER, row, *good]))
    assert aside == [(place, reason)]
    # A cell alone is set aside, and the row's other answers are taken.
    taken = {item.ufrn: item.needs for item in found}
    assert set(taken) - {"F1"} == {"F2", "F3"}
    assert taken.get("F1", {"poor-housing": True}) == {"poor-housing": True}
    assert all(row[4] not in reason for _, reason in aside if row[4] == "perhaps")


def test_nameless_children_of_a_family_are_numbered(tmp_path: Path) -> None:
    rows = [["UFRN", "Assessment of", "Debt"], ["F1", "child", "1"], ["f 1", "child", "0"]]
    rows += [["F2", "child", "0"], ["F1", "adult", "0"]]
    found, _, _ = read(write_rows(tmp_path / "n.csv", rows))
    assert [(item.ufrn, item.person) for item in found] == [
        ("F1", ""),
        ("f 1", "#2"),
        ("F2", ""),
        ("F1", ""),
    ]


def test_columns_that_are_no_needs_are_left_out_and_named(tmp_path: Path) -> None:
    rows = [["UFRN", "Debt", "Worker", "Score"]]
    rows += [[f"F{n}", str(n % 2), f"Worker {n}", str(n + 3)] for n in range(6)]
    path = write_rows(tmp_path / "n.csv", rows)
    found, aside, notes = read(path)
    assert set(found[0].needs) == {"debt"}
    assert "columns left out: 'Worker', 'Score'; keep one with --need COL" in notes
    # Named all the same: none of its cells says yes or no.
    found, aside, _ = read(path, NeedsOptions(need=("Debt", "Worker")))
    assert [reason for _, reason in aside] == ["the need is neither yes nor no"] * 6


@pytest.mark.parametrize(
    "options",
    [
        NeedsOptions(need=("Gone",)),
        NeedsOptions(about="Gone"),
        NeedsOptions(person="Gone"),
        NeedsOptions(date="Gone"),
        NeedsOptions(family="Gone"),
    ],
    ids=["need", "about", "person", "date", "family"],
)
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, options: NeedsOptions) -> None:
    path = write_rows(tmp_path / "n.csv", [["UFRN", "Debt"], ["F1", "1"]])
    with pytest.raises(ColumnError, match="Gone"):
        read_needs(path, options)


def test_a_table_without_needs_is_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "n.csv", [["UFRN", "Worker"], ["F1", "Jo"], ["F2", "Al"]])
    with pytest.raises(ColumnError, match="no column of needs"):
        read_needs(path)


def test_one_family_twice_with_other_answers_is_taken_from_neither_row(tmp_path: Path) -> None:
    rows = [["UFRN", "Debt"], ["F1", "1"], ["F2", "1"], ["F-1", "0"], ["F2", "1"]]
    with Project(tmp_path / "p.db", create=True) as project:
        result = project.import_needs(write_rows(tmp_path / "n.csv", rows))
        # Both rows of F1; the two of F2 say the same.
        assert (result.rejected, result.families) == (2, 1)
        aside = Path(result.rejects_file).read_text(encoding="utf-8")
        assert aside.count(TWICE) == 2
        there = project.connection.execute(
            "SELECT f.ufrn, n.need, n.present FROM family_needs n"
            " JOIN families f ON f.id = n.family_key"
        ).fetchall()
        assert there == [("F2", "debt", 1)]
        again = project.import_needs(tmp_path / "n.csv")
        assert (again.new, again.changed) == (0, 0)


@pytest.mark.parametrize(
    ("cell", "about"),
    [
        ("Adult", ("adult",)),
        ("the mother", ("adult",)),
        ("YP", ("child",)),
        ("c", ("child",)),
        ("whole family", ("family",)),
        ("household", ("family",)),
        ("adult and child", ()),
        ("", ()),
    ],
)
def test_whom_a_cell_says_it_is_about(cell: str, about: tuple[str, ...]) -> None:
    assert read_about(cell) == about
