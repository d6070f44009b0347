"""The needs of groups as a heat map in greys, the share written in each field."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.model import Table
from qualkit.report.pictures import (
    GREYS,
    INK,
    QUIET,
    check_picture,
    ink_on,
    label,
    new_figure,
    save_picture,
)
from qualkit.report.values import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW_MM, _COLUMN_MM = 5.0, 13.5
_HEAD_MM, _FOOT_MM, _SIDE_MM = 14.0, 14.0, 4.0
_LETTER_MM = 1.62
"""Mean width of a letter at the size of the rows' names."""
_TITLE_MM = 62.0
_LONGEST, _LINES = 48, 2
"""Letters of a line of a row's name, and how many lines it may take."""
_TWO_LINES = {"fontsize": 5.5, "linespacing": 0.95}
_PAGE_MM = 277.0
"""What a page of A4 has between its margins; of many needs rows are lower, down to `_LOWEST_MM`."""
_LOWEST_MM = 4.2
_CUTS = (20, 40, 60, 80)
_LIGHTNESS = (1.0, 0.85, 0.7, 0.51, 0.24)


def draw_profile(profile: Table, path: Path) -> None:
    """Draw a table of needs by group.

    Rows are needs, columns groups and, apart from them, all families. Five greys for shares
    under 20%, 40%, 60%, 80% and above; the share stands in every field, with ▲ or ▼ where
    it sets the group apart. A share that publishing left out stands as it does in the table.

    Raises
    ------
    QualkitError
        The ending is no picture's, or the file cannot be written.
    """
    check_picture(path)
    pivot = profile.pivot
    signs = pivot.signs if pivot else {}
    needs = list(dict.fromkeys(str(row["need"]) for row in profile.rows))
    groups = list(dict.fromkeys(str(row["group"]) for row in profile.rows))
    cells = {(str(row["need"]), str(row["group"])): row for row in profile.rows}
    # All families last, apart from the groups.
    groups = [*groups[1:], groups[0]]
    names = [_wrapped(need) for need in needs]
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    side = max(longest * _LETTER_MM + 3, _TITLE_MM)
    row_mm = (_PAGE_MM - _HEAD_MM - _FOOT_MM) / max(1, len(needs))
    row_mm = min(_ROW_MM, max(_LOWEST_MM, row_mm))
    width = _SIDE_MM * 2 + side + _COLUMN_MM * (len(groups) + 0.4)
    width = max(width, 130.0)
    height = _HEAD_MM + _FOOT_MM + row_mm * len(needs)
    with new_figure(width, height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for at, name in enumerate(names):
            place = _SIDE_MM + side - 2, _HEAD_MM + row_mm * (at + 0.5)
            small: dict[str, Any] = _TWO_LINES if "\n" in name else {}
            axes.text(*place, name, ha="right", va="center", **small)
        sized = False
        for column, group in enumerate(groups):
            left = _SIDE_MM + side + _COLUMN_MM * (column + 0.4 * (column == len(groups) - 1))
            own = [cells.get((need, group), {}) for need in needs]
            sized = _head(axes, left + _COLUMN_MM / 2, group, own) or sized
            for at, row in enumerate(own):
                _field(axes, (left, _HEAD_MM + row_mm * at), row_mm, row, signs)
        said = f"{profile.title}: share of families"
        axes.text(_SIDE_MM, 5, label(said), ha="left", va="center", fontweight="bold")
        _key(
            axes,
            height - _FOOT_MM + 4,
            sized=sized,
            hidden=any(isinstance(r["share"], str) for r in cells.values()),
        )
        save_picture(figure, path, profile.title, _described(needs, groups, cells))


def _field(
    axes: Axes,
    place: tuple[float, float],
    high: float,
    row: Mapping[str, Any],
    signs: Mapping[str, str],
) -> None:
    """Draw one share: its grey, the number, and its sign; hatched where it is left out."""
    from matplotlib.patches import Rectangle

    (left, top), number = place, row.get("share")
    # By the number that stands there: 79.6% is 80%.
    known = isinstance(number, int | float)
    shade = sum(int(percent(number)[:-1]) >= cut for cut in _CUTS) if known else 0
    look: dict[str, Any] = {"edgecolor": QUIET, "linewidth": 0.4}
    axes.add_patch(Rectangle((left, top), _COLUMN_MM, high, facecolor=GREYS[shade], **look))
    if isinstance(number, str):
        axes.plot([left, left + 4], [top + high, top], color=QUIET, linewidth=0.4)
    sign = signs.get(str(row.get("sets_apart") or ""), "")
    ink, middle = ink_on(_LIGHTNESS[shade]), top + high / 2
    axes.text(
        left + _COLUMN_MM - 1.2,
        middle,
        percent(number),
        ha="right",
        va="center",
        color=ink,
        fontweight="bold" if sign else "normal",
        fontsize=7.5,
    )
    if sign:
        axes.text(left + 1, middle, sign, ha="left", va="center", color=ink, fontsize=6)


def _head(axes: Axes, middle: float, group: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Write a group's name, and how many families it has where that is known; say whether."""
    sizes = {row.get("size", row.get("answered")) for row in rows}
    axes.text(middle, 5, label(group), ha="center", va="center", fontweight="bold", color=INK)
    size = sizes.pop() if len(sizes) == 1 else None
    if isinstance(size, int):
        axes.text(middle, 10, f"{size:,}", ha="center", va="center", color=QUIET, fontsize=7)
    return isinstance(size, int)


def _key(axes: Axes, top: float, *, sized: bool, hidden: bool) -> None:
    from matplotlib.patches import Rectangle

    words = ("under 20%", "20% to 39%", "40% to 59%", "60% to 79%", "80% and more")
    left = _SIDE_MM
    for shade, said in zip(GREYS, words, strict=True):
        axes.add_patch(
            Rectangle((left, top), 4, 3.2, facecolor=shade, edgecolor=QUIET, linewidth=0.4)
        )
        axes.text(left + 5, top + 1.7, said, ha="left", va="center", fontsize=7)
        left += 7 + len(said) * 1.5
    axes.text(
        _SIDE_MM, top + 6.7, "▲ more, ▼ less often than in all families: sets the group apart"
        + ("; under the names: families" if sized else "") + ("; [c]: left out" if hidden else ""),
        ha="left", va="center", fontsize=7,
    )  # fmt: skip


def _wrapped(name: str) -> str:
    lines = textwrap.wrap(label(name), _LONGEST, max_lines=_LINES, placeholder=" …")
    return "\n".join(lines)


def _described(
    needs: Sequence[str],
    groups: Sequence[str],
    cells: Mapping[tuple[str, str], Mapping[str, Any]],
) -> str:
    """Say in words what a group is told by, for those who do not see the picture."""
    parts = [f"Shares of families with each of {len(needs)} needs in {len(groups) - 1} groups."]
    for group in groups[:-1]:
        more = [n for n in needs if cells.get((n, group), {}).get("sets_apart") == "more"]
        if more:
            parts.append(f"Group {group}, more often: {', '.join(more)}.")
    return " ".join(parts)
