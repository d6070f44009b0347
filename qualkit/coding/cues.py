"""The words that say a thing is denied, asked, wished, planned, supposed, another's or failed.

In the manner of NegEx (Chapman et al. 2001) and ConText (Harkema et
al. 2009): each cue has a direction and a reach in words; longer phrases that
deny nothing ("not only") hide the cues inside them. Denials are also looked
for without their apostrophe. At the end, the short answers that only deny or assent.
"""

from __future__ import annotations

import re

from qualkit.coding.cues_denied import FAILED, NEGATION, NO_NEGATION
from qualkit.coding.cues_unreal import (
    CONDITIONS,
    HABITS,
    HYPOTHETICAL,
    NO_HYPOTHETICAL,
    NO_PLAN,
    OTHERS,
    PLAN,
    QUESTION,
    WISH,
)
from qualkit.coding.notation import HABIT, HIDES, Cue

CUES: tuple[Cue, ...] = (
    *NEGATION,
    *QUESTION,
    *WISH,
    *PLAN,
    *HYPOTHETICAL,
    *CONDITIONS,
    *OTHERS,
    *FAILED,
    Cue(HIDES, (*NO_NEGATION, *NO_PLAN, *NO_HYPOTHETICAL)),
    Cue(HABIT, HABITS),
)

_SHORT_DENIAL = re.compile(
    r"\W*(?:(?:no|nope|nah|never|none|nothing|not|neither|nobody|no one|nowhere|god|oh|er|erm|um|"
    r"well|really|ever|at all|one bit|a bit|a jot|in the slightest|much|yet|any|us|me|him|her|"
    r"them|of them|way|chance|i|we|he|she|they|it|didn'?t|don'?t|doesn'?t|wasn'?t|weren'?t|"
    r"isn'?t|aren'?t|haven'?t|hasn'?t|hadn'?t|couldn'?t|can'?t|did not|was not|"
    r"have not|had not)\W+)+$"
)
_DENIES = re.compile(r"\b(?:no|nope|nah|never|none|nothing|not|neither|nobody|nowhere)\b|n'?t\b")
_ASSENTS = (
    r"yes|yeah|yep|yup|aye|massively|hugely|enormously|definitely|absolutely|totally|completely|"
    r"certainly|loads|a lot|lots|very much|so much|big time|too right|of course|course|for sure|"
    r"without a doubt|(?:it|they|she|he|we|i|that) (?:really |certainly |definitely )?"
    r"(?:did|was|were|has|have|does|do|is|are)"
)
_ASSENT = re.compile(rf"\b(?:{_ASSENTS})\b")
_SHORT_ASSENT = re.compile(
    rf"\W*(?:(?:{_ASSENTS}|oh|ooh|er|erm|um|well|god|honestly|really|so|very|much|it|that|helped|"
    r"brilliant|amazing|fantastic|lovely|yes they did|to be fair|to be honest|i think|"
    r"i'd say|i would say|every time|both|both of them|all of them)\W+)+$"
)
_OPEN_QUESTION = re.compile(
    r"\W*(?:(?:and|so|but|ok|okay|right|well|then) )*(?:what|why|when|who|whom|whose|where|which|"
    r"how|tell me)\b"
)


def is_short_denial(plain: str) -> bool:
    """Whether an answer does no more than deny ("No, never.", "Not one bit.")."""
    return (
        len(plain) <= 60
        and _DENIES.search(plain) is not None
        and _SHORT_DENIAL.match(plain + ".") is not None
    )


def is_short_assent(plain: str) -> bool:
    """Whether an answer does no more than assent ("Massively.", "Oh yes, it did.")."""
    return (
        len(plain) <= 60
        and _ASSENT.search(plain) is not None
        and _SHORT_ASSENT.match(plain + ".") is not None
    )


def asks_whether(plain: str) -> bool:
    """Whether a sentence asks what yes or no can answer."""
    return plain.rstrip().endswith("?") and _OPEN_QUESTION.match(plain) is None
