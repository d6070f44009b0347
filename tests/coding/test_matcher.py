"""From forms to rules: order, gaps, conditions, the longest match, token rules."""

from __future__ import annotations

import json

import pytest

from qualkit.coding import RuleCoder
from qualkit.errors import ModelMissingError, QualkitError


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("She lost her job.", True),
        ("She lost a very good job.", True),
        ("She lost a really very good job.", False),
        ("Job lost.", False),
        ("She lost hope. The job went.", False),
        ("She lost hope\nthe job went", False),
        ("She lost it; the job went.", True),
        ("She lost the - her - job.", True),
        ("lost his zero-hours job", True),
        ("lost, lost the job", True),
    ],
)
def test_parts_in_order_within_three_words(build, text, matches):
    rules = [build.rule("barrier.job", ("lost", "lose"), "job", gaps=(3,))]
    assert bool(build.find(rules, text)) is matches


def test_three_parts(build):
    rules = [build.rule("activity.walk", "walked", "her", "school", gaps=(0, 2))]
    assert build.find(rules, "Walked her into her school.")
    assert not build.find(rules, "Walked with her to school.")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("The appointment at the doctor's.", True),
        ("The appointment. The doctor came.", False),
        ("She missed the appointment at the doctor's.", False),
        ("She missed the bus. An appointment with the GP.", True),
        ("An appointment with a gp.", False),
    ],
)
def test_needs_and_unless_in_the_same_sentence(build, text, matches):
    rules = [
        build.rule("activity.gp", "appointment", needs=("doctor", "GP"), unless=("missed",)),
    ]
    assert bool(build.find(rules, text)) is matches


def test_longest_match_wins_for_the_same_code(build):
    rules = [
        build.rule("barrier.low", "mood", k=1, score=0.9),
        build.rule("barrier.low", "low mood", k=2, score=0.5),
        build.rule("domain.health", "mood", score=0.7),
    ]
    (low, health) = RuleCoder([build.codebook(rules)]).code_case([build.segment("Low mood.")])
    assert (low.rule, low.score) == ("barrier.low#2", 0.5)
    assert health.rule == "domain.health#1"


def test_longest_match_that_falls_leaves_the_shorter_that_stands(build):
    rules = [
        build.rule("barrier.low", "low", k=1, negation="keep"),
        build.rule("barrier.low", "low mood", k=2),
        build.rule("barrier.low", "mood", k=3),
    ]
    coder = RuleCoder([build.codebook(rules)])
    (coding,) = coder.code_case([build.segment("There was no low mood.")])
    assert coding.rule == "barrier.low#1"
    (coding,) = coder.code_case([build.segment("There was low mood.")])
    assert coding.rule == "barrier.low#2"


def test_what_falls_is_judged_once_at_its_longest(build):
    rules = [
        build.rule("barrier.low", "low", k=1, negation="keep"),
        build.rule("barrier.low", "low mood", k=2),
        build.rule("barrier.low", "mood", k=3),
    ]
    coder = RuleCoder([build.codebook(rules)])
    judged = coder.judge_case([build.segment("There was no low mood.")])
    assert [(j.rule, [reason.check for reason in j.reasons]) for j in judged] == [
        ("barrier.low#1", []),
        ("barrier.low#2", ["negation"]),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Her friends helped her.", "enabler.friends#2"),
        ("Her friends never helped her.", None),
        ("Her friends helped her. No friends came.", "enabler.friends#2"),
    ],
)
def test_denial_within_the_longer_match_takes_the_shorter_along(build, text, rule):
    rules = [
        build.rule("enabler.friends", "friends", k=1),
        build.rule("enabler.friends", "friends", "helped", k=2, gaps=(3,)),
    ]
    codings = RuleCoder([build.codebook(rules)]).code_case([build.segment(text)])
    assert [coding.rule for coding in codings] == ([rule] if rule else [])


def test_denial_of_the_longer_match_is_not_the_shorters_own_word(build):
    rules = [
        build.rule("barrier.money", "no money", k=1),
        build.rule("barrier.money", "money worries", k=2),
    ]
    assert build.find(rules, "There were no money worries.") == set()
    assert build.find(rules, "There was no money.") == {"barrier.money"}


def test_shorter_match_does_not_hide_whom_the_longer_is_about(build):
    rules = [
        build.rule("barrier.worry", "worries", k=1),
        build.rule("barrier.worry", "worries about dad", k=2),
    ]
    about = {"barrier.worry": "child"}
    assert build.find(rules, "Explored worries about dad.", about=about) == set()
    assert build.find(rules, "Explored his son's worries.", about=about) == {"barrier.worry"}


def test_token_rule_only_where_an_anchor_stands(build):
    token = json.dumps([{"LOWER": "mum"}, {"OP": "?"}, {"LOWER": {"IN": ["low", "flat"]}}])
    rules = [build.rule("barrier.low", ("low", "flat"), token=token)]
    assert build.quotes(rules, "Home: Mum  was low; worse since") == [
        ("barrier.low", "Mum  was low")
    ]
    assert build.find(rules, "Mum was tired and low.") == set()
    assert build.find(rules, "Mum was not low.") == set()
    assert build.find(rules, "Mum was tired.") == set()


def test_token_rule_is_judged_like_others(build):
    token = json.dumps([{"LOWER": "low"}])
    rules = [build.rule("barrier.low", "low", token=token)]
    assert build.find(rules, "She was never low.") == set()


def test_token_rule_that_spacy_cannot_read(build):
    rules = [build.rule("barrier.low", "low", token='[{"LOWER": "low", "OP": "%"}]')]
    with pytest.raises(QualkitError, match="token pattern") as raised:
        build.find(rules, "She was low.")
    assert raised.value.where == "barrier.low#1"


@pytest.mark.parametrize("name", ["en_no_such_pipeline", "no/such/folder", "no.such"])
def test_missing_pipeline(build, name):
    with pytest.raises(ModelMissingError) as raised:
        RuleCoder([build.codebook([])], spacy_model=name)
    assert name in raised.value.what
    assert raised.value.to_do


def test_pipeline_from_a_folder(build, tmp_path):
    import spacy

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "ORG", "pattern": [{"LOWER": "kidscape"}]}])
    nlp.to_disk(tmp_path / "pipeline")
    rules = [
        build.rule("enabler.charity", "helped", token='[{"ENT_TYPE": "ORG"}, {"LOWER": "helped"}]')
    ]
    coder = RuleCoder([build.codebook(rules)], spacy_model=str(tmp_path / "pipeline"))
    assert len(coder.code_case([build.segment("Kidscape helped.")])) == 1
    assert len(coder.code_case([build.segment("School helped.")])) == 0
