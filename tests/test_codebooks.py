"""The shipped codebooks: the code frame's ids unchanged, no fault, no example missed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qualkit.codebook.compile import compile_codebook
from qualkit.codebook.load import load_codebook, shipped_codebooks
from qualkit.coding import RuleCoder
from qualkit.model import Segment
from qualkit.project.books import check_file


def _ids(path: Path, column: str, **only: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            row[column]
            for row in csv.DictReader(lines)
            if all(row[key] == value for key, value in only.items())
        ]


@pytest.mark.parametrize("path", shipped_codebooks(), ids=lambda path: path.stem)
def test_shipped_codebook_has_no_fault_and_no_lint(path: Path) -> None:
    problems = [str(p) for p in check_file(path) if p.level != "warning"]
    assert problems == []


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("activities", "activity"),
        ("enablers", "enabler"),
        ("barriers", "barrier"),
        ("outcomes", "outcome"),
    ],
)
def test_ids_and_order_are_those_of_the_code_frame(
    reference: Path, name: str, category: str
) -> None:
    path = next(p for p in shipped_codebooks() if p.stem == name)
    told = _ids(reference / "codeframe.csv", "code", category=category)
    assert [code.code_id for code in load_codebook(path).codes] == told


@pytest.mark.parametrize(
    ("name", "file", "column"),
    [("domains", "domains.csv", "id"), ("reasons", "reasons.csv", "code")],
)
def test_ids_of_domains_and_reasons(reference: Path, name: str, file: str, column: str) -> None:
    path = next(p for p in shipped_codebooks() if p.stem == name)
    assert [code.code_id for code in load_codebook(path).codes] == _ids(reference / file, column)


def test_agencies_are_those_of_the_survey(reference: Path) -> None:
    path = next(p for p in shipped_codebooks() if p.stem == "agencies")
    told = set(_ids(reference / "staff_confidence_agencies.csv", "agency"))
    assert {code.code_id for code in load_codebook(path).codes} == told


def test_activities_roll_up_to_the_sixteen_activities_and_approaches() -> None:
    path = next(p for p in shipped_codebooks() if p.stem == "activities")
    groups = {code.group for code in load_codebook(path).codes}
    assert groups <= {
        *("whole-family-working", "organising-families", "doing-activities-showing-how"),
        *("practical-things", "working-with-other-agencies", "reaching-solutions"),
        *("courses-and-activities", "time", "home-and-school-visits"),
        *("trust-and-relationships", "flexibility", "perseverance", "positive-qualities"),
        *("observation-and-questioning", "order-of-work", "knowledge-and-experience"),
    }
    assert "" not in groups


def test_a_bare_denial_codes_nothing_that_was_asked_for() -> None:
    coder = RuleCoder([compile_codebook(load_codebook(path)) for path in shipped_codebooks()])
    turns = [
        Segment(1, 1, 1, "interview", "interviewer", "And school, did school help?"),
        Segment(2, 1, 2, "interview", "parent", "Not one bit."),
    ]
    # The subject of the question is the answer's domain; nothing is asserted of it.
    assert [(c.segment_id, c.category, c.code_id) for c in coder.code_case(turns)] == [
        (2, "domain", "education-and-learning")
    ]
