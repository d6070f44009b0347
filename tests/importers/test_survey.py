"""Tables of responses: text, ratings and the role of who answered."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from qualkit.errors import ColumnError
from qualkit.importers.ratings import guess_range, parse_range
from qualkit.importers.survey import SurveyOptions, parse_role, read_survey
from qualkit.model import Kind, ParsedCase, Rejection

ANSWER = "We had somebody to talk to who came back every week"


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read(path: Path, options: SurveyOptions | None = None) -> tuple[list[ParsedCase], list[str]]:
    source = read_survey(path, options)
    found = [item for item in source.items if isinstance(item, ParsedCase)]
    return found, source.notes


def test_ratings_are_numbers_and_others_set_aside(tmp_path: Path) -> None:
    rows = [
        ["Response ID", "Why?", "How satisfied (1-5)"],
        ["a", ANSWER, "4"],
        ["b", ANSWER + "!", "2.5"],
        ["c", ANSWER + "?", ""],
        ["d", ANSWER + ".", "5"],
        ["e", ANSWER + ";", "1"],
        ["f", ANSWER + ":", "no idea"],
    ]
    source = read_survey(write_rows(tmp_path / "a.csv", rows))
    items = list(source.items)
    found = [item for item in items if isinstance(item, ParsedCase)]
    # Five filled cells, four of them numbers: 0.8, mostly numbers.
    assert [dict(case.ratings) for case in found] == [
        {"how-satisfied-1-5": 4.0},
        {"how-satisfied-1-5": 2.5},
        {},
        {"how-satisfied-1-5": 5.0},
        {"how-satisfied-1-5": 1.0},
        {},
    ]
    (aside,) = [item for item in items if isinstance(item, Rejection)]
    assert aside.place == "row 7, column 'How satisfied (1-5)'"
    assert "no idea" not in aside.reason
    assert "cells of 'How satisfied (1-5)' that are no number, left out: 1" in source.notes
    assert source.kind is Kind.SURVEY


def test_ratings_alone_make_a_survey_when_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["id", "score"], ["a", "4"], ["b", "5"]])
    with pytest.raises(ColumnError, match="free text"):
        read_survey(path)
    found, _ = read(path, SurveyOptions(rating=("Score",)))
    assert [(case.segments, dict(case.ratings)) for case in found] == [
        ((), {"score": 4.0}),
        ((), {"score": 5.0}),
    ]


def test_response_is_the_id_or_the_text(tmp_path: Path) -> None:
    rows = [["Response", "Why?"], ["1", ANSWER], ["2", ANSWER + "!"]]
    found, _ = read(write_rows(tmp_path / "a.csv", rows))
    assert [case.case_id for case in found] == ["1", "2"]
    rows = [["Question", "Response"], ["Q", ANSWER], ["Q", ANSWER + "!"]]
    found, notes = read(write_rows(tmp_path / "b.csv", rows))
    assert [case.case_id for case in found] == ["b-2", "b-3"]
    assert "text: 'Response'" in notes
    assert not any("no case ids" in note for note in notes)


def test_role_by_option(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["UFRN", "Why?"], ["F1", ANSWER]])
    found, notes = read(path, SurveyOptions(role="Staff"))
    assert found[0].segments[0].role == "staff"
    assert not any(note.startswith("role") for note in notes)


def test_role_by_family_reference(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [["UFRN", "Why?"], ["F1", ANSWER], ["", ANSWER + "!"]])
    found, notes = read(path)
    assert [case.segments[0].role for case in found] == ["parent", "staff"]
    (note,) = [note for note in notes if note.startswith("role")]
    assert "--role" in note


def test_role_by_column(tmp_path: Path) -> None:
    rows = [
        ["Respondent type", "UFRN", "Why?"],
        ["Parent / carer", "F1", ANSWER],
        ["Family support worker", "F1", ANSWER + "!"],
        ["Partner agency", "", ANSWER + "?"],
        ["Young person", "F2", ANSWER + "."],
        ["Volunteer", "", ANSWER + ";"],
        ["", "F3", ANSWER + ":"],
    ]
    found, notes = read(write_rows(tmp_path / "a.csv", rows))
    roles = [case.segments[0].role for case in found]
    assert roles == ["parent", "staff", "partner", "child", "volunteer", "parent"]
    assert "role of respondents: column 'Respondent type'; another with --role" in notes
    assert found[0].attributes == {"respondent-type": "Parent / carer"}


@pytest.mark.parametrize(
    ("words", "role"),
    [("STAFF", "staff"), ("I am a mum", "parent"), ("Head teacher", "head-teacher"), ("", "")],
)
def test_parse_role(words: str, role: str) -> None:
    assert parse_role(words) == role


def test_coding_table_is_left_out_and_said(tmp_path: Path) -> None:
    codes = [f"code {n}" for n in range(6)]
    rows = [["id", "Why?", *codes], ["a", ANSWER, *"101001"], ["b", ANSWER + "!", *"0101 1"]]
    found, notes = read(write_rows(tmp_path / "a.csv", rows))
    assert found[0].ratings == {}
    assert found[0].attributes == {}
    assert any(note.startswith("6 columns of 0/1 left out: a coding table?") for note in notes)


def test_one_answer_of_yes_or_no_as_numbers_is_an_attribute(tmp_path: Path) -> None:
    rows = [["id", "Why?", "closed"], ["a", ANSWER, "1"], ["b", ANSWER + "!", "0"]]
    found, _ = read(write_rows(tmp_path / "a.csv", rows))
    assert [case.attributes for case in found] == [{"closed": "1"}, {"closed": "0"}]


def test_nhs_feedback_by_guess_alone(realdata: Path) -> None:
    source = read_survey(realdata / "nhs_feedback/neas_feedback.csv")
    found = [item for item in source.items if isinstance(item, ParsedCase)]
    # The README's facts: 5,096 answers, 5,087 with text, three questions, three services.
    assert len(found) == 5096
    assert sum(1 for case in found if case.segments) == 5087
    assert "case id: column 'Comment ID'" in source.notes
    assert [note for note in source.notes if note.startswith("text:")] == ["text: 'FFT answer'"]
    assert len({case.attributes["fft-question"] for case in found}) == 3
    assert len({case.attributes["service-type-1"] for case in found}) == 3
    assert found[0].case_id == "NEAS PTS 528 - Q1"
    assert all(segment.role == "staff" for case in found for segment in case.segments)
    # The columns of codes are neither ratings nor attributes.
    keys = {key for case in found for key in (*case.ratings, *case.attributes)}
    assert "staff-manner-personal-attributes" not in keys
    assert "care-plans" not in keys


def test_gold_answers_come_back(gold: Path, tmp_path: Path) -> None:
    lines = (gold / "survey_c.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    rows = [["id", "UFRN", "Service", "Locality", "Question", "Answer"]]
    rows += [
        [
            record["id"],
            record["ufrn"] or "",
            record["service"],
            record["locality"],
            record["meta"]["question"],
            record["segments"][0]["text"],
        ]
        for record in records
    ]
    found, notes = read(write_rows(tmp_path / "a.csv", rows))
    assert "text: 'Answer'" in notes
    assert len(found) == 55
    for case, record in zip(found, records, strict=True):
        (segment,) = case.segments
        (expected,) = record["segments"]
        assert (segment.n, segment.text, segment.role) == (1, expected["text"], expected["role"])
        assert (case.case_id, case.ufrn) == (record["id"], record["ufrn"] or "")
        assert case.attributes["question"] == record["meta"]["question"]


def test_unknown_role_is_taken_and_the_near_one_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text('Why?\n"There is too little time for it all."\n', encoding="utf-8")
    parsed = read_survey(path, SurveyOptions(role="staf", text=("Why?",)))
    assert any("did you mean staff?" in note for note in parsed.notes)


def test_respondents_without_references_are_said_to_be_staff(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text('Why?\n"There is too little time for it all."\n', encoding="utf-8")
    notes = read_survey(path, SurveyOptions(text=("Why?",))).notes
    assert any("all taken as staff" in note and "--role" in note for note in notes)


OFTEN = ("Never", "Some of the time", "most of the time", "All of the time")


def test_ratings_in_words_are_kept_as_they_are(tmp_path: Path) -> None:
    rows = [["id", "Why?", "Confidence"]]
    rows += [[str(n), f"{ANSWER} {n}", OFTEN[n % 4]] for n in range(8)]
    source = read_survey(write_rows(tmp_path / "a.csv", rows))
    found = [item for item in source.items if isinstance(item, ParsedCase)]
    assert len(found) == 8
    assert [case.attributes["confidence"] for case in found[:2]] == ["Never", "Some of the time"]
    assert not any(case.ratings for case in found)
    assert "ratings in words: confidence" in source.notes
    assert json.loads(source.options)["worded"] == {"Confidence": "confidence"}


def test_a_named_rating_in_words_of_no_known_scale_is_kept(tmp_path: Path) -> None:
    rows = [["id", "Why?", "Mood"], ["1", ANSWER, "sunny"], ["2", ANSWER + "!", "cloudy"]]
    found, notes = read(write_rows(tmp_path / "a.csv", rows), SurveyOptions(rating=("Mood",)))
    assert [dict(case.attributes) for case in found] == [{"mood": "sunny"}, {"mood": "cloudy"}]
    assert "ratings in words: mood" in notes


def test_a_rating_outside_its_range_is_set_aside(tmp_path: Path) -> None:
    values = ["80", "70", "55", "90", "60", "75", "120", "65", "40", "99"]
    rows = [["id", "Why?", "Level"]]
    rows += [[str(n), f"{ANSWER} {n}", value] for n, value in enumerate(values)]
    path = write_rows(tmp_path / "a.csv", rows)
    # Nine of ten are in 0 to 100, and few in 1 to 10.
    source = read_survey(path, SurveyOptions(rating=("Level",)))
    items = list(source.items)
    (aside,) = [item for item in items if isinstance(item, Rejection)]
    assert aside.place == "row 8, column 'Level'"
    assert aside.reason == "the rating lies outside 0 to 100; the cell is left out"
    assert sum(bool(item.ratings) for item in items if isinstance(item, ParsedCase)) == 9
    assert "range of 'Level': 0 to 100; another with --rating-range" in source.notes
    assert "cells of 'Level' outside 0 to 100, left out: 1" in source.notes
    found, _ = read(path, SurveyOptions(rating=("Level",), rating_range="0-200"))
    assert [case.ratings["level"] for case in found][6] == 120


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "10", "7"], (1, 10)),
        (["0", "10", "7"], (0, 10)),
        (["50", "10", "7"], (0, 100)),
        # Two of three are in 0 to 100, which is half or more; one of three is not.
        (["80", "120", "60"], (0, 100)),
        (["500", "700", "7"], None),
        ([], None),
    ],
)
def test_the_range_is_guessed(cells: list[str], expected: tuple[float, float] | None) -> None:
    assert guess_range(cells) == expected


@pytest.mark.parametrize("text", ["100", "ten to one", "10-1", "5-5"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ColumnError, match="--rating-range"):
        parse_range(text)
