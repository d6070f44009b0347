"""Which key does what, the line of keys, and the page of help."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

KEYS = {
    "a": "accept",
    "enter": "accept",
    "r": "reject",
    "n": "next_open",
    "space": "space",
    "k": "up",
    "up": "up",
    "j": "down",
    "down": "down",
    "h": "left",
    "left": "left",
    "l": "right",
    "right": "right",
    "shift+left": "shift_left",
    "shift+right": "shift_right",
    "shift+up": "shift_up",
    "shift+down": "shift_down",
    "left_square_bracket": "move_start(-1)",
    "left_curly_bracket": "move_start(1)",
    "right_square_bracket": "move_end(1)",
    "right_curly_bracket": "move_end(-1)",
    "c": "code",
    "plus": "code_too",
    "equals_sign": "code_too",
    "full_stop": "repeat",
    "v": "select",
    "s": "sentence",
    "escape": "leave",
    "x": "remove",
    "delete": "remove",
    "m": "memo",
    "u": "undo",
    "U": "redo",
    "ctrl+r": "redo",
    "d": "done",
    "g": "cases",
    "f": "filter",
    "i": "tall",
    "pageup": "page(-1)",
    "ctrl+b": "page(-1)",
    "pagedown": "page(1)",
    "ctrl+f": "page(1)",
    "question_mark": "help",
    "f1": "help",
    "q": "leave_app",
}
"""What each key does: an action of `qualkit.review.app.ReviewApp`."""

# The most needed first; as many as have room are shown.
_DECIDING = (
    ("a", "accept"),
    ("r", "reject"),
    ("n", "next"),
    ("c", "recode"),
    ("v", "select"),
    ("u", "undo"),
    ("d", "done"),
    ("m", "memo"),
    ("f", "filter"),
    ("g", "cases"),
    ("[ ] { }", "move ends"),
    ("←→", "case"),
    ("↑↓", "coding"),
    (".", "last code"),
)
_SELECTING = (
    ("←→↑↓", "move"),
    ("v", "begin"),
    ("s", "sentence"),
    ("Enter", "code it"),
    (".", "last code"),
    ("Esc", "leave"),
)
_ALWAYS = (("?", "help"), ("q", "quit"))


def keys_line(width: int, *, selecting: bool, done: bool = True) -> Text:
    """Return the line of keys that fits; without `done` where no case is marked so."""
    always = sum(cell_len(key) + cell_len(word) + 3 for key, word in _ALWAYS)
    room = width - always
    line = Text(" ")
    for key, word in _SELECTING if selecting else _DECIDING:
        if word == "done" and not done:
            continue
        needed = cell_len(key) + cell_len(word) + 3
        if line.cell_len + needed > room:
            break
        _append(line, key, word)
    for key, word in _ALWAYS:
        _append(line, key, word)
    return line


def _append(line: Text, key: str, word: str) -> None:
    line.append(key, "bold #f2d479")
    line.append(f" {word}  ")


_OWN = """\
You read a case and decide on each proposed coding: is this code right for
these words? The one asked about is shown reversed, with ▸ beside it, and what
its code means. Each key is kept at once; u takes back as much as you like.
"""
_BLIND = """\
You read a case alone: nobody's codings are shown. Select words, give them a
code, and say with d that the case is done. Each key is kept at once; u takes
back as much as you like.
"""
_CONSENSUS = """\
Here coders settle what they differ on. Below the text stands who said what;
a or r is what you agree on, and holds for all. What each coded alone stays as
it is for `qualkit agreement`. Each key is kept at once; u takes it back.
"""


def help_page(*, blind: bool, consensus: bool) -> str:
    """Return the page of help: what one does here, and all keys."""
    return f"{_BLIND if blind else _CONSENSUS if consensus else _OWN}\n{_ALL_KEYS}"


_ALL_KEYS = """\
DECIDE                              QUOTATION OF THE CODING IN HAND
a Enter  accept, go to the next     [ ]      begin earlier, end later
r        reject, go to the next     { }      begin later, end earlier
n Space  next undecided             c        another code: type a few letters
↑ ↓ j k  other codings              +        a further code on the same words
← → h l  other cases                x        remove your own coding

ADD A CODING                        ELSEWHERE
v        then arrows to a word,     u  U     undo, redo (also Ctrl+R)
         v again and arrows select  d        case is done, go to the next
s        the sentence               g        list of cases
Enter    choose its code            f        filter and order
.        give the last code again   m        memo on case, coding or code
Esc      stop selecting             i        more room for the code's meaning
or drag with the mouse              q        quit; you go on there next time

? undecided  ✓ accepted  ✗ rejected  + your own      any key closes this page"""
