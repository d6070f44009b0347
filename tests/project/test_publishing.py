"""Publishing from a project: families behind cases, cleared quotations, and their fate."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Kind, Page, ParsedCase, Table
from qualkit.project import Project
from qualkit.store import clearing
from qualkit.store.sources import save_source

DEBTS = "Then Thabiso had debts, said Mrs Okonedo."
KEPT = "Before all that: Then Thabiso had debts, said Mrs Okonedo. It was so."
GONE = "Then they had debts all the same."


def narratives(first: str = DEBTS) -> list[ParsedCase]:
    """Six cases of two families with debts, six of six families that are lonely, eight more."""
    return [
        case("d0", first, ufrn="F1"),
        *[case(f"d{n}", "They had debts.", ufrn=f"F{1 + n % 2}") for n in range(1, 6)],
        *[case(f"l{n}", "She was lonely.", ufrn=f"F{10 + n}") for n in range(6)],
        *[case(f"n{n}", "Nothing to say.", ufrn=f"F{20 + n}") for n in range(8)],
    ]


def fill(path: Path, codebook: Path) -> Project:
    project = Project(path, create=True)
    source = parsed(narratives(), name="stories.csv", kind=Kind.MSC)
    save_source(project.connection, source, lambda rejection: None)
    project.load_codebook(codebook)
    project.code()
    return project


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    with fill(tmp_path / "one.db", small_codebook) as opened:
        yield opened


def clear(project: Project, shown: str | None) -> None:
    """Answer on the quotation of case d0."""
    item = next(i for i in project.quotations_to_clear(again=True) if i.case_id == "d0")
    project.clear_quotation(item, "Jo", shown)


def shown(project: Project) -> set[object]:
    """The quotations of a published table."""
    project.for_publishing = True
    table = project.publish(project.quotes("debt"))
    assert isinstance(table, Table)
    return {row["quote"] for row in table.rows}


def test_six_cases_of_two_families_are_left_out(project: Project) -> None:
    project.for_publishing = True
    table = project.publish(project.top("barrier"))
    assert isinstance(table, Table)
    counts = {row["code"]: row["count"] for row in table.rows}
    assert counts["debt"] == "[c]"
    assert [count for code, count in counts.items() if code != "debt"] == [6]


def test_a_table_that_does_not_know_its_families_is_refused(project: Project) -> None:
    with pytest.raises(QualkitError, match="not made for publishing"):
        project.publish(project.top("barrier"))


def test_quotations_leave_only_when_ticked_and_as_ticked(project: Project) -> None:
    assert shown(project) == {"[not cleared]"}
    clear(project, "Then [name] had debts.")
    assert shown(project) == {"[not cleared]", "Then [name] had debts."}
    clear(project, None)
    assert shown(project) == {"[not cleared]"}


def test_what_was_answered_is_not_asked_again(project: Project) -> None:
    before = project.quotations_to_clear()
    clear(project, None)
    assert len(project.quotations_to_clear()) == len(before) - 1
    item = next(item for item in before if item.case_id == "d0")
    assert [item.quote[f.start : f.end] for f in item.flags if "name" in f.what]


@pytest.mark.parametrize("coder", ["", "qualkit"])
def test_only_a_person_clears(project: Project, coder: str) -> None:
    item = project.quotations_to_clear()[0]
    with pytest.raises((QualkitError, UnknownNameError)):
        project.clear_quotation(item, coder, "x")


def test_an_answer_follows_its_words_into_a_new_version(project: Project) -> None:
    clear(project, "Then [name] had debts.")
    new = parsed(narratives(KEPT), name="stories.csv", kind=Kind.MSC, content="two")
    save_source(project.connection, new, lambda rejection: None)
    project.code()
    place, answer = next(iter(clearing.fetch_cleared(project.connection).items()))
    assert answer.shown == "Then [name] had debts."
    text = KEPT[place[2] : place[3]]
    assert text in DEBTS


@pytest.mark.parametrize("cases", [narratives(GONE), narratives()[1:]])
def test_an_answer_goes_with_its_words(project: Project, cases: list[ParsedCase]) -> None:
    clear(project, "Then Thabiso had debts")
    new = parsed(cases, name="stories.csv", kind=Kind.MSC, content="two")
    save_source(project.connection, new, lambda rejection: None)
    project.code()
    assert shown(project) == {"[not cleared]"}


def test_an_answer_goes_with_a_forgotten_family(project: Project) -> None:
    clear(project, "Then [name] had debts.")
    project.forget("F1")
    assert project.connection.execute("SELECT count(*) FROM cleared_quotes").fetchone() == (0,)


def test_answers_are_merged_and_the_later_one_holds(
    project: Project, tmp_path: Path, small_codebook: Path
) -> None:
    with fill(tmp_path / "two.db", small_codebook) as other:
        clear(other, "as cleared there")
    project.merge(tmp_path / "two.db")
    assert "as cleared there" in shown(project)
    project.connection.execute("UPDATE cleared_quotes SET cleared_at = '9999', shown = NULL")
    project.connection.commit()
    project.merge(tmp_path / "two.db")
    assert shown(project) == {"[not cleared]"}


def test_exported_are_cleared_quotations_only(project: Project, tmp_path: Path) -> None:
    clear(project, "Then [name] had debts.")
    project.for_publishing = True
    # The words carry a barrier and a domain.
    assert project.export_codings(tmp_path / "out.csv") == 2
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert {row["quote"] for row in rows} == {"Then [name] had debts."}
    assert list(rows[0]) == ["number", "kind", "category", "code", "quote"]


def test_a_page_is_published_whole(project: Project) -> None:
    project.for_publishing = True
    page = project.publish(Page("all", "All", [project.top("barrier"), project.quotes("debt")]))
    assert isinstance(page, Page)
    assert all(table.suppressed is not None for table in page.tables)


def test_status_names_no_source(project: Project) -> None:
    project.for_publishing = True
    assert "sources" not in [table.name for table in project.status()]


def test_waves_of_few_families_are_left_out(tmp_path: Path, small_codebook: Path) -> None:
    # Six cases with debts in Q1 are of two families; seven in Q2 are of seven.
    first, second = {"quarter": "Q1"}, {"quarter": "Q2"}
    debts, nothing = "They had debts.", "Nothing to say."
    cases = [case(f"a{n}", debts, ufrn=f"F{n % 2}", attributes=first) for n in range(6)]
    cases += [case(f"b{n}", debts, ufrn=f"F{5 + n}", attributes=second) for n in range(7)]
    for own in (first, second):
        name = own["quarter"]
        cases += [case(f"{name}{n}", nothing, ufrn=f"{name}{n}", attributes=own) for n in range(9)]
    with Project(tmp_path / "w.db", create=True) as project:
        save_source(project.connection, parsed(cases, name="s.csv", kind=Kind.MSC), lambda _: None)
        project.load_codebook(small_codebook)
        project.code()
        project.for_publishing = True
        told = project.publish(project.compare("barrier", "case.quarter"))
    assert isinstance(told, Table)
    row = next(row for row in told.rows if row["code"] == "debt")
    assert (row["count_Q1"], row["share_Q1"]) == ("[c]", "[c]")
    # 13 - 7 = 6: one of the other two goes too.
    assert "[c]" in (row["count"], row["count_Q2"])
