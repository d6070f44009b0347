"""Tables of how far coders agree, code by code, and of the places where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from qualkit.analysis.doublecoding import FEW, CodeAgreement, DoubleCoding
from qualkit.analysis.intervals import measure_cells, with_interval, written_interval
from qualkit.model import Basis, CodeKey, Column, Disclosure, Table
from qualkit.model import Measure as Counted


def agreement_table(
    parts: Sequence[DoubleCoding],
    *,
    by_code: bool = False,
    notes: Sequence[str] = (),
    runs: Sequence[str] = (),
    trace: str = "",
) -> Table:
    """Return how far coders agree; a part for each set of coders compared.

    `trace` is the command that shows where they differ.

    Returns
    -------
    Table
        Columns kind, coders, group (or category, code, name), codes, cases, units,
        by_any, by_all, then percent, kappa, alpha and ac1 each with `_low` and
        `_high`, and warning. By code, the lowest kappa comes first.
    """
    rows = []
    for part in parts:
        own = [_row(part, result, by_code) for result in part.results(by_code=by_code)]
        if by_code:
            own.sort(key=lambda r: (r["kind"], r["kappa"] is None, r["kappa"] or 0.0))
        rows += own
    level = parts[0].level
    pair = len({part.coders for part in parts}) > 1
    columns = tuple(
        Column(c.key, c.label, c.form, detail=not pair, spare=c.spare) if c.key == "coders" else c
        for c in (_CODE_COLUMNS if by_code else _COLUMNS)
    )
    kappa = "Cohen's" if len(parts[0].coders) == 2 else "Fleiss'"
    rule = (
        f"a code is there or not in each {level}, also where nobody coded it; only cases that at"
        f" least two of the coders have done; kappa is {kappa}; intervals are 95% bootstrap"
        f" intervals over cases; rare: fewer than {FEW} coded by anybody, or, of a single code,"
        " a prevalence index above 0.9 (coded in fewer than 5% or more than 95%), where kappa"
        " misleads; constant: never or always coded, so that kappa is not defined"
    )
    title = f"Agreement{' by code' if by_code else ''}, by {level}: {_names(parts)}"
    if trace and by_code:
        trace += " --code {category}.{code}"
    basis = Basis(_n_by_kind(parts), unit=f"{level}s", rule=rule, runs=tuple(runs))
    return Table(
        "agreement",
        title,
        columns,
        tuple(rows),
        basis,
        tuple(notes),
        trace=trace,
        disclosure=_DISCLOSURE,
    )


def disagreement_table(
    parts: Sequence[DoubleCoding],
    codes: Iterable[CodeKey] = (),
    *,
    notes: Sequence[str] = (),
    runs: Sequence[str] = (),
) -> Table:
    """Return each place where coders differ, by code: who has it, who has not, the words.

    Returns
    -------
    Table
        Columns category, code, name, kind, case_id, n (segment), with_code and
        without_code (coders), quote.
    """
    wanted = list(codes)
    rows = [row for part in parts for row in part.disagreements(wanted)]
    rows.sort(key=lambda r: (r["category"], r["code"], r["case_id"], r["n"]))
    title = f"Where coders differ, by {parts[0].level}: {_names(parts)}"
    rule = (
        "without it are coders who have done the case and did not give the code there; the"
        " quotation is that of the first who has it"
    )
    basis = Basis(_n_by_kind(parts), rule=rule, runs=tuple(runs))
    return Table("disagreements", title, _DISAGREEMENT_COLUMNS, tuple(rows), basis, tuple(notes))


def _names(parts: Sequence[DoubleCoding]) -> str:
    if len(parts) == 1:
        *first, last = parts[0].coders
        return f"{', '.join(first)} and {last}"
    return f"{parts[0].coders[0]} with " + ", ".join(part.coders[1] for part in parts)


def _n_by_kind(parts: Sequence[DoubleCoding]) -> dict[str, int]:
    cases = {(case.kind, case.case_id) for part in parts for case in part.cases}
    return dict(sorted(Counter(kind for kind, _ in cases).items()))


def _row(part: DoubleCoding, result: CodeAgreement, by_code: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"coders": part.coders}
    if by_code:
        category, _, code = result.group.partition(".")
        row |= {"category": category, "code": code, "name": part.codes[category, code].name}
    keys = ("kind", "group", "codes", "cases", "units", "by_any", "by_all", "warning")
    row |= {key: getattr(result, key) for key in keys}
    row |= measure_cells(result, ("percent", "kappa", "alpha", "ac1"))
    row["kappa_interval"] = written_interval(result.kappa)
    return row


_SIZES = (
    Column("cases", "cases", "count", spare=6),
    Column("units", "units", "count", spare=5),
    Column("by_any", "by any", "count", spare=4),
    Column("by_all", "by all", "count", spare=4),
)


_MEASURES = (
    *with_interval("percent", "agreed", 2, "share"),
    *with_interval("kappa", "kappa", 0),
    Column("kappa_interval", "95% interval", spare=1),
    *with_interval("alpha", "alpha", 0),
    *with_interval("ac1", "AC1", 0),
    Column("warning", "warning"),
)


_COLUMNS = (
    Column("kind", "kind", spare=3),
    Column("coders", "coders", "list"),
    Column("group", "group"),
    Column("codes", "codes", "count", detail=True),
    *_SIZES,
    *_MEASURES,
)


# Any two of the counts, kappa and agreement give the others back: they go together. Where coders
# differ tells of coders, not of families.
_FIGURES = (*(c.key for c in _MEASURES if c.key != "warning"), "warning", "by_any", "by_all")


_DISCLOSURE = Disclosure(
    measures=(
        Counted("cases", derived=(*_FIGURES, "units")),
        Counted("units", derived=_FIGURES),
        Counted("by_any", ("units",), derived=_FIGURES),
        Counted("by_all", ("units",), derived=_FIGURES),
    ),
    free=("codes",),
)


_CODE_COLUMNS = (
    Column("kind", "kind", spare=7),
    Column("coders", "coders", "list"),
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    *_SIZES,
    *_MEASURES,
)


_DISAGREEMENT_COLUMNS = (
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    Column("kind", "kind", detail=True),
    Column("case_id", "case", "id"),
    Column("n", "segment", "count"),
    Column("with_code", "has it", "list"),
    Column("without_code", "has it not", "list"),
    Column("quote", "words", "quote"),
)
