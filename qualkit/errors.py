"""Errors that a user can mend, and warnings that a result is doubtful.

Every error says what is wrong, where (file, sheet, row, column), what was
found, what was expected and what to do next. None of them quotes what a
participant said: a place (source, row, offset) is named instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class QualkitError(Exception):
    """Base of all errors that a user can mend; the terminal prints it and exits with 1.

    Parameters
    ----------
    what : str
        What is wrong, as a sentence without its full stop.
    where, found, expected, to_do : str, optional
        The place, what stands there, what should, and the way out.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        found: str = "",
        expected: str = "",
        to_do: str = "",
    ) -> None:
        self.what = what
        self.where = where
        self.found = found
        self.expected = expected
        self.to_do = to_do
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """All that is known, one line each."""
        lines = [self.what]
        for label, text in (
            ("where", self.where),
            ("found", self.found),
            ("expected", self.expected),
            ("to do", self.to_do),
        ):
            if text:
                lines.append(f"  {label}: {text}")
        return "\n".join(lines)


class SourceFormatError(QualkitError, ValueError):
    """A file cannot be read as what it was given for."""


class ColumnError(QualkitError, LookupError):
    """A column that was named, or is needed, is not in the table."""


class CaseClashError(QualkitError, ValueError):
    """A case id of the file already belongs to another source of the project."""


class ProjectError(QualkitError, ValueError):
    """The project file is missing, is not one, is locked, or cannot be written."""


class SchemaTooNewError(ProjectError):
    """The project was written by a newer qualkit."""


class UnknownNameError(QualkitError, LookupError):
    """A code, category, domain, attribute or cluster that the project does not have."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, where: str = "", to_do: str = ""
    ) -> None:
        self.kind = kind
        self.name = name
        options = sorted(set(known))
        self.near = near_matches(name, options)
        if not to_do:
            if self.near:
                to_do = "did you mean " + " or ".join(self.near) + "?"
            elif options:
                to_do = "one of: " + ", ".join(options[:12]) + (" …" if len(options) > 12 else "")
            else:
                to_do = f"the project has no {kind} yet"
        super().__init__(f"there is no {kind} called '{name}'", where=where, to_do=to_do)


class ChoiceNeededError(QualkitError, ValueError):
    """More than one reading is possible and only the user can choose."""


class ModelMissingError(QualkitError, LookupError):
    """A spaCy pipeline or model was asked for that is not installed."""


class CodebookError(QualkitError, ValueError):
    """A codebook has faults; `problems` holds every one of them.

    Parameters
    ----------
    problems : sequence of Problem
        See `qualkit.model.Problem`; shown one a line as `file:line: text`.
    """

    def __init__(self, problems: Iterable[object], *, where: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "fault" if count == 1 else "faults"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"the codebook has {count} {noun}\n{lines}",
            where=where,
            to_do="mend the lines named, then `qualkit codebook check FILE`",
        )


class QualkitWarning(UserWarning):
    """Doubtful, not wrong; also listed in the foot of the table concerned."""


class SmallSampleWarning(QualkitWarning):
    """Too few cases or families to say much."""


def near_matches(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the known names nearest in spelling to `name`, best first."""
    options = {option.lower(): option for option in known}
    wanted = name.strip().lower()
    hits = difflib.get_close_matches(wanted, list(options), n=most, cutoff=0.6)
    # Part of a name ("money" for home-and-money) is no close spelling of it.
    hits += [option for option in options if len(wanted) > 3 and wanted in option]
    return [options[hit] for hit in dict.fromkeys(hits)][:most]
