//! D13: many things are shared with a domain that is new to whoever shares.
//!
//! For everything that a person shares with a domain: with it, at least `at_least` different things lie in the window
//! `(t - within, t]`, and nothing of the `look_back` before the first of them was shared with that domain. One alert for each
//! person and domain, ended by an hour of silence.
//!
//! Parameters: `at_least` 10, `within` 1h, `look_back` 30d.
//!
//! # Not decided here
//! Labels of things, private addresses, domains that resemble a partner's. GitHub's record names a login and no domain.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1567/>. The numbers are a guess.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{Policy, Vendor, Verb};

use super::counted::{self, Threshold};
use super::novelty::Memory;
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Principal, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1567", "T1537"],
    looks_at: LooksAt {
        words: "`share` in miro `with` a domain, with success",
        counts: |_, seen| domain(seen).is_some(),
    },
    episodes,
    edges,
};

const NAME: &str = "unusual_external_sharing";

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 10, Duration::from_secs(3_600))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let memory = Memory::of(policy);
    let mut episodes = Vec::new();
    for ((principal, _), shared) in by_domain(seen) {
        let is_new = |window: &Vec<&Seen>| memory.is_first(&shared, window[0], |_| true);
        let triggers = threshold(policy).met_by(&shared, counted::objects).into_iter().filter(is_new).collect();
        episodes.extend(Episode::group(principal.person, None, triggers));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    by_domain(seen).values().flat_map(|shared| threshold.edges(NAME, shared, reach)).collect()
}

/// What each person shares with each domain.
fn by_domain<'a>(seen: &[&'a Seen]) -> BTreeMap<(Principal, &'a str), Vec<&'a Seen>> {
    let mut by_domain: BTreeMap<_, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen {
        if let Some(domain) = domain(one) {
            by_domain.entry((one.principal, domain)).or_default().push(one);
        }
    }
    by_domain
}

/// The domain that something is shared with, if it is.
fn domain(seen: &Seen) -> Option<&str> {
    let shared = seen.succeeded() && seen.vendor == Vendor::Miro && seen.activity.verb == Verb::Share;
    seen.activity.details.get("with").map(String::as_str).filter(|with| shared && *with != "anyone")
}
