"""Keys pressed in the review app without a terminal, and what the screen then shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import events

from qualkit.model import ReviewFilter
from qualkit.project import Project
from qualkit.review.app import ReviewApp

SMALL = (80, 24)
_CHARACTERS = {"space": " ", "minus": "-", "full_stop": ".", "plus": "+", "question_mark": "?"}


def open_app(project: Project, coder: str = "Ann", wanted: ReviewFilter | None = None) -> ReviewApp:
    """The app as the command would begin it."""
    session = project.review(coder, wanted, resume=wanted is None)
    return ReviewApp(session, lambda other: project.review(coder, other))


class _Running:
    """An app that runs between one pressing of keys and the next."""

    def __init__(self, app: ReviewApp, size: tuple[int, int]) -> None:
        self.app = app
        self.runner = asyncio.Runner()
        self.context = app.run_test(size=size)
        self.pilot = self.runner.run(self.context.__aenter__())

    async def press(self, keys: Sequence[str]) -> list[str]:
        await self.pilot.pause()
        for key in keys:
            # As a terminal sends them: all at once, whatever the screen has come to.
            self.app.post_message(events.Key(key, _CHARACTERS.get(key, None if key[1:] else key)))
        await self.pilot.pause()
        return rows(self.app) if self.app.is_running else []

    def stop(self) -> None:
        try:
            self.runner.run(self.context.__aexit__(None, None, None))
        finally:
            self.runner.close()


_running: dict[ReviewApp, _Running] = {}


def running(app: ReviewApp, size: tuple[int, int] = SMALL) -> _Running:
    """The app, begun if it has not been."""
    if app not in _running:
        _running[app] = _Running(app, size)
    return _running[app]


def press(app: ReviewApp, *keys: str, size: tuple[int, int] = SMALL) -> list[str]:
    """Press keys and return the rows of the screen; the app runs until `stop`."""
    own = running(app, size)
    return own.runner.run(own.press(keys))


def stop(app: ReviewApp) -> None:
    """End an app; what went wrong in it is raised."""
    _running.pop(app).stop()


def stop_all() -> None:
    """End what still runs."""
    while _running:
        _running.popitem()[1].stop()


def rows(app: ReviewApp) -> list[str]:
    """The rows of the screen as text."""
    strips = app.screen._compositor.render_strips()
    return ["".join(piece.text for piece in strip).rstrip() for strip in strips]


def letters(text: str) -> Sequence[str]:
    """The keys of a text."""
    names = {char: key for key, char in _CHARACTERS.items()}
    return [names.get(char, char) for char in text]


def statuses(project: Project) -> list[tuple[str, str]]:
    """Code and status of each machine coding, in the order of the store."""
    return project.connection.execute(
        "SELECT k.code, g.status FROM codings g JOIN codes k ON k.id = g.code_key"
        " WHERE g.coder_key = 1 ORDER BY g.case_key, g.segment_key, g.start_char, g.id"
    ).fetchall()


def own_codings(project: Project, coder: str = "Ann") -> list[tuple[str, str, str]]:
    """Case, code and quotation of what a person added."""
    return project.connection.execute(
        "SELECT c.case_id, k.code, g.quote FROM codings g JOIN codes k ON k.id = g.code_key"
        " JOIN cases c ON c.id = g.case_key JOIN coders p ON p.id = g.coder_key"
        " WHERE p.name = ? ORDER BY c.id, g.segment_key, g.start_char, g.id",
        (coder,),
    ).fetchall()
