"""Tables for the terminal, with rich; control characters in words are shown, not obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from qualkit.model import Column, Page, Table
from qualkit.report.cells import visible
from qualkit.report.values import foot_lines, pivoted, shades, share_of, shown_rows

_RIGHT = {"count", "share", "score", "pair", "pivot", "right", "range", "change"}
_WHOLE = {"id", "count", "share", "score", "pair", "range", "change"}
_LEAST = {"quote": 26, "text": 14, "list": 16, "right": 18}
_BAR_WIDTH = 10
_LEAST_NAME = 24
_LEAST_LETTERED = 12
_GAP = 2
_GREYS = (
    "black on grey93",
    "black on grey82",
    "black on grey66",
    "white on grey39",
    "white on grey19",
)
_BAR_FROM = 100
"""Narrower terminals get no bars, so that the names stand on one line."""


def print_table(table: Table, console: Console) -> None:
    """Print a table with its foot."""
    console.print(_render(table, console.width, foot_lines(table)))


def print_page(page: Page, console: Console) -> None:
    """Print a page: its title, every table, its notes; what a foot repeats is said once."""
    console.rule(_text(page.title, "bold"))
    said: set[str] = set()
    for table in page.tables:
        lines = [line for line in foot_lines(table) if line not in said]
        said.update(lines)
        console.print(_render(table, console.width, lines))
    for note in page.notes:
        console.print(_text(note, "dim"))


def _render(table: Table, width: int, foot: Iterable[str]) -> RenderableType:
    columns, rows = _visible_cells(*pivoted(table))
    more: list[str] = []
    grid: RenderableType
    if not rows:
        grid = Text("nothing to show", style="italic")
    elif table.pivot and _needed(columns, rows) > width:
        pairs = any(c.key == table.pivot.value and c.form == "pair" for c in table.columns)
        if pairs or _lettered_width(columns, rows) > width:
            grid = Group(*_blocks(columns, rows, width, shades(table)))
        else:
            # A matrix that does not fit gets letters for columns, and a key.
            grid, more = _lettered(columns, rows)
    else:
        keys = {column.key for column in table.columns if not column.detail}
        ranked = "share" in keys and any(column.key == "featured" for column in table.columns)
        bars = ranked and width >= _BAR_FROM
        columns, rows, more = _fitting(columns, rows, width - (_BAR_WIDTH + _GAP) * bars)
        shares = [share_of(row) for row in shown_rows(table)]
        if not bars and _needed(columns, rows) > width and _several_shares(columns):
            # Waves are columns that none may be left out of.
            grid = Group(*_blocks(columns, rows, width))
        else:
            grid = _grid(columns, rows, shares if bars else (), shades(table))
    lines = [_text(line, "dim") for line in (*more, *foot)]
    return Padding(Group(_text(table.title, "bold"), grid, *lines), (1, 0, 0, 0))


def _text(words: str, style: str) -> Text:
    return Text(visible(words), style=style)


def _visible_cells(
    columns: list[Column], rows: list[list[str]]
) -> tuple[list[Column], list[list[str]]]:
    return (
        [replace(column, label=visible(column.label)) for column in columns],
        [[visible(cell) for cell in cells] for cells in rows],
    )


def _fitting(
    columns: list[Column], rows: list[list[str]], width: int
) -> tuple[list[Column], list[list[str]], list[str]]:
    """Leave out spare columns until the rest fits; say which."""
    left_out: list[str] = []
    while _needed(columns, rows) > width:
        spare = max(range(len(columns)), key=lambda i: columns[i].spare)
        if not columns[spare].spare:
            break
        left_out.append(columns[spare].label)
        columns = columns[:spare] + columns[spare + 1 :]
        rows = [cells[:spare] + cells[spare + 1 :] for cells in rows]
    gap = "; " if any("," in label for label in left_out) else ", "
    note = f"Left out at this width: {gap.join(left_out)}." if left_out else ""
    return columns, rows, [note] if note else []


def _needed(columns: list[Column], rows: list[list[str]]) -> int:
    """Return the least width in which the columns can be read, gaps of two spaces included."""
    widths = []
    for number, column in enumerate(columns):
        cells = [column.label, *(row[number] for row in rows)]
        if column.form in _WHOLE or column.form == "pivot":
            widths.append(max(map(len, cells)))
        else:
            least = _LEAST.get(column.form, 12)
            widths.append(max(len(column.label), min(least, max(map(len, cells)))))
    return sum(widths) + 2 * len(widths)


def _grid(
    columns: list[Column],
    rows: list[list[str]],
    shares: Sequence[float] = (),
    dark: Sequence[Sequence[float | None]] = (),
) -> RichTable:
    """Return rows of cells as a rich table, with a bar a row where there are shares.

    `dark` says how dark each cell's ground is, 0 to 1.
    """
    grid = _empty_grid()
    for column in columns:
        grid.add_column(
            Text(column.label),
            justify="right" if column.form in _RIGHT else "left",
            overflow="fold",
            no_wrap=column.form in _WHOLE,
        )
    if shares:
        grid.add_column("", no_wrap=True)
    for number, cells in enumerate(rows):
        texts = list(map(_cell, cells))
        if dark:
            texts = [_shaded(text, dark[number][at]) for at, text in enumerate(texts)]
        grid.add_row(*texts, *([_bar(shares[number])] if shares else []))
    return grid


def _empty_grid() -> RichTable:
    return RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)


def _cell(cell: str, star: str = "*") -> Text:
    top = cell.startswith("*")
    return Text(star + cell[1:] if top else cell, style="bold" if top else "")


def _shaded(text: Text, dark: float | None) -> Text:
    """Return a number on grey; the letters stand out from every shade, also in print."""
    if dark is not None:
        text.stylize(_GREYS[min(int(dark * len(_GREYS)), len(_GREYS) - 1)])
    return text


def _bar(share: float) -> Text:
    length = round(share * _BAR_WIDTH)
    return Text("█" * length + "░" * (_BAR_WIDTH - length), style="cyan")


def _several_shares(columns: Sequence[Column]) -> bool:
    """Whether a table has the names of its rows first, and one share beside the other."""
    return columns[0].form == "text" and sum(column.form == "share" for column in columns) > 1


def _blocks(
    columns: list[Column],
    rows: list[list[str]],
    width: int,
    dark: Sequence[Sequence[float | None]] = (),
) -> list[RenderableType]:
    """Return a wide table as several below each other, each with the names of its rows."""
    names = min(_LEAST_NAME, max(len(name) for name, *_ in rows))
    wide = max(len(cell) for row in rows for cell in row[1:])
    wide = max(wide, *(len(column.label) for column in columns[1:])) + _GAP
    n = max(1, (width - names - _GAP) // wide)
    blocks: list[RenderableType] = []
    for first in range(1, len(columns), n):
        picked = [0, *range(first, min(first + n, len(columns)))]
        if blocks:
            blocks.append(Text(""))
        blocks.append(
            _grid(
                [columns[i] for i in picked],
                [[cells[i] for i in picked] for cells in rows],
                dark=[[shade[i] for i in picked] for shade in dark],
            )
        )
    return blocks


def _lettered_width(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> int:
    """Return the least width of a matrix with letters, its names in lines of some words."""
    names = min(_LEAST_LETTERED, max(len(name) for name, *_ in rows))
    cells = [
        max(2, *(len(row[at].replace("%", "")) for row in rows)) for at in range(1, len(columns))
    ]
    return names + sum(cells) + len(cells)


def _lettered(columns: list[Column], rows: list[list[str]]) -> tuple[RichTable, list[str]]:
    letters = [chr(ord("a") + i) if i < 26 else f"a{i}" for i in range(len(columns) - 1)]
    grid = RichTable(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0))
    grid.add_column(Text(columns[0].label), overflow="fold", min_width=_LEAST_LETTERED)
    for letter in letters:
        grid.add_column(letter, justify="right", no_wrap=True)
    for name, *cells in rows:
        grid.add_row(Text(name), *[_cell(cell.replace("%", ""), star="") for cell in cells])
    key = [f"{letter} = {c.label}" for letter, c in zip(letters, columns[1:], strict=True)]
    ranked = any(cell.startswith("*") for _, *cells in rows for cell in cells)
    rank = "1: is the rank of a top theme. " if ranked else ""
    start = "Percentages; " if rank else "Percentages. "
    return grid, [start + rank + ", ".join(key) + "."]
