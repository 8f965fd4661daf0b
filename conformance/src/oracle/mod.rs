//! What is owed: each detection by brute force over the labelled records.
//!
//! All pairs, no state, sharing no code with any stack: the answer to "who says the labels are right?". A definition is one
//! file and one function; [`parameters`] reads what a policy may change, [`Episode`]s group triggers into alerts.
//!
//! | policy | file |
//! |---|---|
//! | `impossible_travel` (D04) | [`impossible_travel`] |
//! | `multiple_failed_logins` (D06) | [`multiple_failed_logins`] |
//!
//! Who uses which app is no detection and the same in kind: [`usage`] counts it.
//!
//! The definitions are fed with every record there is, however late it was shown: they decide on when things happened.
//!
//! # Sources
//! detections.md 1.3, 1.4, 2.9 and 2.10.

mod borders;
mod episodes;
pub mod impossible_travel;
pub mod multiple_failed_logins;
pub mod parameters;
mod remarks;
mod seen;
#[cfg(test)]
mod tests;
pub mod usage;

use simulator::scenario::{AppIndex, AttackIndex, Policy, Scenario};
use simulator::time::SimTime;
use simulator::world::PersonIndex;

pub use episodes::{Episode, Trigger};
pub use remarks::remarks;
pub use seen::{Located, Principal, Seen, observed};

/// An alert that a policy owes: one episode.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed {
    /// Name of the policy.
    pub policy: String,
    /// Whose account.
    pub actor: PersonIndex,
    /// The instance, for definitions that count per instance.
    pub app: Option<AppIndex>,
    /// Every record that any trigger of the episode rests on: instance and the vendor's event id, in order of time.
    pub evidence: Vec<(String, String)>,
    /// When the event happened that made the definition true.
    pub decided_at: SimTime,
    /// When the first record of the evidence happened.
    pub first: SimTime,
    /// When the last one did.
    pub last: SimTime,
    /// When the records that suffice for the first trigger were readable.
    pub available_at: SimTime,
    /// The attack that any of the evidence belongs to.
    pub attack: Option<AttackIndex>,
    /// Each trigger of the episode, in order of time.
    pub triggers: Vec<Trigger>,
}

/// Something that lies within two per cent of a threshold: a stack that counts a little differently would say otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Name of the policy.
    pub policy: String,
    /// The parameter it lies close to.
    pub parameter: &'static str,
    /// Whose account.
    pub actor: PersonIndex,
    /// The value.
    pub value: f64,
    /// The threshold.
    pub threshold: f64,
    /// When.
    pub at: SimTime,
    /// The records it rests on: instance and the vendor's event id.
    pub evidence: Vec<(String, String)>,
    /// Steps of the script that left them.
    pub steps: Vec<usize>,
}

/// How near to a threshold is near.
const NEAR: f64 = 0.02;

/// Everything that the scenario's policies owe for what was seen, in order of deciding.
pub fn owed(scenario: &Scenario, seen: &[Seen]) -> Vec<Owed> {
    let mut owed: Vec<Owed> = scenario.policies.iter().flat_map(|policy| owed_by(scenario, policy, seen)).collect();
    owed.sort_by(|a, b| (a.decided_at, &a.policy, a.actor, a.app).cmp(&(b.decided_at, &b.policy, b.actor, b.app)));
    owed
}

/// What one policy owes. A policy that has no definition here owes nothing.
pub fn owed_by(scenario: &Scenario, policy: &Policy, seen: &[Seen]) -> Vec<Owed> {
    let since = parameters::created(scenario, policy);
    let seen: Vec<&Seen> = seen.iter().filter(|s| since.is_none_or(|t| s.activity.occurred >= t)).collect();
    let episodes = match policy.name.as_str() {
        impossible_travel::NAME => impossible_travel::episodes(&impossible_travel::Parameters::of(policy), &seen),
        multiple_failed_logins::NAME => {
            multiple_failed_logins::episodes(&multiple_failed_logins::Parameters::of(policy), &seen)
        }
        _ => Vec::new(),
    };
    episodes.into_iter().map(|episode| episode.owed(&policy.name)).collect()
}

/// What lies within two per cent of a threshold of the scenario's policies.
pub fn edges(scenario: &Scenario, seen: &[Seen]) -> Vec<Edge> {
    let seen: Vec<&Seen> = seen.iter().collect();
    let of = |policy: &Policy| match policy.name.as_str() {
        impossible_travel::NAME => impossible_travel::edges(&impossible_travel::Parameters::of(policy), &seen),
        multiple_failed_logins::NAME => {
            multiple_failed_logins::edges(&multiple_failed_logins::Parameters::of(policy), &seen)
        }
        _ => Vec::new(),
    };
    scenario.policies.iter().flat_map(of).collect()
}

fn is_near(value: f64, threshold: f64) -> bool {
    (value - threshold).abs() <= threshold * NEAR
}
