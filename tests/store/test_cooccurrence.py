"""Themes that meet, counted by the store and one by one in Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from factories import case, parsed

from qualkit.model import CountBy
from qualkit.project import Project
from qualkit.store import codebooks, cooccurrence, counts
from qualkit.store.cooccurrence import Theme, count_shared_units, count_together
from qualkit.store.scope import Scope
from qualkit.store.sources import save_source

NAMES = ("a", "b", "c", "d")
WORDS = {"a": "apple", "b": "berry", "c": "cherry", "d": "date", "home": "house"}
BOOK = """
codebook: {category}s
version: "1"
category: {category}
checks: []
codes:
{codes}
"""


def book(path: Path, category: str, names: tuple[str, ...]) -> Path:
    codes = "\n".join(
        f'  - {{id: {name}, name: {name.upper()}, about: any, patterns: ["={WORDS[name]}"]}}'
        for name in names
    )
    path.write_text(BOOK.format(category=category, codes=codes), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """60 narratives of 25 families or none, three segments each, some with declared relevance."""
    folder = tmp_path_factory.mktemp("meetings")
    draw = random.Random(3)
    cases = []
    for n in range(60):
        texts = [
            " ".join(f"The {word}." for word in WORDS.values() if draw.random() < 0.3) or "Nothing."
            for _ in range(3)
        ]
        family = f"F{draw.randrange(25)}" if draw.random() < 0.8 else ""
        relevance = {"home": draw.choice(["not", "fairly", "very"])} if n % 3 else None
        cases.append(case(f"m{n}", *texts, ufrn=family, relevance=relevance))
    with Project(folder / "qualkit.db", create=True) as opened:
        save_source(opened.connection, parsed(cases), lambda r: None)
        opened.load_codebook(book(folder / "x.yaml", "fruit", NAMES[:2]))
        opened.load_codebook(book(folder / "y.yaml", "stone", NAMES[2:]))
        opened.load_codebook(book(folder / "d.yaml", "domain", ("home",)))
        opened.code()
        yield opened


def themes_of(project: Project, **options: Any) -> list[Theme]:
    found = []
    for category in ("fruit", "stone"):
        keys = tuple(
            book.key
            for book in codebooks.fetch_codebooks(project.connection)
            if category in book.categories
        )
        scope = Scope(kinds=("msc",), codebook_keys=keys, **options)
        for code in codebooks.fetch_codes(project.connection, category):
            found.append(Theme(f"{category}.{code.code}", (code.key,), scope))
    return found


def one_by_one(project: Project, by: CountBy, domain: str) -> list[set[Any]]:
    """The units of each theme, by reading every coding."""
    declared, level = {}, {}
    family = {}
    for key, own, families in project.connection.execute(
        "SELECT id, declared, family_key FROM cases"
    ):
        declared[key], family[key] = own, families
    for key, own in project.connection.execute(
        "SELECT case_key, level FROM case_relevance WHERE domain = 'home'"
    ):
        level[key] = own
    rows = project.connection.execute(
        "SELECT g.segment_key, g.case_key, k.code FROM codings g JOIN codes k ON k.id = g.code_key"
    ).fetchall()
    at_home = {segment for segment, _, code in rows if code == "home"}
    units: list[set[Any]] = [set() for _ in NAMES]
    for segment, key, code in rows:
        if code not in NAMES:
            continue
        if domain and not (level.get(key, 0) > 0 if declared[key] else segment in at_home):
            continue
        unit = {CountBy.CASE: key, CountBy.SEGMENT: segment, CountBy.FAMILY: family[key]}[by]
        if unit is not None:
            units[NAMES.index(code)].add(unit)
    return units


@pytest.mark.parametrize("domain", ["", "home"])
@pytest.mark.parametrize("by", list(CountBy))
@pytest.mark.parametrize("at_once", [7, 20_000])
def test_counts_are_those_of_one_by_one(
    project: Project, monkeypatch: pytest.MonkeyPatch, by: CountBy, domain: str, at_once: int
) -> None:
    monkeypatch.setattr(cooccurrence, "CASES_AT_ONCE", at_once)
    found = count_together(project.connection, themes_of(project, count_by=by, domain=domain))
    units = one_by_one(project, by, domain)
    for one, other in product(range(4), repeat=2):
        assert found.counts[one, other] == len(units[one] & units[other])
    assert found.counts.sum() > 0


@pytest.mark.parametrize("domain", ["", "home"])
@pytest.mark.parametrize("by", list(CountBy))
def test_what_lifts_are_of_is_what_tables_are_of(
    project: Project, by: CountBy, domain: str
) -> None:
    scopes = [theme.scope for theme in themes_of(project, count_by=by, domain=domain)]
    own = counts.count_units(project.connection, scopes[0])
    assert count_shared_units(project.connection, scopes) == own
    # With different roles, though all segments have one that both cover.
    other = [replace(scopes[0], roles=("worker",)), scopes[-1]]
    assert count_shared_units(project.connection, other) == own


@pytest.mark.parametrize("by", [CountBy.CASE, CountBy.SEGMENT])
def test_families_behind_a_pair_are_those_of_units_with_both(
    project: Project, monkeypatch: pytest.MonkeyPatch, by: CountBy
) -> None:
    monkeypatch.setattr(cooccurrence, "CASES_AT_ONCE", 7)
    found = count_together(project.connection, themes_of(project, count_by=by), people=True)
    assert found.people is not None
    family = dict(
        project.connection.execute("SELECT id, coalesce(family_key, -id) FROM cases").fetchall()
    )
    of_segment = dict(project.connection.execute("SELECT id, case_key FROM segments").fetchall())
    units = one_by_one(project, by, "")
    for one, other in product(range(4), repeat=2):
        both = units[one] & units[other]
        cases = {of_segment[unit] for unit in both} if by is CountBy.SEGMENT else both
        assert found.people[one, other] == len({family[key] for key in cases})


def test_more_themes_than_bits_in_a_word_are_counted_by_family(project: Project) -> None:
    themes = themes_of(project, count_by=CountBy.FAMILY)
    found = count_together(project.connection, [*[themes[0]] * 70, themes[1]])
    units = one_by_one(project, CountBy.FAMILY, "")
    # A code counts for the last theme that has it.
    assert found.counts[69, 69] == len(units[0])
    assert found.counts[69, 70] == len(units[0] & units[1])


def test_words_of_a_pair_are_of_units_with_both(project: Project) -> None:
    for by in CountBy:
        themes = themes_of(project, count_by=by)
        found = list(cooccurrence.iterate_meetings(project.connection, themes[0], themes[2]))
        units = one_by_one(project, by, "")
        assert {unit for unit, _, _ in found} == units[0] & units[2]
        for unit in units[0] & units[2]:
            assert {first for own, first, _ in found if own == unit} == {True, False}
        assert {q.code for _, first, q in found if first} == {"a"}
        assert {q.code for _, first, q in found if not first} == {"c"}


def test_codings_that_counted_are_told(project: Project) -> None:
    found = count_together(project.connection, themes_of(project))
    row = project.connection.execute(
        "SELECT count(*) FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE k.category <> 'domain'"
    ).fetchone()
    assert (found.codings, found.confirmed) == (row[0], 0)


@pytest.mark.parametrize("at_once", [7, 20_000])
def test_declared_relevance_is_counted_as_for_its_own_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(cooccurrence, "CASES_AT_ONCE", at_once)
    draw = random.Random(5)
    cases = [
        case(
            f"m{n}",
            "Words.",
            ufrn=f"F{n % 9}" if n % 4 else "",
            relevance={own: draw.choice(["not", "fairly", "very"]) for own in ("home", "work")}
            | ({"health": "very"} if n % 3 == 0 else {}),
        )
        for n in range(40)
    ]
    with Project(tmp_path / "qualkit.db", create=True) as project:
        save_source(project.connection, parsed(cases), lambda r: None)
        scope = Scope(kinds=("msc",))
        pairs, levels, declaring = counts.fetch_relevance(project.connection, scope)
        people = counts.count_relevant_people(project.connection, scope)
        domains = ["home", "silent", "work", "health"]
        found = cooccurrence.count_declared(project.connection, scope, domains, people=True)
    # Nobody says anything of "silent".
    assert found.domains == ("home", "work", "health")
    assert found.declaring == declaring
    both = {(one, other): count for one, other, count in pairs}
    for at, one in enumerate(found.domains):
        assert found.together.counts[at, at] == sum(levels[one])
        for beside, other in enumerate(found.domains):
            if at != beside:
                assert found.together.counts[at, beside] == both[one, other]
                assert found.together.people is not None
                assert found.together.people[at, beside] == people[one][other]
