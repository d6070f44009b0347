"""Rows of .jsonl files: one flat object a line, its keys as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import detect_encoding
from qualkit.importers.rawrows import NumberedRow, RawRows
from qualkit.model import Rejection

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

MOST_COLUMNS = 16_384
_BAD_LINE = "is not a JSON object"


def iter_objects(path: Path) -> Iterator[tuple[int, JsonObject | None]]:
    """Yield each line's number and its object; None where the line is not one."""
    with path.open(encoding=detect_encoding(path)) as stream:
        for number, line in enumerate(stream, start=1):
            line = line.removeprefix("\ufeff").strip()
            if not line:
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                # ValueError too: Python reads no integer of thousands of digits.
                value = None
            if "\\u" in line and not _is_text(value):
                value = None
            yield number, value if isinstance(value, dict) else None


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
    for _, value in iter_objects(path):
        if value is not None:
            keys.update(dict.fromkeys(_flatten(value, lists)))
        if len(keys) > MOST_COLUMNS:
            break
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
            yield Rejection(place=f"line {number}", reason=f"the line {_BAD_LINE}")
            continue
        flat = _flatten(value, set())
        yield number, [flat.get(header, "") for header in headers]
