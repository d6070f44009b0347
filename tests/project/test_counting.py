"""Counting rules, worked out by hand from the table in conftest.py."""

from __future__ import annotations

import pytest

from qualkit.errors import ChoiceNeededError, QualkitError, SmallSampleWarning, UnknownNameError
from qualkit.model import Table
from qualkit.project import Project
from qualkit.project.base import make_counting


def _counts(table: Table) -> dict[str, tuple[int, int]]:
    return {str(row["code"]): (row["count"], row["denominator"]) for row in table.rows}


def test_theme_counts_once_per_case_and_msc_is_the_default(project: Project) -> None:
    table = project.top("barrier")
    # m1 and m2 are lonely; m1 and m3 have debts or arrears; m5 has no text.
    assert _counts(table) == {"debt": (2, 4), "isolation": (2, 4)}
    assert [row["rank"] for row in table.rows] == [1, 1]
    assert dict(table.n) == {"msc": 4}
    assert table.basis.confirmed == 0
    assert table.runs


def test_codings_stand_in_their_text(project: Project) -> None:
    rows = project.connection.execute(
        "SELECT substr(s.text, g.start_char + 1, g.end_char - g.start_char), g.quote"
        " FROM codings g JOIN segments s ON s.id = g.segment_key"
    ).fetchall()
    assert rows
    assert all(text == quote for text, quote in rows)


def test_declared_relevance_decides_the_domain_of_a_case(project: Project) -> None:
    # Home is fairly or very relevant to m1, m3, m4.
    assert _counts(project.top("barrier", domain="home")) == {"debt": (2, 3), "isolation": (1, 3)}


def test_undeclared_case_counts_where_theme_and_domain_share_a_segment(project: Project) -> None:
    # i1: isolation in segment 2 (domain friends) and in 4, which is of home by its debts.
    table = project.top("barrier", domain="home", kind="interview")
    assert _counts(table) == {"debt": (1, 1), "isolation": (1, 1)}
    table = project.top("barrier", domain="friends", kind="interview")
    # Segments of friends hold "lonely" in i1 and i2, and no debts.
    assert _counts(table) == {"isolation": (2, 2)}


def test_interviewer_turns_are_never_coded(project: Project) -> None:
    found = project.connection.execute(
        "SELECT count(*) FROM codings g JOIN segments s ON s.id = g.segment_key"
        " WHERE s.role = 'interviewer'"
    ).fetchone()
    assert found[0] == 0


def test_matrix_counts_each_domain(project: Project) -> None:
    table = project.matrix("barrier", kind="all")
    found = {(r["domain"], r["code"]): (r["count"], r["denominator"]) for r in table.rows}
    # home: m1, m3, m4 declared, i1 and s1 by segment; friends: m2 declared, i1, i2.
    assert found == {
        ("home", "debt"): (4, 5),
        ("home", "isolation"): (2, 5),
        ("friends", "debt"): (0, 3),
        ("friends", "isolation"): (3, 3),
    }


def test_count_by_family_and_segment(project: Project) -> None:
    by_family = project.top("barrier", count_by="family", kind="all")
    # isolation: F1 (m1, i1), F2, F4; debt: F1, F3. Families with text: F1 to F4.
    assert _counts(by_family) == {"isolation": (3, 4), "debt": (2, 4)}
    by_segment = project.top("barrier", count_by="segment", kind="interview")
    # Three answers: two lonely ones and one with debts and no friends.
    assert _counts(by_segment) == {"isolation": (3, 3), "debt": (1, 3)}


def test_where_family_attribute(project: Project) -> None:
    assert _counts(project.top("barrier", where="cluster=a")) == {
        "isolation": (2, 2),
        "debt": (1, 2),
    }


def test_link_gives_group_and_overall_shares(project: Project) -> None:
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier")
    found = {(r["code"], r["group"]): (r["count"], r["denominator"]) for r in table.rows}
    assert found == {
        ("debt", "A"): (1, 2),
        ("debt", "B"): (1, 1),
        ("isolation", "A"): (2, 2),
        ("isolation", "B"): (0, 1),
    }
    row = next(r for r in table.rows if r["code"] == "debt" and r["group"] == "B")
    # F5 stands in cluster B without text; overall 2 of 3 families.
    assert row["families_without_text"] == 1
    assert row["overall_share"] == pytest.approx(2 / 3)


def test_rejected_never_count_and_reviewed_only_takes_done_cases(project: Project) -> None:
    quotes = project.quotes("debt")
    by_case = {row["case_id"]: row["coding_id"] for row in quotes.rows}
    project.decide(by_case["m1"], "reject", "Ann")
    assert _counts(project.top("barrier"))["debt"] == (1, 4)
    project.decide(by_case["m3"], "accept", "Ann")
    project.mark_done("m1", "Ann")
    project.mark_done("m3", "Ann")
    table = project.top("barrier", reviewed_only=True)
    # Done: m1 (debt rejected, isolation undecided) and m3 (debt accepted).
    assert _counts(table) == {"debt": (1, 2)}
    assert table.basis.confirmed == 1


def test_coder_counts_what_she_made_or_accepted(project: Project) -> None:
    project.add_coding("m4", 1, "barrier.debt", 0, 7, "Ann")
    coding = project.quotes("isolation").rows[0]["coding_id"]
    project.decide(int(coding), "accept", "Ann")
    assert _counts(project.top("barrier", coder="Ann")) == {"debt": (1, 4), "isolation": (1, 4)}
    assert _counts(project.top("barrier", coder="qualkit")) == {"debt": (2, 4), "isolation": (2, 4)}


def test_quotes_lead_from_every_row_of_a_table(project: Project) -> None:
    for kind in ("msc", "interview"):
        for domain in ("", "home", "friends"):
            for row in project.top("barrier", domain=domain, kind=kind).rows:
                quotes = project.quotes(str(row["code"]), domain=domain, kind=kind)
                assert len({q["case_id"] for q in quotes.rows}) == row["count"]
                assert len(quotes.rows) == row["codings"]


def test_relevance_counts_declaring_cases_with_text(project: Project) -> None:
    rows = {row["domain"]: row for row in project.relevance().rows}
    assert (rows["home"]["very"], rows["home"]["fairly"]) == (0.25, 0.5)
    assert rows["friends"]["count"] == 1


def test_domain_page_has_relevance_and_rankings(project: Project) -> None:
    page = project.domain("home")
    names = [table.name for table in page.tables]
    assert names == ["relevance", "linked", "top", "quotes"]


def test_running_the_coder_again_changes_nothing(project: Project) -> None:
    before = project.connection.execute("SELECT id, segment_key, quote FROM codings").fetchall()
    project.code()
    assert (
        project.connection.execute("SELECT id, segment_key, quote FROM codings").fetchall()
        == before
    )


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ({"domain": "hom"}, "home"),
        ({"where": "clutser=A"}, "cluster"),
        ({"where": "cluster=Z"}, "A"),
        ({"coder": "qualkitt"}, "qualkit"),
        ({"kind": "interviews"}, "interview"),
        ({"count_by": "familiy"}, "family"),
    ],
)
def test_typo_names_the_near_match(project: Project, options: dict[str, str], near: str) -> None:
    with pytest.raises(UnknownNameError, match=near):
        project.top("barrier", **options)  # type: ignore[arg-type]


def test_unknown_category_and_code_name_the_near_match(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="barrier"):
        project.top("barier")
    with pytest.raises(UnknownNameError, match="isolation"):
        project.quotes("isolaton")


def test_kinds_are_not_mixed_unasked(project: Project) -> None:
    project.connection.execute("UPDATE cases SET withdrawn = 1 WHERE kind = 'msc'")
    with pytest.raises(ChoiceNeededError, match="interview"):
        project.top("barrier")


@pytest.mark.parametrize("where", ["cluster", "=A", "cluster="])
def test_condition_must_be_key_and_value(where: str) -> None:
    with pytest.raises(QualkitError, match="KEY=VALUE"):
        make_counting(where=where)


def test_find_shows_words_with_their_codes(project: Project) -> None:
    rows = project.find("lone*").rows
    assert {row["case_id"] for row in rows} == {"m1", "m2", "i1", "i2"}
    assert rows[0]["match"] == "lonely"
    assert "barrier.isolation" in rows[0]["codes"]
    assert [r["case_id"] for r in project.find('"more arrears"').rows] == ["m3"]


def test_find_without_words_is_an_error(project: Project) -> None:
    with pytest.raises(QualkitError, match="no words"):
        project.find('" *')


def test_status_counts(project: Project) -> None:
    sources, coding, families = project.status()
    found = {row["name"]: (row["cases"], row["without_text"]) for row in sources.rows}
    assert found == {"narratives.csv": (5, 1), "interviews": (2, 0), "staff.csv": (1, 0)}
    assert coding.rows[0]["cases_coded"] == 7
    totals = {row["what"]: row["count"] for row in families.rows}
    assert totals["families"] == 4
    assert totals["families with cases"] == 3
    assert totals["cases whose family is in no families table"] == 1
