"""qualkit import …, and reconcile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    filling_project,
    open_project,
)
from qualkit.cli.output import echo, report_codings, report_imports, show

app = typer.Typer(no_args_is_help=True, help="Import files; makes the project if there is none.")

Files = Annotated[list[Path], typer.Argument(help="Files, or folders of them.")]
NameOption = Annotated[
    str, typer.Option("--as", help="Name of the source, instead of the file name.")
]
IdOption = Annotated[str | None, typer.Option("--id", help="Column of the case id.")]
FamilyOption = Annotated[
    str | None, typer.Option("--family", help="Column of the family reference (UFRN).")
]
TextOption = Annotated[
    list[str] | None, typer.Option("--text", help="Column of text; may be repeated.")
]
AttributeOption = Annotated[
    list[str] | None, typer.Option("--attribute", help="Column to keep as attribute; repeatable.")
]
HeaderOption = Annotated[
    int | None, typer.Option("--header-row", help="Row of the header, as a spreadsheet counts.")
]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.")]
ReferenceOption = Annotated[
    str | None, typer.Option("--family", help="The family reference (UFRN) of the file.")
]
FamilyFromOption = Annotated[
    str | None,
    typer.Option("--family-from", help="Regular expression with one group, for the file name."),
]


@app.command("msc")
def import_msc(
    files: Files,
    id_column: IdOption = None,
    family: FamilyOption = None,
    text: TextOption = None,
    relevance: Annotated[
        str | None, typer.Option("--relevance", help="What the headers of relevance begin with.")
    ] = None,
    attribute: AttributeOption = None,
    family_from: FamilyFromOption = None,
    header_row: HeaderOption = None,
    sheet: SheetOption = None,
    name: NameOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import Most Significant Change narratives: a table, or Word files with one each.

    .csv .tsv .xlsx .jsonl, one narrative a row; .docx .odt with headings as questions.
    Columns are guessed when left out, and the guess is printed.

    Example: qualkit import msc narratives.xlsx --id Ref --family UFRN
    """
    from qualkit.importers.msc import MscOptions

    options = MscOptions(
        id=id_column,
        family=family,
        text=tuple(text or ()),
        relevance=relevance,
        attribute=tuple(attribute or ()),
        header_row=header_row,
        sheet=sheet,
    )
    with filling_project(project) as opened:
        report_imports(
            opened.import_msc(
                files, name=name, family=family, family_from=family_from, options=options
            )
        )


@app.command("survey")
def import_survey(
    files: Files,
    id_column: IdOption = None,
    family: FamilyOption = None,
    text: TextOption = None,
    rating: Annotated[
        list[str] | None,
        typer.Option("--rating", help="Column of ratings, numbers or words; may be repeated."),
    ] = None,
    rating_range: Annotated[
        str,
        typer.Option("--rating-range", help="Lowest and highest rating, 0-100; guessed."),
    ] = "",
    attribute: AttributeOption = None,
    role: Annotated[
        str | None, typer.Option("--role", help="Who answered: staff, parent, child, partner.")
    ] = None,
    header_row: HeaderOption = None,
    sheet: SheetOption = None,
    name: NameOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import survey responses, one respondent a row: texts, ratings, attributes.

    Example: qualkit import survey staff.csv --text "Why?" --rating Confidence --role staff
    """
    from qualkit.importers.survey import SurveyOptions

    options = SurveyOptions(
        id=id_column,
        family=family,
        text=tuple(text or ()),
        rating=tuple(rating or ()),
        attribute=tuple(attribute or ()),
        role=role,
        header_row=header_row,
        sheet=sheet,
        rating_range=rating_range,
    )
    with filling_project(project) as opened:
        report_imports(opened.import_survey(files, name=name, options=options))


@app.command("transcript")
def import_transcript(
    files: Files,
    family: ReferenceOption = None,
    family_from: FamilyFromOption = None,
    interviewer: Annotated[
        list[str] | None,
        typer.Option("--interviewer", help="Speaker who asks; may be repeated."),
    ] = None,
    name: NameOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import interview transcripts turn by turn: .docx .txt .md .vtt .srt .rtf .odt.

    Example: qualkit import transcript interviews/ --family-from "(F[0-9]+)"
    """
    from qualkit.importers.transcript import TranscriptOptions

    options = TranscriptOptions(
        family=family, family_from=family_from, interviewer=tuple(interviewer or ())
    )
    with filling_project(project) as opened:
        report_imports(opened.import_transcript(files, name=name, options=options))


@app.command("document")
def import_document(
    files: Files,
    family: ReferenceOption = None,
    family_from: FamilyFromOption = None,
    name: NameOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import running text without speakers, paragraph by paragraph.

    Example: qualkit import document case-study.docx --family F1001
    """
    from qualkit.importers.document import DocumentOptions

    options = DocumentOptions(family=family, family_from=family_from)
    with filling_project(project) as opened:
        report_imports(opened.import_document(files, name=name, options=options))


@app.command("families")
def import_families(
    file: Annotated[Path, typer.Argument(help="Table with one family a row.")],
    family: FamilyOption = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Column of the need cluster.")
    ] = None,
    attribute: AttributeOption = None,
    header_row: HeaderOption = None,
    sheet: SheetOption = None,
    name: NameOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import the families with their cluster and other attributes.

    Example: qualkit import families families.csv --family UFRN --cluster Cluster
    """
    from qualkit.importers.families import FamiliesOptions

    options = FamiliesOptions(
        family=family,
        cluster=cluster,
        attribute=tuple(attribute or ()),
        header_row=header_row,
        sheet=sheet,
    )
    with filling_project(project) as opened:
        report_imports([opened.import_families(file, name=name, options=options)])


@app.command("codings")
def import_codings(
    file: Annotated[Path, typer.Argument(help="Table of codings, long or wide, or coding sheet.")],
    coder: Annotated[
        str, typer.Option("--coder", help="Who made these codings; a coding sheet says it itself.")
    ] = "",
    wide: Annotated[
        bool, typer.Option("--wide", help="One case or segment a row, one code a column.")
    ] = False,
    id_column: IdOption = None,
    segment: Annotated[
        str,
        typer.Option("--segment", help="Wide: the segment's number, or the column that has it."),
    ] = "",
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="Wide: column that is a code; may be repeated."),
    ] = None,
    new_codebook: Annotated[
        str,
        typer.Option("--new-codebook", help="Wide: make unknown headers a codebook so called."),
    ] = "",
    partial: Annotated[
        bool,
        typer.Option("--partial", help="The table holds only some of the codings of its cases."),
    ] = False,
    sheet: SheetOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import codings that a person made elsewhere: they count as hers, and `learn` uses them.

    Long: the columns case_id, segment_n, code and, if wanted, start, end or quote.
    Wide (--wide --id COLUMN): a column for each code, its header a code's id or name,
    its cells 1, 0 or blank. The cases are marked done, unless --partial.
    A coding sheet (`qualkit sheet`) is recognised, and needs no option.

    Example: qualkit import codings coded-2024.xlsx --coder Ann --wide --id Ref
    """
    from qualkit.cli.sheets import take_back
    from qualkit.errors import QualkitError
    from qualkit.importers.codings import WideOptions
    from qualkit.importers.codingsheet import is_coding_sheet

    if is_coding_sheet(file):
        if wide or new_codebook or partial:
            raise typer.BadParameter("a coding sheet takes only --coder", param_hint="FILE")
        with open_project(project) as opened:
            take_back(opened, file, coder)
        return
    if not coder:
        raise typer.BadParameter("say who made these codings", param_hint="--coder")
    options = None
    if wide:
        if not id_column:
            raise QualkitError(
                "a wide table needs the column of the case ids",
                where=str(file),
                to_do="add --id COLUMN",
            )
        options = WideOptions(id_column, segment, tuple(code or ()), bool(new_codebook), sheet)
    with open_project(project) as opened:
        result = opened.import_codings(
            file, coder, wide=options, new_codebook=new_codebook, done=not partial
        )
    report_codings(result)


def reconcile(
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Take the proposals accepted in this file.")
    ] = None,
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Compare the references of cases with the families table; accept proposals.

    Example: qualkit reconcile --output check.csv, then qualkit reconcile --apply check.csv
    """
    with open_project(project) as opened:
        if apply is not None:
            joined, moved = opened.apply_reconcile(apply)
            references = "reference" if joined == 1 else "references"
            cases = "case" if moved == 1 else "cases"
            echo(f"joined {joined} {references} to families; {moved} {cases} moved")
        else:
            show(opened.reconcile(), form, output)
