"""Published pairs that three themes together would give back, left out too.

Each row by itself says nothing of what it leaves out. But of three themes the counts of two
pairs bound that of the third: who has the first and not the second, and so on, cannot be
fewer than none (Hunter 1976; the facets of the correlation polytope, Pitowsky 1991).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

_ROOM = 10
"""A number left out must have this many values that it could have, or as many as without others."""

Range: TypeAlias = tuple[int, int]
_Key: TypeAlias = frozenset[str]


def hide_with(
    rows: Sequence[Mapping[str, Any]],
    *,
    left_out: str,
    keys: Sequence[str],
    apart: Sequence[str] = (),
    small: Sequence[frozenset[str]] = (),
    limit: int = 5,
) -> list[dict[str, Any]]:
    """Return what more of each row is to be left out, as {key: `left_out`}.

    Parameters
    ----------
    rows : sequence of mapping
        Rows as published, with one, other, both, n_one, n_other, n; what is left out is no
        whole number.
    left_out : str
        What stands for a number that is left out.
    keys : sequence of str
        What goes with `both`.
    apart : sequence of str
        Columns by which rows are of different units; so are rows of different `n`.
    small : sequence of frozenset of str
        Of each row which of its four parts are few: both, one, other (with the one alone, the
        other alone), neither. Those must look as if they could be 1 and could be the limit,
        as far as their own row allows it.
    """
    more: list[dict[str, Any]] = [{} for _ in rows]
    lots: dict[Any, list[int]] = {}
    for at, row in enumerate(rows):
        lots.setdefault((*(row.get(key) for key in apart), row["n"]), []).append(at)
    for own in lots.values():
        few = [small[place] if small else frozenset[str]() for place in own]
        for at in _Lot([rows[place] for place in own], few, limit).hide():
            more[own[at]] = dict.fromkeys(("both", *keys), left_out)
    return more


class _Lot:
    """Pairs among the same units: what each number can be."""

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], small: Sequence[frozenset[str]], limit: int
    ) -> None:
        self.limit = limit
        self.small: dict[_Key, frozenset[str]] = {}
        most = max((row["n"] for row in rows if isinstance(row["n"], int)), default=10**9)
        self.n: Range = (0, most)
        self.places: dict[_Key, int] = {}
        self.sizes: dict[str, Range] = {}
        self.both: dict[_Key, int | None] = {}
        for at, row in enumerate(rows):
            pair = frozenset((row["one"], row["other"]))
            self.places[pair] = at
            # By name, so that it is the same from either side.
            alone = {"one": row["one"], "other": row["other"]}
            self.small[pair] = frozenset(alone.get(part, part) for part in small[at])
            self.both[pair] = row["both"] if isinstance(row["both"], int) else None
            for theme, key in (("one", "n_one"), ("other", "n_other")):
                size = row[key]
                self.sizes[row[theme]] = (size, size) if isinstance(size, int) else (1, most)
            if isinstance(row["n"], int):
                self.n = (most, most)

    def hide(self) -> list[int]:
        """Return the rows whose count must be left out for others' sake."""
        found: list[int] = []
        waiting = [pair for pair, both in self.both.items() if both is None]
        while waiting:
            giver = self._giver(waiting[-1])
            if giver is None:
                waiting.pop()
                continue
            self.both[giver] = None
            found.append(self.places[giver])
            waiting.insert(0, giver)
        return found

    def _range(self, pair: _Key) -> Range:
        """Return what a pair can be by its own row."""
        both = self.both[pair]
        if both is not None:
            return both, both
        sizes = [self.sizes[theme] for theme in pair]
        return (
            max(0, sum(size[0] for size in sizes) - self.n[1]),
            min(size[1] for size in sizes),
        )

    def _giver(self, pair: _Key) -> _Key | None:
        """Return a shown pair that, with others, gives this one away; None where none does."""
        least, most = self._range(pair)
        least = max(1, least)
        low, high = least, most
        low_by: set[_Key] = set()
        high_by: set[_Key] = set()
        one, other = sorted(pair)
        for third in self.sizes.keys() - pair:
            near, far = frozenset((one, third)), frozenset((other, third))
            if near not in self.both or far not in self.both:
                continue
            floor, ceiling = self._bounds((one, other, third), near, far)
            if floor > low:
                low, low_by = floor, {near, far}
            if ceiling < high:
                high, high_by = ceiling, {near, far}
        if high - low >= min(_ROOM, most - least) and self._loose(pair, (low, high)):
            return self._giver_of_rest(pair)
        shown = {own for own in low_by | high_by if self.both[own] is not None}
        return min(shown, key=lambda own: (self.both[own] or 0, sorted(own)), default=None)

    def _giver_of_rest(self, pair: _Key) -> _Key | None:
        """Return a shown pair that tells that more than one have a theme of a pair alone.

        Whoever has it and a third, without the other: no size needs to be known for that.
        """
        for theme in sorted(self.small[pair] & pair):
            (other,) = pair - {theme}
            for third in sorted(self.sizes.keys() - pair):
                near, far = frozenset((theme, third)), frozenset((other, third))
                if near not in self.both or far not in self.both:
                    continue
                own = max(1, self.sizes[theme][0] - self._range(pair)[1])
                if self._range(near)[0] - self._range(far)[1] > own:
                    shown = {key for key in (near, far) if self.both[key] is not None}
                    if shown:
                        return min(shown, key=lambda key: (self.both[key] or 0, sorted(key)))
        return None

    def _loose(self, pair: _Key, found: Range) -> bool:
        """Say whether the few of a pair could be 1 and the limit, or all that its row allows."""
        own = self._range(pair)
        own = max(1, own[0]), own[1]
        known = {theme: size[0] for theme in pair if (size := self.sizes[theme])[0] == size[1]}
        for part in self.small[pair]:
            # Each part is `sign` times those with both, and something that is known.
            if part == "both":
                sign, more = 1, 0
            elif part == "neither" and len(known) == 2 and self.n[0] == self.n[1]:
                sign, more = 1, self.n[0] - sum(known.values())
            elif part in known:
                sign, more = -1, known[part]
            else:
                continue
            least, most = sorted(sign * end + more for end in found)
            lowest, highest = sorted(sign * end + more for end in own)
            if least > max(1, lowest) or most < min(self.limit, highest):
                return False
        return True

    def _bounds(self, themes: tuple[str, str, str], near: _Key, far: _Key) -> Range:
        """Return what two pairs with a third theme leave for the first two."""
        first, second, third = (self.sizes[theme] for theme in themes)
        a, b = self._range(near), self._range(far)
        floor = max(
            a[0] + b[0] - third[1],
            first[0] + second[0] + third[0] - a[1] - b[1] - self.n[1],
        )
        return floor, min(first[1] - a[0] + b[1], second[1] - b[0] + a[1])
