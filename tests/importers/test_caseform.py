"""qualkit's own case form: what comes in, what is set aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualkit.errors import SourceFormatError
from qualkit.importers.caseform import is_case_form, read_cases
from qualkit.importers.msc import read_msc
from qualkit.importers.survey import read_survey
from qualkit.model import Kind, ParsedCase, ParsedSegment, Rejection, Relevance

SEGMENT: dict[str, object] = {
    "n": 2,
    "speaker": None,
    "role": "worker",
    "text": " It went well\r\n",
    "codes": [],
}


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_case_is_read_whole(tmp_path: Path) -> None:
    case = {
        "id": "a1",
        "kind": "msc",
        "ufrn": " F 12 ",
        "cluster": "B",
        "service": "SLF",
        "locality": None,
        "meta": {
            "relevance": {"home-and-money": "very", "physical-health": ""},
            "ratings": {"overall": 4},
            "interview_date": "2017-02",
            "closed": True,
            "present": ["mum"],
        },
        "segments": [
            {"n": 3, "speaker": "Kerry", "text": "Yes", "label": "Q", "start_s": 1.5, "end_s": 2},
            SEGMENT,
            {"n": 4, "text": "  "},
        ],
    }
    source = read_cases(write(tmp_path / "a.jsonl", case))
    (found,) = source.items
    assert found == ParsedCase(
        case_id="a1",
        kind=Kind.MSC,
        segments=(
            ParsedSegment(n=2, text="It went well", role="worker", place="line 1, segment 2"),
            ParsedSegment(
                n=3,
                text="Yes",
                label="Q",
                speaker="Kerry",
                start_s=1.5,
                end_s=2.0,
                place="line 1, segment 3",
            ),
        ),
        ufrn="F 12",
        attributes={
            "cluster": "B",
            "service": "SLF",
            "interview-date": "2017-02",
            "closed": "TRUE",
        },
        ratings={"overall": 4.0},
        relevance={"home-and-money": Relevance.VERY, "physical-health": Relevance.NOT},
        place="line 1",
    )
    assert source.notes == ["left out: list 'present' in meta, cases: 1"]
    assert source.kind is Kind.MSC


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "letter"}, "the kind is none of msc, interview, survey, document"),
        ({"meta": [1]}, "meta is not an object"),
        ({"segments": None}, "segments is not a list"),
        ({"segments": ["x"]}, "segment 1 is not an object"),
        ({"segments": [SEGMENT, SEGMENT]}, "segment 2 has no number of its own from 1 up"),
        ({"segments": [{"n": 0, "text": "x"}]}, "segment 1 has no number of its own from 1 up"),
        ({"segments": [{"n": 1, "text": 5}]}, "the text of segment 1 is not text"),
        ({"id": ["a"]}, "'id' is not a single value"),
    ],
)
def test_bad_case_is_set_aside(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    good = {"id": "a", "kind": "msc", "segments": [SEGMENT]}
    path = write(tmp_path / "a.jsonl", good, good | {"id": "b"} | change)
    items = list(read_cases(path).items)
    assert isinstance(items[0], ParsedCase)
    assert isinstance(items[1], Rejection)
    assert (items[1].place, items[1].reason) == ("line 2", reason)


def test_relevance_not_understood_is_left_out(tmp_path: Path) -> None:
    case = {
        "kind": "msc",
        "meta": {"relevance": {"home-and-money": "so so", "physical-health": "fairly"}},
        "segments": [],
    }
    source = read_cases(write(tmp_path / "spring.jsonl", case))
    found, aside = source.items
    assert isinstance(found, ParsedCase)
    assert found.case_id == "spring-1"
    assert dict(found.relevance) == {"physical-health": "fairly"}
    assert isinstance(aside, Rejection)
    assert aside.place == "line 1, relevance 'home-and-money'"


def test_id_twice_and_other_kinds_are_set_aside(tmp_path: Path) -> None:
    case = {"id": "a", "kind": "msc", "segments": [SEGMENT]}
    path = write(tmp_path / "a.jsonl", case, case, case | {"id": "b", "kind": "survey"})
    msc = list(read_msc(path).items)
    assert [item.reason for item in msc if isinstance(item, Rejection)] == [
        "the case id already stands in line 1",
        "the case is of kind survey, not msc",
    ]
    survey = [item for item in read_survey(path).items if isinstance(item, ParsedCase)]
    assert [case.case_id for case in survey] == ["b"]
    assert read_cases(path).kind is None


def test_other_files_are_not_case_form(tmp_path: Path) -> None:
    flat = write(tmp_path / "a.jsonl", {"id": 1, "text": "x"})
    assert not is_case_form(flat)
    assert not is_case_form(tmp_path / "a.csv")
    with pytest.raises(SourceFormatError, match="case form"):
        read_cases(flat)


@pytest.mark.parametrize(
    ("name", "kind", "n_cases", "n_segments"),
    # Counts as the folder's README gives them.
    [
        ("msc_a", Kind.MSC, 45, 136),
        ("interviews_c", Kind.INTERVIEW, 3, 178),
        ("survey_c", Kind.SURVEY, 55, 55),
    ],
)
def test_gold_file_comes_in_whole(
    gold: Path, name: str, kind: Kind, n_cases: int, n_segments: int
) -> None:
    source = read_cases(gold / f"{name}.jsonl")
    cases = [item for item in source.items if isinstance(item, ParsedCase)]
    assert source.kind is kind
    assert len(cases) == n_cases
    assert sum(len(case.segments) for case in cases) == n_segments
    lines = (gold / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    for case, line in zip(cases, lines, strict=True):
        record = json.loads(line)
        assert dict(case.relevance) == record["meta"].get("relevance", {})
        assert [(seg.n, seg.text, seg.role, seg.speaker) for seg in case.segments] == [
            (each["n"], each["text"].strip(), each["role"], each["speaker"] or "")
            for each in record["segments"]
        ]


def test_domains_in_any_spelling_and_numbers_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "a", "kind": "msc", "meta": {"relevance": {"Physical health": 2, "Garden Time": 1},'
        ' "ratings": {"one": 3, "two": NaN, "three": Infinity}}, "segments": []}\n'
        '{"id": "b", "kind": "msc", "segments": [{"n": 99999999999999999999, "text": "Far"}]}\n',
        encoding="utf-8",
    )
    found, aside = read_cases(path).items
    assert isinstance(found, ParsedCase)
    # A domain of a codebook of one's own is known by its slug.
    assert found.relevance == {"physical-health": Relevance.VERY, "garden-time": Relevance.FAIRLY}
    assert found.ratings == {"one": 3.0}
    assert isinstance(aside, Rejection)
