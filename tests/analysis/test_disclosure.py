"""Published tables: what they say, and an attacker who has nothing but what was printed."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.differences import compare_table
from qualkit.analysis.disclosure import (
    LEFT_OUT,
    NOT_CLEARED,
    Rules,
    publish,
    publish_page,
    round_to,
)
from qualkit.analysis.findings import Compared
from qualkit.analysis.linkage import link_table
from qualkit.analysis.progresstables import matrix_table as progress_matrix
from qualkit.analysis.progresstables import shares_table
from qualkit.analysis.ranking import rank_table
from qualkit.analysis.relevance import describe_relevance, linked_table, relevance_table
from qualkit.analysis.starsgroups import extremes_table, groups_table
from qualkit.analysis.starstables import flow_table, stars_table
from qualkit.analysis.starstables import matrix_table as star_matrix
from qualkit.errors import QualkitError, SmallSampleWarning
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    FlowStep,
    GroupSize,
    Measure,
    Page,
    SpanCount,
    Stage,
    Sum,
    Table,
    ThemeCount,
)
from qualkit.report.files import render

LIMIT = 5


def theme(code: str, count: int, cell: str = "", **more: Any) -> ThemeCount:
    return ThemeCount("barrier", code, code.capitalize(), count, count, 0, cell, **more)


def ranking(*counts: ThemeCount, of: int, top: int = 2) -> Table:
    basis = Basis({"msc": of}, of)
    return rank_table(counts, basis, top=top, title="Top", notes=["3 of the cases …", "a note"])


def published(table: Table, **rules: int) -> dict[str, Any]:
    """What leaves the house, as a reader of the JSON has it."""
    return dict(json.loads(render(publish([table], Rules(**rules))[0], "json")))


def test_a_small_count_goes_with_its_share_and_all_that_tells_it() -> None:
    told = published(ranking(theme("many", 20), theme("few", 4), theme("fewer", 2), of=60))
    rows = {row["code"]: row for row in told["rows"]}
    assert rows["many"]["count"] == 20
    for code in ("few", "fewer"):
        assert {rows[code][key] for key in ("count", "share", "codings", "confirmed")} == {LEFT_OUT}
        # Neither rank nor top tells that 4 is more than 2.
        assert (rows[code]["rank"], rows[code]["featured"]) == (None, "also")
    assert told["suppressed"]["numbers"] == 2
    assert {"row": 2, "column": "count"} in told["suppressed"]["cells"]
    assert told["notes"][0] == "a note"
    assert not any("3 of the cases" in note for note in told["notes"])


def test_hidden_rows_stand_in_no_order_of_counts() -> None:
    one = published(ranking(theme("a", 9), theme("b", 4), theme("c", 3), theme("d", 1), of=60))
    other = published(ranking(theme("a", 9), theme("b", 1), theme("c", 2), theme("d", 4), of=60))
    assert one == other


def test_a_count_of_all_but_few_goes_too() -> None:
    # 58 of 60 tells of two families; 20 is ranked first of what is shown.
    told = published(ranking(theme("nearly", 58), theme("some", 20), of=60))
    rows = {row["code"]: row for row in told["rows"]}
    assert rows["nearly"]["count"] == LEFT_OUT
    assert rows["some"]["rank"] == 1


def test_twelve_cases_of_two_families_go() -> None:
    told = published(ranking(theme("told", 12, people=2), theme("more", 14, people=9), of=60))
    assert {row["code"]: row["count"] for row in told["rows"]} == {"told": LEFT_OUT, "more": 14}


def test_a_small_number_of_cases_is_not_at_the_foot() -> None:
    told = published(ranking(theme("one", 3), of=3))
    assert told["n"] == {}
    assert told["denominator"] is None
    assert told["rows"][0]["denominator"] == LEFT_OUT


def test_rounded_counts_have_rounded_shares() -> None:
    # 23 of 61 -> 25 of 60; 7 -> 5.
    told = published(ranking(theme("a", 23), theme("b", 7), of=61), base=5)
    assert [(row["count"], row["denominator"]) for row in told["rows"]] == [(25, 60), (5, 60)]
    assert told["rows"][0]["share"] == pytest.approx(25 / 60)
    assert told["denominator"] == 60
    assert "codings" not in told["columns"]


@pytest.mark.parametrize(("value", "rounded"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10)])
def test_rounding_to_five(value: int, rounded: int) -> None:
    assert round_to(value, 5) == rounded


def test_what_is_not_declared_is_taken_for_the_worst() -> None:
    columns = (
        Column("what", "what"),
        Column("families", "families", "count"),
        Column("p", "p", "score"),
        Column("ufrn", "family", "id"),
        Column("words", "words", "quote"),
    )
    row = {"what": "x", "families": 3, "p": 0.5, "ufrn": "F1", "words": "so I said", "secret": 3}
    table = publish([Table("any", "Any", columns, (row,))], Rules())[0]
    assert table.rows == ({"what": "x", "families": LEFT_OUT, "p": LEFT_OUT},)


def test_words_stay_only_if_cleared() -> None:
    columns = (Column("quote", "quotation", "quote"),)
    rows = ({"quote": "as cleared", "cleared": True}, {"quote": "never seen"})
    table = publish([Table("quotes", "Quotes", columns, rows)], Rules())[0]
    assert [row["quote"] for row in table.rows] == ["as cleared", NOT_CLEARED]
    assert table.suppressed is not None
    assert table.suppressed.quotations == 1


def test_a_test_over_a_line_goes_in_all_its_rows() -> None:
    columns = (
        Column("code", "code", "id"),
        Column("count", "count", "count"),
        Column("p", "p", "score"),
    )
    rows = (
        {"code": "a", "count": 3, "p": 0.01},
        {"code": "a", "count": 30, "p": 0.01},
        {"code": "b", "count": 30, "p": 0.5},
    )
    told = Disclosure((Measure("count", derived=("p",)),), shared={"p": ("code",)})
    table = publish([Table("t", "T", columns, rows, disclosure=told)], Rules())[0]
    assert [row["p"] for row in table.rows] == [LEFT_OUT, LEFT_OUT, 0.5]


def test_totals_in_other_tables_of_the_page_are_looked_at() -> None:
    columns = (Column("stage", "stage"), Column("count", "count", "count"))
    parts = Table(
        "parts",
        "Parts",
        columns,
        ({"stage": 1, "count": 3}, {"stage": 2, "count": 40}),
        disclosure=Disclosure(
            (Measure("count"), Measure("all")),
            sums=(Sum("all", ("count",), ()),),
            shared={"all": ()},
            names={"all": "everybody"},
        ),
    )
    parts = replace(parts, rows=tuple({**row, "all": 43} for row in parts.rows))
    # The total is not printed in the table, but its sum is known from elsewhere.
    assert [row["count"] for row in publish([parts], Rules())[0].rows] == [LEFT_OUT, LEFT_OUT]


@pytest.mark.parametrize("rules", [{"limit": 1}, {"base": 1}, {"base": -5}])
def test_rules_that_protect_nobody_are_refused(rules: dict[str, int]) -> None:
    with pytest.raises(QualkitError):
        Rules(**rules)


def test_fairly_and_very_add_up_to_either() -> None:
    # very = either - fairly: 12 - 10 = 2, so another of the three goes too.
    rows = describe_relevance({"home": (10, 2)}, [], 60, {"home": "Home"})
    told = published(relevance_table(rows, {"home": "Home"}, Basis({"msc": 60}, 60), title="R"))
    row = told["rows"][0]
    assert row["very"] == LEFT_OUT
    assert [row["fairly"], row["fairly_or_very"]].count(LEFT_OUT) >= 1


def test_those_who_went_out_cannot_be_subtracted() -> None:
    # 100 - 2 = 98 - 40 = 58: with 100 and 98 printed the two would be known.
    steps = [FlowStep("no second reading", 2), FlowStep("not closed", 40)]
    rows = published(flow_table(100, steps))["rows"]
    assert rows[1]["out"] == LEFT_OUT
    assert LEFT_OUT in (rows[0]["left"], rows[1]["left"])


def test_stages_of_a_domain_cannot_be_subtracted_from_all() -> None:
    # 20 + 2 + 30 = 52: something beside the 2 goes, here the next smallest.
    stages = [Stage("a", "A", 1, 4), Stage("b", "B", 5, 10)]
    counts = [SpanCount("d", 0, 0, 20), SpanCount("d", 0, 1, 2), SpanCount("d", 1, 1, 30)]
    told = published(star_matrix(counts, stages, Basis(), title="M"))
    assert [row["families"] for row in told["rows"]] == [LEFT_OUT, LEFT_OUT, 0, 30]
    assert {row["of"] for row in told["rows"]} == {52}


def test_a_total_that_is_all_is_no_secret() -> None:
    columns = tuple(Column(key, key, "count") for key in ("families", "of"))
    columns = (Column("group", "group"), *columns)
    rows = (
        {"group": "a", "families": 20, "of": 50},
        {"group": "b", "families": 30, "of": 50},
        {"group": "all", "families": 50, "of": 50},
    )
    told = Disclosure(
        (Measure("families", ("of",)),),
        sums=(Sum("families", ("families",), (), {"group": "all"}),),
        shared={"of": ()},
    )
    table = publish([Table("t", "T", columns, rows, disclosure=told)], Rules())[0]
    assert table.rows == rows


# --- an attacker with the printed table only ------------------------------------------------


@st.composite
def links(draw: st.DrawFn) -> Table:
    """Links of two to four themes to two to five groups, small groups among them."""
    n_groups, n_themes = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    groups = [f"g{number}" for number in range(n_groups)]
    sizes = {group: draw(st.integers(1, 30)) for group in groups}
    counts = []
    for number in range(n_themes):
        own = {group: draw(st.integers(0, sizes[group])) for group in groups}
        counts += [theme(f"t{number}", count, group) for group, count in own.items()]
        counts.append(theme(f"t{number}", sum(own.values())))
    everybody = sum(sizes.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        return link_table(
            counts,
            [GroupSize("", everybody, 0), *(GroupSize(g, n, 0) for g, n in sizes.items())],
            Basis({"msc": everybody}, everybody, "families"),
            by="family.cluster",
            title="Links",
        )


class Attacker:
    """Works out what it can from the JSON of a link table, by linear programmes in integers."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.rows = told["rows"]
        self.cells: dict[Any, tuple[float, float]] = {}
        groups = sorted({row["group"] for row in self.rows})
        codes = sorted({row["code"] for row in self.rows})
        for row in self.rows:
            own, group = (row["code"], row["group"]), row["group"]
            # Of a group that is left out itself, 0 is left out too.
            self.see((own, "count"), row["count"], int(row["denominator"] != LEFT_OUT))
            self.see((group, "of"), row["denominator"])
            self.see((row["code"], "all"), row["overall_count"])
            self.see("everybody", row["overall_denominator"])
            # Two of count, denominator and share give the third.
            self.by_share((own, "count"), (group, "of"), row["share"])
            self.by_share((row["code"], "all"), "everybody", row["overall_share"])
        self.see("everybody", LEFT_OUT if told["denominator"] is None else told["denominator"])
        self.sums: list[tuple[Any, list[Any]]] = [("everybody", [(g, "of") for g in groups])]
        self.sums += [((c, "all"), [((c, g), "count") for g in groups]) for c in codes]
        self.within = [(((c, g), "count"), (g, "of")) for c in codes for g in groups]
        self.within += [((c, "all"), "everybody") for c in codes]

    def see(self, cell: Any, value: Any, least: int = 1) -> None:
        if isinstance(value, int):
            self.cells[cell] = (value, value)
        else:
            # Other zeros are printed, so that a hidden number is at least 1.
            self.cells.setdefault(cell, (least, 10_000))

    def by_share(self, count: Any, of: Any, share: Any) -> None:
        if not isinstance(share, float | int) or isinstance(share, bool):
            return
        (x, _), (n, most) = self.cells[count], self.cells[of]
        if n == most:
            self.cells[count] = (round(share * n),) * 2
        elif share and x == self.cells[count][1]:
            self.cells[of] = (round(x / share),) * 2

    def bounds(self, aim: dict[Any, int]) -> tuple[float, float]:
        import numpy as np
        from scipy.optimize import linprog

        names = list(self.cells)
        at = {name: number for number, name in enumerate(names)}

        def terms(*pairs: tuple[Any, int]) -> Any:
            line = np.zeros(len(names))
            for name, by in pairs:
                line[at[name]] += by
            return line

        equal = [terms((total, -1), *((part, 1) for part in parts)) for total, parts in self.sums]
        less = [terms((count, 1), (of, -1)) for count, of in self.within]
        found = []
        for sign in (1, -1):
            solved = linprog(
                sign * terms(*aim.items()),
                A_eq=equal,
                b_eq=np.zeros(len(equal)),
                A_ub=less,
                b_ub=np.zeros(len(less)),
                bounds=[self.cells[name] for name in names],
                integrality=1,
            )
            assert solved.status == 0
            found.append(sign * round(solved.fun))
        return found[0], found[1]


def test_a_theme_that_all_families_have_is_left_out_in_the_total_too() -> None:
    sizes = {"g0": 20, "g1": 30}
    counts = [theme("t1", n, group) for group, n in sizes.items()]
    counts += [theme("t1", 50), theme("t2", 12), theme("t2", 6, "g0"), theme("t2", 6, "g1")]
    table = link_table(
        counts,
        [GroupSize("", 50, 0), *(GroupSize(group, n, 0) for group, n in sizes.items())],
        Basis({"msc": 50}, 50, "families"),
        by="family.cluster",
        title="Links",
    )
    rows = published(table)["rows"]
    # 50 of 50 would say of every family that it has the theme; 12 of 50 says it of nobody.
    assert {row["overall_count"] for row in rows if row["code"] == "t1"} == {LEFT_OUT}
    assert {row["overall_count"] for row in rows if row["code"] == "t2"} == {12}


@given(links())
@settings(max_examples=25, deadline=None)
def test_links_do_not_give_back_what_was_left_out(table: Table) -> None:
    told = published(table)
    attacker = Attacker(told)
    truth = {(row["code"], row["group"]): row for row in table.rows}
    for row in told["rows"]:
        if row["count"] != LEFT_OUT:
            continue
        # A count and a denominator come out of an interval or a test as well.
        assert {row[key] for key in ("share", "share_low", "share_high", "p", "residual")} == {
            LEFT_OUT
        }
        own = truth[row["code"], row["group"]]
        count, of = own["count"], own["denominator"]
        if not count:
            assert of < LIMIT or row["denominator"] == LEFT_OUT
            continue
        cell, whole = ((row["code"], row["group"]), "count"), (row["group"], "of")
        least, most = attacker.bounds({cell: 1})
        assert least < most
        if count < LIMIT:
            assert most >= min(LIMIT, of)
            assert least <= 1
        if of - count < LIMIT:
            assert attacker.bounds({whole: 1, cell: -1})[1] >= min(LIMIT, of - 1)


@given(links(), st.sampled_from([3, 5, 10]))
@settings(max_examples=15, deadline=None)
def test_rounded_links_show_multiples_only(table: Table, base: int) -> None:
    for row in published(table, base=base)["rows"]:
        for key in ("count", "denominator", "overall_count", "overall_denominator"):
            assert row[key] == LEFT_OUT or row[key] % base == 0
        assert "p" not in row


def test_how_many_are_small_is_not_said() -> None:
    # fairly 4 + very 4 = 8: with "2 for being small, 0 more" both would be known to be 4.
    rows = describe_relevance({"home": (4, 4)}, [], 60, {"home": "Home"})
    told = published(relevance_table(rows, {"home": "Home"}, Basis({"msc": 60}, 60), title="R"))
    assert told["suppressed"].keys().isdisjoint({"primary", "secondary"})
    assert not any("small" in note and "left out here" in note for note in told["notes"])


def test_of_a_handful_zero_is_left_out_too() -> None:
    # Who knows the one family of g1 would read off what she has and has not.
    counts = [theme("a", 1, "g1"), theme("b", 0, "g1"), theme("a", 20, "g2"), theme("b", 9, "g2")]
    counts += [theme("a", 20, "g3"), theme("b", 8, "g3"), theme("a", 41), theme("b", 17)]
    sizes = [GroupSize("", 61, 0), GroupSize("g1", 1, 0), GroupSize("g2", 30, 0)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        table = link_table(
            counts, [*sizes, GroupSize("g3", 30, 0)], Basis(), by="family.cluster", title="L"
        )
    own = [row for row in published(table)["rows"] if row["group"] == "g1"]
    assert {row["count"] for row in own} == {LEFT_OUT}
    assert {row["share"] for row in own} == {LEFT_OUT}


def test_the_foot_names_nobody_and_counts_no_codings() -> None:
    basis = Basis(
        {"msc": 60},
        60,
        rule="once per case; only codings made or accepted by Jo Bell; and so on",
        runs=("run 1: qualkit, codebook b version 1", "3 codings by Jo Bell"),
        # 1 of 33 codings; 30 are printed.
        confirmed=1 / 33,
    )
    table = rank_table([theme("a", 30), theme("b", 3)], basis, top=2, title="T")
    told = published(table)
    assert "Bell" not in json.dumps(told)
    assert told["runs"] == ["run 1: qualkit, codebook b version 1"]
    assert told["confirmed"] is None


def test_rows_without_words_do_not_count_codings() -> None:
    columns = (
        Column("coding_id", "coding", "count"),
        Column("start", "start", "count"),
        Column("quote", "quotation", "quote"),
    )
    shown = {"coding_id": 9, "start": 4, "quote": "as cleared", "cleared": True}
    hidden = [{"coding_id": n, "start": n, "quote": f"words {n}"} for n in range(3)]
    told = published(Table("quotes", "Q", columns, (*hidden, shown)))
    assert told["rows"] == [{"quote": "as cleared"}, {"quote": NOT_CLEARED}]
    assert not any("3" in note for note in told["notes"])


STAGES = [Stage("a", "A", 1, 4), Stage("b", "B", 5, 7), Stage("c", "C", 8, 10)]


def pinned(table: Table, key: str, told: list[dict[str, Any]], sums: Any) -> list[int]:
    """Return the rows whose hidden number all that is printed leaves one value."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    hidden = [at for at, row in enumerate(told) if row[key] == LEFT_OUT]
    lines, totals = [], []
    for total, rows in sums:
        if total != LEFT_OUT:
            lines.append([int(at in rows) for at in hidden])
            totals.append(total - sum(told[at][key] for at in rows if at not in hidden))
    if not lines:
        return []
    # Of a handful 0 is left out too.
    of = next(key for key in ("of", "denominator") if key in told[0])
    least = [int(told[at][of] != LEFT_OUT) for at in hidden]
    found = []
    for number, at in enumerate(hidden):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(hidden))
            aim[number] = sign
            solved = milp(
                aim,
                constraints=LinearConstraint(np.array(lines), totals, totals),
                bounds=Bounds(least, 10_000),
                integrality=np.ones(len(hidden)),
            )
            assert solved.status == 0
            ends.append(sign * round(solved.fun))
        # The truth is among what the attacker thinks possible.
        assert ends[0] <= table.rows[at][key] <= ends[1]
        found += [at] if ends[0] == ends[1] else []
    return found


@given(st.lists(st.integers(0, 12), min_size=9, max_size=9))
@settings(max_examples=15, deadline=None)
def test_a_matrix_is_not_given_back_by_the_domains_row_on_its_page(cells: list[int]) -> None:
    spans = [SpanCount("d", at // 3, at % 3, n) for at, n in enumerate(cells)]
    tables = [
        stars_table(spans, {"d": "D"}, STAGES, Basis()),
        star_matrix(spans, STAGES, Basis(), title="M"),
    ]
    page = publish(tables, Rules())
    row, told = page[0].rows[0], [dict(cell) for cell in page[1].rows]
    sums = [
        (row["n"], range(9)),
        (told[0]["of"], range(9)),
        (row["n_higher"], [1, 2, 5]),
        (row["n_lower"], [3, 6, 7]),
        (row["n_same"], [0, 4, 8]),
        (row["at_highest"], [8]),
    ]
    assert not pinned(tables[1], "families", told, sums)


def test_the_matrix_of_progress_is_not_given_back_by_the_shares_on_its_page() -> None:
    # 3 went from lower to middle; with the hidden middle to middle known from "same", all would.
    cells = [[30, 3, 20], [25, 40, 20], [9, 22, 31]]
    start = [i for i in range(3) for j in range(3) for _ in range(cells[i][j])]
    end = [j for i in range(3) for j in range(3) for _ in range(cells[i][j])]
    labels = [
        ["same", "higher", "lower"][(j > i) + 2 * (j < i)] for i, j in zip(start, end, strict=True)
    ]
    progress = SimpleNamespace(
        start=SimpleNamespace(groups=np.array(start)), end=SimpleNamespace(groups=np.array(end))
    )
    tables = [progress_matrix(progress, Basis()), shares_table(labels, None, Basis())]
    told = [dict(row) for row in publish(tables, Rules())[0].rows]
    overall = {row["progress"]: row["families"] for row in publish(tables, Rules())[1].rows}
    at = {(row["start"], row["end"]): n for n, row in enumerate(told)}
    names = ("lower", "middle", "higher")
    inner = [at[a, b] for a in names for b in names]
    sums = [(told[at[a, "total"]]["families"], [at[a, b] for b in names]) for a in names]
    sums += [(told[at["total", b]]["families"], [at[a, b] for a in names]) for b in names]
    sums.append((told[at["total", "total"]]["families"], inner))
    for label, number in overall.items():
        sums.append((number, [n for n in inner if told[n]["progress"] == label]))
    small = at["lower", "middle"]
    assert told[small]["families"] == LEFT_OUT
    assert small not in pinned(tables[0], "families", told, sums)


def test_which_group_has_the_least_progress_is_not_said() -> None:
    # The least of shown shares would bound the share of a group left out.
    spans = [SpanCount("d", 0, at, n, g) for g in "xy" for at, n in ((0, 20), (1, 3 + ord(g) % 7))]
    grouped = groups_table(spans, {"d": "D"}, STAGES, Basis(), by="cluster")
    overall = stars_table(spans, {"d": "D"}, STAGES, Basis())
    page = Page("p", "P", [grouped, extremes_table(grouped, overall, by="cluster")])
    told = publish_page(page, Rules()).tables
    assert [table.name for table in told] == ["stars"]
    assert "extreme" not in told[0].rows[0]


def domain_pages() -> tuple[Table, Table]:
    """Of 40 cases of home 12 are of money too, of which 14 are: all but 2."""
    levels, names = {"home": (20, 20), "money": (7, 7)}, {"home": "Home", "money": "Money"}
    pairs = [("home", "money", 12), ("money", "home", 12)]
    home, money = describe_relevance(levels, pairs, 60, names)
    basis = Basis({"msc": 60}, 60, "cases that declare relevance")
    return linked_table(home, names, basis), linked_table(money, names, basis)


def test_what_one_domains_page_leaves_out_the_other_does_too() -> None:
    one, other = (published(table)["rows"][0] for table in domain_pages())
    assert (one["count"], other["count"]) == (LEFT_OUT, LEFT_OUT)
    assert (one["denominator"], one["share"]) == (40, LEFT_OUT)


def test_fairly_and_very_are_limited_by_families() -> None:
    (row,) = describe_relevance({"home": (9, 20)}, [], 60, {"home": "Home"})
    row = replace(row, people={"": 22, "fairly": 2, "very": 20})
    told = published(relevance_table([row], {"home": "Home"}, Basis({"msc": 60}, 60), title="R"))
    shown = told["rows"][0]
    assert shown["fairly"] == LEFT_OUT
    assert LEFT_OUT in (shown["very"], shown["fairly_or_very"])


def test_those_in_no_wave_cannot_be_subtracted() -> None:
    # 22 - 10 - 9 = 3 who have no quarter.
    counts = [theme("a", 22), theme("a", 10, "Q1"), theme("a", 9, "Q2"), theme("a", 3, "(none)")]
    tested = Compared({("Q1", "a"): 10, ("Q2", "a"): 9}, {"Q1": 30, "Q2": 30})
    table = compare_table(
        counts,
        {"Q1": 30, "Q2": 30},
        tested,
        Basis({"msc": 80}, 80),
        by="case.quarter",
        top=5,
        title="C",
        lacking=20,
    )
    row = published(table)["rows"][0]
    assert [row["count"], row["count_Q1"], row["count_Q2"]].count(LEFT_OUT) == 1


def test_nothing_adds_up_in_a_table_that_declares_nothing() -> None:
    # found 23 - both 20 = 3; 60 - 37 = 23.
    columns = tuple(Column(key, key, "count") for key in ("found", "both", "wrong"))
    rows = (
        {"found": 23, "both": 20, "wrong": 3},
        {"found": 37, "both": 20, "wrong": 17},
        {"found": 60, "both": 40, "wrong": 20},
    )
    told = published(Table("any", "Any", columns, rows))
    assert {value for row in told["rows"] for value in row.values()} == {LEFT_OUT}


def test_an_agreement_does_not_say_whose() -> None:
    columns = (Column("coders", "coders", "list"), Column("units", "units", "count"))
    rows = ({"coders": ("Jo Bell", "Ali"), "units": 90},)
    told = published(Table("agreement", "Agreement, by segment: Jo Bell and Ali", columns, rows))
    assert "Bell" not in json.dumps(told)
    assert told["rows"] == [{"units": 90}]
