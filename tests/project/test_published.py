"""The published tables come out of cases in which all published orders hold at once.

The cases are entered as a person's codings, so that only the counting is tested.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.project import Project
from qualkit.store.codings import coder_key
from qualkit.store.sources import save_source


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def published(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    frame = _rows(reference / "codeframe.csv")
    domains = [row["id"] for row in _rows(reference / "domains.csv")]
    planted = _rows(reference / "planted_example.csv")
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
    found = {row["domain"]: row for row in published.relevance().rows}
    for told in _rows(reference / "msc_relevance.csv"):
        row = found[told["domain"]]
        assert row["denominator"] == 227
        for key in ("fairly", "very", "fairly_or_very"):
            assert int(row[key] * 100 + 0.5) == int(told[f"{key}_pct"]), (told["domain"], key)
        assert row["rank"] == int(told["rank"])
        assert set(row["more_likely_linked"]) == set(told["more_likely_linked"].split("|"))
        # The report names a domain as less linked with itself once; that one is left out.
        assert set(told["less_likely_linked"].split("|")) <= set(row["less_likely_linked"])


def test_top_themes_of_every_domain_in_order(published: Project, reference: Path) -> None:
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in _rows(reference / "msc_top_themes.csv"):
        told.setdefault((row["domain"], row["category"]), []).append((row["rank"], row["theme"]))
    assert len(told) == 40
    for (domain, category), themes in told.items():
        rows = {r["code"]: r for r in published.top(category, domain=domain).rows}
        for rank, theme in themes:
            if rank == "also":
                assert rows[theme]["count"] > 0, (domain, theme)
            else:
                assert rows[theme]["rank"] == int(rank), (domain, theme)


def test_matrix_marks_the_same_top_themes(published: Project, reference: Path) -> None:
    marked = {
        (row["domain"], row["code"]): row["rank"]
        for row in published.matrix("barrier").rows
        if row["top"]
    }
    told = {
        (row["domain"], row["theme"]): int(row["rank"])
        for row in _rows(reference / "msc_top_themes.csv")
        if row["category"] == "barrier" and row["rank"] != "also"
    }
    assert told.items() <= marked.items()


def test_themes_named_as_over_a_fifth(published: Project, reference: Path) -> None:
    for row in _rows(reference / "cases_of_change_over_20pct.csv"):
        found = {r["code"]: r for r in published.top(row["category"]).rows}
        assert found[row["theme"]]["share"] > 0.2
