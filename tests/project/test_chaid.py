"""Trees from a project's families."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.importers.msc import MscOptions
from qualkit.project import Project
from qualkit.project.chaid import TreeChoice, make_growing

HEADS = "UFRN,Physical health start,Physical health end,Social networks start,Social networks end"
SMALL = make_growing(min_node=10, min_split=20)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """240 families: with debt 60 of 80 move up in physical health, without it 40 of 160.

    | | cluster A | cluster B |
    |---|---|---|
    | debt yes | 40 | 40 |
    | debt no | 60 | 60 |
    | debt not known | 20 | 20 |
    """
    folder = tmp_path_factory.mktemp("chaid")
    stars, families, needs, stories = (
        [HEADS],
        ["UFRN,Cluster,Age,Opened"],
        ["UFRN,Debt,Smoking"],
        ["Id,UFRN,Story"],
    )
    for n in range(240):
        debt = "yes" if n < 80 else "no" if n < 200 else ""
        # Of four families with debt three move up, of four others one.
        up = n % 4 < 3 if n < 80 else n % 4 == 0
        stars.append(f"F{n},3,{5 if up else 3},{1 + n % 9},{1 + n % 7}")
        families.append(
            f"F{n},{'AB'[n % 8 // 4]},{20 + n % 30},2016-{1 + n % 12:02}-{1 + n % 28:02}"
        )
        needs.append(f"F{n},{debt},{'yes' if n % 3 else 'no'}")
        if n % 2:
            told = "They had debts when we met." if n % 4 == 1 else "All of it went rather well."
            stories.append(f"S{n},F{n},{told}")
    for name, lines in (
        ("stars", stars), ("families", families), ("needs", needs), ("msc", stories),
    ):  # fmt: skip
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "small.yaml").write_text(
        'codebook: small\nversion: "1"\ncategory: barrier\ncodes:\n'
        '  - id: debt\n    name: Debt told\n    about: any\n    patterns: ["=debts"]\n',
        encoding="utf-8",
    )
    with Project(folder / "p.db", create=True) as opened:
        opened.import_families(folder / "families.csv")
        opened.import_stars(folder / "stars.csv")
        opened.import_needs(folder / "needs.csv")
        opened.import_msc(folder / "msc.csv", options=MscOptions(text=("Story",)))
        opened.load_codebook(folder / "small.yaml")
        opened.code()
        yield opened


def test_stages_moved_are_told_apart_by_the_need(project: Project) -> None:
    choice = TreeChoice(domain="physical-health")
    result = project.chaid(choice=choice, growing=SMALL, resamples=10)
    first = result.tree.root.split
    assert first is not None
    assert result.tree.predictors[first.predictor].name == "need.debt"
    # 60 of 80 and 40 of 160 moved up: 100 of 240, 41.7%.
    row = next(r for r in result.table.rows if r["level"] == "higher" and r["finding"] == "more")
    assert row["overall_count"] == 100
    words = "of families moved up a stage or more in Physical health"
    assert row["sentence"].startswith("With Debt")
    assert words in row["sentence"]
    assert row["holds"] == 1.0
    assert "families that count: 240 of 240" in result.table.notes


def test_missing_answers_are_a_category_of_their_own(project: Project) -> None:
    choice = TreeChoice(domain="physical-health", among=("need.debt",))
    tree = project.chaid(choice=choice, growing=SMALL, resamples=0).tree
    # Not known moves up as often as without, so these two are merged: 80 and 160.
    assert [(node.words, node.n) for node in tree.leaves] == [
        ("without Debt or Debt not known", 160),
        ("with Debt", 80),
    ] or [(node.words, node.n) for node in tree.leaves] == [
        ("with Debt", 80),
        ("without Debt or Debt not known", 160),
    ]


def test_predictors_are_chosen_by_name_and_group(project: Project) -> None:
    def names(**given: tuple[str, ...]) -> list[str]:
        choice = TreeChoice(domain="physical-health", **given)
        tree = project.chaid(choice=choice, growing=SMALL, resamples=0).tree
        return [predictor.name for predictor in tree.predictors]

    everything = ["need.debt", "need.smoking", "family.age", "family.cluster"]
    assert names() == everything
    assert names(among=("needs",)) == everything[:2]
    assert names(without=("needs", "cluster")) == ["family.age"]
    assert names(among=("family.age",)) == ["family.age"]
    assert names(among=("themes",), themes=("barrier",)) == ["barrier.debt"]
    with pytest.raises(UnknownNameError, match="predictor called 'purse'"):
        names(among=("purse",))


def test_a_family_without_a_text_is_not_without_the_theme(project: Project) -> None:
    choice = TreeChoice(domain="physical-health", among=("themes",), themes=("barrier",))
    result = project.chaid(choice=choice, growing=SMALL, resamples=0)
    split = result.tree.root.split
    assert split is not None
    # Stories: n % 4 == 1 with, 3 without, even ones none. Up: of n % 4 = 1 20 of 60, of 3
    # none; of even ones (60 of 60 with remainder 0, 20 of 60 with 2) 80 of 120.
    found = {node.words: (node.n, node.counts[0]) for node in result.tree.leaves}
    assert found == {
        "without the barrier Debt told": (60, 0),
        "with the barrier Debt told": (60, 20),
        "no text coded for barrier": (120, 80),
    }
    assert any("category of their own" in note for note in result.table.notes)


def test_attributes_and_needs_can_be_told_apart(project: Project) -> None:
    by_need = project.chaid(choice=TreeChoice(on="need.debt"), growing=SMALL, resamples=0)
    assert by_need.tree.levels == ("with", "without")
    assert "need.debt" not in [own.name for own in by_need.tree.predictors]
    # The 40 whose debt is not known are left out, and said.
    assert by_need.tree.root.n == 200
    assert any("left out: 40" in note for note in by_need.table.notes)
    cluster = project.chaid(choice=TreeChoice(on="family.cluster"), growing=SMALL, resamples=0)
    assert cluster.tree.root.counts == (120, 120)
    assert len(cluster.tree.nodes) == 1


def test_needs_are_found_by_their_words_and_numbers_cut_into_bands(project: Project) -> None:
    tree = project.chaid(choice=TreeChoice(on="Debt"), growing=SMALL, resamples=0).tree
    assert tree.target == "the need Debt"
    result = project.chaid(choice=TreeChoice(on="age"), growing=SMALL, resamples=0)
    # Ages 20 to 49, eight families each: quarters of 240 end at the 60th (27) and so on.
    assert result.tree.levels == ("up to 27", "28 to 34", "35 to 42", "43 or more")
    assert result.tree.root.counts == (64, 56, 64, 56)
    assert "family.age" not in [own.name for own in result.tree.predictors]


def test_unknown_names_are_answered_with_likely_ones(project: Project) -> None:
    for on, words in (("smok", "need.smoking"), ("barrier.debt", "themes"), ("agee", "age")):
        with pytest.raises(QualkitError, match=words):
            project.chaid(choice=TreeChoice(on=on), growing=SMALL, resamples=0)


def test_progress_over_all_domains_is_that_of_qualkit_progress(project: Project) -> None:
    labels = list(project.progress_labels().values())
    tree = project.chaid(growing=SMALL, resamples=0).tree
    assert tree.levels == ("higher", "same", "lower")
    assert tree.root.counts == tuple(labels.count(level) for level in tree.levels)


def test_dates_are_no_predictor_and_said(project: Project) -> None:
    result = project.chaid(choice=TreeChoice(domain="physical-health"), growing=SMALL, resamples=0)
    assert any("family.opened" in note for note in result.table.notes)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (TreeChoice(on="stars"), "in one domain"),
        (TreeChoice(on="family.opened"), "too many values"),
        (TreeChoice(on="family.cluster", domain="physical-health"), "a domain is for progress"),
        (TreeChoice(on="need.purse"), "need called 'purse'"),
        (TreeChoice(domain="purse"), "domain called 'purse'"),
        (TreeChoice(domain="physical-health", among=("opened",)), "could tell them apart"),
    ],
)
def test_errors_say_what_to_do(project: Project, choice: TreeChoice, words: str) -> None:
    with pytest.raises(QualkitError, match=words):
        project.chaid(choice=choice, growing=SMALL, resamples=0)


def test_segments_of_very_few_families_are_refused(project: Project) -> None:
    with pytest.raises(QualkitError, match="could tell who they are"):
        project.chaid(growing=make_growing(min_node=4))
    with pytest.raises(UnknownNameError, match="correction"):
        make_growing(correction="much")
    with pytest.raises(QualkitError, match="between 0 and 1"):
        project.chaid(growing=make_growing(alpha=1.5))


def test_without_readings_all_families_count(tmp_path: Path) -> None:
    rows = "\n".join(f"F{n},{'AB'[n % 2]},{'xy'[n % 2]}" for n in range(100))
    (tmp_path / "f.csv").write_text(f"UFRN,Cluster,Kind\n{rows}\n", encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as opened:
        opened.import_families(tmp_path / "f.csv")
        tree = opened.chaid(choice=TreeChoice(on="family.kind"), resamples=0).tree
        assert {node.counts for node in tree.leaves} == {(50, 0), (0, 50)}
        some = opened.chaid(choice=TreeChoice(on="kind"), resamples=0, everybody=True).tree
        assert some.root.n == 100
        with pytest.raises(QualkitError, match="nothing to tell apart"):
            opened.chaid(choice=TreeChoice(on="kind"), resamples=0, where="cluster=A")
        with pytest.raises(QualkitError, match="reviews cannot be asked"):
            opened.chaid(choice=TreeChoice(on="kind"), min_reviews=2)
        with pytest.raises(QualkitError, match="no Family Star readings"):
            opened.chaid()


def test_nine_values_are_told_apart_and_one_of_two_put_in_words(tmp_path: Path) -> None:
    # Nine clusters of 40; the first four with care for 30 of 40, the others for 10 of 40.
    rows = [
        f"F{n},{'ABCDEFGHI'[n % 9]},{'Yes' if n // 9 < (30 if n % 9 < 4 else 10) else 'No'}"
        for n in range(360)
    ]
    lines = "\n".join(["UFRN,Cluster,Care", *rows, *(f"G{n},A," for n in range(20))])
    (tmp_path / "f.csv").write_text(lines + "\n", encoding="utf-8")
    with Project(tmp_path / "p.db", create=True) as opened:
        opened.import_families(tmp_path / "f.csv")
        nine = opened.chaid(choice=TreeChoice(on="cluster"), resamples=0)
        assert nine.tree.levels == tuple("ABCDEFGHI")
        assert "chaid-shares" in [table.name for table in nine.page().tables]
        care = opened.chaid(choice=TreeChoice(on="Care"), resamples=0)
        said = [row["sentence"] for row in care.table.rows if row["sentence"]]
        # 120 of 160 with A to D, 170 of 360 in all; no sentence of No, which says the same.
        assert (
            "Cluster A, B, C or D: 75.0% : 47.2% of families have care “Yes” (n = 160 : 360),"
            " more than overall"
        ) in said
        assert not any("“No”" in words for words in said)
        assert any("left out: 20" in note for note in care.table.notes)
