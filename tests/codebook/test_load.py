import hashlib

import pytest

from qualkit.codebook import load, shipped
from qualkit.codebook.load import load_codebook, load_codebook_with_lines, load_lists
from qualkit.errors import CodebookError

GOOD = """\
codebook: barriers
version: 2
title: Barriers
category: barrier
authors: [A, B]
kinds: [msc, survey]
roles: [worker]
checks: [negation, wish]
lists:
  pub: [pub, "{bar}"]
codes:
  - id: isolation
    name: Isolation
    definition: Being alone.
    about: parent
    patterns:
      - no friends
      - match: "{pub} ... alone"
        score: 0.6
        needs: ["{town}"]
        unless: [never]
        negation: require
        checks: []
      - token: [{LOWER: no}, {OP: "?"}, {IS_DIGIT: true}]
    examples:
      - She had nobody.
      - "He said: nobody."
    counter_examples:
      - She has friends.
  - id: debts
    category: money
"""
SHARED = {"bar": ["bar"], "town": ["town"], "unused": ["x"]}


def faults_of(path, lists=None):
    with pytest.raises(CodebookError) as caught:
        load_codebook(path, lists or {}, {})
    return [(problem.line, problem.code, problem.text) for problem in caught.value.problems]


def test_codebook_is_loaded(write):
    book = load_codebook(write(GOOD), SHARED)
    assert (book.name, book.version, book.title, book.language) == (
        "barriers", "2", "Barriers", "en",
    )  # fmt: skip
    assert (book.authors, book.kinds, book.roles) == (("A", "B"), ("msc", "survey"), ("worker",))
    assert book.checks == ("negation", "wish")
    assert book.inherit_question is False
    isolation, debts = book.codes
    assert (isolation.code_id, isolation.category, isolation.about) == (
        "isolation", "barrier", "parent",
    )  # fmt: skip
    assert isolation.examples == ("She had nobody.", "He said: nobody.")
    assert (debts.category, debts.name, debts.patterns) == ("money", "Debts", ())
    plain, phrase, token = isolation.patterns
    assert (plain.match, plain.score, plain.checks, plain.line) == ("no friends", 0.8, None, 17)
    assert (phrase.score, phrase.needs, phrase.unless) == (0.6, ("{town}",), ("never",))
    assert (phrase.negation, phrase.checks) == ("require", ())
    # "no" is the word, not a truth value.
    assert token.token == '[{"LOWER": "no"}, {"OP": "?"}, {"IS_DIGIT": true}]'


def test_lists_used_are_kept_through_other_lists(write):
    book = load_codebook(write(GOOD), SHARED)
    assert book.lists == {"bar": ("bar",), "pub": ("pub", "{bar}"), "town": ("town",)}


def test_lines_of_examples_are_kept(write):
    loaded = load_codebook_with_lines(write(GOOD), SHARED)
    assert loaded.example_lines[("barrier", "isolation")] == (26, 27)
    assert loaded.counter_example_lines[("barrier", "isolation")] == (29,)


def test_hash_changes_with_the_bytes_and_with_the_lists_used(write):
    path = write(GOOD)
    first = load_codebook(path, SHARED).content_hash
    assert len(first) == len(hashlib.sha256(b"").hexdigest())
    assert load_codebook(path, {**SHARED, "unused": ["y"]}).content_hash == first
    assert load_codebook(path, {**SHARED, "bar": ["inn"]}).content_hash != first
    assert load_codebook(write(GOOD + "\n"), SHARED).content_hash != first


def test_only_id_and_category_are_needed(write):
    path = write("codebook: b\ncategory: c\ncodes:\n  - id: one\n")
    assert load_codebook(path, {}).codes[0].category == "c"


BAD = """\
codebook: My Book
titel: Spelt wrongly
kinds: [msc, surveys]
checks: [negation, wishes]
inherit_question: perhaps
lists:
  pub: ["bar ... pub", "(bar"]
  round: ["{round}"]
codes:
  - id: Isolation!
    category: barrier
  - name: No id
    category: barrier
  - id: twice
    category: barrier
    id: again
    about: parents
    patterns:
      - "(no friends"
      - "{pubs} quiz"
      - match: fine
        score: 1.5
        negation: maybe
        checks: [wihs]
        needs: ["a ... b"]
      - match: ""
      - match: one
        token: [{LOWER: one}]
      - token: one
      - score: 0.5
      - phrase: odd
    examples:
      - She said: no
      - ""
    counter_examples: one
  - id: twice
    category: barrier
  - id: homeless
  - just a text
"""


def test_every_fault_is_reported_at_once_with_its_line(write):
    found = faults_of(write(BAD))
    expected = [
        (1, "", "my-book"),
        (2, "", "did you mean 'title'"),
        (3, "", "did you mean 'survey'"),
        (4, "", "did you mean 'wish'"),
        (5, "", "false, true"),
        (7, "", "a list holds no gaps"),
        (7, "", "never closed"),
        (8, "", "names itself"),
        (10, "", "write isolation"),
        (12, "", "no id"),
        (16, "", "stands here twice (first on line 14)"),
        (17, "twice", "did you mean 'parent'"),
        (19, "twice", "never closed (at character 1)"),
        (20, "twice", "did you mean {pub}?"),
        (22, "twice", "0 to 1"),
        (23, "twice", "drop, keep, require"),
        (24, "twice", "did you mean 'wish'"),
        (25, "twice", "no gaps"),
        (26, "twice", "empty"),
        (27, "twice", "either 'match' or 'token'"),
        (29, "twice", "'token' is a list"),
        (30, "twice", "either 'match' or 'token'"),
        (31, "twice", "no field 'phrase'"),
        (33, "twice", "needs quotes"),
        (34, "twice", "empty item"),
        (35, "twice", "a list belongs"),
        (36, "twice", "first on line 14"),
        (38, "homeless", "no category"),
        (39, "", "fields (key: value) belong"),
    ]
    assert [(line, code) for line, code, _ in found] == [(line, code) for line, code, _ in expected]
    for (_, _, text), (_, _, words) in zip(found, expected, strict=True):
        assert words in text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("- a\n- b\n", 1, "fields"),
        ("codebook: a\ncodes: [\n", 3, "not YAML"),
        ("codebook: a: b\n", 1, "colon in quotes"),
        ("codebook: &a x\ntitle: *a\n", 2, "aliases"),
        ("codebook: a\n---\ncodebook: b\n", 2, "second document"),
        ("a: " + "[" * 40 + "]" * 40, 1, "30 deep"),
        ("codebook: a\ncategory: b\n", 1, "at least one code"),
        ("category: b\ncodes:\n  - id: a\n", 1, "needs a name"),
    ],
)
def test_file_that_is_no_codebook_is_refused(write, text, line, words):
    found = faults_of(write(text))
    assert (found[0][0], words in found[0][2]) == (line, True)


def test_missing_and_oversized_and_foreign_files_are_refused(tmp_path, monkeypatch):
    assert "cannot be read" in faults_of(tmp_path / "none.yaml")[0][2]
    path = tmp_path / "book.yaml"
    path.write_bytes(b"codebook: a\ntitle: \xff\n")
    assert faults_of(path)[0][::2] == (2, "the file is not UTF-8 text: save it as UTF-8")
    monkeypatch.setattr("qualkit.codebook.nodes.MOST_BYTES", 5)
    assert "has 21 bytes" in faults_of(path)[0][2]


def test_byte_order_mark_is_left_aside(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_codebook(path, SHARED).name == "barriers"


def test_lists_are_loaded_and_checked(write):
    assert load_lists(write("pub: [pub, no]\n", "lists.yaml")) == {"pub": ("pub", "no")}
    with pytest.raises(CodebookError) as caught:
        load_lists(write("pub: [(a]\nbar:\nBad Name: [x]\n", "lists.yaml"))
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


def test_shipped_folder_is_the_package_first(tmp_path, monkeypatch):
    module = tmp_path / "qualkit" / "codebook" / "load.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(shipped, "__file__", str(module))
    assert load.shipped_folder() == tmp_path / "codebooks"
    installed = tmp_path / "qualkit" / "_shipped" / "codebooks"
    installed.mkdir(parents=True)
    (installed / "lists.yaml").write_text("a: [b]\n")
    (installed / "b.yaml").touch()
    (installed / "a.yaml").touch()
    assert load.shipped_folder() == installed
    assert [path.name for path in load.shipped_codebooks()] == ["a.yaml", "b.yaml"]
    assert load.load_shipped_lists() == {"a": ("b",)}
