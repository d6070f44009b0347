"""The case form with codes: a person's coding to compare with, or to learn from.

JSON Lines in the form of `caseform`; a segment may hold `codes`, a list of ids or
of `{"code", "quote"}`, and `domains`, a list of domain ids; `meta.reasons` and
`meta.agencies` are codes of each of the case's segments. An id may be written
`category.code`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qualkit.importers.caseform import CaseError, parse_case, require_case_form
from qualkit.importers.jsonlines import NO_OBJECT, JsonObject, JsonValue, iter_objects
from qualkit.model import CodedCase, Rejection

_SEGMENT_LISTS = {"domains": "domain", "reasons": "reason", "agencies": "agency"}


def read_coded_cases(path: Path) -> Iterator[CodedCase | Rejection]:
    """Yield the cases of a file with their codes, and the lines that are none.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or is not in the case form.
    """
    require_case_form(
        path,
        "the file does not hold coded cases",
        line='{"id", "kind", "segments": [{"n", "text", "codes"}]}',
        to_do="docs/guide.md shows a line of it; codings in a table go in by"
        " `qualkit import codings`",
    )
    seen: dict[str, int] = {}
    for number, value in iter_objects(path):
        place = f"line {number}"
        if value is None:
            yield Rejection(place, NO_OBJECT)
            continue
        try:
            case, _ = parse_case(value, number, path.stem)
            if case.case_id in seen:
                raise CaseError(f"the case id already stands in line {seen[case.case_id]}")
            marks = tuple(_marks(value))
        except CaseError as fault:
            yield Rejection(place, str(fault))
            continue
        seen[case.case_id] = number
        yield CodedCase(case, marks)


def _marks(value: JsonObject) -> Iterator[tuple[int, str, str, str]]:
    meta = value.get("meta")
    whole = meta if isinstance(meta, dict) else {}
    segments = value.get("segments")
    for position, segment in enumerate(segments if isinstance(segments, list) else (), start=1):
        if not isinstance(segment, dict):
            continue
        n = segment.get("n", position)
        if not isinstance(n, int):
            continue
        for code, quote in _listed(segment.get("codes"), "codes"):
            category, _, own = code.rpartition(".")
            yield n, category, own, quote
        for key, category in _SEGMENT_LISTS.items():
            for holder in (segment, whole):
                for code, quote in _listed(holder.get(key), key):
                    yield n, category, code.removeprefix(f"{category}."), quote


def _listed(value: JsonValue, key: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if not isinstance(value, list):
        raise CaseError(f"'{key}' is not a list")
    for item in value:
        if isinstance(item, str):
            yield item.strip(), ""
            continue
        code = item.get("code") if isinstance(item, dict) else None
        quote = item.get("quote") if isinstance(item, dict) else None
        if not isinstance(code, str) or not isinstance(quote, str | None):
            raise CaseError(f"an entry of '{key}' is neither an id nor an object with a code")
        yield code.strip(), (quote or "").strip()
