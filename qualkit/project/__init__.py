"""Project: what a notebook user holds; the only package that joins the others."""

from __future__ import annotations

from qualkit.project.chaid import ChaidPart
from qualkit.project.clusters import ClusterPart
from qualkit.project.codings_in import CodingsInPart
from qualkit.project.confidence import ConfidencePart
from qualkit.project.cooccurrence import MeetingPart
from qualkit.project.dependencies import DependencyPart
from qualkit.project.domainpage import DomainPagePart
from qualkit.project.evaluation import EvaluationPart
from qualkit.project.explaining import ExplainPart
from qualkit.project.exports import ExportPart
from qualkit.project.forgetting import ForgettingPart
from qualkit.project.handcoding import HandCodingPart
from qualkit.project.intake import IntakePart
from qualkit.project.journeys import JourneyPart
from qualkit.project.merging import MergingPart
from qualkit.project.reviewing import ReviewPart
from qualkit.project.sheets import SheetPart

__all__ = ["Project"]


class Project(
    IntakePart,
    EvaluationPart,
    ExplainPart,
    HandCodingPart,
    CodingsInPart,
    ReviewPart,
    SheetPart,
    JourneyPart,
    ChaidPart,
    ClusterPart,
    ConfidencePart,
    ForgettingPart,
    MergingPart,
    MeetingPart,
    DependencyPart,
    DomainPagePart,
    ExportPart,
):
    """One project file: open it, import, code, rank, link, trace and export.

    Parameters
    ----------
    path : str or Path
        The project's SQLite file.
    create : bool
        Make the file if there is none.

    Examples
    --------
    >>> from qualkit import Project
    >>> project = Project("family-stories.db")      # doctest: +SKIP
    >>> project.top("barrier", domain="physical-health").to_frame()     # doctest: +SKIP
    """
