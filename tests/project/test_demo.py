"""The demonstration, end to end, from the files of corpus/."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualkit.model import Page, Table
from qualkit.project import Project
from qualkit.project.demo import Demonstration, run_demo

pytestmark = pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return run_demo(tmp_path_factory.mktemp("demo") / "made")


@pytest.fixture(scope="module")
def project(demonstration: Demonstration) -> Iterator[Project]:
    with Project(demonstration.path) as opened:
        yield opened


def test_thirty_cases_come_in(demonstration: Demonstration) -> None:
    found = {result.kind: 0 for result in demonstration.imports}
    for result in demonstration.imports:
        found[result.kind] += result.cases
        assert result.rejected == 0
    # Twenty narratives, four interviews, six staff responses; families are no cases.
    assert found == {"msc": 20, "interview": 4, "survey": 6, "families": 0}


def test_interviews_of_four_formats_have_their_turns(project: Project) -> None:
    turns = dict(
        project.connection.execute(
            "SELECT c.case_id, count(*) FROM segments s JOIN cases c ON c.id = s.case_key"
            " WHERE c.kind = 'interview' GROUP BY c.case_id"
        )
    )
    # Counted in corpus/originals/: lines that begin with a speaker.
    assert turns == {"int01_F2001": 18, "int02_F2003": 16, "int03_F2011": 16, "int04_F2013": 16}


def test_it_shows_relevance_matrix_domain_and_link(demonstration: Demonstration) -> None:
    assert [shown.name for shown in demonstration.shown] == [
        "relevance",
        "matrix",
        "domain",
        "link",
    ]
    for shown in demonstration.shown:
        tables: list[Table] = list(shown.tables) if isinstance(shown, Page) else [shown]
        assert all(table.rows for table in tables)


def test_every_coding_stands_in_its_text(project: Project) -> None:
    rows = project.connection.execute(
        "SELECT s.text, g.start_char, g.end_char, g.quote FROM codings g"
        " JOIN segments s ON s.id = g.segment_key"
    ).fetchall()
    assert len(rows) > 100
    assert all(text[start:end] == quote for text, start, end, quote in rows)


def test_every_row_of_every_ranking_leads_to_its_quotations(project: Project) -> None:
    for category in ("activity", "enabler", "barrier", "outcome"):
        for row in project.top(category).rows:
            quotes = project.quotes(f"{category}.{row['code']}")
            assert len({quote["case_id"] for quote in quotes.rows}) == row["count"]


def test_staff_answers_get_reasons_without_being_asked_for_a_kind(project: Project) -> None:
    table = project.top("reason")
    assert dict(table.n) == {"survey": 6}
    assert table.rows


def test_running_it_again_changes_nothing(demonstration: Demonstration, project: Project) -> None:
    before = project.connection.execute("SELECT id, quote FROM codings ORDER BY id").fetchall()
    again = run_demo(demonstration.path.parent)
    assert all(result.unchanged for result in again.imports)
    after = project.connection.execute("SELECT id, quote FROM codings ORDER BY id").fetchall()
    assert after == before
