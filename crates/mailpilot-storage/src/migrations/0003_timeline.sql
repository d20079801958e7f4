-- Stretches of time during which a server watched its accounts without interruption. What is not within
-- one is not known.
CREATE TABLE watch (
    began INTEGER PRIMARY KEY,
    seen  INTEGER NOT NULL
) STRICT;
CREATE INDEX watch_by_seen ON watch (seen);
-- A minute in which an account's state changed: every state held in it, and the one at its end, which
-- holds until the next row. Bits: 1 connected, 2 paused, 4 connecting, 8 stalled, 16 disconnected,
-- 32 error; 0 is not known. A minute is one row however often a state changes in it.
CREATE TABLE watched_minute (
    watch   INTEGER NOT NULL,
    account TEXT NOT NULL,
    minute  INTEGER NOT NULL,
    held    INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (watch, account, minute)
) STRICT, WITHOUT ROWID;
