"""Merging what was imported: sources, families and cases that only the other project has."""

from __future__ import annotations

from qualkit.store.families import accept_alias
from qualkit.store.forgotten import Forgotten
from qualkit.store.mergestate import Finding, MergeState
from qualkit.store.writing import now

_VERSIONS = (
    "version, content_hash, options, path, front_matter, imported_at, n_cases, n_segments,"
    " n_rejected"
)
_CASES = "case_id, kind, ufrn, withdrawn, has_text, declared, place"
_SEGMENTS = "n, label, speaker, role, start_s, end_s, place, text"


def join_sources(state: MergeState) -> None:
    """Match sources by name, and bring in those that are not here."""
    for key, name, kind, created_at in state.other.rows("SELECT * FROM sources ORDER BY id"):
        theirs = state.other.rows(
            f"SELECT {_VERSIONS} FROM source_versions WHERE source_key = ? ORDER BY version", key
        )
        n_cases = state.other.value("SELECT count(*) FROM cases WHERE source_key = ?", key)
        if not n_cases and not any(row[1] for row in theirs):
            # What a forgotten family has left there.
            continue
        here = state.ours.execute("SELECT id, kind FROM sources WHERE name = ?", (name,)).fetchone()
        if here is None:
            state.sources[key] = _insert_source(state, (name, kind, created_at), theirs)
            state.tallies["sources"].new += 1
            continue
        state.sources[key] = here[0]
        state.tallies["sources"].same += 1
        ours = state.ours.execute(
            "SELECT content_hash, options FROM source_versions WHERE source_key = ?"
            " ORDER BY version",
            (here[0],),
        ).fetchall()
        why = _why_other(
            name, here[1] == kind, [row[0] for row in ours], [row[1] for row in theirs]
        )
        if why:
            state.find(Finding("sources", "contradictory", why))
        elif ours[-1] == theirs[-1][1:3]:
            state.same_files.add(key)


def _insert_source(
    state: MergeState, source: tuple[str, str, str], versions: list[tuple[object, ...]]
) -> int:
    key = state.ours.execute(
        "INSERT INTO sources (name, kind, created_at) VALUES (?, ?, ?)", source
    ).lastrowid
    state.ours.executemany(
        f"INSERT INTO source_versions (source_key, {_VERSIONS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(key, *version) for version in versions],
    )
    return int(key or 0)


def _why_other(name: str, same_kind: bool, ours: list[str], theirs: list[str]) -> str:
    """Say in what a source of one name is another one there; empty where it is the same."""
    if not same_kind:
        return f"{name}: of another kind there"
    if ours[-1:] == theirs[-1:]:
        return ""
    if theirs[-1] in ours:
        return f"{name}: an older version of the file there; import the newer one there too"
    if ours and ours[-1] in theirs:
        return f"{name}: a newer version of the file there; import it here, then merge again"
    return f"{name}: another version of the file there; import the newest in both"


def find_forgotten(state: MergeState) -> None:
    """Note the cases there that can only be missing here because they were forgotten."""
    if not state.ours.execute("SELECT 1 FROM history WHERE action = 'forget' LIMIT 1").fetchone():
        return
    here = {case_id for (case_id,) in state.ours.execute("SELECT case_id FROM cases")}
    why = "it was in the same file here and is gone: forgotten here, it stays so"
    for key, case_id, source in state.other.rows(
        "SELECT id, case_id, source_key FROM cases ORDER BY id"
    ):
        if source in state.same_files and case_id not in here:
            state.forgotten.add(key)
            state.find(Finding("cases", "not placed", why, case_id))
    _refuse_families(state, here)


def _refuse_families(state: MergeState, here: set[str]) -> None:
    """Note the families there that were forgotten here, by what is kept of their references.

    One that was imported again since is here, on somebody's word.
    """
    gone = Forgotten(state.ours)
    if not gone:
        return
    known = {
        reference
        for (reference,) in state.ours.execute(
            "SELECT ufrn FROM families UNION SELECT reference FROM family_aliases"
        )
    }
    why = "it is of a family that was forgotten here, and stays so"
    for key, ufrn in state.other.rows("SELECT id, ufrn FROM families ORDER BY id"):
        if ufrn in known or ufrn not in gone:
            continue
        state.refused.add(key)
        cases = state.other.rows("SELECT id, case_id FROM cases WHERE family_key = ?", key)
        for case, case_id in cases:
            if case not in state.forgotten and case_id not in here:
                state.forgotten.add(case)
                state.find(Finding("cases", "not placed", why, case_id))
        # Not by its reference, which is not to stand anywhere here.
        state.find(Finding("families", "not placed", "a family that was forgotten here stays so"))


# --- families --------------------------------------------------------------------------------


def join_families(state: MergeState) -> None:
    """Bring in families, attributes and joined references that are not here; ours stay."""
    ours = state.ours
    for key, ufrn, written, declared in state.other.rows("SELECT * FROM families ORDER BY id"):
        attributes = dict(
            state.other.rows(
                "SELECT key, value FROM family_attributes WHERE family_key = ? ORDER BY key", key
            )
        )
        here = ours.execute("SELECT id, declared FROM families WHERE ufrn = ?", (ufrn,)).fetchone()
        alias = ours.execute("SELECT 1 FROM family_aliases WHERE reference = ?", (ufrn,)).fetchone()
        if here is None and alias and not declared:
            # Joined to another family here, on somebody's word.
            continue
        if here is None:
            if not _comes(state, key, declared):
                continue
            own = ours.execute(
                "INSERT INTO families (ufrn, written, declared) VALUES (?, ?, ?)",
                (ufrn, written, declared),
            ).lastrowid
            state.tallies["families"].new += 1
        else:
            own = here[0]
            state.tallies["families"].same += 1
            if declared and not here[1]:
                ours.execute(
                    "UPDATE families SET declared = 1, written = ? WHERE id = ?", (written, own)
                )
        _join_attributes(state, int(own or 0), written, attributes)
    _join_aliases(state)


def _comes(state: MergeState, family: int, declared: int) -> bool:
    """Say whether a family that is not here is to be: not for nothing, and not if forgotten."""
    if family in state.refused:
        return False
    cases = {
        key for (key,) in state.other.rows("SELECT id FROM cases WHERE family_key = ?", family)
    }
    if cases:
        return not cases <= state.forgotten
    sql = "SELECT 1 FROM family_aliases WHERE family_key = ?"
    return bool(declared or state.other.value(sql, family))


def _join_attributes(state: MergeState, family: int, written: str, theirs: dict[str, str]) -> None:
    known = dict(
        state.ours.execute(
            "SELECT key, value FROM family_attributes WHERE family_key = ?", (family,)
        )
    )
    for name, value in theirs.items():
        if name not in known:
            state.ours.execute(
                "INSERT INTO family_attributes VALUES (?, ?, ?)", (family, name, value)
            )
        elif known[name] != value:
            why = f"family {written}: another {name} there; the one here stays"
            state.find(Finding("families", "contradictory", why))


def _join_aliases(state: MergeState) -> None:
    for reference, ufrn, family in state.other.rows(
        "SELECT a.reference, f.ufrn, f.id FROM family_aliases a JOIN families f"
        " ON f.id = a.family_key ORDER BY a.reference"
    ):
        if family in state.refused:
            continue
        here = state.ours.execute(
            "SELECT f.ufrn FROM family_aliases a JOIN families f ON f.id = a.family_key"
            " WHERE a.reference = ?",
            (reference,),
        ).fetchone()
        declared = state.ours.execute(
            "SELECT 1 FROM families WHERE ufrn = ? AND declared = 1", (reference,)
        ).fetchone()
        target = state.ours.execute("SELECT 1 FROM families WHERE ufrn = ?", (ufrn,)).fetchone()
        if here is None and not declared and target:
            accept_alias(state.ours, reference, ufrn, now())
        elif here != (ufrn,):
            why = f"reference {reference}: joined to family {ufrn} there, not here"
            state.find(Finding("families", "contradictory", why))


# --- cases -----------------------------------------------------------------------------------


def join_cases(state: MergeState) -> None:
    """Match cases by id and segments by number and text; bring in cases that are not here."""
    ours = {
        case_id: (key, source)
        for key, case_id, source in state.ours.execute("SELECT id, case_id, source_key FROM cases")
    }
    last = state.ours.execute("SELECT coalesce(max(id), 0) FROM segments").fetchone()[0]
    for key, case_id, source in state.other.rows(
        "SELECT id, case_id, source_key FROM cases ORDER BY id"
    ):
        if case_id in ours:
            _match_case(state, key, case_id, source, *ours[case_id])
        elif key not in state.forgotten:
            _insert_case(state, key, source)
            state.tallies["cases"].new += 1
    state.ours.execute(
        "INSERT INTO segments_fts (rowid, text) SELECT id, text FROM segments WHERE id > ?", (last,)
    )


def _match_case(
    state: MergeState, key: int, case_id: str, source: int, own: int, own_source: int
) -> None:
    here = {
        n: (segment, text)
        for segment, n, text in state.ours.execute(
            "SELECT id, n, text FROM segments WHERE case_key = ?", (own,)
        )
    }
    there = state.other.rows("SELECT id, n, text FROM segments WHERE case_key = ?", key)
    same = {segment: here[n][0] for segment, n, text in there if n in here and here[n][1] == text}
    whole = len(same) == len(there) == len(here)
    if state.sources.get(source) != own_source and not (whole and there):
        why = "another source here has a case of this id, with other words; not brought in"
        state.find(Finding("cases", "not placed", why, case_id))
        return
    state.cases[key] = own
    state.segments.update(same)
    state.tallies["cases"].same += 1
    if whole:
        state.whole.add(key)
    else:
        n = len(there) - len(same)
        why = f"other words: of {len(there)} segments there, {n} do not stand here as they are"
        state.find(Finding("cases", "contradictory", why, case_id))


def _insert_case(state: MergeState, key: int, source: int) -> None:
    ours, other = state.ours, state.other
    (values,) = other.rows(f"SELECT {_CASES} FROM cases WHERE id = ?", key)
    ufrn = other.value(
        "SELECT f.ufrn FROM cases c JOIN families f ON f.id = c.family_key WHERE c.id = ?", key
    )
    own = int(
        ours.execute(
            f"INSERT INTO cases ({_CASES}, source_key, family_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
            " (SELECT id FROM families WHERE ufrn = ?9 UNION ALL"
            " SELECT family_key FROM family_aliases WHERE reference = ?9 LIMIT 1))",
            (*values, state.sources[source], ufrn),
        ).lastrowid
        or 0
    )
    for table in ("case_attributes", "case_ratings", "case_relevance"):
        ours.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?)",
            [
                (own, name, value)
                for _, name, value in other.rows(f"SELECT * FROM {table} WHERE case_key = ?", key)
            ],
        )
    for segment, *rest in other.rows(
        f"SELECT id, {_SEGMENTS} FROM segments WHERE case_key = ? ORDER BY n", key
    ):
        cursor = ours.execute(
            f"INSERT INTO segments (case_key, {_SEGMENTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (own, *rest),
        )
        state.segments[segment] = int(cursor.lastrowid or 0)
    state.cases[key] = own
    state.whole.add(key)
