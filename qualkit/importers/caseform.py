"""qualkit's own case form: JSON Lines, one case with its segments a line.

`{"id", "kind", "ufrn", "cluster", "service", "locality", "meta": {...},
"segments": [{"n", "speaker", "role", "text", "label"}]}`; all but the kind and
the segments may be left out. `meta.relevance` holds the declared relevance by
domain id, `meta.ratings` numbers; other single values of `meta` become
attributes of the case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import check_readable, hash_file
from qualkit.importers.jsonlines import (
    NO_OBJECT,
    JsonObject,
    JsonValue,
    iter_objects,
    plain_value,
)
from qualkit.importers.rawrows import clean_text, collapse
from qualkit.importers.relevance import DOMAINS, domain_of, parse_relevance
from qualkit.model import Kind, ParsedCase, ParsedSegment, ParsedSource, Rejection, Relevance
from qualkit.normalise import slug

# A hearing of a whole day has some 20,000 turns.
MOST_SEGMENTS = 150_000
_ATTRIBUTES = ("cluster", "service", "locality")
_ENDINGS = frozenset({".jsonl", ".ndjson"})


class CaseError(ValueError):
    """A line is not a case; the message says why and quotes nothing."""


@dataclass(slots=True)
class _Left:
    """What was left aside, by name, for the notes."""

    lists: dict[str, int] = field(default_factory=dict)
    relevance: int = 0

    def notes(self) -> list[str]:
        lines = [f"left out: list '{key}' in meta, cases: {n}" for key, n in self.lists.items()]
        if self.relevance:
            lines.append(f"relevance not understood, left out: {self.relevance}")
        return lines


def is_case_form(path: Path) -> bool:
    """Tell whether a file is in the case form: its first object has a list of segments."""
    if path.suffix.lower() not in _ENDINGS:
        return False
    for _, value in islice(iter_objects(path), 20):
        if value is not None:
            return isinstance(value.get("segments"), list)
    return False


def require_case_form(path: Path, problem: str, *, line: str, to_do: str) -> None:
    """Refuse a file that is not in the case form; `line` shows what was expected.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or is not in the case form.
    """
    check_readable(path)
    if not is_case_form(path):
        raise SourceFormatError(
            problem, where=str(path), expected=f"JSON Lines, each line {line}", to_do=to_do
        )


def read_cases(path: Path, name: str = "", kind: Kind | None = None) -> ParsedSource:
    """Read a file of cases in the case form.

    Parameters
    ----------
    path : Path
        A .jsonl file.
    name : str, optional
        Name of the source; the file name without it.
    kind : Kind, optional
        The kind asked for; cases of other kinds are set aside.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or is not in the case form.
    """
    require_case_form(
        path,
        "the file is not in qualkit's case form",
        line='{"id", "kind", "segments": [...], ...}',
        to_do="import a table of narratives with `import msc`, of answers with `import survey`",
    )
    notes: list[str] = []
    return ParsedSource(
        name=name or path.name,
        kind=kind or _only_kind(path),
        path=str(path),
        content_hash=hash_file(path),
        options=f"case form; kind={kind or 'as written'}",
        items=_iter_cases(path, name or path.stem, kind, notes),
        notes=notes,
    )


def _only_kind(path: Path) -> Kind | None:
    kinds = {_kind_of(value) for _, value in iter_objects(path) if value is not None}
    kinds.discard(None)
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of(value: JsonObject) -> Kind | None:
    written = value.get("kind")
    return Kind(written) if isinstance(written, str) and written in set(Kind) else None


def _iter_cases(
    path: Path, stem: str, kind: Kind | None, notes: list[str]
) -> Iterator[ParsedCase | Rejection]:
    left = _Left()
    seen: dict[str, int] = {}
    for number, value in iter_objects(path):
        place = f"line {number}"
        if value is None:
            yield Rejection(place=place, reason=NO_OBJECT)
            continue
        try:
            case, problems = parse_case(value, number, stem, left)
            if kind is not None and case.kind is not kind:
                raise CaseError(f"the case is of kind {case.kind}, not {kind}")
            if case.case_id in seen:
                raise CaseError(f"the case id already stands in line {seen[case.case_id]}")
        except CaseError as error:
            yield Rejection(place=place, reason=str(error), fields=_flat_fields(value))
            continue
        seen[case.case_id] = number
        yield case
        yield from problems
    notes.extend(left.notes())


def parse_case(
    value: JsonObject, number: int, stem: str, left: _Left | None = None
) -> tuple[ParsedCase, list[Rejection]]:
    """Return the case of one line, and what of it was left out.

    Raises
    ------
    CaseError
        The line is not a case.
    """
    left = left or _Left()
    place = f"line {number}"
    kind = _kind_of(value)
    if kind is None:
        raise CaseError(f"the kind is none of {', '.join(Kind)}")
    meta = value.get("meta") or {}
    if not isinstance(meta, dict):
        raise CaseError("meta is not an object")
    problems: list[Rejection] = []
    relevance = _parse_relevance(meta.get("relevance"), place, problems)
    left.relevance += len(problems)
    case = ParsedCase(
        case_id=collapse(_text(value, "id")) or f"{stem}-{number}",
        kind=kind,
        segments=_parse_segments(value.get("segments"), place),
        ufrn=_text(value, "ufrn").strip(),
        attributes=_parse_attributes(value, meta, left),
        ratings=_parse_ratings(meta.get("ratings")),
        relevance=relevance,
        place=place,
    )
    return case, problems


def _parse_attributes(value: JsonObject, meta: JsonObject, left: _Left) -> dict[str, str]:
    attributes = {}
    for key in _ATTRIBUTES:
        if text := collapse(_text(value, key)):
            attributes[key] = text
    for key, inner in meta.items():
        if isinstance(inner, dict) and key in {"relevance", "ratings"}:
            continue
        if isinstance(inner, list | dict):
            left.lists[key] = left.lists.get(key, 0) + 1
        elif text := collapse(plain_value(inner)):
            attributes[slug(key) or key] = text
    return attributes


def _parse_relevance(
    value: JsonValue, place: str, problems: list[Rejection]
) -> dict[str, Relevance]:
    if not isinstance(value, dict):
        return {}
    declared: dict[str, Relevance] = {}
    blank = []
    for written, inner in value.items():
        domain = domain_of(written, DOMAINS) or slug(written) or written
        text = plain_value(inner).strip()
        parsed = parse_relevance(text)
        if not text:
            blank.append(domain)
        elif parsed is not None:
            declared[domain] = parsed
        else:
            reason = "the relevance is none of not, fairly, very; left out"
            problems.append(Rejection(f"{place}, relevance '{written}'", reason, {written: text}))
    if declared:
        declared |= dict.fromkeys(blank, Relevance.NOT)
    return declared


def _parse_ratings(value: JsonValue) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {key: number for key in value if (number := _number(value, key)) is not None}


def _parse_segments(value: JsonValue, place: str) -> tuple[ParsedSegment, ...]:
    if not isinstance(value, list):
        raise CaseError("segments is not a list")
    if len(value) > MOST_SEGMENTS:
        raise CaseError(f"the case has more than {MOST_SEGMENTS:,} segments")
    segments = []
    numbers = set()
    for position, inner in enumerate(value, start=1):
        if not isinstance(inner, dict):
            raise CaseError(f"segment {position} is not an object")
        n = inner.get("n", position)
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n < 2**31 or n in numbers:
            raise CaseError(f"segment {position} has no number of its own from 1 up")
        numbers.add(n)
        text = inner.get("text")
        if not isinstance(text, str | None):
            raise CaseError(f"the text of segment {n} is not text")
        cleaned = clean_text(text or "")
        if cleaned:
            segments.append(
                ParsedSegment(
                    n=n,
                    text=cleaned,
                    label=_text(inner, "label"),
                    speaker=_text(inner, "speaker"),
                    role=_text(inner, "role"),
                    start_s=_number(inner, "start_s"),
                    end_s=_number(inner, "end_s"),
                    place=f"{place}, segment {n}",
                )
            )
    return tuple(sorted(segments, key=lambda segment: segment.n))


def _text(value: JsonObject, key: str) -> str:
    inner = value.get(key)
    if isinstance(inner, list | dict):
        raise CaseError(f"'{key}' is not a single value")
    return plain_value(inner)


def _number(value: JsonObject, key: str) -> float | None:
    """Return a finite number, or None; JSON as Python reads it knows NaN too."""
    inner = value.get(key)
    if not isinstance(inner, int | float) or isinstance(inner, bool):
        return None
    return float(inner) if abs(inner) < 1e300 else None


def _flat_fields(value: JsonObject) -> dict[str, str]:
    """Return the whole line, for the rejects file."""
    return {"line": json.dumps(value, ensure_ascii=False)}
