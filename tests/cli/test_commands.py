"""Every command as a user types it: success, a mistake, and the JSON contract."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from commandline import Run

from qualkit.project import Project

NARRATIVES = """Case ID,UFRN,Quarter,What changed?,What got in the way?,Relevance: Home and money
n1,F1,2017Q1,"She has made two good friends at the group and goes out now.","Debts and rent \
arrears since he left her.",very
n2,F2,2017Q2,"He is back in school every day and doing well in class there.","She was very lonely \
with no friends or family nearby.",not
n3,F0003,2017Q2,"They sleep at night and everyone in the house is much calmer now.","Waiting list \
for CAMHS of fourteen months and no support.",fairly
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an imported and coded project, made once: codebooks take seconds."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "narratives.csv").write_text(NARRATIVES, encoding="utf-8")
    (folder / "families.csv").write_text("UFRN,Cluster\nF1,A\nF2,B\nF3,B\n", encoding="utf-8")
    with Project(folder / "qualkit.db", create=True) as project:
        project.import_msc(folder / "narratives.csv")
        project.import_families(folder / "families.csv")
        project.code()
    return folder


@pytest.fixture
def filled(run: Run, tmp_path: Path, template: Path) -> Run:
    """The same in a folder with an imported and coded project."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return run


def test_import_says_what_it_guessed_and_counts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "narratives.csv").write_text(NARRATIVES, encoding="utf-8")
    code, out, err = run("import", "msc", "narratives.csv")
    assert (code, err) == (0, "")
    assert "narratives.csv: 3 cases (msc), 6 segments" in out
    assert "case id: column 'Case ID'" in out
    assert (tmp_path / "qualkit.db").exists()


def test_import_twice_says_unchanged(filled: Run) -> None:
    assert "unchanged since version 1" in filled("import", "msc", "narratives.csv")[1]


def test_set_aside_rows_go_to_a_private_file(run: Run, tmp_path: Path) -> None:
    rows = NARRATIVES + 'n1,F9,2017Q2,"The same id once more in the table.","x",very\n'
    (tmp_path / "narratives.csv").write_text(rows, encoding="utf-8")
    code, out, _ = run("import", "msc", "narratives.csv", "--id", "case id")
    assert code == 0
    assert "set aside: 1" in out
    (path,) = (tmp_path / "qualkit-rejects").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="", encoding="utf-8") as lines:
        (row,) = csv.DictReader(lines)
    assert row["place"]
    assert row["reason"]


def test_failed_import_of_several_files_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(NARRATIVES, encoding="utf-8")
    (tmp_path / "b.csv").write_text("", encoding="utf-8")
    code, _, err = run("import", "msc", "a.csv", "b.csv")
    assert code == 1
    assert "b.csv" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".csv"] == []


def test_missing_column_names_the_near_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "narratives.csv").write_text(NARRATIVES, encoding="utf-8")
    code, _, err = run("import", "msc", "narratives.csv", "--id", "Case IDD")
    assert code == 1
    assert "Case ID" in err


def test_top_in_every_format(filled: Run) -> None:
    assert "Top 5: barrier" in filled("top", "barrier")[1]
    found = json.loads(filled("top", "barrier", "--format", "json")[1])
    assert set(found) >= {"table", "version", "n", "denominator", "rule", "runs", "rows", "notes"}
    assert found["n"] == {"msc": 3}
    assert filled("top", "barrier", "--format", "csv")[1].startswith("rank,category,code,name")
    assert filled("top", "barrier", "--format", "markdown")[1].startswith("## Top 5: barrier")


def test_output_file_takes_its_format_from_the_ending(filled: Run, tmp_path: Path) -> None:
    assert filled("top", "barrier", "--output", "top.csv")[0] == 0
    assert (tmp_path / "top.csv").read_text().startswith("rank,")
    assert filled("domain", "home-and-money", "--output", "home.xlsx")[0] == 0
    assert (tmp_path / "home.xlsx").read_bytes().startswith(b"PK")
    code, _, err = filled("top", "barrier", "--output", "top.xyz")
    assert (code, "ending" in err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("matrix", "barrier"),
        ("matrix", "activity", "--by", "group"),
        ("domain", "home-and-money"),
        ("relevance",),
        ("link", "barrier", "--by", "cluster"),
        ("link", "barrier", "--by", "case.quarter"),
        ("quotes", "service-gaps"),
        ("find", "rent", "arrears"),
        ("find", "rent arrears"),
        ("status",),
        ("reconcile",),
        ("codebook", "list"),
        ("codebook", "show", "isolation"),
    ],
    ids=" ".join,
)
def test_every_table_command_prints_table_json_and_markdown(
    filled: Run, words: tuple[str, ...]
) -> None:
    code, out, err = filled(*words)
    assert (code, err) == (0, "")
    assert out.strip()
    assert json.loads(filled(*words, "--format", "json")[1])
    assert filled(*words, "--format", "markdown")[1].startswith("#")
    assert "," in filled(*words, "--format", "csv")[1]


def test_row_of_a_table_leads_to_its_words(filled: Run) -> None:
    top = json.loads(filled("top", "barrier", "--format", "json")[1])
    trace = top["trace"].split()
    for row in top["rows"]:
        words = [row["code"] if word == "CODE" else word for word in trace[1:]]
        quotes = json.loads(filled(*words, "--format", "json")[1])
        assert len({quote["case_id"] for quote in quotes["rows"]}) == row["count"]


def test_reconcile_proposes_and_applies(filled: Run, tmp_path: Path) -> None:
    assert filled("reconcile", "--output", "check.csv")[0] == 0
    with (tmp_path / "check.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    row = next(r for r in rows if r["status"] == "proposal")
    assert (row["reference"], row["family"]) == ("F0003", "F3")
    row["accept"] = "yes"
    with (tmp_path / "check.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, list(row))
        writer.writeheader()
        writer.writerows(rows)
    assert "1 case moved" in filled("reconcile", "--apply", "check.csv")[1]
    found = json.loads(filled("reconcile", "--format", "json")[1])
    assert found["notes"][0] == "matched: 3 families with 3 cases"


def test_exports_write_files(filled: Run, tmp_path: Path) -> None:
    for what in ("codings", "segments", "counts"):
        assert filled("export", what, f"{what}.csv")[0] == 0
        assert (tmp_path / f"{what}.csv").stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("top", "bariers"), "barrier"),
        (("quotes", "isolatoin"), "isolation"),
        (("domain", "home-and-mony"), "home-and-money"),
        (("link", "barrier", "--by", "clustre"), "cluster"),
        (("code", "--codebook", "bariers"), "barriers"),
        (("code", "--method", "guess"), "rules"),
        (("top", "barrier", "--format", "jsn"), "json"),
        (("import", "msc", "narative.csv"), "narratives.csv"),
        (("import", "transcript", "families.csv"), ".vtt"),
        (("-p", "x"), ""),
    ],
)
def test_mistakes_are_one_clear_message(filled: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = filled(*words)
    assert code == (2 if words[0] == "-p" else 1)
    assert said in err
    assert "Traceback" not in err


def test_without_a_project_the_way_to_one_is_said(run: Run) -> None:
    code, _, err = run("top", "barrier")
    assert code == 1
    assert "qualkit demo" in err


def test_errors_do_not_quote_participants(run: Run, tmp_path: Path) -> None:
    secret = "She told me about the fire"
    (tmp_path / "one.csv").write_text(f'Ref,Story\n1,"{secret}"\n2,"{secret}\n', encoding="utf-8")
    _, out, err = run("import", "msc", "one.csv")
    assert secret not in out + err


def test_codebook_check_ends_with_one_on_faults(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("codebook: x\ncodes:\n  - id: Bad Id\n", encoding="utf-8")
    code, out, _ = run("codebook", "check", "bad.yaml")
    assert code == 1
    assert "bad.yaml:3" in out


def test_version_and_help(run: Run) -> None:
    assert run("--version")[1].startswith("qualkit 0.")
    assert "Usage" in run("--help")[1]


TRAVEL = """codebook: travel
version: "1"
category: travel
codes:
  - id: bus
    name: Bus
    patterns: [bus]
  - id: train
    name: Train
    patterns: [train]
"""


def test_copy_of_a_codebook_under_another_name_is_refused_in_one_line(
    filled: Run, tmp_path: Path
) -> None:
    (tmp_path / "travel.yaml").write_text(TRAVEL, encoding="utf-8")
    copy = TRAVEL.replace("codebook: travel", "codebook: mine")
    (tmp_path / "mine.yaml").write_text(copy, encoding="utf-8")
    assert filled("codebook", "load", "travel.yaml")[0] == 0
    code, _, err = filled("codebook", "load", "mine.yaml")
    assert (code, err.count("already belong")) == (1, 1)
    assert "all 2 codes already belong to the codebook 'travel'" in err
    assert "change `category:`" in err
    # With a category of its own it stands beside the first.
    own = copy.replace("category: travel", "category: my-travel")
    (tmp_path / "mine.yaml").write_text(own, encoding="utf-8")
    assert filled("codebook", "load", "mine.yaml")[0] == 0


def test_check_counts_errors_in_the_plural(run: Run, tmp_path: Path) -> None:
    twice = TRAVEL.replace("id: train", "id: bus").replace("[train]", '["car("]')
    (tmp_path / "a.yaml").write_text(twice, encoding="utf-8")
    code, out, _ = run("codebook", "check", "a.yaml")
    assert code == 1
    # Codes without a definition or an example are warned of; the counts stand in the last line.
    assert "a.yaml: 2 errors" in out


def test_table_says_when_its_codebook_has_changed_since_the_run(
    filled: Run, tmp_path: Path
) -> None:
    path = tmp_path / "travel.yaml"
    path.write_text(TRAVEL, encoding="utf-8")
    assert (
        "travel.yaml: loaded; `qualkit code` applies it"
        in filled("codebook", "load", "travel.yaml")[1]
    )
    assert filled("code", "--codebook", "travel")[0] == 0
    changed = "codebook 'travel' has changed since this run: qualkit code"
    assert changed not in " ".join(filled("top", "travel")[1].split())
    path.write_text(TRAVEL.replace("[train]", "[tram]"), encoding="utf-8")
    filled("codebook", "load", "travel.yaml")
    assert changed in " ".join(filled("top", "travel")[1].split())
    filled("code", "--codebook", "travel")
    assert changed not in " ".join(filled("top", "travel")[1].split())


def test_quotes_take_top_as_every_counting_command_does(filled: Run) -> None:
    status, out, _ = filled("quotes", "isolation", "--top", "1", "--format", "json")
    assert (status, len(json.loads(out)["rows"])) == (0, 1)
