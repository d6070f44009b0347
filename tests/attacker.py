"""An attacker who has nothing but what was published, and the rule by which it was.

published JSON -> unknown whole numbers and what is known of them -> the range of each

What adds up is known from the documentation and said here anew, table by table; nothing is
taken from what the tables themselves declare (`Disclosure`), which may forget something.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

LIMIT = 5
LEFT_OUT = "[c]"
_MOST = 10_000
Terms = dict[Hashable, float]
Row = Mapping[str, Any]


class Attacker:
    """Unknown numbers, what is known of them, and the least and most that each can be.

    Attributes
    ----------
    ranges : dict
        Each number to the least and most that it can be by itself.
    secrets : dict
        What must not be worked out: by name, sums of numbers. Every number is one too.
    """

    def __init__(
        self,
        told: Mapping[str, Any],
        *,
        domain: str = "",
        by: str = "",
        kind: str = "msc",
        zeros: bool = True,
    ) -> None:
        self.ranges: dict[Hashable, tuple[float, float]] = {}
        self.conditions: list[tuple[Terms, float, float]] = []
        self.secrets: dict[Hashable, Terms] = {}
        self.slips: list[str] = []
        self.errors: set[Hashable] = set()
        self._holding: dict[Hashable, list[int]] = {}
        self.domain, self.by, self.kind = domain, by, kind
        # Whether 0 is left out where its whole is: not where every number but 0 is.
        self.zeros = zeros
        tables = told.get("tables", [told])
        for table in tables:
            self.base = table.get("suppressed", {}).get("rounded_to", 0)
            READERS.get(table["table"], _read_others)(self, table)
        for terms, _, _ in self.conditions:
            for name in terms:
                self.unseen(name)
        for name in self.ranges.keys() - self.errors:
            self.secrets.setdefault(name, {name: 1})

    # --- what is seen ---------------------------------------------------------------------

    def see(self, name: Hashable, value: Any, least: int = 1) -> Hashable:
        """Take in a printed number; one left out is at least 1, since 0 is printed."""
        seen: tuple[float, float] = (least if self.zeros else 1, _MOST)
        if isinstance(value, int) and not isinstance(value, bool):
            half = self.base / 2
            seen = (value, value) if not self.base else (value - half, value + half - 0.5)
        elif value is None:
            seen = (0, _MOST)
        old = self.ranges.get(name, (0, _MOST))
        self.ranges[name] = (max(old[0], seen[0], 0), min(old[1], seen[1]))
        return name

    def unseen(self, name: Hashable) -> Hashable:
        """Take in a number that stands nowhere."""
        self.ranges.setdefault(name, (0, _MOST))
        return name

    def equal(self, total: Hashable, parts: Iterable[Hashable]) -> None:
        """Say that parts add up to a total."""
        terms: Terms = {total: -1}
        for part in parts:
            terms[part] = terms.get(part, 0) + 1
        self.conditions.append((terms, 0, 0))

    def at_most(self, less: Hashable, more: Hashable) -> None:
        """Say that one number is never more than another."""
        self.conditions.append(({more: 1, less: -1}, 0, _MOST))

    def part(self, count: Hashable, of: Hashable, share: Any = None) -> None:
        """Say that a count is part of another number, and what share of it is printed."""
        self.at_most(count, of)
        self.secrets[("missing", count, of)] = {of: 1, count: -1}
        if isinstance(share, float | int) and not isinstance(share, bool) and not self.base:
            self.conditions.append(({count: 1, of: -share}, -1e-7 * _MOST, 1e-7 * _MOST))

    def silent(self, row: Row, key: str, others: Sequence[str]) -> None:
        """Say that nothing may stand beside a number left out that was computed from it."""
        if row.get(key) == LEFT_OUT:
            self.slips += [
                f"{other} = {row[other]!r} beside {key} left out"
                for other in others
                if row.get(other) not in (LEFT_OUT, None, "", [])
            ]

    # --- what follows ---------------------------------------------------------------------

    def bounds(self, terms: Terms) -> tuple[float, float]:
        """Return the least and most that a sum can be; integer programmes."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        names, used = self._around(terms)
        at = {name: number for number, name in enumerate(names)}
        known = sum(self.ranges[name][0] * by for name, by in terms.items() if name not in at)
        if not at:
            return known, known
        matrix = np.zeros((len(used), len(at)))
        low, high = np.zeros(len(used)), np.zeros(len(used))
        for row, (own, least, most) in enumerate(used):
            fixed = sum(self.ranges[name][0] * by for name, by in own.items() if name not in at)
            low[row], high[row] = least - fixed, most - fixed
            for name, by in own.items():
                if name in at:
                    matrix[row, at[name]] += by
        aim = np.zeros(len(at))
        for name, by in terms.items():
            if name in at:
                aim[at[name]] += by
        ranges = [self.ranges[name] for name in names]
        found = []
        for sign in (1, -1):
            solved = milp(
                sign * aim,
                constraints=LinearConstraint(matrix, low, high) if used else (),
                bounds=Bounds([r[0] for r in ranges], [r[1] for r in ranges]),
                integrality=np.ones(len(at)),
            )
            assert solved.status == 0, f"what is printed contradicts itself: {solved.message}"
            found.append(sign * round(solved.fun))
        return known + found[0], known + found[1]

    def _around(self, terms: Terms) -> tuple[list[Hashable], list[tuple[Terms, float, float]]]:
        """Return the numbers not printed that hang together with a sum, and what ties them."""
        if not self._holding:
            for at, (own, _, _) in enumerate(self.conditions):
                for name in own:
                    if not self.printed(name):
                        self._holding.setdefault(name, []).append(at)
        found = dict.fromkeys(name for name in terms if not self.printed(name))
        waiting, used = list(found), dict[int, None]()
        while waiting:
            for at in self._holding.get(waiting.pop(), ()):
                if at not in used:
                    used[at] = None
                    fresh = [
                        name
                        for name in self.conditions[at][0]
                        if name not in found and not self.printed(name)
                    ]
                    found.update(dict.fromkeys(fresh))
                    waiting += fresh
        return list(found), [self.conditions[at] for at in used]

    def printed(self, name: Hashable) -> bool:
        """Say whether a number is known as it stands."""
        return self.ranges[name][0] == self.ranges[name][1]

    def open(self, terms: Terms) -> bool:
        """Say whether a sum holds a number that is not printed."""
        return not all(map(self.printed, terms))


def weaknesses(
    published: Mapping[str, Any], truth: Mapping[str, Any], limit: int = LIMIT, **known: Any
) -> list[str]:
    """Return what an attacker works out that publishing promises to keep.

    A number from 1 to below the limit must look as if it could be 1 and could be the limit,
    or as nearly as it would with every number left out; any other left out must have more
    than one value. So too for what is missing to the whole.

    Parameters
    ----------
    published, truth : mapping
        The JSON of one result, for publishing and not.
    """
    attacker, real = Attacker(published, **known), Attacker(truth, **known)
    loosest = Attacker(_all_left_out(truth), zeros=False, **known)
    values = {name: low for name, (low, high) in real.ranges.items() if low == high}
    found = list(attacker.slips)
    for own, low, high in real.conditions:
        if own.keys() <= values.keys():
            value = sum(values[name] * by for name, by in own.items())
            assert low - 1e-3 <= value <= high + 1e-3, f"the attacker believes what is not: {own}"
    for name, terms in attacker.secrets.items():
        if terms.keys() <= values.keys():
            value = sum(values[own] * by for own, by in terms.items())
            weak = _weakness(attacker, loosest, terms, value, limit)
            found += [f"{name} = {value:g} {weak}"] if weak else []
    return found


def _weakness(attacker: Attacker, loosest: Attacker, terms: Terms, value: float, limit: int) -> str:
    """Return how a number is known too well; nothing where it is not."""
    if not 0 < value < limit:
        if not value or len(terms) > 1 or not attacker.open(terms):
            return ""
        least, most = attacker.bounds(terms)
        return "is given back" if least == most else ""
    least, most = attacker.bounds(terms)
    if least <= 1 and most >= limit:
        return ""
    lowest, highest = loosest.bounds(terms)
    if least <= max(1, lowest) and most >= min(limit, highest):
        return ""
    return f"lies in {least:g} to {most:g}"


def _all_left_out(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON with every number but 0 left out."""
    if "tables" in told:
        return {**told, "tables": [_all_left_out(table) for table in told["tables"]]}

    def hide(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return LEFT_OUT if number and value else value

    rows = [{key: hide(value) for key, value in row.items()} for row in told["rows"]]
    return {**told, "rows": rows, "n": {}, "denominator": None}


# --- the tables, by name ------------------------------------------------------------------


def _cases(a: Attacker, table: Row, scope: str) -> Hashable:
    """Return the cases at the foot, all of one kind."""
    return a.see(("n", scope), table["n"].get(a.kind))


def _read_top(a: Attacker, table: Row) -> None:
    category = table["rows"][0]["category"] if table["rows"] else ""
    own, unit = (a.domain, category), table["unit"]
    of = a.see((unit, "of", a.domain), table["denominator"])
    n = _cases(a, table, a.domain)
    if unit == "cases":
        a.equal(of, [n])
    for row in table["rows"]:
        a.see(of, row["denominator"])
        count = a.see((*own, row["code"]), row["count"])
        a.part(count, of, row["share"])
        a.silent(row, "count", ("share", "rank_low", "rank_high", "in_top", "codings", "rank"))
        a.silent(row, "count", ("confirmed",))
    if a.domain and unit == "cases":
        # All cases that declare the domain relevant, and some of those that declare nothing.
        rest, relevant = a.unseen(("rest", a.domain)), a.unseen(("relevant", a.domain))
        a.equal(of, [relevant, rest])
        a.at_most(rest, a.unseen("declaring nothing"))


def _read_matrix(a: Attacker, table: Row) -> None:
    n_cases = _cases(a, table, "")
    for row in table["rows"]:
        of = a.see(("of", row["domain"]), row["denominator"])
        hidden = row["denominator"] == LEFT_OUT
        count = a.see((row["code"], row["domain"]), row["count"], int(not hidden))
        a.part(count, of, row["share"])
        a.silent(row, "count", ("share", "rank", "top"))
        if table["unit"] == "cases":
            a.at_most(of, n_cases)
            a.secrets[("not of", row["domain"])] = {n_cases: 1, of: -1}


def _read_relevance(a: Attacker, table: Row) -> None:
    n_cases = _cases(a, table, "")
    declaring = a.see("declaring", table["denominator"])
    nothing = a.unseen("declaring nothing")
    a.equal(n_cases, [declaring, nothing])
    a.secrets["declaring nothing"] = {n_cases: 1, declaring: -1}
    for row in table["rows"]:
        a.see(declaring, row["denominator"])
        domain = row["domain"]
        shown = int(row["denominator"] != LEFT_OUT)
        relevant = a.see(("relevant", domain), row["count"], shown)
        a.part(relevant, declaring, row["fairly_or_very"])
        a.silent(row, "count", ("rank", "fairly_or_very", "more_likely", "less_likely"))
        parts = []
        for level in ("fairly", "very"):
            part = a.see((level, domain), None if row[level] is not None else 0)
            if row[level] == LEFT_OUT:
                a.see(part, LEFT_OUT, int(row["denominator"] != LEFT_OUT))
            elif not a.base and isinstance(row[level], float | int) and _fixed(a, declaring):
                a.see(part, round(row[level] * a.ranges[declaring][0]))
            a.part(part, declaring, row[level])
            parts.append(part)
        a.equal(relevant, parts)


def _fixed(a: Attacker, name: Hashable) -> bool:
    return a.ranges[name][0] == a.ranges[name][1]


def _read_linked(a: Attacker, table: Row) -> None:
    of = a.unseen(("relevant", a.domain))
    for row in table["rows"]:
        a.see(of, row["denominator"])
        shown = row["denominator"] != LEFT_OUT
        count = a.see(("both", row["domain"]), row["count"], int(shown))
        a.part(count, of, row["share"])
        a.silent(row, "count", ("share", "linked"))
        other = a.unseen(("relevant", row["domain"]))
        a.at_most(count, other)


def _read_link(a: Attacker, table: Row) -> None:
    groups = list(dict.fromkeys(row["group"] for row in table["rows"]))
    codes = list(dict.fromkeys(row["code"] for row in table["rows"]))
    everybody = a.see("families with text", table["denominator"])
    derived = ("share_low", "share_high", "finding", "residual", "p", "p_adjusted", "cohens_h")
    for row in table["rows"]:
        group, code = row["group"], row["code"]
        a.see(everybody, row["overall_denominator"])
        of = a.see(("with text", group), row["denominator"], 0)
        a.see(("without text", group), row["families_without_text"], 0)
        shown = row["denominator"] != LEFT_OUT
        count = a.see((code, group), row["count"], int(shown))
        whole = a.see((code, "all"), row["overall_count"])
        a.part(count, of, row["share"])
        a.part(whole, everybody, row["overall_share"])
        a.silent(row, "count", ("share", *derived))
        a.silent(row, "overall_count", ("overall_share", *derived[2:]))
    if not a.by.startswith("case."):
        a.equal(everybody, [("with text", group) for group in groups])
        for code in codes:
            a.equal((code, "all"), [(code, group) for group in groups])


_MOVES = ("n_higher", "n_lower", "n_same")


def _read_stars(a: Attacker, table: Row) -> None:
    by_domain: dict[str, list[Hashable]] = {}
    counted = a.see("families that count", table["denominator"])
    for row in table["rows"]:
        own = (row["domain"], row.get("group", ""))
        keys = ("n", *_MOVES, "at_highest", "progress_of")
        n, higher, lower, same, highest, could = (
            a.see((*own, key), row[key], int(row["n"] != LEFT_OUT or key == "n")) for key in keys
        )
        a.equal(n, [higher, lower, same])
        a.equal(n, [could, highest])
        a.at_most(highest, same)
        a.part(higher, n, row["higher"])
        a.part(lower, n, row["lower"])
        a.part(same, n, row["same"])
        if isinstance(row.get("progress"), float) and not a.base:
            a.conditions.append(({higher: 1, could: -row["progress"]}, -1e-3, 1e-3))
        a.at_most(higher, could)
        by_domain.setdefault(row["domain"], []).append(n)
    for domain, parts in by_domain.items():
        lacking = a.unseen(("lacking readings", domain))
        a.equal(counted, [*parts, lacking])
        a.secrets["lacking", domain] = {counted: 1, **dict.fromkeys(parts, -1)}


def _read_star_matrix(a: Attacker, table: Row) -> None:
    cells: dict[tuple[str, str], Hashable] = {}
    n = a.unseen((a.domain, "", "n"))
    stages = list(dict.fromkeys(row["start_stage"] for row in table["rows"]))
    for row in table["rows"]:
        key = row["start_stage"], row["end_stage"]
        a.see(n, row["of"])
        cells[key] = a.see(("stage", *key), row["families"], int(row["of"] != LEFT_OUT))
        a.part(cells[key], n, row["share"])
    a.equal(n, cells.values())
    moved: dict[str, list[Hashable]] = {key: [] for key in _MOVES}
    for (start, end), cell in cells.items():
        rise = stages.index(end) - stages.index(start)
        moved["n_higher" if rise > 0 else "n_lower" if rise < 0 else "n_same"].append(cell)
    for key, parts in moved.items():
        a.equal(a.unseen((a.domain, "", key)), parts)
    a.equal(a.unseen((a.domain, "", "at_highest")), [cells[stages[-1], stages[-1]]])
    counted = a.see("families that count", table["denominator"])
    a.at_most(n, counted)
    a.secrets["lacking", a.domain] = {counted: 1, n: -1}


def _read_star_stages(a: Attacker, table: Row) -> None:
    lines: dict[tuple[str, str], list[Hashable]] = {}
    groups: dict[str, Hashable] = {}
    for row in table["rows"]:
        group = row["group"]
        groups[group] = a.see((group, "of"), row["of"])
        shown = row["of"] != LEFT_OUT
        cell = a.see((group, row["when"], row["stage"]), row["families"], int(shown))
        a.part(cell, groups[group], row["share"])
        lines.setdefault((group, row["when"]), []).append(cell)
    for (group, _), parts in lines.items():
        a.equal(groups[group], parts)
    counted = a.see("families that count", table["denominator"])
    a.equal(counted, [*groups.values(), a.unseen("lacking")])
    a.secrets["lacking"] = {counted: 1, **dict.fromkeys(groups.values(), -1)}


def _read_flow(a: Attacker, table: Row) -> None:
    before = None
    for number, row in enumerate(table["rows"]):
        last = number == len(table["rows"]) - 1
        left = a.see(("left", number), row["left"])
        if before is not None:
            parts = [left] if last else [left, a.see(("out", number), row["out"])]
            a.equal(before, parts)
        if last:
            a.equal(a.unseen("families that count"), [left])
        before = left


def _read_progress_matrix(a: Attacker, table: Row) -> None:
    everybody = a.see("grouped", table["denominator"])
    cells: dict[tuple[str, str], Hashable] = {}
    labels: dict[str, list[Hashable]] = {}
    for row in table["rows"]:
        a.see(everybody, row["denominator"])
        key = row["start"], row["end"]
        cells[key] = a.see(("moved", *key), row["families"])
        a.part(cells[key], everybody, row["share"])
        if row["progress"]:
            labels.setdefault(row["progress"], []).append(cells[key])
    total = table["rows"][-1]["start"]
    names = [name for name, end in cells if end == total and name != total]
    for name in (*names, total):
        a.equal(cells[name, total], [cells[name, end] for end in names])
        a.equal(cells[total, name], [cells[start, name] for start in names])
    a.equal(everybody, [cells[total, total]])
    for label, parts in labels.items():
        a.equal(a.unseen(("all", label)), parts)


def _read_progress(a: Attacker, table: Row) -> None:
    everybody = a.see("grouped", table["denominator"])
    groups: dict[str, dict[str, Hashable]] = {}
    sizes: dict[str, Hashable] = {}
    for row in table["rows"]:
        group = row["group"]
        sizes[group] = a.see(("of", group), row["denominator"])
        name = ("all", row["progress"]) if group == "overall" else (group, row["progress"])
        own = a.see(name, row["families"], int(row["denominator"] != LEFT_OUT))
        a.part(own, sizes[group], row["share"])
        groups.setdefault(group, {})[row["progress"]] = own
    for group, parts in groups.items():
        a.equal(sizes[group], parts.values())
    first, *rest = groups
    a.equal(everybody, [sizes[first]])
    if rest:
        a.equal(sizes[first], [sizes[group] for group in rest])
        for label, whole in groups[first].items():
            a.equal(whole, [groups[group][label] for group in rest])


def _read_confidence(a: Attacker, table: Row) -> None:
    by_question: dict[str, list[str]] = {}
    n_cases = _cases(a, table, "")
    for row in table["rows"]:
        own = row["question"], row["group"]
        n, high, low = (a.see((*own, key), row[key]) for key in ("n", "confident", "below"))
        # With one threshold, 70, nobody is between.
        a.equal(n, [high, low])
        a.part(high, n, row.get("confident_share"))
        a.part(low, n, row.get("below_share"))
        del a.secrets["missing", high, n], a.secrets["missing", low, n]
        for key in ("confident", "below"):
            a.silent(row, key, (f"{key}_share", "mean", "lowest"))
        by_question.setdefault(row["question"], []).append(row["group"])
        if row["group"] == "all":
            a.at_most(n, n_cases)
            a.secrets["no answer", row["question"]] = {n_cases: 1, n: -1}
    for question, groups in by_question.items():
        parts = [group for group in groups if group != "all"]
        for key in ("n", "confident", "below") if parts else ():
            a.equal((question, "all", key), [(question, group, key) for group in parts])


def _read_said(a: Attacker, table: Row) -> None:
    by: dict[tuple[str, str], list[str]] = {}
    for row in table["rows"]:
        of = a.see(("said", row["question"], row["group"]), row["denominator"])
        own = (row["question"], row["code"], row["group"])
        count = a.see(own, row["count"])
        a.part(count, of, row["share"])
        a.silent(row, "count", ("share", "low", "high", "rank", "codings", "confirmed"))
        by.setdefault(own[:2], []).append(row["group"])
    groups = {g for own in by.values() for g in own} - {"all"}
    for question, code in by if groups else ():
        parts = [(question, code, g) for g in by[question, code] if g != "all"]
        if "all" in by[question, code]:
            a.equal((question, code, "all"), parts)
            listed = {g for (q, _), own in by.items() if q == question for g in own} - {"all"}
            whole = [("said", question, g) for g in sorted(listed)]
            a.equal(("said", question, "all"), [*whole, ("said elsewhere", question)])


def _read_response(a: Attacker, table: Row) -> None:
    by: dict[str, list[str]] = {}
    whole: list[tuple[Hashable, Hashable]] = []
    n_cases = _cases(a, table, "")
    for row in table["rows"]:
        own = (row["attribute"], row["group"])
        n = a.see((*own, "responses"), row["responses"])
        of = a.see((*own, "invited"), row["invited"])
        if isinstance(row["share"], float):
            a.part(n, of, row["share"])
        if row["attribute"]:
            by.setdefault(row["attribute"], []).append(row["group"])
        else:
            whole.append((n, of))
            a.equal(n_cases, [n])
    for attribute, groups in by.items():
        for at, key in enumerate(("responses", "invited")):
            a.equal(whole[0][at], [(attribute, group, key) for group in groups])


def _read_compare(a: Attacker, table: Row) -> None:
    waves = [key.removeprefix("count_") for key in table["columns"] if key.startswith("count_")]
    of = a.see("of", table["denominator"])
    rest_of = a.unseen("rest")
    for row in table["rows"]:
        a.see(of, row["denominator"])
        code = row["code"]
        whole = a.see((code, ""), row["count"])
        a.part(whole, of, row["share"])
        for wave in waves:
            size = a.see(("of", wave), row[f"of_{wave}"])
            own = a.see((code, wave), row[f"count_{wave}"], int(row[f"of_{wave}"] != LEFT_OUT))
            a.part(own, size, row[f"share_{wave}"])
            a.silent(row, f"count_{wave}", (f"low_{wave}", f"high_{wave}", "change", "theme_p"))
        rest = a.unseen((code, "rest"))
        a.at_most(rest, rest_of)
        a.equal(whole, [rest, *((code, wave) for wave in waves)])
    if table["rows"]:
        a.equal(of, [rest_of, *(("of", wave) for wave in waves)])


def _read_evaluation(a: Attacker, table: Row) -> None:
    for number, row in enumerate(table["rows"]):
        keys = ("cases", "units", "truth", "found", "missed", "false_alarms", "by_any", "by_all")
        seen = {key: a.see((table["table"], number, key), row[key]) for key in keys if key in row}
        if "missed" in seen:
            both = a.unseen((number, "both"))
            a.equal(seen["truth"], [seen["missed"], both])
            a.equal(seen["found"], [seen["false_alarms"], both])
        if "by_any" in seen:
            a.at_most(seen["by_all"], seen["by_any"])
        # Errors tell of coders, not of families.
        for key in ("missed", "false_alarms"):
            a.errors |= {seen[key]} if key in seen else set()
        figures = ("kappa", "f1", "precision", "recall", "percent", "alpha", "ac1")
        for key in ("truth", "found", "by_any", "by_all"):
            a.silent(row, key, [f for f in figures if f in row])


def _read_others(a: Attacker, table: Row) -> None:
    for number, row in enumerate(table["rows"]):
        for key, value in row.items():
            if value == LEFT_OUT:
                a.see((table["table"], number, key), value)


READERS: dict[str, Callable[[Attacker, Row], None]] = {
    "top": _read_top,
    "matrix": _read_matrix,
    "relevance": _read_relevance,
    "linked": _read_linked,
    "link": _read_link,
    "joint": _read_link,
    "stars": _read_stars,
    "star-matrix": _read_star_matrix,
    "star-stages": _read_star_stages,
    "star-flow": _read_flow,
    "progress-matrix": _read_progress_matrix,
    "progress": _read_progress,
    "confidence": _read_confidence,
    "confidence-reason": _read_said,
    "confidence-agency": _read_said,
    "response": _read_response,
    "compare": _read_compare,
    "agreement": _read_evaluation,
    "evaluation": _read_evaluation,
    "codes": _read_evaluation,
}
