"""Months open, few and many, and families whose progress is against their themes."""

from __future__ import annotations

import datetime
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.familyrows import (
    Limits,
    find_limits,
    is_stuck,
    months_between,
    stage_changes,
    why_deviant,
)
from qualkit.model import Stage

STAGES = [
    Stage("stuck", "Stuck", 1, 2),
    Stage("accepting", "Accepting help", 3, 4),
    Stage("trying", "Trying", 5, 6),
    Stage("finding", "Finding what works", 7, 8),
    Stage("effective", "Effective parenting", 9, 10),
]


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2016-01-15", "2017-01-15", 12.0),
        # 14 days after the 15th of a month of 31 days.
        ("2016-01-15", "2016-01-29", 14 / 31),
        ("2016-01-31", "2016-02-29", 1.0),
        ("2016-02-29", "2017-02-28", 12.0),
        ("2016-05-02", "2016-05-01", None),
        ("", "2016-05-01", None),
    ],
)
def test_months_by_the_calendar(first: str, last: str, months: float | None) -> None:
    assert months_between(first, last) == months


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1)), st.integers(0, 4000))
def test_more_days_are_never_fewer_months(day: datetime.date, days: int) -> None:
    ends = [day + datetime.timedelta(days=days + more) for more in (0, 1)]
    found = [months_between(day.isoformat(), end.isoformat()) for end in ends]
    assert found[0] is not None
    assert found[1] is not None
    assert 0 <= found[0] <= found[1]


def test_stages_won_and_lost() -> None:
    # 1 (stuck) to 5 (trying): two up; 4 to 3, both accepting: none; 9 to 2: four down.
    spans = {"a": (1, 5), "b": (4, 3), "c": (9, 2)}
    assert stage_changes(spans, STAGES) == {"a": 2, "b": 0, "c": -4}


@pytest.mark.parametrize(
    ("months", "changes", "stuck"),
    [
        (12.5, {"a": 1, "b": -1}, True),
        (12.5, {"a": -1}, True),
        (12.5, {"a": 1}, False),
        (12.0, {"a": 0}, False),
        (40.0, {}, False),
        (None, {"a": 0}, False),
    ],
)
def test_stuck(months: float | None, changes: dict[str, int], stuck: bool) -> None:
    assert is_stuck(months, changes, 12) is stuck


def test_few_and_many_by_quartiles() -> None:
    # Halves 1 2 3 and 3 4 5 with the middle in both: quartiles 2 and 4.
    assert find_limits(Counter([1, 2, 3, 4, 5])) == Limits(2, 4)
    # Most have the median: only what lies beyond it is few or many.
    assert find_limits(Counter([0, 2, 2, 2, 2, 2, 2, 5])) == Limits(0, 5)
    assert find_limits(Counter([3, 3])) == Limits(None, None)
    assert find_limits({}) == Limits(None, None)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_few_lie_below_the_median_and_many_above(numbers: list[int]) -> None:
    limits = find_limits(Counter(numbers))
    median = statistics.median(numbers)
    assert limits.few is None or limits.few < median
    assert limits.many is None or limits.many > median
    assert (limits.few is None) == (min(numbers) == median)
    assert (limits.many is None) == (max(numbers) == median)


@pytest.mark.parametrize(
    ("label", "outcomes", "barriers", "why"),
    [
        ("lower", 5, 3, "lower progress, many outcomes"),
        ("lower", 5, 1, "lower progress, many outcomes and few barriers"),
        ("higher", 1, 6, "higher progress, few outcomes and many barriers"),
        ("higher", 5, 1, ""),
        ("lower", 1, 6, ""),
        ("same", 5, 1, ""),
        ("", 5, 1, ""),
    ],
)
def test_deviant(label: str, outcomes: int, barriers: int, why: str) -> None:
    assert why_deviant(label, outcomes, barriers, (Limits(1, 5), Limits(1, 5))) == why
