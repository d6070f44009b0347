"""The usual ways of writing a speaker at the beginning of a line.

Each reader of `FORMS` takes one way ("Name:", "Name  0:03", "[Name]" ...) and
says what label a line would have in it; `speakers` decides whether it is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qualkit.importers.roles import is_role_name
from qualkit.normalise import normalise_name

LONGEST_LABEL = 40
# A line that is nothing but a speaker and a time is short; the patterns are slow over long ones.
_LONGEST_HEADER = 200
_LONGEST_NAME = 60
MOST_WORDS = 5

TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIME_ALONE = re.compile(rf"[\[(]?(?P<time>{TIME})[\])]?(?:\s*(?:-->|-|–)\s*[\[(]?{TIME}[\])]?)?")
_RAW_RANGE = re.compile(r"(?P<time>-?\d+:-?\d+:-?\d+\.-?\d+) --> -?\d+:-?\d+:-?\d+\.-?\d+")
_BEFORE = re.compile(
    r"(?:>>\s*|\d{1,4}(?:[.)]\s+|\t\s*))?(?P<number>Q\.?\s?\d+[.:)]?\s+)?"
    rf"(?:[\[(]?(?P<time>{TIME})[\])]?\s*[-–]?\s+)?"
    r"(?P<mark>\*{1,3}|_{1,3})?(?P<late>Q\.?\s?\d+[.:)]?\s+)?"
)
_COLON = re.compile(
    rf"(?P<name>[^:\n<>\t]{{1,60}}?)(?P<inner>[*_]{{0,3}})\s{{0,9}}(?:[\[(](?P<time>{TIME})[\])])?\s{{0,9}}"
    r"(?P<before>[*_]{0,3}):(?P<after>[*_]{0,3})(?P<space>\s*)(?P<rest>.*)",
    re.DOTALL,
)
_ANGLE = re.compile(r"<(?P<name>[^<>:\n]{1,60}):?>:?\s*(?P<rest>.*)", re.DOTALL)
_DASH = re.compile(r"(?P<name>[^\n\t:]{1,40}?)\s+[-–—]+\s+(?P<rest>\S.*)", re.DOTALL)
_TAB = re.compile(r"(?P<name>[^\n\t]{1,40}?):?[ ]*\t\s*(?P<rest>\S.*)", re.DOTALL)
_TIMED_CELL = re.compile(rf"[\[(]?(?P<time>{TIME})[\])]?[ ]*\t\s*")
_LATE_TIME = re.compile(rf"[\[(](?P<time>{TIME})[\])]\s+(?=\S)")
_BRACKET = re.compile(r"\[(?P<name>[^\[\]\n:]{1,40}):?\]:?\s*(?P<rest>.*)", re.DOTALL)
_NAME_TIME = re.compile(
    rf"(?P<name>\D.*?|.*?\D)(?P<gap>[\s|,·–-]*[\s|])[\[(]?(?P<time>{TIME})[\])]?\s*", re.DOTALL
)
_TIME_NAME = re.compile(rf"[\[(]?(?P<time>{TIME})[\])]?\s*[-–|]?\s+(?P<name>[^\n:]{{1,60}})")
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_NUMBERED_HEADING = re.compile(
    r"(?:question|section|part|theme|topic|chapter|appendix|page|item|step|stage)\s+"
    r"(?:\d+|[a-z]|[ivx]+)\b",
    re.IGNORECASE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASKED = ("question", "answer")
_PARTICLES = _words("and de der den di du da la le van von bin al el of the &")

_FRONT = (
    "date, time, location, place, venue, present, attendees, attending, project, title, "
    "subject, ref, reference, ufrn, duration, length, recorded, recording, transcriber, "
    "transcript, file, filename, file name, audio, consent, note, notes, status, service, "
    "locality, cluster, quarter, id, key, legend, topic, witness, witnesses, apologies, "
    "in attendance, also present, language, version, page, contents, area, school, age, dob, "
    "setting, background, introduction, summary, method, interview, interview no, session, "
    "start, end, start time, end time, started, finished, ended, address, phone, email, "
    "family reference, family id, case id, case, case number, identifier, day, "
    "conclusion, findings, aim, aims, purpose, context, source, author, url, link, keywords, "
    "description, name, names, speakers, kind, language, confidential, classification"
)
FRONT_KEYS = frozenset(normalise_name(key) for key in _FRONT.split(","))
_FRONT_STARTS = (
    "interview with", "interview date", "date of", "time of", "place of", "name of", "number of",
    "members present", "transcri", "length of", "people present", "participant id", "recorded",
    "duration of", "family ref", "family no", "audio", "interview number", "focus group",
)  # fmt: skip
# Capitalised words that begin a sentence with a colon after them, or stand in brackets.
_NO_NAMES = _words(
    "question answer remember sorry because well first second third finally but and so then "
    "example nb ps anyway however also therefore outcome outcomes result results yes no okay ok "
    "right look listen point thing problem reason plus like meaning conclusion important warning "
    "laughs laughter laughing music inaudible unclear pause crosstalk applause silence sighs "
    "crying cries coughs phone door http https mailto monday tuesday wednesday thursday friday "
    "saturday sunday speaker total update today now here there this that these those it he she "
    "they we you really what why how when where who which if for to in on at"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript, or one cue; see `texts.Paragraph` for the fields."""

    text: str
    place: str = ""
    heading: int = 0
    lead: str = ""
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A speaker read at the beginning of a line: the name, what follows, the time if any.

    `strong` says that nothing but a speaker is written so, `loose` that no
    space follows the colon, `asks` that the turn is a numbered question ("Q20"),
    `n_lines` how many lines the label takes.
    """

    name: str
    text: str
    strong: bool = False
    loose: bool = False
    asks: bool = False
    start: str = ""
    n_lines: int = 1

    @property
    def key(self) -> str:
        """The name for comparing."""
        return _key_of(self.name)


@lru_cache(maxsize=1024)
def _key_of(name: str) -> str:
    return normalise_name(name)


Reader = Callable[[Sequence[Line], int], Label | None]


def is_front_line(text: str) -> bool:
    """Tell a line of front matter ("Date: 3 May") by its key."""
    key, colon, _ = text.strip("*_# ").partition(":")
    return bool(colon) and len(key) <= LONGEST_LABEL and _is_front_key(key)


def is_numbered_heading(text: str) -> bool:
    """Tell a line such as "Question 3: What helped?"."""
    return bool(_NUMBERED_HEADING.match(text.strip("*_# ")))


def time_alone(text: str) -> str:
    """Return the time where a line holds nothing else, or an empty string."""
    found = _TIME_ALONE.fullmatch(text)
    return str(found["time"]) if found else ""


# --- ways of writing a speaker ---------------------------------------------------------


def read_label(read: Reader, lines: Sequence[Line], at: int) -> Label | None:
    """Return the label of line `at` in one way of writing; never of a heading or front line."""
    return read(lines, at) if may_begin(lines[at]) else None


def may_begin(line: Line) -> bool:
    """Tell whether a turn may begin with a line: not with a heading or a front line."""
    return not (line.heading or is_numbered_heading(line.text) or is_front_line(line.text))


def _read_colon(lines: Sequence[Line], at: int) -> Label | None:
    text = lines[at].text
    before = _BEFORE.match(text)
    start = before["time"] or "" if before else ""
    mark = before["mark"] or "" if before else ""
    rest = text[before.end() :] if before else text
    angle = _ANGLE.match(rest)
    numbered = bool(before and (before["number"] or before["late"]))
    if angle:
        name = _clean(angle["name"])
        label = Label(name, angle["rest"], strong=True, asks=numbered, start=start)
        return label if _plausible(name) and _is_capitalised(name) else None
    found = _COLON.match(rest)
    if not found:
        return None
    name, said = _clean(found["name"]), found["rest"]
    if not _plausible(name) or said.startswith("//"):
        return None
    late = _LATE_TIME.match(said)
    if late and not start:  # "Kerry: [00:01:10] We had ..."
        start, said = late["time"], said[late.end() :]
    if normalise_name(name) in ASKED and (start or mark):
        return None
    closed = found["inner"] or found["before"] or found["after"]
    if mark and not closed and said.endswith(mark):
        said = said[: -len(mark)]  # the whole turn stands in bold or italics
    loose = bool(said) and not found["space"]
    if loose and (said[0].isdigit() or said[0] == "/"):
        return None
    strong = not loose and (numbered or bool(start or found["time"]) or bool(mark and closed))
    strong = strong and _is_capitalised(name)
    start = start or found["time"] or ""
    return Label(name, said, strong=strong, loose=loose, asks=numbered, start=start)


def _read_header(lines: Sequence[Line], at: int) -> Label | None:
    """Read a speaker who stands with the time on a line above the words."""
    text = lines[at].text
    next_text = lines[at + 1].text if at + 1 < len(lines) else ""
    if len(text) > _LONGEST_HEADER:
        return None
    time = _TIME_ALONE.fullmatch(text) or _RAW_RANGE.fullmatch(text)
    if time:
        name = _clean(next_text[:_LONGEST_HEADER])
        if _plausible(name) and _is_capitalised(name) and at + 2 < len(lines):
            return Label(name, "", start=time["time"], n_lines=2)
        return None
    both = _NAME_TIME.fullmatch(text)
    if both:
        name = _clean(both["name"].strip("[]"))
        strong = len(both["gap"]) > 1 or "\t" in both["gap"]
        if _plausible(name) and _is_capitalised(name):
            return Label(name, "", strong=strong, start=both["time"])
        return None
    after = _TIME_NAME.fullmatch(text)
    if after:
        name = _clean(after["name"])
        if _plausible(name) and _is_capitalised(name):
            return Label(name, "", start=after["time"])
        return None
    time = _TIME_ALONE.fullmatch(next_text)
    name = _clean(text)
    if time and _plausible(name) and _is_capitalised(name):
        return Label(name, "", start=time["time"], n_lines=2)
    return None


def _read_with(pattern: re.Pattern[str]) -> Reader:
    def read(lines: Sequence[Line], at: int) -> Label | None:
        text = lines[at].text
        before = _BEFORE.match(text)
        found = pattern.match(text, before.end()) if before else None
        if not found or not before:
            return None
        name = _clean(found["name"])
        if not _plausible(name) or not _is_capitalised(name):
            return None
        start, said = before["time"] or "", found["rest"]
        timed = _TIMED_CELL.match(said)
        if timed and not start:  # a table of speaker, time and words
            start, said = timed["time"], said[timed.end() :]
        return Label(name, said, start=start)

    return read


def _read_bold(lines: Sequence[Line], at: int) -> Label | None:
    """Read a speaker who is set apart by bold type alone."""
    lead, text = lines[at].lead, lines[at].text
    name = _clean(lead)
    said = text.strip("*_")[len(lead) :].lstrip("*_") if lead else ""
    if not lead or not _plausible(name) or not _is_capitalised(name):
        return None
    return Label(name, said.strip())


FORMS: dict[str, Reader] = {
    "colon": _read_colon,
    "header": _read_header,
    "tab": _read_with(_TAB),
    "bracket": _read_with(_BRACKET),
    "bold": _read_bold,
    "dash": _read_with(_DASH),
}


# --- names -----------------------------------------------------------------------------


def without_remark(name: str) -> str:
    """Return "Kerry" of "Kerry (mum)"."""
    return _REMARK.sub("", name)


def _clean(name: str) -> str:
    return " ".join(name.strip().strip("*_<>: \t").split())


def _plausible(name: str) -> bool:
    """Tell whether a label may be a person: short, of few words, no key of front matter."""
    return len(name) <= _LONGEST_NAME and _may_be_person(name)


# The same few names come again and again.
@lru_cache(maxsize=1024)
def _may_be_person(name: str) -> bool:
    base = without_remark(name)
    words = base.split()
    if not words or len(words) > MOST_WORDS or len(base) > LONGEST_LABEL:
        return False
    if not base[0].isalpha() or re.search(r"[?!;\"“”=/\\|{}@*]", base):
        return False
    if base.endswith(".") and len(base) > 4 and " " in base and not words[-1][:-1].isupper():
        return False
    key = normalise_name(base)
    if _is_front_key(base) or is_numbered_heading(base):
        return False
    if key in _NO_NAMES and key not in ASKED:
        return False
    if key in ASKED or _is_capitalised(base):
        return True
    return is_role_name(base) or (len(words) == 1 and len(base) <= 12 and base.islower())


@lru_cache(maxsize=1024)
def _is_capitalised(name: str) -> bool:
    base = without_remark(name)
    words = [word for word in base.replace(",", " ").split() if word.lower() not in _PARTICLES]
    if is_role_name(base):
        return True
    return bool(words) and all(word[0].isupper() or word[0].isdigit() for word in words)


def _is_front_key(label: str) -> bool:
    key = normalise_name(without_remark(label))
    return key in FRONT_KEYS or key.startswith(_FRONT_STARTS)
