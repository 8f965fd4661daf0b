//! D08: somebody acts as somebody else, for the first time or again and again.
//!
//! For every impersonation of a person by another: nothing of the `look_back` before it is of the same two, and the one who
//! acts has been known for `learning_days`. And with it, at least `at_least` of the same two lie in the window
//! `(t - within, t]`. One alert for each two, ended by an hour of silence.
//!
//! Parameters: `at_least` 11, `within` 1h, `learning_days` 7, counted from the actor's first record; `look_back` 30d.
//!
//! # Not decided here
//! Delegations on record and the cases of a help desk: no vendor that is built shows them.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (a week is learned, the month before
//! is remembered). The numbers are a guess: none is published.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{Policy, Verb};
use simulator::world::PersonIndex;

use super::counted::{self, Threshold};
use super::novelty::Memory;
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Principal, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1078", "T1098", "T1550"],
    looks_at: LooksAt {
        words: "`impersonate` with a `target`, with success",
        counts: |_, seen| seen.succeeded() && seen.activity.verb == Verb::Impersonate && seen.activity.target.is_some(),
    },
    episodes,
    edges,
};

const NAME: &str = "unusual_impersonated_activity";

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 11, Duration::from_secs(3_600))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let memory = Memory::of(policy);
    let mut episodes = Vec::new();
    for ((actor, _), of_both) in by_pair(seen) {
        let mine: Vec<&Seen> = seen.iter().filter(|s| s.principal == actor).copied().collect();
        let mut triggers = threshold(policy).met_by(&of_both, counted::each);
        for one in &of_both {
            if memory.knows(&mine, one) && memory.is_first(&of_both, one, |_| true) {
                triggers.push(vec![*one]);
            }
        }
        episodes.extend(Episode::group(actor.person, None, triggers));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    by_pair(seen).values().flat_map(|of_both| threshold.edges(NAME, of_both, reach)).collect()
}

/// Impersonations, by who acts and whom they act as.
fn by_pair<'a>(seen: &[&'a Seen]) -> BTreeMap<(Principal, PersonIndex), Vec<&'a Seen>> {
    let mut by_pair: BTreeMap<_, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.succeeded() && s.activity.verb == Verb::Impersonate) {
        if let Some(target) = one.activity.target {
            by_pair.entry((one.principal, target)).or_default().push(one);
        }
    }
    by_pair
}
