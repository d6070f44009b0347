from pathlib import Path

import pytest

from qualkit.codebook.check import check_codebook
from qualkit.codebook.load import load_codebook, load_codebook_with_lines

BOOK = """\
codebook: barriers
category: barrier
checks: [negation]
lists:
  used: [pub]
  unused: [bar]
codes:
  - id: isolation
    definition: Being alone.
    include: When alone.
    exclude: When not.
    patterns: ["no friends", "{used}"]
    examples:
      - She had no friends.
      - She was on her own.
      - He went to the pub alone.
    counter_examples:
      - They made friends.
      - She met people in the pub.
  - id: debts
    patterns: [debt, "no  friends"]
    examples: [They were in debt.]
"""


@pytest.fixture
def loaded(write):
    return load_codebook_with_lines(write(BOOK), {})


def shown(problems):
    return [(problem.line, problem.level, problem.code, problem.text) for problem in problems]


def test_doubts_of_a_users_codebook_are_warnings(loaded):
    assert shown(check_codebook(loaded.codebook)) == [
        (1, "warning", "", "the list 'unused' is never used"),
        (
            20,
            "warning",
            "debts",
            "lacks definition, include, exclude, examples (1 of at least 3), "
            "counter_examples (0 of at least 2)",
        ),
        (21, "warning", "debts", "the same pattern stands under 'isolation' on line 12"),
    ]


def test_missing_notes_of_a_shipped_codebook_are_errors(loaded):
    problems = check_codebook(loaded.codebook, shipped=True)
    assert {(problem.line, problem.level) for problem in problems} == {
        (1, "warning"),
        (8, "error"),
        (20, "error"),
        (21, "warning"),
    }


def test_shipped_codes_with_too_few_examples_beside_are_errors_at_the_codes_line(loaded):
    problems = check_codebook(loaded.codebook, shipped=True)
    text = "examples: 0 of at least 40; near misses: 0 of at least 15"
    assert [(p.line, p.level, p.code) for p in problems if p.text == text] == [
        (8, "error", "isolation"),
        (20, "error", "debts"),
    ]


def test_lint_names_the_lines_of_examples(loaded, find_simple):
    lint = [p for p in check_codebook(loaded, find=find_simple) if p.level == "lint"]
    assert shown(lint) == [
        (15, "lint", "isolation", "example 2 is not found by the code's own patterns"),
        (19, "lint", "isolation", "counter-example 2 is found"),
    ]


def test_lint_takes_an_example_in_either_voice_and_a_counter_example_in_the_workers(loaded):
    asked = []

    def find(compiled, texts, role):
        asked.append((role, list(texts)))
        isolation = {("barrier", "isolation")}
        first, second = loaded.codebook.codes[0].examples[:2]
        by_role = {"worker": {first}, "parent": {second, *counter}}
        return [isolation if text in by_role[role] else set() for text in texts]

    counter = loaded.codebook.codes[0].counter_examples
    lint = [(p.code, p.text) for p in check_codebook(loaded, find=find) if p.level == "lint"]
    fault = "is not found by the code's own patterns"
    assert lint == [("isolation", f"example 3 {fault}"), ("debts", f"example 1 {fault}")]
    (_, every), (role, missed) = asked
    assert role == "parent"
    assert set(missed) < set(every)
    assert not set(missed) & set(counter)


def test_lint_without_lines_names_the_code(loaded, find_simple):
    lint = [p for p in check_codebook(loaded.codebook, find=find_simple) if p.level == "lint"]
    assert [problem.line for problem in lint] == [8, 8]


def test_codebook_without_checks_is_doubted(write):
    text = "codebook: b\ncategory: c\ncodes:\n  - id: a\n    patterns: [x]\n"
    (problem, _) = check_codebook(load_codebook_with_lines(write(text), {}))
    assert "'checks' is left out" in problem.text
    (_,) = check_codebook(load_codebook_with_lines(write(text + "checks: []\n"), {}))


def test_faults_of_compiling_are_among_the_problems(write, find_simple):
    text = (
        "codebook: b\ncategory: c\nchecks: [wish]\ncodes:\n"
        "  - id: a\n    patterns:\n      - token: [{IS_DIGIT: true}]\n    examples: [x]\n"
    )
    problems = check_codebook(load_codebook_with_lines(write(text), {}), find=find_simple)
    assert [(p.line, p.level) for p in problems] == [(5, "warning"), (7, "error")]


def test_check_warns_of_a_pattern_that_an_everyday_word_fulfils(tmp_path: Path) -> None:
    path = tmp_path / "slip.yaml"
    path.write_text(
        "codebook: slip\ncategory: barrier\nchecks: [negation]\ncodes:\n  - id: eggs\n"
        '    patterns:\n      - "eggs? (thrown|at)"\n      - "eggs at"\n',
        encoding="utf-8",
    )
    found = [p for p in check_codebook(load_codebook(path)) if "alone is enough" in p.text]
    assert [(p.line, p.level) for p in found] == [(7, "warning")]
