//! Password spray: one address guesses at many people's passwords, a few times each.
//!
//! An address from which as many people are let in as fail is shared by people who mistype, and no sprayer's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{Around, Detection, Others, Policy, Reach, Subject, Trigger};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::accounts::Principal;
use crate::state::events::Kept;

pub(super) const NAME: &str = "password_spray";

/// Three hours of silence end an alert.
const GAP: SignedDuration = SignedDuration::from_hours(3);

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PasswordSpray {
    /// So many people are guessed at.
    accounts: usize,
    /// The most guesses at any of them.
    attempts: usize,
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for PasswordSpray {
    fn default() -> Self {
        let within = Span(SignedDuration::from_hours(1));
        Self { accounts: 10, attempts: 8, within, response: Response::default() }
    }
}

impl Detection for PasswordSpray {
    fn policy(&self) -> Policy<'_> {
        Policy { name: NAME, title: "Password spray", gap: GAP, techniques: &["T1110.003"], response: &self.response }
    }

    fn subject(&self) -> Subject {
        if planted(Bug::SprayOfEachPerson) { Subject::Person } else { Subject::Scope }
    }

    fn reach(&self) -> Reach {
        Reach { own: SignedDuration::ZERO, others: Others::AtTheAddress(self.within.0 * 2) }
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.kind == EventKind::FailedSignIn && !event.place.as_ref().is_some_and(crate::geo::Place::is_safe)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let Some(address) = fresh.ip else { return Vec::new() };
        let guesses = || around.others.iter().filter(|event| event.kind == EventKind::FailedSignIn);
        let in_reach = |at: &Timestamp| *at >= fresh.at && at.duration_since(fresh.at) < self.within.0;
        let moments: BTreeSet<Timestamp> = guesses().map(|event| event.at).filter(in_reach).collect();
        moments.into_iter().filter_map(|at| self.spray_until(at, address, around)).collect()
    }
}

impl PasswordSpray {
    /// The spray that the window which ends at `at` holds, if it holds one.
    fn spray_until(&self, at: Timestamp, address: IpAddr, around: &Around) -> Option<Trigger> {
        let inside = |event: &&Kept| event.at <= at && event.at > at - self.within.0;
        let window = || around.others.iter().filter(inside);
        let guesses: Vec<&Kept> = window().filter(|event| event.kind == EventKind::FailedSignIn).collect();
        let mut guessed: BTreeMap<&Principal, usize> = BTreeMap::new();
        for principal in guesses.iter().filter_map(|event| event.principal.as_ref()) {
            *guessed.entry(principal).or_default() += 1;
        }
        let let_in =
            window().filter(|event| event.kind == EventKind::SignIn).filter_map(|event| event.principal.as_ref());
        let let_in = if planted(Bug::SprayBehindNat) { 0 } else { let_in.collect::<BTreeSet<_>>().len() };
        let enough = self.accounts + usize::from(planted(Bug::SprayOffByOne));
        let is_spray = guessed.len() >= enough
            && guessed.values().all(|attempts| *attempts <= self.attempts)
            && guessed.len() > let_in;
        is_spray.then(|| Trigger {
            at,
            scope: address.to_string(),
            facts: json!({"count": guessed.len(), "threshold": self.accounts, "window_s": self.within.0.as_secs()}),
            evidence: guesses.into_iter().cloned().collect(),
        })
    }
}
