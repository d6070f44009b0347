"""The demonstration, end to end, from the files of corpus/."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from published import check_published

from qualkit.model import Page, Table
from qualkit.project import Project
from qualkit.project.demo import Demonstration, run_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning"),
]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return run_demo(tmp_path_factory.mktemp("demo") / "made")


@pytest.fixture(scope="module")
def project(demonstration: Demonstration) -> Iterator[Project]:
    with Project(demonstration.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project(run_demo(tmp_path_factory.mktemp("planted"), planted=True).path) as opened:
        yield opened


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_all_cases_come_in(demonstration: Demonstration) -> None:
    found = {result.kind: 0 for result in demonstration.imports}
    for result in demonstration.imports:
        found[result.kind] += result.cases
        assert result.rejected == 0
    assert found == {"msc": 227, "interview": 14, "survey": 97, "families": 0}
    assert demonstration.imports[-1].families == 787


def test_interviews_of_seven_formats_have_their_turns(project: Project, root: Path) -> None:
    turns = dict(
        project.connection.execute(
            "SELECT c.case_id, count(*) FROM segments s JOIN cases c ON c.id = s.case_key"
            " WHERE c.kind = 'interview' GROUP BY c.case_id"
        )
    )
    # A turn is a paragraph; the first one holds the cluster and the date.
    sources = sorted((root / "corpus" / "interviews_source").glob("*.txt"))
    assert turns == {
        path.stem: len([p for p in path.read_text(encoding="utf-8").split("\n\n") if p.strip()]) - 1
        for path in sources
    }


def test_parents_tell_their_own_narratives(project: Project) -> None:
    told = dict(
        project.connection.execute(
            "SELECT s.role, count(DISTINCT s.case_key) FROM segments s"
            " JOIN cases c ON c.id = s.case_key WHERE c.kind = 'msc' GROUP BY s.role"
        )
    )
    written = [row["Told by"] for row in _rows(project_corpus() / "narratives.csv")]
    assert told == {"parent": written.count("parent"), "worker": written.count("worker")}


def project_corpus() -> Path:
    return Path(__file__).resolve().parents[2] / "corpus"


def test_it_shows_relevance_matrix_domain_link_and_comparison(
    demonstration: Demonstration,
) -> None:
    names = [shown.name for shown in demonstration.shown]
    progress = ["progress-matrix", "progress"]
    assert names == ["relevance", "matrix", "domain", "link", *progress, "accuracy"]
    for shown in demonstration.shown:
        tables: list[Table] = list(shown.tables) if isinstance(shown, Page) else [shown]
        assert all(table.rows for table in tables)


def test_progress_is_the_published(demonstration: Demonstration, reference: Path) -> None:
    matrix = next(shown for shown in demonstration.shown if shown.name == "progress-matrix")
    assert isinstance(matrix, Table)
    found = {(row["start"], row["end"]): int(row["share"] * 100 + 0.5) for row in matrix.rows}
    for row in _rows(reference / "progress_matrix.csv"):
        for end in ("lower", "middle", "higher"):
            assert found[row["start_readings"], end] == int(row[f"end_{end}_pct"])
        assert found[row["start_readings"], "total"] == int(row["total_pct"])


def test_stages_are_the_published(project: Project, reference: Path) -> None:
    told = _rows(reference / "family_star_matrices.csv")
    for domain in {row["domain"] for row in told}:
        found = {
            (row["start_stage"], row["end_stage"]): row["families"]
            for row in project.star_matrix(domain).rows
        }
        for row in told:
            if row["domain"] == domain:
                assert found[row["start_stage"], row["end_stage"]] == int(row["families"])


def test_the_comparison_counts_pairs_of_case_and_code(
    demonstration: Demonstration, project: Project
) -> None:
    table = demonstration.shown[-1]
    assert isinstance(table, Table)
    (row,) = [r for r in table.rows if (r["kind"], r["category"]) == ("msc", "barrier")]
    truth = {
        (r["case_id"], r["code"].partition(".")[2])
        for r in _rows(project_corpus() / "planted" / "narratives.csv")
        if r["code"].startswith("barrier.")
    }
    found = set(
        project.connection.execute(
            "SELECT c.case_id, k.code FROM codings g JOIN cases c ON c.id = g.case_key"
            " JOIN codes k ON k.id = g.code_key WHERE c.kind = 'msc' AND k.category = 'barrier'"
        )
    )
    assert (row["truth"], row["found"]) == (len(truth), len(found))
    assert row["precision"] == len(truth & found) / len(found)
    assert row["recall"] == len(truth & found) / len(truth)


def test_planted_codings_give_the_published_tables(planted: Project, reference: Path) -> None:
    check_published(planted, reference)


def test_planted_codings_are_all_in(planted: Project) -> None:
    n_rows = sum(len(_rows(path)) for path in (project_corpus() / "planted").iterdir())
    assert planted.connection.execute("SELECT count(*) FROM codings").fetchone() == (n_rows,)
    assert not planted.path.with_name("planted-rejects").exists()


def test_staff_reasons_and_agencies_have_the_published_order(
    planted: Project, root: Path, reference: Path
) -> None:
    headers = [h for h in _rows(root / "corpus" / "staff_survey.csv")[0] if h.endswith("?")]
    for category, stem, header in (
        ("agency", "agencies", "Which agencies are hard to advocate with?"),
        ("reason", "reasons", "Less confident: advocating for families - when and why?"),
    ):
        told = [
            row[category]
            for row in _rows(reference / f"staff_confidence_{stem}.csv")
            if row["question"] == "advocating"
        ]
        found = planted.connection.execute(
            "SELECT k.code FROM codings g JOIN segments s ON s.id = g.segment_key"
            " JOIN codes k ON k.id = g.code_key WHERE k.category = ? AND s.label = ? AND s.n = ?"
            " GROUP BY k.code ORDER BY count(DISTINCT g.case_key) DESC",
            (category, header, headers.index(header) + 1),
        ).fetchall()
        assert [code for (code,) in found] == told


def test_every_coding_stands_in_its_text(project: Project) -> None:
    rows = project.connection.execute(
        "SELECT s.text, g.start_char, g.end_char, g.quote FROM codings g"
        " JOIN segments s ON s.id = g.segment_key"
    ).fetchall()
    assert len(rows) > 1000
    assert all(text[start:end] == quote for text, start, end, quote in rows)


def test_every_row_of_every_ranking_leads_to_its_quotations(project: Project) -> None:
    for category in ("activity", "enabler", "barrier", "outcome"):
        for row in project.top(category).rows:
            quotes = project.quotes(f"{category}.{row['code']}")
            assert len({quote["case_id"] for quote in quotes.rows}) == row["count"]


def test_staff_answers_get_reasons_without_being_asked_for_a_kind(project: Project) -> None:
    table = project.top("reason")
    assert dict(table.n) == {"survey": 97}
    assert table.rows


def test_running_it_again_changes_nothing(demonstration: Demonstration, project: Project) -> None:
    before = project.connection.execute("SELECT id, quote FROM codings ORDER BY id").fetchall()
    again = run_demo(demonstration.path.parent)
    assert all(result.unchanged for result in again.imports)
    after = project.connection.execute("SELECT id, quote FROM codings ORDER BY id").fetchall()
    assert after == before
