"""Staff confidence: ratings of a survey, with the reasons and agencies named beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Basis, Counting, Kind, Page, Table
from qualkit.normalise import slug
from qualkit.project.alike import note_alike, note_left_out
from qualkit.project.base import CountingOptions, make_counting
from qualkit.project.levels import Levels, settle_levels
from qualkit.project.tables import TablePart
from qualkit.store import codebooks, overview
from qualkit.store import confidence as ratings
from qualkit.store.groups import NO_GROUP, Grouping
from qualkit.store.scope import Scope

SAID = ("reason", "agency")
"""Categories counted beside each rating, where the project has them."""


class ConfidencePart(TablePart):
    """How confident those who answered a survey are, and what lessens it."""

    def confidence(
        self,
        *,
        question: Sequence[str] = (),
        by: str = "",
        pair: Sequence[str] = (),
        confident_from: float | str | None = None,
        below: float | str | None = None,
        levels: Sequence[str] = (),
        invited: str | Path | None = None,
        invited_count: str | None = None,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Page:
        """Return how confident respondents are, by question, with reasons and agencies.

        Parameters
        ----------
        question : sequence of str
            Only these ratings, by key or header.
        by : str
            An attribute: rows for each group too.
        pair : sequence of "RATING=TEXT"
            Which text explains which rating; guessed from their headers if left out.
        confident_from, below : float or str, optional
            Ratings from the first on count as confident, those under the second as low; 70.
            A level of a scale in words holds for questions in words.
        levels : sequence of str
            Scales in words, each "lowest,…,highest"; guessed if left out.
        invited : path, optional
            A table of how many were invited, by attributes; then rates of response stand too.
        invited_count : str, optional
            Its column of numbers, guessed if left out.

        Returns
        -------
        Page
            Tables confidence, confidence-reason, confidence-agency, and response; see
            `analysis.confidence`.

        Raises
        ------
        UnknownNameError
            A rating, text, attribute or value is not there.
        QualkitError
            There are no ratings, or the thresholds lie outside of their scale.
        """
        from qualkit.analysis import confidence as measured

        options.setdefault("top", _ALL_RANKS)
        asked = counting or make_counting(**options)
        headers = self._questions(question)
        grouping = Grouping(*self._respondents(by)) if by else None
        where = tuple((".".join(self._respondents(key)), value) for key, value in asked.where)
        kinds = asked.kinds or (str(Kind.SURVEY),)
        _, scope = self._counting(Counting(kinds=kinds, where=where), {})
        settled = self._settle(headers, scope, (confident_from, below), levels)
        counts = ratings.count_ratings(self._connection, scope, grouping)
        self._check_scale([c for c in counts if not c.group], scope, settled)
        pairs, notes = self._pairs(pair, headers, scope.kinds)
        short = _short(ratings.fetch_rating_headers(self._connection))
        names = {key: short[key] for key in _in_order(headers, pairs)}
        n = ratings.count_respondents(self._connection, scope)
        basis = Basis(
            n_by_kind={kinds[0]: n} if len(kinds) == 1 else {},
            unit="responses",
            rule=f"{settled.rule}; shares are of those who rated; intervals: Wilson, 95%",
        )
        by_name = grouping.name if grouping else ""
        tables = [
            measured.confidence_table(
                counts,
                names,
                basis,
                by=by_name,
                same=bool(settled.one_limit()),
                worded=settled.places,
                notes=[
                    *settled.notes,
                    *self._lacking(counts),
                    *(
                        note_alike(self._connection, grouping.level, grouping.key)
                        if grouping
                        else ()
                    ),
                    *note_left_out(
                        self._connection,
                        scope.family_where,
                        scope.case_where,
                        named=not self.for_publishing,
                    ),
                ],
            )
        ]
        wanted = Counting(
            kinds, "", where, asked.coder, asked.count_by, asked.reviewed_only, asked.top
        )
        there = self.categories()
        for category in (own for own in SAID if own in there):
            tables.append(self._said(category, wanted, pairs, names, grouping, notes))
            notes = []
        if notes:
            tables[0] = _noted(tables[0], notes)
        if invited is not None:
            tables.append(self._response(Path(invited), invited_count, scope, n))
        return Page("confidence", "Confidence", tables)

    def _questions(self, wanted: Sequence[str]) -> dict[str, str]:
        headers = ratings.fetch_rating_headers(self._connection)
        if not headers:
            raise QualkitError(
                "the project holds no ratings",
                where=str(self.path),
                to_do="qualkit import survey FILE --rating COLUMN",
            )
        if not wanted:
            return headers
        keys = [_find(name, headers, "rating") for name in wanted]
        return {key: headers[key] for key in keys}

    def _respondents(self, key: str) -> tuple[str, str]:
        """Return an attribute, of respondents where families have one of that name too."""
        keys = overview.attribute_keys(self._connection)
        if "." not in key and slug(key) in keys["case"]:
            return "case", slug(key)
        return self._attribute(key)

    def _settle(
        self,
        headers: Mapping[str, str],
        scope: Scope,
        limits: tuple[float | str | None, float | str | None],
        levels: Sequence[str],
    ) -> Levels:
        """Return which ratings are confident and low, and lay the ratings down to be counted."""
        from qualkit.analysis import confidence as measured

        numbers = ratings.fetch_number_keys(self._connection)
        worded = {
            key: ratings.fetch_answers(self._connection, key, scope.kinds)
            for key in ratings.fetch_worded_headers(self._connection)
            if key in headers and key not in numbers
        }
        short = _short(headers)
        settled = settle_levels(
            {key: short[key] for key in headers},
            {key: answers for key, answers in worded.items() if answers},
            limits,
            (measured.CONFIDENT_FROM, measured.BELOW),
            levels,
            quiet=self.for_publishing,
        )
        if self.for_publishing and settled.one_limit() is None:
            raise QualkitError(
                "ratings in numbers and in words, with other limits, cannot be published together",
                to_do="publish them apart: --question",
            )
        ratings.lay_down_ratings(self._connection, settled.limits, settled.places)
        return settled

    def _check_scale(
        self, counts: Sequence[ratings.RatingCount], scope: Scope, settled: Levels
    ) -> None:
        if not counts:
            raise QualkitError(
                "nobody in scope has rated these questions",
                found="; ".join(["kind " + ", ".join(scope.kinds), *settled.notes]),
                to_do="another --kind, or leave a --where out",
            )
        limits = settled.numbers
        counts = [count for count in counts if count.key not in settled.places]
        lowest = min((count.lowest for count in counts), default=0)
        highest = max((count.highest for count in counts), default=max(limits))
        if max(limits) > highest and highest <= 10:
            raise QualkitError(
                "the ratings are on another scale than the thresholds",
                found=f"ratings from {lowest:g} to {highest:g};"
                f" confident from {limits[0]:g}, low under {limits[1]:g}",
                to_do="say which ratings are confident and which are low:"
                " --confident-from N --below N",
            )

    def _lacking(self, counts: Sequence[ratings.RatingCount]) -> list[str]:
        lacking = {count.key: count.n for count in counts if count.group == NO_GROUP}
        if not lacking:
            return []
        return [
            f"{NO_GROUP}: answers of those without the attribute, {max(lacking.values())} at most"
        ]

    # --- texts that belong to ratings ------------------------------------------------

    def _pairs(
        self, given: Sequence[str], headers: Mapping[str, str], kinds: tuple[str, ...]
    ) -> tuple[dict[str, list[str]], list[str]]:
        """Return the texts of each question, and what was guessed, in words."""
        from qualkit.analysis.confidence import guess_pairs

        labels = ratings.fetch_text_labels(self._connection, kinds)
        found: dict[str, list[str]] = {}
        if given:
            for text in given:
                rating, equals, label = text.partition("=")
                if not equals or not rating.strip() or not label.strip():
                    raise QualkitError(
                        "a pair must be written RATING=TEXT, two headers", found=text
                    )
                key = _find(rating.strip(), headers, "rating")
                own = {label_: label_ for label_ in labels}
                found.setdefault(key, []).append(_find(label.strip(), own, "text column"))
            return found, []
        # All ratings compete for a text, asked for or not.
        every = ratings.fetch_rating_headers(self._connection)
        guessed = guess_pairs(every, labels)
        for label in labels:
            if guessed.get(label) in headers:
                found.setdefault(guessed[label], []).append(label)
        notes = [f"guessed: {headers[key]} = {' + '.join(own)}" for key, own in found.items()]
        alone = [label for label in labels if label not in guessed]
        if alone:
            notes.append("texts beside no rating: " + "; ".join(alone))
        if notes:
            notes.append('other pairs: --pair "RATING=TEXT", once for each')
        return found, notes

    def _said(
        self,
        category: str,
        asked: Counting,
        pairs: Mapping[str, Sequence[str]],
        names: Mapping[str, str],
        grouping: Grouping | None,
        notes: Sequence[str],
    ) -> Table:
        from qualkit.analysis.confidence import said_table
        from qualkit.store import counts

        filled, scope = self._counting(asked, {}, category)
        said = ratings.count_said(self._connection, scope, category, pairs, grouping)
        codes = {c.code: c.name for c in codebooks.fetch_codes(self._connection, category)}
        codings = sum(count.codings for count in said.counts if not count.group)
        confirmed = sum(count.confirmed for count in said.counts if not count.group)
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scope),
            unit="responses",
            rule="a theme counts once per response and question; shares are of the responses with"
            " words in the texts of the question; ranks within a question, ties share one;"
            " intervals: Wilson, 95%",
            runs=tuple(counts.runs_behind(self._connection, scope, category)),
            confirmed=confirmed / codings if codings else None,
        )
        return said_table(
            said.counts,
            said.answered,
            names,
            codes,
            basis,
            category=category,
            top=asked.top if asked.top < _ALL_RANKS else 0,
            by=grouping.name if grouping else "",
            notes=[*notes, *self._notes(scope, category, by_domain=False)],
            trace=self._trace(filled, category),
        )

    # --- who answered -------------------------------------------------------------------

    def _response(self, path: Path, count: str | None, scope: Scope, n: int) -> Table:
        from qualkit.analysis.responses import margins, response_table
        from qualkit.importers.invited import read_invited

        told = read_invited(path, count)
        groupings = [Grouping(*self._respondents(header)) for header in told.headers]
        names = [grouping.name for grouping in groupings]
        responses = {
            grouping.name: ratings.count_responses(self._connection, scope, grouping)
            for grouping in groupings
        }
        as_stored = [{value.casefold(): value for value in responses[name]} for name in names]
        invited, total = margins(
            names,
            [
                (tuple(as_stored[at].get(v.casefold(), v) for at, v in enumerate(values)), number)
                for values, number in told.rows
            ],
        )
        notes = [f"invited, from {path.name}: column {told.counted}"]
        if len({sum(own.values()) for own in invited.values() if own} | {total}) > 1:
            notes.append("the numbers invited do not add up to the same total for each attribute")
        basis = Basis(unit="responses", rule="response rate: responses ÷ invited")
        return response_table(responses, invited, (n, total), basis, notes)


_ALL_RANKS = 1_000


def _find(name: str, known: Mapping[str, str], what: str) -> str:
    """Return the key that a user means, by key or header."""
    wanted = slug(name)
    hits = [key for key, header in known.items() if wanted and wanted in (slug(key), slug(header))]
    if not hits:
        hits = [key for key, header in known.items() if wanted and wanted in slug(header)]
    if len(hits) != 1:
        raise UnknownNameError(what, name, known.values())
    return hits[0]


def _in_order(headers: Mapping[str, str], pairs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the questions in the order of their texts, then those without."""
    return [
        *(key for key in pairs if key in headers),
        *(key for key in headers if key not in pairs),
    ]


def _short(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without what all of them begin with."""
    common = ""
    for letters in zip(*headers.values(), strict=False) if len(headers) > 1 else ():
        if len(set(letters)) > 1:
            break
        common += letters[0]
    while common and common[-1].isalnum():
        common = common[:-1]
    short = {key: header[len(common) :].strip() for key, header in headers.items()}
    if not all(short.values()):
        return dict(headers)
    return {key: name[:1].upper() + name[1:] for key, name in short.items()}


def _noted(table: Table, notes: Sequence[str]) -> Table:
    from dataclasses import replace

    return replace(table, notes=(*table.notes, *notes))
