"""A project's coding beside a file of coded cases or another coder, counted by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed
from sklearn.metrics import f1_score

from qualkit.analysis.evaluation import Evaluation
from qualkit.analysis.scores import GroupResult
from qualkit.errors import QualkitError, SourceFormatError, UnknownNameError
from qualkit.model import Kind
from qualkit.project import Project
from qualkit.store.sources import save_source

BOOK = """
codebook: small
version: "1"
roles: [not staff]
checks: [negation]
codes:
  - {id: debt, category: barrier, name: Debt, about: any, patterns: ["=debts", "=arrears"]}
  - {id: isolation, category: barrier, name: Isolation, about: any, patterns: ["=lonely"]}
  - {id: calm, category: outcome, name: Calm, about: any, patterns: ["=calm"]}
  - {id: money, category: domain, name: Money, about: any, patterns: ["=debts"]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "p.db", create=True) as opened:
        path = tmp_path / "small.yaml"
        path.write_text(BOOK, encoding="utf-8")
        opened.load_codebook(path)
        yield opened


def write(folder: Path, *lines: object) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def line(case_id: str, *segments: tuple[str, list[str]], **more: object) -> dict[str, object]:
    """A narrative; segments as (text, codes)."""
    written = [{"text": text, "codes": codes} for text, codes in segments]
    return {"id": case_id, "kind": "msc", "segments": written, **more}


@pytest.fixture
def gold_file(tmp_path: Path) -> Path:
    """Three cases; beside them what the codebook's rules find.

    | case, segment | text | coded as | rules |
    |---|---|---|---|
    | m1, 1 | They had debts. | debt | debt, money |
    | m1, 2 | She felt so alone. | isolation | |
    | m2, 1 | He was lonely and in arrears. | debt | debt, isolation |
    | m3, 1 | All is calm. | | calm |
    """
    return write(
        tmp_path,
        line("m1", ("They had debts.", ["debt"]), ("She felt so alone.", ["isolation"])),
        line("m2", ("He was lonely and in arrears.", ["barrier.debt"])),
        line("m3", ("All is calm.", [])),
    )


def counts(evaluation: Evaluation) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Units, reference, found, both by group and level."""
    return {(r.group, r.level): (r.units, r.truth, r.found, r.both) for r in evaluation.results()}


def by_segment(evaluation: Evaluation, group: str) -> GroupResult:
    (found,) = [r for r in evaluation.results() if (r.group, r.level) == (group, "segment")]
    return found


# --- a file of coded cases --------------------------------------------------------


def test_rules_beside_a_file_counted_by_hand(project: Project, gold_file: Path) -> None:
    made = project.evaluate(gold_file, method="rules", replicates=20)
    # Debt twice in both; isolation of m1 missed, isolation of m2 a false alarm. The file
    # uses neither outcomes nor domains, so what the rules find of them is not judged.
    assert counts(made) == {
        ("barrier", "segment"): (4, 3, 3, 2),
        ("barrier", "case"): (3, 3, 3, 2),
    }
    barrier = by_segment(made, "barrier")
    assert barrier.f1.value == pytest.approx(2 * 2 / (3 + 3))
    # 4 segments and 2 codes: 8 pairs, 6 agreed; by chance (3 x 3 + 5 x 5) / 64 = 34/64;
    # kappa (48 - 34) / (64 - 34).
    assert barrier.kappa.value == pytest.approx(14 / 30)
    assert (made.reference, made.coder) == ("gold.jsonl", "qualkit")


def test_machines_errors_come_with_their_words_and_rule(project: Project, gold_file: Path) -> None:
    rows = project.evaluate(gold_file, method="rules", replicates=1).errors_table().rows
    assert [(row["case_id"], row["n"], row["code"], row["error"]) for row in rows] == [
        ("m2", 1, "isolation", "false alarm"),
        ("m1", 2, "isolation", "missed"),
    ]
    assert "lonely" in rows[0]["quote"]
    assert rows[0]["quote"] in "He was lonely and in arrears."
    assert rows[0]["rule"].startswith("barrier.isolation")


def test_file_uses_a_category_for_one_kind_only(project: Project, tmp_path: Path) -> None:
    survey = line("s1", ("All is calm.", ["calm"])) | {"kind": "survey"}
    path = write(tmp_path, line("m1", ("Debts. All calm.", ["debt"])), survey)
    made = project.evaluate(path, method="rules", replicates=1)
    assert {(r.kind, r.group) for r in made.results()} == {
        ("msc", "barrier"),
        ("survey", "outcome"),
    }


def test_segments_that_the_codebook_does_not_cover_are_no_units(
    project: Project, tmp_path: Path
) -> None:
    roles = ("interviewer", "parent", "staff", "")
    segments = [{"role": role, "text": "No calm, debts.", "codes": ["debt"]} for role in roles]
    path = write(tmp_path, {"id": "i1", "kind": "interview", "segments": segments})
    # The parent's and the one without a role; interviewers are never coded.
    made = project.evaluate(path, method="rules", replicates=1)
    assert counts(made)["barrier", "segment"] == (2, 2, 2, 2)


def test_codes_that_no_codebook_has_are_named_and_left_out(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path, line("m1", ("They had debts.", ["debt", "hunger", "mood.glad"])))
    made = project.evaluate(path, method="rules", replicates=1)
    assert made.notes[0] == "codes that no loaded codebook has, left out: hunger, mood.glad"
    assert counts(made)["barrier", "segment"] == (1, 1, 1, 1)


def test_file_of_unknown_codes_alone_is_refused(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, line("m1", ("They had debts.", ["hunger"])))
    with pytest.raises(QualkitError, match="nothing to compare") as caught:
        project.evaluate(path, method="rules")
    assert caught.value.found == "hunger"
    assert "qualkit codebook load" in caught.value.to_do


def test_file_without_codes_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="nothing to compare") as caught:
        project.evaluate(write(tmp_path, line("m1", ("They had debts.", []))), method="rules")
    assert caught.value.found == "no codes"


def test_file_without_a_case_is_refused_with_the_reasons(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path, {"id": "m1", "kind": "poem", "segments": []})
    with pytest.raises(QualkitError, match="holds no coded case") as caught:
        project.evaluate(path)
    assert caught.value.found.startswith("line 1: the kind is none of")


def test_file_that_is_no_case_form_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "codings.csv"
    path.write_text("case_id,segment_n,code\nm1,1,debt\n", encoding="utf-8")
    with pytest.raises(SourceFormatError):
        project.evaluate(path)


def test_faulty_lines_are_noted(project: Project, tmp_path: Path) -> None:
    good = line("m1", ("They had debts.", ["debt"]))
    made = project.evaluate(write(tmp_path, good, good), method="rules", replicates=1)
    assert made.notes[0] == "left out, line 2: the case id already stands in line 1"
    assert len(made.cases) == 1


def test_codes_that_the_reference_never_uses_may_be_left_out(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path, line("m2", ("He was lonely and in arrears.", ["debt"])))
    made = project.evaluate(path, method="rules", used_codes=True, replicates=1)
    assert counts(made)["barrier", "segment"] == (1, 1, 1, 1)
    assert "codes that the reference never uses, left out: 1" in made.notes


def test_evaluation_stores_nothing(project: Project, gold_file: Path) -> None:
    before = list(project.connection.iterdump())
    project.evaluate(gold_file, method="rules", replicates=1).summary()
    assert list(project.connection.iterdump()) == before


def test_unknown_method_is_refused(project: Project, gold_file: Path) -> None:
    with pytest.raises(UnknownNameError):
        project.evaluate(gold_file, method="rule")


def test_person_beside_a_file(project: Project, gold_file: Path) -> None:
    cases = [case("m1", "They had debts.", "She felt so alone."), case("m2", "He was lonely.")]
    save_source(project.connection, parsed(cases), lambda rejection: None)
    project.add_coding("m1", 1, "debt", 9, 14, "Ann")
    project.add_coding("m1", 1, "calm", 0, 4, "Ann")
    project.add_coding("m2", 1, "isolation", 7, 13, "Ann")
    made = project.evaluate(gold_file, coder="Ann", replicates=1)
    # m1: debt in both, isolation missed; m2: debt missed, isolation a false alarm.
    assert counts(made)["barrier", "segment"] == (3, 3, 2, 1)


def test_person_without_a_case_of_the_file_is_refused(project: Project, gold_file: Path) -> None:
    with pytest.raises(QualkitError, match="none of the file's cases") as caught:
        project.evaluate(gold_file, coder="Zed")
    assert caught.value.found == "Zed"


# --- hand-coded answers -----------------------------------------------------------


def test_reasons_of_the_gold_answers_score_as_scikit_learn_scores_the_export(
    gold: Path, tmp_path: Path
) -> None:
    path, exported = gold / "survey_c.jsonl", tmp_path / "codings.csv"
    with Project(tmp_path / "g.db", create=True) as opened:
        opened.load_shipped_codebooks()
        opened.import_survey(path)
        opened.code(method="rules")
        opened.export_codings(exported)
        codes = [row["code"] for row in opened.codes("reason").rows]
        made = opened.evaluate(path, method="rules", replicates=1)
    records = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    truth = {
        (record["id"], code) for record in records for code in record["meta"].get("reasons", ())
    }
    with exported.open(encoding="utf-8", newline="") as lines:
        found = {
            (row["case_id"], row["code"])
            for row in csv.DictReader(lines)
            if row["category"] == "reason"
        }
    truths, founds = (
        [[int((record["id"], code) in pairs) for code in codes] for record in records]
        for pairs in (truth, found)
    )
    (reason,) = [r for r in made.results() if (r.group, r.level) == ("reason", "segment")]
    # Every answer is one segment.
    assert reason.f1.value == pytest.approx(f1_score(truths, founds, average="micro"))
    assert (reason.kind, reason.truth, reason.found) == (Kind.SURVEY, len(truth), len(found))
