"""Reading the cues of phases: `phasecues.txt` lists them, and says how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TypeAlias

from qualkit.model import Phase

Entries: TypeAlias = list[tuple[Phase, float, "re.Pattern[str]"]]


@dataclass(slots=True)
class PhaseCues:
    """All cues, ready to be looked for.

    Attributes
    ----------
    sorts : dict of str to list
        question, form and answer: of each entry the phase, the weight and the pattern.
    tenses : dict of str to Pattern
        present and past.
    """

    sorts: dict[str, Entries] = field(default_factory=dict)
    tenses: dict[str, re.Pattern[str]] = field(default_factory=dict)


@cache
def load_cues() -> PhaseCues:
    """Return the cues that are shipped, read once."""
    text = resources.files("qualkit.coding").joinpath("phasecues.txt").read_text(encoding="utf-8")
    return read_cues(text)


def read_cues(text: str) -> PhaseCues:
    """Return the cues of a list, see `phasecues.txt`.

    Raises
    ------
    ValueError
        A line stands under no heading.
    """
    cues, sets = PhaseCues(), dict[str, str]()
    heading: list[str] = []
    for line in text.splitlines():
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        words = plain.split(" ")
        if _is_heading(words):
            heading = words
        elif not heading:
            raise ValueError(f"under no heading: {plain}")
        elif heading[0] == "set":
            sets[heading[1]] = plain
        else:
            for name, pattern in sets.items():
                plain = plain.replace(f"{{{name}}}", pattern)
            compiled = re.compile(plain, re.IGNORECASE)
            if heading[0] == "tense":
                cues.tenses[heading[1]] = compiled
            else:
                entry = (Phase(heading[1]), float(heading[2]), compiled)
                cues.sorts.setdefault(heading[0], []).append(entry)
    return cues


def _is_heading(words: list[str]) -> bool:
    if len(words) == 2:
        return words[0] in ("set", "tense")
    return len(words) == 3 and words[1] in list(Phase)
