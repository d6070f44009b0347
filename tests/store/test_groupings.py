"""Groups kept as an attribute of families, and given back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from oldproject import old_project

from qualkit.project import Project
from qualkit.store.deciding import turn_round
from qualkit.store.families import fetch_attribute_of
from qualkit.store.groupings import attribute_there, keep_groups, turn_grouping

KEYS = [1, 2]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "families.csv").write_text("UFRN,Set\nF1,old\nF2,\n", encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as opened:
        opened.import_families(tmp_path / "families.csv")
        yield opened


def kept(project: Project) -> list[str]:
    return fetch_attribute_of(project.connection, "set", KEYS)


def test_groups_take_the_place_of_what_was_there_and_give_it_back(project: Project) -> None:
    store = project._connection
    before = kept(project)
    step = keep_groups(store, "set", {1: "1", 2: "2"})
    assert kept(project) == ["1", "2"]
    # A family in no group has none.
    assert keep_groups(store, "set", {2: "1"}) == (step or 0) + 1
    assert kept(project) == ["", "1"]
    assert turn_round(store, "", redo=False, of_all=True).about == (step or 0) + 1
    assert kept(project) == ["1", "2"]
    assert turn_round(store, "", redo=False, of_all=True).about == step
    assert kept(project) == before == ["old", ""]
    assert turn_round(store, "", redo=False, of_all=True).about is None


def test_the_same_groups_again_are_no_step(project: Project) -> None:
    assert keep_groups(project._connection, "new", {1: "1"})
    assert keep_groups(project._connection, "new", {1: "1"}) is None


def test_a_new_name_is_gone_when_it_is_taken_back(project: Project) -> None:
    keep_groups(project._connection, "new", {1: "1"})
    assert attribute_there(project.connection, "new")
    turn_round(project._connection, "", redo=False, of_all=True)
    assert not attribute_there(project.connection, "new")


def test_values_that_have_changed_since_are_left(project: Project) -> None:
    store = project._connection
    keep_groups(store, "set", {1: "1", 2: "2"})
    store.execute("UPDATE main.family_attributes SET value = 'corrected' WHERE family_key = 2")
    assert not turn_grouping(store, 1, back=True)
    assert not turn_grouping(store, 99, back=True)
    assert kept(project) == ["1", "corrected"]


def test_a_persons_own_undo_leaves_what_was_done_in_nobodys_name(project: Project) -> None:
    keep_groups(project._connection, "set", {1: "1"})
    project.memo("words", "Ann")
    assert turn_round(project._connection, "Ann", redo=False).about is not None
    # As in the review: her next undo is of her own, and she has no more.
    assert turn_round(project._connection, "Ann", redo=False).about is None
    assert kept(project) == ["1", ""]


def test_a_project_of_an_earlier_schema_keeps_groups(tmp_path: Path) -> None:
    with Project(old_project(tmp_path / "qualkit.db")) as project:
        (tmp_path / "families.csv").write_text("UFRN,Service\nF1,North\n", encoding="utf-8")
        project.import_families(tmp_path / "families.csv")
        (key,) = project.connection.execute("SELECT min(id) FROM families").fetchone()
        assert keep_groups(project._connection, "set", {key: "1"})
        assert project.undo()
        assert project.connection.execute("PRAGMA foreign_key_check").fetchall() == []
