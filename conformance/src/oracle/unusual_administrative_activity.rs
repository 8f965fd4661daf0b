//! D07: an administrator does what he has never done, or far more than anybody does.
//!
//! For every change of a setting or a role by a person: nobody but at most two others has done the same in the `look_back`
//! before it, this person not at all, and the person has been known for `learning_days`. And for every administrative
//! deed: with it, at least `at_least` lie in the window `(t - within, t]`. One alert for each person, ended by an hour of
//! silence.
//!
//! Parameters: `at_least` 21, `within` 1h, `learning_days` 7, counted from the person's first record; `look_back` 30d.
//!
//! # Not decided here
//! Baselines of a person's own hours: no number of them is published, so scenarios keep far from the threshold.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (a week is learned, the month before
//! is remembered). The numbers are a guess: none is published.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::scenario::{Policy, Verb};

use super::counted::{self, Threshold};
use super::novelty::Memory;
use super::{Definition, Edge, Episode, EvidenceOf, LooksAt, Principal, Reach, Seen};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1098", "T1685", "T1078", "T1531", "T1484", "T1556"],
    looks_at: LooksAt {
        words: "`change_setting`, `change_role`, `grant_app`, `remove_app`, `hire`, `suspend`, `restore` and `terminate`, with success",
        counts: |_, seen| is_one_of(seen, &ADMINISTRATIVE),
    },
    episodes,
    edges,
};

const NAME: &str = "unusual_administrative_activity";
/// What so many others do is nothing unusual.
const PEERS: usize = 3;
/// What only administrators do.
const ADMINISTRATIVE: [Verb; 8] = [
    Verb::ChangeSetting,
    Verb::ChangeRole,
    Verb::GrantApp,
    Verb::RemoveApp,
    Verb::Hire,
    Verb::Suspend,
    Verb::Restore,
    Verb::Terminate,
];
/// What is worth a look the first time.
const SENSITIVE: [Verb; 2] = [Verb::ChangeSetting, Verb::ChangeRole];

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 21, Duration::from_secs(3_600))
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let memory = Memory::of(policy);
    let deeds: Vec<&Seen> = seen.iter().filter(|s| is_one_of(s, &ADMINISTRATIVE)).copied().collect();
    let mut episodes = Vec::new();
    for (principal, mine) in by_principal(seen) {
        let own: Vec<&Seen> = deeds.iter().filter(|s| s.principal == principal).copied().collect();
        let mut triggers = threshold(policy).met_by(&own, counted::each);
        for one in own.iter().filter(|s| is_one_of(s, &SENSITIVE)) {
            let unusual = memory.knows(&mine, one)
                && memory.is_first(&own, one, |s| is_same(s, one))
                && peers(&deeds, one, memory) < PEERS;
            triggers.extend(unusual.then(|| vec![*one]));
        }
        episodes.extend(Episode::group(principal.person, None, triggers));
    }
    episodes
}

fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    let deeds: Vec<&Seen> = seen.iter().filter(|s| is_one_of(s, &ADMINISTRATIVE)).copied().collect();
    by_principal(&deeds).values().flat_map(|own| threshold.edges(NAME, own, reach)).collect()
}

fn by_principal<'a>(seen: &[&'a Seen]) -> BTreeMap<Principal, Vec<&'a Seen>> {
    let mut by_principal: BTreeMap<Principal, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen {
        by_principal.entry(one.principal).or_default().push(one);
    }
    by_principal
}

fn is_one_of(seen: &Seen, verbs: &[Verb]) -> bool {
    seen.succeeded() && verbs.contains(&seen.activity.verb)
}

/// The same deed: the same setting to the same value, the same role, in the same product.
fn is_same(a: &Seen, b: &Seen) -> bool {
    let detail = |s: &Seen, key: &str| s.activity.details.get(key).cloned();
    a.vendor == b.vendor
        && a.activity.verb == b.activity.verb
        && ["setting", "to", "role"].iter().all(|key| detail(a, key) == detail(b, key))
}

/// How many others have done the same lately.
fn peers(deeds: &[&Seen], one: &Seen, memory: Memory) -> usize {
    let t = one.activity.occurred;
    let lately = |s: &&&Seen| s.activity.occurred < t && t.since(s.activity.occurred) <= memory.look_back;
    let others = deeds.iter().filter(lately).filter(|s| s.principal != one.principal && is_same(s, one));
    others.map(|s| s.principal).collect::<BTreeSet<_>>().len()
}
