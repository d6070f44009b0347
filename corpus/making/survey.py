"""The staff survey: 97 workers rate their confidence and say what lessens it."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict

from making.narratives import Planted
from making.words import CORPUS, load

N_STAFF = 97
SERVICES = {"SLF": 67, "CC": 30}
ROLES = {"Family support worker": 54, "Family outreach worker": 28, "Other": 15}
YEARS = {"3 or more": 55, "1 to 2": 22, "under 1": 20}
LOCALITIES = ("Blaby", "Charnwood", "Harborough", "Hinckley", "Melton", "North West")
# A rating of 70 or more counts as confident all or most of the time.
CONFIDENT = (70, 75, 80, 85, 90, 95, 100)
LESS_CONFIDENT = (40, 50, 55, 60, 65)
QUESTIONS = {
    "gaining-trust": "gaining trust",
    "persevering": "persevering",
    "questioning": "asking families questions",
    "challenging-families": "challenging families",
    "advocating": "advocating for families",
    "praising-progress": "praising progress",
    "being-flexible": "being flexible",
    "observing": "observing",
    "whole-family": "working with the whole family",
    "order-of-work": "knowing what comes first",
    "challenging-professionals": "challenging professionals",
}
AGENCY_QUESTIONS = {
    "advocating": "Which agencies are hard to advocate with?",
    "challenging-professionals": "Which professionals are hard to challenge?",
}


def read_survey_plan() -> tuple[dict[str, int], dict[str, list[str]], dict[str, list[str]]]:
    """Return, by question, the percentage confident, the reasons and the agencies in order."""
    percent: dict[str, int] = {}
    reasons: dict[str, list[str]] = defaultdict(list)
    agencies: dict[str, list[str]] = defaultdict(list)
    with (CORPUS / "plan_survey.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["what"] == "reason":
                percent[row["question"]] = int(row["confident_pct"])
            (reasons if row["what"] == "reason" else agencies)[row["question"]].append(row["code"])
    return percent, reasons, agencies


def text_columns() -> list[tuple[str, str, str]]:
    """Return the columns of words: what they ask for, the question, the header."""
    columns = [
        ("reason", question, f"Less confident: {name} - when and why?")
        for question, name in QUESTIONS.items()
    ]
    return columns + [("agency", question, name) for question, name in AGENCY_QUESTIONS.items()]


def make_survey(generator: random.Random) -> tuple[list[dict[str, str]], list[Planted]]:
    """Return the rows of staff_survey.csv and their planted codings."""
    percent, reasons, agencies = read_survey_plan()
    rows = _respondents(generator)
    planted: list[Planted] = []
    phrases = _Phrases(generator)
    for question, name in QUESTIONS.items():
        n_less = N_STAFF - round(percent[question] * N_STAFF / 100)
        less = set(generator.sample(range(N_STAFF), n_less))
        for i, row in enumerate(rows):
            rating = generator.choice(LESS_CONFIDENT if i in less else CONFIDENT)
            row[f"Confidence: {name}"] = str(rating)
    for n, (what, question, header) in enumerate(text_columns(), start=1):
        ordered = (reasons if what == "reason" else agencies)[question]
        said = _said(generator, ordered)
        for i, row in enumerate(rows):
            parts = [(code, phrases.take(what, code, question)) for code in said[i]]
            row[header] = _joined(generator, parts)
            at = 0
            for code, words in parts:
                start = row[header].index(words, at)
                at = start + len(words)
                planted.append(Planted(row["Response"], n, f"{what}.{code}", start, at, words))
    columns = list(rows[0])
    return [{column: row[column] for column in columns} for row in rows], planted


def _respondents(generator: random.Random) -> list[dict[str, str]]:
    dealt = []
    for sizes in (SERVICES, ROLES, YEARS):
        values = [value for value, n in sizes.items() for _ in range(n)]
        generator.shuffle(values)
        dealt.append(values)
    return [
        {
            "Response": f"S{number:02d}",
            "Service": service,
            "Locality": generator.choice(LOCALITIES),
            "Job": role,
            "Years in role": years,
        }
        for number, (service, role, years) in enumerate(zip(*dealt, strict=True), start=1)
    ]


def _said(generator: random.Random, ordered: list[str]) -> list[list[str]]:
    """Return which codes each respondent names: two more than the next one for each rank."""
    said: list[list[str]] = [[] for _ in range(N_STAFF)]
    for rank, code in enumerate(ordered):
        n = 2 + (len(ordered) - rank)
        # Those who have said least speak first, so that answers stay short.
        speakers = sorted(range(N_STAFF), key=lambda i: (len(said[i]), generator.random()))
        for i in speakers[:n]:
            said[i].append(code)
    return said


class _Phrases:
    """Gives out words for a code: the least used first, then those made for the question."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._uses: Counter[tuple[str, str, str]] = Counter()

    def take(self, what: str, code: str, question: str) -> str:
        bank = load("reasons" if what == "reason" else "agencies")[code]
        own: list[str] = bank.get(question, []) if isinstance(bank, dict) else []
        every = [*own, *(bank.get("any", []) if isinstance(bank, dict) else bank)]
        self._generator.shuffle(every)
        words = min(every, key=lambda text: (self._uses[what, code, text], text not in own))
        self._uses[what, code, words] += 1
        return words


def _joined(generator: random.Random, parts: list[tuple[str, str]]) -> str:
    if not parts:
        answers = load("frames")["nothing_to_say"]
        return str(generator.choice(answers)) if generator.random() < 0.15 else ""
    return generator.choice((" ", "\n")).join(words for _, words in parts)
