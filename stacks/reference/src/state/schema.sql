-- A change of what exists wants a new VERSION in mod.rs.
-- Moments are microseconds since 1970, UTC.
CREATE TABLE tokens (
    app TEXT PRIMARY KEY, access_token TEXT NOT NULL, refresh_token TEXT, expires_at INTEGER
) STRICT;
-- A code that the browser brought and that is not yet a token.
CREATE TABLE codes (app TEXT PRIMARY KEY, code TEXT NOT NULL) STRICT;
CREATE TABLE checkpoints (
    app TEXT NOT NULL, log TEXT NOT NULL,
    read_until INTEGER NOT NULL, -- every record before this was asked for
    newest INTEGER NOT NULL,     -- the newest record seen
    gap_owed INTEGER NOT NULL DEFAULT 0, -- what came after read_until is lost, which is still to be told
    PRIMARY KEY (app, log)
) STRICT;
-- `person` is the principal of the directory account to which an app's account belongs.
CREATE TABLE accounts (
    app TEXT NOT NULL, uid TEXT NOT NULL, email TEXT, login TEXT, active INTEGER NOT NULL,
    person TEXT, is_directory INTEGER NOT NULL,
    PRIMARY KEY (app, uid)
) STRICT;
CREATE INDEX accounts_by_email ON accounts (email);
CREATE INDEX accounts_by_login ON accounts (login);
-- The last time the user list of an app was read whole; without a row it is to be read.
CREATE TABLE user_scans (app TEXT PRIMARY KEY, began INTEGER NOT NULL) STRICT;
-- When a connector last did all that it has to, and whether a health alert about it stands.
CREATE TABLE connector_health (
    app TEXT PRIMARY KEY, worked_at INTEGER NOT NULL, alerted INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Names in an app's log because of which its user list was read once already.
CREATE TABLE strangers (app TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (app, name)) STRICT;
CREATE TABLE events (
    app TEXT NOT NULL, log TEXT NOT NULL, uid TEXT NOT NULL,
    at INTEGER NOT NULL, principal TEXT, account TEXT, email TEXT, ip TEXT, place TEXT,
    kind TEXT NOT NULL, -- sign_in, failed_sign_in (wrong credentials), refused_prompt, activity, other
    type_uid INTEGER NOT NULL,
    operation TEXT, deed TEXT NOT NULL, -- what was done, where the app says so
    PRIMARY KEY (app, log, uid)
) STRICT;
CREATE INDEX events_by_log ON events (app, log, at);
CREATE INDEX events_by_principal ON events (principal, at);
CREATE INDEX events_by_address ON events (ip, at);
CREATE INDEX events_by_operation ON events (operation, at) WHERE operation IS NOT NULL;
-- Apps, tokens and keys that are let into an app, as they were seen last.
CREATE TABLE grants (
    app TEXT NOT NULL, uid TEXT NOT NULL, list TEXT NOT NULL, name TEXT NOT NULL, facts TEXT NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (app, uid)
) STRICT;
-- Whom the directory has deleted, as far as it said so at `confirmed_at`.
CREATE TABLE departures (
    person TEXT PRIMARY KEY, directory TEXT NOT NULL, left_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE alerts (
    uid TEXT PRIMARY KEY, policy TEXT NOT NULL, principal TEXT NOT NULL, scope TEXT NOT NULL,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, created_at INTEGER NOT NULL, facts TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_principal ON alerts (principal, policy);
CREATE TABLE evidence (
    alert TEXT NOT NULL, app TEXT NOT NULL, log TEXT NOT NULL, uid TEXT NOT NULL,
    PRIMARY KEY (alert, app, log, uid)
) STRICT;
CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE,
    instance TEXT, alert TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, email TEXT,
    object TEXT,                        -- the vendor's id of a thing of theirs to which it is done
    ordered_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    first_sent_at INTEGER,              -- set before the first call leaves
    finished INTEGER NOT NULL DEFAULT 0
) STRICT;
-- How each control of the secure score was last told to stand.
CREATE TABLE posture (app TEXT NOT NULL, control TEXT NOT NULL, status INTEGER NOT NULL, PRIMARY KEY (app, control)) STRICT;
-- What was scanned for what should not stand there, as it was then.
CREATE TABLE scanned (app TEXT NOT NULL, uid TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (app, uid)) STRICT;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL) STRICT;
-- Apps that people use, as a Defender (`app`) tells them apart: `uid` and `number` of the instance.
CREATE TABLE used_apps (
    app TEXT NOT NULL, uid TEXT NOT NULL, number INTEGER NOT NULL,
    source TEXT NOT NULL,   -- activities, discovery
    name TEXT NOT NULL, website TEXT, users INTEGER, last_used INTEGER,
    PRIMARY KEY (app, uid, number)
) STRICT;
CREATE TABLE app_users (
    app TEXT NOT NULL, uid TEXT NOT NULL, number INTEGER NOT NULL, account TEXT NOT NULL,
    name TEXT, username TEXT,
    last_at INTEGER,        -- of the last activity; discovery knows none
    active INTEGER,
    created_by TEXT, role TEXT,
    reported TEXT,          -- what was last told of it
    PRIMARY KEY (app, uid, number, account)
) STRICT;
CREATE TABLE sync_sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, trigger TEXT NOT NULL,
    began INTEGER NOT NULL, ended INTEGER, error TEXT
) STRICT;
