"""The relevance columns of an MSC form: which domain each is about, and what its cells say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from qualkit.errors import ColumnError, near_matches
from qualkit.importers.columns import name_list
from qualkit.model import Relevance
from qualkit.normalise import normalise_name

Domains = Mapping[str, tuple[str, ...]]

DOMAINS: Domains = {
    "home-and-money": ("Home and money", "Home money", "Positive experiences with home and money"),
    "keeping-children-safe": (
        "Keeping children safe",
        "Keeping your children safe",
        "Children safe",
    ),
    "boundaries-and-behaviour": (
        "Boundaries and behaviour",
        "Boundaries and behaviours",
        "Boundaries behaviour",
        "Boundaries and behavior",
        "Positive boundaries and behaviours",
    ),
    "family-routine": ("Family routine", "Family routines", "Positive family routines"),
    "physical-health": ("Physical health", "Good or improved physical health"),
    "adult-wellbeing": (
        "Adult wellbeing",
        "Adults wellbeing",
        "Positive adult wellbeing",
        # As the domains are called to the parent who fills the form in.
        "Your wellbeing",
        "Your own wellbeing",
        "Parent wellbeing",
        "Parents wellbeing",
    ),
    "social-networks": (
        "Social networks",
        "Social network",
        "Positive and supportive social networks",
    ),
    "childrens-emotional-needs": (
        "Meeting children's emotional needs",
        "Children's emotional needs",
        "Meeting your children's emotional needs",
        "Meeting emotional needs",
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

# Too short to count alone: believed where the cells, and most other domains, agree.
_SHORT: Mapping[str, str] = {
    "home": "home-and-money",
    "money": "home-and-money",
    "safety": "keeping-children-safe",
    "child safety": "keeping-children-safe",
    "children safety": "keeping-children-safe",
    "boundaries": "boundaries-and-behaviour",
    "behaviour": "boundaries-and-behaviour",
    "routine": "family-routine",
    "routines": "family-routine",
    "health": "physical-health",
    "wellbeing": "adult-wellbeing",
    "networks": "social-networks",
    "social": "social-networks",
    "emotional": "childrens-emotional-needs",
    "emotional need": "childrens-emotional-needs",
    "education": "education-and-learning",
    "learning": "education-and-learning",
    "school": "education-and-learning",
    "work": "progress-to-work",
    "employment": "progress-to-work",
}
_LEAST_DOMAINS = 5
_LONGEST_LEVEL = 100
_SHORT_SHARE = 0.8

_WORDS = {
    "not": Relevance.NOT,
    "not at all": Relevance.NOT,
    "no": Relevance.NOT,
    "none": Relevance.NOT,
    "n": Relevance.NOT,
    "nr": Relevance.NOT,
    "0": Relevance.NOT,
    "fairly": Relevance.FAIRLY,
    "somewhat": Relevance.FAIRLY,
    "quite": Relevance.FAIRLY,
    "partly": Relevance.FAIRLY,
    "f": Relevance.FAIRLY,
    "fr": Relevance.FAIRLY,
    "1": Relevance.FAIRLY,
    "very": Relevance.VERY,
    "highly": Relevance.VERY,
    "extremely": Relevance.VERY,
    "v": Relevance.VERY,
    "vr": Relevance.VERY,
    "2": Relevance.VERY,
}
_FILLERS = re.compile(r"\b(relevant|relevance)\b")
_ABOUT_RELEVANCE = re.compile(
    r"\b(relevant|relevance|rel|domain|fsp|how|was|is|the|change|of|to|for|\d+)\b"
)


@dataclass(frozen=True, slots=True)
class RelevanceColumns:
    """The column of each domain, and what the user should know of the choice."""

    columns: Mapping[str, str]
    """Domain id to header."""
    notes: tuple[str, ...] = ()


def parse_relevance(cell: str) -> Relevance | None:
    """Return what a filled cell declares: not, fairly or very; None where it is neither."""
    cell = cell.strip()
    return _parse_short(cell) if len(cell) <= _LONGEST_LEVEL else None


# The same few words come again and again.
@lru_cache(maxsize=1024)
def _parse_short(cell: str) -> Relevance | None:
    plain = re.sub(r"^(\d)\.0$", r"\1", cell)
    name = normalise_name(plain)
    if name == "irrelevant":
        return Relevance.NOT
    parts = _FILLERS.sub(" ", name).split()
    if len(parts) > 1 and parts[-1] in {"0", "1", "2"}:
        parts = [parts[-1], *parts[:-1]]  # "Very (2)"
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
    headers = list(headers)
    share: dict[str, dict[str, float]] = {}
    for header in headers:
        domain = domain_of(header, domains)
        if domain is None:
            continue
        cells = values.get(header, ())
        good = sum(1 for cell in cells if parse_relevance(cell) is not None)
        # A column that nobody filled may be one where others are; it comes last.
        share.setdefault(domain, {})[header] = good / len(cells) if cells else 0.5
    columns: dict[str, str] = {}
    notes = []
    for domain, candidates in share.items():
        best = max(candidates, key=lambda header: candidates[header])
        if candidates[best] >= 0.5:
            columns[domain] = best
    columns |= _short_columns(headers, values, columns, domains)
    if not any(values.get(header) for header in columns.values()):
        return RelevanceColumns({})
    missing = [domain for domain in domains if domain not in columns]
    if missing:
        notes.append(f"no relevance column for: {', '.join(missing)}; taken as not relevant")
        begun = common_start(columns.values()) if len(columns) > 1 else ""
        unknown = [
            header
            for header in values
            if begun.strip() and header.startswith(begun) and domain_of(header, domains) is None
        ]
        if unknown:
            notes.append(f"begin with '{begun.strip()}' but name no domain: {name_list(unknown)}")
    return RelevanceColumns(columns, tuple(notes))


def _short_columns(
    headers: Sequence[str],
    values: Mapping[str, Sequence[str]],
    columns: Mapping[str, str],
    domains: Domains,
) -> dict[str, str]:
    """Return the columns of further domains that are called by one word ("Routine")."""
    short: dict[str, str] = {}
    for header in headers:
        if header in columns.values():
            continue
        domain = _short_domain(header)
        cells = values.get(header, ())
        good = sum(1 for cell in cells if parse_relevance(cell) is not None)
        if domain in domains and domain not in columns and good >= _SHORT_SHARE * len(cells):
            short.setdefault(domain, header)
    return short if len(columns) + len(short) >= _LEAST_DOMAINS else {}


def _short_domain(header: str) -> str:
    """Return the domain of a header's one word beside what says that it is of relevance."""
    rest = _ABOUT_RELEVANCE.sub(" ", _plain(header))
    return _SHORT.get(" ".join(rest.split()), "")


def common_start(headers: Iterable[str]) -> str:
    """Return the whole words with which all headers begin, or nothing."""
    columns = zip(*headers, strict=False)
    alike = takewhile(lambda letters: len(set(letters)) == 1, columns)
    start = "".join(letters[0] for letters in alike)
    while start and (start[-1].isalnum() or start[-1] == "_"):
        start = start[:-1]
    return start


def domain_of(header: str, domains: Domains) -> str | None:
    """Return the one domain that a header equals or contains, or None."""
    name = f" {_plain(header)} "
    squashed = _FILLERS.sub("", name).replace(" ", "")
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


# The names of the domains are asked for with each header.
@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    name = name.replace("&", " and ").replace("'", "").replace("’", "")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return normalise_name(name).replace("well being", "wellbeing")
