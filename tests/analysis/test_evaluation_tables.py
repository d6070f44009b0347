"""The tables of an evaluation: rows, false alarms and misses with their words, blanks."""

from __future__ import annotations

import pytest

from qualkit.analysis.evaluation import Evaluation
from qualkit.model import ComparedCase, MarkDetail

NAMES = {
    ("barrier", "debt"): "Debt",
    ("barrier", "isolation"): "Isolation",
    ("barrier", "waiting"): "Waiting lists",
    ("outcome", "calm"): "Calm",
}
OPEN = {1: frozenset({"barrier", "outcome"}), 2: frozenset({"barrier", "outcome"})}
DEBT, ISOLATION, CALM = ("barrier", "debt"), ("barrier", "isolation"), ("outcome", "calm")


@pytest.fixture
def made() -> Evaluation:
    """Two cases of two segments each.

    | case, segment | reference | coder |
    |---|---|---|
    | m1, 1 | debt | debt, isolation |
    | m1, 2 | isolation | |
    | m2, 1 | debt, calm | debt |
    | m2, 2 | debt | |
    """
    m1 = ComparedCase(
        "msc",
        "m1",
        OPEN,
        {(1, *DEBT): MarkDetail("debts"), (2, *ISOLATION): MarkDetail("on her own")},
        {
            (1, *DEBT): MarkDetail("debts", "debts", 0.9),
            (1, *ISOLATION): MarkDetail("no friends", "no friends", 0.8),
        },
    )
    m2 = ComparedCase(
        "msc",
        "m2",
        OPEN,
        {
            (1, *DEBT): MarkDetail(),
            (1, *CALM): MarkDetail("calmer"),
            (2, *DEBT): MarkDetail("owed"),
        },
        {(1, *DEBT): MarkDetail("arrears", "arrears", 0.7)},
    )
    return Evaluation(
        [m1, m2], NAMES, reference="Ann", coder="qualkit", notes=["a note"], replicates=20
    )


def test_summary_has_a_row_for_each_group_by_segment_and_by_case(made: Evaluation) -> None:
    figures, report = made.summary().tables
    assert [(row["group"], row["level"]) for row in figures.rows] == [
        ("codes", "segment"),
        ("barrier", "segment"),
        ("outcome", "segment"),
        ("codes", "case"),
        ("barrier", "case"),
        ("outcome", "case"),
    ]
    assert (figures.name, report.name) == ("evaluation", "report")
    assert (figures.basis.n_by_kind, figures.notes) == ({"msc": 2}, ("a note",))


def test_summary_counts_by_hand(made: Evaluation) -> None:
    rows = {(row["group"], row["level"]): row for row in made.summary().tables[0].rows}
    by_segment, by_case = rows["barrier", "segment"], rows["barrier", "case"]
    # By segment: reference m1.1 debt, m1.2 isolation, m2.1 debt, m2.2 debt; coder m1.1 debt,
    # m1.1 isolation, m2.1 debt; in both: debt twice.
    keys = ("codes", "cases", "units", "truth", "found")
    assert tuple(by_segment[key] for key in keys) == (3, 2, 4, 4, 3)
    assert by_segment["precision"] == pytest.approx(2 / 3)
    assert by_segment["recall"] == pytest.approx(2 / 4)
    assert by_segment["f1"] == pytest.approx(4 / 7)
    # Debt 2 x 2 / (3 + 2), isolation 0; waiting lists are in no pair.
    assert by_segment["macro_f1"] == pytest.approx((0.8 + 0) / 2)
    # By case: m1 debt, m1 isolation, m2 debt on both sides.
    assert [by_case[key] for key in ("units", "truth", "found", "f1")] == [2, 3, 3, 1.0]


def test_precision_is_blank_where_nothing_was_found(made: Evaluation) -> None:
    (row,) = [
        row
        for row in made.summary().tables[0].rows
        if (row["group"], row["level"]) == ("outcome", "segment")
    ]
    assert (row["truth"], row["found"]) == (1, 0)
    assert (row["precision"], row["precision_low"], row["precision_high"]) == (None, None, None)
    assert (row["recall"], row["f1"]) == (0.0, 0.0)


def test_what_a_report_would_feel_by_hand(made: Evaluation) -> None:
    barrier, outcome = made.report_table(top=1).rows
    # Cases by theme: debt 2 and 2, isolation 1 and 1, waiting 0 and 0: the same order.
    assert (barrier["category"], barrier["codes"]) == ("barrier", 3)
    assert (barrier["shared"], barrier["of"]) == (1, 1)
    assert barrier["correlation"] == pytest.approx(1)
    # One theme only, which the coder never found.
    assert (outcome["shared"], outcome["of"], outcome["correlation"]) == (0, 1, None)


def test_codes_in_use_stand_with_the_worst_first(made: Evaluation) -> None:
    rows = made.codes_table().rows
    # F1: isolation 0 (a miss and a false alarm), calm 0 (a miss), debt 4/5.
    assert [(row["code"], row["missed"], row["false_alarms"]) for row in rows] == [
        ("isolation", 1, 1),
        ("calm", 1, 0),
        ("debt", 1, 0),
    ]
    assert [row["f1"] for row in rows] == pytest.approx([0, 0, 0.8])
    assert (rows[0]["category"], rows[0]["name"]) == ("barrier", "Isolation")


def test_codes_by_case(made: Evaluation) -> None:
    rows = made.codes_table("case").rows
    assert [(row["code"], row["f1"]) for row in rows] == [
        ("calm", 0),
        ("debt", 1),
        ("isolation", 1),
    ]


def test_errors_are_misses_and_false_alarms_with_their_words(made: Evaluation) -> None:
    keys = ("code", "error", "case_id", "n", "quote", "rule", "score")
    assert [tuple(row[key] for key in keys) for row in made.errors_table().rows] == [
        ("debt", "missed", "m2", 2, "owed", "", None),
        ("isolation", "false alarm", "m1", 1, "no friends", "no friends", 0.8),
        ("isolation", "missed", "m1", 2, "on her own", "", None),
        ("calm", "missed", "m2", 1, "calmer", "", None),
    ]


def test_errors_of_one_code_only(made: Evaluation) -> None:
    rows = made.errors_table([CALM]).rows
    assert [(row["name"], row["error"], row["quote"]) for row in rows] == [
        ("Calm", "missed", "calmer")
    ]


def test_coder_beside_himself_has_no_errors(made: Evaluation) -> None:
    same = [
        ComparedCase(case.kind, case.case_id, case.segments, case.truth, case.truth)
        for case in made.cases
    ]
    again = Evaluation(same, NAMES, reference="Ann", coder="Ann", replicates=20)
    assert again.errors_table().rows == ()
    assert {row["f1"] for row in again.codes_table().rows} == {1.0}


def test_every_column_of_a_table_is_in_its_rows(made: Evaluation) -> None:
    for table in (*made.summary().tables, made.codes_table(), made.errors_table()):
        assert table.rows
        for row in table.rows:
            assert {column.key for column in table.columns} <= set(row)
