"""A project in which two people have coded the same cases blind, and differ."""

from __future__ import annotations

from pathlib import Path

from factories import case, parsed

from qualkit.project import Project
from qualkit.store.sources import save_source

TEXT_1 = "They had debts. She was lonely."
TEXT_2 = "He was alone and had debts all year."


def make_differing(path: Path, codebook: Path) -> Project:
    """Ann and Bob have done m1 and m2, Cy only m1; nobody m3.

    | case | segment | Ann | Bob | Cy |
    |---|---|---|---|---|
    | m1 | 1 | debt (They had debts), isolation (lonely) | isolation | debt (debts) |
    | m2 | 1 | isolation (alone) | debt (debts) | |
    | m3 | 1 | debt | | |

    Ann and Bob differ in three places: m1 debt, m2 isolation, m2 debt.
    """
    project = Project(path, create=True)
    cases = [case("m1", TEXT_1), case("m2", TEXT_2), case("m3", "Debts again.")]
    save_source(project.connection, parsed(cases), lambda rejection: None)
    project.load_codebook(codebook)
    texts = {"m1": TEXT_1, "m2": TEXT_2, "m3": "Debts again."}
    for coder, case_id, code, words in (
        ("Ann", "m1", "debt", "They had debts"),
        ("Ann", "m1", "isolation", "lonely"),
        ("Bob", "m1", "isolation", "lonely"),
        ("Cy", "m1", "debt", "debts"),
        ("Ann", "m2", "isolation", "alone"),
        ("Bob", "m2", "debt", "debts"),
        ("Ann", "m3", "debt", "Debts"),
    ):
        start = texts[case_id].index(words)
        project.add_coding(case_id, 1, code, start, start + len(words), coder)
    for coder, done in (("Ann", ("m1", "m2")), ("Bob", ("m1", "m2")), ("Cy", ("m1",))):
        for case_id in done:
            project.mark_done(case_id, coder)
    return project


def standing(project: Project, case_id: str) -> list[tuple[str, str, str, str, int]]:
    """Code, quotation, coder, status and whether agreed on, of each coding of a case."""
    return project.connection.execute(
        "SELECT k.code, g.quote, p.name, g.status, g.rule = 'consensus' FROM codings g"
        " JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
        " JOIN coders p ON p.id = g.coder_key WHERE c.case_id = ? ORDER BY g.id",
        (case_id,),
    ).fetchall()


def agreed(project: Project) -> list[tuple[str, str, int]]:
    """Verdict, coder and the consensus mark of each decision."""
    return project.connection.execute(
        "SELECT d.verdict, p.name, d.consensus FROM decisions d JOIN coders p"
        " ON p.id = d.coder_key ORDER BY d.id"
    ).fetchall()
