"""One family's journey as a picture: themes, scores and points by phase, words below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.model import JourneyMap, JourneyPhase, JourneyPoint
from qualkit.report.journeysheet import CHARACTER, EDGE, SIZE, sheet, write
from qualkit.report.pictures import GREYS, INK, QUIET, label, new_figure, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 3.3
"""Millimetres from line to line."""
_WIDTH, _NAMES = 270.0, 27.0
_BAND = 40.0
"""Height of the line of scores."""
_SCALE = 13.0
"""Millimetres of a score of 1."""
_MOST_NAMES, _MOST_TIES = 5, 4
_ROWS = (
    ("Barriers", ("barrier",)),
    ("Enablers and activities", ("enabler", "activity")),
    ("Outcomes", ("outcome",)),
    ("Agencies", ("agency",)),
)


def save_journey(journey: JourneyMap, path: Path) -> None:
    """Draw one journey: phases from left to right, barriers above the line, help below it.

    Raises
    ------
    QualkitError
        The ending is no picture's, or the file cannot be written.
    """
    cells = [[_names(phase, categories) for phase in journey.phases] for _, categories in _ROWS]
    heights = [max(2, *(len(lines) for lines in row)) * _LINE + 3 for row in cells]
    foot = list(_foot(journey))
    height = 20 + sum(heights) + _BAND + len(foot) * _LINE + 12
    with new_figure(_WIDTH, height) as figure:
        axes = sheet(figure, _WIDTH, height)
        write(axes, EDGE, 4, f"Journey of {journey.title}", size=11, weight="bold")
        _heads(axes, journey.phases, 11)
        top = 20.0
        _row(axes, _ROWS[0][0], cells[0], top, heights[0], GREYS[1])
        top += heights[0]
        _scores(axes, journey, top)
        top += _BAND
        for (name, _), row, own, grey in zip(
            _ROWS[1:], cells[1:], heights[1:], (GREYS[0], GREYS[1], GREYS[0]), strict=True
        ):
            _row(axes, name, row, top, own, grey)
            top += own
        _axis_of_phases(axes, journey.phases, 20, top)
        for number, (words, bold) in enumerate(foot):
            weight = "bold" if bold else "normal"
            write(axes, EDGE, top + 4 + number * _LINE, words, weight=weight)
        save_picture(figure, path, f"Journey of {journey.title}", _told(journey))


def _column(number: int, of: int) -> tuple[float, float]:
    """Return left edge and width of a phase's column."""
    width = (_WIDTH - 2 * EDGE - _NAMES) / of
    return EDGE + _NAMES + number * width, width


def _wrap(words: str, width: float) -> list[str]:
    return textwrap.wrap(label(words), int(width / CHARACTER)) or [""]


def _names(phase: JourneyPhase, categories: Sequence[str]) -> list[str]:
    """Return the lines of one cell: the leading themes, and how many more there are."""
    _, width = _column(0, 5)
    themes = sorted(phase.of(*categories), key=lambda t: (-t.segments, t.name.casefold()))
    lines = []
    for theme in themes[:_MOST_NAMES]:
        count = f" ({theme.segments})" if theme.segments > 1 else ""
        first, *rest = _wrap(f"{theme.name}{count}", width - 5)
        lines += [f"\u2022 {first}", *(f"   {line}" for line in rest)]
    if len(themes) > _MOST_NAMES:
        lines.append(f"and {len(themes) - _MOST_NAMES} more")
    return lines


def _heads(axes: Axes, phases: Sequence[JourneyPhase], top: float) -> None:
    for number, phase in enumerate(phases):
        left, width = _column(number, len(phases))
        name = str(phase.phase).capitalize()
        write(axes, left + width / 2, top, name, size=9, weight="bold", across="center")
        told = f"{phase.segments} segment{'' if phase.segments == 1 else 's'}"
        told = told if phase.segments else "not told of"
        write(axes, left + width / 2, top + 4.6, told, colour=QUIET, across="center")


def _row(
    axes: Axes, name: str, cells: Sequence[Sequence[str]], top: float, height: float, grey: str
) -> None:
    axes.fill_between((EDGE, _WIDTH - EDGE), top, top + height, color=grey, linewidth=0, zorder=0)
    for number, line in enumerate(_wrap(name, _NAMES - 3)):
        write(axes, EDGE + 1.5, top + 1.5 + number * _LINE, line, weight="bold")
    for number, lines in enumerate(cells):
        left, _ = _column(number, len(cells))
        for at, line in enumerate(lines):
            write(axes, left + 1.5, top + 1.5 + at * _LINE, line)


def _axis_of_phases(axes: Axes, phases: Sequence[JourneyPhase], top: float, bottom: float) -> None:
    for number in range(len(phases) + 1):
        left = _column(number, len(phases))[0]
        axes.plot((left, left), (top, bottom), color=QUIET, linewidth=0.5, zorder=3)
    for y in (top, bottom):
        axes.plot((EDGE, _WIDTH - EDGE), (y, y), color=INK, linewidth=0.8, zorder=3)


def _scores(axes: Axes, journey: JourneyMap, top: float) -> None:
    """Draw the line of scores, helpful upwards, with the points above and below it."""
    middle = top + _BAND / 2
    for y in (top, top + _BAND):
        axes.plot((EDGE, _WIDTH - EDGE), (y, y), color=INK, linewidth=0.8, zorder=3)
    axes.plot(
        (EDGE + _NAMES, _WIDTH - EDGE), (middle, middle), color=QUIET, linewidth=0.5, zorder=1
    )
    write(axes, EDGE + 1.5, top + 1.5, "Score", weight="bold")
    edge = EDGE + _NAMES - 1.5
    for value, words in ((1, "only help  1"), (0, "even  0"), (-1, "only barriers  -1")):
        y = middle - value * _SCALE
        write(axes, edge, y, words, size=6, colour=QUIET, across="right", down="center")
    places = []
    told = []
    for number, phase in enumerate(journey.phases):
        left, width = _column(number, len(journey.phases))
        if phase.score is not None:
            places.append((left + width / 2, middle - phase.score * _SCALE, phase.score))
            told.append(number)
    _draw_scores(axes, places, told)
    for number, point in enumerate(journey.points, start=1):
        _mark(axes, journey, point, number, top)


def _draw_scores(
    axes: Axes, places: Sequence[tuple[float, float, float]], told: Sequence[int]
) -> None:
    """Draw the line through places of x, y and score; `told` are the numbers of their phases."""
    for at in range(1, len(places)):
        (x, y, _), (next_x, next_y, _) = places[at - 1], places[at]
        # Dashed over a phase without score.
        style: Any = "-" if told[at] == told[at - 1] + 1 else (0, (4, 3))
        axes.plot((x, next_x), (y, next_y), color=INK, linewidth=1.4, linestyle=style, zorder=4)
    for x, y, value in places:
        axes.plot(
            [x],
            [y],
            marker="o",
            markersize=6,
            markerfacecolor="#ffffff",
            markeredgecolor=INK,
            zorder=5,
        )
        axes.text(
            x + 3.2,
            y,
            f"{value:+.2f}",
            fontsize=SIZE,
            fontweight="bold",
            va="center",
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 1},
            zorder=5,
        )


def _mark(axes: Axes, journey: JourneyMap, point: JourneyPoint, number: int, top: float) -> None:
    """Draw a point's sign with its number, at the band's upper or lower edge."""
    column = [own.phase for own in journey.phases].index(point.phase)
    left, width = _column(column, len(journey.phases))
    there = [p for p in journey.points if p.phase is point.phase and p.high is point.high]
    x = left + width * (there.index(point) + 0.5) / len(there)
    y = top + 3.5 if point.high else top + _BAND - 3.5
    axes.plot(
        [x - 1.6],
        [y],
        marker="^" if point.high else "v",
        markersize=5,
        color=INK if point.high else "#ffffff",
        markeredgecolor=INK,
        zorder=6,
    )
    write(axes, x + 0.4, y, str(number), weight="bold", down="center")


def _foot(journey: JourneyMap) -> Iterator[tuple[str, bool]]:
    """Yield the lines below the map, and whether each is bold: points and ties in words."""
    if journey.points:
        yield "High (filled) and low (open) points", True
    for number, point in enumerate(journey.points, start=1):
        said = "; ".join(f"{theme}: \u201c{_short(quote)}\u201d" for theme, quote in point.said[:2])
        more = f"; and {len(point.said) - 2} more" if len(point.said) > 2 else ""
        sign = "high" if point.high else "low"
        place = f"{point.phase}, {point.case_id} segment {point.segment_n}"
        if point.sentences:
            several = "s" if "to" in point.sentences else ""
            place += f", sentence{several} {point.sentences}"
        yield from _hanging(f"{number}  {sign}, {place}: {said}{more}")
    ties = [link for link in journey.links if link.words]
    if ties:
        yield "", False
        yield "Tied by the teller's own words (no proof of a cause)", True
    for link in ties[:_MOST_TIES]:
        place = f"{link.case_id} segment {link.segment_n}"
        ends = ((link.from_name, link.from_quote), (link.to_name, link.to_quote))
        left, right = (name or f"\u201c{_short(quote)}\u201d" for name, quote in ends)
        whole = dict.fromkeys(_short(quote) for name, quote in ends if name)
        quotes = " \u2026 ".join(f"\u201c{quote}\u201d" for quote in whole)
        yield from _hanging(f"{left} \u2192 {right} (\u201c{link.words}\u201d, {place}): {quotes}")
    yield "", False
    yield from _hanging(
        "Score of a phase: (outcomes + enablers \u2212 barriers) / (outcomes + enablers +"
        " barriers), each theme once a segment; it counts what was told. In brackets: segments"
        " with a theme. Dashed: a phase without score between. Identifying: not to be passed on."
    )


def _hanging(words: str) -> Iterator[tuple[str, bool]]:
    first, *rest = _wrap(words, _WIDTH - 2 * EDGE)
    yield first, False
    for line in rest:
        yield f"    {line}", False


def _short(words: str, most: int = 110) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= most else plain[: most - 1].rsplit(" ", 1)[0] + " \u2026"


def _told(journey: JourneyMap) -> str:
    """Return the picture in words."""
    parts = []
    for phase in journey.phases:
        if not phase.segments:
            parts.append(f"{str(phase.phase).capitalize()}: not told of")
            continue
        score = "no score" if phase.score is None else f"score {phase.score:+.2f}"
        named = [
            f"{name.lower()}: {', '.join(theme.name for theme in phase.of(*categories))}"
            for name, categories in _ROWS
            if phase.of(*categories)
        ]
        parts.append("; ".join([f"{str(phase.phase).capitalize()}: {score}", *named]))
    return ". ".join(parts) + "."
