"""Who is who in a transcript: roles from labels, and the interviewer from what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.errors import UnknownNameError
from qualkit.model import Role
from qualkit.normalise import normalise_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The first role whose words a label holds is its role; a social worker is not of the service.
_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        Role.INTERVIEWER,
        _words("interviewer interviewers researcher facilitator moderator host evaluator ivr"),
    ),
    (
        Role.PARTNER,
        _words("teacher headteacher midwife senco policeman policewoman nurse gp"),
    ),
    (Role.WORKER, _words("worker keyworker practitioner fsw ehw")),
    (
        Role.PARENT,
        _words(
            "mum mummy mam mom mother dad daddy father parent parents carer guardian "
            "stepmum stepdad stepmother stepfather"
        ),
    ),
    (Role.CHILD, _words("child children son daughter boy girl teenager stepson")),
    (Role.STAFF, _words("staff manager")),
    (
        Role.PARTICIPANT,
        _words("respondent interviewee participant respondents"),
    ),
)
_PHRASES = (
    ("social worker", Role.PARTNER),
    ("health visitor", Role.PARTNER),
    ("head teacher", Role.PARTNER),
    ("young person", Role.CHILD),
    ("team leader", Role.STAFF),
)
# Short forms say something only where they are the whole label.
_WHOLE = {
    "i": Role.INTERVIEWER,
    "q": Role.INTERVIEWER,
    "int": Role.INTERVIEWER,
    "iv": Role.INTERVIEWER,
    "question": Role.INTERVIEWER,
    "a": Role.PARTICIPANT,
    "r": Role.PARTICIPANT,
    "p": Role.PARTICIPANT,
    "res": Role.PARTICIPANT,
    "resp": Role.PARTICIPANT,
    "answer": Role.PARTICIPANT,
    "yp": Role.CHILD,
    "kw": Role.WORKER,
}
# A label made of these alone is a role and no name.
_ROLE_LABEL_WORDS = _words(
    "key family support early help lead co first second other male female "
    "social worker health visitor head teacher young person team leader"
).union(_WHOLE, *(known for _, known in _WORDS))
_LEAST_QUESTIONS = 2
# A panel of ten asks; more names than these are no names.
_MOST_HINTS = 50


def role_of(label: str) -> str:
    """Return the role that a speaker's label names, or an empty string."""
    plain = re.sub(r"\d+", " ", normalise_name(label))
    words = plain.split()
    joined = " ".join(words)
    if joined in _WHOLE:
        return _WHOLE[joined]
    for phrase, role in _PHRASES:
        if f" {phrase} " in f" {joined} ":
            return role
    for role, known in _WORDS:
        if known.intersection(words):
            return role
    return ""


def is_role_name(label: str) -> bool:
    """Tell whether a label is a role and no name: "Interviewer 2", "Key worker", "Mum"."""
    if not role_of(label):
        return False
    words = re.sub(r"\d+", " ", normalise_name(label)).split()
    if len(words) == 1 and len(words[0]) == 1:
        return False  # an initial, or the number of a list
    return all(word in _ROLE_LABEL_WORDS for word in words)


@dataclass(frozen=True, slots=True)
class Cast:
    """The speakers of a transcript with their roles, and how these were found."""

    roles: Mapping[str, str]
    notes: tuple[str, ...] = ()


def assign_roles(
    said: Sequence[tuple[str, str]],
    told: Iterable[str] = (),
    named: Iterable[tuple[str, str]] = (),
    *,
    where: str = "",
) -> Cast:
    """Give every speaker a role.

    Parameters
    ----------
    said : sequence of (speaker, text)
        The turns, in order.
    told : iterable of str
        The interviewers' names as the user gave them.
    named : iterable of (str, str)
        Names that the file itself gives as the interviewers', and how.

    Raises
    ------
    UnknownNameError
        A name in `told` is not a speaker of the file.
    """
    speakers = list(dict.fromkeys(speaker for speaker, _ in said if speaker))
    roles = {speaker: role_of(speaker) or str(Role.PARTICIPANT) for speaker in speakers}
    roles[""] = Role.PARTICIPANT
    chosen = [_match(name, speakers, where) for name in told]
    for speaker in chosen:
        roles[speaker] = Role.INTERVIEWER
    if chosen:
        return Cast(roles)
    if Role.INTERVIEWER in roles.values():
        return Cast(roles)
    hints = list(dict.fromkeys(named))[:_MOST_HINTS]
    hinted = {
        speaker: how for name, how in hints for speaker in speakers if _is_named(speaker, name)
    }
    if hinted and len(hinted) < len(speakers):
        for speaker in hinted:
            roles[speaker] = Role.INTERVIEWER
        listed = ", ".join(f"'{speaker}'" for speaker in hinted)
        return Cast(roles, (f"interviewer: {listed} ({next(iter(hinted.values()))})",))
    return _guess_interviewer(said, speakers, roles)


def _guess_interviewer(
    said: Sequence[tuple[str, str]], speakers: Sequence[str], roles: dict[str, str]
) -> Cast:
    """Take for interviewer who asks most questions, opens, and asks far more than the others."""
    if len(speakers) < 2:
        return Cast(roles, ("no interviewer found: only one speaker is named",) if speakers else ())
    turns = dict.fromkeys(speakers, 0)
    asked = dict.fromkeys(speakers, 0)
    for speaker, text in said:
        if speaker:
            turns[speaker] += 1
            asked[speaker] += "?" in text
    open_to = [speaker for speaker in speakers if roles[speaker] == Role.PARTICIPANT]
    ranked = sorted(open_to, key=lambda speaker: -asked[speaker])
    unsure = (
        "no interviewer found, everybody counts as a participant; "
        "say --interviewer NAME for who asked the questions",
    )
    if not ranked:
        return Cast(roles, unsure)
    best = ranked[0]
    others = sum(asked.values()) - asked[best]
    share_best = asked[best] / turns[best]
    turns_others = sum(turns.values()) - turns[best]
    share_others = others / turns_others if turns_others else 0.0
    sure = (
        asked[best] >= _LEAST_QUESTIONS
        and asked[best] > others
        and share_best >= 2 * share_others
        and best in speakers[:2]
    )
    if not sure:
        return Cast(roles, unsure)
    roles[best] = Role.INTERVIEWER
    note = f"interviewer: '{best}' (asks most questions; say --interviewer NAME if not)"
    return Cast(roles, (note,))


def _match(name: str, speakers: Sequence[str], where: str) -> str:
    wanted = normalise_name(name)
    for speaker in speakers:
        if normalise_name(speaker) == wanted:
            return speaker
    for speaker in speakers:
        if normalise_name(re.sub(r"\s*\([^()]*\)$", "", speaker)) == wanted:
            return speaker
    to_do = "" if speakers else "the file names no speaker: leave --interviewer out"
    raise UnknownNameError("speaker", name, speakers, where=where, to_do=to_do)


def _is_named(speaker: str, name: str) -> bool:
    """Tell whether a label is the name, one of its words, or its initials."""
    label, full = normalise_name(speaker), normalise_name(name)
    words = full.split()
    initials = "".join(word[0] for word in words)
    return bool(words) and (label == full or label in words or label.replace(" ", "") == initials)
