"""Columns: by name, by what headers say, and by what a sample of cells holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.errors import ChoiceNeededError, ColumnError
from qualkit.importers.columns import (
    attribute_keys,
    case_id_candidates,
    find_column,
    guess_family,
    guess_respondent,
    known_key,
)
from qualkit.importers.guess import (
    Profile,
    bare_family,
    coding_columns,
    guess_ratings,
    guess_text,
    is_attribute,
    names_ids,
    parse_number,
    profile_table,
)
from qualkit.importers.relevance import (
    DOMAINS,
    columns_by_prefix,
    domain_of,
    guess_relevance,
    parse_relevance,
)
from qualkit.importers.tables import open_table
from qualkit.model import Relevance

HEADERS = ("Case ID", "Family ref", "What changed?", "What  Changed")


def profile(**columns: list[str]) -> Profile:
    return Profile(tuple(columns), columns, frozenset(), frozenset())


# --- by name --------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["Case ID", "case id", "CASE_ID", "case-id ", "caseid"])
def test_column_is_found_however_it_is_spelt(wanted: str) -> None:
    assert find_column(HEADERS, wanted, where="a.csv", option="--id") == "Case ID"


def test_column_typo_names_near_ones() -> None:
    with pytest.raises(ColumnError, match="no column 'Famly ref'") as caught:
        find_column(HEADERS, "Famly ref", where="a.csv", option="--family")
    assert caught.value.to_do == "did you mean 'Family ref'?"
    assert caught.value.where == "a.csv"


def test_column_that_may_be_two_needs_a_choice() -> None:
    assert find_column(HEADERS, "What changed?", where="", option="--text") == "What changed?"
    with pytest.raises(ChoiceNeededError):
        find_column(HEADERS, "what changed", where="a.csv", option="--text")


# --- by what headers say ----------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["id", "Case No.", "CaseID", "MSC ID", "Narrative ID", "Comment ID", "Ref", "Case", "Response"],
)
def test_case_id_is_recognised(header: str) -> None:
    assert case_id_candidates(["Text", header]) == [header]


def test_case_id_before_ref() -> None:
    assert case_id_candidates(["Ref", "Notes", "Case ref", "ID"]) == ["Case ref", "ID", "Ref"]


@pytest.mark.parametrize(
    "header",
    [
        "UFRN",
        "ufrn number",
        "Family reference",
        "Family Ref No",
        "family_id",
        "FamilyRef",
        "Family's reference number",
        "Unique Family Reference Number",
        "URN",
        "Unique family ref",
    ],
)
def test_family_reference_is_recognised(header: str) -> None:
    assert guess_family(["id", header, "text"]) == header


@pytest.mark.parametrize(
    "header", ["Family routine", "Number of family members", "Family no longer at home", "Turn"]
)
def test_family_reference_is_not_seen_where_it_is_not(header: str) -> None:
    assert guess_family([header]) is None


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Qtr", "quarter"),
        ("Reporting quarter", "quarter"),
        ("District", "locality"),
        ("Locality", "locality"),
        ("Direction of change", "direction"),
        ("Person or family?", "person-or-family"),
        ("Staff / partner", "staff-or-partner"),
        ("Date completed", "date"),
        ("Need cluster", "cluster"),
        ("Service type 1", None),
        ("Area of concern", None),
    ],
)
def test_known_attributes_are_recognised(header: str, key: str | None) -> None:
    assert known_key(header) == key


def test_attribute_keys_are_known_words_or_slugs_and_unique() -> None:
    headers = ["Area", "Locality", "Service type 1", "Service-Type 1", "Qtr", "???"]
    assert attribute_keys(headers) == {
        # Locality is the word itself, so Area keeps its own.
        "Area": "area",
        "Locality": "locality",
        "Service type 1": "service-type-1",
        "Service-Type 1": "service-type-1-2",
        "Qtr": "quarter",
        "???": "column",
    }


@pytest.mark.parametrize("header", ["Role", "Respondent type", "Are you a...", "respondent"])
def test_respondent_column_is_recognised(header: str) -> None:
    assert guess_respondent(["id", header]) == header


# --- relevance --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("not", "not"),
        ("Not relevant", "not"),
        ("no", "not"),
        ("N", "not"),
        ("0", "not"),
        ("0.0", "not"),
        ("fairly", "fairly"),
        ("Fairly relevant", "fairly"),
        ("somewhat", "fairly"),
        ("1", "fairly"),
        ("VERY", "very"),
        ("very relevant", "very"),
        ("highly relevant", "very"),
        ("2", "very"),
        ("2 - Very relevant", "very"),
        ("Relevance: very", "very"),
    ],
)
def test_relevance_words(cell: str, means: str) -> None:
    assert parse_relevance(cell) is Relevance(means)


@pytest.mark.parametrize("cell", ["3", "yes", "perhaps", "0 - very", "n/a", "relevant", "very not"])
def test_relevance_of_other_words_is_none(cell: str) -> None:
    assert parse_relevance(cell) is None


@pytest.mark.parametrize(
    ("header", "domain"),
    [
        ("Relevance: Home & money", "home-and-money"),
        ("relevance_home_and_money", "home-and-money"),
        ("Positive family routines", "family-routine"),
        ("How relevant to: adult well-being", "adult-wellbeing"),
        ("Meeting children’s emotional needs", "childrens-emotional-needs"),
        ("PhysicalHealth", "physical-health"),
        ("Physical health, adult wellbeing", None),
        ("Family", None),
        ("Home", None),
    ],
)
def test_domain_of_header(header: str, domain: str | None) -> None:
    assert domain_of(header, DOMAINS) == domain


def test_domain_names_of_the_reference_are_known(reference: Path) -> None:
    for row in open_table(reference / "domains.csv").rows():
        assert not hasattr(row, "reason")
        _, cells = row
        for name in cells[:3]:
            assert domain_of(name, DOMAINS) == cells[0]


def test_relevance_columns_need_values_that_say_so() -> None:
    values = {
        "Home and money": ["very", "not", "fairly"],
        "Physical health": ["better sleep and food", "walks more"],
        "Family routine": [],
    }
    found = guess_relevance(values, values, DOMAINS)
    # A blank column counts beside a declared one.
    assert found.columns == {
        "home-and-money": "Home and money",
        "family-routine": "Family routine",
    }


def test_relevance_is_not_guessed_from_blank_columns_alone() -> None:
    assert guess_relevance(["Family routine"], {"Family routine": []}, DOMAINS).columns == {}


def test_relevance_prefix() -> None:
    headers = ["Rel - Home & money", "Rel - Physical health", "Rel - comments", "Home and money"]
    found = columns_by_prefix(headers, "rel", DOMAINS, where="a.csv")
    assert found.columns == {
        "home-and-money": "Rel - Home & money",
        "physical-health": "Rel - Physical health",
    }
    assert "'Rel - comments'" in found.notes[0]
    with pytest.raises(ColumnError, match="begins with 'How'"):
        columns_by_prefix(headers, "How", DOMAINS, where="a.csv")


def test_relevance_of_other_domains_than_the_ten() -> None:
    domains = {"health": ("Health",), "physical-health": ("Physical health",)}
    assert domain_of("Relevance of health", domains) == "health"
    assert domain_of("Relevance of physical health", domains) == "physical-health"


# --- by what cells hold -------------------------------------------------------------

LONG = [f"the family went to the park with {name} last week" for name in "abcd"]


def test_text_is_long_and_different() -> None:
    columns = profile(
        story=LONG,
        consent=["I agree that this may be used in reports"] * 4,
        place=["Melton", "Blaby", "Oadby", "Wigston"],
    )
    assert guess_text(columns, columns.headers) == ("story",)
    assert is_attribute(columns, "place")
    assert is_attribute(columns, "consent")


def test_short_answers_to_a_question_are_text() -> None:
    columns = profile(**{"What helped?": ["my worker", "time to talk", "the school nurse"]})
    assert guess_text(columns, columns.headers) == ("What helped?",)


def test_closed_question_is_no_text() -> None:
    columns = profile(**{"Did it help?": ["yes", "no", "yes", "yes"], "Story": LONG})
    assert guess_text(columns, columns.headers) == ("Story",)


@pytest.mark.parametrize(
    ("header", "cells", "ids"),
    [
        ("Case", ["12", "13"], True),
        ("Case", ["Family A", "Family B"], True),
        ("Case", ["they moved house", "he went to school"], False),
        ("Response", ["R 1", "R 2"], True),
        # Short answers: words, not ids.
        ("Response", ["Yes", "Not sure"], False),
        ("Case ID", ["one of the first", "another"], True),
    ],
)
def test_case_and_response_alone_name_ids_where_cells_are_like_ids(
    header: str, cells: list[str], ids: bool
) -> None:
    assert names_ids(profile(**{header: cells}), header) is ids


def test_ratings_are_short_numbers_but_not_zero_and_one() -> None:
    columns = profile(
        score=["1", "5", "3", "4", "n/a"],
        flag=["1", "0", "1"],
        year=["2017", "2018", "2017"],
        quarter=["1", "2", "3"],
        words=["a", "b", "c"],
    )
    assert guess_ratings(columns, columns.headers) == ("score",)


def test_rows_that_are_numbered_are_no_ratings() -> None:
    columns = profile(
        respondent=[str(number) for number in range(1, 11)],
        score=["1", "2", "3", "4", "5", "5", "7", "8", "9", "10"],
        few=["1", "2", "3"],
    )
    assert guess_ratings(columns, columns.headers) == ("score", "few")


def test_family_alone_may_have_a_slip_or_two() -> None:
    references = [f"F{number}" for number in range(9)]
    assert bare_family(profile(family=[*references, "f 12"])) == "family"
    assert bare_family(profile(family=[*references[:8], "f 12"])) is None


def test_coding_columns_are_many() -> None:
    few = profile(a=["1"], b=["0", "1"], c=["x"])
    assert coding_columns(few, few.headers) == ()
    many = profile(a=["1"], b=["0"], c=["1"], d=["1"], e=["0", "1"], f=["2"])
    assert coding_columns(many, many.headers) == ("a", "b", "c", "d", "e")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("4", 4.0),
        (" 4.5 ", 4.5),
        ("-1", -1.0),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("4x", None),
    ],
)
def test_parse_number(cell: str, number: float | None) -> None:
    assert parse_number(cell) == number


def test_profile_sees_keys_and_empty_columns_of_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    n_rows = 9000
    lines = ["id,ref,rare,none,text"]
    for number in range(n_rows):
        # The reference of the last row repeats the first; one cell of `rare` is filled.
        ref = 0 if number == n_rows - 1 else number
        lines.append(f"c{number},r{ref},{'x' if number == 4001 else ''},,word {number}")
    path.write_text("\n".join(lines))
    found = profile_table(open_table(path), ["id", "ref"])
    assert found.keys == {"id"}
    assert found.empty == {"none"}
    assert found.values["rare"] == ["x"]
    assert 1000 < len(found.values["text"]) <= 4001
    assert found.words("text") == 2


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Positive/negative/both", "direction"),
        ("Is the change positive, negative or both?", "direction"),
        ("Is this about a person or a family?", "person-or-family"),
        ("Completed by (staff/partner)", "staff-or-partner"),
        ("Who wrote this?", "staff-or-partner"),
        ("Area/Locality", "locality"),
        ("Team", "service"),
        ("Quarter of submission", "quarter"),
        ("Positive change", None),
        ("Subject", None),
    ],
)
def test_further_spellings_of_attributes(header: str, key: str | None) -> None:
    assert known_key(header) == key
