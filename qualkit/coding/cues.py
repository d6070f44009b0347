"""The words that say a thing is denied, asked, wished, planned, supposed, another's or failed.

Data only, in the manner of NegEx (Chapman et al. 2001) and ConText (Harkema et
al. 2009): each cue has a direction and a reach in words; longer phrases that
deny nothing ("not only") hide the cues inside them. Denials are also looked
for without their apostrophe.
"""

from __future__ import annotations

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
