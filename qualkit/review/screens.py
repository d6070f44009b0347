"""What stands before the text for a moment: help, finding a code, a memo, cases, filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from qualkit.model import ReviewCode, ReviewFilter
from qualkit.review.display import shown

HELP = """\
You see one case. Words with a code are underlined; the code that is asked
about is shown in reverse, with its meaning below or beside the text.

  a  or Enter   right: accept it          r   wrong: reject it
  n  or Space   next one not decided      u   undo        U  redo
  Up Down, j k  codings of this case      Left Right  other cases

  c   another code for these words        m   write a memo
  [   begin one word earlier              {   begin one word later
  ]   end one word later                  }   end one word earlier

  v   select words: arrows move, v again and arrows widen, Enter to code
      them, . to give them the last code again. Or drag with the mouse.
  d   I am done with this case            g   go to a case
  f   filter and order                    q   leave; you come back here

Everything is kept at once. What you leave undecided stays undecided.
A case in which nothing is open is marked done when you leave it.
Page Up and Page Down scroll the text.  Escape closes this."""

BLIND_HELP = """\
You code blind: nobody's codings are shown but your own.

  v   select words: arrows move, v again and arrows widen, Enter to choose
      a code, . to give them the last code again. Or drag with the mouse.
  Up Down, j k  your codings              r   take a coding back
  c   another code for these words        u   undo        U  redo
  [ ] { }       begin or end earlier or later, by a word
  d   I am done with this case            n   next case not done
  Left Right    other cases               g   go to a case
  m   write a memo                        q   leave; you come back here

Everything is kept at once. Page Up and Page Down scroll. Escape closes this."""


class Help(ModalScreen[None]):
    """One screen that teaches a newcomer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,space", "dismiss", "close")
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with VerticalScroll(classes="box"):
            yield Static(Content(self._text))


class Choose(ModalScreen[int | None]):
    """A list that a few letters narrow; gives the number of what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]
    _MOST = 200

    def __init__(
        self,
        title: str,
        find: Callable[[str], Iterable[tuple[int, str, str]]],
        hint: str = "a few letters",
    ) -> None:
        super().__init__()
        self._title = title
        self._find = find
        self._hint = hint
        self._numbers: list[int] = []

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Vertical(classes="box"):
            yield Static(Content(self._title))
            yield Input(placeholder=self._hint)
            yield OptionList()

    def on_mount(self) -> None:
        """Show everything at first."""
        self._narrow("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, letters: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        self._numbers = []
        for number, name, more in self._find(letters):
            if len(self._numbers) == self._MOST:
                break
            self._numbers.append(number)
            text = Content.assemble(shown(name), ("  " + shown(more), "dim"))
            options.add_option(Option(text))
        options.highlighted = 0 if self._numbers else None

    def action_move(self, by: int) -> None:
        """Move the highlight while the letters are typed."""
        options = self.query_one(OptionList)
        if self._numbers:
            options.highlighted = ((options.highlighted or 0) + by) % len(self._numbers)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and self._numbers:
            self.dismiss(self._numbers[at])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._numbers[event.option_index])


def choose_code(
    find: Callable[[str], Iterable[ReviewCode]], last: ReviewCode | None, words: str
) -> Choose:
    """Return the screen that finds a code by a few letters; the last one used stands first."""

    def found(letters: str) -> Iterable[tuple[int, str, str]]:
        if last and not letters:
            yield last.key, last.name, f"{last.category}, as before"
        for code in find(letters):
            if letters or last is None or code.key != last.key:
                yield code.key, code.name, f"{code.category}  {code.definition}"

    return Choose(f"Code for: {shown(words)}", found, "a few letters of the code")


class Ask(ModalScreen[str | None]):
    """One line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close")]

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Vertical(classes="box low"):
            yield Static(Content(self._title))
            yield Input(placeholder=self._hint)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)


ORDERS = (
    ("case", "case by case"),
    ("doubtful", "most doubtful first"),
    ("influential", "most influential first: could change a top five"),
    ("random", "at random"),
)


def choose_filter(
    wanted: ReviewFilter, codes: Sequence[ReviewCode]
) -> tuple[Choose, Sequence[ReviewFilter]]:
    """Return the screen of filters and orders, and what each choice means."""
    choices: list[tuple[str, str, ReviewFilter]] = [
        (f"Order: {text}", "", replace(wanted, order=order))
        for order, text in ORDERS
        if order != wanted.order
    ]
    if replace(wanted, order="case") != ReviewFilter():
        choices.insert(0, ("Everything again", "", ReviewFilter(blind=wanted.blind)))
    choices.append(("Score below 0.60", "the doubtful ones", replace(wanted, score=(0.0, 0.6))))
    for category in dict.fromkeys(code.category for code in codes):
        own = tuple(code.key for code in codes if code.category == category)
        choices.append((f"Only {category}", f"{len(own)} codes", replace(wanted, codes=own)))
    for code in codes:
        choices.append((f"Only {code.name}", code.category, replace(wanted, codes=(code.key,))))

    def found(letters: str) -> Iterable[tuple[int, str, str]]:
        for number, (name, more, _) in enumerate(choices):
            if letters.lower() in name.lower():
                yield number, name, more

    return Choose("Filter and order", found), [own for *_, own in choices]
