"""Tables and pages, and what publishing knows of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `form` says how people see it: text, count, share (0 to 1, shown as a
    percentage), score, id, quote or list; pair (two shares, and a mark where there
    is one), range (two numbers) and change (a difference of shares and its
    interval) are for reading alone and stand in no CSV or JSON. `detail` columns stay out of
    what people read but are in CSV and JSON. On a narrow terminal columns are
    left out, those with the highest `spare` first; never those with 0.
    """

    key: str
    label: str
    form: str = "text"
    detail: bool = False
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Pivot:
    """How a long table is laid out for reading: rows × columns, one value a cell.

    `shade` names a column of numbers by which a terminal shades the cells; `signs` says
    for the words of the column `sign` which sign stands before a cell.
    """

    row: str
    row_label: str
    column: str
    value: str
    mark: str = ""
    column_labels: Mapping[str, str] = field(default_factory=dict)
    shade: str = ""
    sign: str = ""
    signs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a table was counted from; printed at its foot.

    Attributes
    ----------
    n_by_kind : mapping
        Cases in scope, by kind.
    denominator : int or None
        What shares are of; None where rows have their own.
    unit : str
        cases, families or segments.
    rule : str
        The counting rule in one sentence.
    runs : tuple of str
        The runs behind the codings counted: coder, codebook, version, time.
    confirmed : float or None
        Share of the counted codings that a person accepted or added.
    """

    n_by_kind: Mapping[str, int] = field(default_factory=dict)
    denominator: int | None = None
    unit: str = "cases"
    rule: str = ""
    runs: tuple[str, ...] = ()
    confirmed: float | None = None


ALL_CASES = "all_cases"
"""Key of a row's number that is all cases at the foot: for publishing, no column."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A count that could point at few people, and what gives it back.

    Attributes
    ----------
    count : str
        Key of the count in a row; a key without a column will do.
    of : tuple of str
        Keys of what it is a part of: with them printed, "all but few" tells as much.
    share : str
        Column of its share of the first of `of`; worked out anew from rounded counts.
    derived : tuple of str
        Further columns that are computed from it: intervals, tests, codings behind it.
    people : str
        Key of the families behind the count, where they may be fewer than what is
        counted (cases, segments); the limit holds for them too.
    """

    count: str
    of: tuple[str, ...] = ()
    share: str = ""
    derived: tuple[str, ...] = ()
    people: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """Counts that add up to another one, so that a hidden one could be worked out.

    For every set of rows with the same values in the columns `same` (none: all rows;
    None: each row by itself) the keys `parts` of all these rows add up to `total`. With
    `total_row`, the rows that have these values hold the total and the others the parts.
    Not `exact`: the parts overlap, so that each is at most the total and together they
    are at least as much.
    """

    total: str
    parts: tuple[str, ...]
    same: tuple[str, ...] | None = None
    total_row: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """How rows stand in the order of counts, which tells of counts that are hidden.

    `item` is the column whose values are ordered, by the column `by`; `rank` and `mark`
    are columns that say a rank (within the same values of `within`) and, in words, that
    it is within the `top` or not. Rows that differ in the columns `apart` are in orders
    and ranks of their own, one after the other.
    """

    item: str
    by: str = "count"
    rank: str = ""
    mark: str = ""
    words: tuple[str, str] = ("yes", "")
    top: int = 0
    within: str = ""
    apart: tuple[str, ...] = ()


Anew: TypeAlias = "Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any] | None]]"
"""From the rows as published to what of each is computed anew; None for rows to drop."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a table tells of how many people; by this it is made fit to be published.

    What is not declared is taken for the worst: every count column is a count of people,
    every column of numbers is given back by the row's counts.

    Attributes
    ----------
    shared : mapping of str to tuple of str
        A key whose number stands in several rows, to the columns that tell which number
        it is: {"overall_count": ("code",), "denominator": ("group",), "n": ()}.
    names : mapping of str to str
        A key whose number also stands in other tables of the page, to its name there.
    at_most : tuple of (str, str)
        Keys of a row of which the first is never more than the second, where that is known.
    pairs : mapping of str to (str, str)
        A column of pairs, to the two columns of shares that it shows.
    free : tuple of str
        Columns of numbers that tell of nobody.
    coarse : tuple of str
        Columns of means, shown to one decimal: with all decimals they tell how many they are of.
    private : tuple of str
        Columns that name somebody, or hold words that nobody could clear; left out.
    unprinted : tuple of str
        Keys of numbers that follow from others but stand nowhere: left out first, as nobody
        misses them. Of other keys without a column it is taken that they are known.
    anew : callable, optional
        What can be computed anew from the rows as published, and nothing else, where numbers
        are left out: ranks among what is shown, tests of what is shown.
    said_anew : str
        What a note says of that; empty: nothing.
    said : tuple of str
        Notes of the table whose figures tell of nobody: limits, meanings. Others with figures
        are left out.
    harmless : bool
        The whole table tells of nobody: codes of a codebook.
    unfit : bool
        The whole table tells of numbers that others leave out; a page goes out without it.
    """

    measures: tuple[Measure, ...] = ()
    sums: tuple[Sum, ...] = ()
    at_most: tuple[tuple[str, str], ...] = ()
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    order: Order | None = None
    free: tuple[str, ...] = ()
    coarse: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    unprinted: tuple[str, ...] = ()
    anew: Anew | None = None
    said_anew: str = (
        "intervals of ranks and tests of groups are of what is shown alone: ranks among the"
        " themes shown, each group against all other families"
    )
    said: tuple[str, ...] = ()
    harmless: bool = False
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What was left out of a published table; never what it was.

    `cells` are (row from 1, column); `numbers` counts the numbers left out, not how many of
    them are small: of two that add up to 8, both small, each would be known to be 4.
    `quotations` says whether any is not cleared.
    """

    limit: int
    rounded_to: int
    numbers: int
    cells: tuple[tuple[int, str], ...] = ()
    columns: tuple[str, ...] = ()
    quotations: bool = False


@dataclass(frozen=True)
class Table:
    """A result: rows of plain values, the columns' meaning, and the basis.

    `rows` are mappings from column key to str, int, float, None or a tuple of
    str. Nothing is rounded. `trace` is the command that leads from a row to
    its quotations, with `{column}` where a row's value goes.
    `disclosure` says which columns are counts of people and what adds up, for
    publishing; `suppressed` what publishing left out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    basis: Basis = Basis()
    notes: tuple[str, ...] = ()
    pivot: Pivot | None = None
    trace: str = ""
    disclosure: Disclosure | None = None
    suppressed: Suppressed | None = None

    @property
    def n(self) -> Mapping[str, int]:
        """Cases in scope by kind."""
        return self.basis.n_by_kind

    @property
    def rule(self) -> str:
        """The counting rule in one sentence."""
        return self.basis.rule

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs behind the codings counted."""
        return self.basis.runs

    def to_frame(self) -> pandas.DataFrame:
        """Return the rows as a DataFrame, one column a `Column.key`, shares 0 to 1."""
        import pandas

        keys = [column.key for column in self.columns]
        return pandas.DataFrame([[row.get(key) for key in keys] for row in self.rows], columns=keys)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        import html

        frame = self.to_frame().to_html(index=False, border=0)
        foot = html.escape(self.basis.rule)
        return f"<h4>{html.escape(self.title)}</h4>{frame}<p><small>{foot}</small></p>"


@dataclass(frozen=True)
class Page:
    """Several tables under one title: the page of a domain, the demonstration.

    `anew` makes of its tables as published, and nothing else, what they say of each other.
    """

    name: str
    title: str
    tables: Sequence[Table]
    notes: tuple[str, ...] = ()
    anew: Callable[[Sequence[Table]], Sequence[Table]] | None = None
