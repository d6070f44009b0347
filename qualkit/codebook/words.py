"""The closed sets of words that a codebook may use."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, so that long sets read as lines of words."""
    return frozenset(text.split())


CHECKS = word_set("negation question wish plan hypothetical others failed")
NEGATIONS = word_set("drop keep require")
ABOUT = word_set("parent child family worker any")
