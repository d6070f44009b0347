"""The published tables of the narratives, checked against a project's own."""

from __future__ import annotations

import csv
from pathlib import Path

from qualkit.project import Project


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def check_published(project: Project, reference: Path) -> None:
    """Assert that relevance, rankings, matrix and shares are the published ones."""
    check_relevance(project, reference)
    check_top_themes(project, reference)
    check_matrix(project, reference)
    check_over_a_fifth(project, reference)


def check_relevance(project: Project, reference: Path) -> None:
    """Percentages, ranks and links of msc_relevance.csv."""
    found = {row["domain"]: row for row in project.relevance().rows}
    for told in rows_of(reference / "msc_relevance.csv"):
        row = found[told["domain"]]
        assert row["denominator"] == 227
        for key in ("fairly", "very", "fairly_or_very"):
            assert int(row[key] * 100 + 0.5) == int(told[f"{key}_pct"]), (told["domain"], key)
        assert row["rank"] == int(told["rank"])
        assert set(row["more_likely_linked"]) == set(told["more_likely_linked"].split("|"))
        # The report names a domain as less linked with itself once; that one is left out.
        assert set(told["less_likely_linked"].split("|")) <= set(row["less_likely_linked"])


def check_top_themes(project: Project, reference: Path) -> None:
    """The forty rankings of msc_top_themes.csv."""
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows_of(reference / "msc_top_themes.csv"):
        told.setdefault((row["domain"], row["category"]), []).append((row["rank"], row["theme"]))
    assert len(told) == 40
    for (domain, category), themes in told.items():
        rows = {r["code"]: r for r in project.top(category, domain=domain).rows}
        for rank, theme in themes:
            if rank == "also":
                assert rows[theme]["count"] > 0, (domain, theme)
            else:
                assert rows[theme]["rank"] == int(rank), (domain, theme)


def check_matrix(project: Project, reference: Path) -> None:
    """The matrix of barriers marks the same top themes."""
    marked = {
        (row["domain"], row["code"]): row["rank"]
        for row in project.matrix("barrier").rows
        if row["top"]
    }
    told = {
        (row["domain"], row["theme"]): int(row["rank"])
        for row in rows_of(reference / "msc_top_themes.csv")
        if row["category"] == "barrier" and row["rank"] != "also"
    }
    assert told.items() <= marked.items()


def check_over_a_fifth(project: Project, reference: Path) -> None:
    """The themes of cases_of_change_over_20pct.csv."""
    for row in rows_of(reference / "cases_of_change_over_20pct.csv"):
        found = {r["code"]: r for r in project.top(row["category"]).rows}
        assert found[row["theme"]]["share"] > 0.2


def check_confidence(project: Project, reference: Path) -> None:
    """Shares, and the orders of reasons and agencies, of the staff survey."""
    page = project.confidence()
    tables = {table.name: table for table in page.tables}
    reasons = rows_of(reference / "staff_confidence_reasons.csv")
    agencies = rows_of(reference / "staff_confidence_agencies.csv")
    questions = list(dict.fromkeys(row["question"] for row in reasons))
    # The demonstration asks in the order of the report.
    keys = dict(zip(questions, (row["question"] for row in tables["confidence"].rows), strict=True))
    shares = {row["question"]: row["confident_share"] for row in tables["confidence"].rows}
    for row in reasons:
        assert int(shares[keys[row["question"]]] * 100 + 0.5) == int(row["confident_pct"])
    for told, name in ((reasons, "reason"), (agencies, "agency")):
        found = {
            (row["question"], row["code"]): row["rank"] for row in tables[f"confidence-{name}"].rows
        }
        for row in told:
            place = keys[row["question"]], row[name]
            assert found[place] == int(row["rank"] or 1), place
