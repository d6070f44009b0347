"""Journeys of groups as a picture: a line of mean scores each, over those of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.model import Page, Table
from qualkit.report.journeysheet import CHARACTER, EDGE, sheet, write
from qualkit.report.pictures import GREYS, INK, QUIET, ink_on, label, new_figure, save_picture
from qualkit.report.values import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def save_journeys(page: Page, path: Path) -> None:
    """Draw journeys of groups: a line of mean scores each, over those of all the others.

    Parameters
    ----------
    page : Page
        From `analysis.journeygroups`, or what publishing left of it.
    """
    scores, themes = page.tables
    values = {(row["group"], row["phase"]): row.get("score") for row in scores.rows}
    sizes = {(row["group"], row["phase"]): row.get("families") for row in scores.rows}
    groups = [name for name in dict.fromkeys(row["group"] for row in scores.rows) if name != "all"]
    steps = [
        phase
        for phase in dict.fromkeys(row["phase"] for row in scores.rows)
        if any(_number(values.get((group, phase))) is not None for group in ("all", *groups))
    ]
    across = min(3, len(groups)) or 1
    down = -(-len(groups) // across)
    grid = list(dict.fromkeys(row["theme"] for row in themes.rows))
    width, panel = 200.0, 42.0
    height = 22 + down * panel + 14 + len(grid) * 5 + 12
    with new_figure(width, height) as figure:
        axes = sheet(figure, width, height)
        write(axes, EDGE, 4, page.title, size=11, weight="bold")
        write(axes, EDGE, 10.5, _LEGEND, colour=QUIET)
        room = (width - 2 * EDGE) / across
        for number, group in enumerate(groups):
            left, top = EDGE + number % across * room, 15 + number // across * panel
            place = ((left + 11) / width, 1 - (top + panel - 11) / height)
            box = (*place, (room - 14) / width, (panel - 17) / height)
            _panel(figure, box, group, groups, steps, values, sizes)
        if grid:
            _grid(axes, themes, groups, grid, 22 + down * panel)
        said = _told_of_groups(groups, steps, values)
        save_picture(figure, path, page.title, said)


_LEGEND = (
    "black: the group's mean score; dashed: all families; light: the other groups;"
    " below: families with a theme there"
)


def _number(value: Any) -> float | None:
    """Return a number of a table, None where it is missing or left out."""
    return float(value) if isinstance(value, int | float) else None


def _panel(
    figure: Figure,
    box: tuple[float, float, float, float],
    group: str,
    groups: Sequence[str],
    steps: Sequence[str],
    values: Mapping[tuple[str, str], Any],
    sizes: Mapping[tuple[str, str], Any],
) -> None:
    axes = figure.add_axes(box)
    for other in groups:
        if other != group:
            _draw_line(axes, other, steps, values, color=GREYS[2], linewidth=0.7, zorder=2)
    _draw_line(axes, "all", steps, values, color=INK, linewidth=1, linestyle="--", zorder=3)
    _draw_line(
        axes, group, steps, values, color=INK, linewidth=1.8, marker="o", markersize=4, zorder=4
    )
    axes.axhline(0, color=QUIET, linewidth=0.4, zorder=1)
    axes.set_ylim(-1.1, 1.1)
    axes.set_yticks((-1, 0, 1))
    axes.set_xlim(-0.3, len(steps) - 0.7)
    told = [sizes.get((group, step)) for step in steps]
    axes.set_xticks(
        range(len(steps)),
        [
            f"{step}\n{size if isinstance(size, int) else 'left out'}"
            for step, size in zip(steps, told, strict=True)
        ],
        fontsize=6.5,
    )
    axes.tick_params(length=2, labelsize=6.5)
    axes.set_title(label(group), fontsize=8, fontweight="bold", loc="left", pad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _draw_line(
    axes: Axes,
    group: str,
    steps: Sequence[str],
    values: Mapping[tuple[str, str], Any],
    **looks: Any,
) -> None:
    found = [(at, _number(values.get((group, step)))) for at, step in enumerate(steps)]
    shown = [(at, value) for at, value in found if value is not None]
    axes.plot([at for at, _ in shown], [value for _, value in shown], **looks)


def _grid(
    axes: Axes, themes: Table, groups: Sequence[str], names: Sequence[str], top: float
) -> None:
    """Draw the shares of families with each theme as greys with their numbers."""
    left, width, step = 92.0, 200.0 - EDGE, 5.0
    gone = any(isinstance(row.get("share"), str) for row in themes.rows)
    left_out = "; \u2013: left out, so that few families cannot be told" if gone else ""
    room = (width - left) / max(1, len(groups))
    write(
        axes,
        EDGE,
        top,
        "Families with the theme, of those with any theme at the phase" + left_out,
        weight="bold",
    )
    for at, group in enumerate(groups):
        x = left + (at + 0.5) * room
        write(axes, x, top + 5, _fitting(group, room), weight="bold", across="center")
    shares = {(row["theme"], row["group"]): row.get("share") for row in themes.rows}
    for number, name in enumerate(names):
        y = top + 9 + number * step
        write(axes, EDGE, y + step / 2, _fitting(name, left - EDGE - 2), down="center")
        for at, group in enumerate(groups):
            raw = shares.get((name, group))
            value = _number(raw)
            grey = GREYS[min(4, int((value or 0) * 5))]
            x = left + at * room
            axes.fill_between(
                (x, x + room - 0.4), y, y + step - 0.4, color=grey, linewidth=0, zorder=1
            )
            words = "" if raw is None else "\u2013" if value is None else percent(value)
            ink = ink_on(int(grey[1:3], 16) / 255)
            write(
                axes,
                x + room / 2,
                y + step / 2 - 0.2,
                words,
                size=6.5,
                colour=ink,
                across="center",
                down="center",
            )


def _fitting(words: str, width: float) -> str:
    """Return words that fit into so many millimetres, cut with an ellipsis."""
    most = max(2, int(width / CHARACTER))
    return words if len(words) <= most else words[: most - 1].rstrip() + "\u2026"


def _told_of_groups(
    groups: Sequence[str], steps: Sequence[str], values: Mapping[tuple[str, str], Any]
) -> str:
    parts = []
    for group in ("all", *groups):
        told = []
        for step in steps:
            value = _number(values.get((group, step)))
            told.append(f"{step} {'left out' if value is None else f'{value:+.2f}'}")
        parts.append(f"{group}: {', '.join(told)}")
    return "Mean score of each phase. " + "; ".join(parts) + "."
