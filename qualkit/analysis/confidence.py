"""Staff confidence: ratings by question, reasons and agencies beside them, response rates.

ratings and codings counted by question and group -> shares with intervals, ranks -> tables

References
----------
Wilson, E. B. (1927). Probable inference (intervals of shares).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from qualkit.analysis.basis import share
from qualkit.analysis.ranking import rank_themes
from qualkit.analysis.statistics import wilson_interval
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
from qualkit.normalise import normalise_name

_SHARES = ("confident_share", "low", "high", "below_share", "below_low", "below_high")
CONFIDENT_FROM = 70.0
BELOW = 70.0
"""Ratings under this are counted as low."""
ALL = "all"
_TIED_SCORE = 1e-9
# Words that say nothing of what a question is about.
_EMPTY_WORDS = frozenset(
    {
        *("with", "when", "what", "which", "where", "from", "this", "that", "your", "have", "they"),
        *("their", "them", "were", "been", "about", "other", "than", "into", "most", "more"),
        *("less", "please", "question", "confident", "confidence", "rate", "rating", "hard"),
    }
)


# --- which texts belong to which rating -------------------------------------------------


def guess_pairs(ratings: Mapping[str, str], labels: Sequence[str]) -> dict[str, str]:
    """Return for each text the rating that it most likely explains, by the words they share.

    A word weighs log(ratings ÷ ratings that have it), so that what stands in all headers
    weighs nothing. Texts that share nothing, or as much with several, are left out.

    Parameters
    ----------
    ratings : mapping of str to str
        Key to header.
    labels : sequence of str
        Headers of the texts.

    Returns
    -------
    dict of str to str
        Label of a text to the key of a rating.

    Examples
    --------
    >>> guess_pairs({"a": "Confidence: advocating", "b": "Confidence: observing"},
    ...             ["Which agencies are hard to advocate with?"])
    {'Which agencies are hard to advocate with?': 'a'}
    """
    words = {key: _stems(header) for key, header in ratings.items()}
    n_with = Counter(word for own in words.values() for word in own)
    weight = {word: math.log(len(ratings) / n) for word, n in n_with.items()}
    if len(ratings) == 1:
        weight = dict.fromkeys(weight, 1.0)
    found = {}
    for label in labels:
        own = _stems(label)
        scores = {
            key: sum(weight[word] for word in sorted(theirs & own)) for key, theirs in words.items()
        }
        best = max(scores.values(), default=0.0)
        hits = [key for key, score in scores.items() if score > best - _TIED_SCORE]
        if best > 0 and len(hits) == 1:
            found[label] = hits[0]
    return found


def _stems(header: str) -> set[str]:
    """Return the words of a header without their endings; numbers (Q1) stand too."""
    words = normalise_name(header).split()
    return {
        _stem(word)
        for word in words
        if word not in _EMPTY_WORDS and (len(word) > 3 or any(c.isdigit() for c in word))
    }


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "e", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


# --- ratings ----------------------------------------------------------------------------

_INTERVAL = ("low", "high")


def confidence_table(
    counts: Iterable[Any],
    names: Mapping[str, str],
    basis: Basis,
    *,
    by: str = "",
    same: bool = False,
    worded: Collection[str] = (),
    notes: Sequence[str] = (),
) -> Table:
    """Return the ratings of each question, and with `by` of each group.

    Parameters
    ----------
    counts : iterable of RatingCount
        Of all (group '') and of each group.
    names : mapping of str to str
        The key of each question, in order, to its name.
    same : bool
        Every rating is either confident or below: one threshold for both.
    worded : collection of str
        Questions with levels in words, which have no mean, lowest or highest.

    Returns
    -------
    Table
        question, name, group, n, confident, confident_share and its interval (low, high),
        mean, below, below_share and its interval (below_low, below_high), lowest, highest;
        shares 0 to 1, ratings as given.
    """
    found = {(count.key, count.group): count for count in counts}
    groups = sorted({group for _, group in found if group}, key=lambda g: (g == "(none)", g))
    rows = [
        _rating_row(found[key, group], name, in_words=key in worded)
        for key, name in names.items()
        for group in ["", *groups]
        if (key, group) in found
    ]
    everybody = sum(basis.n_by_kind.values())
    for row in rows:
        if row["group"] == ALL and everybody:
            row |= {ALL_CASES: everybody, "no_answer": everybody - int(str(row["n"]))}
    columns = (
        Column("question", "question", "id", detail=True),
        Column("name", "question"),
        *([Column("group", by)] if by else [Column("group", "group", detail=True)]),
        Column("n", "n", "count"),
        Column("confident", "confident", "count", spare=2),
        Column("confident_share", "share", "share"),
        Column("low", "share, low", "share", spare=4),
        Column("high", "share, high", "share", spare=5),
        Column("mean", "mean level", "score"),
        Column("below", "low ratings", "count", spare=3),
        Column("below_share", "share low", "share", spare=1),
        Column("below_low", "share low, low", "share", detail=True),
        Column("below_high", "share low, high", "share", detail=True),
        Column("lowest", "lowest", "score", detail=True),
        Column("highest", "highest", "score", detail=True),
    )
    sums = [
        Sum(key, (key,), ("question",), {"group": ALL}) for key in ("n", "confident", "below") if by
    ]
    sums.append(Sum(ALL_CASES, ("n", "no_answer"), None))
    if same:
        sums.append(Sum("n", ("confident", "below"), None))
    # With one threshold the sum says all that "all but few" would; nobody below tells of nobody.
    of = () if same else ("n",)
    told = Disclosure(
        measures=(
            # With a share and its count printed, n would be known.
            Measure("n", derived=("mean", "lowest", "highest", *_SHARES), people="people"),
            Measure(
                "confident",
                of,
                "confident_share",
                ("low", "high", "mean", "lowest"),
                "confident_people",
            ),
            Measure(
                "below",
                of,
                "below_share",
                ("below_low", "below_high", "mean", "lowest"),
                "below_people",
            ),
            Measure("no_answer"),
            Measure(ALL_CASES),
        ),
        sums=tuple(sums),
        shared={ALL_CASES: ()},
        names={ALL_CASES: "respondents"},
        unprinted=("no_answer", ALL_CASES),
    )
    title = "Confidence by question" + (f" and {by}" if by else "")
    return Table("confidence", title, columns, tuple(rows), basis, tuple(notes), disclosure=told)


def _rating_row(count: Any, name: str, *, in_words: bool) -> dict[str, object]:
    low, high = wilson_interval(count.confident, count.n) or (None, None)
    below_low, below_high = wilson_interval(count.below, count.n) or (None, None)
    return {
        "question": count.key,
        "name": name,
        "group": count.group or ALL,
        "n": count.n,
        "confident": count.confident,
        "confident_share": share(count.confident, count.n),
        "low": low,
        "high": high,
        "mean": count.total / count.n if count.n and not in_words else None,
        "below": count.below,
        "below_share": share(count.below, count.n),
        "below_low": below_low,
        "below_high": below_high,
        "lowest": None if in_words else count.lowest,
        "highest": None if in_words else count.highest,
        "people": count.people,
        "confident_people": count.confident_people,
        "below_people": count.below_people,
    }


# --- reasons and agencies -----------------------------------------------------------------


def said_table(
    counts: Iterable[Any],
    answered: Mapping[tuple[str, str], tuple[int, int]],
    names: Mapping[str, str],
    codes: Mapping[str, str],
    basis: Basis,
    *,
    category: str,
    top: int = 0,
    by: str = "",
    notes: Sequence[str] = (),
    trace: str = "",
) -> Table:
    """Return the codes named beside each question, in order of the respondents who did.

    Parameters
    ----------
    counts : iterable of SaidCount
        Of all (group '') and of each group.
    answered : mapping
        (question, group) to respondents with words there, and the families behind them.
    names, codes : mapping of str to str
        Questions in order, and codes, by name.
    top : int
        Only these ranks, ties at the cut whole; 0 for all.

    Returns
    -------
    Table
        question, name, group, rank, code, theme, count, denominator, share (0 to 1) and its
        interval (low, high), codings, confirmed (0 to 1); ranks within question and group.
    """
    by_place: dict[tuple[str, str], list[Any]] = {}
    for count in counts:
        by_place.setdefault((count.question, count.group), []).append(count)
    rows: list[dict[str, object]] = []
    order = {question: at for at, question in enumerate(names)}
    for question, group in sorted(
        by_place, key=lambda p: (order.get(p[0], len(order)), p[1] == "(none)", p[1])
    ):
        of, people_of = answered.get((question, group), (0, 0))
        themes = [
            ThemeCount(
                category,
                count.code,
                codes.get(count.code, count.code),
                count.count,
                count.codings,
                count.confirmed,
                people=count.people,
            )
            for count in by_place[question, group]
        ]
        for item in rank_themes(themes, top or len(themes)):
            if not item.in_top:
                continue
            theme = item.theme
            low, high = wilson_interval(min(theme.count, of), of) or (None, None)
            rows.append(
                {
                    "question": question,
                    "name": names.get(question, question),
                    "group": group or ALL,
                    "rank": item.rank,
                    "category": category,
                    "code": theme.code,
                    "theme": theme.name,
                    "count": theme.count,
                    "denominator": of,
                    "share": share(theme.count, of),
                    "low": low,
                    "high": high,
                    "codings": theme.codings,
                    "confirmed": share(theme.confirmed, theme.codings),
                    "people": theme.people,
                    "people_of": people_of,
                }
            )
    if by:
        _add_cut(rows, answered)
    columns = (
        Column("question", "question", "id", detail=True),
        Column("name", "question"),
        Column("group", by or "group", detail=not by),
        Column("rank", "rank", "count"),
        Column("category", "category", detail=True),
        Column("code", "code", "id", detail=True),
        Column("theme", category),
        Column("count", "responses", "count"),
        Column("denominator", "of", "count", spare=1),
        Column("share", "share", "share"),
        Column("low", "share, low", "share", spare=3),
        Column("high", "share, high", "share", spare=4),
        Column("codings", "codings", "count", detail=True),
        Column("confirmed", "confirmed", "share", spare=2),
    )
    told = Disclosure(
        measures=(
            Measure(
                "count", ("denominator",), "share", (*_INTERVAL, "codings", "confirmed"), "people"
            ),
            Measure("denominator", people="people_of"),
            Measure("cut"),
            Measure("of_cut"),
        ),
        sums=(
            Sum("count", ("count", "cut"), ("question", "code"), {"group": ALL}),
            Sum("denominator", ("denominator", "of_cut"), ("question",), {"group": ALL}),
        )
        if by
        else (),
        shared={
            "denominator": ("question", "group"),
            "cut": ("question", "code"),
            "of_cut": ("question",),
        },
        unprinted=("cut", "of_cut"),
        order=Order("code", "count", "rank", apart=("question", "group")),
    )
    title = f"{category.capitalize()} named beside each question" + (f", by {by}" if by else "")
    return Table(
        f"confidence-{category}",
        title,
        columns,
        tuple(rows),
        basis,
        tuple(notes),
        None,
        trace,
        told,
    )


def _add_cut(
    rows: list[dict[str, object]], answered: Mapping[tuple[str, str], tuple[int, int]]
) -> None:
    """Add to the rows of groups what is in none of them: themes of lower ranks; no columns."""
    listed = Counter[tuple[object, object]]()
    whole = {(r["question"], r["code"]): int(str(r["count"])) for r in rows if r["group"] == ALL}
    sizes: dict[object, dict[object, int]] = {}
    for row in rows:
        if row["group"] != ALL:
            listed[row["question"], row["code"]] += int(str(row["count"]))
            sizes.setdefault(row["question"], {})[row["group"]] = int(str(row["denominator"]))
    for row in rows:
        place = row["question"], row["code"]
        if row["group"] != ALL and place in whole:
            of = answered.get((str(row["question"]), ""), (0, 0))[0]
            row["cut"] = whole[place] - listed[place]
            row["of_cut"] = of - sum(sizes[row["question"]].values())
