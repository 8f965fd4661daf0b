-- Moments are microseconds since 1970, UTC.
CREATE TABLE IF NOT EXISTS tokens (
    app TEXT PRIMARY KEY, access_token TEXT NOT NULL, refresh_token TEXT, expires_at INTEGER
) STRICT;
-- A code that the browser brought and that is not yet a token.
CREATE TABLE IF NOT EXISTS codes (app TEXT PRIMARY KEY, code TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoints (
    app TEXT NOT NULL, log TEXT NOT NULL,
    read_until INTEGER NOT NULL, -- every record before this was asked for
    newest INTEGER NOT NULL,     -- the newest record seen
    PRIMARY KEY (app, log)
) STRICT;
-- `person` is the principal of the directory account to which an app's account belongs.
CREATE TABLE IF NOT EXISTS accounts (
    app TEXT NOT NULL, uid TEXT NOT NULL, email TEXT, login TEXT, active INTEGER NOT NULL,
    person TEXT, is_directory INTEGER NOT NULL,
    PRIMARY KEY (app, uid)
) STRICT;
CREATE INDEX IF NOT EXISTS accounts_by_email ON accounts (email);
CREATE INDEX IF NOT EXISTS accounts_by_login ON accounts (login);
CREATE TABLE IF NOT EXISTS events (
    app TEXT NOT NULL, log TEXT NOT NULL, uid TEXT NOT NULL,
    at INTEGER NOT NULL, principal TEXT, account TEXT, email TEXT, ip TEXT, place TEXT,
    kind TEXT NOT NULL, -- sign_in, failed_sign_in (wrong credentials), refused_prompt, activity, other
    type_uid INTEGER NOT NULL,
    operation TEXT, deed TEXT NOT NULL, -- what was done, where the app says so
    PRIMARY KEY (app, log, uid)
) STRICT;
CREATE INDEX IF NOT EXISTS events_by_log ON events (app, log, at);
CREATE INDEX IF NOT EXISTS events_by_principal ON events (principal, at);
CREATE INDEX IF NOT EXISTS events_by_address ON events (ip, at);
CREATE INDEX IF NOT EXISTS events_by_operation ON events (operation, at) WHERE operation IS NOT NULL;
-- Whom the directory has deleted, as far as it said so at `confirmed_at`.
CREATE TABLE IF NOT EXISTS departures (
    person TEXT PRIMARY KEY, directory TEXT NOT NULL, left_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alerts (
    uid TEXT PRIMARY KEY, policy TEXT NOT NULL, principal TEXT NOT NULL, scope TEXT NOT NULL,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, created_at INTEGER NOT NULL, facts TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alerts_by_principal ON alerts (principal, policy);
CREATE TABLE IF NOT EXISTS evidence (
    alert TEXT NOT NULL, app TEXT NOT NULL, log TEXT NOT NULL, uid TEXT NOT NULL,
    PRIMARY KEY (alert, app, log, uid)
) STRICT;
CREATE TABLE IF NOT EXISTS commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE,
    instance TEXT, alert TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, email TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    first_sent_at INTEGER,              -- set before the first call leaves
    finished INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL) STRICT;
