"""Values of attributes that look like slips of one another: said, never merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualkit.normalise import alike
from qualkit.store import overview
from qualkit.store.writing import ProjectConnection

_MOST_VALUES = 1_000
"""An attribute with more different values is no group."""
_MOST_NAMED = 3

Where = Sequence[tuple[str, tuple[str, ...]]]


def note_alike(connection: ProjectConnection, level: str, key: str) -> list[str]:
    """Say which groups differ only in case, spaces or punctuation, as a note or none."""
    found = alike(overview.attribute_values(connection, level, key, most=_MOST_VALUES))
    if not found:
        return []
    return [
        f"{level}.{key} has values that differ only in case, spaces or punctuation, and are groups"
        f" of their own: {_named(found)}; if they are one, mend the file and import it again"
    ]


def note_all_alike(connection: ProjectConnection) -> list[str]:
    """Say it of every attribute."""
    return [
        note
        for level, keys in overview.attribute_keys(connection).items()
        for key in keys
        for note in note_alike(connection, level, key)
    ]


def note_left_out(
    connection: ProjectConnection, family_where: Where, case_where: Where, *, named: bool = True
) -> list[str]:
    """Say which values a condition leaves out that differ so little from those it takes.

    Not `named` for publishing: few families may have such a value.
    """
    notes = []
    for level, where in (("family", family_where), ("case", case_where)):
        for key, allowed in where:
            values = overview.attribute_values(connection, level, key, most=_MOST_VALUES)
            out = [
                value
                for group in alike(values)
                if set(group) & set(allowed)
                for value in group
                if value not in allowed
            ]
            if out:
                listed = ", ".join(f"'{value}'" for value in out[:_MOST_NAMED])
                listed = listed if named else "other values"
                more = " …" if named and len(out) > _MOST_NAMED else ""
                notes.append(
                    f"not counted, though it differs only in case, spaces or punctuation from what"
                    f" is asked for: {level}.{key} {listed}{more}"
                )
    return notes


def _named(found: Iterable[Sequence[str]]) -> str:
    listed = [" and ".join(f"'{value}'" for value in group) for group in found]
    return "; ".join(listed[:_MOST_NAMED]) + ("; …" if len(listed) > _MOST_NAMED else "")
