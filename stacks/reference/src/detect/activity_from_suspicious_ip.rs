//! Activity from a suspicious address: one that a feed calls bad, or that has guessed at many people's passwords.
//!
//! Whatever succeeds from such an address counts, unless the organisation calls the address its own. An address has guessed
//! when in the day before it had enough wrong credentials of enough people.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Around, DAY, Detection, Others, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::events::Kept;

pub(super) const NAME: &str = "activity_from_suspicious_ip";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct SuspiciousIp {
    /// Wrong credentials within a day that make an address suspicious.
    failures: usize,
    /// Of how many people they have to be.
    accounts: usize,
    #[serde(flatten)]
    response: Response,
}

impl Default for SuspiciousIp {
    fn default() -> Self {
        Self { failures: 20, accounts: 10, response: Response::default() }
    }
}

impl Detection for SuspiciousIp {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Activity from a suspicious IP address",
            gap: DAY,
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach { own: SignedDuration::ZERO, others: Others::AtTheAddress(DAY) }
    }

    fn concerns(&self, event: &Kept) -> bool {
        let is_safe = event.place.as_ref().is_some_and(crate::geo::Place::is_safe);
        event.ip.is_some() && !is_safe && (event.is_done_in_person() || event.kind == EventKind::FailedSignIn)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        // A guess that is told late may make a success suspicious that was told before.
        let successes = around.others.iter().filter(|event| event.is_done_in_person() && event.at >= fresh.at);
        successes.filter_map(|success| self.judge(success, around)).collect()
    }
}

impl SuspiciousIp {
    fn judge(&self, success: &Kept, around: &Around) -> Option<Trigger> {
        let scope = success.ip.map(|ip| ip.to_string()).unwrap_or_default();
        let trigger = |mut evidence: Vec<Kept>, facts| {
            evidence.push(success.clone());
            Trigger { at: success.at, scope, evidence, facts }
        };
        if success.place.as_ref().is_some_and(|place| place.has_any(&["risky"])) {
            return Some(trigger(Vec::new(), json!({"tag": "risky"})));
        }
        let before = |event: &&Kept| event.at <= success.at && event.at > success.at - DAY;
        let guesses: Vec<&Kept> =
            around.others.iter().filter(|event| event.kind == EventKind::FailedSignIn).filter(before).collect();
        let people: BTreeSet<_> = guesses.iter().filter_map(|guess| guess.principal.as_ref()).collect();
        let guessed = guesses.len() >= self.failures && people.len() >= self.accounts;
        let facts = json!({"failures": guesses.len(), "accounts": people.len(), "window_s": DAY.as_secs()});
        guessed.then(|| trigger(guesses.into_iter().cloned().collect(), facts))
    }
}
