//! Incidents: alerts of several policies about one person, which together tell of an account taken over.
//!
//! Guesses alone take nothing over. An alert of guesses is a link for whoever was let in from one of their addresses.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{DAY, Policy, Trigger};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::accounts::Principal;
use crate::state::alerts::Alert;
use crate::state::events::Kept;
use crate::state::{StateError, Tx};

pub(super) const NAME: &str = "chain";

/// Signs of a takeover.
const SIGNS: [&str; 5] = [
    super::activity_from_anonymous_ip::NAME,
    super::activity_from_infrequent_country::NAME,
    super::impossible_travel::NAME,
    super::new_oauth_app_broad_scope::NAME,
    super::token_theft_session_replay::NAME,
];
/// Signs of one, once somebody is let in.
const GUESSES: [&str; 2] = [super::password_spray::NAME, super::mfa_fatigue::NAME];

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Chain {
    /// So many policies make an incident.
    at_least: usize,
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for Chain {
    fn default() -> Self {
        Self { at_least: 2, within: Span(DAY), response: Response::default() }
    }
}

/// An alert as far as it concerns one person.
struct Link {
    at: Timestamp,
    alert: Alert,
    evidence: Vec<Kept>,
}

impl Chain {
    pub(super) fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Account taken over",
            gap: self.within.0,
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    /// Every moment at which enough of what is known of `person` comes together.
    pub(super) fn triggers(&self, tx: &Tx<'_>, person: &Principal) -> Result<Vec<Trigger>, StateError> {
        let mut links = Vec::new();
        let mut history = tx.history(person)?;
        history.retain(|event| self.response.counts(event.at));
        for alert in tx.alerts_that_cite(person)? {
            let mut evidence = tx.evidence(&alert.uid)?;
            evidence.retain(|event| event.principal.as_ref() == Some(person) && self.response.counts(event.at));
            links.extend(link(alert, person, evidence, &history));
        }
        links.sort_by(|a, b| (a.at, &a.alert.uid).cmp(&(b.at, &b.alert.uid)));
        let within = if planted(Bug::ChainForAWeek) { DAY * 7 } else { self.within.0 };
        let trigger = |last: &Link| {
            let inside = |link: &&Link| link.at <= last.at && last.at.duration_since(link.at) < within;
            let window: Vec<&Link> = links.iter().filter(inside).collect();
            let told_apart: BTreeSet<&str> = match planted(Bug::ChainOfOnePolicy) {
                true => window.iter().map(|link| link.alert.uid.as_str()).collect(),
                false => window.iter().map(|link| link.alert.policy.as_str()).collect(),
            };
            let mut evidence: Vec<Kept> = window.iter().flat_map(|link| link.evidence.clone()).collect();
            evidence.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key().cmp(&b.key())));
            evidence.dedup_by(|a, b| a.key() == b.key());
            let alerts: BTreeSet<&str> = window.iter().map(|link| link.alert.uid.as_str()).collect();
            (told_apart.len() >= self.at_least).then(|| Trigger {
                at: last.at,
                scope: String::new(),
                facts: json!({"count": told_apart.len(), "threshold": self.at_least,
                    "window_s": self.within.0.as_secs(), "alerts": alerts}),
                evidence,
            })
        };
        Ok(links.iter().filter_map(trigger).collect())
    }
}

/// How an alert concerns a person, of whose events it cites `evidence`.
fn link(alert: Alert, person: &Principal, mut evidence: Vec<Kept>, history: &[Kept]) -> Option<Link> {
    if SIGNS.contains(&alert.policy.as_str()) {
        return (alert.principal == *person).then(|| Link { at: alert.first_at, alert, evidence });
    }
    if !GUESSES.contains(&alert.policy.as_str()) {
        return None;
    }
    if planted(Bug::GuessesAreEnough) {
        return Some(Link { at: alert.first_at, alert, evidence });
    }
    let first = evidence.iter().map(|event| event.at).min()?;
    let is_in = |event: &&Kept| {
        event.kind == EventKind::SignIn
            && event.at >= first
            && event.at.duration_since(first) < LET_IN_WITHIN
            && event.ip.is_some()
            && evidence.iter().any(|guess| guess.ip == event.ip)
    };
    let success = history.iter().find(is_in)?.clone();
    let at = success.at;
    evidence.push(success);
    Some(Link { at, alert, evidence })
}

/// Whoever is let in later than this after the first guess was not guessed.
const LET_IN_WITHIN: SignedDuration = DAY;
