"""Finds the family reference of a file: told, by a pattern, in its front matter, in its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qualkit.errors import QualkitError
from qualkit.normalise import normalise_reference

# "UFRN: F1001", "Family reference number F1001", "Family ref. - F1001".
LONGEST_SEARCHED = 120
_LINE = re.compile(
    r"\W*(?:unique\s+)?(?:u\.?f\.?r\.?n\.?|family[\s_]+(?:ref(?:erence)?|id|number|no)\b\.?)"
    r"(?:[\s_]*(?:number|no\b\.?|id))?(?:\s*\((?:ufrn|family ref(?:erence)?)[^()\n]*\))?"
    r"[\s*_]{0,9}[:=\t–-]{1,9}[\s*_]{0,9}(?P<value>[^\s,;|*][^,;|*\n]*)",
    re.IGNORECASE,
)
# "UFRN F1001", "Family: F1001": the whole line, since nothing else says that it is one.
_BARE_LINE = re.compile(
    r"\W*(?:ufrn|family)\b[\s*_:]+(?P<value>(?:[A-Z]{1,3}[ -]?)?\d{3,}|[A-Z]{1,3}\d+)\W*",
    re.IGNORECASE,
)
_IN_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:UFRN|FAM(?:ILY)?)[ _-]?(?:[A-Z]{0,2}\d+)|F[ -]?\d{3,6})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^UFRN[ _-]?(?=[A-Z])", re.IGNORECASE)
_LONGEST = 40
_LONGEST_LINE = 300


def find_ufrn(
    family: str | None,
    family_from: str | None,
    file_name: str,
    front_lines: Sequence[str],
    notes: list[str],
) -> str:
    """Return the family reference as written, or an empty string; say in `notes` how it was found.

    Parameters
    ----------
    family, family_from : str or None
        The reference itself, or a pattern with one group that is searched in
        the file name, then in the front matter.
    """
    if family:
        return family.strip()
    if family_from:
        pattern = _compile(family_from)
        for text in (file_name, *front_lines):
            # No name of a file is longer, and the pattern is checked for so much.
            found = pattern.search(text[:LONGEST_SEARCHED])
            if found and found[1]:
                return str(found[1]).strip()
        notes.append("no family reference: the pattern of --family-from is not found in the file")
        return ""
    for line in front_lines:
        value = ufrn_of_line(line)
        if value:
            return value
    stem = file_name.rsplit(".", 1)[0]
    tokens = {normalise_reference(token): token for token in _IN_NAME.findall(stem)}
    if len(tokens) == 1:
        value = _PREFIX.sub("", next(iter(tokens.values())))
        notes.append(f"family reference '{value}' taken from the file's name")
        return value
    found_some = "several in the file's name" if tokens else "none found"
    notes.append(
        f"no family reference ({found_some}); say --family UFRN, or --family-from with a pattern"
        ' for the file\'s name such as "(F[0-9]+)"'
    )
    return ""


def ufrn_of_line(line: str) -> str:
    """Return the reference of a line such as "UFRN: F1001", or an empty string."""
    line = line.strip()[:_LONGEST_LINE]
    found = _LINE.match(line) or _BARE_LINE.fullmatch(line)
    value = found["value"].strip() if found else ""
    # A reference has a digit and no sentence after it.
    if not any(char.isdigit() for char in value) or len(value) > _LONGEST:
        return ""
    return value.rstrip(". ")


def _compile(pattern: str) -> re.Pattern[str]:
    to_do = r"for example --family-from '(F\d{4})'"
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise QualkitError(
            "the pattern of --family-from is no regular expression",
            found=f"{pattern} ({error})",
            to_do=to_do,
        ) from error
    if compiled.groups != 1:
        raise QualkitError(
            "the pattern of --family-from needs one group, the reference",
            found=f"{compiled.groups} groups in {pattern}",
            expected="one pair of round brackets",
            to_do=to_do,
        )
    return compiled
