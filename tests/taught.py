"""A small project that people have coded, for the tests of learning and explaining.

Twelve cases of two segments: the first says that somebody owed rent, the second that they
slept well. Ann has coded them all as debt and calm. No rule finds these; the rules look
for debts, calm and lonely.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from factories import case, parsed

from qualkit.project import Project
from qualkit.project.learning import LearningOptions
from qualkit.store.sources import save_source

BOOK = """
codebook: own
version: "1"
category: story
checks: [negation]
codes:
  - {id: debt, name: Debt, about: any, patterns: ["=debts"]}
  - {id: calm, name: Calm, about: any, patterns: ["=calm"]}
  - {id: alone, name: Alone, about: any, patterns: ["=lonely"]}
"""
WHO = ("Mum", "Dad", "Gran", "Tom", "Ann", "Joe", "Kim", "Lee", "Max", "Sue", "Ted", "Una")
ALONE = LearningOptions(shipped=False, semantic=False)
"""Learn from the project alone, without sentence vectors."""


def fill(project: Project, folder: Path, *new: Any) -> None:
    """Load the codebook and the twelve cases, c0 to c11, and some more."""
    path = folder / "own.yaml"
    path.write_text(BOOK, encoding="utf-8")
    project.load_codebook(path)
    cases = [
        case(f"c{n}", f"{who} owed rent to the landlord.", f"{who} slept well at night.")
        for n, who in enumerate(WHO)
    ]
    save_source(project.connection, parsed([*cases, *new]), lambda rejection: None)


def import_anns_codings(project: Project, folder: Path, *, n_cases: int = len(WHO)) -> None:
    """Import what Ann coded in the first cases; she is done with these."""
    path = folder / "codings.csv"
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["case_id", "segment_n", "code"])
        for n in range(n_cases):
            writer.writerows([[f"c{n}", 1, "debt"], [f"c{n}", 2, "calm"]])
    project.import_codings(path, "Ann")


def machine_codings(project: Project) -> list[tuple[str, int, str, str, str, float]]:
    """Case, segment, code, quotation, rule and score of the machine's codings, in order."""
    return project.connection.execute(
        "SELECT c.case_id, s.n, k.code, g.quote, g.rule, g.score FROM codings g"
        " JOIN segments s ON s.id = g.segment_key JOIN cases c ON c.id = g.case_key"
        " JOIN codes k ON k.id = g.code_key JOIN coders p ON p.id = g.coder_key"
        " WHERE p.machine = 1 ORDER BY c.id, s.n, g.start_char, k.code"
    ).fetchall()


def coding_id(project: Project, case_id: str, code: str, coder: str = "qualkit") -> int:
    """The number of the first coding of a case with a code."""
    (number,) = project.connection.execute(
        "SELECT min(g.id) FROM codings g JOIN cases c ON c.id = g.case_key"
        " JOIN codes k ON k.id = g.code_key JOIN coders p ON p.id = g.coder_key"
        " WHERE c.case_id = ? AND k.code = ? AND p.name = ?",
        (case_id, code, coder),
    ).fetchone()
    assert number is not None
    return int(number)
