"""Tables for the terminal, with rich."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from qualkit.model import Page, Table
from qualkit.report.values import foot_lines, pivoted

_RIGHT = {"count", "share", "score", "pair", "pivot", "right"}
_BAR_WIDTH = 10


def print_table(table: Table, console: Console) -> None:
    """Print a table with its foot."""
    console.print(render_table(table, console.width))


def print_page(page: Page, console: Console) -> None:
    """Print a page: its title, every table with its foot, its notes."""
    console.rule(Text(page.title, style="bold"))
    for table in page.tables:
        console.print(render_table(table, console.width))
    for note in page.notes:
        console.print(Text(note, style="dim"))


def render_table(table: Table, width: int) -> RenderableType:
    """Return the table, its title and its foot as one renderable."""
    columns, rows = pivoted(table)
    if table.pivot and len(columns) * 11 > width:
        # A matrix that does not fit is turned into numbered columns with a key.
        grid, key = _narrow(table, width)
    else:
        grid, key = _grid(table), []
    title = Text(table.title, style="bold")
    if not rows:
        grid = Text("nothing to show", style="italic")
    foot = [Text(line, style="dim") for line in [*key, *foot_lines(table)]]
    return Padding(Group(title, grid, *foot), (1, 0, 0, 0))


def _grid(table: Table) -> RenderableType:
    columns, rows = pivoted(table)
    bars = not table.pivot and any(c.key == "featured" for c in columns)
    grid = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        right = column.form in _RIGHT
        fold = "fold" if column.form in ("quote", "list", "text") else "ellipsis"
        grid.add_column(
            Text(column.label),
            justify="right" if right else "left",
            overflow="fold" if fold == "fold" else "ellipsis",
            no_wrap=column.form in ("count", "share", "score", "pair"),
        )
    if bars:
        grid.add_column("")
    for cells, row in zip(rows, table.rows if not table.pivot else rows, strict=False):
        texts = [_cell(cell) for cell in cells]
        if bars:
            texts.append(_bar(row.get("share") if isinstance(row, dict) else None))
        grid.add_row(*texts, style="dim" if isinstance(row, dict) and _also(row) else "")
    return grid


def _also(row: dict[str, object]) -> bool:
    return row.get("featured") == "also"


def _cell(cell: str) -> Text:
    return Text(cell, style="bold" if cell.startswith("*") else "")


def _bar(share: object) -> Text:
    length = round(float(share) * _BAR_WIDTH) if isinstance(share, int | float) else 0
    return Text("█" * length + "░" * (_BAR_WIDTH - length), style="cyan")


def _narrow(table: Table, width: int) -> tuple[RenderableType, list[str]]:
    columns, rows = pivoted(table)
    letters = [chr(ord("a") + i) if i < 26 else f"a{i}" for i in range(len(columns) - 1)]
    grid = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(columns[0].label, overflow="fold", min_width=14)
    for letter in letters:
        grid.add_column(letter, justify="right", overflow="fold")
    for cells in rows:
        grid.add_row(*[_cell(cell) for cell in cells])
    key = [f"{letter} = {c.label}" for letter, c in zip(letters, columns[1:], strict=True)]
    return grid, [", ".join(key)]
