"""Needs as a matrix; groups kept as an attribute, the former ones beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.project import Project
from qualkit.store.needmatrix import (
    attribute_there,
    fetch_need_matrix,
    fetch_values,
    keep_groups,
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    rows = ["UFRN,About,debt,illness", "F2,adult,0,", "F2,child,1,", "F1,family,,1"]
    (tmp_path / "needs.csv").write_text("\n".join(rows), encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as opened:
        opened.import_needs(tmp_path / "needs.csv")
        yield opened


def test_matrix_is_by_reference_and_need_with_what_is_not_known(project: Project) -> None:
    matrix = fetch_need_matrix(project.connection, "SELECT id FROM families")
    names = dict(project.connection.execute("SELECT id, ufrn FROM families"))
    assert [names[key] for key in matrix.family_keys] == ["F1", "F2"]
    assert matrix.names == ["debt", "illness"]
    # F2 has debts by one of two assessments.
    assert matrix.answers.tolist() == [[-1, 1], [1, -1]]


def test_groups_are_kept_and_the_former_ones_beside_them(project: Project) -> None:
    keys = fetch_need_matrix(project.connection, "SELECT id FROM families").family_keys
    connection = project._connection
    assert keep_groups(connection, "set", {keys[0]: "1", keys[1]: "2"}) == ""
    assert keep_groups(connection, "set", {keys[1]: "1"}) == "set-before"
    assert fetch_values(connection, "set", keys) == ["", "1"]
    assert fetch_values(connection, "set-before", keys) == ["1", "2"]
    assert not attribute_there(connection, "set-before-2")
