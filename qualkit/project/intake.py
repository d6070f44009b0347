"""Imports: files through their importers into the store, and references reconciled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import ChoiceNeededError, QualkitError, UnknownNameError
from qualkit.importers.formats import check_name
from qualkit.model import ImportResult, ParsedSource, Rejection, Table
from qualkit.normalise import normalise_name, normalise_reference
from qualkit.project.alike import note_all_alike
from qualkit.project.base import ProjectBase
from qualkit.project.rejects import RejectsFile
from qualkit.store import families as family_store
from qualkit.store.connection import transaction
from qualkit.store.sources import save_source
from qualkit.store.writing import now

if TYPE_CHECKING:
    from qualkit.importers import document, families, msc, survey, transcript

Reader = Callable[[Path, str], ParsedSource]
_MOST_STEPS = 10_000_000
_YES = {"yes", "y", "1", "x", "true", "ok", "accept"}
_WORD_FILES = {".docx", ".odt"}
_COLUMNS = ("reference", "family", "accept")


class IntakePart(ProjectBase):
    """Every method reads files, writes them in one transaction, and returns what it did."""

    def import_msc(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        name: str = "",
        family: str | None = None,
        family_from: str | None = None,
        options: msc.MscOptions | None = None,
    ) -> list[ImportResult]:
        """Import MSC narratives: tables with one a row, or Word files with one each.

        Parameters
        ----------
        paths : path or sequence of paths
            .csv .tsv .xlsx .jsonl; .docx .odt; a folder stands for its files.
        name : str
            Name of the source instead of the file's; only for a single file.
        family : str, optional
            The column of references; for Word files the reference itself.
        options : MscOptions, optional
            Columns; those left out are guessed and the guess is in `notes`.

        Raises
        ------
        QualkitError
            Nothing is imported if any of the files cannot be.
        """
        from qualkit.importers import msc, word_msc

        table_options = options or msc.MscOptions()
        if family:
            table_options = replace(table_options, family=family)
        _refuse_slow(family_from)
        word_options = word_msc.WordMscOptions(family=family, family_from=family_from)

        def read(path: Path, source: str) -> ParsedSource:
            if path.suffix.lower() in _WORD_FILES:
                return word_msc.read_word_msc(path, word_options, source)
            return msc.read_msc(path, table_options, source)

        endings = {".csv", ".tsv", ".xlsx", ".jsonl", *_WORD_FILES}
        return self._import(paths, name, read, endings)

    def import_survey(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        name: str = "",
        options: survey.SurveyOptions | None = None,
    ) -> list[ImportResult]:
        """Import survey responses: one respondent a row."""
        from qualkit.importers import survey

        chosen = options or survey.SurveyOptions()
        return self._import(
            paths,
            name,
            lambda path, source: survey.read_survey(path, chosen, source),
            {".csv", ".tsv", ".xlsx", ".jsonl"},
        )

    def import_transcript(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        name: str = "",
        options: transcript.TranscriptOptions | None = None,
    ) -> list[ImportResult]:
        """Import interview transcripts, one case a file, one segment a turn."""
        from qualkit.importers import caseform, transcript

        chosen = options or transcript.TranscriptOptions()
        _refuse_slow(chosen.family_from)

        def read(path: Path, source: str) -> ParsedSource:
            if path.suffix.lower() == ".jsonl":
                return caseform.read_cases(path, source)
            return transcript.read_transcript(path, chosen, source)

        endings = {".docx", ".txt", ".md", ".vtt", ".srt", ".sbv", ".rtf", ".odt", ".jsonl"}
        return self._import(paths, name, read, endings)

    def import_document(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        name: str = "",
        options: document.DocumentOptions | None = None,
    ) -> list[ImportResult]:
        """Import running text without speakers, one case a file, one segment a paragraph."""
        from qualkit.importers import document

        chosen = options or document.DocumentOptions()
        _refuse_slow(chosen.family_from)
        return self._import(
            paths,
            name,
            lambda path, source: document.read_document(path, chosen, source),
            {".docx", ".txt", ".md", ".rtf", ".odt"},
        )

    def import_families(
        self,
        path: str | Path,
        *,
        name: str = "",
        options: families.FamiliesOptions | None = None,
    ) -> ImportResult:
        """Import the table of families with their cluster and other attributes."""
        from qualkit.importers import families

        check_name(name)
        parsed = families.read_families(Path(path), options or families.FamiliesOptions(), name)
        with RejectsFile(self.path, parsed.name) as rejects, self._plainly():
            result = family_store.save_families(self._connection, parsed, rejects.add)
            rejects.outdated = True
        if rejects.count:
            result.rejects_file = str(rejects.path)
        result.notes += note_all_alike(self._connection)
        return result

    def _import(
        self,
        paths: str | Path | Sequence[str | Path],
        name: str,
        read: Reader,
        endings: set[str],
    ) -> list[ImportResult]:
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        check_name(name)
        files = gather_files(listed, endings)
        if name and len(files) > 1:
            raise ChoiceNeededError(
                "one name cannot stand for several files",
                found=f"{len(files)} files",
                to_do="leave --as out, or import one file at a time",
            )
        _refuse_same_names(files)
        results: list[ImportResult] = []
        errors: list[tuple[Path, QualkitError]] = []
        # The stack is outermost: rejects files appear only once all is committed.
        with ExitStack() as rejects, self._plainly(), transaction(self._connection):
            for path in files:
                try:
                    results.append(self._import_one(read(path, name), rejects))
                except QualkitError as error:
                    errors.append((path, error))
            if errors:
                raise _all_in_one(errors, len(files))
        results[-1].notes += [note for path in listed for note in _passed_over(Path(path), endings)]
        if any(result.new or result.updated for result in results):
            results[-1].notes += note_all_alike(self._connection)
        return results

    def _import_one(self, parsed: ParsedSource, rejects: ExitStack) -> ImportResult:
        file = rejects.enter_context(RejectsFile(self.path, parsed.name))
        result = save_source(self._connection, parsed, file.add)
        file.outdated = not result.unchanged
        if result.unchanged and result.rejected and not file.path.exists():
            # A kill, or somebody's tidying, has taken the list of what was set aside.
            for item in parsed.items:
                if isinstance(item, Rejection):
                    file.add(item)
        if result.rejected:
            result.rejects_file = str(file.path)
        return result

    # --- references ---------------------------------------------------------

    def reconcile(self) -> Table:
        """Return which references are matched, in cases only, or in the families table only."""
        from qualkit.analysis.reconcile import reconcile_table

        return reconcile_table(
            family_store.fetch_references(self._connection),
            family_store.fetch_cases_without_family(self._connection),
            title="References of cases beside the families table",
        )

    def apply_reconcile(self, path: str | Path) -> tuple[int, int]:
        """Take the proposals that a person accepted in a file written by `reconcile`.

        Returns
        -------
        tuple of (int, int)
            References joined, cases moved.

        Raises
        ------
        QualkitError
            The file lacks the columns reference, family and accept, or names a
            family that is not in the project; then nothing is joined.
        """
        rows = _accepted(Path(path))
        joined = moved = 0
        with self._plainly(), transaction(self._connection):
            uses = family_store.fetch_references(self._connection)
            known = [use.ufrn for use in uses]
            declared = {use.ufrn for use in uses if use.declared}
            for line, reference, family in rows:
                if normalise_reference(family) not in known:
                    raise UnknownNameError(
                        "family", family or "(blank)", known, where=f"{path}, row {line}"
                    )
                if normalise_reference(reference) in declared:
                    raise QualkitError(
                        "this reference is a family of the families table itself",
                        where=f"{path}, row {line}",
                        found=reference,
                        to_do="mend the families table, and import it again",
                    )
                if normalise_reference(reference) == normalise_reference(family):
                    raise QualkitError(
                        "a reference cannot be joined to itself",
                        where=f"{path}, row {line}",
                        found=reference,
                        to_do="name the family that it should be joined to",
                    )
                moved += family_store.accept_alias(self._connection, reference, family, now())
                joined += 1
        return joined, moved


def _refuse_slow(pattern: str | None) -> None:
    """Refuse a pattern for file names that some name could keep busy for ever."""
    if not pattern:
        return
    from qualkit.codebook.regexes import RegexError, check_regex
    from qualkit.importers.ufrn import LONGEST_SEARCHED

    try:
        check_regex(pattern, longest=LONGEST_SEARCHED, most_steps=_MOST_STEPS)
    except RegexError as error:
        raise QualkitError(
            f"the pattern of --family-from {error}",
            found=pattern,
            to_do="for instance --family-from '(F[0-9]+)'",
        ) from error


def _accepted(path: Path) -> list[tuple[int, str, str]]:
    """Return (row, reference, family) of the accepted rows; a spreadsheet may have saved them."""
    from qualkit.importers.tables import open_table

    table = open_table(path, header_row=1)
    at = {normalise_name(header): index for index, header in enumerate(table.headers)}
    missing = [name for name in _COLUMNS if name not in at]
    if missing:
        raise QualkitError(
            "the file is not one that reconcile wrote",
            where=str(path),
            found="no column " + ", ".join(missing),
            expected="columns reference, family, accept",
            to_do="write it with `qualkit reconcile --output FILE.csv`, then edit `accept`",
        )
    found = []
    for row in table.rows():
        if isinstance(row, Rejection):
            raise QualkitError(row.reason, where=f"{path}, {row.place}", to_do="mend the row")
        number, cells = row
        reference, family, accept = (cells[at[name]].strip() for name in _COLUMNS)
        if accept.lower() not in _YES:
            continue
        if not normalise_reference(reference):
            raise QualkitError(
                "a row without a reference cannot be joined to a family",
                where=f"{path}, row {number}",
                to_do="put the family's reference in the file of texts, and import that again",
            )
        if not family:
            raise QualkitError(
                "a row that proposes no family cannot be accepted",
                where=f"{path}, row {number}",
                to_do="write the reference of the right family in the column family, or leave"
                " accept empty",
            )
        found.append((number, reference, family))
    return found


def gather_files(paths: Iterable[str | Path], endings: set[str]) -> list[Path]:
    """Return the files that the paths stand for; a folder stands for its fitting files.

    Raises
    ------
    QualkitError
        A path is not there, a folder holds no fitting file, a file has
        another ending.
    """
    files: list[Path] = []
    wanted = ", ".join(sorted(endings))
    for path in map(Path, paths):
        check_name(str(path))
        if path.is_dir():
            inside = sorted(
                p
                for p in path.iterdir()
                if p.suffix.lower() in endings and p.is_file() and p.name[0] not in ".~"
            )
            if not inside:
                raise QualkitError(
                    "the folder holds no file that can be imported here",
                    where=str(path),
                    expected=wanted,
                )
            files += inside
        elif path.is_file() and path.suffix.lower() not in endings:
            raise QualkitError(
                "this kind of file cannot be imported here",
                where=str(path),
                found=path.suffix or "no ending",
                expected=wanted,
                to_do="save it as one of these; for other texts see `qualkit import --help`",
            )
        else:
            files.append(path)
    for path in files:
        check_name(str(path))
    return list(dict.fromkeys(files))


def _passed_over(folder: Path, endings: set[str]) -> Iterator[str]:
    """Say which files and folders inside a folder were not read."""
    if not folder.is_dir():
        return
    inside = sorted(p for p in folder.iterdir() if p.name[0] not in ".~")
    other = [_shown(p) for p in inside if p.is_file() and p.suffix.lower() not in endings]
    if other:
        yield f"not read in {folder.name}, another kind of file: {', '.join(other)}"
    deeper = [_shown(p) for p in inside if p.is_dir()]
    if deeper:
        yield f"not read in {folder.name}, folders: {', '.join(deeper)}"


def _shown(path: Path) -> str:
    """Return a file's name for a note, also where it is not text."""
    return path.name.encode(errors="replace").decode()


def _refuse_same_names(files: Sequence[Path]) -> None:
    """Refuse two files of one name: the second would be taken for a version of the first."""
    first: dict[str, Path] = {}
    for path in files:
        other = first.setdefault(path.name, path)
        if other is not path:
            raise ChoiceNeededError(
                f"two files are called '{path.name}', and a source is known by its file's name",
                found=f"{other} and {path}",
                to_do="import them one at a time, each under a name of its own: --as NAME",
            )


def _all_in_one(errors: Sequence[tuple[Path, QualkitError]], n_files: int) -> QualkitError:
    if len(errors) == 1 and n_files == 1:
        return errors[0][1]
    lines = "\n".join(f"{path.name}: {error.message}" for path, error in errors)
    return QualkitError(
        f"{len(errors)} of {n_files} files cannot be imported, so none was\n{lines}",
        to_do="mend or leave out these files, then import again",
    )
