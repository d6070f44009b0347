"""Pictures drawn with matplotlib: in greys, with real text, written whole or not at all.

What two things are told apart by is lightness, shape or a line's dashes, never colour
alone, so that a picture can be printed and read by everybody.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualkit.errors import QualkitError
from qualkit.report.cells import visible
from qualkit.report.whole import replace_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE_ENDINGS = (".svg", ".png", ".pdf", ".html")
INK = "#1a1a1a"
"""Lines and words."""
QUIET = "#6b6b6b"
"""What is said beside; 5:1 on white."""
GREYS = ("#ffffff", "#d9d9d9", "#b3b3b3", "#7f7f7f", "#3d3d3d")
"""From light to dark; `ink_on` gives the words' colour on each."""
MM = 1 / 25.4
"""Millimetres in inches, which matplotlib counts in."""
DPI = 160
"""Of pictures in dots."""

_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    "svg.fonttype": "none",
    # The same picture has the same bytes.
    "svg.hashsalt": "qualkit",
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    # A dollar in somebody's words is no formula.
    "text.parse_math": False,
}
_DARK = 0.5


@contextmanager
def new_figure(width_mm: float, height_mm: float) -> Iterator[Figure]:
    """Give an empty figure of a size in millimetres, to be drawn and saved inside the block."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_SETTINGS):
        yield Figure(figsize=(width_mm * MM, height_mm * MM))


def check_picture(path: Path) -> None:
    """Raise if a file's ending names no sort of picture, before anything is worked out.

    Raises
    ------
    QualkitError
        With the endings that there are.
    """
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise QualkitError(
            "the file's ending does not say which sort of picture it should be",
            where=str(path),
            expected=", ".join(PICTURE_ENDINGS),
        )


def save_picture(figure: Figure, path: Path, title: str, description: str) -> None:
    """Write a figure as its ending says; call it inside the figure's block.

    Parameters
    ----------
    figure : Figure
    path : Path
        Ends in .svg, .png, .pdf or .html.
    title, description : str
        For those who do not see it: kept in the file, and on the page the
        description stands under the picture.

    Raises
    ------
    QualkitError
        The ending is another, or the file cannot be written.
    """
    check_picture(path)
    ending = path.suffix.lower()
    form = "svg" if ending == ".html" else ending[1:]
    content = _drawn(figure, form, title)
    if form == "svg":
        content = _described(content, title, description)
    if ending == ".html":
        content = _page(content, title, description)
    replace_whole(path, lambda temporary: temporary.write_bytes(content))


def ink_on(lightness: float) -> str:
    """Return the colour of words on a grey of that lightness, 0 black to 1 white."""
    return INK if lightness > _DARK else "#ffffff"


def label(words: str) -> str:
    """Return words as they may stand in a picture: control characters shown, not obeyed."""
    return visible(words)


def _drawn(figure: Figure, form: str, title: str) -> bytes:
    held = io.BytesIO()
    # No date: the same picture has the same bytes.
    metadata = {"svg": {"Date": None, "Title": title}, "pdf": {"CreationDate": None}}.get(form, {})
    figure.savefig(held, format=form, dpi=DPI, metadata=metadata)
    return held.getvalue()


def _described(content: bytes, title: str, description: str) -> bytes:
    """Put title and description where a screen reader looks for them."""
    text = content.decode("utf-8")
    start = text.index("<svg")
    end = text.index(">", start)
    named, told = html.escape(visible(title)), html.escape(visible(description))
    said = f"<title>{named}</title><desc>{told}</desc>"
    return (text[:end] + ' role="img">' + said + text[end + 1 :]).encode("utf-8")


def _page(content: bytes, title: str, description: str) -> bytes:
    """Return a page that holds the picture itself, with words to be marked; it fetches nothing."""
    picture = content.decode("utf-8")
    picture = picture[picture.index("<svg") :].rstrip()
    named, told = html.escape(visible(title)), html.escape(visible(description))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{named}</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:70em;margin:1em auto;padding:0 1em}"
        "figure{margin:0}svg{max-width:100%;height:auto}"
        "@page{size:landscape;margin:10mm}@media print{body{margin:0;padding:0}}</style></head>\n"
        f"<body><main><figure>{picture}<figcaption>{told}</figcaption></figure></main></body></html>\n"
    ).encode()
