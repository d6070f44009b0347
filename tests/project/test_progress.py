"""Progress over all domains, from a project's readings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project

pytestmark = pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning")

HEADS = "UFRN,Physical health start,Physical health end,Social networks start,Social networks end"
READINGS = f"""{HEADS}
F1,1,9,2,10
F2,2,2,1,1
F3,5,1,6,2
F4,6,6,5,5
F5,9,10,10,9
F6,10,5,9,6
F7,5,,5,
"""
FAMILIES = """UFRN,Cluster,Closed
F1,A,2017-01-01
F2,A,2017-01-01
F3,B,2017-01-01
F4,B,2017-01-01
F5,A,2017-01-01
F6,B,2017-01-01
F8,B,2017-01-01
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "p.db", create=True) as opened:
        for name, text in (("stars", READINGS), ("families", FAMILIES)):
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        opened.import_families(tmp_path / "families.csv")
        opened.import_stars(tmp_path / "stars.csv")
        yield opened


def test_labels_by_family(project: Project) -> None:
    names = dict(project.connection.execute("SELECT id, ufrn FROM families"))
    labels = {names[key]: label for key, label in project.progress_labels().items()}
    # Starts 1-2 lower, 5-6 middle, 9-10 higher; ends the same. F7 is not closed, F8 not read.
    assert labels == {
        "F1": "higher", "F2": "same", "F3": "lower", "F4": "same", "F5": "same", "F6": "lower",
    }  # fmt: skip


def test_labels_do_not_hang_on_the_order_of_rows(project: Project, tmp_path: Path) -> None:
    head, *rows = READINGS.splitlines()
    (tmp_path / "other.csv").write_text("\n".join([head, *rows[::-1]]), encoding="utf-8")

    def labels(opened: Project) -> dict[str, str]:
        names = dict(opened.connection.execute("SELECT id, ufrn FROM families"))
        return {names[key]: label for key, label in opened.progress_labels(closed=False).items()}

    with Project(tmp_path / "other.db", create=True) as other:
        other.import_stars(tmp_path / "other.csv")
        assert labels(other) == labels(project)


def test_the_page_shows_matrix_shares_means_and_stability(project: Project) -> None:
    page = project.progress(by="cluster", resamples=3)
    names = ["progress-matrix", "progress", "progress-groups", "progress-stability"]
    assert [table.name for table in page.tables] == names
    matrix, shares, means, _ = page.tables
    assert matrix.basis.denominator == 6
    found = {(row["group"], row["progress"]): row["families"] for row in shares.rows}
    assert found["A", "higher"] == 1
    assert found["B", "lower"] == 2
    assert found["overall", "same"] == 3
    assert [row["name"] for row in means.rows] == ["Physical health", "Social networks"]
    assert "Families that count: 6 of 8" in [n[0].upper() + n[1:] for n in matrix.notes]


def test_without_resamples_nothing_is_said_of_stability(project: Project) -> None:
    assert len(project.progress(resamples=0).tables) == 3


def test_a_family_without_a_last_reading_is_in_no_group(project: Project) -> None:
    page = project.progress(resamples=0, everybody=True)
    # With everybody F7 counts, but it has no review.
    assert page.tables[0].basis.denominator == 6
    assert any(note.endswith("in no group: 1") for note in page.tables[0].notes)


def test_published_numbers_hide_small_ones(project: Project) -> None:
    project.for_publishing = True
    page = project.publish(project.progress(by="cluster", resamples=0))
    shown = [row["families"] for row in page.tables[1].rows]  # type: ignore[union-attr]
    assert 1 not in shown
    assert 2 not in shown


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by": "colour"}, UnknownNameError),
        ({"where": "cluster=A", "min_reviews": 9}, QualkitError),
    ],
    ids=["no such attribute", "nobody counts"],
)
def test_what_cannot_be_grouped_is_said(
    project: Project, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        project.progress(**options)  # type: ignore[arg-type]


def test_a_project_without_readings_says_what_to_import(tmp_path: Path) -> None:
    with (
        Project(tmp_path / "empty.db", create=True) as opened,
        pytest.raises(QualkitError, match="import stars"),
    ):
        opened.progress()
