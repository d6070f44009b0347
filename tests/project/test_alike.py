"""Values that look like slips of one another are said wherever they make groups, and kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.normalise import alike
from qualkit.project import Project
from qualkit.project.alike import note_alike, note_left_out

FAMILIES = "UFRN,Locality,Opened\nF1,South,2016-01-02\nF2,south,2016/01/02\nF3,North,\nF4,SOUTH.,\n"
READINGS = "UFRN,Physical health start,Physical health end\nF1,1,5\nF2,2,6\nF3,5,6\nF4,7,3\n"
STORIES = (
    "id,UFRN,Quarter,Story\nm1,F1,2017 Q1,We had no money at all for the rent\n"
    "m2,F2,2017-Q1,There was no money for food either\nm3,F3,2017 Q2,Nobody had any money then\n"
)
BOOK = """
codebook: few
version: "1"
category: barrier
checks: []
codes:
  - {id: money, name: Money, about: any, patterns: ["money"]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    for name, text in (("f.csv", FAMILIES), ("r.csv", READINGS), ("s.csv", STORIES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "few.yaml").write_text(BOOK, encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        opened.import_families(tmp_path / "f.csv")
        opened.import_stars(tmp_path / "r.csv")
        opened.import_msc(tmp_path / "s.csv")
        opened.load_codebook(tmp_path / "few.yaml")
        opened.code()
        yield opened


def _said(notes: tuple[str, ...]) -> list[str]:
    return [note for note in notes if "differ" in note and "only in case" in note]


SOUTHS = "'SOUTH.' and 'South' and 'south'"


def test_values_are_alike_by_their_letters_and_digits() -> None:
    assert alike(["Place 1", "place-1", "Place 2", "", "-", "+"]) == [["Place 1", "place-1"]]
    # A sign may be all the difference between numbers.
    assert alike(["-1", "1", "2016-01-02", "2016/01/02"]) == []


@pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning")
def test_groups_that_are_alike_are_said_and_kept(project: Project) -> None:
    tables = [
        project.link("barrier", by="locality"),
        project.stars(by="locality"),
        project.progress(by="locality", everybody=True, resamples=0).tables[0],
    ]
    for table in tables:
        (note,) = _said(table.notes)
        assert SOUTHS in note
    assert {row["group"] for row in tables[1].rows} == {"North", "SOUTH.", "South", "south"}
    (note,) = _said(project.compare("barrier", "quarter").notes)
    assert "'2017 Q1' and '2017-Q1'" in note
    assert _said(project.link("barrier", by="opened").notes) == []


def test_a_condition_says_what_it_leaves_out(project: Project) -> None:
    for table in (
        project.top("barrier", where="family.locality=South"),
        project.stars(where="locality=South"),
    ):
        (note,) = _said(table.notes)
        assert note.endswith("family.locality 'SOUTH.', 'south'")
    # All of them asked for, or none of them: nothing is left out.
    both = [f"family.locality={value}" for value in ("South", "south", "SOUTH.")]
    assert _said(project.top("barrier", where=both).notes) == []
    assert _said(project.top("barrier", where="locality=North").notes) == []


def test_an_import_says_it_once(project: Project, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("UFRN,Place\nF1,Up town\nF2,up-town\n", encoding="utf-8")
    said = _said(tuple(project.import_families(tmp_path / "g.csv").notes))
    assert any("family.place" in note and "'Up town' and 'up-town'" in note for note in said)


def test_what_is_published_names_no_value_of_few(project: Project) -> None:
    where = (("locality", ("South",)),)
    (note,) = note_left_out(project.connection, where, (), named=False)
    assert note.endswith("family.locality other values")


def test_an_attribute_of_very_many_values_is_no_group(project: Project) -> None:
    numbers = range(100, 1102)
    project.connection.executemany(
        "INSERT INTO families VALUES (?1, ?2, ?2, 1)", [(n, f"X{n}") for n in numbers]
    )
    # "v 7" and "V-7" and so on: 1,002 different values.
    values = [(n, f"v {n // 2}" if n % 2 else f"V-{n // 2}") for n in numbers]
    project.connection.executemany("INSERT INTO family_attributes VALUES (?, 'many', ?)", values)
    assert note_alike(project.connection, "family", "many") == []
    project.connection.execute("DELETE FROM family_attributes WHERE family_key > 1050")
    assert len(note_alike(project.connection, "family", "many")) == 1
