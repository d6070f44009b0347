"""How near coding by rules comes to hand coding: precision, recall and F1.

    python benchmarks/accuracy.py FILE.jsonl ...

Each file is in qualkit's case form with a code list in each segment (see
docs/methods.md). Cases are imported and coded by the shipped codebooks in a
project of their own; nothing is fitted to the files. Micro and macro averages
are scikit-learn's. Run by hand; no figure of it is promised.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from sklearn.metrics import precision_recall_fscore_support

from qualkit import Project

FRAME = ("activity", "enabler", "barrier", "outcome")
Key = tuple[str, int]


def read_gold(path: Path) -> tuple[str, dict[str, dict[Key, set[str]]]]:
    """Return the kind and, by group of codes, the codes of every segment that may be coded."""
    gold: dict[str, dict[Key, set[str]]] = defaultdict(lambda: defaultdict(set))
    kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        kind = case["kind"]
        for segment in case["segments"]:
            if segment["role"] == "interviewer":
                continue
            key = (case["id"], segment["n"])
            if segment["role"] == "staff":
                gold["reason"][key] = set(case["meta"].get("reasons", ()))
                gold["agency"][key] = set(case["meta"].get("agencies", ()))
            else:
                gold["codes"][key] = {item["code"] for item in segment["codes"]}
                gold["domain"][key] = set(segment["domains"])
    return kind, gold


def read_machine(path: Path, kind: str, folder: Path) -> dict[str, dict[Key, set[str]]]:
    """Import and code the file; return the machine's codes by group and segment."""
    found: dict[str, dict[Key, set[str]]] = defaultdict(lambda: defaultdict(set))
    with Project(folder / "accuracy.db", create=True) as project:
        reader = {
            "msc": project.import_msc,
            "interview": project.import_transcript,
            "survey": project.import_survey,
        }[kind]
        reader(path)
        project.code()
        export = folder / "codings.jsonl"
        project.export_codings(export)
    for line in export.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        group = "codes" if row["category"] in FRAME else row["category"]
        found[group][row["case_id"], row["segment_n"]].add(row["code"])
    return found


def score(
    gold: dict[Key, set[str]], machine: dict[Key, set[str]], *, by_case: bool
) -> tuple[float, float, float, float]:
    """Return micro precision, recall and F1, and macro F1 over the codes that gold uses."""
    truth: dict[object, set[str]] = defaultdict(set)
    found: dict[object, set[str]] = defaultdict(set)
    for key in gold:
        unit: object = key[0] if by_case else key
        truth[unit] |= gold[key]
        found[unit] |= machine.get(key, set())
    used = sorted(set().union(*truth.values()))
    every = sorted(set(used).union(*found.values()))
    table = [
        [[int(code in codes[unit]) for code in every] for unit in truth] for codes in (truth, found)
    ]
    p, r, f, _ = precision_recall_fscore_support(*table, average="micro", zero_division=0)
    columns = [every.index(code) for code in used]
    narrow = [[[row[i] for i in columns] for row in rows] for rows in table]
    macro = precision_recall_fscore_support(*narrow, average="macro", zero_division=0)[2]
    return float(p), float(r), float(f), float(macro)


def main(paths: list[str]) -> None:
    """Print a line for each file, group of codes and level."""
    print(f"{'file':<20}{'codes':<10}{'level':<10}precision  recall  micro F1  macro F1")
    for path in map(Path, paths):
        kind, gold = read_gold(path)
        with tempfile.TemporaryDirectory() as folder:
            machine = read_machine(path, kind, Path(folder))
        for group, truth in gold.items():
            if not any(truth.values()):
                continue
            for level in ("segment", "case"):
                p, r, f, macro = score(truth, machine[group], by_case=level == "case")
                print(
                    f"{path.stem:<20}{group:<10}{level:<10}"
                    f"{p:>9.2f}{r:>8.2f}{f:>10.2f}{macro:>10.2f}"
                )


if __name__ == "__main__":
    main(sys.argv[1:])
