"""Makes the demonstration files from the texts written by hand beside this script.

    python corpus/make.py

`narratives_source.md` and `originals/` are what was written; everything else
here is made from them and can be made again.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOMAINS = (
    "Home and money",
    "Keeping children safe",
    "Boundaries and behaviour",
    "Family routine",
    "Physical health",
    "Adult wellbeing",
    "Social networks",
    "Children's emotional needs",
    "Education and learning",
    "Progress to work",
)
LEVELS = ("not", "fairly", "very")
CLUSTERS = "ABCDEFGHI"
LOCALITIES = ("Hinckley", "Charnwood", "NWL", "Melton", "Blaby", "Harborough")


def make_narratives() -> list[dict[str, str]]:
    """Write narratives.csv, one narrative a row; return the rows."""
    text = (HERE / "narratives_source.md").read_text(encoding="utf-8")
    rows = []
    for block in re.split(r"(?m)^# ", text)[1:]:
        head, *answers = re.split(r"(?m)^## ", block)
        fields = [field.strip() for field in head.strip().split("|")]
        row = dict(
            zip(
                (
                    "Case",
                    "UFRN",
                    "Quarter",
                    "Locality",
                    "Service",
                    "Direction of change",
                    "Person or family",
                    "Staff or partner",
                ),
                fields[:8],
                strict=True,
            )
        )
        for answer in answers:
            question, _, words = answer.partition("\n")
            row[question.strip()] = words.strip()
        for domain, level in zip(DOMAINS, fields[8].split(), strict=True):
            row[f"Relevance: {domain}"] = LEVELS[int(level)]
        rows.append(row)
    with (HERE / "narratives.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def make_families(narratives: list[dict[str, str]]) -> None:
    """Write families.csv: those of the narratives and four without any text."""
    known = {row["UFRN"]: row for row in narratives}
    with (HERE / "families.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["UFRN", "Cluster", "Service", "Locality"])
        for number in range(24):
            reference = f"F{2001 + number}"
            row = known.get(reference)
            # Three clusters carry most families, so that a share means something.
            cluster = CLUSTERS[(0, 1, 6, 0, 1, 4)[number % 6]] if number != 2 else "C"
            service = row["Service"] if row else ("SLF", "CC")[number % 2]
            locality = row["Locality"] if row else LOCALITIES[number % 6]
            writer.writerow([reference, cluster, service, locality])


def turns_of(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return a text's front matter and its turns (speaker, words)."""
    front: list[str] = []
    turns: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        speaker, colon, words = line.partition(": ")
        if colon and speaker in ("Interviewer", "Mum", "Mother", "Dad", "Mrs D"):
            turns.append((speaker, words))
        elif turns and line.strip():
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{line}")
        elif line.strip():
            front.append(line)
    return front, turns


def make_docx(source: Path, target: Path) -> None:
    """Write an interview as a Word file, speakers in bold."""
    import docx

    document = docx.Document()
    for speaker, words in turns_of(source)[1]:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{speaker}: ").bold = True
        paragraph.add_run(words)
    document.save(str(target))


def make_vtt(source: Path, target: Path) -> None:
    """Write an interview as WebVTT with voice tags, five seconds a cue."""
    lines = ["WEBVTT", ""]
    clock = 0.0
    for speaker, words in turns_of(source)[1]:
        for sentence in re.split(r"(?<=[.?!])\s+", words):
            start, clock = clock, clock + 5
            lines += [f"{_time(start)} --> {_time(clock)}", f"<v {speaker}>{sentence}</v>", ""]
    target.write_text("\n".join(lines), encoding="utf-8")


def _time(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"


def make_odt(source: Path, target: Path) -> None:
    """Write an interview as OpenDocument text."""
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    for speaker, words in turns_of(source)[1]:
        document.text.addElement(P(text=f"{speaker}: {words}"))
    document.save(str(target))


def main() -> None:
    """Make every file."""
    make_families(make_narratives())
    originals, made = HERE / "originals", HERE / "interviews"
    made.mkdir(exist_ok=True)
    (made / "int01_F2001.txt").write_bytes((originals / "int01_F2001.txt").read_bytes())
    make_docx(originals / "int02_F2003.txt", made / "int02_F2003.docx")
    make_vtt(originals / "int03_F2011.txt", made / "int03_F2011.vtt")
    make_odt(originals / "int04_F2013.txt", made / "int04_F2013.odt")


if __name__ == "__main__":
    main()
