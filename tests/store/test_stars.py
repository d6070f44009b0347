from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualkit.store.cohort import says_closed
from qualkit.store.starorder import EARLY, LATE, TWICE, Stored, Told, find_spans, settle

FIRST, REVIEW = ("2016-01-01", 0), ("2016-06-01", 1)


def test_rows_that_contradict_each_other_are_both_set_aside() -> None:
    told = [
        Told(1, ("", 0), {"a": 2}, "row 2"),
        Told(2, ("", 999), {"a": 7}, "row 2"),
        Told(3, ("", 0), {"a": 3}, "row 3"),
        Told(4, ("", 0), {"b": 3}, "row 4"),
    ]
    found = settle([], told)
    # The rest of row 2 may be the other family's too.
    assert found.aside == dict.fromkeys((1, 2, 3), TWICE)
    assert found.readings == {("b", ("", 0)): 3}


def test_a_later_import_adds_and_changes() -> None:
    stored = [Stored("a", FIRST, 2), Stored("a", REVIEW, 5)]
    told = [Told(1, ("2016-01-01", -1), {"a": 2}), Told(2, ("2016-06-01", -1), {"a": 6})]
    told.append(Told(3, ("2016-12-01", -1), {"a": 8}))
    found = settle(stored, told)
    assert (found.there, found.changed, found.new) == (1, 1, 1)
    assert found.readings == {("a", FIRST): 2, ("a", REVIEW): 6, ("a", ("2016-12-01", -1)): 8}


def test_a_review_before_the_first_reading_is_set_aside() -> None:
    told = [Told(1, ("2015-12-01", 1), {"a": 5}), Told(2, FIRST, {"a": 2})]
    assert settle([], told).aside == {1: EARLY}
    assert settle([Stored("a", ("2015-12-01", 1), 5)], told[1:]).aside == {2: LATE}


def test_first_and_last_readings() -> None:
    readings = {
        ("a", FIRST): 2,
        ("a", REVIEW): 5,
        ("a", ("2016-12-01", 2)): 4,
        ("b", REVIEW): 6,
        ("c", FIRST): 9,
    }
    spans, occasions = find_spans(readings)
    # b has no reading of the first assessment, c none of a review.
    assert spans == {"a": (2, 4), "b": (None, 6), "c": (9, None)}
    assert len(occasions) == 3


def test_without_dates_the_first_is_first_and_the_latest_last() -> None:
    spans, _ = find_spans({("a", ("", 999)): 9, ("a", ("", 0)): 1, ("a", ("", 2)): 5})
    assert spans == {"a": (1, 9)}


def test_a_lone_latest_reading_is_no_first_one() -> None:
    assert find_spans({("a", ("", 999)): 9})[0] == {"a": (None, 9)}
    assert find_spans({("a", ("2016-01-01", -1)): 9})[0] == {"a": (9, None)}


def test_two_rows_of_one_date_say_more_in_either_order() -> None:
    told = [Told(0, ("2016-01-01", 0), {"b": 1}), Told(1, ("2016-01-01", 1), {"b": 1})]
    for rows in (told, told[::-1]):
        assert settle([], rows).readings == {("b", ("2016-01-01", 1)): 1}


TOLD = st.lists(
    st.builds(
        lambda occasion, readings, n: (occasion, readings, n),
        st.tuples(st.sampled_from(["", "2016-01-01", "2016-02-01"]), st.integers(0, 2)),
        st.dictionaries(st.sampled_from("ab"), st.integers(1, 10), min_size=1),
        st.integers(),
    ),
    max_size=6,
)


@given(TOLD, st.randoms())
def test_order_of_rows_makes_no_difference_and_again_changes_nothing(rows, random) -> None:  # type: ignore[no-untyped-def]
    told = [Told(n, occasion, readings) for n, (occasion, readings, _) in enumerate(rows)]
    found = settle([], told)
    shuffled = random.sample(told, len(told))
    other = settle([], shuffled)
    assert find_spans(other.readings) == find_spans(found.readings)
    assert other.aside == found.aside
    stored = [Stored(domain, occasion, r) for (domain, occasion), r in found.readings.items()]
    again = settle(stored, told)
    assert (again.new, again.changed) == (0, 0)
    assert find_spans(again.readings) == find_spans(found.readings)


def test_what_says_closed() -> None:
    for word in ("Closed", "yes", "2017-03-01", "Case closed 01/03/2017", "1"):
        assert says_closed(word), word
    for word in ("Open", "not closed", "no", "0", "ongoing", "Re-opened"):
        assert not says_closed(word), word
