"""Which column is which: by the name a user gives, or by what headers usually say.

Names are compared exactly first, then without case, spaces and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from qualkit.errors import ChoiceNeededError, ColumnError, near_matches
from qualkit.normalise import normalise_name, slug

_CASE_IDS = (
    # Best first; compared without spaces, so "CaseID" and "case_id" are one.
    "caseid",
    "caseno",
    "casenumber",
    "caseref",
    "casereference",
    "narrativeid",
    "narrativeno",
    "narrativenumber",
    "narrativeref",
    "mscid",
    "mscno",
    "mscnumber",
    "mscref",
    "mscreference",
    "msccase",
    "msccode",
    "storyid",
    "storyno",
    "storynumber",
    "storyref",
    "storyreference",
    "caseidentifier",
    "casecode",
    "narrativereference",
    "narrativecode",
    "narrativeidentifier",
    "commentid",
    "commentno",
    "commentnumber",
    "responseid",
    "responseno",
    "responsenumber",
    "responseref",
    "submissionid",
    "entryid",
    "recordid",
    "recordno",
    "recordnumber",
    "formid",
    "formno",
    "formnumber",
    "formref",
    "surveyid",
    "answerid",
    "uniqueid",
    "uniqueresponsenumber",
    "identifier",
    "uid",
    "id",
    "idno",
    "idnumber",
    "ref",
    "refno",
    "reference",
    "referenceno",
    "referencenumber",
    "respondentid",
    "respondentno",
    "respondentnumber",
    "participantid",
    "rowid",
    "rowno",
    "rownumber",
    "serialno",
    "serialnumber",
    "no",
    "number",
    "record",
    "case",
    "response",
    "narrative",
    "story",
)

_FAMILY = (
    re.compile(r"\bu ?f ?r ?n\b"),
    re.compile(
        r"\bfam(ily)?( s)? ?(unique )?(case )?(ref(erence)?|urn|id|identifier|no|number|code)\b"
        r"(?! (longer|of|in|with|to))"
    ),
    re.compile(r"\bhousehold ?(unique )?(ref(erence)?|urn|id|no|number)\b"),
    re.compile(r"\burn\b|\bfrn\b|\bunique reference( number| no)?\b"),
)

_KNOWN: Mapping[str, re.Pattern[str]] = {
    key: re.compile(rf"(?:{pattern})$")
    for key, pattern in {
        "quarter": r"quarter|qtr|(reporting|financial|calendar) (quarter|qtr)"
        r"|(year and|year) quarter|quarter (and )?year|(quarter|period) (submitted|of submission)"
        r"|(reporting )?period",
        "locality": r"localit(y|ies)|district|area|(locality|district|area)( or| and)? "
        r"(area|district|locality|team)|locality name|district name|area name|borough",
        "service": r"(early help )?service|service name|name of service"
        r"|which (service|team)|team|service( or| and)? team|team( or| and)? service",
        "direction": r"direction|(direction|type|kind|nature) of( the)? change"
        r"|change (direction|type)|((was|is) the change )?positive( or)? negative"
        r"( and both| or both| both)?( change)?",
        "person-or-family": r"((is|was) (this|it|the story|the change) )?"
        r"((story |narrative |change )?about )?((a|one) )?(person|individual)( or| and)?"
        r"( (a|the))?( whole)? family|family( or)? (person|individual)|subject of (the )?story",
        "staff-or-partner": r"(staff|worker)( member)?( or)? partner|partner( or)? (staff|worker)"
        r"|who (completed|wrote|told)( this| the| it)?( form| story)?|author( type)?|story ?teller"
        r"|role of (story ?teller|author)|narrator"
        r"|(completed|written|submitted|told) by( staff( or)? partner)?",
        "date": r"date|dates?( of)? (completed|completion|submitted|submission|received|entry)"
        r"|date of (form|narrative|response|interview)|(completion|submission|response) date"
        r"|completed (on|at)|submitted (on|at)|timestamp|date created|created (on|at)",
        "cluster": r"cluster|needs? cluster|family cluster|cluster (letter|name|id|group)",
    }.items()
}

_RESPONDENT = re.compile(
    r"(respondent|respondents|role|respondent (type|role|group|category)|type of respondent"
    r"|your role|job role|role of respondent|who (are you|is answering)|completed by"
    r"|staff( or)? (parent|partner)|parent( or)? staff|i am( a| an)?|are you( a| an)?)$"
)


def find_column(headers: Sequence[str], wanted: str, *, where: str, option: str) -> str:
    """Return the header that a user means by `wanted`.

    Raises
    ------
    ColumnError
        No header is like it; near ones are named.
    ChoiceNeededError
        Several headers differ from it only in case, spaces or punctuation.
    """
    if wanted in headers:
        return wanted
    squashed = squash(wanted)
    hits = [header for header in headers if squashed and squash(header) == squashed]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise ChoiceNeededError(
            f"several columns are called much like '{wanted}'",
            where=where,
            found=", ".join(f"'{header}'" for header in hits),
            to_do=f"write the column's name after {option} exactly as in the file",
        )
    near = near_matches(wanted, headers)
    raise ColumnError(
        f"there is no column '{wanted}'",
        where=where,
        found="columns " + name_list(headers),
        expected=f"the column named with {option}",
        to_do=("did you mean " + " or ".join(f"'{each}'" for each in near) + "?")
        if near
        else f"name one of these columns with {option}",
    )


def find_columns(
    headers: Sequence[str], wanted: Iterable[str], *, where: str, option: str
) -> tuple[str, ...]:
    """Return the headers meant by each name, in the order given, none twice."""
    found = [find_column(headers, each, where=where, option=option) for each in wanted]
    return tuple(dict.fromkeys(found))


def squash(name: str) -> str:
    """Return a name without case, spaces and punctuation; letters of any script stay."""
    return normalise_name(name).replace(" ", "")


def name_list(headers: Sequence[str], most: int = 20) -> str:
    """Return headers for a message, long ones cut, at most `most` of them."""
    shown = ", ".join(f"'{shorten(header)}'" for header in headers[:most])
    rest = len(headers) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def shorten(header: str, most: int = 60) -> str:
    """Return a header cut to `most` characters."""
    return header if len(header) <= most else header[: most - 1].rstrip() + "…"


# --- by what headers say ----------------------------------------------------------


def case_id_candidates(headers: Sequence[str]) -> list[str]:
    """Return the headers that may name case ids, the likeliest first."""
    ranks = {name: rank for rank, name in enumerate(_CASE_IDS)}
    hits = [
        (ranks[name], index, header)
        for index, header in enumerate(headers)
        if (name := squash(header)) in ranks
    ]
    return [header for _, _, header in sorted(hits)]


def guess_family(headers: Sequence[str]) -> str | None:
    """Return the header that says family reference, in any usual spelling."""
    for pattern in _FAMILY:
        for header in headers:
            if pattern.search(normalise_name(_split_camel(header))):
                return header
    return None


def find_family(headers: Sequence[str], named: str | None, *, where: str) -> str:
    """Return the header of family references: the one named, or the one that says so.

    Raises
    ------
    ColumnError
        The column named is not there, or none is named and none says so.
    """
    if named is not None:
        return find_column(headers, named, where=where, option="--family")
    guessed = guess_family(headers)
    if guessed is None:
        raise ColumnError(
            "no column of family references was found",
            where=where,
            found="columns " + name_list(headers),
            expected="a header such as 'UFRN' or 'Family reference'",
            to_do="name the column with --family COL",
        )
    return guessed


def guess_respondent(headers: Sequence[str]) -> str | None:
    """Return the header under which respondents say whether they are staff or parents."""
    for header in headers:
        if _RESPONDENT.match(normalise_name(_split_camel(header))):
            return header
    return None


def known_key(header: str) -> str | None:
    """Return what an attribute's header usually means: quarter, locality, direction …"""
    name = normalise_name(_split_camel(header))
    for key, pattern in _KNOWN.items():
        if pattern.match(name):
            return key
    return None


def attribute_keys(headers: Sequence[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a key for each attribute column: the word it is known by, else its slug.

    Where two columns would get one key, the later is numbered ("area-2").
    """
    keys: dict[str, str] = {}
    copies: dict[str, int] = {}
    used = set(taken)
    known = {header: key for header in headers if (key := known_key(header))}
    # A header that is the word itself has the first right to it.
    exact = {key: header for header, key in reversed(known.items()) if slug(header) == key}
    for header in headers:
        key = known.get(header, "")
        if not key or key in used or exact.get(key, header) != header:
            key = slug(header) or "column"
        base = key
        copy = copies.get(base, 2)
        while key in used:
            key = f"{base}-{copy}"
            copy += 1
        copies[base] = copy
        used.add(key)
        keys[header] = key
    return keys


def _split_camel(header: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
