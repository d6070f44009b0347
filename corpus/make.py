"""Makes the demonstration corpus from the plan, the word bank and the marked interviews.

    python corpus/make.py [FOLDER]

Needs PyYAML, python-docx and odfpy (the extra `test` has them). The same bytes
come out each time.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from making.families import Family, make_families
from making.interviews import (
    FORMATS,
    planted_codings,
    read_interviews,
    write_interview,
    write_planted,
)
from making.narratives import make_narratives
from making.needs import make_needs
from making.stars import Involvement, make_involvements, make_readings, read_readings
from making.survey import make_survey

SEED = 227


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Write rows with their keys as headers."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _family_row(family: Family, involvement: Involvement) -> dict[str, str]:
    return {
        "UFRN": family.reference,
        "Cluster": family.cluster,
        "Service": family.service,
        "Locality": family.locality,
        "Opened": involvement.opened.isoformat(),
        "Closed": involvement.closed.isoformat(),
        "Length": involvement.length,
    }


def make(folder: Path) -> None:
    """Make every file in `folder`."""
    interviews = read_interviews()
    known = {each.stem.split("_")[1]: (each.cluster, each.service) for each in interviews}
    # One stream a file, so that a change of one leaves the others as they are.
    families = make_families(random.Random(f"families {SEED}"), known)
    narratives, said = make_narratives(random.Random(f"narratives {SEED}"), families)
    answers, reasons = make_survey(random.Random(f"survey {SEED}"))
    involvements = make_involvements(random.Random(f"involvements {SEED}"), families)
    planned = read_readings()
    readings = make_readings(random.Random(f"readings {SEED}"), involvements, planned)
    needs = make_needs(random.Random(f"needs {SEED}"), families, involvements, planned)

    for name in ("interviews", "planted"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_rows(
        folder / "families.csv",
        [_family_row(family, involvements[family.reference]) for family in families],
    )
    write_rows(folder / "star_readings.csv", readings)
    write_rows(folder / "needs.csv", needs)
    write_rows(folder / "narratives.csv", narratives)
    write_rows(folder / "staff_survey.csv", answers)
    for i, interview in enumerate(interviews):
        write_interview(interview, folder / "interviews", FORMATS[i % len(FORMATS)])
    write_planted(folder / "planted" / "narratives.csv", said)
    write_planted(
        folder / "planted" / "interviews.csv",
        [coding for interview in interviews for coding in planted_codings(interview)],
    )
    write_planted(folder / "planted" / "staff_survey.csv", reasons)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
