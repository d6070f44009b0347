"""Rows of an import laid out by family: in order, in batches, and closed whatever happens."""

from __future__ import annotations

import gc
import sqlite3
import sys
from pathlib import Path

import pytest

from qualkit.model import ParsedReadings, Rejection
from qualkit.project import Project
from qualkit.store.families import accept_alias
from qualkit.store.staging import staged


def _item(ufrn: str, reading: int, place: str = "row 2") -> ParsedReadings:
    fields = {"UFRN": ufrn, "Reading": str(reading)}
    return ParsedReadings(ufrn, "", 0, {"home": reading}, place, fields)


def _value(item: ParsedReadings) -> tuple[object, ...]:
    return (item.readings["home"],)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "p.db", create=True)


def test_rows_come_by_family_with_joined_references_as_one(project: Project) -> None:
    (project.path.parent / "f.csv").write_text("UFRN\nF1\n", encoding="utf-8")
    project.import_families(project.path.parent / "f.csv")
    accept_alias(project.connection, "FAM1", "F1", "2026-01-01T00:00:00Z")
    seen: list[Rejection] = []
    refused = Rejection("row 9", "why", {})
    items = [_item("F2", 3), _item("fam 1", 4), refused, _item("F-1", 5)]
    with staged(project.connection, {"reading": "INTEGER"}, items, _value, seen.append) as rows:
        found = [(name, [row[3] for row in own]) for chunk in rows.batches for name, own in chunk]
        assert rows.headers == ["UFRN", "Reading"]
    assert found == [("F1", [4, 5]), ("F2", [3])]
    assert seen == [refused]


def test_a_row_is_set_aside_with_its_cells(project: Project) -> None:
    items = [_item("F2", 3, "row 5")]
    with staged(project.connection, {"reading": "INTEGER"}, items, _value, print) as rows:
        ((_, (row,)),) = next(rows.batches)
        assert rows.rejection(row, "why") == Rejection(
            "row 5", "why", {"UFRN": "F2", "Reading": "3"}
        )


def test_nothing_is_left_open_where_the_project_is_damaged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    items = [_item(f"F{n}", 3) for n in range(2000)]
    kept = []

    def read() -> None:
        types = {"reading": "INTEGER"}
        with staged(project.connection, types, items, _value, print) as rows:
            kept.append(rows.batches)
            next(rows.batches)
            raise sqlite3.DatabaseError("database disk image is malformed")

    with pytest.raises(sqlite3.DatabaseError):
        read()
    project.close()
    kept.clear()
    gc.collect()
    assert ignored == []
