from __future__ import annotations

import io
import unicodedata

import pytest
from rich.console import Console

from qualkit.model import Basis, Column, Page, Pivot, Table
from qualkit.report.terminal import print_page, print_table
from qualkit.report.values import shades

COLUMNS = (
    Column("rank", "rank", "count"),
    Column("name", "theme"),
    Column("share", "share", "share"),
    Column("count", "cases", "count", detail=True),
    Column("featured", "featured", detail=True),
)
ROWS = (
    {"rank": 1, "name": "Isolation", "share": 0.5, "count": 2, "featured": "top"},
    {"rank": 2, "name": "Debt", "share": 0.25, "count": 1, "featured": "also"},
)


def _print(table: Table | Page, width: int) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width)
    if isinstance(table, Page):
        print_page(table, console)
    else:
        print_table(table, console)
    return out.getvalue()


def test_ranking_has_shares_and_bars() -> None:
    text = _print(Table("top", "Top", COLUMNS, ROWS, Basis({"msc": 4}, 4)), 100)
    lines = [line.split() for line in text.splitlines()]
    assert ["1", "Isolation", "50%", "█████░░░░░"] in lines
    assert "Also featured: Debt (1)." in text
    assert "n = 4 msc; shares are of 4 cases." in text


def test_empty_table_says_so() -> None:
    assert "nothing to show" in _print(Table("top", "Top", COLUMNS, ()), 80)


def test_what_is_left_out_at_a_width_is_told_apart() -> None:
    columns = (
        Column("name", "theme"),
        Column("high", "share, high", spare=1),
        Column("low", "share, low", spare=1),
    )
    table = Table("t", "T", columns, ({"name": "Isolation " * 3, "high": "1", "low": "2"},))
    text = " ".join(_print(table, 10).split())
    assert "Left out at this width: share, high; share, low." in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_matrix_fits_any_width(width: int) -> None:
    names = [f"Domain number {i}" for i in range(10)]
    rows = tuple(
        {"name": "Isolation", "domain": name, "share": 0.5, "rank": 1, "top": "yes"}
        for name in names
    )
    columns = (Column("name", "theme"), Column("domain", "d"), Column("share", "s", "share"))
    table = Table("m", "M", columns, rows, pivot=Pivot("name", "theme", "domain", "share", "top"))
    text = _print(table, width)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = " ".join(text.split())
    for name in names:
        assert name in flat


def test_markup_in_words_is_not_interpreted() -> None:
    rows = ({"rank": 1, "name": "[bold]x[/bold]", "share": 0.1, "featured": "top"},)
    assert "[bold]x[/bold]" in _print(Table("t", "T", COLUMNS, rows), 80)


def test_page_prints_every_table() -> None:
    page = Page("p", "Home and money", [Table("a", "First", COLUMNS, ROWS)], ("a note",))
    text = _print(page, 80)
    assert "Home and money" in text
    assert "First" in text
    assert "a note" in text


def test_key_of_a_matrix_without_ranks_names_none() -> None:
    names = [f"Group number {i}" for i in range(10)]
    rows = tuple({"name": "Isolation", "group": name, "share": 0.5} for name in names)
    columns = (Column("name", "theme"), Column("group", "g"), Column("share", "s", "share"))
    text = _print(
        Table("m", "M", columns, rows, pivot=Pivot("name", "theme", "group", "share")), 80
    )
    assert "Percentages. a = Group number 0" in text


def test_pairs_that_do_not_fit_stand_in_blocks_with_their_names() -> None:
    groups = [f"Cluster {letter}" for letter in "ABCDEFGHI"]
    rows = tuple(
        {"name": name, "group": group, "share": (i / 10, 0.25)}
        for name in ("Isolation", "Debt")
        for i, group in enumerate(groups)
    )
    columns = (Column("name", "theme"), Column("group", "g"), Column("share", "s", "pair"))
    text = _print(
        Table("m", "M", columns, rows, pivot=Pivot("name", "theme", "group", "share")), 80
    )
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(text.count(group) == 1 for group in groups)
    # A pair takes 15 columns and the gap, the names 9 and the gap: four groups a block.
    assert text.count("Isolation") == text.count("Debt") == 3
    assert text.count("80.0% : 25.0%") == 2


EVIL = "a\x1b[31m\x1b]0;t\x07\x9b2J\rb\u202e"


@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("pivot", [None, Pivot("name", EVIL, "domain", "share")])
def test_no_control_character_reaches_the_terminal(pivot: Pivot | None, width: int) -> None:
    columns = (Column("name", EVIL), Column("domain", EVIL), Column("share", EVIL, "share"))
    rows = tuple({"name": EVIL, "domain": f"{n}{EVIL}", "share": 0.5} for n in range(9))
    table = Table("t", EVIL, columns, rows, Basis(rule=EVIL, runs=(EVIL,)), (EVIL,), pivot, EVIL)
    text = _print(Page("p", EVIL, [table], (EVIL,)), width)
    controls = {char for char in text if unicodedata.category(char) in ("Cc", "Cf")}
    assert controls == {"\n"}
    assert "␛" in text


def test_words_around_a_control_character_are_shown() -> None:
    table = Table("t", "t", (Column("name", "name"),), ({"name": "a\x1b[2Jb"},))
    assert "a␛[2Jb" in _print(table, 80)


def test_a_heat_map_is_shaded_from_least_to_greatest_and_keeps_its_numbers() -> None:
    rows = tuple(
        {"name": name, "group": group, "share": share}
        for name, group, share in (("a", "A", 0.5), ("a", "B", 0.7), ("b", "A", None))
    )
    columns = (Column("name", "name"), Column("group", "group"), Column("share", "s", "share"))
    pivot = Pivot("name", "name", "group", "share", shade="share")
    table = Table("t", "T", columns, rows, pivot=pivot)
    assert shades(table) == [[None, 0.0, 1.0], [None, None, None]]
    out = io.StringIO()
    print_table(table, Console(file=out, width=60, force_terminal=True, color_system="256"))
    assert "48;5;" in out.getvalue()
    plain = io.StringIO()
    print_table(table, Console(file=plain, width=60))
    assert "50%" in plain.getvalue()
    assert "70%" in plain.getvalue()


@pytest.mark.parametrize("width", [40, 80])
def test_many_groups_stand_in_blocks_with_the_names_of_their_rows(width: int) -> None:
    # 28 groups with letters take 28 × 3 signs beside the names: more than the widths.
    rows = tuple(
        {"name": name, "group": f"Place {n:02}", "progress": n / 30}
        for name in ("Physical health", "Home and money")
        for n in range(28)
    )
    columns = (
        Column("name", "domain"),
        Column("group", "group"),
        Column("progress", "progress", "share"),
    )
    pivot = Pivot("name", "domain", "group", "progress", shade="progress")
    text = _print(Table("stars", "Stars", columns, rows, pivot=pivot), width)
    assert max(map(len, text.splitlines())) <= width
    blocks = text.count("domain")
    assert blocks > 1
    assert text.count("Physical health") == text.count("Home and money") == blocks
    assert [f"Place {n:02}" in text for n in range(28)] == [True] * 28


def test_no_wave_is_left_out_on_a_narrow_terminal() -> None:
    waves = ["2016Q4 (57)", "2017Q1 (57)", "2017Q2 (57)", "2017Q3 (56)", "2017Q4 (50)"]
    columns = (
        Column("rank", "rank", "count", spare=4),
        Column("name", "theme"),
        *[Column(wave, wave, "share") for wave in waves],
        Column("change", "change (95%)", "change", spare=3),
        Column("finding", "finding"),
    )
    row = {"rank": 1, "name": "Debt", **dict.fromkeys(waves, 0.5), "change": (0.1, -0.1, 0.3)}
    text = _print(Table("compare", "T", columns, ({**row, "finding": "differs"},)), 60)
    assert all(wave in text for wave in waves)
    assert "differs" in text
    assert "Left out at this width: rank; change (95%)." in text or "rank, change (95%)" in text
    assert text.count("Debt") > 1
