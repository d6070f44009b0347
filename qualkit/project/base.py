"""The open project file and the resolving of counting options against it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, Unpack

from qualkit.errors import ChoiceNeededError, QualkitError, UnknownNameError
from qualkit.model import CountBy, Counting, Kind, split_roles
from qualkit.normalise import slug
from qualkit.store import codebooks, codings, counts, overview
from qualkit.store.connection import discard_if_empty, open_connection
from qualkit.store.refusals import in_plain_words, refuse_damaged
from qualkit.store.scope import Scope


class CountingOptions(TypedDict, total=False):
    """The counting options by name, as the terminal and notebooks give them."""

    kind: str | Sequence[str]
    domain: str
    where: str | Sequence[str] | Mapping[str, str]
    coder: str
    count_by: str
    reviewed_only: bool
    top: int


class ProjectBase:
    """Opens and closes the file; everything else is in the parts."""

    def __init__(self, path: str | Path = "qualkit.db", *, create: bool = False) -> None:
        self.path = Path(path)
        self.for_publishing = False
        """Whether tables are made to be published: families behind cases are counted too."""
        self._connection = open_connection(self.path, create=create)

    def close(self) -> None:
        """Close the project file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use the project in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file at the end of a `with` block; say refusals and damage in plain words.

        An error in a project that was made in this block, and holds nothing
        yet, leaves no file behind.
        """
        self.close()
        if error is not None and self._connection.made:
            discard_if_empty(self._connection.path)
        if isinstance(error, sqlite3.DatabaseError):
            with self._plainly():
                raise error
        if isinstance(error, Exception) and not isinstance(error, QualkitError | OSError):
            # Nonsense in a damaged file looks like a bug of ours.
            refuse_damaged(self.path, error)

    @property
    def connection(self) -> sqlite3.Connection:
        """The open SQLite connection, for reading with one's own SQL."""
        return self._connection

    def _plainly(self) -> AbstractContextManager[None]:
        return in_plain_words(self.path)

    # --- names -----------------------------------------------------------

    def categories(self) -> list[str]:
        """Return the categories of the loaded codebooks."""
        codes = codebooks.fetch_codes(self._connection)
        return list(dict.fromkeys(code.category for code in codes))

    def _category(self, name: str) -> str:
        known = self.categories()
        if name in known:
            return name
        for book in codebooks.fetch_codebooks(self._connection):
            if name == book.name and len(book.categories) == 1:
                return book.categories[0]
        if not known:
            raise QualkitError(
                "no codebook is loaded, so there is nothing to count yet",
                where=str(self.path),
                to_do="qualkit code (it loads the shipped codebooks)",
            )
        owners = [c.category for c in codebooks.fetch_codes(self._connection) if c.code == name]
        to_do = f"it is a code: qualkit quotes {name}, or qualkit top {owners[0]}" if owners else ""
        raise UnknownNameError("category", name, known, to_do=to_do)

    def _domain(self, name: str) -> str:
        known = counts.domains(self._connection)
        wanted = slug(name)
        if wanted in known:
            return wanted
        if not known:
            raise QualkitError(
                "the project knows no domains yet",
                to_do="import texts with declared relevance, or run `qualkit code`",
            )
        raise UnknownNameError("domain", name, known)

    def _domain_names(self) -> dict[str, str]:
        names = {
            code.code: code.name
            for code in codebooks.fetch_codes(self._connection, "domain")
            if not code.retired
        }
        return {domain: names.get(domain, domain) for domain in counts.domains(self._connection)}

    # --- counting options --------------------------------------------------

    def _counting(
        self,
        counting: Counting | None,
        options: CountingOptions,
        category: str = "",
    ) -> tuple[Counting, Scope]:
        """Return the options with their defaults filled in, and the scope they mean."""
        asked = counting or make_counting(**options)
        books = [
            book
            for book in codebooks.fetch_codebooks(self._connection)
            if not category or category in book.categories
        ]
        kinds = self._kinds(asked.kinds, [book.kinds for book in books] if category else [])
        family, case = self._where(asked.where)
        scope = Scope(
            kinds=kinds,
            roles=_common_roles([book.roles for book in books]) if category else (),
            domain=self._domain(asked.domain) if asked.domain else "",
            family_where=family,
            case_where=case,
            coder=self._coder(asked.coder),
            count_by=asked.count_by,
            reviewed_only=asked.reviewed_only,
            codebook_keys=tuple(book.key for book in books),
        )
        filled = Counting(
            kinds,
            scope.domain,
            asked.where,
            asked.coder,
            asked.count_by,
            asked.reviewed_only,
            asked.top,
        )
        return filled, scope

    def _kinds(self, asked: Sequence[str], applies: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        there = counts.kinds_with_text(self._connection)
        if asked:
            wanted = [kind.strip().lower() for kind in asked]
            if "all" in wanted:
                return tuple(there)
            for kind in wanted:
                if kind not in list(Kind):
                    raise UnknownNameError("kind", kind, [*Kind, "all"])
            return tuple(dict.fromkeys(wanted))
        if not there:
            raise QualkitError(
                "the project holds no texts yet",
                where=str(self.path),
                to_do="qualkit import msc FILE, or survey, transcript, document",
            )
        fit = [k for k in there if not applies or any(not kinds or k in kinds for kinds in applies)]
        if Kind.MSC in fit:
            return (str(Kind.MSC),)
        if len(fit) == 1:
            return (fit[0],)
        if not fit:
            return tuple(there)
        raise ChoiceNeededError(
            "the project holds more than one kind of text, and kinds are not mixed unasked",
            found=", ".join(fit),
            to_do="say which: --kind " + " or --kind ".join(fit) + " (or --kind all)",
        )

    def _where(
        self, where: Iterable[tuple[str, str]]
    ) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
        found: dict[tuple[str, str], list[str]] = {}
        for key, value in where:
            level, name = self._attribute(key)
            known = overview.attribute_values(self._connection, level, name)
            wanted = value.strip()
            # As written, else in any case; "North" and "north" may both stand in a table.
            matches = [v for v in known if v == wanted] or [
                v for v in known if v.casefold() == wanted.casefold()
            ]
            if not matches:
                raise UnknownNameError(f"value of {level}.{name}", value, known)
            found.setdefault((level, name), []).extend(matches)
        split = {
            level: tuple((name, tuple(v)) for (own, name), v in found.items() if own == level)
            for level in ("family", "case")
        }
        return split["family"], split["case"]

    def _attribute(self, key: str) -> tuple[str, str]:
        """Return (family or case, attribute) for "cluster", "family.cluster" or "case.quarter"."""
        keys = overview.attribute_keys(self._connection)
        level, dot, name = key.strip().partition(".")
        if dot and level in keys:
            if slug(name) in keys[level]:
                return level, slug(name)
            raise UnknownNameError(f"{level} attribute", name, keys[level])
        holders = [own for own in ("family", "case") if slug(key) in keys[own]]
        if len(holders) == 2:
            raise ChoiceNeededError(
                f"both families and cases have an attribute '{key}'",
                to_do=f"say which: family.{slug(key)} or case.{slug(key)}",
            )
        if not holders:
            raise UnknownNameError("attribute", key, [*keys["family"], *keys["case"]])
        return holders[0], slug(key)

    def _coder(self, name: str) -> int | None:
        if not name:
            return None
        key = codings.coder_key(self._connection, name)
        if key is None:
            raise UnknownNameError("coder", name, codings.fetch_coders(self._connection))
        return key


def _common_roles(roles: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the roles that some codebook of the category covers, as codebooks write them."""
    limits = [split_roles(own) for own in roles]
    if limits and all(limited for limited, _ in limits):
        return tuple(sorted({role for limited, _ in limits for role in limited}))
    left_out = [set(out) for limited, out in limits if not limited]
    everywhere = set.intersection(*left_out) if left_out else set()
    return tuple(f"not {role}" for role in sorted(everywhere))


def make_counting(**options: Unpack[CountingOptions]) -> Counting:
    """Return counting options from plain words, as the terminal and notebooks give them.

    Raises
    ------
    QualkitError
        A condition is not KEY=VALUE, or `top` is not a number above 0.
    UnknownNameError
        `count_by` is not case, family or segment.
    """
    where = options.get("where", ())
    if isinstance(where, Mapping):
        pairs = list(where.items())
    else:
        pairs = [_pair(text) for text in ([where] if isinstance(where, str) else where)]
    count_by, top = options.get("count_by", "case"), options.get("top", 5)
    if count_by not in list(CountBy):
        raise UnknownNameError("way to count", count_by, list(CountBy))
    if top < 1:
        raise QualkitError("the number of top themes must be at least 1", found=str(top))
    kind = options.get("kind", ())
    return Counting(
        kinds=(kind,) if isinstance(kind, str) and kind else tuple(kind),
        domain=options.get("domain", ""),
        where=tuple(pairs),
        coder=options.get("coder", ""),
        count_by=CountBy(count_by),
        reviewed_only=options.get("reviewed_only", False),
        top=top,
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise QualkitError(
            "a condition must be written KEY=VALUE",
            found=text,
            to_do="for instance: --where cluster=A",
        )
    return key.strip(), value.strip()
