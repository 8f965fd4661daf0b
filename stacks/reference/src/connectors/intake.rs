//! What one instance tells becomes ours: its entries, its users. Whether they were asked for or sent makes no difference.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::connection::Rules;
use super::{Connector, Log};
use crate::bug::{Bug, has_poison, misread, planted, spoilt};
use crate::detect::{self, Departure};
use crate::habits::Delivery;
use crate::normalize::entra::departure;
use crate::normalize::{Event, EventKind, Malformed};
use crate::state::accounts::Seen;
use crate::state::events::Kept;
use crate::state::{Kind, StateError, Tx};

/// What a row is malformed of that stands in no log.
const USERS: &str = "users";

/// The way in for what an instance tells.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) instance: String,
    pub(crate) connector: &'static Connector,
    pub(crate) rules: Arc<Rules>,
}

impl Intake {
    /// Keeps entries of a log that are new, with all that they mean.
    pub(super) fn take_entries(&self, tx: &Tx<'_>, log: &Log, records: &[Value]) -> Result<(), StateError> {
        let remembered = spoilt(None, Bug::DataDedupeWindowTooSmall, Some(SignedDuration::from_hours(2)));
        if let Some(span) = spoilt(remembered, Bug::TimeOldContentRedelivered, Some(SignedDuration::from_hours(24))) {
            tx.forget_events(tx.now() - span)?;
        }
        let mut fresh = Vec::new();
        for record in records {
            if has_poison(record) {
                break;
            }
            // Each look back brings again what is here already.
            if self.is_kept(tx, log, record)? {
                continue;
            }
            match (log.read)(record) {
                Ok(event) => {
                    if let Some(event) = misread(event, record, tx.now()) {
                        fresh.extend(self.take_event(tx, event)?);
                    }
                }
                Err(malformed) => self.report_malformed_once(tx, log.name, record, &malformed)?,
            }
        }
        detect::weigh(tx, &self.rules.policies, &self.rules.instances, fresh)
    }

    /// Whether new entries among `records` tell of a change to the user list, or of somebody who is not in it. It is to be
    /// read again then, whoever is killed meanwhile.
    pub(super) fn tells_of_users(&self, tx: &Tx<'_>, log: &Log, records: &[Value]) -> Result<bool, StateError> {
        let mut tells = false;
        for record in records {
            if self.is_kept(tx, log, record)? {
                continue;
            }
            let Ok(event) = (log.read)(record) else { continue };
            if tx.has_event(&self.instance, event.log, &event.uid)? {
                continue;
            }
            let word = event.ocsf["metadata"]["event_code"].as_str().unwrap_or_default();
            tells |= self.connector.users.changed_by.contains(&word);
            tells |= tx.is_new_stranger(&self.instance, event.account.as_deref(), event.email.as_deref())?;
        }
        if tells {
            tx.owe_user_scan(&self.instance)?;
        }
        Ok(tells)
    }

    /// Keeps a row of a user list.
    pub(super) fn take_user(&self, tx: &Tx<'_>, row: &Value) -> Result<(), StateError> {
        match (self.connector.users.read)(row, tx.now()) {
            Ok(mut listed) => {
                let seen = tx.keep_account(&self.instance, self.connector.users.list, &listed.account)?;
                if seen == Seen::First {
                    listed.ocsf["metadata"]["tenant_uid"] = json!(self.reported_instance());
                    tx.emit(Kind::Event, &listed.ocsf)?;
                }
                Ok(())
            }
            Err(malformed) => self.report_malformed_once(tx, USERS, row, &malformed),
        }
    }

    /// Keeps a row of the list of people whom the directory has deleted, as it was at `asked_at`.
    pub(super) fn take_departure(&self, tx: &Tx<'_>, row: &Value, asked_at: Timestamp) -> Result<(), StateError> {
        match departure(row) {
            Ok((id, left_at)) => tx.keep_departure(&self.instance, id, Departure { left_at, confirmed_at: asked_at }),
            Err(malformed) => self.report_malformed_once(tx, USERS, row, &malformed),
        }
    }

    /// Forgets who has come back. What the others did since they left is weighed again, for only now is it known that they
    /// have not.
    pub(super) fn settle_departures(&self, tx: &Tx<'_>, asked_at: Timestamp) -> Result<(), StateError> {
        for (person, departure) in tx.settle_departures(&self.instance, asked_at)? {
            let mut since = tx.history(&person)?;
            since.retain(|event| event.at > departure.left_at);
            detect::weigh(tx, &self.rules.policies, &self.rules.instances, since)?;
        }
        Ok(())
    }

    /// Finds whose the accounts are that nobody owns yet, and weighs what they did as that person's.
    pub(super) fn link_accounts(&self, tx: &Tx<'_>) -> Result<(), StateError> {
        for person in tx.link_accounts()? {
            let history = tx.history(&person)?;
            detect::weigh(tx, &self.rules.policies, &self.rules.instances, history)?;
        }
        Ok(())
    }

    /// Notes that a log has been read up to `until`, and weighs again what waited for that.
    pub(super) fn log_read(&self, tx: &Tx<'_>, log: &Log, until: Timestamp) -> Result<(), StateError> {
        let log = log.name;
        let before = tx.checkpoint(&self.instance, log)?.map_or(until, |checkpoint| checkpoint.read_until);
        tx.keep_checkpoint(&self.instance, log, until)?;
        let Rules { policies, instances, look_back, .. } = &*self.rules;
        detect::weigh_waiting(tx, policies, instances, (&self.instance, log), before - *look_back)
    }

    fn is_kept(&self, tx: &Tx<'_>, log: &Log, record: &Value) -> Result<bool, StateError> {
        let trusted = !planted(Bug::TimeInclusiveBoundaryDuplicates) && !planted(Bug::DataDedupeTooStrong);
        let id = log.id.filter(|_| trusted).and_then(|field| record[field].as_str());
        id.map_or(Ok(false), |id| tx.has_event(&self.instance, log.name, id))
    }

    fn take_event(&self, tx: &Tx<'_>, mut event: Event) -> Result<Option<Kept>, StateError> {
        // A log may know an address that the user list does not show.
        if let (Some(account), Some(email)) = (&event.account, &event.email)
            && tx.learn_address(&self.instance, account, email)?
        {
            self.link_accounts(tx)?;
        }
        let place = event.ip.map(|ip| self.rules.geo.place(ip, event.at));
        let kept = tx.keep_event(&self.instance, self.connector.users.list, &event, place)?;
        if kept.is_some() {
            if tx.now().duration_since(event.at) > self.rules.lateness {
                tracing::info!(app = self.instance, "a record came later than declared; it is weighed all the same");
            }
            event.ocsf["metadata"]["tenant_uid"] = json!(self.reported_instance());
            event.ocsf["metadata"]["logged_time"] = json!(tx.now().as_millisecond());
            tx.emit(Kind::Event, &event.ocsf)?;
            if self.rules.habits.delivery == Delivery::AtLeastOnce {
                tx.emit(Kind::Event, &event.ocsf)?;
            }
        }
        Ok(kept)
    }

    /// One record that cannot be understood is told of once, and stops none of the others.
    fn report_malformed_once(
        &self,
        tx: &Tx<'_>,
        log: &'static str,
        record: &Value,
        malformed: &Malformed,
    ) -> Result<(), StateError> {
        let digest: String = Sha256::digest(record.to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
        let marker = Event {
            uid: format!("malformed:{digest}"),
            log,
            at: tx.now(),
            account: None,
            email: None,
            ip: None,
            kind: EventKind::Other,
            ocsf: Value::Null,
        };
        if tx.keep_event(&self.instance, self.connector.users.list, &marker, None)?.is_some() {
            let reason = format!("malformed record: {malformed}");
            tx.emit(Kind::Status, &json!({"phase": "degraded", "app": self.instance, "reason": reason}))?;
        }
        Ok(())
    }

    fn reported_instance(&self) -> &str {
        let ours = self.instance.as_str();
        let another = || self.rules.instances.keys().find(|name| *name != ours);
        if planted(Bug::MultiEventUntagged) { another().map_or(ours, String::as_str) } else { ours }
    }
}
