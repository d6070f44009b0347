"""Projects that were filled by the real importers' types, without files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.model import Kind, ParsedFamily, ParsedSource
from qualkit.project import Project
from qualkit.store.families import save_families
from qualkit.store.sources import save_source


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    """Five families in two clusters; four narratives, two interviews, one survey answer.

    | case | family | cluster | relevance home | text says |
    |---|---|---|---|---|
    | m1 | F1 | A | very | debts; lonely |
    | m2 | F2 | A | not | lonely |
    | m3 | F3 | B | fairly | arrears (twice) |
    | m4 | F3 | B | fairly | nothing coded |
    | m5 | none | | very | no text |
    | i1 | F1 | A | none declared | segment 2: lonely; segment 4: debts and no friends |
    | i2 | F4 | not in the table | none declared | segment 2: lonely |
    | s1 | none | | none declared | debts (staff) |
    | F5 stands in the families table only, cluster B |
    """
    home = {"home": "very", "friends": "not"}
    narratives = [
        case("m1", "They had debts.", "She was lonely.", ufrn="F1", relevance=home),
        case("m2", "He was lonely.", ufrn="F-2", relevance={"home": "not", "friends": "fairly"}),
        case("m3", "Rent arrears. More arrears.", ufrn="f3", relevance={"home": "fairly"}),
        case("m4", "Nothing to say.", ufrn="F3", relevance={"home": "fairly"}),
        case("m5", "", relevance=home),
    ]
    interviews = [
        _interview(
            "i1", "F1", "Did you have debts?", "I was lonely.", "And now?", "Debts, no friends."
        ),
        _interview("i2", "F4", "How were you?", "So lonely."),
    ]
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        for cases, name, kind in (
            (narratives, "narratives.csv", Kind.MSC),
            (interviews, "interviews", Kind.INTERVIEW),
            ([case("s1", "Debts.", kind=Kind.SURVEY, role="staff")], "staff.csv", Kind.SURVEY),
        ):
            save_source(opened.connection, parsed(cases, name=name, kind=kind), lambda r: None)
        families = [
            ParsedFamily(f"F{n}", {"cluster": cluster})
            for n, cluster in ((1, "A"), (2, "A"), (3, "B"), (5, "B"))
        ]
        table = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(opened.connection, table, lambda r: None)
        opened.load_codebook(small_codebook)
        opened.code()
        yield opened


def _interview(case_id: str, ufrn: str, *turns: str):
    from dataclasses import replace

    made = case(case_id, *turns, ufrn=ufrn, kind=Kind.INTERVIEW, role="parent")
    segments = tuple(
        replace(s, role="interviewer", speaker="Int") if s.n % 2 else replace(s, speaker="Mum")
        for s in made.segments
    )
    return replace(made, segments=segments)
