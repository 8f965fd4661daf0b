//! Detections: what kept events mean together.
//!
//! They run inside the transaction that keeps an event, over event time and over everything kept so far, so it does
//! not matter in which order or how late records come. A detection is a pure function from one fresh event and its
//! neighbours to [`Trigger`]s; [`episodes`] makes alerts of them.

pub(crate) mod alert;
pub(crate) mod episodes;
pub(crate) mod failed_logins;
pub(crate) mod impossible_travel;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::episodes::Touched;
use crate::bug::{Bug, planted};
use crate::connections::{Policies, Response, Vendor};
use crate::normalize::EventKind;
use crate::state::accounts::Principal;
use crate::state::events::Kept;
use crate::state::{StateError, Tx};

/// The moment at which events together mean something, and the events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trigger {
    pub(crate) at: Timestamp,
    pub(crate) evidence: Vec<Kept>,
    /// The numbers that decided.
    pub(crate) facts: Value,
}

/// A policy as far as alerts are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<'a> {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) response: &'a Response,
}

/// Weighs `fresh` events, which are kept already, against all others; `instances` are the apps there are.
pub(crate) fn weigh(
    tx: &Tx<'_>,
    policies: &Policies,
    instances: &BTreeMap<String, Vendor>,
    mut fresh: Vec<Kept>,
) -> Result<(), StateError> {
    // Some logs come newest first; what raises an alert is what came first in time.
    fresh.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key().cmp(&b.key())));
    let mut touched = Touched::default();
    for event in &fresh {
        let Some(principal) = &event.principal else { continue };
        if let Some(settings) = &policies.impossible_travel {
            let triggers = match impossible_travel::concerns(settings, event) {
                _ if planted(Bug::AlertOnEverything) => alert_on_everything(event),
                true if settings.response.counts(event.at) => {
                    let neighbours = around(tx, event, principal, impossible_travel::REACH, &settings.response)?;
                    impossible_travel::triggers(settings, event, &neighbours)
                }
                _ => Vec::new(),
            };
            touched.apply(tx, impossible_travel::policy(settings), principal, "", triggers)?;
        }
        if let Some(settings) = &policies.multiple_failed_logins {
            let triggers = match failed_logins::concerns(event) {
                _ if planted(Bug::AlertOnEverything) => alert_on_everything(event),
                true if settings.response.counts(event.at) => {
                    let neighbours = around(tx, event, principal, settings.within.0, &settings.response)?;
                    failed_logins::triggers(settings, event, &neighbours)
                }
                _ => Vec::new(),
            };
            let scope = failed_logins::scope(settings, event);
            touched.apply(tx, failed_logins::policy(settings), principal, scope, triggers)?;
        }
    }
    touched.report(tx, instances)
}

/// A principal's events around one of them, as far as the policy counts them.
fn around(
    tx: &Tx<'_>,
    event: &Kept,
    principal: &Principal,
    reach: SignedDuration,
    response: &Response,
) -> Result<Vec<Kept>, StateError> {
    let mut events = tx.around(principal, event.at, reach)?;
    events.retain(|event| response.counts(event.at));
    Ok(events)
}

fn alert_on_everything(event: &Kept) -> Vec<Trigger> {
    let is_sign_in = matches!(event.kind, EventKind::SignIn | EventKind::FailedSignIn);
    let trigger = || Trigger { at: event.at, evidence: vec![event.clone()], facts: json!({}) };
    is_sign_in.then(trigger).into_iter().collect()
}
