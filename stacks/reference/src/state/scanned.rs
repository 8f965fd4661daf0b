//! What was scanned for what should not stand there: nothing is read again before it has changed. And how controls stood:
//! nothing is told again before it is news.

use rusqlite::{OptionalExtension, params};

use super::{StateError, Tx};

impl Tx<'_> {
    /// Whether a thing was scanned as it is now; `mark` is the vendor's word for a state of it.
    pub(crate) fn is_scanned(&self, app: &str, uid: &str, mark: &str) -> Result<bool, StateError> {
        let found = self.query_row("SELECT mark FROM scanned WHERE app = ?1 AND uid = ?2", [app, uid], |row| {
            row.get::<_, String>(0)
        });
        Ok(found.optional()?.is_some_and(|known| known == mark))
    }

    /// Notes that it was.
    pub(crate) fn note_scanned(&self, app: &str, uid: &str, mark: &str) -> Result<(), StateError> {
        self.execute("INSERT OR REPLACE INTO scanned (app, uid, mark) VALUES (?1, ?2, ?3)", params![app, uid, mark])?;
        Ok(())
    }

    /// Whether it is news that a control stands so; from now on it is not.
    pub(crate) fn is_news_of_posture(&self, app: &str, control: &str, status: u8) -> Result<bool, StateError> {
        let changed = self.execute(
            "INSERT INTO posture (app, control, status) VALUES (?1, ?2, ?3)
             ON CONFLICT (app, control) DO UPDATE SET status = ?3 WHERE status <> ?3",
            params![app, control, status],
        )?;
        Ok(changed > 0)
    }
}
