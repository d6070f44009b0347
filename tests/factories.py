"""Small sources and cases for tests, as importers would give them."""

from __future__ import annotations

from collections.abc import Iterable

from qualkit.model import Kind, ParsedCase, ParsedSegment, ParsedSource, Rejection, Relevance


def parsed(
    cases: Iterable[ParsedCase | Rejection],
    *,
    name: str = "narratives.csv",
    kind: Kind | None = Kind.MSC,
    content: str = "one",
) -> ParsedSource:
    """A source as an importer would give it."""
    return ParsedSource(name, kind, f"/somewhere/{name}", content, "", list(cases))


def case(
    case_id: str,
    *texts: str,
    ufrn: str = "",
    kind: Kind = Kind.MSC,
    role: str = "worker",
    relevance: dict[str, str] | None = None,
    attributes: dict[str, str] | None = None,
) -> ParsedCase:
    """A case of one segment a text; an empty text leaves a gap in the numbers."""
    segments = tuple(
        ParsedSegment(n, text, role=role) for n, text in enumerate(texts, start=1) if text
    )
    levels = {domain: Relevance(level) for domain, level in (relevance or {}).items()}
    return ParsedCase(case_id, kind, segments, ufrn, attributes or {}, {}, levels)
