"""The commands that print tables: top, matrix, domain, relevance, link, quotes, find, status."""

from __future__ import annotations

from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    CoderOption,
    CountByOption,
    DomainOption,
    FormatOption,
    KindOption,
    OutputOption,
    ProjectOption,
    ReviewedOption,
    TopOption,
    WhereOption,
    counting,
    open_project,
)
from qualkit.cli.output import choose_format, show
from qualkit.cli.publishing import publishable, unpublishable

Category = Annotated[str, typer.Argument(help="activity, enabler, barrier, outcome …")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0 for all.")]
# A counting command takes --top; of quotations it shows the first so many.
QuoteLimitOption = Annotated[
    int, typer.Option("--limit", "--top", min=0, help="At most so many; 0 for all.")
]


@publishable
def top(
    category: Category,
    domain: DomainOption = "",
    top: TopOption = 5,
    compare: Annotated[
        str,
        typer.Option("--compare", help="Compare waves: quarter, or another attribute."),
    ] = "",
    intervals: Annotated[
        bool, typer.Option("--intervals/--no-intervals", help="Say how sure the ranks are.")
    ] = True,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "case",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Rank the themes of a category, for all cases or one domain; or compare waves.

    Example: qualkit top barrier --domain physical-health

    Example: qualkit top barrier --compare quarter
    """
    options = counting(kind, domain, where, coder, count_by, reviewed_only, top)
    with open_project(project) as opened:
        if compare:
            show(opened.compare(category, compare, **options), form, output)
        else:
            show(opened.top(category, intervals=intervals, **options), form, output)


@publishable
def matrix(
    category: Category,
    by: Annotated[
        str, typer.Option("--by", help="Rows: themes (domain) or the groups they roll up to.")
    ] = "domain",
    domain: DomainOption = "",
    top: TopOption = 5,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "case",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Cross the themes of a category with the domains; each domain's top is marked.

    Example: qualkit matrix barrier --format markdown
    """
    options = counting(kind, domain, where, coder, count_by, reviewed_only, top)
    with open_project(project) as opened:
        show(opened.matrix(category, by=by, **options), form, output)


@publishable
def domain(
    domain_id: Annotated[str, typer.Argument(metavar="ID", help="For instance home-and-money.")],
    quotations: Annotated[
        int, typer.Option("--quotations", min=0, help="Quotations for each top theme.")
    ] = 2,
    progress: Annotated[
        bool,
        typer.Option("--progress", help="Families by first and last stage too, as in files."),
    ] = False,
    top: TopOption = 5,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "case",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """One domain on a page: relevance, linked domains, the four top fives, quotations.

    Where there are readings, the progress made in it; where there are clusters, those with
    most and least progress, and the themes whose share differs by cluster.

    Example: qualkit domain adult-wellbeing --output adult-wellbeing.md
    """
    options = counting(kind, "", where, coder, count_by, reviewed_only, top)
    with open_project(project) as opened:
        page = opened.domain(
            domain_id,
            quotations=quotations,
            matrix=progress or choose_format(form, output) != "table",
            **options,
        )
    show(page, form, output)


@publishable
def relevance(
    domain: DomainOption = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Only so many ranks.")] = 1_000,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "case",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Rank the domains by declared relevance, with the domains linked to each.

    Example: qualkit relevance --where quarter=2017Q1
    """
    options = counting(kind, domain, where, coder, count_by, reviewed_only, top)
    with open_project(project) as opened:
        show(opened.relevance(**options), form, output)


@publishable
def link(
    category: Category,
    by: Annotated[
        str, typer.Option("--by", help="cluster, or another attribute: family.KEY, case.KEY.")
    ] = "cluster",
    domain: DomainOption = "",
    top: Annotated[int, typer.Option("--top", min=0, help="Themes shown; 0 for all.")] = 0,
    joint: Annotated[
        bool, typer.Option("--joint", help="One quotation for each theme and group.")
    ] = False,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "family",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Link themes to groups of families: each group's share beside the overall share, tested.

    Example: qualkit link barrier --by cluster

    Example: qualkit link barrier --by cluster --top 5 --joint --output joint.md
    """
    options = counting(kind, domain, where, coder, count_by, reviewed_only, max(top, 1))
    with open_project(project) as opened:
        show(opened.link(category, by=by, themes=top, joint=joint, **options), form, output)


@publishable
def quotes(
    code: Annotated[str, typer.Argument(help="A code, category.code, or a group of codes.")],
    beside: Annotated[
        str,
        typer.Option("--with", help="Only where this code counts too, its words side by side."),
    ] = "",
    limit: QuoteLimitOption = 0,
    domain: DomainOption = "",
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    count_by: CountByOption = "case",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show the quotations behind a theme, under the same counting options as its table.

    Example: qualkit quotes isolation --domain social-networks --where cluster=A

    Example: qualkit quotes leisure-opportunities --with less-isolated
    """
    options = counting(kind, domain, where, coder, count_by, reviewed_only, 5)
    with open_project(project) as opened:
        if beside:
            show(opened.quotes_together(code, beside, limit=limit, **options), form, output)
        else:
            show(opened.quotes(code, limit=limit, **options), form, output)


@unpublishable("words in their context", "qualkit quotes CODE --publish")
def find(
    words: Annotated[list[str], typer.Argument(help='Words; "a phrase"; begin* for beginnings.')],
    kind: KindOption = None,
    limit: LimitOption = 0,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Find words in their context, with the codes of the segment.

    Example: qualkit find waiting list
    """
    # The shell took the quotation marks off a phrase: a word with a space is one.
    wanted = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    with open_project(project) as opened:
        show(opened.find(wanted, kind=kind or [], limit=limit), form, output)


@publishable
def status(
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show what the project holds: sources, coding and review, families.

    Example: qualkit status
    """
    from qualkit.model import Page

    with open_project(project) as opened:
        tables = [*opened.status(), *opened.deciding()]
        page = Page("status", f"Project {project.name}", tables)
    show(page, form, output)
