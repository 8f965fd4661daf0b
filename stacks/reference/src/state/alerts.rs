//! What was noticed: one row an alert, with the events that prove it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::accounts::Principal;
use super::events::Kept;
use super::{StateError, Tx, column, moment};

/// An alert: what one principal did, under one policy, in one stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    pub(crate) uid: String,
    pub(crate) policy: String,
    pub(crate) principal: Principal,
    /// What a policy counts apart besides people: an app instance, or nothing.
    pub(crate) scope: String,
    pub(crate) first_at: Timestamp,
    pub(crate) last_at: Timestamp,
    pub(crate) created_at: Timestamp,
    /// The numbers of the trigger that raised it.
    pub(crate) facts: Value,
}

impl Tx<'_> {
    /// The earliest alert of this kind to which a trigger at `at` belongs: no more than `gap` away from it, and about
    /// `principal` if one is named.
    pub(crate) fn open_alert(
        &self,
        policy: &str,
        principal: Option<&Principal>,
        scope: &str,
        at: Timestamp,
        gap: SignedDuration,
    ) -> Result<Option<Alert>, StateError> {
        let found = self
            .query_row(
                "SELECT uid, policy, principal, scope, first_at, last_at, created_at, facts FROM alerts
                 WHERE policy = ?1 AND (?2 IS NULL OR principal = ?2) AND scope = ?3 AND first_at <= ?4 AND last_at >= ?5
                 ORDER BY first_at, uid",
                params![policy, principal.map(|p| &p.0), scope, column(at + gap), column(at - gap)],
                row,
            )
            .optional()?;
        found.map(alert).transpose()
    }

    /// Every alert that rests on something `person` did.
    pub(crate) fn alerts_that_cite(&self, person: &Principal) -> Result<Vec<Alert>, StateError> {
        let mut rows = self.db.prepare_cached(
            "SELECT DISTINCT alerts.uid, policy, alerts.principal, scope, first_at, last_at, created_at, facts
             FROM alerts JOIN evidence ON evidence.alert = alerts.uid
             JOIN events ON events.app = evidence.app AND events.log = evidence.log AND events.uid = evidence.uid
             WHERE events.principal = ?1 ORDER BY first_at, alerts.uid",
        )?;
        let rows = rows.query_map([&person.0], row)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(alert).collect()
    }

    /// Keeps a new alert, or how far an old one now reaches.
    pub(crate) fn keep_alert(&self, alert: &Alert) -> Result<(), StateError> {
        self.execute(
            "INSERT OR REPLACE INTO alerts (uid, policy, principal, scope, first_at, last_at, created_at, facts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                alert.uid,
                alert.policy,
                alert.principal.0,
                alert.scope,
                column(alert.first_at),
                column(alert.last_at),
                column(alert.created_at),
                alert.facts.to_string()
            ],
        )?;
        Ok(())
    }

    /// Adds proof to an alert and says whether any of it is new.
    pub(crate) fn keep_evidence(&self, alert: &str, events: &[Kept]) -> Result<bool, StateError> {
        let mut added = 0;
        for event in events {
            let (app, log, uid) = event.key();
            added += self.execute(
                "INSERT OR IGNORE INTO evidence (alert, app, log, uid) VALUES (?1, ?2, ?3, ?4)",
                [alert, app, log, uid],
            )?;
        }
        Ok(added > 0)
    }
}

/// A row of the table: the alert, and its facts as they are kept.
fn row(row: &Row<'_>) -> rusqlite::Result<(Alert, String)> {
    let alert = Alert {
        uid: row.get(0)?,
        policy: row.get(1)?,
        principal: Principal(row.get(2)?),
        scope: row.get(3)?,
        first_at: moment(row.get(4)?),
        last_at: moment(row.get(5)?),
        created_at: moment(row.get(6)?),
        facts: Value::Null,
    };
    Ok((alert, row.get(7)?))
}

fn alert((alert, facts): (Alert, String)) -> Result<Alert, StateError> {
    Ok(Alert { facts: serde_json::from_str(&facts)?, ..alert })
}
