"""A tree of families as a picture: from left to right, a box a segment, shares as grey bars.

Levels are told apart by lightness and hatching, and by the numbers in the bars. Numbers
that are left out are drawn as an empty bar that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.model import FamilyTree, ShownNode, Table, TreeNode
from qualkit.report.pictures import GREYS, INK, QUIET, ink_on, label, new_figure, save_picture
from qualkit.report.treeterminal import LEFT_OUT, Shown, adjusted, numbers
from qualkit.report.values import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BOX = 62.0
"""Width of a box, millimetres, as all lengths here."""
_GAP = 12.0
_MARGIN = 6.0
_LINE = 3.7
_BAR = 5.2
_PAD = 1.8
_BETWEEN = 4.0
_WORDS, _SMALL = 8.0, 7.0
"""Sizes of letters, points."""
_POINT = 25.4 / 72
_TIED = "\N{NO-BREAK SPACE}"
_LOOKS = (
    (GREYS[2], ""),
    (GREYS[0], ""),
    (GREYS[1], "////"),
    (GREYS[4], ""),
    (GREYS[0], "...."),
)
"""Ground and hatching of each level; neighbours differ in both print and copy."""


@dataclass(slots=True)
class _Box:
    node: TreeNode
    title: list[str]
    told: list[str]
    quiet: list[str]
    bar: bool = True
    x: float = 0.0
    middle: float = 0.0
    children: list[_Box] = field(default_factory=list)

    @property
    def height(self) -> float:
        lines = len(self.title) + len(self.told) + len(self.quiet)
        return 2 * _PAD + _LINE * lines + (_BAR if self.bar else 0.0) + 1.0


def draw_tree(tree: FamilyTree, shown: Shown, table: Table, path: Path) -> None:
    """Draw a tree to a file.

    Parameters
    ----------
    shown : mapping of int to ShownNode
        The numbers of each node, as far as they may be shown.
    table : Table
        Its title, and what is said of its families.
    path : Path
        Ends in .svg, .png, .pdf or .html.
    """
    root = _boxes(tree, tree.root, shown, _said(table))
    bottom = _place(root, _MARGIN, 0.0)
    depth = 1 + max(node.depth for node in tree.nodes)
    width = max(2 * _MARGIN + depth * _BOX + (depth - 1) * _GAP, 150.0)
    title = _wrapped(table.title, width - 2 * _MARGIN, 10.0)
    # More levels than there are greys stand in words alone.
    legend = list(_legend_rows(tree.levels, width - 2 * _MARGIN)) if _has_bars(tree) else []
    foot = _wrapped(_foot(shown, table), width - 2 * _MARGIN, _SMALL)
    top = _MARGIN + 5.0 * len(title) + 2.0 + 5.5 * len(legend) + 3.0
    height = top + bottom + 3.0 + _LINE * len(foot) + _MARGIN
    with new_figure(width, height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        for at, line in enumerate(title):
            _text(axes, _MARGIN, _MARGIN + 5.0 * at + 3.0, line, 10.0, weight="bold")
        _draw_legend(axes, legend, _MARGIN + 5.0 * len(title) + 2.0)
        _draw(axes, root, top, tree, shown)
        for at, line in enumerate(foot):
            _text(axes, _MARGIN, top + bottom + 3.0 + _LINE * (at + 0.7), line, _SMALL, color=QUIET)
        save_picture(figure, path, table.title, describe(tree, shown))


def describe(tree: FamilyTree, shown: Shown) -> str:
    """Return in words what the picture shows, for those who do not see it."""
    parts = [f"{node.segment}: {numbers(tree.levels, shown[node.number])}" for node in tree.leaves]
    return f"A tree with {len(tree.leaves)} last segments. " + "; ".join(parts) + "."


def _has_bars(tree: FamilyTree) -> bool:
    return len(tree.levels) <= len(_LOOKS)


def _foot(shown: Shown, table: Table) -> str:
    n = shown[0].n
    words = "Shares of the families of each segment; n: its families."
    if n is not None:
        words += f" All families: {n}."
    if not all(node.whole for node in shown.values()):
        words += f" {LEFT_OUT}: left out, so that nobody can be recognised."
    if table.notes and table.notes[0].startswith("holds numbers of families under"):
        words += f" {table.notes[0][0].upper()}{table.notes[0][1:]}."
    return words + " Segments were chosen on these families; they are no sample."


# --- where boxes stand ----------------------------------------------------------------------


def _said(table: Table) -> dict[int, str]:
    """Return in words how each last segment differs from all families, and what does not hold."""
    found: dict[int, list[str]] = {}
    for row in table.rows:
        if row.get("finding") in ("more", "less"):
            mark = f" ({row['mark']})" if row.get("mark") else ""
            found.setdefault(row["node"], []).append(
                f"{row['level']}: {row['finding']} than overall{mark}"
            )
    return {node: "; ".join(parts) for node, parts in found.items()}


def _boxes(tree: FamilyTree, node: TreeNode, shown: Shown, said_of: Mapping[int, str]) -> _Box:
    words = node.words or "all families"
    title = _wrapped(words[0].upper() + words[1:], _BOX - 2 * _PAD, _WORDS)
    said = _tied(numbers(tree.levels, shown[node.number]))
    told = _wrapped(said, _BOX - 2 * _PAD, _SMALL)
    differs = said_of.get(node.number, "")
    quiet = _wrapped(differs, _BOX - 2 * _PAD, _SMALL) if differs else []
    children = [_boxes(tree, child, shown, said_of) for child in tree.children(node)]
    if node.split is not None:
        said = f"split by {tree.predictors[node.split.predictor].label}"
        if all(shown[child.number].whole for child in tree.children(node)):
            said += f" ({_tied(adjusted(node.split))})"
        quiet = _wrapped(said, _BOX - 2 * _PAD, _SMALL)
    return _Box(node, title, told, quiet, _has_bars(tree), children=children)


def _tied(words: str) -> str:
    """Return words in which no sign is torn from its number, and no share from its level."""
    for sign in ("=", "<"):
        words = words.replace(f" {sign} ", f"{_TIED}{sign}{_TIED}")
    return re.sub(r" (\d+\.\d%|\[c\])", rf"{_TIED}\1", words)


def _place(box: _Box, x: float, top: float) -> float:
    """Give a box and those below it their places; return where the next may begin."""
    box.x = x
    if not box.children:
        box.middle = top + box.height / 2
        return top + box.height + _BETWEEN
    bottom = top
    for child in box.children:
        bottom = _place(child, x + _BOX + _GAP, bottom)
    box.middle = (box.children[0].middle + box.children[-1].middle) / 2
    # A box higher than its children pushes them, and what comes after, down.
    over = top - (box.middle - box.height / 2)
    if over > 0:
        _shift(box, over)
    return max(bottom + max(over, 0.0), box.middle + box.height / 2 + _BETWEEN)


def _shift(box: _Box, by: float) -> None:
    box.middle += by
    for child in box.children:
        _shift(child, by)


# --- drawing --------------------------------------------------------------------------------


def _draw(axes: Axes, box: _Box, top: float, tree: FamilyTree, shown: Shown) -> None:
    from matplotlib.patches import Rectangle

    y = top + box.middle - box.height / 2
    weight = 1.1 if not box.children else 0.6
    axes.add_patch(
        Rectangle((box.x, y), _BOX, box.height, facecolor="white", edgecolor=INK, linewidth=weight)
    )
    for at, line in enumerate(box.title):
        bold = "bold" if not box.children else "normal"
        _text(axes, box.x + _PAD, y + _PAD + _LINE * (at + 0.55), line, _WORDS, weight=bold)
    bar = y + _PAD + _LINE * len(box.title) + 0.4
    if box.bar:
        _draw_bar(axes, box.x + _PAD, bar, _BOX - 2 * _PAD, shown[box.node.number])
    for at, line in enumerate((*box.told, *box.quiet)):
        under = bar + (_BAR if box.bar else 0.0) + 0.6 + _LINE * (at + 0.55)
        _text(axes, box.x + _PAD, under, line, _SMALL, color=INK if at < len(box.told) else QUIET)
    for child in box.children:
        _draw_branch(axes, box, child, top)
        _draw(axes, child, top, tree, shown)


def _draw_branch(axes: Axes, box: _Box, child: _Box, top: float) -> None:
    turn = box.x + _BOX + _GAP / 2
    axes.plot(
        [box.x + _BOX, turn, turn, child.x],
        [top + box.middle, top + box.middle, top + child.middle, top + child.middle],
        color=INK,
        linewidth=0.6,
        zorder=0,
    )


def _draw_bar(axes: Axes, x: float, y: float, width: float, shown: ShownNode) -> None:
    if not shown.whole or not shown.n:
        _part(axes, x, y, width, ("#ffffff", ""))
        _text(axes, x + width / 2, y + _BAR / 2, LEFT_OUT, _SMALL, align="center")
        return
    left = x
    for own, look in zip(shown.counts, _LOOKS, strict=False):
        share = (own or 0) / shown.n
        if not share:
            continue
        _part(axes, left, y, share * width, look)
        words = percent(share, 1)
        # A number that does not fit its part stands in the line below only.
        if _long(words, _SMALL) + (3.2 if look[1] else 1.6) <= share * width:
            _on(axes, left + share * width / 2, y + _BAR / 2, words, look)
        left += share * width


def _part(axes: Axes, x: float, y: float, width: float, look: tuple[str, str]) -> None:
    from matplotlib.patches import Rectangle

    ground, hatch = look
    axes.add_patch(
        Rectangle(
            (x, y),
            width,
            _BAR,
            facecolor=ground,
            edgecolor=INK,
            hatch=hatch,
            linewidth=0.5,
        )
    )


def _on(axes: Axes, x: float, y: float, words: str, look: tuple[str, str]) -> None:
    """Write on a part of a bar; on hatching with a quiet ground."""
    ground, hatch = look
    box: dict[str, Any] | None = None
    if hatch:
        box = {"facecolor": ground, "edgecolor": "none", "pad": 1.4}
    _text(
        axes, x, y, words, _SMALL, align="center", color=ink_on(int(ground[1:3], 16) / 255), box=box
    )


def _legend_rows(levels: Sequence[str], width: float) -> Iterator[list[tuple[float, int, str]]]:
    row: list[tuple[float, int, str]] = []
    x = _MARGIN
    for at, level in enumerate(levels):
        words = label(level)
        wide = 8.0 + _long(words, _WORDS) + 5.0
        if row and x + wide > width + _MARGIN:
            yield row
            row, x = [], _MARGIN
        row.append((x, at, words))
        x += wide
    yield row


def _draw_legend(axes: Axes, rows: Sequence[Sequence[tuple[float, int, str]]], top: float) -> None:
    from matplotlib.patches import Rectangle

    for number, row in enumerate(rows):
        y = top + 5.5 * number
        for x, at, words in row:
            ground, hatch = _LOOKS[at]
            axes.add_patch(
                Rectangle(
                    (x, y), 6.0, 4.0, facecolor=ground, edgecolor=INK, hatch=hatch, linewidth=0.5
                )
            )
            _text(axes, x + 7.5, y + 2.0, words, _WORDS)


def _text(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    points: float,
    *,
    align: str = "left",
    weight: str = "normal",
    color: str = INK,
    box: Mapping[str, Any] | None = None,
) -> None:
    axes.text(
        *(x, y, label(words)),
        fontsize=points,
        ha=align,
        va="center_baseline",
        weight=weight,
        color=color,
        bbox=box,
    )


def _long(words: str, points: float) -> float:
    """Return how long words are in print, millimetres, set bold."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not words.strip():
        return 0.0
    path = TextPath(
        (0, 0), words, size=points, prop=FontProperties(family="DejaVu Sans", weight="bold")
    )
    return float(path.get_extents().width) * _POINT


def _wrapped(words: str, width: float, points: float) -> list[str]:
    """Return words in lines that fit; a single word that does not is broken."""
    lines: list[str] = []
    line = ""
    for word in label(words).split(" "):
        longer = f"{line} {word}".strip()
        if _long(longer, points) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while _long(word, points) > width:
            cut = next(n for n in range(len(word) - 1, 0, -1) if _long(word[:n], points) <= width)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line else lines or [""]
