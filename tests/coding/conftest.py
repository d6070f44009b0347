"""Compiled codebooks made by hand, for the tests of coding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from qualkit.coding import RuleCoder
from qualkit.model import CompiledCode, CompiledCodebook, CompiledRule, ProposedCoding, Segment

ALL_CHECKS = ("failed", "hypothetical", "negation", "others", "plan", "question", "wish")


class Build:
    """Short ways to rules, codebooks and segments."""

    checks = ALL_CHECKS

    def rule(self, code: str, *parts: str | Sequence[str], k: int = 1, **options: Any) -> dict:
        """A rule as a mapping; a part is one form or several, `code` is `category.id`."""
        forms = tuple((part,) if isinstance(part, str) else tuple(part) for part in parts)
        options.setdefault("gaps", (0,) * (len(forms) - 1))
        return {"code": code, "rule_id": f"{code}#{k}", "parts": forms, **options}

    def codebook(
        self,
        rules: Sequence[Mapping[str, Any]],
        *,
        about: Mapping[str, str] | None = None,
        checks: tuple[str, ...] = ALL_CHECKS,
        **options: Any,
    ) -> CompiledCodebook:
        """A compiled codebook; codes stand in the order of their first rule."""
        names = list(dict.fromkeys(rule["code"] for rule in rules))
        codes = tuple(
            CompiledCode(name.split(".")[1], name.split(".")[0], (about or {}).get(name, "any"))
            for name in names
        )
        compiled = tuple(
            CompiledRule(**{"checks": checks, **rule, "code": names.index(rule["code"])})
            for rule in rules
        )
        return CompiledCodebook("test", "", codes, compiled, **options)

    def segment(
        self, text: str, n: int = 1, role: str = "worker", kind: str = "msc", label: str = ""
    ) -> Segment:
        """A segment whose id is ten times its number."""
        return Segment(n * 10, 1, n, kind, role, text, label=label)

    def interview(self, *turns: tuple[str, str]) -> list[Segment]:
        """The turns of an interview, each a role and a text."""
        return [self.segment(text, n, role, "interview") for n, (role, text) in enumerate(turns, 1)]

    def names(self, codings: Iterable[ProposedCoding]) -> list[str]:
        """`category.code` of each coding, in order."""
        return [f"{coding.category}.{coding.code_id}" for coding in codings]

    def find(
        self,
        rules: Sequence[Mapping[str, Any]],
        text: str,
        *,
        role: str = "worker",
        kind: str = "msc",
        **options: Any,
    ) -> set[str]:
        """The codes found in one text."""
        coder = RuleCoder([self.codebook(rules, **options)])
        return set(self.names(coder.code_case([self.segment(text, role=role, kind=kind)])))

    def quotes(
        self, rules: Sequence[Mapping[str, Any]], text: str, **options: Any
    ) -> list[tuple[str, str]]:
        """The codes found in one text, each with what it quotes."""
        coder = RuleCoder([self.codebook(rules, **options)])
        return [
            (f"{coding.category}.{coding.code_id}", text[coding.start : coding.end])
            for coding in coder.code_case([self.segment(text)])
        ]


@pytest.fixture(scope="session")
def build() -> Build:
    """Short ways to rules, codebooks and segments."""
    return Build()


@pytest.fixture(scope="session")
def family_rules(build: Build) -> list[dict]:
    """Rules of a few codes, for the tests of the checks."""
    return [
        build.rule("barrier.low", ("depressed", "depression", "low mood", "anxiety")),
        build.rule("barrier.debt", ("debt", "debts", "arrears", "bailiffs")),
        build.rule("barrier.alone", ("no friends", "knows nobody")),
        build.rule("barrier.school-out", ("excluded", "bullied", "hits him")),
        build.rule("outcome.work", ("a job", "in work", "employed")),
        build.rule("outcome.calm", ("calmer", "sleeps", "sleeping through", "set boundaries")),
        build.rule("outcome.school", ("in school", "attends", "attending", "attend school")),
        build.rule(
            "enabler.help", ("support", "counselling", "her sister helped", "parenting course")
        ),
    ]
