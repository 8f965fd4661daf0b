//! A database that something else than this stack has damaged: a disk, a copy that broke off, a power loss on hardware that
//! says it has written what it has not.
//!
//! SQLite finds most of it by itself, and an end that is missing without a word by what the report tells of and the database
//! does not know. Nothing is mended: tokens and marks that may be wrong are worse than none, and whoever goes back to an
//! earlier state does anew what was done since. The files are kept for whoever wants to look, until the next time.

use std::ffi::OsString;
use std::fs::{remove_file, rename};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use super::{StateError, database, last_given};

/// What a damaged database is called from then on, behind its name.
const ASIDE: &str = ".damaged";

/// Whether a process closed the database before it ended: SQLite then removes the log of what is not in it yet.
pub(super) fn was_closed(folder: &Path) -> bool {
    !beside(&database(folder), "-wal").exists()
}

/// Looks for damage in a database that SQLite was willing to open. All of it is read only where nobody closed it; what is
/// missing at the end of one that was closed, SQLite finds by its size.
pub(super) fn look(db: &Connection, was_closed: bool, told: i64) -> std::result::Result<(), StateError> {
    if !was_closed {
        let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(StateError::Damaged { why: said });
        }
    }
    let given = last_given(db)?;
    if given < told {
        let why = format!("it knows of {given} lines of the report, which has {told}");
        return Err(StateError::Damaged { why });
    }
    Ok(())
}

/// Whether an error says that what the database holds is lost.
pub(super) fn is_damage(error: &StateError) -> bool {
    match error {
        StateError::Damaged { .. } => true,
        StateError::Database(error) => {
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        }
        _ => false,
    }
}

/// Puts the database aside, in the place of one that was put aside before.
pub(super) fn put_aside(folder: &Path) -> Result<()> {
    let (file, aside) = (database(folder), beside(&database(folder), ASIDE));
    for suffix in ["", "-wal"] {
        let moved = rename(beside(&file, suffix), beside(&aside, suffix));
        gone_as_well(moved)?;
    }
    // An index into the log, which is made anew from it.
    gone_as_well(remove_file(beside(&file, "-shm")))
}

fn gone_as_well(done: Result<()>) -> Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs::{OpenOptions, metadata, read_to_string};

    use serde_json::json;

    use super::super::{State, tests::open};
    use super::*;

    /// A state that has told of ten things, with the copy of its files that a kill would have left.
    fn killed() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let state = open(folder.path()).unwrap();
        (0..10).for_each(|n| state.status(&json!({"phase": "connected", "app": format!("app {n}")})).unwrap());
        let left = tempfile::tempdir().unwrap();
        for file in ["reference.sqlite3", "reference.sqlite3-wal", "report.ndjson"] {
            std::fs::copy(folder.path().join(file), left.path().join(file)).unwrap();
        }
        left
    }

    fn cut(file: &Path) {
        let bytes = metadata(file).unwrap().len();
        OpenOptions::new().write(true).open(file).unwrap().set_len(bytes / 2).unwrap();
    }

    /// What was told of trouble, once the state was opened, used, and opened again.
    fn told(folder: &Path) -> usize {
        let use_it = |state: State| state.status(&json!({"phase": "ready"})).unwrap();
        use_it(open(folder).unwrap());
        use_it(open(folder).unwrap());
        let report = read_to_string(folder.join("report.ndjson")).unwrap();
        let seqs: Vec<i64> = report
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["seq"].as_i64().unwrap())
            .collect();
        assert!(seqs.is_sorted() && seqs.windows(2).all(|pair| pair[0] != pair[1]), "{seqs:?}");
        report.matches("everything begins anew").count()
    }

    #[test]
    fn what_a_kill_leaves_is_whole() {
        assert_eq!(told(killed().path()), 0);
    }

    #[test]
    fn what_was_cut_short_is_lost_and_that_is_told_once() {
        #[rustfmt::skip]
        let cases: [&[&str]; 3] = [
            &["reference.sqlite3-wal"],
            &["reference.sqlite3"],
            &["reference.sqlite3", "reference.sqlite3-wal"],
        ];
        for files in cases {
            let folder = killed();
            files.iter().for_each(|file| cut(&folder.path().join(file)));
            assert_eq!(told(folder.path()), usize::from(files != ["reference.sqlite3"]), "{files:?}");
        }
    }

    #[test]
    fn what_was_closed_and_then_cut_is_put_aside() {
        let folder = killed();
        drop(open(folder.path()).unwrap());
        let file = folder.path().join("reference.sqlite3");
        cut(&file);
        assert_eq!(told(folder.path()), 1);
        assert!(beside(&file, ASIDE).exists());
    }

    #[test]
    fn what_is_no_database_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("reference.sqlite3"), "{\"cursor\": \"2026-03-02T09:00:00Z\", \"tok")
            .unwrap();
        assert_eq!(told(folder.path()), 1);
    }
}
