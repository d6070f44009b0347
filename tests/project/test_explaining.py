"""Why a coding is there: by a rule, by the model, by both, or by a person."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from factories import case
from taught import ALONE, coding_id, fill, import_anns_codings

from qualkit.coding.keeping import read_benches
from qualkit.coding.learned import Bench, rule_scores
from qualkit.coding.passages import read_passages
from qualkit.errors import QualkitError
from qualkit.model import Page, ProposedCoding, Table
from qualkit.project import Project
from qualkit.store import codings, models

NEW = (
    case("n1", "Nina owed rent to the landlord."),
    case("n2", "All is well. Their debts: she owed rent to the landlord."),
    case("n3", "They had no debts. Then they had debts."),
)


def open_filled(folder: Path) -> Project:
    opened = Project(folder / "p.db", create=True)
    fill(opened, folder, *NEW)
    import_anns_codings(opened, folder)
    return opened


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Coded by rules alone."""
    with open_filled(tmp_path_factory.mktemp("rules")) as project:
        project.code(method="rules")
        yield project


@pytest.fixture(scope="module")
def by_both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Learned from Ann's twelve cases, and coded by rules and model."""
    with pytest.MonkeyPatch.context() as patch, open_filled(tmp_path_factory.mktemp("both")) as own:
        # Nearest examples are looked for among the shipped ones too, which have other codes.
        patch.setattr("qualkit.project.lessons.shipped_sets", list)
        patch.setattr("qualkit.project.lessons.shipped_cases", list)
        own.learn(ALONE)
        own.code()
        yield own


def explain(project: Project, case_id: str, code: str = "debt", coder: str = "qualkit") -> Page:
    return project.explain(coding_id(project, case_id, code, coder))


def table(page: Page, name: str) -> Table:
    (found,) = [own for own in page.tables if own.name == name]
    return found


# --- a person -----------------------------------------------------------------------------


def test_persons_coding_names_the_person(by_rules: Project) -> None:
    page = explain(by_rules, "c0", coder="Ann")
    assert page.tables == ()
    (note,) = page.notes
    assert note.startswith("Ann gave this code")


def test_title_names_coding_code_and_case(by_rules: Project) -> None:
    number = coding_id(by_rules, "c3", "calm", "Ann")
    assert by_rules.explain(number).title == f"Coding {number}: Calm in case c3"


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_unknown_number_is_told_with_the_way_to_the_numbers(by_rules, number: int) -> None:
    with pytest.raises(QualkitError, match="there is no such coding") as caught:
        by_rules.explain(number)
    assert caught.value.found == str(number)
    assert "export codings" in caught.value.to_do


# --- a rule ---------------------------------------------------------------------------------


def test_rules_coding_shows_rule_words_and_what_was_dropped(by_rules: Project) -> None:
    page = explain(by_rules, "n3")
    assert [own.name for own in page.tables] == ["rules"]
    first, second = page.tables[0].rows
    assert (first["rule"], first["words"], first["counts"]) == ("story.debt#1", "debts", "no")
    assert first["reasons"] == ("negation: no",)
    assert (second["rule"], second["words"]) == ("story.debt#1", "debts")
    assert (second["counts"], second["reasons"]) == ("yes", ())


def test_rules_coding_names_codebook_version_and_checks(by_rules: Project) -> None:
    (note,) = explain(by_rules, "n3").notes
    assert note.startswith("Rule story.debt#1 of the codebook own, version 1")
    assert "(checks: negation)" in note


def test_decision_is_told(tmp_path: Path) -> None:
    with open_filled(tmp_path) as project:
        project.code(method="rules")
        number = coding_id(project, "n3", "debt")
        project.decide(number, "accept", "Bob")
        notes = project.explain(number).notes
    assert notes[0].rstrip(".") == "accepted by Bob"


# --- the model ------------------------------------------------------------------------------


def test_models_coding_shows_evidence_words_and_nearest(by_both: Project) -> None:
    page = explain(by_both, "n1")
    assert [own.name for own in page.tables] == ["evidence", "words", "nearest"]
    assert page.notes[0].startswith("Model 1 of ")


def test_models_evidence_has_no_rule(by_both: Project) -> None:
    rows = table(explain(by_both, "n1"), "evidence").rows
    assert [row["evidence"] for row in rows] == ["words of the stretch", "how common the code is"]


def test_words_that_told_most_are_those_of_the_code(by_both: Project) -> None:
    rows = table(explain(by_both, "n1"), "words").rows
    weights = {row["words"]: row["weight"] for row in rows}
    # All twelve coded stretches say "owed rent to the landlord", none of the others does.
    assert {"owed", "rent", "landlord", "owed rent"} <= set(weights)
    assert min(weights[word] for word in ("owed", "rent", "landlord")) > 0
    # Strongest first; who owed it was never seen, so it tells nothing.
    assert [abs(row["weight"]) for row in rows] == sorted(map(abs, weights.values()), reverse=True)
    assert "nina" not in weights


def test_nearest_are_coded_stretches_with_their_case(by_both: Project) -> None:
    rows = table(explain(by_both, "n1"), "nearest").rows
    assert len(rows) == 5
    assert {row["carries"] for row in rows} == {"yes"}
    assert {row["text"].split(" ", 1)[1] for row in rows} == {"owed rent to the landlord."}
    assert all(row["origin"].startswith("case c") for row in rows)
    assert all(0 < row["likeness"] <= 1 + 1e-6 for row in rows)
    likeness = [row["likeness"] for row in rows]
    assert likeness == sorted(likeness, reverse=True)


def test_note_says_where_an_earlier_model_proposed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shipped_sets", "shipped_cases"):
        monkeypatch.setattr(f"qualkit.project.lessons.{name}", list)
    earlier = "It was proposed by an earlier model"
    with open_filled(tmp_path) as project:
        project.learn(ALONE)
        project.code()
        assert earlier not in explain(project, "n1").notes[-1]
        project.learn(ALONE)
        note = explain(project, "n1").notes[-1]
        assert note.startswith(earlier)
        assert "Model 2 of " in note
        # Coded again, it is the kept model's.
        project.code()
        assert explain(project, "n1").notes[-1].startswith("Model 2 of ")


# --- both -----------------------------------------------------------------------------------


def test_coding_by_both_shows_the_rule_and_the_model(by_both: Project) -> None:
    page = explain(by_both, "n2")
    assert [own.name for own in page.tables] == ["rules", "evidence", "words", "nearest"]
    assert page.notes[0].startswith("Rule story.debt#1")
    assert page.notes[1].startswith("Model 1 of ")


def test_coding_by_both_weighs_the_rules_hit(by_both: Project) -> None:
    rows = {row["evidence"]: row for row in table(explain(by_both, "n2"), "evidence").rows}
    # Fewer than 100 codings: a hit weighs as it stands in UNTRIED_MIX.
    assert (rows["a rule hit"]["value"], rows["a rule hit"]["weight"]) == (1.0, 1.0)
    assert rows["words of the stretch"]["weight"] > 0
    assert rows["how common the code is"]["value"] == 1.0


# --- the sum --------------------------------------------------------------------------------


def kept_bench(project: Project) -> Bench:
    """The one bench that the project has learned."""
    model = models.fetch_model(project.connection)
    assert model is not None
    arrays = models.fetch_arrays(project.connection, model.key)
    (bench,) = read_benches(model.settings["benches"], arrays)
    return bench


def log_odds(project: Project, case_id: str, sentence: int, *hits: ProposedCoding) -> float:
    """The log-odds of debt in a sentence, by the kept bench itself."""
    bench = kept_bench(project)
    segments = codings.fetch_case(project.connection, case_id)
    passages = list(read_passages(segments))
    words, meaning = bench.evidence(passages, None)
    key: dict[Any, Any] = {(segments[0].segment_id, ("story", "debt")): hits}
    rules, _ = rule_scores(passages, bench.codes, key)
    column = bench.codes.index(("story", "debt"))
    return float(bench.log_odds("both", words, meaning, rules)[sentence, column])


def by_rule(project: Project, case_id: str) -> ProposedCoding:
    """What the rule itself proposes in a case, found without the model."""
    from qualkit.codebook.compile import read_compiled
    from qualkit.coding import RuleCoder
    from qualkit.store import codebooks

    (book,) = codebooks.fetch_codebooks(project.connection)
    compiled = read_compiled(codebooks.fetch_compiled(project.connection, book.version_key))
    (found,) = RuleCoder([compiled]).code_case(codings.fetch_case(project.connection, case_id))
    return found


@pytest.mark.parametrize(("case_id", "sentence"), [("n1", 0), ("n2", 1)], ids=["model", "both"])
def test_shares_add_up_to_the_log_odds(by_both: Project, case_id: str, sentence: int) -> None:
    rows = table(explain(by_both, case_id), "evidence").rows
    hits = [by_rule(by_both, case_id)] if case_id == "n2" else []
    expected = log_odds(by_both, case_id, sentence, *hits)
    assert sum(row["share"] for row in rows) == pytest.approx(expected, abs=1e-4)
    assert all(row["share"] == row["value"] * row["weight"] for row in rows)


@pytest.mark.parametrize("case_id", ["n1", "n2"])
def test_sum_of_the_shares_is_the_codings_score(by_both: Project, case_id: str) -> None:
    # Calibrated (Platt): the probability is 1 / (1 + exp(-(offset + slope * sum))).
    number = coding_id(by_both, case_id, "debt")
    page = by_both.explain(number)
    total = sum(row["share"] for row in table(page, "evidence").rows)
    bench = kept_bench(by_both)
    offset, slope = bench.calibrations["both"][:, bench.codes.index(("story", "debt"))]
    probability = 1 / (1 + math.exp(-(offset + slope * total)))
    (score,) = by_both.connection.execute(
        "SELECT score FROM codings WHERE id = ?", (number,)
    ).fetchone()
    assert score == pytest.approx(probability, abs=1e-4)
    assert f"a probability of {probability:.2f}" in page.notes[-1]


def test_explaining_changes_nothing(by_both: Project) -> None:
    def content() -> list[Any]:
        tables = ("codings", "models", "runs", "decisions")
        return [by_both.connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables]

    before = content()
    once, twice = explain(by_both, "n2"), explain(by_both, "n2")
    assert content() == before
    assert not by_both.connection.in_transaction
    assert numpy.array_equal(
        [row["share"] for row in table(once, "evidence").rows],
        [row["share"] for row in table(twice, "evidence").rows],
    )
