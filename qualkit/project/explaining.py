"""Why a coding is there: the rule and its checks, or what was learned, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qualkit.analysis.explanation import (
    Share,
    checks_table,
    evidence_table,
    nearest_table,
    words_table,
)
from qualkit.errors import QualkitError
from qualkit.model import CodeKey, Page, Segment, Table
from qualkit.project.coding import CodingPart
from qualkit.store import codebooks, codings, models, reading

if TYPE_CHECKING:
    from qualkit.coding.learned import Bench
    from qualkit.coding.lessons import Lesson
    from qualkit.coding.passages import Passage

NEAREST = 5
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class _Seen:
    """The coding, its segment, and the case around it."""

    quotation: reading.Quotation
    segment: Segment
    case: Sequence[Segment]

    @property
    def code(self) -> CodeKey:
        return self.quotation.category, self.quotation.code


class ExplainPart(CodingPart):
    """Traces codings to what made them."""

    def explain(self, coding_id: int) -> Page:
        """Return why a coding stands: who or what made it, and on what grounds.

        A person's coding names the person. One by a rule shows the rule, the words
        that it matched and the checks that it passed; one by the learned model the
        sorts of evidence with their weights, the words that counted most, and the
        nearest examples and decisions.

        Raises
        ------
        QualkitError
            There is no such coding.
        """
        seen = self._seen(coding_id)
        quotation = seen.quotation
        name = self._code_names().get(seen.code, quotation.code)
        title = f"Coding {coding_id}: {name} in case {quotation.case_id}"
        if quotation.coder != "qualkit":
            said = f"{quotation.coder} gave this code to these words; no rule or model was asked."
            return Page("explanation", title, (), (said,))
        tables: list[Table] = []
        notes = [_decided(quotation)] if quotation.decided_by else []
        rule, plus, _ = quotation.rule.partition("+")
        by_rule = rule != "model"
        if by_rule:
            table, said = self._by_rule(seen, rule.removesuffix("@question"), rule)
            tables.append(table)
            notes.append(said)
        if plus or not by_rule:
            learned, said = self._by_model(seen)
            tables += learned
            notes.append(said)
        return Page("explanation", title, tuple(tables), tuple(notes))

    def _seen(self, coding_id: int) -> _Seen:
        quotation = reading.fetch_coding(self._connection, coding_id)
        if quotation is None:
            raise QualkitError(
                "there is no such coding",
                found=str(coding_id),
                to_do="the numbers stand as coding_id in `qualkit export codings FILE` and"
                " `qualkit quotes CODE --format csv`",
            )
        case = codings.fetch_case(self._connection, quotation.case_id)
        segment = next(s for s in case if s.n == quotation.segment_n)
        return _Seen(quotation, segment, case)

    # --- rules -------------------------------------------------------------------------

    def _by_rule(self, seen: _Seen, rule_id: str, written: str) -> tuple[Table, str]:
        from qualkit.codebook.compile import read_compiled
        from qualkit.coding.engine import RuleCoder

        book = next(
            book
            for book in codebooks.fetch_codebooks(self._connection)
            if seen.quotation.category in book.categories
        )
        compiled = read_compiled(codebooks.fetch_compiled(self._connection, book.version_key))
        judged = [
            item
            for item in RuleCoder([compiled]).judge_case(seen.case)
            if item.segment_id == seen.segment.segment_id
            and (item.category, item.code_id) == seen.code
        ]
        rule = next((own for own in compiled.rules if own.rule_id == rule_id), None)
        rows = [
            {
                "rule": item.rule,
                "words": seen.segment.text[item.start : item.end],
                "counts": "no" if item.reasons else "yes",
                "reasons": tuple(
                    f"{reason.check}: {seen.segment.text[reason.start : reason.end]}"
                    for reason in item.reasons
                ),
            }
            for item in judged
        ]
        checks = rule.checks if rule else ()
        passed = ", ".join(checks) if checks else "none"
        asked = (
            " It answers a question, and takes the question's subject."
            if written.endswith("@question")
            else ""
        )
        said = (
            f"Rule {rule_id} of the codebook {book.name}, version {book.version}: its words stand"
            f" in the segment, and nothing around them speaks against it (checks: {passed})."
            f"{asked} `qualkit codebook show {seen.quotation.code}` has the definition."
        )
        return checks_table(rows), said

    # --- what was learned ------------------------------------------------------------------

    def _by_model(self, seen: _Seen) -> tuple[list[Table], str]:
        import numpy

        from qualkit.coding.learned import EVIDENCE, rule_scores
        from qualkit.coding.passages import read_passages, sentences_of

        model, benches, encoder = self._kept_model()
        settings = codings.fetch_run_settings(self._connection, seen.quotation.run)
        bench = next((own for own in benches if seen.code in own.codes), None)
        if bench is None or model is None:
            return [], "The model that proposed it is no longer kept: run `qualkit code` again."
        run = codings.fetch_method(self._connection, seen.quotation.run)
        method = "model" if run == "model" else "both"
        column = bench.codes.index(seen.code)
        passage = next(
            p
            for p in read_passages(seen.case, whole=bench.whole)
            if p.segment_id == seen.segment.segment_id
        )
        k = sentences_of(seen.quotation.start, seen.quotation.end, passage.spans)[0]
        vectors = numpy.concatenate(self._vectors(encoder, [passage])) if encoder else None
        words, meaning = bench.evidence([passage], vectors)
        hits = self._rule_hits([seen.case]) if method == "both" else {}
        rules, _ = rule_scores([passage], bench.codes, hits)
        own = (words[k, column], meaning[k, column], rules[k, column] > 0, rules[k, column], 1.0)
        mix = bench.mixes[method][:, column]
        shares = [
            Share(name, float(value), float(weight))
            for name, value, weight in zip(EVIDENCE, own, mix, strict=True)
        ]
        log_odds = bench.log_odds(method, words, meaning, rules)
        probability = float(bench.probability(method, log_odds)[k, column])
        limit = float(bench.thresholds[method][column])
        tables = [
            evidence_table(shares),
            words_table(_telling(bench, passage, k, column)),
            nearest_table(list(self._nearest(bench, seen.code, passage, k, encoder))),
        ]
        by_another = f"model {model.key} of" not in settings
        said = (
            ("It was proposed by an earlier model; this is what the one now kept says. ")
            if by_another
            else ""
        ) + (
            f"Model {model.key} of {model.created_at[:10]} gives it a probability of"
            f" {probability:.2f}; {_limit(limit)}. Words, meaning and"
            " rules were weighed as fitted on cases that the model had not learned from; the"
            " probability is how often such a proposal was right there."
        )
        return tables, said

    def _nearest(
        self, bench: Bench, code: CodeKey, passage: Passage, k: int, encoder: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield the stretches nearest to this one that carry the code, or are known not to."""
        import numpy

        from qualkit.project.lessons import gather

        gathered = gather(self._connection, code=code)
        lessons = gathered.lessons(bench.whole, frozenset({code[0]}))
        known = [
            (lesson, i)
            for lesson in lessons
            for i, (given, denied) in enumerate(zip(lesson.given, lesson.denied, strict=True))
            if code in given or code in denied
        ]
        if not known:
            return
        own = list(dict.fromkeys(lesson.passage for lesson, _ in known))
        first = dict(zip(own, numpy.cumsum([0, *(len(p.spans) for p in own)]), strict=False))
        if encoder is not None:
            here = self._vectors(encoder, [passage])[0][k]
            there = numpy.concatenate(self._vectors(encoder, own))
            likeness = there @ here
        else:
            here = bench.features.transform([passage])[k]
            there = bench.features.transform(own)
            norm = numpy.sqrt(float(here.multiply(here).sum()))
            lengths = numpy.sqrt(there.multiply(there).sum(axis=1)).A1
            products = (there @ here.T).toarray()[:, 0]
            likeness = products / numpy.maximum(lengths * norm, 1e-9)
        ranked = sorted(known, key=lambda item: -likeness[first[item[0].passage] + item[1]])
        for lesson, i in ranked[:NEAREST]:
            yield _near_row(lesson, i, code, float(likeness[first[lesson.passage] + i]))

    def _kept_model(self) -> tuple[models.StoredModel | None, list[Bench], Any]:
        from qualkit.coding.keeping import read_benches

        model = models.fetch_model(self._connection)
        if model is None:
            return None, [], None
        arrays = models.fetch_arrays(self._connection, model.key)
        benches = read_benches(model.settings["benches"], arrays)
        return model, benches, self._kept_encoder(model.settings, arrays)


def _near_row(lesson: Lesson, i: int, code: CodeKey, likeness: float) -> dict[str, Any]:
    return {
        "likeness": likeness,
        "carries": "yes" if code in lesson.given[i] else "no",
        "text": lesson.passage.stretch(i),
        "origin": lesson.origin,
    }


def _telling(bench: Bench, passage: Passage, k: int, column: int) -> list[dict[str, Any]]:
    """Return the words of a stretch that say most for or against a code."""
    from qualkit.coding.words import terms

    features = bench.features.transform([passage])[k]
    weights = {}
    for term, feature in terms(passage.stretch(k)).items():
        weight = float(features[0, feature]) * float(bench.words[feature, column])
        if weight:
            weights[term] = weight
    ranked = sorted(weights, key=lambda term: -abs(weights[term]))
    return [{"words": term, "weight": weights[term]} for term in ranked[:MOST_WORDS]]


def _limit(limit: float) -> str:
    if limit == float("inf"):
        return "it leaves this code to the rules"
    return f"the threshold of this code is {limit:.2f}"


def _decided(quotation: reading.Quotation) -> str:
    return f"{quotation.status} by {quotation.decided_by}."
