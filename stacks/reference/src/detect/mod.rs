//! Detections: what kept events mean together.
//!
//! They run inside the transaction that keeps an event, over event time and over everything kept so far, so it does
//! not matter in which order or how late records come. A detection is a pure function from one fresh event and its
//! neighbours to [`Trigger`]s; [`episodes`] makes alerts of them.

pub(crate) mod alert;
pub(crate) mod episodes;
pub(crate) mod failed_logins;
pub(crate) mod impossible_travel;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::episodes::Touched;
use crate::bug::{Bug, planted};
use crate::connections::{Policies, Response};
use crate::normalize::EventKind;
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

/// Weighs `fresh` events, which are kept already, against all others.
pub(crate) fn weigh(
    tx: &Tx<'_>,
    policies: &Policies,
    lateness: SignedDuration,
    fresh: &[Kept],
) -> Result<(), StateError> {
    let mut touched = Touched::default();
    for event in fresh {
        let late = tx.now().duration_since(event.at) > lateness;
        tracing::debug!(app = event.app, late, "weighing an event");
        let Some(principal) = &event.principal else { continue };
        if let Some(settings) = &policies.impossible_travel {
            let policy = impossible_travel::policy(settings);
            let neighbours = tx.around(principal, event.at, impossible_travel::REACH)?;
            let triggers = match planted(Bug::AlertOnEverything) {
                false => impossible_travel::triggers(settings, event, &neighbours),
                true => alert_on_everything(event),
            };
            touched.apply(tx, policy, principal, "", triggers)?;
        }
        if let Some(settings) = &policies.multiple_failed_logins {
            let policy = failed_logins::policy(settings);
            let scope = failed_logins::scope(settings, event);
            let neighbours = tx.around(principal, event.at, settings.within.0)?;
            let triggers = match planted(Bug::AlertOnEverything) {
                false => failed_logins::triggers(settings, event, &neighbours),
                true => alert_on_everything(event),
            };
            touched.apply(tx, policy, principal, scope, triggers)?;
        }
    }
    touched.report(tx)
}

fn alert_on_everything(event: &Kept) -> Vec<Trigger> {
    let is_sign_in = matches!(event.kind, EventKind::SignIn | EventKind::FailedSignIn);
    let trigger = || Trigger { at: event.at, evidence: vec![event.clone()], facts: json!({}) };
    is_sign_in.then(trigger).into_iter().collect()
}
