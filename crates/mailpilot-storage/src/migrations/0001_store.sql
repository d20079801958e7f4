-- Names that repeat in every row, once. Rows are never removed, so readers may remember them.
CREATE TABLE account (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    -- The series that counts for this account; a reset begins a new one.
    series INTEGER NOT NULL
) STRICT;

CREATE TABLE action_type (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Short columns that filters look at come first: long texts then overflow behind them.
CREATE TABLE activity (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at      INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL,
    account         INTEGER NOT NULL REFERENCES account (id),
    failed          INTEGER NOT NULL,
    message_id      TEXT NOT NULL,
    subject         TEXT,
    sender          TEXT,
    actions         TEXT NOT NULL,
    given_at        INTEGER,
    duration_ns     INTEGER,
    confidence      REAL,
    provider        TEXT,
    model           TEXT,
    idempotency_key TEXT,
    error           TEXT,
    reasoning       TEXT
) STRICT;
CREATE INDEX activity_by_time ON activity (created_at);
CREATE UNIQUE INDEX activity_by_key ON activity (account, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- A list is every entry of one account with one outcome (kind 0), or those of them with one action.
-- Any filter is a merge of some lists, each of which delivers the order of pages.
CREATE TABLE list (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    failed  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    UNIQUE (account, failed, kind)
) STRICT;
CREATE TABLE activity_list (
    list       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    PRIMARY KEY (list, created_at, id)
) STRICT, WITHOUT ROWID;

-- Folded subject, sender, message id, and the lists an entry is in; filled in a second step.
CREATE VIRTUAL TABLE activity_search USING fts5 (
    text, content = '', contentless_delete = 1, detail = 'none', tokenize = 'trigram case_sensitive 1'
);

-- Series whose rows are to be removed in small steps.
CREATE TABLE series (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE total (
    series        INTEGER PRIMARY KEY,
    emails        INTEGER NOT NULL,
    errors        INTEGER NOT NULL,
    last_activity INTEGER,
    last_error    TEXT,
    l0 INTEGER NOT NULL, l1 INTEGER NOT NULL, l2 INTEGER NOT NULL, l3 INTEGER NOT NULL,
    l4 INTEGER NOT NULL, l5 INTEGER NOT NULL, l6 INTEGER NOT NULL, l7 INTEGER NOT NULL,
    l8 INTEGER NOT NULL, l9 INTEGER NOT NULL, l10 INTEGER NOT NULL, l11 INTEGER NOT NULL,
    l12 INTEGER NOT NULL, l13 INTEGER NOT NULL, l14 INTEGER NOT NULL, l15 INTEGER NOT NULL
) STRICT;
CREATE TABLE total_action (
    series INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (series, kind)
) STRICT, WITHOUT ROWID;
-- span: width of a row in minutes (1, 60, 1440); at: its beginning in minutes since 1970.
CREATE TABLE rollup (
    series INTEGER NOT NULL,
    span   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    emails INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    l0 INTEGER NOT NULL, l1 INTEGER NOT NULL, l2 INTEGER NOT NULL, l3 INTEGER NOT NULL,
    l4 INTEGER NOT NULL, l5 INTEGER NOT NULL, l6 INTEGER NOT NULL, l7 INTEGER NOT NULL,
    l8 INTEGER NOT NULL, l9 INTEGER NOT NULL, l10 INTEGER NOT NULL, l11 INTEGER NOT NULL,
    l12 INTEGER NOT NULL, l13 INTEGER NOT NULL, l14 INTEGER NOT NULL, l15 INTEGER NOT NULL,
    PRIMARY KEY (series, span, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_action (
    series INTEGER NOT NULL,
    span   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (series, span, at, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    level       INTEGER NOT NULL,
    account     TEXT,
    given_at    INTEGER,
    target      TEXT NOT NULL,
    message     TEXT NOT NULL,
    fields      TEXT NOT NULL
) STRICT;
CREATE INDEX log_by_level ON log (level, at);
CREATE INDEX log_by_account ON log (account, at) WHERE account IS NOT NULL;

CREATE TABLE administrator (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    username      TEXT NOT NULL,
    password_hash TEXT NOT NULL
) STRICT;
CREATE TABLE session (
    id             TEXT PRIMARY KEY,
    token_hash     BLOB NOT NULL,
    username       TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    last_used_at   INTEGER NOT NULL,
    client_address TEXT NOT NULL,
    user_agent     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE made_key (
    name        TEXT PRIMARY KEY,
    sha256      BLOB NOT NULL,
    permissions TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE key_use (
    name      TEXT PRIMARY KEY,
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE overlay (
    name     TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- What was decided through the API, over what the configuration says.
CREATE TABLE pause (
    name   TEXT PRIMARY KEY,
    paused INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The store's own facts: how far the search index reaches, and a place to try writing.
CREATE TABLE mark (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO mark (name, value) VALUES ('indexed', 0), ('probe', 0);
