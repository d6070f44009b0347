"""Tables and export rows as Markdown, CSV, JSON and XLSX, and written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from qualkit.errors import QualkitError
from qualkit.model import Page, Table
from qualkit.normalise import guarded
from qualkit.report.cells import visible
from qualkit.report.values import READ_ONLY, foot_lines, pivoted
from qualkit.report.whole import replace_whole, write_whole
from qualkit.report.workbook import write_workbook

FORMAT_VERSION = 1
"""Raised when the shape of the JSON changes."""

# Signs that would make a link, a picture (fetched from anywhere), a tag or emphasis of words.
_MARKDOWN = re.compile(r"[\\`*|\[\]~]|(?<![^\W_])_|_(?![^\W_])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(result: Table | Page, form: str) -> str:
    """Return a table or page as `csv`, `json` or `markdown` text."""
    if form == "json":
        return json.dumps(as_json(result), ensure_ascii=False, indent=1) + "\n"
    tables = result.tables if isinstance(result, Page) else [result]
    if form == "csv":
        return "\n".join(_csv(table) for table in tables)
    said: set[str] = set()
    blocks = [_markdown(table, said) for table in tables]
    if isinstance(result, Page):
        notes = [f"{_escape(note)}\n" for note in result.notes]
        blocks = [f"# {_escape(result.title)}\n", *blocks, *notes]
    return "\n".join(blocks)


def as_json(result: Table | Page) -> dict[str, Any]:
    """Return a result as plain data; shares from 0 to 1, nothing rounded."""
    if isinstance(result, Page):
        return {
            "page": result.name,
            "version": FORMAT_VERSION,
            "title": result.title,
            "tables": [as_json(table) for table in result.tables],
            "notes": list(result.notes),
        }
    basis = result.basis
    keys = [column.key for column in result.columns if column.form not in READ_ONLY]
    return {
        "table": result.name,
        "version": FORMAT_VERSION,
        "title": result.title,
        "n": dict(basis.n_by_kind),
        "denominator": basis.denominator,
        "unit": basis.unit,
        "rule": basis.rule,
        "confirmed": basis.confirmed,
        "runs": list(basis.runs),
        "notes": list(result.notes),
        "trace": result.trace,
        "columns": keys,
        "rows": [{key: _plain(row.get(key)) for key in keys} for row in result.rows],
        **_suppressed(result),
    }


def _suppressed(table: Table) -> dict[str, Any]:
    """Return what publishing left out; nothing for a table that is not for publishing."""
    told = table.suppressed
    if told is None:
        return {}
    return {
        "suppressed": {
            "limit": told.limit,
            "rounded_to": told.rounded_to,
            "numbers": told.numbers,
            "cells": [{"row": row, "column": column} for row, column in told.cells],
            "columns": list(told.columns),
            "quotations": told.quotations,
        }
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _csv(table: Table) -> str:
    out = io.StringIO(newline="")
    keys = [column.key for column in table.columns if column.form not in READ_ONLY]
    _write_csv(out, ",", keys, ([row.get(key) for key in keys] for row in table.rows))
    return out.getvalue()


def _flat(value: Any) -> Any:
    if value is None:
        return ""
    return "|".join(str(item) for item in value) if isinstance(value, tuple) else value


def _markdown(table: Table, said: set[str]) -> str:
    """Return a table; foot lines already `said` on the page are left out."""
    columns, rows = pivoted(table)
    right = {"count", "share", "score", "pair", "pivot", "range", "change"}
    lines = [f"## {_escape(table.title)}", ""]
    if rows:
        lines.append("| " + " | ".join(_escape(column.label) for column in columns) + " |")
        marks = ["---:" if column.form in right else "---" for column in columns]
        lines.append("| " + " | ".join(marks) + " |")
        lines += ["| " + " | ".join(_escape(cell) for cell in row) + " |" for row in rows]
    else:
        lines.append("Nothing to show.")
    foot = [line for line in foot_lines(table) if line not in said]
    said.update(foot)
    lines += ["", *[f"- {_escape(line)}" for line in foot], ""]
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Return a text as one line of Markdown that shows it and does nothing else."""
    plain = _MARKDOWN.sub(r"\\\g<0>", visible(" ".join(text.split())))
    return plain.translate(_HTML)


def save(result: Table | Page, form: str, path: Path) -> None:
    """Write a table or page to a file as `csv`, `json`, `markdown` or `xlsx`.

    A workbook has a sheet a table and a last one with what stands at their feet.
    """
    if form != "xlsx":
        text = render(result, form)
        write_whole(path, lambda out: out.write(text))
        return
    tables = list(result.tables) if isinstance(result, Page) else [result]
    sheets = [_sheet(table, number) for number, table in enumerate(tables, start=1)]
    feet = [[table.title, line] for table in tables for line in foot_lines(table)]
    sheets.append(("notes", ["table", "note"], feet))
    shares = {column.key for table in tables for column in table.columns if column.form == "share"}
    replace_whole(path, lambda temporary: write_workbook(temporary, sheets, shares))


def _sheet(table: Table, number: int) -> tuple[str, list[str], list[list[Any]]]:
    keys = [column.key for column in table.columns if column.form not in READ_ONLY]
    rows = [[_flat(row.get(key)) for key in keys] for row in table.rows]
    return f"{number} {table.name}", keys, rows


def export_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write export rows as they come, in the format of the file's ending; return how many.

    `.csv`, `.tsv`, `.jsonl`, `.json` and `.xlsx`; memory stays flat but for
    `.json`.

    Raises
    ------
    QualkitError
        Another ending, or a file that cannot be written.
    """
    ending = path.suffix.lower()
    count = 0

    def counted() -> Iterable[list[Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield [row.get(column) for column in columns]

    if ending in (".csv", ".tsv"):
        mark = "," if ending == ".csv" else "\t"
        write_whole(path, lambda out: _write_csv(out, mark, columns, counted()))
    elif ending in (".json", ".jsonl"):
        lines = ending == ".jsonl"
        write_whole(path, lambda out: _write_json(out, columns, counted(), lines=lines))
    elif ending == ".xlsx":
        sheets = [("qualkit", columns, counted())]
        replace_whole(path, lambda temporary: write_workbook(temporary, sheets))
    else:
        raise QualkitError(
            "this kind of file cannot be written",
            where=str(path),
            found=ending or "no ending",
            expected=".csv, .tsv, .jsonl, .json or .xlsx",
            to_do="give the file one of these endings",
        )
    return count


class _Lines:
    """Ends the lines of a CSV writer in \\n.

    The writer itself is told \\r\\n, since it puts only those signs of a text into
    quotation marks that it has for line ends.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def _write_csv(out: IO[str], mark: str, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    writer = csv.writer(_Lines(out), delimiter=mark, lineterminator="\r\n")
    writer.writerow(map(_safe, columns))
    # Most cells of wide tables are blank or whole numbers, which nothing needs to be done to.
    writer.writerows(
        ["" if cell is None else cell if type(cell) is int else _safe(cell) for cell in row]
        for row in rows
    )


def _safe(value: Any) -> Any:
    """Return a cell of a CSV file; numbers stay numbers, words never become formulas."""
    value = _flat(value)
    return guarded(value) if isinstance(value, str) else value


def _write_json(
    out: IO[str], columns: Sequence[str], rows: Iterable[list[Any]], *, lines: bool
) -> None:
    objects = (dict(zip(columns, row, strict=True)) for row in rows)
    if lines:
        for item in objects:
            out.write(json.dumps(item, ensure_ascii=False) + "\n")
    else:
        out.write(json.dumps(list(objects), ensure_ascii=False, indent=1) + "\n")
