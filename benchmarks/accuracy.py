"""What the coding is worth, ingredient by ingredient; writes docs/accuracy.md.

    python benchmarks/accuracy.py GOLD_FOLDER [--nhs FILE.csv] [--output docs/accuracy.md]
                                  [--only shipped,ingredients,learning,invented,deciding,
                                   journeys,nhs]

GOLD_FOLDER holds msc_a.jsonl, interviews_c.jsonl and survey_c.jsonl, texts coded by
hands that the codebooks and examples have not seen. A section that is made anew takes
the place of the one in the report; the others stay. Everything runs through the
project's own methods, in projects in a temporary folder. Nothing is fitted to the gold
texts but where a heading says so; then by cross-validation over cases. Run by hand,
two hours on two cores.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deciding import deciding
from journeys import journeys

from qualkit import Project
from qualkit.analysis.scores import POOLED, GroupResult
from qualkit.coding.encoder import semantic_installed
from qualkit.project.learning import LearningOptions

FILES = {
    "narratives": "msc_a.jsonl",
    "interviews": "interviews_c.jsonl",
    "survey answers": "survey_c.jsonl",
}
TARGETS = {
    ("narratives", POOLED, "segment"): 0.45,
    ("narratives", POOLED, "case"): 0.55,
    ("interviews", POOLED, "segment"): 0.42,
    ("interviews", POOLED, "case"): 0.50,
    ("narratives", "domain", "segment"): 0.60,
    ("interviews", "domain", "segment"): 0.60,
    ("survey answers", "domain", "segment"): 0.60,
    ("survey answers", "reason", "segment"): 0.65,
    ("survey answers", "agency", "segment"): 0.80,
}
REPLICATES = 500
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of the report."""

    way: str
    texts: str
    result: GroupResult


def fresh(folder: Path, name: str) -> Project:
    """Return a new project with the shipped codebooks."""
    project = Project(folder / f"{name}.db", create=True)
    project.load_shipped_codebooks()
    return project


def measured(project: Project, gold: Path, way: str, method: str) -> Iterator[Row]:
    """Yield the results of every gold file; of reasons only those on the gold coder's list."""
    for texts, name in FILES.items():
        for used in (False, True):
            evaluation = project.evaluate(
                gold / name, method=method, replicates=REPLICATES, used_codes=used
            )
            for result in evaluation.results():
                if used == (result.group in ("reason", "agency")):
                    yield Row(way, texts, result)


def table(rows: Sequence[Row], groups: Sequence[str], *, targets: bool = False) -> list[str]:
    """Return rows as a Markdown table."""
    head = ["how", "texts", "codes", "by", "precision", "recall", "F1", "95% interval", "macro F1"]
    if targets:
        head.append("wanted")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * 4 + "---:|" * (len(head) - 4)]
    for row in rows:
        own = row.result
        if own.group not in groups or not own.truth:
            continue
        wanted = TARGETS.get((row.texts, own.group, own.level))
        if targets and wanted is None:
            continue
        cells = [row.way, row.texts, own.group, own.level]
        cells += [f"{own.precision.value or 0:.2f}", f"{own.recall.value or 0:.2f}"]
        cells.append(f"{own.f1.value or 0:.3f}")
        cells.append(f"{own.f1.low or 0:.2f} to {own.f1.high or 0:.2f}")
        cells.append(f"{own.macro_f1.value or 0:.2f}")
        if targets and wanted is not None:
            missed = "" if (own.f1.value or 0) >= wanted else " **missed**"
            cells.append(f"{wanted:.2f}{missed}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


# --- shipped codebooks and examples --------------------------------------------------------


def shipped(folder: Path, gold: Path) -> list[str]:
    """Return the section on what comes out of the box."""
    rows: list[Row] = []
    with fresh(folder, "shipped") as project:
        rows += measured(project, gold, "rules", "rules")
        took = {}
        for way, semantic in _ways():
            started = time.perf_counter()
            project.learn(LearningOptions(semantic=semantic))
            took[way] = time.perf_counter() - started
            rows += measured(project, gold, way, "both")
    times = ", ".join(f"{way}: {seconds:.0f} s" for way, seconds in took.items())
    return [
        "## Out of the box: shipped codebooks and examples, nothing fitted to these texts",
        "",
        *table(rows, (POOLED, "domain", "reason", "agency"), targets=True),
        "",
        f"`qualkit learn` took {times}.",
        "",
    ]


def _ways() -> list[tuple[str, bool]]:
    ways = [("rules and words", False)]
    if semantic_installed():
        ways.append(("rules, words and sentence vectors", True))
    return ways


# --- ingredients -------------------------------------------------------------------------


def ingredients(folder: Path, gold: Path) -> list[str]:
    """Return the section on what each ingredient brought."""
    rows: list[Row] = []
    with fresh(folder, "bare") as project:
        _without_checks(project)
        rows += measured(project, gold, "rules without context checks", "rules")
    with fresh(folder, "parts") as project:
        rows += measured(project, gold, "rules", "rules")
        for way, options, method in (
            ("examples alone, by words", {"cases": False, "semantic": False}, "model"),
            ("examples and coded cases, by words", {"semantic": False}, "model"),
            ("the same with rules", {"semantic": False}, "both"),
            ("the same, no least precision", {"semantic": False, "min_precision": 0.0}, "both"),
            ("examples alone, words, vectors", {"cases": False, "semantic": True}, "model"),
            ("examples and coded cases, words, vectors", {"semantic": True}, "model"),
            ("the same with rules ", {"semantic": True}, "both"),
            ("the same, no least precision ", {"semantic": True, "min_precision": 0.0}, "both"),
        ):
            if options["semantic"] and not semantic_installed():
                continue
            project.learn(LearningOptions(**{"tune": False, **options}))
            rows += measured(project, gold, way, method)
    rows = [row for row in rows if row.result.level == "segment"]
    return [
        "## What each ingredient brought",
        "",
        "All 74 codes, and the reasons, by segment.",
        "",
        *table(rows, (POOLED, "reason")),
        "",
    ]


def _without_checks(project: Project) -> None:
    """Store the codebooks compiled without context: no check, no denial, about anybody."""
    from qualkit.codebook.compile import compile_codebook, dump_compiled
    from qualkit.codebook.load import load_codebook, shipped_codebooks
    from qualkit.store.codebooks import save_codebook

    for path in shipped_codebooks():
        book = load_codebook(path)
        compiled = compile_codebook(book)
        bare = replace(
            compiled,
            codes=tuple(replace(code, about="any") for code in compiled.codes),
            rules=tuple(
                replace(rule, checks=(), negation="keep", unless=(), needs=())
                for rule in compiled.rules
            ),
        )
        save_codebook(project.connection, book, dump_compiled(bare))


# --- learning from coded cases -----------------------------------------------------------


def learning(
    folder: Path, gold: Path, sizes: Sequence[int] = (0, 10, 20, 40), *, words_only: bool = False
) -> list[str]:
    """Return the section on learning from 10, 20 and all coded narratives but a fold."""
    path = gold / FILES["narratives"]
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    rows = ["| learned from | how | precision | recall | F1 by segment | F1 by case |"]
    rows.append("|---:|---|---:|---:|---:|---:|")
    for way, semantic in _ways()[: 1 if words_only else None]:
        # Sentence vectors are made once; each fold goes on from a copy.
        with fresh(folder, f"template-{semantic}") as project:
            project.learn(LearningOptions(semantic=semantic, tune=False))
            project.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for size in sizes:
            counts = {level: [0, 0, 0] for level in ("segment", "case")}
            for fold in range(FOLDS):
                held = [i for i in range(len(cases)) if i % FOLDS == fold]
                kept = [i for i in range(len(cases)) if i % FOLDS != fold][:size]
                name = f"learn-{semantic}-{size}-{fold}"
                shutil.copyfile(folder / f"template-{semantic}.db", folder / f"{name}.db")
                with Project(folder / f"{name}.db") as project:
                    if kept:
                        _teach(project, folder, [cases[i] for i in kept])
                        project.learn(LearningOptions(semantic=semantic, tune=False))
                    target = folder / "held.jsonl"
                    target.write_text("\n".join(lines[i] for i in held), encoding="utf-8")
                    evaluation = project.evaluate(target, method="both", replicates=1)
                for result in evaluation.results():
                    if result.group == POOLED:
                        own = counts[result.level]
                        own[0] += result.both
                        own[1] += result.found
                        own[2] += result.truth
                (folder / f"{name}.db").unlink()
            (both, found, truth), by_case = counts["segment"], counts["case"]
            cells = [f"{min(size, len(kept))} cases", way, f"{both / found:.2f}"]
            cells += [f"{both / truth:.2f}", f"{2 * both / (found + truth):.3f}"]
            cells.append(f"{2 * by_case[0] / (by_case[1] + by_case[2]):.3f}")
            rows.append("| " + " | ".join(cells) + " |")
    return [
        "## Learning from coded cases",
        "",
        f"Gold narratives, {FOLDS}-fold cross-validation over cases (case i in fold i mod"
        f" {FOLDS}): the shipped examples, and so many of the other folds' cases, are learned;"
        " pairs are pooled over the folds. Wanted: 0.55 by segment, 0.65 by case.",
        "",
        *rows,
        "",
    ]


def _teach(project: Project, folder: Path, cases: Sequence[dict[str, object]]) -> None:
    """Import coded cases and their codings as a person's."""
    texts = folder / "taught.jsonl"
    texts.write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    project.import_msc(texts)
    table_path = folder / "taught.csv"
    with table_path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["case_id", "segment_n", "code", "quote"])
        for case in cases:
            for segment in case["segments"]:  # type: ignore[attr-defined]
                for item in segment["codes"]:
                    writer.writerow([case["id"], segment["n"], item["code"], item["quote"]])
    project.import_codings(table_path, "gold")


# --- a code of one's own --------------------------------------------------------------------


def invented(folder: Path, gold: Path) -> list[str]:
    """Return the section on codes that have nothing but a definition and a few examples."""
    from untried import gathered_shipped, measure, vector_reader

    gathered = gathered_shipped(folder)
    path = gold / FILES["narratives"]
    rows = [
        "| how | coded cases | precision | recall | F1 | macro F1 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for way, semantic in _ways():
        read = vector_reader() if semantic else None
        for n_cases in (0, 20, 60):
            found = measure(gathered, path, n_cases, read)
            cells = [way.removeprefix("rules, ").removeprefix("rules and "), str(n_cases)]
            cells += [f"{found.precision:.2f}", f"{found.recall:.2f}"]
            cells += [f"{found.micro_f1:.3f}", f"{found.macro_f1:.3f}"]
            rows.append("| " + " | ".join(cells) + " |")
    return [
        "## A code of your own",
        "",
        "The 74 codes left out, a third at a time, and brought back as a user's would be: a"
        " category of its own, the definition and the five to ten examples of the codebook's"
        " file, no rule, no set of examples. *Coded cases*: so many of the shipped cases, taken"
        " evenly, have the code in them, as if the user had coded these. Gold narratives, by"
        " segment, by the model alone; the macro average is the mean over codes.",
        "",
        *rows,
        "",
    ]


# --- past coding of another kind ----------------------------------------------------------------


def nhs(folder: Path, path: Path) -> list[str]:
    """Return the section on the NHS answers: `import codings --wide`, learn, code, evaluate."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import train_test_split

    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    seen: set[str] = set()
    kept = []
    for row in rows:
        text = row["FFT answer"].strip().lower()
        if text and text not in seen:
            seen.add(text)
            kept.append(row)
    train, test = train_test_split(kept, test_size=0.2, random_state=42)
    for name, part in (("all", kept), ("train", train), ("test", test)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(part)
    lines = ["| how | micro F1 | macro F1 | minutes to learn |", "|---|---:|---:|---:|"]
    for way, semantic, tune in (
        ("words", False, False),
        ("words and sentence vectors", True, False),
        ("the same, encoder fine-tuned", True, True),
    ):
        if semantic and not semantic_installed():
            continue
        with Project(folder / f"nhs-{semantic}-{tune}.db", create=True) as project:
            micro, macro, minutes = _nhs_run(project, folder, test, semantic, tune, f1_score)
        lines.append(f"| {way} | {micro:.3f} | {macro:.3f} | {minutes:.1f} |")
    return [
        "## Past coding of another kind: NHS feedback",
        "",
        f"{len(rows):,} answers to three questions, exact repeats left out: {len(train):,} to learn"
        f" from, {len(test):,} to try (`train_test_split`, a fifth, random_state 42). Through"
        " `import survey`, `import codings --wide --new-codebook`, `learn --min-precision 0`,"
        " `code`, and scikit-learn's F1 over the exported codings; the macro average is over codes"
        " with five or more training texts. Wanted: 0.73 and 0.40.",
        "",
        *lines,
        "",
    ]


def _nhs_run(
    project: Project,
    folder: Path,
    test: Sequence[dict[str, str]],
    semantic: bool,
    tune: bool,
    f1_score: Callable[..., float],
) -> tuple[float, float, float]:
    from qualkit.importers.codings import WideOptions
    from qualkit.importers.survey import SurveyOptions

    options = SurveyOptions(id="Comment ID", text=("FFT answer",), role="patient")
    project.import_survey(folder / "all.csv", options=options)
    wide = WideOptions("Comment ID", new=True)
    project.import_codings(folder / "train.csv", "trainer", wide=wide, new_codebook="nhs")
    started = time.perf_counter()
    project.learn(LearningOptions(min_precision=0.0, semantic=semantic, tune=tune))
    minutes = (time.perf_counter() - started) / 60
    project.code(["nhs"])
    target = folder / "codings.jsonl"
    project.export_codings(target)
    codes = {str(row["name"]): str(row["code"]) for row in project.codes("nhs").rows}
    counts = dict.fromkeys(codes.values(), 0)
    found: dict[str, set[str]] = {}
    for line in target.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["coder"] == "trainer":
            counts[row["code"]] += 1
        else:
            found.setdefault(row["case_id"], set()).add(row["code"])
    headers = {header: codes.get(header.strip()) for header in test[0]}
    used = [code for header, code in headers.items() if code]
    truth = [
        [int(row[h].strip() not in ("", "0")) for h, code in headers.items() if code]
        for row in test
    ]
    guess = [[int(code in found.get(row["Comment ID"], ())) for code in used] for row in test]
    often = [i for i, code in enumerate(used) if counts[code] >= 5]
    micro = f1_score(truth, guess, average="micro", zero_division=0)
    macro = f1_score(
        [[row[i] for i in often] for row in truth],
        [[row[i] for i in often] for row in guess],
        average="macro",
        zero_division=0,
    )
    return float(micro), float(macro), minutes


HEAD = """# Accuracy

Made by `python benchmarks/accuracy.py`; do not edit.

How near the automatic coding comes to careful hand coding. Precision: of what was
proposed, how much the hand coder had too. Recall: of what the hand coder had, how much
was proposed. F1 is their harmonic mean over all pairs of a unit and a code. Intervals
are 95% bootstrap intervals over cases.

What was fitted to what: patterns, context checks, examples and coded cases were written
without these texts; the form of the learned layer (which features, how they are
combined, how thresholds are set) was chosen on the shipped coded cases, with whole
authors held out. While it was chosen, totals on the gold texts were looked at several
times, so they are not wholly unseen. The shipped cases are by authors who knew one
brief; on texts by other hands the figures that `qualkit learn` prints are too high, and
these here are the ones to go by. Both sets of texts are invented, so real texts may be
harder: `qualkit evaluate` on fifty cases of your own says how much.
"""
SECTIONS = {
    "shipped": "Out of the box",
    "ingredients": "What each ingredient brought",
    "learning": "Learning from coded cases",
    "invented": "A code of your own",
    "deciding": "How many decisions are needed",
    "journeys": "Phases of a story",
    "nhs": "Past coding of another kind",
}
"""What each section's heading begins with."""


def main() -> None:
    """Write the report, section by section."""
    parser = argparse.ArgumentParser(description="What the coding is worth.")
    parser.add_argument("gold", type=Path)
    parser.add_argument("--nhs", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--sizes", default="0,10,20,40", help="cases to learn from, for learning")
    parser.add_argument("--words-only", action="store_true", help="no vectors, for learning")
    options = parser.parse_args()
    makers: dict[str, Callable[[Path], list[str]]] = {
        "shipped": lambda folder: shipped(folder, options.gold),
        "ingredients": lambda folder: ingredients(folder, options.gold),
        "learning": lambda folder: learning(
            folder,
            options.gold,
            tuple(map(int, options.sizes.split(","))),
            words_only=options.words_only,
        ),
        "invented": lambda folder: invented(folder, options.gold),
        "deciding": lambda folder: deciding(folder, options.gold),
        "journeys": lambda folder: journeys(options.gold),
        "nhs": lambda folder: nhs(folder, options.nhs) if options.nhs else [],
    }
    kept = read_sections(options.output) if options.output else {}
    for name in options.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            lines = makers[name](Path(folder))
        print("\n".join(lines), flush=True)
        if lines:
            kept[name] = "\n".join(lines).strip() + "\n"
        # After each section: the whole takes long, and may be stopped.
        if options.output:
            blocks = [HEAD, *(kept[own] for own in SECTIONS if own in kept)]
            options.output.write_text("\n".join(blocks), encoding="utf-8")


def read_sections(path: Path) -> dict[str, str]:
    """Return the sections of an earlier report by name; those made anew take their place."""
    found: dict[str, str] = {}
    if path.is_file():
        for block in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            name = next(own for own, title in SECTIONS.items() if block.startswith(title))
            found[name] = f"## {block.strip()}\n"
    return found


if __name__ == "__main__":
    main()
