from __future__ import annotations

from qualkit.analysis.relevance import describe_relevance, relevance_table
from qualkit.model import Basis

NAMES = {"a": "Alpha", "b": "Beta", "c": "Gamma", "d": "Delta"}


def test_linked_domains_are_plain_shares_of_the_cases_where_it_is_relevant() -> None:
    # Alpha is relevant in 4 of 5 cases; with it Beta in 3, Gamma in 2, Delta in 1.
    levels = {"a": (1, 3), "b": (0, 3), "c": (2, 0), "d": (1, 0)}
    pairs = [("a", "b", 3), ("a", "c", 2), ("a", "d", 1), ("b", "a", 3), ("c", "a", 2)]
    rows = {row.domain: row for row in describe_relevance(levels, pairs, 5, NAMES)}
    assert rows["a"].linked == {"b": 0.75, "c": 0.5, "d": 0.25}
    assert rows["a"].more_likely == ("b", "c")
    assert rows["a"].less_likely == ("d", "c")
    assert [rows[d].rank for d in "abcd"] == [1, 2, 3, 4]


def test_domain_that_no_case_names_is_last_with_nothing_linked() -> None:
    rows = describe_relevance({"a": (1, 0)}, [], 1, {"a": "Alpha", "b": "Beta"})
    assert [row.domain for row in rows] == ["a", "b"]
    assert rows[1].linked == {}


def test_domains_that_no_case_names_share_the_rank_after_the_others() -> None:
    rows = describe_relevance({"b": (1, 0)}, [], 1, NAMES)
    # One domain is named; the three others tie for the second place.
    assert [(row.domain, row.rank) for row in rows] == [("b", 1), ("a", 2), ("d", 2), ("c", 2)]


def test_domain_without_any_answer_is_said_and_linked_with_none() -> None:
    # Gamma was answered with "not" throughout, Delta has no column.
    levels = {"a": (0, 2), "b": (1, 0), "c": (0, 0)}
    rows = describe_relevance(levels, [("a", "b", 1), ("b", "a", 1)], 2, NAMES)
    by_id = {row.domain: row for row in rows}
    assert by_id["a"].linked == {"b": 0.5, "c": 0.0}
    table = relevance_table(rows, NAMES, Basis(), title="Relevance")
    shares = {row["domain"]: row["fairly_or_very"] for row in table.rows}
    assert shares == {"a": 1.0, "b": 0.5, "c": 0.0, "d": None}
    assert table.notes == ("no case says anything of: Delta (no column for it, or never filled)",)
