"""Coding without a terminal: a sheet goes to a colleague, and her answers come back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.importers.rawrows import collapse
from qualkit.model import Rejection
from qualkit.project.base import ProjectBase
from qualkit.project.rejects import RejectsFile
from qualkit.store import codebooks, codings, history, sheets
from qualkit.store.codebooks import StoredCode
from qualkit.store.connection import transaction

if TYPE_CHECKING:
    from qualkit.project.sheetanswers import SheetResult
    from qualkit.project.sheetmaking import SheetWritten

Names = str | Sequence[str]


class SheetPart(ProjectBase):
    """Writes coding sheets, and takes them back."""

    def sheet(
        self,
        path: str | Path,
        coder: str,
        *,
        kind: Names = (),
        case: Names = (),
        code: Names = (),
        category: Names = (),
        codebook: Names = (),
        undecided: bool = False,
        blind: bool = False,
    ) -> SheetWritten:
        """Write a workbook in which a colleague decides and adds codings.

        Parameters
        ----------
        path : path
            The .xlsx file to write.
        coder : str
            Whom it is for; the answers count as this person's.
        kind, case, code, category, codebook : str or sequence of str
            Only texts of these kinds and cases, only proposals of these codes, categories
            and codebooks; all if empty. With `code` only texts that have such a proposal
            are shown, and no case counts as done by it.
        undecided : bool
            Only proposals that nobody has decided, and cases that have any.
        blind : bool
            Show the texts alone; `code` then says which codes there are to choose from.

        Raises
        ------
        UnknownNameError
            A kind, case, code, category or codebook that there is not.
        QualkitError
            The name is the machine's, there is nothing to show, or the file cannot be written.
        """
        from qualkit.project.sheetmaking import SheetMaking
        from qualkit.report.codingsheet import write_coding_sheet

        path, coder = Path(path), collapse(coder)
        if not coder or coder in codings.fetch_machines(self._connection):
            raise QualkitError(
                "a coding sheet needs the name of the person who fills it in",
                found=f"the coder '{coder}'",
                to_do="say who: --coder NAME",
            )
        if path.suffix.lower() != ".xlsx":
            raise QualkitError(
                "a coding sheet is a workbook",
                where=str(path),
                found=path.suffix or "no ending",
                expected=".xlsx",
                to_do="give the file this ending",
            )
        kinds = self._kinds(_listed(kind), ()) if _listed(kind) else ()
        chosen = self._chosen_codes(_listed(code), _listed(category), _listed(codebook))
        cases = self._chosen_cases(kinds, _listed(case))
        making = SheetMaking(
            self,
            coder,
            chosen,
            cases,
            narrow=bool(_listed(code)) and not blind,
            undecided=undecided,
            blind=blind,
        )
        write_coding_sheet(path, making.content())
        return making.written

    def _chosen_codes(
        self, names: Sequence[str], categories: Sequence[str], books: Sequence[str]
    ) -> list[StoredCode]:
        found = [c for c in codebooks.fetch_codes(self._connection) if not c.retired]
        if not found:
            raise QualkitError(
                "no codebook is loaded, so there is nothing to code by",
                where=str(self.path),
                to_do="qualkit code (it loads the shipped codebooks), or qualkit codebook load",
            )
        known = list(dict.fromkeys(code.codebook for code in found))
        for book in books:
            if book not in known:
                raise UnknownNameError("codebook", book, known)
        wanted = [self._category(name) for name in categories]
        keys = {c.key for name in names for c in codebooks.find_codes(self._connection, name)}
        chosen = [
            code
            for code in found
            if (not books or code.codebook in books)
            and (not wanted or code.category in wanted)
            and (not names or code.key in keys)
        ]
        if not chosen:
            raise QualkitError(
                "no code is in all that was asked for",
                to_do="ask for less: --code, --category and --codebook narrow each other",
            )
        return chosen

    def _chosen_cases(
        self, kinds: Sequence[str], wanted: Sequence[str]
    ) -> dict[int, sheets.SheetCase]:
        known = {case.case_id: case for case in sheets.fetch_cases(self._connection)}
        for name in wanted:
            if name not in known:
                raise UnknownNameError("case with text", name, known)
        return {
            case.case_key: case
            for case in known.values()
            if (not kinds or case.kind in kinds) and (not wanted or case.case_id in wanted)
        }

    def import_sheet(self, path: str | Path, coder: str = "") -> SheetResult:
        """Take the answers of a coding sheet back; in one transaction.

        A row is taken whole, or set aside with its reason. The same sheet twice changes
        nothing the second time; one undo takes a sheet back.

        Parameters
        ----------
        path : path
            A sheet that `sheet` made and a colleague filled in.
        coder : str, optional
            Whose answers they are; whom the sheet was made for, if left out.

        Raises
        ------
        SourceFormatError
            The file is no coding sheet, or its hidden parts were deleted.
        """
        from qualkit.importers.codingsheet import read_coding_sheet
        from qualkit.project.sheetanswers import NotPlacedError, SheetResult, Taking

        path = Path(path)
        sheet = read_coding_sheet(path)
        own = collapse(coder) or sheet.head.coder
        result = SheetResult(path.name, own)
        if own != sheet.head.coder:
            result.notes.append(f"the sheet was made for {sheet.head.coder}")
        # The rejects file appears only once all is committed.
        with (
            RejectsFile(self.path, result.source) as rejects,
            self._plainly(),
            transaction(self._connection),
            history.one_step(self._connection),
        ):
            taking = Taking(self, result, sheet.head)
            for row in sheet.rows():
                if isinstance(row, Rejection):
                    rejects.add(row)
                    continue
                try:
                    taking.take(row)
                except NotPlacedError as error:
                    rejects.add(Rejection(row.place, str(error), row.fields))
            taking.finish(all_done=sheet.all_done)
            rejects.outdated = True
        result.set_aside = rejects.count
        if rejects.count:
            result.rejects_file = str(rejects.path)
        return result


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) and names else list(names)
