"""The window that changes what she goes through, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rich.text import Text

from qualkit.model import Kind, ReviewFilter
from qualkit.review.glyphs import shown
from qualkit.review.selecting import SelectingKeys
from qualkit.review.telling import ORDERS, describe, whole_category
from qualkit.review.windows import Ask, Choice, Picker

_ANY = "any"


def read_score(text: str) -> tuple[float, float] | None:
    """Return the two scores written as LOW-HIGH, or one alone; None where they make no sense.

    >>> read_score("0.4-0.7"), read_score("0.5"), read_score("x")
    ((0.4, 0.7), (0.5, 1.0), None)
    """
    low, _, high = text.replace("to", "-").replace(" ", "").partition("-")
    try:
        found = float(low or 0), float(high or 1)
    except ValueError:
        return None
    return found if 0 <= found[0] <= found[1] <= 1 else None


class FilteringKeys(SelectingKeys):
    """Asks for one condition at a time; each takes hold at once."""

    def action_filter(self) -> None:
        """List the conditions with what they are now."""
        wanted, codes = self.session.wanted, self.session.codes
        own = "any"
        if wanted.codes:
            own = describe(ReviewFilter(codes=wanted.codes), codes).rpartition(",")[0]
        low, high = wanted.score
        fields = {
            "code": ("Code", own),
            "category": ("Category", whole_category(wanted.codes, codes) or _ANY),
            "domain": ("Domain", wanted.domain or _ANY),
            "kind": ("Kind of text", ", ".join(wanted.kinds) or _ANY),
            "coder": ("Decided by", wanted.coder or _ANY),
            "score": ("Score", _ANY if (low, high) == (0.0, 1.0) else f"{low:g} to {high:g}"),
            "order": ("Order", ORDERS.get(wanted.order, wanted.order)),
            "clear": ("No filter", "everything, case by case"),
        }
        if wanted.blind:
            # Whole cases are gone through: nothing of a coding can narrow them.
            fields = {key: fields[key] for key in ("kind", "clear")}
        elif wanted.consensus:
            fields = {key: fields[key] for key in ("code", "category", "kind", "clear")}

        def find(letters: str) -> Iterator[Choice]:
            for key, (name, value) in fields.items():
                if letters.strip().lower() in name.lower():
                    yield Choice(key, Text(f"{name:<14} ").append(shown(value), "bold"))

        self.push_screen(Picker("What to go through", find, self._ask_for))

    def _ask_for(self, field: object) -> None:
        wanted = self.session.wanted
        if field == "clear":
            self._go_through(ReviewFilter(blind=wanted.blind, consensus=wanted.consensus))
        elif field == "code":
            self.pick_code(
                "Only this code", lambda key: self._go_through(replace(wanted, codes=(key,)))
            )
        elif field == "score":
            low, high = wanted.score
            question = "Scores from - to, for instance 0.4-0.7"
            self.push_screen(Ask(question, f"{low:g}-{high:g}", self._score))
        elif field in ("category", "domain", "kind", "coder", "order"):
            self._pick(str(field))
        else:
            self.show()

    def _pick(self, field: str) -> None:
        values: Iterable[tuple[str, str]]
        codes = self.session.codes.values()
        if field == "category":
            values = [(own, own) for own in dict.fromkeys(code.category for code in codes)]
        elif field == "domain":
            values = [(code.code, code.name) for code in codes if code.category == "domain"]
        elif field == "kind":
            values = [(str(kind), str(kind)) for kind in Kind]
        elif field == "coder":
            values = [(name, name) for name in self.session.list_people()]
        else:
            values = list(ORDERS.items())
        choices = [] if field == "order" else [Choice("", Text("any"))]
        choices += [Choice(key, Text(shown(name))) for key, name in values]

        def find(letters: str) -> Iterator[Choice]:
            own = letters.strip().lower()
            return (choice for choice in choices if own in choice.line.plain.lower())

        def take(value: object) -> None:
            if isinstance(value, str):
                self._set(field, value)
            self.show()

        title = "Order" if field == "order" else f"Only this {field}"
        self.push_screen(Picker(title, find, take))

    def _set(self, field: str, value: str) -> None:
        wanted = self.session.wanted
        if field == "category":
            codes = self.session.codes.values()
            keys = tuple(code.key for code in codes if value and code.category == value)
            self._go_through(replace(wanted, codes=keys))
        elif field == "kind":
            self._go_through(replace(wanted, kinds=(value,) if value else ()))
        elif field == "domain":
            self._go_through(replace(wanted, domain=value))
        elif field == "coder":
            self._go_through(replace(wanted, coder=value))
        else:
            self._go_through(replace(wanted, order=value))

    def _score(self, text: str | None) -> None:
        if text is not None:
            score = read_score(text)
            if score is None:
                self.say("Scores go from 0 to 1, written like 0.4-0.7", wrong=True)
            else:
                self._go_through(replace(self.session.wanted, score=score))
        self.show()

    def _go_through(self, wanted: ReviewFilter) -> None:
        """Begin another way through; where it has nothing, stay."""
        case = self.case.case_key

        def go() -> None:
            session = self.reopen(wanted)
            self.session.close()
            here = next((p.at for p in session.list_places() if p.case_key == case), None)
            if here is not None and wanted.order == "case":
                session.go_to(here)
            self.take(session)
            if session.coding is not None and session.coding.decided:
                session.next_open()
                self.focus_here()

        if self.attempt(go):
            n, left = len(self.session.items), len(self.session.items) - self.session.n_decided
            self.say(f"{n:,} to go through, {left:,} of them undecided")
        self.show()
