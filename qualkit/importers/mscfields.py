"""The fields and the relevance table of an MSC form in Word, by their usual spellings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualkit.importers.relevance import DOMAINS, domain_of, parse_relevance
from qualkit.importers.ufrn import ufrn_of_line
from qualkit.model import Relevance
from qualkit.normalise import normalise_name

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "quarter": ("quarter", "period", "reporting period", "reporting quarter"),
    "locality": ("locality", "area", "district", "locality area"),
    "service": ("service", "team", "service name", "team service", "service team"),
    "direction": (
        "direction",
        "direction of change",
        "type of change",
        "positive or negative",
        "positive or negative change",
        "was the change positive or negative",
        "is the change positive or negative",
    ),
    "person-or-family": (
        "person or family",
        "individual or family",
        "about a person or a family",
        "is this story about a person or a family",
        "story about",
        "subject of the story",
        "who is the story about",
    ),
    "staff-or-partner": (
        "staff or partner",
        "told by",
        "written by",
        "completed by",
        "storyteller",
        "story teller",
        "staff member or partner",
        "role of storyteller",
    ),
    "cluster": ("cluster", "group"),
    "date": ("date", "date of story", "date completed", "date recorded", "date written"),
    "title": ("title", "title of story", "story title", "title of the story"),
}
_FIELD_OF = {spelling: field for field, spellings in _FIELDS.items() for spelling in spellings}
_REFERENCE_KEYS = frozenset(
    {
        "ufrn", "family reference", "family reference number", "family ref", "family id",
        "unique family reference number", "family ref no", "family number", "family no",
        "unique family reference number ufrn", "family reference number ufrn",
        "family reference ufrn",
    }
)  # fmt: skip
_MARKS = frozenset({"x", "✓", "✔", "☒", "☑", "✗", "✘", "•", "●", "√", "yes", "y", "1"})
LONGEST_VALUE = 100
LONGEST_DOMAIN = 60


def field_of(key: str, value: str) -> tuple[str, str] | None:
    """Return the attribute and its value where `key` names a field of the form.

    The attribute of the family reference is "ufrn". A long value is an answer,
    not a field.
    """
    plain = normalise_name(key)
    if len(value) > LONGEST_VALUE or "\n" in value:
        return None
    if plain in _REFERENCE_KEYS or plain == "reference":
        return "ufrn", ufrn_of_line(f"UFRN: {value}") or value
    return (_FIELD_OF[plain], value) if plain in _FIELD_OF else None


def field_of_line(text: str) -> tuple[str, str] | None:
    """Return the field of a line such as "Quarter: 2017Q2", or None."""
    key, colon, value = text.partition(":")
    if not colon:
        key, colon, value = text.partition("\t")
    return field_of(key.strip("*_ "), value.strip("*_ \t")) if colon else None


def relevance_of(domain: str, level: str) -> tuple[str, Relevance] | None:
    """Return (domain id, relevance) where both words are known, or None."""
    name = named_domain(domain)
    declared = parse_relevance(level) if level.strip() else None
    return (name, declared) if name and declared else None


def relevance_of_line(text: str) -> tuple[str, Relevance] | None:
    """Return the relevance of a line such as "Home and money: very", or None."""
    for sign in (":", "\t", " – ", " - ", " — ", "="):
        domain, found, level = text.partition(sign)
        if found and (declared := relevance_of(domain, level)):
            return declared
    return None


def named_domain(text: str) -> str | None:
    """Return the id of the domain that a short text names, or None."""
    if len(text) > LONGEST_DOMAIN or text.rstrip().endswith("?"):
        return None
    return domain_of(text, DOMAINS)


def level_columns(cells: Sequence[str]) -> dict[int, Relevance] | None:
    """Return which columns of a table stand for which relevance, where `cells` is its head."""
    found = {n: parse_relevance(cell) for n, cell in enumerate(cells) if cell.strip()}
    columns = {n: level for n, level in found.items() if level is not None}
    return columns if len(set(columns.values())) >= 2 else None


def ticked(cells: Sequence[str], columns: Mapping[int, Relevance]) -> Relevance | None:
    """Return the relevance whose column alone is ticked, or None."""
    marks = [columns[n] for n in columns if n < len(cells) and cells[n].strip().lower() in _MARKS]
    return marks[0] if len(marks) == 1 else None
