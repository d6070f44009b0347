"""Groups by needs, from a project's assessments; kept only when the user says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project
from qualkit.project.clusters import ClusterChoice

pytestmark = pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning")

NEEDS = [f"need {number}" for number in range(10)]
TWO = ClusterChoice(1, 4, resamples=2)


def write_needs(path: Path, n: int = 80, *, reverse: bool = False, blank: int = 0) -> None:
    """Write families of two sorts: with the first five needs, and with the last five."""
    generator = numpy.random.default_rng(8)
    rows = []
    for number in range(n):
        chance = numpy.array([0.9] * 5 + [0.1] * 5)
        own = generator.random(10) < (chance if number % 4 else chance[::-1])
        cells = [str(int(yes)) for yes in own]
        rows.append(f"F{number:03},family," + ",".join(cells if number >= blank else [""] * 10))
    head = "UFRN,About," + ",".join(NEEDS)
    path.write_text("\n".join([head, *(rows[::-1] if reverse else rows)]), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "p.db", create=True) as opened:
        write_needs(tmp_path / "needs.csv")
        rows = [f"F{n:03},{'A' if n % 4 else 'B'}" for n in range(80)]
        (tmp_path / "families.csv").write_text("\n".join(["UFRN,Cluster", *rows]), "utf-8")
        opened.import_families(tmp_path / "families.csv")
        opened.import_needs(tmp_path / "needs.csv")
        yield opened


def by_reference(project: Project, members: dict[int, str]) -> dict[str, str]:
    names = dict(project.connection.execute("SELECT id, ufrn FROM families"))
    return {names[key]: group for key, group in members.items()}


def test_two_sorts_are_two_groups_the_larger_first(project: Project) -> None:
    found = project.clusters(TWO, beside="cluster", everybody=True)
    chosen = [row["groups"] for row in found.page.tables[0].rows if row["chosen"]]
    assert chosen == [2]
    walk = {(r["group"], r["given"]): r["families"] for r in found.page.tables[-1].rows}
    # Three of four families are of the first sort: 60 and 20.
    assert walk["all", "A"] == 60
    assert walk["1", "A"] >= 58
    assert walk["2", "B"] >= 18


def test_without_readings_families_with_needs_count_and_that_is_said(project: Project) -> None:
    page = project.clusters(TWO, assessed=False).page
    assert sum(r["families"] for r in page.tables[1].rows if r["group"] != "all") == 80
    assert any("no readings" in note for note in page.tables[0].notes)


def test_groups_do_not_hang_on_the_order_of_rows(project: Project, tmp_path: Path) -> None:
    write_needs(tmp_path / "turned.csv", reverse=True)
    with Project(tmp_path / "other.db", create=True) as other:
        other.import_needs(tmp_path / "turned.csv")
        two = by_reference(other, other.clusters(TWO, everybody=True).members)
    assert by_reference(project, project.clusters(TWO, everybody=True).members) == two


def test_families_without_an_answer_are_in_no_group(tmp_path: Path) -> None:
    write_needs(tmp_path / "needs.csv", blank=3)
    with Project(tmp_path / "p.db", create=True) as project:
        project.import_needs(tmp_path / "needs.csv")
        found = project.clusters(TWO, everybody=True)
        assert len(found.members) == 77
        assert set(by_reference(project, found.members)).isdisjoint({"F000", "F001", "F002"})
        assert found.page.tables[1].rows[-1]["families"] == 77


def test_needs_that_all_have_are_said_and_not_used(tmp_path: Path) -> None:
    write_needs(tmp_path / "needs.csv")
    lines = (tmp_path / "needs.csv").read_text(encoding="utf-8").splitlines()
    lines = [lines[0] + ",everybody", *(line + ",1" for line in lines[1:])]
    (tmp_path / "needs.csv").write_text("\n".join(lines), encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as project:
        project.import_needs(tmp_path / "needs.csv")
        found = project.clusters(TWO, everybody=True)
    assert any("everybody" in note for note in found.page.tables[0].notes)
    assert {r["share"] for r in found.profile.rows if r["need"] == "everybody"} == {1.0}


def test_using_groups_keeps_them_and_leaves_given_clusters(project: Project) -> None:
    found = project.clusters(TWO, everybody=True)
    assert project.use_clusters(found, "Need group")
    kept = dict(
        project.connection.execute(
            "SELECT f.ufrn, a.value FROM family_attributes a JOIN families f"
            " ON f.id = a.family_key WHERE a.key = 'need-group'"
        )
    )
    assert kept == by_reference(project, found.members)
    given = project.connection.execute(
        "SELECT value, count(*) FROM family_attributes WHERE key = 'cluster' GROUP BY value"
    )
    assert dict(given.fetchall()) == {"A": 60, "B": 20}


def values(project: Project, key: str) -> dict[str, str]:
    return dict(
        project.connection.execute(
            "SELECT f.ufrn, a.value FROM family_attributes a JOIN families f"
            " ON f.id = a.family_key WHERE a.key = ?",
            (key,),
        )
    )


def test_given_clusters_are_replaced_on_the_users_word_and_undo_gives_them_back(
    project: Project,
) -> None:
    given = values(project, "cluster")
    found = project.clusters(TWO, everybody=True)
    with pytest.raises(QualkitError, match="not to be replaced"):
        project.use_clusters(found, "cluster")
    assert project.use_clusters(found, "cluster", replace=True)
    assert not project.use_clusters(found, "cluster", replace=True)
    assert values(project, "cluster") == by_reference(project, found.members)
    # Nobody has a name here yet: what nobody did in their name is anybody's to take back.
    undone = project.undo()
    assert undone.changes == ("groups taken back: family.cluster",)
    assert values(project, "cluster") == given
    assert project.redo()
    assert values(project, "cluster") == by_reference(project, found.members)
    assert not project.redo()


def test_undo_takes_back_what_came_last_hers_or_nobodys(project: Project) -> None:
    project.memo("first", "Ann")
    project.use_clusters(project.clusters(TWO, everybody=True), "need-group")
    project.memo("last", "Ann")
    assert project.undo().coder == "Ann"
    undone = project.undo("Ann")
    assert (undone.coder, undone.changes) == ("", ("groups taken back: family.need-group",))
    assert values(project, "need-group") == {}
    assert [row["text"] for row in project.memos().rows] == ["first"]
    assert project.undo("Ann").coder == "Ann"
    assert not project.undo("Ann")
    # And forward again, in the same order.
    assert [project.redo("Ann").coder for _ in range(3)] == ["Ann", "", "Ann"]
    assert len(values(project, "need-group")) == 80


def test_undo_passes_over_groups_that_an_import_has_changed(
    project: Project, tmp_path: Path
) -> None:
    project.use_clusters(project.clusters(TWO, everybody=True), "cluster", replace=True)
    project.import_families(tmp_path / "families.csv")
    undone = project.undo()
    assert (bool(undone), undone.passed) == (False, 1)
    assert values(project, "cluster")["F000"] == "B"


def test_what_was_before_goes_with_a_family_that_is_forgotten(project: Project) -> None:
    project.use_clusters(project.clusters(TWO, everybody=True), "cluster", replace=True)
    project.forget("F000")
    left = "SELECT count(*) FROM grouped_families"
    assert project.connection.execute(left).fetchone() == (79,)
    assert project.undo()
    assert len(values(project, "cluster")) == 79


def test_progress_is_no_name_for_groups(project: Project) -> None:
    found = project.clusters(TWO, everybody=True)
    with pytest.raises(QualkitError, match="under this name"):
        project.use_clusters(found, "family.progress")


def test_without_needs_the_way_is_said(tmp_path: Path) -> None:
    with (
        Project(tmp_path / "p.db", create=True) as project,
        pytest.raises(QualkitError, match="import needs"),
    ):
        project.clusters()


def test_fewer_families_than_groups_are_refused(tmp_path: Path) -> None:
    rows = [f"F{n},family,{n % 2},{n // 2 % 2}" for n in range(24)]
    (tmp_path / "n.csv").write_text("\n".join(["UFRN,About,debt,illness", *rows]), "utf-8")
    with Project(tmp_path / "p.db", create=True) as project:
        project.import_needs(tmp_path / "n.csv")
        # Two needs make four different rows.
        with pytest.raises(QualkitError, match="4 different, 5 groups"):
            project.clusters(ClusterChoice(5, 5), everybody=True)
        assert (
            len(project.clusters(ClusterChoice(1, 12, resamples=0), everybody=True).members) == 24
        )


def test_too_few_families_are_refused(tmp_path: Path) -> None:
    write_needs(tmp_path / "n.csv", n=12)
    with Project(tmp_path / "p.db", create=True) as project:
        project.import_needs(tmp_path / "n.csv")
        with pytest.raises(QualkitError, match="too few families"):
            project.clusters(everybody=True)


@pytest.mark.parametrize(("lowest", "highest"), [(0, 3), (4, 3), (1, 400)])
def test_numbers_must_be_a_range(lowest: int, highest: int) -> None:
    with pytest.raises(QualkitError, match="range of numbers"):
        ClusterChoice(lowest, highest)


def test_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="kmodes"):
        ClusterChoice(method="k-means")
