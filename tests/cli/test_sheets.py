"""`qualkit sheet`, and `qualkit import codings` of what comes back, as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Run
from factories import case, parsed
from openpyxl import load_workbook

from qualkit.project import Project
from qualkit.store.sources import save_source


@pytest.fixture
def run(run: Run, tmp_path: Path, small_codebook: Path) -> Run:
    """Run qualkit beside a coded project of two cases; gives (exit code, out, err)."""
    with Project(tmp_path / "qualkit.db", create=True) as project:
        cases = [case("m1", "They had debts.", "All is well."), case("m2", "He was lonely.")]
        save_source(project.connection, parsed(cases), lambda rejection: None)
        project.load_codebook(small_codebook)
        project.code()
    return run


def answer(path: str, **cells: str) -> None:
    """Fill in the cells named (column and row, as Excel has them)."""
    book = load_workbook(path)
    for place, value in cells.items():
        book["Coding"][place].value = value
    book.save(path)


def test_sheet_goes_out(run: Run) -> None:
    code, out, err = run("sheet", "jo.xlsx", "--coder", "Jo Marsh", "--category", "barrier")
    assert (code, err) == (0, "")
    assert out == (
        "written: jo.xlsx, for Jo Marsh: 2 cases, 3 texts, 2 proposals, 4 codes to choose\n"
        "  it holds people's words: send it in a safe way\n"
        "  when it comes back: qualkit import codings jo.xlsx\n"
    )


def test_options_reach_the_sheet(run: Run) -> None:
    words = ("--kind", "msc", "--case", "m1", "--codebook", "small", "--code", "debt")
    out = run("sheet", "jo.xlsx", "--coder", "Jo", *words, "--undecided")[1]
    assert "1 case, 1 text, 1 proposal, 4 codes" in out
    out = run("sheet", "jo.xlsx", "--coder", "Jo", *words, "--blind")[1]
    assert "1 case, 2 texts, 1 code to choose" in out


def test_sheet_comes_back(run: Run) -> None:
    run("sheet", "jo.xlsx", "--coder", "Jo Marsh")
    # Row 2 is the first text; 3 and 4 its proposals; 5 the second text; 6 m2's; 7 and 8 its own.
    answer("jo.xlsx", H3="yes", H4="no", J5="isolation", L5="ask", H7="perhaps")
    code, out, err = run("import", "codings", "jo.xlsx")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "jo.xlsx: coding sheet of Jo Marsh",
        "  accepted 1, rejected 1, recoded 0, added 1, memos 1; there already 0",
        "  left undecided: 1 proposal; newly marked done: 1 case",
        "  set aside: 1 row, with the reason for each: qualkit-rejects/jo-xlsx.csv",
    ]
    out = run("import", "codings", "jo.xlsx", "--coder", "Jo Marsh")[1]
    assert "accepted 0, rejected 0, recoded 0, added 0, memos 0; there already 4" in out
    assert "newly marked done: 0 cases" in out


def test_deleted_rows_are_told(run: Run) -> None:
    run("sheet", "jo.xlsx", "--coder", "Jo")
    book = load_workbook("jo.xlsx")
    book["Coding"].delete_rows(3)
    book.save("jo.xlsx")
    out = run("import", "codings", "jo.xlsx")[1]
    assert "not in the sheet any more (rows deleted): 1 proposal" in out


def test_errors_say_no_words_of_texts(run: Run) -> None:
    run("sheet", "jo.xlsx", "--coder", "Jo")
    book = load_workbook("jo.xlsx")
    book["Coding"].delete_cols(14)
    book.save("jo.xlsx")
    code, out, err = run("import", "codings", "jo.xlsx")
    assert (code, out) == (1, "")
    assert err.startswith("qualkit: the coding sheet has lost what is needed")
    assert "to do: ask for the file again" in err
    assert not any(word in err for word in ("debts", "lonely", "well"))


def test_tables_still_need_a_coder_and_sheets_no_other_option(run: Run) -> None:
    Path("long.csv").write_text("case_id,segment_n,code\nm1,1,debt\n", encoding="utf-8")
    code, _, err = run("import", "codings", "long.csv")
    assert code == 2
    assert "--coder" in err
    run("sheet", "jo.xlsx", "--coder", "Jo")
    assert run("import", "codings", "jo.xlsx", "--partial")[0] == 2
    assert run("sheet", "jo.xlsx")[0] == 2


def test_file_that_is_not_there(run: Run) -> None:
    code, _, err = run("import", "codings", "none.xlsx", "--coder", "Jo")
    assert code == 1
    assert err.startswith("qualkit: ")
    assert "none.xlsx" in err
