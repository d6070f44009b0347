"""How common forms are in running English, roughly: to look first for what is rare."""

from __future__ import annotations

# Uses in ten thousand words of speech and notes, by order of magnitude.
_USES = {
    300: "the to and of a i in it that was",
    100: "is for on he she they with you have had at be as her his we my not but are so this",
    40: """
        them him all from has do what there if just or one like about when up out been were get
        would by know then can got me no me who us an said their our because she's he's it's i'm
        """,
    15: """
        now could did go more some very time well will don't didn't only how where over back into
        going come came mum dad school work home day being more than these those too want wanted
        really lot good people things thing don't other still off down after before went made make
        see say think feel felt needs need help helped support children child family kids son
        """,
    5: """
        daughter parents parent mother father worker able never also here much any first two new
        take took give given gave started start getting having doing long week weeks year years
        house bed night morning life way even always every better best bad around through again
        talk told tell asked ask while why should since until both own something nothing anything
        put keep kept let look looked try tried use used away few because each with without within
        """,
}
_WORD_USES = {word: uses for uses, block in _USES.items() for word in block.split()}
_RARE = 0.3
# A further word makes a form that much rarer.
_FURTHER = 0.03


def commonness(form: str) -> float:
    """Return roughly how often a form stands in ten thousand words."""
    first, *others = form.lower().rstrip("*").split() or [""]
    rarest: float = _WORD_USES.get(first, _RARE)
    for word in others:
        rarest = min(rarest, _WORD_USES.get(word, _RARE))
    return rarest * _FURTHER ** len(others)
