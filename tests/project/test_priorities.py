"""What status says once people decide."""

from __future__ import annotations

from qualkit.model import ReviewFilter
from qualkit.project import Project


def test_nothing_is_said_before_the_first_decision(project: Project) -> None:
    assert project.deciding() == []


def test_agreement_and_what_is_left_are_said(project: Project) -> None:
    review = project.review("Ann")
    for number in range(6):
        assert review.coding is not None
        (review.accept if number % 3 else review.reject)(review.coding)
        review.next_open()
    agreed, outlook = project.deciding()
    # Two of six were rejected; fewer than twenty decisions are one part.
    assert [(row["decisions"], row["accepted"]) for row in agreed.rows] == [("1 to 6", 4)]
    assert agreed.rows[0]["share"] == 4 / 6
    assert any("qualkit learn" in note for note in agreed.notes)
    rows = {(row["kind"], row["category"]): row for row in outlook.rows}
    assert set(rows) == {(kind, "barrier") for kind in ("msc", "interview", "survey")}
    # Two codes share five places: they stay whatever is decided, if any case has them.
    open_ = project.connection.execute(
        "SELECT count(*) FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE k.category = 'barrier' AND g.status = 'unreviewed'"
    ).fetchone()[0]
    assert sum(row["open"] for row in rows.values()) == open_


def test_undone_decisions_are_not_counted(project: Project) -> None:
    review = project.review("Ann")
    assert review.coding is not None
    review.accept(review.coding)
    review.undo()
    assert project.deciding() == []


def test_most_influential_comes_first(project: Project) -> None:
    weights = project._influence()
    review = project.review("Ann", ReviewFilter(order="influential"))
    order = [weights.get(item.coding or 0, 0.0) for item in review.items]
    assert order == sorted(order, reverse=True)
