"""Needs as a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.project import Project
from qualkit.store.needmatrix import fetch_need_matrix


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
