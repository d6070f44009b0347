"""Cases in groups: whom the tests are made of where families have several cases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from qualkit.model import CountBy
from qualkit.project import Project
from qualkit.store import families
from qualkit.store.groups import Grouping, count_links
from qualkit.store.scope import Scope

BOOK = """
codebook: few
version: "1"
category: barrier
checks: []
codes:
  - {id: money, name: Money, about: any, patterns: ["money"]}
"""


@pytest.mark.parametrize(
    ("waves", "several", "sizes", "tested"),
    [
        # F1 has two cases of one wave, F2 one of another: nobody is in two waves.
        (("a", "a", "b"), 0, {"": 2, "a": 1, "b": 1}, {"a": 1, "b": 0}),
        # F1 has cases of both waves, so it counts in each and is in no test.
        (("a", "b", "b"), 1, {"": 2, "a": 1, "b": 2}, {"b": 0}),
        # One of F1's cases has no wave: it stands there too, but in one named wave alone.
        (("a", "", "b"), 0, {"": 2, "a": 1, "b": 1, "(none)": 1}, {"a": 1, "b": 0}),
    ],
)
def test_families_in_two_groups_are_in_no_test(
    tmp_path: Path,
    waves: tuple[str, ...],
    several: int,
    sizes: dict[str, int],
    tested: dict[str, int],
) -> None:
    texts = ("We had no money at all", "There was never any money", "It was good to talk to her")
    rows = [
        f"m{n},{ufrn},{wave},{text}"
        for n, (ufrn, wave, text) in enumerate(zip(("F1", "F1", "F2"), waves, texts, strict=True))
    ]
    (tmp_path / "a.csv").write_text("\n".join(["id,UFRN,Wave,Story", *rows]) + "\n", "utf-8")
    (tmp_path / "few.yaml").write_text(BOOK, "utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        project.import_msc(tmp_path / "a.csv")
        project.load_codebook(tmp_path / "few.yaml")
        project.code()
        scope = Scope(("msc",), count_by=CountBy.FAMILY)
        found = count_links(project.connection, scope, "barrier", Grouping("case", "wave"))
    assert found.several == several
    assert {size.group: size.with_text for size in found.sizes} == sizes
    assert {group: found.tested.get((group, "money"), 0) for group in found.tested_sizes} == tested


def test_an_attribute_is_put_to_the_families_asked_for() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE family_attributes (family_key INT, key TEXT, value TEXT)")
    connection.executemany(
        "INSERT INTO family_attributes VALUES (?, ?, ?)",
        [(7, "cluster", "B"), (2, "cluster", "A"), (2, "other", "x"), (9, "cluster", "C")],
    )
    assert families.fetch_attribute_of(connection, "cluster", [7, 3, 2]) == ["B", "", "A"]
    assert families.fetch_attribute_of(connection, "cluster", []) == []
    assert families.fetch_attribute_of(connection, "gone", [1]) == [""]
