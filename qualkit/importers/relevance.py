"""The relevance columns of an MSC form: which domain each is about, and what its cells say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.errors import ColumnError, near_matches
from qualkit.importers.columns import name_list
from qualkit.model import Relevance
from qualkit.normalise import normalise_name

Domains = Mapping[str, tuple[str, ...]]

DOMAINS: Domains = {
    "home-and-money": ("Home and money", "Home money", "Positive experiences with home and money"),
    "keeping-children-safe": ("Keeping children safe", "Children safe"),
    "boundaries-and-behaviour": (
        "Boundaries and behaviour",
        "Boundaries and behaviours",
        "Boundaries behaviour",
        "Boundaries and behavior",
        "Positive boundaries and behaviours",
    ),
    "family-routine": ("Family routine", "Family routines", "Positive family routines"),
    "physical-health": ("Physical health", "Good or improved physical health"),
    "adult-wellbeing": ("Adult wellbeing", "Adults wellbeing", "Positive adult wellbeing"),
    "social-networks": (
        "Social networks",
        "Social network",
        "Positive and supportive social networks",
    ),
    "childrens-emotional-needs": (
        "Meeting children's emotional needs",
        "Children's emotional needs",
        "Emotional needs",
    ),
    "education-and-learning": (
        "Education and learning",
        "Education learning",
        "Positive and appropriate education and learning",
    ),
    "progress-to-work": (
        "Progress to work",
        "Progress towards work",
        "Achieving progress to work",
    ),
}

_WORDS = {
    "not": Relevance.NOT,
    "not at all": Relevance.NOT,
    "no": Relevance.NOT,
    "none": Relevance.NOT,
    "n": Relevance.NOT,
    "0": Relevance.NOT,
    "fairly": Relevance.FAIRLY,
    "somewhat": Relevance.FAIRLY,
    "1": Relevance.FAIRLY,
    "very": Relevance.VERY,
    "highly": Relevance.VERY,
    "2": Relevance.VERY,
}
_FILLERS = re.compile(r"\b(relevant|relevance)\b")


@dataclass(frozen=True, slots=True)
class RelevanceColumns:
    """The column of each domain, and what the user should know of the choice."""

    columns: Mapping[str, str]
    """Domain id to header."""
    notes: tuple[str, ...] = ()


def parse_relevance(cell: str) -> Relevance | None:
    """Return what a filled cell declares: not, fairly or very; None where it is neither."""
    plain = re.sub(r"^(\d)\.0$", r"\1", cell.strip())
    name = normalise_name(plain)
    if name == "irrelevant":
        return Relevance.NOT
    parts = _FILLERS.sub(" ", name).split()
    if len(parts) > 1 and parts[0] in {"0", "1", "2"}:
        # "2 - very relevant": number and word must agree.
        word = _WORDS.get(" ".join(parts[1:]))
        return word if word is _WORDS[parts[0]] else None
    return _WORDS.get(" ".join(parts))


def columns_by_prefix(
    headers: Sequence[str], prefix: str, domains: Domains, *, where: str
) -> RelevanceColumns:
    """Return the columns whose headers begin with `prefix` and go on with a domain's name.

    Raises
    ------
    ColumnError
        No header does.
    """
    start = _plain(prefix)
    begun = [header for header in headers if _plain(header).startswith(start)]
    columns: dict[str, str] = {}
    left = []
    for header in begun:
        rest = _plain(header)[len(start) :].strip()
        domain = domain_of(rest, domains)
        if domain is None or domain in columns:
            left.append(header)
        else:
            columns[domain] = header
    if not columns:
        near = near_matches(prefix, [header[: len(prefix)] for header in headers])
        names = [names[0] for names in domains.values() if names]
        raise ColumnError(
            f"no column of relevance begins with '{prefix}'"
            if not begun
            else f"no column that begins with '{prefix}' names a domain",
            where=where,
            found="columns " + name_list(begun or headers),
            expected=f"'{prefix}' and the name of a domain: {name_list(names)}",
            to_do=f"did you mean '{near[0]}'?" if near else "check the prefix after --relevance",
        )
    notes = [f"begin with '{prefix}' but name no further domain: {name_list(left)}"] if left else []
    return RelevanceColumns(columns, tuple(notes))


def guess_relevance(
    headers: Iterable[str], values: Mapping[str, Sequence[str]], domains: Domains
) -> RelevanceColumns:
    """Return the columns that name a domain and whose cells say not, fairly or very.

    Parameters
    ----------
    headers : iterable of str
        The headers to choose from.
    values : mapping
        Filled cells of a sample of rows, by header.
    domains : mapping
        Names of each domain, by id.
    """
    share: dict[str, dict[str, float]] = {}
    for header in headers:
        domain = domain_of(header, domains)
        if domain is None:
            continue
        cells = values.get(header, ())
        good = sum(1 for cell in cells if parse_relevance(cell) is not None)
        # A column that nobody filled may be one where others are; it comes last.
        share.setdefault(domain, {})[header] = good / len(cells) if cells else 0.5
    columns = {}
    notes = []
    for domain, candidates in share.items():
        best = max(candidates, key=lambda header: candidates[header])
        if candidates[best] >= 0.5:
            columns[domain] = best
    if not any(values.get(header) for header in columns.values()):
        return RelevanceColumns({})
    missing = [domain for domain in domains if domain not in columns]
    if missing:
        notes.append(f"no relevance column for: {', '.join(missing)}")
    return RelevanceColumns(columns, tuple(notes))


def domain_of(header: str, domains: Domains) -> str | None:
    """Return the one domain that a header equals or contains, or None."""
    name = f" {_plain(header)} "
    squashed = name.replace(" ", "")
    found = {
        plain: domain
        for domain, names in domains.items()
        for each in (domain, *names)
        if (plain := _plain(each)) and (f" {plain} " in name or plain.replace(" ", "") == squashed)
    }
    # Of "health" and "physical health", the longer name is meant.
    whole = [plain for plain in found if not any(plain in other != plain for other in found)]
    hits = {found[plain] for plain in whole}
    return hits.pop() if len(hits) == 1 else None


def _plain(name: str) -> str:
    name = name.replace("&", " and ").replace("'", "").replace("’", "")
    return normalise_name(name).replace("well being", "wellbeing")
