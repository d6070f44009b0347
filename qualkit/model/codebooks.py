"""Codebooks, codes, their compiled form, and what the rules propose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from qualkit.model.evidence import Role


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault or a doubt found in a codebook file."""

    file: str
    line: int
    text: str
    code: str = ""
    level: str = "error"

    def __str__(self) -> str:
        code = f"{self.code}: " if self.code else ""
        return f"{self.file}:{self.line}: {self.level}: {code}{self.text}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of a code, as its author wrote it (see docs/codebooks.md).

    Exactly one of `match` (a phrase of the pattern language) and `token` (a
    spaCy Matcher pattern, as JSON text) is set.
    """

    match: str = ""
    token: str = ""
    score: float = 0.8
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    negation: str = "drop"
    checks: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a codebook. `code_id` is unique within its category."""

    code_id: str
    category: str
    name: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    about: str = "any"
    group: str = ""
    patterns: tuple[Pattern, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    line: int = 0


def split_roles(roles: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (roles that a codebook is limited to, roles that it leaves out).

    A codebook writes the latter as "not staff".
    """
    listed = list(roles)
    left_out = tuple(role.removeprefix("not ") for role in listed if role.startswith("not "))
    return tuple(role for role in listed if not role.startswith("not ")), left_out


def covers(kinds: Sequence[str], roles: Sequence[str], kind: str, role: str) -> bool:
    """Say whether a codebook's kinds and roles cover a segment; interviewers' never are."""
    limited, left_out = split_roles(roles)
    return (
        role != Role.INTERVIEWER
        and role not in left_out
        and (not kinds or kind in kinds)
        and (not limited or role in limited)
    )


@dataclass(frozen=True, slots=True)
class Codebook:
    """A versioned file of codes. Empty `kinds` or `roles` means all (but interviewers).

    A role written "not staff" leaves out that role instead (see `covers`).
    """

    name: str
    version: str
    content_hash: str
    codes: tuple[Code, ...]
    title: str = ""
    language: str = "en"
    authors: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    inherit_question: bool = False
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: str = ""


CodeKey: TypeAlias = tuple[str, str]
"""A category and a code of it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text written for a codebook: the codes that it carries, and those it only seems to."""

    text: str
    given: tuple[CodeKey, ...]
    near: tuple[CodeKey, ...] = ()
    voice: str = ""
    question: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """The examples of one file; of the categories in `complete` every code is named."""

    file: str
    complete: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One pattern made ready for matching.

    Attributes
    ----------
    rule_id : str
        `category.code#k`, k counting the code's patterns from 1.
    code : int
        Position of the code in `CompiledCodebook.codes`.
    parts : tuple of tuple of str
        The stretches between gaps; each is the set of surface forms (normalised
        as `coding.normalise` does) that may stand there. A form ending in `*`
        is open to the right. A form with a capital is compared letter by
        letter with the text.
    gaps : tuple of int
        Most words between part i and part i + 1; len(parts) - 1 of them.
    token : str
        A spaCy Matcher pattern as JSON, or empty; then `parts` holds one part,
        the words one of which must stand in the segment.
    needs, unless : tuple of rule parts
        Forms of which one must, or none may, stand in the same sentence.
    """

    rule_id: str
    code: int
    parts: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...] = ()
    token: str = ""
    score: float = 0.8
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    negation: str = "drop"
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledCode:
    """What matching needs to know of a code."""

    code_id: str
    category: str
    about: str


@dataclass(frozen=True, slots=True)
class CompiledCodebook:
    """A codebook expanded once into surface forms; plain data, stored as JSON."""

    name: str
    content_hash: str
    codes: tuple[CompiledCode, ...]
    rules: tuple[CompiledRule, ...]
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    inherit_question: bool = False


@dataclass(frozen=True, slots=True)
class ProposedCoding:
    """A coding as the machine proposes it; `rule` says which rule found it."""

    segment_id: int
    category: str
    code_id: str
    start: int
    end: int
    score: float
    rule: str
