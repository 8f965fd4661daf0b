//! What is owed: each detection by brute force over the labelled records.
//!
//! All pairs, no state, sharing no code with any stack: the answer to "who says the labels are right?". A detection is one
//! file with its [`Definition`] and one line in [`DEFINITIONS`]; [`parameters`] reads what a policy may change,
//! [`Episode`]s group triggers into alerts. What several definitions count in the same way is in [`counted`], what is
//! new to somebody in [`novelty`]; what user agents tell in [`agents`]. An incident, [`chain`], is made of the others' alerts;
//! a policy that somebody wrote for themselves is [`custom`]. Ids of ATT&CK are compared in [`techniques`].
//!
//! Who uses which app is no detection and the same in kind: [`usage`] counts it.
//!
//! The definitions are fed with every record there is, however late it was shown: they decide on when things happened.
//!
//! D01 to D23 number the definitions; `simulator/src/scenario/tables.rs` lists the policies by the same numbers. What the
//! products that have such detections publish of theirs is too little to derive an alert from, and where there is more they
//! disagree, so each file says exactly what its definition means, and where it is from.

mod activity_by_terminated_user;
mod activity_from_anonymous_ip;
mod activity_from_infrequent_country;
mod activity_from_suspicious_ip;
mod agents;
mod audit_log_streaming_disabled;
mod borders;
mod chain;
mod counted;
mod custom;
mod deactivated_user_reactivated;
mod episodes;
pub mod impossible_travel;
mod impossible_user_agent_change;
mod mass_deletion;
mod mass_download;
mod mfa_fatigue;
mod mfa_or_sso_disabled;
pub mod multiple_failed_logins;
mod new_oauth_app_broad_scope;
mod novelty;
pub mod parameters;
mod password_spray;
mod pat_created_by_dormant_user;
mod privilege_escalation_to_owner;
mod public_repo_or_content_exposure;
mod remarks;
mod secret_scanning_or_push_protection_bypass;
mod seen;
pub mod sensitive_content;
mod single;
pub mod techniques;
#[cfg(test)]
mod tests;
mod token_theft_session_replay;
mod unusual_administrative_activity;
mod unusual_external_sharing;
mod unusual_impersonated_activity;
pub mod usage;

use std::time::Duration;

use simulator::scenario::{AppIndex, AttackIndex, Policy, Scenario};
use simulator::time::SimTime;
use simulator::world::PersonIndex;

pub use episodes::{Episode, Trigger};
pub use remarks::remarks;
pub use seen::{Located, Principal, Seen, observed};

/// Every detection that is built, one line each.
pub const DEFINITIONS: &[Definition] = &[
    impossible_travel::DEFINITION,
    multiple_failed_logins::DEFINITION,
    activity_from_anonymous_ip::DEFINITION,
    activity_from_suspicious_ip::DEFINITION,
    activity_from_infrequent_country::DEFINITION,
    activity_by_terminated_user::DEFINITION,
    unusual_administrative_activity::DEFINITION,
    unusual_impersonated_activity::DEFINITION,
    mfa_fatigue::DEFINITION,
    mass_download::DEFINITION,
    mass_deletion::DEFINITION,
    unusual_external_sharing::DEFINITION,
    new_oauth_app_broad_scope::DEFINITION,
    mfa_or_sso_disabled::DEFINITION,
    privilege_escalation_to_owner::DEFINITION,
    public_repo_or_content_exposure::DEFINITION,
    deactivated_user_reactivated::DEFINITION,
    password_spray::DEFINITION,
    secret_scanning_or_push_protection_bypass::DEFINITION,
    audit_log_streaming_disabled::DEFINITION,
    pat_created_by_dormant_user::DEFINITION,
    token_theft_session_replay::DEFINITION,
    impossible_user_agent_change::DEFINITION,
];

/// A detection as the oracle knows it.
#[derive(Debug)]
pub struct Definition {
    /// Name of its policy.
    pub name: &'static str,
    /// Whose records an alert rests on.
    pub evidence: EvidenceOf,
    /// What an alert may be called a sign of, in the ids of ATT&CK ([`techniques`]).
    pub techniques: &'static [&'static str],
    /// Which records it looks at.
    pub looks_at: LooksAt,
    /// The alerts owed for what was seen, at a policy's parameters.
    pub episodes: for<'a> fn(&Policy, &[&'a Seen]) -> Vec<Episode<'a>>,
    /// What lies within reach of a threshold of the policy.
    pub edges: fn(&Policy, &[&Seen], Reach) -> Vec<Edge>,
}

/// Which records a definition looks at: every other is nothing to it, however near it comes. For whoever asks why nothing
/// follows from what they wrote.
#[derive(Clone, Copy, Debug)]
pub struct LooksAt {
    /// In a scenario's words.
    pub words: &'static str,
    /// Whether a record is one of them, at a policy's parameters.
    pub counts: fn(&Policy, &Seen) -> bool,
}

/// Whose records an alert rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceOf {
    /// Those of the person it is about, and nobody else's.
    OnePerson,
    /// Other people's too.
    SeveralPeople,
}

/// The definition of a policy; none for one that is not built.
pub fn definition(policy: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|d| d.name == policy)
}

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
    /// When the records that suffice for the first trigger were readable, and what it waits for was over.
    pub available_at: SimTime,
    /// How long the definition waits for what may still happen: nothing for most.
    pub waits: Duration,
    /// The attack that any of the evidence belongs to.
    pub attack: Option<AttackIndex>,
    /// Each trigger of the episode, in order of time.
    pub triggers: Vec<Trigger>,
}

/// Something that lies within reach of a threshold.
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
    /// What the value comes from: `1263 km in 1h25m`.
    pub basis: String,
    /// The records it rests on: instance and the vendor's event id.
    pub evidence: Vec<(String, String)>,
    /// Steps of the script that left them.
    pub steps: Vec<usize>,
}

/// How far from a threshold something may lie, as a share of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach(f64);

impl Reach {
    /// Two per cent: a stack that counts a little differently would say otherwise.
    pub const EDGE: Self = Self(0.02);
    /// Everything that was counted at all.
    pub const ANY: Self = Self(f64::INFINITY);

    fn holds(self, value: f64, threshold: f64) -> bool {
        self == Self::ANY || (value - threshold).abs() <= threshold * self.0
    }
}

/// Everything that the scenario's policies owe for what was seen, in order of deciding.
pub fn owed(scenario: &Scenario, seen: &[Seen]) -> Vec<Owed> {
    let mut owed: Vec<Owed> = scenario.policies.iter().flat_map(|policy| owed_by(scenario, policy, seen)).collect();
    owed.sort_by(|a, b| (a.decided_at, &a.policy, a.actor, a.app).cmp(&(b.decided_at, &b.policy, b.actor, b.app)));
    owed
}

/// What one policy owes. A policy that has no definition here owes nothing.
pub fn owed_by(scenario: &Scenario, policy: &Policy, seen: &[Seen]) -> Vec<Owed> {
    let since = parameters::created(scenario, policy);
    let counted: Vec<&Seen> = seen.iter().filter(|s| since.is_none_or(|t| s.activity.occurred >= t)).collect();
    if policy.name == chain::NAME {
        let others = scenario.policies.iter().filter(|other| other.name != chain::NAME);
        let alerts: Vec<Owed> = others.flat_map(|other| owed_by(scenario, other, seen)).collect();
        let incidents = chain::episodes(policy, &alerts, &counted);
        return incidents.into_iter().map(|incident| incident.owed(&policy.name)).collect();
    }
    let episodes = match definition(&policy.name) {
        Some(definition) => (definition.episodes)(policy, &counted),
        None => custom::episodes(policy, &counted),
    };
    episodes.into_iter().map(|episode| episode.owed(&policy.name)).collect()
}

/// What lies within two per cent of a threshold of the scenario's policies.
pub fn edges(scenario: &Scenario, seen: &[Seen]) -> Vec<Edge> {
    let seen: Vec<&Seen> = seen.iter().collect();
    let of =
        |policy: &Policy| definition(&policy.name).map(|d| (d.edges)(policy, &seen, Reach::EDGE)).unwrap_or_default();
    scenario.policies.iter().flat_map(of).collect()
}

/// Everything that a policy counted, however far from its thresholds.
pub fn counted_by(scenario: &Scenario, policy: &Policy, seen: &[Seen]) -> Vec<Edge> {
    let since = parameters::created(scenario, policy);
    let seen: Vec<&Seen> = seen.iter().filter(|s| since.is_none_or(|t| s.activity.occurred >= t)).collect();
    match definition(&policy.name) {
        Some(definition) => (definition.edges)(policy, &seen, Reach::ANY),
        None => custom::edges(policy, &seen, Reach::ANY),
    }
}

/// For definitions without a number that one could be near to.
fn no_edges(_: &Policy, _: &[&Seen], _: Reach) -> Vec<Edge> {
    Vec::new()
}
