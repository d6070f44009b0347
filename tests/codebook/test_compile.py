from dataclasses import replace

import pytest

from qualkit.codebook import compile as compiling
from qualkit.codebook.compile import (
    compile_codebook,
    compile_to_text,
    dump_compiled,
    read_compiled,
)
from qualkit.codebook.inflect import inflections
from qualkit.codebook.load import load_codebook
from qualkit.errors import CodebookError
from qualkit.model import Code, Codebook, CompiledCode, CompiledRule, Pattern


def book(*patterns, lists=None, **fields):
    code = Code("debt", "barrier", "Debt", about="family", patterns=tuple(patterns))
    return Codebook("b", "1", "hash", (code,), lists=lists or {}, path="b.yaml", **fields)


def test_rules_carry_what_matching_needs():
    compiled = compile_codebook(
        book(
            Pattern("=owe ... {sum}", score=0.5, needs=("=rent",), unless=("=paid", "=mum's")),
            Pattern("(=low|=in ... =debt)", negation="keep", checks=("wish",)),
            lists={"sum": ("=money", "=much")},
            checks=("negation",),
            kinds=("msc",),
            roles=("worker",),
            inherit_question=True,
        )
    )
    assert compiled.codes == (CompiledCode("debt", "barrier", "family"),)
    assert (compiled.kinds, compiled.roles, compiled.inherit_question) == (
        ("msc",), ("worker",), True,
    )  # fmt: skip
    first, *split = compiled.rules
    assert first == CompiledRule(
        "barrier.debt#1",
        0,
        (("owe",), ("money", "much")),
        (3,),
        score=0.5,
        needs=("rent",),
        unless=("mum's", "mums", "paid"),
        checks=("negation",),
    )
    assert {rule.rule_id for rule in split} == {"barrier.debt#2"}
    assert {(rule.parts, rule.gaps) for rule in split} == {
        ((("low",),), ()),
        ((("in",), ("debt",)), (3,)),
    }
    assert all((rule.negation, rule.checks) == ("keep", ("wish",)) for rule in split)


def test_token_pattern_has_its_anchors():
    token = '[{"LOWER": "mum"}, {"OP": "?"}, {"LOWER": {"IN": ["low", "flat"]}}]'
    (rule,) = compile_codebook(book(Pattern(token=token))).rules
    # "mum" must be there as well as "low" or "flat"; one word is rarer than two.
    assert (rule.parts, rule.gaps, rule.token) == ((("mum",),), (), token)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ('[{"LOWER": "low", "OP": "?"}]', "must be there"),
        ('[{"IS_DIGIT": true}]', "must be there"),
        ('[{"LEMMA": "go"}]', "plain tokens do not have"),
        ('[{"LOWR": "go"}]', "did you mean LOWER"),
        ('[{"LOWER": 3}]', "none to spaCy"),
        ('[{"LOWER": "Mum"}]', "capital"),
    ],
)
def test_faulty_token_pattern_is_a_problem(token, words):
    with pytest.raises(CodebookError) as caught:
        compile_codebook(book(Pattern(token=token, line=7)))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.code) == ("b.yaml", 7, "debt")
    assert words in problem.text


def test_anchor_of_a_token_that_may_stand_in_a_contraction():
    (rule,) = compile_codebook(book(Pattern(token='[{"LOWER": "do"}, {"LOWER": "n\'t"}]'))).rules
    # The tokens "do" and "n't" stand in the one word "don't".
    assert "don't" in rule.parts[0]


def test_every_problem_is_collected(monkeypatch):
    monkeypatch.setattr(compiling, "MOST_FORMS_IN_ALL", 3)
    with pytest.raises(CodebookError) as caught:
        compile_codebook(
            book(
                Pattern("=a ... =b", needs=("x ... y",), line=4),
                Pattern("{none}", line=5),
                Pattern("struggle", line=6),
            )
        )
    assert [problem.line for problem in caught.value.problems] == [4, 5, 1]
    assert "4 forms in all (at most 3)" in caught.value.problems[2].text
    assert "barrier.debt#3 (4)" in caught.value.problems[2].text


def test_problem_names_the_condition():
    many = tuple(f"=w{i}" for i in range(70))
    with pytest.raises(CodebookError, match=r'under unless, "\{many\} \{many\}" expands to'):
        # 70 * 70 = 4,900 forms.
        compile_codebook(book(Pattern("debt", unless=("{many} {many}",)), lists={"many": many}))


def test_compiled_codebook_survives_json_with_stable_bytes(write):
    source = book(Pattern("struggle ... cope", needs=("rent",)), Pattern(token='[{"LOWER": "é"}]'))
    compiled = compile_codebook(source)
    text = dump_compiled(compiled)
    assert read_compiled(text) == compiled
    assert dump_compiled(read_compiled(text)) == text
    assert dump_compiled(compile_codebook(source)) == text


SMALL = """
codebook: small
version: "1"
category: barrier
codes:
  - {id: debt, name: Debt, about: any, patterns: ["council tax"]}
"""


def test_a_codebook_compiled_before_gives_the_same_text(tmp_path, monkeypatch):
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    codebook = load_codebook(tmp_path / "small.yaml")
    text = compile_to_text(codebook)
    assert text == dump_compiled(compile_codebook(codebook))

    def refuse(*given):
        raise AssertionError("compiled again")

    monkeypatch.setattr(compiling, "compile_codebook", refuse)
    assert compile_to_text(load_codebook(tmp_path / "small.yaml")) == text


def test_what_is_remembered_is_not_of_another_text_or_other_abbreviations(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    plain = compile_to_text(load_codebook(path))
    (tmp_path / "abbreviations.yaml").write_text("ctx: council tax\n", encoding="utf-8")
    assert "ctx" not in plain
    assert "ctx" in compile_to_text(load_codebook(path))
    path.write_text(SMALL.replace("council tax", "rent arrears"), encoding="utf-8")
    assert "arrears" in compile_to_text(load_codebook(path))


def test_only_the_last_codebooks_are_remembered(monkeypatch):
    monkeypatch.setattr(compiling, "_remembered", {})
    monkeypatch.setattr(compiling, "_MOST_REMEMBERED", 2)
    for word in ("one", "two", "one", "three"):
        compile_to_text(replace(book(Pattern(word)), content_hash=word))
    assert [key[1] for key in compiling._remembered] == ["one", "three"]


def test_compiled_form_of_another_version_is_refused():
    text = dump_compiled(compile_codebook(book(Pattern("debt"))))
    with pytest.raises(CodebookError, match="load the codebook's file again"):
        read_compiled(text.replace('"format":1', '"format":0'))


def test_large_codebook_looks_each_word_up_once():
    verbs = ["lose", "find", "want", "need", "have", "get", "keep", "start", "stop", "leave"]
    nouns = ["job", "home", "friend", "school", "sleep", "money", "help", "hope", "support", "time"]
    patterns = [
        Pattern(f"({verb}|miss) ({noun}|n{i})")
        for i in range(25)
        for verb in verbs
        for noun in nouns
    ]
    assert len(patterns) == 2500
    inflections.cache_clear()
    compiled = compile_codebook(book(*patterns))
    assert len(compiled.rules) >= 2500
    # Ten verbs, "miss", ten nouns and 25 invented words: 46 words in 5,000 places.
    assert inflections.cache_info().misses <= 46


def test_shipped_files_need_no_spacy_for_phrases(write, monkeypatch):
    def refuse(self, pattern):
        raise AssertionError

    monkeypatch.setattr(compiling.TokenPatterns, "anchors", refuse)
    path = write("codebook: b\ncategory: c\ncodes:\n  - id: a\n    patterns: [debt]\n")
    assert compile_codebook(load_codebook(path, {})).rules[0].parts == (("debt", "debts"),)
