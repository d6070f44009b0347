"""`qualkit import codings` and `qualkit evaluate` as a user types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import Run, clear
from factories import case, parsed

from qualkit.project import Project
from qualkit.store.sources import save_source

LONG = "case_id,segment_n,code\nm1,1,debt\nm2,1,isolation\nm9,1,debt\n"
WIDE = "Ref,Part,Debt,Isolation\nm1,1,1,0\nm1,2,0,0\nm2,1,x,1\nm2,1,maybe,1\n"


def gold_line(case_id: str, text: str, *codes: str) -> str:
    segment = {"text": text, "codes": codes}
    return json.dumps({"id": case_id, "kind": "msc", "segments": [segment]})


@pytest.fixture
def filled(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """The same in a folder with a project of two cases, and files to import and compare.

    | case of gold.jsonl | text says | coded as |
    |---|---|---|
    | g1 | debts | debt |
    | g2 | lonely, arrears | debt |
    | g3 | on her own | isolation |
    """
    with Project(tmp_path / "qualkit.db", create=True) as project:
        cases = [case("m1", "They had debts.", "All is well."), case("m2", "He was lonely.")]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        project.load_codebook(small_codebook)
    lines = (
        gold_line("g1", "They had debts.", "debt"),
        gold_line("g2", "He was lonely. Rent arrears.", "debt"),
        gold_line("g3", "She is on her own.", "isolation"),
    )
    for name, text in (("long.csv", LONG), ("wide.csv", WIDE), ("gold.jsonl", "\n".join(lines))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return run


# --- import codings ---------------------------------------------------------------


def test_long_codings_come_in_and_are_counted(filled: Run) -> None:
    code, out, err = filled("import", "codings", "long.csv", "--coder", "Ann")
    assert (code, err) == (0, "")
    assert "long.csv: 2 new codings of Ann in 2 cases" in out
    assert "marked done by Ann: 2 pairs of case and codebook" in out


def test_set_aside_codings_go_to_a_private_file(filled: Run, tmp_path: Path) -> None:
    assert "set aside: 1" in filled("import", "codings", "long.csv", "--coder", "Ann")[1]
    (path,) = (tmp_path / "qualkit-rejects").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="", encoding="utf-8") as lines:
        assert [row["place"] for row in csv.DictReader(lines)] == ["row 4"]


def test_same_codings_twice_are_said_to_be_there(filled: Run) -> None:
    words = ("import", "codings", "long.csv", "--coder", "Ann")
    filled(*words)
    assert "0 new codings of Ann in 2 cases, 2 there already" in filled(*words)[1]


def test_partial_codings_mark_nothing_done(filled: Run) -> None:
    out = filled("import", "codings", "long.csv", "--coder", "Ann", "--partial")[1]
    assert "2 new codings" in out
    assert "marked done" not in out


def test_wide_codings_come_in(filled: Run) -> None:
    words = ("--coder", "Ann", "--wide", "--id", "ref", "--segment", "part")
    code, out, err = filled("import", "codings", "wide.csv", *words)
    assert (code, err) == (0, "")
    # m1 debt, m2 debt and isolation; the last row says "maybe". Its codebook has domains,
    # which the table has not, so no case is done with it.
    assert "wide.csv: 3 new codings of Ann in 2 cases" in out
    assert "set aside: 1" in out
    assert "marked done" not in out


def test_wide_codings_can_become_a_codebook(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text("Ref,Dogs,Cats\nm2,1,0\n", encoding="utf-8")
    words = ("--coder", "Ann", "--wide", "--id", "Ref", "--new-codebook", "Pets")
    code, out, _ = filled("import", "codings", "pets.csv", *words)
    assert code == 0
    assert "codebook made of the headers: pets" in out
    assert "marked done by Ann: 1 pair of case and codebook" in out
    found = json.loads(filled("codebook", "show", "pets", "--format", "json")[1])
    assert [row["name"] for row in found["rows"]] == ["Dogs", "Cats"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("wide.csv", "--wide"), ("add --id COLUMN", "wide.csv"), id="no id"),
        pytest.param(("wide.csv", "--wide", "--id", "Reff"), ("'Ref'", "--id"), id="other id"),
        pytest.param(("wide.csv",), ("case_id, segment_n, code",), id="wide as long"),
        pytest.param(
            ("long.csv", "--wide", "--id", "case_id"), ("--new-codebook",), id="long as wide"
        ),
        pytest.param(("long.csv", "--new-codebook", "x"), ("--wide",), id="long codebook"),
        pytest.param(("lonk.csv",), ("long.csv",), id="no file"),
    ],
)
def test_mistakes_of_an_import_are_one_clear_message(
    filled: Run, tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    code, _, err = filled("import", "codings", *words, "--coder", "Ann")
    assert code == 1
    assert clear(err, *said)
    assert not (tmp_path / "qualkit-rejects").exists()


def test_import_of_codings_needs_a_coder(filled: Run) -> None:
    code, _, err = filled("import", "codings", "long.csv")
    assert (code, "--coder" in err) == (2, True)


def test_import_of_codings_needs_a_project(run: Run, tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text(LONG, encoding="utf-8")
    code, _, err = run("import", "codings", "long.csv", "--coder", "Ann")
    assert code == 1
    assert clear(err, "qualkit demo")
    assert not (tmp_path / "qualkit.db").exists()


# --- evaluate ---------------------------------------------------------------------


def test_evaluation_as_a_table(filled: Run) -> None:
    code, out, err = filled("evaluate", "gold.jsonl")
    assert (code, err) == (0, "")
    for word in ("Codings of qualkit beside those of gold.jsonl", "barrier", "kappa", "rules"):
        assert word in out
    assert "What a report would feel" in out


def test_evaluation_as_json(filled: Run) -> None:
    page = json.loads(filled("evaluate", "gold.jsonl", "--format", "json")[1])
    figures, report = page["tables"]
    assert page["page"] == "evaluation"
    assert (figures["table"], report["table"]) == ("evaluation", "report")
    by_segment, by_case = figures["rows"]
    assert (by_segment["group"], by_segment["level"]) == ("barrier", "segment")
    assert (by_case["group"], by_case["level"]) == ("barrier", "case")
    # Debt of g1 and g2 in both; isolation of g2 a false alarm, of g3 a miss.
    assert [by_segment[key] for key in ("cases", "units", "truth", "found")] == [3, 3, 3, 3]
    assert [by_segment[key] for key in ("precision", "recall", "f1")] == pytest.approx([2 / 3] * 3)
    # 6 pairs, 4 agreed, by chance half: (4 - 3) / (6 - 3).
    assert by_segment["kappa"] == pytest.approx(1 / 3)
    assert figures["n"] == {"msc": 3}


def test_evaluation_as_csv_has_both_tables(filled: Run) -> None:
    figures, report = filled("evaluate", "gold.jsonl", "--format", "csv")[1].split("\n\n")
    assert figures.startswith("kind,group,level,codes,cases,units,truth,found,precision,")
    assert [row["level"] for row in csv.DictReader(figures.splitlines())] == ["segment", "case"]
    assert report.startswith("kind,category,codes,shared,of,correlation")


def test_evaluation_by_code(filled: Run) -> None:
    found = json.loads(filled("evaluate", "gold.jsonl", "--codes", "--format", "json")[1])
    assert [(row["code"], row["missed"], row["false_alarms"]) for row in found["rows"]] == [
        ("isolation", 1, 1),
        ("debt", 0, 0),
    ]


def test_errors_of_one_code_with_their_words(filled: Run) -> None:
    words = ("evaluate", "gold.jsonl", "--errors", "--format", "json")
    rows = json.loads(filled(*words, "--code", "isolation")[1])["rows"]
    assert [(row["error"], row["case_id"]) for row in rows] == [
        ("false alarm", "g2"),
        ("missed", "g3"),
    ]
    assert "lonely" in rows[0]["quote"]
    assert json.loads(filled(*words, "--code", "debt")[1])["rows"] == []


def test_used_codes_leave_out_what_the_reference_has_not(filled: Run, tmp_path: Path) -> None:
    text = gold_line("g2", "He was lonely. Rent arrears.", "debt")
    (tmp_path / "one.jsonl").write_text(text, encoding="utf-8")
    words = ("evaluate", "one.jsonl", "--format", "json")
    found = [
        json.loads(filled(*words, *more)[1])["tables"][0]["rows"][0]["found"]
        for more in ((), ("--used-codes",))
    ]
    assert found == [2, 1]


def test_evaluation_to_a_file(filled: Run, tmp_path: Path) -> None:
    assert filled("evaluate", "gold.jsonl", "--output", "near.xlsx")[0] == 0
    assert (tmp_path / "near.xlsx").read_bytes().startswith(b"PK")


def test_two_coders_are_compared(filled: Run) -> None:
    for coder in ("Ann", "Bob"):
        filled("import", "codings", "long.csv", "--coder", coder)
    words = ("evaluate", "--reference", "Ann", "--coder", "Bob", "--format", "json")
    code, out, _ = filled(*words)
    figures = json.loads(out)["tables"][0]
    assert (code, figures["rows"][0]["f1"]) == (0, 1.0)
    assert figures["notes"] == ["cases that both have been through: 2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param((), ("--reference NAME",), id="nothing"),
        pytest.param(("gold.json",), ("gold.jsonl",), id="no file"),
        pytest.param(("long.csv",), ("qualkit import codings",), id="no case form"),
        pytest.param(("--reference", "Ann"), ("no coder called 'Ann'",), id="no coder"),
        pytest.param(("gold.jsonl", "--code", "isolatoin"), ("isolation",), id="no code"),
        pytest.param(("gold.jsonl", "--method", "rule"), ("rules",), id="no method"),
    ],
)
def test_mistakes_of_an_evaluation_are_one_clear_message(
    filled: Run, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    code, _, err = filled("evaluate", *words)
    assert code == 1
    assert clear(err, *said)


def test_without_a_project_a_file_is_coded_by_the_shipped_codebooks(
    run: Run, tmp_path: Path
) -> None:
    text = gold_line("g1", "She is very lonely.", "barrier.isolation")
    (tmp_path / "gold.jsonl").write_text(text, encoding="utf-8")
    code, out, err = run("evaluate", "gold.jsonl", "--codes", "--format", "json")
    assert (code, err) == (0, "")
    truth = {row["code"]: row["truth"] for row in json.loads(out)["rows"]}
    assert truth["isolation"] == 1
    # Nothing is left behind.
    assert [path.name for path in tmp_path.iterdir()] == ["gold.jsonl"]


def test_without_a_project_two_coders_cannot_be_compared(run: Run, tmp_path: Path) -> None:
    code, _, err = run("evaluate", "--reference", "Ann")
    assert code == 1
    assert clear(err, "qualkit demo")
    assert list(tmp_path.iterdir()) == []
