"""Pages and words: one domain on a page, quotations, words in context, reconciling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Unpack

from qualkit.analysis import evidence, relevance
from qualkit.analysis.basis import counted, counting_rule
from qualkit.errors import ChoiceNeededError
from qualkit.model import Basis, Counting, Page, Table
from qualkit.project.base import CountingOptions
from qualkit.project.linking import LinkPart
from qualkit.store import codebooks, counts, reading
from qualkit.store.scope import Scope

PAGE_CATEGORIES = ("activity", "enabler", "barrier", "outcome")


class PagePart(LinkPart):
    """What leads from numbers to words."""

    def domain(
        self,
        domain_id: str,
        /,
        *,
        quotations: int = 2,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Page:
        """Return one domain on a page.

        Its declared relevance and linked domains; the top themes of each
        category and those also featured; `quotations` for each top theme.
        """
        domain = self._domain(domain_id)
        base, scope = self._counting(counting, options)
        names = self._domain_names()
        rows, basis = self._relevance(base, replace(scope, domain=""))
        row = next(item for item in rows if item.domain == domain)
        tables = []
        if basis.denominator:
            tables += [
                relevance.relevance_table([row], names, basis, title="Declared relevance"),
                relevance.linked_table(row, names, basis),
            ]
        there = self.categories()
        for category in (name for name in PAGE_CATEGORIES if name in there):
            asked = replace(base, domain=domain)
            table = self.top(category, counting=asked)
            if self.for_publishing and basis.denominator:
                silent = sum(basis.n_by_kind.values()) - basis.denominator
                table = relevance.tie_to_relevance(table, row, silent)
            tables.append(table)
            if quotations:
                tables.append(self._few_quotations(category, asked, table, quotations))
        return Page("domain", names[domain], tables)

    def _few_quotations(self, category: str, asked: Counting, table: Table, most: int) -> Table:
        _, scope = self._counting(asked, CountingOptions(), category)
        keys = {code.code: code.key for code in codebooks.fetch_codes(self._connection, category)}
        rows: list[dict[str, object]] = []
        for item in table.rows:
            if item["featured"] != "top":
                continue
            best = self._best_quotations(scope, keys[str(item["code"])], most)
            rows += [{**row, "name": item["name"]} for row in best]
        shown = evidence.quotes_table(rows, Basis(), title=f"In their words: {category}")
        return replace(shown, columns=evidence.NAMED_QUOTE_COLUMNS)

    def _best_quotations(
        self, scope: Scope, code_key: int, most: int
    ) -> Sequence[dict[str, object]]:
        """Return the surest quotations, a person's first, from different cases."""
        seen: set[str] = set()
        best = []
        found = reading.iterate_quotations(self._connection, scope, [code_key])
        sure = {"added": 0, "accepted": 1}
        for quotation in sorted(
            found, key=lambda q: (sure.get(q.status, 2), -(q.score or 1.0), q.coding_id)
        ):
            if quotation.case_id not in seen:
                seen.add(quotation.case_id)
                best.append(self._quote_row(quotation))
            if len(best) == most:
                break
        return best

    def quotes(
        self,
        code: str,
        *,
        limit: int = 0,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the quotations behind a theme, under the same counting options.

        Parameters
        ----------
        code : str
            "isolation", "barrier.isolation" or the code's name; a group's
            slug gives those of all its codes.
        limit : int
            At most so many; 0 for all.
        """
        found = self._codes_or_group(code)
        categories = sorted({item.category for item in found})
        if len(categories) > 1:
            raise ChoiceNeededError(
                f"'{code}' is a code in more than one category",
                found=", ".join(f"{c}.{found[0].code}" for c in categories),
                to_do=f"say which, for instance: qualkit quotes {categories[0]}.{found[0].code}",
            )
        asked, scope = self._counting(counting, options, categories[0])
        rows = [
            self._quote_row(item)
            for item in reading.iterate_quotations(
                self._connection, scope, [item.key for item in found], limit=limit
            )
        ]
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scope),
            rule=counting_rule(asked),
            runs=tuple(counts.runs_behind(self._connection, scope, categories[0])),
        )
        cases = len({row["case_id"] for row in rows})
        name = found[0].name if len(found) == 1 else code
        notes = [f"{counted(len(rows), 'quotation')} from {counted(cases, 'case')}"] if rows else []
        return evidence.quotes_table(rows, basis, title=f"Quotations: {name}", notes=notes)

    def _quote_row(self, quotation: reading.Quotation) -> dict[str, object]:
        """Return a quotation as a row; for publishing, in the words that were cleared."""
        row = _quote_row(quotation)
        return {**row, **self._words_to_show(row)} if self.for_publishing else row

    def _codes_or_group(self, name: str) -> list[codebooks.StoredCode]:
        grouped = [
            code for code in codebooks.fetch_codes(self._connection) if code.group == name != ""
        ]
        return grouped or codebooks.find_codes(self._connection, name)

    def find(self, words: str, *, kind: Sequence[str] = (), limit: int = 0) -> Table:
        """Return words in their context, with the codes of the segment.

        `words`: all must stand in a segment; "…" makes a phrase, * a beginning.
        """
        kinds = self._kinds(kind or ("all",), [])
        rows = list(self._found(words, kinds, limit))
        cases = len({row["case_id"] for row in rows})
        notes = [f"{counted(len(rows), 'segment')} of {counted(cases, 'case')}"] if rows else []
        return evidence.find_table(rows, title=f"Words: {words}", notes=notes)

    def _found(self, words: str, kinds: Sequence[str], limit: int) -> Iterator[dict[str, object]]:
        for finding in reading.find_words(self._connection, words, kinds=kinds, limit=limit):
            segment = finding.segment
            start, end = finding.spans[0] if finding.spans else (0, 0)
            before, after = evidence.context(segment.text, start, end)
            yield {
                "case_id": segment.case_id,
                "ufrn": segment.ufrn,
                "kind": segment.kind,
                "segment_n": segment.n,
                "speaker": segment.speaker,
                "role": segment.role,
                "before": before,
                "match": segment.text[start:end],
                "after": after,
                "codes": finding.codes,
                "segment_codes": finding.segment_codes,
            }


def _quote_row(quotation: reading.Quotation) -> dict[str, object]:
    before, after = evidence.context(quotation.text, quotation.start, quotation.end)
    return {
        "coding_id": quotation.coding_id,
        "case_id": quotation.case_id,
        "ufrn": quotation.ufrn,
        "kind": quotation.kind,
        "segment_n": quotation.segment_n,
        "segment_label": quotation.segment_label,
        "speaker": quotation.speaker,
        "category": quotation.category,
        "code": quotation.code,
        "quote": quotation.quote,
        "before": before,
        "after": after,
        "start": quotation.start,
        "end": quotation.end,
        "coder": quotation.coder,
        "status": quotation.status,
        "score": quotation.score,
        "rule": quotation.rule,
        "source": quotation.source,
        "place": quotation.place,
    }
