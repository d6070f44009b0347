"""Relevance columns: the names of domains, and what is left over."""

from __future__ import annotations

import pytest

from qualkit.importers.relevance import DOMAINS, domain_of, guess_relevance, parse_relevance


@pytest.mark.parametrize(
    "header", ["Your wellbeing", "Relevance - Your well-being", "Parents' wellbeing"]
)
def test_adult_wellbeing_by_the_names_on_the_form(header: str) -> None:
    assert domain_of(header, DOMAINS) == "adult-wellbeing"


def test_columns_that_begin_like_the_others_but_name_no_domain_are_said() -> None:
    values = {
        "How relevant - Home and money": ["0", "2"],
        "How relevant - Social networks": ["1"],
        "How relevant - Feeling good": ["2"],
        "Locality": ["Hinckley"],
    }
    found = guess_relevance(list(values), values, DOMAINS)
    assert set(found.columns) == {"home-and-money", "social-networks"}
    missing, unknown = found.notes
    assert missing.startswith("no relevance column for: keeping-children-safe, ")
    assert missing.endswith("; taken as not relevant")
    assert unknown.endswith("'How relevant -' but name no domain: 'How relevant - Feeling good'")


SHORT = ["Home", "Safety", "Boundaries", "Routine", "Health", "Education"]


def test_domains_by_one_word_count_where_there_are_five_and_the_cells_agree() -> None:
    values = {f"Relevance: {name}": ["V", "f", "NR"] for name in SHORT}
    assert guess_relevance(list(values), values, DOMAINS).columns == {
        "home-and-money": "Relevance: Home",
        "keeping-children-safe": "Relevance: Safety",
        "boundaries-and-behaviour": "Relevance: Boundaries",
        "family-routine": "Relevance: Routine",
        "physical-health": "Relevance: Health",
        "education-and-learning": "Relevance: Education",
    }
    few = {header: cells for header, cells in values.items() if "H" in header}
    assert not guess_relevance(list(few), few, DOMAINS).columns
    other = {header: ["GCSE", "good"] for header in values}
    assert not guess_relevance(list(other), other, DOMAINS).columns


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("V", "very"),
        ("F", "fairly"),
        ("NR", "not"),
        ("Very (2)", "very"),
        ("not relevant - 0", "not"),
    ],
)
def test_short_and_doubled_words_of_relevance(cell: str, means: str) -> None:
    assert parse_relevance(cell) == means


def test_word_and_number_that_disagree_are_not_understood() -> None:
    assert parse_relevance("very (1)") is None


def test_domain_in_camel_case() -> None:
    assert domain_of("relevance_HomeAndMoney", DOMAINS) == "home-and-money"
