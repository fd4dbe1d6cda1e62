/** "imlg", so that `file` and we can tell the file from any other database. */
export const LEDGER_APPLICATION_ID = 0x696d6c67;

/**
 * Version of the tables and of what their blobs mean. There is no migration: a ledger of another version is set aside, since all
 * that is in it can be worked out again from chat.db and the consumers' cursors.
 */
export const LEDGER_VERSION = 1;

/**
 * What the broker knows, in one file.
 * - store: one row; whose ledger it is, which database it follows, which scans are owed, and of which version the prints are
 * - log_place: one row; up to where chat.db's log has been read (NULLs: nowhere)
 * - message, chat, attachment: the prints, packed (print-bytes.ts); a guid is 16 bytes when it is an upper-case UUID
 * - waiting: messages not told yet, and since when
 * - overflowing: rows whose update may touch overflow pages alone
 * - change: the change log; `what` is subject, reason and one flag (change-log.ts)
 * - late: first tellings that came after the one of a later row
 * - epoch: the head at each start
 * - generation: databases followed so far
 */
export const LEDGER_TABLES = `
  CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id BLOB NOT NULL,
    begun_unix_us INTEGER NOT NULL,
    database_uid TEXT,
    device INTEGER,
    inode INTEGER,
    generation INTEGER NOT NULL,
    scan TEXT,
    prints_version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE log_place (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    inode INTEGER,
    salt1 INTEGER,
    salt2 INTEGER,
    frames INTEGER,
    checksum1 INTEGER,
    checksum2 INTEGER
  ) STRICT;
  CREATE TABLE message (rowid INTEGER PRIMARY KEY, guid ANY NOT NULL, print BLOB NOT NULL) STRICT;
  CREATE TABLE chat (rowid INTEGER PRIMARY KEY, guid ANY NOT NULL, print BLOB NOT NULL) STRICT;
  CREATE TABLE attachment (rowid INTEGER PRIMARY KEY, guid ANY NOT NULL, print BLOB NOT NULL) STRICT;
  CREATE TABLE waiting (rowid INTEGER PRIMARY KEY, since_unix_ms INTEGER NOT NULL) STRICT;
  CREATE INDEX waiting_by_since ON waiting (since_unix_ms);
  CREATE TABLE overflowing (
    subject INTEGER NOT NULL,
    rowid INTEGER NOT NULL,
    PRIMARY KEY (subject, rowid)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE change (
    sequence INTEGER PRIMARY KEY,
    what INTEGER NOT NULL,
    row INTEGER NOT NULL,
    guid ANY NOT NULL,
    generation INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE late (sequence INTEGER PRIMARY KEY, row INTEGER NOT NULL) STRICT;
  CREATE TABLE epoch (epoch INTEGER PRIMARY KEY, head INTEGER NOT NULL) STRICT;
  CREATE TABLE generation (
    generation INTEGER PRIMARY KEY,
    database_uid TEXT NOT NULL,
    label TEXT NOT NULL
  ) STRICT;
`;
