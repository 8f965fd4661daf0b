//! What happened, each record once, and how far each log has been read.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::accounts::{Principal, UserList};
use super::{StateError, Tx, column, moment};
use crate::bug::{Bug, planted, spoilt};
use crate::geo::Place;
use crate::normalize::{Event, EventKind};

/// A kept event as the detections see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) app: String,
    pub(crate) log: String,
    pub(crate) uid: String,
    pub(crate) at: Timestamp,
    pub(crate) account: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) place: Option<Place>,
    pub(crate) kind: EventKind,
    pub(crate) type_uid: i64,
    pub(crate) deed: Deed,
    pub(crate) principal: Option<Principal>,
}

/// What was done, where an app's log says so: as far as detections ask.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Deed {
    /// The app's own word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// The id, or else the name, of what or whom it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    /// Its name, without that of what it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object_name: Option<String>,
    /// The session or token that held the request, by the app's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    /// Whether that is a token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_token: bool,
    /// The request's user agent, as far as it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// What else the app says of it.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) details: Value,
}

impl Deed {
    /// Of an event as it is reported.
    fn of(ocsf: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (resource, unmapped) = (&ocsf["resources"][0], &ocsf["unmapped"]);
        let token = text(&unmapped["hashed_token"]);
        let name = text(&resource["name"]);
        Self {
            // What was tried in vain was not done.
            operation: text(&ocsf["api"]["operation"]).filter(|_| ocsf["status_id"] != 2),
            object: text(&unmapped["target_user_uid"])
                .or_else(|| text(&resource["uid"]))
                .or_else(|| text(&resource["name"])),
            object_name: name.map(|name| name.rsplit('/').next().unwrap_or_default().to_owned()),
            by_token: token.is_some(),
            session: token.or_else(|| text(&ocsf["actor"]["session"]["uid"])),
            agent: text(&ocsf["http_request"]["user_agent"]),
            details: unmapped["details"].clone(),
        }
    }
}

impl Kept {
    /// Whether somebody did it, and it succeeded.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.kind, EventKind::SignIn | EventKind::Activity)
    }

    /// Whether somebody did it who was there, and it succeeded: a token needs nobody.
    pub(crate) fn is_done_in_person(&self) -> bool {
        self.is_done() && !self.deed.by_token
    }

    /// What tells events apart, and orders those of one moment.
    pub(crate) fn key(&self) -> (&str, &str, &str) {
        (&self.app, &self.log, &self.uid)
    }
}

/// How far a log has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Everything before this was asked for.
    pub(crate) read_until: Timestamp,
    /// The newest record seen.
    pub(crate) newest: Timestamp,
    /// Whether what came after `read_until` is lost, and nobody was told yet.
    pub(crate) gap_owed: bool,
}

const COLUMNS: &str = "app, log, uid, at, account, email, ip, place, kind, type_uid, principal, operation, deed";

impl Tx<'_> {
    /// Whether this record is here already.
    pub(crate) fn has_event(&self, app: &str, log: &str, uid: &str) -> Result<bool, StateError> {
        let found = self.query_row(
            "SELECT 1 FROM events WHERE app = ?1 AND log = ?2 AND uid = ?3",
            [app, log, uid],
            |_| Ok(()),
        );
        Ok(found.optional()?.is_some())
    }

    /// Keeps `event` unless it is here already; a record seen before brings `None`.
    pub(crate) fn keep_event(
        &self,
        app: &str,
        list: UserList,
        event: &Event,
        place: Option<Place>,
    ) -> Result<Option<Kept>, StateError> {
        if planted(Bug::MultiDedupeCollision) {
            let sql = "SELECT count(*) FROM events WHERE log = ?1 AND uid = ?2";
            let known: i64 = self.query_row(sql, [event.log, &event.uid], |row| row.get(0))?;
            if known > 0 {
                return Ok(None);
            }
        }
        let (account, email) = (event.account.clone(), event.email.clone());
        let kept = Kept {
            app: app.to_owned(),
            log: event.log.to_owned(),
            uid: event.uid.clone(),
            at: event.at,
            principal: self.principal(app, list, account.as_deref(), email.as_deref())?,
            account,
            email,
            ip: event.ip,
            place,
            kind: event.kind,
            type_uid: event.ocsf["type_uid"].as_i64().unwrap_or_default(),
            deed: Deed::of(&event.ocsf),
        };
        let place = kept.place.as_ref().map(serde_json::to_string).transpose()?;
        let inserted = self
            .db
            .prepare_cached(&format!(
                "INSERT OR IGNORE INTO events ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            ))?
            .execute(params![
                kept.app,
                kept.log,
                kept.uid,
                column(kept.at),
                kept.account,
                kept.email,
                kept.ip.map(|ip| ip.to_string()),
                place,
                kept.kind.word(),
                kept.type_uid,
                kept.principal.as_ref().map(|principal| &principal.0),
                kept.deed.operation,
                serde_json::to_string(&kept.deed)?,
            ])?;
        Ok((inserted > 0 || planted(Bug::TimeInclusiveBoundaryDuplicates)).then_some(kept))
    }

    /// What `principal` did no further than `reach` from `at`, in order of time.
    pub(crate) fn around(
        &self,
        principal: &Principal,
        at: Timestamp,
        reach: SignedDuration,
    ) -> Result<Vec<Kept>, StateError> {
        self.found("principal", &principal.0, at, reach)
    }

    /// What was done from `ip`, by anybody, no further than `reach` from `at`, in order of time.
    pub(crate) fn at_address(&self, ip: IpAddr, at: Timestamp, reach: SignedDuration) -> Result<Vec<Kept>, StateError> {
        self.found("ip", &ip.to_string(), at, reach)
    }

    /// Every `operation`, by anybody, no further than `reach` from `at`, in order of time.
    pub(crate) fn doing(&self, operation: &str, at: Timestamp, reach: SignedDuration) -> Result<Vec<Kept>, StateError> {
        self.found("operation", operation, at, reach)
    }

    /// Everything in `app`, by anybody, no further than `reach` from `at`, in order of time.
    pub(crate) fn in_app(&self, app: &str, at: Timestamp, reach: SignedDuration) -> Result<Vec<Kept>, StateError> {
        self.found("app", app, at, reach)
    }

    /// Everything anywhere, by anybody, no further than `reach` from `at`, in order of time.
    pub(crate) fn anywhere(&self, at: Timestamp, reach: SignedDuration) -> Result<Vec<Kept>, StateError> {
        let mut rows = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM events WHERE at BETWEEN ?1 AND ?2 ORDER BY at, app, log, uid"
        ))?;
        let rows = rows.query_map([column(at - reach), column(at + reach)], kept)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Everything that `log` of `app` holds from `from` on, in order of time.
    pub(crate) fn logged_since(&self, app: &str, log: &str, from: Timestamp) -> Result<Vec<Kept>, StateError> {
        let mut rows = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM events WHERE app = ?1 AND log = ?2 AND at >= ?3 ORDER BY at, uid"
        ))?;
        let rows = rows.query_map(params![app, log, column(from)], kept)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn found(
        &self,
        column_of: &str,
        value: &str,
        at: Timestamp,
        reach: SignedDuration,
    ) -> Result<Vec<Kept>, StateError> {
        let mut rows = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM events WHERE {column_of} = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at, app, log, uid"
        ))?;
        let rows = rows.query_map(params![value, column(at - reach), column(at + reach)], kept)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Everything that `principal` did.
    pub(crate) fn history(&self, principal: &Principal) -> Result<Vec<Kept>, StateError> {
        let mut rows = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE principal = ?1 ORDER BY at, app, log, uid"))?;
        let rows = rows.query_map([&principal.0], kept)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The events that prove an alert, in order of time.
    pub(crate) fn evidence(&self, alert: &str) -> Result<Vec<Kept>, StateError> {
        let mut rows = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM events JOIN evidence USING (app, log, uid)
             WHERE alert = ?1 ORDER BY at, app, log, uid"
        ))?;
        let rows = rows.query_map([alert], kept)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How far `log` of `app` has been read.
    pub(crate) fn checkpoint(&self, app: &str, log: &str) -> Result<Option<Checkpoint>, StateError> {
        let app = spoilt(app, Bug::MultiStateKeyCollision, "");
        let log = spoilt(log, Bug::OneCheckpointForBothLogs, "");
        Ok(self
            .query_row(
                "SELECT read_until, newest, gap_owed FROM checkpoints WHERE app = ?1 AND log = ?2",
                [app, log],
                |row| {
                    let (read_until, newest) = (moment(row.get(0)?), moment(row.get(1)?));
                    Ok(Checkpoint { read_until, newest, gap_owed: row.get(2)? })
                },
            )
            .optional()?)
    }

    /// Notes that what `log` of `app` held from its checkpoint on is lost, until the next checkpoint is kept. Before there
    /// is any checkpoint nothing can be lost.
    pub(crate) fn owe_gap(&self, app: &str, log: &str) -> Result<(), StateError> {
        self.execute("UPDATE checkpoints SET gap_owed = 1 WHERE app = ?1 AND log = ?2", [app, log])?;
        Ok(())
    }

    /// Notes that `log` of `app` has been read up to `read_until`, and that no gap is owed any more.
    pub(crate) fn keep_checkpoint(&self, app: &str, log: &str, read_until: Timestamp) -> Result<(), StateError> {
        let app = spoilt(app, Bug::MultiStateKeyCollision, "");
        let log = spoilt(log, Bug::OneCheckpointForBothLogs, "");
        self.execute(
            "INSERT OR REPLACE INTO checkpoints (app, log, read_until, newest)
             VALUES (?1, ?2, ?3, coalesce((SELECT max(at) FROM events WHERE app = ?1 AND log = ?2), ?3))",
            params![app, log, column(read_until)],
        )?;
        Ok(())
    }

    /// Forgets what happened before that moment.
    pub(crate) fn forget_events(&self, before: Timestamp) -> Result<(), StateError> {
        self.execute("DELETE FROM events WHERE at < ?1", [column(before)])?;
        Ok(())
    }

    /// How many events were kept.
    pub(crate) fn event_count(&self) -> Result<i64, StateError> {
        Ok(self.query_row("SELECT count(*) FROM events", [], |row| row.get(0))?)
    }
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        app: row.get(0)?,
        log: row.get(1)?,
        uid: row.get(2)?,
        at: moment(row.get(3)?),
        account: row.get(4)?,
        email: row.get(5)?,
        ip: row.get::<_, Option<String>>(6)?.and_then(|ip| ip.parse().ok()),
        place: row.get::<_, Option<String>>(7)?.and_then(|place| serde_json::from_str(&place).ok()),
        kind: EventKind::of_word(&row.get::<_, String>(8)?),
        type_uid: row.get(9)?,
        principal: row.get::<_, Option<String>>(10)?.map(Principal),
        deed: serde_json::from_str(&row.get::<_, String>(12)?).unwrap_or_default(),
    })
}
