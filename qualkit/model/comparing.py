"""Codings of two coders, as they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from qualkit.model.evidence import ParsedCase


@dataclass(frozen=True, slots=True)
class MarkDetail:
    """What stands behind a code in a segment: the words, the rule, how sure."""

    quote: str = ""
    rule: str = ""
    score: float | None = None


Mark: TypeAlias = tuple[int, str, str]
"""A segment's number, a category and a code."""


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """One case as a reference coded it and as another coder did.

    Attributes
    ----------
    segments : mapping of int to frozenset of str
        By segment number, the categories that were open to coding there.
    truth, found : mapping of Mark to MarkDetail
        Codes of the reference, and of the coder compared with it.
    """

    kind: str
    case_id: str
    segments: Mapping[int, frozenset[str]]
    truth: Mapping[Mark, MarkDetail]
    found: Mapping[Mark, MarkDetail]


@dataclass(frozen=True, slots=True)
class CodedCase:
    """A case as a file has it, with the codes that a person gave its segments.

    `marks` holds (segment number, category or empty where the file does not say,
    code, quotation or empty).
    """

    case: ParsedCase
    marks: tuple[tuple[int, str, str, str], ...]
