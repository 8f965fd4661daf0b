//! All that must outlive the process, in one SQLite database.
//!
//! Everything happens in [`State::write`]: one transaction over events, what they set off, the checkpoint and the
//! report's lines. A process killed at any instant has therefore done a thing wholly or not at all.
//!
//! A database that something else has damaged is put aside, and the stack begins as it did at first: [`damaged`].
//!
//! - [`tokens`]: OAuth tokens and codes on their way to become tokens
//! - [`accounts`]: who is who
//! - [`user_scans`]: when each user list was last read, and what asks for reading it again
//! - [`departures`]: whom the directory has deleted
//! - [`health`]: which connectors work
//! - [`events`]: what happened, each once, and how far each log has been read
//! - [`alerts`] and [`commands`]: what was noticed and what is done about it
//! - [`scanned`]: what was looked into, as it was then
//! - [`usage`]: who uses which app, and the sessions in which that was learnt

pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod commands;
mod damaged;
pub(crate) mod departures;
pub(crate) mod events;
pub(crate) mod grants;
pub(crate) mod health;
pub(crate) mod scanned;
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod user_scans;

use std::cell::RefCell;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};

use crate::bug::{Bug, misreport, planted, spoilt};
use crate::clock::Clock;
use crate::config::Outlives;
use crate::report::Report;

/// More than there are different statements.
const STATEMENTS: usize = 64;

const SCHEMA: &str = include_str!("schema.sql");

/// Of the schema, kept in the database (`PRAGMA user_version`). Goes up whenever a table that exists is changed: nothing is
/// carried over from another version.
const VERSION: i32 = 3;

/// The database and the report that follows it.
pub(crate) struct State {
    inner: Mutex<Inner>,
    clock: Clock,
}

struct Inner {
    db: Connection,
    report: Report,
    /// The number of the last line of the report, be it written or still in the outbox.
    last_seq: i64,
}

/// One transaction.
pub(crate) struct Tx<'a> {
    db: Transaction<'a>,
    now: Timestamp,
    lines: RefCell<Vec<(i64, String)>>,
    last_seq: i64,
}

/// The four kinds of report lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    Alert,
    Action,
    Status,
}

/// The state cannot be read or written: the stack cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The database refuses.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The folder or the report cannot be written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// The database was made by a stack that kept other things in it, or kept them elsewhere.
    #[error("database in {}: its version is {found}, this stack's is {VERSION}; give it an empty state folder", folder.display())]
    Version {
        /// The state folder.
        folder: PathBuf,
        /// The version found; 0 where none was kept yet.
        found: i32,
    },
    /// The database has lost something.
    #[error("database is damaged: {why}")]
    Damaged {
        /// What was found.
        why: String,
    },
    /// Another process works with this state.
    #[error("another copy of this stack works with {}", folder.display())]
    Taken {
        /// The state folder.
        folder: PathBuf,
    },
    /// Something in the database is not what was put there.
    #[error("database holds nonsense: {0}")]
    Nonsense(#[from] serde_json::Error),
}

/// The state is this process's alone until this is dropped, however the process ends.
#[derive(Debug)]
pub(crate) struct Claim {
    _lock: Option<File>,
}

impl Claim {
    /// Takes the state in `folder`, unless another process has it.
    pub(crate) fn on(folder: &Path) -> Result<Self, StateError> {
        if planted(Bug::StateTwoReplicas) {
            return Ok(Self { _lock: None });
        }
        match std::fs::create_dir_all(folder) {
            Err(_) if planted(Bug::StateDiskFull) => return Ok(Self { _lock: None }),
            made => made?,
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(StateError::Taken { folder: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl State {
    /// Opens the database in `folder`, and brings the report up to date with it. One that is damaged is put aside, and another
    /// made. That a state was lost of which the report tells is said.
    pub(crate) fn open(folder: &Path, report: &Path, outlives: Outlives, clock: Clock) -> Result<Self, StateError> {
        if let Some(folder) = report.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let report = Report::open(report, outlives)?;
        let open = || open_database(folder, outlives, report.last_seq());
        let (db, lost) = match open() {
            Err(error) if damaged::is_damage(&error) => {
                damaged::put_aside(folder)?;
                (open()?.0, Some(format!("{error}; it was put aside")))
            }
            Ok((db, Found::None)) if report.last_seq() > 0 => (db, Some("the database is gone".to_owned())),
            opened => (opened?.0, None),
        };
        if let Some(why) = lost.clone().filter(|_| planted(Bug::StateTornWrite)) {
            return Err(StateError::Damaged { why });
        }
        if planted(Bug::StateInMemoryDedupe) {
            db.execute("DELETE FROM events", [])?;
        }
        let mut inner = Inner { db, report, last_seq: 0 };
        inner.bring_report_up_to_date()?;
        let state = Self { inner: Mutex::new(inner), clock };
        if let Some(lost) = lost.filter(|_| !planted(Bug::StateDiskFull)) {
            let reason = format!("{lost}, and everything begins anew");
            state.status(&json!({"phase": "degraded", "reason": reason}))?;
        }
        Ok(state)
    }

    /// Does `work` wholly or not at all.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, StateError>) -> Result<T, StateError> {
        let mut inner = self.inner.lock().expect("nobody panics while holding the database");
        let inner = &mut *inner;
        let tx = Tx::begin(&mut inner.db, TransactionBehavior::Immediate, self.clock.now(), inner.last_seq)?;
        let result = work(&tx)?;
        let lines = tx.lines.take();
        if !lines.is_empty() {
            tx.execute("DELETE FROM outbox WHERE seq <= ?1", [inner.report.last_seq()])?;
        }
        tx.db.commit()?;
        inner.report.append(&lines)?;
        inner.last_seq = inner.last_seq.max(inner.report.last_seq());
        Ok(result)
    }

    /// Looks something up; whatever `look` writes all the same is undone.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Tx<'_>) -> Result<T, StateError>) -> Result<T, StateError> {
        let mut inner = self.inner.lock().expect("nobody panics while holding the database");
        let inner = &mut *inner;
        look(&Tx::begin(&mut inner.db, TransactionBehavior::Deferred, self.clock.now(), inner.last_seq)?)
    }

    /// Writes a status line on its own.
    pub(crate) fn status(&self, body: &Value) -> Result<(), StateError> {
        self.write(|tx| tx.emit(Kind::Status, body))
    }
}

/// Opens the database, or makes one. `told` is the number of the last line that was reported.
fn open_database(folder: &Path, outlives: Outlives, told: i64) -> Result<(Connection, Found), StateError> {
    let in_order = damaged::was_closed(folder);
    let mut db = connect(folder)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if outlives == Outlives::PowerLoss { "FULL" } else { "NORMAL" };
    db.pragma_update(None, "synchronous", synchronous)?;
    // Else a statement is prepared anew for every value it is asked with.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    let found = make_or_recognize(&mut db, folder)?;
    if found == Found::Old {
        damaged::look(&db, in_order, told)?;
    }
    Ok((db, found))
}

fn connect(folder: &Path) -> Result<Connection, StateError> {
    match std::fs::create_dir_all(folder) {
        Err(_) if planted(Bug::StateDiskFull) => return Ok(Connection::open_in_memory()?),
        made => made?,
    }
    make_private(&database(folder))?;
    Ok(Connection::open(database(folder))?)
}

/// Whether there was a database before.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Old,
    None,
}

/// Makes a new file that nobody else can read: it will hold tokens. What SQLite puts beside it has the same permissions.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mode = spoilt(0o600, Bug::SecStateWorldReadable, 0o644);
    match OpenOptions::new().write(true).create_new(true).mode(mode).open(file) {
        // Whatever the process's umask is.
        Ok(made) => made.set_permissions(Permissions::from_mode(mode)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the tables of a new database, wholly or not at all; one of another version is refused as it is.
fn make_or_recognize(db: &mut Connection, folder: &Path) -> Result<Found, StateError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let is_new = tx.query_row("SELECT count(*) = 0 FROM sqlite_master", [], |row| row.get(0))?;
    if is_new {
        tx.execute_batch(SCHEMA)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    } else if version != VERSION {
        return Err(StateError::Version { folder: folder.to_owned(), found: version });
    }
    tx.commit()?;
    Ok(if is_new { Found::None } else { Found::Old })
}

impl Inner {
    /// Writes what was committed and not written any more, before the process ended.
    fn bring_report_up_to_date(&mut self) -> Result<(), StateError> {
        let mut rows = self.db.prepare("SELECT seq, line FROM outbox WHERE seq > ?1 ORDER BY seq")?;
        let lines = rows
            .query_map([self.report.last_seq()], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(i64, String)>, _>>()?;
        self.report.append(&lines)?;
        self.last_seq = last_given(&self.db)?.max(self.report.last_seq());
        Ok(())
    }
}

impl<'a> Tx<'a> {
    fn begin(
        db: &'a mut Connection,
        behavior: TransactionBehavior,
        now: Timestamp,
        last_seq: i64,
    ) -> Result<Self, StateError> {
        Ok(Self { db: db.transaction_with_behavior(behavior)?, now, lines: RefCell::default(), last_seq })
    }
}

impl Tx<'_> {
    /// When this transaction began.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Runs a statement that is prepared once.
    fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.db.prepare_cached(sql)?.execute(params)
    }

    /// The first row of a query that is prepared once.
    fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.db.prepare_cached(sql)?.query_row(params, read)
    }

    /// Adds a line to the report.
    pub(crate) fn emit(&self, kind: Kind, body: &Value) -> Result<(), StateError> {
        let word = match kind {
            Kind::Event => "event",
            Kind::Alert => "alert",
            Kind::Action => "action",
            Kind::Status => "status",
        };
        let mut lines = self.lines.borrow_mut();
        for body in misreport(kind, body) {
            let seq = lines.last().map_or(self.last_seq, |(seq, _)| *seq) + 1;
            let line = json!({"v": 1, "kind": word, "seq": seq, "emitted_at": self.now.to_string(), "body": body});
            let line = line.to_string();
            self.execute("INSERT INTO outbox (seq, line) VALUES (?1, ?2)", params![seq, line])?;
            lines.push((seq, line));
        }
        Ok(())
    }
}

/// The highest number of a line that the database ever gave, even where the report was begun anew.
fn last_given(db: &Connection) -> rusqlite::Result<i64> {
    let given = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'";
    db.query_row(given, [], |row| row.get(0))
}

/// The database's file.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("reference.sqlite3")
}

/// A moment as a column holds it.
fn column(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A moment read back from a column.
fn moment(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A state in a folder that goes away with it.
#[cfg(test)]
pub(crate) fn for_tests() -> (tempfile::TempDir, std::sync::Arc<State>) {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let (_, stopping) = tokio::sync::watch::channel(false);
    let report = folder.path().join("report.ndjson");
    let state = State::open(folder.path(), &report, Outlives::PowerLoss, Clock::system(stopping))
        .expect("a new database opens");
    (folder, std::sync::Arc::new(state))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) fn open(folder: &Path) -> Result<State, StateError> {
        let (_, stopping) = tokio::sync::watch::channel(false);
        State::open(folder, &folder.join("report.ndjson"), Outlives::PowerLoss, Clock::system(stopping))
    }

    #[test]
    fn a_state_is_opened_again() {
        let (folder, state) = for_tests();
        drop(state);
        open(folder.path()).unwrap();
    }

    #[test]
    fn a_state_is_one_processes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Claim::on(folder.path()).unwrap();
        assert!(matches!(Claim::on(folder.path()), Err(StateError::Taken { .. })));
        drop(first);
        Claim::on(folder.path()).unwrap();
    }

    #[test]
    fn what_holds_tokens_is_nobody_elses_to_read() {
        let (folder, state) = for_tests();
        state.status(&json!({"phase": "ready"})).unwrap();
        for file in ["reference.sqlite3", "reference.sqlite3-wal"] {
            let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn a_database_of_another_version_is_refused_and_left_as_it_is() {
        for version in [0, VERSION + 1] {
            let folder = tempfile::tempdir().unwrap();
            let old = Connection::open(folder.path().join("reference.sqlite3")).unwrap();
            old.execute_batch(&format!("CREATE TABLE commands (directory TEXT); PRAGMA user_version = {version};"))
                .unwrap();
            let error = open(folder.path()).err().unwrap();
            assert!(matches!(error, StateError::Version { found, .. } if found == version), "{error}");
            assert!(error.to_string().contains("give it an empty state folder"), "{error}");
            let tables: u32 = old.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).unwrap();
            assert_eq!(tables, 1);
        }
    }
}
