"""Numbered migrations of the project file. A released one is never edited.

Table shapes are frozen here as SQL; `schema.VERSION` counts the migrations so
that opening a current project needs one PRAGMA and no import of sqlite-utils.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

_FIRST = """
CREATE TABLE project (
    key TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE source_versions (
    id INTEGER PRIMARY KEY, source_key INTEGER NOT NULL REFERENCES sources(id),
    version INTEGER NOT NULL, content_hash TEXT NOT NULL, options TEXT NOT NULL,
    path TEXT NOT NULL, front_matter TEXT NOT NULL, imported_at TEXT NOT NULL,
    n_cases INTEGER NOT NULL, n_segments INTEGER NOT NULL, n_rejected INTEGER NOT NULL,
    UNIQUE (source_key, version)
) STRICT;

CREATE TABLE families (
    id INTEGER PRIMARY KEY, ufrn TEXT NOT NULL UNIQUE, written TEXT NOT NULL,
    declared INTEGER NOT NULL
) STRICT;
CREATE TABLE family_attributes (
    family_key INTEGER NOT NULL REFERENCES families(id), key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (family_key, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX family_attributes_by_key ON family_attributes (key, value);
CREATE TABLE family_aliases (
    reference TEXT PRIMARY KEY, family_key INTEGER NOT NULL REFERENCES families(id),
    accepted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    id INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE,
    source_key INTEGER NOT NULL REFERENCES sources(id), kind TEXT NOT NULL,
    ufrn TEXT NOT NULL, family_key INTEGER REFERENCES families(id),
    withdrawn INTEGER NOT NULL DEFAULT 0, has_text INTEGER NOT NULL,
    declared INTEGER NOT NULL, place TEXT NOT NULL
) STRICT;
CREATE INDEX cases_by_source ON cases (source_key);
CREATE INDEX cases_by_family ON cases (family_key);
CREATE TABLE case_attributes (
    case_key INTEGER NOT NULL REFERENCES cases(id), key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (case_key, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_attributes_by_key ON case_attributes (key, value);
CREATE TABLE case_ratings (
    case_key INTEGER NOT NULL REFERENCES cases(id), key TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (case_key, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE case_relevance (
    case_key INTEGER NOT NULL REFERENCES cases(id), domain TEXT NOT NULL, level INTEGER NOT NULL,
    PRIMARY KEY (case_key, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    id INTEGER PRIMARY KEY, case_key INTEGER NOT NULL REFERENCES cases(id), n INTEGER NOT NULL,
    label TEXT NOT NULL, speaker TEXT NOT NULL, role TEXT NOT NULL,
    start_s REAL, end_s REAL, place TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX segments_by_case ON segments (case_key, n);
CREATE VIRTUAL TABLE segments_fts USING fts5 (
    text, content='segments', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
);

CREATE TABLE codebooks (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL
) STRICT;
CREATE TABLE codebook_versions (
    id INTEGER PRIMARY KEY, codebook_key INTEGER NOT NULL REFERENCES codebooks(id),
    version TEXT NOT NULL, content_hash TEXT NOT NULL, kinds TEXT NOT NULL, roles TEXT NOT NULL,
    path TEXT NOT NULL, compiled TEXT NOT NULL, loaded_at TEXT NOT NULL
) STRICT;
CREATE TABLE codes (
    id INTEGER PRIMARY KEY, codebook_key INTEGER NOT NULL REFERENCES codebooks(id),
    category TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL,
    definition TEXT NOT NULL, include TEXT NOT NULL, exclude TEXT NOT NULL, about TEXT NOT NULL,
    code_group TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
    UNIQUE (category, code)
) STRICT;

CREATE TABLE coders (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, machine INTEGER NOT NULL
) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, coder_key INTEGER NOT NULL REFERENCES coders(id),
    codebook_version_key INTEGER NOT NULL REFERENCES codebook_versions(id),
    method TEXT NOT NULL, settings TEXT NOT NULL, qualkit_version TEXT NOT NULL,
    started_at TEXT NOT NULL, finished_at TEXT NOT NULL DEFAULT '',
    n_cases INTEGER NOT NULL DEFAULT 0, n_segments INTEGER NOT NULL DEFAULT 0,
    n_codings INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE coded_cases (
    codebook_key INTEGER NOT NULL REFERENCES codebooks(id),
    case_key INTEGER NOT NULL REFERENCES cases(id), run_key INTEGER NOT NULL REFERENCES runs(id),
    PRIMARY KEY (codebook_key, case_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE codings (
    id INTEGER PRIMARY KEY, guid TEXT,
    segment_key INTEGER NOT NULL REFERENCES segments(id),
    case_key INTEGER NOT NULL REFERENCES cases(id), code_key INTEGER NOT NULL REFERENCES codes(id),
    start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, quote TEXT NOT NULL,
    score REAL, coder_key INTEGER NOT NULL REFERENCES coders(id),
    run_key INTEGER REFERENCES runs(id), rule TEXT NOT NULL,
    status TEXT NOT NULL, flagged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX codings_by_code ON codings (code_key, case_key, status, coder_key, segment_key);
CREATE INDEX codings_by_segment ON codings (segment_key, code_key, start_char);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, segment_key INTEGER NOT NULL REFERENCES segments(id),
    code_key INTEGER NOT NULL REFERENCES codes(id),
    start_char INTEGER NOT NULL, end_char INTEGER NOT NULL,
    coder_key INTEGER NOT NULL REFERENCES coders(id), verdict TEXT NOT NULL,
    consensus INTEGER NOT NULL DEFAULT 0, decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_segment ON decisions (segment_key, code_key);
CREATE TABLE done_cases (
    codebook_key INTEGER NOT NULL REFERENCES codebooks(id),
    case_key INTEGER NOT NULL REFERENCES cases(id),
    coder_key INTEGER NOT NULL REFERENCES coders(id), done_at TEXT NOT NULL,
    PRIMARY KEY (codebook_key, case_key, coder_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE unplaced_codings (
    id INTEGER PRIMARY KEY, case_key INTEGER NOT NULL REFERENCES cases(id), n INTEGER NOT NULL,
    code_key INTEGER NOT NULL REFERENCES codes(id), quote TEXT NOT NULL,
    coder_key INTEGER NOT NULL REFERENCES coders(id), status TEXT NOT NULL,
    source_version_key INTEGER NOT NULL REFERENCES source_versions(id)
) STRICT;
CREATE TABLE memos (
    id INTEGER PRIMARY KEY, coder_key INTEGER NOT NULL REFERENCES coders(id),
    about TEXT NOT NULL, about_key INTEGER, text TEXT NOT NULL, written_at TEXT NOT NULL
) STRICT;

INSERT INTO coders (id, name, machine) VALUES (1, 'qualkit', 1);
"""


_INDEXES = (
    # Which runs stand behind a table; which domains there are, and their cases.
    "CREATE INDEX codings_by_run ON codings (run_key, code_key)",
    "CREATE INDEX case_relevance_by_domain ON case_relevance (domain, level)",
)

_LEARNING = """
ALTER TABLE codebook_versions ADD COLUMN examples TEXT NOT NULL DEFAULT '[]';
CREATE TABLE models (
    id INTEGER PRIMARY KEY, created_at TEXT NOT NULL, qualkit_version TEXT NOT NULL,
    content_hash TEXT NOT NULL, settings TEXT NOT NULL
) STRICT;
CREATE TABLE model_arrays (
    model_key INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE, name TEXT NOT NULL,
    kind TEXT NOT NULL, shape TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (model_key, name)
) STRICT;
CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, text_hash BLOB NOT NULL, vectors BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX embeddings_by_text ON embeddings (text_hash, model);
"""

_HISTORY = (
    "ALTER TABLE memos ADD COLUMN guid TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE memos ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0",
    # Where what a memo is about stood: a machine's coding may go with the next run.
    # No foreign keys: segments go with a new version of their source, the memo stays.
    "ALTER TABLE memos ADD COLUMN case_key INTEGER",
    "ALTER TABLE memos ADD COLUMN segment_key INTEGER",
    "ALTER TABLE memos ADD COLUMN code_key INTEGER",
    "ALTER TABLE memos ADD COLUMN start_char INTEGER",
    "ALTER TABLE memos ADD COLUMN end_char INTEGER",
    # A coder's latest decision holds, so one that is taken back must keep its row for
    # its return: AUTOINCREMENT gives no row twice.
    "CREATE TABLE decisions_kept ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " segment_key INTEGER NOT NULL REFERENCES segments(id),"
    " code_key INTEGER NOT NULL REFERENCES codes(id),"
    " start_char INTEGER NOT NULL, end_char INTEGER NOT NULL,"
    " coder_key INTEGER NOT NULL REFERENCES coders(id), verdict TEXT NOT NULL,"
    " consensus INTEGER NOT NULL DEFAULT 0, decided_at TEXT NOT NULL) STRICT",
    "INSERT INTO decisions_kept SELECT id, segment_key, code_key, start_char, end_char,"
    " coder_key, verdict, consensus, decided_at FROM decisions",
    "DROP TABLE decisions",
    "ALTER TABLE decisions_kept RENAME TO decisions",
    "CREATE INDEX decisions_by_segment ON decisions (segment_key, code_key)",
    # No foreign keys: what a line is about may be forgotten, the line stays.
    "CREATE TABLE history ("
    " id INTEGER PRIMARY KEY, step INTEGER NOT NULL, at TEXT NOT NULL, coder_key INTEGER,"
    " undoes INTEGER NOT NULL, redoes INTEGER NOT NULL, action TEXT NOT NULL,"
    " case_key INTEGER, segment_key INTEGER, code_key INTEGER,"
    " start_char INTEGER, end_char INTEGER, about_key INTEGER,"
    " guid TEXT NOT NULL, verdict TEXT NOT NULL, consensus INTEGER NOT NULL) STRICT",
    "CREATE INDEX history_by_step ON history (step)",
    "CREATE INDEX history_by_coder ON history (coder_key, step)",
    "CREATE INDEX history_by_case ON history (case_key, action, step)",
    "CREATE TRIGGER history_is_not_changed BEFORE UPDATE ON history"
    " BEGIN SELECT raise(ABORT, 'the history is only added to'); END",
    "CREATE TRIGGER history_is_not_deleted BEFORE DELETE ON history"
    " BEGIN SELECT raise(ABORT, 'the history is only added to'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER history_is_not_replaced BEFORE INSERT ON history"
    " WHEN EXISTS (SELECT 1 FROM history WHERE id = NEW.id)"
    " BEGIN SELECT raise(ABORT, 'the history is only added to'); END",
    "CREATE UNIQUE INDEX codings_by_guid ON codings (guid) WHERE guid IS NOT NULL",
    "CREATE INDEX memos_about ON memos (about, about_key)",
)

_FAMILY_STAR = """
CREATE TABLE readings (
    family_key INTEGER NOT NULL REFERENCES families(id), domain TEXT NOT NULL,
    read_on TEXT NOT NULL, review INTEGER NOT NULL,
    reading INTEGER NOT NULL CHECK (reading BETWEEN 1 AND 10),
    PRIMARY KEY (family_key, domain, read_on, review)
) STRICT, WITHOUT ROWID;
CREATE TABLE star_domains (
    place INTEGER PRIMARY KEY, domain TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE star_families (
    family_key INTEGER PRIMARY KEY REFERENCES families(id), reviews INTEGER NOT NULL,
    first_on TEXT NOT NULL, last_on TEXT NOT NULL, spans BLOB NOT NULL
) STRICT;
CREATE TABLE needs (need TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE assessments (
    id INTEGER PRIMARY KEY, family_key INTEGER NOT NULL REFERENCES families(id),
    about TEXT NOT NULL CHECK (about IN ('adult', 'child', 'family')), person TEXT NOT NULL,
    assessed_on TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX assessments_by_family ON assessments (family_key, about, person, assessed_on);
CREATE TABLE assessment_needs (
    assessment_key INTEGER NOT NULL REFERENCES assessments(id) ON DELETE CASCADE,
    need TEXT NOT NULL, present INTEGER NOT NULL,
    PRIMARY KEY (assessment_key, need)
) STRICT, WITHOUT ROWID;
CREATE TABLE family_needs (
    family_key INTEGER NOT NULL REFERENCES families(id), need TEXT NOT NULL,
    present INTEGER NOT NULL,
    PRIMARY KEY (family_key, need)
) STRICT, WITHOUT ROWID;
CREATE INDEX family_needs_by_need ON family_needs (need, present);
CREATE TABLE cleared_quotes (
    segment_key INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE,
    start_char INTEGER NOT NULL, end_char INTEGER NOT NULL, quote TEXT NOT NULL, shown TEXT,
    coder_key INTEGER NOT NULL REFERENCES coders(id), cleared_at TEXT NOT NULL,
    PRIMARY KEY (segment_key, start_char, end_char)
) STRICT, WITHOUT ROWID;
"""

_JOURNEYS = """
CREATE TABLE phases (
    id INTEGER PRIMARY KEY, guid TEXT NOT NULL UNIQUE,
    segment_key INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE,
    phase TEXT NOT NULL
        CHECK (phase IN ('', 'before', 'referral', 'during', 'ending', 'after', 'none')),
    coder_key INTEGER NOT NULL REFERENCES coders(id), set_at TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX phases_by_segment ON phases (segment_key);
"""

_GROUPINGS = """
CREATE TABLE groupings (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL) STRICT;
CREATE TABLE grouped_families (
    grouping_key INTEGER NOT NULL REFERENCES groupings(id),
    family_key INTEGER NOT NULL REFERENCES families(id), before TEXT, after TEXT,
    PRIMARY KEY (grouping_key, family_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX grouped_families_by_family ON grouped_families (family_key);
"""

# Both empty: the phase is of the whole segment.
_STRETCHES = """
ALTER TABLE phases ADD COLUMN start_char INTEGER;
ALTER TABLE phases ADD COLUMN end_char INTEGER;
"""


def migrations() -> Migrations:
    """Return qualkit's migrations, oldest first."""
    from sqlite_utils import Migrations

    steps = Migrations("qualkit")
    scripts = (
        ("0001_first", _statements(_FIRST)),
        ("0002_indexes", _INDEXES),
        ("0003_learning", _statements(_LEARNING)),
        ("0004_history", _HISTORY),
        ("0005_family_star", _statements(_FAMILY_STAR)),
        ("0006_journeys", _statements(_JOURNEYS)),
        ("0007_groupings", _statements(_GROUPINGS)),
        ("0008_phase_stretches", _statements(_STRETCHES)),
    )
    for version, (name, script) in enumerate(scripts, start=1):

        def apply(
            database: Database, script: Sequence[str] = script, version: int = version
        ) -> None:
            for statement in script:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {version}")

        steps(name=name)(apply)
    return steps


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";\n") if statement.strip()]
