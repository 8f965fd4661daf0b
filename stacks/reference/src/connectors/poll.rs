//! One poll of one connection: the user list first, then the log.
//!
//! A poll reads from `look_back` before the checkpoint up to now, in slices of a day. Each page is one transaction:
//! its events, what they mean together, and with the last page the new checkpoint. The checkpoint follows the windows
//! asked for, never the events' own times, so neither silence nor a record from the future can move it wrongly.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::connection::Connection;
use super::departures;
use super::walk::{Remaining, walk};
use crate::api::Trouble;
use crate::bug::{Bug, planted};
use crate::detect::{self, Departure};
use crate::normalize::entra::departure;
use crate::normalize::{Event, EventKind, Malformed};
use crate::state::accounts::Seen;
use crate::state::events::Kept;
use crate::state::{Kind, StateError, Tx};

/// The longest stretch of a log asked for at once.
const SLICE: SignedDuration = SignedDuration::from_hours(24);

impl Connection {
    /// Reads all there is to read.
    pub(super) async fn poll(&self) -> Result<(), Trouble> {
        // Users are wanted first, to know whose events these are; but events without users beat neither.
        let users = self.read_users().await;
        if !matches!(users, Ok(()) | Err(Trouble::Vendor(_) | Trouble::Nonsense(_))) {
            return users;
        }
        self.read_departures().await?;
        self.read_log().await?;
        users
    }

    async fn read_users(&self) -> Result<(), Trouble> {
        let Some(first) = (self.connector.users)(&self.app) else { return Ok(()) };
        walk(&self.api, self.connector, &first, |rows, remaining| {
            self.api.state.write(|tx| {
                for row in rows {
                    self.take_user(tx, row)?;
                }
                if remaining == Remaining::None {
                    self.link_accounts(tx)?;
                }
                Ok(())
            })
        })
        .await?;
        self.rules.ordered.send_replace(());
        Ok(())
    }

    /// Whom the directory has deleted, if a policy asks for it. What they did since is weighed again, for only now is it
    /// known that they had not come back.
    async fn read_departures(&self) -> Result<(), Trouble> {
        let Some(first) = departures(&self.app).filter(|_| self.rules.policies.want_departures()) else {
            return Ok(());
        };
        let (directory, confirmed_at) = (&self.api.instance, self.api.clock().now());
        walk(&self.api, self.connector, &first, |rows, remaining| {
            self.api.state.write(|tx| {
                for row in rows {
                    match departure(row) {
                        Ok((id, left_at)) => tx.keep_departure(directory, id, Departure { left_at, confirmed_at })?,
                        Err(malformed) => self.report_malformed_once(tx, row, &malformed)?,
                    }
                }
                if remaining == Remaining::None {
                    for (person, departure) in tx.settle_departures(directory, confirmed_at)? {
                        let mut since = tx.history(&person)?;
                        since.retain(|event| event.at > departure.left_at);
                        detect::weigh(tx, &self.rules.policies, since)?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    fn take_user(&self, tx: &Tx<'_>, row: &Value) -> Result<(), StateError> {
        match (self.connector.user)(row, tx.now()) {
            Ok(mut listed) => {
                let seen = tx.keep_account(&self.api.instance, self.connector.list, &listed.account)?;
                if seen == Seen::First {
                    listed.ocsf["metadata"]["tenant_uid"] = json!(self.reported_instance());
                    tx.emit(Kind::Event, &listed.ocsf)?;
                }
                Ok(())
            }
            Err(malformed) => self.report_malformed_once(tx, row, &malformed),
        }
    }

    fn link_accounts(&self, tx: &Tx<'_>) -> Result<(), StateError> {
        for person in tx.link_accounts()? {
            let history = tx.history(&person)?;
            detect::weigh(tx, &self.rules.policies, history)?;
        }
        Ok(())
    }

    async fn read_log(&self) -> Result<(), Trouble> {
        let until = self.api.clock().now();
        let mut from = self.first_unread(until)?;
        while from < until {
            let to = (from + SLICE).min(until);
            let first = (self.connector.entries)(&self.app, from, to).ok_or(Trouble::Nonsense("base_url is no URL"))?;
            walk(&self.api, self.connector, &first, |records, remaining| self.take_page(records, remaining, to))
                .await?;
            from = to;
        }
        Ok(())
    }

    /// Where this poll begins. What the vendor no longer serves is reported as a gap.
    fn first_unread(&self, now: Timestamp) -> Result<Timestamp, Trouble> {
        let (instance, log) = (&self.api.instance, self.connector.log);
        let checkpoint = self.api.state.write(|tx| tx.checkpoint(instance, log))?;
        let from = match checkpoint {
            Some(checkpoint) if planted(Bug::WatermarkPlusOne) => {
                return Ok(checkpoint.newest + SignedDuration::from_millis(1));
            }
            Some(checkpoint) => checkpoint.read_until - self.rules.look_back,
            None => now - self.rules.look_back,
        };
        let served_from = now - self.connector.retention;
        if let Some(lost_from) = checkpoint.map(|checkpoint| checkpoint.read_until).filter(|at| *at < served_from) {
            self.api.state.status(&json!({
                "phase": "degraded", "app": instance, "reason": "gap",
                "from": lost_from.to_string(), "to": served_from.to_string(),
            }))?;
        }
        Ok(from.max(served_from))
    }

    fn take_page(&self, records: &[Value], remaining: Remaining, read_until: Timestamp) -> Result<(), StateError> {
        self.api.state.write(|tx| {
            let mut fresh = Vec::new();
            for record in records {
                // Each look back brings again what is here already.
                if self.is_kept(tx, record)? {
                    continue;
                }
                match (self.connector.event)(record) {
                    Ok(event) => fresh.extend(self.take_event(tx, event)?),
                    Err(malformed) => self.report_malformed_once(tx, record, &malformed)?,
                }
            }
            detect::weigh(tx, &self.rules.policies, fresh)?;
            if remaining == Remaining::None {
                tx.keep_checkpoint(&self.api.instance, self.connector.log, read_until)?;
            }
            Ok(())
        })?;
        self.rules.ordered.send_replace(());
        Ok(())
    }

    fn is_kept(&self, tx: &Tx<'_>, record: &Value) -> Result<bool, StateError> {
        let id = record[self.connector.id].as_str().filter(|_| !planted(Bug::NoDedupe));
        id.map_or(Ok(false), |id| tx.has_event(&self.api.instance, self.connector.log, id))
    }

    fn take_event(&self, tx: &Tx<'_>, mut event: Event) -> Result<Option<Kept>, StateError> {
        let place = event.ip.map(|ip| self.rules.geo.place(ip));
        let kept = tx.keep_event(&self.api.instance, self.connector.list, &event, place)?;
        if kept.is_some() {
            if tx.now().duration_since(event.at) > self.rules.lateness {
                tracing::info!(
                    app = self.api.instance,
                    "a record came later than declared; it is weighed all the same"
                );
            }
            event.ocsf["metadata"]["tenant_uid"] = json!(self.reported_instance());
            event.ocsf["metadata"]["logged_time"] = json!(tx.now().as_millisecond());
            tx.emit(Kind::Event, &event.ocsf)?;
            if planted(Bug::CountEventTwice) {
                tx.emit(Kind::Event, &event.ocsf)?;
            }
        }
        Ok(kept)
    }

    /// One record that cannot be understood is told of once, and stops none of the others.
    fn report_malformed_once(&self, tx: &Tx<'_>, record: &Value, malformed: &Malformed) -> Result<(), StateError> {
        let digest: String = Sha256::digest(record.to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
        let marker = Event {
            uid: format!("malformed:{digest}"),
            log: self.connector.log,
            at: tx.now(),
            account: None,
            email: None,
            ip: None,
            kind: EventKind::Other,
            ocsf: Value::Null,
        };
        if tx.keep_event(&self.api.instance, self.connector.list, &marker, None)?.is_some() {
            let reason = format!("malformed record: {malformed}");
            tx.emit(Kind::Status, &json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))?;
        }
        Ok(())
    }

    fn reported_instance(&self) -> &str {
        let ours = self.api.instance.as_str();
        let another = || self.rules.instances.iter().find(|name| *name != ours);
        if planted(Bug::WrongInstance) { another().map_or(ours, String::as_str) } else { ours }
    }
}
