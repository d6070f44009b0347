"""The rule coder as a whole: cases in, codings out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding import RuleCoder
from qualkit.model import ProposedCoding

WORDS = st.sampled_from(
    [
        *("mum", "he", "she", "I", "son", "not", "no", "would", "if", "will", "never", "but"),
        *("low", "low mood", "debt", "debts", "job", "lost", "school", "goes", "DASH", "dash"),
        *(".", "?", ",", ";", "\n", "  ", "-", "and", "now", "because", "isn't", "don’t", "İ"),
        *("tried to", "her friend's son", '"', "(", ")", "Ellie (7)", "…", "–", "’"),
    ]
)
TEXTS = st.lists(WORDS, max_size=25).map(" ".join)
ROLES = st.sampled_from(["worker", "parent", "child", "interviewer", "staff", ""])
KINDS = st.sampled_from(["msc", "interview", "survey", "document"])


@pytest.fixture(scope="module")
def rules(build):
    return [
        build.rule("barrier.low", "low mood", k=1),
        build.rule("barrier.low", ("low", "depress*"), k=2, score=0.6),
        build.rule("barrier.debt", ("debt", "debts")),
        build.rule("barrier.job", "lost", "job", gaps=(3,), score=0.9),
        build.rule("outcome.school", ("goes", "in"), "school", gaps=(2,)),
        build.rule("outcome.well", "low", negation="require"),
        build.rule("activity.dash", "DASH", needs=("mum", "she")),
        build.rule("enabler.friend", ("friend", "friend's")),
    ]


ABOUT = {"barrier.low": "parent", "outcome.school": "child"}


@pytest.fixture(scope="module")
def coder(build, rules):
    domains = [
        build.rule("domain.money", ("debt", "debts", "job")),
        build.rule("domain.education", "school"),
    ]
    return RuleCoder(
        [
            build.codebook(rules, about=ABOUT),
            build.codebook(domains, checks=(), inherit_question=True),
        ]
    )


@st.composite
def cases(draw, build):
    turns = draw(st.lists(st.tuples(TEXTS, ROLES), min_size=1, max_size=4))
    kind = draw(KINDS)
    return [build.segment(text, n, role, kind) for n, (text, role) in enumerate(turns, 1)]


@given(st.data())
def test_codings_lie_within_their_texts_in_order(build, coder, data):
    case = data.draw(cases(build))
    by_id = {segment.segment_id: segment for segment in case}
    codings = coder.code_case(case)
    for coding in codings:
        text = by_id[coding.segment_id].text
        assert 0 <= coding.start < coding.end <= len(text)
        assert 0 < coding.score <= 0.99
        if not coding.rule.endswith("@question"):
            assert text[coding.start : coding.end].strip() == text[coding.start : coding.end]
    keys = [(by_id[c.segment_id].n, c.start, c.end, c.category, c.code_id) for c in codings]
    assert keys == sorted(set(keys))


@given(st.data())
def test_words_are_never_split(build, coder, data):
    case = data.draw(cases(build))
    texts = {segment.segment_id: segment.text for segment in case}
    for coding in coder.code_case(case):
        text = texts[coding.segment_id]
        for border in (coding.start, coding.end):
            assert not (
                0 < border < len(text) and text[border - 1].isalnum() and text[border].isalnum()
            )


@given(st.data())
def test_interviewer_turns_are_never_coded(build, coder, data):
    case = data.draw(cases(build))
    asked = {segment.segment_id for segment in case if segment.role == "interviewer"}
    assert not asked & {coding.segment_id for coding in coder.code_case(case)}


@given(st.data())
def test_same_case_gives_the_same_codings(build, coder, data):
    case = data.draw(cases(build))
    assert coder.code_case(case) == coder.code_case(case)


@given(st.data())
def test_order_of_rules_changes_nothing(build, rules, data):
    case = data.draw(cases(build))
    order = data.draw(st.permutations(rules))
    expected = RuleCoder([build.codebook(rules, about=ABOUT)]).code_case(case)
    assert RuleCoder([build.codebook(order, about=ABOUT)]).code_case(case) == expected


@given(st.data())
def test_doubled_spaces_find_the_same_codes(build, coder, data):
    case = data.draw(cases(build))
    doubled = [build.segment(s.text.replace(" ", "  "), s.n, s.role, s.kind) for s in case]
    once, twice = coder.code_case(case), coder.code_case(doubled)

    def without_places(codings: list[ProposedCoding]) -> list[tuple[object, ...]]:
        return [(c.segment_id, c.category, c.code_id, c.score, c.rule) for c in codings]

    assert without_places(once) == without_places(twice)


@given(st.data())
def test_what_is_coded_was_judged_to_stand(build, rules, data):
    case = data.draw(cases(build))
    coder = RuleCoder([build.codebook(rules, about=ABOUT)])
    standing = {
        (j.segment_id, j.category, j.code_id) for j in coder.judge_case(case) if not j.reasons
    }
    coded = {(c.segment_id, c.category, c.code_id) for c in coder.code_case(case)}
    assert coded == standing


def test_coding_says_place_score_and_rule(build, coder):
    text = "Home visits. Mum has low  mood; she is tired."
    coding, *others = coder.code_case([build.segment(text, 3)])
    assert not others
    # "Mum" begins at 13, after "Home visits. "; "Mum has low  mood" is 17 long.
    assert coding == ProposedCoding(30, "barrier", "low", 13, 30, 0.8, "barrier.low#1")


def test_several_hits_in_a_clause_make_one_coding_with_a_bonus(build):
    rules = [
        build.rule("barrier.debt", "debts", k=1, score=0.6),
        build.rule("barrier.debt", "arrears", k=2, score=0.7),
        build.rule("barrier.debt", "bailiffs", k=3, score=0.6),
    ]
    coder = RuleCoder([build.codebook(rules)])
    (coding,) = coder.code_case([build.segment("Debts, arrears, bailiffs.")])
    # 0.7 and 0.02 for each of two further places.
    assert (coding.score, coding.rule) == (0.74, "barrier.debt#2")
    one, two = coder.code_case([build.segment("Debts rose; arrears too.")])
    assert (one.score, two.score) == (0.6, 0.7)


def test_bonus_ends_below_certainty(build):
    rules = [build.rule("barrier.debt", "debts", score=0.98)]
    coder = RuleCoder([build.codebook(rules)])
    (coding,) = coder.code_case([build.segment("Debts on debts on debts.")])
    assert coding.score == 0.99


def test_two_patterns_at_one_place_give_no_bonus(build):
    rules = [
        build.rule("barrier.debt", "debts", k=1, score=0.5),
        build.rule("barrier.debt", "debts", k=2, score=0.6),
    ]
    (coding,) = RuleCoder([build.codebook(rules)]).code_case([build.segment("Debts.")])
    assert (coding.score, coding.rule) == (0.6, "barrier.debt#2")


def test_codings_are_sorted_by_segment_place_and_code(build, coder):
    segments = [
        build.segment("Debts. Low mood and debts.", 2),
        build.segment("A friend came.", 5),
    ]
    codings = coder.code_case(segments)
    assert [(c.segment_id, f"{c.category}.{c.code_id}") for c in codings] == [
        (20, "barrier.debt"),
        (20, "domain.money"),
        (20, "barrier.debt"),
        (20, "barrier.low"),
        (20, "domain.money"),
        (50, "enabler.friend"),
    ]


@pytest.mark.parametrize(
    ("limits", "kind", "role", "coded"),
    [
        ({"kinds": ("survey",)}, "survey", "staff", True),
        ({"kinds": ("survey",)}, "msc", "staff", False),
        ({"roles": ("staff",)}, "survey", "staff", True),
        ({"roles": ("staff",)}, "survey", "parent", False),
        ({}, "document", "", True),
        ({}, "interview", "interviewer", False),
        ({"roles": ("interviewer",)}, "interview", "interviewer", False),
    ],
)
def test_kinds_and_roles_limit_a_codebook(build, limits, kind, role, coded):
    coder = RuleCoder([build.codebook([build.rule("reason.debt", "debt")], **limits)])
    assert bool(coder.code_case([build.segment("Debt.", 1, role, kind)])) is coded
    assert coder.find(["Debt.", "Nothing."]) == [{("reason", "debt")}, set()]


def test_find_reads_texts_as_told_by_a_worker_or_somebody_else(build):
    rules = [build.rule("outcome.talks", ("talks", "speaks"))]
    coder = RuleCoder([build.codebook(rules)])
    texts = ["My son talks to me now.", "He speaks to her."]
    found = {("outcome", "talks")}
    assert coder.find(texts) == [set(), found]
    assert coder.find(texts, "parent") == [found, found]


def test_short_denial_does_not_code_what_it_denies(build):
    coder = RuleCoder([build.codebook([build.rule("enabler.school", ("bit", "school"))])])
    asked = ("interviewer", "Was school any help?")
    assert coder.code_case(build.interview(asked, ("parent", "Not one bit."))) == []
    assert coder.code_case(build.interview(asked, ("parent", "A bit."))) != []


SUBJECTS = ("domain.money", "domain.education")


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("And school, how is that?", "Not one bit.", ["domain.education"]),
        ("Any debts? And school?", "Yeah, loads.", ["domain.education", "domain.money"]),
        ("And school?", "I lost my job.", ["barrier.job", "domain.money"]),
        ("And school?", "It was one two three four five six seven.", []),
        ("And school?", "...", []),
        ("And you?", "Yes.", []),
    ],
)
def test_short_answer_inherits_the_subject_of_its_question(
    build, coder, question, answer, expected
):
    turns = build.interview(("interviewer", question), ("parent", answer))
    assert build.names(coder.code_case(turns)) == expected


def test_inherited_coding_spans_the_answer_with_a_lower_score(build, coder):
    turns = build.interview(("interviewer", "And school?"), ("parent", " Fine. "))
    (coding,) = coder.code_case(turns)
    # 0.8 for the rule, three quarters of it.
    assert coding == ProposedCoding(
        20, "domain", "education", 0, 7, 0.6, "domain.education#1@question"
    )


def test_only_the_answer_just_after_inherits(build, coder):
    turns = build.interview(
        ("interviewer", "And school?"), ("parent", "Fine."), ("child", "Hm."), ("parent", "Yes.")
    )
    assert [coding.segment_id for coding in coder.code_case(turns)] == [20]


def test_label_gives_no_subject(build, coder):
    segment = build.segment("Yes.", 1, "staff", "survey", label="Is school a help?")
    assert coder.code_case([segment]) == []


def test_denial_inherits_nothing_where_denials_count(build):
    rules = [build.rule("domain.education", "school")]
    coder = RuleCoder([build.codebook(rules, checks=("negation",), inherit_question=True)])
    question = ("interviewer", "Was school a help?")
    assert coder.code_case(build.interview(question, ("parent", "No, never."))) == []
    assert len(coder.code_case(build.interview(question, ("parent", "Yes, always.")))) == 1


def test_order_of_codebooks_changes_nothing(build, rules):
    books = [build.codebook([rule]) for rule in rules[2:5]]
    segment = build.segment("Debts since dad lost his job. He goes to school.")
    results = {
        tuple(RuleCoder(order).code_case([segment])) for order in itertools.permutations(books)
    }
    assert len(results) == 1
    assert len(results.pop()) == 3


@pytest.mark.parametrize("text", ["", " ", "\n", "?", "…"])
def test_texts_without_words_give_nothing(build, coder, text):
    assert coder.code_case([build.segment(text)]) == []


def test_no_codebooks_no_segments(build):
    assert RuleCoder([]).code_case([build.segment("Low mood.")]) == []
    assert RuleCoder([build.codebook([])]).code_case([]) == []


def test_codebook_may_leave_out_a_role(build):
    book = build.codebook([build.rule("barrier.isolation", "lonely")], roles=("not staff",))
    coder = RuleCoder([book])
    roles = ("staff", "parent", "", "interviewer")
    said = [role for role in roles if coder.code_case([build.segment("So lonely.", role=role)])]
    assert said == ["parent", ""]


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Was school any help?", "Massively.", {"enabler.school"}),
        ("You moved in May. Did school help?", "Yeah, it did.", {"enabler.school"}),
        ("Was school any help?", "Not really.", set()),
        ("Was school any help?", "No.", set()),
        ("What did school do?", "Loads.", set()),
        ("School helped a bit. Did you manage?", "Yes.", set()),
        ("If school helped, would you go?", "Yes.", set()),
        ("Was school any help?", "Yes, and after that we all moved to my sister's.", set()),
    ],
)
def test_an_assent_asserts_what_the_question_asked(build, question, answer, expected):
    rules = [build.rule("enabler.school", "school")]
    segments = build.interview(("interviewer", question), ("parent", answer))
    codings = RuleCoder([build.codebook(rules)]).code_case(segments)
    assert set(build.names(codings)) == expected
    assert all(coding.rule.endswith("@question") for coding in codings)
    assert all(coding.segment_id == segments[1].segment_id for coding in codings)
