-- Large deletions that outlived their request: what to remove, from where on, before which time, and
-- the last row that was there when it was asked for.
CREATE TABLE erasure (
    id      INTEGER PRIMARY KEY,
    logs    INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    before  INTEGER NOT NULL,
    through INTEGER NOT NULL
) STRICT;
