"""Which themes meet, and whose words stand side by side, in a small project."""

from __future__ import annotations

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project, cooccurrence

# The project of conftest: m1 has debts in its first and lonely in its second segment, m2 lonely,
# m3 arrears; families F1, F2, F3.


def test_debts_and_isolation_meet_in_one_case_and_in_no_segment(project: Project) -> None:
    (row,) = project.cooccurrence("barrier").rows
    assert {row["one"], row["other"]} == {"barrier.debt", "barrier.isolation"}
    # m1 has both; debts in m1 and m3, isolation in m1 and m2; four narratives with text.
    assert (row["both"], row["n"]) == (1, 4)
    assert (row["n_one"], row["n_other"]) == (2, 2)
    # 2 × 2 / 4 = 1 expected.
    assert (row["expected"], row["lift"]) == (1, 1)
    (row,) = project.cooccurrence("barrier", count_by="segment").rows
    assert row["both"] == 0


def test_table_leads_to_the_words_of_both(project: Project) -> None:
    table = project.cooccurrence("barrier", count_by="segment", kind="interview")
    assert table.trace.startswith("qualkit quotes CODE --with CODE2")
    assert table.trace.endswith("--count-by segment")
    # Interview i1: "Debts, no friends." has both.
    (row,) = table.rows
    assert row["both"] == 1
    shown = project.quotes_together(
        "barrier.debt", "barrier.isolation", kind="interview", count_by="segment"
    )
    assert [(row["quote_one"], row["quote_other"]) for row in shown.rows] == [
        ("Debts, no friends", "Debts, no friends")
    ]


def test_words_stand_in_pairs_and_what_one_has_more_of_beside_nothing(project: Project) -> None:
    shown = project.quotes_together("debt", "isolation", kind="interview")
    # i1: one of debts, two of isolation.
    assert len(shown.rows) == 2
    assert [bool(row["quote_one"]) for row in shown.rows] == [True, False]
    assert {row["case_id"] for row in shown.rows} == {"i1"}
    assert "1 case with both" in shown.notes[0]
    assert project.quotes_together("debt", "isolation", limit=1).rows[0]["case_id"] == "m1"


def test_pairs_within_each_domain(project: Project) -> None:
    table = project.cooccurrence("barrier", by="domain")
    rows = {row["domain"]: row for row in table.rows}
    # home: m1, m3, m4 are relevant, isolation in m1, debts in m1 and m3.
    assert (rows["home"]["both"], rows["home"]["n"]) == (1, 3)
    assert {rows["home"]["n_one"], rows["home"]["n_other"]} == {1, 2}
    assert table.basis.denominator is None
    assert project.cooccurrence("barrier", domain="home").basis.denominator == 3


def test_families_behind_pairs_are_counted_for_publishing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.for_publishing = True
    # Two families with each theme: nothing of them could be shown.
    table = project.cooccurrence("barrier")
    assert table.rows == ()
    assert any("fewer than ten families" in note for note in table.notes)
    monkeypatch.setattr(cooccurrence, "LEAST_PUBLISHED", 1)
    (row,) = project.cooccurrence("barrier").rows
    assert (row["people_both"], row["both"]) == (1, 1)
    published = project.publish(project.cooccurrence("barrier"))
    assert published.rows[0]["both"] == "[c]"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(lambda p: p.cooccurrence("barrier", least=3), "--min", id="least"),
        pytest.param(lambda p: p.quotes_together("debt", "isolation"), "side by side", id="words"),
    ],
)
def test_what_cannot_be_published_is_refused(project: Project, call, said: str) -> None:
    project.for_publishing = True
    with pytest.raises(QualkitError, match=said):
        call(project)


def test_a_theme_with_itself_and_another_layout_are_refused(project: Project) -> None:
    with pytest.raises(QualkitError, match="meets itself"):
        project.quotes_together("debt", "debt")
    with pytest.raises(UnknownNameError):
        project.cooccurrence("barrier", by="cluster")
