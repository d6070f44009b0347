"""How far the phases of a journey, found by cues, agree with a coding by hand.

    python benchmarks/journeys.py GOLD_FOLDER

GOLD_FOLDER holds interviews_c.jsonl and msc_a.jsonl. The phases by hand stand in phases.csv
beside this file; how they were given, in docs/phases.md. Cohen's kappa is the project's own,
over all turns with the six values (none is one), each agreement also over the answers alone.
Beside it the baseline that knows only where in the interview a turn stands: the phase most
often given, in the other two interviews, to turns of that tenth. The same for the sentences
of stories in one cell, in sentencephases.csv. Takes a second.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from qualkit.analysis.agreement import cohen_kappa, percent_agreement
from qualkit.coding.phases import find_phases
from qualkit.coding.phasestretches import find_parts
from qualkit.model import Phase, PhaseTurn

_BY_HAND = Path(__file__).with_name("phases.csv")
_SENTENCES = Path(__file__).with_name("sentencephases.csv")
_TENTHS = 10

Turn = tuple[str, bool, str]
"""Phase by hand, whether an interviewer speaks, text."""


def read_interviews(folder: Path) -> dict[str, list[Turn]]:
    """Return the turns of each interview, in order."""
    with _BY_HAND.open(encoding="utf-8", newline="") as file:
        by_hand = {
            (row["case_id"], int(row["segment_n"])): row["phase"] for row in csv.DictReader(file)
        }
    interviews = {}
    for line in (folder / "interviews_c.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        interviews[case["id"]] = [
            (by_hand[case["id"], own["n"]], own["role"] == "interviewer", own["text"])
            for own in case["segments"]
        ]
    return interviews


def by_cues(interviews: dict[str, list[Turn]]) -> dict[str, list[str]]:
    """Return the phases that the program finds."""
    return {
        name: [
            str(part.found.phase)
            for parts in find_parts([PhaseTurn(text, asks) for _, asks, text in own])
            for part in parts
        ]
        for name, own in interviews.items()
    }


def read_stories(folder: Path) -> dict[str, tuple[list[str], str]]:
    """Return of each narrative the phases of its sentences by hand, and its answers as one text."""
    by_hand: dict[str, list[str]] = {}
    with _SENTENCES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_hand.setdefault(row["case_id"], []).append(row["phase"])
    stories = {}
    for line in (folder / "msc_a.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["id"] in by_hand:
            text = " ".join(own["text"] for own in case["segments"])
            stories[case["id"]] = (by_hand[case["id"]], text)
    return stories


def compare_stories(stories: dict[str, tuple[list[str], str]]) -> list[str]:
    """Return the table of agreements for sentences of stories in one cell."""
    as_turns = {name: [(own, False, "") for own in hand] for name, (hand, _) in stories.items()}
    places = by_place(as_turns)
    ways: dict[str, list[str]] = {"by cues": [], "one phase per story, by cues": []}
    for _, text in stories.values():
        turn = PhaseTurn(text)
        (parts,), (whole,) = find_parts([turn]), find_phases([turn])
        ways["by cues"] += [str(part.found.phase) for part in parts]
        ways["one phase per story, by cues"] += [str(whole.phase)] * len(parts)
    ways["by place alone"] = [phase for name in stories for phase in places[name]]
    hand = [phase for own, _ in stories.values() for phase in own]
    ways["always during"] = ["during"] * len(hand)
    lines = ["| way | sentences | agreement | Cohen's kappa |", "|---|---:|---:|---:|"]
    return lines + [line(way, hand, found) for way, found in ways.items()]


def by_place(interviews: dict[str, list[Turn]]) -> dict[str, list[str]]:
    """Return the phases that a turn's place alone suggests, learned from the other interviews."""
    found = {}
    for name, own in interviews.items():
        seen = [Counter[str]() for _ in range(_TENTHS)]
        for other, turns in interviews.items():
            if other != name:
                for number, (phase, *_) in enumerate(turns):
                    seen[_TENTHS * number // len(turns)][phase] += 1
        found[name] = [
            max(seen[_TENTHS * number // len(own)].items(), key=lambda item: item[1])[0]
            for number in range(len(own))
        ]
    return found


def always(phase: str) -> Callable[[dict[str, list[Turn]]], dict[str, list[str]]]:
    """Return the way that gives every turn one phase."""
    return lambda interviews: {name: [phase] * len(own) for name, own in interviews.items()}


def line(name: str, hand: Sequence[str], found: Sequence[str]) -> str:
    """Return a row of the report."""
    kappa = cohen_kappa([hand, found]).value
    agreed = percent_agreement([hand, found]).value
    said = "none" if kappa is None else f"{kappa:.2f}"
    return f"| {name} | {len(hand)} | {agreed:.0%} | {said} |"


def compare(interviews: dict[str, list[Turn]]) -> list[str]:
    """Return the table of agreements."""
    ways = {"by cues": by_cues, "by place alone": by_place, "always during": always("during")}
    lines = ["| way | turns | agreement | Cohen's kappa |", "|---|---:|---:|---:|"]
    hand = [turn[0] for own in interviews.values() for turn in own]
    for way, find in ways.items():
        found = find(interviews)
        lines.append(line(way, hand, [phase for name in interviews for phase in found[name]]))
        if way != "by cues":
            continue
        for name, own in interviews.items():
            lines.append(line(f"{way}, {name}", [turn[0] for turn in own], found[name]))
        for what, asks in (("answers", False), ("questions", True)):
            pairs = [
                (turn[0], phase)
                for name, own in interviews.items()
                for turn, phase in zip(own, found[name], strict=True)
                if turn[1] is asks
            ]
            lines.append(line(f"{way}, {what}", [a for a, _ in pairs], [b for _, b in pairs]))
    return lines


def confusions(interviews: dict[str, list[Turn]]) -> list[str]:
    """Return which phases were taken for which."""
    found = by_cues(interviews)
    pairs = Counter(
        (turn[0], phase)
        for name, own in interviews.items()
        for turn, phase in zip(own, found[name], strict=True)
    )
    phases = [str(phase) for phase in Phase]
    lines = ["| by hand | " + " | ".join(phases) + " |", "|---" + "|---:" * len(phases) + "|"]
    for hand in phases:
        counts = " | ".join(str(pairs[hand, phase]) for phase in phases)
        lines.append(f"| {hand} | {counts} |")
    return lines


def journeys(gold: Path) -> list[str]:
    """Return the section on phases of stories."""
    interviews = read_interviews(gold)
    return [
        "## Phases of a story",
        "",
        *INTRODUCTION,
        "",
        *compare(interviews),
        "",
        "Which phases by hand (down) the cues took for which (across):",
        "",
        *confusions(interviews),
        "",
        *OF_STORIES,
        "",
        *compare_stories(read_stories(gold)),
    ]


INTRODUCTION = (
    "Interviews, turn by turn. Coded by hand before any cue was written down (protocol:",
    "`phases.md`; codes: `benchmarks/phases.csv`), then found by cues. Cohen's kappa is over the",
    "six values; beside it what a turn's place in the interview alone gives, learned from the",
    "other two interviews. The cues were measured on these texts once, as first written, and not",
    "changed since. But who wrote them had coded the interviews, no second coder did, and three",
    "interviews are few: expect less on yours. `python benchmarks/journeys.py GOLD_FOLDER` prints",
    "this alone.",
)
OF_STORIES = (
    "Stories that stand in one cell, sentence by sentence: ten narratives, the answers of each",
    "joined (codes: `benchmarks/sentencephases.csv`, coded and kept before the program read",
    "sentences). Cues and weights are those of the interviews, measured as first written. Beside",
    "them what one phase for the whole story gives, and what a sentence's place alone does, by",
    "tenths learned from the other nine. A phase within a story is worth far more than one phase",
    "for all of it, but the cues hardly do better than place: these stories are told in order,",
    "and a sentence carries few cues. Expect to correct a third of them.",
)


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    print("\n".join(journeys(parser.parse_args().gold)))


if __name__ == "__main__":
    main()
