"""Rows of .jsonl files: one flat object a line, its keys as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import detect_encoding
from qualkit.importers.rawrows import NumberedRow, RawRows
from qualkit.model import Rejection

NO_OBJECT = "the line is not a JSON object, or nests too deep, or holds half a character"

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

MOST_COLUMNS = 16_384
# A table so large is never nearly empty.
MOST_SPARSE_CELLS = 10_000_000
LEAST_FILLED = 0.05
# A case with all turns of a day's hearing is 1 MB.
LONGEST_LINE = 8 << 20
# Answers nest two or three deep.
MOST_DEPTH = 50


def iter_objects(path: Path) -> Iterator[tuple[int, JsonObject | None]]:
    """Yield each line's number and its object; None where the line is not one.

    Raises
    ------
    SourceFormatError
        A line is longer than any case.
    """
    with path.open(encoding=detect_encoding(path)) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), ""), start=1):
            if len(line) == LONGEST_LINE:
                raise SourceFormatError(
                    "a line is longer than any case",
                    where=f"{path}, line {number}",
                    found=f"{LONGEST_LINE:,} characters or more",
                    expected="JSON Lines: one object a line",
                    to_do="export it as JSON Lines, not as one list; or as CSV or .xlsx",
                )
            line = line.removeprefix("\ufeff").strip()
            if line:
                yield number, _parse_line(line)


def _parse_line(line: str) -> JsonObject | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        # ValueError too: Python reads no integer of thousands of digits.
        return None
    if not isinstance(value, dict):
        return None
    if line.count("{") + line.count("[") > MOST_DEPTH and _depth(value) > MOST_DEPTH:
        return None
    return None if "\\u" in line and not _is_text(value) else value


def _depth(value: JsonValue) -> int:
    """Return how deep lists and objects nest, at most one more than `MOST_DEPTH`."""
    depth, level = 0, [value]
    while level and depth <= MOST_DEPTH:
        inner = [each for each in level if isinstance(each, list | dict)]
        depth += bool(inner)
        level = [x for each in inner for x in (each.values() if isinstance(each, dict) else each)]
    return depth


def _is_text(value: object) -> bool:
    """Say whether all of a value can be written; half of a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def open_json_lines(path: Path) -> RawRows:
    """Return the rows of a JSON Lines file; nested keys are joined with dots.

    Raises
    ------
    SourceFormatError
        No line is a JSON object.
    """
    keys: dict[str, None] = {}
    lists: set[str] = set()
    rows = filled = 0
    for _, value in iter_objects(path):
        if value is not None:
            flat = _flatten(value, lists)
            keys.update(dict.fromkeys(flat))
            rows += 1
            filled += len(flat)
        if len(keys) > MOST_COLUMNS:
            break
    cells = rows * len(keys)
    if cells > MOST_SPARSE_CELLS and filled < LEAST_FILLED * cells:
        raise SourceFormatError(
            "the lines have hardly any keys in common",
            where=str(path),
            found=f"{len(keys):,} different keys in {rows:,} lines",
            expected="JSON Lines: each line an object with the same keys",
            to_do="export it with the same keys in each line, or as CSV or .xlsx",
        )
    if not keys or len(keys) > MOST_COLUMNS:
        raise SourceFormatError(
            "the file does not hold one JSON object a line",
            where=str(path),
            found="no object" if not keys else f"more than {MOST_COLUMNS:,} different keys",
            expected="JSON Lines: each line an object with the same keys",
            to_do="export it as JSON Lines, CSV or .xlsx",
        )
    headers = tuple(keys)
    notes = [f"lists of objects left out: {', '.join(sorted(lists))}"] if lists else []
    return RawRows(
        read=lambda: _read(path, headers), unit="line", headers=headers, notes=tuple(notes)
    )


def plain_value(value: JsonValue) -> str:
    """Return a JSON value as the text of a cell; null is blank, a list is joined with '; '."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return "; ".join(plain_value(each) for each in value)
    return str(value)


def _flatten(value: JsonObject, lists: set[str], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict):
            flat |= _flatten(inner, lists, f"{name}.")
        elif isinstance(inner, list) and any(isinstance(each, list | dict) for each in inner):
            lists.add(name)
        else:
            flat[name] = plain_value(inner)
    return flat


def _read(path: Path, headers: tuple[str, ...]) -> Iterator[NumberedRow | Rejection]:
    for number, value in iter_objects(path):
        if value is None:
            yield Rejection(place=f"line {number}", reason=NO_OBJECT)
            continue
        flat = _flatten(value, set())
        yield number, [flat.get(header, "") for header in headers]
