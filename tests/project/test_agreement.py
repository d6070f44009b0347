"""Coders of one project who have done the same cases, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from factories import case, parsed

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Kind, ParsedFamily, ParsedSource, Table
from qualkit.project import Project
from qualkit.store.families import save_families
from qualkit.store.sources import save_source

BOOK = """
codebook: small
version: "1"
checks: [negation]
codes:
  - {id: debt, category: barrier, name: Debt, about: any, patterns: ["=debts"]}
  - {id: isolation, category: barrier, name: Isolation, about: any, patterns: ["=lonely"]}
  - {id: calm, category: outcome, name: Calm, about: any, patterns: ["=calm"]}
"""
MOODS = """
codebook: moods
version: "1"
category: mood
codes:
  - {id: glad, about: any, patterns: ["=glad"]}
"""
SECRET = "The lodger from Oadby had debts."


def load(project: Project, folder: Path, text: str, name: str = "small.yaml") -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    project.load_codebook(path)


def save(project: Project, cases: list[Any], name: str, kind: Kind = Kind.MSC) -> None:
    save_source(project.connection, parsed(cases, name=name, kind=kind), lambda rejection: None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Ann and Bob have done m1 to m4, Cy m1 and m2; m5 Bob alone, though Ann coded in it.

    | segment | text says | Ann | Bob | Cy |
    |---|---|---|---|---|
    | m1, 1 | debts | debt | debt | debt |
    | m1, 2 | | | isolation | |
    | m2, 1 | lonely, debts | debt, isolation | debt | debt |
    | m3, 1 | | | | not done |
    | m4, 1 | debts | debt | | not done |
    | m5, 1 | debts | debt, not done | debt | not done |
    """
    with Project(tmp_path / "p.db", create=True) as opened:
        load(opened, tmp_path, BOOK)
        cases = [case("m1", SECRET, "She kept to herself."), case("m2", "Lonely, with debts.")]
        cases += [case("m3", "Nothing."), case("m4", "Some debts."), case("m5", "More debts.")]
        save(opened, cases, "narratives.csv")
        for coder, coded in (
            ("Ann", ("m1.1 debt", "m2.1 debt", "m2.1 isolation", "m4.1 debt", "m5.1 debt")),
            ("Bob", ("m1.1 debt", "m1.2 isolation", "m2.1 debt", "m5.1 debt")),
            ("Cy", ("m1.1 debt", "m2.1 debt")),
        ):
            for place, code in (item.split() for item in coded):
                case_id, n = place.split(".")
                opened.add_coding(case_id, int(n), code, 0, 4, coder)
        for coder, done in (("Ann", "1234"), ("Bob", "12345"), ("Cy", "12")):
            for n in done:
                opened.mark_done(f"m{n}", coder)
        yield opened


def by_group(table: Table, key: str = "group") -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in table.rows}


def sizes(row: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Cases, units, pairs coded by any, by all."""
    return row["cases"], row["units"], row["by_any"], row["by_all"]


# --- two coders -------------------------------------------------------------------


def test_two_coders_by_hand(project: Project) -> None:
    table = project.agreement(["Ann", "Bob"], replicates=20)
    rows = by_group(table)
    assert list(rows) == ["codes", "barrier", "outcome"]
    # Five segments, two codes: in both 2, Ann alone 2, Bob alone 1, neither 5.
    assert sizes(rows["barrier"]) == (4, 5, 5, 2)
    assert rows["barrier"]["percent"] == pytest.approx(0.7)
    # Ann 4, Bob 3 of 10: (10 × 7 - (4 × 3 + 6 × 7)) / (100 - 54).
    assert rows["barrier"]["kappa"] == pytest.approx(16 / 46)
    # 20 ratings, 7 yes and 13 no, 6 in pairs that differ: 1 - 19 × 6 / (400 - 49 - 169).
    assert rows["barrier"]["alpha"] == pytest.approx(1 - 114 / 182)
    # p_e = 2 × 7/20 × 13/20 = 0.455; (0.7 - 0.455) / 0.545.
    assert rows["barrier"]["ac1"] == pytest.approx(0.245 / 0.545)
    # With the outcome, which nobody gave: 15 pairs, 10 of them in neither.
    assert sizes(rows["codes"]) == (4, 5, 5, 2)
    assert rows["codes"]["kappa"] == pytest.approx((15 * 12 - 144) / (225 - 144))
    assert table.n == {"msc": 4}
    assert "Cohen's" in table.rule
    assert table.notes == ("cases done by Ann and Bob: 4",)


def test_two_coders_by_code(project: Project) -> None:
    rows = project.agreement(["Ann", "Bob"], by_code=True, replicates=20).rows
    # Lowest kappa first; not defined last.
    assert [row["code"] for row in rows] == ["isolation", "debt", "calm"]
    isolation, debt, calm = rows
    # Isolation: Ann 1, Bob 1, never together: (5 × 3 - (1 + 16)) / (25 - 17).
    assert isolation["kappa"] == pytest.approx(-2 / 8)
    # Debt: both 2, Ann alone 1, neither 2: (5 × 4 - (3 × 2 + 2 × 3)) / (25 - 12).
    assert sizes(debt) == (4, 5, 3, 2)
    assert debt["kappa"] == pytest.approx(8 / 13)
    # 5 yes, 5 no, 2 in a pair that differs: 1 - 9 × 2 / (100 - 50).
    assert debt["alpha"] == pytest.approx(1 - 18 / 50)
    assert debt["ac1"] == pytest.approx((0.8 - 0.5) / 0.5)
    assert debt["name"] == "Debt"
    assert (calm["percent"], calm["ac1"]) == (1.0, 1.0)
    assert calm["kappa"] is calm["kappa_low"] is calm["alpha"] is None


def test_warnings_say_where_kappa_misleads(project: Project) -> None:
    rows = by_group(project.agreement(["Ann", "Bob"], by_code=True, replicates=0), "code")
    # Debt is coded three times by anybody, which is fewer than five; calm never.
    assert {code: row["warning"] for code, row in rows.items()} == {
        "isolation": "rare",
        "debt": "rare",
        "calm": "constant",
    }


def test_warning_of_a_one_sided_code(project: Project) -> None:
    texts = [f"Text {i}." for i in range(100)]
    long = case("long", *texts, kind=Kind.DOCUMENT)
    save(project, [long], "long.txt", Kind.DOCUMENT)
    for coder in ("Ann", "Bob"):
        for n in (1, 2, 3, 4, 5):
            project.add_coding("long", n, "debt", 0, 4, coder)
        for n in range(1, 51):
            project.add_coding("long", n, "isolation", 0, 4, coder)
        project.mark_done("long", coder)
    table = project.agreement(["Ann", "Bob"], kind="document", by_code=True, replicates=0)
    rows = by_group(table, "code")
    # 5 of 100 for each gives a prevalence index of exactly 0.9, which is not above it.
    assert rows["debt"]["warning"] == rows["isolation"]["warning"] == ""
    project.add_coding("long", 51, "calm", 0, 4, "Ann")
    for n in (6, 7, 8, 9):
        project.add_coding("long", n, "calm", 0, 4, "Bob")
    rows = by_group(
        project.agreement(["Ann", "Bob"], kind="document", by_code=True, replicates=0), "code"
    )
    # Coded in five, but in 5 of 200 ratings: index 1 - 2 × 0.025 = 0.95.
    assert (rows["calm"]["by_any"], rows["calm"]["warning"]) == (5, "rare")


def test_code_in_every_unit_is_constant(project: Project) -> None:
    for place in ("m1.2", "m3.1", "m4.1"):
        for coder in ("Ann", "Bob"):
            case_id, n = place.split(".")
            project.add_coding(case_id, int(n), "debt", 0, 4, coder)
    row = by_group(project.agreement(["Ann", "Bob"], by_code=True, replicates=0), "code")["debt"]
    assert (row["percent"], row["kappa"], row["warning"]) == (1.0, None, "constant")


def test_by_case(project: Project) -> None:
    table = project.agreement(["Ann", "Bob"], level="case", by_code=True, replicates=0)
    rows = by_group(table, "code")
    # Debt: m1 and m2 both, m4 Ann, m3 neither: (4 × 3 - (3 × 2 + 1 × 2)) / (16 - 8).
    assert sizes(rows["debt"]) == (4, 4, 3, 2)
    assert rows["debt"]["kappa"] == pytest.approx(0.5)
    # Isolation: m1 Bob, m2 Ann: (4 × 2 - (1 + 9)) / (16 - 10).
    assert rows["isolation"]["kappa"] == pytest.approx(-2 / 6)


def test_intervals_hold_the_value_and_come_again_with_the_seed(project: Project) -> None:
    table = project.agreement(["Ann", "Bob"], replicates=200, seed=4)
    assert table == project.agreement(["Ann", "Bob"], replicates=200, seed=4)
    for row in table.rows:
        for key in ("percent", "kappa", "alpha", "ac1"):
            if row[key] is not None:
                assert row[f"{key}_low"] <= row[key] <= row[f"{key}_high"]
    low, high = (by_group(table)["barrier"][f"kappa_{end}"] for end in ("low", "high"))
    assert by_group(table)["barrier"]["kappa_interval"] == f"{low:.2f} to {high:.2f}"


def test_one_shared_case_has_no_interval(project: Project) -> None:
    project.connection.execute("DELETE FROM done_cases WHERE case_key > 1")
    row = by_group(project.agreement(["Ann", "Bob"], replicates=50))["barrier"]
    assert row["percent"] == pytest.approx(3 / 4)
    assert row["percent_low"] is None
    assert row["kappa_interval"] == ""


def test_kappa_is_that_of_evaluate_where_all_that_is_coded_is_done(project: Project) -> None:
    project.mark_done("m5", "Ann")
    own = by_group(project.agreement(["Ann", "Bob"], replicates=0))
    made = project.evaluate(reference="Ann", coder="Bob", replicates=1)
    for result in made.results():
        if result.level == "segment" and result.group in own:
            assert own[result.group]["units"] == result.units
            expected = result.kappa.value
            assert own[result.group]["kappa"] == (
                expected if expected is None else pytest.approx(expected)
            )


# --- more than two ------------------------------------------------------------------


def test_three_coders_with_cases_that_one_has_not_done(project: Project) -> None:
    table = project.agreement(replicates=20, by_code=True)
    debt = by_group(table, "code")["debt"]
    # All three rated m1.1, m1.2 and m2.1, and agree; m3.1 and m4.1 are Ann's and Bob's.
    assert sizes(debt) == (4, 5, 3, 2)
    assert debt["kappa"] == pytest.approx(1.0)
    # Agreed pairs 1, 1, 1, 1 and 0.
    assert debt["percent"] == pytest.approx(0.8)
    # 13 ratings, 7 yes and 6 no, 2 in the pair that differs: 1 - 12 × 2 / (169 - 49 - 36).
    assert debt["alpha"] == pytest.approx(1 - 24 / 84)
    # π = (1 + 0 + 1 + 0 + 0.5) / 5 = 0.5: (0.8 - 0.5) / 0.5.
    assert debt["ac1"] == pytest.approx(0.6)
    assert debt["coders"] == ("Ann", "Bob", "Cy")
    assert "Fleiss'" in table.rule
    assert table.notes == ("cases done by at least two of 3: 4",)


def test_order_of_coders_makes_no_difference(project: Project) -> None:
    one, other = (
        project.agreement(names, replicates=0, by_code=True).rows
        for names in (["Ann", "Bob", "Cy"], ["Cy", "Ann", "Bob"])
    )
    keys = ("code", "units", "by_any", "by_all", "percent", "kappa", "alpha", "ac1", "warning")
    for left, right in zip(one, other, strict=True):
        for key in keys:
            same = pytest.approx(left[key]) if isinstance(left[key], float) else left[key]
            assert right[key] == same


def test_each_against_a_reference(project: Project) -> None:
    table = project.agreement(reference="Ann", replicates=0)
    rows = {(row["coders"], row["group"]): row for row in table.rows}
    assert {coders for coders, _ in rows} == {("Ann", "Bob"), ("Ann", "Cy")}
    assert rows[("Ann", "Bob"), "barrier"]["kappa"] == pytest.approx(16 / 46)
    # With Cy m1 and m2: six pairs, both 2, Ann alone 1: (6 × 5 - (3 × 2 + 3 × 4)) / 18.
    assert sizes(rows[("Ann", "Cy"), "barrier"]) == (2, 3, 3, 2)
    assert rows[("Ann", "Cy"), "barrier"]["kappa"] == pytest.approx(12 / 18)
    assert not next(c for c in table.columns if c.key == "coders").detail
    assert table.title == "Agreement, by segment: Ann with Bob, Cy"


# --- the machine ----------------------------------------------------------------------


def test_machine_counts_as_done_where_it_has_coded(project: Project) -> None:
    project.code(method="rules")
    table = project.agreement("Ann", reference="qualkit", replicates=0)
    # Machine: debt in m1.1, m2.1, m4.1, isolation in m2.1: as Ann.
    assert by_group(table)["barrier"]["kappa"] == 1.0
    assert len(table.runs) == 1
    assert table.runs[0].startswith("run 1: qualkit, codebook small version 1, rules, ")
    same = project.agreement(["qualkit", "Ann"], replicates=0)
    assert [row["kappa"] for row in same.rows] == [row["kappa"] for row in table.rows]


def test_people_alone_are_compared_unless_the_machine_is_named(project: Project) -> None:
    project.code(method="rules")
    table = project.agreement(replicates=0)
    assert table.rows[0]["coders"] == ("Ann", "Bob", "Cy")
    assert table.runs == ()


def test_accepted_codings_are_the_persons_own(project: Project) -> None:
    project.code(method="rules")
    ((key,),) = project.connection.execute(
        "SELECT g.id FROM codings g JOIN cases c ON c.id = g.case_key"
        " WHERE c.case_id = 'm4' AND g.rule <> ''"
    ).fetchall()
    project.decide(key, "accept", "Bob")
    row = by_group(project.agreement(["Ann", "Bob"], by_code=True, replicates=0), "code")["debt"]
    assert (row["by_all"], row["kappa"]) == (3, 1.0)


# --- what is compared -------------------------------------------------------------------


def test_only_the_kinds_and_categories_asked_for(project: Project) -> None:
    save(project, [case("d1", "Debts.", kind=Kind.DOCUMENT)], "notes", Kind.DOCUMENT)
    for coder in ("Ann", "Bob"):
        project.mark_done("d1", coder)
    kinds = {row["kind"] for row in project.agreement(["Ann", "Bob"], replicates=0).rows}
    assert kinds == {"document", "msc"}
    table = project.agreement(["Ann", "Bob"], kind="document", categories=["barrier"], replicates=0)
    assert [(row["kind"], row["group"]) for row in table.rows] == [("document", "barrier")]
    assert table.n == {"document": 1}


def test_codebook_that_only_one_has_done_is_not_compared(project: Project, tmp_path: Path) -> None:
    load(project, tmp_path, MOODS, "moods.yaml")
    project.mark_done("m1", "Ann", "moods")
    assert "mood" not in by_group(project.agreement(["Ann", "Bob"], replicates=0))
    project.mark_done("m1", "Bob", "moods")
    row = by_group(project.agreement(["Ann", "Bob"], replicates=0))["mood"]
    # m1 has two segments.
    assert (row["cases"], row["units"]) == (1, 2)


def test_one_category_alone_is_not_pooled(project: Project, tmp_path: Path) -> None:
    load(project, tmp_path, MOODS, "moods.yaml")
    project.connection.execute("DELETE FROM done_cases")
    for coder in ("Ann", "Bob"):
        project.mark_done("m1", coder, "moods")
    assert list(by_group(project.agreement(replicates=0))) == ["mood"]


def test_interviewers_turns_are_no_units(project: Project) -> None:
    from dataclasses import replace

    made = case("i1", "Any debts?", "Debts.", kind=Kind.INTERVIEW, role="parent")
    turns = (replace(made.segments[0], role="interviewer"), made.segments[1])
    save(project, [replace(made, segments=turns)], "talks", Kind.INTERVIEW)
    project.add_coding("i1", 1, "debt", 0, 3, "Ann")
    for coder in ("Ann", "Bob"):
        project.mark_done("i1", coder)
    row = by_group(project.agreement(["Ann", "Bob"], kind="interview", replicates=0))["barrier"]
    assert sizes(row) == (1, 1, 0, 0)


def test_withdrawn_cases_are_left_out(project: Project) -> None:
    project.connection.execute("UPDATE cases SET withdrawn = 1 WHERE case_id = 'm4'")
    assert project.agreement(["Ann", "Bob"], replicates=0).n == {"msc": 3}


def test_nothing_is_written(project: Project) -> None:
    before = list(project.connection.iterdump())
    project.agreement(by_code=True)
    project.disagreements()
    project.plan_double(prevalence=0.5)
    assert list(project.connection.iterdump()) == before


# --- disagreements ----------------------------------------------------------------------


def test_disagreements_with_their_words(project: Project) -> None:
    rows = project.disagreements(["Ann", "Bob"]).rows
    keys = ("code", "case_id", "n", "with_code", "without_code", "quote")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("debt", "m4", 1, ("Ann",), ("Bob",), "Some"),
        ("isolation", "m1", 2, ("Bob",), ("Ann",), "She "),
        ("isolation", "m2", 1, ("Ann",), ("Bob",), "Lone"),
    ]


def test_disagreements_of_three_leave_out_who_has_not_done_the_case(project: Project) -> None:
    rows = {(row["case_id"], row["code"]): row for row in project.disagreements().rows}
    assert rows["m4", "debt"]["without_code"] == ("Bob",)
    assert rows["m2", "isolation"]["without_code"] == ("Bob", "Cy")


def test_disagreements_of_one_code_or_category(project: Project) -> None:
    rows = project.disagreements(["Ann", "Bob"], codes="barrier.debt").rows
    assert [row["code"] for row in rows] == ["debt"]
    assert project.disagreements(["Ann", "Bob"], categories="outcome").rows == ()
    with pytest.raises(UnknownNameError):
        project.disagreements(["Ann", "Bob"], codes="dept")


def test_disagreements_by_case(project: Project) -> None:
    project.add_coding("m1", 1, "isolation", 4, 10, "Ann")
    rows = project.disagreements(["Ann", "Bob"], level="case").rows
    # Isolation of m1 is now both's, in different segments.
    assert [(row["case_id"], row["code"]) for row in rows] == [("m4", "debt"), ("m2", "isolation")]


def test_disagreements_are_as_many_as_the_measure_says(project: Project) -> None:
    row = by_group(project.agreement(["Ann", "Bob"], replicates=0))["codes"]
    differ = round((1 - row["percent"]) * row["units"] * row["codes"])
    assert len(project.disagreements(["Ann", "Bob"]).rows) == differ


# --- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"coders": ["Anne", "Bob"]}, "coder", id="coder"),
        pytest.param({"reference": "Bib"}, "coder", id="reference"),
        pytest.param({"level": "word"}, "level", id="level"),
        pytest.param({"kind": "poem"}, "kind", id="kind"),
        pytest.param({"categories": "barier"}, "category", id="category"),
    ],
)
def test_unknown_names_are_refused(project: Project, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        project.agreement(**options)
    assert caught.value.kind == said
    assert "Oadby" not in caught.value.message


@pytest.mark.parametrize("options", [{"coders": "Ann"}, {"coders": "Ann", "reference": "Ann"}])
def test_one_coder_is_refused_with_the_way_out(project: Project, options: dict[str, Any]) -> None:
    with pytest.raises(QualkitError, match="needs two coders") as caught:
        project.agreement(**options)
    assert caught.value.found == "Ann"
    assert "--reference qualkit" in caught.value.to_do


def test_nobody_has_done_a_case(project: Project) -> None:
    project.connection.execute("DELETE FROM done_cases")
    with pytest.raises(QualkitError) as caught:
        project.agreement()
    assert caught.value.found == "nobody has marked a case done"


def test_coders_without_a_case_in_common_are_refused(project: Project) -> None:
    project.add_coding("m3", 1, "debt", 0, 4, "Di")
    project.mark_done("m5", "Di")
    with pytest.raises(QualkitError, match="no case has been done by two") as caught:
        project.agreement(["Cy", "Di"])
    assert caught.value.found == "Cy, Di"
    with pytest.raises(QualkitError, match="no case has been done by two"):
        project.disagreements(["Ann", "Bob"], kind="survey")


def test_pair_without_a_case_in_common_is_said_beside_the_others(project: Project) -> None:
    project.add_coding("m5", 1, "debt", 0, 4, "Di")
    project.mark_done("m5", "Di")
    table = project.agreement(["Bob", "Di"], reference="Ann", replicates=0)
    assert table.notes == ("cases done by Ann and Bob: 4", "cases done by Ann and Di: 0")


# --- planning -------------------------------------------------------------------------------


def test_plan_takes_the_prevalence_of_a_code(project: Project) -> None:
    table = project.plan_double(code="debt", width=1.0)
    # All six segments are of cases that somebody has coded or done; debt stands in four.
    assert "prevalence 0.667 (as coded in the project)" in table.notes[0]
    assert {row["case_id"] for row in table.rows} <= {"m1", "m2", "m3", "m4", "m5"}
    assert [column.key for column in table.columns] == ["case_id", "kind", "stratum", "n_segments"]


def test_plan_takes_the_mean_over_the_codes_in_use(project: Project) -> None:
    # Debt 4 of 6, isolation 2 of 6.
    table = project.plan_double(category="barrier", width=1.0)
    assert "prevalence 0.5 (mean of the 2 codes in use)" in table.notes[0]
    # By case: debt in m1, m2, m4, m5 of five; isolation in m1, m2: mean 0.6.
    table = project.plan_double(category="barrier", width=1.0, level="case")
    assert "prevalence 0.6 " in table.notes[0]


def test_rejected_codings_have_no_part_in_the_prevalence(project: Project) -> None:
    project.code(method="rules")
    ((key,),) = project.connection.execute(
        "SELECT g.id FROM codings g JOIN cases c ON c.id = g.case_key JOIN codes k"
        " ON k.id = g.code_key WHERE c.case_id = 'm2' AND k.code = 'isolation' AND g.rule <> ''"
    ).fetchall()
    project.connection.execute("DELETE FROM codings WHERE coder_key <> 1")
    project.decide(key, "reject", "Ann")
    with pytest.raises(QualkitError, match="no codings to take the prevalence from"):
        project.plan_double(code="isolation")


def test_plan_needs_a_prevalence_from_somewhere(project: Project) -> None:
    with pytest.raises(QualkitError, match="no codings") as caught:
        project.plan_double(code="calm")
    assert caught.value.found == "calm"
    assert "--prevalence" in caught.value.to_do
    assert project.plan_double(code="calm", prevalence=0.5, width=1.0).rows


def test_plan_draws_by_kind_and_attribute(tmp_path: Path) -> None:
    with Project(tmp_path / "q.db", create=True) as opened:
        made = [
            case(f"m{i}", "Text.", ufrn=f"F{i}" if i < 12 else "", attributes={"town": "AB"[i % 2]})
            for i in range(15)
        ]
        save(opened, made, "narratives.csv")
        save(opened, [case("d1", "Text.", kind=Kind.DOCUMENT)], "notes", Kind.DOCUMENT)
        families = [ParsedFamily(f"F{i}", {"cluster": "PQ"[i // 8]}) for i in range(12)]
        source = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(opened.connection, source, lambda rejection: None)
        # 4 × 3.84 × 0.51 / 0.98² = 8.2: nine of 16 segments. Quotas: document 0.56, P 4.5,
        # Q 2.25, none 1.69; rests to none (0.69) and document (0.56).
        table = opened.plan_double(prevalence=0.5, width=0.98)
        counts: dict[tuple[str, str], int] = {}
        for row in table.rows:
            counts[row["kind"], row["stratum"]] = counts.get((row["kind"], row["stratum"]), 0) + 1
        assert counts == {
            ("document", "none"): 1,
            ("msc", "P"): 4,
            ("msc", "Q"): 2,
            ("msc", "none"): 2,
        }
        assert "kind and family.cluster" in table.rule
        by_town = opened.plan_double(prevalence=0.5, width=0.98, by="town", kind="msc")
        assert {row["stratum"] for row in by_town.rows} == {"A", "B"}
        with pytest.raises(UnknownNameError):
            opened.plan_double(prevalence=0.5, by="twon")


def test_plan_counts_the_segments_that_the_codebook_applies_to(
    project: Project, tmp_path: Path
) -> None:
    load(project, tmp_path, MOODS.replace("category:", "kinds: [survey]\ncategory:"), "moods.yaml")
    with pytest.raises(QualkitError, match="no text to code"):
        project.plan_double(category="mood", prevalence=0.5)


def test_plan_of_an_unknown_code_is_refused(project: Project) -> None:
    with pytest.raises(UnknownNameError):
        project.plan_double(code="dept")
    with pytest.raises(UnknownNameError):
        project.plan_double(code="debt", category="outcome")
