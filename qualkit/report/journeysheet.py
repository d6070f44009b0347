"""A sheet to draw on in millimetres, for journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualkit.report.pictures import INK, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = 7.0
"""Points of the words in a map."""
CHARACTER = 1.47
"""Millimetres of a character, on the safe side."""
EDGE = 6.0
_SPACE = 0.8
"""Millimetres of a leading space, which an SVG would swallow."""


def sheet(figure: Figure, width: float, height: float) -> Axes:
    """Return axes over the whole figure, in millimetres from its upper left corner."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return axes


def write(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    *,
    size: float = SIZE,
    weight: str = "normal",
    colour: str = INK,
    across: str = "left",
    down: str = "top",
) -> None:
    """Write words at a place; leading spaces move them to the right."""
    said = words.lstrip(" ")
    x += _SPACE * (len(words) - len(said))
    axes.text(x, y, label(said), fontsize=size, fontweight=weight, color=colour, ha=across, va=down)
