"""Phases by cues: which cue speaks for what, and the order of a story."""

from __future__ import annotations

import csv
import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.agreement import cohen_kappa
from qualkit.coding import phases
from qualkit.coding.phasecues import load_cues, read_cues
from qualkit.coding.phases import find_phases
from qualkit.model import Phase, PhaseTurn


def asked(*turns: str) -> list[str]:
    """Phases of questions and answers by turns."""
    found = find_phases([PhaseTurn(text, number % 2 == 0) for number, text in enumerate(turns)])
    return [str(own.phase) for own in found]


def test_a_plain_interview_goes_through_all_phases() -> None:
    found = asked(
        "Are you happy for me to record this?",
        "Yes, that's fine.",
        "What was life like before the worker came?",
        "We were arguing every day, I couldn't cope.",
        "How were you referred?",
        "The health visitor suggested it, there was a letter.",
        "What did the worker do?",
        "She showed me how to do a chart and she came with me to the meeting.",
        "How did it come to an end?",
        "She finished with us in June and said goodbye.",
        "And how are things now?",
        "He's calmer these days and he sleeps through.",
    )
    expected = ["none", "before", "referral", "during", "ending", "after"]
    assert found == [phase for phase in expected for _ in range(2)]


@pytest.mark.parametrize(
    ("question", "phase"),
    [
        ("What was going on at that point?", "before"),
        ("How did you hear about the service?", "referral"),
        ("What sort of things did you do together?", "during"),
        ("How did you feel when the case was closed?", "ending"),
        ("What is different now?", "after"),
        ("What would you say to another family?", "after"),
    ],
)
def test_a_question_speaks_for_its_phase(question: str, phase: str) -> None:
    filler = ["And?", "Well, yes."]
    assert asked(*filler, question, "Well.", *filler)[2:4] == [phase, phase]


def test_a_flashback_is_allowed() -> None:
    found = asked(
        "How are things now?",
        "Good, he's happier now.",
        "Take me back to before anybody came. What was life like at that time?",
        "I used to cry every night back then.",
        "And today?",
        "I'm doing a course now, I want to work.",
    )
    assert found[2:4] == ["before", "before"]
    assert found[4:] == ["after", "after"]


@pytest.mark.parametrize(
    ("label", "phase"),
    [
        ("What was life like before, and what stood in the way?", "before"),
        ("What did the worker do?", "during"),
        ("What else helped?", "during"),
        ("What changed?", "after"),
        ("Why is this change significant?", "after"),
        ("Reason for referral", "referral"),
        ("Closure summary", "ending"),
    ],
)
def test_the_column_of_a_form_decides(label: str, phase: str) -> None:
    (found,) = find_phases([PhaseTurn("She came and it was hard and now it is not.", label=label)])
    assert (found.phase, found.why) == (Phase(phase), "form")


def test_a_date_speaks_for_its_phase() -> None:
    turns = [PhaseTurn("A note."), PhaseTurn("A note.", dated=Phase.ENDING), PhaseTurn("A note.")]
    found = find_phases(turns)
    assert (found[1].phase, found[1].why) == (Phase.ENDING, "date")


def test_nothing_has_no_phases() -> None:
    assert find_phases([]) == []


def test_typographic_apostrophes_are_the_same() -> None:
    text = "We couldn't go on. He's better."
    straight = find_phases([PhaseTurn(text)])
    assert straight == find_phases([PhaseTurn(text.replace("'", "\u2019"))])


@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_every_turn_has_one_phase_and_a_margin(texts: list[str]) -> None:
    found = find_phases([PhaseTurn(text, number % 2 == 0) for number, text in enumerate(texts)])
    assert len(found) == len(texts)
    assert all(own.margin >= 0 for own in found)


def test_the_best_path_is_the_best_of_all() -> None:
    # Every path of four turns, 6 ** 4 = 1296, scored as the rule says.
    chance = random.Random(5)
    states = range(len(Phase))
    for _ in range(5):
        scores = [[chance.uniform(-2, 2) for _ in states] for _ in range(4)]
        opens = [True, False, True, False]

        def total(
            path: tuple[int, ...], scores: list[list[float]] = scores, opens: list[bool] = opens
        ) -> float:
            value = scores[0][path[0]] - phases._FIRST[tuple(Phase)[path[0]]]
            for turn in range(1, 4):
                price = phases._cost(path[turn - 1], path[turn])
                value += scores[turn][path[turn]]
                value -= price * (1.0 if opens[turn] else phases._WITHIN)
            return value

        every = list(itertools.product(states, repeat=4))
        best = max(every, key=total)
        path, margins = phases._best_path(scores, opens)
        assert tuple(path) == best
        for turn in range(4):
            other = max(total(own) for own in every if own[turn] != best[turn])
            assert margins[turn] == pytest.approx(total(best) - other)


def test_the_list_of_cues_reads_as_it_says() -> None:
    cues = read_cues("# a note\nset who\n(?:she|he)\n\nanswer during 1.5\n\\b{who} came\\b\n")
    ((phase, weight, pattern),) = cues.sorts["answer"]
    assert (phase, weight) == (Phase.DURING, 1.5)
    assert pattern.search("Then HE came.")
    assert not pattern.search("They came.")


def test_a_cue_under_no_heading_is_refused() -> None:
    with pytest.raises(ValueError, match="under no heading"):
        read_cues("\\bnow\\b\n")


def test_the_shipped_cues_speak_for_every_phase() -> None:
    cues = load_cues()
    assert {phase for phase, *_ in cues.sorts["question"]} == set(Phase)
    assert {phase for phase, *_ in cues.sorts["form"]} == set(Phase) - {Phase.NONE}
    assert set(cues.tenses) == {"present", "past"}


def test_phases_agree_with_the_coding_by_hand(gold: Path, root: Path) -> None:
    from sklearn.metrics import cohen_kappa_score

    with (root / "benchmarks" / "phases.csv").open(encoding="utf-8") as file:
        hand = {
            (row["case_id"], int(row["segment_n"])): row["phase"] for row in csv.DictReader(file)
        }
    by_hand, by_cues = [], []
    for line in (gold / "interviews_c.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        turns = [PhaseTurn(s["text"], s["role"] == "interviewer") for s in case["segments"]]
        by_cues += [str(found.phase) for found in find_phases(turns)]
        by_hand += [hand[case["id"], s["n"]] for s in case["segments"]]
    assert len(by_hand) == len(hand) == 178
    own = cohen_kappa([by_hand, by_cues]).value
    assert own == pytest.approx(cohen_kappa_score(by_hand, by_cues))
    assert own is not None
    assert own >= 0.6
