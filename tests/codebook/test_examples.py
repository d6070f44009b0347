"""Files of longer examples beside a codebook: read with all faults, compared, counted, kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.codebook.check import check_codebook
from qualkit.codebook.examples import (
    content_words,
    dump_sets,
    examples_file,
    load_examples,
    near_duplicates,
    own_examples,
    read_sets,
    too_few,
)
from qualkit.codebook.load import load_codebook, load_codebook_with_lines
from qualkit.errors import CodebookError
from qualkit.model import CodeKey, Example, ExampleSet

DEBT: CodeKey = ("barrier", "debt")
CALM: CodeKey = ("outcome", "calm")
OWN = (DEBT, CALM)

Write = Callable[..., Path]


def line(text: str, *codes: str, **more: object) -> str:
    return json.dumps({"text": text, "codes": codes, **more})


@pytest.fixture
def load(write: Write) -> Callable[..., ExampleSet]:
    """Load a file of these lines, with the codes debt and calm as the codebook's own."""

    def load_lines(*lines: str, known: tuple[CodeKey, ...] = ()) -> ExampleSet:
        return load_examples(write("\n".join(lines) + "\n", "book.jsonl"), OWN, known)

    return load_lines


# --- reading ------------------------------------------------------------------------


def test_fields_of_a_line_are_kept(load) -> None:
    (found,) = load(
        line(" They owe rent. ", "debt", near=["calm"], voice="speech", question="How so?")
    ).examples
    assert found == Example("They owe rent.", (DEBT,), (CALM,), "speech", "How so?", 1)


def test_left_out_fields_are_empty(load) -> None:
    assert load('{"text": "All is well."}').examples == (Example("All is well.", (), line=1),)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("debt", DEBT),
        (" debt ", DEBT),
        ("barrier.debt", DEBT),
        ("domain.money", ("domain", "money")),
    ],
    ids=["own id", "blanks around", "category.code", "another codebook's"],
)
def test_codes_are_written_by_id_or_with_category(load, written: str, key: CodeKey) -> None:
    assert load(line("They owe rent.", written)).examples[0].given == (key,)


def test_bare_id_of_two_own_codes_is_a_fault_and_a_category_tells_them_apart(write: Write) -> None:
    own = (DEBT, CALM, ("money", "debt"))
    path = write(line("They owe rent.", "debt"), "book.jsonl")
    with pytest.raises(CodebookError, match="there is no code 'debt'"):
        load_examples(path, own)
    path = write(line("They owe rent.", "money.debt", "calm"), "book.jsonl")
    assert load_examples(path, own).examples[0].given == (("money", "debt"), CALM)


def test_half_a_character_in_a_text_is_a_fault_at_its_line(load) -> None:
    # JSON can write it, UTF-8 cannot; both halves together are one character.
    with pytest.raises(CodebookError) as caught:
        load(line("Fine \U0001f600.", "debt"), line("Half \ud83d.", "debt"))
    problems = [(problem.line, problem.text) for problem in caught.value.problems]
    assert problems == [(2, "the text holds half a character")]


def test_blank_lines_count_as_lines_and_hold_no_example(load) -> None:
    found = load(line("One.", "debt"), "", "   ", line("Two.", "debt"))
    assert [example.line for example in found.examples] == [1, 4]


def test_every_fault_is_told_with_its_line_at_once(load) -> None:
    with pytest.raises(CodebookError) as caught:
        load(
            "not json",
            "[1]",
            '{"codes": ["debt"]}',
            '{"text": "  ", "codes": []}',
            line("Fine.", "debt"),
            line("A.", "debt", mood="low"),
            '{"text": "B.", "codes": "debt"}',
            '{"text": "C.", "near": [1]}',
            line("D.", "isolation"),
            line("E.", "barrier.isolation"),
            line("F.", "debt", near=["barrier.debt"]),
        )
    known = "known: codes, near, question, text, voice"
    assert [(problem.line, problem.text) for problem in caught.value.problems] == [
        (1, "the line is not a JSON object"),
        (2, "the line is not a JSON object"),
        (3, "the line has no text"),
        (4, "the line has no text"),
        (6, f"unknown field 'mood'; {known}"),
        (7, "'codes' is not a list of codes"),
        (8, "'near' is not a list of codes"),
        (9, "there is no code 'isolation' in the codebook"),
        (10, "there is no code 'barrier.isolation' in the codebook"),
        (11, "a code stands under both 'codes' and 'near'"),
    ]


def test_deeply_nested_line_is_a_fault_like_any_other(load) -> None:
    with pytest.raises(CodebookError, match="1 fault"):
        load("[" * 100_000)


def test_foreign_codes_must_be_among_the_known_ones_where_these_are_told(load) -> None:
    known = (("domain", "money"),)
    assert load(line("A.", "domain.money"), known=known).examples[0].given == known
    with pytest.raises(CodebookError, match=r"there is no code 'domain\.home'"):
        load(line("A.", "domain.home"), known=known)


# --- complete -----------------------------------------------------------------------


def test_complete_are_the_codebooks_own_categories_if_not_said(load) -> None:
    assert load(line("They owe rent.", "debt")).complete == ("barrier", "outcome")


@pytest.mark.parametrize("listed", [[], ["barrier"], ["barrier", "domain"]])
def test_complete_is_what_the_first_line_says(load, listed: list[str]) -> None:
    found = load(json.dumps({"complete": listed}), line("They owe rent.", "debt"))
    assert found.complete == tuple(listed)
    assert [example.line for example in found.examples] == [2]


@pytest.mark.parametrize("listed", ["barrier", [1], ["barrier", None], None, {"barrier": 1}])
def test_complete_that_is_no_list_of_texts_is_a_fault(load, listed: object) -> None:
    with pytest.raises(CodebookError) as caught:
        load(json.dumps({"complete": listed}), line("They owe rent.", "debt"))
    problems = [(problem.line, problem.text) for problem in caught.value.problems]
    assert problems == [(1, "'complete' is not a list of categories")]


@pytest.mark.parametrize("first", ["", line("They owe rent.", "debt")], ids=["blank", "example"])
def test_complete_after_the_first_line_is_a_fault(load, first: str) -> None:
    with pytest.raises(CodebookError, match="unknown field 'complete'") as caught:
        load(first, '{"complete": ["barrier"]}')
    assert [problem.line for problem in caught.value.problems] == [2]


def test_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    path.write_bytes(line("Café debt", "debt").replace("\\u00e9", "é").encode("latin-1"))
    with pytest.raises(CodebookError, match="not in UTF-8"):
        load_examples(path, OWN)


# --- near-duplicates ----------------------------------------------------------------


def pairs(*texts: str) -> list[tuple[int, int]]:
    """The pairs of lines that are too alike where every text carries debt."""
    examples = tuple(Example(text, (DEBT,), line=n) for n, text in enumerate(texts, start=1))
    return [(a, b) for _, a, b in near_duplicates(ExampleSet("f", (), examples), [DEBT])]


def test_content_words_leave_out_everyday_ones_and_possession() -> None:
    # "they", "the" and "on" are everyday words; "landlord's" stands for the landlord.
    assert content_words("They blame the landlord’s Letter on DEBT.") == {
        "blame",
        "landlord",
        "letter",
        "debt",
    }


def test_texts_that_share_over_half_of_the_shorter_ones_words_are_alike() -> None:
    # The shorter has 4 content words, 3 of them shared: 3/4 > 1/2.
    assert pairs("debt rent arrears letter", "debt rent arrears court judge fines") == [(1, 2)]


def test_exactly_half_may_be_shared() -> None:
    # 2 of 4, although every everyday word is the same too.
    assert pairs("they had debt rent arrears letter", "they had debt rent court judge") == []


def test_the_shorter_one_is_what_counts() -> None:
    # 2 shared: of the shorter's 3 more than half, of the longer's 6 only a third.
    assert pairs("debt rent arrears", "debt rent court judge fines letter") == [(1, 2)]


@pytest.mark.parametrize(
    ("other", "alike"),
    [("DEBT, and arrears!", True), ("debt", False), ("debt arrears court", False)],
    ids=["same content words", "one of two", "one more"],
)
def test_texts_of_fewer_than_three_words_must_only_not_be_the_same(other: str, alike: bool) -> None:
    assert bool(pairs("debt arrears", other)) is alike


def test_texts_without_content_words_are_not_compared() -> None:
    assert pairs("they had it", "they had it") == []


def test_near_misses_are_compared_with_near_misses_only() -> None:
    text = "debt rent arrears letter"
    mirrored = (Example(text, (DEBT,), line=1), Example(text, (), (DEBT,), line=2))
    again = Example(text, (CALM,), (DEBT,), line=3)
    assert list(near_duplicates(ExampleSet("f", (), mirrored), [DEBT])) == []
    found = near_duplicates(ExampleSet("f", (), (*mirrored, again)), [DEBT, CALM])
    assert list(found) == [(DEBT, 2, 3)]


def test_a_pair_is_told_for_each_code_that_both_carry() -> None:
    examples = tuple(Example("debt rent arrears", (DEBT, CALM), line=n) for n in (4, 7))
    found = near_duplicates(ExampleSet("f", (), examples), [CALM, DEBT])
    assert list(found) == [(CALM, 4, 7), (DEBT, 4, 7)]


# --- how many -----------------------------------------------------------------------


def sets_of(positive: int, near: int) -> list[ExampleSet]:
    """Two sets that together hold so many examples and near misses of debt."""
    examples = [Example("t", (DEBT,))] * positive + [Example("t", (), (DEBT,))] * near
    return [
        ExampleSet(name, (), tuple(part))
        for name, part in (("a", examples[::2]), ("b", examples[1::2]))
    ]


def test_forty_examples_and_fifteen_near_misses_over_all_sets_are_enough() -> None:
    assert list(too_few(sets_of(40, 15), [DEBT])) == []


@pytest.mark.parametrize(("positive", "near"), [(39, 15), (40, 14)])
def test_one_fewer_is_told_with_both_counts(positive: int, near: int) -> None:
    text = f"examples: {positive} of at least 40; near misses: {near} of at least 15"
    assert list(too_few(sets_of(positive, near), [DEBT])) == [(DEBT, text)]


# --- kept in the project -------------------------------------------------------------

TEXT = st.text(max_size=12)
KEYS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
EXAMPLES = st.builds(Example, TEXT, KEYS, KEYS, TEXT, TEXT, st.integers(0, 10**6))
SETS = st.lists(
    st.builds(
        ExampleSet,
        TEXT,
        st.lists(TEXT, max_size=2).map(tuple),
        st.lists(EXAMPLES, min_size=1, max_size=3).map(tuple),
    ),
    max_size=3,
)


@settings(max_examples=50, deadline=None)
@given(SETS)
def test_sets_survive_being_written_and_read(sets: list[ExampleSet]) -> None:
    assert read_sets(dump_sets(sets)) == sets


def test_sets_without_an_example_are_not_written() -> None:
    assert read_sets(dump_sets([ExampleSet("a", ("barrier",), ())])) == []


# --- beside a codebook ----------------------------------------------------------------

BOOK = """\
codebook: book
category: barrier
checks: []
codes:
  - id: debt
    patterns: [debt]
    examples: [They owe rent.]
    counter_examples: [They pay rent.]
"""


@pytest.fixture
def book(write: Write) -> Path:
    """A codebook of one code, debt, with an empty folder for examples beside it."""
    path = write(BOOK, "book.yaml")
    examples_file(path).parent.mkdir()
    return path


def test_examples_file_has_the_codebooks_name() -> None:
    assert examples_file(Path("codes/mine.yaml")) == Path("codes/examples/mine.jsonl")


def test_examples_beside_a_codebook_are_loaded_with_it(book: Path) -> None:
    examples_file(book).write_text(line("The bailiffs came.", "debt"), encoding="utf-8")
    found = load_codebook_with_lines(book, {}).examples
    assert found is not None
    assert found.examples == (Example("The bailiffs came.", (DEBT,), line=1),)
    assert (found.file, found.complete) == (str(examples_file(book)), ("barrier",))


def test_codebook_without_such_a_file_has_no_set(book: Path) -> None:
    assert load_codebook_with_lines(book, {}).examples is None


def test_faults_of_the_examples_hinder_loading(book: Path) -> None:
    examples_file(book).write_text(line("The bailiffs came.", "bailiffs"), encoding="utf-8")
    with pytest.raises(CodebookError, match=r"book\.jsonl:1: .*no code 'bailiffs'"):
        load_codebook(book, {})


def test_alike_examples_beside_a_codebook_are_doubts_at_the_second_ones_line(book: Path) -> None:
    alike = "The bailiffs came in March."
    lines = [line(alike, "debt"), line("He owes it all.", "debt"), line(alike, "debt")]
    examples_file(book).write_text("\n".join(lines), encoding="utf-8")
    doubts = check_codebook(load_codebook_with_lines(book, {}))
    text = "shares over half of its content words with line 1"
    assert [(p.file, p.line, p.level, p.code) for p in doubts if p.text == text] == [
        (str(examples_file(book)), 3, "warning", "debt")
    ]


def test_examples_in_the_codebook_itself_say_nothing_of_other_codes(book: Path) -> None:
    found = own_examples(load_codebook(book, {}))
    assert found.complete == ()
    assert found.examples == (
        Example("They owe rent.", (DEBT,), line=5),
        Example("They pay rent.", (), (DEBT,), line=5),
    )


def test_same_id_in_two_categories_can_be_named_with_either(book: Path) -> None:
    second = "  - {id: debt, category: money, patterns: [owes]}\n"
    calm = "  - {id: calm, patterns: [calm]}\n"
    book.write_text(BOOK + calm + second, encoding="utf-8")
    codes = ["barrier.debt", "money.debt"]
    examples_file(book).write_text(line("They owe rent.", *codes), encoding="utf-8")
    found = load_codebook_with_lines(book, {}).examples
    assert found is not None
    assert found.examples[0].given == (DEBT, ("money", "debt"))
