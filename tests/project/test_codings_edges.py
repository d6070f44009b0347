"""Codings from elsewhere and comparisons at the edges: retired codes, odd names, bare cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import QualkitError
from qualkit.importers.codings import WideOptions
from qualkit.project import Project
from qualkit.store.sources import save_source


def load(project: Project, folder: Path, version: int, *codes: str) -> None:
    path = folder / "small.yaml"
    lines = [f"  - {{id: {code}, patterns: [{code}]}}" for code in codes]
    head = ["codebook: small", f'version: "{version}"', "category: barrier", "codes:"]
    path.write_text("\n".join([*head, *lines]), encoding="utf-8")
    project.load_codebook(path)


@pytest.fixture
def project(tmp_path: Path):
    with Project(tmp_path / "p.db", create=True) as opened:
        cases = [case("m1", "The debt grew."), case("m2", "Now they are calm.")]
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        load(opened, tmp_path, 1, "debt", "calm")
        yield opened


def codes(project: Project) -> list[tuple[str, str]]:
    return project.connection.execute(
        "SELECT k.category, k.code FROM codings g JOIN codes k ON k.id = g.code_key"
    ).fetchall()


def gold(folder: Path, *lines: tuple[str, str, list[str]]) -> Path:
    path = folder / "gold.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"id": i, "kind": "msc", "segments": [{"text": t, "codes": c}]})
            for i, t, c in lines
        ),
        encoding="utf-8",
    )
    return path


def test_new_codebooks_code_is_not_a_retired_one_of_the_same_name(project, tmp_path):
    load(project, tmp_path, 2, "calm")
    path = tmp_path / "w.csv"
    path.write_text("Ref,Debt\nm1,1\n")
    project.import_codings(path, "Ann", wide=WideOptions("Ref", new=True), new_codebook="mine")
    assert codes(project) == [("mine", "debt")]


def test_long_rows_of_a_retired_code_are_set_aside(project, tmp_path):
    load(project, tmp_path, 2, "calm")
    path = tmp_path / "l.csv"
    path.write_text("case_id,segment_n,code\nm1,1,debt\n")
    assert project.import_codings(path, "Ann").rejected == 1


def test_coder_called_as_the_machine_is_refused_or_kept_apart(project, tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("case_id,segment_n,code\nm2,1,debt\n")
    try:
        project.import_codings(path, "qualkit")
    except QualkitError:
        return
    project.code(method="rules")  # deletes the imported coding
    assert ("m2",) in project.connection.execute(
        "SELECT c.case_id FROM codings g JOIN cases c ON c.id = g.case_key"
        " JOIN codes k ON k.id = g.code_key WHERE k.code = 'debt'"
    ).fetchall()


def test_errors_of_a_code_that_used_codes_leaves_out(project, tmp_path):
    made = project.evaluate(gold(tmp_path, ("m1", "The debt grew.", ["calm"])), used_codes=True)
    made.errors_table(project.code_keys(["debt"]))


def test_level_is_checked(project, tmp_path):
    made = project.evaluate(gold(tmp_path, ("m1", "The debt grew.", ["debt"])))
    with pytest.raises(QualkitError):
        made.codes_table("cases")


def test_case_that_a_person_marked_done_without_a_code_is_compared(project, tmp_path):
    project.add_coding("m2", 1, "calm", 0, 3, "Ann")
    project.mark_done("m1", "Ann")
    path = gold(
        tmp_path, ("m1", "The debt grew.", ["debt"]), ("m2", "Now they are calm.", ["calm"])
    )
    (result, _) = project.evaluate(path, coder="Ann").results()
    assert result.recall.value == 0.5


def test_known_code_where_it_may_not_be_coded_is_not_called_unknown(project, tmp_path):
    path = tmp_path / "gold.jsonl"
    segments = [{"role": role, "text": "Debt.", "codes": ["debt"]} for role in ("interviewer", "")]
    path.write_text(json.dumps({"id": "i", "kind": "interview", "segments": segments}))
    assert not any("no loaded codebook has" in note for note in project.evaluate(path).notes)


def test_long_case_ids_are_collapsed_as_wide_ones_are(project, tmp_path):
    more = parsed([case("MSC 7", "The debt grew.")], name="b.csv", content="two")
    save_source(project.connection, more, lambda rejection: None)
    path = tmp_path / "l.csv"
    path.write_text("case_id,segment_n,code\nMSC  7,1,debt\n")
    assert project.import_codings(path, "Ann").new == 1
