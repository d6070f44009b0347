from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project
from qualkit.store.families import accept_alias
from qualkit.store.stars import fetch_spans

BOTH = "UFRN,Physical health start,Physical health end,Social networks start,Social networks end\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with readings of five families."""
    opened = Project(tmp_path / "p.db", create=True)
    rows = ("F1,1,5,2,2", "F2,9,10,3,1", "F3,4,7,,6", "F4,6,,5,", "F5,7,3,8,9")
    (tmp_path / "s.csv").write_text(BOTH + "\n".join(rows) + "\n", encoding="utf-8")
    opened.import_stars(tmp_path / "s.csv")
    return opened


def test_progress_by_hand(project: Project) -> None:
    rows = {row["domain"]: row for row in project.stars().rows}
    # Physical health: F1 up, F2 stayed at the highest, F3 up, F5 down; F4 has no review.
    health = rows["physical-health"]
    assert (health["n"], health["n_higher"], health["n_lower"], health["at_highest"]) == (
        4,
        2,
        1,
        1,
    )
    assert (health["progress"], health["higher"], health["lower"]) == (2 / 3, 0.5, 0.25)
    # Social networks: F1 the same, F2 down, F5 up; F3 has no first reading.
    assert (rows["social-networks"]["n"], rows["social-networks"]["progress"]) == (3, 1 / 3)


def test_importing_again_changes_nothing_and_further_reviews_are_added(
    project: Project, tmp_path: Path
) -> None:
    before = project.connection.execute("SELECT * FROM readings").fetchall()
    again = project.import_stars(tmp_path / "s.csv")
    assert (again.new, again.changed, again.there) == (0, 0, 17)
    assert project.connection.execute("SELECT * FROM readings").fetchall() == before
    (tmp_path / "later.csv").write_text(
        "UFRN,Assessment,Domain,Reading\nf-4,Review 1,Physical health,8\n", encoding="utf-8"
    )
    assert project.import_stars(tmp_path / "later.csv").new == 1
    assert {row["domain"]: row["n"] for row in project.stars().rows}["physical-health"] == 5


def test_rows_set_aside_stand_in_the_rejects_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        BOTH + "F8,0,5,2,2\nF9,1,2,3,4\nF9,2,2,3,4\n", encoding="utf-8"
    )
    result = project.import_stars(tmp_path / "bad.csv")
    with Path(result.rejects_file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert result.rejected == len(rows) == 3
    assert [row["place"] for row in rows] == [
        "row 2, column 'Physical health start'",
        "row 3",
        "row 4",
    ]
    assert (result.families, result.new) == (1, 3)


def test_published_matrices_through_a_project(tmp_path: Path, reference: Path) -> None:
    with (reference / "family_star_matrices.csv").open(encoding="utf-8-sig") as lines:
        cells = list(csv.DictReader(lines))
    chooser = random.Random(1)
    stages = list(dict.fromkeys(cell["start_stage"] for cell in cells))
    out = ["UFRN,Assessment,Domain,Reading"]
    for domain in dict.fromkeys(cell["domain"] for cell in cells):
        family = 0
        for cell in cells:
            for _ in range(int(cell["families"]) if cell["domain"] == domain else 0):
                family += 1
                for when in ("start", "end"):
                    lowest = stages.index(cell[f"{when}_stage"]) * 2 + 1
                    reading = lowest + chooser.randint(0, 1)
                    out.append(f"F{family:04},{when},{domain},{reading}")
    chooser.shuffle(body := out[1:])
    (tmp_path / "long.csv").write_text("\n".join([out[0], *body]) + "\n", encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as project:
        assert project.import_stars(tmp_path / "long.csv").rejected == 0
        rows = {row["domain"]: row for row in project.stars().rows}
        with (reference / "family_star_progress.csv").open(encoding="utf-8-sig") as lines:
            for told in csv.DictReader(lines):
                found = rows[told["domain"]]
                printed = int(found["progress"] * 100 + 0.5), round(found["lower"] * 1000)
                assert printed == (
                    int(told["published_progress_pct"]),
                    round(float(told["overall_lower_pct"]) * 10),
                )
        for row in project.star_matrix("physical-health").rows:
            (told,) = (
                cell
                for cell in cells
                if cell["domain"] == "physical-health"
                and cell["start_stage"] == row["start_stage"]
                and cell["end_stage"] == row["end_stage"]
            )
            assert row["families"] == int(told["families"])


def test_who_counts(project: Project, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "UFRN,Cluster,Closed on\nF1,A,01/02/2017\nF2,A,\nF3,B,02/02/2017\nF4,B,03/02/2017\n"
        "F6,B,03/02/2017\n",
        encoding="utf-8",
    )
    assert any("closed" in note for note in project.star_flow().notes)
    project.import_families(tmp_path / "f.csv")
    # Six families; F6 has no reading, F2 and F5 are not closed, F4 has no review.
    flow = project.star_flow()
    assert [row["out"] for row in flow.rows] == [None, 1, 2, 1, None]
    assert [row["left"] for row in flow.rows] == [6, 5, 3, 2, 2]
    (tmp_path / "n.csv").write_text(
        "UFRN,Assessment of,Debt\nF1,adult,1\nF1,child,0\nF1,family,\nF3,adult,1\nF3,child,1\n",
        encoding="utf-8",
    )
    project.import_needs(tmp_path / "n.csv")
    assert project.cohort().n == 1
    assert project.cohort(assessed=False).n == 2
    assert project.cohort(closed=False, assessed=False).n == 4
    assert project.cohort(everybody=True).n == 5
    assert project.cohort(min_reviews=2).n == 0
    assert project.cohort(everybody=True, where="cluster=A").n == 2


def test_which_attribute_and_values_say_closed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "UFRN,Outcome,Status\nF1,Stepped down,open\nF2,Moved away,closed\nF3,stepped down,open\n"
        "F4,Still with us,closed\n",
        encoding="utf-8",
    )
    project.import_families(tmp_path / "f.csv")
    reviewed = {"assessed": False, "min_reviews": 0}
    # By the status guessed F2 and F4 are closed; by the outcome F1 and F3, in any case.
    assert project.cohort(**reviewed).n == 2
    (note,) = [n for n in project.star_flow(**reviewed).notes if n.startswith("closed: ")]
    # Two families are few, so the value is not named.
    assert note == (
        "closed: where status says other values; guessed, another with --closed-by KEY=VALUE,VALUE"
    )
    assert project.cohort(closed_by="outcome=Stepped down", **reviewed).n == 2
    assert project.cohort(closed_by="family.outcome=stepped down,moved away", **reviewed).n == 3
    # None of the outcomes is a word for closed.
    assert project.cohort(closed_by="outcome", **reviewed).n == 0
    with pytest.raises(UnknownNameError, match="gone"):
        project.cohort(closed_by="outcome=gone")
    with pytest.raises(QualkitError, match="leave one"):
        project.cohort(closed=False, closed_by="outcome")
    with pytest.raises(QualkitError, match="no condition is asked"):
        project.cohort(everybody=True, closed_by="outcome")


def test_by_cluster(project: Project, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("UFRN,Cluster\nF1,A\nF2,A\nF3,B\nF4,B\n", encoding="utf-8")
    project.import_families(tmp_path / "f.csv")
    rows = {(r["domain"], r["group"]): r for r in project.stars(by="cluster").rows}
    assert rows["physical-health", "A"]["progress"] == 1.0
    assert rows["physical-health", "(none)"]["n"] == 1
    table = project.stars(domain="Physical health", by="cluster")
    assert {row["group"] for row in table.rows} == {"A", "B", "(none)"}
    with pytest.raises(UnknownNameError):
        project.stars(by="colour")
    with pytest.raises(UnknownNameError):
        project.stars(domain="health and safety")


def test_needs_of_a_family(project: Project, tmp_path: Path) -> None:
    text = "UFRN,Assessment of,Debt,Abuse,Work\nF1,adult,yes,no,\nF1,child,no,no,\n"
    (tmp_path / "n.csv").write_text(text, encoding="utf-8")
    first = project.import_needs(tmp_path / "n.csv", options=None)
    assert first.new == 4
    again = project.import_needs(tmp_path / "n.csv")
    assert (again.new, again.changed, again.there) == (0, 0, 4)
    # Yes of any; no where some say no and none yes; nothing where nobody says.
    assert project.connection.execute(
        "SELECT need, present FROM family_needs ORDER BY need"
    ).fetchall() == [("abuse", 0), ("debt", 1)]


def test_spans_for_grouping(project: Project) -> None:
    spans = fetch_spans(project.connection, ["social-networks", "physical-health"])
    assert spans.start.tolist() == [[2, 1], [3, 9], [0, 4], [5, 6], [8, 7]]
    assert spans.end.tolist() == [[2, 5], [1, 10], [6, 7], [0, 0], [9, 3]]
    chosen = project.cohort()
    assert len(fetch_spans(project.connection, ["physical-health"], chosen.sql).start) == 4


def test_without_readings_it_says_what_to_do(tmp_path: Path) -> None:
    with Project(tmp_path / "p.db", create=True) as empty:
        with pytest.raises(QualkitError, match="import stars"):
            empty.stars()
        with pytest.raises(QualkitError, match="import families"):
            empty.cohort(closed=True)


def _needs(project: Project, folder: Path, *rows: str) -> None:
    (folder / "n.csv").write_text(
        "UFRN,Assessment of,Debt,Abuse\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    project.import_needs(folder / "n.csv")


def test_forgetting_removes_readings_and_needs(project: Project, tmp_path: Path) -> None:
    _needs(project, tmp_path, "F1,adult,1,0", "F2,adult,1,0")
    held = project.forget("F1").held
    assert (held.readings, held.needs) == (4, 2)
    for table in ("readings", "star_families", "assessments", "family_needs"):
        keys = f"SELECT DISTINCT f.ufrn FROM {table} t JOIN families f ON f.id = t.family_key"
        assert ("F1",) not in project.connection.execute(keys).fetchall()
        assert ("F2",) in project.connection.execute(keys).fetchall()
    assert {row["domain"]: row["n"] for row in project.stars(everybody=True).rows}[
        "physical-health"
    ] == 3


def test_merging_brings_what_is_missing_and_lists_what_differs(
    project: Project, tmp_path: Path
) -> None:
    _needs(project, tmp_path, "F1,adult,1,0")
    folder = tmp_path / "other"
    folder.mkdir()
    with Project(folder / "o.db", create=True) as other:
        (folder / "s.csv").write_text(BOTH + "F1,1,6,,\nF2,,,,4\nF7,2,8,,\n", encoding="utf-8")
        other.import_stars(folder / "s.csv")
        _needs(other, folder, "F1,adult,0,0", "F1,child,1,", "F7,adult,,1")
    result = project.merge(folder / "o.db")
    rows = {row["what"]: row for row in result.table.rows}
    # F1: one the same, one other; F2 another last reading in social networks; F7 two new.
    assert [rows["readings"][k] for k in ("new", "same", "contradictory")] == [2, 3, 2]
    assert [rows["needs"][k] for k in ("new", "same", "contradictory")] == [2, 2, 1]
    whys = [row["why"] for row in result.details.rows]
    assert whys[0].startswith("family F1: another reading of physical-health")
    spans = fetch_spans(project.connection, ["physical-health"])
    assert (spans.start[0].tolist(), spans.end[0].tolist()) == ([1], [5])
    assert (spans.start[-1].tolist(), spans.end[-1].tolist()) == ([2], [8])
    assert project.connection.execute(
        "SELECT f.ufrn, n.need, n.present FROM family_needs n JOIN families f"
        " ON f.id = n.family_key ORDER BY 1, 2"
    ).fetchall() == [("F1", "abuse", 0), ("F1", "debt", 1), ("F7", "abuse", 1)]
    assert not project.merge(folder / "o.db").changed


def test_a_reference_that_is_joined_takes_its_readings_along(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "f.csv").write_text("UFRN,Cluster\nF0001,A\n", encoding="utf-8")
    project.import_families(tmp_path / "f.csv")
    _needs(project, tmp_path, "F1,adult,1,0")
    accept_alias(project.connection, "F1", "F0001", "2026-11-27T10:00:00Z")
    assert project.connection.execute(
        "SELECT count(*) FROM readings r JOIN families f ON f.id = r.family_key"
        " WHERE f.ufrn = 'F0001'"
    ).fetchone() == (4,)
    again = project.import_stars(tmp_path / "s.csv")
    assert (again.new, again.changed) == (0, 0)
    assert {r["group"]: r["n"] for r in project.stars(by="cluster", everybody=True).rows}["A"] == 1


def test_references_that_no_table_of_families_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("UFRN,Cluster\nF1,A\n", encoding="utf-8")
    (tmp_path / "s.csv").write_text("UFRN,Physical health start\nF-1,1\nF-9,2\n", "utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        # Without a table of families nobody is a stranger to it.
        assert not any("not in the table" in note for note in _notes(project, tmp_path))
        project.import_families(tmp_path / "f.csv")
        (told,) = [note for note in _notes(project, tmp_path) if "not in the table" in note]
        assert "'F-9'" in told
        assert "F-1" not in told


def _notes(project: Project, folder: Path) -> list[str]:
    return project.import_stars(folder / "s.csv").notes


@pytest.mark.parametrize("condition", [{"closed": True}, {"assessed": True}, {"min_reviews": 2}])
def test_a_condition_beside_everybody_is_refused(
    project: Project, condition: dict[str, object]
) -> None:
    with pytest.raises(QualkitError, match="no condition"):
        project.cohort(everybody=True, **condition)
