"""Which references of cases are in the families table, and which probably should be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from qualkit.model import Basis, Column, ReferenceUse, Table

_Keys = Callable[[str], set[str]]
_PARTS = re.compile(r"^([A-Z]*)(\d+)([A-Z]*)$")
_LOOKALIKES = str.maketrans("OILSBZ", "011582")

RECONCILE_COLUMNS = (
    Column("status", "status"),
    Column("reference", "reference"),
    Column("written", "as written", spare=2),
    Column("cases", "cases", "count", spare=1),
    Column("case_ids", "for instance", "list"),
    Column("family", "proposed family"),
    Column("reason", "why"),
    Column("accept", "accept", detail=True),
)


def reconcile_table(
    uses: Sequence[ReferenceUse], without: Sequence[tuple[str, str]], *, title: str
) -> Table:
    """Compare the references of cases with the families table.

    Parameters
    ----------
    uses : sequence of ReferenceUse
    without : sequence of (case id, source)
        Cases of families that name no reference.

    Returns
    -------
    Table
        A row for each reference that is not matched: `case only` (with the
        proposed family where exactly one is near), `family only`,
        `possible duplicate` (two families that differ by prefix or padding),
        `no reference`. Matched ones are counted in the notes. The `accept`
        column is empty, for the user's word.
    """
    declared = [use for use in uses if use.declared]
    stray = [use for use in uses if not use.declared and use.n_cases]
    matched = [use for use in declared if use.n_cases]
    rows = [*_stray_rows(stray, declared), *_duplicate_rows(declared)]
    rows += [
        _row("family only", use, "", "no case names it") for use in declared if not use.n_cases
    ]
    rows += [
        {
            "status": "no reference",
            "reference": "",
            "written": "",
            "cases": 1,
            "case_ids": (case_id,),
            "family": "",
            "reason": f"in {source}",
            "accept": "",
        }
        for case_id, source in without
    ]
    n_matched = sum(use.n_cases for use in matched)
    n_stray = sum(use.n_cases for use in stray)
    notes = [
        f"matched: {_count(len(matched), 'family')} with {_count(n_matched, 'case')}",
        f"in cases only: {_count(len(stray), 'reference')} with {_count(n_stray, 'case')}",
        f"in the families table only: {_count(len(declared) - len(matched), 'family')}",
        f"cases without a reference: {len(without)}",
        "to take proposals: write this table with --output FILE.csv, put yes in `accept` where a"
        " proposal is right, then --apply FILE.csv",
    ]
    basis = Basis(rule="references are compared without case, spaces and punctuation")
    return Table("reconcile", title, RECONCILE_COLUMNS, tuple(rows), basis, tuple(notes))


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def _row(status: str, use: ReferenceUse, family: str, reason: str) -> dict[str, object]:
    return {
        "status": status,
        "reference": use.ufrn,
        "written": use.written,
        "cases": use.n_cases,
        "case_ids": use.case_ids,
        "family": family,
        "reason": reason,
        "accept": "",
    }


def _stray_rows(
    stray: Sequence[ReferenceUse], declared: Sequence[ReferenceUse]
) -> Iterator[dict[str, object]]:
    numbers = _by(declared, number_key)
    spellings = _by(declared, lambda ref: {ref, ref.translate(_LOOKALIKES), *_shortened(ref)})
    for use in stray:
        same_number = [
            ufrn
            for key in number_key(use.ufrn)
            for ufrn in numbers.get(key, ())
            if prefixes_fit(use.ufrn, ufrn)
        ]
        looks = {use.ufrn.translate(_LOOKALIKES), use.ufrn, *_shortened(use.ufrn)}
        alike = sorted({ufrn for key in looks for ufrn in spellings.get(key, ())})
        near = sorted({ufrn for ufrn in alike if is_near_miss(use.ufrn, ufrn)})
        if len(set(same_number)) == 1:
            yield _row("proposal", use, same_number[0], "same number, other prefix or padding")
        elif same_number:
            yield _row("case only", use, "", "several families have this number")
        elif len(near) == 1:
            yield _row("proposal", use, near[0], "looks like a slip in typing")
        else:
            yield _row("case only", use, "", "not in the families table")


def _duplicate_rows(declared: Sequence[ReferenceUse]) -> Iterator[dict[str, object]]:
    by_number = _by(declared, number_key)
    for use in declared:
        others = {
            ufrn
            for key in number_key(use.ufrn)
            for ufrn in by_number[key]
            if ufrn != use.ufrn and prefixes_fit(use.ufrn, ufrn)
        }
        if others:
            yield _row(
                "possible duplicate", use, "", "also in the table: " + ", ".join(sorted(others))
            )


def _by(uses: Iterable[ReferenceUse], keys: _Keys) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for use in uses:
        for key in keys(use.ufrn):
            found[key].append(use.ufrn)
    return found


def number_key(reference: str) -> set[str]:
    """Return the reference's number without padding, and its suffix; empty without a number."""
    match = _PARTS.match(reference)
    return {match[2].lstrip("0") + "/" + match[3]} if match else set()


def prefixes_fit(one: str, other: str) -> bool:
    """Say whether the letters before the number are equal, absent, or one begins the other."""
    first, second = _PARTS.match(one), _PARTS.match(other)
    if not first or not second:
        return False
    return first[1].startswith(second[1]) or second[1].startswith(first[1])


def _shortened(reference: str) -> set[str]:
    return {reference[:i] + reference[i + 1 :] for i in range(len(reference))}


def is_near_miss(one: str, other: str) -> bool:
    """Say whether `one` could be `other` mistyped.

    Two neighbours swapped, one character doubled or left out, or letters and
    digits that look alike (O and 0, I and 1). Another digit is another family.
    """
    if one == other:
        return False
    if one.translate(_LOOKALIKES) == other.translate(_LOOKALIKES):
        return True
    if len(one) == len(other):
        differ = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        if len(differ) != 2:
            return False
        i, j = differ
        return j == i + 1 and one[i] == other[j] and one[j] == other[i]
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and shorter in _shortened(longer)
