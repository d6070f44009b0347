"""The demonstration corpus, recounted with csv and Counter alone.

Nothing of the package counts here, so that its counting is not checked by itself.
"""

from __future__ import annotations

import csv
import filecmp
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.cluster import KMeans

LEVELS = ("fairly", "very")
QUESTIONS = 4


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def corpus(root: Path) -> Path:
    return root / "corpus"


@pytest.fixture(scope="module")
def narratives(corpus: Path) -> list[dict[str, str]]:
    return _rows(corpus / "narratives.csv")


@pytest.fixture(scope="module")
def themes(corpus: Path) -> dict[str, set[tuple[str, str]]]:
    """Return the planted (category, code) of each narrative."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in _rows(corpus / "planted" / "narratives.csv"):
        category, _, code = row["code"].partition(".")
        found[row["case_id"]].add((category, code))
    return found


@pytest.fixture(scope="module")
def relevant(narratives: list[dict[str, str]], reference: Path) -> dict[str, dict[str, str]]:
    """Return, by domain, the level declared by each narrative."""
    names = {row["id"]: row["name"] for row in _rows(reference / "domains.csv")}
    return {
        domain: {row["Case"]: row[f"Relevance: {name}"] for row in narratives}
        for domain, name in names.items()
    }


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)


def test_it_has_the_published_sizes(corpus: Path, narratives: list[dict[str, str]]) -> None:
    assert len(narratives) == len({row["Case"] for row in narratives}) == 227
    assert len(_rows(corpus / "staff_survey.csv")) == 97
    interviews = sorted((corpus / "interviews").iterdir())
    assert len(interviews) == 14
    assert len({path.suffix for path in interviews}) == 7
    families = _rows(corpus / "families.csv")
    assert len({row["UFRN"] for row in families}) == 787
    assert Counter(row["Cluster"] for row in families) == {
        "A": 134, "B": 141, "C": 104, "D": 42, "E": 107, "F": 73, "G": 68, "H": 65, "I": 53,
    }  # fmt: skip
    assert Counter(row["Service"] for row in families) == {"SLF": 662, "CC": 125}


def test_every_text_is_of_a_family_of_the_table(
    corpus: Path, narratives: list[dict[str, str]]
) -> None:
    families = {row["UFRN"]: row for row in _rows(corpus / "families.csv")}
    for row in narratives:
        assert families[row["UFRN"]]["Service"] == row["Service"]
    for path in (corpus / "interviews").iterdir():
        assert path.stem.split("_")[1] in families


def test_interviews_are_spread_over_clusters_as_published(corpus: Path, reference: Path) -> None:
    families = {row["UFRN"]: row["Cluster"] for row in _rows(corpus / "families.csv")}
    held = Counter(families[path.stem.split("_")[1]] for path in (corpus / "interviews").iterdir())
    told = {
        row["cluster"]: sum(
            int(value) for key, value in row.items() if key.startswith("families_interviewed")
        )
        for row in _rows(reference / "clusters.csv")
    }
    assert held == told


def test_relevance_is_the_published(relevant: dict[str, dict[str, str]], reference: Path) -> None:
    cases = {
        domain: {case for case, level in levels.items() if level in LEVELS}
        for domain, levels in relevant.items()
    }
    for row in _rows(reference / "msc_relevance.csv"):
        domain = row["domain"]
        counted = Counter(relevant[domain].values())
        assert _percent(counted["fairly"], 227) == int(row["fairly_pct"])
        assert _percent(counted["very"], 227) == int(row["very_pct"])
        assert _percent(len(cases[domain]), 227) == int(row["fairly_or_very_pct"])
        assert sum(len(own) > len(cases[domain]) for own in cases.values()) + 1 == int(row["rank"])
        others = sorted(
            (other for other in cases if other != domain),
            key=lambda other, domain=domain: -len(cases[other] & cases[domain]),  # type: ignore[misc]
        )
        assert set(row["more_likely_linked"].split("|")) == set(others[:2])
        assert set(row["less_likely_linked"].split("|")) <= set(others[-2:])


def test_top_themes_are_in_the_published_order(
    themes: dict[str, set[tuple[str, str]]],
    relevant: dict[str, dict[str, str]],
    reference: Path,
) -> None:
    told: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in _rows(reference / "msc_top_themes.csv"):
        told[row["domain"], row["category"]][row["theme"]] = row["rank"]
    assert len(told) == 40
    for (domain, category), ranks in told.items():
        counted = Counter(
            code
            for case, level in relevant[domain].items()
            if level in LEVELS
            for own, code in themes[case]
            if own == category
        )
        places = [(int(rank), theme) for theme, rank in ranks.items() if rank != "also"]
        ordered = [theme for _, theme in sorted(places)]
        assert [code for code, _ in counted.most_common(len(ordered))] == ordered
        # An order that one misread case could turn would show little.
        best = [n for _, n in counted.most_common(len(ordered) + 1)]
        assert all(one > other for one, other in pairwise(best))
        assert all(counted[theme] > 0 for theme, rank in ranks.items() if rank == "also")


def test_named_themes_are_in_over_a_fifth_of_the_cases(
    themes: dict[str, set[tuple[str, str]]], reference: Path
) -> None:
    counted = Counter(pair for own in themes.values() for pair in own)
    for row in _rows(reference / "cases_of_change_over_20pct.csv"):
        assert counted[row["category"], row["theme"]] * 5 > 227


def test_the_staff_survey_has_the_published_orders_and_confidence(
    corpus: Path, reference: Path
) -> None:
    staff = _rows(corpus / "staff_survey.csv")
    texts = [header for header in staff[0] if header.endswith("?")]
    slugs = list(dict.fromkeys(
        row["question"] for row in _rows(corpus / "plan_survey.csv") if row["what"] == "reason"
    ))  # fmt: skip
    ratings = [header for header in staff[0] if header.startswith("Confidence: ")]
    # Both are in the order of the questions, which the survey's file fixes.
    assert [h.removeprefix("Confidence: ") for h in ratings] == [
        h.removeprefix("Less confident: ").partition(" - ")[0] for h in texts[:11]
    ]
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in _rows(corpus / "planted" / "staff_survey.csv"):
        what, _, code = row["code"].partition(".")
        counted[what, texts[int(row["segment_n"]) - 1]][code] += 1
    columns = _question_columns(texts)
    percent = {}
    for what, name in (("reason", "reasons"), ("agency", "agencies")):
        told: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in _rows(reference / f"staff_confidence_{name}.csv"):
            told[row["question"]].append((int(row["rank"] or 1), row[what]))
            percent[row["question"]] = int(row.get("confident_pct") or percent[row["question"]])
        for question, places in told.items():
            found = counted[what, columns[what, question]]
            assert [code for code, _ in found.most_common()] == [c for _, c in sorted(places)]
            assert len(set(found.values())) == len(found)
    assert set(percent) == set(slugs)
    for question, share in percent.items():
        header = columns["reason", question].replace("Less confident: ", "Confidence: ")
        rated = [int(row[header.partition(" - ")[0]]) for row in staff]
        assert _percent(sum(rating >= 70 for rating in rated), 97) == share


def _question_columns(texts: list[str]) -> dict[tuple[str, str], str]:
    """Return the column of words for each question of the published tables."""
    words = {
        "gaining-trust": "gaining trust",
        "persevering": "persevering",
        "questioning": "asking families",
        "challenging-families": "challenging families",
        "advocating": "advocating",
        "praising-progress": "praising",
        "being-flexible": "flexible",
        "observing": "observing",
        "whole-family": "whole family",
        "order-of-work": "what comes first",
        "challenging-professionals": "challenging professionals",
    }
    columns = {
        ("reason", question): next(text for text in texts if f": {said}" in text or said in text)
        for question, said in words.items()
    }
    columns["agency", "advocating"] = next(t for t in texts if "hard to advocate" in t)
    columns["agency", "challenging-professionals"] = next(t for t in texts if "challenge?" in t)
    return columns


@pytest.mark.parametrize("name", ["narratives", "staff_survey"])
def test_planted_words_stand_where_the_table_says(corpus: Path, name: str) -> None:
    rows = _rows(corpus / f"{name}.csv")
    key = next(iter(rows[0]))
    texts = {row[key]: [row[header] for header in row if header.endswith("?")] for row in rows}
    for row in _rows(corpus / "planted" / f"{name}.csv"):
        text = texts[row["case_id"]][int(row["segment_n"]) - 1]
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]


def test_no_sentence_stands_in_more_than_three_narratives(
    narratives: list[dict[str, str]],
) -> None:
    cases: dict[str, set[str]] = defaultdict(set)
    for row in narratives:
        for header, answer in row.items():
            if header.endswith("?"):
                for sentence in re.split(r"(?<=[.?!])\s+", answer):
                    cases[sentence].add(row["Case"])
    assert len(cases) > 2500
    assert [sentence for sentence, own in cases.items() if len(own) > 3] == []


def test_the_word_bank_has_fifteen_fragments_a_code_in_four_voices(
    corpus: Path, reference: Path
) -> None:
    bank: dict[str, dict[str, list[str]]] = {}
    for name in ("activities", "barriers", "enablers", "outcomes"):
        bank |= yaml.safe_load((corpus / "wordbank" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert set(bank) == {row["code"] for row in _rows(reference / "codeframe.csv")}
    for voices in bank.values():
        assert set(voices) == {"notes", "report", "speech", "second"}
        said = [fragment for fragments in voices.values() for fragment in fragments]
        assert len(said) == len(set(said)) >= 15


def test_every_code_is_planted_in_some_interview(corpus: Path, reference: Path) -> None:
    coded = {row["code"].partition(".")[2] for row in _rows(corpus / "planted" / "interviews.csv")}
    assert coded == {row["code"] for row in _rows(reference / "codeframe.csv")}


STAGES = ("stuck", "accepting-help", "trying", "finding-what-works", "effective-parenting")


@pytest.fixture(scope="module")
def clusters(corpus: Path) -> dict[str, str]:
    return {row["UFRN"]: row["Cluster"] for row in _rows(corpus / "families.csv")}


@pytest.fixture(scope="module")
def spans(corpus: Path, reference: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the first and last reading, by domain and family; '' where there is none."""
    first: dict[str, dict[str, str]] = {}
    last: dict[str, dict[str, str]] = {}
    for row in sorted(_rows(corpus / "star_readings.csv"), key=lambda row: row["Date"]):
        first.setdefault(row["UFRN"], row)
        last[row["UFRN"]] = row
    assert all(first[family] is not last[family] for family in first)
    return {
        row["id"]: {
            family: (first[family][row["name"]], last[family][row["name"]]) for family in first
        }
        for row in _rows(reference / "domains.csv")
    }


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        ("plan_star_matrices", "family_star_matrices"),
        ("plan_star_progress", "family_star_progress"),
        ("plan_progress_matrix", "progress_matrix"),
        ("plan_clusters", "clusters"),
    ],
)
def test_figures_that_the_script_reads_are_copies(
    corpus: Path, reference: Path, copy: str, original: str
) -> None:
    assert filecmp.cmp(corpus / f"{copy}.csv", reference / f"{original}.csv", shallow=False)


def test_readings_give_the_published_stages(
    spans: dict[str, dict[str, tuple[str, str]]], reference: Path
) -> None:
    told: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in _rows(reference / "family_star_matrices.csv"):
        told[row["domain"]][row["start_stage"], row["end_stage"]] = int(row["families"])
    assert len(told) == 10
    for domain, matrix in told.items():
        found = Counter(
            (STAGES[(int(start) - 1) // 2], STAGES[(int(end) - 1) // 2])
            for start, end in spans[domain].values()
            if start and end
        )
        assert found == +matrix
        assert 10 <= 787 - sum(found.values()) <= 22


def test_readings_give_the_published_progress_of_clusters(
    spans: dict[str, dict[str, tuple[str, str]]], clusters: dict[str, str], reference: Path
) -> None:
    for row in _rows(reference / "family_star_progress.csv"):
        up: Counter[str] = Counter()
        of: Counter[str] = Counter()
        for family, (start, end) in spans[row["domain"]].items():
            if start and end and not int(start) >= 9 <= int(end):
                of[clusters[family]] += 1
                up[clusters[family]] += (int(start) - 1) // 2 < (int(end) - 1) // 2
        assert _percent(up.total(), of.total()) == int(row["published_progress_pct"])
        share = {cluster: up[cluster] / of[cluster] for cluster in of}
        most = row["most_progress_clusters"].split("|")
        least = row["least_progress_clusters"].split("|")
        ranked = sorted(share, key=lambda cluster: -share[cluster])
        assert set(ranked[: len(most)]) == set(most), row["domain"]
        assert set(ranked[-len(least) :]) == set(least), row["domain"]
        for cluster in most:
            assert _percent(up[cluster], of[cluster]) == int(row["most_progress_pct"])
        for cluster in least:
            assert _percent(up[cluster], of[cluster]) == int(row["least_progress_pct"])


def test_another_grouping_of_the_readings_gives_the_published_progress(
    spans: dict[str, dict[str, tuple[str, str]]], reference: Path
) -> None:
    groups = []
    for end in (0, 1):
        readings = np.array(
            [[float(pair[end] or "nan") for pair in own.values()] for own in spans.values()]
        ).T
        filled = np.where(np.isnan(readings), np.nanmean(readings, axis=0), readings)
        found = KMeans(3, n_init=20, random_state=1).fit(filled)
        groups.append(np.argsort(np.argsort(found.cluster_centers_.mean(axis=1)))[found.labels_])
    counted = Counter(zip(*(part.tolist() for part in groups), strict=True))
    for start, row in enumerate(_rows(reference / "progress_matrix.csv")[:3]):
        for end, name in enumerate(("lower", "middle", "higher")):
            told = int(row[f"end_{name}_pct"])
            assert abs(100 * counted[start, end] / 787 - told) <= 2


def test_needs_have_the_published_prevalence(corpus: Path, reference: Path) -> None:
    rows = _rows(corpus / "needs.csv")
    needs = [header for header in rows[0] if header not in ("UFRN", "About", "Person", "Date")]
    assert len(needs) == 57
    has = {need: {row["UFRN"] for row in rows if row[need] == "1"} for need in needs}
    for row in _rows(reference / "needs_prevalence.csv"):
        assert _percent(len(has[row["need"]]), 787) == int(row["families_pct"])
    plan = {row["need"]: row for row in _rows(corpus / "plan_needs.csv")}
    assert set(plan) == set(needs)
    for need, row in plan.items():
        assert _percent(len(has[need]), 787) == int(row["families_pct"])
        # The report names all that are present in over half of the families.
        assert row["published"] == "yes" or int(row["families_pct"]) <= 50


def test_every_family_has_an_adult_a_child_and_itself_assessed(
    corpus: Path, clusters: dict[str, str]
) -> None:
    assessed: dict[str, set[str]] = defaultdict(set)
    for row in _rows(corpus / "needs.csv"):
        assessed[row["UFRN"]].add(row["About"])
    assert set(assessed) == set(clusters)
    assert all(about == {"adult", "child", "family"} for about in assessed.values())


def test_clusters_of_higher_need_have_more_needs(
    corpus: Path, clusters: dict[str, str], reference: Path
) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(corpus / "needs.csv"):
        found[row["UFRN"]] |= {need for need, cell in row.items() if cell == "1"}
    mean = {
        cluster: sum(len(found[f]) for f, own in clusters.items() if own == cluster) / n
        for cluster, n in Counter(clusters.values()).items()
    }
    levels: dict[str, list[str]] = defaultdict(list)
    for row in _rows(reference / "clusters.csv"):
        levels[row["group"]].append(row["cluster"])
    for ordered in levels.values():
        # The table names the clusters of a group from low to high need.
        assert all(mean[one] < mean[other] for one, other in pairwise(ordered))


def test_families_are_assessed_while_they_are_worked_with(corpus: Path) -> None:
    families = {row["UFRN"]: row for row in _rows(corpus / "families.csv")}
    lengths: Counter[str] = Counter()
    for row in families.values():
        days = (date.fromisoformat(row["Closed"]) - date.fromisoformat(row["Opened"])).days
        assert days > 0
        assert (days > 365) == (row["Length"] == "over 12 months")
        lengths[row["Length"]] += 1
    assert 100 < lengths["over 12 months"] < 300
    for name in ("star_readings", "needs"):
        for row in _rows(corpus / f"{name}.csv"):
            family = families[row["UFRN"]]
            assert family["Opened"] <= row["Date"] <= family["Closed"]


@pytest.mark.slow
def test_the_script_makes_the_same_bytes_again(corpus: Path, tmp_path: Path) -> None:
    # In a process of its own: odfpy numbers its namespaces anew for each process only.
    subprocess.run([sys.executable, str(corpus / "make.py"), str(tmp_path)], check=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 5 + 14 + 3
    for path in made:
        assert filecmp.cmp(corpus / path, tmp_path / path, shallow=False), path
