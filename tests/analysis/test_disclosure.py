"""Published tables: what they say, and an attacker who has nothing but what was printed."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.disclosure import LEFT_OUT, NOT_CLEARED, Rules, publish, round_to
from qualkit.analysis.linkage import link_table
from qualkit.analysis.ranking import rank_table
from qualkit.analysis.relevance import describe_relevance, relevance_table
from qualkit.analysis.stars import flow_table
from qualkit.analysis.stars import matrix_table as star_matrix
from qualkit.errors import QualkitError, SmallSampleWarning
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    FlowStep,
    GroupSize,
    Measure,
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
    assert told["suppressed"]["primary"] == 2
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
            self.see((own, "count"), row["count"])
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

    def see(self, cell: Any, value: Any) -> None:
        if isinstance(value, int):
            self.cells[cell] = (value, value)
        else:
            # Zeros are printed, so that a hidden number is at least 1.
            self.cells.setdefault(cell, (1, 10_000))

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
