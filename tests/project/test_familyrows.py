"""Rows of families: what they hold, who is stuck, progress as an attribute."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project
from qualkit.project.familyrows import FamilyChoice

# F1 wins four stages in 13 months, F2 none in 13, F3 loses four in 11, F4 none and is open.
STARS = """UFRN,Home start,Home end
F1,1,9
F2,5,6
F3,10,1
F4,2,2
"""
DATES = """UFRN,Cluster,Opened,Closed
F1,A,2015-01-01,2016-02-01
F2,A,01/01/2015,01/02/2016
F3,B,2015-01-01,2015-12-01
F4,B,2015-01-01,
F5,B,2015-01-01,2016-12-01
"""


@pytest.fixture
def filled(project: Project, tmp_path: Path) -> Project:
    (tmp_path / "stars.csv").write_text(STARS, encoding="utf-8")
    (tmp_path / "dates.csv").write_text(DATES, encoding="utf-8")
    project.import_families(tmp_path / "dates.csv")
    project.import_stars(tmp_path / "stars.csv")
    return project


def _families(project: Project, **choice) -> list[str]:
    limit = FamilyChoice(as_of="2016-02-02", **choice)
    return [row["ufrn"] for row in project.families(choice=limit, kind="msc").rows]


def test_a_row_holds_attributes_stages_and_themes(filled: Project) -> None:
    rows = {row["ufrn"]: row for row in filled.families(kind="msc").rows}
    assert set(rows) == {"F1", "F2", "F3", "F4", "F5"}
    one = rows["F1"]
    # Readings 1 and 9: stages 1 and 5.
    assert (one["family.cluster"], one["stages"], one["domains_up"]) == ("A", 4, 1)
    assert (one["cases"], one["themes.barrier"]) == (1, 2)
    assert (one["barrier.debt"], one["barrier.isolation"]) == (1, 1)
    assert rows["F3"]["barrier.isolation"] == 0
    assert rows["F3"]["cases"] == 2
    # No text, no readings: blank, not 0.
    assert rows["F5"].get("barrier.debt") is None
    assert rows["F5"].get("stages") is None


def test_themes_of_rows_add_up_to_the_ranking(filled: Project) -> None:
    rows = filled.families(kind="msc").rows
    for theme in filled.top("barrier", kind="msc").rows:
        own = [row.get(f"barrier.{theme['code']}") or 0 for row in rows]
        # Every narrative with a theme names its family here.
        assert sum(own) == theme["count"]


def test_stuck_are_open_long_and_did_not_move_up(filled: Project) -> None:
    # F2 was open 13 months; F4 still is, on the second of February 2016.
    assert _families(filled, stuck=True) == ["F2", "F4"]
    assert _families(filled, stuck=True, months=14) == []
    assert _families(filled, stuck=True, months=10) == ["F2", "F3", "F4"]


def test_dates_can_be_named(filled: Project) -> None:
    assert _families(filled, stuck=True, opened="closed", months=0) == []
    with pytest.raises(UnknownNameError):
        _families(filled, stuck=True, opened="begun")


def test_where_chooses_and_limit_is_said(filled: Project) -> None:
    table = filled.families(where="cluster=B", limit=1)
    assert [row["ufrn"] for row in table.rows] == ["F3"]
    assert any("only the first 1" in note for note in table.notes)
    all_of_them = filled.families(where="cluster=B", limit=3)
    assert len(all_of_them.rows) == 3
    assert not any("only the first" in note for note in all_of_them.notes)


def test_the_file_has_the_same_rows(filled: Project, tmp_path: Path) -> None:
    table = filled.families()
    assert filled.export_families(tmp_path / "rows.csv") == len(table.rows)
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for told, row in zip(rows, table.rows, strict=True):
        assert told == {
            column.key: "" if row.get(column.key) is None else str(row[column.key])
            for column in table.columns
        }


@pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning")
def test_progress_is_an_attribute_of_families(filled: Project) -> None:
    labels = {row["ufrn"]: row["progress"] for row in filled.families(kind="msc").rows}
    higher = [ufrn for ufrn, label in labels.items() if label == "higher"]
    assert higher == ["F1"]
    table = filled.families(kind="msc", where="progress=higher")
    assert [row["ufrn"] for row in table.rows] == higher
    linked = filled.link("barrier", by="progress", kind="msc")
    found = {(row["group"], row["code"]): (row["count"], row["denominator"]) for row in linked.rows}
    # F1 alone is higher: one narrative, debts and lonely.
    assert found["higher", "debt"] == (1, 1)
    assert found["higher", "isolation"] == (1, 1)
    # m1 of F1 is the one narrative with debts there.
    (top,) = [
        row
        for row in filled.top("barrier", kind="msc", where="family.progress=higher").rows
        if row["code"] == "debt"
    ]
    assert (top["count"], top["denominator"]) == (1, 1)


def test_progress_follows_new_readings(filled: Project, tmp_path: Path) -> None:
    assert [r["ufrn"] for r in filled.families(where="progress=higher").rows] == ["F1"]
    (tmp_path / "more.csv").write_text("UFRN,Home start,Home end\nF5,1,10\n", encoding="utf-8")
    filled.import_stars(tmp_path / "more.csv")
    assert [r["ufrn"] for r in filled.families(where="progress=higher").rows] == ["F1", "F5"]
    # Families can be written again, too.
    filled.import_families(tmp_path / "dates.csv")


def test_a_column_called_progress_is_what_is_meant(project: Project, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("UFRN,Progress\nF1,slow\nF2,fast\n", encoding="utf-8")
    project.import_families(tmp_path / "own.csv")
    table = project.families(where="progress=slow", kind="msc")
    assert [row["ufrn"] for row in table.rows] == ["F1"]


def test_without_readings(project: Project) -> None:
    assert len(project.families(kind="msc").rows) == 5
    for choice in (FamilyChoice(stuck=True), FamilyChoice(deviant=True)):
        with pytest.raises(QualkitError, match="import stars"):
            project.families(choice=choice, kind="msc")


def test_never_published(filled: Project) -> None:
    filled.for_publishing = True
    with pytest.raises(QualkitError, match="cannot be published"):
        filled.families(kind="msc")


def test_the_page_of_a_domain_has_its_progress(filled: Project) -> None:
    page = filled.domain("home", kind="msc", matrix=True)
    tables = {table.name: table for table in page.tables}
    (row,) = tables["stars"].rows
    # F4 is open, so it does not count: F1 up, F2 same, F3 down.
    assert (row["n"], row["n_higher"], row["n_lower"], row["progress"]) == (3, 1, 1, 1 / 3)
    assert sum(row["families"] for row in tables["star-matrix"].rows) == 3
    assert "star-extremes" in tables
    assert any("differs by cluster" in note for note in page.notes)
    plain = [table.name for table in filled.domain("friends", kind="msc").tables]
    assert "stars" not in plain
