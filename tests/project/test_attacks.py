"""Published tables attacked: each command, on small projects made to be awkward."""

from __future__ import annotations

import csv
import json
import random
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attacker import LEFT_OUT, weaknesses
from factories import case, parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.errors import QualkitError
from qualkit.importers.survey import SurveyOptions
from qualkit.model import Kind, Page, Table
from qualkit.project import Project
from qualkit.report.files import render
from qualkit.report.values import percent
from qualkit.store.sources import save_source

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::qualkit.errors.SmallSampleWarning"),
]

BOOK = """
codebook: small
version: "1"
category: barrier
checks: []
codes:
  - {id: isolation, name: Isolation, about: any, patterns: ["=lonely"]}
  - {id: debt, name: Debt, about: any, patterns: ["=debts"]}
  - {id: illness, name: Illness, about: any, patterns: ["=ill"]}
  - {id: noise, name: Noise, about: any, patterns: ["=noisy"]}
  - {id: damp, name: Damp, about: any, patterns: ["=damp"]}
  - {id: home-and-money, category: domain, name: Home and money, patterns: ["=landlord"]}
  - {id: social-networks, category: domain, name: Social networks, patterns: ["=friends"]}
"""
WORDS = {
    "isolation": "She was lonely.",
    "debt": "They had debts.",
    "illness": "He was ill.",
    "noise": "It was noisy.",
    "damp": "It was damp.",
    "home": "The landlord came.",
    "friends": "There were friends.",
}
HOME, FRIENDS = "home-and-money", "social-networks"


@dataclass(frozen=True)
class Told:
    """One family: its cluster, themes in the text of each case, relevance, readings."""

    cluster: str
    cases: tuple[tuple[str, ...], ...] = ()
    relevance: tuple[str, str] | None = ("very", "not")
    readings: tuple[int | None, int | None, int | None, int | None] = (1, 5, 3, 7)


def build(folder: Path, families: Sequence[Told]) -> Path:
    """Write a project with narratives, families and readings."""
    folder.mkdir(parents=True, exist_ok=True)
    narratives = []
    for number, family in enumerate(families):
        level = family.relevance
        relevance = dict(zip((HOME, FRIENDS), level, strict=True)) if level else None
        for at, words in enumerate(family.cases):
            text = " ".join(WORDS[word] for word in words) or "Nothing."
            narratives.append(
                case(f"c{number}-{at}", text, ufrn=f"F{number:03}", relevance=relevance)
            )
    (folder / "small.yaml").write_text(BOOK, encoding="utf-8")
    heads = "UFRN,Home and money start,Home and money end,Social networks start,Social networks end"
    read = [
        ",".join([f"F{n:03}", *("" if r is None else str(r) for r in family.readings)])
        for n, family in enumerate(families)
    ]
    (folder / "stars.csv").write_text("\n".join([heads, *read]), "utf-8")
    own = [f"F{n:03},{family.cluster}" for n, family in enumerate(families)]
    (folder / "families.csv").write_text("\n".join(["UFRN,Cluster", *own]), "utf-8")
    with Project(folder / "p.db", create=True) as project:
        project.import_families(folder / "families.csv")
        project.import_stars(folder / "stars.csv")
        source = parsed(narratives, kind=Kind.MSC)
        save_source(project.connection, source, lambda rejection: None)
        project.load_codebook(folder / "small.yaml")
        project.code()
    return folder / "p.db"


def mixed(seed: int, sizes: dict[str, int]) -> list[Told]:
    """Families drawn by chance, in clusters of these sizes."""
    draw = random.Random(seed)
    themes = list(WORDS)
    odds = [draw.choice([0.1, 0.2, 0.5, 0.9]) for _ in themes]
    families = []
    for cluster, size in sizes.items():
        for _ in range(size):
            told = tuple(
                tuple(theme for theme, p in zip(themes, odds, strict=True) if draw.random() < p)
                for _ in range(draw.choice([0, 1, 1, 1, 1, 2]))
            )
            levels = ("not", "fairly", "very")
            relevance = (draw.choice(levels), draw.choice(levels)) if draw.random() < 0.9 else None
            first = [draw.randint(1, 10) for _ in range(2)]
            last = [min(10, one + draw.choice([-2, 0, 1, 3, 5])) or 1 for one in first]
            last = [max(1, one) for one in last]
            readings = (first[0], last[0], first[1], last[1])
            if draw.random() < 0.1:
                readings = (first[0], None, first[1], last[1])
            families.append(Told(cluster, told, relevance, readings))
    return families


AWKWARD: dict[str, list[Told]] = {
    "tiny groups": mixed(1, {"A": 1, "B": 2, "C": 3, "D": 14}),
    "many groups": mixed(2, {"A": 5, "B": 6, "C": 7, "D": 8, "E": 9, "": 4}),
    "one family": [Told("A", (("isolation",), ("debt",), ("isolation", "home")))],
    "all but one": [
        *[Told("AB"[n % 2], (("isolation", "home"),), ("very", "fairly")) for n in range(15)],
        Told("A", ((),), None, (1, 5, None, None)),
    ],
    "everybody in one cell": [Told("A", (("debt",),), ("fairly", "not")) for _ in range(9)]
    + [replace(Told("B", (("illness",),), ("very", "very")), readings=(9, 2, 9, 9))],
    "declared by nearly all": [
        *[Told("A", (("debt", "home"),), ("very", "not")) for _ in range(3)],
        *[Told("B", (("debt", "home"),), ("fairly", "not")) for _ in range(2)],
        *[Told("C", (("noise",),), ("not", "very")) for _ in range(9)],
        *[Told("C", (("noise", "friends"),), None) for _ in range(2)],
    ],
}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("awkward")
    return {
        name: build(folder / str(number), families)
        for number, (name, families) in enumerate(AWKWARD.items())
    }


Made = Callable[[Project], Table | Page]
COMMANDS: dict[str, tuple[Made, dict[str, str]]] = {
    "top": (lambda p: p.top("barrier"), {}),
    "top, ranks of two": (lambda p: p.top("barrier", top=2), {}),
    "top by family": (lambda p: p.top("barrier", count_by="family"), {}),
    "top by segment": (lambda p: p.top("barrier", count_by="segment"), {}),
    "top of a domain": (lambda p: p.top("barrier", domain=HOME), {"domain": HOME}),
    "top where": (lambda p: p.top("barrier", where={"cluster": "A"}), {}),
    "top by wave": (lambda p: p.compare("barrier", "family.cluster"), {}),
    "matrix": (lambda p: p.matrix("barrier"), {}),
    "matrix by family": (lambda p: p.matrix("barrier", count_by="family"), {}),
    "domain": (lambda p: p.domain(HOME, matrix=True), {"domain": HOME}),
    "domain by family": (lambda p: p.domain(FRIENDS, count_by="family"), {"domain": FRIENDS}),
    "relevance": (lambda p: p.relevance(), {}),
    "link": (lambda p: p.link("barrier"), {}),
    "link, a domain": (lambda p: p.link("barrier", domain=HOME), {}),
    "link, joint": (lambda p: p.link("barrier", joint=True, themes=2), {}),
    "stars": (lambda p: p.star_page(everybody=True), {}),
    "stars of a domain": (lambda p: p.star_page(domain=HOME, everybody=True), {"domain": HOME}),
    "stars by cluster": (lambda p: p.star_page(by="cluster", everybody=True), {}),
    "stars of a domain by cluster": (
        lambda p: p.star_page(domain=HOME, by="cluster", everybody=True),
        {"domain": HOME},
    ),
    "flow": (lambda p: p.star_flow(), {}),
    "progress": (lambda p: p.progress(everybody=True, resamples=3), {}),
    "progress by cluster": (lambda p: p.progress(by="cluster", everybody=True, resamples=0), {}),
    "quotes": (lambda p: p.quotes("isolation"), {}),
    "status": (lambda p: Page("status", "Status", p.status()), {}),
}


def both(path: Path, make: Made, **rules: int) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Return the JSON as published, as it is, and the result as published."""
    with Project(path) as project, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth = json.loads(render(make(project), "json"))
        project.for_publishing = True
        published = project.publish(make(project), **rules)
    return json.loads(render(published, "json")), truth, published


ROUNDED = ("top of a domain", "domain", "link", "stars", "progress")


@pytest.mark.parametrize(
    ("command", "rules"),
    [(name, {}) for name in COMMANDS] + [(name, {"round_to": 5}) for name in ROUNDED],
)
def test_no_command_gives_back_what_it_leaves_out(
    command: str, rules: dict[str, int], projects: dict[str, Path]
) -> None:
    make, known = COMMANDS[command]
    found = []
    for name, path in projects.items():
        try:
            told, truth, _ = both(path, make, **rules)
        except QualkitError:
            continue
        found += [f"{name}: {weak}" for weak in weaknesses(told, truth, **known)]
    assert not found


@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4))
@settings(max_examples=3, deadline=None)
def test_projects_by_chance_give_back_nothing(
    seed: int, sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    clusters = dict(zip("ABCD", sizes, strict=False))
    path = build(tmp_path_factory.mktemp("chance"), mixed(seed, clusters))
    for command in ("domain", "link", "stars by cluster"):
        make, known = COMMANDS[command]
        told, truth, _ = both(path, make)
        assert not weaknesses(told, truth, **known), command


# --- the same is printed whatever is left out -----------------------------------------------


def with_counts(*counts: int, n: int = 30) -> list[Told]:
    """Families of which so many have each theme: the first ones, or for later ones the last."""
    themes = list(WORDS)[: len(counts)]
    return [
        Told(
            "AB"[number % 2],
            (tuple(t for t, c in zip(themes, counts, strict=True) if number < c),),
            ("very", "fairly"),
        )
        for number in range(n)
    ]


@pytest.mark.parametrize("command", ["top", "domain", "quotes"])
def test_what_is_printed_is_the_same_whatever_is_left_out(command: str, tmp_path: Path) -> None:
    # Illness, noise and damp are 4, 2, 1 here and 1, 2, 4 there: left out in both.
    make, _ = COMMANDS[command]
    printed = [
        both(build(tmp_path / str(number), with_counts(12, 8, *few)), make)[0]
        for number, few in enumerate([(4, 2, 1), (1, 2, 4)])
    ]
    for told in printed:
        for table in told.get("tables", [told]):
            # When it was coded.
            del table["runs"]
    assert printed[0] == printed[1]


def test_intervals_of_ranks_are_among_what_is_shown(tmp_path: Path) -> None:
    path = build(tmp_path, with_counts(12, 8, 4, 4, 4))
    told, _, _ = both(path, COMMANDS["top, ranks of two"][0])
    shown = [row for row in told["rows"] if row["count"] != LEFT_OUT]
    assert [row["code"] for row in shown] == ["isolation", "debt"]
    # Of two, both are in the top two of every sample that has them.
    assert all(row["rank_high"] <= 2 for row in shown)


@pytest.mark.parametrize("name", ["many groups", "tiny groups"])
@pytest.mark.parametrize("command", ["top", "matrix", "link", "stars by cluster", "progress"])
def test_other_formats_say_no_more(command: str, name: str, projects: dict[str, Path]) -> None:
    told, _, published = both(projects[name], COMMANDS[command][0])
    tables = published.tables if isinstance(published, Page) else [published]
    for table, rows in zip(tables, told.get("tables", [told]), strict=True):
        text = render(table, "csv")
        for row, line in zip(rows["rows"], csv.DictReader(text.splitlines()), strict=True):
            flat = {
                key: "|".join(value) if isinstance(value, list) else value
                for key, value in row.items()
            }
            assert line == {k: "" if v is None else str(v) for k, v in flat.items()}
        # Whole numbers read by people are counts, ranks or percentages of the JSON.
        known = {str(v) for row in rows["rows"] for v in row.values() if isinstance(v, int)}
        shares = [v for row in rows["rows"] for v in row.values() if isinstance(v, float)]
        known |= {f"{own}" for v in shares for own in (percent(v)[:-1], percent(v, 1)[:-1])}
        known |= {f"{abs(v):.2f}" for v in shares}
        body = [line for line in render(table, "markdown").splitlines() if line.startswith("| ")]
        for number in re.findall(r"\d+(?:\.\d+)?", " ".join(body[1:])):
            assert number in known or (int(float(number)) <= 10 and "/" not in number), number


# --- surveys ------------------------------------------------------------------------------


def survey(folder: Path, seed: int, sizes: dict[str, int], odds: float) -> Path:
    """Write a project with ratings and reasons of staff, in localities of these sizes."""
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["id,Locality,Q1 trust,Q2 observing,Why trust?,Why observing?"]
    for place, size in sizes.items():
        for _ in range(size):
            ratings = [
                draw.choice(["70", "80", "90"] if draw.random() < odds else ["40", "40", ""])
                for _ in range(2)
            ]
            words = [draw.choice(["They were lonely.", "Debts.", "Nothing.", ""]) for _ in range(2)]
            rows.append(",".join([f"s{len(rows)}", place, *ratings, *words]))
    (folder / "answers.csv").write_text("\n".join(rows) + "\n", "utf-8")
    more = draw.choice([0, 1, 3, 20])
    told = [f"{place},{size + more}" for place, size in sizes.items() if place]
    (folder / "invited.csv").write_text("\n".join(["Locality,Invited", *told]) + "\n", "utf-8")
    (folder / "why.yaml").write_text(REASONS, "utf-8")
    with Project(folder / "p.db", create=True) as project:
        options = SurveyOptions(
            id="id",
            text=("Why trust?", "Why observing?"),
            rating=("Q1 trust", "Q2 observing"),
            attribute=("Locality",),
        )
        project.import_survey(folder / "answers.csv", options=options)
        project.load_codebook(folder / "why.yaml")
        project.code()
    return folder / "p.db"


REASONS = """
codebook: why
version: "1"
category: reason
kinds: [survey]
checks: []
codes:
  - {id: isolation, name: Isolation, about: any, patterns: ["=lonely"]}
  - {id: debt, name: Debt, about: any, patterns: ["=debts"]}
"""


@pytest.mark.parametrize("rules", [{}, {"round_to": 5}], ids=["", "rounded"])
@pytest.mark.parametrize(
    ("seed", "sizes", "odds"),
    [
        (1, {"North": 2, "South": 14, "West": 5}, 0.8),
        (2, {"North": 9, "South": 1}, 1.0),
        (3, {"North": 3}, 0.5),
        (4, {"North": 8, "South": 12, "": 3}, 0.3),
    ],
)
def test_surveys_give_back_nothing(
    seed: int, sizes: dict[str, int], odds: float, rules: dict[str, int], tmp_path: Path
) -> None:
    path = survey(tmp_path, seed, sizes, odds)
    found = []
    for by in ("", "Locality"):
        for invited in (None, tmp_path / "invited.csv"):
            make = partial(Project.confidence, by=by, invited=invited, top=20)
            told, truth, _ = both(path, make, **rules)
            found += weaknesses(told, truth, kind="survey")
    assert not found


# --- agreement and evaluation ---------------------------------------------------------------


@pytest.mark.parametrize("by_code", [False, True])
def test_agreement_and_evaluation_show_what_is_large(by_code: bool, tmp_path: Path) -> None:
    path = build(tmp_path, with_counts(20, 9, 3))
    with Project(path) as project:
        project.export_codings(tmp_path / "all.csv")
        lines = (tmp_path / "all.csv").read_text("utf-8").splitlines()
        # Bob leaves out one in six.
        kept = [line for number, line in enumerate(lines) if number == 0 or number % 6]
        (tmp_path / "some.csv").write_text("\n".join(kept) + "\n", "utf-8")
        project.import_codings(tmp_path / "all.csv", "Ann")
        project.import_codings(tmp_path / "some.csv", "Bob")

    def agree(project: Project) -> Table:
        return project.agreement(["Ann", "Bob"], by_code=by_code, replicates=50)

    def evaluate(project: Project) -> Page | Table:
        found = project.evaluate(reference="Ann", coder="Bob", replicates=50)
        return found.codes_table("segment") if by_code else found.summary(5)

    for make in (agree, evaluate):
        told, truth, _ = both(path, make)
        assert not weaknesses(told, truth)
        rows = told.get("tables", [told])[0]["rows"]
        shown = [row for row in rows if isinstance(row["kappa"], float)]
        assert shown
        if by_code:
            # Three illnesses are left out, with all that is computed from them.
            few = next(row for row in rows if row["code"] == "illness")
            assert few["kappa"] == LEFT_OUT
