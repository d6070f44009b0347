"""Domains ranked by declared relevance, and which domains go with which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qualkit.analysis.basis import share
from qualkit.analysis.ranking import rank_themes
from qualkit.model import (
    ALL_CASES,
    Basis,
    Column,
    Disclosure,
    Measure,
    Order,
    Sum,
    Table,
    ThemeCount,
)


@dataclass(frozen=True, slots=True)
class DomainRelevance:
    """Declared relevance of one domain; counts of declaring cases.

    `more_likely` and `less_likely` name the two other domains that are most
    and least often relevant where this one is (ties at the cut included).
    `asked` is False where no case says anything of the domain, not even that
    it was not relevant: a form without that question tells nothing of it. `others` counts
    the cases of each other domain. `people` counts the families behind each number, for
    publishing: '', 'fairly', 'very', and another domain for both.
    """

    domain: str
    name: str
    rank: int
    fairly: int
    very: int
    declaring: int
    more_likely: tuple[str, ...]
    less_likely: tuple[str, ...]
    linked: Mapping[str, float]
    asked: bool = True
    others: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str, int] | None = None


def describe_relevance(
    levels: Mapping[str, tuple[int, int]],
    pairs: Sequence[tuple[str, str, int]],
    declaring: int,
    names: Mapping[str, str],
) -> list[DomainRelevance]:
    """Rank domains by the cases to which they are fairly or very relevant.

    Parameters
    ----------
    levels : mapping
        Domain to (cases fairly, cases very).
    pairs : sequence of (domain, other, cases)
        Cases to which both are fairly or very relevant.
    declaring : int
        Cases that declare any relevance.
    names : mapping
        Labels of all domains, in their order; a domain that no case names has 0
        and is linked with none.

    Notes
    -----
    A linked share is plain: of the cases where the domain is relevant, the
    share for which the other one is too (no lift).
    """
    joint = {(one, other): count for one, other, count in pairs}
    counts = [
        ThemeCount("domain", domain, names[domain], sum(levels.get(domain, (0, 0))), 0, 0)
        for domain in names
    ]
    ranks = {item.theme.code: item.rank for item in rank_themes(counts, len(counts))}
    result = []
    for count in counts:
        others = {
            other: joint.get((count.code, other), 0) / count.count
            for other in names
            if other != count.code and count.count and other in levels
        }
        result.append(
            DomainRelevance(
                count.code,
                count.name,
                ranks.get(count.code, len(ranks) + 1),
                *levels.get(count.code, (0, 0)),
                declaring,
                _extreme(others, names, highest=True),
                _extreme(others, names, highest=False),
                others,
                count.code in levels,
                {other: sum(levels[other]) for other in others},
            )
        )
    return sorted(result, key=lambda row: (row.rank, row.name.casefold()))


def _extreme(
    shares: Mapping[str, float], names: Mapping[str, str], *, highest: bool, most: int = 2
) -> tuple[str, ...]:
    sign = -1 if highest else 1
    ordered = sorted(shares, key=lambda domain: (sign * shares[domain], names[domain].casefold()))
    if len(ordered) <= most:
        return tuple(ordered)
    cut = shares[ordered[most - 1]]
    return tuple(d for d in ordered if sign * shares[d] <= sign * cut)


RELEVANCE_COLUMNS = (
    Column("rank", "rank", "count", spare=2),
    Column("domain", "domain", detail=True),
    Column("name", "domain"),
    Column("fairly", "fairly", "share"),
    Column("very", "very", "share"),
    Column("fairly_or_very", "either", "share"),
    Column("count", "cases", "count", spare=3),
    Column("denominator", "of", "count", spare=4),
    Column("more_likely", "more likely with", "list"),
    Column("less_likely", "less likely with", "list"),
    Column("more_likely_linked", "more likely with (ids)", "list", detail=True),
    Column("less_likely_linked", "less likely with (ids)", "list", detail=True),
)


def relevance_table(
    rows: Sequence[DomainRelevance],
    names: Mapping[str, str],
    basis: Basis,
    *,
    title: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return declared relevance as a table, one row a domain; `names` labels all domains."""
    silent = [row.name for row in rows if not row.asked]
    if silent:
        said = f"no case says anything of: {', '.join(silent)} (no column for it, or never filled)"
        notes = [*notes, said]
    return Table(
        "relevance",
        title,
        RELEVANCE_COLUMNS,
        tuple(
            {
                **_declared_shares(row),
                "rank": row.rank,
                "domain": row.domain,
                "name": row.name,
                "count": row.fairly + row.very,
                "fairly_count": row.fairly,
                **_people(row),
                "very_count": row.very,
                "denominator": row.declaring,
                **_silent(basis, row.declaring),
                "more_likely": tuple(names[domain] for domain in row.more_likely),
                "less_likely": tuple(names[domain] for domain in row.less_likely),
                "more_likely_linked": row.more_likely,
                "less_likely_linked": row.less_likely,
            }
            for row in rows
        ),
        basis,
        tuple(notes),
        trace="qualkit domain DOMAIN",
        disclosure=_DECLARED,
    )


_DECLARED = Disclosure(
    measures=(
        # Which domains go most and least often with this one is an order of small counts.
        Measure(
            "count",
            ("denominator",),
            "fairly_or_very",
            ("more_likely", "less_likely", "more_likely_linked", "less_likely_linked"),
            "people",
        ),
        Measure("fairly_count", ("denominator",), "fairly", people="fairly_people"),
        Measure("very_count", ("denominator",), "very", people="very_people"),
        Measure("silent"),
        Measure(ALL_CASES),
    ),
    sums=(
        Sum("count", ("fairly_count", "very_count")),
        Sum(ALL_CASES, ("denominator", "silent"), None),
    ),
    shared={"denominator": (), "count": ("domain",), "silent": (), ALL_CASES: ()},
    names={"count": "relevant cases", "silent": "silent cases"},
    unprinted=("silent", ALL_CASES),
    order=Order("domain", "count", "rank"),
)
_LINKED = Disclosure(
    measures=(
        # What would be left out on the other domain's page is left out on this one.
        Measure("count", ("denominator", "other"), "share", ("linked",), "people"),
        Measure("denominator", people="people_of"),
        Measure("other"),
    ),
    shared={"denominator": ("of_domain",), "other": ("domain",)},
    names={"denominator": "relevant cases", "other": "relevant cases"},
    order=Order("domain", "count"),
)


def _silent(basis: Basis, declaring: int) -> dict[str, int]:
    """Return the cases that declare nothing, and all; no columns."""
    everything = sum(basis.n_by_kind.values())
    return {ALL_CASES: everything, "silent": everything - declaring}


def tie_to_relevance(ranked: Table, row: DomainRelevance, silent: int) -> Table:
    """Return a domain's ranking that says for publishing what relevance tells of its cases.

    They are those that declare it relevant, and some of those that declare nothing.

    Parameters
    ----------
    silent : int
        Cases that declare nothing.
    """
    told, of = ranked.disclosure, ranked.basis.denominator
    relevant = row.fairly + row.very
    if told is None or of is None or ranked.basis.unit != "cases":
        return ranked
    if not 0 <= of - relevant <= silent:
        return ranked
    own = {"of_domain": row.domain, "relevant": relevant, "rest": of - relevant, "silent": silent}
    disclosure = replace(
        told,
        measures=(*told.measures, Measure("relevant"), Measure("rest"), Measure("silent")),
        sums=(*told.sums, Sum("denominator", ("relevant", "rest"), None)),
        at_most=(*told.at_most, ("rest", "silent")),
        shared={**told.shared, "relevant": ("of_domain",), "rest": ("of_domain",), "silent": ()},
        names={
            **told.names,
            "relevant": "relevant cases",
            "rest": "cases of no relevance",
            "silent": "silent cases",
        },
        unprinted=(*told.unprinted, "relevant", "rest", "silent"),
    )
    return replace(ranked, rows=tuple({**r, **own} for r in ranked.rows), disclosure=disclosure)


def _people(row: DomainRelevance) -> dict[str, int | None]:
    people = row.people
    keys = {"people": "", "fairly_people": "fairly", "very_people": "very"}
    return {key: None if people is None else people.get(own, 0) for key, own in keys.items()}


def _declared_shares(row: DomainRelevance) -> dict[str, float | None]:
    of = row.declaring if row.asked else 0
    return {
        "fairly": share(row.fairly, of),
        "very": share(row.very, of),
        "fairly_or_very": share(row.fairly + row.very, of),
    }


def linked_table(row: DomainRelevance, names: Mapping[str, str], basis: Basis) -> Table:
    """Return one domain's linked domains, the most likely first."""
    of = row.fairly + row.very
    ordered = sorted(row.linked, key=lambda d: (-row.linked[d], names[d].casefold()))
    return Table(
        "linked",
        f"Where {row.name.lower()} is relevant, how often the other domains are too",
        (
            Column("domain", "domain", detail=True),
            Column("name", "other domain"),
            Column("count", "cases", "count"),
            Column("denominator", "of", "count"),
            Column("share", "share", "share"),
            Column("linked", "linked"),
        ),
        tuple(
            {
                "domain": domain,
                "name": names[domain],
                "count": round(row.linked[domain] * of),
                "denominator": of,
                "share": row.linked[domain],
                "linked": _linked_word(row, domain),
                "of_domain": row.domain,
                "other": row.others[domain],
                "people": None if row.people is None else row.people.get(domain, 0),
                "people_of": None if row.people is None else row.people.get("", 0),
            }
            for domain in ordered
        ),
        basis,
        disclosure=_LINKED,
    )


def _linked_word(row: DomainRelevance, domain: str) -> str:
    if domain in row.more_likely:
        return "more likely"
    return "less likely" if domain in row.less_likely else ""
