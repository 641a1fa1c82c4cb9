-- The tables as they were before they had a version. Never to be edited.
CREATE TABLE election (one INTEGER PRIMARY KEY CHECK (one = 1), manifest BLOB NOT NULL) STRICT;
CREATE TABLE entry (position INTEGER PRIMARY KEY CHECK (position >= 0), bytes BLOB NOT NULL) STRICT;
CREATE TABLE pending (hash BLOB PRIMARY KEY, entry BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;
CREATE TABLE ballot (
    hash BLOB PRIMARY KEY, voter BLOB NOT NULL, number INTEGER NOT NULL, challenged INTEGER NOT NULL CHECK (challenged IN (0, 1)),
    promise BLOB NOT NULL, position INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ballot_number ON ballot (voter, number) WHERE challenged = 0;
CREATE INDEX ballot_voter ON ballot (voter);
CREATE TABLE pad (a BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE envelope (hash BLOB PRIMARY KEY, container BLOB NOT NULL, salt BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;
CREATE TABLE status (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;
CREATE TABLE stamp (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;
CREATE TABLE unstamped (hash BLOB PRIMARY KEY, imprint BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;
CREATE INDEX unstamped_accepted ON unstamped (accepted);
CREATE TABLE signing_key (key BLOB PRIMARY KEY, voter BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE voter (
    pseudonym BLOB PRIMARY KEY, person_code TEXT NOT NULL UNIQUE COLLATE NOCASE, blinding BLOB NOT NULL, district INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (token BLOB PRIMARY KEY, voter BLOB NOT NULL, ends INTEGER NOT NULL, early INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX session_ends ON session (ends);
CREATE TABLE check_pad (place INTEGER PRIMARY KEY, pad BLOB NOT NULL CHECK (length(pad) = 32)) STRICT;
CREATE TABLE check_window (
    token BLOB PRIMARY KEY, ballot BLOB NOT NULL UNIQUE, place INTEGER NOT NULL, released INTEGER NOT NULL, ends INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX check_window_ends ON check_window (ends);
CREATE TABLE cosigned (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT NOT NULL) STRICT;
