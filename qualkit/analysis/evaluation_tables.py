"""The tables of an evaluation: measures by group and by code, errors, what a report would feel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qualkit.analysis.intervals import measure_cells, with_interval, written_interval
from qualkit.analysis.scores import GroupResult
from qualkit.model import Basis, CodeKey, Column, ComparedCase, Disclosure, Measure, Table


def figures_table(
    results: Iterable[GroupResult], title: str, n: Mapping[str, int], notes: Sequence[str]
) -> Table:
    """Return the measures, one row a group; `n` counts the cases by kind."""
    rows = [_row(result) for result in results]
    basis = Basis(n, rule=_RULE, unit="pairs of a unit and a code")
    return Table(
        "evaluation", title, _COLUMNS, tuple(rows), basis, tuple(notes), disclosure=_DISCLOSURE
    )


def codes_table(
    results: Iterable[GroupResult],
    names: Mapping[CodeKey, str],
    level: str,
    title: str,
    n: Mapping[str, int],
    notes: Sequence[str],
) -> Table:
    """Return the measures of single codes, groups `category.code`, worst F1 first."""
    rows = []
    for result in results:
        category, _, code = result.group.partition(".")
        missed, false = result.truth - result.both, result.found - result.both
        rows.append(
            {
                **_row(result),
                "category": category,
                "code": code,
                "name": names[category, code],
                "missed": missed,
                "false_alarms": false,
            }
        )
    rows.sort(key=lambda r: (r["kind"], r["f1"], -r["missed"] - r["false_alarms"], r["code"]))
    basis = Basis(n, rule=_RULE, unit=f"{level}s")
    trace = "qualkit evaluate … --errors --code {code}"
    return Table(
        "codes",
        title,
        _CODE_COLUMNS,
        tuple(rows),
        basis,
        tuple(notes),
        trace=trace,
        disclosure=_DISCLOSURE,
    )


def errors_table(
    cases: Iterable[ComparedCase],
    wanted: set[CodeKey],
    names: Mapping[CodeKey, str],
    title: str,
    n: Mapping[str, int],
) -> Table:
    """Return every false alarm and miss of the codes wanted, with the words."""
    rows = [row for case in cases for row in _errors(case, wanted, names)]
    rows.sort(key=lambda r: (r["category"], r["code"], r["error"], r["case_id"], r["n"]))
    rule = (
        "missed: the reference has the code in the segment, the coder has not;"
        " false alarm: the other way round"
    )
    return Table("errors", title, _ERROR_COLUMNS, tuple(rows), Basis(n, rule=rule))


def report_table(rows: Iterable[dict[str, Any]], top: int, n: Mapping[str, int]) -> Table:
    """Return top themes shared and rank correlations, one row a kind and category."""
    columns = (
        Column("kind", "kind"),
        Column("category", "category"),
        Column("codes", "codes", "count", spare=1),
        Column("shared", f"top {top} shared", "count"),
        Column("of", "of", "count"),
        Column("correlation", "rank correlation", "score"),
    )
    rule = (
        "themes counted once a case; ties at the cut are in the top whole; Spearman's rank"
        " correlation over all codes of the category"
    )
    title = "What a report would feel"
    # Themes in common and their correlation tell of themes, not of people.
    told = Disclosure(free=tuple(column.key for column in columns[2:]))
    return Table("report", title, columns, tuple(rows), Basis(n, rule=rule), disclosure=told)


def _row(result: GroupResult) -> dict[str, Any]:
    keys = ("kind", "group", "level", "codes", "cases", "units", "truth", "found")
    return {
        **{key: getattr(result, key) for key in keys},
        **measure_cells(result, ("precision", "recall", "f1", "macro_f1", "kappa")),
        "f1_interval": written_interval(result.f1),
        "both": result.both,
    }


def _errors(
    case: ComparedCase, wanted: set[CodeKey], names: Mapping[CodeKey, str]
) -> Iterator[dict[str, Any]]:
    for error, own, other in (
        ("missed", case.truth, case.found),
        ("false alarm", case.found, case.truth),
    ):
        for mark in sorted(set(own) - set(other)):
            n, category, code = mark
            if (category, code) not in wanted or (category, code) not in names:
                continue
            detail = own[mark]
            yield {
                "category": category,
                "code": code,
                "name": names[category, code],
                "error": error,
                "kind": case.kind,
                "case_id": case.case_id,
                "n": n,
                "quote": detail.quote,
                "rule": detail.rule,
                "score": detail.score,
            }


_RULE = (
    "pairs of a unit and a code, each counted once; F1 is the micro average, the macro average"
    " is over the codes in use; intervals are 95% bootstrap intervals over cases"
)
_F1 = (
    Column("f1", "F1", "score"),
    Column("f1_interval", "95% interval", spare=2),
    Column("f1_low", "F1, low", "score", detail=True),
    Column("f1_high", "F1, high", "score", detail=True),
)
_COLUMNS = (
    Column("kind", "kind"),
    Column("group", "group"),
    Column("level", "by"),
    Column("codes", "codes", "count", detail=True),
    Column("cases", "cases", "count", spare=5),
    Column("units", "units", "count", spare=4),
    Column("truth", "reference", "count", spare=3),
    Column("found", "found", "count", spare=3),
    *with_interval("precision", "precision", 0),
    *with_interval("recall", "recall", 0),
    *_F1,
    *with_interval("macro_f1", "macro F1", 1),
    *with_interval("kappa", "kappa", 1),
)
_CODE_COLUMNS = (
    Column("kind", "kind", spare=4),
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    Column("truth", "reference", "count", spare=1),
    Column("found", "found", "count", spare=1),
    Column("missed", "missed", "count"),
    Column("false_alarms", "false alarms", "count"),
    *with_interval("precision", "precision", 0),
    *with_interval("recall", "recall", 0),
    *_F1,
    *with_interval("kappa", "kappa", 2),
)
# Precision, recall and any two of the counts give the others back: they go together. Missed and
# false alarms tell of the coder, not of families.
_COUNTS = ("truth", "found", "both")
_FIGURES = tuple(
    column.key
    for column in {c.key: c for c in (*_COLUMNS, *_CODE_COLUMNS)}.values()
    if column.key not in ("kind", "group", "level", "codes", "cases", "units", "category", "code")
    and column.key != "name"
)
_DISCLOSURE = Disclosure(
    measures=(
        Measure("cases", derived=(*_FIGURES, "units")),
        Measure("units", derived=_FIGURES),
        *(Measure(key, derived=_FIGURES) for key in _COUNTS),
    ),
    free=("codes",),
)
_ERROR_COLUMNS = (
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    Column("error", "error"),
    Column("kind", "kind", spare=4, detail=True),
    Column("case_id", "case", "id"),
    Column("n", "segment", "count", spare=1),
    Column("quote", "words", "quote"),
    Column("rule", "rule", spare=2),
    Column("score", "score", "score", detail=True),
)
