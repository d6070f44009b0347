"""The closed sets of words that a codebook may use."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, so that long sets read as lines of words."""
    return frozenset(text.split())


CHECKS = word_set("negation question wish plan hypothetical others failed")
NEGATIONS = word_set("drop keep require")
ABOUT = word_set("parent child family worker any")

EVERYDAY = word_set(
    """
    a about after again all also am an and any are as at back be been before being both but by came
    can come could day did do does doing done down each even every for from get gets getting go goes
    going gone good got had has have having he her here him his how i if in into is it its just know
    like little made make me more most much my need new no not now of off on one only or other our
    out over own put said say see she so some still than that the their them then there these they
    thing things this time to too told took up us use very want was way we well went were what when
    where which who will with work would yes you your
    """
)
"""Words that stand in almost every segment."""
