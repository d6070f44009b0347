"""`qualkit agreement` and `qualkit plan-double` as a user types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import Run, clear
from factories import case, parsed

from qualkit.project import Project
from qualkit.store.sources import save_source


@pytest.fixture
def run(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """Run qualkit beside a project that Ann and Bob have coded; gives (exit code, out, err).

    | case | Ann | Bob |
    |---|---|---|
    | m1 | debt | debt |
    | m2 | isolation | |
    | m3 | | |
    """
    with Project(tmp_path / "qualkit.db", create=True) as project:
        cases = [case("m1", "They had debts."), case("m2", "So lonely."), case("m3", "Nothing.")]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        project.load_codebook(small_codebook)
        project.add_coding("m1", 1, "debt", 9, 14, "Ann")
        project.add_coding("m1", 1, "debt", 0, 14, "Bob")
        project.add_coding("m2", 1, "isolation", 3, 9, "Ann")
        for case_id in ("m1", "m2", "m3"):
            for coder in ("Ann", "Bob"):
                project.mark_done(case_id, coder)
    return run


def test_agreement_as_a_table(run: Run) -> None:
    code, out, err = run("agreement")
    assert (code, err) == (0, "")
    for word in ("Agreement, by segment: Ann and Bob", "barrier", "kappa", "AC1", "alpha"):
        assert word in out
    assert "Cases done by Ann and Bob: 3." in out
    assert "qualkit agreement --disagreements" in out


def test_agreement_as_json(run: Run) -> None:
    found = json.loads(run("agreement", "--category", "barrier", "--format", "json")[1])
    (row,) = found["rows"]
    # Six pairs: both 1, Ann alone 1, neither 4: (6 × 5 - (2 × 1 + 4 × 5)) / (36 - 22).
    assert row["kappa"] == pytest.approx(8 / 14)
    assert row["kappa_low"] <= row["kappa"] <= row["kappa_high"]
    assert row["warning"] == "rare"
    assert found["n"] == {"msc": 3}


def test_agreement_by_code_as_csv(run: Run) -> None:
    words = ("agreement", "--codes", "--coder", "Bob", "--coder", "Ann", "--replicates", "0")
    out = run(*words, "--format", "csv")[1]
    assert out.startswith("kind,coders,category,code,name,cases,units,by_any,by_all,percent,")
    rows = {row["code"]: row for row in csv.DictReader(out.splitlines())}
    assert {code: row["kappa"] for code, row in rows.items()} == {
        "isolation": "0.0",
        "debt": "1.0",
        "home": "",
        "friends": "",
    }
    assert {row["kappa_low"] for row in rows.values()} == {""}


def test_same_seed_same_bytes(run: Run) -> None:
    words = ("agreement", "--replicates", "50", "--format", "csv", "--seed")
    assert run(*words, "7")[1] == run(*words, "7")[1]


def test_disagreements_with_words(run: Run) -> None:
    found = json.loads(run("agreement", "--disagreements", "--format", "json")[1])
    (row,) = found["rows"]
    assert (row["case_id"], row["code"], row["quote"]) == ("m2", "isolation", "lonely")
    assert (row["with_code"], row["without_code"]) == (["Ann"], ["Bob"])


def test_code_asks_for_its_disagreements(run: Run) -> None:
    found = json.loads(run("agreement", "--code", "debt", "--format", "json")[1])
    assert (found["table"], found["rows"]) == ("disagreements", [])


def test_person_against_the_machine(run: Run) -> None:
    assert run("code", "--method", "rules")[0] == 0
    code, out, _ = run("agreement", "--reference", "qualkit", "--level", "case", "--format", "json")
    pairs = {(tuple(row["coders"]), row["group"]): row for row in json.loads(out)["rows"]}
    assert code == 0
    assert pairs[("qualkit", "Ann"), "barrier"]["kappa"] == 1.0
    assert pairs[("qualkit", "Bob"), "barrier"]["by_any"] == 2


def test_agreement_to_a_file(run: Run, tmp_path: Path) -> None:
    assert run("agreement", "--output", "agreed.xlsx")[0] == 0
    assert (tmp_path / "agreed.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--coder", "Ann"), ("two coders", "--reference qualkit"), id="one"),
        pytest.param(("--coder", "Anne"), ("no coder called 'Anne'", "Ann"), id="unknown"),
        pytest.param(("--reference", "qualkit"), ("no case has been done",), id="not coded"),
        pytest.param(("--level", "word"), ("no level called 'word'",), id="level"),
        pytest.param(("--code", "dept"), ("debt",), id="code"),
    ],
)
def test_mistakes_are_one_clear_message(
    run: Run, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    code, out, err = run("agreement", *words)
    assert (code, out) == (1, "")
    assert clear(err, *said)
    assert "lonely" not in err


def test_plan_as_csv(run: Run, tmp_path: Path) -> None:
    words = ("plan-double", "--code", "debt", "--width", "2", "--seed", "1")
    code, _, err = run(*words, "--output", "double.csv")
    assert (code, err) == (0, "")
    with (tmp_path / "double.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    # Prevalence 1/3; 0.3 × (0.3 × -0.4 + 0.7 × 1.3 / (4/9)) = 0.578; 3.84 × 0.578 = 2.2.
    assert len(rows) == 3
    assert rows[0] == {"case_id": "m1", "kind": "msc", "stratum": "", "n_segments": "1"}


def test_plan_says_what_it_needs_and_has(run: Run) -> None:
    out = run("plan-double", "--prevalence", "0.5", "--kappa", "0.8", "--width", "0.5")[1]
    # 4 × 3.841 × 0.36 / 0.25 = 22.1.
    assert "Segments needed: 23, " in out
    assert "Sampled: 3 of 3 cases with 3 segments; chance seed 0." in out
    assert "There are no more" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--prevalence", "12"), ("the prevalence is out of range", "0.1"), id="share"),
        pytest.param(("--code", "home"), ("--prevalence",), id="no codings"),
        pytest.param(("--prevalence", "0.1", "--by", "town"), ("town",), id="attribute"),
        pytest.param(("--prevalence", "0.1", "--kind", "survey"), ("no text",), id="kind"),
    ],
)
def test_mistakes_of_a_plan_are_one_clear_message(
    run: Run, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    code, _, err = run("plan-double", *words)
    assert code == 1
    assert clear(err, *said)


@pytest.mark.parametrize("command", ["agreement", "plan-double"])
def test_without_a_project_nothing_is_made(run: Run, tmp_path: Path, command: str) -> None:
    code, _, err = run(command, "--project", "other.db")
    assert code == 1
    assert clear(err, "qualkit demo")
    assert not (tmp_path / "other.db").exists()
