//! Which connectors work, and about which a health alert stands.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StateError, Tx, column, moment};

/// How a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Health {
    /// When it last did all that it has to; when it was connected, before it ever did.
    pub(crate) worked_at: Timestamp,
    /// Whether a health alert about it stands.
    pub(crate) alerted: bool,
}

impl Tx<'_> {
    /// How the connector of `app` is; as one that is just being connected where nothing is known.
    pub(crate) fn health(&self, app: &str) -> Result<Health, StateError> {
        self.execute(
            "INSERT OR IGNORE INTO connector_health (app, worked_at) VALUES (?1, ?2)",
            params![app, column(self.now())],
        )?;
        let found = self
            .query_row("SELECT worked_at, alerted FROM connector_health WHERE app = ?1", [app], |row| {
                Ok(Health { worked_at: moment(row.get(0)?), alerted: row.get(1)? })
            })
            .optional()?;
        Ok(found.unwrap_or(Health { worked_at: self.now(), alerted: false }))
    }

    /// The connector of `app` did all that it has to; says whether a health alert stood until now.
    pub(crate) fn note_that_it_works(&self, app: &str) -> Result<bool, StateError> {
        let stood = self.health(app)?.alerted;
        self.execute(
            "UPDATE connector_health SET worked_at = ?2, alerted = 0 WHERE app = ?1",
            params![app, column(self.now())],
        )?;
        Ok(stood)
    }

    /// A health alert about `app` stands from now on; says whether that is new.
    pub(crate) fn note_health_alert(&self, app: &str) -> Result<bool, StateError> {
        self.health(app)?;
        Ok(self.execute("UPDATE connector_health SET alerted = 1 WHERE app = ?1 AND NOT alerted", [app])? > 0)
    }
}
