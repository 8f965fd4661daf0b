//! D06: too many wrong credentials in a short time.
//!
//! For every failure of a person in an instance: with it, at least `at_least` lie in the window `(t - within, t]`. Only
//! credential failures count: wrong password, user or code.
//!
//! Parameters: `at_least` 11 (eleven is the first that fires), `within` 5m, `per` [actor, app] (the instance is the one
//! that logged the failure; `[actor]` counts a person's failures everywhere together).
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/policy-template-reference> (more than 10 failures of one user in one
//! app in five minutes).

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy};

use super::counted::{self, Apart, Threshold};
use super::parameters::words;
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Principal, Reach, Seen};

/// Name of the policy.
pub const NAME: &str = "multiple_failed_logins";

/// The detection.
pub const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1110"],
    looks_at: LooksAt {
        words: "sign-ins with a wrong name, password or code",
        counts: |_, seen| seen.is_wrong_guess(),
    },
    episodes,
    edges,
};

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 11, Duration::from_secs(300))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut episodes = Vec::new();
    for ((principal, app), failures) in by_key(policy, seen) {
        let triggers = threshold(policy).met_by(&failures, counted::each);
        episodes.extend(Episode::group(principal.person, app, triggers));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    by_key(policy, seen).values().flat_map(|failures| threshold.edges(NAME, failures, reach)).collect()
}

/// Each person's failures, by the instance that logged them unless the policy counts everywhere together.
fn by_key<'a>(policy: &Policy, seen: &[&'a Seen]) -> BTreeMap<(Principal, Option<AppIndex>), Vec<&'a Seen>> {
    let per_app = words(policy, "per").is_none_or(|per| per.contains(&"app"));
    counted::by_person(seen, Seen::is_wrong_guess, if per_app { Apart::ByApp } else { Apart::Together })
}
