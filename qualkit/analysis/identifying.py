"""What in a person's words could tell who somebody is, by rules: marks for a human reader.

Rules find what has a form: addresses, numbers, dates, capitals. They cannot find that
there is one family with triplets in a village, so they decide nothing.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qualkit.analysis.givennames import ALSO_WORDS, GIVEN_NAMES


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch (code points, end-exclusive) that could tell of somebody, and what it seems."""

    what: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the project itself knows; each in lower case.

    Attributes
    ----------
    references : frozenset of str
        Family references and case ids, as `bare` writes them.
    people : frozenset of str
        Words of the names of speakers and coders.
    places : frozenset of str
        Values of attributes: localities, services, schools.
    """

    references: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()


def bare(reference: str) -> str:
    """Return a reference by its letters and digits alone, in lower case.

    >>> bare("FAM 0012")
    'fam0012'
    """
    return re.sub(r"[\W_]+", "", reference.casefold())


_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th)?"
_YEARS = r"(?:years?|yrs?|months?|mths?|weeks?)"
_PLACE_WORD = (
    "road|street|lane|avenue|close|drive|crescent|terrace|gardens|grove|estate|court|way|house"
    "|primary|infants?|junior|academy|college|school|university|nursery|pre-?school|playgroup"
    "|hospital|surgery|clinic|hospice|church|mosque|temple|refuge|hostel|prison|park|centre|center"
)
_CAPITALS = r"(?:[A-Z][\w'’-]*)"
_RULES = (
    ("e-mail address", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("web address", re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("handle", re.compile(r"(?<![\w@.])@\w{2,}")),
    ("telephone number", re.compile(r"(?<!\d)(?:\+44\s?|0)\d(?:[\s-]?\d){8,9}(?!\d)")),
    ("NHS number", re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)")),
    (
        "National Insurance number",
        re.compile(r"\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.IGNORECASE),
    ),
    (
        "postcode",
        re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE),
    ),
    (
        "reference",
        re.compile(
            r"\b[A-Za-z]{1,6}[-/]?\d{3,}\b|\b[A-Z]{1,6}\s\d{3,}\b|(?<!\d)\d{5,}(?!\d)"
            r"|\b(?i:fam|family|case|ref|reference|ufrn|id)\W{0,3}\d{2,}\b"
        ),
    ),
    ("date", re.compile(r"(?<!\d)\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}(?!\d)")),
    (
        "date",
        re.compile(
            rf"\b(?:{_DAY}(?:\s+of)?\s+(?:{_MONTH})|(?:{_MONTH})\s+{_DAY})\b(?:,?\s+\d{{4}})?",
            re.IGNORECASE,
        ),
    ),
    # "may" and "march" alone are words.
    (
        "date",
        re.compile(
            r"\b(?:January|February|April|June|July|August|September|October|November|December"
            r"|(?:in|last|next|since|until|by)\s+(?:March|May))\b(?:\s+\d{4})?"
        ),
    ),
    ("date", re.compile(r"\b(?:19[3-9]\d|20[0-4]\d)\b")),
    ("date", re.compile(r"\b(?:birthday|christmas|easter|ramadan|eid|diwali)\b", re.IGNORECASE)),
    (
        "age",
        re.compile(
            rf"\b(?:aged?(?:\s+of)?|turn(?:ed|s|ing)?)\s+\d{{1,2}}\b"
            rf"|\b\d{{1,2}}(?:\s|-){_YEARS}(?:(?:\s|-)olds?\b)|\b\d{{1,2}}\s?y/?o\b"
            r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
            r"|fourteen|fifteen|sixteen|seventeen|eighteen)(?:\s|-)(?:year|month)s?(?:\s|-)olds?\b"
            r"|\((?:aged?\s*)?\d{1,2}\)|\b(?:is|was|are|were|he's|she's|i'm)\s+(?:only\s+|just\s+)?"
            r"\d{1,2}\b(?!\s*(?:%|per|times|hours?|minutes?|miles?|weeks?|months?|days?|of\b))",
            re.IGNORECASE,
        ),
    ),
    (
        "name",
        re.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Rev|Nurse|Sister|Father|PC|DC|Sgt|Aunty?|Auntie"
            rf"|Uncle|Nana|Nan|Gran|Grandma|Grandad)\b\.?\s+{_CAPITALS}(?:\s+{_CAPITALS})?"
        ),
    ),
    (
        "place",
        re.compile(rf"(?:\b{_CAPITALS}\s+){{1,3}}(?:(?i:{_PLACE_WORD}))\b"),
    ),
    ("place", re.compile(rf"\b(?:St|Saint)\.?\s+{_CAPITALS}")),
    ("place", re.compile(r"\b\d{1,4}[a-z]?,?\s+[A-Z]\w+\s+(?:Rd|St|Ln|Ave|Cl|Dr)\b")),
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS = re.compile(r"(?:^|[.!?:;…\n\"“”‘(\[]|[.!?]['’\"”)])\s*[-–•*\"“‘']*\s*$")
_ORDINARY = """
i i'm i've i'd i'll monday tuesday wednesday thursday friday saturday sunday english british adhd
asd autism camhs senco sen ehcp nhs gp hv pip dla esa uc cv dwp cafcass tac taf mum mummy mam dad
daddy nan nanny nana gran grandma grandad god bible covid facebook whatsapp internet xbox
playstation tv dvd uk ok family star plus early help children's services social care a the and but
so we he she it they my our his her their you your this that there then when what who how if in on
at to for with from as is was have had do did not no yes
"""
_SPEAKING = """
interviewer worker staff partner parent child participant speaker mother father mum dad family
support keyworker manager person respondent carer qualkit unknown key
"""
_NO_NAMES = frozenset(_ORDINARY.split())
_ROLES = frozenset(_SPEAKING.split())
_DAYS = frozenset(day.casefold() for day in calendar.day_name)


def find_identifying(text: str, known: Known | None = None) -> list[Flag]:
    """Return what in a text could tell who somebody is, in order, the longest where they overlap.

    Notes
    -----
    Names: given names common in Britain, words after titles, and any other word with a
    capital that does not begin a sentence. Names that are written small are found where
    they are no ordinary words. Places: by their last word (school, road, hospital) and by
    the project's attributes; references by the project's families and by their form.
    """
    known = known or Known()
    found = [
        Flag(what, match.start(), match.end())
        for what, rule in _RULES
        for match in rule.finditer(text)
    ]
    found += _names(text, known)
    found += _known(text, known)
    return _longest(found)


def _names(text: str, known: Known) -> Iterator[Flag]:
    for match in _WORD.finditer(text):
        word = match.group()
        own = re.sub(r"['’]s?$", "", word)
        small = own.casefold()
        parts = re.split(r"[-'’]", small)
        capital = word[0].isupper()
        if small in _DAYS and capital:
            continue
        if any(part in known.people and len(part) > 1 for part in parts) or any(
            part in GIVEN_NAMES and (capital or part not in ALSO_WORDS) for part in parts
        ):
            yield Flag("name", match.start(), match.start() + len(own))
        elif (
            capital
            and small not in _NO_NAMES
            and not (word.isupper() and len(word) < 6)
            and not _ENDS.search(text[max(0, match.start() - 12) : match.start()])
        ):
            yield Flag("name or place", match.start(), match.start() + len(own))


def _known(text: str, known: Known) -> Iterator[Flag]:
    small = text.casefold()
    if len(small) != len(text):
        # Folding may lengthen a text (ß); places must stay those of the text itself.
        small = text.lower() if len(text.lower()) == len(text) else text
    for place in known.places:
        for match in re.finditer(rf"(?<!\w){re.escape(place)}(?!\w)", small):
            # Services and clusters may have ordinary words for names: "worker", "both".
            if text[match.start()].isupper() or " " in place:
                yield Flag("place or attribute", match.start(), match.end())
    for match in re.finditer(r"[\w/-]*\d[\w/-]*|\b[a-z]{1,6}\s\d+", small):
        if bare(match.group()) in known.references:
            yield Flag("reference", match.start(), match.end())


def _longest(found: Iterable[Flag]) -> list[Flag]:
    kept: list[Flag] = []
    for flag in sorted(found, key=lambda f: (f.start - f.end, f.start)):
        if all(flag.end <= other.start or other.end <= flag.start for other in kept):
            kept.append(flag)
    return sorted(kept, key=lambda f: f.start)


def make_known(
    references: Iterable[str], people: Iterable[str], attributes: Iterable[str]
) -> Known:
    """Return what a project knows, as `find_identifying` takes it.

    Attributes count as places where they hold a word of four letters or more: "A" or "yes"
    would be marked everywhere.
    """
    return Known(
        frozenset(bare(reference) for reference in references if any(map(str.isdigit, reference))),
        frozenset(
            word
            for name in people
            for word in re.findall(r"[^\W\d_]{3,}", name.casefold())
            if word not in _ROLES
        ),
        frozenset(
            value.casefold().strip()
            for value in attributes
            if re.search(r"[^\W\d_]{4,}", value) and len(value) < 60
        ),
    )
