"""The demonstration: the corpus imported, coded, ranked, linked, and progress shown in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from qualkit.errors import ProjectError
from qualkit.model import FamilyDataResult, ImportResult, Page, Table
from qualkit.project import Project

DOMAIN = "childrens-emotional-needs"
CATEGORY = "barrier"


@dataclass(slots=True)
class Demonstration:
    """What the demonstration did and shows."""

    path: Path
    imports: list[ImportResult] = field(default_factory=list)
    family_data: list[FamilyDataResult] = field(default_factory=list)
    shown: list[Table | Page] = field(default_factory=list)


def corpus_folder() -> Path:
    """Return the folder of the demonstration corpus: in the package, else beside it."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_shipped" / "corpus"
    return installed if installed.is_dir() else package.parent / "corpus"


_SOURCES = ("narratives.csv", "staff_survey.csv")
_PLANTED = ("narratives.csv", "interviews.csv", "staff_survey.csv")
PLANTED_CODER = "planted"


def _refuse_other_sources(project: Project) -> None:
    """Refuse a project with texts of its own: invented cases must not be counted among them."""
    names = {str(row["name"]) for row in project.status()[0].rows}
    own = {*_SOURCES, *(path.name for path in (corpus_folder() / "interviews").iterdir())}
    if names - own:
        raise ProjectError(
            "there is a project in this folder already, and it is not the demonstration's",
            where=str(project.path),
            to_do="name an empty or new folder: qualkit demo FOLDER",
        )


def run_demo(
    folder: Path, progress: Callable[[int, int], None] | None = None, *, planted: bool = False
) -> Demonstration:
    """Make a project from the corpus in `folder`, code it, and return the tables to show.

    With `planted` the codings are those that the corpus was made to carry, entered
    as a person's; otherwise the machine's, and a last table compares the two.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            "the folder for the demonstration cannot be made",
            where=str(folder),
            found=error.strerror or "",
            to_do="name another folder: qualkit demo FOLDER",
        ) from error
    corpus = corpus_folder()
    truth = [corpus / "planted" / name for name in _PLANTED]
    demonstration = Demonstration(folder / ("planted.db" if planted else "qualkit.db"))
    with Project(demonstration.path, create=True) as project:
        _refuse_other_sources(project)
        demonstration.imports += project.import_msc(corpus / _SOURCES[0])
        demonstration.imports += project.import_transcript(corpus / "interviews")
        demonstration.imports += project.import_survey(corpus / _SOURCES[1])
        demonstration.imports.append(project.import_families(corpus / "families.csv"))
        project.load_shipped_codebooks()
        demonstration.family_data.append(project.import_stars(corpus / "star_readings.csv"))
        demonstration.family_data.append(project.import_needs(corpus / "needs.csv"))
        if planted:
            for path in truth:
                project.import_codings(path, PLANTED_CODER)
        else:
            project.code(progress=progress)
        demonstration.shown += [
            project.relevance(),
            project.matrix(CATEGORY),
            project.domain(DOMAIN, quotations=1),
            project.link(CATEGORY),
            *project.progress(by="cluster", resamples=0).tables[:2],
        ]
        if not planted:
            title = "How near the automatic coding came to what the corpus was made to say"
            demonstration.shown.append(project.compare_codings(truth, title=title))
    return demonstration
