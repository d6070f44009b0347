"""How sheets that people fill in look: styles, widths, protection, drop-downs, paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from qualkit.normalise import is_formula
from qualkit.report.cells import visible
from qualkit.report.workbook import MOST_IN_CELL, escaped


def words_of(text: str) -> str:
    """Return a text as a workbook can hold it, cut where a cell ends."""
    return escaped(visible(text))[:MOST_IN_CELL]


def styles() -> Iterator[Any]:
    """Yield the looks of cells, by name; answers alone can be filled in."""
    from openpyxl.styles import (
        Alignment,
        Border,
        Font,
        NamedStyle,
        PatternFill,
        Protection,
        Side,
    )

    line = Side(style="thin", color="BFBFBF")
    looks: dict[str, tuple[Font, str]] = {
        "head": (Font(bold=True, color="FFFFFF"), "44546A"),
        "text": (Font(), "E9EEF5"),
        "proposal": (Font(), ""),
        "aside": (Font(italic=True, color="595959"), ""),
        "answer": (Font(), "FFF6D6"),
    }
    for name, (font, colour) in looks.items():
        yield NamedStyle(
            f"qualkit {name}",
            font=font,
            fill=PatternFill("solid", fgColor=colour) if colour else PatternFill(),
            border=Border(top=line, bottom=line, left=line, right=line),
            alignment=Alignment(wrap_text=True, vertical="top"),
            protection=Protection(locked=name != "answer"),
        )


def styled_cell(sheet: Any, value: str | int | None, look: str) -> Any:
    """Return a cell; words are never taken for a formula, also once the cell is edited."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str) or not value:
        made = WriteOnlyCell(sheet, value or None)
        made.style = f"qualkit {look}"
        return made
    made = WriteOnlyCell(sheet, words_of(value))
    made.style = f"qualkit {look}"
    made.data_type = "s"
    if is_formula(value):
        made.quotePrefix = True
    return made


def set_up(sheet: Any, widths: Sequence[float], freeze: str) -> None:
    """Give a sheet its widths, its frozen header and its layout on paper."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = freeze
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.HeaderFooter.oddFooter.center.text = "&A, page &P of &N"
    protect(sheet)


def protect(sheet: Any) -> None:
    """Protect a sheet against slips: without a password; looks and filters may be changed."""
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)  # here False means that it is not forbidden


def choices(formula: str, *, strict: bool) -> Any:
    """Return a drop-down list; one that is not strict lets other things be typed."""
    from openpyxl.worksheet.datavalidation import DataValidation

    made = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=strict)
    if strict:
        made.errorTitle = "yes or no"
        made.error = "Choose yes or no, or leave the cell blank."
    return made


YES_NO = '"yes,no"'
