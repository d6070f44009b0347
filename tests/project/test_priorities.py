"""What is asked first, and what status says once people decide."""

from __future__ import annotations

from collections import Counter

import numpy
import pytest

from qualkit.analysis.priorities import Material
from qualkit.model import ReviewFilter, Table
from qualkit.project import Project, reviewsession
from qualkit.store import models
from qualkit.store.priorities import iterate_counted


def decide(project: Project, n: int) -> None:
    """Decide on the first n codings: the first rejected, then two accepted, and so on."""
    review = project.review("Ann")
    for number in range(n):
        assert review.coding is not None
        (review.accept if number % 3 else review.reject)(review.coding)
        review.next_open()


def counts(project: Project) -> dict[tuple[str, str], Counter[str]]:
    """By kind and domain, how many cases each barrier counts for."""
    codes = dict(project.connection.execute("SELECT id, code FROM codes"))
    return {
        (ranking.kind, ranking.domain): Counter(
            codes[ranking.code_keys[code]] for code in ranking.codes.tolist()
        )
        for ranking in Material(iterate_counted(project.connection)).rankings
    }


def counted(table: Table) -> dict[str, int]:
    return {str(row["code"]): int(row["count"]) for row in table.rows if row["count"]}


@pytest.mark.parametrize("n_decided", [0, 7])
def test_rankings_count_as_the_tables_do(project: Project, n_decided: int) -> None:
    decide(project, n_decided)
    found = counts(project)
    assert {kind for kind, _ in found} == {"msc", "interview", "survey"}
    for kind in ("msc", "interview", "survey"):
        assert found.get((kind, ""), {}) == counted(project.top("barrier", kind=[kind]))
        for domain in ("home", "friends"):
            table = project.top("barrier", kind=[kind], domain=domain)
            assert found.get((kind, domain), {}) == counted(table), (kind, domain)


def test_retired_codes_count_but_are_not_asked_about(project: Project) -> None:
    project.connection.execute("UPDATE codes SET retired = 1 WHERE code = 'debt'")
    kept = {own.code_key: own.open for own in iterate_counted(project.connection)}
    (debt,) = project.connection.execute("SELECT id FROM codes WHERE code = 'debt'").fetchone()
    assert kept.pop(debt) is False
    assert set(kept.values()) == {True}


def test_only_undecided_codings_of_the_kinds_asked_for_weigh(project: Project) -> None:
    decide(project, 2)
    undecided = {
        row
        for (row,) in project.connection.execute(
            "SELECT g.id FROM codings g JOIN codes k ON k.id = g.code_key"
            " JOIN cases c ON c.id = g.case_key WHERE k.category = 'barrier'"
            " AND g.status = 'unreviewed' AND c.kind = 'interview'"
        )
    }
    assert set(project._influence(("interview",))) == undecided


def test_most_influential_comes_first(project: Project) -> None:
    weights = project._influence()
    review = project.review("Ann", ReviewFilter(order="influential"))
    order = [weights.get(item.coding or 0, 0.0) for item in review.items]
    assert order == sorted(order, reverse=True)
    assert order[0] > 0


def test_influence_is_weighed_anew_every_few_decisions(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine that runs this.
    monkeypatch.setattr(reviewsession, "_LONGEST_PAUSE_S", 60.0)
    monkeypatch.setattr(reviewsession, "WEIGHED_EVERY", 4)
    review = project.review("Ann", ReviewFilter(order="influential"))
    for number in range(4):
        assert review.coding is not None
        (review.accept if number % 3 else review.reject)(review.coding)
        if number < 3:
            before = list(review.items)
            review.next_open()
            assert [item.coding for item in review.items] == [item.coding for item in before]
    review.next_open()
    weights = project._influence()
    order = [weights.get(item.coding or 0, 0.0) for item in review.items]
    assert order == sorted(order, reverse=True)
    assert review.coding is not None
    assert weights[review.coding.coding] == max(weights.values())
    assert review.n_decided == review.items.n_decided


# --- status ---------------------------------------------------------------------------------


def test_nothing_is_said_before_the_first_decision(project: Project) -> None:
    assert project.deciding() == []


def test_agreement_and_what_is_left_are_said(project: Project) -> None:
    decide(project, 6)
    agreed, outlook = project.deciding()
    # Two of six were rejected; fewer than twenty decisions are one part.
    assert [(row["decisions"], row["accepted"]) for row in agreed.rows] == [("1 to 6", 4)]
    assert agreed.rows[0]["share"] == 4 / 6
    rows = {(row["kind"], row["category"]): row for row in outlook.rows}
    assert set(rows) == {(kind, "barrier") for kind in ("msc", "interview", "survey")}
    open_ = project.connection.execute(
        "SELECT count(*) FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE k.category = 'barrier' AND g.status = 'unreviewed'"
    ).fetchone()[0]
    assert sum(row["open"] for row in rows.values()) == open_
    # The survey's one theme hangs on one coding that nobody has decided on.
    survey = rows["survey", "barrier"]
    assert survey["open"] == 1
    assert survey["left"] == (survey["stays"] < 0.95)
    assert any("not" in note and "rules" in note for note in outlook.notes)


def test_agreement_grows_by_parts_of_the_same_size(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 25 verdicts are two parts of at least ten: 12 with 3 accepted, 13 with 12.
    verdicts = ["reject"] * 9 + ["accept"] * 15 + ["reject"]
    monkeypatch.setattr("qualkit.store.priorities.fetch_verdicts", lambda _: verdicts)
    agreed, _ = project.deciding()
    assert [(row["decisions"], row["accepted"]) for row in agreed.rows] == [
        ("1 to 12", 3),
        ("13 to 25", 12),
    ]


def test_everything_decided_leaves_nothing(project: Project) -> None:
    decide(project, len(project.review("Ann").items))
    _, outlook = project.deciding()
    assert [(row["open"], row["stays"], row["left"]) for row in outlook.rows] == [
        (0, 1.0, 0)
    ] * len(outlook.rows)


def test_undone_decisions_are_not_counted(project: Project) -> None:
    review = project.review("Ann")
    assert review.coding is not None
    review.accept(review.coding)
    review.undo()
    assert project.deciding() == []


def test_learning_from_decisions_is_suggested(project: Project) -> None:
    decide(project, 3)
    assert "nothing was learned from decisions yet: qualkit learn" in project.deciding()[0].notes
    models.save_model(
        project.connection,
        content_hash="hash",
        settings={},
        arrays={"weights": numpy.zeros(1)},
        qualkit_version="0",
    )
    assert not any("qualkit learn" in note for note in project.deciding()[0].notes)
    project.connection.execute("UPDATE decisions SET decided_at = '2999-01-01T00:00:00Z'")
    said = "3 decisions since the model was learned: qualkit learn"
    assert said in project.deciding()[0].notes
    project.connection.execute(
        "UPDATE decisions SET decided_at = '2000-01-01T00:00:00Z' WHERE id > 1"
    )
    said = "1 decision since the model was learned: qualkit learn"
    assert said in project.deciding()[0].notes
