from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.reconcile import is_near_miss, prefixes_fit, reconcile_table
from qualkit.model import ReferenceUse


def _use(ufrn: str, cases: int = 0, *, declared: bool = True) -> ReferenceUse:
    return ReferenceUse(ufrn, ufrn, declared, cases, tuple(f"c{i}" for i in range(cases)))


def _rows(*uses: ReferenceUse) -> dict[str, tuple[str, str]]:
    table = reconcile_table(uses, [], title="t")
    return {str(r["reference"]): (str(r["status"]), str(r["family"])) for r in table.rows}


@pytest.mark.parametrize("written", ["F0012", "FAM0012", "12", "FAM12"])
def test_prefix_and_padding_are_proposed(written: str) -> None:
    assert _rows(_use("F12"), _use(written, 1, declared=False))[written] == ("proposal", "F12")


@pytest.mark.parametrize("written", ["F10O1", "F0101", "F11001"])
def test_slips_in_typing_are_proposed(written: str) -> None:
    assert _rows(_use("F1001"), _use(written, 1, declared=False))[written] == (
        "proposal",
        "F1001",
    )


def test_another_digit_is_another_family() -> None:
    assert _rows(_use("F1001"), _use("F1002", 1, declared=False))["F1002"] == ("case only", "")


def test_two_possible_families_are_not_guessed_between() -> None:
    rows = _rows(_use("F12"), _use("FAM12"), _use("12", 1, declared=False))
    assert rows["12"] == ("case only", "")


def test_families_that_differ_by_padding_are_possible_duplicates() -> None:
    rows = _rows(_use("F12", 1), _use("F0012", 1))
    assert rows == {"F12": ("possible duplicate", ""), "F0012": ("possible duplicate", "")}


def test_matched_are_counted_and_families_without_cases_listed() -> None:
    table = reconcile_table([_use("F1", 2), _use("F2")], [("c9", "b.csv")], title="t")
    assert [row["status"] for row in table.rows] == ["family only", "no reference"]
    assert table.notes[0] == "matched: 1 family with 2 cases"


def test_prefixes_of_different_letters_do_not_fit() -> None:
    assert not prefixes_fit("F12", "G12")


references = st.from_regex(r"[A-Z]{0,3}[0-9]{1,5}", fullmatch=True)


@given(references, references)
def test_near_miss_is_symmetric_and_never_of_itself(one: str, other: str) -> None:
    assert is_near_miss(one, other) == is_near_miss(other, one)
    assert not is_near_miss(one, one)
