"""Files of coded cases: every form of a code, what is set aside, what is no such file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualkit.errors import SourceFormatError
from qualkit.importers.codedcases import read_coded_cases
from qualkit.model import CodedCase, Kind, Rejection


def write(folder: Path, *lines: object) -> Path:
    path = folder / "gold.jsonl"
    written = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(written), encoding="utf-8")
    return path


def line(*segments: dict[str, object], case_id: str = "m1", **more: object) -> dict[str, object]:
    """A case; its segments hold "They had debts." unless they say otherwise."""
    texts = [{"text": "They had debts.", **segment} for segment in segments]
    return {"id": case_id, "kind": "msc", "segments": texts, **more}


def marks(folder: Path, *segments: dict[str, object], **more: object) -> list[tuple[object, ...]]:
    (found,) = read_coded_cases(write(folder, line(*segments, **more)))
    assert isinstance(found, CodedCase)
    return list(found.marks)


def reasons(folder: Path, *lines: object) -> list[tuple[str, str]]:
    found = list(read_coded_cases(write(folder, *lines)))
    return [(item.place, item.reason) for item in found if isinstance(item, Rejection)]


def test_case_comes_with_its_texts(tmp_path: Path) -> None:
    (found,) = read_coded_cases(write(tmp_path, line({"n": 3, "role": "worker", "codes": []})))
    assert isinstance(found, CodedCase)
    assert (found.case.case_id, found.case.kind, found.marks) == ("m1", Kind.MSC, ())
    assert [(s.n, s.role, s.text) for s in found.case.segments] == [
        (3, "worker", "They had debts.")
    ]


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        pytest.param("debt", (1, "", "debt", ""), id="id"),
        pytest.param(" debt ", (1, "", "debt", ""), id="id with spaces"),
        pytest.param("barrier.debt", (1, "barrier", "debt", ""), id="category and id"),
        pytest.param({"code": "debt"}, (1, "", "debt", ""), id="object"),
        pytest.param(
            {"code": "barrier.debt", "quote": " debts "},
            (1, "barrier", "debt", "debts"),
            id="object with words",
        ),
        pytest.param({"code": "debt", "quote": None}, (1, "", "debt", ""), id="no words"),
    ],
)
def test_forms_of_a_code(tmp_path: Path, code: object, mark: tuple[object, ...]) -> None:
    assert marks(tmp_path, {"codes": [code]}) == [mark]


def test_codes_stand_with_the_number_of_their_segment(tmp_path: Path) -> None:
    # The second has no number: its place among the segments counts.
    assert marks(tmp_path, {"n": 7, "codes": ["debt"]}, {"codes": ["calm"]}) == [
        (7, "", "debt", ""),
        (2, "", "calm", ""),
    ]


def test_domains_are_of_the_category_domain(tmp_path: Path) -> None:
    assert marks(tmp_path, {"domains": ["home-and-money"]}) == [(1, "domain", "home-and-money", "")]


def test_reasons_and_agencies_of_the_case_are_those_of_each_segment(tmp_path: Path) -> None:
    meta = {"reasons": ["workload"], "agencies": ["camhs"]}
    assert sorted(marks(tmp_path, {}, {}, meta=meta)) == [
        (1, "agency", "camhs", ""),
        (1, "reason", "workload", ""),
        (2, "agency", "camhs", ""),
        (2, "reason", "workload", ""),
    ]


def test_reasons_may_stand_with_a_segment(tmp_path: Path) -> None:
    assert marks(tmp_path, {"reasons": ["workload"]}, {}) == [(1, "reason", "workload", "")]


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        ({"codes": "debt"}, "'codes' is not a list"),
        ({"codes": {"debt": 1}}, "'codes' is not a list"),
        ({"domains": "home"}, "'domains' is not a list"),
        ({"codes": [3]}, "an entry of 'codes' is neither an id nor an object with a code"),
        (
            {"codes": [{"id": "x"}]},
            "an entry of 'codes' is neither an id nor an object with a code",
        ),
        (
            {"codes": [{"code": "debt", "quote": ["debts"]}]},
            "an entry of 'codes' is neither an id nor an object with a code",
        ),
        ({"text": 3}, "the text of segment 1 is not text"),
    ],
)
def test_faulty_codes_set_the_line_aside(
    tmp_path: Path, segment: dict[str, object], reason: str
) -> None:
    good = line({"codes": ["calm"]}, case_id="m2")
    assert reasons(tmp_path, good, line(segment)) == [("line 2", reason)]


def test_faulty_reasons_of_the_case_set_the_line_aside(tmp_path: Path) -> None:
    assert reasons(tmp_path, line({}, meta={"reasons": "workload"})) == [
        ("line 1", "'reasons' is not a list")
    ]


def test_line_that_is_no_case_is_set_aside(tmp_path: Path) -> None:
    found = reasons(tmp_path, line({}), "{broken", line({}, case_id="m2") | {"kind": "poem"})
    assert [place for place, _ in found] == ["line 2", "line 3"]
    assert found[0][1].startswith("the line is not a JSON object")
    assert found[1][1] == "the kind is none of msc, interview, survey, document"


def test_second_case_of_an_id_is_set_aside(tmp_path: Path) -> None:
    assert reasons(tmp_path, line({"codes": ["debt"]}), line({"codes": ["calm"]})) == [
        ("line 2", "the case id already stands in line 1")
    ]


def test_set_aside_line_does_not_take_its_id(tmp_path: Path) -> None:
    path = write(tmp_path, line({"codes": "debt"}), line({"codes": ["debt"]}))
    first, second = read_coded_cases(path)
    assert isinstance(first, Rejection)
    assert isinstance(second, CodedCase)


def test_reasons_quote_nobody(tmp_path: Path) -> None:
    secret = "She told me about the fire"
    lines = (line({"text": secret, "codes": [{"quote": secret}]}), f'{{"text": "{secret}"')
    found = reasons(tmp_path, line({"text": secret}, case_id="m0"), *lines)
    assert len(found) == 2
    assert all(secret not in reason for _, reason in found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("rows.jsonl", '{"case_id": "m1", "code": "debt"}\n', id="rows"),
        pytest.param("codings.csv", "case_id,segment_n,code\nm1,1,debt\n", id="table"),
        pytest.param("words.jsonl", "no JSON at all\n", id="words"),
    ],
)
def test_file_in_another_form_is_refused_with_the_way_on(
    tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceFormatError, match="does not hold coded cases") as caught:
        list(read_coded_cases(path))
    assert caught.value.where == str(path)
    assert "qualkit import codings" in caught.value.to_do


@pytest.mark.parametrize("name", ["interviews_c", "msc_a", "survey_c"])
def test_gold_file_comes_with_every_code(gold: Path, name: str) -> None:
    path = gold / f"{name}.jsonl"
    found = list(read_coded_cases(path))
    records = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    assert all(isinstance(item, CodedCase) for item in found)
    assert [item.case.case_id for item in found] == [record["id"] for record in records]
    for item, record in zip(found, records, strict=True):
        expected = [
            (segment["n"], code["code"], code["quote"])
            for segment in record["segments"]
            for code in segment["codes"]
        ]
        assert [(n, c, quote) for n, category, c, quote in item.marks if not category] == expected
