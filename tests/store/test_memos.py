"""Memos outlive what they are about, and are found again."""

from __future__ import annotations

import pytest
from factories import case, parsed

from qualkit.project import Project
from qualkit.store import deciding
from qualkit.store.memos import Memo, iterate_memos
from qualkit.store.sources import save_source

# The project of tests/project/conftest.py, on which codings are found by words.
BOOK = """
codebook: small
version: "{version}"
category: barrier
checks: []
codes:
  - {{id: isolation, name: Isolation, about: any, patterns: ["={word}"]}}
  - {{id: debt, name: Debt, about: any, patterns: ["=debts"]}}
"""


@pytest.fixture
def project(tmp_path):
    """m1: `So lonely, and debts.`; m2: `Debts.`; coded by the machine."""
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        cases = [case("m1", "So lonely, and debts."), case("m2", "Debts.")]
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        code(opened, tmp_path, "lonely")
        yield opened


def code(project: Project, folder, word: str) -> None:
    path = folder / "small.yaml"
    path.write_text(BOOK.format(version=word, word=word), encoding="utf-8")
    project.load_codebook(path)
    project.code()


def number_of(project: Project, code: str) -> int:
    return project.connection.execute(
        "SELECT g.id FROM codings g JOIN codes k ON k.id = g.code_key WHERE k.code = ?"
        " ORDER BY g.id",
        (code,),
    ).fetchone()[0]


def only(project: Project, **wanted: object) -> Memo:
    (memo,) = iterate_memos(project.connection, **wanted)  # type: ignore[arg-type]
    return memo


def test_memo_on_a_coding_stays_when_a_run_drops_it_and_finds_it_again(
    project: Project, tmp_path
) -> None:
    number = number_of(project, "isolation")
    deciding.write_memo(project.connection, "coding", number, "Is it?", "Ann")
    memo = only(project)
    assert (memo.coding, memo.case_id, memo.segment_n, memo.code) == (number, "m1", 1, "isolation")
    code(project, tmp_path, "friendless")
    memo = only(project)
    assert (memo.coding, memo.case_id, memo.code, memo.start, memo.end) == (
        *(None, "m1", "isolation"),
        *(3, 9),
    )
    code(project, tmp_path, "lonely")
    assert only(project).coding == number_of(project, "isolation")


def test_number_that_another_coding_got_is_not_taken_for_it(project: Project) -> None:
    number = number_of(project, "isolation")
    deciding.write_memo(project.connection, "coding", number, "Is it?", "Ann")
    project.connection.execute(
        "UPDATE codings SET code_key = (SELECT id FROM codes WHERE code = 'debt') WHERE id = ?",
        (number,),
    )
    assert only(project).coding is None


def test_memo_follows_a_coding_that_moved_with_its_words(project: Project, tmp_path) -> None:
    number = number_of(project, "isolation")
    deciding.write_memo(project.connection, "coding", number, "Is it?", "Ann")
    cases = [case("m1", "After the birth she was so very lonely."), case("m2", "Debts.")]
    save_source(project.connection, parsed(cases, content="two"), lambda rejection: None)
    assert only(project).coding == number


def test_memos_on_segments_that_went_stay(project: Project) -> None:
    number = number_of(project, "isolation")
    deciding.write_memo(project.connection, "coding", number, "Is it?", "Ann")
    save_source(
        project.connection, parsed([case("m1", ""), case("m2", "")], content="two"), lambda r: None
    )
    memo = only(project)
    assert (memo.coding, memo.case_id, memo.segment_n) == (None, "m1", None)


def test_hidden_memos_are_not_listed(project: Project) -> None:
    deciding.write_memo(project.connection, "project", None, "Odd.", "Ann")
    deciding.undo(project.connection, "Ann")
    assert list(iterate_memos(project.connection)) == []


def test_memos_are_found_by_what_they_are_about_by_whom_and_by_words(project: Project) -> None:
    store = project.connection
    isolation = store.execute("SELECT id FROM codes WHERE code = 'isolation'").fetchone()[0]
    deciding.write_memo(store, "project", None, "Begin with housing.", "Ann")
    deciding.write_memo(store, "source", 1, "Odd ids.", "Bob")
    deciding.write_memo(store, "case", 1, "A house move.", "Ann")
    deciding.write_memo(store, "coding", number_of(project, "isolation"), "Is it?", "Bob")
    deciding.write_memo(store, "code", isolation, "Wider than HOUSING.", "Ann")
    ann = store.execute("SELECT id FROM coders WHERE name = 'Ann'").fetchone()[0]

    def found(**wanted: object) -> list[int]:
        return [memo.memo for memo in iterate_memos(store, **wanted)]  # type: ignore[arg-type]

    assert found() == [1, 2, 3, 4, 5]
    assert found(about="case") == [3]
    assert found(case_key=1) == [3, 4]
    assert found(source_key=1) == [2, 3, 4]
    assert found(code_keys=[isolation]) == [4, 5]
    assert found(coder=ann) == [1, 3, 5]
    assert found(words=["hous"]) == [1, 3, 5]
    assert found(words=["Housing", "begin"]) == [1]
