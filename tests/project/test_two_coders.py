"""Two coders of one project, a person or the machine, over what both have been through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.analysis.evaluation import Evaluation
from qualkit.analysis.scores import GroupResult
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.project import Project
from qualkit.store.sources import save_source

BOOK = """
codebook: small
version: "1"
category: barrier
checks: [negation]
codes:
  - {id: debt, name: Debt, about: any, patterns: ["=debts"]}
  - {id: isolation, name: Isolation, about: any, patterns: ["=lonely"]}
"""
MOODS = """
codebook: moods
version: "1"
category: mood
codes:
  - {id: glad, about: any, patterns: ["=glad"]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "p.db", create=True) as opened:
        load(opened, tmp_path / "small.yaml", BOOK)
        yield opened


def load(project: Project, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    project.load_codebook(path)


def barrier(evaluation: Evaluation) -> GroupResult:
    """The measures of barriers by segment."""
    (found,) = [r for r in evaluation.results() if (r.group, r.level) == ("barrier", "segment")]
    return found


def counts(evaluation: Evaluation) -> tuple[int, int, int, int]:
    """Units, reference, found, both of barriers by segment."""
    found = barrier(evaluation)
    return found.units, found.truth, found.found, found.both


def machine_coding(project: Project, case_id: str, code: str) -> int:
    ((key,),) = project.connection.execute(
        "SELECT g.id FROM codings g JOIN codes k ON k.id = g.code_key JOIN cases c"
        " ON c.id = g.case_key WHERE c.case_id = ? AND k.code = ? AND g.rule <> ''",
        (case_id, code),
    ).fetchall()
    return int(key)


@pytest.fixture
def coded(project: Project) -> Project:
    """Ann and Bob have been through m1 and m2, Ann alone through m3, Bob through m4.

    | case | Ann | Bob |
    |---|---|---|
    | m1 | 1 debt | 1 debt, 2 isolation |
    | m2 | 1 isolation | nothing, done |
    | m3 | 1 debt | |
    | m4 | | 1 debt |
    """
    cases = [case("m1", "They had debts.", "She was so alone.")]
    cases += [case(f"m{n}", "He was lonely and had debts.") for n in (2, 3, 4)]
    save_source(project.connection, parsed(cases), lambda rejection: None)
    for case_id, n, code, coder in (
        ("m1", 1, "debt", "Ann"),
        ("m2", 1, "isolation", "Ann"),
        ("m3", 1, "debt", "Ann"),
        ("m1", 1, "debt", "Bob"),
        ("m1", 2, "isolation", "Bob"),
        ("m4", 1, "debt", "Bob"),
    ):
        project.add_coding(case_id, n, code, 0, 4, coder)
    project.mark_done("m2", "Bob")
    return project


def test_two_coders_over_the_cases_that_both_have_been_through(coded: Project) -> None:
    made = coded.evaluate(reference="Ann", coder="Bob", replicates=20)
    assert [c.case_id for c in made.cases] == ["m1", "m2"]
    assert made.notes == ("cases that both have been through: 2",)
    # Segments m1.1, m1.2, m2.1: Ann debt, -, isolation; Bob debt, isolation, -.
    assert counts(made) == (3, 2, 2, 1)
    # 6 pairs, 4 agreed; by chance (2 x 2 + 4 x 4) / 36 = 20/36; kappa (24 - 20) / (36 - 20).
    assert barrier(made).kappa.value == pytest.approx(4 / 16)


def test_kappa_of_two_coders_is_the_same_either_way(coded: Project) -> None:
    there = barrier(coded.evaluate(reference="Ann", coder="Bob", replicates=1))
    back = barrier(coded.evaluate(reference="Bob", coder="Ann", replicates=1))
    assert there.kappa.value == pytest.approx(back.kappa.value)
    assert (there.precision.value, there.recall.value) == (back.recall.value, back.precision.value)


def test_machine_beside_a_person(coded: Project) -> None:
    coded.code(method="rules")
    made = coded.evaluate(reference="Ann", replicates=1)
    # Cases m1, m2, m3. Machine: m1.1 debt, m2 and m3 debt and isolation; in both: m1.1
    # debt, m2 isolation, m3 debt.
    assert counts(made) == (4, 3, 5, 3)


def test_rejected_codings_are_not_the_machines(coded: Project) -> None:
    coded.code(method="rules")
    coded.decide(machine_coding(coded, "m2", "debt"), "reject", "Ann")
    made = coded.evaluate(reference="Ann", replicates=1)
    assert counts(made) == (4, 3, 4, 3)


def test_accepted_codings_are_the_persons_too(coded: Project) -> None:
    coded.code(method="rules")
    coded.decide(machine_coding(coded, "m2", "debt"), "accept", "Ann")
    made = coded.evaluate(reference="Ann", replicates=1)
    # Ann's debt in m2 is now one of her own and in both.
    assert counts(made) == (4, 4, 5, 4)


def test_neither_file_nor_reference_is_nothing_to_compare(project: Project) -> None:
    with pytest.raises(QualkitError, match="nothing to compare with") as caught:
        project.evaluate()
    assert "--reference NAME" in caught.value.to_do


@pytest.mark.parametrize(("reference", "coder"), [("Anne", "Bob"), ("Bob", "Anne")])
def test_unknown_coder_names_the_near_one(coded: Project, reference: str, coder: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        coded.evaluate(reference=reference, coder=coder)
    assert (caught.value.kind, caught.value.near) == ("coder", ["Ann"])


def test_coders_without_a_case_in_common_are_refused(coded: Project) -> None:
    coded.add_coding("m3", 1, "debt", 0, 4, "Cy")
    with pytest.raises(QualkitError, match="no case has been coded by both") as caught:
        coded.evaluate(reference="Bob", coder="Cy")
    assert caught.value.found == "Bob and Cy"


def test_category_that_only_one_of_them_has_been_through_is_not_compared(
    coded: Project, tmp_path: Path
) -> None:
    load(coded, tmp_path / "moods.yaml", MOODS)
    coded.mark_done("m1", "Ann", "moods")
    coded.mark_done("m2", "Bob", "moods")
    made = coded.evaluate(reference="Ann", coder="Bob", replicates=1)
    assert {r.group for r in made.results()} == {"barrier"}
    # Once Bob is through m1 too, its two segments count.
    coded.mark_done("m1", "Bob", "moods")
    made = coded.evaluate(reference="Ann", coder="Bob", replicates=1)
    assert {r.units for r in made.results() if (r.group, r.level) == ("mood", "segment")} == {2}
