"""Who a match is about."""

from __future__ import annotations

import pytest

from qualkit.coding import RuleCoder
from qualkit.coding.landmarks import Layout
from qualkit.coding.people import named_people
from qualkit.coding.view import TextView

ABOUT = {"barrier.parent-low": "parent", "barrier.child-low": "child"}


@pytest.fixture(scope="module")
def rules(build):
    words = ("depressed", "anxious", "anxiety", "low mood")
    return [build.rule("barrier.parent-low", words), build.rule("barrier.child-low", words)]


PARENT, CHILD, BOTH = {"barrier.parent-low"}, {"barrier.child-low"}, set(ABOUT)

WORKER_SENTENCES = [
    ("Mum was depressed.", PARENT),
    ("Her partner was anxious.", PARENT),
    ("Both parents were anxious.", PARENT),
    ("Her son was anxious.", CHILD),
    ("The lad was anxious at school.", CHILD),
    ("Mum's eldest was anxious.", CHILD),
    ("Her 8 year old daughter was anxious.", CHILD),
    ("The child's mum was anxious.", PARENT),
    ("Mum took her son out. She was depressed.", PARENT),
    ("Mum took her son out. He was anxious.", CHILD),
    ("The mother was ill, and the children were anxious.", CHILD),
    ("The children were well, but mum was depressed.", PARENT),
    ("Kayleigh (12) hides. She is anxious.", CHILD),
    ("Kayleigh (32) hides. She is anxious.", PARENT),
    ("Baby Tom, 9 months, cried. Mum was depressed.", PARENT),
    ("Depressed for years, no help.", PARENT),
    ("The baby woke. Very anxious since.", CHILD),
    ("Mum worried about her daughter's anxiety.", CHILD),
    ("Mum said 'he is anxious' of her son.", CHILD),
    ("Mum said 'I am anxious' and wept.", PARENT),
    ("Mum said 'my son is anxious'.", CHILD),
    ("Dad left. Mum told us that she was anxious.", PARENT),
    ("Twins at home. They were anxious.", CHILD),
    ("The parents split. They were anxious.", PARENT),
]


@pytest.mark.parametrize(("text", "expected"), WORKER_SENTENCES)
def test_workers_words(build, rules, text, expected):
    assert build.find(rules, text, about=ABOUT) == expected


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        ("parent", "I was depressed.", PARENT),
        ("participant", "I was depressed.", PARENT),
        ("parent", "My son was anxious.", CHILD),
        ("parent", "Our Jake was anxious.", CHILD),
        ("child", "I was anxious.", CHILD),
        ("child", "My mum was anxious.", PARENT),
        ("parent", "My mum lives near. She gets anxious.", PARENT),
        ("worker", 'She told me "I am depressed".', PARENT),
    ],
)
def test_who_i_am_depends_on_the_role(build, rules, role, text, expected):
    assert build.find(rules, text, about=ABOUT, role=role) == expected


@pytest.mark.parametrize("about", ["any", "family", "worker"])
def test_other_codes_stand_whoever_is_named(build, about):
    rules = [build.rule("barrier.low", "low")]
    for text in ("Her son was low.", "Mum was low.", "Low."):
        assert build.find(rules, text, about={"barrier.low": about})


def test_words_that_name_a_child_need_nobody_else(build):
    rules = [build.rule("barrier.child-low", ("anxious child", "anxious"))]
    about = {"barrier.child-low": "child"}
    assert build.find(rules, "Has an anxious child at home.", about=about)
    assert not build.find(rules, "Very anxious.", about=about)
    assert build.find(rules, "Mum has an anxious child.", about=about)


def test_pronoun_goes_back_to_the_segment_before(build, rules):
    segments = [
        build.segment("Ryan (14) lives with his nan.", 1),
        build.segment("He was anxious.", 2),
    ]
    codings = RuleCoder([build.codebook(rules, about=ABOUT)]).code_case(segments)
    assert set(build.names(codings)) == CHILD


def test_name_counts_in_the_whole_case(build, rules):
    segments = [
        build.segment("Her daughter Amy came.", 1),
        build.segment("Mum coped. Amy was anxious.", 2),
    ]
    codings = RuleCoder([build.codebook(rules, about=ABOUT)]).code_case(segments)
    assert set(build.names(codings)) == CHILD


def test_interviewers_question_names_who_is_meant(build, rules):
    segments = build.interview(
        ("interviewer", "And your son, how was he?"), ("parent", "He was anxious.")
    )
    codings = RuleCoder([build.codebook(rules, about=ABOUT)]).code_case(segments)
    assert set(build.names(codings)) == CHILD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ellie (7) and Max (41)", {"Ellie": "child", "Max": "parent"}),
        ("Baby Noah (8 months)", {"Noah": "child"}),
        ("her sons Ali, Omar and Zayd", {"Ali": "child", "Omar": "child", "Zayd": "child"}),
        ("Mum Kerry, Dad Lee", {"Kerry": "parent", "Lee": "parent"}),
        ("Priya, aged 9, came", {"Priya": "child"}),
        ("J (14) refused, S (38) did not", {"J": "child", "S": "parent"}),
        ("A (2) place flat and I (3)", {}),
        ("Seen the lad Monday", {}),
        ("In May (12) of them", {}),
        ("Bethan, seven, hid. Jack is fifteen.", {"Bethan": "child", "Jack": "child"}),
        ("Rosie's nine and Ali, two, came", {"Rosie": "child", "Ali": "child"}),
        ("Sue is nine years in", {}),
        ("YP Callum 14, in Year 9, Level 2.", {"Callum": "child"}),
        ("Zara 9 & Omar 33, seen", {"Zara": "child", "Omar": "parent"}),
        ("Mum came. Cont direct work w/ T re feelings, J's room", {"T": "child", "J": "child"}),
        ("Direct work with T", {}),
        ("Mum (S, 38). S low", {"S": "parent"}),
        ("Mum S and her son, J, came. T at school.", {"S": "parent", "J": "child", "T": "child"}),
        ("Mum saw Ms P and Mr K. about plan B, Triple P, a T-shirt and the B&B", {}),
        ("nobody here", {}),
    ],
)
def test_named_people(text, expected):
    names = named_people([Layout(TextView(text))])
    assert {name: person.who for name, person in names.items()} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mum well. T anxious at school.", CHILD),
        ("J (9) hits out. Mum low mood. J anxious.", BOTH),
        ("Chn seen at home. They were anxious.", CHILD),
        ("Ellie, seven, was anxious.", CHILD),
    ],
)
def test_initials_and_notes_tell_whose_it_is(build, rules, text, expected):
    assert build.find(rules, text, about=ABOUT) == expected


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("FSW did a reward chart.", True),
        ("I did a reward chart with him.", True),
        ("Did a reward chart.", True),
        ("School and I did a reward chart.", True),
        ("School meetings and a reward chart.", True),
        ("School did a reward chart.", False),
        ("The OT at the Wharf gave him a reward chart.", False),
        ("Then her social worker made a reward chart.", False),
    ],
)
def test_what_another_service_plainly_did_is_no_activity(build, text, stands):
    rules = [build.rule("activity.tools", "reward chart")]
    assert build.find(rules, text) == ({"activity.tools"} if stands else set())


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("School did all they could, it helped.", True),
        ("Mum said school helped.", True),
        ("I saw that school helped.", True),
        ('Mum said "I asked school".', True),
        ("I rang school, and it helped.", False),
        ("Rang school.", False),
        ("FSW spoke with school.", False),
    ],
)
def test_what_the_worker_plainly_did_is_no_enabler(build, text, stands):
    rules = [build.rule("enabler.school", "school")]
    assert build.find(rules, text) == ({"enabler.school"} if stands else set())


def test_parents_own_doing_is_no_workers(build):
    rules = [build.rule("enabler.school", "school")]
    assert build.find(rules, "I rang the school.", role="parent") == {"enabler.school"}
    assert build.find(rules, "I rang the school.", role="worker") == set()
