//! D12: many things are deleted in a short time.
//!
//! For every deletion of a person, wherever: with it, at least `at_least` different things lie in the window
//! `(t - within, t]`. One alert for each person, ended by an hour of silence.
//!
//! Parameters: `at_least` 31, `within` 10m.
//!
//! # Not decided here
//! Whether a thing can be brought back; deletions that are parts of one, such as a folder's.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (unusual deletions). The numbers are a guess.

use std::time::Duration;

use simulator::scenario::{Policy, Verb};

use super::counted::{self, Threshold};
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1485", "T1531"],
    looks_at: LooksAt { words: "`delete`, with success", counts: |_, seen| counts(seen) },
    episodes,
    edges,
};

const NAME: &str = "mass_deletion";

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 31, Duration::from_secs(600))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut episodes = Vec::new();
    for ((principal, app), taken) in counted::by_person(seen, counts, counted::Apart::Together) {
        episodes.extend(Episode::group(principal.person, app, threshold(policy).met_by(&taken, counted::objects)));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    let by_person = counted::by_person(seen, counts, counted::Apart::Together);
    by_person.values().flat_map(|taken| threshold.edges(NAME, taken, reach)).collect()
}

fn counts(seen: &Seen) -> bool {
    seen.succeeded() && seen.activity.verb == Verb::Delete
}
