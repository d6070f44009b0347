"""Participants' words on a terminal: seen, never obeyed."""

from __future__ import annotations

import re

_CONTROLS = {
    # Control characters have pictures of their own: ␛ for the escape character.
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "␡",
    # The second set of them begins commands too, and has no pictures.
    **dict.fromkeys(range(0x80, 0xA0), "�"),
    # What turns the direction of all that follows.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "�"),
    **dict.fromkeys((0x2028, 0x2029), " "),
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Return a text whose control characters can be seen and do nothing; line ends and tabs stay.

    An escape sequence in somebody's words could else colour, hide or overwrite
    what stands on a terminal.

    >>> visible("a" + chr(27) + "[2Jb")
    'a␛[2Jb'
    """
    if _CONTROL.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").translate(_CONTROLS)
    return text.encode("utf-8", "replace").decode("utf-8")
