//! D03: somebody works from a country that is new to them.
//!
//! For every success of a person from a place: nothing of the `look_back` before it is from that country, and the person
//! has been known for `learning_days`. What is seen while learning is remembered, what failed is not. One alert for each
//! person and country.
//!
//! Parameters: `learning_days` 7, counted from the person's first success from a place; `look_back` 30d.
//!
//! # Not decided here
//! Countries that are new to the whole organisation (`mode: tenant`).
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (a week is learned, the month before
//! is remembered, failed sign-ins do not count).

use std::collections::BTreeMap;

use simulator::scenario::Policy;

use super::novelty::Memory;
use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "activity_from_infrequent_country",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1078"],
    looks_at: LooksAt {
        words: "what people themselves do with success, from a country that can be told and not from the organisation's own addresses",
        counts: |_, seen| seen.is_done_in_person() && country(seen).is_some() && !seen.is_at_home(),
    },
    episodes,
    edges: no_edges,
};

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let memory = Memory::of(policy);
    let mut by_principal: BTreeMap<Principal, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.is_done_in_person() && country(s).is_some()) {
        by_principal.entry(one.principal).or_default().push(one);
    }
    let mut episodes = Vec::new();
    for (principal, mine) in by_principal {
        let mut by_country: BTreeMap<Option<&str>, Vec<Vec<&Seen>>> = BTreeMap::new();
        for one in &mine {
            let there = |s: &Seen| country(s) == country(one);
            if !one.is_at_home() && memory.knows(&mine, one) && memory.is_first(&mine, one, there) {
                by_country.entry(country(one)).or_default().push(vec![*one]);
            }
        }
        for triggers in by_country.into_values() {
            episodes.extend(Episode::group_within(memory.look_back, principal.person, None, triggers));
        }
    }
    episodes
}

fn country(seen: &Seen) -> Option<&str> {
    seen.located.as_ref().filter(|l| l.is_a_place()).map(|l| l.country.as_str())
}
