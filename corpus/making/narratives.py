"""The narratives: the codes and the relevance of corpus/plan.csv, said in words."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass

from making.families import Family
from making.words import CATEGORIES, CORPUS, FIRST_PERSON, VOICES, Bank, Household, load, lowered

DOMAINS = {
    "home-and-money": "Home and money",
    "keeping-children-safe": "Keeping children safe",
    "boundaries-and-behaviour": "Boundaries and behaviour",
    "family-routine": "Family routine",
    "physical-health": "Physical health",
    "adult-wellbeing": "Adult wellbeing",
    "social-networks": "Social networks",
    "childrens-emotional-needs": "Meeting children's emotional needs",
    "education-and-learning": "Education and learning",
    "progress-to-work": "Progress to work",
}
QUESTIONS = {
    "barrier": "What was life like before, and what stood in the way?",
    "activity": "What did the worker do?",
    "enabler": "What else helped?",
    "outcome": "What changed?",
}
QUARTERS = ("2016Q4", "2017Q1", "2017Q2", "2017Q3")
LINKED_SHARE = 0.35
BOTH_WAYS_SHARE = 0.12
# Two narratives of one family are rare, as they are in such collections.
N_FAMILIES = 213


@dataclass(frozen=True)
class Planted:
    """One coding that the words were made to carry; offsets in code points, end-exclusive."""

    case_id: str
    segment_n: int
    code: str
    start: int
    end: int
    quote: str


def read_plan() -> list[dict[str, str]]:
    """Return the planned cases: relevance of ten domains and 74 themes as 0 or 1."""
    with (CORPUS / "plan.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def make_narratives(
    generator: random.Random, families: list[Family]
) -> tuple[list[dict[str, str]], list[Planted]]:
    """Return the rows of narratives.csv and their planted codings."""
    plan = read_plan()
    generator.shuffle(plan)
    bank = Bank(generator)
    told = generator.sample(families, N_FAMILIES)
    told += generator.sample(told, len(plan) - N_FAMILIES)
    rows, planted = [], []
    for number, (case, family) in enumerate(zip(plan, told, strict=True), start=1):
        codes = {
            category: [code for code in load(name) if case[code] == "1"]
            for category, name in CATEGORIES.items()
        }
        voice = _roomiest(bank, [code for own in codes.values() for code in own], generator)
        household = _household(generator, family)
        case_id = f"M{number:03d}"
        row = {
            "Case": case_id,
            "UFRN": family.reference,
            "Quarter": QUARTERS[(number - 1) * len(QUARTERS) // len(plan)],
            "Locality": family.locality,
            "Service": family.service,
            "Direction of change": "both" if generator.random() < BOTH_WAYS_SHARE else "positive",
            "Told by": "parent" if voice in FIRST_PERSON else "worker",
        }
        for n, (category, question) in enumerate(QUESTIONS.items(), start=1):
            opening = category == "barrier"
            text, spans = _answer(generator, bank, voice, household, codes[category], opening)
            row[question] = text
            planted += [
                Planted(case_id, n, f"{category}.{code}", start, end, text[start:end])
                for code, start, end in spans
            ]
        for domain, name in DOMAINS.items():
            row[f"Relevance: {name}"] = case[domain]
        rows.append(row)
    return rows, planted


def _roomiest(bank: Bank, codes: list[str], generator: random.Random) -> str:
    """Return the voice in which the scarcest of the codes has the most words left."""
    voices = list(VOICES)
    generator.shuffle(voices)
    return max(voices, key=lambda voice: min(bank.room(code, voice) for code in codes))


def _answer(
    generator: random.Random,
    bank: Bank,
    voice: str,
    household: Household,
    codes: list[str],
    opening: bool,
) -> tuple[str, list[tuple[str, int, int]]]:
    """Return one answer and where each code stands in it."""
    frames = load("frames")
    proper = frozenset(frames["proper"])
    slots = household.slots(voice)
    text = ""
    if opening:
        text = generator.choice(frames["openings"][voice]).format_map(slots)
    spans = []
    for i, code in enumerate(generator.sample(codes, len(codes))):
        fragment = bank.take(code, voice)
        link = ""
        if i and generator.random() < LINKED_SHARE:
            link = generator.choice(frames["links"][voice]) + " "
            fragment = lowered(fragment, proper)
        words = fragment.format_map(slots)
        if not link:
            words = words[0].upper() + words[1:]
        text += (" " if text else "") + link
        spans.append((code, len(text), len(text) + len(words)))
        text += words
    return text, spans


def _household(generator: random.Random, family: Family) -> Household:
    frames = load("frames")
    names = frames["names"]
    is_girl = generator.random() < 0.5
    child = generator.choice(names["girls" if is_girl else "boys"])
    others = [name for name in (*names["girls"], *names["boys"]) if name != child]
    return Household(
        child=child,
        child_is_girl=is_girl,
        sibling=generator.choice(others),
        parent_is_mother=generator.random() < 0.85,
        worker=generator.choice(names["workers"]),
        school=generator.choice(names["schools"]),
        town=family.locality,
        age=generator.randint(9, 15),
        number=generator.choice(frames["numbers"]),
        month=generator.choice(frames["months"]),
    )
