"""The published tables come out of cases in which all published orders hold at once.

The cases are entered as a person's codings, so that only the counting is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed
from published import check_matrix, check_over_a_fifth, check_relevance, check_top_themes, rows_of

from qualkit.project import Project
from qualkit.store.codings import coder_key
from qualkit.store.sources import save_source


@pytest.fixture(scope="module")
def published(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    frame = rows_of(reference / "codeframe.csv")
    domains = [row["id"] for row in rows_of(reference / "domains.csv")]
    planted = rows_of(reference / "planted_example.csv")
    folder = tmp_path_factory.mktemp("published")
    book = folder / "frame.yaml"
    lines = ["codebook: frame", 'version: "1"', "checks: [negation]", "codes:"]
    for row in frame:
        lines += [f"  - id: {row['code']}", f"    category: {row['category']}"]
    for domain in domains:
        lines += [f"  - id: {domain}", "    category: domain"]
    book.write_text("\n".join(lines), encoding="utf-8")
    with Project(folder / "qualkit.db", create=True) as project:
        cases = [
            case(row["case"], "words", relevance={d: row[d] for d in domains}) for row in planted
        ]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        project.load_codebook(book)
        _enter(project, planted, [row["code"] for row in frame])
        yield project


def _enter(project: Project, planted: list[dict[str, str]], codes: list[str]) -> None:
    connection = project.connection
    coder = coder_key(connection, "Ann", create=True)
    keys = dict(connection.execute("SELECT code, id FROM codes WHERE category <> 'domain'"))
    cases = dict(connection.execute("SELECT case_id, id FROM cases"))
    segments = dict(connection.execute("SELECT case_key, id FROM segments"))
    connection.executemany(
        "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
        " coder_key, rule, status) VALUES (?, ?, ?, 0, 5, 'words', ?, '', 'added')",
        [
            (segments[cases[row["case"]]], cases[row["case"]], keys[code], coder)
            for row in planted
            for code in codes
            if row[code] == "1"
        ],
    )


def test_relevance_percentages_ranks_and_links(published: Project, reference: Path) -> None:
    check_relevance(published, reference)


def test_top_themes_of_every_domain_in_order(published: Project, reference: Path) -> None:
    check_top_themes(published, reference)


def test_matrix_marks_the_same_top_themes(published: Project, reference: Path) -> None:
    check_matrix(published, reference)


def test_themes_named_as_over_a_fifth(published: Project, reference: Path) -> None:
    check_over_a_fifth(published, reference)
