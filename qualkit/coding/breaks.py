"""Where clauses end, and with them quotations and the scope of cues. Data only.

In the short notation of `cues`.
"""

from __future__ import annotations

_SUBJECT = (
    "(i|he|she|it|we|they|you|there|this|that|mum|dad|mother|father|the (kids|children|school|"
    "family|worker|boys|girls|parents)|both|everyone|everybody|nobody|no one|her|his|my)"
)
_AUXILIARY = (
    "(is|are|was|were|has|have|had|does|did|do|can|could|will|would|got|gets|isn't|wasn't|"
    "hasn't|hadn't|doesn't|didn't|don't|can't|couldn't|won't)"
)
# Where a clause ends, and with it every scope and every quotation.
HARD_BREAKS = (
    ";",
    "(but|although|though|even though|however|whereas|yet|nevertheless|nonetheless|except)",
    ", (and|but|so|then|which|who|whose|because|although|though|while|whereas|when|however|now|"
    f"yet|or else|plus|also|until|since|as|{_SUBJECT[1:-1]})",
    f"and {_SUBJECT}",
    f"and (also|then|now|so|since|again|never|no longer|not) {_SUBJECT}",
    f"(so|then|because) {_SUBJECT}",
)
# These end a clause too, but what follows may still say "none" of what is before.
NOTE_BREAKS = (" - ", ": ")
# Where scopes end but a quotation may go on.
SOFT_BREAKS = (
    "(because|when|whenever|where|wherever|while|whilst|since|until|till|which|who|whose|after|"
    "before|now|then|despite|without|as a result|due to|thanks to|if|unless)",
    f"and {_AUXILIARY}",
    "and (now|then|also|instead|so|therefore|since|still)",
    "as (i|he|she|it|we|they|the|mum|dad)",
)
# What stands after these is taken as given, so that a denial does not reach it:
# whoever cannot cope with her debts has debts.
GIVEN_BREAKS = (
    "(with|about|over|despite|because of) (her|his|the|their|my|our|its|this|that|these|those)",
)
