"""A workbook that is written as it is filled, and saved when it is full."""

from __future__ import annotations

import errno
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook


@contextmanager
def saved_book(path: Path) -> Iterator[Workbook]:
    """Give a workbook to be filled; it is saved to the path at the end, if all went well.

    Raises
    ------
    OSError
        There is no space, here or for the temporary files that its sheets are kept in.
    """
    from lxml.etree import LxmlError
    from openpyxl import Workbook
    from openpyxl.utils.exceptions import WorkbookAlreadySaved
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    try:
        yield book
        # What book.save does, but that its archive is closed here, be the disk full.
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            ExcelWriter(book, archive).save()
    except LxmlError as error:
        # The sheets are first written to temporary files, by lxml, which says IO_ENOSPC.
        raise OSError(
            errno.ENOSPC, f"no space for the workbook's sheets in {tempfile.gettempdir()}"
        ) from error
    finally:
        for sheet in book.worksheets:
            # Python would complain aloud of a half-written one when it forgets it.
            with suppress(LxmlError, OSError, WorkbookAlreadySaved):
                sheet.close()
