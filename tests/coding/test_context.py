"""What is asserted of this family, and what is only denied, asked, wished or supposed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding import RuleCoder
from qualkit.coding.context import is_short_denial
from qualkit.coding.cues import CUES, asks_whether, is_short_assent
from qualkit.coding.notation import CHECKS, CONDITION, HABIT, HIDES

STANDS = True
DROPPED = False

NEGATION = [
    ("She was never depressed.", "barrier.low", DROPPED),
    ("Mum wasnt depressed at all.", "barrier.low", DROPPED),
    ("Mum wasn’t depressed.", "barrier.low", DROPPED),
    ("There were no debts and no arrears.", "barrier.debt", DROPPED),
    ("No debts, arrears or bailiffs.", "barrier.debt", DROPPED),
    ("Parents deny debts.", "barrier.debt", DROPPED),
    ("A home free of debt.", "barrier.debt", DROPPED),
    ("Debts: none", "barrier.debt", DROPPED),
    ("Debts - no, rent paid", "barrier.debt", DROPPED),
    ("Anxiety - no problem.", "barrier.low", DROPPED),
    ("Debts - no money for food", "barrier.debt", STANDS),
    ("Low mood, none of it seen by us.", "barrier.low", STANDS),
    ("Low mood was never an issue.", "barrier.low", DROPPED),
    ("Counselling was not offered.", "enabler.help", DROPPED),
    ("She had hardly any support.", "enabler.help", DROPPED),
    ("They managed without support.", "enabler.help", DROPPED),
    ("I aint had no support, me.", "enabler.help", DROPPED),
    ("He did not, in the end, attend school.", "outcome.school", DROPPED),
    ("He no longer attends.", "outcome.school", DROPPED),
    ("He doesn't have a job any more.", "outcome.work", DROPPED),
    ("Not one bit of support.", "enabler.help", DROPPED),
    ("Rather than counselling she wanted a rest.", "enabler.help", DROPPED),
    ("She was not only depressed but tired.", "barrier.low", STANDS),
    ("He isn't just depressed, he is ill.", "barrier.low", STANDS),
    ("No wonder she was depressed.", "barrier.low", STANDS),
    ("No, she was in debt.", "barrier.debt", STANDS),
    ("There was no food in, arrears on the rent.", "barrier.debt", STANDS),
    ("She was not working but in debt.", "barrier.debt", STANDS),
    ("She couldn't cope with her depression.", "barrier.low", STANDS),
    ("We never had no friends here.", "barrier.alone", STANDS),
    ("They have no friends.", "barrier.alone", STANDS),
    ("She could not have managed without support.", "enabler.help", STANDS),
    ("I had no idea she was depressed.", "barrier.low", STANDS),
    ("It wasn't until he was excluded that anyone looked.", "barrier.school-out", STANDS),
    ("He has not started a job.", "outcome.work", DROPPED),
    ("They did not change school and attend a job fair.", "outcome.work", DROPPED),
    ("Dad hasn't been given support.", "enabler.help", DROPPED),
    ("It did not help her depression.", "barrier.low", STANDS),
    ("That did not work and she accepted counselling.", "enabler.help", STANDS),
    # What was not noticed is not there, but what was not noticed to be so is.
    ("We did not notice any depression.", "barrier.low", DROPPED),
    ("I didn't see any support.", "enabler.help", DROPPED),
    ("They had not known debt.", "barrier.debt", DROPPED),
    ("She did not know how to set boundaries.", "outcome.calm", DROPPED),
    ("We did not notice that she was depressed.", "barrier.low", STANDS),
    ("Dad didnt realise she was depressed.", "barrier.low", STANDS),
    ("School did not see why he was bullied.", "barrier.school-out", STANDS),
    ("She hadn't realised how depressed she was.", "barrier.low", STANDS),
    ("She did not mind the counselling.", "enabler.help", STANDS),
    # A new verb after "and" is no longer denied; what is joined by it alone is.
    ("She could not do this alone and accepted the support offered.", "enabler.help", STANDS),
    ("She did not go out and became depressed.", "barrier.low", STANDS),
    ("He was not in school and felt depressed.", "barrier.low", STANDS),
    ("She wasn't sleeping and lost a job.", "outcome.work", STANDS),
    ("She had no family and gladly accepted support.", "enabler.help", STANDS),
    ("She never missed a day and kept a job.", "outcome.work", STANDS),
    ("She had not paid the rent and took counselling.", "enabler.help", STANDS),
    ("There were no debts and arrears.", "barrier.debt", DROPPED),
    ("She did not eat and attend school.", "outcome.school", DROPPED),
    ("They had no bed and support.", "enabler.help", DROPPED),
    ("He was never bullied and excluded.", "barrier.school-out", DROPPED),
    ("She did not feel worthless and depressed.", "barrier.low", DROPPED),
    ("Mum was not tired and depressed.", "barrier.low", DROPPED),
    ("He was not being teased and bullied.", "barrier.school-out", DROPPED),
    ("No one came and gave support.", "enabler.help", DROPPED),
    ("No worker came and gave support.", "enabler.help", DROPPED),
    # A barrier that is gone did stand in the way.
    ("Mum is no longer depressed.", "barrier.low", STANDS),
    ("Mum isn't depressed any more.", "barrier.low", STANDS),
    ("He used to be in debt.", "barrier.debt", STANDS),
    ("She had been depressed for years.", "barrier.low", STANDS),
]
QUESTION = [
    ("Was she depressed?", "barrier.low", DROPPED),
    ('She said, "Am I depressed?"', "barrier.low", DROPPED),
    ("I asked whether she was in debt.", "barrier.debt", DROPPED),
    ("They wondered if he was bullied.", "barrier.school-out", DROPPED),
    ("I was not sure whether he was bullied.", "barrier.school-out", DROPPED),
    ("She was depressed, wasn't she?", "barrier.low", STANDS),
    ("He was being bullied, innit?", "barrier.school-out", STANDS),
    ("What was it like? She was depressed.", "barrier.low", STANDS),
    ("I asked about her debts.", "barrier.debt", STANDS),
    ("She asked why he was bullied.", "barrier.school-out", STANDS),
]
WISH = [
    ("She would love a job.", "outcome.work", DROPPED),
    ("I'd like a job.", "outcome.work", DROPPED),
    ("She wishes he were calmer.", "outcome.calm", DROPPED),
    ("Dad hopes to be in work.", "outcome.work", DROPPED),
    ("He wants to be in school.", "outcome.school", DROPPED),
    ("She dreams of a job.", "outcome.work", DROPPED),
    ("A bit of support would be nice.", "enabler.help", DROPPED),
    ("Support gave her hope.", "enabler.help", STANDS),
    ("She wanted to change, and now has a job.", "outcome.work", STANDS),
    ("She would love a rest because he is calmer.", "outcome.calm", STANDS),
]
PLAN = [
    ("She will start counselling.", "enabler.help", DROPPED),
    ("They'll attend school.", "outcome.school", DROPPED),
    ("The plan is to attend school.", "outcome.school", DROPPED),
    ("She is going to get a job.", "outcome.work", DROPPED),
    ("He is due to start counselling.", "enabler.help", DROPPED),
    ("She is waiting to start counselling.", "enabler.help", DROPPED),
    ("The next step is a parenting course.", "enabler.help", DROPPED),
    ("Counselling starts next month.", "enabler.help", DROPPED),
    ("She intends to get a job.", "outcome.work", DROPPED),
    ("He is going to school and attends all lessons.", "outcome.school", STANDS),
    ("She is going to counselling.", "enabler.help", STANDS),
    ("Due to depression she stayed in.", "barrier.low", STANDS),
    ("My uncle Will got a job.", "outcome.work", STANDS),
    ("He will now attend school.", "outcome.school", STANDS),
]
HYPOTHETICAL = [
    ("If he hits him, ring me.", "barrier.school-out", DROPPED),
    ("Call me in case he is excluded.", "barrier.school-out", DROPPED),
    ("She could be depressed.", "barrier.low", DROPPED),
    ("He might be excluded.", "barrier.school-out", DROPPED),
    ("She may need counselling.", "enabler.help", DROPPED),
    ("She would have been in debt.", "barrier.debt", DROPPED),
    ("If it wasn't for Nan we would be in debt.", "barrier.debt", DROPPED),
    ("He was at risk of being excluded.", "barrier.school-out", DROPPED),
    ("She was worried that he was bullied.", "barrier.school-out", DROPPED),
    ("They moved to avoid debt.", "barrier.debt", DROPPED),
    ("Without her I would have had debts.", "barrier.debt", DROPPED),
    ("She could lose her home and debts might rise.", "barrier.debt", DROPPED),
    ("If he shouted and hits him, ring me.", "barrier.school-out", DROPPED),
    ("She would have lost her home and moved, depressed.", "barrier.low", DROPPED),
    ("She could lose her home and accepted support.", "enabler.help", STANDS),
    ("He might be at home and felt depressed.", "barrier.low", STANDS),
    ("She was at risk of eviction and accepted support.", "enabler.help", STANDS),
    ("He would get depressed every winter.", "barrier.low", STANDS),
    ("She would be depressed every night.", "barrier.low", STANDS),
    ("It meant she could attend school.", "outcome.school", STANDS),
    ("It should be noted that she was depressed.", "barrier.low", STANDS),
    ("She could feel that he was calmer.", "outcome.calm", STANDS),
    ("She'd gone weeks without sleep, depressed.", "barrier.low", STANDS),
    ("She has been depressed since May.", "barrier.low", STANDS),
    ("In May she got support.", "enabler.help", STANDS),
    ("She felt as if nobody cared, depressed.", "barrier.low", STANDS),
]
OTHERS = [
    ("Her friend's son was excluded.", "barrier.school-out", DROPPED),
    ("The neighbour's lad was bullied.", "barrier.school-out", DROPPED),
    ("Her sister's kids were excluded.", "barrier.school-out", DROPPED),
    ("Other families have debts.", "barrier.debt", DROPPED),
    ("Some parents are depressed.", "barrier.low", DROPPED),
    ("People say depression runs in streets like ours.", "barrier.low", DROPPED),
    ("My own daughter was bullied.", "barrier.school-out", DROPPED),
    ("Her friend was there, but he was excluded.", "barrier.school-out", STANDS),
    ("Her friend was depressed.", "barrier.low", DROPPED),
    ("The neighbours are in debt.", "barrier.debt", DROPPED),
    ("His friend has got a job.", "outcome.work", DROPPED),
    ("A mum I worked with was depressed.", "barrier.low", DROPPED),
    ("Other mums on the course were depressed.", "barrier.low", DROPPED),
    ("Her friend was a support.", "enabler.help", STANDS),
    ("Her friend has noticed she is depressed.", "barrier.low", STANDS),
    ("A neighbour was worried about mum, depressed.", "barrier.low", STANDS),
    ("Her only friend was excluded.", "barrier.school-out", STANDS),
    ("Unlike other families, they had debts.", "barrier.debt", STANDS),
    ("She met somebody who gave support.", "enabler.help", STANDS),
    ("A mum who had debts told her.", "barrier.debt", DROPPED),
    ("Her sister's support counted.", "enabler.help", STANDS),
    ('Mum said "my daughter was bullied".', "barrier.school-out", STANDS),
]
FAILED = [
    ("He still isn't in school.", "outcome.school", DROPPED),
    ("She tried to set boundaries.", "outcome.calm", DROPPED),
    ("Counselling did not help.", "enabler.help", DROPPED),
    ("Counselling didnt last.", "enabler.help", DROPPED),
    ("The parenting course fell through.", "enabler.help", DROPPED),
    ("She had support, but it came to nothing.", "enabler.help", DROPPED),
    ("He refused counselling.", "enabler.help", DROPPED),
    ("She found it hard to set boundaries.", "outcome.calm", DROPPED),
    ("Mum is unable to set boundaries.", "outcome.calm", DROPPED),
    ("He refused help and counselling.", "enabler.help", DROPPED),
    ("She was unable to cope and accepted counselling.", "enabler.help", STANDS),
    ("He refused a nursery place and accepted counselling.", "enabler.help", STANDS),
    ("She tried hard and is now in work.", "outcome.work", STANDS),
    ("He refused at first, but now attends.", "outcome.school", STANDS),
    ("He is still in school.", "outcome.school", STANDS),
    ("He is calmer, though nothing else worked.", "outcome.calm", STANDS),
]
ALL = NEGATION + QUESTION + WISH + PLAN + HYPOTHETICAL + OTHERS + FAILED


@pytest.mark.parametrize(("text", "code", "stands"), ALL, ids=[text for text, _, _ in ALL])
def test_check_judges_sentence(build, family_rules, text, code, stands):
    assert (code in build.find(family_rules, text)) is stands


ONE_CHECK = [
    ("negation", NEGATION),
    ("question", QUESTION),
    ("wish", WISH),
    ("plan", PLAN),
    ("hypothetical", HYPOTHETICAL),
    ("others", OTHERS),
    ("failed", FAILED),
]


@pytest.mark.parametrize(("check", "table"), ONE_CHECK, ids=[name for name, _ in ONE_CHECK])
def test_check_alone_drops_its_own_sentences(build, family_rules, check, table):
    for text, code, stands in table:
        assert (code in build.find(family_rules, text, checks=(check,))) is stands, text


def test_no_checks_drop_nothing(build, family_rules):
    for text, code, _ in ALL:
        assert code in build.find(family_rules, text, checks=()), text


def test_judge_case_names_the_check_and_its_cue(build, family_rules):
    text = "He  might not be depressed."
    coder = RuleCoder([build.codebook(family_rules)])
    (judged,) = coder.judge_case([build.segment(text)])
    assert (judged.category, judged.code_id, judged.rule) == ("barrier", "low", "barrier.low#1")
    assert text[judged.start : judged.end] == "depressed"
    found = {(reason.check, text[reason.start : reason.end]) for reason in judged.reasons}
    assert found == {("hypothetical", "might"), ("negation", "not")}


def test_negation_keep_stands_denied_or_not(build):
    rules = [build.rule("barrier.low", "depressed", negation="keep")]
    assert build.find(rules, "She was not depressed.") == {"barrier.low"}
    assert build.find(rules, "She was depressed.") == {"barrier.low"}
    assert build.find(rules, "Was she depressed?") == set()


def test_negation_require_stands_only_denied(build):
    rules = [build.rule("outcome.well", "depressed", negation="require")]
    assert build.find(rules, "She is no longer depressed.") == {"outcome.well"}
    assert build.find(rules, "She is not depressed.", checks=()) == {"outcome.well"}
    assert build.find(rules, "She is depressed.") == set()


def test_hit_words_are_never_their_own_cue(build):
    rules = [
        build.rule("outcome.hope", ("hopes to work", "no arrears", "tried to walk")),
        build.rule("barrier.might", ("might lose the house", "refused help")),
    ]
    assert build.find(rules, "She hopes to work.") == {"outcome.hope"}
    assert build.find(rules, "She has no arrears.") == {"outcome.hope"}
    assert build.find(rules, "He tried to walk.") == {"outcome.hope"}
    assert build.find(rules, "We might lose the house.") == {"barrier.might"}
    assert build.find(rules, "They refused help.") == {"barrier.might"}


def test_cue_that_runs_into_the_hit_counts(build):
    rules = [build.rule("outcome.cope", "able to cope")]
    assert build.find(rules, "She is not able to cope.") == set()
    assert build.find(rules, "She is able to cope.") == {"outcome.cope"}


def test_cue_between_the_parts_counts(build):
    rules = [build.rule("outcome.school", "goes", "school", gaps=(3,))]
    assert build.find(rules, "He goes to the school.") == {"outcome.school"}
    assert build.find(rules, "He goes to no school.") == set()


BETWEEN = [
    ("The paediatrician helped us.", "enabler.service", STANDS),
    ("The paediatrician never helped.", "enabler.service", DROPPED),
    ("The volunteer from the charity did not help us.", "enabler.service", DROPPED),
    ("The volunteer was cancelled and helped later.", "enabler.service", DROPPED),
    ("The volunteer was not able to help.", "enabler.service", DROPPED),
    ("The volunteer failed to help.", "enabler.service", DROPPED),
    # A new clause begins after it.
    ("The volunteer fell through but helped.", "enabler.service", STANDS),
    # The cue's failing word is the hit's own.
    ("His behaviour got worse.", "barrier.worse", STANDS),
    ("The referral was refused.", "barrier.refused", STANDS),
    ("The referral was never refused.", "barrier.refused", DROPPED),
    ("He had hardly slept.", "barrier.tired", STANDS),
]


@pytest.mark.parametrize(("text", "code", "stands"), BETWEEN, ids=[text for text, _, _ in BETWEEN])
@pytest.mark.parametrize("checks", [("failed", "negation"), ("negation",)], ids=["both", "one"])
def test_cue_that_begins_between_the_parts(build, text, code, stands, checks):
    rules = [
        build.rule(
            "enabler.service", ("paediatrician", "volunteer"), ("help", "helped"), gaps=(3,)
        ),
        build.rule("barrier.worse", "behaviour", "worse", gaps=(3,)),
        build.rule("barrier.refused", "referral", "refused", gaps=(3,)),
        build.rule("barrier.tired", "he", "hardly slept", gaps=(3,)),
    ]
    if checks == ("negation",) and "cancelled" in text:
        stands = STANDS  # it fails without a denial
    assert (code in build.find(rules, text, checks=checks)) is stands


def test_denial_between_the_parts_is_what_a_rule_may_require(build):
    rules = [build.rule("barrier.let-down", "worker", "helped", gaps=(3,), negation="require")]
    assert build.find(rules, "The worker never helped.") == {"barrier.let-down"}
    assert build.find(rules, "The worker often helped.") == set()


def test_parents_my_daughter_is_no_other_family(build, family_rules):
    text = "My daughter was bullied."
    assert "barrier.school-out" in build.find(family_rules, text, role="parent")
    assert "barrier.school-out" not in build.find(family_rules, text, role="worker")


@pytest.mark.parametrize(
    ("answer", "denies"),
    [
        ("No.", True),
        ("Nope", True),
        ("No, never.", True),
        ("Not one bit.", True),
        ("Not really, no.", True),
        ("No, it didn't.", True),
        ("Never!", True),
        ("Yes.", False),
        ("One bit.", False),
        ("No, she helped me a lot.", False),
        ("", False),
        ("It was not the school, it was the bus.", False),
    ],
)
def test_short_denial(answer, denies):
    assert is_short_denial(answer.lower()) is denies


def test_every_cue_is_of_a_known_kind():
    assert {cue.kind for cue in CUES} == {*CHECKS, HIDES, HABIT, CONDITION}


@given(st.sampled_from(ALL))
def test_doubled_spaces_change_no_judgement(build, family_rules, row):
    text, code, stands = row
    assert (code in build.find(family_rules, text.replace(" ", "  "))) is stands


@pytest.mark.parametrize(
    "text",
    [
        "She'd been depressed for years, now she has a job.",
        "She was depressed. Now she sleeps and has a job.",
        "Mum was depressed but is now in work.",
        "No longer depressed, she is in work.",
        "Dad had debts and is now employed.",
    ],
)
def test_barrier_then_and_outcome_now_both_stand(build, family_rules, text):
    categories = {name.split(".")[0] for name in build.find(family_rules, text)}
    assert categories == {"barrier", "outcome"}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("massively.", True),
        ("oh yes, definitely.", True),
        ("yeah, it did.", True),
        ("not really.", False),
        ("no, not massively", False),
        ("really?", False),
        ("yes, she moved us to the other side of town", False),
        ("oh well", False),
        ("", False),
    ],
)
def test_short_assents(plain, expected):
    assert is_short_assent(plain) is expected


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("was school any help?", True),
        ("and did it help?", True),
        ("what helped?", False),
        ("so how did school help?", False),
        ("school helped.", False),
    ],
)
def test_questions_that_yes_can_answer(plain, expected):
    assert asks_whether(plain) is expected
