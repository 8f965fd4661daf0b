//! What was noticed: one row an alert, with the events that prove it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
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
    /// The earliest alert of this kind to which a trigger at `at` belongs: no more than `gap` away from it.
    pub(crate) fn open_alert(
        &self,
        policy: &str,
        principal: &Principal,
        scope: &str,
        at: Timestamp,
        gap: SignedDuration,
    ) -> Result<Option<Alert>, StateError> {
        let found = self
            .query_row(
                "SELECT uid, first_at, last_at, created_at, facts FROM alerts
                 WHERE policy = ?1 AND principal = ?2 AND scope = ?3 AND first_at <= ?4 AND last_at >= ?5
                 ORDER BY first_at, uid",
                params![policy, principal.0, scope, column(at + gap), column(at - gap)],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, String>(4)?)),
            )
            .optional()?;
        let Some((uid, first_at, last_at, created_at, facts)) = found else { return Ok(None) };
        Ok(Some(Alert {
            uid,
            policy: policy.to_owned(),
            principal: principal.clone(),
            scope: scope.to_owned(),
            first_at: moment(first_at),
            last_at: moment(last_at),
            created_at: moment(created_at),
            facts: serde_json::from_str(&facts)?,
        }))
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
