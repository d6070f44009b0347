"""Graphs and matrices of what goes together, drawn: circles of points, shaded squares.

A line says how much by its width and which way by its dashes; a cell by its grey, its number
and hatching. Nothing is told by colour.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.model import Edge, Graph, Grid
from qualkit.report.pictures import (
    GREYS,
    INK,
    QUIET,
    ink_on,
    label,
    new_figure,
    save_picture,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM = 190.0
"""What a page of A4 has between its margins, nearly."""
_FEW = 10
"""Points whose names stand level around the circle; names of more stand like spokes."""
_CIRCLE_MM, _RADIUS_MM, _HIGH_MM = 116.0, 31.0, 94.0
"""Width of what a circle of few takes with its names, its radius, its height."""
_WHEEL_RADIUS_MM, _WHEEL_HIGH_MM = 36.0, 166.0
_LINE_MM, _MATRIX_MM = 3.5, 4.3
_SMALL, _NODE_SIZE, _NOTE_SIZE = 6.5, 7.0, 6.5
_THINNEST, _FAINT = 0.6, 0.9
_DASHED, _DOTTED = (0, (2.5, 1.6)), (0, (1.0, 2.2))
_WIDEST = ((12, 5.0), (24, 3.6), (math.inf, 2.6))
"""Points of the widest line, by up to how many lines there are."""
_MOST_LISTED = 20
"""With more lines than this, a matrix of one number each takes the place of the list."""
_NODE_WRAP, _SPOKE, _EDGE_WRAP = 20, 33, 48
_LETTER_MM = 1.2
"""What a letter of the notes takes, at most on average."""
_NAMES_MM, _HEADS_MM = 56.0, 44.0
_CELL_MM, _ROW_MM = 10.5, 7.0
_WIDEST_MM, _HIGHEST_MM = 270.0, 185.0
"""A page of A4 on its side; cells of large matrices are smaller."""


def draw_graphs(graphs: Sequence[Graph], path: Path) -> None:
    """Draw graphs below each other: points on a circle in their order, numbers of lines beside.

    Raises
    ------
    QualkitError
        The ending names no sort of picture, or the file cannot be written.
    """
    heights = [_graph_height(graph) for graph in graphs]
    whole = sum(heights)
    with new_figure(WIDTH_MM, whole) as figure:
        top = whole
        for graph, height in zip(graphs, heights, strict=True):
            top -= height
            _draw_graph(figure, graph, (top, height), whole)
        title = "; ".join(graph.title for graph in graphs)
        save_picture(figure, path, title, " ".join(_told(graph) for graph in graphs))


def _graph_height(graph: Graph) -> float:
    listed = [_LINE_MM * (len(lines) + 0.4) for lines in _listed(graph)]
    many = len(graph.edges) > _MOST_LISTED
    if len(graph.nodes) <= _FEW:
        drawn = _HIGH_MM if many else max(_HIGH_MM, 8 + sum(listed))
    elif many:
        drawn = _WHEEL_HIGH_MM + _MATRIX_MM * (len(graph.nodes) + 1)
    else:
        first = (len(listed) + 1) // 2
        drawn = _WHEEL_HIGH_MM + max(sum(listed[:first]), sum(listed[first:])) + 4
    return drawn + 8 + _notes_height(graph.notes)


def _notes_height(notes: Sequence[str], width: float = WIDTH_MM) -> float:
    return 4 + 3.2 * len(_wrapped(notes, width))


def _wrapped(notes: Sequence[str], width: float = WIDTH_MM) -> list[str]:
    letters = int((width - 8) / _LETTER_MM)
    return [line for note in notes for line in textwrap.wrap(label(note), letters)]


def _draw_graph(figure: Figure, graph: Graph, place: tuple[float, float], whole: float) -> None:
    bottom, height = place
    axes = figure.add_axes((0, bottom / whole, 1, height / whole))
    # Millimetres of the page, so that points and words keep their sizes.
    axes.set_xlim(0, WIDTH_MM)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    axes.text(4, height - 4, label(graph.title), fontsize=9, weight="bold", va="top")
    notes = "\n".join(_wrapped(graph.notes))
    axes.text(4, 2, notes, fontsize=_NOTE_SIZE, color=QUIET, va="bottom")
    top, n = height - 8, len(graph.nodes)
    many = len(graph.edges) > _MOST_LISTED
    if n <= _FEW:
        middle = (_CIRCLE_MM / 2 + 2, top - _HIGH_MM / 2)
        _draw_circle(axes, graph, middle, _RADIUS_MM, numbered=many)
    else:
        middle = (WIDTH_MM / 2, top - _WHEEL_HIGH_MM / 2)
        _draw_circle(axes, graph, middle, _WHEEL_RADIUS_MM, numbered=many)
    if n <= _FEW and many:
        size = ((WIDTH_MM - _CIRCLE_MM - 12) / n, 1.2 * _MATRIX_MM)
        _draw_numbers(axes, graph, (_CIRCLE_MM + 10, top - 20), size)
    elif n <= _FEW:
        _draw_list(axes, graph, slice(None), (_CIRCLE_MM + 4, top - 8))
    elif many:
        size = (min(9.0, (WIDTH_MM - 20) / n), _MATRIX_MM)
        _draw_numbers(axes, graph, (12, top - _WHEEL_HIGH_MM), size)
    else:
        half = (len(graph.edges) + 1) // 2
        _draw_list(axes, graph, slice(half), (8, top - _WHEEL_HIGH_MM))
        _draw_list(axes, graph, slice(half, None), (WIDTH_MM / 2 + 6, top - _WHEEL_HIGH_MM))


def _draw_circle(
    axes: Axes, graph: Graph, middle: tuple[float, float], radius: float, *, numbered: bool
) -> None:
    n = len(graph.nodes)
    if not n:
        axes.text(*middle, "no line to draw", ha="center", color=QUIET)
        return
    angles = [math.pi / 2 - 2 * math.pi * at / n for at in range(n)]
    points = [
        (middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle))
        for angle in angles
    ]
    widest = next(width for most, width in _WIDEST if len(graph.edges) <= most)
    for edge in sorted(graph.edges, key=lambda edge: edge.strength):
        _draw_edge(axes, edge, points, middle, widest)
    write = _write_name if n <= _FEW else _write_spoke
    for at, (point, angle) in enumerate(zip(points, angles, strict=True)):
        axes.plot(*point, "o", color=INK, markersize=4.5, zorder=4)
        name = f"{at + 1} {graph.nodes[at]}" if numbered else graph.nodes[at]
        write(axes, point, angle, label(name))


def _draw_edge(
    axes: Axes,
    edge: Edge,
    points: Sequence[tuple[float, float]],
    middle: tuple[float, float],
    widest: float,
) -> None:
    """Draw a line that bends a little to the middle: neighbours' lines part from each other."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    (x, y), (u, v) = points[edge.one], points[edge.other]
    control = (0.375 * (x + u) + 0.25 * middle[0], 0.375 * (y + v) + 0.25 * middle[1])
    outline = Outline([(x, y), control, (u, v)], [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
    # What is wider is darker too, and lies above.
    grey = GREYS[3 + (edge.strength > 0.5)]
    shape: Any = {
        "facecolor": "none",
        "edgecolor": GREYS[4] if edge.fewer or not edge.stands else grey,
        "linewidth": _THINNEST + (widest - _THINNEST) * edge.strength if edge.stands else _FAINT,
        "linestyle": _DOTTED if not edge.stands else _DASHED if edge.fewer else "solid",
        "capstyle": "butt",
        "zorder": 2,
    }
    axes.add_patch(PathPatch(outline, **shape))


def _write_name(axes: Axes, point: tuple[float, float], angle: float, name: str) -> None:
    across, up = math.cos(angle), math.sin(angle)
    words = "\n".join(textwrap.wrap(name, _NODE_WRAP, max_lines=3, placeholder=" …"))
    side = "center" if abs(across) < 0.15 else ("left" if across > 0 else "right")
    above = "center" if abs(up) < 0.9 else ("bottom" if up > 0 else "top")
    place = (point[0] + 2.2 * across, point[1] + 2.2 * up)
    axes.text(*place, words, fontsize=_NODE_SIZE, ha=side, va=above, linespacing=1.05, zorder=5)


def _write_spoke(axes: Axes, point: tuple[float, float], angle: float, name: str) -> None:
    """Write a name outwards, never upside down."""
    across, up = math.cos(angle), math.sin(angle)
    right = across > -1e-9
    axes.text(
        point[0] + 2.2 * across,
        point[1] + 2.2 * up,
        textwrap.shorten(name, _SPOKE, placeholder=" …"),
        fontsize=_NODE_SIZE,
        rotation=math.degrees(angle) + (0 if right else 180),
        rotation_mode="anchor",
        ha="left" if right else "right",
        va="center",
        zorder=5,
    )


def _listed(graph: Graph) -> list[list[str]]:
    """Return the lines of words of each line of the graph, in the order of the table."""
    return [
        [
            *textwrap.wrap(
                label(f"{graph.nodes[edge.one]} – {graph.nodes[edge.other]}"), _EDGE_WRAP
            ),
            f"    {edge.said}{' (fewer)' if edge.fewer else ''}",
        ]
        for edge in graph.edges
    ]


def _draw_list(axes: Axes, graph: Graph, which: slice, place: tuple[float, float]) -> None:
    x, y = place
    for lines in _listed(graph)[which]:
        for line in lines:
            axes.text(x, y, line, fontsize=_SMALL, va="top")
            y -= _LINE_MM
        y -= 0.4 * _LINE_MM


def _draw_numbers(
    axes: Axes, graph: Graph, place: tuple[float, float], size: tuple[float, float]
) -> None:
    """Write one number for each line, in a matrix of the numbered points."""
    (x, y), (wide, high) = place, size
    words: Any = {"fontsize": _SMALL, "ha": "center", "va": "center"}
    for at in range(len(graph.nodes)):
        if at:
            axes.text(x + wide * (at - 0.5), y, str(at + 1), **words, color=QUIET)
        if at < len(graph.nodes) - 1:
            axes.text(x - 3, y - high * (at + 1), str(at + 1), **words, color=QUIET)
    for edge in graph.edges:
        row, column = sorted((edge.one, edge.other))
        cell = (x + wide * (column - 0.5), y - high * (row + 1))
        axes.text(*cell, edge.short, **words, style="italic" if edge.fewer else "normal")


def _told(graph: Graph) -> str:
    """Return a graph in words, for those who do not see it."""
    lines = [
        f"{graph.nodes[edge.one]} and {graph.nodes[edge.other]}"
        f"{' fewer than by chance' if edge.fewer else ''}: {edge.said}."
        for edge in graph.edges
    ]
    return " ".join([f"{graph.title}.", *lines, *graph.notes])


# --- matrices -----------------------------------------------------------------------------


def draw_grid(grid: Grid, path: Path) -> None:
    """Draw a matrix of shaded cells with their words.

    Raises
    ------
    QualkitError
        The ending names no sort of picture, or the file cannot be written.
    """
    n_rows, n_columns = max(1, len(grid.rows)), max(1, len(grid.columns))
    # The last of the slanting heads needs room to the right.
    cell = min(_CELL_MM, (_WIDEST_MM - _NAMES_MM - 30) / n_columns)
    width = max(WIDTH_MM, _NAMES_MM + cell * n_columns + 30)
    rest = 12 + _HEADS_MM + _notes_height(grid.notes, width)
    row = min(_ROW_MM, (_HIGHEST_MM - rest) / n_rows)
    height = rest + row * n_rows
    with new_figure(width, height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        axes.text(4, height - 4, label(grid.title), fontsize=9, weight="bold", va="top")
        notes = "\n".join(_wrapped(grid.notes, width))
        axes.text(4, 2, notes, fontsize=_NOTE_SIZE, color=QUIET, va="bottom")
        top = height - 12 - _HEADS_MM
        for at, name in enumerate(grid.columns):
            head = (_NAMES_MM + cell * (at + 0.4), top + 1.5)
            axes.text(*head, _short(name), **_HEAD)
        for at, (name, cells) in enumerate(zip(grid.rows, grid.cells, strict=True), start=1):
            y = top - row * at
            beside = (_NAMES_MM - 2, y + row / 2)
            axes.text(*beside, _short(name), fontsize=_NODE_SIZE, ha="right", va="center")
            for place, own in enumerate(cells):
                if own is not None:
                    _draw_cell(axes, (_NAMES_MM + cell * place, y), (cell, row), own)
        if not grid.rows:
            axes.text(4, top, "no pair to show", color=QUIET)
        save_picture(figure, path, grid.title, _grid_told(grid))


_HEAD: Any = {
    "fontsize": _NODE_SIZE,
    "rotation": 50,
    "rotation_mode": "anchor",
    "ha": "left",
    "va": "bottom",
}


def _short(name: str) -> str:
    return textwrap.shorten(label(name), 38, placeholder=" …")


def _draw_cell(
    axes: Axes,
    place: tuple[float, float],
    size: tuple[float, float],
    cell: tuple[float, str, bool],
) -> None:
    from matplotlib.patches import Rectangle

    darkness, words, fewer = cell
    step = min(len(GREYS) - 1, int(darkness * len(GREYS)))
    hatched = fewer and step > 0
    # Hatched cells stay light, so that their numbers can be read.
    ground = GREYS[min(step, 2)] if hatched else GREYS[step]
    axes.add_patch(Rectangle(place, *size, facecolor=ground, edgecolor="#ffffff", linewidth=0.8))
    if hatched:
        lines: Any = {"facecolor": "none", "edgecolor": GREYS[3], "hatch": "////", "linewidth": 0}
        axes.add_patch(Rectangle(place, *size, **lines))
    axes.text(
        place[0] + size[0] / 2,
        place[1] + size[1] / 2,
        words,
        fontsize=_SMALL,
        color=ink_on(int(ground[1:3], 16) / 255),
        ha="center",
        va="center",
        weight="bold" if words[:1] in ("▲", "▼") else "normal",
        bbox={"boxstyle": "square,pad=0.12", "facecolor": ground, "edgecolor": "none"}
        if hatched
        else None,
    )


def _grid_told(grid: Grid) -> str:
    """Return what stands after correction in words, for those who do not see it."""
    said = [
        f"{row} and {column}: {cell[1]}."
        for row, cells in zip(grid.rows, grid.cells, strict=True)
        for column, cell in zip(grid.columns, cells, strict=True)
        if cell is not None and cell[1][:1] in ("▲", "▼")
    ]
    return " ".join([f"{grid.title}.", *said, *grid.notes])
