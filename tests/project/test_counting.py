"""Counting rules, worked out by hand from the table in conftest.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import ChoiceNeededError, QualkitError, SmallSampleWarning, UnknownNameError
from qualkit.model import Table
from qualkit.project import Project
from qualkit.project.base import make_counting
from qualkit.report.values import foot_lines
from qualkit.store.sources import save_source


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
    with pytest.raises(UnknownNameError, match=r"it is a code: .* qualkit top barrier"):
        project.top("isolation")
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


def test_family_that_is_named_no_longer_is_counted_nowhere(
    project: Project, tmp_path: Path
) -> None:
    # A slip in version two names F9; version three puts it right, and no table declares F9.
    for content, ufrn in (("two", "F9"), ("three", "F1")):
        cases = [case("m1", "They had debts.", ufrn=ufrn), case("m2", "So lonely.", ufrn="F2")]
        save_source(project.connection, parsed(cases, content=content), lambda r: None)
    project.export_counts(tmp_path / "counts.csv")
    lines = (tmp_path / "counts.csv").read_text(encoding="utf-8").splitlines()
    # F4 stands in no table either, but an interview names it.
    assert [line.split(",")[0] for line in lines[1:]] == ["F1", "F2", "F3", "F4", "F5"]


def test_link_within_an_attribute_counts_only_its_families(project: Project) -> None:
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier", where="cluster=A")
    assert {row["group"] for row in table.rows} == {"A"}


def test_link_takes_a_case_that_a_person_went_through(project: Project) -> None:
    project.connection.execute("DELETE FROM coded_cases")
    # m1 to m3 have codings, so F1, F2 and F3 count; now m3's are gone.
    project.connection.execute(
        "DELETE FROM codings WHERE case_key = (SELECT id FROM cases WHERE case_id = 'm3')"
    )

    def families() -> int | None:
        with pytest.warns(SmallSampleWarning):
            return project.link("barrier").basis.denominator

    assert families() == 2
    project.mark_done("m4", "Ann")
    assert families() == 3


def test_link_by_an_attribute_of_cases_puts_no_family_without_text_in_a_group(
    project: Project,
) -> None:
    project.connection.execute(
        "INSERT INTO case_attributes (case_key, key, value)"
        " SELECT id, 'quarter', '2017Q1' FROM cases WHERE kind = 'msc'"
    )
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier", by="case.quarter")
    assert {row["families_without_text"] for row in table.rows} == {None}
    # F4 has an interview only, F5 nothing.
    assert any(note.endswith("without text in none of them: 2") for note in table.notes)


def test_where_takes_the_value_as_written(project: Project) -> None:
    project.connection.executemany(
        "INSERT INTO case_attributes (case_key, key, value)"
        " SELECT id, 'area', ? FROM cases WHERE case_id = ?",
        [("North", "m1"), ("north", "m2"), ("NORTH", "m3")],
    )

    def cases(value: str) -> int | None:
        return project.top("barrier", where=f"area={value}").basis.denominator

    # As written one case each; written as none of them, all three.
    assert (cases("North"), cases("north"), cases("nOrth")) == (1, 1, 3)


def test_trace_names_the_category_where_a_code_alone_would_not_do(
    project: Project, tmp_path: Path
) -> None:
    assert project.top("barrier").trace.startswith("qualkit quotes CODE")
    other = tmp_path / "other.yaml"
    other.write_text(
        'codebook: other\nversion: "1"\ncategory: enabler\n'
        "codes:\n  - id: debt\n    name: Debt advice\n    patterns: ['=advice']\n",
        encoding="utf-8",
    )
    project.load_codebook(other)
    assert project.top("barrier").trace.startswith("qualkit quotes barrier.CODE")
    assert len(project.quotes("barrier.debt").rows) == 3


def test_code_may_move_to_another_codebook(project: Project, tmp_path: Path) -> None:
    head = 'codebook: {}\nversion: "{}"\ncategory: barrier\ncodes:\n'
    code = "  - id: {0}\n    name: {0}\n    patterns: ['={0}']\n"
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(head.format("first", 1) + code.format("rent") + code.format("debts"))
    project.load_codebook(first)
    first.write_text(head.format("first", 2) + code.format("rent"))
    project.load_codebook(first)
    second.write_text(head.format("second", 1) + code.format("debts"))
    project.load_codebook(second)
    project.code(["second"])
    assert [row["case_id"] for row in project.quotes("barrier.debts").rows] == ["m1"]


def test_table_of_nothing_says_so(project: Project) -> None:
    table = project.top("barrier", reviewed_only=True)
    assert any(line.startswith("n = 0") for line in foot_lines(table))
    assert project.relevance(kind="interview").rows == ()


def test_matrix_states_the_rule_that_puts_a_case_in_a_domain(project: Project) -> None:
    assert "fairly or very relevant" in project.matrix("barrier").rule


def test_reviewed_only_asks_the_same_of_domain_codings(project: Project) -> None:
    isolation = next(r for r in project.quotes("isolation", kind="interview").rows)
    project.decide(int(isolation["coding_id"]), "accept", "Ann")
    project.mark_done("i1", "Ann")
    options = {"kind": "interview", "domain": "friends", "reviewed_only": True}
    # The theme is accepted, but nobody has confirmed that its segment is of friends.
    assert project.top("barrier", **options).rows == ()  # type: ignore[arg-type]
    domain = next(r for r in project.quotes("domain.friends", kind="interview").rows)
    project.decide(int(domain["coding_id"]), "accept", "Ann")
    assert _counts(project.top("barrier", **options)) == {"isolation": (1, 1)}  # type: ignore[arg-type]


def test_link_and_relevance_refuse_another_unit(project: Project) -> None:
    with pytest.raises(QualkitError, match="families are what is counted"):
        project.link("barrier", count_by="case")
    with pytest.raises(QualkitError, match="cases are what is counted"):
        project.relevance(count_by="family")


def test_link_shows_only_the_top_ranks_asked_for(project: Project) -> None:
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier", themes=1, kind="all")
    # All kinds: isolation of F1 and F2, debt of F1 and F3, of three families with a cluster;
    # F4 is isolated too, so isolation leads.
    assert {row["code"] for row in table.rows} == {"isolation"}


def test_relevance_of_one_domain_or_the_top_ranks(project: Project) -> None:
    assert [row["domain"] for row in project.relevance(domain="friends").rows] == ["friends"]
    assert [row["domain"] for row in project.relevance(top=1).rows] == ["home"]


def test_words_that_a_person_coded_and_that_are_gone_are_listed(project: Project) -> None:
    project.add_coding("m4", 1, "barrier.debt", 0, 7, "Ann")
    save_source(
        project.connection,
        parsed([case("m4", "Other words.", ufrn="F3")], name="narratives.csv", content="two"),
        lambda rejection: None,
    )
    names = [table.name for table in project.status()]
    assert names == ["sources", "coding", "unplaced", "families"]
    (row,) = project.status()[2].rows
    assert (row["case_id"], row["quote"], row["coder"]) == ("m4", "Nothing", "Ann")
