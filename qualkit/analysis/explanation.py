"""Explanations of a coding as tables: rule hits, evidence, words, nearest examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualkit.model import Basis, Column, Table

_NAMES = {
    "words": "words of the stretch",
    "meaning": "meaning of the sentence",
    "hit": "a rule hit",
    "rule": "the rule's own score",
    "offset": "how common the code is",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One sort of evidence: its value here, and what it weighs for the code."""

    name: str
    value: float
    weight: float


def checks_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the rule hits of the code in the segment, those that count and those dropped."""
    columns = (
        Column("rule", "rule"),
        Column("words", "words matched", "quote"),
        Column("counts", "counts"),
        Column("reasons", "what speaks against it", "list"),
    )
    rule = "all hits of the code's rules in the segment; a hit counts if nothing speaks against it"
    return Table("rules", "By rules", columns, tuple(rows), Basis(rule=rule))


def evidence_table(shares: Sequence[Share]) -> Table:
    """Return what each sort of evidence brings; the column `share` adds up to the log-odds."""
    rows = [
        {
            "evidence": _NAMES[share.name],
            "value": share.value,
            "weight": share.weight,
            "share": share.value * share.weight,
        }
        for share in shares
        if share.value * share.weight
    ]
    columns = (
        Column("evidence", "evidence"),
        Column("value", "value", "score"),
        Column("weight", "weight", "score"),
        Column("share", "share", "score"),
    )
    rule = "value times weight is the share; the shares add up to the log-odds before calibration"
    return Table("evidence", "By what was learned", columns, tuple(rows), Basis(rule=rule))


def words_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the words that say most for (above 0) or against (below 0) the code."""
    columns = (Column("words", "words"), Column("weight", "weight", "score"))
    rule = "words and pairs of words; parts of words count too, and are not shown"
    return Table("words", "Words that told most", columns, tuple(rows), Basis(rule=rule))


def nearest_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the nearest stretches that are known to carry the code, or not to."""
    columns = (
        Column("likeness", "likeness", "score"),
        Column("carries", "carries the code"),
        Column("text", "text", "quote"),
        Column("origin", "from"),
    )
    rule = "likeness is the cosine, 1 for the same; examples, shipped cases, codings and decisions"
    return Table(
        "nearest", "Nearest examples and decisions", columns, tuple(rows), Basis(rule=rule)
    )
