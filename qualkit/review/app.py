"""The review app: one case on the screen, one key a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qualkit.errors import QualkitError
from qualkit.model import ReviewCode, ReviewCoding, ReviewFilter, Segment
from qualkit.review.display import shown, word_step
from qualkit.review.screens import (
    BLIND_HELP,
    HELP,
    Ask,
    Choose,
    Help,
    choose_code,
    choose_filter,
)
from qualkit.review.session import Reopen, Session
from qualkit.review.textpane import Mark, Selected, TextPane

WIDE = 110
"""Columns from which the codings of the case stand beside the text."""
COLOURS = ("cyan", "yellow", "green", "magenta", "bright_blue", "bright_red", "bright_white")
CURRENT = Style(reverse=True, bold=True)
SIGNS = {"accepted": "+", "rejected": "-", "added": "*", "unreviewed": "?"}
"""Beside each coding in the list; the foot of the list says what they mean."""
_MOST_QUOTED = 60


class ReviewApp(App[None]):
    """Drives a session; everything that is done is in the store at once."""

    TITLE = "qualkit review"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layers: base; }
    #head { height: 1; background: $primary; color: $text; }
    #body { height: 1fr; layout: vertical; }
    #text { height: 1fr; padding: 0 1; overflow-y: scroll; scrollbar-size-vertical: 1; }
    #side { height: 8; border-top: solid $primary; padding: 0 1; }
    #list { display: none; }
    #says { height: 1; color: $text-muted; }
    #keys { height: 1; background: $panel; }
    Screen.wide #body { layout: horizontal; }
    Screen.wide #side { width: 44; height: 1fr; border-top: none; border-left: solid $primary; }
    Screen.wide #list { display: block; margin-top: 1; }
    ModalScreen { align: center middle; }
    .box { width: 78; max-width: 100%; height: auto; max-height: 100%; border: solid $primary;
           background: $surface; padding: 0 1; }
    .box OptionList { height: auto; max-height: 14; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "accept"),
        Binding("enter", "enter", "accept", show=False),
        Binding("r", "reject", "reject"),
        Binding("n,space", "next_open", "next"),
        Binding("c", "recode", "code"),
        Binding("v", "select", "select"),
        Binding("full_stop", "repeat", "again"),
        Binding("m", "memo", "memo"),
        Binding("u", "undo", "undo"),
        Binding("U,ctrl+r", "redo", "redo"),
        Binding("d", "done", "done"),
        Binding("g", "cases", "cases"),
        Binding("f", "filter", "filter"),
        Binding("j,down", "step(1)", "down"),
        Binding("k,up", "step(-1)", "up"),
        Binding("right,l", "across(1)", "right"),
        Binding("left,h", "across(-1)", "left"),
        Binding("left_square_bracket", "widen('start', -1)", "earlier"),
        Binding("left_curly_bracket", "widen('start', 1)", "later"),
        Binding("right_square_bracket", "widen('end', 1)", "later"),
        Binding("right_curly_bracket", "widen('end', -1)", "earlier"),
        Binding("pagedown", "page(1)", "down"),
        Binding("pageup", "page(-1)", "up"),
        Binding("escape", "escape", "clear"),
        Binding("question_mark", "help", "help"),
        Binding("q,ctrl+c,ctrl+q", "leave", "leave", priority=False),
    ]

    def __init__(self, session: Session, reopen: Reopen) -> None:
        super().__init__()
        self.session = session
        self._reopen = reopen
        self._current: int | None = None
        self._last_code: int | None = None
        self._case_shown = -1
        categories = dict.fromkeys(code.category for code in session.codes.values())
        self._colours = {
            category: COLOURS[number % len(COLOURS)] for number, category in enumerate(categories)
        }

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield Static(id="head")
        with Container(id="body"):
            yield TextPane()
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="code")
                yield Static(id="list")
        yield Static(id="says")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Show where she is."""
        self._fit(self.size.width)
        self._show()
        self._say("? shows what the keys do")

    def on_resize(self, event: events.Resize) -> None:
        """Put the codings beside the text where there is room."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        self.screen_stack[0].set_class(width >= WIDE, "wide")

    # --- what is seen --------------------------------------------------------------------

    @property
    def pane(self) -> TextPane:
        """The text."""
        return self.screen_stack[0].query_one(TextPane)

    @property
    def current(self) -> ReviewCoding | None:
        """The coding that keys act on."""
        return next((c for c in self.session.case.codings if c.coding == self._current), None)

    def _show(self, *, follow: bool = True) -> None:
        """Show the session as it is; `follow` it to the coding that it asks about."""
        case = self.session.case
        if follow:
            coding = self.session.coding
            self._current = coding.coding if coding else None
            if coding is None and case.codings and self.session.wanted.blind:
                self._current = case.codings[-1].coding
        pane = self.pane
        if case.case_key != self._case_shown:
            pane.show([(_heading(segment), segment.text) for segment in case.segments])
            self._case_shown = case.case_key
        pane.clear()
        self._mark()
        self._write("#head", self._head())
        self._write("#code", self._about())
        self._write("#list", self._listed())
        self._write("#keys", Content(self._keys()))

    def _write(self, name: str, content: Content) -> None:
        # Lines of one row keep their size; laying all out anew would take most of the time.
        beside = name in ("#code", "#list")
        self.screen_stack[0].query_one(name, Static).update(content, layout=beside)

    def _mark(self) -> None:
        at = {s.segment_id: n for n, s in enumerate(self.session.case.segments)}
        current = self.current
        marks = []
        for coding in self.session.case.codings:
            if coding.status == "rejected":
                continue
            colour = self._colours.get(self._code(coding).category, COLOURS[0])
            style = Style(underline=True, color=colour, bold=coding.status != "unreviewed")
            marks.append(Mark(at[coding.segment_key], coding.start, coding.end, style))
        if current:
            number = at[current.segment_key]
            marks.append(Mark(number, current.start, current.end, CURRENT))
        self.pane.mark(marks)
        if current:
            self.pane.bring(number, current.start, current.end)

    def _code(self, coding: ReviewCoding) -> ReviewCode:
        unknown = ReviewCode(0, "", "", "a code no longer in use", "", "", "", "")
        return self.session.codes.get(coding.code_key, unknown)

    def _head(self) -> Content:
        own = self.session
        total = len(own.items)
        what = "cases" if own.wanted.blind else "codings"
        left = total - own.n_decided
        name = dict(_ORDER_NAMES).get(own.wanted.order, own.wanted.order)
        done = "  done" if own.case.done else ""
        return Content(
            f" {shown(own.case.case_id)} ({own.case.kind}), case {own.case_number} of"
            f" {own.n_cases}{done} | {own.n_decided:,} of {total:,} {what} decided,"
            f" {left:,} left | {name}"
        )

    def _about(self) -> Content:
        coding = self.current
        if coding is None:
            if self.session.wanted.blind:
                return Content("Select words with v, choose a code with Enter; d when done.")
            return Content("No coding here: v selects words to code, n goes on.")
        code = self._code(coding)
        colour = self._colours.get(code.category, COLOURS[0])
        state = SIGNS.get(coding.status, "?") + " " + _state(coding)
        parts: list[str | Content | tuple[str, str]] = [
            (code.name, f"bold {colour}"),
            f"  {code.category}  ",
            (state, "bold"),
            f"\n{code.definition}",
        ]
        if code.include:
            parts.append(f"\nWith: {code.include}")
        if code.exclude:
            parts.append(f"\nWithout: {code.exclude}")
        parts.append((f"\nWhy: {_why(coding)}", "dim"))
        return Content.assemble(*parts)

    def _listed(self) -> Content:
        parts: list[str | tuple[str, str]] = []
        for coding in self.session.case.codings:
            code = self._code(coding)
            line = f"{SIGNS.get(coding.status, '?')} {code.name}"
            style = "reverse" if coding.coding == self._current else ""
            parts += [(line, style), "\n"]
        if parts:
            parts.append(("? open  + accepted  - rejected  * added", "dim"))
        return Content.assemble(*parts) if parts else Content("")

    def _keys(self) -> str:
        if self.pane.selected:
            if self.pane.fixed:
                return " arrows widen  Enter choose a code  . last code  Esc cancel"
            return " arrows move  v or Space hold and widen  Enter choose a code  Esc cancel"
        if self.session.wanted.blind:
            return " v select words  d done with the case  u undo  m memo  ? help  q leave"
        return " a accept  r reject  n next  c other code  v select  u undo  ? help  q leave"

    def _say(self, text: str) -> None:
        self._write("#says", Content(" " + text))

    # --- deciding ------------------------------------------------------------------------

    def _do(self, what: Callable[[], str]) -> None:
        """Do something and show it; what the session refuses is said, and the app goes on."""
        try:
            said = what()
        except (QualkitError, ValueError) as error:
            said = str(getattr(error, "message", error)).splitlines()[0]
        self._show()
        self._say(said)

    def action_accept(self) -> None:
        """Accept, and go on."""
        self._decide("accept")

    def action_enter(self) -> None:
        """Accept; with words selected, choose a code for them."""
        if self.pane.selected:
            self._code_selected()
        else:
            self.action_accept()

    def action_reject(self) -> None:
        """Reject, and go on; one's own coding is taken back."""
        self._decide("reject")

    def _decide(self, verdict: str) -> None:
        coding = self.current
        if coding is None:
            self._say("there is no coding here to decide on: n goes on, v selects words")
            return
        name = self._code(coding).name

        def act() -> str:
            (self.session.accept if verdict == "accept" else self.session.reject)(coding)
            if coding.mine:
                return f"taken back: {name}" if verdict == "reject" else f"your own: {name}"
            self.session.go_to_coding(coding.coding)
            more = self.session.next_open()
            return f"{verdict}ed: {name}" + ("" if more else "; everything is decided")

        self._do(act)

    def action_next_open(self) -> None:
        """Go to what is not decided; with words selected, hold them."""
        if self.pane.selected:
            self.action_select()
            return
        self._do(lambda: "" if self.session.next_open() else "everything is decided")

    def action_step(self, by: int) -> None:
        """Go to the next coding of the case; with words selected, move by lines."""
        if self.pane.selected:
            self.pane.step(by, lines=True)
            return
        codings = self.session.case.codings
        keys = [coding.coding for coding in codings]
        if not keys:
            self.pane.scroll_relative(y=by, animate=False)
            return
        at = keys.index(self._current) + by if self._current in keys else 0
        if not 0 <= at < len(keys):
            self._say("no more codings in this case: Left and Right go to other cases")
            return
        self._current = keys[at]
        self.session.go_to_coding(keys[at])
        self._show(follow=False)

    def action_across(self, by: int) -> None:
        """Go to another case; with words selected, move by words."""
        if self.pane.selected:
            self.pane.step(by)
            return
        end = "this is the last case" if by > 0 else "this is the first case"
        self._do(lambda: "" if self.session.next_case(by) else end)

    def action_page(self, by: int) -> None:
        """Scroll the text."""
        height = max(1, self.pane.size.height - 1)
        self.pane.scroll_relative(y=by * height, animate=False)

    def action_undo(self) -> None:
        """Take back the last thing done."""
        self._do(lambda: self.session.undo() or "there is nothing to undo")

    def action_redo(self) -> None:
        """Do again what was undone."""
        self._do(lambda: self.session.redo() or "there is nothing to do again")

    def action_done(self) -> None:
        """Mark the case done, and go on."""

        def act() -> str:
            case_id = self.session.case.case_id
            self.session.mark_done()
            more = self.session.next_open()
            return f"done: {shown(case_id)}" + ("" if more else "; everything is decided")

        self._do(act)

    def action_recode(self) -> None:
        """Give the words another code."""
        coding = self.current
        if coding is None:
            self._say("there is no coding here: v selects words to code")
            return

        def chosen(key: int | None) -> None:
            if key is not None:
                self._last_code = key
                name = self.session.codes[key].name
                self._do_and_stay(lambda: self.session.recode(coding, key), f"now {name}")

        self.push_screen(self._code_screen(self._words(coding)), chosen)

    def action_widen(self, edge: str, by: int) -> None:
        """Move the beginning or the end of the quotation by a word."""
        coding = self.current
        if coding is None:
            return
        text = next(
            s.text for s in self.session.case.segments if s.segment_id == coding.segment_key
        )
        start, end = coding.start, coding.end
        if edge == "start":
            start = word_step(text, start, by, end=False)
        else:
            end = word_step(text, end, by, end=True)
        if start < end and (start, end) != (coding.start, coding.end):
            self._do_and_stay(lambda: self.session.move(coding, start, end), "quotation changed")

    def _do_and_stay(self, what: Callable[[], int], said: str) -> None:
        """Do something that makes a new coding, and act on that one from then on."""
        try:
            self._current = what()
        except (QualkitError, ValueError) as error:
            said = str(getattr(error, "message", error)).splitlines()[0]
        self._show(follow=False)
        self._say(said)

    def _words(self, coding: ReviewCoding) -> str:
        texts = {segment.segment_id: segment.text for segment in self.session.case.segments}
        quote = texts[coding.segment_key][coding.start : coding.end]
        return quote if len(quote) <= _MOST_QUOTED else quote[:_MOST_QUOTED] + " …"

    # --- adding --------------------------------------------------------------------------

    def action_select(self) -> None:
        """Begin to select words, or hold those selected and widen from there."""
        pane = self.pane
        if pane.selected:
            pane.fix()
        else:
            coding = self.current
            at = {s.segment_id: n for n, s in enumerate(self.session.case.segments)}
            if coding:
                pane.begin(at[coding.segment_key], coding.start)
            else:
                pane.begin(0, 0)
        self._write("#keys", Content(self._keys()))

    def action_escape(self) -> None:
        """Select nothing."""
        self.pane.clear()
        self._write("#keys", Content(self._keys()))

    def action_repeat(self) -> None:
        """Give the words that are selected the last code again."""
        selected = self.pane.selected
        if selected is None or self._last_code is None:
            self._say("select words with v first" if selected is None else "no code used yet")
            return
        self._add(selected, self._last_code)

    @on(TextPane.Picked)
    def _picked(self, event: TextPane.Picked) -> None:
        self._code_selected()

    @on(TextPane.Clicked)
    def _clicked(self, event: TextPane.Clicked) -> None:
        segment = self.session.case.segments[event.text]
        hit = [
            coding
            for coding in self.session.case.codings
            if coding.segment_key == segment.segment_id and coding.start <= event.at < coding.end
        ]
        if hit:
            keys = [coding.coding for coding in hit]
            # Where several stand on one another, each click shows the next.
            at = (keys.index(self._current) + 1) % len(keys) if self._current in keys else 0
            self._current = keys[at]
            self.session.go_to_coding(keys[at])
            self._show(follow=False)

    def _code_selected(self) -> None:
        selected = self.pane.selected
        if selected is None:
            return
        text = self.session.case.segments[selected.text].text[selected.start : selected.end]

        def chosen(key: int | None) -> None:
            if key is not None:
                self._add(selected, key)

        self.push_screen(self._code_screen(text[:_MOST_QUOTED]), chosen)

    def _add(self, selected: Selected, key: int) -> None:
        self._last_code = key
        segment = self.session.case.segments[selected.text]
        self._do_and_stay(
            lambda: self.session.add(segment.segment_id, key, selected.start, selected.end),
            f"added: {self.session.codes[key].name}",
        )

    def _code_screen(self, words: str) -> Choose:
        last = self.session.codes.get(self._last_code or 0)
        return choose_code(self.session.iterate_codes, last, words)

    # --- the rest ------------------------------------------------------------------------

    def action_memo(self) -> None:
        """Write a memo on the coding, or on the case."""
        coding = self.current
        about = "coding" if coding else "case"
        name = self._code(coding).name if coding else shown(self.session.case.case_id)

        def keep(text: str) -> str:
            self.session.memo(text, about, coding.coding if coding else None)
            return "memo kept"

        def written(text: str | None) -> None:
            if text:
                self._do(lambda: keep(text))

        self.push_screen(Ask(f"Memo on {about}: {name}", "Enter keeps it"), written)

    def action_cases(self) -> None:
        """Go to a case of the queue."""
        cases = self.session.cases()

        def find(letters: str) -> list[tuple[int, str, str]]:
            return [
                (number, case_id, f"{decided} of {n} decided")
                for number, (case_id, n, decided) in enumerate(cases)
                if letters.lower() in case_id.lower()
            ]

        def go(number: int) -> str:
            self.session.go_to_case(number)
            return ""

        def chosen(number: int | None) -> None:
            if number is not None:
                self._do(lambda: go(number))

        self.push_screen(Choose("Go to a case", find, "part of its id"), chosen)

    def action_filter(self) -> None:
        """Go through other codings, or in another order."""
        screen, meant = choose_filter(self.session.wanted, list(self.session.codes.values()))

        def chosen(number: int | None) -> None:
            if number is not None:
                self._do(lambda: self._other(meant[number]))

        self.push_screen(screen, chosen)

    def _other(self, wanted: ReviewFilter) -> str:
        new = self._reopen(wanted)
        self.session.close()
        self.session = new
        self._case_shown = -1
        return f"{len(new.items):,} codings to go through"

    def action_help(self) -> None:
        """Show what the keys do."""
        self.push_screen(Help(BLIND_HELP if self.session.wanted.blind else HELP))

    async def action_leave(self) -> None:
        """Keep the place, and leave."""
        self.session.close()
        self.exit()


_ORDER_NAMES = (
    ("case", "by case"),
    ("doubtful", "most doubtful first"),
    ("influential", "most influential first"),
    ("random", "at random"),
)


def _heading(segment: Segment) -> str:
    who = segment.speaker or segment.role
    return " · ".join(filter(None, (f"{segment.n}", segment.label, who)))


def _state(coding: ReviewCoding) -> str:
    if coding.mine:
        return "your own"
    if coding.flagged:
        return "people disagree"
    by = f" by {', '.join(coding.others)}" if coding.others and not coding.verdict else ""
    words = {"unreviewed": "not decided", "accepted": "accepted", "rejected": "rejected"}
    own = {"accept": "you accepted it", "reject": "you rejected it"}.get(coding.verdict, "")
    return own or words.get(coding.status, coding.status) + by


def _why(coding: ReviewCoding) -> str:
    if coding.mine:
        return "you added it"
    score = f", score {coding.score:.2f}" if coding.score is not None else ""
    if not coding.rule:
        return f"{coding.coder}{score}"
    if coding.rule == "model":
        return f"learned from examples and people's codings{score}"
    rule = coding.rule.removesuffix("+model")
    both = ", and what was learned" if coding.rule.endswith("+model") else ""
    return f"rule {rule}{both}{score}  (qualkit explain {coding.coding})"
